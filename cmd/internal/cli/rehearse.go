package cli

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tickmark/api/client"
	"tickmark/models"
	"tickmark/models/reminders"
)

// How people are taken to behave in a rehearsal.
var assumptions = map[reminders.Assumption]string{reminders.AssumeOnTime: "everybody is on time",
	reminders.AssumeLate: "everything is done three business days late", reminders.AssumeSilent: "nobody outside the firm ever answers"}

// A rehearsing is what `engagement rehearse` and `engagement preview` are told alike.
type rehearsing struct {
	person models.PersonID
	brief  bool
}

func (in *rehearsing) flags(f *pflag.FlagSet) {
	wordVar(f, &in.person, "person", "only to this person")
	f.BoolVar(&in.brief, "brief", false, "one line for each message, without its text")
}

func (a *app) engagementRehearse() *cobra.Command {
	var in rehearsing
	assume := reminders.AssumeOnTime
	return a.command(spec{
		use: "rehearse ENGAGEMENT", short: "Print every message that would go out until the end",
		long: "Print every message that would go out until the end of the engagement, with its text, and when that end is, or why it does " +
			"not come\n" +
			"within three years. Nothing is sent and nothing is kept, and what other engagements have to say to the same people is not in it.",
		example: "engagement rehearse northgate-2027 --brief\nengagement rehearse northgate-2027 --assume late --person kenji",
		flags: func(f *pflag.FlagSet) {
			wordVar(f, &assume, "assume", "on_time, late (three business days) or silent (nobody outside the firm ever answers) (default on_time)")
			in.flags(f)
		},
		run: func(ctx context.Context, args []string) error {
			if assumptions[assume] == "" {
				return misused("--assume %s is none of %s", assume, names(reminders.Assumptions))
			}
			return a.rehearsal(fmt.Sprintf("%s until its end, if %s", args[0], assumptions[assume]),
				in.brief)(a.api.RehearseEngagement(ctx, models.EngagementID(args[0]),
				&client.RehearseEngagementParams{Assume: &assume, Person: given(in.person)}))
		},
	})
}

func (a *app) engagementPreview() *cobra.Command {
	var in rehearsing
	return a.command(spec{
		use: "preview ENGAGEMENT", short: "Print the messages of the next fourteen days, if everybody is on time",
		example: "engagement preview northgate-2027\nengagement preview northgate-2027 --person olga --brief",
		flags:   in.flags,
		run: func(ctx context.Context, args []string) error {
			return a.rehearsal(args[0]+" in the next fourteen days, if "+assumptions[reminders.AssumeOnTime],
				in.brief)(a.api.PreviewMessages(ctx, models.EngagementID(args[0]),
				&client.PreviewMessagesParams{Person: given(in.person)}))
		},
	})
}

// rehearsal returns what prints messages that would go out, in the order in which they would.
func (a *app) rehearsal(what string, brief bool) func(*http.Response, error) error {
	return func(res *http.Response, err error) error {
		r, ans, err := decode[client.Rehearsal](a.ask(res, err))
		if err != nil {
			return err
		}
		return a.show(ans, func() {
			if len(r.Items) == 0 {
				a.say("", "%s: no messages.", what)
				a.outcome(r)
				return
			}
			people := "1 person"
			if r.People != 1 {
				people = fmt.Sprintf("%d people", r.People)
			}
			a.say("", "%s: %s to %s. None of them is sent. Times are on the clock where each recipient is.", what, count(len(r.Items), "message"),
				people)
			if r.People > 1 {
				a.say("Each gets: ", "%s", shares(r.Items))
			}
			a.outcome(r)
			fmt.Fprintln(a.out)
			if brief {
				a.rehearsedLines(r.Items)
				return
			}
			a.rehearsedTexts(r.Items)
		})
	}
}

// outcome says when the engagement is complete or why it is not, and who acts in another's place.
func (a *app) outcome(r client.Rehearsal) {
	if !r.EndedOn.IsZero() {
		a.say("", "The engagement is complete on %s.", r.EndedOn)
	}
	if r.Stopped != "" {
		a.say("", "%s", r.Stopped)
	}
	for _, remark := range r.Remarks {
		a.say("Note: ", "%s", remark)
	}
}

// shares says how many messages each gets, those with the most first.
func shares(all []client.Rehearsed) string {
	n := map[models.PersonID]int{}
	var who []models.PersonID
	for _, m := range all {
		if n[m.Person]++; n[m.Person] == 1 {
			who = append(who, m.Person)
		}
	}
	slices.SortFunc(who, func(x, y models.PersonID) int { return cmp.Or(n[y]-n[x], cmp.Compare(x, y)) })
	parts := make([]string, len(who))
	for i, p := range who {
		parts[i] = fmt.Sprintf("%s %d", p, n[p])
	}
	return strings.Join(parts, ", ")
}

func (a *app) rehearsedLines(all []client.Rehearsed) {
	var rows [][]string
	for _, m := range all {
		says, _, _ := strings.Cut(strings.TrimSpace(m.Text), "\n")
		if m.Kind != reminders.KindDigest {
			says = m.Subject
		}
		rows = append(rows, []string{m.Local, string(m.Person), way(m.Channel), says})
	}
	a.table([]string{"WHEN, THERE", "TO", "BY", "SAYS"}, rows)
}

func (a *app) rehearsedTexts(all []client.Rehearsed) {
	for i, m := range all {
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		by := " by " + way(m.Channel)
		if m.Channel == "" {
			by = ", whom neither Slack nor mail reaches"
		}
		if m.Kind == reminders.KindNow {
			by += ", at once"
		}
		a.say(clean(m.Local)+"  ", "to %s (%s)%s: %s", m.Person, m.Name, by, m.Subject)
		a.quote("    ", m.Text)
	}
}
