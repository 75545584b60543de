package reminders_test

import (
	"slices"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
)

// Kenji is shown his task on a day on which he is written to for another reason. Two business days before it is due that takes the place of
// the reminder of the next day; earlier it does not, and the reminder comes all the same.
func TestWhatIsShownShortlyBeforeItIsDueIsNotSaidAgain(t *testing.T) {
	for day, want := range map[string]string{"2027-03-23": "-5 kenji, -1 kenji, +1 kenji", "2027-03-24": "-5 kenji, +1 kenji"} {
		r := only(t)
		if got := r.hears("2027-03-04", day); got != "-5 kenji" {
			t.Fatalf("until %s: %s", day, got)
		}
		kenji := r.aud.People["kenji"]
		for _, n := range reminders.Nudges(r.f, r.aud, kenji.DigestAt.On(modelstest.On(day), kenji.Zone())) {
			if n.To == "kenji" {
				r.say(n, modelstest.On(day))
			}
		}
		got := "-5 kenji"
		if later := r.hears(modelstest.On(day).AddDays(1).String(), "2027-03-29"); later != "" {
			got += ", " + later
		}
		if got != want {
			t.Errorf("shown on %s besides: %s, want %s", day, got, want)
		}
	}
}

// A weekly call stands in the calendar of who holds it: it is shown with what is said anyway, and is no message of its own.
func TestAWeeklyCallIsNoMessageOfItsOwn(t *testing.T) {
	r := only(t)
	x := r.task()
	x.Template, x.OwnerRole, x.Owner, x.Backup = "RE-13", string(models.RoleManager), "ines", ""
	r.expect("+1 ines, +3 ines, +5 ines (marta), +10 ines", "2027-03-04", "2027-04-10")
}

// What comes once a quarter stands in nobody's calendar: the sponsor hears of it before it is late, as of anything else.
func TestWhatComesOnceAQuarterIsToldBeforeItIsLate(t *testing.T) {
	r := only(t)
	x := r.task()
	x.Template, x.OwnerRole, x.Owner, x.Backup = "WI-07", string(models.RoleSponsor), "ruth", ""
	r.expect("-5 ruth, -1 ruth, +1 ruth", "2027-03-04", "2027-03-29")
}

// Who is punctual is reminded of a thing twice at most, whatever its ladder, and the last time is one that is never spared. Only what
// cannot be made good, a control that has to be performed in its period, is said once more on its last day.
func TestWhoIsPunctualIsRemindedTwiceAtMost(t *testing.T) {
	ladders := 0
	for _, l := range only(t).f.Catalog.Reminders.Schedules {
		var before []catalog.ReminderStep
		for _, s := range l.Steps {
			if s.At == "" && s.Every == 0 && s.Offset <= 0 && slices.Contains(s.To, string(reminders.CapacityOwner)) {
				before = append(before, s)
			}
		}
		most := 2
		if strings.HasPrefix(l.ID, "perform_") {
			most = 3
		}
		if ladders++; len(before) == 0 || len(before) > most {
			t.Errorf("%s: %d reminders until the due date, %d at most", l.ID, len(before), most)
			continue
		}
		if last := before[len(before)-1]; last.Tone == catalog.ToneHeadsUp {
			t.Errorf("%s: the last reminder, %d business days from the due date, may be spared", l.ID, last.Offset)
		}
	}
	if ladders < 9 {
		t.Errorf("only %d ladders were looked at", ladders)
	}
}
