package engagement

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
)

// A pause is time that does not count. Dates that were set before it move by its business days; what waits for somebody has not waited in
// it; what people agree in it stays as agreed. Its days are the local days of the client: the day on which it began counts, and the day on
// which the engagement goes on takes that day's place.

// A Pause is a span of time that does not count.
type Pause struct {
	From  models.Date     `json:"from"`
	To    models.Date     `json:"to,omitzero"`     // the day on which it went on; zero: it is still paused
	Until models.Date     `json:"until,omitzero"`  // the day on which it was expected to go on; zero: none was named
	By    models.PersonID `json:"by,omitempty"`    // who paused it; empty: it is not known
	At    time.Time       `json:"at,omitzero"`     // the instant on which it began; zero: it is not known
	Ended time.Time       `json:"ended,omitzero"`  // the instant on which it ended; zero: it has not, or it is not known
	Moved []models.TaskID `json:"moved,omitempty"` // what had been reported as done when it ended, and was moved by it
}

// pauses returns the pauses so far, the present one last.
func (f *Facts) pauses() []Pause {
	e := f.Engagement
	if n := len(e.Pauses); e.Status == StatusPaused && (n == 0 || !e.Pauses[n-1].To.IsZero()) { // it was paused before pauses were kept
		return append(slices.Clone(e.Pauses), Pause{From: e.PausedOn})
	}
	return e.Pauses
}

// within returns how many business days of a pause lie after one day and not after another.
func (p Pause) within(days *models.Calendar, after, until models.Date) int {
	from := models.Later(p.From, after)
	if !p.To.IsZero() {
		until = models.Earlier(p.To, until)
	}
	if !from.Before(until) {
		return 0
	}
	return days.Count(from, until)
}

// Waited returns for how many business days something has waited on a day that waits since another one: those of a calendar, without those
// of pauses. It is negative before it waits.
func (f *Facts) Waited(days *models.Calendar, since, day models.Date) int {
	n := f.LateBy(days, since, day)
	for _, p := range f.pauses() {
		n -= p.within(days, days.Roll(since), day)
	}
	return n
}

// WaitedBy returns the day on which something that waits since a day will have waited for a number of business days, as Waited counts them.
func (f *Facts) WaitedBy(days *models.Calendar, since models.Date, n int) models.Date {
	since = days.Roll(since)
	day := days.Add(since, n)
	for _, p := range f.pauses() {
		if from := models.Later(p.From, since); !p.To.IsZero() && from.Before(day) && from.Before(p.To) {
			day = days.Add(day, days.Count(from, p.To))
		}
	}
	return day
}

// Unpaused returns the day as which a day of the past counts against dates of the present: later by the business days of the pauses since.
// A day in a pause counts as the one on which it ended, or as long as it goes on as the one on which it began.
func (f *Facts) Unpaused(days *models.Calendar, day models.Date) models.Date {
	for _, p := range f.pauses() {
		switch {
		case p.To.IsZero():
			day = models.Earlier(day, p.From)
		case !day.After(p.From):
			if n := days.Count(p.From, p.To); n > 0 {
				day = days.Add(day, n)
			}
		default:
			day = models.Later(day, p.To)
		}
	}
	return day
}

// afterPauses returns what pauses have made of a day that was agreed at the start; none of no day.
func (f *Facts) afterPauses(day models.Date) models.Date {
	for _, p := range f.Engagement.Pauses {
		if n := f.ClientDays.Count(p.From, p.To); !day.IsZero() && !p.To.IsZero() && n > 0 {
			day = f.ClientDays.Add(day, n)
		}
	}
	return day
}

// MovedTo reports whether a due date that somebody was told of a task has become another one by pauses alone.
func (f *Facts) MovedTo(t *Task, told, due models.Date) bool {
	days := f.DaysOf(t)
	for i := range f.Engagement.Pauses {
		day := told
		for _, p := range f.Engagement.Pauses[i:] {
			if n := days.Count(p.From, p.To); n > 0 && !p.To.IsZero() {
				day = days.Add(day, n)
			}
		}
		if day == due {
			return true
		}
	}
	return false
}

// askedOn returns the day from which a task counts that hangs on an anchor and is asked for today: in a pause that on which it began, since
// what is set from then on moves with all other dates.
func (f *Facts) askedOn(anchor string, today models.Date) models.Date {
	if f.Engagement.Status == StatusPaused && !calendarBound(anchor) {
		return models.Earlier(f.Engagement.PausedOn, today)
	}
	return today
}

// agree gives a task the due date that people have agreed upon. In a pause it stays as agreed.
func (f *Facts) agree(t *Task, to models.Date, by models.PersonID, now time.Time) {
	f.bookPutOff(t, to, by, now)
	t.dueOn(to)
	t.Moved = true
	f.agreed(t, now)
}

// agreed notes on which day of a pause a due date was agreed.
func (f *Facts) agreed(t *Task, now time.Time) {
	if f.Engagement.Status == StatusPaused {
		t.AgreedOn = f.Today(now)
	}
}

// pause stops reminders and the clock of the firm's metrics; an open window runs on (RT-10). Where it asks for something meanwhile, it is
// paused only by who has confirmed that.
func (f *Facts) pause(c Command, now time.Time) error {
	if err := f.mayPause(); err != nil {
		return err
	}
	if err := f.checkUntil(c.Due, now); err != nil {
		return err
	}
	if u := f.Unasked(c.Due, now); u.Count > 0 && !slices.Contains(c.Confirm, UnaskedCode) {
		return models.Refuse(models.Invalid, "confirm", "%s: if that is meant, confirm %s", u.Text(), UnaskedCode)
	}
	f.effect = f.pauseEffect(c.Due, now)
	f.stop(c.Due, c.Actor.Person, now)
	f.log(Event{At: now, Actor: c.Actor.Person, Kind: c.event(), Field: "status", From: string(StatusRunning), To: string(StatusPaused),
		Reason: c.Reason})
	return nil
}

// mayPause refuses to pause what does not run.
func (f *Facts) mayPause() error {
	switch e := f.Engagement; e.Status {
	case StatusRunning:
		return nil
	case StatusPaused:
		return models.Refuse(models.Conflict, "status", "the engagement is paused already, since %s", e.PausedOn)
	default:
		return models.Refuse(models.Conflict, "status", "the engagement does not run: it is %s", e.Status)
	}
}

// mayResume refuses to let go on what is not paused.
func (f *Facts) mayResume() error {
	if e := f.Engagement; e.Status != StatusPaused {
		return models.Refuse(models.Conflict, "status", "the engagement is not paused: it is %s", e.Status)
	}
	return nil
}

// pausable refuses to ask for a pause, or its end, where it would be refused.
func (f *Facts) pausable(kind Kind) error {
	switch kind {
	case PauseEngagement:
		return f.mayPause()
	case ResumeEngagement:
		return f.mayResume()
	}
	return nil
}

// stop begins a pause that is expected to end on a day; the zero day means that none was named.
func (f *Facts) stop(until models.Date, by models.PersonID, now time.Time) {
	e, today := &f.Engagement, f.Today(now)
	e.Status, e.PausedOn = StatusPaused, today
	e.Pauses = append(slices.Clone(e.Pauses), Pause{From: today, Until: until, By: by, At: now})
}

// checkUntil refuses a day until which an engagement cannot be paused. No day is named by the zero one.
func (f *Facts) checkUntil(until models.Date, now time.Time) error {
	if today := f.Today(now); !until.IsZero() && (!until.After(today) || until.After(today.AddDays(maxAhead))) {
		return models.Refuse(models.Invalid, "until", "until %s must lie after today, %s, and not after %s", until, today,
			today.AddDays(maxAhead))
	}
	return nil
}

// resume lets the engagement run on. Open due dates shift by the business days of the pause; the as-of date, the window and
// what hangs on them do not (domain.md 9.2).
func (f *Facts) resume(c Command, now time.Time) error {
	e := &f.Engagement
	if err := f.mayResume(); err != nil {
		return err
	}
	f.effect = f.resumeEffect(now)
	e.Pauses = f.pauses()
	e.Status = StatusRunning
	f.log(Event{At: now, Actor: c.Actor.Person, Kind: c.event(), Field: "status", From: string(StatusPaused), To: string(StatusRunning),
		Reason: c.Reason})
	f.goOn(now)
	return nil
}

// goOn ends the last pause, which began on PausedOn: what is open shifts by its business days, and what fell due in it though the calendar
// sets its date is asked for now.
func (f *Facts) goOn(now time.Time) {
	e, today := &f.Engagement, f.Today(now)
	e.Pauses = slices.Clone(e.Pauses)
	last, before := len(e.Pauses)-1, f.endings(e.PausedOn)
	e.Pauses[last].To, e.Pauses[last].Ended = today, now
	for i := range f.Phases {
		f.shiftPhase(&f.Phases[i], f.ClientDays.Count(e.PausedOn, today), today)
	}
	to := f.afterThePause(today)
	for _, t := range f.Tasks {
		switch {
		case t.State.Closed():
		case t.MovesWithPauses():
			if f.shift(t, to[t.ID], today, now); t.State == TaskSubmitted {
				e.Pauses[last].Moved = append(e.Pauses[last].Moved, t.ID)
			}
		case f.superseded(t, today):
			f.cancelTask(t, "it was not held, and the next one is due on "+f.nextOf(t).Due.String(), now)
		default:
			f.askLate(t, today, now)
		}
	}
	f.shiftRequests(e.Pauses[last], now)
	f.bookPause(e.Pauses[last], before, f.endings(today))
	if e.PausedOn == today { // it took no time
		e.Pauses = slices.Clip(e.Pauses[:last])
	}
	if len(e.Pauses) == 0 {
		e.Pauses = nil
	}
	e.PausedOn = models.Date{}
	if plan, err := f.schedule(); err == nil {
		f.replan(plan)
	}
}

// shiftPhase moves the day from which the dates of an active phase count by the business days of a pause, unless only a decision moves it.
func (f *Facts) shiftPhase(st *PhaseState, away int, today models.Date) {
	if away > 0 && st.Standing == StandingActive && !calendarBound(f.anchorOf(st.Phase)) {
		st.Began = f.ClientDays.Add(st.Began, away)
		st.Through = models.Earlier(f.ClientDays.Add(st.Through, away), today) // what repeats goes on as before
	}
}

// catchUp moves the dates of a task that was closed by the pauses that have ended since, as they would have moved if it had been open. What
// had only been reported as done when a pause ended was moved by it then.
func (f *Facts) catchUp(t *Task) {
	if !t.MovesWithPauses() || t.DoneAt.IsZero() {
		return
	}
	days, done := f.DaysOf(t), models.DateIn(t.DoneAt, f.Location())
	for _, p := range f.Engagement.Pauses {
		n := days.Count(p.From, p.To)
		before := !done.After(p.From)
		if !p.Ended.IsZero() {
			before = t.DoneAt.Before(p.Ended)
		}
		switch {
		case p.To.IsZero() || !before || n <= 0 || slices.Contains(p.Moved, t.ID):
		case !t.AgreedOn.IsZero() && !t.AgreedOn.Before(p.From) && !t.AgreedOn.After(p.To):
			t.Due, t.AgreedOn = models.Later(t.Due, days.Add(p.To, 1)), models.Date{}
		default:
			for _, day := range []*models.Date{&t.Due, &t.Original, &t.Planned} {
				if !day.IsZero() {
					*day = days.Add(*day, n)
				}
			}
		}
	}
}

// countedDone returns the day on which a task that is closed was done, as it counts against the due date it had when it was closed: pauses
// that moved the task count as in Unpaused, and a day in another one as the day on which that began.
func (f *Facts) countedDone(days *models.Calendar, t *Task) models.Date {
	done := models.DateIn(t.DoneAt, f.Location())
	for _, p := range f.pauses() {
		switch within := done.After(p.From) && (p.To.IsZero() || done.Before(p.To)); {
		case slices.Contains(p.Moved, t.ID) && !done.After(p.From):
			done = days.Add(done, max(0, days.Count(p.From, p.To)))
		case slices.Contains(p.Moved, t.ID):
			done = models.Later(done, p.To)
		case within:
			return p.From
		}
	}
	return done
}

// shiftRequests moves the dates for which more time was asked before a pause by its business days, as it moves those of the tasks.
func (f *Facts) shiftRequests(p Pause, now time.Time) {
	for _, d := range f.Decisions {
		t := f.Task(d.Change.Task)
		if d.State != DecisionPending || d.Kind != ExtendTask || t == nil || !t.MovesWithPauses() || !p.At.IsZero() && d.ProposedAt.After(p.At) {
			continue
		}
		days := f.DaysOf(t)
		if n := days.Count(p.From, p.To); n > 0 {
			was := d.Change.Due
			d.Change.Due = days.Add(was, n)
			f.touchDecision(d)
			f.log(Event{At: now, Kind: "decision.retimed", Subject: d.ID, Field: "due", From: was.String(), To: d.Change.Due.String(),
				Reason: pausedWhy})
		}
	}
}

// pausedWhy is what the record says of a due date that a pause has moved.
const pausedWhy = "the engagement was paused"

// afterThePause returns when the open tasks are due that the pause moves which ends today: each by the business days of its owner in the
// pause, so that as many are left as were when it began, and none before what it waits for because their owners' calendars differ.
func (f *Facts) afterThePause(today models.Date) map[models.TaskID]models.Date {
	to, open := map[models.TaskID]models.Date{}, f.At(time.Time{})
	for _, t := range f.Tasks {
		if days := f.DaysOf(t); !t.State.Closed() && t.MovesWithPauses() {
			to[t.ID] = t.Due
			if away := days.Count(f.Engagement.PausedOn, today); away > 0 && t.AgreedOn.IsZero() {
				to[t.ID] = days.Add(t.Due, away)
			} else if away > 0 {
				to[t.ID] = models.Later(t.Due, days.Add(today, 1))
			}
		}
	}
	for changed, n := true, 0; changed && n < len(f.Tasks); n++ {
		changed = false
		for _, t := range f.Tasks {
			if _, moves := to[t.ID]; !moves || !t.AgreedOn.IsZero() {
				continue
			}
			for _, d := range open.first(t) {
				if is := to[d.ID]; !d.Due.After(t.Due) && is.After(to[t.ID]) {
					to[t.ID], changed = f.DaysOf(t).Roll(is), true
				}
			}
		}
	}
	return to
}

// shift gives a task the day on which it is due after a pause, and moves its first due date and the day it was opened by the business days
// of the pause: a pause makes nobody late or slow. What was agreed in the pause stays, but that nothing is due in it.
func (f *Facts) shift(t *Task, to, today models.Date, now time.Time) {
	days := f.DaysOf(t)
	away := days.Count(f.Engagement.PausedOn, today)
	if away <= 0 && to == t.Due {
		t.AgreedOn = models.Date{}
		return
	}
	first := to
	if t.Original != t.Due {
		first = days.Add(t.Original, away)
	}
	f.putBy(t, to, pausedWhy, now)
	t.Original = first
	if !t.Planned.IsZero() {
		t.Planned = days.Add(t.Planned, away)
	}
	if !t.OpenedOn.IsZero() {
		t.OpenedOn = models.Earlier(days.Add(t.OpenedOn, away), today)
	}
	if !t.Period.Start.IsZero() {
		t.Period.Start, t.Period.End = days.Add(t.Period.Start, away), to
	}
	if !t.Snoozed.IsZero() {
		t.Snoozed = models.Earlier(days.Add(t.Snoozed, away), days.Add(today, f.Catalog.Reminders.Snooze.MaxBusinessDaysEach))
	}
	if st := f.Phase(t.Phase); st == nil || st.Standing != StandingActive {
		t.Moved = true // its phase has been left: the plan would put it back
	}
	f.touch(t)
}

// putBy gives a task the due date that a pause makes of the one it has. How far its reminders have come, what was put off and that it is
// late stay as they were.
func (f *Facts) putBy(t *Task, to models.Date, why string, now time.Time) {
	if to != t.Due {
		f.log(Event{At: now, Kind: "task.retimed", Subject: string(t.ID), Field: "due", From: t.Due.String(), To: to.String(), Reason: why})
	}
	late, snoozed, snoozes := t.Late, t.Snoozed, t.Snoozes
	t.dueOn(to)
	t.Snoozed, t.Snoozes, t.Late = snoozed, snoozes, late && now.After(f.deadline(t))
	f.touch(t)
}

// unaskedWhy is what the record says of a due date that lay in a pause and that only a decision moves: the day by which it is asked for is
// another one then, but not the period in which a control is performed.
const unaskedWhy = "it fell due while the engagement was paused, and nobody was asked"

// askLate gives what fell due in a pause, though no pause shifts it, the next business day: nobody is late with what nobody was asked for.
// That a control was not performed in its period stays what it is.
func (f *Facts) askLate(t *Task, today models.Date, now time.Time) {
	agreed := !t.AgreedOn.IsZero()
	t.AgreedOn = models.Date{}
	if t.Late || t.State == TaskSubmitted || t.Due.Before(f.Engagement.PausedOn) || t.Due.After(today) ||
		today == f.Engagement.PausedOn && !agreed {
		return
	}
	to := f.DaysOf(t).Add(today, 1)
	f.putBy(t, to, unaskedWhy, now)
	t.Original = to
	if !t.SendBy.IsZero() {
		t.SendBy = models.Later(t.SendBy, to)
	}
}

func (f *Facts) anchorOf(p catalog.Phase) string {
	t, _ := f.Catalog.Phase(p)
	return t.StartAnchor
}

// UnaskedCode is what is confirmed to pause an engagement though nobody would be asked for what falls due meanwhile.
const UnaskedCode = "unasked"

// unaskedDays is how many days ahead is looked where no day was named until which an engagement is to be paused.
const unaskedDays = 28

// Unasked says how many occurrences of recurring controls would fall due in a pause from now on: an open window runs on, and nobody would
// be asked for them.
type Unasked struct {
	Until models.Date // the last day of those that were counted
	Named bool        // the day was named; else it is four weeks from now
	Count int
	First []string // titles of those that fall due first, three at most
	Due   models.Date
}

// Unasked counts the occurrences of recurring controls that would fall due if the engagement were paused from now on until a day; the zero
// day means that none was named.
func (f *Facts) Unasked(until models.Date, now time.Time) Unasked {
	today := f.Today(now)
	u := Unasked{Until: until, Named: !until.IsZero()}
	if !u.Named {
		u.Until = today.AddDays(unaskedDays)
	}
	var all []falling
	for _, x := range f.falls() {
		if !x.due.Before(today) && !x.due.After(u.Until) {
			all = append(all, x)
		}
	}
	slices.SortStableFunc(all, func(a, b falling) int { return a.due.Compare(b.due) })
	u.Count = len(all)
	for _, x := range all[:min(3, len(all))] {
		u.First = append(u.First, x.title)
	}
	if len(all) > 0 {
		u.Due = all[0].due
	}
	return u
}

// windowAsks reports whether the window is open, or is to be opened by the calendar alone: then it asks for something in a pause.
func (f *Facts) windowAsks() bool {
	st := f.Phase(catalog.PhaseWindow)
	return st != nil && (st.Standing == StandingActive || st.Standing == StandingWaiting && f.leftBefore(st.Phase))
}

// falling is an occurrence that falls due on a day.
type falling struct {
	due   models.Date
	title string
}

// falls returns the occurrences of recurring controls that the window asks for, or will: those that are to be done and not late, and those
// to come. It returns none of a window that has ended, or that nothing lets begin.
func (f *Facts) falls() []falling {
	st := f.Phase(catalog.PhaseWindow)
	if !f.windowAsks() {
		return nil
	}
	occurs := func(t catalog.TaskTemplate) bool { return t.Due.FromCadence && t.Checks == "" }
	var out []falling
	for _, t := range f.Tasks {
		if occurs(f.templateOf(t)) && !t.State.Closed() && t.State != TaskSubmitted && !t.Late {
			_, about, _ := strings.Cut(t.Title, ": ")
			out = append(out, falling{t.Due, about})
		}
	}
	for _, r := range f.recurring(st) {
		if occurs(r.tmpl) && r.Period.Start.After(st.Through) {
			out = append(out, falling{sooner(r.PerformBy, r.Due), r.Title})
		}
	}
	return out
}

// PerWeek returns how many occurrences fall due in a week of a pause on average, rounded up.
func (u Unasked) PerWeek() int { return (u.Count*7 + unaskedDays - 1) / unaskedDays }

// Text says in a sentence without a full stop what falls due unasked.
func (u Unasked) Text() string {
	if u.Count == 0 {
		return "nothing that the window asks for falls due until " + models.Dated(u.Until)
	}
	what := models.Count(u.Count, "occurrence") + " of recurring controls " + verb(u.Count, "falls", "fall") + " due "
	if u.Named {
		what += "until " + models.Dated(u.Until)
	} else {
		what += fmt.Sprintf("in the next four weeks, about %d a week,", u.PerWeek())
	}
	return what + " and nobody is asked for " + verb(u.Count, "it", "them") + " in a pause, since the window runs on; the first, " +
		models.Quoted(u.First[0]) + ", on " + models.Dated(u.Due)
}

// unaskedText says what fell due in a pause: by when it is asked for now, and what of it was not performed in its period.
func unaskedText(all []*Task) string {
	slices.SortStableFunc(all, func(a, b *Task) int { return cmp.Compare(a.ID, b.ID) })
	var titles []string
	missed := 0
	for _, t := range all {
		titles = append(titles, t.Heading())
		if t.Missed || t.Performing() && t.Period.End.Before(t.Due) {
			missed++
		}
	}
	text := models.Count(len(all), "thing") + " of yours fell due meanwhile, and nobody asked you: " + listing("", titles)
	text += " " + verb(len(all), "It is", "They are") + " due " + models.Dated(all[0].Due) + " now."
	if missed > 0 {
		text += fmt.Sprintf(" %s not performed in %s period, as far as is known: say on which day it was done, if it was.",
			verb(missed, "1 of them was", fmt.Sprintf("%d of them were", missed)), verb(missed, "its", "their"))
	}
	return text
}

// PausedUntil returns the day on which an engagement that is paused is expected to go on; zero where it is not, or none was named.
func (e Engagement) PausedUntil() models.Date {
	if n := len(e.Pauses); e.Status == StatusPaused && n > 0 && e.Pauses[n-1].To.IsZero() {
		return e.Pauses[n-1].Until
	}
	return models.Date{}
}

// PausedSince says since when something is paused, and when it is expected to go on, if that is known.
func PausedSince(on, until models.Date) string {
	text := "paused"
	if !on.IsZero() {
		text += " since " + models.Dated(on)
	}
	if !until.IsZero() {
		text += ", expected to resume on " + models.Dated(until)
	}
	return text
}

// PausedFor returns for how many business days of the client the engagement was paused last, and the pause; none where it was not.
func (f *Facts) PausedFor() (Pause, int) {
	for i := len(f.Engagement.Pauses) - 1; i >= 0; i-- {
		if p := f.Engagement.Pauses[i]; !p.To.IsZero() {
			return p, f.ClientDays.Count(p.From, p.To)
		}
	}
	return Pause{}, 0
}
