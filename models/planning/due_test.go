package planning_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/catalog/files"
	"tickmark/models/planning"
)

// entered returns the day from which the tasks of a phase can be begun; zero for those of the kickoff, which are begun when the
// engagement is started.
func entered(in planning.PlanInput, p planning.Plan, ph catalog.Phase) models.Date {
	last, window := p.Anchors["window_close"]
	switch {
	case ph == catalog.PhaseKickoff:
		return models.Date{}
	case ph == catalog.PhaseWindowSetup:
		return p.Anchors["readiness_date"]
	case ph == catalog.PhaseRenewal && window:
		return last.AddDays(1)
	}
	if was := in.Actual[ph].Start; !was.IsZero() {
		return was
	}
	return phase(p, ph).Start
}

// hurried returns the tasks of a plan by a catalog that are due with less than they take after the day on which they open, and by how many
// days, whatever their kind: at least one business day, and as many as their effort takes at eight hours each.
func hurried(c *catalog.Catalog, in planning.PlanInput, p planning.Plan) map[string]int {
	due := map[string]models.Date{}
	for _, task := range p.Tasks {
		due[task.Template] = task.Due
	}
	out := map[string]int{}
	for _, task := range p.Tasks {
		tmpl, _ := c.Template(task.Template)
		days := in.Firm
		if models.SideOf(tmpl.Owner) == models.SideClient {
			days = in.Client
		}
		opens := entered(in, p, tmpl.Phase)
		for _, id := range tmpl.After {
			first, ok := due[id]
			dep, _ := c.Template(id)
			if !ok || dep.Phase != tmpl.Phase && !in.Actual[dep.Phase].End.IsZero() {
				continue
			}
			if dep.Approver != "" {
				first = days.Add(first, 1)
			}
			opens = models.Later(opens, first)
		}
		if opens.IsZero() || tmpl.Due.FromCadence { // what leads to the kickoff; what is due by the occurrences of a control
			continue
		}
		takes := max(1, (tmpl.EffortMinutes+479)/480)
		if by := days.Add(opens, takes); by.After(task.Due) {
			out[task.Template] = days.Count(task.Due, by)
		}
	}
	return out
}

// warned returns the tasks of which a plan says that they have less time than they take.
func warned(p planning.Plan) []string {
	var out []string
	for _, task := range p.Tasks {
		if slices.ContainsFunc(p.Warnings, func(w planning.Warning) bool {
			return w.Code == planning.WarnPhaseShort && w.Days > 0 && strings.Contains(w.Text, "("+task.Template+")")
		}) {
			out = append(out, task.Template)
		}
	}
	return out
}

// leavesTime checks that a plan has no task but those that happen on a day due with less than it takes after the day on which it opens, or
// says so of exactly these tasks.
func leavesTime(t *testing.T, in planning.PlanInput, p planning.Plan) {
	t.Helper()
	c := loaded(t)
	said, short := warned(p), hurried(c, in, p)
	for _, task := range p.Tasks {
		tmpl, _ := c.Template(task.Template)
		left := !in.Actual[tmpl.Phase].End.IsZero()
		switch _, is := short[task.Template]; {
		case left || tmpl.OnTheDay:
		case is != slices.Contains(said, task.Template):
			t.Fatalf("%s: %s opens on %s, is due on %s and takes %g hours: short %v, said %v", brief(in), task.Template, task.Opens, task.Due,
				tmpl.EffortHours, is, !is)
		}
		if task.Opens.After(task.Due) {
			t.Fatalf("%s: %s opens on %s, after it is due on %s", brief(in), task.Template, task.Opens, task.Due)
		}
	}
}

// Over all types, sizes, days, calendars and agreements: nobody gets a task on the day on which it is due, or with less time than it
// takes, or the plan says of which tasks that is so.
func TestTasksAreLeftTheTimeTheyTake(t *testing.T) {
	short := 0
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 10))
		in := someInput(t, r)
		p := plan(t, in)
		leavesTime(t, in, p)
		given := agreed(in, p.Flags, r)
		leavesTime(t, given, plan(t, given))
		real := happened(given, p, r)
		leavesTime(t, real, plan(t, real))
		short += len(warned(p))
	}
	if short == 0 {
		t.Error("no plan is too short for its work: the law says nothing of these")
	}
}

// What is pulled earlier so that what comes after it has its time is of the same phase: gates, as-of date, window and report stay.
func TestTimeIsFoundWithinAPhase(t *testing.T) {
	before := *loaded(t)
	before.LeastDays = 0
	for seed := range uint64(300) {
		in := someInput(t, rand.New(rand.NewPCG(seed, 11)))
		is := plan(t, in)
		was, err := planning.NewPlan(&before, in)
		if err != nil {
			t.Fatal(err)
		}
		for id, day := range was.Anchors {
			if is.Anchors[id] != day {
				t.Fatalf("%s: %s is on %s, was on %s", brief(in), id, is.Anchors[id], day)
			}
		}
		if !slices.Equal(is.Phases, was.Phases) || is.Report != was.Report {
			t.Fatalf("%s: phases moved", brief(in))
		}
		for i, task := range is.Tasks {
			end := phase(is, task.Phase).End
			if tmpl, _ := before.Template(task.Template); tmpl.OnTheDay && task.Due.Before(was.Tasks[i].Due) {
				t.Fatalf("%s: %s is on %s, before its day, %s", brief(in), task.Template, task.Due, was.Tasks[i].Due)
			}
			if late := models.Later(end, was.Tasks[i].Due); task.Due.After(in.Firm.Roll(in.Client.Roll(late))) {
				t.Fatalf("%s: %s is due on %s, was on %s, and its phase ends on %s", brief(in), task.Template, task.Due, was.Tasks[i].Due, end)
			}
			if task.Phase != catalog.PhaseKickoff && task.Due.Before(was.Tasks[i].Due) && task.Due.Before(entered(in, is, task.Phase)) {
				t.Fatalf("%s: %s is due on %s, before its phase is entered", brief(in), task.Template, task.Due)
			}
		}
	}
}

// The plans of docs/examples.
func exampleInputs(t *testing.T) map[string]planning.PlanInput {
	startup := request(t, "soc2_type1", 12, date(t, "2027-01-11"))
	saas := request(t, "soc2_type1_type2", 180, date(t, "2027-01-11"))
	saas.Categories = []catalog.Category{catalog.Security, catalog.Availability, catalog.Confidentiality}
	saas.WindowOpen, saas.WindowMonths = date(t, "2027-08-01"), 6
	saas.Client = publicHolidays(t, "US")
	for in, days := range map[*planning.PlanInput][]string{&startup: nil, &saas: {"2027-07-05"}} {
		in.Client = publicHolidays(t, "US")
		for _, day := range append(days, "2027-12-27", "2027-12-28", "2027-12-29", "2027-12-30") {
			in.Client.Closed[date(t, day)] = "closed"
		}
	}
	processor := request(t, "soc1_type2", 9000, date(t, "2026-12-07"))
	processor.WindowMonths = 12
	return map[string]planning.PlanInput{"startup-type1": startup, "saas-type1-type2": saas, "processor-soc1": processor}
}

// released returns the catalog of a release.
func released(t *testing.T, release string) *catalog.Catalog {
	t.Helper()
	var out bytes.Buffer
	pack := zip.NewWriter(&out)
	if err := errors.Join(pack.AddFS(os.DirFS("../catalog/files/testdata/released/"+release)), pack.Close()); err != nil {
		t.Fatal(err)
	}
	c, err := files.Unpack(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A startup's manager had 84 tasks due on the day on which they opened, 75 of them pieces of evidence to check. By the catalog of before it
// is so still, since an engagement is carried to its end by the one it was started with; by the present one what is due on that day are
// meetings, and the days on which a window ends and the next one begins.
func TestTasksThatAreDueOnTheDayTheyOpen(t *testing.T) {
	before := released(t, "2027-01")
	count := func(c *catalog.Catalog, in planning.PlanInput) (n int, of []string) {
		p, err := planning.NewPlan(c, in)
		if err != nil {
			t.Fatal(err)
		}
		scope := catalog.Scope{Kind: p.Flags[0], Categories: in.Categories, Headcount: in.Headcount}
		evidence := len(c.InScope(scope).EvidenceFor(catalog.StageT1))
		for _, task := range p.Tasks {
			tmpl, _ := c.Template(task.Template)
			leads := tmpl.Phase == catalog.PhaseKickoff && len(tmpl.After) == 0 // opens when the engagement is started
			late := !task.Due.After(models.Later(task.Opens, entered(in, p, tmpl.Phase)))
			switch {
			case !late || tmpl.Due.FromCadence:
			case tmpl.Expand == "per_evidence_t1":
				n += evidence
			default:
				n++
			}
			if late && !tmpl.Due.FromCadence && !leads {
				of = append(of, task.Template)
			}
		}
		return n, of
	}
	for name, want := range map[string]struct {
		before, now int
		of          string
	}{
		"startup-type1":    {84, 4, "KO-06 T1-08"},
		"saas-type1-type2": {97, 7, "KO-06 T1-08 WC-01 T2-02 RN-01"},
		"processor-soc1":   {8, 6, "KO-06 WC-01 T2-02 RN-01"},
	} {
		in := exampleInputs(t)[name]
		was, _ := count(before, in)
		now, of := count(loaded(t), in)
		if was != want.before || now != want.now || strings.Join(of, " ") != want.of {
			t.Errorf("%s: %d tasks were due on the day on which they open, now %d: %s", name, was, now, strings.Join(of, " "))
		}
		if codes(plan(t, in).Warnings) != "" {
			t.Errorf("%s: %+v", name, plan(t, in).Warnings)
		}
	}
}

// A gap analysis of eight days is too short for its work, and the plan says by how much and of which tasks.
func TestAPhaseThatIsTooShortIsSaid(t *testing.T) {
	in := request(t, "soc2_type1", 10, date(t, "2026-03-02"))
	in.Days = map[catalog.Phase]int{catalog.PhaseGap: 8}
	p := plan(t, in)
	if codes(p.Warnings) != planning.WarnPhaseShort {
		t.Fatalf("got %+v", p.Warnings)
	}
	const want = "Gap analysis is 5 business days too short for the work in it: less time than it takes is left for Rate gaps (GA-08), " +
		"Draft gap report and roadmap (GA-09), Review gap report inside the firm (GA-10), Present gap report (GA-11), " +
		"Accept gaps, owners and dates (GA-12)"
	if w := p.Warnings[0]; w.Text != want || w.Days != 5 || w.Field != "kickoff" {
		t.Errorf("got %+v", w)
	}
	in.Days[catalog.PhaseGap] = 8 + 5
	if longer := plan(t, in); len(longer.Warnings) > 0 {
		t.Errorf("with the days it misses it says %+v", longer.Warnings)
	}
	in.Days[catalog.PhaseGap]--
	if shorter := plan(t, in); codes(shorter.Warnings) != planning.WarnPhaseShort || shorter.Warnings[0].Days != 1 {
		t.Errorf("with a day less than it takes it says %+v", shorter.Warnings)
	}
}

// The durations of the catalog leave every task of a first engagement the time it takes, of whatever type and size. A renewal's are shrunk,
// and its plans say so.
func TestTheCatalogsDurationsAreLongEnough(t *testing.T) {
	c := loaded(t)
	for _, kind := range c.Types {
		for _, people := range c.Sizes {
			for _, w := range plan(t, request(t, kind.ID, people, date(t, "2026-01-05"))).Warnings {
				if w.Code == planning.WarnPhaseShort && kind.ID != "soc2_type2_renewal" {
					t.Errorf("%s, %d people: %s", kind.ID, people, w.Text)
				}
			}
		}
	}
}

// The renewal is entered when the window has closed and counts from the report: next window and bridge letter do not wait for that.
func TestWhatFollowsTheWindowDoesNotWaitForTheReport(t *testing.T) {
	in := exampleInputs(t)["saas-type1-type2"]
	before := plan(t, in)
	in.Actual = map[catalog.Phase]planning.Span{catalog.PhaseRenewal: {Start: before.Report}}
	entered := plan(t, in)
	for _, id := range []string{"RN-01", "RN-03"} {
		if due(entered, id) != due(before, id) || !due(entered, id).Before(before.Report) {
			t.Errorf("%s was due on %s, and is on %s once the renewal is entered", id, due(before, id), due(entered, id))
		}
	}
}
