package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
)

// begun returns a world whose engagement has been started by marta, with noor and vera beside.
func begun(t *testing.T, root *Root) world {
	t.Helper()
	w := newWorld(t, root, "acme")
	root.Now = func() time.Time { return noon }
	for _, p := range modelstest.People("noor", "vera") {
		_, err := w.CreatePerson(t.Context(), Once{}, p, noon)
		check(t, err)
	}
	_, err := w.SetDuty(t.Context(), Once{}, models.Duty{Client: "northgate", Function: "security_lead", Person: "olga"}, noon)
	check(t, err)
	_, err = root.Apply(t.Context(), models.Ref{Firm: "acme", Engagement: "e1"}, engagement.Command{Kind: engagement.StartEngagement, Key: "s",
		Actor: partner})
	check(t, err)
	return w
}

// What is done to somebody.
func ends(p *models.Person) error    { p.Active = false; return nil }
func begins(p *models.Person) error  { p.Active = true; return nil }
func demoted(p *models.Person) error { p.Role = models.RoleManager; return nil }

var partner = engagement.Actor{Person: "marta", Role: models.RolePartner}

// stillWith says what of an engagement somebody holds.
func (w world) stillWith(t *testing.T, who models.PersonID) []engagement.Held {
	t.Helper()
	f, err := w.Facts(t.Context(), "e1", engagement.Need{})
	check(t, err)
	return f.HeldBy(who)
}

// kinds returns the kinds of an engagement's events, newest last.
func (w world) kinds(t *testing.T) (out []string) {
	t.Helper()
	all, _, err := w.EventsFor(t.Context(), partner, "e1", EventFilter{}, "", 500)
	check(t, err)
	for _, e := range all {
		out = append(out, e.Kind)
	}
	return out
}

// Ines leaves, and Noor takes over: her place, tasks and approvals are Noor's in the same transaction as her access ends. What was tried
// before with a check is kept nowhere. Who takes over is told once, and the same request again does nothing.
func TestSomebodyLeavesAndAnotherTakesOver(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := begun(t, root)
		var news []News
		root.Tell = func(n News) { news = append(news, n) }
		leave := Leaving{Actor: partner, Person: "ines", Ends: true, To: "noor", Reason: "moves on"}
		held := len(w.stillWith(t, "ines"))
		if held < 2 {
			t.Fatalf("ines holds %d things", held)
		}
		try := leave
		try.Check = true
		got, err := w.HandOver(t.Context(), Once{Actor: "marta", Key: "check"}, try, noon)
		check(t, err)
		if len(got.Faults) > 0 || len(got.Held) != held || got.Person.Active || got.Held[0].To != "noor" || len(news) != 0 {
			t.Errorf("a check says %+v", got)
		}
		is, err := w.Person(t.Context(), "ines")
		check(t, err)
		if !is.Active || len(w.stillWith(t, "ines")) != held {
			t.Error("a check has ended her access")
		}

		got, err = w.HandOver(t.Context(), Once{Actor: "marta", Key: "leave"}, leave, noon.Add(time.Hour))
		check(t, err)
		w.noorHas(t, got, news)
		kinds := len(w.kinds(t))
		again, err := w.HandOver(t.Context(), Once{Actor: "marta", Key: "leave"}, leave, noon.Add(2*time.Hour))
		check(t, err)
		if len(again.Held) != len(got.Held) || len(w.kinds(t)) != kinds {
			t.Error("the same request has done something again")
		}
	})
}

// Olga has left, and the button of the message about it gives what was hers to Ruth: the work of that engagement and the functions that
// she held at the client, at once, and once.
func TestTheButtonOfAHandOverMovesFunctions(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := begun(t, root)
		_, err := w.UpdatePerson(ctx, Once{Actor: "ruth"}, "olga", noon, ends)
		check(t, err)
		places := func(who models.PersonID) (functions, work int) {
			for _, h := range w.stillWith(t, who) {
				if h.Place == engagement.PlaceFunction || h.Place == engagement.PlaceFunctionBackup {
					functions++
				} else {
					work++
				}
			}
			return functions, work
		}
		had, work := places("olga")
		if had == 0 || work == 0 {
			t.Fatalf("olga left %d functions and %d other things", had, work)
		}
		f, err := w.Facts(ctx, "e1", engagement.Need{})
		check(t, err)
		c, ok := engagement.CommandOn(engagement.ActHandOver, "left:olga")
		if !ok {
			t.Fatal("there is no such button")
		}
		form, err := f.Form(engagement.ActHandOver, "left:olga", partner, noon)
		check(t, err)
		check(t, f.Answer(form, &c, map[string]string{"person": "ruth"}))
		c.Actor, c.Key, c.Hash = partner, "slack-1", "1"
		for range 2 {
			became, err := w.CarryOut(ctx, root, c, f.Asking("left:olga"), func() time.Time { return noon })
			if err != nil || became != "others have their work now" {
				t.Fatalf("it became %q: %v", became, err)
			}
			if functions, work := places("olga"); functions+work > 0 {
				t.Errorf("olga still holds %d functions and %d other things", functions, work)
			}
			if got, _ := places("ruth"); got < had {
				t.Errorf("ruth holds %d functions of %d that she left", got, had)
			}
		}
		told := 0
		for _, kind := range w.kinds(t) {
			if kind == engagement.EventHandedOver {
				told++
			}
		}
		if told != 1 {
			t.Errorf("it was handed over %d times", told)
		}
	})
}

// Ines leaves, and what is asked of those who take over a rule refuses, whichever: her access ends all the same, nothing is handed over,
// the answer says why, and what she held stands open as if nobody had been named. Only what refuses to end her access lets her stay. The
// same request again says the same.
func TestAccessEndsWhateverIsRefusedOfAHandOver(t *testing.T) {
	consultant := Leaving{Actor: partner, Person: "ines", Ends: true, To: "priya", Reason: "moves on"}
	nobody, stranger, noTask := consultant, consultant, consultant
	nobody.To, stranger.To, noTask.To = "nobody", "ruth", "noor"
	noTask.Engagements = map[models.EngagementID]models.PersonID{"e9": "noor"}
	each(t, func(t *testing.T, root *Root) {
		w := begun(t, root)
		for i, x := range []struct {
			asks Leaving
			says string
		}{{consultant, `manager "priya" has the role consultant, not pm`}, {nobody, "nobody active who could take over"},
			{stranger, "nobody active who could take over"}, {noTask, "there is no engagement e9"}} {
			once := Once{Actor: "marta", Key: fmt.Sprint("leave", i), Hash: "h"}
			held := len(w.stillWith(t, "ines"))
			try := x.asks
			try.Check = true
			would, err := w.HandOver(t.Context(), Once{Actor: "marta", Key: "check"}, try, noon)
			check(t, err)
			got, err := w.HandOver(t.Context(), once, x.asks, noon)
			check(t, err)
			for _, faults := range []Faults{would.Faults, got.Faults} {
				if !slices.ContainsFunc(faults, func(f Fault) bool { return strings.Contains(f.Detail, x.says) }) {
					t.Errorf("to %s: it says %v, want %q", x.asks.To, faults, x.says)
				}
			}
			is, err := w.Person(t.Context(), "ines")
			check(t, err)
			if is.Active || got.Person.Active || len(w.stillWith(t, "ines")) != held || held == 0 || len(got.Held) == 0 || got.Held[0].To != "" {
				t.Errorf("to %s: she is %+v and still holds %d of %d things; the answer says %+v", x.asks.To, is, len(w.stillWith(t, "ines")), held,
					got.Held)
			}
			again, err := w.HandOver(t.Context(), once, x.asks, noon)
			check(t, err)
			if fmt.Sprint(again.Faults) != fmt.Sprint(got.Faults) {
				t.Errorf("to %s: again it says %v", x.asks.To, again.Faults)
			}
			_, err = w.UpdatePerson(t.Context(), Once{}, "ines", noon, func(p *models.Person) error { p.Active = true; return nil })
			check(t, err)
		}
		self := Leaving{Actor: partner, Person: "marta", Ends: true, To: "noor"}
		if _, err := w.HandOver(t.Context(), Once{}, self, noon); models.CodeOf(err) != models.Forbidden {
			t.Errorf("who ends her own access: %v", err)
		}
		if is, err := w.Person(t.Context(), "marta"); err != nil || !is.Active {
			t.Errorf("marta: %+v, %v", is, err)
		}
	})
}

// noorHas looks whether all that was Ines's is Noor's, and who was told.
func (w world) noorHas(t *testing.T, got HandedOver, news []News) {
	t.Helper()
	if got.Person.Active || !got.Person.LeftAt.Equal(noon.Add(time.Hour)) || len(w.stillWith(t, "ines")) != 0 {
		t.Errorf("%+v, and she still holds %v", got.Person, w.stillWith(t, "ines"))
	}
	e, err := w.Engagement(t.Context(), "e1")
	check(t, err)
	if e.Manager != "noor" || len(news) == 0 || news[len(news)-1].Revision != e.Revision {
		t.Errorf("the manager is %s, told was %+v", e.Manager, news)
	}
	kinds := w.kinds(t)
	if left := slices.Index(kinds, engagement.EventLeft); left < 0 || left > slices.Index(kinds, engagement.EventHandedOver) {
		t.Errorf("the record says %v", kinds)
	}
	var notices []noticeRow
	check(t, w.root.db.Where("person_id = ? AND kind = ?", "noor", string(engagement.NoticeHanded)).Find(&notices).Error)
	if len(notices) != 1 || !notices[0].Urgent || !strings.HasPrefix(notices[0].Text, "You are now: project manager.") {
		t.Errorf("noor is told %+v", notices)
	}
}

// Olga leaves and nobody is named: her access ends, what was scheduled for her is settled, and what she held stands open until Ruth takes
// it over later, with her functions. She comes back: the record says so.
func TestSomebodyLeavesAndNobodyTakesOver(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := begun(t, root)
		_, err := w.Schedule(t.Context(), []NewDelivery{{Delivery: delivery(w, "olga", models.Date{Year: 2026, Month: 3, Day: 3})}}, nil)
		check(t, err)
		_, err = w.UpdatePerson(t.Context(), Once{Actor: "marta"}, "olga", noon, ends)
		check(t, err)
		all, _, err := w.Deliveries(t.Context(), DeliveryFilter{Person: "olga"}, "", 10)
		check(t, err)
		if len(all) != 1 || all[0].Status != reminders.DeliverySuppressed || all[0].Reason != "Olga has left" {
			t.Errorf("scheduled for her: %+v", all)
		}
		f, err := w.Facts(t.Context(), "e1", engagement.Need{})
		check(t, err)
		v, ok := f.Vacancy("olga")
		if !ok || !strings.Contains(v.Text(), "1 function") || !strings.HasPrefix(f.Engagement.Summary.Reason, "Olga left on ") {
			t.Errorf("%v %+v, the portfolio says %q", ok, v.Text(), f.Engagement.Summary.Reason)
		}
		later := Leaving{Actor: partner, Person: "olga", To: "ruth"}
		got, err := w.HandOver(t.Context(), Once{Actor: "marta", Key: "later"}, later, noon.Add(time.Hour))
		check(t, err)
		if len(got.Held) == 0 || len(w.stillWith(t, "olga")) != 0 {
			t.Errorf("she still holds %v", w.stillWith(t, "olga"))
		}
		d, err := w.Duty(t.Context(), "northgate", "security_lead")
		check(t, err)
		sponsor, err := w.Duty(t.Context(), "northgate", "sponsor")
		check(t, err)
		if d.Person != "ruth" || sponsor.Person != "ruth" || sponsor.Backup != "" {
			t.Errorf("%+v %+v", d, sponsor)
		}
		_, err = w.UpdatePerson(t.Context(), Once{Actor: "marta"}, "olga", noon.Add(2*time.Hour), begins)
		check(t, err)
		if p, _ := w.Person(t.Context(), "olga"); !p.LeftAt.IsZero() || w.kinds(t)[len(w.kinds(t))-1] != engagement.EventBack {
			t.Errorf("she is back: %+v, %v", p, w.kinds(t))
		}
	})
}

// The firm never has no partner who is active, also where two end each other's access at the same time.
func TestTheLastPartnerStays(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := begun(t, root)
		_, err := w.UpdatePerson(t.Context(), Once{Actor: "marta"}, "vera", noon, ends)
		check(t, err)
		_, err = w.UpdatePerson(t.Context(), Once{Actor: "vera"}, "marta", noon, ends) // she asked while she was one
		refused(t, err, models.Unauthenticated)
		_, err = w.UpdatePerson(t.Context(), Once{}, "marta", noon, ends)
		refused(t, err, models.Conflict)
		_, err = w.UpdatePerson(t.Context(), Once{}, "marta", noon, demoted)
		refused(t, err, models.Conflict)
		vera := engagement.Actor{Person: "vera", Role: models.RolePartner}
		_, err = w.HandOver(t.Context(), Once{}, Leaving{Actor: vera, Person: "marta", Ends: true}, noon)
		refused(t, err, models.Conflict)
	})
}

// Where manager and partner have left, a partner who is not on the engagement hears of it; others do not.
func TestWhoHearsOfAnEngagementWithoutAnybody(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := begun(t, root)
		day := models.Date{Year: 2026, Month: 3, Day: 3}
		hears := func(who models.PersonID) bool {
			p, err := w.Person(t.Context(), who)
			check(t, err)
			ids, err := w.EngagementsOf(t.Context(), p, day)
			check(t, err)
			return slices.Contains(ids, models.EngagementID("e1"))
		}
		for _, gone := range []models.PersonID{"ines", "marta"} {
			if hears("vera") {
				t.Errorf("vera hears of it before %s has left", gone)
			}
			_, err := w.UpdatePerson(t.Context(), Once{Actor: "vera"}, gone, noon, ends)
			check(t, err)
		}
		if !hears("vera") || hears("noor") {
			t.Errorf("vera hears of it: %v, noor: %v", hears("vera"), hears("noor"))
		}
	})
}

// A function goes to another: its backup stays unless it becomes the holder, and its open tasks stay or go along, as is asked.
func TestAFunctionGoesWithItsTasks(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := begun(t, root)
		is := models.Duty{Client: "northgate", Function: "sponsor", Person: "ruth", Backup: "olga"}
		kim := modelstest.Newcomer("kim", models.RoleSponsor)
		_, err := w.CreatePerson(t.Context(), Once{}, kim, noon)
		check(t, err)
		to := is
		to.Person = "kim"
		got, err := w.HandDuty(t.Context(), Once{Actor: "marta"}, partner, is, to, false, noon)
		check(t, err)
		if got.Stays == 0 || got.Handed != 0 || got.Person != "kim" || got.Backup != "olga" {
			t.Errorf("without its tasks: %+v", got)
		}
		got, err = w.HandDuty(t.Context(), Once{Actor: "marta"}, partner, to, is, true, noon)
		check(t, err)
		if got.Handed != 0 || got.Stays != 0 { // kim has got none yet
			t.Errorf("back: %+v", got)
		}
		got, err = w.HandDuty(t.Context(), Once{Actor: "marta"}, partner, is, to, true, noon)
		check(t, err)
		if got.Handed == 0 || got.Stays != 0 {
			t.Errorf("with its tasks: %+v", got)
		}
		for _, h := range w.stillWith(t, "ruth") {
			if h.Role == "sponsor" && (h.Place == engagement.PlaceTask || h.Place == engagement.PlaceApproval) {
				t.Errorf("ruth still has %+v", h)
			}
		}
	})
}

// inesGives is a command by which what is Ines's becomes Noor's.
var inesGives = engagement.Command{Kind: engagement.HandOverWork, Key: "k", Actor: partner,
	HandOver: &engagement.HandOver{From: "ines", To: "noor"}}
