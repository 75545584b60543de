package engagement

import (
	"cmp"
	"slices"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
)

// What a phase is late by is booked to what caused it and whoever owned that. While they are late it is reckoned: the one who decides when
// the phase ends is taken away, and the phase reckoned again. What was reckoned so on the last morning, and is not late any more though the
// phase is, has become a slip, and stays one whoever acts next.

// A share is what one cause adds to a step, and whose slips it will be once it is over: their days sum to its own.
type share struct {
	days  int
	cause cause
	slips []Slip
}

// groups is how many groups of late tasks are told apart in one phase.
const groups = 6

// openTasks makes the last step as late as what is open in an active phase, each cause by what it adds.
func (v *view) openTasks(p catalog.Phase) {
	r := v.f.reach(p)
	planned, today := v.ends[len(v.net)-1], v.days.On(v.today)
	expected, last := v.work.last(r)
	if p != catalog.PhaseWindow && planned < today && expected < today {
		expected, last = today, -1 // only signatures are missing
	}
	over := expected - planned
	if over <= 0 {
		return
	}
	var open []share
	if last >= 0 {
		open = v.lateTasks(p, r, planned, over)
	} else {
		open = v.unsigned(p, planned, over)
	}
	rest := over
	for _, part := range open {
		rest -= part.days
		v.running = append(v.running, part.slips...)
	}
	before := []catalog.Phase{p}
	if p == catalog.PhaseT2Close && v.f.Phase(catalog.PhaseWindow).Standing == StandingDone {
		before = []catalog.Phase{catalog.PhaseWindow, p} // they end with one step
	}
	v.book(rest, v.deciding(p, last), before...)
	for _, part := range open {
		v.late(part.days, part.cause)
	}
}

// deciding returns the cause of what nobody in particular has made a phase late by that is not over.
func (v *view) deciding(p catalog.Phase, last int) cause {
	switch {
	case last >= 0 && v.f.longer(p) > 0 && !v.f.Tasks[last].Moved: // the plan has it later since there is more to do
		return cause{kind: causeScope, phase: p}
	case v.f.Phase(p).Round > 1:
		c := cause{kind: causeAgain, phase: p}
		if last >= 0 {
			c.task = v.f.Tasks[last]
		}
		return c
	}
	return cause{kind: causePhase, phase: p}
}

// unsigned returns by how much a phase is late since somebody has not signed that could have: the business day after it was ready is in
// time, and what it was late by then is not theirs.
func (v *view) unsigned(p catalog.Phase, planned, over int) []share {
	f := v.f
	for _, g := range f.Gates {
		who := f.MayJudge(g.Approver)
		if g.Phase != p || !f.toSign(g) || g.Approver == models.RoleSystem || g.At.IsZero() || len(who) == 0 {
			continue
		}
		days := f.Days(string(g.Approver))
		due := v.days.On(days.Add(f.Unpaused(days, models.DateIn(g.At, f.Location())), 1))
		n := min(over, v.days.On(v.today)-max(due, planned))
		if n <= 0 {
			return nil
		}
		s := Slip{Phase: p, Kind: slipGate, Subject: g.ID, Title: "The signature for " + f.GateText(g.ID), Owner: who[0],
			Role: string(g.Approver), Days: n, Over: v.days.On(v.today) - due}
		return []share{{n, cause{kind: causeSign, phase: p, gate: g, owner: who[0]}, []Slip{s}}}
	}
	return nil
}

// A peel takes away what makes a phase late, one after the other.
type peel struct {
	*view
	phase catalog.Phase
	done  map[int]int // by index of a task taken away: the day on which it counts as done
	seen  map[int]int // what was taken away of it already
}

// What can be taken away of a task, one after the other.
const (
	peelAcceptance = 1 << iota // that it waits to be accepted
	peelLate                   // that it is done late
	peelMoved                  // that it was put off
)

// lateTasks returns what those who are late, and decisions that put dates off, add to the end of a phase: the one who decides it is taken
// away, the phase reckoned again, and so on.
func (v *view) lateTasks(p catalog.Phase, r reach, planned, over int) []share {
	var out []share
	x := peel{view: v, phase: p, done: map[int]int{}, seen: map[int]int{}}
	w, due := v.work, slices.Clone(v.work.due)
	defer func() {
		copy(w.due, due)
		w.anew(nil, nil)
	}()
	done := func(i int) (int, bool) {
		day, ok := x.done[i]
		return day, ok
	}
	var beside []share // taken away, and the phase ends no earlier
	for left := over; len(out)+len(beside) < groups && left > 0; {
		w.anew(done, nil)
		before, last := w.last(r)
		if last < 0 || before <= planned {
			break
		}
		one, ok := x.take(w.root(last))
		if !ok {
			break
		}
		w.anew(done, nil)
		is, _ := w.last(r)
		less := min(before-max(planned, is), left)
		if less <= 0 {
			beside = append(beside, one)
			continue
		}
		one.share(less, beside)
		out, beside = append(out, one), nil
		left -= one.days
	}
	slices.Reverse(out) // what decides it comes last
	return out
}

// share gives a cause its days, and those who were late side by side with it their part of them: as much to each, and one slip to each.
func (s *share) share(days int, beside []share) {
	s.days = days
	all := s.slips
	for i := len(beside) - 1; i >= 0; i-- {
		if b := beside[i]; b.cause.task != nil && b.cause.kind == causeOpen {
			s.cause.beside = append([]*Task{b.cause.task}, s.cause.beside...)
		}
		all = append(all, beside[i].slips...)
	}
	s.slips = nil
	for _, x := range all {
		same := slices.IndexFunc(s.slips, func(y Slip) bool { return y.Owner == x.Owner && y.Kind == x.Kind && x.Kind == slipTask })
		if same < 0 {
			s.slips = append(s.slips, x)
			continue
		}
		s.slips[same].More, s.slips[same].Over = s.slips[same].More+x.More+1, max(s.slips[same].Over, x.Over)
	}
	for i := range s.slips {
		s.slips[i].Days = days/len(s.slips) + min(1, max(0, days%len(s.slips)-i))
	}
	if s.cause.kind == causeSlip { // it is told as what it is once it is over
		s.cause.slip = s.slips[0]
	}
}

// take takes away what makes a task late next, with that of all like it, and returns it as a cause; false where nothing does.
func (x *peel) take(i int) (share, bool) {
	t := x.f.Tasks[i]
	switch is := x.seen[i]; {
	case is&(peelAcceptance|peelLate) == 0 && t.State == TaskSubmitted && x.work.late(i):
		return x.accepted(t), true
	case is&peelLate == 0 && x.isLate(i):
		return x.inTime(t), true
	case is&peelMoved == 0 && t.Moved:
		return x.putBack(i), true
	}
	return share{}, false
}

// isLate reports whether a task is not done and late, or was done late.
func (x *peel) isLate(i int) bool {
	t := x.f.Tasks[i]
	return x.work.late(i) && (t.State != TaskSubmitted || x.work.on(models.DateIn(t.DoneAt, x.f.Location())) > x.days.On(t.Due))
}

// accepted takes away that what was done waits to be accepted, but for the business day after it was done.
func (x *peel) accepted(t *Task) share {
	same := x.lateLike(t)
	for i := range same {
		x.seen[i] |= peelAcceptance
		x.done[i] = max(x.work.due[i], x.acceptBy(x.f.Tasks[i]))
	}
	s := Slip{Phase: x.phase, Kind: slipTask, Subject: string(t.ID), Title: "Acceptance of " + t.Heading(), Owner: t.Approver,
		Role: t.ApproverRole, More: len(same) - 1, Over: max(0, x.days.On(x.today)-max(x.acceptBy(t), x.days.On(t.Due)))}
	return share{cause: cause{kind: causeOpen, phase: x.phase, task: t, owner: t.Approver, more: len(same) - 1}, slips: []Slip{s}}
}

// acceptBy returns the day by which what was done is to be accepted.
func (x *peel) acceptBy(t *Task) int {
	days := x.f.Days(t.ApproverRole)
	return x.days.On(days.Add(x.f.Unpaused(days, models.DateIn(t.DoneAt, x.f.Location())), 1))
}

// inTime takes away that a task is done late.
func (x *peel) inTime(t *Task) share {
	same := x.lateLike(t)
	for i := range same {
		x.seen[i] |= peelLate
		x.done[i] = x.work.due[i]
	}
	s := Slip{Phase: x.phase, Kind: slipTask, Subject: string(t.ID), Title: t.Heading(), Owner: t.Owner, Role: t.OwnerRole,
		More: len(same) - 1, Over: x.days.On(x.today) - x.days.On(t.Due)}
	c := cause{kind: causeOpen, phase: x.phase, task: t, owner: t.Owner, more: len(same) - 1}
	switch {
	case t.State == TaskSubmitted:
		s.Over = x.work.on(models.DateIn(t.DoneAt, x.f.Location())) - x.days.On(t.Due)
		c.kind = causeSlip
	case t.State == TaskBlocked && t.BlockedBy == models.SideFirm:
		c.owner = x.f.Unblocker(t)
		s.Title, s.Owner, s.Role = "What the firm had to do for "+t.Heading(), c.owner, string(models.RoleManager)
	}
	return share{cause: c, slips: []Slip{s}}
}

// putBack takes away that a task was put off, with all that was put off by the same decision: it is due by the plan, and what was overdue
// then is done on the day of the decision. A task that was added is not there.
func (x *peel) putBack(i int) share {
	f, t := x.f, x.f.Tasks[i]
	off := f.putOff(t)
	c := cause{kind: causeMoved, phase: x.phase, task: t, off: off}
	if t.Template == "" {
		c.kind = causeAdded
	}
	n := 0
	for k, other := range f.Tasks {
		if k != i && (t.Template == "" || !slices.Contains(off.Tasks, other.ID)) || other.State.Closed() || !other.Moved {
			continue
		}
		n++
		x.seen[k] |= peelMoved
		x.work.due[k] = x.work.byPlan(k)
		switch {
		case t.Template == "":
			x.done[k] = 0
		case other.State != TaskWaiting:
			x.done[k] = x.work.due[k]
			if on := x.days.On(off.On); !off.On.IsZero() && !other.OpenedOn.After(off.On) {
				x.done[k] = max(x.done[k], min(on, x.days.On(other.Due)))
			}
		}
	}
	c.more = n - 1
	s := Slip{Phase: x.phase, Kind: slipMoved, Subject: string(t.ID), On: t.Due, Over: max(0, x.days.On(t.Due)-x.work.byPlan(i))}
	s.Title = x.driver(c, 0).Text
	return share{cause: c, slips: []Slip{s}}
}

// lateLike returns the indexes of what is late and like a late task, itself among them.
func (v *view) lateLike(t *Task) map[int]bool {
	out := map[int]bool{}
	for i, other := range v.f.Tasks {
		if !other.State.Closed() && v.work.late(i) && sameWork(other, t) {
			out[i] = true
		}
	}
	return out
}

// sameWork reports whether two tasks are copies of one template that wait for the same person.
func sameWork(a, b *Task) bool {
	return a.Template == b.Template && a.Template != "" && a.Owner == b.Owner && a.State == b.State && a.BlockedBy == b.BlockedBy &&
		(a.State != TaskSubmitted || a.Approver == b.Approver) || a == b
}

// split books what a step was late by when its phase, the last of some, was left.
func (v *view) split(late int, of ...catalog.Phase) {
	p := of[len(of)-1]
	if late <= 0 {
		v.late(late, cause{kind: causeEarly, phase: p})
		return
	}
	late -= v.paused(p, late)
	if n := min(late, v.f.longer(p)); n > 0 {
		v.late(n, cause{kind: causeScope, phase: p})
		late -= n
	}
	v.book(late, cause{kind: causePhase, phase: p}, of...)
}

// An account is a slip and what of its days has been booked.
type account struct {
	slip   Slip
	booked int
	fresh  bool // it was late on the last morning, and is not any more
}

// accounts returns the slips that were kept.
func (f *Facts) accounts() []*account {
	var out []*account
	for _, s := range f.Engagement.Outlook.Slips {
		if s.Kind != slipPause {
			out = append(out, &account{slip: s})
		}
	}
	return out
}

// book books what a step is late by, beside those who are late now, to those who were late while they had it, and what is left to another
// cause: first what was theirs on the last morning, then what those are late by who have done since what they were late with, and then
// what follows from that, up to what they were late themselves.
func (v *view) book(late int, rest cause, of ...catalog.Phase) {
	p := of[len(of)-1]
	var mine []*account
	for _, p := range of {
		v.freshen(p)
	}
	for _, a := range v.accounts {
		if slices.Contains(of, a.slip.Phase) {
			mine = append(mine, a)
		}
	}
	slices.SortStableFunc(mine, func(a, b *account) int {
		return cmp.Or(a.order()-b.order(), b.slip.Days-a.slip.Days)
	})
	was := make([]int, len(mine))
	for i, a := range mine {
		was[i] = a.booked
		late -= a.book(min(late, a.slip.Days-a.booked))
	}
	for _, a := range mine {
		late -= a.book(min(late, a.slip.Over-a.booked))
	}
	for i, a := range mine {
		if a.slip.Kind == slipRest {
			late += a.booked - was[i]
			a.booked = was[i]
		}
	}
	if late > 0 { // first, so that a fixed day swallows it before what is somebody's
		v.late(late, rest)
		v.nobodys(p).booked += late
	}
	for i, a := range mine {
		if n := a.booked - was[i]; n > 0 && a.slip.Kind != slipRest {
			v.late(n, cause{kind: causeSlip, phase: p, slip: a.slip, owner: a.slip.Owner})
		}
	}
}

// order says in which order accounts are booked to.
func (a *account) order() int {
	switch {
	case a.fresh:
		return 2
	case a.slip.Kind == slipRest:
		return 1
	}
	return 0
}

// book books days to an account, and returns how many; none where there are less than none.
func (a *account) book(days int) int {
	days = max(0, days)
	a.booked += days
	return days
}

// nobodys returns the account of what nobody in particular has made a phase late by.
func (v *view) nobodys(p catalog.Phase) *account {
	for _, a := range v.accounts {
		if a.slip.Phase == p && a.slip.Kind == slipRest {
			return a
		}
	}
	a := &account{slip: Slip{Phase: p, Kind: slipRest}}
	v.accounts = append(v.accounts, a)
	return a
}

// freshen adds accounts of those who held up a phase on the last morning and do not any more, or less.
func (v *view) freshen(p catalog.Phase) {
	still := slices.Clone(v.running)
	for _, s := range v.f.Engagement.Outlook.Running {
		if s.Phase != p || slices.ContainsFunc(v.accounts, func(a *account) bool { return a.fresh && a.slip.sameAs(s) }) {
			continue
		}
		for i := range still {
			if n := min(s.Days, still[i].Days); still[i].Phase == p && still[i].Owner == s.Owner && still[i].moved() == s.moved() {
				s.Days, still[i].Days = s.Days-n, still[i].Days-n
			}
		}
		if s.Days > 0 {
			v.accounts = append(v.accounts, &account{slip: s, fresh: true})
		}
	}
}

func (s Slip) moved() bool { return s.Kind == slipMoved }

// sameAs reports whether two slips are the same, whatever their days.
func (s Slip) sameAs(o Slip) bool {
	return s.Phase == o.Phase && s.Kind == o.Kind && s.Owner == o.Owner && s.Subject == o.Subject
}

// closeDay keeps, on the first time of a day, what was booked until then, and who holds up phases now.
func (f *Facts) closeDay(v *view) {
	o := &f.Engagement.Outlook
	o.Slips = models.Keep(slices.Clone(o.Slips), func(s Slip) bool { return s.Kind == slipPause })
	for _, a := range v.accounts {
		a.slip.Days = a.booked
		same := slices.IndexFunc(o.Slips, func(s Slip) bool { return s.Kind != slipPause && s.sameAs(a.slip) })
		switch {
		case same >= 0:
			s := &o.Slips[same]
			s.Waived = s.Waived || a.slip.Waived
			s.Days, s.Over, s.More = s.Days+a.booked, max(s.Over, a.slip.Over), max(s.More, a.slip.More)
		case a.booked > 0 || !a.fresh && a.slip.Kind != slipRest:
			f.slip(a.slip)
		}
	}
	o.Running = v.running
	var off []PutOff
	for _, x := range o.PutOff {
		x.Tasks = models.Keep(slices.Clone(x.Tasks), func(id models.TaskID) bool { t := f.Task(id); return t != nil && !t.State.Closed() })
		if len(x.Tasks) > 0 {
			off = append(off, x)
		}
	}
	o.PutOff = off
}

// A PutOff is a decision by which open tasks are due later than they were.
type PutOff struct {
	On    models.Date     `json:"on"`
	By    models.PersonID `json:"by,omitempty"`
	Tasks []models.TaskID `json:"tasks"`
}

// bookPutOff notes that somebody puts off a task.
func (f *Facts) bookPutOff(t *Task, to models.Date, by models.PersonID, now time.Time) {
	o := &f.Engagement.Outlook
	if f.Engagement.Baseline.Report.IsZero() {
		return
	}
	today, all := f.Today(now), slices.Clone(o.PutOff)
	for i := range all {
		all[i].Tasks = models.Keep(slices.Clone(all[i].Tasks), func(id models.TaskID) bool { return id != t.ID })
	}
	if to.After(t.Due) {
		i := slices.IndexFunc(all, func(x PutOff) bool { return x.On == today && x.By == by })
		if i < 0 {
			i = len(all)
			all = append(all, PutOff{On: today, By: by})
		}
		all[i].Tasks = append(all[i].Tasks, t.ID)
	}
	o.PutOff = slices.DeleteFunc(all, func(x PutOff) bool { return len(x.Tasks) == 0 })
}

// putOff returns the decision by which a task was put off; none where that was not kept.
func (f *Facts) putOff(t *Task) PutOff {
	for _, x := range f.Engagement.Outlook.PutOff {
		if slices.Contains(x.Tasks, t.ID) {
			return x
		}
	}
	return PutOff{}
}
