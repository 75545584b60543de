package reminders_test

import (
	"slices"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/planning"
	"tickmark/models/reminders"
)

// Ruth accepts what Kenji answered about risks, as the sponsor, and is away for three days without naming anybody. Nina, the backup of her
// function, is asked for it in her message, has it in her list of today, is shown it and accepts it in Ruth's place. While Ruth is
// there, and for whatever Ruth accepts by another function, none of that is Nina's; and if Ruth names Olga, it is Olga's.
func TestTheBackupOfAFunctionAcceptsForWhoIsAway(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	d.Joins("nina", models.RoleOwner)
	for i, duty := range d.Facts.Duties {
		if duty.Function == "sponsor" {
			d.Facts.Duties[i].Backup = "nina"
		}
	}
	const id = models.TaskID("GA-04.RSK")
	x := d.Facts.Task(id)
	x.Backup, x.ApproverRole, x.Approver = "", "sponsor", "ruth"
	other := d.Facts.Task("GA-04.VUL")
	other.Backup, other.ApproverRole, other.Approver = "", "security_lead", "ruth"
	d.Do("kenji", engagement.CompleteTask, modelstest.Task(id, other.ID))
	d.GoTo(d.Facts.ClientDays.Add(d.Today(), 2))

	away := func(standIn models.PersonID) reminders.Audience {
		aud := modelstest.Audience(d.Facts)
		aud.People["ruth"].Away = []reminders.Absence{{Person: "ruth", StandIn: standIn,
			Days: planning.Span{Start: d.Today(), End: d.Today().AddDays(3)}}}
		return aud
	}
	whose := func(aud reminders.Audience, who models.PersonID) (asked, listed, sees bool, err error) {
		a := aud.Actor(d.Facts, aud.People[who], d.Now)
		asked = slices.ContainsFunc(reminders.Nudges(d.Facts, aud, d.Now), func(n reminders.Nudge) bool {
			return n.To == who && n.As == reminders.CapacityStandIn && n.Item.Subject == string(id) && len(n.Acts) > 0
		})
		w := d.Facts.WorkFor(a, models.Date{}, d.Now)
		listed = slices.ContainsFunc(w.Accept, func(t engagement.Task) bool { return t.ID == id }) && w.For[string(id)] == "ruth"
		if slices.ContainsFunc(w.Accept, func(t engagement.Task) bool { return t.ID == other.ID }) && who == "nina" {
			t.Errorf("nina has what ruth accepts by another function")
		}
		c := engagement.Command{Kind: engagement.AcceptTask, Key: "k", Actor: a, Tasks: []models.TaskID{id}}
		return asked, listed, d.Facts.SeesTask(a, d.Facts.Task(id), d.Now), d.Facts.Permits(a, c, d.Now)
	}
	for _, c := range []struct {
		name, who string
		aud       reminders.Audience
		theirs    bool
	}{
		{"ruth is there", "nina", modelstest.Audience(d.Facts), false},
		{"ruth is away", "nina", away(""), true},
		{"ruth is away and has named olga", "nina", away("olga"), false},
		{"olga was named", "olga", away("olga"), true},
		{"kenji, who did it, was named", "kenji", away("kenji"), false},
	} {
		asked, listed, sees, err := whose(c.aud, models.PersonID(c.who))
		if asked != c.theirs || listed != c.theirs || sees != c.theirs && c.who != "kenji" || (err == nil) != c.theirs {
			t.Errorf("%s: of %s it is asked %v, listed %v, shown %v, permitted: %v; want %v", c.name, c.who, asked, listed, sees, err, c.theirs)
		}
	}

	aud := away("")
	c := engagement.Command{Kind: engagement.AcceptTask, Key: "k", Actor: aud.Actor(d.Facts, aud.People["nina"], d.Now),
		Tasks: []models.TaskID{id}}
	sign := engagement.Command{Kind: engagement.SignGate, Key: "k", Actor: c.Actor, Gate: "G-GA-3"}
	if models.CodeOf(d.Facts.Permits(c.Actor, sign, d.Now)) != models.Forbidden {
		t.Error("nina may sign in ruth's place")
	}
	n := len(d.Events)
	d.Do("nina", engagement.AcceptTask, modelstest.Task(id), func(x *engagement.Command) { x.Actor = c.Actor })
	if e := d.Events[n]; e.Actor != "nina" || e.For != "ruth" {
		t.Errorf("the record says %s for %q", e.Actor, e.For)
	}
}
