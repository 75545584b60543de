package desk_test

import (
	"strings"
	"testing"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

// opens has somebody of the firm open their home, and returns it once it is as it should be.
func opens(w *town.Town, p models.PersonID, is func(text string) bool) slackfake.View {
	w.T.Helper()
	_, err := w.Slack.AppHomeOpened("THQ", town.UserOf(p))
	town.Check(w.T, err)
	var v slackfake.View
	w.Eventually("the home is shown", func() bool {
		home, ok := w.Slack.Home("THQ", town.UserOf(p))
		v = home
		return ok && is(string(home.Blocks))
	})
	return v
}

// fills has somebody of the firm press a button on their home and fill in the form that it shows; it returns the form, and what stands in
// its place then.
func fills(w *town.Town, p models.PersonID, home string, act engagement.Act, values map[string]string) (form, after string) {
	w.T.Helper()
	_, err := w.Slack.Click(slackfake.Press{Team: "THQ", User: town.UserOf(p), View: home, Action: string(act), Value: "e1|engagement:e1"})
	town.Check(w.T, err)
	var v, then slackfake.View
	w.Eventually("a form is shown", func() (ok bool) { v, ok = w.Slack.OpenView("THQ", town.UserOf(p)); return ok })
	w.Submit(v.ID, values)
	w.Eventually("the form says what became of it", func() bool {
		then, _ = w.Slack.OpenView("THQ", town.UserOf(p))
		return !strings.Contains(string(then.Blocks), "is being noted") && string(then.Blocks) != string(v.Blocks)
	})
	return town.Shown(w.T, v.Blocks), town.Shown(w.T, then.Blocks)
}

// Marta, the partner, pauses the engagement from her home: the form says what --check says, and asks why. Ines, who manages it, may not
// pause it and is not offered to; a week later she lets it go on from her home, and reads first what that does. Tom is offered
// neither.
func TestPausingFromTheHome(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		status := func() engagement.Status {
			f, err := w.Store.Facts(t.Context(), "e1", engagement.Need{})
			town.Check(t, err)
			return f.Engagement.Status
		}
		said := func(kind engagement.Kind, by models.PersonID) []string {
			p, err := w.Store.Person(t.Context(), by)
			town.Check(t, err)
			a, err := w.Store.Actor(t.Context(), p, w.Now())
			town.Check(t, err)
			lines, _, err := w.Store.TryPause(t.Context(), "e1", engagement.Command{Kind: kind, Actor: a, Reason: "a try", Key: "try",
				Hash: "h"}, w.Now())
			town.Check(t, err)
			return lines
		}
		has := func(act engagement.Act) func(string) bool {
			return func(blocks string) bool { return strings.Contains(blocks, `"action_id":"`+string(act)+`"`) }
		}
		no := func(blocks string) bool {
			return !has(engagement.ActPause)(blocks) && !has(engagement.ActResume)(blocks)
		}
		w.On("2027-01-12", 11)
		opens(w, "ines", no)
		opens(w, "tom", no)
		effect := said(engagement.PauseEngagement, "marta")
		home := opens(w, "marta", has(engagement.ActPause))
		form, after := fills(w, "marta", home.ID, engagement.ActPause, map[string]string{"reason": "the client moves house"})
		for _, line := range effect {
			if !strings.Contains(form, line) {
				t.Errorf("the form does not say %q:\n%s", line, form)
			}
		}
		if len(effect) == 0 || !strings.Contains(after, "Northgate SOC 2 e1: paused since Tue 2027-01-12") {
			t.Errorf("it says %s", after)
		}
		if status() != engagement.StatusPaused {
			t.Fatalf("it is %s", status())
		}
		events, _, err := w.Store.Events(t.Context(), "e1", store.EventFilter{Kinds: []string{"engagement.paused"}}, "", 5)
		town.Check(t, err)
		if len(events) != 1 || events[0].Actor != "marta" || events[0].Reason != "the client moves house" {
			t.Errorf("the record has %+v", events)
		}
		w.On("2027-01-19", 11)
		home = opens(w, "ines", has(engagement.ActResume))
		effect = said(engagement.ResumeEngagement, "ines")
		form, after = fills(w, "ines", home.ID, engagement.ActResume, map[string]string{"reason": "they are back"})
		for _, line := range effect {
			if !strings.Contains(form, line) {
				t.Errorf("the form does not say %q:\n%s", line, form)
			}
		}
		if !strings.Contains(after, "Northgate SOC 2 e1: it goes on") || status() != engagement.StatusRunning {
			t.Errorf("it is %s and says %s", status(), after)
		}
		opens(w, "ines", no)
	})
}
