package engagement

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/planning"
)

// A recurring control is performed in its period, and the proof is sent after that: two dates, and two facts (domain.md 4.3).

// Performing reports whether a task waits for its control to be performed, or for somebody to say on which day it was.
func (t *Task) Performing() bool { return !t.PerformBy.IsZero() && t.PerformedOn.IsZero() }

// misses reports whether a control was not performed in its period, as far as is known on a day: the period has passed and no performance
// is known, or the one that was stated lies after it.
func (t *Task) misses(today models.Date) bool {
	switch {
	case t.PerformBy.IsZero(), t.State == TaskCancelled, t.State == TaskWaived:
		return false
	case t.PerformedOn.IsZero():
		return today.After(t.Period.End)
	}
	return t.performedLate()
}

// performedLate reports whether the day that was stated of a control's performance lies after its period.
func (t *Task) performedLate() bool {
	return !t.PerformBy.IsZero() && t.PerformedOn.After(t.Period.End)
}

// markMissed notes which controls were missed, on the day after their period and whenever another day of performance is stated.
func (f *Facts) markMissed(now time.Time) {
	today := f.Today(now)
	for _, t := range f.Tasks {
		if misses := t.misses(today); misses != t.Missed {
			t.Missed = misses
			f.touch(t)
			f.log(Event{At: now, Kind: "task.missed", Subject: string(t.ID), Field: "missed", From: models.YesNo(!misses), To: models.YesNo(misses)})
		}
	}
}

// MissedCode is the code of the reason that controls are missed and open.
const MissedCode = "missed"

// notPerformed gives the reason that controls were missed and nobody has said when they were performed after all: the first of them, and
// how many more there are.
func (f *Facts) notPerformed() []Reason {
	missed := models.Keep(f.Tasks, func(t *Task) bool { return t.Missed && !t.State.Closed() })
	if len(missed) == 0 {
		return nil
	}
	first := slices.MinFunc(missed, func(a, b *Task) int { return cmp.Or(a.Period.End.Compare(b.Period.End), cmp.Compare(a.ID, b.ID)) })
	text := fmt.Sprintf("%s was not performed by %s, as far as is known", first.Heading(), models.Dated(first.Period.End))
	if !first.PerformedOn.IsZero() {
		text = fmt.Sprintf("%s was performed on %s, after its period, which ended on %s", first.Heading(), models.Dated(first.PerformedOn),
			models.Dated(first.Period.End))
	}
	if n := len(missed) - 1; n > 0 {
		text += "; " + models.AndMore(n, "the status lists all controls that were missed")
	}
	return []Reason{{Code: MissedCode, Subject: string(first.ID), Text: text}}
}

// A Missed is a control that was not performed in its period, as far as is known: an exception that an auditor will find.
type Missed struct {
	Task  models.TaskID   `json:"task"`
	Title string          `json:"title"`
	Owner models.PersonID `json:"owner,omitempty"`
	Ended models.Date     `json:"ended"`          // the last day of its period
	On    models.Date     `json:"on,omitzero"`    // the day of its performance; zero: nobody has said
	Done  bool            `json:"done,omitempty"` // its evidence was sent, and accepted where somebody has to
}

// mostMissed is how many closed controls that were missed an engagement names; of others it knows how many there are.
const mostMissed = 200

// missedBy returns a missed control as a status names it: by the control and the period, without what is to be done with it.
func missedBy(t *Task) Missed {
	title := t.Heading()
	if _, about, ok := strings.Cut(t.Title, ": "); ok && t.Subject != "" {
		title = about
	}
	return Missed{Task: t.ID, Title: title, Owner: t.Owner, Ended: t.Period.End, On: t.PerformedOn, Done: t.State == TaskDone}
}

// bookMissed keeps that a control which is now done was performed after its period: what is closed is not read for a status.
func (f *Facts) bookMissed(t *Task) {
	if !t.performedLate() {
		return
	}
	o := &f.Engagement.Outlook
	if len(o.Missed) >= mostMissed {
		o.MissedMore++
		return
	}
	o.Missed = append(slices.Clone(o.Missed), missedBy(t))
}

// unbookMissed takes back what bookMissed kept of a control that is taken up again: as long as it is open it speaks for itself.
func (f *Facts) unbookMissed(t *Task) {
	o := &f.Engagement.Outlook
	rest := models.Keep(slices.Clone(o.Missed), func(m Missed) bool { return m.Task != t.ID })
	if len(rest) == len(o.Missed) && t.performedLate() {
		o.MissedMore = max(0, o.MissedMore-1)
	}
	o.Missed = rest
}

// Missed returns the controls that were not performed in their period, as far as is known, open or closed, by the end of their period,
// and how many there are.
func (f *Facts) Missed() (all []Missed, n int) {
	o := f.Engagement.Outlook
	all = slices.Clone(o.Missed)
	for _, t := range f.Tasks {
		if t.Missed && !t.State.Closed() {
			all = append(all, missedBy(t))
		}
	}
	slices.SortFunc(all, func(a, b Missed) int { return cmp.Or(a.Ended.Compare(b.Ended), cmp.Compare(a.Task, b.Task)) })
	return all, len(all) + o.MissedMore
}

// MissedWords says in a sentence how many controls of an engagement were not performed in their period, n, and names the first of those
// that are given, some at most, and what lists the others. It is empty when there are none.
func MissedWords(id models.EngagementID, all []Missed, n, most int) string {
	if n == 0 {
		return ""
	}
	var names []string
	for _, m := range all[:min(most, len(all))] {
		names = append(names, m.words())
	}
	text := fmt.Sprintf("%s%s not performed in %s period, which an auditor will find: %s", models.Count(n, "control"),
		verb(n, " was", " were"), verb(n, "its", "their"), strings.Join(names, "; "))
	if rest := n - len(names); rest > 0 {
		text += "; " + models.AndMore(rest, "tickmark engagement status "+string(id)+" --all")
	}
	return text + "."
}

// words says of a missed control when its period ended and when it was performed.
func (m Missed) words() string {
	when := "nobody has said when it was performed"
	if !m.On.IsZero() {
		when = "performed on " + models.Dated(m.On)
	}
	return fmt.Sprintf("%s (its period ended on %s, %s)", m.Title, models.Dated(m.Ended), when)
}

// occurs returns an occurrence as a template asks for it. A control is performed and sent by the dates of the occurrence. What looks over
// it follows some business days after, and no later than the last evidence of the window may come.
func (f *Facts) occurs(o planning.Occurrence, tmpl catalog.TaskTemplate, days *models.Calendar) planning.Occurrence {
	o.Due = days.Add(o.Due, tmpl.Due.Offset)
	if n := f.Catalog.Sampling.Occurrences.SendAfterClose; n > 0 {
		o.Due = models.Earlier(o.Due, days.Add(f.Engagement.Window().End, n))
	}
	if tmpl.Checks != "" {
		o.PerformBy = models.Date{}
	}
	return o
}

// perform states the day on which the control of a task was performed; what was stated before is corrected. Then its evidence is due.
func (f *Facts) perform(t *Task, c Command, now time.Time) error {
	switch {
	case t.PerformBy.IsZero():
		return hasNone(t)
	case t.State.Closed() || t.State == TaskSubmitted:
		return models.Refuse(models.Conflict, "task", "%s is %s: reopen it to correct the day of its performance", t.ID, t.State)
	case c.On.IsZero():
		c.On = f.Today(now)
	}
	return f.state(t, c, now)
}

// performs states the day of performance of a control that is reported as done: the one given, the one stated before, or today as long as
// its period goes on.
func (f *Facts) performs(t *Task, c Command, now time.Time) error {
	switch today := f.Today(now); {
	case t.PerformBy.IsZero() && (c.On.IsZero() || len(c.Tasks) > 1 || f.templateOf(t).IssuesReport), !t.PerformedOn.IsZero() && c.On.IsZero():
		return nil
	case t.PerformBy.IsZero():
		return hasNone(t)
	case c.On.IsZero() && today.After(t.Period.End):
		return models.Refuse(models.Invalid, "on",
			"on is missing: the period of %s ended on %s, so say on which day it was performed", t.ID, models.Dated(t.Period.End))
	case c.On.IsZero():
		c.On = today
	}
	return f.state(t, c, now)
}

// hasNone refuses a day of performance for a task that has none.
func hasNone(t *Task) error {
	return models.Refuse(models.Invalid, "on",
		"%s has no day of its own: a control that recurs in the window is performed on one, and a report issued", t.ID)
}

// state notes on which day a control was performed: a day of its period, or one after it until today.
func (f *Facts) state(t *Task, c Command, now time.Time) error {
	if today := f.latestToday(t, now); c.On.Before(t.Period.Start) || c.On.After(today) {
		return models.Refuse(models.Invalid, "on", "on %s must be a day from %s, when the period of %s began, to today, %s", c.On,
			t.Period.Start, t.ID, today)
	}
	if c.On == t.PerformedOn {
		return nil
	}
	f.log(Event{At: now, Actor: c.Actor.Person, Kind: rowOf[PerformTask].event, Subject: string(t.ID), Field: "performed_on",
		From: t.PerformedOn.String(), To: c.On.String()})
	if t.PerformedOn.IsZero() {
		t.PerformedOn = c.On
		t.dueOn(t.SendBy)
		return nil
	}
	t.PerformedOn = c.On
	return nil
}

// latestToday returns the date where a task's owner is, or where the engagement is kept, whichever is later: nobody performs tomorrow.
func (f *Facts) latestToday(t *Task, now time.Time) models.Date {
	return models.Later(f.todayOf(t, now), f.Today(now))
}

// StatedOn returns the day that who reports tasks as done today has to state: today, where one of them is a control whose period is over;
// else none, since they are performed today when nothing is said.
func (f *Facts) StatedOn(tasks []models.TaskID, now time.Time) models.Date {
	today := f.Today(now)
	for _, id := range tasks {
		if t := f.Task(id); t != nil && t.Performing() && today.After(t.Period.End) {
			return today
		}
	}
	return models.Date{}
}

// checkPerformBy refuses a due date after the period in which a control is still to be performed.
func (t *Task) checkPerformBy(due models.Date) error {
	if !t.Performing() || !due.After(t.Period.End) {
		return nil
	}
	return models.Refuse(models.Conflict, "due", "%s is performed by %s, when its period ends: a later performance does not count for it",
		t.ID, models.Dated(t.Period.End))
}

// asksDay asks for the day of a performance, and says to which days it belongs and what follows: today is offered as long as the period
// goes on.
func asksDay(form *Form, on asked, title, follows string) {
	day, period := Field{Name: "on", Label: "On which day was it performed?", Kind: FieldDay}, on.task.Period
	if !on.today.After(period.End) {
		day.Value = on.today.String()
	}
	form.Title, form.Fields = title, []Field{day}
	form.Note = "It belongs to the days from " + models.Dated(period.Start) + " to " + models.Dated(period.End) + ". " + follows
}

func (f *Facts) asksWhenPerformed(form *Form, on asked) {
	if on.task.PerformBy.IsZero() {
		return
	}
	asksDay(form, on, "Performed", "The proof is to be sent by "+models.Dated(on.task.SendBy)+".")
}

// asksWhenDone asks for the day of what has one, when it is reported as done: a report that is issued, and a control that is performed.
func (f *Facts) asksWhenDone(form *Form, on asked) {
	if f.templateOf(on.task).IssuesReport {
		f.asksWhenIssued(form, on)
		return
	}
	if !on.task.Performing() {
		return
	}
	asksDay(form, on, "Performed and sent", "Say so only when the proof is sent, too; else press Performed.")
}

// asksWhenIssued asks on which day a report was issued: today unless said, as over the API and on the command line.
func (f *Facts) asksWhenIssued(form *Form, on asked) {
	today := models.Earlier(on.today, on.here) // a day that has not come where the engagement is, is refused
	form.Title, form.Submit = "The report is issued", "Issued"
	form.Fields = []Field{{Name: "on", Label: "On which day was it issued?", Kind: FieldDay, Value: today.String()}}
	form.Note = "That is the day of the report from then on, for everybody"
	if begun := f.Phase(on.task.Phase).Actual.Start; !begun.IsZero() {
		form.Note += ": a day from " + models.Dated(begun) + ", when " + f.PhaseName(on.task.Phase) + " began, to today"
	}
	form.Note += "."
}
