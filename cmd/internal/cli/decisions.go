package cli

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tickmark/api/client"
	"tickmark/models"
	"tickmark/models/engagement"
)

// What never moves silently is proposed, and takes effect when everybody who must has approved it.

// proposed says what a decision will do once it is approved, and whose approval is missing.
func (a *app) proposed(ctx context.Context, engagement, format string, args ...any) func(*http.Response, error) error {
	return a.proposedSay(ctx, engagement, func(client.Decision) string { return fmt.Sprintf(format, args...) })
}

// proposedSay is proposed with a sentence that takes more to know: what the server made of the proposal, as far as it can be read.
func (a *app) proposedSay(ctx context.Context, id string, say func(client.Decision) string) func(*http.Response, error) error {
	return a.doneSay(ctx, "decision list "+id, func(r client.Result) string {
		d, ok := a.decision(ctx, id, r.Created)
		text := say(d)
		switch {
		case ok && d.State == engagement.DecisionPending:
			if would := d.Would.Text; len(would) > 0 {
				text += " once it is approved. " + strings.Join(would, " ") + " It"
			} else {
				text += " once it is approved; it"
			}
			return text + " waits for " + waitsFor(d)
		case ok:
			return text + ": it is in force, nobody else had to approve"
		}
		return text + " once all whose approval it needs have given it"
	})
}

func (a *app) moveKickoff() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "kickoff ENGAGEMENT DATE --reason TEXT", short: "Propose to move the kickoff",
		long: "Propose to move the kickoff of an engagement in which tasks are done already: what is done stays, what is not is planned anew.\n" +
			"As long as nothing is done, engagement edit --kickoff moves it without a decision.",
		example: "engagement kickoff northgate-2027 2027-01-25 --reason 'the sponsor is ill'",
		need:    []string{"reason"},
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.commandFlags(f) },
		run: func(ctx context.Context, args []string) error {
			to, err := models.ParseDate(args[1])
			if err != nil {
				return err
			}
			return a.proposed(ctx, args[0], "the kickoff moves to %s", to)(a.api.MoveKickoff(ctx, models.EngagementID(args[0]),
				(*client.MoveKickoffParams)(a.stamp()), client.KickoffMove{Kickoff: to, Reason: reason}))
		},
	})
}

func (a *app) moveAsOf() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "as-of ENGAGEMENT DATE --reason TEXT", short: "Propose to move the Type 1 as-of date",
		example: "engagement as-of northgate-2027 2027-05-28 --reason 'access reviews are not in place'",
		need:    []string{"reason"},
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.commandFlags(f) },
		run: func(ctx context.Context, args []string) error {
			to, err := models.ParseDate(args[1])
			if err != nil {
				return err
			}
			return a.proposed(ctx, args[0], "the as-of date moves to %s", to)(a.api.MoveAsOfDate(ctx, models.EngagementID(args[0]),
				(*client.MoveAsOfDateParams)(a.stamp()), client.AsOfMove{AsOf: to, Reason: reason}))
		},
	})
}

func (a *app) moveWindow() *cobra.Command {
	var in client.WindowMove
	return a.command(spec{
		use: "window ENGAGEMENT --reason TEXT", short: "Propose to move the observation window or change its length",
		example: "engagement window northgate-2027 --open 2027-06-01 --reason 'single sign-on is late'\n" +
			"engagement window northgate-2027 --months 9 --reason 'the yearly restore test falls into the autumn'",
		need: []string{"reason"},
		flags: func(f *pflag.FlagSet) {
			dateVar(f, &in.WindowOpen, "open", "of its first day")
			f.IntVar(&in.Months, "months", 0, "its length")
			reasonVar(f, &in.Reason)
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			var what []string
			if !in.WindowOpen.IsZero() {
				what = append(what, "opens on "+in.WindowOpen.String())
			}
			if in.Months != 0 {
				what = append(what, "has "+count(in.Months, "month"))
			}
			if len(what) == 0 {
				return misused("say what moves: --open DATE, --months N or both")
			}
			return a.proposed(ctx, args[0], "the window %s", strings.Join(what, " and "))(a.api.MoveWindow(ctx, models.EngagementID(args[0]),
				(*client.MoveWindowParams)(a.stamp()), in))
		},
	})
}

func (a *app) changeScope() *cobra.Command {
	var in client.ScopeChange
	return a.command(spec{
		use: "scope ENGAGEMENT --categories LIST --reason TEXT", short: "Propose to change the categories or add-ons in scope",
		long:    "Propose to change the categories or add-ons in scope. Both lists are whole: what is not in them is dropped.",
		example: "engagement scope northgate-2027 --categories security,availability,privacy --reason 'asked for by Contoso'",
		need:    []string{"categories", "reason"},
		flags: func(f *pflag.FlagSet) {
			wordsVar(f, &in.Categories, "categories", "all categories that shall be in scope")
			wordsVar(f, &in.Addons, "addons", "all add-ons that shall be had")
			f.BoolVar(&in.FromDayOne, "from-day-one", false, "controls of new categories have operated since the window's first day")
			reasonVar(f, &in.Reason)
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			text := "the scope is " + names(in.Categories)
			if len(in.Addons) > 0 {
				text += " with " + names(in.Addons)
			}
			return a.proposed(ctx, args[0], "%s", text)(a.api.ChangeScope(ctx, models.EngagementID(args[0]),
				(*client.ChangeScopeParams)(a.stamp()), in))
		},
	})
}

func (a *app) dropType1() *cobra.Command {
	var in client.Type1Drop
	return a.command(spec{
		use: "drop-type1 ENGAGEMENT --reason TEXT", short: "Propose to drop the Type 1 report and go straight to Type 2",
		example: "engagement drop-type1 northgate-2027 --reason 'the customer waits for the Type 2'",
		need:    []string{"reason"},
		flags: func(f *pflag.FlagSet) {
			dateVar(f, &in.WindowOpen, "open", "on which the window opens (default: as planned)")
			reasonVar(f, &in.Reason)
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			return a.proposed(ctx, args[0], "the Type 1 report is dropped")(a.api.DropType1(ctx, models.EngagementID(args[0]),
				(*client.DropType1Params)(a.stamp()), in))
		},
	})
}

func (a *app) returnPhase() *cobra.Command {
	var in client.PhaseReturn
	return a.command(spec{
		use: "return ENGAGEMENT RULE --reason TEXT", short: "Propose to send the engagement back to an earlier phase",
		long:    "Propose to send the engagement back to an earlier phase, or to replace the audit firm. The rules:" + returnsHelp(),
		example: "engagement return northgate-2027 RT-04 --subject AC-07 --reason 'leavers keep their access for a week'",
		need:    []string{"reason"},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&in.Subject, "subject", "", "the gap or control it is about")
			reasonVar(f, &in.Reason)
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			in.Rule = args[1]
			return a.proposed(ctx, args[0], "%s", returnDoes(in.Rule, in.Subject))(a.api.ReturnPhase(ctx, models.EngagementID(args[0]),
				(*client.ReturnPhaseParams)(a.stamp()), in))
		},
	})
}

func (a *app) acceptRisk() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "risk ENGAGEMENT TASK --reason TEXT", short: "Propose to accept the risk of a gap that stays",
		example: "engagement risk northgate-2027 RE-07.gap-3 --reason 'compensated by the weekly review'",
		need:    []string{"reason"},
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.commandFlags(f) },
		run: func(ctx context.Context, args []string) error {
			return a.proposed(ctx, args[0], "the risk of %s is accepted", args[1])(a.api.AcceptRisk(ctx, models.EngagementID(args[0]),
				(*client.AcceptRiskParams)(a.stamp()), client.RiskAcceptance{Task: models.TaskID(args[1]), Reason: reason}))
		},
	})
}

func (a *app) decisionCommands() *cobra.Command {
	return group("decision", "What never moves silently: the as-of date, the window, the scope",
		a.decisionList(), a.decisionShow(), a.decisionApprove(), a.decisionRefuse(), a.decisionWithdraw())
}

func (a *app) decisionList() *cobra.Command {
	var state engagement.DecisionState
	return a.command(spec{
		use: "list ENGAGEMENT", short: "List decisions, newest first",
		example: "decision list northgate-2027 --state pending",
		flags: func(f *pflag.FlagSet) {
			wordVar(f, &state, "state", "pending, in_force, refused or withdrawn")
			a.csvVar(f)
		},
		run: func(ctx context.Context, args []string) error {
			l, ans, err := decode[client.DecisionList](a.ask(a.api.ListDecisions(ctx, models.EngagementID(args[0]),
				&client.ListDecisionsParams{State: given(state)})))
			if err != nil {
				return err
			}
			return a.show(ans, func() {
				var rows [][]string
				for _, d := range l.Items {
					rows = append(rows, []string{d.ID, strings.ReplaceAll(string(d.State), "_", " "), kindOf(d), d.Rule, effect(d), string(d.ProposedBy),
						instant(d.ProposedAt), waitsFor(d), d.Reason, ending(d)})
				}
				a.table([]string{"DECISION", "STATE", "KIND", "RULE", "WHAT", "BY", "WHEN (UTC)", "WAITS FOR", "WHY", "ENDED"}, rows)
			})
		},
	})
}

// missing returns the roles whose approval a pending decision waits for.
func missing(d client.Decision) []models.Role {
	if d.State != engagement.DecisionPending {
		return nil
	}
	var out []models.Role
	for _, role := range d.Needs {
		given := false
		for _, ap := range d.Approvals {
			given = given || ap.Role == role
		}
		if !given {
			out = append(out, role)
		}
	}
	return out
}

// waitsFor says whose approval a pending decision waits for: for a task that is handed over, its new owner's as well.
func waitsFor(d client.Decision) string {
	var whose []string
	for _, role := range missing(d) {
		whose = append(whose, "the "+strings.Replace(string(role), string(models.RoleManager), "manager", 1))
	}
	text := strings.Join(whose, " and ")
	if text != "" && engagement.Kind(d.Kind) == engagement.HandOverTask {
		return string(d.Change.Person) + " or " + text
	}
	return text
}

// kinds are the words for kinds of decisions.
var kinds = map[engagement.Kind]string{engagement.MoveKickoff: "move the kickoff", engagement.MoveAsOf: "move the as-of date",
	engagement.MoveWindow:  "move the window",
	engagement.ChangeScope: "change the scope", engagement.DropType1: "drop the Type 1", engagement.AcceptRisk: "accept a risk",
	engagement.ExtendTask: "give more time", engagement.HandOverTask: "hand a task over"}

// windowMoves are the words for moves of the window by rules that have words of their own.
var windowMoves = map[string]string{"RT-05": "restart the window", "RT-07": "extend the window"}

// A backWay is one way back: why one goes it, in short, what brings it about, and what it does.
type backWay struct{ rule, why, trigger, does string }

// backWays are the ways back, in the order of their rules.
var backWays = []backWay{
	{"RT-02", "critical or high gap", "the readiness check finds a critical or high gap", "the engagement goes back to remediation"},
	{"RT-04", "design deficiency", "the auditor finds a design deficiency", "the engagement goes back to remediation"},
	{"RT-08", "population incomplete", "a population is incomplete", "the engagement goes back to the close of the window"},
	{"RT-12", "error in the report", "an error is found in an issued report", "the engagement goes back to the report"},
	{"RT-13", "audit firm replaced", "the audit firm is replaced", "the auditor leaves the engagement and another audit firm is chosen"},
}

// wayBack returns the way back of a rule; of one that is not known it has the rule's id for words.
func wayBack(rule string) backWay {
	for _, w := range backWays {
		if w.rule == rule {
			return w
		}
	}
	return backWay{rule, rule, rule, "the engagement goes back by " + rule}
}

// returnDoes says what a return does, and for what.
func returnDoes(rule, subject string) string {
	text := wayBack(rule).does
	if subject != "" {
		text += " for " + subject
	}
	return text
}

// returnsHelp lists the ways back, a line for each.
func returnsHelp() string {
	var b strings.Builder
	for _, w := range backWays {
		fmt.Fprintf(&b, "\n  %s  %s:\n         %s", w.rule, w.trigger, w.does)
	}
	return b.String()
}

// kindOf says in words what kind of decision it is.
func kindOf(d client.Decision) string {
	kind := engagement.Kind(d.Kind)
	switch kind {
	case engagement.MoveWindow:
		return firstOf(windowMoves[d.Rule], kinds[kind])
	case engagement.ReturnPhase:
		return "go back: " + wayBack(d.Rule).why
	}
	return firstOf(kinds[kind], d.Kind)
}

// effect says what a decision changes.
func effect(d client.Decision) string {
	ch := d.Change
	var parts []string
	add := func(what, value string) {
		if value != "" {
			parts = append(parts, what+" "+value)
		}
	}
	add("kickoff", ch.Kickoff.String())
	add("as-of date", ch.AsOf.String())
	add("window opens", ch.WindowOpen.String())
	if ch.Months != 0 {
		parts = append(parts, "window of "+count(ch.Months, "month"))
	}
	add("scope", names(ch.Categories))
	add("with", names(ch.Addons))
	switch engagement.Kind(d.Kind) {
	case engagement.ExtendTask:
		add(string(ch.Task)+" due", ch.Due.String())
		add("in the way:", ch.Blocking)
	case engagement.HandOverTask:
		add(string(ch.Task)+" to", string(ch.Person))
	default:
		add("risk of", string(ch.Task))
	}
	switch engagement.Kind(d.Kind) {
	case engagement.ReturnPhase:
		parts = append([]string{returnDoes(d.Rule, ch.Subject)}, parts...)
	case engagement.DropType1:
		parts = append([]string{"no Type 1"}, parts...)
		add("about", ch.Subject)
	default:
		add("about", ch.Subject)
	}
	if len(parts) == 0 {
		return d.Kind
	}
	return strings.Join(parts, ", ")
}

func (a *app) decisionApprove() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "approve ENGAGEMENT DECISION", short: "Approve a decision",
		example: "decision approve northgate-2027 D-1",
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.commandFlags(f) },
		run: func(ctx context.Context, args []string) error {
			return a.doneSay(ctx, "", func(client.Result) string {
				return args[1] + " is approved by you" + a.standsNow(ctx, args[0], args[1])
			})(a.api.ApproveDecision(ctx, models.EngagementID(args[0]), args[1],
				(*client.ApproveDecisionParams)(a.stamp()), client.Note{Reason: reason}))
		},
	})
}

// standsNow says what became of a decision: what it changed when it is in force, else whose approval is missing.
func (a *app) standsNow(ctx context.Context, id, decision string) string {
	switch d, ok := a.decision(ctx, id, decision); {
	case ok && d.State == engagement.DecisionInForce:
		return " and in force: " + effect(d)
	case ok && d.State == engagement.DecisionPending:
		return " and waits for " + waitsFor(d)
	}
	return ""
}

// decision reads a decision back, and reports whether it could.
func (a *app) decision(ctx context.Context, engagement, id string) (client.Decision, bool) {
	if id == "" { // the server told of none
		return client.Decision{}, false
	}
	d, _, err := decode[client.Decision](a.ask(a.api.GetDecision(ctx, models.EngagementID(engagement), id)))
	if err != nil {
		a.tell("%s cannot be read: %s", id, err)
	}
	return d, err == nil
}

func (a *app) decisionShow() *cobra.Command {
	return a.command(spec{
		use: "show ENGAGEMENT DECISION", short: "Show a decision, and what it would move",
		example: "decision show northgate-2027 D-1",
		run: func(ctx context.Context, args []string) error {
			d, ans, err := decode[client.Decision](a.ask(a.api.GetDecision(ctx, models.EngagementID(args[0]), args[1])))
			if err != nil {
				return err
			}
			return a.show(ans, func() { a.decisionCard(d) })
		},
	})
}

func (a *app) decisionCard(d client.Decision) {
	a.card([2]string{"Decision", d.ID}, [2]string{"State", strings.ReplaceAll(string(d.State), "_", " ")}, [2]string{"Kind", kindOf(d)},
		[2]string{"Rule", d.Rule}, [2]string{"What", effect(d)}, [2]string{"Why", d.Reason}, [2]string{"Proposed by", string(d.ProposedBy)},
		[2]string{"When (UTC)", instant(d.ProposedAt)}, [2]string{"Waits for", waitsFor(d)}, [2]string{"Ended", ending(d)})
	for _, ap := range d.Approvals {
		said := map[bool]string{true: "yes", false: "no"}[ap.Yes]
		a.say("", "%s: %s said %s on %s%s", ap.Role, ap.By, said, instant(ap.At), orNothing(": ", ap.Reason))
	}
	if len(d.Would.Text) > 0 {
		fmt.Fprintf(a.out, "\nIf it took effect now:\n")
		for _, line := range d.Would.Text {
			a.say("  - ", "%s", line)
		}
	}
}

// orNothing returns a text after what leads to it; nothing for an empty one.
func orNothing(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}

func (a *app) decisionRefuse() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "refuse ENGAGEMENT DECISION --reason TEXT", short: "Refuse a decision",
		example: "decision refuse northgate-2027 D-1 --reason 'the customer needs the earlier date'",
		need:    []string{"reason"},
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.commandFlags(f) },
		run: func(ctx context.Context, args []string) error {
			return a.done(ctx, "%s is refused", args[1])(a.api.RefuseDecision(ctx, models.EngagementID(args[0]), args[1],
				(*client.RefuseDecisionParams)(a.stamp()), client.Reason{Reason: reason}))
		},
	})
}

// ending says who refused or withdrew a decision, when and why; nothing of one that is pending or in force.
func ending(d client.Decision) string {
	if d.State != engagement.DecisionRefused && d.State != engagement.DecisionWithdrawn {
		return ""
	}
	text := instant(d.ClosedAt)
	if d.ClosedBy != "" {
		text = "by " + string(d.ClosedBy) + ", " + text
	}
	if d.ClosedWhy != "" {
		text += ": " + d.ClosedWhy
	}
	return text
}

func (a *app) decisionWithdraw() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "withdraw ENGAGEMENT DECISION --reason TEXT", short: "Take back a decision that you proposed",
		long: "Take back a decision that you proposed and that is still pending. Those who were asked are told. Proposing anew about the same\n" +
			"withdraws what you proposed before by itself; both stay in the record.",
		example: "decision withdraw northgate-2027 D-1 --reason 'the date was a typing error'",
		need:    []string{"reason"},
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.commandFlags(f) },
		run: func(ctx context.Context, args []string) error {
			return a.done(ctx, "%s is withdrawn", args[1])(a.api.WithdrawDecision(ctx, models.EngagementID(args[0]), args[1],
				(*client.WithdrawDecisionParams)(a.stamp()), client.Reason{Reason: reason}))
		},
	})
}
