// Package demo makes up a firm to be looked at: its people and clients, and engagements that have been lived through by the product's own
// rules up to today. Nobody in it has an address, so that nobody outside hears of it.
package demo

import (
	"context"
	"fmt"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

// Partner is whom one looks as.
const Partner models.PersonID = "marta"

// newYork is where the firm and its clients are.
const newYork = "America/New_York"

// Make makes the demo of a firm, as of now, and returns it. It refuses (conflict) a firm that has one.
func Make(ctx context.Context, root *store.Root, of models.FirmID, id models.FirmID, now time.Time) (models.Firm, error) {
	today := models.DateIn(now, models.Zone(newYork))
	long := today.AddMonths(-14).At(models.Zone(newYork), 9, 0)
	firm, _, err := root.CreateFirm(ctx, models.Firm{ID: id, Name: "Harbor Advisory", Country: "US", TimeZone: newYork, DemoOf: of},
		person(colleagues[0]), long)
	if err != nil {
		return firm, err
	}
	s := root.For(firm.ID)
	for _, p := range colleagues[1:] {
		if _, err := s.CreatePerson(ctx, store.Once{Actor: Partner, Role: models.RolePartner}, person(p), long); err != nil {
			return firm, err
		}
	}
	for _, story := range stories {
		if err := live(ctx, root, s, story, now); err != nil {
			return firm, fmt.Errorf("live through %s: %w", story.id, err)
		}
	}
	return firm, nil
}

// A part is somebody of the demo.
type part struct {
	id   models.PersonID
	name string
	role models.Role
}

// colleagues are the people of the firm, the partner first, and the auditor whom they work with.
var colleagues = []part{{Partner, "Marta Lindqvist", models.RolePartner}, {"ines", "Ines Carvalho", models.RoleManager},
	{"joel", "Joel Okafor", models.RoleManager}, {"priya", "Priya Raman", models.RoleConsultant},
	{"tom", "Tom Beckett", models.RoleConsultant}, {"hugo", "Hugo Stern", models.RoleAuditor}}

func person(p part) models.Person {
	return models.Person{ID: p.id, Name: p.name, Role: p.role, TimeZone: newYork}
}

// A story is one engagement, and what its people are like.
type story struct {
	id        models.EngagementID
	client    models.Client
	name, typ string
	covers    []catalog.Category
	months    int // of the observation window
	ago       int // for how many days it has been under way
	manager   models.PersonID
	with      []models.PersonID
	people    []part                  // of the client: the sponsor first
	late      map[models.PersonID]int // by how many business days somebody is late with what is theirs
	happens   []happening
}

// A happening is what somebody does besides what is their turn, on a day counted from the kickoff.
type happening struct {
	day  int
	who  models.PersonID
	kind engagement.Kind
	says string
}

var functions = []string{"sponsor", "security_lead", "it_lead", "eng_lead", "ops_lead", "product_lead", "hr_lead", "legal_lead",
	"finance_lead", "compliance_lead", "support_lead", "vendor_lead"}

var stories = []story{
	{id: "northgate-type2", client: models.Client{ID: "northgate", Name: "Northgate Systems", Headcount: 120}, name: "SOC 2 Type 2",
		typ: "soc2_type2", covers: []catalog.Category{catalog.Security, "availability"}, months: 6, ago: 245, manager: "ines",
		with: []models.PersonID{"priya", "tom"}, people: []part{{"ruth", "Ruth Abara", models.RoleSponsor},
			{"kenji", "Kenji Mori", models.RoleOwner}, {"olga", "Olga Petrov", models.RoleOwner}, {"carla", "Carla Mendes", models.RoleOwner}},
		late: map[models.PersonID]int{"olga": 1},
		happens: []happening{{9, "kenji", engagement.AskTask, "Does the list have to name the contractors too?"},
			{31, "ines", engagement.MoveTask, "Kenji is at the provider's audit this week"},
			{60, "olga", engagement.CommentTask, "The export of the old system takes until Friday"},
			{120, "carla", engagement.AskTask, "Is last year's signed policy enough, or do you need the new one?"}}},
	{id: "fernleaf-type1", client: models.Client{ID: "fernleaf", Name: "Fernleaf Analytics", Headcount: 14}, name: "SOC 2 Type 1",
		typ: "soc2_type1", covers: []catalog.Category{catalog.Security}, ago: 95, manager: "joel", with: []models.PersonID{"priya"},
		people: []part{{"dana", "Dana Whitfield", models.RoleSponsor}, {"sam", "Sam Iverson", models.RoleOwner},
			{"lee", "Lee Nakamura", models.RoleOwner}},
		late: map[models.PersonID]int{"sam": 11, "dana": 3},
		happens: []happening{{6, "lee", engagement.AskTask, "Who of us should sign this, Dana or I?"},
			{14, "joel", engagement.MoveTask, "Sam has a release until then"},
			{40, "sam", engagement.CommentTask, "We are still looking for somebody for the penetration test"},
			{70, "joel", engagement.MoveTask, "Agreed with Dana on the phone"}}},
	{id: "alder-type1", client: models.Client{ID: "alder", Name: "Alder Payments", Headcount: 45}, name: "SOC 2 Type 1",
		typ: "soc2_type1", covers: []catalog.Category{catalog.Security, "confidentiality"}, ago: 150, manager: "ines",
		with: []models.PersonID{"tom"}, people: []part{{"eva", "Eva Sandoval", models.RoleSponsor},
			{"mikael", "Mikael Strand", models.RoleOwner}, {"yusuf", "Yusuf Demir", models.RoleOwner}},
		late: map[models.PersonID]int{"yusuf": 1},
		happens: []happening{{11, "yusuf", engagement.AskTask, "Do screenshots do, or do you need the export?"},
			{55, "ines", engagement.MoveTask, "The office move takes two days more"}}},
}
