package store

import (
	"context"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// What somebody may see, as a question to the database: each function refuses as not_found what is not there and what is not shown
// to the actor, so that nobody can tell the two apart.

func unknown(what, id string) error {
	return models.Refuse(models.NotFound, what, "there is no %s %.100q", what, id)
}

// hide makes one refusal of what is not there and what is not to be seen.
func hide(what, id string, sees bool, err error) error {
	if models.CodeOf(err) == models.NotFound || err == nil && !sees {
		return unknown(what, id)
	}
	return err
}

// SeesClient refuses a client that is not shown to the actor: to those with the reach of a team all clients of the engagements they
// are on, or somebody for whom they stand in.
func (s *Store) SeesClient(ctx context.Context, a engagement.Actor, id models.ClientID) error {
	yes, err := s.withinReach(ctx, a, engagement.ReachOf(a.Role, "getClient"), id)
	return hide("client", string(id), yes, err)
}

// withinReach reports whether there is a client within a reach of an actor.
func (s *Store) withinReach(ctx context.Context, a engagement.Actor, reach engagement.Reach, id models.ClientID) (bool, error) {
	switch reach {
	case engagement.ReachFirm:
		_, err := s.Client(ctx, id)
		return err == nil, err
	case engagement.ReachTeam:
		lines, _, err := s.Portfolio(ctx, PortfolioFilter{Scope: ScopeOf(a), Client: id}, SortName, "", 1)
		return len(lines) > 0, err
	case engagement.ReachClient:
		return a.Client == id, nil
	}
	return false, nil
}

// Names returns the id of whom an actor names where people of a client are meant, or of the actor's own company where there is no
// client: of two who may be meant, people of clients mean their own, others whose whole id it is. Nobody has the id that it returns
// where nobody is meant.
func (s *Store) Names(ctx context.Context, a engagement.Actor, client models.ClientID, name models.PersonID) (models.PersonID, error) {
	if client == "" {
		client = a.Client
	}
	if client == "" || name == "" {
		return name, nil
	}
	db, err := s.root.query(ctx)
	if err != nil {
		return "", err
	}
	return s.names(db, a, client, name)
}

// names is Names in a transaction, where people of a client are meant.
func (s *Store) names(db *gorm.DB, a engagement.Actor, client models.ClientID, name models.PersonID) (models.PersonID, error) {
	rows, err := s.called(db, client, name)
	if err != nil {
		return "", err
	}
	there := map[models.PersonID]models.ClientID{}
	for _, r := range rows {
		there[models.PersonID(r.ID)] = models.ClientID(r.ClientID)
	}
	return a.Means(client, name, there), nil
}

// SeesPerson returns a person who is shown to the actor: themselves; all of the firm to partners and managers; colleagues, auditors and
// the people of clients they see to consultants; the people of their company to sponsors. Of their own company they may say the short name.
func (s *Store) SeesPerson(ctx context.Context, a engagement.Actor, name models.PersonID) (models.Person, error) {
	id, err := s.Names(ctx, a, "", name)
	if err != nil {
		return models.Person{}, err
	}
	p, err := s.Person(ctx, id)
	if err != nil {
		return p, hide("person", string(name), false, err)
	}
	reach := engagement.ReachOf(a.Role, "getPerson")
	yes := p.ID == a.Person || reach == engagement.ReachFirm || reach == engagement.ReachTeam && p.Client == ""
	if !yes && (reach == engagement.ReachTeam || reach == engagement.ReachClient) {
		yes, err = s.withinReach(ctx, a, reach, p.Client)
	}
	return p, hide("person", string(name), yes, err)
}

// Meet returns a person as the actor meets them who wants to change what is theirs: whether the actor works with them, whether they decide,
// and whether an engagement of their company has begun. It is asked of people who are not added yet, too.
func (s *Store) Meet(ctx context.Context, a engagement.Actor, p models.Person) (engagement.Target, error) {
	on := engagement.Target{Person: p}
	if a.Role.Side() != models.SideFirm {
		return on, nil
	}
	db, err := s.root.query(ctx)
	if err != nil {
		return on, err
	}
	return s.meet(db, a, p)
}

// meet is Meet for an actor of the firm, in a transaction.
func (s *Store) meet(db *gorm.DB, a engagement.Actor, p models.Person) (on engagement.Target, err error) {
	on.Person = p
	if on.Decides, err = s.decides(db, p); err != nil {
		return on, err
	}
	theirs, args := "e.client_id = ?", []any{string(p.Client)}
	if p.Client == "" {
		theirs, args = "e.id IN (SELECT engagement_id FROM engagement_members WHERE firm_id = ? AND person_id = ?)",
			[]any{string(s.firm), string(p.ID)}
	}
	var all, live, shared, begun, started int
	err = db.Raw(`SELECT COUNT(*), COALESCE(SUM(CASE WHEN e.status IN ('running', 'paused') THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN m.engagement_id IS NULL THEN 0 ELSE 1 END), 0),
		COALESCE(SUM(CASE WHEN m.engagement_id IS NULL OR e.started_at = 0 THEN 0 ELSE 1 END), 0),
		COALESCE(SUM(CASE WHEN e.started_at = 0 THEN 0 ELSE 1 END), 0)
		FROM engagements e LEFT JOIN (SELECT DISTINCT engagement_id FROM engagement_members WHERE firm_id = ? AND person_id = ?) m
		ON m.engagement_id = e.id WHERE e.firm_id = ? AND `+theirs,
		append([]any{string(s.firm), string(a.Person), string(s.firm)}, args...)...).Row().Scan(&all, &live, &shared, &begun, &started)
	on.Ours = all == 0 || begun > 0 || live == 0 && shared > 0
	on.Unbegun = err == nil && p.Client != "" && started == 0
	return on, fail("look who works with somebody", err)
}

// decides reports whether somebody decides or approves: see engagement.Target.
func (s *Store) decides(db *gorm.DB, p models.Person) (bool, error) {
	if p.Role == models.RoleSponsor || p.Role == models.RoleAuditor {
		return true, nil
	}
	if p.Client == "" {
		return false, nil
	}
	var held []string
	err := db.Model(&dutyRow{}).Where("firm_id = ? AND client_id = ? AND (person_id = ? OR backup_id = ?)", string(s.firm), string(p.Client),
		string(p.ID), string(p.ID)).Pluck("function", &held).Error
	return slices.ContainsFunc(held, s.root.Catalog.Approves), fail("look what somebody approves", err)
}

// SeesEngagement returns an engagement that is shown to the actor at an instant.
func (s *Store) SeesEngagement(ctx context.Context, a engagement.Actor, id models.EngagementID, now time.Time) (engagement.Engagement,
	error) {
	e, err := s.Engagement(ctx, id)
	return e, hide("engagement", string(id), err == nil && a.SeesEngagement(e, now), err)
}

// SeesTask refuses a task of an engagement that is not shown to the actor. Whether it is there at all it only tells those who are
// shown some tasks and not others: whoever sees all of an engagement learns that from reading it.
func (s *Store) SeesTask(ctx context.Context, a engagement.Actor, e engagement.Engagement, id models.TaskID, now time.Time) error {
	if a.SeesAllOf("getTask", e, now) {
		return nil
	}
	f, err := s.Facts(ctx, e.ID, engagement.Need{Tasks: []models.TaskID{id}})
	if err != nil {
		return err
	}
	t := f.Task(id)
	return hide("task", string(id), t != nil && f.SeesTask(a, t, now), nil)
}

// SeesGate refuses a gate of the catalog that is not shown to the actor in an engagement, whether or not it is open.
func (s *Store) SeesGate(ctx context.Context, a engagement.Actor, e engagement.Engagement, id string, now time.Time) error {
	f, err := s.Facts(ctx, e.ID, engagement.Need{})
	if err != nil {
		return err
	}
	return hide("gate", id, f.SeesGate(a, id, now), nil)
}

// SeesDecision refuses a decision of an engagement that is not shown to the actor. As with SeesTask, it only tells those who are shown
// some and not others whether it is there at all.
func (s *Store) SeesDecision(ctx context.Context, a engagement.Actor, e engagement.Engagement, id string, now time.Time) error {
	if a.SeesAllOf("listDecisions", e, now) {
		return nil
	}
	f, err := s.Facts(ctx, e.ID, engagement.Need{Decision: id})
	if err != nil {
		return err
	}
	d := f.DecisionOf(id)
	return hide("decision", id, d != nil && f.SeesDecision(a, d, now), nil)
}

// PortfolioFor is Portfolio with the engagements that are shown to the actor at an instant, each without what is not for them. A page may
// be shorter than its limit.
func (s *Store) PortfolioFor(ctx context.Context, a engagement.Actor, filter PortfolioFilter, sort Sort, cursor string, limit int,
	now time.Time) (
	[]PortfolioRow, string, error) {
	filter.Scope = ScopeOf(a)
	page, next, err := s.Portfolio(ctx, filter, sort, cursor, limit)
	all := engagement.ReachOf(a.Role, "listTasks")
	if err != nil || all == engagement.ReachFirm || all != engagement.ReachOwn && len(a.For) == 0 {
		return page, next, err
	}
	shown := page[:0]
	for _, line := range page { // the auditor's sight ends a while after the engagement, and a stand-in's is that of an owner
		e, err := s.Engagement(ctx, line.ID)
		if err != nil {
			return nil, "", err
		}
		if a.SeesEngagement(e, now) {
			line.Summary = e.SeenBy(a, now).Summary
			shown = append(shown, line)
		}
	}
	return shown, next, nil
}

// ClientsFor is Clients with those that are shown to the actor. To those with the reach of a team it shows the clients of their
// engagements all at once.
func (s *Store) ClientsFor(ctx context.Context, a engagement.Actor, filter ClientFilter, cursor string, limit int) ([]models.Client,
	string, error) {
	switch engagement.ReachOf(a.Role, "listClients") {
	case engagement.ReachTeam:
		clients, err := s.teamClients(ctx, a, filter.Search)
		return clients, "", err
	case engagement.ReachClient:
		filter.ID = a.Client
	}
	return s.Clients(ctx, filter, cursor, limit)
}

// teamClients returns the clients of the engagements that are shown to somebody, by name.
func (s *Store) teamClients(ctx context.Context, a engagement.Actor, search string) ([]models.Client, error) {
	found := map[models.ClientID]models.Client{}
	for cursor := ""; ; {
		page, next, err := s.Portfolio(ctx, PortfolioFilter{Scope: ScopeOf(a)}, SortName, cursor, 200)
		if err != nil {
			return nil, err
		}
		for _, e := range page {
			if _, known := found[e.Client]; known {
				continue
			}
			if found[e.Client], err = s.Client(ctx, e.Client); err != nil {
				return nil, err
			}
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	clients := slices.DeleteFunc(slices.Collect(maps.Values(found)), func(c models.Client) bool {
		return !strings.Contains(strings.ToLower(c.Name), strings.ToLower(search)) && !strings.Contains(string(c.ID), strings.ToLower(search))
	})
	slices.SortFunc(clients, func(a, b models.Client) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return clients, nil
}

// PeopleFor is People with those who are shown to the actor, and for people of a client and auditors the managers of their engagements:
// everybody can see whom to ask. It refuses (invalid) a filter for a client that is not.
func (s *Store) PeopleFor(ctx context.Context, a engagement.Actor, filter PersonFilter, cursor string, limit int) ([]models.Person,
	string, error) {
	reach := engagement.ReachOf(a.Role, "listPeople")
	if reach == engagement.ReachOwn {
		managers, err := s.managersOf(ctx, a)
		if err != nil {
			return nil, "", err
		}
		filter.Only = append(managers, a.Person)
		return withoutDays(a)(s.People(ctx, filter, cursor, limit))
	}
	if filter.Client != nil && *filter.Client != "" && reach != engagement.ReachFirm {
		if yes, err := s.withinReach(ctx, a, reach, *filter.Client); err != nil {
			return nil, "", err
		} else if !yes {
			return nil, "", models.Refuse(models.Invalid, "client", "there is no client %q", *filter.Client)
		}
	}
	switch {
	case reach == engagement.ReachClient:
		if filter.Client == nil {
			var err error
			if filter.Also, err = s.managersOf(ctx, a); err != nil {
				return nil, "", err
			}
		}
		filter.Client = &a.Client
	case reach == engagement.ReachTeam && filter.Client == nil: // colleagues and auditors, or the people of one client of theirs
		filter.Client = new(models.ClientID)
	}
	return withoutDays(a)(s.People(ctx, filter, cursor, limit))
}

// withoutDays returns what takes from a page of people the days of those of whom somebody sees no more than who they are: of the firm's
// people, where the actor is not of the firm. Nobody's own are taken.
func withoutDays(a engagement.Actor) func(page []models.Person, next string, err error) ([]models.Person, string, error) {
	return func(page []models.Person, next string, err error) ([]models.Person, string, error) {
		for i := range page {
			if p := &page[i]; a.Role.Side() != models.SideFirm && p.Client == "" && p.ID != a.Person {
				p.Closed, p.Open = nil, nil
			}
		}
		return page, next, err
	}
}

// managersOf returns the managers of the engagements of somebody of a client or an audit firm that have been started and not cancelled.
func (s *Store) managersOf(ctx context.Context, a engagement.Actor) ([]models.PersonID, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	q := db.Table("engagements").Select("DISTINCT manager").
		Where("firm_id = ? AND status IN ('running', 'paused', 'completed')", string(s.firm))
	if a.Client != "" {
		q = q.Where("client_id = ?", string(a.Client))
	} else {
		q = q.Where("id IN (SELECT engagement_id FROM engagement_members WHERE firm_id = ? AND person_id = ?)", string(s.firm), string(a.Person))
	}
	var out []models.PersonID
	return out, fail("look for managers", q.Scan(&out).Error)
}

// TasksFor is Tasks with those that are shown to the actor. To those who are shown only some it looks through all tasks of the
// engagement, some hundreds, and its cursor names the last one shown.
func (s *Store) TasksFor(ctx context.Context, a engagement.Actor, e engagement.Engagement, filter TaskFilter, cursor string, limit int,
	now time.Time) (
	[]engagement.Task, string, error) {
	if a.SeesAllOf("listTasks", e, now) {
		return s.Tasks(ctx, e.ID, filter, cursor, limit)
	}
	after, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(cursor, "own"))
	if cursor != "" && (err != nil || !strings.HasPrefix(cursor, "own")) {
		return nil, "", models.Refuse(models.Invalid, "cursor", "the cursor is none that this list gave: begin again without one")
	}
	f, err := s.Facts(ctx, e.ID, engagement.Need{})
	if err != nil {
		return nil, "", err
	}
	var out []engagement.Task
	skip := len(after) > 0
	for at := ""; ; {
		page, next, err := s.Tasks(ctx, e.ID, filter, at, 500)
		if err != nil {
			return nil, "", err
		}
		for _, t := range page {
			switch {
			case !f.SeesTask(a, &t, now):
			case skip:
				skip = string(t.ID) != string(after)
			case len(out) == limit:
				return out, "own" + base64.RawURLEncoding.EncodeToString([]byte(out[limit-1].ID)), nil
			default:
				out = append(out, t)
			}
		}
		if at = next; at == "" {
			return out, "", nil
		}
	}
}

// TaskFor is Task with what happened to it, the oldest first, the first 200 at most: comments and events that are shown to the actor.
func (s *Store) TaskFor(ctx context.Context, a engagement.Actor, id models.EngagementID, task models.TaskID) (engagement.Task,
	[]engagement.Comment, []engagement.Event, error) {
	t, comments, err := s.Task(ctx, id, task)
	if err != nil {
		return t, nil, nil, err
	}
	comments = slices.DeleteFunc(comments, func(c engagement.Comment) bool { return c.Internal && !a.SeesInternal() })
	history, _, err := s.EventsFor(ctx, a, id, EventFilter{Subject: string(task)}, "", 200)
	return t, comments, history, err
}

// EventsFor is Events with those that are shown to the actor.
func (s *Store) EventsFor(ctx context.Context, a engagement.Actor, id models.EngagementID, filter EventFilter, cursor string,
	limit int) ([]engagement.Event, string, error) {
	filter.Internal = a.SeesInternal()
	return s.Events(ctx, id, filter, cursor, limit)
}

// FirmEventsFor is FirmEvents with those that are shown to the actor: what happened to engagements to those who are shown them.
func (s *Store) FirmEventsFor(ctx context.Context, a engagement.Actor, filter EventFilter, cursor string, limit int) ([]engagement.Event,
	string, error) {
	filter.Internal = a.SeesInternal()
	if engagement.ReachOf(a.Role, "listEngagements") != engagement.ReachFirm {
		filter.reader = a
	}
	return s.FirmEvents(ctx, filter, cursor, limit)
}

// QuestionsFor is Questions with those that are shown to the actor.
func (s *Store) QuestionsFor(ctx context.Context, a engagement.Actor, e engagement.Engagement, filter QuestionFilter, now time.Time) (
	[]engagement.Question, error) {
	questions, err := s.Questions(ctx, e.ID, filter)
	if err != nil {
		return nil, err
	}
	var tasks []models.TaskID
	for _, q := range questions {
		tasks = append(tasks, q.Task)
	}
	f, err := s.Facts(ctx, e.ID, engagement.Need{Tasks: tasks})
	if err != nil {
		return nil, err
	}
	return models.Keep(questions, func(q engagement.Question) bool { return f.SeesQuestion(a, &q, now) }), nil
}

// SeesQuestion refuses a question of an engagement that is not shown to the actor. As with SeesTask, it only tells those who are shown
// some and not others whether it is there at all.
func (s *Store) SeesQuestion(ctx context.Context, a engagement.Actor, e engagement.Engagement, id string, now time.Time) error {
	if a.SeesAllOf("listQuestions", e, now) && a.SeesInternal() {
		return nil
	}
	f, err := s.Facts(ctx, e.ID, engagement.Need{Questions: []string{id}})
	if err != nil {
		return err
	}
	q := f.Question(id)
	return hide("question", id, q != nil && f.SeesQuestion(a, q, now), nil)
}

// DecisionsFor is Decisions with those that are shown to the actor.
func (s *Store) DecisionsFor(ctx context.Context, a engagement.Actor, e engagement.Engagement, now time.Time) ([]engagement.Decision,
	error) {
	f := &engagement.Facts{Engagement: e}
	decisions, err := s.Decisions(ctx, e.ID)
	return slices.DeleteFunc(decisions, func(d engagement.Decision) bool { return !f.SeesDecision(a, &d, now) }), err
}

// DecisionFor returns a decision of an engagement that is shown to the actor, and while it is pending what it would move if it took effect
// now, without what is not for them. It refuses (not found) a decision that is not there or not shown to them.
func (s *Store) DecisionFor(ctx context.Context, a engagement.Actor, id models.EngagementID, decision string,
	now time.Time) (engagement.Decision, engagement.Effects, error) {
	f, err := s.Facts(ctx, id, engagement.Need{Decision: decision})
	if err != nil {
		return engagement.Decision{}, engagement.Effects{}, err
	}
	d := f.DecisionOf(decision)
	if err := hide("decision", decision, d != nil && f.SeesDecision(a, d, now), nil); err != nil {
		return engagement.Decision{}, engagement.Effects{}, err
	}
	return *d, f.Effects(d, now).SeenBy(a, f, now), nil
}

// DeliveriesFor is Deliveries with those that are shown to the actor: to partners all of the firm, to managers their own, those that say
// nothing of engagements and those made of engagements all of which they are on, to everybody else their own. It refuses (forbidden) to
// those a filter for somebody else.
func (s *Store) DeliveriesFor(ctx context.Context, a engagement.Actor, filter DeliveryFilter, cursor string,
	limit int) ([]reminders.Delivery, string, error) {
	if engagement.ReachOf(a.Role, "listMessages") == engagement.ReachOwn {
		if filter.Person != "" && filter.Person != a.Person {
			return nil, "", models.Refuse(models.Forbidden, "person", "as %s you see your own messages only", a.Role)
		}
		filter.Person = a.Person
	}
	if engagement.ReachOf(a.Role, "listMessages") == engagement.ReachTeam {
		filter.reader = a
	}
	page, next, err := s.Deliveries(ctx, filter, cursor, limit)
	if err != nil || a.SeesInternal() {
		return page, next, err
	}
	for i := range page { // see DeliveryFor
		left, err := s.leftTheFirm(ctx, a.Person, page[i].ScheduledAt)
		if err != nil {
			return nil, "", err
		}
		if left {
			page[i].Message = nil
		}
	}
	return page, next, nil
}

// shortest is how many letters of a message's id name it at least.
const shortest = 8

// deliveryNamed returns the whole id of a message that is shown to the actor and whose id begins with what they wrote: the first eight
// letters or more. It refuses (invalid) what two of those begin with; what none begins with it returns as it is.
func (s *Store) deliveryNamed(ctx context.Context, a engagement.Actor, id string) (string, error) {
	if len(id) < shortest || len(id) >= len("00000000-0000-0000-0000-000000000000") || strings.Trim(id, "0123456789abcdef-") != "" {
		return id, nil
	}
	page, _, err := s.DeliveriesFor(ctx, a, DeliveryFilter{prefix: id}, "", 2)
	switch {
	case err != nil:
		return "", err
	case len(page) > 1:
		return "", models.Refuse(models.Invalid, "message", "the ids of several messages begin with %s: write more of it", id)
	case len(page) == 1:
		return page[0].ID, nil
	}
	return id, nil
}

// DeliveryFor is Delivery of one that is shown to the actor, who may name it by the beginning of its id: see deliveryNamed. What was
// written to somebody while they were of the firm may say what is internal: it is not shown to them once SeesInternal says no, as before
// nobody could change sides they could.
func (s *Store) DeliveryFor(ctx context.Context, a engagement.Actor, id string) (reminders.Delivery, []reminders.Attempt, error) {
	id, err := s.deliveryNamed(ctx, a, id)
	if err != nil {
		return reminders.Delivery{}, nil, err
	}
	d, attempts, err := s.Delivery(ctx, id)
	if err != nil {
		return reminders.Delivery{}, nil, hide("message", id, false, err)
	}
	reach := engagement.ReachOf(a.Role, "getMessage")
	sees := reach == engagement.ReachFirm || d.Person == a.Person
	if !sees && reach == engagement.ReachTeam {
		db, err := s.root.query(ctx)
		if err != nil {
			return reminders.Delivery{}, nil, err
		}
		var n int64
		q := s.within(db.Model(&deliveryRow{}).Where("firm_id = ? AND id = ?", string(s.firm), id), a)
		if err := q.Count(&n).Error; err != nil {
			return reminders.Delivery{}, nil, fail("look who is shown a message", err)
		}
		sees = n > 0
	}
	if sees && !a.SeesInternal() {
		left, err := s.leftTheFirm(ctx, a.Person, d.ScheduledAt)
		if err != nil {
			return reminders.Delivery{}, nil, err
		}
		sees = !left
	}
	if !sees {
		return reminders.Delivery{}, nil, unknown("message", id)
	}
	return d, attempts, nil
}

// leftTheFirm reports whether somebody had a role of the firm at an instant or later, as the record of who became what says.
func (s *Store) leftTheFirm(ctx context.Context, id models.PersonID, since time.Time) (bool, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return false, err
	}
	var rows []firmEventRow
	err = db.Where("firm_id = ? AND kind = 'person.updated' AND subject = ? AND field = 'role' AND at >= ?", string(s.firm), string(id),
		micros(since)).Find(&rows).Error
	return slices.ContainsFunc(rows, func(r firmEventRow) bool { return models.Role(r.model().From).Side() == models.SideFirm }),
		fail("look for the roles that somebody had", err)
}
