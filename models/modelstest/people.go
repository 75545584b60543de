package modelstest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tickmark/models"
)

// newYork is the time zone of the cast.
const newYork = "America/New_York"

// firms are the cast's firms of consultants.
var firms = []models.Firm{
	{ID: "acme", Name: "Acme Advisory"},     // the firm of the tests
	{ID: "bright", Name: "Bright Partners"}, // another firm, which must see nothing of Acme's
}

// clients are the clients of both firms. Of Acme's, Northgate has the engagement e1.
var clients = []models.Client{
	{Firm: "acme", ID: "northgate", Name: "Northgate"},   // the client of e1
	{Firm: "acme", ID: "westfield", Name: "Westfield"},   // another client, whose people must see nothing of Northgate's
	{Firm: "bright", ID: "eastwick", Name: "Eastwick"},   // the other firm's own client
	{Firm: "bright", ID: "westfield", Name: "Westfield"}, // a client of both firms: two records that have nothing in common
}

// people are the people of Acme and its clients, and the auditors.
var people = []models.Person{
	{ID: "marta", Role: models.RolePartner},                     // the partner of e1
	{ID: "vera", Role: models.RolePartner},                      // not on e1
	{ID: "ines", Role: models.RoleManager},                      // the manager of e1
	{ID: "noor", Role: models.RoleManager},                      // not on e1
	{ID: "priya", Role: models.RoleConsultant},                  // on e1
	{ID: "tom", Role: models.RoleConsultant},                    // on e1
	{ID: "cleo", Role: models.RoleConsultant},                   // not on e1
	{ID: "gwen", Role: models.RoleConsultant},                   // has left where a test says so
	{ID: "hugo", Role: models.RoleAuditor},                      // the auditor of e1
	{ID: "ivor", Role: models.RoleAuditor},                      // not on e1
	{ID: "ruth", Role: models.RoleSponsor, Client: "northgate"}, // the sponsor of e1
	{ID: "kenji", Role: models.RoleOwner, Client: "northgate"},  // leads security; olga is the backup
	{ID: "olga", Role: models.RoleOwner, Client: "northgate"},   // leads engineering; kenji is the backup
	{ID: "sara", Role: models.RoleSponsor, Client: "westfield"}, // the sponsor of the other client
	{ID: "omar", Role: models.RoleOwner, Client: "westfield"},   // does tasks of the other client
}

// Firm returns a firm of the cast, in New York. It panics when there is no such firm.
func Firm(id models.FirmID) models.Firm {
	f := find(firms, fmt.Sprint("firm ", id), func(f models.Firm) bool { return f.ID == id })
	f.Country, f.TimeZone = "US", newYork
	return f
}

// Client returns a client of Acme, or the other firm's own, with 180 people in New York. It panics when there is no such client.
func Client(id models.ClientID) models.Client {
	c := find(clients, fmt.Sprint("client ", id), func(c models.Client) bool { return c.ID == id })
	c.Headcount, c.Country, c.TimeZone = 180, "US", newYork
	return c
}

// Person returns somebody of the cast. It panics when there is nobody of that id.
func Person(id models.PersonID) models.Person {
	p := find(people, fmt.Sprint("person ", id), func(p models.Person) bool { return p.ID == id })
	return complete(p)
}

// People returns some of the cast, in the order in which they are named. It panics when there is nobody of such an id.
func People(ids ...models.PersonID) []models.Person {
	var out []models.Person
	for _, id := range ids {
		out = append(out, Person(id))
	}
	return out
}

// Newcomer returns somebody who is not of the cast: of Northgate when the role is the client's, and otherwise of Acme or an auditor.
// It panics when the cast has somebody of that id.
func Newcomer(id models.PersonID, r models.Role) models.Person {
	if slices.ContainsFunc(people, func(p models.Person) bool { return p.ID == id }) {
		panic(fmt.Sprintf("%s is of the cast", id))
	}
	p := models.Person{ID: id, Role: r}
	if r.Side() == models.SideClient {
		p.Client = "northgate"
	}
	return complete(p)
}

// complete returns somebody as who works for Acme, its client or an auditor in New York, is called as their id is and has an address.
func complete(p models.Person) models.Person {
	at := cmp.Or(string(p.Client), "acme")
	if p.Role == models.RoleAuditor {
		at = "cpa"
	}
	p.Firm, p.Name, p.Email = "acme", strings.ToUpper(string(p.ID[:1]))+string(p.ID[1:]), string(p.ID)+"@"+at+".test"
	p.TimeZone, p.Active = newYork, true
	return p
}

// find returns the first of some that is meant. It panics when none is.
func find[T any](all []T, name string, meant func(T) bool) T {
	i := slices.IndexFunc(all, meant)
	if i < 0 {
		panic("the cast has no " + name)
	}
	return all[i]
}
