// Package web is the pages: what people look at in a browser. So far those are the pages to which the links in mails lead.
package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/seal"
	"tickmark/models/store"
)

//go:embed letter.html
var letterText string

var letterPages = template.Must(template.New("").Parse(letterText))

// Letters are the pages behind the links in mails. All fields are needed.
type Letters struct {
	Root   *store.Root
	Engine engagement.Engine
	Site   seal.Site
	Now    func() time.Time // engagement time
	Log    *slog.Logger
}

// Handler answers the links in mails: what one can do about the tasks of a mail, and that one wants no more. A link is signed, is for one
// person and one mail, and works for fourteen days. Only POST changes something: programs that check mails follow links, by GET and HEAD.
func (l *Letters) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+seal.LettersPath+"act/{token}", l.actPage)
	mux.HandleFunc("POST "+seal.LettersPath+"act/{token}", l.actPage)
	mux.HandleFunc("GET "+seal.LettersPath+"unsubscribe/{token}", l.unsubscribePage)
	mux.HandleFunc("POST "+seal.LettersPath+"unsubscribe/{token}", l.unsubscribePage)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		mux.ServeHTTP(w, r)
	})
}

// styled is the source of the style of the pages, which is the same on all of them, as a Content-Security-Policy names it: by its hash.
var styled = styleHash()

func styleHash() string {
	_, rest, _ := strings.Cut(letterText, "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// guarded sets the headers that every page has: it loads nothing, runs no script, is shown in no frame and kept nowhere, and other sites do
// not hear of its address. Its forms are sent to itself, and the answer to one may lead on to the sources in leads.
func guarded(h http.Header, leads ...string) {
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src "+styled+"; form-action "+
		strings.Join(slices.Concat([]string{"'self'"}, leads), " ")+"; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Referrer-Policy", "same-origin") // no-referrer would have browsers hide the origin of a form from its own site
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
}

// show shows a page. The answer to its form may lead on to the sources in leads.
func (l *Letters) show(w http.ResponseWriter, status int, name string, data any, leads ...string) {
	guarded(w.Header(), leads...)
	w.WriteHeader(status)
	if err := letterPages.ExecuteTemplate(w, name, data); err != nil {
		l.Log.Info("a page was not shown whole", "page", name, "error", err)
	}
}

// Say shows a page that only says something. Other ways in that end in a browser show it too.
func (l *Letters) Say(w http.ResponseWriter, status int, title, text string) {
	l.show(w, status, "say", struct{ Title, Text string }{title, text})
}

// Ask shows a page with one button, which posts to the address of the page. Each of text is a paragraph. The answer to it may lead on to
// the sources in leads, as a Content-Security-Policy names them: browsers ask them of redirects, too.
func (l *Letters) Ask(w http.ResponseWriter, title string, text []string, button string, leads []string) {
	l.show(w, http.StatusOK, "ask", struct {
		Title  string
		Text   []string
		Button string
	}{title, text, button}, leads...)
}

// trouble says for people why a page cannot be shown.
func (l *Letters) trouble(w http.ResponseWriter, r *http.Request, err error) {
	if text, refused := models.Sorry(err); refused {
		l.Say(w, http.StatusConflict, "Not done", text)
		return
	}
	l.Log.WarnContext(r.Context(), "a page cannot be shown", "error", err)
	l.Say(w, http.StatusServiceUnavailable, "One moment", "This cannot be done just now. Try again in a minute: nothing is lost.")
}

// A letterbox is what a link of a mail gives access to.
type letterbox struct {
	firm   models.FirmID
	s      *store.Store
	person models.Person
	mail   reminders.Delivery
	until  time.Time
	at     string // the path of the page
}

var errLink = models.Refuse(models.NotFound, "", "this link is not valid, or it is too old: use the one in your latest mail")

// letterbox opens the link of a mail.
func (l *Letters) letterbox(ctx context.Context, token string) (letterbox, error) {
	t, ok := l.Site.ReadAct(token, l.Now())
	if !ok {
		return letterbox{}, errLink
	}
	firm := models.FirmID(t.Firm)
	b := letterbox{firm: firm, s: l.Root.For(firm), until: t.Until, at: seal.LettersPath + "act/" + token}
	var err error
	if b.person, err = b.s.Person(ctx, models.PersonID(t.Person)); err != nil {
		return b, orLink(err)
	}
	if b.mail, _, err = b.s.Delivery(ctx, t.Mail); err != nil {
		return b, orLink(err)
	}
	if !b.person.Active || b.mail.Person != b.person.ID || b.mail.Message == nil || !seal.SameAddress(b.mail.Dest, b.person.Email) {
		return b, errLink
	}
	return b, nil
}

// leaver returns who unsubscribes by a link, which is good while the address to which it was sent is theirs and they have not left. A link
// that does not say to which that was is good for whom no mail went to another.
func (l *Letters) leaver(ctx context.Context, token string) (s *store.Store, p models.Person, err error) {
	t, ok := l.Site.ReadUnsubscribe(token)
	if !ok {
		return nil, p, errLink
	}
	s = l.Root.For(models.FirmID(t.Firm))
	if p, err = s.Person(ctx, models.PersonID(t.Person)); err != nil {
		return nil, p, orLink(err)
	}
	if !p.Active {
		return nil, p, errLink
	}
	good := t.To(p.Email)
	if !t.Bound() {
		elsewhere, err := s.MailedElsewhere(ctx, p)
		if err != nil {
			return nil, p, err
		}
		good = !elsewhere
	}
	if !good {
		return nil, p, errLink
	}
	return s, p, nil
}

// orLink says of what is not there only that the link is not valid.
func orLink(err error) error {
	if models.CodeOf(err) == models.NotFound {
		return errLink
	}
	return err
}

// An intent is what somebody wants to do, and about what.
type intent struct {
	Act        engagement.Act
	Engagement models.EngagementID
	Item       string
}

type actPageLine struct {
	engagement.Line
	Acts []actLink
}

// actPage lists what one can do about the tasks of a mail; with act and item it asks for what that needs and, when posted, does it.
func (l *Letters) actPage(w http.ResponseWriter, r *http.Request) {
	b, err := l.letterbox(r.Context(), r.PathValue("token"))
	if err != nil {
		if errors.Is(err, errLink) {
			l.Say(w, http.StatusNotFound, "This link does not work", "It is not valid, or it is too old: use the one in your latest mail.")
			return
		}
		l.trouble(w, r, err)
		return
	}
	q := r.URL.Query()
	if !q.Has("act") {
		l.listPage(w, r, b, "")
		return
	}
	what := intent{Act: engagement.Act(q.Get("act")), Engagement: models.EngagementID(q.Get("engagement")), Item: q.Get("item")}
	if err := l.act(w, r, b, what); err != nil {
		l.trouble(w, r, err)
	}
}

func (l *Letters) listPage(w http.ResponseWriter, r *http.Request, b letterbox, news string) {
	became, err := b.s.Became(r.Context(), b.mail, l.Now())
	if err != nil {
		l.trouble(w, r, err)
		return
	}
	m := *b.mail.Message
	m.Refresh(became)
	var lines []actPageLine
	for _, asked := range m.Lines() {
		if asked.Item == "" {
			continue
		}
		line := actPageLine{Line: *asked}
		for _, act := range asked.Acts {
			q := url.Values{"act": {string(act)}, "engagement": {string(asked.Engagement)}, "item": {asked.Item}}
			line.Acts = append(line.Acts, actLink{Label: act.Label(), At: b.at + "?" + q.Encode()})
		}
		lines = append(lines, line)
	}
	l.show(w, http.StatusOK, "list", struct {
		Name, News, Until string
		Lines             []actPageLine
	}{reminders.FirstName(b.person.Name), news, models.DateIn(b.until, models.Zone(b.person.TimeZone)).String(), lines})
}

// act asks for what an act needs and, when posted, carries it out.
func (l *Letters) act(w http.ResponseWriter, r *http.Request, b letterbox, what intent) error {
	ctx := r.Context()
	cmd, ok := engagement.CommandOn(what.Act, what.Item)
	if !ok || !speaksOf(b.mail, what) {
		return models.Refuse(models.NotFound, "", "this mail does not speak of that")
	}
	actor, err := b.s.Actor(ctx, b.person, l.Now())
	if err != nil {
		return err
	}
	f, err := b.s.Facts(ctx, what.Engagement, engagement.NeedOf(cmd))
	if err != nil {
		return err
	}
	form, err := f.Form(what.Act, what.Item, actor, l.Now())
	if err != nil {
		return err
	}
	if r.Method != http.MethodPost {
		l.formPage(w, b, form, rand.Text(), "")
		return nil
	}
	if err := r.ParseForm(); err != nil {
		return models.Refuse(models.Invalid, "", "what was sent is too long")
	}
	values, key := map[string]string{}, r.PostForm.Get("key")
	if key == "" {
		return models.Refuse(models.Invalid, "key", "this was not sent by the form of this page: open the page and use its button")
	}
	for i, field := range form.Fields {
		values[field.Name] = r.PostForm.Get(field.Name)
		form.Fields[i].Value = values[field.Name]
	}
	became := ""
	cmd.Actor = actor
	if err = f.Answer(form, &cmd, values); err == nil {
		cmd.Key, cmd.Hash = "mail-"+key, hashOf(what, values)
		became, err = b.s.CarryOut(ctx, l.Engine, cmd, f.Asking(what.Item), l.Now)
	}
	if text, refused := models.Sorry(err); refused && len(form.Fields) > 0 {
		l.formPage(w, b, form, rand.Text(), text)
		return nil
	} else if err != nil {
		return err
	}
	l.listPage(w, r, b, form.About+": "+became)
	return nil
}

func (l *Letters) formPage(w http.ResponseWriter, b letterbox, form engagement.Form, key, problem string) {
	l.show(w, http.StatusOK, "form", struct {
		engagement.Form
		Key, Problem, Back string
	}{form, key, problem, b.at})
}

// speaksOf reports whether a mail has a line about an item on which the act can be done.
func speaksOf(d reminders.Delivery, what intent) bool {
	return slices.ContainsFunc(d.Message.Lines(), func(l *engagement.Line) bool {
		return l.Engagement == what.Engagement && l.Item == what.Item && slices.Contains(l.Acts, what.Act)
	})
}

// hashOf tells what was sent from something else that is sent with the same key.
func hashOf(what intent, values map[string]string) string {
	sum := sha256.Sum256([]byte(fmt.Sprint(what, values))) // maps are printed in the order of their keys
	return hex.EncodeToString(sum[:])
}

// unsubscribePage asks whether somebody wants no more reminders by mail, and notes it when posted: by them, or by their mail program
// on their behalf, which sends List-Unsubscribe=One-Click (RFC 8058).
func (l *Letters) unsubscribePage(w http.ResponseWriter, r *http.Request) {
	s, p, err := l.leaver(r.Context(), r.PathValue("token"))
	if errors.Is(err, errLink) {
		l.Say(w, http.StatusNotFound, "This link does not work", "Use the one in your latest mail.")
		return
	}
	if err != nil {
		l.trouble(w, r, err)
		return
	}
	if r.Method != http.MethodPost {
		l.show(w, http.StatusOK, "unsubscribe", p)
		return
	}
	_, err = s.UpdatePreferences(r.Context(), store.Once{Actor: p.ID}, p.ID, l.Now(),
		func(x *reminders.Preferences) error { x.MailOff = true; return nil })
	if err != nil {
		l.trouble(w, r, err)
		return
	}
	l.Say(w, http.StatusOK, "No more reminders by mail",
		"Daily reminders no longer come to "+strings.TrimSpace(p.Email)+". Your project manager can turn them on again.")
}
