package slackfake_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	slackfake "tickmark/activities/fake/slack"
)

func plain(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

// form is a modal that asks until when, why and, if one likes, whom to tell.
func form() slack.ModalViewRequest {
	why := slack.NewPlainTextInputBlockElement(nil, "why")
	why.MinLength, why.MaxLength = 3, 20
	day := slack.NewDatePickerBlockElement("day")
	day.InitialDate = "2027-02-01"
	kind := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Pick"), "kind",
		slack.NewOptionBlockObject("short", plain("Short"), nil), slack.NewOptionBlockObject("long", plain("Long"), nil))
	tell := slack.NewInputBlock("tell", plain("Tell"), nil,
		slack.NewCheckboxGroupsBlockElement("who", slack.NewOptionBlockObject("ana", plain("Ana"), nil),
			slack.NewOptionBlockObject("ben", plain("Ben"), nil)))
	tell.Optional = true
	return slack.ModalViewRequest{Type: slack.VTModal, Title: plain("More time"), Submit: plain("Ask"), Close: plain("Not now"),
		CallbackID: "more", PrivateMetadata: "e1|i1", NotifyOnClose: true,
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock("until", plain("Until"), nil, day),
			slack.NewInputBlock("reason", plain("Why"), nil, why), slack.NewInputBlock("kind", plain("Kind"), nil, kind), tell,
			slack.NewActionBlock("extra", slack.NewButtonBlockElement("help", "help", plain("Help")))}}}
}

var answers = map[string]string{"reason": "sick", "kind": "long"}

// trigger has Ana press a button and returns the trigger that comes of it.
func (w *world) trigger(t *testing.T, a *app) string {
	t.Helper()
	channel, ts, err := w.client().PostMessage("UANA", text("hello"), buttons("line-1", "e1|i1"))
	check(t, err)
	_, err = w.Click(slackfake.Press{Team: "T1", User: "UANA", Channel: channel, TS: ts, Action: "done"})
	check(t, err)
	got := a.heard()
	return got[len(got)-1].payload(t).TriggerID
}

// modal opens the form for Ana and returns its id.
func (w *world) modal(t *testing.T, a *app) string {
	t.Helper()
	v, err := w.client().OpenView(w.trigger(t, a), form())
	check(t, err)
	return v.ID
}

// push opens another form upon that which is open.
func (w *world) push(t *testing.T, a *app, view string) (*slack.ViewResponse, error) {
	t.Helper()
	_, err := w.Click(slackfake.Press{Team: "T1", User: "UANA", View: view, Action: "help"})
	check(t, err)
	got := a.heard()
	return w.client().PushView(got[len(got)-1].payload(t).TriggerID, form())
}

// A trigger is good once and for three seconds, in its own workspace.
func TestTriggers(t *testing.T) {
	c := standing()
	w := settle(t, slackfake.Options{Now: c.now})
	a := w.connect(t)
	id := w.trigger(t, a)
	_, err := w.as("xoxb-two").OpenView(id, form())
	says(t, err, "invalid_trigger_id")
	c.pass(2 * time.Second)
	v, err := w.client().OpenView(id, form())
	check(t, err)
	if v.ID == "" || v.CallbackID != "more" || v.PrivateMetadata != "e1|i1" || v.RootViewID != v.ID || v.TeamID != "T1" ||
		v.AppID != w.one.App || v.Hash == "" {
		t.Errorf("opened %+v", v)
	}
	_, err = w.client().OpenView(id, form())
	says(t, err, "exchanged_trigger_id")
	_, err = w.client().OpenView("1.2.3", form())
	says(t, err, "invalid_trigger_id")
	late := w.trigger(t, a)
	c.pass(3*time.Second + time.Millisecond)
	_, err = w.client().OpenView(late, form())
	says(t, err, "expired_trigger_id")
	if open, ok := w.OpenView("T1", "UANA"); !ok || open.ID != v.ID || open.User != "UANA" {
		t.Errorf("before her lies %+v", open)
	}
}

// What somebody fills in arrives by block and action, what was there before with it; then the modal closes.
func TestASubmission(t *testing.T) {
	w := settle(t, slackfake.Options{})
	a := w.connect(t)
	id := w.modal(t, a)
	_, err := w.Submit(id, map[string]string{"reason": "sick", "kind/kind": "long", "tell": "ana\nben"})
	check(t, err)
	p := a.one(t).payload(t)
	values := p.View.State.Values
	if p.Type != slack.InteractionTypeViewSubmission || p.User.ID != "UANA" || p.View.ID != id || p.View.CallbackID != "more" ||
		p.View.PrivateMetadata != "e1|i1" || p.View.Hash == "" || p.TriggerID == "" {
		t.Errorf("the payload is %+v", p)
	}
	if values["until"]["day"].SelectedDate != "2027-02-01" || values["reason"]["why"].Value != "sick" ||
		values["kind"]["kind"].SelectedOption.Value != "long" || len(values["tell"]["who"].SelectedOptions) != 2 {
		t.Errorf("the values are %+v", values)
	}
	if v := w.Views("T1", "UANA"); len(v) != 0 {
		t.Errorf("what was submitted is still open: %+v", v)
	}
	if _, err := w.Submit(id, answers); err == nil {
		t.Error("it was submitted again")
	}
}

// Slack's own form does not send what cannot be.
func TestWhatAFormDoesNotSend(t *testing.T) {
	w := settle(t, slackfake.Options{})
	a := w.connect(t)
	id := w.modal(t, a)
	for name, values := range map[string]map[string]string{
		"an empty input":              {"kind": "long"},
		"too short a text":            {"reason": "no", "kind": "long"},
		"too long a text":             {"reason": strings.Repeat("x", 21), "kind": "long"},
		"no such choice":              {"reason": "sick", "kind": "odd"},
		"nothing chosen":              {"reason": "sick"},
		"no date":                     {"reason": "sick", "kind": "long", "until": "soon"},
		"an input that is not there":  {"reason": "sick", "kind": "long", "other": "x"},
		"one of several not on offer": {"reason": "sick", "kind": "long", "tell": "ana\nzoe"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := w.Submit(id, values); err == nil {
				t.Error("it was sent")
			}
			if n := len(a.heard()); n != 0 {
				t.Error("the app heard of it")
			}
		})
	}
}

// The app may refuse what was filled in, change the modal, lay another upon it or close all; what is none of this is an error.
func TestAnswersToASubmission(t *testing.T) {
	other := form()
	other.Title, other.CallbackID = plain("Sure?"), "sure"
	bad := form()
	bad.Title = plain(strings.Repeat("x", 25))
	for _, c := range []struct {
		name   string
		answer func(http.ResponseWriter)
		stack  string // what lies before her afterwards
		action string
		fails  bool
	}{
		{"nothing", nil, "", "", false},
		{"{}", answering(map[string]string{}), "", "", false},
		{"errors", answering(slack.NewErrorsViewSubmissionResponse(map[string]string{"reason": "too vague"})), "more", "errors", false},
		{"errors of no input", answering(slack.NewErrorsViewSubmissionResponse(map[string]string{"extra": "no"})), "more", "errors", true},
		{"no errors", answering(slack.NewErrorsViewSubmissionResponse(nil)), "more", "errors", true},
		{"update", answering(slack.NewUpdateViewSubmissionResponse(&other)), "sure", "update", false},
		{"push", answering(slack.NewPushViewSubmissionResponse(&other)), "more sure", "push", false},
		{"clear", answering(slack.NewClearViewSubmissionResponse()), "", "clear", false},
		{"a view that cannot be", answering(slack.NewUpdateViewSubmissionResponse(&bad)), "more", "update", true},
		{"an unknown action", answering(map[string]string{"response_action": "dance"}), "more", "dance", true},
		{"something else", answering(map[string]bool{"ok": true}), "more", "", true},
		{"no JSON", func(w http.ResponseWriter) { _, _ = w.Write([]byte("ok")) }, "more", "", true},
		{"an error", status(500), "more", "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := settle(t, slackfake.Options{})
			a := w.connect(t)
			id := w.modal(t, a)
			a.will(c.answer)
			answer, err := w.Submit(id, answers)
			if (err != nil) != c.fails {
				t.Errorf("the error is %v", err)
			}
			if answer.Action != c.action || c.name == "errors" && answer.Errors["reason"] != "too vague" {
				t.Errorf("answered %+v", answer)
			}
			var open []string
			for _, v := range w.Views("T1", "UANA") {
				open = append(open, v.CallbackID)
			}
			if got := strings.Join(open, " "); got != c.stack {
				t.Errorf("before her lies %q, want %q", got, c.stack)
			}
		})
	}
}

// Three modals lie upon one another at most; only the uppermost can be submitted, and closing it shows the one below.
func TestAStackOfModals(t *testing.T) {
	w := settle(t, slackfake.Options{})
	a := w.connect(t)
	first := w.modal(t, a)
	_, err := w.client().PushView(w.trigger(t, a), form())
	says(t, err, "not_found") // a message's trigger pushes nothing
	second, err := w.push(t, a, first)
	check(t, err)
	third, err := w.push(t, a, second.ID)
	check(t, err)
	if third.RootViewID != first || third.PreviousViewID != second.ID {
		t.Errorf("the third lies on %s and %s", third.RootViewID, third.PreviousViewID)
	}
	_, err = w.push(t, a, third.ID)
	says(t, err, "push_limit_reached")
	if _, err := w.Submit(first, answers); err == nil {
		t.Error("one was submitted from below")
	}
	_, err = w.Submit(third.ID, answers)
	check(t, err)
	a.heard()
	_, err = w.Dismiss(second.ID)
	check(t, err)
	if p := a.one(t).payload(t); p.Type != slack.InteractionTypeViewClosed || p.View.ID != second.ID || p.IsCleared {
		t.Errorf("closing tells of %+v", p)
	}
	if open, _ := w.OpenView("T1", "UANA"); open.ID != first {
		t.Errorf("before her lies %+v", open)
	}
	upper, err := w.push(t, a, first)
	check(t, err)
	a.will(answering(slack.NewClearViewSubmissionResponse()))
	_, err = w.Submit(upper.ID, answers)
	check(t, err)
	if v := w.Views("T1", "UANA"); len(v) != 0 {
		t.Errorf("cleared, there is still %+v", v)
	}
	a.heard()
	w.modal(t, a)
	quiet := form()
	quiet.NotifyOnClose = false
	opened, err := w.client().OpenView(w.trigger(t, a), quiet)
	check(t, err)
	if v := w.Views("T1", "UANA"); len(v) != 1 || v[0].ID != opened.ID {
		t.Errorf("a new modal is not alone: %+v", v)
	}
	_, err = w.Dismiss(opened.ID)
	check(t, err)
	if n := len(a.heard()) + len(w.Views("T1", "UANA")); n != 0 {
		t.Error("closing quietly tells the app, or closes nothing")
	}
}

// A view is changed by its id or by the app's own; not when somebody else was faster, and two cannot have one name.
func TestViewsAreChanged(t *testing.T) {
	w := settle(t, slackfake.Options{})
	a := w.connect(t)
	named := form()
	named.ExternalID = "mine"
	v, err := w.client().OpenView(w.trigger(t, a), named)
	check(t, err)
	changed := form()
	changed.Title = plain("Changed")
	next, err := w.client().UpdateView(changed, "", v.Hash, v.ID)
	check(t, err)
	if next.Title.Text != "Changed" || next.Hash == v.Hash || next.ID != v.ID || next.ExternalID != "mine" {
		t.Errorf("it became %+v", next)
	}
	_, err = w.client().UpdateView(changed, "", v.Hash, v.ID)
	says(t, err, "hash_conflict")
	_, err = w.client().UpdateView(changed, "mine", "", "")
	check(t, err)
	_, err = w.client().UpdateView(changed, "yours", "", "")
	says(t, err, "not_found")
	_, err = w.as("xoxb-two").UpdateView(changed, "", "", v.ID)
	says(t, err, "not_found")
	if open, _ := w.OpenView("T1", "UANA"); open.Changes != 2 {
		t.Errorf("it was changed %d times", open.Changes)
	}
	_, err = w.push(t, a, v.ID)
	check(t, err)
	_, err = w.Click(slackfake.Press{Team: "T1", User: "UANA", View: v.ID, Action: "help", Values: map[string]string{"reason": "half way"}})
	check(t, err)
	p := a.one(t).payload(t)
	if p.Container.Type != "view" || p.Container.ViewID != v.ID || p.View.State.Values["reason"]["why"].Value != "half way" ||
		p.ResponseURL != "" {
		t.Errorf("a click in a modal tells of %+v", p)
	}
	_, err = w.client().PushView(p.TriggerID, named)
	says(t, err, "duplicate_external_id")
}

// A Home is a picture of its own for each user; who was slower with an old picture is told.
func TestHomes(t *testing.T) {
	w := settle(t, slackfake.Options{})
	a := w.connect(t)
	home := func(s string) slack.HomeTabViewRequest {
		return slack.HomeTabViewRequest{Type: slack.VTHomeTab, CallbackID: s,
			Blocks: slack.Blocks{BlockSet: []slack.Block{actions("line-1", "e1|i1")}}}
	}
	first, err := w.client().PublishView("UANA", home("one"), "")
	check(t, err)
	_, err = w.client().PublishView("UBEN", home("his"), "")
	check(t, err)
	second, err := w.client().PublishView("UANA", home("two"), first.Hash)
	check(t, err)
	_, err = w.client().PublishView("UANA", home("three"), first.Hash)
	says(t, err, "hash_conflict")
	if v, ok := w.Home("T1", "UANA"); !ok || v.CallbackID != "two" || v.ID != first.ID || v.Hash != second.Hash || v.Changes != 1 {
		t.Errorf("her Home is %+v", v)
	}
	for _, user := range []string{"UZOE", "UGONE", "UNONE"} {
		_, err = w.client().PublishView(user, home("x"), "")
		says(t, err, "user_not_found")
	}
	_, err = w.Click(slackfake.Press{Team: "T1", User: "UANA", View: first.ID, Action: "done"})
	check(t, err)
	if p := a.one(t).payload(t); p.View.ID != first.ID || p.View.Type != slack.VTHomeTab || p.ActionCallback.BlockActions[0].Value != "e1|i1" {
		t.Errorf("a click at Home tells of %+v", p)
	}
	if _, err := w.Click(slackfake.Press{Team: "T1", User: "UBEN", View: first.ID, Action: "done"}); err == nil {
		t.Error("somebody else presses in her Home")
	}
	if _, err := w.Submit(first.ID, nil); err == nil {
		t.Error("a Home was submitted")
	}
}
