package reminders_test

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
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
)

// What happens in an engagement that is on time is told to those whom it concerns, once each: that a phase has ended to the team and the
// sponsor, that the window opens and closes to the auditor as well, and that a report is issued and all is done to everybody who was asked
// for something. Of a phase whose end is a report or the end of all nobody is told twice.
func TestGoodNewsIsToldOnce(t *testing.T) {
	f, aud := anExample(t, "saas-type1-type2")
	now := f.Engagement.Kickoff.AddDays(-7).At(f.Location(), 12, 0)
	got, err := reminders.Rehearse(t.Context(), f, aud, reminders.Messaging{}, reminders.AssumeOnTime, now, f.Engagement.Kickoff.AddMonths(18))
	if err != nil || got.EndedOn.IsZero() {
		t.Fatal(err, got.Stopped)
	}
	times := map[string]map[models.PersonID]int{}
	for _, m := range got.Messages {
		for _, l := range m.Message.Lines() {
			if l.Item == "" {
				if times[l.Title] == nil {
					times[l.Title] = map[models.PersonID]int{}
				}
				times[l.Title][m.To.ID]++
			}
		}
	}
	const team = "ines marta priya ruth tom"
	holders := map[string]bool{}
	for _, d := range f.Duties {
		holders[string(d.Person)] = true
	}
	for _, who := range strings.Fields(team + " hugo") {
		holders[who] = true
	}
	everybody := strings.Join(slices.Sorted(maps.Keys(holders)), " ")
	for title, want := range map[string]string{"Kickoff and scoping is complete": team, "Gap analysis is complete": team,
		"Remediation is complete": team, "Type 1 fieldwork is complete": team, "Type 2 fieldwork is complete": team,
		"The window is open": "hugo " + team, "The window has closed": "hugo " + team, "The engagement is complete": everybody,
		"The Type 1 report is issued": strings.Replace(everybody, "hugo ", "", 1), "Window is complete": "", "Type 1 report is complete": "",
		"Type 2 report is complete": "", "Renewal and continuous compliance is complete": ""} {
		var told []string
		for who, n := range times[title] {
			told = append(told, string(who))
			if n != 1 {
				t.Errorf("%s is told %d times that %s", who, n, title)
			}
		}
		slices.Sort(told)
		if is := strings.Join(told, " "); is != strings.TrimSpace(want) {
			t.Errorf("%s: told to %s, not to %s", title, is, want)
		}
	}
}

// What people do to an engagement as a whole is told to all whom it concerns but who did it, in the words of their next message.
func TestWhatBecomesOfAnEngagementIsTold(t *testing.T) {
	for _, c := range []struct {
		name string
		does func(d *modelstest.Desk) engagement.Command
		told string // who, in order; a minus is somebody who must not hear
		says string // of the first
	}{
		{"paused", func(d *modelstest.Desk) engagement.Command {
			return d.Command("marta", engagement.PauseEngagement, modelstest.Because("they are being bought"))
		}, "hugo ines kenji ruth -marta", "The engagement is paused: since Fri 2027-04-09: nobody is reminded of anything until it is resumed. " +
			"Marta: “they are being bought”"},
		{"resumed", func(d *modelstest.Desk) engagement.Command {
			d.Do("marta", engagement.PauseEngagement, modelstest.Because("they are being bought"))
			return d.Command("marta", engagement.ResumeEngagement)
		}, "hugo ines kenji ruth -marta",
			"The engagement goes on: since Fri 2027-04-09: no date has moved. By Marta."},
		{"resumed after two weeks", func(d *modelstest.Desk) engagement.Command {
			d.Do("marta", engagement.PauseEngagement, modelstest.Because("they are being bought"))
			d.Pass(d.Now.AddDate(0, 0, 14))
			return d.Command("marta", engagement.ResumeEngagement)
		}, "hugo ines kenji ruth -marta",
			"The engagement goes on: since Fri 2027-04-23: it was paused for 10 business days, and dates that were agreed before have moved " +
				"by as many. " +
				"By Marta."},
		{"cancelled", func(d *modelstest.Desk) engagement.Command {
			return d.Command("marta", engagement.CancelEngagement, modelstest.Because("they were bought"), func(c *engagement.Command) {
				c.Confirm = []string{"e1"}
			})
		}, "hugo ines kenji ruth -marta", "The engagement was cancelled: on Fri 2027-04-09: nothing is asked of you any more. " +
			"Marta: “they were bought”"},
		{"as-of date", func(d *modelstest.Desk) engagement.Command {
			id := d.Do("ines", engagement.MoveAsOf, modelstest.Changed(engagement.Change{AsOf: d.Facts.Engagement.AsOf.AddDays(14)}),
				modelstest.Because("two weeks more"))
			d.Do("ruth", engagement.ApproveDecision, modelstest.Decision(id))
			d.Now = d.Now.Add(time.Hour)
			return d.Command("hugo", engagement.ApproveDecision, modelstest.Decision(id))
		}, "ines marta priya -hugo -kenji -ruth", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := modelstest.In(t, "soc2_type1", catalog.PhaseRemediation)
			d.Now = modelstest.On("2027-04-09").At(d.Facts.Location(), 10, 0)
			command := c.does(d)
			f := d.Loaded(engagement.NeedOf(command))
			if _, err := engagement.Decide(f, command, d.Now); err != nil {
				t.Fatal(err)
			}
			told := map[models.PersonID]string{}
			for _, n := range f.Changes().Notices {
				l, ok := reminders.LineOf(f, n)
				if !ok {
					t.Errorf("what %s is told is not so: %+v", n.To, n)
				}
				if told[n.To] != "" && n.Kind != engagement.NoticeAnswered {
					t.Errorf("%s is told twice: %s", n.To, l.Title)
				}
				told[n.To] = strings.TrimSpace(fmt.Sprintf("%s: %s. %s", l.Title, l.Text, l.Detail))
			}
			for _, who := range strings.Fields(c.told) {
				if who, not := strings.CutPrefix(who, "-"); (told[models.PersonID(who)] != "") == not {
					t.Errorf("%s is told %q", who, told[models.PersonID(who)])
				}
			}
			for _, who := range []models.PersonID{"hugo", "kenji"} { // to whom the record is not shown
				if strings.ContainsAny(told[who], "“”") {
					t.Errorf("%s is told why: %s", who, told[who])
				}
			}
			if is := told["ruth"]; c.says != "" && is != c.says {
				t.Errorf("Ruth reads\n%s, not\n%s", is, c.says)
			}
			if is := told["marta"]; c.says == "" && !strings.HasPrefix(is, "Another as-of date is agreed: it is ") {
				t.Errorf("Marta reads %s", is)
			}
		})
	}
}

// Those who answer for an engagement hear that it is late now, and again only when its report has slipped by more than five business days
// from what they were told; that it is on track again they hear once, not before a week is over.
func TestWhatIsExpectedIsTold(t *testing.T) {
	r := only(t)
	e := &r.f.Engagement
	e.Baseline.Report, e.Target = modelstest.On("2027-05-04"), modelstest.On("2027-05-04")
	hears := func(day, expected string, h engagement.Health) (out []string) {
		t.Helper()
		e.Summary.Forecast, e.Summary.Health = modelstest.On(expected), h
		for _, id := range []models.PersonID{"kenji", "priya", "hugo", "ruth", "ines", "marta"} {
			p := r.aud.People[id]
			for _, n := range reminders.Nudges(r.f, r.aud, p.DigestAt.On(modelstest.On(day), p.Zone())) {
				if n.To == id && n.Item.Kind == engagement.ItemOutlook {
					r.say(n, modelstest.On(day))
					waits := ""
					if !n.Fresh {
						waits = " (not by itself)"
					}
					out = append(out, fmt.Sprintf("%s: %s: %s%s", id, n.Item.Title, n.Item.Ask, waits))
				}
			}
		}
		return out
	}
	for _, x := range []struct {
		day, expected string
		health        engagement.Health
		people        int
		first         string
	}{
		{"2027-03-08", "2027-05-04", engagement.HealthOnTrack, 0, ""},
		{"2027-03-09", "2027-05-05", engagement.HealthLate, 3, "ruth: Your audit is late now: the report is expected on Wed 2027-05-05 " +
			"instead of the promised Tue 2027-05-04"},
		{"2027-03-10", "2027-05-06", engagement.HealthLate, 0, ""},
		{"2027-03-11", "2027-05-04", engagement.HealthOnTrack, 0, ""}, // to and fro within a week
		{"2027-03-12", "2027-05-12", engagement.HealthLate, 0, ""},    // five days
		{"2027-03-15", "2027-05-13", engagement.HealthLate, 3, "ruth: Your audit: the report is expected 6 business days later: on " +
			"Thu 2027-05-13 instead of Wed 2027-05-05, promised for Tue 2027-05-04"},
		{"2027-03-16", "2027-05-13", engagement.HealthLate, 0, ""},
		{"2027-03-23", "2027-05-04", engagement.HealthOnTrack, 3, "ruth: Your audit is on track again: the report is expected on " +
			"Tue 2027-05-04, as promised, instead of Thu 2027-05-13"},
		{"2027-03-24", "2027-05-04", engagement.HealthOnTrack, 0, ""},
		{"2027-03-25", "2027-05-04", engagement.HealthAtRisk, 0, ""},
		{"2027-03-30", "2027-05-04", engagement.HealthAtRisk, 3,
			"ruth: Your audit is at risk now: the report is still expected on Tue 2027-05-04, as promised (not by itself)"},
		{"2027-03-31", "2027-04-26", engagement.HealthAtRisk, 3, "ruth: Your audit: the report is expected 6 business days earlier: on " +
			"Mon 2027-04-26 instead of the promised Tue 2027-05-04"},
	} {
		got := hears(x.day, x.expected, x.health)
		if len(got) != x.people || len(got) > 0 && got[0] != x.first {
			t.Errorf("%s, %s %s: %d hear it, not %d: %q, not %q", x.day, x.expected, x.health, len(got), x.people, got, x.first)
		}
	}
}

// Everybody whom an engagement asks for something reads under their messages whom they may ask: by name and address, once where it is the
// same for all, and by engagement where it is not. Managers and partners need no such line.
func TestAMessageNamesTheManager(t *testing.T) {
	ines := models.Person{ID: "ines", Name: "Ines Costa", Email: "ines@acme.test"}
	noor := models.Person{ID: "noor", Name: "Noor Aziz"}
	for _, c := range []struct {
		role models.Role
		of   reminders.Managers
		says string
	}{
		{models.RoleOwner, reminders.Managers{"One": ines, "Two": ines}, "Your project manager: Ines Costa, ines@acme.test."},
		{models.RoleAuditor, reminders.Managers{"Two": noor, "One": ines},
			"Your project managers: Ines Costa, ines@acme.test for One; Noor Aziz for Two."},
		{models.RoleSponsor, nil, ""},
		{models.RoleManager, reminders.Managers{"One": noor}, ""},
		{models.RolePartner, reminders.Managers{"One": noor}, ""},
	} {
		if is := c.of.Footer(&reminders.Recipient{Person: models.Person{Role: c.role}}); is != c.says {
			t.Errorf("%s reads %q, not %q", c.role, is, c.says)
		}
	}
}

// lines returns what everybody reads of the notices of a desk since they were looked at last, as things stand now, by person.
func lines(d *modelstest.Desk) map[models.PersonID][]string {
	out := map[models.PersonID][]string{}
	for _, n := range d.Notices {
		if l, ok := reminders.LineOf(d.Loaded(needOf(n)), n); ok {
			out[n.To] = append(out[n.To], l.Title+": "+l.Text)
		}
	}
	d.Notices = nil
	return out
}

// A kickoff that is moved by a decision is told once to each whom it concerns: who proposed it hears that it was approved, who approved it
// hears nothing of it, and all others read the new day, and of the as-of date that moves along.
func TestAKickoffMovedByADecisionIsToldOnce(t *testing.T) {
	d := kickoffToMove(t)
	id := d.Do("ines", engagement.MoveKickoff, modelstest.Changed(engagement.Change{Kickoff: modelstest.On("2027-02-01")}),
		modelstest.Because("they are not ready"))
	d.Now, d.Notices = d.Now.Add(time.Hour), nil
	approved := map[models.PersonID]bool{}
	for _, role := range d.Facts.DecisionOf(id).Needs {
		who := d.Facts.MayJudge(role)[0]
		if d.Facts.DecisionOf(id).State == engagement.DecisionPending && !approved[who] && who != "ines" {
			d.Do(string(who), engagement.ApproveDecision, modelstest.Decision(id))
			approved[who] = true
		}
	}
	if k := d.Facts.Engagement.Kickoff; k != modelstest.On("2027-02-01") {
		t.Fatalf("the kickoff is on %s, approved by %v", k, approved)
	}
	told := lines(d)
	for who, all := range told {
		kickoffs, answers := 0, 0
		for _, l := range all {
			if strings.HasPrefix(l, "What you asked for") {
				answers++
			}
			if strings.Contains(l, "kickoff") && strings.Contains(l, "2027-02-01") {
				kickoffs++
			}
			if strings.Count(l, "2027-02-01") > 1 {
				t.Errorf("%s reads one day twice: %s", who, l)
			}
		}
		if want := 1; kickoffs != want || (answers == 1) != (who == "ines") || approved[who] {
			t.Errorf("%s, who approved: %v, reads %q", who, approved[who], all)
		}
	}
	for _, who := range []models.PersonID{"ines", "priya"} {
		if len(told[who]) == 0 {
			t.Errorf("%s reads nothing of it", who)
		}
	}
}

// kickoffToMove is a desk at which a kickoff has begun, and the first task is done: from then on it moves by a decision.
func kickoffToMove(t *testing.T) *modelstest.Desk {
	t.Helper()
	d := modelstest.In(t, "soc2_type1", catalog.PhaseKickoff)
	d.Until(modelstest.On("2027-01-20"), func() bool { return d.Facts.Phase(catalog.PhaseKickoff).Closed > 0 })
	return d
}

// A cancellation that is undone before anybody was told of it is told as that alone, once to each whom it concerns; where they were told,
// they read that it goes on. What waited for an approval waits for it again, and is asked for once.
func TestACancellationThatIsUndoneIsToldOnce(t *testing.T) {
	for _, told := range []bool{false, true} {
		d := kickoffToMove(t)
		id := d.Do("ines", engagement.MoveKickoff, modelstest.Changed(engagement.Change{Kickoff: modelstest.On("2027-02-01")}),
			modelstest.Because("they are not ready"))
		d.Now, d.Notices = d.Now.Add(time.Hour), nil
		d.Do("marta", engagement.CancelEngagement, modelstest.Because("they were bought"), func(c *engagement.Command) {
			c.Confirm = []string{"e1"}
		})
		if told {
			for who, all := range lines(d) {
				if len(all) != 1 || !strings.HasPrefix(all[0], "The engagement was cancelled: ") {
					t.Errorf("cancelled, %s reads %q", who, all)
				}
			}
		}
		d.Now = d.Now.Add(3 * time.Hour)
		d.Do("marta", engagement.ReinstateEngagement, modelstest.Because("it was the other one"))
		read := lines(d)
		for who, all := range read {
			if len(all) != 1 || !strings.HasPrefix(all[0], "The engagement goes on: ") ||
				!strings.Contains(all[0], "that it was cancelled has been undone") || who == "marta" {
				t.Errorf("reinstated, told before: %v, %s reads %q", told, who, all)
			}
		}
		if len(read) < 4 {
			t.Errorf("only %d hear of it: %v", len(read), read)
		}
		if got := asked(d, modelstest.Audience(d.Facts), "decide:"+id); !strings.Contains(got, "ruth [approve decline]") {
			t.Errorf("the decision asks: %s", got)
		}
	}
}
