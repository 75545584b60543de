package cli

import (
	"context"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tickmark/api/client"
	"tickmark/models"
)

func (a *app) firmCommands() *cobra.Command {
	return group("firm", "Your own firm: its name, its calendar and its record", a.firmShow(), a.firmSet(), a.firmTimeline())
}

func (a *app) firmShow() *cobra.Command {
	return a.command(spec{
		use: "show", short: "Show the firm and its calendar",
		example: "firm show",
		run: func(ctx context.Context, _ []string) error {
			return a.showFirm(false)(a.ask(a.api.GetFirm(ctx)))
		},
	})
}

func (a *app) firmSet() *cobra.Command {
	var name, country, zone string
	var closed, open []models.Date
	var check bool
	var f *pflag.FlagSet
	return a.command(spec{
		use: "set", short: "Change the firm's name or calendar",
		long: "Change the firm's name or calendar: what is not named stays. Engagements count with another calendar from their next command\n" +
			"or wake on: dates of open tasks move off days on which their owners do not work. The answer says what moves; --check asks before.",
		example: "firm set --name 'Harbor Advisory'\nfirm set --closed-days 2026-12-24,2026-12-31 --check",
		flags: func(fs *pflag.FlagSet) {
			f = fs
			f.StringVar(&name, "name", "", "the firm's name")
			f.StringVar(&country, "country", "", "whose public holidays count: ISO 3166, or none")
			f.StringVar(&zone, "time-zone", "", "IANA time zone, as in Europe/Berlin")
			datesVar(f, &closed, "closed-days", "all of the firm's own days off; empty: none")
			datesVar(f, &open, "open-days", "all public holidays on which the firm works all the same; empty: none")
			calendarCheck(f, &check)
			a.commandFlags(f)
		},
		run: func(ctx context.Context, _ []string) error {
			to := client.FirmChange{Name: changed(f, "name", name), Country: changed(f, "country", country), TimeZone: changed(f, "time-zone", zone),
				ClosedDays: changed(f, "closed-days", closed), OpenDays: changed(f, "open-days", open)}
			if to == (client.FirmChange{}) {
				return misused("nothing to change was named")
			}
			to.Check = check
			return a.showFirm(check)(a.ask(a.api.UpdateFirm(ctx, (*client.UpdateFirmParams)(a.stamp()), to)))
		},
	})
}

// showFirm returns what prints the firm, and what a change of it moves: check says that it was only tried.
func (a *app) showFirm(check bool) func(answer, error) error {
	return func(ans answer, err error) error {
		firm, ans, err := decode[client.Firm](ans, err)
		if err != nil {
			return err
		}
		return a.show(ans, func() {
			a.card([2]string{"Firm", firm.ID}, [2]string{"Name", firm.Name}, [2]string{"Country", firm.Country},
				[2]string{"Time zone", firm.TimeZone}, [2]string{"Closed days", days(firm.ClosedDays)},
				[2]string{"Open days", days(firm.OpenDays)}, [2]string{"Revision", fmt.Sprint(firm.Revision)})
			a.calendarMoves(firm.Moves, check)
		})
	}
}

func (a *app) firmTimeline() *cobra.Command {
	var kind, subject string
	var newest bool
	var since, until models.Date
	var limit int
	return a.command(spec{
		use: "timeline", short: "The firm's record: who did what outside of engagements, and when",
		long:    "The firm's record: what happened to the firm, its clients, people, tokens, messages and Slack workspaces.",
		example: "firm timeline --newest --limit 20\nfirm timeline --kind person.updated --subject kenji",
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&kind, "kind", "", "only events of this kind, as in person.updated")
			dateVar(f, &since, "since", "in UTC on or after which it happened")
			dateVar(f, &until, "until", "in UTC on or before which it happened")
			f.StringVar(&subject, "subject", "", "only events about what has this id")
			f.BoolVar(&newest, "newest", false, "newest first")
			a.listVars(f, &limit)
		},
		run: func(ctx context.Context, _ []string) error {
			of := client.GetFirmTimelineParams{Kind: given(kind), Subject: given(subject), Order: given(order(newest)),
				Since: given(since), Until: given(until)}
			return list(a, limit, func(cursor *string, size *int) (*http.Response, error) {
				of.Cursor, of.Limit = cursor, size
				return a.api.GetFirmTimeline(ctx, &of)
			}, a.eventTable)
		},
	})
}
