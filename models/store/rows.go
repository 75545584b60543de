package store

import (
	"slices"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

// The rows of the tables, and how they become the model's types and back. Rows hold nothing but numbers and texts, so that
// two of them can be compared: what a decision did not change is not written.

type firmRow struct {
	ID       string `gorm:"primaryKey"`
	Name     string
	Country  string
	TimeZone string
	Closed   string
	Opened   string
	Created  int64 `gorm:"column:created_at"`
	EventSeq int64
	Revision int64
	DemoOf   string
}

func (firmRow) TableName() string { return "firms" }

func (f *firmRow) model(r *reader) models.Firm {
	return models.Firm{ID: models.FirmID(f.ID), Name: f.Name, Country: f.Country, TimeZone: f.TimeZone, Closed: r.dates(f.Closed),
		Open:     r.dates(f.Opened),
		Revision: f.Revision, DemoOf: models.FirmID(f.DemoOf)}
}

func firmOf(w *writer, f models.Firm) firmRow {
	return firmRow{ID: string(f.ID), Name: w.text(f.Name), Country: f.Country, TimeZone: f.TimeZone, Closed: w.dates(f.Closed),
		Opened:   w.dates(f.Open),
		Revision: f.Revision, DemoOf: string(f.DemoOf)}
}

type clientRow struct {
	FirmID    string `gorm:"primaryKey"`
	ID        string `gorm:"primaryKey"`
	Name      string
	NameKey   string
	Headcount int
	Country   string
	TimeZone  string
	Weekend   string
	Closed    string
	Opened    string
	Created   int64 `gorm:"column:created_at"`
	Revision  int64
}

func (clientRow) TableName() string { return "clients" }

func (c *clientRow) model(r *reader) models.Client {
	out := models.Client{Firm: models.FirmID(c.FirmID), ID: models.ClientID(c.ID), Name: c.Name, Headcount: c.Headcount, Country: c.Country,
		TimeZone: c.TimeZone, Closed: r.dates(c.Closed), Open: r.dates(c.Opened), Revision: c.Revision, CreatedAt: instant(c.Created)}
	r.json(c.Weekend, &out.Weekend)
	return out
}

func clientOf(w *writer, c models.Client) clientRow {
	row := clientRow{FirmID: string(c.Firm), ID: string(c.ID), Name: w.text(c.Name), NameKey: w.text(keyOf(c.Name)), Headcount: c.Headcount,
		Country:  c.Country,
		TimeZone: c.TimeZone, Closed: w.dates(c.Closed), Opened: w.dates(c.Open), Created: micros(c.CreatedAt), Revision: c.Revision}
	if len(c.Weekend) > 0 {
		row.Weekend = w.json(c.Weekend)
	}
	return row
}

type personRow struct {
	FirmID   string `gorm:"primaryKey"`
	ID       string `gorm:"primaryKey"`
	ClientID string
	Name     string
	NameKey  string
	Email    string
	EmailKey string
	Role     string
	TimeZone string
	Closed   string
	Opened   string
	Active   bool
	LeftAt   int64
	Created  int64 `gorm:"column:created_at"`
	Revision int64
}

func (personRow) TableName() string { return "people" }

func (p *personRow) model(r *reader) models.Person {
	return models.Person{Firm: models.FirmID(p.FirmID), ID: models.PersonID(p.ID), Client: models.ClientID(p.ClientID), Name: p.Name,
		Email: p.Email, Role: models.Role(p.Role), TimeZone: p.TimeZone, Closed: r.dates(p.Closed), Open: r.dates(p.Opened),
		Active: p.Active, LeftAt: instant(p.LeftAt), Revision: p.Revision, CreatedAt: instant(p.Created)}
}

func personOf(w *writer, p models.Person) personRow {
	return personRow{FirmID: string(p.Firm), ID: string(p.ID), ClientID: string(p.Client), Name: w.text(p.Name),
		NameKey: w.text(keyOf(p.Name)),
		Email:   w.text(p.Email), EmailKey: w.text(keyOf(p.Email)), Role: string(p.Role), TimeZone: p.TimeZone, Closed: w.dates(p.Closed),
		Opened: w.dates(p.Open), Active: p.Active, LeftAt: micros(p.LeftAt), Created: micros(p.CreatedAt), Revision: p.Revision}
}

type dutyRow struct {
	FirmID   string `gorm:"primaryKey"`
	ClientID string `gorm:"primaryKey"`
	Function string `gorm:"primaryKey"`
	PersonID string
	BackupID string
}

func (dutyRow) TableName() string { return "duties" }

func (d *dutyRow) model() models.Duty {
	return models.Duty{Firm: models.FirmID(d.FirmID), Client: models.ClientID(d.ClientID), Function: d.Function,
		Person: models.PersonID(d.PersonID), Backup: models.PersonID(d.BackupID)}
}

type phaseRow struct {
	FirmID       string `gorm:"primaryKey"`
	EngagementID string `gorm:"primaryKey"`
	Phase        string `gorm:"primaryKey"`
	Position     int
	Standing     string
	Round        int
	Entered      string
	LeftOn       string
	Began        string
	Through      string
	PlanFrom     string
	PlanTo       string
	Tasks        int
	Closed       int
}

func (phaseRow) TableName() string { return "phases" }

func (p *phaseRow) model(r *reader) engagement.PhaseState {
	return engagement.PhaseState{Phase: catalog.Phase(p.Phase), Standing: engagement.Standing(p.Standing), Round: p.Round,
		Actual: r.span(p.Entered, p.LeftOn),
		Began:  r.date(p.Began), Through: r.date(p.Through), Plan: r.span(p.PlanFrom, p.PlanTo), Tasks: p.Tasks, Closed: p.Closed}
}

func phaseOf(w *writer, ref models.Ref, position int, p engagement.PhaseState) phaseRow {
	return phaseRow{FirmID: string(ref.Firm), EngagementID: string(ref.Engagement), Phase: string(p.Phase), Position: position,
		Standing: string(p.Standing), Round: p.Round, Entered: w.date(p.Actual.Start), LeftOn: w.date(p.Actual.End), Began: w.date(p.Began),
		Through: w.date(p.Through), PlanFrom: w.date(p.Plan.Start), PlanTo: w.date(p.Plan.End), Tasks: p.Tasks, Closed: p.Closed}
}

type gateRow struct {
	FirmID       string `gorm:"primaryKey"`
	EngagementID string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	Round        int    `gorm:"primaryKey"`
	Phase        string
	Approver     string
	Blocking     bool
	State        string
	ByID         string
	At           int64
	Reason       string
}

func (gateRow) TableName() string { return "gates" }

func (g *gateRow) model() engagement.Gate {
	return engagement.Gate{ID: g.ID, Phase: catalog.Phase(g.Phase), Round: g.Round, Approver: models.Role(g.Approver), Blocking: g.Blocking,
		State: engagement.GateState(g.State), By: models.PersonID(g.ByID), At: instant(g.At), Reason: g.Reason}
}

func gateOf(w *writer, ref models.Ref, g engagement.Gate) gateRow {
	return gateRow{FirmID: string(ref.Firm), EngagementID: string(ref.Engagement), ID: g.ID, Round: g.Round, Phase: string(g.Phase),
		Approver: string(g.Approver), Blocking: g.Blocking, State: string(g.State), ByID: string(g.By), At: micros(g.At),
		Reason: w.text(g.Reason)}
}

type decisionRow struct {
	FirmID       string `gorm:"primaryKey"`
	EngagementID string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	Kind         string
	Rule         string
	Change       string
	Reason       string
	ProposedBy   string
	ProposedAt   int64
	Needs        string
	Approvals    string
	State        string
	ClosedAt     int64
	ClosedBy     string
	ClosedWhy    string
}

func (decisionRow) TableName() string { return "decisions" }

func (d *decisionRow) model(r *reader) engagement.Decision {
	out := engagement.Decision{ID: d.ID, Kind: engagement.Kind(d.Kind), Rule: d.Rule, Reason: d.Reason,
		ProposedBy: models.PersonID(d.ProposedBy),
		ProposedAt: instant(d.ProposedAt), Needs: list[models.Role](r, d.Needs), State: engagement.DecisionState(d.State),
		ClosedAt: instant(d.ClosedAt), ClosedBy: models.PersonID(d.ClosedBy), ClosedWhy: d.ClosedWhy}
	r.json(d.Change, &out.Change)
	r.json(d.Approvals, &out.Approvals)
	if out.State == engagement.DecisionRefused && d.ClosedBy == "" { // of rows of before only the no itself tells
		for _, a := range out.Approvals {
			if !a.Yes {
				out.ClosedBy, out.ClosedWhy = a.By, a.Reason
			}
		}
	}
	return out
}

func decisionOf(w *writer, ref models.Ref, d *engagement.Decision) decisionRow {
	row := decisionRow{FirmID: string(ref.Firm), EngagementID: string(ref.Engagement), ID: d.ID, Kind: string(d.Kind), Rule: d.Rule,
		Change: w.json(d.Change), Reason: w.text(d.Reason), ProposedBy: string(d.ProposedBy), ProposedAt: micros(d.ProposedAt),
		Needs: listText(d.Needs),
		State: string(d.State), ClosedAt: micros(d.ClosedAt), ClosedBy: string(d.ClosedBy), ClosedWhy: w.text(d.ClosedWhy)}
	if len(d.Approvals) > 0 {
		approvals := slices.Clone(d.Approvals)
		for i := range approvals {
			approvals[i].At = approvals[i].At.UTC().Truncate(time.Microsecond)
		}
		row.Approvals = w.json(approvals)
	}
	return row
}

type questionRow struct {
	FirmID       string `gorm:"primaryKey"`
	EngagementID string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	TaskID       string
	Title        string
	ByID         string
	ToID         string
	Text         string
	AskedAt      int64
	OpenAt       int64
	Internal     bool
	State        string
	Answer       string
	ClosedBy     string
	ClosedAt     int64
}

func (questionRow) TableName() string { return "questions" }

func (q *questionRow) model() engagement.Question {
	return engagement.Question{ID: q.ID, Task: models.TaskID(q.TaskID), Title: q.Title, By: models.PersonID(q.ByID),
		To: models.PersonID(q.ToID), Text: q.Text, AskedAt: instant(q.AskedAt), OpenAt: instant(q.OpenAt), Internal: q.Internal,
		State: engagement.QuestionState(q.State), Answer: q.Answer, ClosedBy: models.PersonID(q.ClosedBy), ClosedAt: instant(q.ClosedAt)}
}

func questionOf(w *writer, ref models.Ref, q *engagement.Question) questionRow {
	return questionRow{FirmID: string(ref.Firm), EngagementID: string(ref.Engagement), ID: q.ID, TaskID: string(q.Task),
		Title: w.text(q.Title), ByID: string(q.By), ToID: string(q.To), Text: w.text(q.Text),
		AskedAt: micros(q.AskedAt), OpenAt: micros(q.OpenAt),
		Internal: q.Internal, State: string(q.State), Answer: w.text(q.Answer), ClosedBy: string(q.ClosedBy), ClosedAt: micros(q.ClosedAt)}
}

// eventColumns are what a record says of an event: that of an engagement, and that of a firm.
type eventColumns struct {
	Seq       int64 `gorm:"primaryKey;autoIncrement:false"`
	At        int64
	Actor     string
	Kind      string
	Subject   string
	Field     string
	FromValue string
	ToValue   string
	Reason    string
	Key       string
	ForID     string
	Internal  bool
}

func (e *eventColumns) model() engagement.Event {
	return engagement.Event{Seq: e.Seq, At: instant(e.At), Actor: models.PersonID(e.Actor), Kind: e.Kind, Subject: e.Subject, Field: e.Field,
		From: e.FromValue, To: e.ToValue, Reason: e.Reason, Key: e.Key, For: models.PersonID(e.ForID),
		Internal: e.Internal}
}

func columnsOf(e engagement.Event) eventColumns {
	return eventColumns{Seq: e.Seq, At: micros(e.At), Actor: string(e.Actor), Kind: e.Kind, Subject: e.Subject, Field: e.Field,
		FromValue: e.From, ToValue: e.To, Reason: e.Reason, Key: e.Key, ForID: string(e.For), Internal: e.Internal}
}

type eventRow struct {
	FirmID       string       `gorm:"primaryKey"`
	EngagementID string       `gorm:"primaryKey"`
	Event        eventColumns `gorm:"embedded"`
}

func (eventRow) TableName() string { return "events" }

func (e *eventRow) model() engagement.Event { return e.Event.model() }

func eventOf(ref models.Ref, e engagement.Event) eventRow {
	return eventRow{string(ref.Firm), string(ref.Engagement), columnsOf(e)}
}

type firmEventRow struct {
	FirmID string       `gorm:"primaryKey"`
	Event  eventColumns `gorm:"embedded"`
}

func (firmEventRow) TableName() string { return "firm_events" }

func (e *firmEventRow) model() engagement.Event { return e.Event.model() }

type commentRow struct {
	FirmID       string `gorm:"primaryKey"`
	EngagementID string `gorm:"primaryKey"`
	Seq          int64  `gorm:"primaryKey;autoIncrement:false"`
	TaskID       string
	At           int64
	ByID         string
	ToID         string
	Text         string
	Internal     bool
}

func (commentRow) TableName() string { return "comments" }

func (c *commentRow) model() engagement.Comment {
	return engagement.Comment{Task: models.TaskID(c.TaskID), At: instant(c.At), By: models.PersonID(c.ByID), To: models.PersonID(c.ToID),
		Text: c.Text, Internal: c.Internal}
}

func commentOf(ref models.Ref, seq int64, c engagement.Comment) commentRow {
	return commentRow{FirmID: string(ref.Firm), EngagementID: string(ref.Engagement), Seq: seq, TaskID: string(c.Task), At: micros(c.At),
		ByID: string(c.By), ToID: string(c.To), Text: c.Text, Internal: c.Internal}
}

type memberRow struct {
	FirmID       string `gorm:"primaryKey"`
	PersonID     string `gorm:"primaryKey"`
	EngagementID string `gorm:"primaryKey"`
	Role         string `gorm:"primaryKey"`
}

func (memberRow) TableName() string { return "engagement_members" }
