package store

import (
	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/engagement"
)

// A Scope says which of a firm's engagements somebody may see. The zero Scope is none of them: who forgets to choose shows
// nothing rather than everything.
type Scope struct {
	kind   string
	shown  string // what of it is shown, as a condition on engagements named e; empty: all
	people []models.PersonID
	client models.ClientID
}

// ScopeOf is the engagements that are shown to an actor: those within the reach of their role, and of those whom they stand in for.
func ScopeOf(a engagement.Actor) Scope {
	switch reach := engagement.ReachOf(a.Role, "listEngagements"); {
	case reach == engagement.ReachFirm:
		return ScopeAll()
	case reach == engagement.ReachTeam && a.Role == models.RoleAuditor:
		return ScopeAuditor(a.Person)
	case reach == engagement.ReachTeam:
		return ScopeMember(append([]models.PersonID{a.Person}, a.For...)...)
	case reach == engagement.ReachClient:
		scope := ScopeClient(a.Client)
		scope.shown = "e.status <> 'draft' AND (e.status <> 'cancelled' OR e.started_at <> 0)" // see Actor.SeesEngagement
		if a.Role == models.RoleSponsor {
			scope.shown = "(e.status <> 'cancelled' OR e.started_at <> 0)"
		}
		return scope
	}
	return Scope{}
}

// ScopeAll is all engagements of the firm.
func ScopeAll() Scope { return Scope{kind: "all"} }

// ScopeMember is the engagements in which one of the people takes part for the firm: as partner, manager or consultant.
func ScopeMember(people ...models.PersonID) Scope { return Scope{kind: "member", people: people} }

// ScopeAuditor is the engagements to which the person was invited as the service auditor.
func ScopeAuditor(p models.PersonID) Scope {
	return Scope{kind: "auditor", people: []models.PersonID{p}}
}

// ScopeClient is the engagements for the client.
func ScopeClient(c models.ClientID) Scope { return Scope{kind: "client", client: c} }

// roles are those by which a person's part in an engagement lets them see it.
func (s Scope) roles() []models.Role {
	switch s.kind {
	case "member":
		return []models.Role{models.RolePartner, models.RoleManager, models.RoleConsultant}
	case "auditor":
		return []models.Role{models.RoleAuditor}
	}
	return nil
}

// where adds the scope to a query of engagements named e.
func (s Scope) where(q *gorm.DB, firm models.FirmID) *gorm.DB {
	switch {
	case s.kind == "all":
		return q
	case s.kind == "client" && s.client != "":
		if s.shown != "" {
			q = q.Where(s.shown)
		}
		return q.Where("e.client_id = ?", string(s.client))
	case len(s.people) > 0 && len(s.roles()) > 0:
		return member(q, firm, s.people, s.roles())
	}
	return q.Where("1 = 0")
}

// member keeps the engagements in which one of the people has one of the roles.
func member(q *gorm.DB, firm models.FirmID, people []models.PersonID, roles []models.Role) *gorm.DB {
	return q.Where("e.id IN (SELECT engagement_id FROM engagement_members WHERE firm_id = ? AND person_id IN ? AND role IN ?)",
		string(firm), people, roles)
}
