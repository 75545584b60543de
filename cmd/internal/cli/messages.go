package cli

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tickmark/api/client"
	"tickmark/models"
	"tickmark/models/reminders"
)

func (a *app) messageCommands() *cobra.Command {
	return group("message", "What was to be said to whom, and what became of it",
		a.messageList(), a.messageShow(), a.messageResend(), a.messageTest(), a.messageHealth())
}

func (a *app) messageList() *cobra.Command {
	var (
		person       models.PersonID
		id           models.EngagementID
		status       reminders.DeliveryStatus
		kind         reminders.DeliveryKind
		since, until models.Date
		limit        int
	)
	return a.command(spec{
		use: "list", short: "List messages, the last scheduled first",
		long: "List messages, the last scheduled first: everything that was to be said to somebody, and what became of it. Partners and\n" +
			"managers see all of the firm, everybody else their own.",
		example: "message list --person kenji --limit 20\nmessage list --engagement northgate-2027 --status suppressed --since 2027-03-15",
		flags: func(f *pflag.FlagSet) {
			wordVar(f, &person, "person", "only to this person")
			wordVar(f, &id, "engagement", "only those that speak of this engagement")
			wordVar(f, &status, "status", names(reminders.DeliveryStatuses))
			wordVar(f, &kind, "kind", "digest, now, test, binding, trouble, counts, portfolio, again or reply: message show says what they are")
			dateVar(f, &since, "since", "in UTC on or after which it was scheduled")
			dateVar(f, &until, "until", "in UTC on or before which it was scheduled")
			a.listVars(f, &limit)
		},
		run: func(ctx context.Context, _ []string) error {
			of := client.ListMessagesParams{Person: given(person), Engagement: given(id), Status: given(status), Kind: given(kind),
				Since: given(since), Until: given(until)}
			return list(a, limit, func(cursor *string, size *int) (*http.Response, error) {
				of.Cursor, of.Limit = cursor, size
				return a.api.ListMessages(ctx, &of)
			}, a.messageTable)
		},
	})
}

// messageTable prints a line for each message, by the shortest beginning of its id that tells it from the others, and why it was not sent
// on a line of its own.
func (a *app) messageTable(all []client.Message) {
	if len(all) == 0 && !a.asCSV {
		a.table(nil, nil)
		return
	}
	rows, notes := [][]string{{"MESSAGE", "DAY", "TO", "SUBJECT", "BY", "KIND", "STATUS"}}, []string{""}
	short := shortest(all)
	for _, m := range all {
		id := short(m.ID)
		if a.asCSV {
			id = m.ID
		}
		rows, notes = append(rows, []string{id, dayOf(m), firstOf(string(m.Person), m.Destination), m.Subject, way(m.Channel),
			string(m.Kind), string(m.Status)}), append(notes, m.Reason)
	}
	a.noted(rows, notes, "WHY")
}

// dayOf returns the day of a message: that of its person for a daily one, else the day in UTC on which it was scheduled.
func dayOf(m client.Message) string {
	if _, err := models.ParseDate(m.Slot); err == nil && m.Kind == reminders.KindDigest {
		return m.Slot
	}
	return models.DateIn(m.ScheduledAt, time.UTC).String()
}

// shortest returns what cuts the ids of messages to the shortest beginning, of eight letters at least, by which no two are the same.
func shortest(all []client.Message) func(string) string {
	const least = 8
	n := least
	for seen := map[string]bool{}; ; n++ {
		clear(seen)
		for _, m := range all {
			seen[m.ID[:min(n, len(m.ID))]] = true
		}
		if len(seen) == len(all) || n > 40 {
			return func(id string) string { return id[:min(n, len(id))] }
		}
	}
}

// What kinds of messages there are, where they may stand, how one is known to have arrived, and what a try may come to.
var (
	messageKinds = map[reminders.DeliveryKind]string{
		reminders.KindDigest: "the one message of a working day", reminders.KindNow: "said at once",
		reminders.KindTest:    "asked for by who gets it",
		reminders.KindBinding: "asks whether that is them", reminders.KindTrouble: "a channel does not work",
		reminders.KindCounts:    "how much is open, once a week",
		reminders.KindPortfolio: "how all engagements stand, once a week", reminders.KindAgain: "sent again by hand",
		reminders.KindReply:  "answers what they typed to the app",
		reminders.KindSignIn: "a link that signs in", reminders.KindInvite: "an invitation"}
	messageStatuses = map[reminders.DeliveryStatus]string{
		reminders.DeliveryScheduled: "it will be sent", reminders.DeliverySending: "it was handed over, and nothing is known yet",
		reminders.DeliverySent:       "it has arrived",
		reminders.DeliverySuppressed: "there was a reason not to send it", reminders.DeliveryCoalesced: "a later one says it too",
		reminders.DeliveryExpired: "it was too late for it", reminders.DeliveryUncertain: "it may have arrived or not",
		reminders.DeliveryFailed: "it was refused for good"}
	evidences = map[string]string{reminders.EvidenceResponse: "whom it was given to says so",
		reminders.EvidenceHistory: "it was found where it should be"}
	attempts = map[reminders.AttemptClass]string{
		reminders.AttemptAccepted: "accepted", reminders.AttemptUnsent: "not sent", reminders.AttemptRefused: "refused",
		reminders.AttemptAmbiguous: "nobody can tell",
		reminders.AttemptFound:     "looked: it is there", reminders.AttemptAbsent: "looked: not there",
		reminders.AttemptUnreadable: "cannot be looked for",
		reminders.AttemptEdited:     "changed"}
)

// explained returns a word with what it means.
func explained[T ~string](word T, meanings map[T]string) string {
	if text := meanings[word]; text != "" {
		return string(word) + ": " + text
	}
	return string(word)
}

func (a *app) messageShow() *cobra.Command {
	return a.command(spec{
		use: "show MESSAGE", short: "Show a message, its words and every attempt at it",
		long:    "Show a message, its words and every attempt at it. The first eight letters of its id will do.",
		example: "message show 5f0c2d1e",
		run: func(ctx context.Context, args []string) error {
			m, ans, err := decode[client.MessageDetail](a.ask(a.api.GetMessage(ctx, args[0])))
			if err != nil {
				return err
			}
			return a.show(ans, func() { a.messageDetail(m) })
		},
	})
}

func (a *app) messageDetail(m client.MessageDetail) {
	day, about := "", ""
	switch m.Kind {
	case reminders.KindDigest:
		day = m.Slot + ", where they are"
	case reminders.KindNow, reminders.KindCounts, reminders.KindPortfolio:
		about = m.Slot
	}
	a.card([2]string{"Message", m.ID}, [2]string{"Kind", explained(m.Kind, messageKinds)},
		[2]string{"Status", explained(m.Status, messageStatuses)},
		[2]string{"Why", m.Reason}, [2]string{"To", firstOf(string(m.Person), m.Destination)},
		[2]string{"By", way(m.Channel, m.Workspace, m.Destination)},
		[2]string{"For the day", day}, [2]string{"About", about}, [2]string{"Repeats", m.Follows},
		[2]string{"Scheduled (UTC)", instant(m.ScheduledAt)},
		[2]string{"Not after (UTC)", instant(m.NotAfter)}, [2]string{"Settled (UTC)", instant(m.SettledAt)},
		[2]string{"Known because", evidences[m.Evidence]})
	if m.Text == "" {
		fmt.Fprintln(a.out, "\nIt has not been written.")
	} else {
		fmt.Fprintln(a.out)
		a.quote("  ", m.Subject+"\n\n"+m.Text)
	}
	if len(m.Tries) == 0 {
		return
	}
	var rows [][]string
	for _, t := range m.Tries {
		code := ""
		if t.Status != 0 {
			code = strconv.Itoa(t.Status)
		}
		rows = append(rows, []string{instant(t.At), firstOf(attempts[reminders.AttemptClass(t.Class)], t.Class), code,
			fmt.Sprintf("%d ms", t.TookMs), t.Error})
	}
	fmt.Fprintln(a.out)
	a.table([]string{"TRIED (UTC)", "CAME TO", "CODE", "TOOK", "ERROR"}, rows)
}

// way says by which way a message goes.
func way(channel string, more ...string) string {
	if channel == "" || channel == "none" {
		return "nothing"
	}
	text := channel
	for _, m := range more {
		if m != "" {
			text += ", " + m
		}
	}
	return text
}

func (a *app) messageResend() *cobra.Command {
	return a.command(spec{
		use: "resend MESSAGE", short: "Send a message again by hand",
		long: "Send a message again by hand, as a message of its own, with what is done since crossed out. Only one that was written\n" +
			"and that nothing more happens to.",
		example: "message resend 5f0c2d1e-8a4b-5c3d-9e2f-1a2b3c4d5e6f",
		flags:   a.writeFlags,
		run: func(ctx context.Context, args []string) error {
			return a.scheduled(a.ask(a.api.ResendMessage(ctx, args[0], &client.ResendMessageParams{IdempotencyKey: a.once()})))
		},
	})
}

func (a *app) messageTest() *cobra.Command {
	return a.command(spec{
		use: "test PERSON", short: "Send yourself a test message",
		long:    "Send yourself a test message, by the way your messages take at present. PERSON is you: whoami says who that is.",
		example: "message test ines",
		flags:   a.writeFlags,
		run: func(ctx context.Context, args []string) error {
			return a.scheduled(a.ask(a.api.SendTestMessage(ctx, models.PersonID(args[0]), &client.SendTestMessageParams{IdempotencyKey: a.once()})))
		},
	})
}

// scheduled says that a message that somebody asked for will go out, and how to see what becomes of it.
func (a *app) scheduled(ans answer, err error) error {
	m, ans, err := decode[client.Message](ans, err)
	if err != nil {
		return err
	}
	return a.show(ans, func() {
		repeats := ""
		if m.Follows != "" {
			repeats = "; it repeats " + m.Follows
		}
		a.say("", "scheduled for %s by %s%s", firstOf(string(m.Person), m.Destination), way(m.Channel), repeats)
		a.hint("message show %s", m.ID)
	})
}

func (a *app) messageHealth() *cobra.Command {
	return a.command(spec{
		use: "health", short: "Whether messages go out, what holds them up, and whom nothing reaches",
		example: "message health",
		run: func(ctx context.Context, _ []string) error {
			h, ans, err := decode[client.MessagingHealth](a.ask(a.api.GetMessagingHealth(ctx)))
			if err != nil {
				return err
			}
			return a.show(ans, func() { a.health(h) })
		},
	})
}

// checkFails reports whether mail does not pass its check, in any process.
func checkFails(h client.MessagingHealth) bool {
	return slices.ContainsFunc(h.Missing, func(m client.MissingPart) bool { return m.Part == reminders.CheckOfMail })
}

func (a *app) health(h client.MessagingHealth) {
	mail := "sent"
	if !h.Mail {
		mail = "not sent: this installation has no mail server"
	} else if checkFails(h) {
		mail = "fails: the mail server does not pass the check, see below"
	}
	var counts []string
	for _, status := range reminders.DeliveryStatuses {
		if n := h.Counts[string(status)]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, status))
		}
	}
	looked := firstOf(dayAndTime(h.LastSweep), "never: nothing goes out")
	if h.SweepAhead {
		looked += ", which is to come: a clock was wrong"
	}
	a.card([2]string{"Last looked (UTC)", looked}, [2]string{"Mail", mail},
		[2]string{"Last seven days", firstOf(strings.Join(counts, ", "), "no messages")})
	fmt.Fprintln(a.out)
	if len(h.Lanes) == 0 {
		fmt.Fprintln(a.out, "Nothing waits, and nothing has been held up.")
	} else {
		rows, notes := [][]string{{"BY", "WAITING", "STATE", "LAST CHANGE (UTC)"}}, []string{""}
		for _, l := range h.Lanes {
			state := "works"
			if l.Failures > 0 {
				state = "held up " + count(l.Failures, "time") + " in a row"
			} else if l.Name == string(reminders.ChannelMail) && checkFails(h) {
				state = "fails its check"
			}
			if !l.Until.IsZero() {
				state += ", until " + l.Until.UTC().Format("15:04:05")
			}
			rows, notes = append(rows, []string{l.Name, strconv.Itoa(l.Waiting), state, dayAndTime(l.At)}), append(notes, legible(l.Error))
		}
		a.noted(rows, notes, "ERROR")
	}
	fmt.Fprintln(a.out)
	for _, m := range h.Missing {
		a.say("Does not work: ", "%s: %s", m.Part, legible(m.Detail))
	}
	if len(h.Unreachable) == 0 {
		fmt.Fprintln(a.out, "Slack or mail reaches everybody on running engagements.")
		return
	}
	a.say("Neither Slack nor mail reaches: ", "%s", names(h.Unreachable))
	a.hint("person messaging show %s", h.Unreachable[0])
}
