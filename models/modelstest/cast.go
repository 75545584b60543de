package modelstest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

// Draft returns a draft of a type for Northgate with the people of e1 and noor, on the Monday a week before its kickoff, at nine in the
// morning. What else a test needs of it with changes before.
func Draft(t testing.TB, typ string, with ...func(*engagement.Facts)) *Desk {
	t.Helper()
	cat := Catalog()
	days := models.Calendar{Closed: DaysOff()}
	f := &engagement.Facts{
		Catalog: cat,
		Firm:    Firm("acme"),
		Client:  Client("northgate"),
		People:  People("marta", "ines", "noor", "priya", "tom", "hugo", "ruth", "kenji", "olga"),
		Duties: []models.Duty{{Function: "sponsor", Person: "ruth"}, {Function: "security_lead", Person: "kenji", Backup: "olga"},
			{Function: "eng_lead", Person: "olga", Backup: "kenji"}},
		Engagement: engagement.Engagement{Firm: "acme", ID: "e1", Client: "northgate", Name: "Northgate", Type: typ,
			Status:     engagement.StatusDraft,
			Categories: []catalog.Category{catalog.Security}, Kickoff: On("2027-01-11"), TimeZone: newYork, Revision: 1,
			Partner: "marta", Manager: "ines", Auditor: "hugo", Consultants: []models.PersonID{"priya", "tom"}},
		FirmDays: days, ClientDays: days,
	}
	kind, _ := cat.Type(typ)
	if !slices.Contains(kind.Flags, "soc2") {
		f.Engagement.Categories = nil
	}
	if slices.Contains(kind.Flags, "renewal") {
		f.Engagement.PreviousClose = On("2027-06-30")
	}
	for _, change := range with {
		change(f)
	}
	return DeskOf(t, f, On("2027-01-04").At(f.Location(), 9, 0))
}

// Started returns an engagement that ines has started a week before its kickoff.
func Started(t testing.TB, typ string, with ...func(*engagement.Facts)) *Desk {
	t.Helper()
	d := Draft(t, typ, with...)
	d.Do("ines", engagement.StartEngagement)
	return d
}

// OneTask returns a running engagement of which nothing is left but one task of kenji's, given on a Wednesday and due three weeks
// later on a Friday; olga is its backup, ruth the sponsor, ines the manager, marta the partner.
func OneTask(t testing.TB, with ...func(*engagement.Task)) *Desk {
	t.Helper()
	d := In(t, "soc2_type2", catalog.PhaseGap)
	d.GoTo(On("2027-03-03"))
	x := &engagement.Task{ID: "X-1", Phase: catalog.PhaseGap, Title: "Provide the leaver list", State: engagement.TaskOpen,
		OwnerRole: "security_lead", Owner: "kenji", Backup: "olga", Due: On("2027-03-26"), Original: On("2027-03-26"),
		OpenedOn: On("2027-03-03"), Moved: true, Round: 1}
	for _, w := range with {
		w(x)
	}
	d.Facts.Tasks, d.Facts.Decisions = []*engagement.Task{x}, nil
	for i := range d.Facts.Gates {
		d.Facts.Gates[i].At = time.Time{}
	}
	return d
}

var (
	shelf   = map[string]*Desk{}
	shelved sync.Mutex
)

// In returns an engagement on the first morning on which a phase is under way, everybody having done what was due.
func In(t testing.TB, typ string, p catalog.Phase) *Desk {
	t.Helper()
	shelved.Lock()
	defer shelved.Unlock()
	key := typ + "/" + string(p)
	if shelf[key] == nil {
		d := Started(t, typ)
		d.Until(On("2031-01-01"), func() bool { st := d.Facts.Phase(p); return st != nil && st.Standing == engagement.StandingActive })
		if d.Facts.Phase(p).Standing != engagement.StandingActive {
			t.Fatalf("%s never came to %s", typ, p)
		}
		shelf[key] = d
	}
	return shelf[key].Copy(t)
}
