package engagement_test

import (
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// Whoever presses a forged button learns nothing of what is there: what is not shown to them and what does not exist are refused in the
// same words, be they of another engagement or of this one.
func TestFormsTellNothingOfWhatIsThere(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", "gap")
	there, gate := d.Facts.Tasks[0], d.Facts.Gates[0]
	for _, x := range d.Facts.Tasks {
		if x.Owner == "olga" && x.Backup != "kenji" {
			there = x
		}
	}
	strangers := []engagement.Actor{{Person: "noor", Role: models.RoleManager}, {Person: "zoe", Role: models.RoleOwner, Client: "elsewhere"},
		{Person: "adam", Role: models.RoleAuditor}, {Person: "kenji", Role: models.RoleOwner, Client: "northgate"}}
	for _, a := range strangers {
		for _, x := range []struct {
			act            engagement.Act
			there, nowhere string
		}{{engagement.ActDone, "do:" + string(there.ID), "do:NOPE-1"}, {engagement.ActSign, "sign:" + gate.ID, "sign:G-NO-1"},
			{engagement.ActAccept, "accept:" + string(there.ID), "accept:NOPE-1"}} {
			_, one := d.Facts.Form(x.act, x.there, a, d.Now)
			_, other := d.Facts.Form(x.act, x.nowhere, a, d.Now)
			if one == nil || other == nil || strings.ReplaceAll(one.Error(), x.there, "") != strings.ReplaceAll(other.Error(), x.nowhere, "") {
				t.Errorf("%s: %s of %s: %v, of %s: %v", a.Person, x.act, x.there, one, x.nowhere, other)
			}
		}
	}
}

// Who has looked at an engagement by another's absence does not look at it for good, and a draft is not the owners'.
func TestHowFarAnEngagementIsShown(t *testing.T) {
	d := modelstest.Draft(t, "soc2_type2")
	sponsor, owner := engagement.Actor{Person: "ruth", Role: models.RoleSponsor, Client: "northgate"},
		engagement.Actor{Person: "kenji", Role: models.RoleOwner, Client: "northgate"}
	for _, x := range []struct {
		status         engagement.Status
		begun          bool
		sponsor, owner bool
	}{{engagement.StatusDraft, false, true, false}, {engagement.StatusCancelled, false, false, false},
		{engagement.StatusRunning, true, true, true}, {engagement.StatusPaused, true, true, true}, {engagement.StatusCancelled, true, true, true},
		{engagement.StatusCompleted, true, true, true}} {
		e := d.Facts.Engagement
		e.Status = x.status
		if x.begun {
			e.StartedAt = d.Now
		}
		if sponsor.SeesEngagement(e, d.Now) != x.sponsor || owner.SeesEngagement(e, d.Now) != x.owner {
			t.Errorf("%s, begun %v: the sponsor %v, the owner %v", x.status, x.begun, sponsor.SeesEngagement(e, d.Now),
				owner.SeesEngagement(e, d.Now))
		}
	}
	e := d.Facts.Engagement
	e.Summary.Reason = "Kenji is late"
	standIn := engagement.Actor{Person: "cora", Role: models.RoleConsultant, For: []models.PersonID{"tom"}}
	tom := engagement.Actor{Person: "tom", Role: models.RoleConsultant}
	if got := e.SeenBy(standIn, d.Now).Summary.Reason + e.SeenBy(owner, d.Now).Summary.Reason; got != "" {
		t.Errorf("who is on it in another's place is told %q", got)
	}
	if got := e.SeenBy(tom, d.Now).Summary.Reason; got != "Kenji is late" {
		t.Errorf("who is on it is told %q", got)
	}
}
