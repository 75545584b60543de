package engagement_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// workBut has everybody do and accept what is due, on its day, but for some tasks, and sign what can be signed, until a day.
func workBut(d *modelstest.Desk, until models.Date, but func(*engagement.Task) bool) {
	for ; d.Today().Before(until); d.GoTo(d.Today().AddDays(1)) {
		for n := 0; n < 4; n++ {
			for _, x := range slices.Clone(d.Facts.Tasks) {
				switch {
				case but(x) || x.Due.After(d.Today()):
				case x.State == engagement.TaskOpen && d.Doer(x) != "":
					d.Do(string(d.Doer(x)), engagement.CompleteTask, modelstest.Task(x.ID))
				case x.State == engagement.TaskSubmitted && x.Approver != x.DoneBy:
					d.Do(string(x.Approver), engagement.AcceptTask, modelstest.Task(x.ID))
				}
			}
			for _, g := range d.Signable() {
				if g.Approver != models.RoleSystem && len(g.Who) > 0 {
					d.Do(string(g.Who[0]), engagement.SignGate, modelstest.Gate(g.ID))
				}
			}
		}
	}
}

// sharesOf returns the days of the causes of the last report by their owners.
func sharesOf(d *modelstest.Desk) map[models.PersonID]int {
	out := map[models.PersonID]int{}
	for _, x := range d.Report().Forecast.Drivers {
		out[x.Owner] += x.Days
	}
	return out
}

// askedForDocuments returns a Type 1 in which documents are asked for, each of whoever has it.
func askedForDocuments(t *testing.T) *modelstest.Desk {
	d := modelstest.In(t, "soc2_type1", catalog.PhaseGap)
	d.Until(modelstest.On("2028-01-22"), func() bool {
		all := d.CopiesOf("GA-02")
		return len(all) > 0 && all[0].State == engagement.TaskOpen
	})
	return d
}

// Three people send all their documents 25 business days late, on one day: what that costs is theirs before and after, one cause each,
// and nothing of Priya's, who goes on with them and is in time. When the phase has been left it is theirs still, and not of who signs.
func TestWhatWasDoneLateTogetherIsSharedAndStays(t *testing.T) {
	d := askedForDocuments(t)
	documents := func(x *engagement.Task) bool { return x.Template == "GA-02" }
	workBut(d, d.Facts.FirmDays.Add(d.CopiesOf("GA-02")[0].Due, 25), documents)
	was := d.Report().Forecast
	owners := map[models.PersonID]bool{}
	for _, x := range d.CopiesOf("GA-02") {
		owners[x.Owner] = true
		d.Do(string(d.Doer(x)), engagement.CompleteTask, modelstest.Task(x.ID))
	}
	if len(was.Drivers) != 1 || !owners[was.Drivers[0].Owner] || len(owners) < 3 {
		t.Fatalf("before it is done what makes it late is %+v", was.Drivers)
	}
	for _, until := range []models.Date{d.Today().AddDays(1), d.Today().AddDays(3), d.Today().AddDays(60)} {
		causes := map[models.PersonID]int{}
		for _, x := range d.Report().Forecast.Drivers {
			if x.Subject == engagement.PaceSubject {
				continue
			}
			causes[x.Owner]++
			if !owners[x.Owner] || !strings.Contains(x.Text, " more (") || !strings.Contains(x.Text, " were done up to 25 business days late") {
				t.Errorf("%s: what was late is %+v", d.Today(), x)
			}
		}
		if len(causes) != len(owners) || slices.Max(slices.Collect(maps.Values(causes))) > 1 {
			t.Errorf("%s: causes by owner are %v", d.Today(), causes)
		}
		workBut(d, until, func(*engagement.Task) bool { return false })
	}
	if d.Facts.Phase(catalog.PhaseGap).Standing != engagement.StandingDone {
		t.Error("the gap analysis is not over")
	}
}

// Of the documents one is never sent, and is waived 25 business days after it was due: it is not said that it was done.
func TestWhatIsWaivedLateWasNotDone(t *testing.T) {
	d := askedForDocuments(t)
	one := d.CopiesOf("GA-02")[0].ID
	workBut(d, d.Facts.FirmDays.Add(d.Facts.Task(one).Due, 25), func(x *engagement.Task) bool { return x.ID == one })
	d.Do(string(d.Facts.Engagement.Manager), engagement.WaiveTask, modelstest.Task(one), modelstest.Because("there is none"))
	for _, until := range []models.Date{d.Today(), d.Today().AddDays(1), d.Today().AddDays(5)} {
		workBut(d, until, func(*engagement.Task) bool { return false })
		said := ""
		for _, x := range d.Report().Forecast.Drivers {
			if x.Subject == string(one) {
				said = x.Text
			}
		}
		if !strings.HasSuffix(said, " was waived 25 business days after it was due") {
			t.Errorf("%s: of what was waived it is said %q: %+v", d.Today(), said, d.Report().Forecast.Drivers)
		}
	}
}

// The tasks of the gap analysis are put off by twelve business days, and done and signed on their days: that is the decision's while they
// are to come, and when they are done and signed, and nobody's who did or signed it.
func TestWhatADecisionPutOffIsTheDecisions(t *testing.T) {
	d := askedForDocuments(t)
	decided := d.Today()
	d.Do("marta", engagement.MoveTask, modelstest.Moving(engagement.Moving{Phase: catalog.PhaseGap, Days: 12}),
		modelstest.Because("Kenji is away"))
	for _, until := range []models.Date{d.Today().AddDays(1), d.Today().AddDays(20), d.Today().AddDays(80)} {
		workBut(d, until, func(*engagement.Task) bool { return false })
		late, put := 0, 0
		for _, x := range d.Report().Forecast.Drivers {
			late += x.Days
			if x.Owner != "" {
				t.Errorf("%s: of what was put off somebody has %+v", d.Today(), x)
			}
			if strings.Contains(x.Text, " put off until ") && strings.HasSuffix(x.Text, ", which Marta decided on "+decided.String()) {
				put += x.Days
			}
		}
		if late == 0 || put != late {
			t.Errorf("%s: %d of %d business days are of the decision: %+v", d.Today(), put, late, d.Report().Forecast.Drivers)
		}
	}
	if d.Facts.Phase(catalog.PhaseGap).Standing != engagement.StandingDone {
		t.Error("the gap analysis is not over")
	}
}

// lateOnes notes who is late now: with what is open, what they have not accepted, or a signature, by the business day after it was theirs.
func lateOnes(d *modelstest.Desk, late map[models.PersonID]bool) {
	f, today := d.Facts, d.Today()
	for _, x := range f.Tasks {
		switch {
		case x.State == engagement.TaskBlocked && x.BlockedBy == models.SideFirm && x.Due.Before(today):
			late[f.Unblocker(x)] = true
		case x.State == engagement.TaskSubmitted && models.DateIn(x.DoneAt, f.Location()).Before(today):
			late[x.Approver] = true
		case (x.State == engagement.TaskOpen || x.State == engagement.TaskBlocked) && x.Due.Before(today):
			late[x.Owner] = true
		}
	}
	for _, g := range f.Gates {
		if !g.At.IsZero() && g.State != engagement.GateSigned && models.DateIn(g.At, f.Location()).Before(today) {
			for _, who := range f.MayJudge(g.Approver) {
				late[who] = true
			}
		}
	}
	if f.WindowMissed(today) {
		late[f.Engagement.Manager] = true
	}
}

// unexplained returns how many of the days of a delay are of a phase, and of nobody in particular.
func unexplained(d *modelstest.Desk) int {
	n := 0
	for _, x := range d.Report().Forecast.Drivers {
		if x.Subject == string(x.Phase) {
			n += x.Days
		}
	}
	return n
}

// In random lives nobody who was never late owns a share of a delay, whoever else was late and whoever acts next. Nor does what was
// somebody's become nobody's when they do it.
func TestWhoWasNeverLateOwnsNoShare(t *testing.T) {
	t.Parallel()
	named := 0
	for seed := range *lawLives {
		r := rand.New(rand.NewPCG(seed, 71))
		d, late := modelstest.SomeLife(t, r), map[models.PersonID]bool{}
		look := func(what string) {
			lateOnes(d, late)
			if d.Facts.Engagement.Status != engagement.StatusRunning {
				return
			}
			for who, days := range sharesOf(d) {
				if named++; days > 0 && who != "" && !late[who] {
					t.Errorf("seed %d: on %s, after %s, %s was never late and has %d business days: %+v", seed, d.Today(), what, who, days,
						d.Report().Forecast.Drivers)
				}
			}
		}
		look("the beginning")
		for n := 0; n < 60 && d.Facts.Engagement.Status == engagement.StatusRunning; n++ {
			for _, act := range finishing(d, r) {
				was := unexplained(d)
				what := act()
				d.Settle()
				look(what)
				if is := unexplained(d); is > was+1 && was >= 0 {
					t.Errorf("seed %d: on %s %s, and %d business days are nobody's instead of %d: %+v", seed, d.Today(), what, is, was,
						d.Report().Forecast.Drivers)
				}
			}
			d.Busily(r)
			for range 1 + r.IntN(4) {
				d.GoTo(d.Today().AddDays(1))
				look("a night")
			}
		}
	}
	if named < 100 {
		t.Errorf("only %d shares were looked at", named)
	}
}

// In random engagements some people are late with what is theirs, each thing by some business days, and all others do, accept and sign
// everything on its day: on no day has anybody else a share of a delay.
func TestWhoIsOnTimeBesideOthersWhoAreLateOwnsNoShare(t *testing.T) {
	t.Parallel()
	for seed := range *lawLives {
		r := rand.New(rand.NewPCG(seed, 73))
		types := modelstest.Types()
		d := modelstest.Started(t, types[r.IntN(len(types))])
		slow, late, when := map[models.PersonID]bool{}, map[models.PersonID]bool{}, map[models.TaskID]models.Date{}
		for _, p := range d.Facts.People {
			slow[p.ID] = r.IntN(4) == 0
		}
		puts := func(x *engagement.Task) bool {
			if !slow[x.Owner] {
				return false
			}
			if when[x.ID].IsZero() {
				when[x.ID] = d.Facts.DaysOf(x).Add(models.Later(x.Due, x.OpenedOn), r.IntN(15))
			}
			return d.Today().Before(when[x.ID])
		}
		total := 0
		for range 150 {
			workBut(d, d.Today().AddDays(1), puts)
			if lateOnes(d, late); d.Facts.Engagement.Status != engagement.StatusRunning {
				break
			}
			for who, days := range sharesOf(d) {
				if total += max(0, days); days > 0 && who != "" && !late[who] {
					t.Errorf("seed %d: on %s %s was never late and has %d business days: %+v", seed, d.Today(), who, days, d.Report().Forecast.Drivers)
				}
			}
		}
		if is := slices.Collect(maps.Values(slow)); slices.Contains(is, true) && total == 0 && len(late) > 3 {
			t.Errorf("seed %d: %v were late, and nothing is", seed, late)
		}
	}
}

// toSign returns the signatures for which a phase waits.
func toSign(d *modelstest.Desk, p catalog.Phase) []engagement.GateReport {
	return models.Keep(d.Signable(), func(g engagement.GateReport) bool { return g.Phase == p && g.Approver != models.RoleSystem })
}

// doneButSigned has everybody do and accept what is due in a phase on its day, until only signatures are missing.
func doneButSigned(d *modelstest.Desk, p catalog.Phase) {
	open := func() bool {
		return slices.ContainsFunc(d.Facts.Tasks, func(x *engagement.Task) bool { return x.Phase == p && x.Gate })
	}
	for n := 0; n < 200 && open(); n++ {
		for _, x := range slices.Clone(d.Facts.Tasks) {
			switch {
			case x.State == engagement.TaskOpen && d.Doer(x) != "" && !x.Due.After(d.Today()):
				d.Do(string(d.Doer(x)), engagement.CompleteTask, modelstest.Task(x.ID))
			case x.State == engagement.TaskSubmitted && x.Approver != x.DoneBy:
				d.Do(string(x.Approver), engagement.AcceptTask, modelstest.Task(x.ID))
			}
		}
		d.GoTo(d.Facts.FirmDays.Add(d.Today(), 1))
	}
	if len(toSign(d, p)) == 0 {
		d.T.Fatalf("%s does not wait for a signature", p)
	}
}

// A phase of which everything is done but its signature can be expected on the day agreed, and once that has passed today. From the
// business day after it was ready its signer's time is theirs, a day for a day.
func TestWhatOnlyWaitsForASignatureIsDays(t *testing.T) {
	for _, p := range []catalog.Phase{catalog.PhaseKickoff, catalog.PhaseGap, catalog.PhaseT2Close} {
		d := modelstest.In(t, "soc2_type2", p)
		agreed := d.Facts.Engagement.Baseline.Phases[p].End
		doneButSigned(d, p)
		d.GoTo(models.Later(d.Today(), d.Facts.FirmDays.Add(agreed, 2)))
		for range 4 {
			d.GoTo(d.Facts.FirmDays.Add(d.Today(), 1))
			for _, st := range d.Report().Phases {
				if st.Phase == p && st.Forecast != d.Today() {
					t.Errorf("%s: %s can be expected on %s", d.Today(), p, st.Forecast)
				}
			}
			late, said := d.Facts.Workdays(agreed, d.Today()), 0
			for _, x := range d.Report().Forecast.Drivers {
				if strings.Contains(x.Text, " to sign: ") && x.Owner == toSign(d, p)[0].Who[0] {
					said += x.Days
				}
			}
			if fc := d.Report().Forecast; said > late || said < fc.Late-fc.Pace-1 {
				t.Errorf("%s: %s could have been signed for %d business days: %+v", d.Today(), p, late, d.Report().Forecast.Drivers)
			}
		}
	}
}
