package reminders_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/modelstest/pages"
)

const (
	page         = "../../docs/reminders.md"
	writeThePage = "go test ./models/reminders -run ThePage"
)

// The hours and limits on the page are those of the catalog.
func TestThePageHasTheHours(t *testing.T) {
	rules := modelstest.Catalog().Reminders
	d := rules.Defaults
	var b strings.Builder
	b.WriteString(pages.Head("what", "how much"))
	for _, role := range models.Roles {
		b.WriteString(pages.Row("daily message of somebody who is "+string(role), rules.Digest.At(role).String()))
	}
	b.WriteString(pages.Row("nothing is sent", fmt.Sprintf("from %s to %s", d.QuietHours.From, d.QuietHours.To)))
	b.WriteString(pages.Row("what is due so soon is shown too", models.BusinessDays(d.ShownWithin)))
	b.WriteString(pages.Row("lines of a daily message", strconv.Itoa(d.Lines)))
	b.WriteString(pages.Row("weekly budget: messages to one person in a week", strconv.Itoa(d.WeeklyBudget)))
	b.WriteString(pages.Row("what is said at once waits for more of the same", fmt.Sprintf("%d minutes", d.BundleMinutes)))
	rest := models.BusinessDays(rules.Extension.PendingPausesBusinessDays)
	b.WriteString(pages.Row("more time or another owner is asked for: reminders rest", rest))
	b.WriteString(pages.Row("end of a due day, where the owner is", d.DueTime.String()))
	pages.Part(t, page, "hours", writeThePage, b.String())
}

// heard are those who hear of an item, as the catalog and the page call them.
var heard = []struct{ id, name string }{
	{"owner", "owner"}, {"backup", "backup"}, {"sponsor", "sponsor"}, {"pm", "manager"}, {"partner", "partner"},
}

// The ladders on the page are those of the catalog.
func TestThePageHasTheLadders(t *testing.T) {
	c := modelstest.Catalog()
	var b strings.Builder
	head := []string{"ladder", "for"}
	for _, who := range heard {
		head = append(head, who.name)
	}
	b.WriteString(pages.Head(append(head, "level")...))
	for _, s := range c.Reminders.Schedules {
		row := []string{s.ID, s.For}
		for _, who := range heard {
			row = append(row, strings.Join(daysOf(s.Steps, who.id), ", "))
		}
		b.WriteString(pages.Row(append(row, levels(s.Steps))...))
	}
	pages.Part(t, page, "ladders", writeThePage, b.String())
}

// daysOf returns the days on which somebody hears of an item, as +3 or missed.
func daysOf(steps []catalog.ReminderStep, who string) (out []string) {
	for _, s := range steps {
		if !slices.Contains(slices.Concat(s.To, s.CC), who) {
			continue
		}
		out = append(out, daysOn(s)...)
	}
	return out
}

// daysOn returns the days of a rung.
func daysOn(s catalog.ReminderStep) (out []string) {
	if s.At != "" {
		return []string{s.At}
	}
	if s.Every == 0 {
		return []string{signed(s.Offset)}
	}
	const shown = 4
	for k := range min(shown, s.Max) {
		out = append(out, signed(s.From+k*s.Every))
	}
	if s.Max > shown {
		out = append(out[:1], fmt.Sprintf("then every %d", s.Every))
	}
	return out
}

func signed(n int) string {
	if n < 0 {
		return "−" + strconv.Itoa(-n)
	}
	if n == 0 {
		return "0"
	}
	return "+" + strconv.Itoa(n)
}

// levels returns from which day on an item has gone up how far.
func levels(steps []catalog.ReminderStep) string {
	var out []string
	level := 0
	for _, s := range steps {
		if s.Escalation > level {
			level = s.Escalation
			out = append(out, fmt.Sprintf("%d from %s", level, daysOn(s)[0]))
		}
	}
	return cmp.Or(strings.Join(out, ", "), "never")
}

// Until when a control is performed and its evidence sent, and when that is missing, is what the catalog says by its frequency.
func TestThePageHasTheTwoDates(t *testing.T) {
	c := modelstest.Catalog()
	rules := c.Sampling.Occurrences
	var b strings.Builder
	b.WriteString(pages.Head("control", "perform by", "reminders of it", "send by, in business days after the period (yearly: after that day)",
		"missing, in business days after that"))
	for _, of := range []struct{ frequency, period string }{
		{"continuous", fmt.Sprintf("the window's last business day, in its last %d", rules.CaptureWithin)},
		{"daily", "each day"}, {"weekly", "each week"}, {"monthly", "the month's last business day"},
		{"quarterly", "the quarter's last business day"},
		{"semiannual", "the half-year's last business day"}, {"annual", "22 business days before the window ends"},
	} {
		rule, _ := rules.Rule(of.frequency)
		ladder := c.Ladder("occurrence/" + of.frequency)
		i := slices.IndexFunc(ladder, func(s catalog.ReminderStep) bool { return s.At == "missed" })
		b.WriteString(pages.Row(of.frequency, of.period, cmp.Or(rule.Perform, "none"), strconv.Itoa(rule.GraceDays),
			strconv.Itoa(ladder[i].Offset)))
	}
	pages.Part(t, page, "dates", writeThePage, b.String())
}

// whatFollows says of every button what comes of it. Figures are those of the catalog.
func whatFollows(c *catalog.Catalog) map[engagement.Act]string {
	ask, snooze := c.Reminders.Extension, c.Reminders.Snooze
	return map[engagement.Act]string{
		engagement.ActDone: "reported as done; where somebody accepts work, they are asked. For a recurring control: on which day it was " +
			"performed",
		engagement.ActPerformed: "a recurring control: on which day it was performed. Its evidence is due after that, and the day can be " +
			"corrected " +
			"until the task is done",
		engagement.ActMoreTime: fmt.Sprintf("a day, a reason, what is in the way. Granted at once, %s per task: up to %s that move neither "+
			"the end of "+
			"the phase nor an agreed date. Up to %s that move no agreed date: the manager. Everything else: partner and sponsor. "+
			"Nobody approves their own request", times(ask.AutoApprove.MaxPerTask),
			models.BusinessDays(ask.AutoApprove.MaxBusinessDays), models.BusinessDays(ask.PMApproves.MaxBusinessDays)),
		engagement.ActSnooze: fmt.Sprintf(
			"up to %s ahead, %s per due date, not once it has gone up to level %d. The due date stays, and so does "+
				"the day on which it goes up",
			models.BusinessDays(snooze.MaxBusinessDaysEach), times(snooze.MaxTimes), snooze.NotAllowedAtEscalation),
		engagement.ActBlocked: "by the client, the firm, the auditor or a vendor, and by what: who has to act is asked instead",
		engagement.ActNotMine: "another owner and why. It stays with whom it was until the other agrees, or the sponsor (for tasks of the firm " +
			"the manager). Only the other is asked",
		engagement.ActAccept:  "the work is accepted",
		engagement.ActReturn:  "what is missing: the owner is told at once, and it is theirs again",
		engagement.ActUnblock: "what was blocked goes on",
		engagement.ActSign:    "the gate is signed; Slack asks once more",
		engagement.ActRefuse:  "why: the gate stays unsigned, and waits for the manager",
		engagement.ActApprove: "the decision is approved; what it would move is shown first, and asked once more",
		engagement.ActDecline: "why: nothing is changed",
		engagement.ActHandOver: "who takes over: they are told at once, in one message, what it is. The client's functions go along, " +
			"where they are for whoever presses it to give, and what somebody may not do or accept stays with whom it is: then nothing is " +
			"handed over",

		engagement.ActAnswer:   "with which words: who asked is told at once. Pressed again it corrects the answer",
		engagement.ActNoAnswer: "the answer is taken back: the question waits again, and who asked is told",
		engagement.ActAssign:   "somebody who may do it, oneself too: it is theirs at once, and they are told",
		engagement.ActMove:     "a day and why: its owner is told. Who may not do so is offered to ask for more time instead",
		engagement.ActWaive:    "why: nobody is asked for it any more",
		engagement.ActAsk:      "a question to whom it waits for, who is told at once",
		engagement.ActWindow:   "a day and why: a decision, which waits for those who have to approve it",
		engagement.ActKickoff:  "a day and why: a decision in the place of the one whose day has passed, or that was not approved",
		engagement.ActAsOf:     "a day and why: a decision in the place of the one whose day has passed, or that was not approved",

		engagement.ActScope: "what has changed since; what it would move is shown first. A decision as the one that was not approved, which " +
			"waits for those who have to approve it",
		engagement.ActDrop: "the same, of dropping the Type 1",
		engagement.ActBack: "the same, of a way back",
		engagement.ActRisk: "the same, of a risk that is accepted",

		engagement.ActPause: "why, and until when if that is known; what it does to due dates and reports is shown first. What " +
			"falls due in an open window is to be said to be meant",
		engagement.ActCorrect: "their mail address, which counts at once, and they are told at the one before; or their Slack member ID, and " +
			"that account is asked whether it is theirs. Of who decides or approves it is the partner's to do",
		engagement.ActResume: "why, if one likes; what it does to due dates and reports is shown first",

		engagement.ActSignAgain: "what has been cleared up: who signs it is asked for the signature at once",
	}
}

func times(n int) string {
	return cmp.Or(map[int]string{1: "once", 2: "twice"}[n], fmt.Sprintf("%d times", n))
}

// Every button of the table of commands is on the page, under its label.
func TestThePageHasTheButtons(t *testing.T) {
	said := whatFollows(modelstest.Catalog())
	var b strings.Builder
	b.WriteString(pages.Head("button", "on", "what follows"))
	buttons, rest := 0, map[engagement.Act]bool{}
	var shown []engagement.Act
	for act := range said {
		rest[act] = true
	}
	for _, kind := range kinds {
		for _, act := range engagement.ActsOn(kind) {
			if said[act] == "" {
				t.Errorf("whatFollows does not say what comes of %q", act.Label())
			}
			if slices.Contains(shown, act) { // an answer is given and corrected by one button
				continue
			}
			shown = append(shown, act)
			buttons++
			b.WriteString(pages.Row(act.Label(), onWhat[kind], said[act]))
			delete(rest, act)
		}
	}
	for _, act := range engagement.ActsAbove(engagement.ItemDo) {
		if rest[act] {
			buttons++
			b.WriteString(pages.Row(act.Label(), "a task that has gone up to somebody", said[act]))
		}
	}
	if want := len(withButtons()); buttons != want || len(said) != want {
		t.Errorf("%d buttons on items and %d explained, but %d commands have one", buttons, len(said), want)
	}
	pages.Part(t, page, "buttons", writeThePage, b.String())
}

// kinds are the kinds of items that have buttons of commands, and onWhat what they are called.
var kinds = []engagement.ItemKind{
	engagement.ItemDo, engagement.ItemAccept, engagement.ItemUnblock, engagement.ItemSign, engagement.ItemDecide, engagement.ItemWindow,
	engagement.ItemStaff, engagement.ItemAnswer, engagement.ItemAnswered, engagement.ItemLeft, engagement.ItemRefused,
	engagement.ItemAgain, engagement.ItemEngagement, engagement.ItemReach,
}

var onWhat = map[engagement.ItemKind]string{
	engagement.ItemDo:      "a task of one's own",
	engagement.ItemAccept:  "work to accept",
	engagement.ItemUnblock: "what is blocked",
	engagement.ItemSign:    "a gate",
	engagement.ItemDecide:  "a decision",
	engagement.ItemLeft:    "what somebody left, or what is theirs whom nothing reaches",
	engagement.ItemReach:   "somebody whom nothing reaches",
	engagement.ItemRefused: "a gate that was refused",
	engagement.ItemAgain:   "a decision that was not approved",

	engagement.ItemEngagement: "an engagement, in the home, in `/tickmark status`, where it stands still, slips or is paused",

	engagement.ItemAnswer:   "a question",
	engagement.ItemAnswered: "what was taken as an answer",
	engagement.ItemWindow:   "a window that was missed",
	engagement.ItemStaff:    "a task that nobody owns, or that has gone up to somebody",
}

func withButtons() (out []string) {
	for _, c := range engagement.Commands() {
		if c.Button != "" {
			out = append(out, c.Button)
		}
	}
	return append(out, engagement.ActCorrect.Label()) // a person is changed, and no engagement
}

// Every kind and every status of the ledger has its row in the tables of the page, and there are no other rows.
func TestThePageExplainsTheLedger(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ head, of string }{
		{"| kind | what it is |\n", "DeliveryKind"}, {"| status | what it means | what to do |\n", "DeliveryStatus"},
	} {
		_, rest, ok := strings.Cut(string(text), x.head)
		table, _, _ := strings.Cut(rest, "\n\n")
		if !ok {
			t.Fatalf("%s has no table %s", page, x.head)
		}
		var got []string
		for _, line := range strings.Split(table, "\n")[1:] {
			first, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " |")
			for name := range strings.SplitSeq(first, ", ") {
				got = append(got, strings.Trim(name, "`"))
			}
		}
		want := constantsOf(t, x.of)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("the page explains %v, but %s has %v", got, x.of, want)
		}
	}
}

// constantsOf returns the values of the constants of a type in message.go.
func constantsOf(t *testing.T, name string) (out []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "message.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := spec.Type.(*ast.Ident); !ok || id.Name != name {
			return true
		}
		for _, value := range spec.Values {
			if lit, ok := value.(*ast.BasicLit); ok {
				text, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, text)
			}
		}
		return true
	})
	if len(out) == 0 {
		t.Fatalf("message.go has no constants of %s", name)
	}
	return out
}
