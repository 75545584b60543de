package engagement

import (
	"slices"
	"time"

	"tickmark/models"
)

// A row is all there is to know about one command. Whatever lists commands, by whatever of their names, reads the table of
// rows: Decide, Permits, the grants, buttons and forms of messages, the record, the API and its documents.
type row struct {
	kind   Kind
	action Action // the operation of the API that sends it
	plural Action // the operation that sends it for several tasks at once; empty: there is none
	verb   string // what sending it is called, as in "moving a task is for partner or pm"
	event  string // what the record calls it; a command that proposes a decision is recorded as EventProposed
	on     object // what it names
	many   bool   // it may name several tasks
	reason bool   // it takes a reason, since somebody will ask for it later

	// may says how far each role may send it, in the order of Roles.
	may reaches
	// entitled refuses an actor within reach who is still not the one to send it, since it is for the owner of a task or the
	// approver of a gate. Nil refuses nobody.
	entitled func(f *Facts, a Actor, c Command) error
	// does carries it out and returns the id of what it made, if anything. By then everybody else has been refused.
	does func(f *Facts, c Command, now time.Time) (string, error)

	// act is the button that sends it from a message, on items of the kinds in items, and label what the button says. Commands
	// without a button have none.
	act   Act
	label string
	items []ItemKind
	// above are the items on which the button is offered to those to whom they have gone up.
	above []ItemKind
	// asks fills in what is asked before the act is carried out. Nil asks nothing.
	asks func(f *Facts, form *Form, on asked)
}

// An object is what a command names besides the engagement.
type object string

const (
	onEngagement object = "engagement" // nothing else
	onTask       object = "task"
	onGate       object = "gate"
	onDecision   object = "decision"
	onQuestion   object = "question"
	onPerson     object = "person"
)

// rows is the table of commands. Buttons stand in messages in the order of their rows. It is filled in by init, since the rules
// it names ask the table themselves, which Go does not allow a variable's own value to do.
var rows []row

// rowOf and rowOfAct find the row of a command by its kind and by its button.
var (
	rowOf    = map[Kind]*row{}
	rowOfAct = map[Act]*row{}
)

func init() {
	const firm, team, company, own, no = ReachFirm, ReachTeam, ReachClient, ReachOwn, ReachNone
	// The roles are: partner, pm, consultant, sponsor, owner, auditor.
	var (
		everybody = reaches{firm, team, team, company, own, own}
		managers  = reaches{firm, team, no, no, no, no}
		deciders  = reaches{firm, team, no, company, no, no}
		signers   = reaches{firm, team, no, company, no, own}
	)
	whole := []ItemKind{ItemEngagement, ItemStall, ItemOutlook, ItemPaused} // what is about an engagement as a whole
	rows = []row{
		{kind: EditEngagement, action: "editEngagement", verb: "changing an engagement", event: "engagement.edited", on: onEngagement,
			may: managers, entitled: (*Facts).seats, does: plain((*Facts).edit)},
		{kind: StartEngagement, action: "startEngagement", verb: "starting an engagement", event: "engagement.started", on: onEngagement,
			may: managers, does: plain((*Facts).start)},
		{kind: PauseEngagement, action: "pauseEngagement", verb: "pausing an engagement", event: "engagement.paused", on: onEngagement,
			reason: true, may: reaches{firm}, does: plain((*Facts).pause), // RT-10
			act: ActPause, label: "Pause…", items: whole, asks: (*Facts).asksWhyPaused},
		{kind: ResumeEngagement, action: "resumeEngagement", verb: "resuming an engagement", event: "engagement.resumed", on: onEngagement,
			may: managers, does: plain((*Facts).resume),
			act: ActResume, label: "Resume…", items: whole, asks: (*Facts).asksToResume},
		{kind: CancelEngagement, action: "cancelEngagement", verb: "cancelling an engagement", event: "engagement.cancelled", on: onEngagement,
			reason: true, may: reaches{firm}, does: plain((*Facts).cancel)},
		{kind: ReinstateEngagement, action: "reinstateEngagement", verb: "reinstating an engagement", event: "engagement.reinstated",
			on: onEngagement, reason: true, may: reaches{firm}, does: plain((*Facts).reinstate)},
		{kind: MuteEngagement, action: "muteEngagement", verb: "muting an engagement", event: "engagement.muted", on: onEngagement,
			reason: true, may: managers, does: plain((*Facts).mute)},
		{kind: UnmuteEngagement, action: "unmuteEngagement", verb: "unmuting an engagement", event: "engagement.unmuted", on: onEngagement,
			may: managers, does: plain((*Facts).mute)},
		{kind: HandOverWork, action: "handOverEngagement", verb: "handing over somebody's work", event: EventHandedOver,
			on: onEngagement, may: deciders, entitled: (*Facts).handsOver, does: plain((*Facts).handOverWork),
			act: ActHandOver, label: "Hand over…", items: []ItemKind{ItemLeft, ItemReach}, asks: (*Facts).asksWhoTakesOver},

		{kind: AddTask, action: "addTask", verb: "adding a task", event: "task.added", on: onEngagement,
			may: reaches{firm, team, team, no, no, team}, entitled: (*Facts).adds, does: (*Facts).addTask},
		{kind: CompleteTask, action: "completeTask", plural: "completeTasks", verb: "completing a task", event: "task.completed", on: onTask,
			many: true,
			may:  everybody, entitled: (*Facts).completes, does: each((*Facts).complete),
			act: ActDone, label: "Done", items: []ItemKind{ItemDo}, above: []ItemKind{ItemDo}, asks: (*Facts).asksWhenDone},
		{kind: PerformTask, action: "performTask", verb: "stating when a control was performed", event: "task.performed", on: onTask,
			may: everybody, entitled: theOne((*Facts).acts), does: each((*Facts).perform),
			act: ActPerformed, label: "Performed…", items: []ItemKind{ItemDo}, asks: (*Facts).asksWhenPerformed},
		{kind: ExtendTask, action: "extendTask", verb: "asking for more time", event: EventProposed, on: onTask,
			reason: true, may: everybody, entitled: theOne((*Facts).acts), does: (*Facts).request,
			act: ActMoreTime, label: "Ask for more time", items: []ItemKind{ItemDo}, above: []ItemKind{ItemDo}, asks: (*Facts).asksMoreTime},
		{kind: SnoozeTask, action: "snoozeTask", verb: "putting a reminder off", event: "task.snoozed", on: onTask,
			may: everybody, entitled: theOne((*Facts).acts), does: each((*Facts).snooze),
			act: ActSnooze, label: "Remind me later", items: []ItemKind{ItemDo}, asks: (*Facts).asksUntil},
		{kind: BlockTask, action: "blockTask", verb: "saying that a task is blocked", event: "task.blocked", on: onTask,
			reason: true, may: everybody, entitled: theOne((*Facts).acts), does: each((*Facts).block),
			act: ActBlocked, label: "I am blocked", items: []ItemKind{ItemDo}, asks: (*Facts).asksWhatBlocks},
		{kind: HandOverTask, action: "handOverTask", verb: "proposing another owner", event: EventProposed, on: onTask,
			reason: true, may: reaches{firm, team, team, company, own, no}, entitled: theOne((*Facts).acts), does: (*Facts).request,
			act: ActNotMine, label: "Not mine", items: []ItemKind{ItemDo}, asks: (*Facts).asksWho},
		{kind: AcceptTask, action: "acceptTask", plural: "acceptTasks", verb: "accepting a task", event: "task.accepted", on: onTask, many: true,
			may: everybody, entitled: theOne((*Facts).Accepts), does: each((*Facts).accept),
			act: ActAccept, label: "Accept", items: []ItemKind{ItemAccept}, above: []ItemKind{ItemAccept}},
		{kind: ReturnTask, action: "returnTask", verb: "returning a task", event: "task.returned", on: onTask,
			reason: true, may: everybody, entitled: theOne((*Facts).Accepts), does: each((*Facts).giveBack),
			act: ActReturn, label: "Return…", items: []ItemKind{ItemAccept}, above: []ItemKind{ItemAccept}, asks: (*Facts).asksWhatIsMissing},
		{kind: UnblockTask, action: "unblockTask", verb: "saying that a task can go on", event: "task.unblocked", on: onTask,
			may: everybody, entitled: theOne((*Facts).unblocks), does: each((*Facts).unblock),
			act: ActUnblock, label: "It can go on", items: []ItemKind{ItemUnblock}, above: []ItemKind{ItemUnblock}},
		{kind: ReopenTask, action: "reopenTask", verb: "reopening a task", event: "task.reopened", on: onTask,
			reason: true, may: everybody, entitled: theOne((*Facts).acts), does: each((*Facts).reopen)},
		{kind: MoveTask, action: "moveTask", plural: "moveTasks", verb: "moving a task", event: "task.moved", on: onTask, many: true,
			reason: true, may: reaches{firm, team, team, no, no, no}, entitled: (*Facts).moves, does: plain((*Facts).moveTasks),
			act: ActMove, label: "Agree another date…", above: []ItemKind{ItemDo}, asks: (*Facts).asksAnotherDate},
		{kind: AssignTask, action: "assignTask", verb: "giving a task to somebody", event: "task.assigned", on: onTask,
			may: reaches{firm, team, team, company, no, no}, entitled: theOne((*Facts).assigns), does: each((*Facts).assign),
			act: ActAssign, label: "Give it to…", items: []ItemKind{ItemStaff}, above: []ItemKind{ItemDo}, asks: (*Facts).asksWhoDoes},
		{kind: SplitTask, action: "splitTask", verb: "splitting a task", event: "task.split", on: onTask,
			reason: true, may: reaches{firm, team, team, company, no, no}, entitled: (*Facts).splits, does: (*Facts).split},
		{kind: WaiveTask, action: "waiveTask", verb: "waiving a task", event: "task.waived", on: onTask, many: true,
			reason: true, may: managers, entitled: theOne((*Facts).edits), does: each((*Facts).waive),
			act: ActWaive, label: "Not needed…", above: []ItemKind{ItemDo}, asks: (*Facts).asksWhyNotNeeded},
		{kind: CommentTask, action: "commentTask", verb: "commenting on a task", event: "task.commented", on: onTask,
			reason: true, may: everybody, does: (*Facts).commentTask},

		{kind: AskTask, action: "askTask", verb: "asking somebody about a task", event: "task.asked", on: onTask,
			reason: true, may: everybody, does: (*Facts).askTask,
			act: ActAsk, label: "Ask…", above: []ItemKind{ItemDo, ItemAccept, ItemUnblock}, asks: (*Facts).asksThem},
		{kind: AnswerQuestion, action: "answerQuestion", verb: "answering a question", event: "question.answered", on: onQuestion,
			reason: true, may: everybody, entitled: (*Facts).answers, does: asksOne((*Facts).answer),
			act: ActAnswer, label: "Answer…", items: []ItemKind{ItemAnswer, ItemAnswered}, asks: (*Facts).asksAnswer},
		{kind: WithdrawQuestion, action: "withdrawQuestion", verb: "withdrawing a question", event: "question.withdrawn", on: onQuestion,
			may: everybody, entitled: (*Facts).withdraws, does: asksOne((*Facts).withdrawQuestion)},
		{kind: ReopenQuestion, action: "reopenQuestion", verb: "taking an answer back", event: "question.reopened", on: onQuestion,
			may: everybody, entitled: (*Facts).takesBack, does: asksOne((*Facts).unanswer),
			act: ActNoAnswer, label: "That was no answer", items: []ItemKind{ItemAnswered}},

		{kind: SignGate, action: "signGate", verb: "signing a gate", event: "gate.signed", on: onGate,
			may: signers, entitled: (*Facts).signs, does: plain((*Facts).sign),
			act: ActSign, label: "Sign", items: []ItemKind{ItemSign, ItemRefused}, above: []ItemKind{ItemSign, ItemRefused}},
		{kind: RefuseGate, action: "refuseGate", verb: "refusing a gate", event: "gate.refused", on: onGate,
			reason: true, may: signers, entitled: (*Facts).signs, does: plain((*Facts).refuseGate),
			act: ActRefuse, label: "Refuse…", items: []ItemKind{ItemSign}, asks: (*Facts).asksWhyNotSigned},
		{kind: ReopenGate, action: "reopenGate", verb: "asking for a signature again", event: "gate.reopened", on: onGate,
			reason: true, may: managers, does: plain((*Facts).reopenGate),
			act: ActSignAgain, label: "Ask to sign again…", items: []ItemKind{ItemRefused}, above: []ItemKind{ItemRefused},
			asks: (*Facts).asksWhatIsClear},

		{kind: MoveKickoff, action: "moveKickoff", verb: "moving the kickoff", event: EventProposed, on: onEngagement,
			reason: true, may: deciders, does: (*Facts).propose,
			act: ActKickoff, label: "Propose another kickoff…", items: []ItemKind{ItemDecide, ItemAgain}, asks: (*Facts).asksKickoff},
		{kind: MoveAsOf, action: "moveAsOfDate", verb: "moving the as-of date", event: EventProposed, on: onEngagement,
			reason: true, may: deciders, does: (*Facts).propose,
			act: ActAsOf, label: "Propose another as-of date…", items: []ItemKind{ItemDecide, ItemAgain}, asks: (*Facts).asksAsOf},
		{kind: MoveWindow, action: "moveWindow", verb: "moving the window", event: EventProposed, on: onEngagement,
			reason: true, may: deciders, does: (*Facts).propose,
			act: ActWindow, label: "Propose a first day…", items: []ItemKind{ItemWindow, ItemDecide, ItemAgain}, asks: (*Facts).asksFirstDay},
		{kind: ChangeScope, action: "changeScope", verb: "changing the scope", event: EventProposed, on: onEngagement,
			reason: true, may: reaches{firm, team, team, company, no, no}, does: (*Facts).propose,
			act: ActScope, label: "Propose the scope again…", items: []ItemKind{ItemAgain}, asks: (*Facts).asksAgain},
		{kind: DropType1, action: "dropType1", verb: "dropping the Type 1", event: EventProposed, on: onEngagement,
			reason: true, may: deciders, does: (*Facts).propose,
			act: ActDrop, label: "Propose again to drop it…", items: []ItemKind{ItemAgain}, asks: (*Facts).asksAgain},
		{kind: ReturnPhase, action: "returnPhase", verb: "sending an engagement back", event: EventProposed, on: onEngagement,
			reason: true, may: reaches{firm, team, no, company, no, team}, does: (*Facts).propose,
			act: ActBack, label: "Propose again to go back…", items: []ItemKind{ItemAgain}, asks: (*Facts).asksAgain},
		{kind: AcceptRisk, action: "acceptRisk", verb: "accepting a risk", event: EventProposed, on: onEngagement,
			reason: true, may: deciders, does: (*Facts).propose,
			act: ActRisk, label: "Propose the risk again…", items: []ItemKind{ItemAgain}, asks: (*Facts).asksAgain},
		{kind: ApproveDecision, action: "approveDecision", verb: "approving a decision", event: "decision.approved", on: onDecision,
			may: reaches{firm, team, no, company, own, own}, entitled: (*Facts).mayDecide, does: plain((*Facts).approve),
			act: ActApprove, label: "Approve", items: []ItemKind{ItemDecide}, above: []ItemKind{ItemDecide}},
		{kind: RefuseDecision, action: "refuseDecision", verb: "refusing a decision", event: "decision.refused", on: onDecision,
			reason: true, may: reaches{firm, team, no, company, own, own}, entitled: (*Facts).mayDecide, does: plain((*Facts).decline),
			act: ActDecline, label: "Decline…", items: []ItemKind{ItemDecide}, asks: (*Facts).asksWhyNotApproved},
		{kind: WithdrawDecision, action: "withdrawDecision", verb: "withdrawing a decision", event: "decision.withdrawn", on: onDecision,
			reason: true, may: everybody, entitled: (*Facts).mayWithdraw, does: plain((*Facts).withdraw)},
	}
	for i := range rows {
		r := &rows[i]
		rowOf[r.kind], events[r.kind] = r, r.event
		if r.act != "" {
			rowOfAct[r.act] = r
		}
	}
	for i := range besides {
		rowOfAct[besides[i].act] = &besides[i]
	}
	grant()
}

// plain makes a rule of the table of one that makes nothing.
func plain(rule func(*Facts, Command, time.Time) error) func(*Facts, Command, time.Time) (string, error) {
	return func(f *Facts, c Command, now time.Time) (string, error) { return "", rule(f, c, now) }
}

// each makes a rule of the table of one on a task: it is carried out on all tasks that the command names, or on none. A task about which
// the rule records nothing has not changed.
func each(rule func(*Facts, *Task, Command, time.Time) error) func(*Facts, Command, time.Time) (string, error) {
	return func(f *Facts, c Command, now time.Time) (string, error) {
		for _, id := range c.Tasks {
			t, said := f.Task(id), len(f.events)
			if err := rule(f, t, c, now); err != nil {
				return "", err
			}
			if len(f.events) > said {
				f.touch(t)
			}
		}
		return "", nil
	}
}

// theOne makes an entitlement of the table of one about a task: it has to hold for all tasks that the command names.
func theOne(entitled func(*Facts, Actor, *Task) error) func(*Facts, Actor, Command) error {
	return func(f *Facts, a Actor, c Command) error {
		for _, id := range c.Tasks {
			if err := entitled(f, a, f.Task(id)); err != nil {
				return err
			}
		}
		return nil
	}
}

// EventProposed is what the record calls the proposal of a decision, whatever it is about.
const EventProposed = "decision.proposed"

// Kinds returns the kinds of all commands.
func Kinds() []Kind {
	out := make([]Kind, len(rows))
	for i := range rows {
		out[i] = rows[i].kind
	}
	return out
}

// A CommandInfo says what documents and programs show of a command.
type CommandInfo struct {
	Kind   Kind
	Action Action // the operation of the API that sends it
	Plural Action // the operation that sends it for several tasks; empty: there is none
	Verb   string
	Event  string // what the record calls it
	On     string // engagement, task, gate, decision or question: what it names
	Reason bool   // a reason must be given
	Button string // what its button in a message says; empty: it has none
}

// Commands returns the table of commands for those who show it.
func Commands() []CommandInfo {
	out := make([]CommandInfo, len(rows))
	for i, r := range rows {
		out[i] = CommandInfo{Kind: r.kind, Action: r.action, Plural: r.plural, Verb: r.verb, Event: r.event, On: string(r.on), Reason: r.reason,
			Button: r.label}
	}
	return out
}

// grant fills in Grants and verbs from the tables.
func grant() {
	set := func(action Action, verb string, may reaches) {
		if action == "" {
			return
		}
		verbs[action], Grants[action] = verb, make(map[models.Role]Reach, len(models.Roles))
		for i, role := range models.Roles {
			Grants[action][role] = may[i]
		}
	}
	for _, o := range operations {
		set(o.action, o.verb, o.may)
	}
	for _, r := range rows {
		set(r.action, r.verb, r.may)
		set(r.plural, r.verb, r.may)
	}
}

// Check refuses a command that could never be carried out, whatever the facts: a key, kind, reason or number of tasks that the
// table of commands does not allow.
func (c Command) Check() error {
	if err := CheckKey(c.Key); err != nil {
		return err
	}
	row, ok := rowOf[c.Kind]
	if !ok {
		return models.Refuse(models.Invalid, "kind", "kind %q is none of %s", c.Kind, models.Words(Kinds()))
	}
	if len([]rune(c.Reason)) > 2000 {
		return models.Refuse(models.Invalid, "reason", "reason may have 2,000 characters at most")
	}
	if row.reason {
		if err := models.CheckText("reason", c.Reason, 2000); err != nil {
			return err
		}
	}
	if c.Kind == MoveTask && c.Moving != nil && c.Moving.Phase != "" {
		if len(c.Tasks) > 0 {
			return models.Refuse(models.Invalid, "phase", "name tasks, or a phase: not both")
		}
		return nil
	}
	return row.checkTasks(c.Tasks)
}

// checkTasks refuses tasks that a command of this row cannot name: none, the same twice, or more than it takes.
func (s *row) checkTasks(tasks []models.TaskID) error {
	switch {
	case s.on != onTask:
		return nil
	case len(tasks) == 0:
		return models.Refuse(models.Invalid, "tasks", "tasks must name at least one task")
	case len(tasks) > 1 && !s.many:
		return models.Refuse(models.Invalid, "tasks", "%s takes one task at a time", s.kind)
	case len(tasks) > MaxTasks:
		return models.Refuse(models.Invalid, "tasks", "tasks may name %d tasks at most", MaxTasks)
	}
	for i, id := range tasks {
		if slices.Contains(tasks[:i], id) {
			return models.Refuse(models.Invalid, "tasks", "tasks names %s twice", id)
		}
	}
	return nil
}
