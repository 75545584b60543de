package engagement

import (
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/planning"
)

// A Status is where an engagement stands as a whole.
type Status string

// The five statuses. Completed and cancelled are the end: nothing moves an engagement out of them, but that a cancellation can be undone
// for a day.
const (
	StatusDraft     Status = "draft"     // rows only: no time runs
	StatusRunning   Status = "running"   // a workflow carries it
	StatusPaused    Status = "paused"    // reminders stop; an open window runs on (RT-10)
	StatusCancelled Status = "cancelled" // ended early, with a reason
	StatusCompleted Status = "completed" // every phase left
)

// Ended reports whether nothing more can happen to the engagement.
func (s Status) Ended() bool { return s == StatusCancelled || s == StatusCompleted }

// Live reports whether a workflow carries the engagement.
func (s Status) Live() bool { return s == StatusRunning || s == StatusPaused }

// An Engagement is the firm's work towards one report (or a Type 1 and the Type 2 after it) for one client.
type Engagement struct {
	Firm       models.FirmID
	ID         models.EngagementID
	Client     models.ClientID
	Name       string
	Type       string // an engagement type of the catalog
	Categories []catalog.Category
	Addons     []string
	Headcount  int    // of the client when it started; sets the size of plan and catalog
	TimeZone   string // IANA; due times and windows are read in it (the client's)
	Status     Status

	Kickoff       models.Date
	AsOf          models.Date // the Type 1 as-of date, once planned; never moves silently
	WindowOpen    models.Date // first day of the Type 2 window, once planned; never moves silently
	WindowMonths  int
	PreviousClose models.Date         // renewal: last day of the window before
	Predecessor   models.EngagementID // the client's engagement that it renews or was made like; empty: none
	Target        models.Date         // the report date that was promised; the baseline's when none was named

	Catalog string // version of the catalog it was started with, by which it is carried to its end; empty: a draft, which follows the newest

	Partner     models.PersonID
	Manager     models.PersonID
	Auditor     models.PersonID   // the service auditor's person, once invited
	Consultants []models.PersonID // the team

	Baseline Baseline // the plan as it was when the engagement started
	Pace     Pace
	Outlook  Outlook
	Summary  Summary

	Undo      *Undo       // how it stood when it was cancelled; nil: it is not cancelled
	PausedOn  models.Date // first day of the present pause
	Pauses    []Pause     // those that have taken time, and the present one last; of before they were kept there are none
	Muted     bool        // nothing is sent about it; its days go on
	StartedAt time.Time
	EndedAt   time.Time
	CreatedAt time.Time
	Added     int // tasks added by hand so far: the next is X-<Added+1>
	Decided   int // decisions so far: the next is D-<Decided+1>
	Asked     int // questions so far: the next is Q-<Asked+1>
	Revision  int64
}

// Window returns the first and last day of the Type 2 observation window, both inclusive; zero when there is none.
func (e Engagement) Window() planning.Span {
	if e.WindowOpen.IsZero() {
		return planning.Span{}
	}
	return planning.Span{Start: e.WindowOpen, End: e.WindowOpen.AddMonths(e.WindowMonths).AddDays(-1)}
}

// A Baseline is the plan as it was agreed at the start: what lateness is measured against.
type Baseline struct {
	Report   models.Date                     `json:"report"`
	Cautious models.Date                     `json:"cautious"` // what the forecast's cautious date was on the first day
	Phases   map[catalog.Phase]planning.Span `json:"phases,omitempty"`
	AsOf     models.Date                     `json:"as_of,omitzero"`
	Days     map[catalog.Phase]int           `json:"days,omitempty"` // business days each phase takes
}

// A Pace counts, per side, how many turns its people took (a task done, accepted) and by how many business days they were late with
// what was theirs to act on; what they waited for is nobody's slowness. It counts too how many tasks came by their original due date.
type Pace struct {
	Turns   map[models.Side]int      `json:"turns,omitempty"`
	Over    map[models.Side]int      `json:"over,omitempty"`
	Squares map[models.Side]int      `json:"squares,omitempty"` // of the days in Over
	Each    map[models.PersonID]Took `json:"each,omitempty"`    // the same of each of them
	Closed  int                      `json:"closed"`
	OnTime  int                      `json:"on_time"`
}

// A Summary is what the portfolio shows of an engagement, as of the last time anything happened to it.
type Summary struct {
	Health   Health          `json:"health"`
	Forecast models.Date     `json:"forecast"`
	Cautious models.Date     `json:"cautious"` // four times in five the report is not later
	Percent  int             `json:"percent"`
	Open     int             `json:"open"`
	Overdue  int             `json:"overdue"`
	Reason   string          `json:"reason,omitempty"`  // the first reason for the health
	Phases   []catalog.Phase `json:"phases,omitempty"`  // active ones
	Reports  []Kept          `json:"reports,omitempty"` // every report, in the order in which they come, without what the pace adds
	NextDue  models.Date     `json:"next_due"`
	Wake     time.Time       `json:"wake"` // when the workflow is to look next; zero when it waits for people only
}

// A Health is a project manager's first question, answered.
type Health string

// The healths. A paused engagement has the health it had; the pages show it grey.
const (
	HealthOnTrack Health = "on_track"
	HealthAtRisk  Health = "at_risk"
	HealthLate    Health = "late"
)

// Healths lists all healths.
var Healths = []Health{HealthOnTrack, HealthAtRisk, HealthLate}

// A Standing is where a phase stands.
type Standing string

// The standings of a phase.
const (
	StandingWaiting Standing = "waiting"
	StandingActive  Standing = "active"
	StandingDone    Standing = "done"
	StandingDropped Standing = "dropped" // Type 1 dropped (RT-09), or the engagement was cancelled
)

// A PhaseState is how far one phase of an engagement has come.
type PhaseState struct {
	Phase    catalog.Phase
	Standing Standing
	Round    int           // 1 the first time; one more each time the phase is returned to
	Actual   planning.Span // the local days on which it was entered and left
	Began    models.Date   // the day its dates count from: the day it was entered, shifted by pauses
	Plan     planning.Span // where the present plan puts it
	Through  models.Date   // recurring tasks of periods beginning up to this day have been made
	Tasks    int           // tasks it has had, cancelled ones not counted
	Closed   int           // of those, done or waived
}

// A GateState is where a gate stands.
type GateState string

// The states of a gate.
const (
	GateOpen    GateState = "open"
	GateSigned  GateState = "signed"
	GateRefused GateState = "refused" // with a reason; its approver may sign later
)

// A Gate is a condition that only its approver can sign and without which a phase is not left (domain.md 3.3).
type Gate struct {
	ID       string // the catalog's: G-KO-1
	Phase    catalog.Phase
	Round    int
	Approver models.Role
	Blocking bool
	State    GateState
	By       models.PersonID
	At       time.Time // when it was signed or refused; while open, since when only the signature is missing
	Reason   string
}

// A TaskState is where a task stands.
type TaskState string

// The states of a task.
const (
	TaskWaiting   TaskState = "waiting"   // for other tasks
	TaskOpen      TaskState = "open"      // its owner can do it
	TaskSubmitted TaskState = "submitted" // done by its owner, waits for its approver
	TaskBlocked   TaskState = "blocked"   // with a reason and by whom
	TaskDone      TaskState = "done"
	TaskWaived    TaskState = "waived"    // not needed, with a reason
	TaskCancelled TaskState = "cancelled" // its phase, scope or engagement is gone
)

// Closed reports whether nothing is owed any more.
func (s TaskState) Closed() bool { return s == TaskDone || s == TaskWaived || s == TaskCancelled }

// A Task is one thing asked of one person by a day.
type Task struct {
	ID           models.TaskID // the template's, with its subject: RE-02.POL-01; X-3 when added by hand
	Template     string        // the catalog's task; empty when added by hand
	Subject      string        // what an expanded task is about: a control, policy, evidence request, period
	Phase        catalog.Phase
	Title        string
	State        TaskState
	Gate         bool            // its phase is not left while it is open
	OwnerRole    string          // firm role, auditor, or client function
	Owner        models.PersonID // empty when nobody holds the role yet
	Backup       models.PersonID
	ApproverRole string // empty when done is done
	Approver     models.PersonID
	After        []string      // task ids, or templates of which every copy counts
	Anchor       string        // the plan's anchor its due date follows; empty when set by hand
	Due          models.Date   // for a control whose performance is stated: PerformBy until it is, then SendBy
	Original     models.Date   // the first due date its owner had: on-time is measured against it
	Planned      models.Date   // when the plan has it due, whatever became of it; zero: its first due date
	Span         int           // business days of its owner's from when the plan has it opened to when it has it due
	Moved        bool          // its due date was set by hand: plans leave it alone
	Period       planning.Span // for a recurring control: the period it covers
	PerformBy    models.Date   // for a control whose performance is stated: the last business day for it; else zero
	SendBy       models.Date   // for such a control: until when its evidence may come
	PerformedOn  models.Date   // the day of performance, as it was stated; zero: no performance is known
	Missed       bool          // its period has passed without a performance in it, as far as is known
	Minutes      int           // planned effort
	BlockedBy    models.Side   // who must act before a blocked task can go on
	BlockedOn    models.Date
	Reason       string
	Late         bool // its due date has passed; recorded once per due date
	OpenedOn     models.Date
	DoneBy       models.PersonID
	DoneAt       time.Time // instant of submission, kept when accepted
	Round        int
	AgreedOn     models.Date // the day of the present pause on which people agreed upon its due date; zero: they did not in a pause
	Snoozed      models.Date // its owner is reminded again from this day on
	Snoozes      int         // how often it was put off since it got its due date
	Extended     int         // how often it got more time without anybody's approval
}

// A DecisionState is where a decision stands.
type DecisionState string

// The states of a decision.
const (
	DecisionPending DecisionState = "pending"
	DecisionInForce DecisionState = "in_force"
	DecisionRefused DecisionState = "refused"

	DecisionWithdrawn DecisionState = "withdrawn" // taken back, or replaced, by who proposed it
)

// A Decision moves what never moves silently: the as-of date, the window, the scope. It takes effect when everybody in
// Needs has approved (catalog phases.yaml, returns).
type Decision struct {
	ID         string // D-1, D-2, …
	Kind       Kind
	Rule       string // RT-01 … RT-13
	Change     Change
	Reason     string
	ProposedBy models.PersonID
	ProposedAt time.Time
	Needs      []models.Role // whose approval it needs; a hand-over needs that of the new owner or of the role named
	Approvals  []Approval
	State      DecisionState
	ClosedAt   time.Time
	ClosedBy   models.PersonID // who refused or withdrew it; empty: nobody did, or it came to an end by itself
	ClosedWhy  string          // why it was refused, withdrawn, or came to an end
}

// An Approval is one person's yes or no to a decision.
type Approval struct {
	Role   models.Role     `json:"role"`
	By     models.PersonID `json:"by"`
	At     time.Time       `json:"at"`
	Yes    bool            `json:"yes"`
	Reason string          `json:"reason,omitempty"`
}

// An Event is one line of the record: who did what, when, to what, from what to what, and why. Events are only ever added.
type Event struct {
	Seq     int64 // per engagement, from 1, without holes
	At      time.Time
	Actor   models.PersonID // empty: Tickmark itself
	Kind    string          // task.completed, phase.entered, …
	Subject string          // a task, gate, phase or decision id
	Field   string
	From    string
	To      string
	Reason  string
	Key     string // idempotency key of the command it follows from
	// For is who was away and in whose place the actor did it; empty: it was the actor's own to do.
	For models.PersonID
	// Internal says that it is for the firm's people only: see Actor.SeesInternal.
	Internal bool
}

// A Comment is a remark or question on a task; it is never edited.
type Comment struct {
	Task     models.TaskID
	At       time.Time
	By       models.PersonID
	To       models.PersonID // who is asked; empty when nobody in particular is
	Text     string
	Internal bool // only the firm's people read it: see Actor.SeesInternal
}
