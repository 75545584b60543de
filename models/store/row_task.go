package store

import (
	"database/sql"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

type taskRow struct {
	FirmID       string `gorm:"primaryKey"`
	EngagementID string `gorm:"primaryKey"`
	ID           string `gorm:"primaryKey"`
	Template     string
	Subject      string
	Phase        string
	Title        string
	State        string
	Gate         bool
	OwnerRole    string
	Owner        string
	Backup       string
	ApproverRole string
	Approver     string
	AfterIDs     string `gorm:"column:after_ids"`
	Anchor       string
	Due          string
	OriginalDue  string
	Moved        bool
	PeriodFrom   string
	PeriodTo     string
	Minutes      int
	BlockedBy    string
	Reason       string
	Late         bool
	OpenedOn     string
	DoneBy       string
	DoneAt       int64
	Round        int
	BlockedOn    string
	Snoozed      string
	Snoozes      int
	Extended     int
	Planned      string
	Span         int
	PerformBy    string
	SendBy       string
	PerformedOn  string
	Missed       bool
	AgreedOn     string
}

func (taskRow) TableName() string { return "tasks" }

// taskColumns are what scan reads, in its order.
const taskColumns = "id, template, subject, phase, title, state, gate, owner_role, owner, backup, approver_role, approver, after_ids, " +
	"anchor, " +
	"due, original_due, moved, period_from, period_to, minutes, blocked_by, reason, late, opened_on, done_by, done_at, round, blocked_on, " +
	"snoozed, snoozes, extended, planned, span, perform_by, send_by, performed_on, missed, agreed_on"

// openStates is written like this, letter by letter, in the partial indexes: SQLite uses them for nothing else. It is not
// written with IN because SQLite makes a table of every such list, for each row it writes.
const openStates = "(state = 'waiting' OR state = 'open' OR state = 'submitted' OR state = 'blocked')"

// fields are where taskColumns are read to.
func (t *taskRow) fields() []any {
	return []any{&t.ID, &t.Template, &t.Subject, &t.Phase, &t.Title, &t.State, &t.Gate, &t.OwnerRole, &t.Owner, &t.Backup, &t.ApproverRole,
		&t.Approver, &t.AfterIDs, &t.Anchor, &t.Due, &t.OriginalDue, &t.Moved, &t.PeriodFrom, &t.PeriodTo, &t.Minutes, &t.BlockedBy, &t.Reason,
		&t.Late, &t.OpenedOn, &t.DoneBy, &t.DoneAt, &t.Round, &t.BlockedOn, &t.Snoozed, &t.Snoozes, &t.Extended,
		&t.Planned, &t.Span, &t.PerformBy, &t.SendBy, &t.PerformedOn, &t.Missed, &t.AgreedOn}
}

// scan reads one row of taskColumns: by hand, since an engagement has hundreds.
func (t *taskRow) scan(rows *sql.Rows) error { return rows.Scan(t.fields()...) }

func (t *taskRow) model(r *reader) engagement.Task {
	return engagement.Task{ID: models.TaskID(t.ID), Template: t.Template, Subject: t.Subject, Phase: catalog.Phase(t.Phase), Title: t.Title,
		State: engagement.TaskState(t.State), Gate: t.Gate, OwnerRole: t.OwnerRole, Owner: models.PersonID(t.Owner),
		Backup:       models.PersonID(t.Backup),
		ApproverRole: t.ApproverRole, Approver: models.PersonID(t.Approver), After: r.ids(t.AfterIDs), Anchor: t.Anchor, Due: r.date(t.Due),
		Original: r.date(t.OriginalDue), Moved: t.Moved, Period: r.span(t.PeriodFrom, t.PeriodTo), Minutes: t.Minutes,
		BlockedBy: models.Side(t.BlockedBy), Reason: t.Reason, Late: t.Late, OpenedOn: r.date(t.OpenedOn), DoneBy: models.PersonID(t.DoneBy),
		DoneAt: instant(t.DoneAt), Round: t.Round, BlockedOn: r.date(t.BlockedOn), Snoozed: r.date(t.Snoozed), Snoozes: t.Snoozes,
		Extended: t.Extended, Planned: r.date(t.Planned), Span: t.Span, PerformBy: r.date(t.PerformBy), SendBy: r.date(t.SendBy),
		PerformedOn: r.date(t.PerformedOn), Missed: t.Missed, AgreedOn: r.date(t.AgreedOn)}
}

func taskOf(w *writer, ref models.Ref, t *engagement.Task) taskRow {
	return taskRow{FirmID: string(ref.Firm), EngagementID: string(ref.Engagement), ID: w.text(string(t.ID)), Template: t.Template,
		Subject: w.text(t.Subject),
		Phase:   string(t.Phase), Title: w.text(t.Title), State: string(t.State), Gate: t.Gate, OwnerRole: t.OwnerRole, Owner: string(t.Owner),
		Backup: string(t.Backup), ApproverRole: t.ApproverRole, Approver: string(t.Approver), AfterIDs: listText(t.After), Anchor: t.Anchor,
		Due: w.date(t.Due), OriginalDue: w.date(t.Original), Moved: t.Moved, PeriodFrom: w.date(t.Period.Start), PeriodTo: w.date(t.Period.End),
		Minutes: t.Minutes, BlockedBy: string(t.BlockedBy), Reason: w.text(t.Reason), Late: t.Late, OpenedOn: w.date(t.OpenedOn),
		DoneBy: string(t.DoneBy),
		DoneAt: micros(t.DoneAt), Round: t.Round, BlockedOn: w.date(t.BlockedOn), Snoozed: w.date(t.Snoozed), Snoozes: t.Snoozes,
		Extended: t.Extended, Planned: w.date(t.Planned), Span: t.Span, PerformBy: w.date(t.PerformBy), SendBy: w.date(t.SendBy),
		PerformedOn: w.date(t.PerformedOn), Missed: t.Missed, AgreedOn: w.date(t.AgreedOn)}
}
