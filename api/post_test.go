package api

import (
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/mail"
	"tickmark/activities/post"
	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/planning"
	"tickmark/models/reminders"
	"tickmark/models/seal"
	"tickmark/models/store"
)

// postman makes what sends messages in a world: Slack is a fake, mail goes nowhere.
func (w *world) postman() *post.Postman {
	w.Helper()
	keys, err := seal.Parse("k=" + base64.StdEncoding.EncodeToString(make([]byte, 32)))
	if err != nil {
		w.Fatal(err)
	}
	w.root.Keys = keys
	letters, err := mail.NewMailer("smtp://127.0.0.1:1?tls=none", "audit@firm.test")
	if err != nil {
		w.Fatal(err)
	}
	return &post.Postman{Root: w.root, Now: func() time.Time { return w.now }, Real: time.Now, Log: slog.New(slog.DiscardHandler),
		Mail:  letters,
		Slack: &wire.Slack{URL: "http://127.0.0.1:1/", Client: &http.Client{}, Real: time.Now},
		Site:  seal.Site{URL: "https://tickmark.test", Keys: keys}}
}

// slack gives the world a Slack of its own, in which the app has a token.
func (w *world) slack() (*slackfake.Slack, slackfake.Workspace) {
	w.Helper()
	s, err := slackfake.New(slackfake.Options{})
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = s.Close() })
	ws, err := s.AddWorkspace(slackfake.Workspace{Team: "THQ", Name: "Acme"})
	if err != nil {
		w.Fatal(err)
	}
	w.server.cfg.Post.(*post.Postman).Slack.URL = s.URL() + "/api/"
	return s, ws
}

// ready sees to it that an operation on messages can be done on what fill puts into its path, whoever did what before.
func (w *world) ready(op *openapi3.Operation, at target, g guest, n int) {
	w.Helper()
	firm := models.FirmID("acme")
	if strings.HasPrefix(g.token, "bright/") {
		firm = "bright"
	}
	s := w.root.For(firm)
	must := func(err error) {
		w.Helper()
		if err != nil {
			w.Fatal(op.OperationID, err)
		}
	}
	edit := func(id string, change func(*reminders.Workspace)) {
		_, err := s.UpdateWorkspace(w.Context(), storeOnce, id, monday, func(x *reminders.Workspace) error { change(x); return nil })
		must(err)
	}
	switch op.OperationID {
	case "addWorkspace":
		all, err := s.Workspaces(w.Context())
		must(err)
		for _, x := range all {
			edit(x.ID, func(x *reminders.Workspace) { x.State = reminders.WorkspaceRemoved })
		}
	case "getWorkspace", "updateWorkspace", "removeWorkspace", "installWorkspace", "getManifest", "bindPerson", "unbindPerson":
		all, err := s.Workspaces(w.Context())
		must(err)
		for _, x := range all {
			edit(x.ID, func(x *reminders.Workspace) { x.State = reminders.WorkspaceRemoved })
		}
		id := fmt.Sprint("ws-", n)
		_, err = s.AddWorkspace(w.Context(), storeOnce,
			reminders.Workspace{ID: id, Name: "HQ", OAuthID: "1.2",
				Secrets: reminders.WorkspaceSecrets{Signing: "0123456789abcdef", OAuth: "0123456789abcdef"}}, monday)
		must(err)
		edit(id, func(x *reminders.Workspace) {
			x.Team, x.State, x.Secrets.Token = id, reminders.WorkspaceActive, "xoxb-0123456789"
		})
		if op.OperationID == "unbindPerson" {
			if _, err := s.Person(w.Context(), models.PersonID(at.person)); err == nil {
				must(s.Bind(w.Context(), reminders.Binding{Person: models.PersonID(at.person), Workspace: id, User: "U1",
					State: reminders.BindingConfirmed}, true, monday))
			}
		}
	case "pauseMessaging", "sendTestMessage", "resendMessage", "resumeMessaging":
		_, err := s.UpdateMessaging(w.Context(), storeOnce, monday,
			func(m *reminders.Messaging) error { m.Paused = op.OperationID == "resumeMessaging"; return nil })
		must(err)
	}
	switch op.OperationID {
	case "getMessage", "resendMessage":
		_, err := s.Schedule(w.Context(), []store.NewDelivery{{Delivery: reminders.Delivery{ID: messageID(n), Kind: reminders.KindTest,
			Slot: fmt.Sprint(n), Person: models.PersonID(at.person), Channel: reminders.ChannelMail,
			Status: reminders.DeliverySuppressed, Reason: "paused", Message: &reminders.Message{Subject: "x", Intro: "Hello."}, ScheduledAt: monday,
			NotAfter: monday}}}, nil)
		must(err)
	case "sendInvitation": // to somebody whom something reaches
		if p, err := s.Person(w.Context(), models.PersonID(at.person)); err == nil && p.Email == "" {
			_, err := s.UpdatePerson(w.Context(), storeOnce, p.ID, monday, func(p *models.Person) error {
				p.Email = string(p.ID) + "@reached.test"
				return nil
			})
			must(err)
		}
	case "removeAbsence":
		day := models.Date{Year: 2100, Month: 1, Day: 1}.AddDays(n)
		if _, err := s.Person(w.Context(), models.PersonID(at.person)); err == nil {
			a, err := s.AddAbsence(w.Context(), storeOnce,
				reminders.Absence{Person: models.PersonID(at.person), Days: planning.Span{Start: day, End: day}}, monday)
			must(err)
			w.absence = a.ID
		}
	}
}

func messageID(n int) string { return fmt.Sprintf("%08x-0000-5000-8000-000000000000", n) }
