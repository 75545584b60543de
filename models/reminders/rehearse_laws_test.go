package reminders_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
)

// A rehearsal is what really happens: on every day its facts are those of an engagement that is lived through on the desk by people who
// behave as it assumes, and they do the same there. Only the summary, which nobody reads in a rehearsal, is left as it was.
func TestARehearsalIsWhatHappens(t *testing.T) {
	for _, name := range examples {
		for _, assume := range reminders.Assumptions {
			t.Run(name+"/"+string(assume), func(t *testing.T) {
				t.Parallel()
				f, _ := anExample(t, name)
				played(t, f, assume, f.Engagement.Kickoff.AddDays(-7).At(f.Location(), 12, 0))
			})
		}
	}
	for seed := range 8 {
		t.Run(fmt.Sprint("some engagement ", seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(seed), 23))
			d := modelstest.SomeDraft(t, r)
			played(t, d.Facts, reminders.Assumptions[seed%len(reminders.Assumptions)], d.Now)
		})
	}
}

// played rehearses a draft and lives it through on a desk, and reports where the two differ.
func played(t *testing.T, f *engagement.Facts, assume reminders.Assumption, now time.Time) {
	t.Helper()
	until := f.Engagement.Kickoff.AddMonths(40)
	if assume == reminders.AssumeSilent {
		until = f.Engagement.Kickoff.AddMonths(9) // little happens
	}
	d := modelstest.DeskOf(t, modelstest.CopyOf(f), now)
	got, at, acts := watched(t, f, assume, now, until)
	s := &story{Desk: d, assume: assume}
	s.say(string(f.Engagement.Manager), engagement.StartEngagement)
	if days := s.livesThrough(t, now, until, at); days < 5 || days != len(at) {
		t.Errorf("%d days were compared, %d were lived in the rehearsal", days, len(at))
	}
	slices.Sort(acts)
	slices.Sort(s.acts)
	if !t.Failed() && !slices.Equal(acts, s.acts) {
		t.Errorf("people did what they did not on the desk: %v\nor did not do %v", beyond(acts, s.acts), beyond(s.acts, acts))
	}
	endsAsOnTheDesk(t, got, d.Facts)
	if strings.Contains(got.Stopped, "cannot do") || len(got.Remarks) > 0 && assume != reminders.AssumeSilent {
		t.Errorf("%s %v", got.Stopped, got.Remarks)
	}
}

// watched rehearses a draft from now until a day. It returns the rehearsal, the facts at three o'clock of each business day by the
// second, and what people did.
func watched(t *testing.T, f *engagement.Facts, assume reminders.Assumption, now time.Time, until models.Date) (reminders.Rehearsal,
	map[int64]*engagement.Facts, []string) {
	t.Helper()
	at, acts := map[int64]*engagement.Facts{}, []string{}
	got, err := reminders.RehearseWatched(f, modelstest.Audience(f), assume, now, until,
		func(c engagement.Command, when time.Time) { acts = append(acts, deeds(c, when)...) }, func(f *engagement.Facts, when time.Time) {
			if day := f.Today(when); when.Equal(day.At(f.Location(), 15, 0)) && (f.ClientDays.IsBusiness(day) || f.FirmDays.IsBusiness(day)) {
				at[when.Unix()] = bare(f)
			}
		})
	if err != nil {
		t.Fatal(err)
	}
	return got, at, acts
}

// livesThrough lives a story from now until a day, or until it ends or the rehearsal has stopped, and reports where the facts of a
// day differ from those rehearsed, at. It returns how many days were compared.
func (s *story) livesThrough(t *testing.T, now time.Time, until models.Date, at map[int64]*engagement.Facts) int {
	t.Helper()
	d, days := s.Desk, 0
	for day := d.Today(); d.Facts.Engagement.Status.Live() && !day.After(until) && !t.Failed(); day = day.AddDays(1) {
		noon := day.At(d.Facts.Location(), 15, 0)
		if !noon.After(now) || !d.Facts.ClientDays.IsBusiness(day) && !d.Facts.FirmDays.IsBusiness(day) {
			continue
		}
		d.Pass(noon)
		if !d.Facts.Engagement.Status.Live() {
			break
		}
		if at[noon.Unix()] == nil {
			break // the rehearsal has stopped before
		}
		s.act()
		same(t, day, at[noon.Unix()], bare(d.Facts))
		days++
	}
	return days
}

// endsAsOnTheDesk checks that a rehearsal ends on the day on which the engagement was completed on the desk, or says why it stopped.
func endsAsOnTheDesk(t *testing.T, got reminders.Rehearsal, f *engagement.Facts) {
	t.Helper()
	ended := f.Engagement.Status == engagement.StatusCompleted
	if ended != !got.EndedOn.IsZero() || ended != (got.Stopped == "") || ended && got.EndedOn != f.Today(f.Engagement.EndedAt) {
		t.Errorf("on the desk it is %s, the rehearsal ended on %q: %q", f.Engagement.Status, got.EndedOn, got.Stopped)
	}
}

// deeds says who did what when, one line a task.
func deeds(c engagement.Command, when time.Time) []string {
	about := []string{c.Gate + c.Decision}
	for i, id := range c.Tasks {
		if i == 0 {
			about = nil
		}
		about = append(about, string(id))
	}
	var out []string
	for _, x := range about {
		out = append(out, fmt.Sprintf("%s %s %s %s", when.UTC().Format("2006-01-02 15:04"), c.Actor.Person, c.Kind, x))
	}
	return out
}

// beyond returns the first few of some lines that others do not have.
func beyond(all, others []string) []string {
	out := slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(others, s) })
	return out[:min(5, len(out))]
}

// bare returns facts without what a rehearsal does not reckon, in one order.
func bare(f *engagement.Facts) *engagement.Facts {
	c := modelstest.CopyOf(f)
	e := &c.Engagement
	e.Summary, e.Baseline.Cautious, e.Revision = engagement.Summary{}, models.Date{}, 0
	e.Outlook.Last, e.Outlook.Spread, e.Outlook.Played = nil, nil, models.Date{}
	e.Outlook.Slips = nil // of several who are late on one day the last to be done is booked, and their order is nobody's
	c.FirmDays, c.ClientDays, c.People, c.Duties = models.Calendar{}, models.Calendar{}, nil, nil
	slices.SortFunc(c.Tasks, func(a, b *engagement.Task) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return c
}

// same reports where two facts of a day differ.
func same(t testing.TB, day models.Date, rehearsed, real *engagement.Facts) {
	t.Helper()
	if reflect.DeepEqual(rehearsed, real) {
		return
	}
	t.Errorf("%s: the rehearsal is not what happens", day)
	for _, x := range []struct{ got, want any }{{rehearsed.Engagement, real.Engagement}, {rehearsed.Phases, real.Phases},
		{rehearsed.Gates, real.Gates}} {
		if !reflect.DeepEqual(x.got, x.want) {
			t.Errorf("rehearsed: %+v\nreally:    %+v", x.got, x.want)
		}
	}
	if len(rehearsed.Decisions) != len(real.Decisions) {
		t.Errorf("%d decisions are pending, really %d", len(rehearsed.Decisions), len(real.Decisions))
	}
	for _, x := range real.Tasks {
		if r := rehearsed.Task(x.ID); r == nil {
			t.Errorf("%s is not open", x.ID)
		} else if !reflect.DeepEqual(r, x) {
			t.Errorf("rehearsed: %+v\nreally:    %+v", r, x)
		}
	}
	if len(rehearsed.Tasks) > len(real.Tasks) {
		t.Errorf("%d tasks are open, really %d", len(rehearsed.Tasks), len(real.Tasks))
	}
}

// A story is an engagement on the desk whose people behave as a rehearsal assumes. It asks the facts alone what is due.
type story struct {
	*modelstest.Desk
	assume reminders.Assumption
	acts   []string
	moves  int
}

// say carries a command out and notes it.
func (s *story) say(who string, k engagement.Kind, with ...func(*engagement.Command)) {
	s.T.Helper()
	s.Do(who, k, with...)
	s.acts = append(s.acts, deeds(s.Command(who, k, with...), s.Now)...)
}

// answers reports whether somebody does what they are asked.
func (s *story) answers(who models.PersonID) bool {
	p, _ := s.Facts.Person(who)
	return s.assume != reminders.AssumeSilent || p.Role.Side() == models.SideFirm
}

// endsNow reports whether who is on time answers at once, since the phase is to end by now.
func (s *story) endsNow(p catalog.Phase) bool {
	planned := s.Facts.Phase(p).Plan.End
	return s.assume != reminders.AssumeLate && !planned.IsZero() && !s.Today().Before(planned)
}

// stops reports whether somebody who is on time would be late with a task as long as another one is not accepted.
func (s *story) stops(x *engagement.Task) bool {
	for _, next := range s.Facts.Tasks {
		waits := next.State == engagement.TaskWaiting && !s.Today().Before(next.Due) && s.assume != reminders.AssumeLate
		like := x.Template != "" && next.Template != "" && slices.Contains(next.After, x.Template)
		if waits && (like || slices.Contains(next.After, string(x.ID))) {
			return true
		}
	}
	return false
}

// over reports whether a day is longer ago than people take to answer.
func (s *story) over(since time.Time) bool {
	late := map[reminders.Assumption]int{reminders.AssumeLate: 3}[s.assume]
	return s.Facts.FirmDays.Count(s.Facts.Today(since), s.Today()) > late
}

// act lets everybody do what they do on this day: in a small company one thing at a time, in a large one all that is somebody's at once.
func (s *story) act() {
	s.T.Helper()
	for s.Facts.Engagement.Status.Live() && (s.one() || s.agreed()) {
	}
}

// does returns what is to be done about a task on this day, and by whom; empty when nothing is.
func (s *story) does(x *engagement.Task) (engagement.Kind, models.PersonID) {
	late := map[reminders.Assumption]int{reminders.AssumeLate: 3}[s.assume]
	due, days := x.Due, s.Facts.Days(x.OwnerRole)
	if x.OpenedOn.After(due) {
		due = days.Add(x.OpenedOn, 1)
	}
	switch {
	case x.State == engagement.TaskOpen && s.answers(x.Owner) && !days.Add(due, late).After(s.Today()):
		return engagement.CompleteTask, x.Owner
	case x.State == engagement.TaskSubmitted && s.answers(x.Approver) && (s.over(x.DoneAt) || s.endsNow(x.Phase) || s.stops(x)):
		return engagement.AcceptTask, x.Approver
	}
	return "", ""
}

// one has one thing done, if one is due.
func (s *story) one() bool {
	s.T.Helper()
	var ids []models.TaskID
	var kind engagement.Kind
	var who models.PersonID
	for _, x := range s.Facts.Tasks {
		if k, by := s.does(x); k != "" && (len(ids) == 0 || k == kind && by == who && s.Facts.Client.Headcount > 100) {
			kind, who, ids = k, by, append(ids, x.ID)
		}
	}
	if len(ids) > 0 {
		s.say(string(who), kind, modelstest.Task(ids...))
		return true
	}
	for _, g := range s.Signable() {
		if g.Approver != models.RoleSystem && g.State == engagement.GateOpen && s.answers(g.Who[0]) && (s.over(g.At) || s.endsNow(g.Phase)) {
			s.say(string(g.Who[0]), engagement.SignGate, modelstest.Gate(g.ID))
			return true
		}
	}
	return false
}

// agreed has a window that was missed moved, twice at most, and has what was proposed approved.
func (s *story) agreed() bool {
	s.T.Helper()
	w, e := s.Facts.Phase(catalog.PhaseWindow), s.Facts.Engagement
	missed := w != nil && w.Standing == engagement.StandingWaiting && s.Facts.ClientDays.Count(e.WindowOpen, s.Today()) > 5
	if missed && len(s.Facts.Decisions) == 0 && s.moves < 2 {
		s.moves++
		to := modelstest.Later(s.Today().AddDays(30), s.Facts.Forecast(s.Now).Window)
		s.say(string(e.Manager), engagement.MoveWindow, modelstest.Changed(engagement.Change{WindowOpen: to}), modelstest.Because("rehearsed"))
		return true
	}
	for _, x := range s.Facts.Decisions {
		for _, role := range s.Facts.Missing(x) {
			who := map[models.Role]models.PersonID{models.RolePartner: e.Partner}[role]
			for _, duty := range s.Facts.Duties {
				if role == models.RoleSponsor && duty.Function == "sponsor" {
					who = duty.Person
				}
			}
			if s.over(x.ProposedAt) && s.answers(who) {
				s.say(string(who), engagement.ApproveDecision, modelstest.Decision(x.ID), modelstest.Because("rehearsed"))
				return true
			}
		}
	}
	return false
}

// A rehearsal may begin anywhere in the life of an engagement that people have made a mess of: with work returned or blocked, dates moved,
// requests and decisions pending, gates refused. Whatever it has people do is carried out on the desk at that instant, to the same facts.
// It comes to the end or says why not.
func TestARehearsalFromTheMiddleOfALife(t *testing.T) {
	ends, stops := 0, 0
	for seed := range 14 {
		t.Run(fmt.Sprint("life ", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(seed), 29))
			d := modelstest.SomeLife(t, r)
			for range 25 {
				if d.Sensibly(r); r.IntN(6) == 0 {
					d.Pass(d.Now.Add(time.Duration(r.IntN(60*24*6)) * time.Minute))
				}
			}
			if t.Failed() || !d.Facts.Engagement.Status.Live() {
				return
			}
			if d.Facts.Engagement.Status == engagement.StatusPaused && seed > 2 {
				d.Do("marta", engagement.ResumeEngagement)
			}
			got := follows(d, reminders.Assumptions[seed%2])
			if got.EndedOn.IsZero() == (got.Stopped == "") || strings.Contains(got.Stopped, "cannot do") {
				t.Errorf("it ends on %q and stops since %q", got.EndedOn, got.Stopped)
			}
			if got.Stopped != "" {
				stops++
				t.Log(got.Stopped)
			} else {
				ends++
			}
			for _, x := range got.Remarks {
				t.Log(x)
			}
		})
	}
	if ends == 0 || stops == 0 {
		t.Errorf("%d rehearsals came to the end, %d stopped before", ends, stops)
	}
}

// The status, the messages and the tasks themselves say the same of every task in any life: when it is due, whether it is late, and for its
// owner by how many business days, wherever they live.
func TestOneTruthAboutTime(t *testing.T) {
	t.Parallel()
	said, late, asked := 0, 0, 0
	for seed := range 16 {
		r := rand.New(rand.NewPCG(uint64(seed), 10))
		d := modelstest.SomeLife(t, r)
		for range 12 {
			if d.Sensibly(r); r.IntN(3) == 0 {
				d.Pass(d.Now.Add(time.Duration(r.IntN(60*24*12)) * time.Minute))
			}
			report, moment := d.Facts.Report(d.Now), d.Facts.At(d.Now)
			for _, line := range slices.Concat(report.Overdue, report.Next, report.Past) {
				w := moment.When(d.Facts.Task(line.ID))
				if said++; line.Due != w.Due || line.When.Days != w.Days || line.Late != w.Late || !slices.Equal(line.When.WaitsFor, w.WaitsFor) {
					t.Fatalf("life %d, %s: the status has %s due %s, %+v, %t; the task says %+v", seed, d.Now, line.ID, line.Due, line.When,
						line.Late, w)
				}
				if line.Late {
					late++
				}
			}
			aud := modelstest.Audience(d.Facts)
			aud.All = true
			for _, n := range reminders.Nudges(d.Facts, aud, d.Now) {
				task := d.Facts.Task(models.TaskID(n.Item.Subject))
				if n.Item.Kind != engagement.ItemDo || task == nil {
					continue
				}
				w := moment.When(task)
				asked++
				if n.Item.Due != w.Due || n.Late != w.Days || n.Late > 0 && !w.Late {
					t.Fatalf("life %d, %s: %s reads that %s is due %s, %d; the task says %+v", seed, d.Now, n.To, task.ID, n.Item.Due, n.Late, w)
				}
			}
		}
	}
	if said < 500 || late < 50 || asked < 500 {
		t.Errorf("only %d lines, %d late and %d messages were compared", said, late, asked)
	}
}

// follows rehearses what is on the desk and carries out there what people do in it.
func follows(d *modelstest.Desk, assume reminders.Assumption) reminders.Rehearsal {
	d.T.Helper()
	type act struct {
		c  engagement.Command
		at time.Time
	}
	var acts []act
	at := map[int64]*engagement.Facts{}
	f := toRehearse(d)
	got, err := reminders.RehearseWatched(f, modelstest.Audience(f), assume, d.Now, d.Today().AddMonths(36),
		func(c engagement.Command, when time.Time) { acts = append(acts, act{c, when}) },
		func(f *engagement.Facts, when time.Time) { at[when.Unix()] = bare(f) })
	if err != nil {
		d.T.Fatal(err)
	}
	for i, a := range acts {
		d.Pass(a.at)
		decide := func(f *engagement.Facts) error { _, err := engagement.Decide(f, a.c, d.Now); return err }
		if err := d.Change(engagement.NeedOf(a.c), decide); err != nil {
			d.T.Fatalf("%s: %s %s of %v: %v", d.Today(), a.c.Actor.Person, a.c.Kind, a.c.Tasks, err)
		}
		d.Settle()
		if i == len(acts)-1 || !acts[i+1].at.Equal(a.at) {
			if same(d.T, d.Today(), at[a.at.Unix()], bare(d.Facts)); d.T.Failed() {
				break
			}
		}
	}
	return got
}
