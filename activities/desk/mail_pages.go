package desk

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tickmark/activities/mail"
	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// MailPath is where the links in mails lead.
const MailPath = "/m/"

//go:embed pages.html
var pagesText string

var pages = template.Must(template.New("").Parse(pagesText))

// Pages answers the links in mails: what one can do about the tasks of a mail, and that one wants no more. A link is signed, is for one
// person and one mail, and works for fourteen days. Nothing changes by looking at a page: programs that check mails follow links.
func (d *Desk) Pages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+MailPath+"act/{token}", d.actPage)
	mux.HandleFunc("POST "+MailPath+"act/{token}", d.actPage)
	mux.HandleFunc("GET "+MailPath+"unsubscribe/{token}", d.unsubscribePage)
	mux.HandleFunc("POST "+MailPath+"unsubscribe/{token}", d.unsubscribePage)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		mux.ServeHTTP(w, r)
	})
}

// show shows a page.
func (d *Desk) show(w http.ResponseWriter, status int, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := pages.ExecuteTemplate(w, name, data); err != nil {
		d.Log.Info("a page was not shown whole", "page", name, "error", err)
	}
}

// tell shows a page that only says something.
func (d *Desk) tell(w http.ResponseWriter, status int, title, text string) {
	d.show(w, status, "say", struct{ Title, Text string }{title, text})
}

// trouble says for people why a page cannot be shown.
func (d *Desk) trouble(w http.ResponseWriter, r *http.Request, err error) {
	if text, refused := sorry(err); refused {
		d.tell(w, http.StatusConflict, "Not done", text)
		return
	}
	d.Log.WarnContext(r.Context(), "a page cannot be shown", "error", err)
	d.tell(w, http.StatusServiceUnavailable, "One moment", "This cannot be done just now. Try again in a minute: nothing is lost.")
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
func (d *Desk) letterbox(ctx context.Context, token string) (letterbox, error) {
	words, ok := d.Site.Read(mail.UseAct, token, 4)
	if !ok {
		return letterbox{}, errLink
	}
	until, err := strconv.ParseInt(words[3], 10, 64)
	if err != nil || d.Now().Unix() > until {
		return letterbox{}, errLink
	}
	b := letterbox{firm: models.FirmID(words[0]), s: d.Root.For(models.FirmID(words[0])), until: time.Unix(until, 0), at: MailPath + "act/" + token}
	if b.person, err = b.s.Person(ctx, models.PersonID(words[1])); err != nil {
		return b, orLink(err)
	}
	if b.mail, _, err = b.s.Delivery(ctx, words[2]); err != nil {
		return b, orLink(err)
	}
	if !b.person.Active || b.mail.Person != b.person.ID || b.mail.Message == nil {
		return b, errLink
	}
	return b, nil
}

// orLink says of what is not there only that the link is not valid.
func orLink(err error) error {
	if models.CodeOf(err) == models.NotFound {
		return errLink
	}
	return err
}

type actPageLine struct {
	engagement.Line
	Acts []actLink
}

type actLink struct{ Label, At string }

// actPage lists what one can do about the tasks of a mail; with act and item it asks for what that needs and, when posted, does it.
func (d *Desk) actPage(w http.ResponseWriter, r *http.Request) {
	b, err := d.letterbox(r.Context(), r.PathValue("token"))
	if err != nil {
		if errors.Is(err, errLink) {
			d.tell(w, http.StatusNotFound, "This link does not work", "It is not valid, or it is too old: use the one in your latest mail.")
			return
		}
		d.trouble(w, r, err)
		return
	}
	q := r.URL.Query()
	if !q.Has("act") {
		d.listPage(w, r, b, "")
		return
	}
	what := wire.Subject{Act: engagement.Act(q.Get("act")), Engagement: models.EngagementID(q.Get("engagement")), Item: q.Get("item")}
	if err := d.act(w, r, b, what); err != nil {
		d.trouble(w, r, err)
	}
}

func (d *Desk) listPage(w http.ResponseWriter, r *http.Request, b letterbox, news string) {
	became, err := b.s.Became(r.Context(), b.mail, d.Now())
	if err != nil {
		d.trouble(w, r, err)
		return
	}
	m := *b.mail.Message
	m.Refresh(became)
	var lines []actPageLine
	for _, l := range m.Lines() {
		if l.Item == "" {
			continue
		}
		line := actPageLine{Line: *l}
		for _, act := range l.Acts {
			q := url.Values{"act": {string(act)}, "engagement": {string(l.Engagement)}, "item": {l.Item}}
			line.Acts = append(line.Acts, actLink{act.Label(), b.at + "?" + q.Encode()})
		}
		lines = append(lines, line)
	}
	d.show(w, http.StatusOK, "list", struct {
		Name, News, Until string
		Lines             []actPageLine
	}{reminders.FirstName(b.person.Name), news, models.DateIn(b.until, models.Zone(b.person.TimeZone)).String(), lines})
}

// act asks for what an act needs and, when posted, carries it out.
func (d *Desk) act(w http.ResponseWriter, r *http.Request, b letterbox, what wire.Subject) error {
	ctx := r.Context()
	cmd, ok := engagement.CommandOn(what.Act, what.Item)
	if !ok || !speaksOf(b.mail, what) {
		return models.Refuse(models.NotFound, "", "this mail does not speak of that")
	}
	actor, err := b.s.Actor(ctx, b.person, d.Now())
	if err != nil {
		return err
	}
	f, err := b.s.Facts(ctx, what.Engagement, engagement.NeedOf(cmd))
	if err != nil {
		return err
	}
	form, err := f.Form(what.Act, what.Item, actor, d.Now())
	if err != nil {
		return err
	}
	if r.Method == http.MethodGet {
		d.formPage(w, b, form, rand.Text(), "")
		return nil
	}
	if err := r.ParseForm(); err != nil {
		return models.Refuse(models.Invalid, "", "what was sent is too long")
	}
	values, key := map[string]string{}, r.PostForm.Get("key")
	for i, field := range form.Fields {
		values[field.Name] = r.PostForm.Get(field.Name)
		form.Fields[i].Value = values[field.Name]
	}
	became := ""
	if err = f.Answer(form, &cmd, values); err == nil {
		cmd.Key, cmd.Hash, cmd.Actor = "mail-"+key, hashOf(what, values), actor
		became, err = d.Carry(ctx, models.Ref{Firm: b.firm, Engagement: what.Engagement}, cmd, f.Asking(what.Item))
	}
	if text, refused := sorry(err); refused && len(form.Fields) > 0 {
		d.formPage(w, b, form, rand.Text(), text)
		return nil
	} else if err != nil {
		return err
	}
	d.listPage(w, r, b, form.About+": "+became)
	return nil
}

func (d *Desk) formPage(w http.ResponseWriter, b letterbox, form engagement.Form, key, problem string) {
	d.show(w, http.StatusOK, "form", struct {
		engagement.Form
		Key, Problem, Back string
	}{form, key, problem, b.at})
}

// speaksOf reports whether a mail has a line about an item on which the act can be done.
func speaksOf(d reminders.Delivery, what wire.Subject) bool {
	for _, l := range d.Message.Lines() {
		if l.Engagement == what.Engagement && l.Item == what.Item {
			for _, act := range l.Acts {
				if act == what.Act {
					return true
				}
			}
		}
	}
	return false
}

// hashOf tells what was sent from something else that is sent with the same key.
func hashOf(what wire.Subject, values map[string]string) string {
	return hexSum(fmt.Sprint(what, values)) // maps are printed in the order of their keys
}

// unsubscribePage asks whether somebody wants no more reminders by mail, and notes it when posted: by them, or by their mail program
// on their behalf, which sends List-Unsubscribe=One-Click (RFC 8058).
func (d *Desk) unsubscribePage(w http.ResponseWriter, r *http.Request) {
	words, ok := d.Site.Read(mail.UseUnsubscribe, r.PathValue("token"), 2)
	if !ok {
		d.tell(w, http.StatusNotFound, "This link does not work", "Use the one in your latest mail.")
		return
	}
	s := d.Root.For(models.FirmID(words[0]))
	p, err := s.Person(r.Context(), models.PersonID(words[1]))
	if err != nil {
		d.trouble(w, r, orLink(err))
		return
	}
	if r.Method == http.MethodGet {
		d.show(w, http.StatusOK, "unsubscribe", p)
		return
	}
	_, err = s.UpdatePreferences(r.Context(), store.Once{Actor: p.ID}, p.ID, d.Now(), func(x *reminders.Preferences) error { x.MailOff = true; return nil })
	if err != nil {
		d.trouble(w, r, err)
		return
	}
	d.tell(w, http.StatusOK, "No more reminders by mail", "Daily reminders no longer come to "+strings.TrimSpace(p.Email)+". Your project manager can turn them on again.")
}
