package api

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/post"
	"tickmark/api/gen"
	"tickmark/models/reminders"
	"tickmark/workflows"
)

// sweep does what one run of the Post workflow does.
func (w *world) sweep() {
	w.Helper()
	p := w.server.cfg.Post.(*post.Postman)
	p.Pace = post.Pace{PerMinute: -1, PerSecond: -1, Patience: time.Hour, Backoff: 10 * time.Millisecond}
	for first := true; ; first = false {
		out, err := p.Schedule(w.Context(), workflows.ScheduleInput{First: first})
		if err != nil {
			w.Fatal(err)
		}
		for _, l := range out.Lanes {
			for more := true; more; {
				d, err := p.Deliver(w.Context(), workflows.DeliverInput{Lane: l})
				if err != nil {
					w.Fatal(err)
				}
				more = d.More
			}
		}
		if !out.More {
			return
		}
	}
}

// Marta connects the firm's Slack with the token of its app. People are asked who they are; Marta says who Kenji is there; Ines tests that
// messages reach herself, and reads in the ledger what became of them.
func TestSlackIsConnected(t *testing.T) {
	both(t, func(w *world) {
		fake, app := w.slack()
		w.connects(app)
		w.readsWhatIsConnected(app)
		w.findsPeople(fake)
		w.triesMessages(fake)
		w.installsByConsent()
	})
}

// connects connects a workspace that is added before its app is made.
func (w *world) connects(app slackfake.Workspace) {
	w.Helper()
	var ws gen.Workspace
	w.post("marta", "/slack/workspaces",
		object{"id": "hq", "name": "Acme", "token": "xoxb-0000000000-wrong",
			"signing_secret": app.SigningSecret}).is(400).golden("token that slack does not take")
	w.post("marta", "/slack/workspaces", object{"id": "hq", "name": "Acme"}).is(201).into(&ws) // the app is to be made of its manifest
	if ws.State != "pending" || ws.HasSigningSecret || ws.Trusted {
		w.Errorf("%+v", ws)
	}
	w.post("marta", "/slack/workspaces/hq/install", nil).is(409)
	change := func(body object) reply {
		return w.send(call{who: "marta", method: "PATCH", path: "/slack/workspaces/hq", body: body})
	}
	change(object{"token": app.Token}).is(400) // without the signing secret
	change(object{"token": app.Token, "signing_secret": app.SigningSecret, "trusted": true}).is(200).into(&ws)
	if ws.State != "active" || ws.Team != "THQ" || !ws.HasToken || !ws.HasSigningSecret || !ws.Trusted {
		w.Errorf("%+v", ws)
	}
	change(object{"trusted": false}).is(200)
}

// readsWhatIsConnected reads the workspace without its secrets, and the manifest of its app.
func (w *world) readsWhatIsConnected(app slackfake.Workspace) {
	w.Helper()
	r := w.get("ines", "/slack/workspaces").is(200)
	if text := r.Body.String(); strings.Contains(text, "xoxb-") || strings.Contains(text, app.SigningSecret) {
		w.Error("secrets are shown")
	}
	var manifest gen.Manifest
	w.get("ines", "/slack/workspaces/hq/manifest").is(200).into(&manifest)
	if !strings.Contains(manifest.Yaml, "https://tickmark.test/slack/acme/hq/events") ||
		strings.Contains(manifest.Yaml, "tickmark.example") {
		w.Errorf("the manifest: %s", manifest.Yaml)
	}
	w.post("marta", "/slack/workspaces/hq/install", nil).is(409)
}

// findsPeople has people asked who they are, and says of Kenji himself who he is.
func (w *world) findsPeople(fake *slackfake.Slack) {
	w.Helper()
	for id, mail := range map[string]string{"UINES": "ines@acme.test", "UKENJI": "oscar@private.test"} {
		if _, err := fake.AddUser("THQ", slackfake.User{ID: id, Name: strings.ToLower(id), Email: mail}); err != nil {
			w.Fatal(err)
		}
	}
	w.sweep()
	w.sweep()
	var pm gen.PersonMessaging
	w.get("ines", "/people/ines/messaging").is(200).into(&pm)
	if len(pm.Slack) != 1 || pm.Slack[0].State != "asked" || pm.Channel != "mail" {
		w.Errorf("Ines: %+v", pm)
	}
	var b gen.Binding
	w.send(call{who: "marta", method: "PUT", path: "/people/kenji/slack/hq", body: object{"user": "UKENJI"}}).is(200).into(&b)
	if b.State != "asked" || b.User != "UKENJI" {
		w.Errorf("Kenji: %+v", b)
	}
	w.send(call{who: "marta", method: "PUT", path: "/people/ruth/slack/hq", body: object{"user": "UKENJI"}}).is(409)
	w.sweep()
	if got := fake.MessagesTo("THQ", "UKENJI"); len(got) != 1 || !strings.Contains(got[0].Text, "Is this you?") {
		w.Errorf("Kenji reads %+v", got)
	}
	w.send(call{who: "kenji", method: "DELETE", path: "/people/kenji/slack/hq"}).is(204)
}

// triesMessages sends Ines a test message, and once more, and reads what became of it.
func (w *world) triesMessages(fake *slackfake.Slack) {
	w.Helper()
	if err := w.root.For("acme").SetBinding(w.Context(), "ines", "hq", monday,
		func(b *reminders.Binding) { b.State = reminders.BindingConfirmed }); err != nil {
		w.Fatal(err)
	}
	var m gen.Message
	w.post("ines", "/people/ines/test-message", nil).is(201).into(&m)
	w.sweep()
	var d gen.MessageDetail
	w.get("ines", "/messages/"+m.ID).is(200).into(&d)
	if d.Status != reminders.DeliverySent || d.Evidence != "response" || len(d.Tries) != 1 ||
		!strings.Contains(d.Text, "You asked for a test") {
		w.Errorf("the test message: %+v", d)
	}
	w.get("priya", "/messages/"+m.ID).is(404)
	var again gen.Message
	w.post("ines", "/messages/"+m.ID+"/resend", nil).is(201).into(&again)
	if again.Follows != m.ID || again.Kind != reminders.KindAgain {
		w.Errorf("%+v", again)
	}
	w.sweep()
	times := 0
	for _, got := range fake.MessagesTo("THQ", "UINES") {
		times += strings.Count(got.Text, "Sent again by Ines of acme.")
	}
	if times != 1 {
		w.Errorf("it was sent again %d times", times)
	}
	w.get("ines", "/messages?person=ines&kind=again&status=sent&since=2026-03-01&until=2026-03-02").is(200)
}

// installsByConsent asks where an installation by consent begins, which is at a page of ours whose address has a secret, and takes the
// workspace away.
func (w *world) installsByConsent() {
	w.Helper()
	w.send(call{who: "marta", method: "PATCH", path: "/slack/workspaces/hq",
		body: object{"client_id": "123.456", "client_secret": "abcdefabcdefabcdef"}}).is(200)
	var install gen.Installation
	w.post("marta", "/slack/workspaces/hq/install", nil).is(200).into(&install)
	if at, err := url.Parse(install.URL); err != nil || !regexp.MustCompile(`/slack/acme/hq/install/[A-Z2-7]{26}$`).MatchString(at.Path) ||
		at.RawQuery != "" || !strings.HasPrefix(install.URL, "https://") {
		w.Errorf("%+v", install)
	}
	w.send(call{who: "marta", method: "DELETE", path: "/slack/workspaces/hq"}).is(204)
	w.get("ines", "/slack/workspaces/hq").is(404)
}

// Marta stops everything and lets it go on; Ines chooses hours; Kenji says when he wants his messages and when he is away.
func TestHowMessagesGoOut(t *testing.T) {
	both(t, func(w *world) {
		var m gen.Messaging
		w.post("marta", "/messaging/pause", object{"reason": "a wrong list of people"}).is(200).into(&m)
		if !m.Paused || m.PausedBy != "marta" || m.PausedReason != "a wrong list of people" {
			w.Errorf("%+v", m)
		}
		w.post("marta", "/messaging/pause", object{"reason": "again"}).is(409)
		w.post("ines", "/people/ines/test-message", nil).is(409).golden("test message while all is paused")
		w.post("marta", "/messaging/resume", nil).is(200)
		m = gen.Messaging{}
		w.send(call{who: "ines", method: "PATCH", path: "/messaging",
			body: object{"clients_at": "10:00", "quiet_from": "18:00", "weekly_budget": 4}}).is(200).into(&m)
		if m.Paused || m.ClientsAt != "10:00" || m.QuietFrom != "18:00" || m.WeeklyBudget != 4 {
			w.Errorf("%+v", m)
		}
		w.send(call{who: "kenji", method: "PATCH", path: "/messaging", body: object{"weekly_budget": 4}}).is(403)

		var pm gen.PersonMessaging
		w.send(call{who: "kenji", method: "PATCH", path: "/people/kenji/messaging",
			body: object{"digest_at": "08:15", "prefer": "mail", "country": "DE"}}).is(200).into(&pm)
		if pm.DigestAt != "08:15" || pm.Prefer != "mail" || pm.Country != "DE" || pm.Channel != "mail" || pm.Next.IsZero() {
			w.Errorf("%+v", pm)
		}
		w.send(call{who: "kenji", method: "PATCH", path: "/people/kenji/messaging", body: object{"digest_at": ""}}).is(200).into(&pm)
		if pm.DigestAt != "10:00" {
			w.Errorf("the firm's hour: %+v", pm)
		}
		var a gen.Absence
		w.post("kenji", "/people/kenji/absences", object{"from": "2026-03-02", "to": "2026-03-20", "stand_in": "ruth"}).is(201).into(&a)
		w.get("ruth", "/people/kenji/messaging").is(200).into(&pm)
		if len(pm.Absences) != 1 || pm.Absences[0].StandIn != "ruth" || pm.Next.Before(monday.AddDate(0, 0, 18)) {
			w.Errorf("%+v", pm)
		}
		// Ruth stands in: his task is hers to do.
		w.post("ruth", "/engagements/e1/tasks/X-1/complete", object{}).is(200)
		w.send(call{who: "kenji", method: "DELETE", path: "/people/kenji/absences/" + a.ID}).is(204)
		w.send(call{who: "kenji", method: "DELETE", path: "/people/kenji/absences/" + a.ID}).is(404)
		w.send(call{who: "ines", method: "PUT", path: "/clients/northgate/channel",
			body: object{"workspace": "hq", "channel": "C0123456789"}}).is(400).golden("channel in an unknown workspace")
	})
}

// Ines looks whether messages go out: a sweep has looked just now. When the clock was an hour ahead for a while, she is told.
func TestHealthOfMessages(t *testing.T) {
	both(t, func(w *world) {
		var health gen.MessagingHealth
		w.sweep()
		w.get("ines", "/messaging/health").is(200).into(&health)
		if health.LastSweep.IsZero() || health.SweepAhead || !health.Mail || len(health.Lanes) == 0 {
			w.Errorf("%+v", health)
		}

		// The clock was an hour ahead for a while.
		if _, err := w.root.Sweeping(w.Context(), health.LastSweep.Add(time.Hour)); err != nil {
			w.Fatal(err)
		}
		w.get("ines", "/messaging/health").is(200).into(&health)
		if !health.SweepAhead {
			w.Errorf("a sweep that is to come: %+v", health)
		}
	})
}

// Before anything is sent Ines reads all that will be: of a draft, and of the next two weeks of what runs.
func TestRehearsal(t *testing.T) {
	both(t, func(w *world) {
		before := w.tables()
		for _, assume := range reminders.Assumptions {
			var all gen.Rehearsal
			w.get("ines", "/engagements/d1/rehearsal?assume="+string(assume)).is(200).into(&all)
			if len(all.Items) < 50 || all.People < 3 {
				w.Errorf("%s: %d messages to %d people", assume, len(all.Items), all.People)
			}
			if ends := assume == reminders.AssumeOnTime; ends == all.EndedOn.IsZero() || ends == (all.Stopped != "") {
				w.Errorf("%s: it is complete on %q, and stops since %q", assume, all.EndedOn, all.Stopped)
			}
			for i, m := range all.Items {
				if m.Text == "" || m.Local == "" || i > 0 && m.At.Before(all.Items[i-1].At) {
					w.Fatalf("%+v", m)
				}
			}
		}
		var soon gen.Rehearsal
		w.get("ines", "/engagements/e1/preview?person=kenji").is(200).into(&soon)
		for _, m := range soon.Items {
			if m.Person != "kenji" || m.At.After(monday.AddDate(0, 0, 15)) {
				w.Errorf("%+v", m)
			}
		}
		if soon.Stopped != "" || !soon.EndedOn.IsZero() {
			w.Errorf("a preview of fourteen days says %q, %q", soon.Stopped, soon.EndedOn)
		}
		w.get("kenji", "/engagements/e1/preview").is(403)
		if after := w.tables(); after != before {
			w.Errorf("a rehearsal has changed something:\n%s", after)
		}
	})
}
