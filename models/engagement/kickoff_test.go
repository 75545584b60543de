package engagement_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// kickoff is an edit that moves the kickoff.
func kickoff(day string) func(*engagement.Command) {
	to := modelstest.On(day)
	return modelstest.Edited(engagement.Edit{Kickoff: &to})
}

// dates says all dates of an engagement: what was agreed, promised and planned, and when its open tasks are due.
func dates(d *modelstest.Desk) []string {
	e := d.Facts.Engagement
	out := []string{fmt.Sprintf("kickoff %s, as of %s, window %v, baseline %s, cautious %s, target %s", e.Kickoff, e.AsOf, e.Window(),
		e.Baseline.Report, e.Baseline.Cautious, e.Target)}
	for _, p := range d.Facts.Phases {
		out = append(out, fmt.Sprintf("%s %v %v", p.Phase, p.Plan, e.Baseline.Phases[p.Phase]))
	}
	for _, x := range d.Facts.Tasks {
		out = append(out, fmt.Sprintf("%s due %s, first %s, planned %s, %d days", x.ID, x.Due, x.Original, x.PlannedDue(), x.Span))
	}
	slices.Sort(out)
	return out
}

// Until the first task is done the kickoff moves as if the engagement had been started with it, earlier or later, whatever its type.
func TestTheKickoffMovesUntilTheFirstTaskIsDone(t *testing.T) {
	for _, kind := range modelstest.Catalog().Types {
		for _, to := range []string{"2027-01-07", "2027-01-18", "2027-04-12", "2028-01-03"} {
			d := modelstest.Started(t, kind.ID)
			d.Do("ines", engagement.EditEngagement, kickoff(to), modelstest.Because("the client asked for it"))
			want := modelstest.Started(t, kind.ID, func(f *engagement.Facts) { f.Engagement.Kickoff = modelstest.On(to) })
			if got, want := dates(d), dates(want); !slices.Equal(got, want) {
				for i := range want {
					if got[i] != want[i] {
						t.Errorf("%s: moved to %s, it has\n%s\nstarted so it has\n%s", kind.ID, to, got[i], want[i])
					}
				}
			}
			if got := strings.Join(d.Logged("engagement.edited"), "; "); !strings.Contains(got, "2027-01-11->"+to) {
				t.Errorf("the record says %s", got)
			}
		}
	}
}

// Where the kickoff may not go, and when it does not move by an edit any more.
func TestWhereTheKickoffMayNotGo(t *testing.T) {
	d := modelstest.Started(t, "soc2_type1")
	d.Refused(models.Invalid, "reason", "reason must have", "ines", engagement.EditEngagement, kickoff("2027-01-18"))
	d.Refused(models.Invalid, "kickoff", "kickoff 2026-01-11 must lie between today, 2027-01-04, and 2028-01-04", "ines",
		engagement.EditEngagement, kickoff("2026-01-11"), modelstest.Because("x"))
	d.Refused(models.Invalid, "kickoff", "kickoff 2028-01-05 must lie between", "ines", engagement.EditEngagement, kickoff("2028-01-05"),
		modelstest.Because("x"))
	d.Refused(models.Forbidden, "", "changing an engagement is for partner or pm", "ruth", engagement.EditEngagement, kickoff("2027-01-18"),
		modelstest.Because("x"))
	d.Do("marta", engagement.PauseEngagement, modelstest.Because("a merger"))
	d.Refused(models.Conflict, "status", "the engagement is paused: resume it first", "ines", engagement.EditEngagement, kickoff("2027-01-18"),
		modelstest.Because("x"))
	d.Do("marta", engagement.ResumeEngagement)
	d.Do("ines", engagement.CompleteTask, modelstest.Task("KO-02"))
	d.Refused(models.Conflict, "kickoff", "from the first task that is done, the kickoff moves by a decision, not by an edit", "ines",
		engagement.EditEngagement, kickoff("2027-01-18"), modelstest.Because("x"))

	gap := modelstest.In(t, "soc2_type1", catalog.PhaseGap)
	gap.Refused(models.Conflict, "kickoff", "the kickoff is over", "ruth", engagement.MoveKickoff,
		modelstest.Changed(engagement.Change{Kickoff: gap.Today().AddDays(7)}), modelstest.Because("x"))
}

// What somebody chose stays where it is when the kickoff moves: the as-of date, the window, the promise. What contradicts it is refused.
func TestWhatWasChosenStaysWhenTheKickoffMoves(t *testing.T) {
	asOf, promise := modelstest.On("2027-09-01"), modelstest.On("2028-12-01")
	d := modelstest.Started(t, "soc2_type1_type2", func(f *engagement.Facts) { f.Engagement.AsOf, f.Engagement.Target = asOf, promise })
	d.Do("ines", engagement.EditEngagement, kickoff("2027-02-01"), modelstest.Because("three weeks"))
	if e := d.Facts.Engagement; e.AsOf != asOf || e.Target != promise {
		t.Errorf("the as-of date is %s and the promise %s", e.AsOf, e.Target)
	}
	if got, want := dates(d), dates(modelstest.Started(t, "soc2_type1_type2", func(f *engagement.Facts) {
		f.Engagement.Kickoff, f.Engagement.AsOf, f.Engagement.Target = modelstest.On("2027-02-01"), asOf, promise
	})); !slices.Equal(got, want) {
		t.Errorf("moved, it has\n%s\nstarted so it has\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	d.Refused(models.Invalid, "as_of", "", "ines", engagement.EditEngagement, kickoff("2027-10-04"), modelstest.Because("x"))
	if d.Facts.Engagement.Kickoff != modelstest.On("2027-02-01") {
		t.Errorf("refused, the kickoff is %s", d.Facts.Engagement.Kickoff)
	}
}

// Once something is done the kickoff moves by a decision of sponsor and partner: nothing done moves, what is not done is planned anew, and
// baseline and promise stay.
func TestTheKickoffMovesByADecision(t *testing.T) {
	d := modelstest.Started(t, "soc2_type2")
	d.Do("ines", engagement.CompleteTask, modelstest.Task("KO-02"))
	was, done := d.Facts.Engagement, *d.Task("KO-02")
	before := map[models.TaskID]models.Date{}
	for _, x := range d.Facts.Tasks {
		before[x.ID] = x.Due
	}
	to := modelstest.On("2027-01-25")
	id := d.Do("ines", engagement.MoveKickoff, modelstest.Changed(engagement.Change{Kickoff: to}), modelstest.Because("Ruth is ill"))
	if got := d.Missing(id); !slices.Equal(got, []models.Role{models.RoleSponsor, models.RolePartner}) {
		t.Errorf("it waits for %v", got)
	}
	if text := d.Facts.Explain(d.Facts.DecisionOf(id)); text != "Ines proposes to move the kickoff from Mon 2027-01-11 to Mon 2027-01-25" {
		t.Errorf("it says %q", text)
	}
	d.Do("ruth", engagement.ApproveDecision, modelstest.Decision(id))
	if d.Facts.Engagement.Kickoff != was.Kickoff {
		t.Error("it moved before the partner agreed")
	}
	d.Do("marta", engagement.ApproveDecision, modelstest.Decision(id))
	is := d.Facts.Engagement
	if is.Kickoff != to || is.Target != was.Target || is.Baseline.Report != was.Baseline.Report ||
		!maps.Equal(is.Baseline.Phases, was.Baseline.Phases) {
		t.Errorf("kickoff %s, promise %s, baseline %+v", is.Kickoff, is.Target, is.Baseline)
	}
	if x := d.Task("KO-02"); x.Due != done.Due || x.DoneAt != done.DoneAt || x.State != engagement.TaskDone {
		t.Errorf("what is done became %+v", x)
	}
	want := modelstest.Started(t, "soc2_type2", func(f *engagement.Facts) { f.Engagement.Kickoff = to })
	for _, x := range d.Facts.Tasks {
		if x.Due != want.Task(x.ID).Due || x.Due == before[x.ID] {
			t.Errorf("%s was due %s and is due %s, and %s if it had begun so", x.ID, before[x.ID], x.Due, want.Task(x.ID).Due)
		}
	}
	if is.WindowOpen != want.Facts.Engagement.WindowOpen || len(d.Logged("window.moved")) != 1 {
		t.Errorf("the window opens on %s, not on %s: %v", is.WindowOpen, want.Facts.Engagement.WindowOpen, d.Logged("window.moved"))
	}
	if got := fmt.Sprint(d.Logged("kickoff.moved")); got != "["+id+" 2027-01-11->2027-01-25]" {
		t.Errorf("the record says %s", got)
	}
	d.Refused(models.Invalid, "kickoff", "other than the present one", "ines", engagement.MoveKickoff,
		modelstest.Changed(engagement.Change{Kickoff: to}), modelstest.Because("x"))
}

// With the as-of date that moves along, those have to agree whom its own move takes: the auditor too.
func TestWhoAgreesToAnotherKickoff(t *testing.T) {
	d := modelstest.Started(t, "soc2_type1")
	d.Do("ines", engagement.CompleteTask, modelstest.Task("KO-02"))
	id := d.Do("ines", engagement.MoveKickoff, modelstest.Changed(engagement.Change{Kickoff: modelstest.On("2027-02-08")}),
		modelstest.Because("Ruth is ill"))
	if got := d.Missing(id); !slices.Equal(got, []models.Role{models.RoleSponsor, models.RolePartner, models.RoleAuditor}) {
		t.Errorf("it waits for %v", got)
	}
}

// Another kickoff is told once to everybody who leads, or has something to do; another promise to partner, manager and sponsor.
func TestAnotherKickoffAndAnotherPromiseAreTold(t *testing.T) {
	d := modelstest.Started(t, "soc2_type2")
	got := told(t, d, "ines", engagement.EditEngagement, kickoff("2027-01-18"), modelstest.Because("the client asked for it"))
	for _, who := range []string{"marta", "ruth", "priya", "tom", "hugo"} {
		if n := len(models.Keep(got, func(s string) bool { return s == "kickoff "+who })); n != 1 {
			t.Errorf("%s is told %d times: %v", who, n, got)
		}
	}
	if slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "promise") || strings.HasSuffix(s, "ines") }) {
		t.Errorf("told are %v", got)
	}
	later := d.Facts.Engagement.Target.AddDays(30)
	promise := modelstest.Edited(engagement.Edit{Target: &later})
	for who, want := range map[string]string{"ines": "[promise marta promise ruth]", "marta": "[promise ines promise ruth]"} {
		if got := fmt.Sprint(told(t, d, who, engagement.EditEngagement, promise, modelstest.Because("a month more"))); got != want {
			t.Errorf("by %s, told are %s, want %s", who, got, want)
		}
	}
	was := d.Facts.Engagement.Target
	d.Do("ines", engagement.EditEngagement, promise, modelstest.Because("a month more"))
	at := slices.IndexFunc(d.Events, func(e engagement.Event) bool { return e.Field == "target_report" })
	if e := d.Events[at]; e.From != was.String() || e.To != later.String() || e.Reason != "a month more" || e.Actor != "ines" {
		t.Errorf("the record says %+v", e)
	}
}
