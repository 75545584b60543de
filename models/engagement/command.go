package engagement

import (
	"context"
	"strings"

	"tickmark/models"
	"tickmark/models/catalog"
)

// A Kind names a command. New commands are new kinds: the workflow has one handler for all of them.
type Kind string

// The commands on an engagement.
const (
	StartEngagement  Kind = "engagement.start"
	PauseEngagement  Kind = "engagement.pause"
	ResumeEngagement Kind = "engagement.resume"
	CancelEngagement Kind = "engagement.cancel"

	ReinstateEngagement Kind = "engagement.reinstate"

	EditEngagement   Kind = "engagement.edit"
	MuteEngagement   Kind = "engagement.mute"
	UnmuteEngagement Kind = "engagement.unmute"
	HandOverWork     Kind = "engagement.hand_over"

	AddTask      Kind = "task.add"
	CompleteTask Kind = "task.complete"
	PerformTask  Kind = "task.perform"
	AcceptTask   Kind = "task.accept"
	ReturnTask   Kind = "task.return"
	ReopenTask   Kind = "task.reopen"
	BlockTask    Kind = "task.block"
	UnblockTask  Kind = "task.unblock"
	MoveTask     Kind = "task.move"
	AssignTask   Kind = "task.assign"
	WaiveTask    Kind = "task.waive"
	CommentTask  Kind = "task.comment"
	SnoozeTask   Kind = "task.snooze"
	ExtendTask   Kind = "task.extend"
	HandOverTask Kind = "task.hand_over"
	SplitTask    Kind = "task.split"

	SignGate   Kind = "gate.sign"
	RefuseGate Kind = "gate.refuse"
	ReopenGate Kind = "gate.reopen"

	MoveKickoff     Kind = "kickoff.move"
	MoveAsOf        Kind = "as_of.move"
	MoveWindow      Kind = "window.move"
	ChangeScope     Kind = "scope.change"
	DropType1       Kind = "type1.drop"
	ReturnPhase     Kind = "phase.return"
	AcceptRisk      Kind = "risk.accept"
	ApproveDecision Kind = "decision.approve"
	RefuseDecision  Kind = "decision.refuse"

	WithdrawDecision Kind = "decision.withdraw"

	AskTask          Kind = "task.ask"
	AnswerQuestion   Kind = "question.answer"
	WithdrawQuestion Kind = "question.withdraw"
	ReopenQuestion   Kind = "question.reopen"
)

// An Actor is who sends a command, as the token says; the store checks that the person is still active.
type Actor struct {
	Person models.PersonID `json:"person"`
	Role   models.Role     `json:"role"`
	Client models.ClientID `json:"client,omitempty"`
	// For lists those who are away and whom this person stands in for at present: their tasks are this person's to do.
	For []models.PersonID `json:"for,omitempty"`
	// Backs lists those who are away, while nobody whom they named is there, and of whom this person is the backup in some function: what asks
	// for that function is this person's to do. See ActsFor.
	Backs []models.PersonID `json:"backs,omitempty"`
	// Token names the token by which they were let in; empty where another way in says who they are.
	Token string `json:"-"`
}

// An Engine carries out commands on engagements. A store.Root is one.
type Engine interface {
	// Apply carries out one command, once for its key, and returns its result. A refusal is a models.Error.
	Apply(context.Context, models.Ref, Command) (Result, error)
}

// A Command asks for one change of one engagement. Which fields count depends on the kind; fields are only ever added.
type Command struct {
	Key    string `json:"key"`  // idempotency key: the same key has one effect
	Hash   string `json:"hash"` // of the request: the same key with another request is refused
	Kind   Kind   `json:"kind"`
	Actor  Actor  `json:"actor"`
	Reason string `json:"reason,omitempty"`
	// IfRevision refuses the command when the engagement has moved on; 0 asks for nothing.
	IfRevision int64 `json:"if_revision,omitempty"`

	Tasks    []models.TaskID `json:"tasks,omitempty"`    // task.*: which; complete, accept, waive and move take several
	Gate     string          `json:"gate,omitempty"`     // gate.*
	Decision string          `json:"decision,omitempty"` // decision.*
	Question string          `json:"question,omitempty"` // question.*
	// Due is the day of task.move and task.extend; of task.snooze that on which reminders go on, of engagement.pause that on which it is
	// expected to go on.
	Due models.Date `json:"due,omitzero"`
	// On is the day of task.perform and task.complete: on which a control was performed, or a report was issued; zero: today.
	On       models.Date     `json:"on,omitzero"`
	Person   models.PersonID `json:"person,omitempty"`   // task.assign, task.hand_over; task.ask, task.comment: who is asked
	Readers  Readers         `json:"readers,omitempty"`  // task.ask, task.comment: who reads it; empty: as Commenting says
	Blocking string          `json:"blocking,omitempty"` // task.extend: what is in the way
	By       models.Side     `json:"by,omitempty"`       // task.block: who must act
	Add      *NewTask        `json:"add,omitempty"`      // task.add, task.split
	Change   *Change         `json:"change,omitempty"`   // what a decision changes
	Edit     *Edit           `json:"edit,omitempty"`     // engagement.edit
	Moving   *Moving         `json:"moving,omitempty"`   // task.move: what Tasks and Due do not say
	HandOver *HandOver       `json:"handing,omitempty"`  // engagement.hand_over; a form names who takes over in Person
	// Confirm says that what is asked about is meant so: the codes of dates (engagement.start), the engagement's id (engagement.cancel),
	// UnaskedCode (engagement.pause).
	Confirm []string    `json:"confirm,omitempty"`
	Correct *Correction `json:"-"` // person.correct, of Person
	// Typed is where the sender typed what they said: what became of it is scheduled to be said there with the change. nil: they hear it
	// otherwise.
	Typed *Typed `json:"-"`
}

// A Typed is something that somebody typed to the app in Slack, by which they are answered.
type Typed struct {
	ID        string // of what came in, in its workspace
	Workspace string
	Channel   string
	Thread    string          // in which it was typed; empty: in none
	Person    models.PersonID // who typed it; empty: an account that nobody has confirmed
	Day       models.Date     // theirs
	Also      string          // what they are told besides
}

// A NewTask is a task added by hand: freely, or as one more copy of a catalog task that is made as the work brings it
// (a gap found, a sample asked for, an auditor's request).
type NewTask struct {
	From    string          `json:"from,omitempty"` // a catalog task with expand: all tasks of that expansion are made
	Subject string          `json:"subject,omitempty"`
	Title   string          `json:"title,omitempty"`
	Phase   catalog.Phase   `json:"phase,omitempty"`
	Owner   models.PersonID `json:"owner,omitempty"`
	Due     models.Date     `json:"due,omitzero"`
	After   []models.TaskID `json:"after,omitempty"`  // they come first
	Before  []models.TaskID `json:"before,omitempty"` // they wait for the new one
	Gate    bool            `json:"gate,omitempty"`
	Minutes int             `json:"minutes,omitempty"`
}

// A Change is what a decision does when it takes effect. Which fields count depends on its kind.
type Change struct {
	Rule       string             `json:"rule,omitempty"`       // phase.return: RT-02, RT-04, RT-08, RT-12 or RT-13
	Kickoff    models.Date        `json:"kickoff,omitzero"`     // kickoff.move
	AsOf       models.Date        `json:"as_of,omitzero"`       // as_of.move
	WindowOpen models.Date        `json:"window_open,omitzero"` // window.move, type1.drop
	Months     int                `json:"months,omitempty"`     // window.move
	Categories []catalog.Category `json:"categories,omitempty"` // scope.change: all that shall be in scope
	Addons     []string           `json:"addons,omitempty"`     // scope.change: all that shall be had
	FromDayOne bool               `json:"from_day_one,omitempty"`
	Task       models.TaskID      `json:"task,omitempty"` // risk.accept: the gap that stays; task.extend, task.hand_over
	Due        models.Date        `json:"due,omitzero"`   // task.extend
	Blocking   string             `json:"blocking,omitempty"`
	Person     models.PersonID    `json:"person,omitempty"`  // task.hand_over: who shall own it
	Subject    string             `json:"subject,omitempty"` // phase.return: the gap or control it is about
}

// An Edit changes a draft, or the team of a running engagement. Nil fields stay as they are.
type Edit struct {
	Name         *string             `json:"name,omitempty"`
	Type         *string             `json:"type,omitempty"`
	Categories   *[]catalog.Category `json:"categories,omitempty"`
	Addons       *[]string           `json:"addons,omitempty"`
	Kickoff      *models.Date        `json:"kickoff,omitempty"`
	AsOf         *models.Date        `json:"as_of,omitempty"`
	WindowOpen   *models.Date        `json:"window_open,omitempty"`
	WindowMonths *int                `json:"window_months,omitempty"`
	Previous     *models.Date        `json:"previous_close,omitempty"`
	Target       *models.Date        `json:"target_report,omitempty"`
	Partner      *models.PersonID    `json:"partner,omitempty"`
	Manager      *models.PersonID    `json:"manager,omitempty"`
	Auditor      *models.PersonID    `json:"auditor,omitempty"`
	Consultants  *[]models.PersonID  `json:"consultants,omitempty"`
}

// CheckKey refuses an idempotency key that is not 1 to 200 visible ASCII characters.
func CheckKey(key string) error {
	if key == "" || len(key) > 200 || strings.ContainsFunc(key, func(r rune) bool { return r < 0x21 || r > 0x7e }) {
		return models.Refuse(models.Invalid, "Idempotency-Key", "Idempotency-Key must be 1 to 200 visible ASCII characters")
	}
	return nil
}

// MaxTasks is how many tasks one command may name.
const MaxTasks = 200

// A Result is the answer to a command that was carried out.
type Result struct {
	Revision int64  `json:"revision"`          // of the engagement after it
	Created  string `json:"created,omitempty"` // the task, decision or question it made
	Replayed bool   `json:"replayed,omitempty"`
	Shift    *Shift `json:"shift,omitempty"` // what it did to due dates; nil: it is not about any
	// Effect is what a pause or its end does, in sentences; none of other commands.
	Effect []string `json:"effect,omitempty"`
}

// event returns what the record calls a command.
func (c Command) event() string { return events[c.Kind] }

// events has what the record calls each command; the table of commands fills it in.
var events = map[Kind]string{}
