package engagement_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// testingT is what a story needs of a test.
type testingT = testing.TB

// A played story is one engagement that is lived through by the rules of the product: on every morning it is moved on as the sweep does, on
// every afternoon of a business day people do what they do. What it forecast is kept week by week.
type played struct {
	t        testingT
	name     string
	f        *engagement.Facts
	now      time.Time
	people   *cast
	pauseOn  models.Date
	resumeOn models.Date
	exact    int // people answer so many business days later exactly; 0: as they do

	closed map[models.TaskID]*engagement.Task
	ended  map[string]*engagement.Decision
	when   map[string]models.Date // when what is to be done will be done, as far as it was made up
	weeks  []week
	pace   string // what was said of the pace of people in the twelfth week
	issued map[engagement.ReportKind]models.Date
}

// A week is what was said on one morning.
type week struct {
	n     int // from the kickoff, the first is 1
	on    models.Date
	said  []engagement.Promise
	naive map[engagement.ReportKind]models.Date
	// standing are the phases that are under way.
	standing string
}

// most is how long a story is lived at most.
const most = 4 * 366

// play lives a story through until its last report is issued. It reports whether that has come.
func (s *played) play() bool {
	s.t.Helper()
	s.closed, s.ended, s.when = map[models.TaskID]*engagement.Task{}, map[string]*engagement.Decision{}, map[string]models.Date{}
	s.issued = map[engagement.ReportKind]models.Date{}
	who, _ := s.f.Planner()
	if err := s.send(engagement.Command{Kind: engagement.StartEngagement, Actor: who}); err != nil {
		s.t.Fatalf("%s: %v", s.name, err)
	}
	day := s.f.Today(s.now)
	for range most {
		day = day.AddDays(1)
		s.morning(day)
		if s.over() {
			return true
		}
		if s.f.ClientDays.IsBusiness(day) || s.f.FirmDays.IsBusiness(day) {
			s.now = day.At(s.f.Location(), 15, 0)
			s.afternoon(day)
		}
	}
	return false
}

// over notes which reports are out, and reports whether all are.
func (s *played) over() bool {
	all := s.f.Forecast(s.now).Reports
	for _, p := range all {
		if !p.Issued.IsZero() {
			s.issued[p.Kind] = p.Issued
		}
	}
	return len(all) == len(s.issued)
}

// morning moves the engagement on, and once a week keeps what it says.
func (s *played) morning(day models.Date) {
	s.now = day.At(s.f.Location(), 6, 0)
	kickoff := s.f.Engagement.Kickoff
	weekly := day.Weekday() == kickoff.Weekday() && !day.Before(kickoff)
	s.f.SkipSummary = !weekly // the cautious date is played as it is on every morning, and read once a week
	s.advance()
	if n := 1 + kickoff.DaysUntil(day)/7; weekly {
		s.weeks = append(s.weeks, week{n: n, on: day, said: s.f.Forecast(s.now).Reports, naive: s.naive(day), standing: s.standing()})
	}
	s.f.SkipSummary = true
	if len(s.weeks) == 12 && weekly {
		for _, x := range s.f.Forecast(s.now).Drivers {
			if x.Subject == engagement.PaceSubject {
				s.pace = x.Text
			}
		}
	}
}

func (s *played) advance() {
	engagement.Advance(s.f, s.now)
	s.take(s.f)
}

// send has a command carried out.
func (s *played) send(c engagement.Command) error {
	c.Key = "story"
	f := s.with(engagement.NeedOf(c))
	if _, err := engagement.Decide(f, c, s.now); err != nil {
		return err
	}
	s.take(f)
	return nil
}

// with returns the facts with what is needed of what is closed.
func (s *played) with(need engagement.Need) *engagement.Facts {
	f := *s.f
	for _, id := range f.Named(need) {
		if t := s.closed[id]; t != nil && f.Task(id) == nil {
			f.Tasks = append(slices.Clip(f.Tasks), t)
		}
	}
	if d := s.ended[need.Decision]; d != nil {
		f.Decisions = append(slices.Clip(f.Decisions), d)
	}
	return &f
}

// take keeps what a change came to, as the store does.
func (s *played) take(f *engagement.Facts) {
	for _, t := range f.Tasks {
		if t.State.Closed() {
			s.closed[t.ID] = t
		}
	}
	for _, d := range f.Decisions {
		if d.State != engagement.DecisionPending {
			s.ended[d.ID] = d
		}
	}
	s.f = f.Reread()
	if engagement.AgendaOf(s.f, s.now).Ready {
		s.advance()
	}
}

// afternoon lets everybody do what they do on a day: what one does may let another begin.
func (s *played) afternoon(day models.Date) {
	if s.pauses(day) {
		return
	}
	done := map[models.PersonID]int{}
	for range 8 {
		s.f = s.with(reminders.NeedToRehearse(s.f))
		turns := slices.Concat(s.tasks(day, done), s.gates(day), s.decisions(day))
		for _, c := range turns {
			_ = s.send(c) // what cannot be done is not done
		}
		if len(turns) == 0 {
			return
		}
	}
}

// pauses pauses the engagement and lets it go on, on their days. It reports whether it is paused.
func (s *played) pauses(day models.Date) bool {
	c := engagement.Command{Actor: s.f.Actor("marta"), Reason: "the client is bought"}
	switch {
	case !s.pauseOn.IsZero() && !day.Before(s.pauseOn):
		c.Kind, s.pauseOn = engagement.PauseEngagement, models.Date{}
		_ = s.send(c)
	case s.f.Engagement.Status == engagement.StatusPaused && !day.Before(s.resumeOn):
		c.Kind = engagement.ResumeEngagement
		_ = s.send(c)
	}
	return s.f.Engagement.Status != engagement.StatusRunning
}

// tasks returns who does and accepts what.
func (s *played) tasks(day models.Date, done map[models.PersonID]int) []engagement.Command {
	does, accepts := map[models.PersonID][]models.TaskID{}, map[models.PersonID][]models.TaskID{}
	mine := slices.Clone(s.f.Tasks)
	slices.SortStableFunc(mine, func(a, b *engagement.Task) int { return a.Due.Compare(b.Due) })
	for _, t := range mine {
		switch t.State {
		case engagement.TaskOpen:
			if !s.wants(t, day) {
				continue
			}
			a, ok := s.f.Doer(t, s.now)
			p := s.people.somebody(a.Person, a.Role.Side())
			if ok && p.on(day) && done[a.Person] < p.perDay {
				does[a.Person] = append(does[a.Person], t.ID)
				done[a.Person]++
			}
		case engagement.TaskSubmitted:
			if a, ok := s.f.Acceptor(t, s.now); ok && s.answers(a, fmt.Sprint("accept ", t.ID, t.DoneAt), day) {
				accepts[a.Person] = append(accepts[a.Person], t.ID)
			}
		}
	}
	out := s.commands(engagement.CompleteTask, does)
	for i := range out {
		out[i].On = s.f.StatedOn(out[i].Tasks, s.now)
	}
	return append(out, s.commands(engagement.AcceptTask, accepts)...)
}

func (s *played) commands(k engagement.Kind, whose map[models.PersonID][]models.TaskID) []engagement.Command {
	var out []engagement.Command
	for _, id := range slices.Sorted(maps.Keys(whose)) {
		for ids := range slices.Chunk(whose[id], engagement.MaxTasks) {
			out = append(out, engagement.Command{Kind: k, Actor: s.f.Actor(id), Tasks: ids})
		}
	}
	return out
}

// wants reports whether the owner of an open task means to do it by now: on the day that was made up when they first saw it, and at once
// while they catch up.
func (s *played) wants(t *engagement.Task, day models.Date) bool {
	a, ok := s.f.Doer(t, s.now)
	if !ok || day.Before(s.f.Engagement.Kickoff.AddDays(-30)) {
		return false
	}
	p, days := s.people.somebody(a.Person, a.Role.Side()), s.f.DaysOf(t)
	key := fmt.Sprint("do ", t.ID, t.Round, t.OpenedOn)
	if s.when[key].IsZero() {
		s.when[key] = days.Add(models.Later(t.Due, t.OpenedOn), p.after(s.people.r))
	}
	if p.wakes > 0 && t.Late && days.Count(t.Due, day) >= p.wakes && p.catching.Before(day) {
		p.catching = day.AddDays(14 + s.people.r.IntN(28))
	}
	if s.missed() && t.Phase == catalog.PhaseWindowSetup && !days.Add(t.Due, -3).After(day) {
		return true // nobody misses a window twice
	}
	if day.Before(p.catching) && !days.Add(t.Due, -3).After(day) {
		return true
	}
	return !day.Before(s.when[key])
}

// answers reports whether somebody who is asked for a word gives it by now.
func (s *played) answers(a engagement.Actor, what string, day models.Date) bool {
	p := s.people.somebody(a.Person, a.Role.Side())
	if s.when[what].IsZero() {
		s.when[what] = s.f.FirmDays.Add(day, p.word(s.people.r)+s.exact)
	}
	return p.on(day) && !day.Before(s.when[what]) || s.missed() && s.f.Phase(catalog.PhaseWindowSetup).Standing == engagement.StandingActive
}

// missed reports whether the window was missed before, and moved.
func (s *played) missed() bool {
	for _, d := range s.ended {
		if d.Kind == engagement.MoveWindow && d.State == engagement.DecisionInForce {
			return true
		}
	}
	return false
}

// gates returns who signs what.
func (s *played) gates(day models.Date) []engagement.Command {
	var out []engagement.Command
	for _, g := range s.f.Gates {
		p := s.f.Phase(g.Phase)
		if g.State == engagement.GateSigned || g.Approver == models.RoleSystem || p.Standing != engagement.StandingActive ||
			len(s.f.GateBlockers(g, day)) > 0 {
			continue
		}
		if a, ok := s.f.Signer(g, s.now); ok && s.answers(a, fmt.Sprint("sign ", g.ID, g.Round, g.At), day) {
			out = append(out, engagement.Command{Kind: engagement.SignGate, Actor: a, Gate: g.ID})
		}
	}
	return out
}

// decisions returns who approves what, and who proposes another first day for a window that was missed: the day on which it could be opened
// by what the manager sees, two weeks ahead at least.
func (s *played) decisions(day models.Date) []engagement.Command {
	var out []engagement.Command
	for _, d := range s.f.Decisions {
		for _, a := range s.f.Approvers(d, s.now) {
			if s.answers(a, fmt.Sprint("approve ", d.ID, a.Person), day) {
				out = append(out, engagement.Command{Kind: engagement.ApproveDecision, Actor: a, Decision: d.ID})
			}
		}
	}
	if s.f.WindowMissed(day) {
		return append(out, s.anotherWindow(day)...)
	}
	return out
}

// anotherWindow has another first day proposed for a window that was missed, or withdraws the one that was proposed when its day has
// passed.
func (s *played) anotherWindow(day models.Date) []engagement.Command {
	who, _ := s.f.Planner()
	for _, d := range s.f.Decisions {
		if d.Kind != engagement.MoveWindow {
			continue
		}
		if err := s.f.Possible(*d, s.now); err != nil {
			return []engagement.Command{{Kind: engagement.WithdrawDecision, Actor: who, Decision: d.ID, Reason: "its day has passed"}}
		}
		return nil
	}
	to := &engagement.Change{WindowOpen: models.Later(day.AddDays(14), s.f.Forecast(s.now).Window)}
	if !s.answers(who, "window "+s.f.Engagement.WindowOpen.String(), day) ||
		s.f.Possible(engagement.Decision{Kind: engagement.MoveWindow, Change: *to}, s.now) != nil {
		return nil
	}
	return []engagement.Command{{Kind: engagement.MoveWindow, Actor: who, Change: to, Reason: "it was missed"}}
}

// naive returns when each report would come by "plan plus present lateness": what it was promised for, later by as much as
// the last phase on the way to it was left or the window was opened late, and as the longest overdue of what the present phase waits for is
// late.
func (s *played) naive(day models.Date) map[engagement.ReportKind]models.Date {
	out, days := map[engagement.ReportKind]models.Date{}, s.f.FirmDays.And(s.f.ClientDays)
	for _, k := range s.kinds() {
		out[k] = days.Add(s.f.Promised(k), s.lateness(k, day, &days))
	}
	return out
}

func (s *played) kinds() []engagement.ReportKind {
	var out []engagement.ReportKind
	for _, p := range s.f.Forecast(s.now).Reports {
		out = append(out, p.Kind)
	}
	return out
}

func (s *played) lateness(k engagement.ReportKind, day models.Date, days *models.Calendar) int {
	base, milestone, late := s.f.Engagement.Baseline.Phases, 0, 0
	for _, st := range s.f.Phases {
		if !onTheWay(k, st.Phase, s.f) {
			continue
		}
		switch {
		case st.Standing == engagement.StandingDone:
			milestone = max(0, days.Count(base[st.Phase].End, st.Actual.End))
		case st.Phase == "t2_window" && st.Standing == engagement.StandingActive:
			milestone = max(0, days.Count(base[st.Phase].Start, st.Actual.Start))
		case st.Standing == engagement.StandingActive:
			for _, t := range s.f.Tasks {
				if t.Phase == st.Phase && t.Gate && t.Late {
					late = max(late, days.Count(t.Due, day))
				}
			}
		}
	}
	return milestone + late
}

// onTheWay reports whether a phase comes before a report: the Type 1 report is not on the way to the Type 2 report.
func onTheWay(k engagement.ReportKind, p any, f *engagement.Facts) bool {
	name := fmt.Sprint(p)
	type1 := len(name) > 2 && name[:2] == "t1"
	switch k {
	case engagement.ReportType2:
		return !type1 && name != "renewal"
	case engagement.ReportType1:
		return name == "kickoff" || name == "gap" || name == "remediation" || type1
	}
	return name != "renewal"
}

// standing names the phases that are under way.
func (s *played) standing() string {
	var out []string
	for _, p := range s.f.Phases {
		if p.Standing == engagement.StandingActive {
			out = append(out, string(p.Phase))
		}
	}
	if s.f.Engagement.Status == engagement.StatusPaused {
		out = append(out, "paused")
	}
	return strings.Join(out, ", ")
}
