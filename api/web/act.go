package web

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

// An actLink leads to what one can do about something.
type actLink struct {
	Label, At string
	Main      bool
}

// acts returns what who looks is offered to do about an item of an engagement. Buttons lead to the form of the act, which comes back to the
// page on which they stand.
func (v *visit) acts(f *engagement.Facts, it engagement.Item) []actLink {
	it.Engagement = f.Engagement.ID
	var out []actLink
	for i, act := range f.Offers(v.Actor, it, v.Now) {
		out = append(out, v.actLink(f.Engagement.ID, it.Key(), act, i == 0))
	}
	return out
}

// actLink leads to the form of an act on an item, and from there back to the page on which it stands.
func (v *visit) actLink(id models.EngagementID, item string, act engagement.Act, main bool) actLink {
	q := url.Values{"item": {item}, "back": {v.r.URL.RequestURI()}}
	return actLink{Label: act.Label(), At: fmt.Sprintf("/engagements/%s/acts/%s?%s", id, act, q.Encode()), Main: main}
}

// An actPage asks for what an act needs.
type actPage struct {
	page
	engagement.Form
	Action, Back string
	Key          string // of what is sent: sent twice it is done once
	fault
}

// act asks for what an act needs and, when it is posted, carries it out.
func (p *Pages) act(v *visit) error {
	ctx, q := v.r.Context(), v.r.URL.Query()
	what, item := engagement.Act(v.r.PathValue("act")), q.Get("item")
	back := local(q.Get("back"), "/engagements/"+string(v.Engagement.ID))
	cmd, ok := engagement.CommandOn(what, item)
	if !ok {
		return models.Refuse(models.NotFound, "act", "this cannot be done here")
	}
	f, err := v.Store.Facts(ctx, v.Engagement.ID, engagement.NeedOf(cmd))
	if err != nil {
		return err
	}
	form, err := f.Form(what, item, v.Actor, v.Now)
	if err != nil {
		return err
	}
	out := actPage{page: v.framed(form.Title, "asking", "/portfolio"), Form: form, Action: v.r.URL.RequestURI(), Back: back, Key: rand.Text()}
	if v.r.Method != http.MethodPost {
		return v.show(http.StatusOK, actPageOf(out))
	}
	key, err := v.sent()
	if err != nil {
		return err
	}
	values := map[string]string{}
	for i, field := range form.Fields {
		values[field.Name] = v.r.PostForm.Get(field.Name)
		out.Fields[i].Value = values[field.Name]
	}
	cmd.Actor = v.Actor
	if err = f.Answer(form, &cmd, values); err == nil {
		cmd.Key, cmd.Hash = "page-"+key, hashOf(intent{Act: what, Engagement: v.Engagement.ID, Item: item}, values)
		_, err = v.Store.CarryOut(ctx, p.Engine, cmd, f.Asking(item), p.Now)
	}
	text, refused := models.Sorry(err)
	switch {
	case err == nil:
		v.seeOther(back)
		return nil
	case !refused:
		return err
	}
	out.Problem, out.Wrong = models.Sentence(text), fieldOf(err)
	return v.show(http.StatusUnprocessableEntity, actPageOf(out))
}

// sent reads what a form of a page sent and returns the key that it bears: sent twice it is done once. It refuses (invalid) what no form of
// ours sent.
func (v *visit) sent() (key string, err error) {
	if err := v.r.ParseForm(); err != nil {
		return "", models.Refuse(models.TooLarge, "", "what was sent is too long")
	}
	key = v.r.PostForm.Get("key")
	if len(key) < 8 || len(key) > 64 {
		return "", models.Refuse(models.Invalid, "key", "this was not sent by the form of this page: open the page and use its button")
	}
	return key, nil
}

// once reads what a form of a page sent, and returns what has it take effect once.
func (v *visit) once() (store.Once, error) {
	key, err := v.sent()
	values := map[string]string{}
	for name := range v.r.PostForm {
		values[name] = v.r.PostForm.Get(name)
	}
	return store.Once{Actor: v.Person.ID, Role: v.Role, Token: v.Actor.Token, Key: "page-" + key,
		Hash: hashOf(intent{Item: v.r.URL.Path}, values)}, err
}

// fieldOf returns the field to which a refusal belongs; empty where it belongs to none.
func fieldOf(err error) string {
	if refusal, ok := errors.AsType[*models.Error](err); ok {
		return refusal.Field
	}
	return ""
}

// A fault is what is wrong with what a form sent.
type fault struct {
	Problem string
	Wrong   string // the name of the field in which the problem is; empty: of all
}

// in returns what is wrong with a field.
func (x fault) in(field string) string {
	if x.Wrong == field {
		return x.Problem
	}
	return ""
}

// wrongAttrs tell what is read out that a field is wrong, and where it says how.
func wrongAttrs(field, wrong string) templ.Attributes {
	if wrong == "" {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": "w-" + field}
}
