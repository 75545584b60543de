package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

// A taskTable is tasks in rows, with a strip of the next weeks beside them.
type taskTable struct {
	Strip axis
	Tasks []taskLine
	Picks string // where what is chosen goes; empty: nothing can be chosen
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
	Group                string // under which it stands; empty: under none
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
	when := m.When(t)
	if when.Away != "" {
		out.Note = strings.TrimSpace(out.Note + " " + models.Sentence(when.Away))
	}
	if at, on := a.spot(t.Due); on {
		out.Tick = at
	} else if t.Due.Before(a.from) && !t.State.Closed() {
		out.Tick = "d0"
	}
	if when.Expected.After(t.Due) {
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
	Table   taskTable
	Columns []taskColumn // of the board; none: it is a list
	Picks   []taskPick
	Ways    []taskPick // how the tasks are laid out
	Query   url.Values
	Search  string
	Next    string // the address of further tasks
	CSV     string // of the list as a file
}

// A taskColumn is the tasks of the board that are as far as each other.
type taskColumn struct {
	Kind, Name string
	Tasks      []taskLine
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
}

// closedStates are those of tasks of which nothing is owed any more.
var closedStates = []engagement.TaskState{engagement.TaskDone, engagement.TaskWaived, engagement.TaskCancelled}

// taskWays are how the tasks of a page can be laid out.
var taskWays = []struct{ key, name string }{{"", "By date"}, {"owner", "By person"}, {"phase", "By phase"}, {"board", "Board"}}

// tasks lists the tasks of an engagement that are shown to who looks.
func (p *Pages) tasks(v *visit) error {
	q := v.r.URL.Query()
	f, err := v.Store.Facts(v.r.Context(), v.Engagement.ID, engagement.Need{})
	if err != nil {
		return err
	}
	out := tasksPage{frame: v.frameOf(f, f.ReportFor(v.Actor, v.Now), "/tasks"), Table: taskTable{Strip: stripOf(v.today())}, Query: q,
		Search: q.Get("q")}
	out.page.Title = "Tasks of " + f.Client.Name
	chosen, way, at := q.Get("show"), q.Get("by"), out.At+"/tasks"
	for _, w := range taskWays {
		out.Ways = append(out.Ways, taskPick{Key: w.key, Name: w.name, At: with(q, at, "by", w.key), Current: w.key == way})
	}
	if !slices.ContainsFunc(out.Ways, func(x taskPick) bool { return x.Current }) {
		return models.Refuse(models.Invalid, "by", "by %.20q is none of owner, phase, board", way)
	}
	rows, err := v.chosenTasks(f, &out, chosen)
	if err != nil {
		return err
	}
	if v.wantsFile() {
		return v.tasksFile(f, out, rows)
	}
	out.CSV = with(q, at, "as", "csv")
	if way == "board" {
		out.Columns = v.columns(f, out.Table.Strip, rows)
	} else {
		out.Table.Tasks = v.rows(f, out.Table.Strip, rows, way)
	}
	if v.MayIn("moveTask", v.Engagement, v.Now) == nil || v.MayIn("completeTasks", v.Engagement, v.Now) == nil {
		out.Table.Picks = out.At + "/chosen"
	}
	return v.show(http.StatusOK, tasksPageOf(out))
}

// tasksFile answers with tasks as a file.
func (v *visit) tasksFile(f *engagement.Facts, out tasksPage, rows []*engagement.Task) error {
	m, table := f.At(v.Now), make([][]any, len(rows))
	for i, t := range rows {
		_, word := taskState(m, t)
		table[i] = []any{string(t.ID), t.Heading(), f.PhaseName(t.Phase), f.Called(t.Owner, t.OwnerRole), t.PerformBy, t.Due,
			string(t.State), word, m.When(t).Expected}
	}
	return v.file("tasks of "+out.Client, []string{"Task", "Title", "Phase", "Owner", "Perform by", "Due", "State",
		"In words", "Expected"}, table)
}

// chosenTasks returns the tasks that the address chooses, and adds to the page what else one may choose.
func (v *visit) chosenTasks(f *engagement.Facts, out *tasksPage, chosen string) ([]*engagement.Task, error) {
	q, m, search := out.Query, f.At(v.Now), strings.ToLower(strings.TrimSpace(out.Search))
	at, known := out.At+"/tasks", chosen == "done"
	var rows []*engagement.Task
	for _, x := range taskPicks {
		pick := taskPick{Key: x.key, Name: x.name, Glyph: x.glyph, At: with(q, at, "show", x.key), Current: x.key == chosen}
		known = known || pick.Current
		for _, t := range f.Tasks {
			if !x.is(v, m, t) || !f.SeesTask(v.Actor, t, v.Now) || !found(f, t, search) {
				continue
			}
			if pick.N++; pick.Current {
				rows = append(rows, t)
			}
		}
		out.Picks = append(out.Picks, pick)
	}
	out.Picks = append(out.Picks, taskPick{Key: "done", Name: "Done", Glyph: "done", At: with(q, at, "show", "done"),
		Current: chosen == "done"})
	if !known {
		return nil, models.Refuse(models.Invalid, "show", "show %.20q is none of mine, late, accept, client, firm, done", chosen)
	}
	if chosen != "done" {
		slices.SortStableFunc(rows, func(a, b *engagement.Task) int { return engagement.ByDue(*a, *b) })
		return rows, nil
	}
	closed, next, err := v.Store.TasksFor(v.r.Context(), v.Actor, v.Engagement, store.TaskFilter{States: closedStates, Text: out.Search},
		q.Get("cursor"), closedShown, v.Now)
	if next != "" {
		out.Next = with(q, at, "cursor", next)
	}
	for i := range closed {
		rows = append(rows, &closed[i])
	}
	return rows, err
}

// closedShown is how many tasks that are done stand on a page.
const closedShown = 200

// rows returns tasks as lines, together by person or phase where that is asked.
func (v *visit) rows(f *engagement.Facts, strip axis, tasks []*engagement.Task, by string) []taskLine {
	m, out, rank := f.At(v.Now), make([]taskLine, len(tasks)), map[string]int{}
	for i, t := range tasks {
		out[i] = v.taskLine(strip, f, m, t)
		switch by {
		case "owner":
			out[i].Group = out[i].Owner
		case "phase":
			out[i].Group = f.PhaseName(t.Phase)
			rank[out[i].Group] = slices.IndexFunc(f.Catalog.Phases, func(p catalog.PhaseTemplate) bool { return p.ID == t.Phase })
		}
	}
	slices.SortStableFunc(out, func(a, b taskLine) int {
		return cmp.Or(cmp.Compare(rank[a.Group], rank[b.Group]), strings.Compare(a.Group, b.Group))
	})
	return out
}

// columns lays tasks out by how far they are.
func (v *visit) columns(f *engagement.Facts, strip axis, tasks []*engagement.Task) []taskColumn {
	out := []taskColumn{{Kind: "wait", Name: "Waits for others"}, {Kind: "open", Name: "To do"}, {Kind: "blocked", Name: "Blocked"},
		{Kind: "sent", Name: "To accept"}, {Kind: "done", Name: "Done"}}
	column := map[engagement.TaskState]int{engagement.TaskWaiting: 0, engagement.TaskOpen: 1, engagement.TaskBlocked: 2,
		engagement.TaskSubmitted: 3, engagement.TaskDone: 4, engagement.TaskWaived: 4, engagement.TaskCancelled: 4}
	m := f.At(v.Now)
	for _, t := range tasks {
		c := &out[column[t.State]]
		c.Tasks = append(c.Tasks, v.taskLine(strip, f, m, t))
	}
	if len(out[4].Tasks) == 0 {
		out = out[:4]
	}
	return out
}

// found reports whether a task has a text in its id, its title or the name of its owner.
func found(f *engagement.Facts, t *engagement.Task, text string) bool {
	return text == "" || strings.Contains(strings.ToLower(string(t.ID)+"\n"+t.Heading()+"\n"+f.Called(t.Owner, t.OwnerRole)), text)
}
