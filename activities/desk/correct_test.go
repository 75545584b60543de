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

// Nothing reaches Tom, who has no address and no account. Ines, who manages the engagement, reads so and corrects his address in the
// message: an address that is none is refused where it stands, the right one counts at once and is in the record of the firm as her doing.
func TestAnAddressIsCorrectedWhereItIsMissed(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.WithMail()
		_, err := w.Store.UpdatePerson(t.Context(), store.Once{}, "tom", w.Now(), func(p *models.Person) error { p.Email = ""; return nil })
		town.Check(t, err)
		for _, b := range bound(w, "tom") {
			town.Check(t, w.Store.Unbind(t.Context(), store.Once{}, "tom", b, w.Now()))
		}
		w.Task("tom", "Send the list of laptops", "2027-01-12")
		w.On("2027-01-12", 11)
		w.Sweep()
		w.Settle()
		ines := w.Last("ines")
		if !strings.Contains(string(ines.Blocks), "Tom cannot be reached") || !strings.Contains(string(ines.Blocks), `"correct"`) {
			t.Fatalf("ines reads %s", town.Shown(t, ines.Blocks))
		}
		w.Press("ines", engagement.ActCorrect, "reach:tom")
		var form slackfake.View
		w.Eventually("a form is shown", func() (ok bool) { form, ok = w.Slack.OpenView("THQ", town.UserOf("ines")); return ok })
		w.Submit(form.ID, map[string]string{"address": "tom at the firm"})
		w.Eventually("it is refused", func() bool {
			v, ok := w.Slack.OpenView("THQ", town.UserOf("ines"))
			return ok && strings.Contains(string(v.Blocks), "tom at the firm") && strings.Contains(string(v.Blocks), "address")
		})
		again, _ := w.Slack.OpenView("THQ", town.UserOf("ines"))
		w.Submit(again.ID, map[string]string{"address": "tom.new@firm.example"})
		w.Eventually("it is corrected", func() bool {
			p, err := w.Store.Person(t.Context(), "tom")
			return err == nil && p.Email == "tom.new@firm.example"
		})
		w.Eventually("the form says so", func() bool {
			v, _ := w.Slack.OpenView("THQ", town.UserOf("ines"))
			return strings.Contains(string(v.Blocks), "mail goes to tom.new@firm.example from now on")
		})
		events, _, err := w.Store.FirmEvents(t.Context(), store.EventFilter{Kinds: []string{"person.updated"}}, "", 20)
		town.Check(t, err)
		if n := len(events); n == 0 || events[n-1].Actor != "ines" && events[0].Actor != "ines" {
			t.Errorf("the record has %+v", events)
		}
	})
}

// bound returns the workspaces in which somebody has an account.
func bound(w *town.Town, p models.PersonID) (out []string) {
	w.T.Helper()
	all, err := w.Store.Bindings(w.T.Context(), p)
	town.Check(w.T, err)
	for _, b := range all {
		out = append(out, b.Workspace)
	}
	return out
}
