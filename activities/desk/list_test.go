package desk_test

import (
	"strings"
	"testing"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/fake/town"
	"tickmark/models/engagement"
)

// documents gives Olga thirty documents to provide by 2027-01-14, as a gap analysis would, and returns what they are like.
func documents(t *testing.T, w *town.Town) {
	t.Helper()
	id := w.Task("olga", "Send the organization chart", "2027-01-14")
	f := town.NewFiller(t, w.DSN)
	defer f.Close()
	f.Copies(30, "tasks", "engagement_id = 'e1' AND id = '"+string(id)+"'", map[string]string{"id": "'GA-02.EV-' || n.n",
		"template": "'GA-02'", "subject": "'EV-' || n.n", "title": "'Provide requested document: Listing ' || n.n"})
	w.Touched()
}

// Thirty documents are one line in Olga's message, and behind its button all of them, by pages, each with what she can do about it. What
// she does there is shown in the list and in the message, at once and weeks later.
func TestTheListBehindALine(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		documents(t, w)
		w.On("2027-01-13", 10)
		w.Settle()
		m := w.Last("olga")
		for _, want := range []string{"31 things are coming up", "30 documents to provide: due Thu 2027-01-14", "; and 27 more"} {
			if !strings.Contains(m.Text, want) {
				t.Errorf("%q is not in her message:\n%s", want, m.Text)
			}
		}
		press := func(p slackfake.Press) {
			t.Helper()
			p.Team, p.User = "TNORTHGATE", town.UserOf("olga")
			a, err := w.Slack.Click(p)
			town.Check(t, err)
			if !a.OK() {
				t.Fatalf("answered %d", a.Status)
			}
		}
		list := func() string {
			all := w.Slack.Views("TNORTHGATE", town.UserOf("olga"))
			if len(all) == 0 {
				return ""
			}
			return town.Shown(t, all[0].Blocks)
		}
		shows := func(want string) {
			t.Helper()
			w.Eventually("the list shows "+want, func() bool { return strings.Contains(list(), want) })
		}
		press(slackfake.Press{Channel: m.Channel, TS: m.TS, Action: "list"})
		shows("1 to 20 of 30")
		v := w.Modal("olga")
		press(slackfake.Press{View: v.ID, Action: "later"})
		shows("21 to 30 of 30")
		press(slackfake.Press{View: v.ID, Action: "done", Value: "e1|do:GA-02.EV-5"})
		shows("Olga did it on Wed 2027-01-13")
		w.Eventually("the message counts it", func() bool { return strings.Contains(w.Last("olga").Text, "1 of 30 settled") })
		press(slackfake.Press{View: v.ID, Block: "line-7", Action: "more", Value: "snooze|e1|do:GA-02.EV-6"})
		w.Eventually("the form lies over the list", func() bool { return len(w.Slack.Views("TNORTHGATE", town.UserOf("olga"))) == 2 })
		w.Submit(w.Modal("olga").ID, map[string]string{"due": "2027-01-15"})
		shows("put off until Fri 2027-01-15")

		w.On("2027-02-08", 10) // more than fourteen days later
		press(slackfake.Press{Channel: m.Channel, TS: m.TS, Action: "list"})
		shows("1 to 20 of 30")
		v = w.Modal("olga")
		press(slackfake.Press{View: v.ID, Action: "done", Value: "e1|do:GA-02.EV-1"})
		shows("Olga did it on Mon 2027-02-08")
		press(slackfake.Press{Channel: m.Channel, TS: m.TS, Action: "done"}) // the organization chart, in the message of weeks ago
		if got := w.Answered("TNORTHGATE", "olga", 1); !strings.Contains(got, "✓ Send the organization chart: Olga did it on Mon 2027-02-08") {
			t.Errorf("she is answered %q", got)
		}
		if s := w.State("GA-02.EV-1").State; s != engagement.TaskDone && s != engagement.TaskSubmitted {
			t.Errorf("the task is %s", s)
		}
	})
}

// Who has more than a page of work reads all of it in the home, page by page, and stays on the page on which they do something.
func TestTheHomeHasPages(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		id := w.Task("olga", "Send the organization chart", "2027-01-14")
		w.Like(id, 24)
		w.On("2027-01-13", 10)
		_, err := w.Slack.AppHomeOpened("TNORTHGATE", town.UserOf("olga"))
		town.Check(t, err)
		shows := func(want string) (home slackfake.View) {
			t.Helper()
			w.Eventually("the home shows "+want, func() (ok bool) {
				home, ok = w.Slack.Home("TNORTHGATE", town.UserOf("olga"))
				return ok && strings.Contains(town.Shown(t, home.Blocks), want)
			})
			return home
		}
		home := shows("1 to 20 of 25")
		press := func(action, value string) {
			t.Helper()
			_, err := w.Slack.Click(slackfake.Press{Team: "TNORTHGATE", User: town.UserOf("olga"), View: home.ID, Action: action, Value: value})
			town.Check(t, err)
		}
		press("later", "")
		home = shows("21 to 25 of 25")
		if n := strings.Count(town.Shown(t, home.Blocks), "Send the organization chart"); n != 5 {
			t.Errorf("the second page has %d lines", n)
		}
		press("done", "e1|do:X-1024")
		shows("21 to 24 of 24")
		press("earlier", "")
		shows("1 to 20 of 24")
	})
}
