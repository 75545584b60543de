package web

import (
	"fmt"
	"net/http"

	"tickmark/models"
	"tickmark/models/engagement"
)

// A taskPage is all there is to know and to do about one task.
type taskPage struct {
	frame
	ID, Title   string
	State, Word string
	Facts       []fact // term and text
	Acts        []actLink
	Comments    []commentLine
	Events      []eventLine
}

// A fact is a term and what there is to say of it.
type fact struct{ Term, Text, At string }

// A commentLine is a remark on a task.
type commentLine struct {
	By, When, Text string
	Internal       bool
}

// task shows a task.
func (p *Pages) task(v *visit) error {
	ctx, id := v.r.Context(), models.TaskID(v.r.PathValue("task"))
	f, err := v.Store.Facts(ctx, v.Engagement.ID, engagement.Need{})
	if err != nil {
		return err
	}
	_, comments, events, err := v.Store.TaskFor(ctx, v.Actor, v.Engagement.ID, id)
	if err != nil {
		return err
	}
	t, m := f.Task(id), f.At(v.Now)
	if t == nil {
		return models.Refuse(models.NotFound, "task", "there is no task %.80q", string(id))
	}
	head := engagement.Report{Engagement: f.Engagement, ClientName: f.Client.Name} // its page shows no figures, which take a forecast
	out := taskPage{frame: v.frameOf(f, head, "/tasks"), ID: string(id), Title: t.Heading(), Facts: v.taskFacts(f, m, t)}
	out.page.Title = t.Heading()
	out.State, out.Word = taskState(m, t)
	for _, kind := range itemKinds[t.State] {
		out.Acts = append(out.Acts, v.acts(f, engagement.Item{Kind: kind, Subject: string(id)})...)
	}
	for i := range out.Acts {
		out.Acts[i].Main = i == 0
	}
	zone := models.Zone(v.Person.TimeZone)
	for _, c := range comments {
		out.Comments = append(out.Comments, commentLine{By: f.Called(c.By, "team"), Text: c.Text, Internal: c.Internal,
			When: fmt.Sprintf("%s, %s", weekdayAndDay(models.DateIn(c.At, zone)), c.At.In(zone).Format("15:04"))})
	}
	for i := range events {
		out.Events = append(out.Events, v.eventLine(f, events[len(events)-1-i]))
	}
	return v.show(http.StatusOK, taskPageOf(out))
}

// itemKinds are as what a task in a state may wait for somebody.
var itemKinds = map[engagement.TaskState][]engagement.ItemKind{engagement.TaskOpen: {engagement.ItemDo, engagement.ItemStaff},
	engagement.TaskSubmitted: {engagement.ItemAccept}, engagement.TaskBlocked: {engagement.ItemUnblock},
	engagement.TaskWaiting: {engagement.ItemDo}}

// taskFacts says who has a task, when it is due and what it waits for.
func (v *visit) taskFacts(f *engagement.Facts, m *engagement.Moment, t *engagement.Task) []fact {
	when := m.When(t)
	out := []fact{{Term: "Owner", Text: f.Called(t.Owner, t.OwnerRole)}}
	add := func(term, text string) {
		if text != "" {
			out = append(out, fact{Term: term, Text: text})
		}
	}
	add("Away", when.Away)
	if t.Backup != "" {
		add("Backup", f.Called(t.Backup, "team"))
	}
	if t.ApproverRole != "" {
		add("Accepted by", f.Called(t.Approver, t.ApproverRole))
	}
	if t.PerformBy.IsZero() {
		add("Due", models.Dated(t.Due))
	} else {
		add("Perform by", models.Dated(t.PerformBy))
		add("Send by", models.Dated(t.SendBy))
		add("Period", models.Dated(t.Period.Start)+" to "+models.Dated(t.Period.End))
	}
	if !t.PerformedOn.IsZero() {
		add("Performed", models.Dated(t.PerformedOn))
	}
	if t.Due != t.PlannedDue() {
		add("Planned", models.Dated(t.PlannedDue()))
	}
	if when.Expected.After(t.Due) {
		add("Expected", models.Dated(when.Expected))
	}
	for _, id := range when.WaitsFor {
		if d := f.Task(id); d != nil && f.SeesTask(v.Actor, d, v.Now) {
			out = append(out, fact{Term: "Waits for", Text: d.Heading() + ", " + f.Called(d.Owner, d.OwnerRole) + ", due " + models.Dated(d.Due),
				At: taskAt(f.Engagement.ID, id)})
		}
	}
	if t.State == engagement.TaskBlocked {
		add("Blocked", models.Sentence(t.Reason)+" "+f.Called(f.Unblocker(t), "team")+" is asked, since "+models.Dated(f.BlockedSince(t))+".")
	}
	add("Phase", f.PhaseName(t.Phase))
	if v.SeesHours() && t.Minutes > 0 {
		add("Effort", fmt.Sprintf("%d min", t.Minutes))
	}
	if tmpl, ok := f.Catalog.Template(t.Template); ok {
		add("Delivers", tmpl.Deliverable)
		add("Note", tmpl.Note)
	}
	return out
}
