package engagement

import (
	"fmt"
	"slices"

	"tickmark/models"
	"tickmark/models/catalog"
)

// A causeKind is a kind of what can make a step later.
type causeKind int

const (
	causePhase  causeKind = iota // a phase took longer, and nobody in particular is known to be why
	causeOpen                    // somebody is late now
	causeMoved                   // a due date was put off beyond the end of its phase
	causeSlip                    // somebody was late with what is done
	causePause                   // the engagement was paused
	causeScope                   // there is more to do than was agreed
	causeAsOf                    // the as-of date was moved by decision
	causeWindow                  // the window was moved by decision
	causeMissed                  // the window was missed, and nobody has proposed another first day
	causeEarly                   // a phase was quicker than planned, or kept its fixed date though what comes before it was late
	causeAgain                   // a phase was opened again
	causeAdded                   // a task was added that ends after its phase
	causeSign                    // a phase waits for a signature
)

// A cause makes a step later, or earlier.
type cause struct {
	kind  causeKind
	phase catalog.Phase
	owner models.PersonID
	task  *Task // open late, moved, or added
	more  int   // how many others like the task, or moved with it
	// beside has what is late side by side with the task, and as late: none of them alone holds up anything.
	beside []*Task
	gate   Gate // to be signed
	slip   Slip
	days   int    // by which it makes its step later
	off    PutOff // of what was moved
}

// driver says what a cause is, and by how many days it moves a report.
func (v *view) driver(c cause, days int) Driver {
	f := v.f
	d := Driver{Phase: c.phase, Subject: string(c.phase), Days: days, Owner: c.owner}
	name, e, base := f.PhaseName(c.phase), f.Engagement, f.Engagement.Baseline
	switch c.kind {
	case causeOpen:
		d.Subject = string(c.task.ID)
		d.Text = f.overdueText(c.task)
		if c.more > 0 {
			d.Text += ", " + models.AndMore(c.more, "") + " of the same" // a status lists them beside it: they are overdue
		}
		if len(c.beside) > 0 {
			d.Text += ", and side by side with it " + models.Listed(f.called(c.beside))
		}
	case causeMoved:
		d.Subject = string(c.task.ID)
		d.Text = f.putOffText(c)
	case causeSlip:
		d.Subject, d.Text = c.slip.Subject, f.slipText(c.slip)
	case causePause:
		d.Subject, d.Text = "pause", "the engagement was paused"
		if !c.slip.From.IsZero() {
			d.Text += fmt.Sprintf(" from %s to %s", c.slip.From, c.slip.On)
		}
	case causeScope:
		d.Subject, d.Text = "scope", name+" takes longer since the scope was changed"
	case causeAsOf:
		d.Subject, d.Text = "as_of_date", fmt.Sprintf("the as-of date was moved by decision from %s to %s", base.asOf(e), e.AsOf)
	case causeWindow:
		was, is := base.Phases[catalog.PhaseWindow], e.Window()
		d.Subject = "window_close"
		d.Text = fmt.Sprintf("the window was moved by decision: %s to %s instead of %s to %s", is.Start, is.End, was.Start, was.End)
	case causeMissed:
		d.Subject = "window_open"
		d.Text = fmt.Sprintf("the window was to open on %s, and nobody has proposed another first day", e.WindowOpen)
	case causeAgain:
		if d.Text = name + " was opened again"; c.task != nil {
			d.Text += fmt.Sprintf(" and waits for %s (%s), due %s", c.task.Heading(), f.Called(c.task.Owner, c.task.OwnerRole), c.task.Due)
		}
	case causeAdded:
		d.Subject = string(c.task.ID)
		d.Text = fmt.Sprintf("%s, due %s, was added", c.task.Heading(), c.task.Due)
	case causeSign:
		d.Subject = c.gate.ID
		d.Text = fmt.Sprintf("%s waits for %s to sign: %s", name, f.Called(c.owner, string(c.gate.Approver)), f.GateText(c.gate.ID))
	case causeEarly:
		d.Text = v.earlyText(c.phase, name)
	default:
		d.Text = v.phaseText(c.phase, name)
	}
	return d
}

// earlyText says why a phase makes a report earlier. What begins or ends on a date that only a decision moves cannot be quick: it kept its
// date, whatever was late before it.
func (v *view) earlyText(p catalog.Phase, name string) string {
	switch e := v.f.Engagement; p {
	case catalog.PhaseT1Prep:
		return fmt.Sprintf("the as-of date, %s, is fixed: what was late before it does not move it", e.AsOf)
	case catalog.PhaseWindow:
		return fmt.Sprintf("the window, %s to %s, is fixed: what was late before it does not move it", e.Window().Start, e.Window().End)
	}
	return name + " was quicker than planned"
}

// overdueText says that an open task is late, and who has it.
func (f *Facts) overdueText(t *Task) string {
	who := f.Called(t.Owner, t.OwnerRole)
	switch {
	case t.State == TaskSubmitted:
		return fmt.Sprintf("%s, due %s, waits for %s to accept it", t.Heading(), t.Due, f.Called(t.Approver, t.ApproverRole))
	case t.State == TaskBlocked && t.BlockedBy == models.SideFirm:
		return fmt.Sprintf("%s (%s), due %s, is blocked by the firm (%s)", t.Heading(), who, t.Due, f.Called(f.Unblocker(t), "manager"))
	}
	return fmt.Sprintf("%s (%s), due %s, is not done", t.Heading(), who, t.Due)
}

// slipText says what was done late, or put off, that is done.
func (f *Facts) slipText(s Slip) string {
	who := f.Called(s.Owner, s.Role)
	switch {
	case s.Kind == slipMoved:
		return s.Title
	case s.More > 0:
		return fmt.Sprintf("%s %s (%s) were done up to %s late", s.Title, models.AndMore(s.More, ""), who, models.BusinessDays(s.Over))
	case s.Waived:
		return fmt.Sprintf("%s (%s) was waived %s after it was due", s.Title, who, models.BusinessDays(s.Over))
	}
	return fmt.Sprintf("%s (%s) was done %s late", s.Title, who, models.BusinessDays(s.Over))
}

// putOffText says that dates were put off, until when, and by which decision.
func (f *Facts) putOffText(c cause) string {
	what, was := fmt.Sprintf("%s (%s)", c.task.Heading(), f.Called(c.task.Owner, c.task.OwnerRole)), "was"
	if c.more > 0 {
		what, was = fmt.Sprintf("%s and %s", what, models.Count(c.more, "more task")), "were"
	}
	text := fmt.Sprintf("%s %s put off until %s", what, was, c.task.Due)
	if !c.off.On.IsZero() {
		text += fmt.Sprintf(", which %s decided on %s", f.Called(c.off.By, "manager"), c.off.On)
	}
	return text
}

// phaseText says that a phase was left late, or is not over.
func (v *view) phaseText(p catalog.Phase, name string) string {
	st, base := v.f.Phase(p), v.f.Engagement.Baseline.Phases[p].End
	end := v.f.leftOn(st)
	if end.IsZero() {
		return fmt.Sprintf("%s is not over, which was planned to end on %s", name, base)
	}
	return fmt.Sprintf("%s ended %s instead of %s", name, end, base)
}

// forecast returns when each report is expected, and why.
func (v *view) forecast() Forecast {
	f, e := v.f, v.f.Engagement
	out := Forecast{AsOf: e.AsOf, Window: e.WindowOpen}
	if f.onRoute(catalog.PhaseT1Prep) && f.Phase(catalog.PhaseT1Prep).Standing != StandingDone && v.ends[stepAsOf] > v.days.On(e.AsOf) {
		out.AsOf = v.day(stepAsOf)
	}
	if st := f.Phase(catalog.PhaseWindow); st != nil && st.Standing == StandingWaiting && v.ends[stepOpen] > v.days.On(e.WindowOpen) {
		out.Window = v.day(stepOpen)
	}
	for _, k := range f.reports() {
		out.Reports = append(out.Reports, v.promise(k))
	}
	if n := len(out.Reports); n > 0 {
		last := out.Reports[n-1]
		out.Report, out.Cautious, out.Issued = last.Expected, last.Cautious, !last.Issued.IsZero()
		out.Late, out.Pace, out.Drivers = last.Late, last.Pace, last.Drivers
		if !out.Issued {
			out.Notes = v.notes(out)
			out.Helps = v.helps(last)
		}
	}
	return out
}

// promise returns when one report is expected or was issued, and why it is late.
func (v *view) promise(k ReportKind) Promise {
	f := v.f
	step := stepOf[k.Phase()]
	p := Promise{Kind: k, Promised: f.Promised(k), Issued: f.IssuedOn(k)}
	day := v.ends[step]
	if p.Issued.IsZero() {
		day = max(day, v.days.On(v.today))
		p.Pace = v.paceOn(k, day)
		day += p.Pace
		p.Expected = v.days.Day(day)
		p.Cautious = v.days.Day(day + f.Engagement.Outlook.Spread[k])
	} else {
		p.Expected, p.Cautious, day = p.Issued, p.Issued, v.days.On(p.Issued)
	}
	p.Late = day - v.days.Next(p.Promised) + 1
	if p.Late > 0 {
		p.Drivers = v.drivers(k, step, day, p)
	}
	return p
}

// drivers returns what makes a report late: shares of causes, what the promise differs from the plan by, and the pace. They sum to p.Late.
func (v *view) drivers(k ReportKind, step, day int, p Promise) []Driver {
	var out []Driver
	rest := p.Late - p.Pace
	add := func(d Driver) {
		if d.Days == 0 {
			return
		}
		rest -= d.Days
		for i := range out {
			if out[i].Subject == d.Subject && out[i].Text == d.Text {
				out[i].Days += d.Days
				return
			}
		}
		out = append(out, d)
	}
	shares := v.net.Shares(step, len(v.causes))
	v.evenly(shares)
	for i, n := range shares {
		if n != 0 {
			add(v.driver(v.causes[i], n))
		}
	}
	none := v.net.Ends(func(int) bool { return false }, nil)[step]
	add(Driver{Subject: "promise", Days: none - v.days.Next(p.Promised) + 1,
		Text: fmt.Sprintf("the plan as it was agreed ends on %s, not on %s",
			v.days.Day(none), p.Promised)})
	add(Driver{Phase: k.Phase(), Subject: string(k.Phase()), Days: rest, Text: v.phaseText(k.Phase(), v.f.PhaseName(k.Phase()))})
	out = slices.DeleteFunc(out, func(d Driver) bool { return d.Days == 0 })
	slices.SortStableFunc(out, func(a, b Driver) int { return b.Days - a.Days })
	if p.Pace > 0 {
		out = append(out, Driver{Subject: PaceSubject, Days: p.Pace,
			Text: v.f.paceText(p)})
	}
	return out
}

// evenly lets a fixed day swallow of what several were late with in one phase the same part of each: it knows no order among them.
func (v *view) evenly(shares []int) {
	of := map[catalog.Phase][]int{}
	for i, c := range v.causes {
		if c.kind == causeSlip {
			of[c.phase] = append(of[c.phase], i)
		}
	}
	for _, mine := range of {
		days, left := 0, 0
		for _, i := range mine {
			days, left = days+v.causes[i].days, left+shares[i]
		}
		for _, i := range mine { // of the rest of a division each takes what is left
			n := 0
			if days > 0 {
				n = (left*v.causes[i].days + days/2) / days
			}
			days, left, shares[i] = days-v.causes[i].days, left-n, n
		}
	}
}

// notes says which of the agreed dates could not be held as things stand.
func (v *view) notes(fc Forecast) []string {
	e := v.f.Engagement
	var out []string
	for _, one := range []struct {
		name       string
		agreed, to models.Date
	}{{"the as-of date", e.AsOf, fc.AsOf}, {"the window's first day", e.WindowOpen, fc.Window}} {
		if !one.agreed.IsZero() && one.to.After(one.agreed) {
			out = append(out, fmt.Sprintf("as things stand %s would be %s instead of %s; only a decision moves it", one.name, one.to, one.agreed))
		}
	}
	return out
}

// mostBeside is how many tasks are named that hold up something side by side.
const mostBeside = 3

// called names tasks with whose they are, and how many more there are.
func (f *Facts) called(tasks []*Task) []string {
	var out []string
	for _, t := range tasks[:min(mostBeside, len(tasks))] {
		who := f.Called(t.Owner, t.OwnerRole)
		if t.State == TaskSubmitted {
			who = f.Called(t.Approver, t.ApproverRole)
		}
		out = append(out, fmt.Sprintf("%s (%s)", t.Heading(), who))
	}
	if n := len(tasks) - len(out); n > 0 {
		out = append(out, models.Count(n, "more task"))
	}
	return out
}

// mostHelps is how many moves that would help are named.
const mostHelps = 3

// aWeek is how many business days later something could be done that can be done today.
const aWeek = 5

// helps returns what would make the last report earlier, each planned again: by how much what is late holds it up if it waits for another
// week instead of being done today, as the forecast takes it to be, and by how much what was put off does beyond its first day.
func (v *view) helps(p Promise) []Help {
	if p.Late <= 0 {
		return nil
	}
	step := stepOf[p.Kind.Phase()]
	var out []Help
	for i, c := range v.causes {
		switch c.kind {
		case causeOpen:
			for _, t := range append([]*Task{c.task}, c.beside...) {
				out = append(out, v.notWaiting(t, step))
			}
		case causeMoved:
			if c.task.Original.Before(v.today) {
				continue // that day has passed
			}
			less := min(v.ends[step]-v.net.Ends(func(k int) bool { return k != i }, nil)[step], v.ends[step]-v.days.On(v.today))
			out = append(out, Help{Subject: string(c.task.ID), Days: less, Owner: c.task.Owner, Text: fmt.Sprintf(
				"have %s done on its first day, %s (%s)", c.task.Heading(), c.task.Original, v.f.Called(c.task.Owner, c.task.OwnerRole))})
		}
	}
	if p.Pace > 0 {
		out = append(out, Help{Subject: PaceSubject, Text: "keep to the due dates from now on", Days: p.Pace})
	}
	out = slices.DeleteFunc(out, func(h Help) bool { return h.Days <= 0 })
	slices.SortStableFunc(out, func(a, b Help) int { return b.Days - a.Days })
	return out[:min(mostHelps, len(out))]
}

// notWaiting returns by how much earlier a step ends when what is late of one kind is done today instead of a week later.
func (v *view) notWaiting(t *Task, step int) Help {
	what, who, done := t.Heading(), v.f.Called(t.Owner, t.OwnerRole), "done"
	h := Help{Subject: string(t.ID), Owner: t.Owner}
	if t.State == TaskSubmitted {
		h.Owner, who, done = t.Approver, v.f.Called(t.Approver, t.ApproverRole), "accepted"
	}
	same := v.lateLike(t)
	switch n := len(same) - 1; {
	case n == 1:
		what += " and the other one like it"
	case n > 1:
		what += " " + models.AndMore(n, "") + " like it"
	}
	h.Text = fmt.Sprintf("have %s %s today rather than in a week (%s)", what, done, who)
	at, ok := stepOf[t.Phase]
	if !ok {
		at = stepT2Start
	}
	r := v.f.reach(t.Phase)
	v.work.anew(nil, nil)
	was, _ := v.work.last(r)
	v.work.anew(func(i int) (int, bool) { return v.work.soonest(v.f.Tasks[i]) + aWeek, same[i] }, nil)
	is, _ := v.work.last(r)
	v.work.anew(nil, nil)
	net := slices.Clone(v.net)
	net[at].Stretch += max(0, is-max(was, v.ends[at]))
	h.Days = net.Ends(nil, nil)[step] - v.ends[step]
	return h
}
