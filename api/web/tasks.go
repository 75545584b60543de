package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tickmark/models"
	"tickmark/models/engagement"
)

// A taskTable is tasks in rows, with a strip of the next weeks beside them.
type taskTable struct {
	Strip axis
	Tasks []taskLine
	Picks bool // several can be chosen
}

// A taskLine is a task in a list.
type taskLine struct {
	At, ID, Title, Owner string
	Note                 string // why it does not go on
	Due                  models.Date
	State, Word          string
	Tick                 string // where it is due on the strip
	Was, Slip            string // from where it was due first, and to where it can be expected
	Expected             string
}

// stripWeeks is how many weeks the strip has, from the Monday of this one on.
const stripWeeks = 8

func stripOf(today models.Date) axis {
	return axis{from: today.Monday(), days: 7 * stripWeeks, today: today}
}

// weeks returns the Mondays of an axis of whole weeks.
func (a axis) weeks() []models.Date {
	var out []models.Date
	for i := 0; i < a.days; i += 7 {
		out = append(out, a.from.AddDays(i))
	}
	return out
}

func (v *visit) taskLine(a axis, f *engagement.Facts, m *engagement.Moment, t *engagement.Task) taskLine {
	out := taskLine{At: taskAt(f.Engagement.ID, t.ID), ID: string(t.ID), Title: t.Heading(), Owner: f.Called(t.Owner, t.OwnerRole), Due: t.Due}
	out.State, out.Word = taskState(m, t)
	if t.State == engagement.TaskBlocked && t.Reason != "" {
		out.Note = models.Quoted(t.Reason)
	}
	if at, on := a.spot(t.Due); on {
		out.Tick = at
	} else if t.Due.Before(a.from) && !t.State.Closed() {
		out.Tick = "d0"
	}
	if when := m.When(t); when.Expected.After(t.Due) {
		if class, on := a.span(models.Later(t.Due, a.from), when.Expected.AddDays(-1)); on {
			out.Slip = class
		}
		out.Expected, _ = a.spot(when.Expected)
	}
	return out
}

func taskAt(e models.EngagementID, t models.TaskID) string {
	return fmt.Sprintf("/engagements/%s/tasks/%s", e, url.PathEscape(string(t)))
}

// taskState returns the shape and the word of how a task stands.
func taskState(m *engagement.Moment, t *engagement.Task) (kind, word string) {
	when := m.When(t)
	switch t.State {
	case engagement.TaskDone:
		return "done", "done"
	case engagement.TaskWaived:
		return "miss", "waived"
	case engagement.TaskCancelled:
		return "miss", "not needed"
	case engagement.TaskSubmitted:
		return "sent", "to accept"
	case engagement.TaskBlocked:
		return "blocked", "blocked"
	case engagement.TaskWaiting:
		return "wait", afterWords(when.WaitsFor)
	}
	switch {
	case when.Late:
		return "late", models.Count(max(1, when.Days), "day") + " late"
	case when.Days == 0:
		return "open", "due today"
	}
	return "open", "open"
}

// afterWords says for which tasks one waits.
func afterWords(ids []models.TaskID) string {
	switch len(ids) {
	case 0:
		return "waits"
	case 1:
		return "after " + string(ids[0])
	}
	return fmt.Sprintf("after %d tasks", len(ids))
}

// A tasksPage is the tasks of an engagement, some or all of them.
type tasksPage struct {
	frame
	Table  taskTable
	Picks  []taskPick
	Query  url.Values
	Search string
}

// A taskPick chooses some of the tasks.
type taskPick struct {
	Key, Name, At string
	N             int
	Current       bool
	Glyph         string
}

// A taskChoice is some of the tasks.
type taskChoice struct {
	key, name, glyph string
	is               func(*visit, *engagement.Moment, *engagement.Task) bool
}

// taskPicks are which tasks one may choose, and how they are told.
var taskPicks = []taskChoice{
	{"", "Open", "", func(_ *visit, _ *engagement.Moment, t *engagement.Task) bool { return !t.State.Closed() }},
	{"mine", "Mine", "", func(v *visit, _ *engagement.Moment, t *engagement.Task) bool {
		return !t.State.Closed() && t.Owner == v.Person.ID
	}},
	{"late", "Late", "late", func(_ *visit, m *engagement.Moment, t *engagement.Task) bool {
		return !t.State.Closed() && m.When(t).Late
	}},
	{"accept", "To accept", "sent", func(_ *visit, _ *engagement.Moment, t *engagement.Task) bool {
		return t.State == engagement.TaskSubmitted
	}},
	{"client", "Client", "", func(_ *visit, _ *engagement.Moment, t *engagement.Task) bool {
		return !t.State.Closed() && models.SideOf(t.OwnerRole) == models.SideClient
	}},
	{"firm", "Firm", "", func(_ *visit, _ *engagement.Moment, t *engagement.Task) bool {
		return !t.State.Closed() && models.SideOf(t.OwnerRole) == models.SideFirm
	}},
	{"done", "Done", "done", func(_ *visit, _ *engagement.Moment, t *engagement.Task) bool { return t.State.Closed() }},
}

// tasks lists the tasks of an engagement that are shown to who looks.
func (p *Pages) tasks(v *visit) error {
	q := v.r.URL.Query()
	f, err := v.Store.Facts(v.r.Context(), v.Engagement.ID, engagement.Need{})
	if err != nil {
		return err
	}
	chosen := q.Get("show")
	if !slices.ContainsFunc(taskPicks, func(x taskChoice) bool { return x.key == chosen }) {
		return models.Refuse(models.Invalid, "show", "show %.20q is none of mine, late, accept, client, firm, done", chosen)
	}
	m, search := f.At(v.Now), strings.ToLower(strings.TrimSpace(q.Get("q")))
	out := tasksPage{frame: v.frameOf(f.ReportFor(v.Actor, v.Now), "tasks"), Table: taskTable{Strip: stripOf(v.today())}, Query: q,
		Search: q.Get("q")}
	at := out.At + "/tasks"
	for _, x := range taskPicks {
		pick := taskPick{Key: x.key, Name: x.name, Glyph: x.glyph, At: with(q, at, "show", x.key), Current: x.key == chosen}
		for _, t := range f.Tasks {
			if !x.is(v, m, t) || !f.SeesTask(v.Actor, t, v.Now) || !found(f, t, search) {
				continue
			}
			pick.N++
			if pick.Current {
				out.Table.Tasks = append(out.Table.Tasks, v.taskLine(out.Table.Strip, f, m, t))
			}
		}
		out.Picks = append(out.Picks, pick)
	}
	slices.SortStableFunc(out.Table.Tasks, func(a, b taskLine) int { return a.Due.Compare(b.Due) })
	return v.show(http.StatusOK, tasksPageOf(out))
}

// found reports whether a task has a text in its id, its title or the name of its owner.
func found(f *engagement.Facts, t *engagement.Task, text string) bool {
	return text == "" || strings.Contains(strings.ToLower(string(t.ID)+"\n"+t.Heading()+"\n"+f.Called(t.Owner, t.OwnerRole)), text)
}
