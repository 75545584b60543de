package engagement

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/planning"
)

// What is told of the pace of people: it takes weeks of evidence, and it has bounds. By which numbers stories are forecast best is in
// docs/forecast.md.
const (
	beside = 0.1 // standard deviations by which anybody is reckoned with to be later than the average: of what goes on side by side the
	// latest counts
	ofMany = 1.3 // times the root of a logarithm, by which the last of many things to come is later,
	ofOpen = 0.6 // and the last of many that are open

	paceFrom = 4  // turns from which on it is known how widely they vary
	paceFull = 8  // turns after which the pace counts in full: the fewer were taken, the less
	paceLeap = 10 // business days by which the turns of a day may move a report on the morning after, beside one for every day
	// paceShare is how much is told of what the pace would add to a report: people who were slow catch up more often than they fall further
	// behind, and no report is to be told much worse than by what is late already. Where all are late alike all of it is told.
	paceShare = 0.75
	paceSide  = 1 // turns at the planned pace that every side is credited with
	paceOwn   = 3 // turns at the pace of their side that everybody is credited with
	// paceBefore is as how many turns earlier engagements count at most where it is asked how widely people of a side vary
	paceBefore = 8
	// Where all are late alike, few turns say much: from so many on, whose days differ by no more than whole days do, they count in full at
	// once, and those of a day may move a report by so many business days more.
	alikeFrom, alikeWithin, alikeLeap = 3, 0.5, 20

	paceMost = 15.0 // business days by which somebody is reckoned with to be late with a turn at most
	manyMost = 30.0 // and with the last of many things that are due on one day
)

// Earlier is what was seen in earlier engagements of the firm.
type Earlier struct {
	Pace Pace                        // all their turns
	Took map[catalog.Phase][]float64 // by what share of its planned business days each phase took longer; negative: it was quicker
}

// With returns what was seen with one more engagement.
func (e Earlier) With(p Pace, o Outlook) Earlier {
	out := Earlier{Took: maps.Clone(e.Took), Pace: Pace{Turns: maps.Clone(e.Pace.Turns), Over: maps.Clone(e.Pace.Over),
		Squares: maps.Clone(e.Pace.Squares)}}
	for _, s := range models.Sides {
		out.Pace.Turns = with(out.Pace.Turns, s, out.Pace.Turns[s]+p.Turns[s])
		out.Pace.Over = with(out.Pace.Over, s, out.Pace.Over[s]+p.Over[s])
		out.Pace.Squares = with(out.Pace.Squares, s, out.Pace.Squares[s]+p.Squares[s])
	}
	for ph, share := range o.Took {
		out.Took = with(out.Took, ph, append(slices.Clone(out.Took[ph]), share))
	}
	return out
}

// over returns by how many business days people of a side are late with what is theirs, on average; less than none when they are early. Of
// whom little is known, as all are in this engagement, the more so the more alike they are, and of those as they were in earlier ones.
func (f *Facts) over(s models.Side) float64 {
	p, was := f.Engagement.Pace, f.Earlier.Pace
	over, turns, before := 0, 0, 0.0
	for _, of := range models.Sides {
		over, turns = over+p.Over[of], turns+p.Turns[of]
		before += float64(was.Over[of]) / float64(paceFrom+was.Turns[of]) / float64(len(models.Sides))
	}
	alike := p.alike()
	planned := paceSide * (1 - alike)
	all := before
	if turns > 0 {
		all = (float64(over) + planned*before) / (planned + float64(turns))
	}
	if n := was.Turns[s]; n > 0 {
		all = (all + float64(was.Over[s])/float64(paceFrom+n)) / 2
	}
	credit := paceSide + paceOwn*alike
	return (float64(p.Over[s]) + credit*all) / (credit + float64(p.Turns[s]))
}

// deviation returns the standard deviation of how late people of a side are, in business days; of whom little is known, none. Earlier
// engagements count as so many turns at most: other people were slow and quick there, by which nobody is later than others here.
func (f *Facts) deviation(s models.Side) float64 {
	n, own := f.Engagement.Pace.spread(s)
	m, was := f.Earlier.Pace.spread(s)
	if n+m < paceFrom {
		return 0
	}
	m = min(m, paceBefore)
	return math.Sqrt((n*own + m*was) / (n + m))
}

// spread returns how many turns of a side were seen, and the variance of how late they were.
func (p Pace) spread(s models.Side) (turns, variance float64) {
	if p.Turns[s] == 0 {
		return 0, 0
	}
	n := float64(p.Turns[s])
	mean := float64(p.Over[s]) / n
	return n, max(0, float64(p.Squares[s])/n-mean*mean)
}

// pace returns by how many business days somebody of a side is to be reckoned with to be late with what is theirs, less than none when
// early; of whom little is known, as their side is.
func (f *Facts) pace(who models.PersonID, s models.Side) float64 {
	own := f.Engagement.Pace.Each[who]
	mean := (float64(own.Over) + paceOwn*f.over(s)) / float64(own.Turns+paceOwn)
	return min(paceMost, mean+beside*f.deviation(s))
}

// paceOf returns by how many business days the last of so many things that are due on one day is to be reckoned with to be late that
// somebody of a side has: of many one is later than most, and nobody is reckoned with to do more of them on a day than they did.
func (f *Facts) paceOf(who models.PersonID, s models.Side, n int) float64 {
	late := f.pace(who, s) + f.latest(s, n, ofMany)
	if a := f.Engagement.Pace.Each[who].aDay(); a > 0 {
		late += float64((n - 1) / a)
	}
	return min(manyMost, late)
}

// latest returns by how many business days the latest of so many things is later than the average of a side: it grows with the root of the
// logarithm of their number, as of what varies by chance.
func (f *Facts) latest(s models.Side, n int, share float64) float64 {
	return share * math.Sqrt(math.Log(float64(max(1, n)))) * f.deviation(s)
}

// paceText says what the pace adds to a report, and by which number: by how many business days each turn to come is taken to be late.
func (f *Facts) paceText(p Promise) string {
	o := f.Engagement.Outlook
	later := fmt.Sprintf("the report would be %s later than what is late already makes it", models.BusinessDays(p.Pace))
	late := o.Rate
	if aim := o.Aim[p.Kind]; aim > 0 { // as far as it counts by now
		late *= float64(p.Pace) / float64(aim)
	}
	if late < 0.05 {
		return "at the pace of people so far " + later
	}
	return fmt.Sprintf("at the pace of people so far each step still to come would be %.1f business days late, and %s", late, later)
}

// paceOn returns what the pace adds to a report today: what it added when it was reckoned last, moved towards its aim by a business day for
// every business day since, as far as what is late already has not moved the report.
func (v *view) paceOn(k ReportKind, known int) int {
	o := v.f.Engagement.Outlook
	return v.paceTo(k, known, o.Aim[k], v.days.Between(o.On, v.today))
}

// paceTo returns what the pace adds to a report today if it may move it towards an aim by so many business days.
func (v *view) paceTo(k ReportKind, known, aim, most int) int {
	o := v.f.Engagement.Outlook
	pace := o.Pace[k]
	if o.On.IsZero() || !v.today.After(o.On) || pace == aim {
		return pace
	}
	if v.then == nil { // what is known now, as it looked on that day
		v.then = v.f.outlookOn(o.On)
	}
	moved := known - max(v.then.ends[stepOf[k.Phase()]], v.days.On(o.On))
	return toward(pace, aim, max(0, most-max(0, moved)))
}

// apart returns by how much two numbers differ.
func apart(a, b int) int { return max(a-b, b-a) }

// toward returns a number moved to another one by a step at most.
func toward(from, to, most int) int { return min(max(to, from-most), from+most) }

// newDay reckons the forecast on the first time of a day that anything is done about an engagement.
func (f *Facts) newDay(now time.Time) {
	if !f.Engagement.Outlook.On.IsZero() {
		f.reckon(now, false)
	}
}

// reckonDay reckons the forecast and its cautious date on the first time of a day that time moves an engagement on.
func (f *Facts) reckonDay(now time.Time) {
	if !f.Engagement.Outlook.On.IsZero() {
		f.reckon(now, true)
	}
	f.play(now)
}

// reckon brings what is kept of the forecast up to date, once on a day, before anything is done on it: what people do on a day does not
// move the pace on that day, in whatever order they do it. On a morning on which turns are known that it has not seen, the pace moves
// further than on others: by as much as they change what it goes towards, or as the business days by which they were late or early.
func (f *Facts) reckon(now time.Time, morning bool) {
	e := &f.Engagement
	if e.Status != StatusRunning || e.Baseline.Report.IsZero() {
		return
	}
	f.startEffort()
	today := f.dayToReckon(now)
	if !today.After(e.Outlook.On) {
		return
	}
	if morning {
		f.seeUndone(today)
	}
	v := f.outlookOn(today)
	pace, aim := map[ReportKind]int{}, map[ReportKind]int{}
	slow, turns := v.slower(), e.Pace.turns()
	over, alike := e.Pace.over(), e.Pace.alike()
	share := paceShare + (1-paceShare)*alike
	seen := morning && turns != e.Outlook.Turns
	for _, k := range f.reports() {
		step := stepOf[k.Phase()]
		day := max(v.ends[step], v.days.On(today))
		if f.IssuedOn(k).IsZero() {
			late := min(max(0, slow[step]-v.ends[step]), max(0, day-v.days.On(today)))
			aim[k] = int(math.Round(share * float64(late)))
		}
		if pace[k] = v.paceOn(k, day); seen {
			told := max(apart(aim[k], e.Outlook.Aim[k]), apart(over, e.Outlook.Over), int(alike*float64(apart(aim[k], pace[k]))))
			pace[k] = v.paceTo(k, day, aim[k], v.days.Between(e.Outlook.On, today)+min(told, paceLeap+int(alike*alikeLeap)))
		}
	}
	if seen {
		e.Outlook.Turns, e.Outlook.Over = turns, over
	}
	e.Outlook.Pace, e.Outlook.Aim, e.Outlook.Slow, e.Outlook.Rate, e.Outlook.On = pace, aim, v.paceByPhase(slow), share*v.rate, today
	f.closeDay(v)
}

// play plays the rest of the engagement for its cautious date, once on a day; commands leave what was played last as it is.
func (f *Facts) play(now time.Time) {
	e := &f.Engagement
	if day := f.forecastDay(now); !f.SkipSummary && e.Status == StatusRunning && !e.Baseline.Report.IsZero() && day.After(e.Outlook.Played) {
		e.Outlook.Spread, e.Outlook.Played = f.outlookOn(day).simulate(simulations), day
	}
}

// slower returns when the steps end if everybody goes on to be as late as they were with what is theirs.
func (v *view) slower() []int {
	net := slices.Clone(v.net)
	for ph, n := range v.f.overruns(v) {
		if s, ok := stepOf[ph]; ok {
			net[s].Stretch = n
		} else if untilFieldwork(ph) {
			base := v.f.Engagement.Baseline.Phases
			slack := v.days.Between(base[ph].End, base[catalog.PhaseT2Fieldwork].Start)
			net[stepT2Start].Stretch = max(net[stepT2Start].Stretch, n-max(0, slack))
		}
	}
	return net.Ends(nil, nil)
}

// untilFieldwork reports whether a phase has no step of its own: Type 2 fieldwork begins when it is over.
func untilFieldwork(p catalog.Phase) bool {
	return p == catalog.PhaseT2Close || p == catalog.PhaseWindow
}

// trusted returns how much the pace of people counts by what was seen of it, from nothing to one.
func (v *view) trusted() float64 {
	p := v.f.Engagement.Pace
	return max(p.alike(), min(1, float64(p.turns())/paceFull))
}

// alike returns how alike all are late, from nothing to one: the more, the less their turns differ from the average.
func (p Pace) alike() float64 {
	n, over, squares := float64(p.turns()), float64(p.over()), 0.0
	for _, s := range models.Sides {
		squares += float64(p.Squares[s])
	}
	if n < alikeFrom || over <= 0 {
		return 0
	}
	mean := over / n
	differ := math.Sqrt(max(0, squares/n-mean*mean))
	return min(1, max(0, 1-(differ-alikeWithin)/mean))
}

// overruns returns by how many business days each phase that is not over would end later at the present pace, as far as that counts.
func (f *Facts) overruns(v *view) map[catalog.Phase]int {
	out := map[catalog.Phase]int{}
	plan, err := f.agreedPlan()
	if err != nil || v.trusted() == 0 {
		return out
	}
	all, ahead := path{}, f.ahead(plan, v.days)
	for _, st := range f.Phases {
		over, turns := 0.0, path{}
		switch {
		case st.Standing == StandingActive && !f.outrun(st):
			over, turns = v.overrunOf(st.Phase)
		case st.Standing == StandingWaiting:
			over, turns = ahead.overrun(st.Phase)
		}
		all = all.and(turns)
		out[st.Phase] = int(math.Round(v.trusted() * over))
	}
	v.rate = v.trusted() * all.late / float64(max(1, all.turns))
	return out
}

// agreedPlan returns the plan as it was agreed: it has the spans that tasks to come have when what is before them is on time.
func (f *Facts) agreedPlan() (planning.Plan, error) {
	in, base := f.PlanInput(), f.Engagement.Baseline
	in.Actual = nil
	if !in.AsOf.IsZero() {
		in.AsOf = base.asOf(f.Engagement)
	}
	if !in.WindowOpen.IsZero() {
		in.WindowOpen = base.Phases[catalog.PhaseWindow].Start
	}
	if plan, err := planning.NewPlan(f.Catalog, in); err == nil {
		return plan, nil
	}
	return f.plan()
}

// overrunOf returns by how many business days an active phase would end later at the present pace, and the turns of that.
func (v *view) overrunOf(p catalog.Phase) (float64, path) {
	f, r := v.f, v.f.reach(p)
	v.work.anew(nil, nil)
	was, _ := v.work.last(r)
	v.work.anew(nil, v.work.lateOf)
	is, last := v.work.last(r)
	v.work.anew(nil, nil)
	if s, ok := stepOf[p]; ok {
		was = max(was, v.ends[s])
	}
	if last < 0 {
		return 0, path{}
	}
	sign := f.signing(p)
	return max(0, float64(is-was)+sign.late), v.work.paths[last].and(sign)
}

// lateOf returns the turns of a task, and by how many business days the last of what is open of its kind is expected to be done and
// accepted late.
func (w *workload) lateOf(t *Task) path {
	p := w.f.late(t)
	p.late += w.f.latest(models.SideOf(t.OwnerRole), len(w.by[t.Template]), ofOpen)
	return p
}

// late returns by how many business days a task that is open or waits is expected to be done and accepted late.
func (f *Facts) late(t *Task) path {
	p := path{}
	if t.State != TaskSubmitted {
		p = p.and(path{1, f.pace(t.Owner, models.SideOf(t.OwnerRole))})
	}
	if t.ApproverRole != "" {
		p = p.and(path{1, f.pace(t.Approver, models.SideOf(t.ApproverRole))})
	}
	return p
}

// signing returns by how many business days the signature that ends a phase is expected to come late; no turn where nobody signs.
func (f *Facts) signing(p catalog.Phase) path {
	tmpl, ok := f.Catalog.Phase(p)
	if !ok || len(tmpl.Exit) == 0 || tmpl.Exit[len(tmpl.Exit)-1].Approver == string(models.RoleSystem) {
		return path{}
	}
	role := tmpl.Exit[len(tmpl.Exit)-1].Approver
	who, _ := f.holder(role)
	return path{1, f.pace(who, models.SideOf(role))}
}
