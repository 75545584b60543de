package cli

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tickmark/api/client"
	"tickmark/models"
)

func (a *app) clientCommands() *cobra.Command {
	return group("client", "The companies that are prepared for their reports",
		a.clientCreate(), a.clientEdit(), a.clientShow(), a.clientList(),
		group("functions", "Who holds which function at a client", a.functionsShow(), a.functionsSet()),
		group("channel", "The Slack channel of a client: once a week how much is open", a.channelShow(), a.channelSet()))
}

// clientVars adds the flags for what is known of a client.
func clientVars(f *pflag.FlagSet, c *client.ClientInput) {
	f.IntVar(&c.Headcount, "headcount", 0, "people who work there")
	f.StringVar(&c.Country, "country", "", "whose public holidays count: ISO 3166, or none")
	f.StringVar(&c.TimeZone, "time-zone", "", "IANA time zone, as in Europe/Berlin")
	wordsVar(f, &c.Weekend, "weekend", "days nobody works (default saturday,sunday)")
	datesVar(f, &c.ClosedDays, "closed-days", "the company's own days off")
	datesVar(f, &c.OpenDays, "open-days", "public holidays on which people work all the same")
}

func (a *app) clientCreate() *cobra.Command {
	var in client.ClientInput
	return a.command(spec{
		use: "create NAME --headcount N --country CC --time-zone ZONE", short: "Take on a client",
		example: "client create 'Northgate Systems' --headcount 180 --country US --time-zone America/New_York",
		need:    []string{"headcount", "country", "time-zone"},
		flags: func(f *pflag.FlagSet) {
			wordVar(f, &in.ID, "id", "short name (default: made of the name)")
			clientVars(f, &in)
			a.writeFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			in.Name = args[0]
			return a.showClient(false)(a.ask(a.api.CreateClient(ctx, &client.CreateClientParams{IdempotencyKey: a.once()}, in)))
		},
	})
}

func (a *app) clientEdit() *cobra.Command {
	var in client.ClientInput
	var f *pflag.FlagSet
	var check bool
	return a.command(spec{
		use: "edit CLIENT", short: "Change what is known of a client",
		long: "Change what is known of a client: what is not named stays. Started engagements keep their headcount and time zone. " +
			"With another\ncalendar the dates of open tasks move off days on which their owners do not work; the answer says what moves, " +
			"and --check asks before.",
		example: "client edit northgate --headcount 210\nclient edit northgate --closed-days 2027-07-05,2027-12-24 --check",
		flags: func(fs *pflag.FlagSet) {
			f = fs
			f.StringVar(&in.Name, "name", "", "the company's name")
			clientVars(f, &in)
			calendarCheck(f, &check)
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			to := client.ClientChange{Name: changed(f, "name", in.Name), Headcount: changed(f, "headcount", in.Headcount),
				Country: changed(f, "country", in.Country), TimeZone: changed(f, "time-zone", in.TimeZone),
				Weekend: changed(f, "weekend", in.Weekend), ClosedDays: changed(f, "closed-days", in.ClosedDays),
				OpenDays: changed(f, "open-days", in.OpenDays)}
			if to == (client.ClientChange{}) {
				return misused("nothing to change was named")
			}
			to.Check = check
			return a.showClient(check)(a.ask(a.api.UpdateClient(ctx, models.ClientID(args[0]), (*client.UpdateClientParams)(a.stamp()), to)))
		},
	})
}

func (a *app) clientShow() *cobra.Command {
	return a.command(spec{
		use: "show CLIENT", short: "Show a client",
		example: "client show northgate",
		run: func(ctx context.Context, args []string) error {
			return a.showClient(false)(a.ask(a.api.GetClient(ctx, models.ClientID(args[0]))))
		},
	})
}

// showClient returns what prints a client, and what a change of it moves: check says that it was only tried.
func (a *app) showClient(check bool) func(answer, error) error {
	return func(ans answer, err error) error {
		c, ans, err := decode[client.Client](ans, err)
		if err != nil {
			return err
		}
		return a.show(ans, func() {
			a.card([2]string{"Client", string(c.ID)}, [2]string{"Name", c.Name}, [2]string{"Headcount", strconv.Itoa(c.Headcount)},
				[2]string{"Country", c.Country}, [2]string{"Time zone", c.TimeZone}, [2]string{"Weekend", names(c.Weekend)},
				[2]string{"Closed days", days(c.ClosedDays)}, [2]string{"Open days", days(c.OpenDays)},
				[2]string{"Revision", fmt.Sprint(c.Revision)})
			a.calendarMoves(c.Moves, check)
		})
	}
}

func (a *app) clientList() *cobra.Command {
	var q string
	var limit int
	return a.command(spec{
		use: "list", short: "List clients by name",
		example: "client list --q north",
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&q, "q", "", "part of the name or id")
			a.listVars(f, &limit)
		},
		run: func(ctx context.Context, _ []string) error {
			return list(a, limit, func(cursor *string, size *int) (*http.Response, error) {
				return a.api.ListClients(ctx, &client.ListClientsParams{Q: given(q), Cursor: cursor, Limit: size})
			}, func(all []client.Client) {
				var rows [][]string
				for _, c := range all {
					rows = append(rows, []string{string(c.ID), c.Name, strconv.Itoa(c.Headcount), c.Country, c.TimeZone})
				}
				a.table([]string{"CLIENT", "NAME", "HEADCOUNT", "COUNTRY", "TIME ZONE"}, rows)
			})
		},
	})
}

func (a *app) functionsShow() *cobra.Command {
	return a.command(spec{
		use: "show CLIENT", short: "Show who holds which function",
		example: "client functions show northgate",
		flags:   a.csvVar,
		run: func(ctx context.Context, args []string) error {
			l, ans, err := decode[client.FunctionList](a.ask(a.api.ListFunctions(ctx, models.ClientID(args[0]))))
			if err != nil {
				return err
			}
			return a.show(ans, func() {
				var rows [][]string
				for _, f := range l.Items {
					who := string(f.Person)
					if who == "" && f.Fallback != "" {
						who = "(as " + f.Fallback + ")"
					}
					rows = append(rows, []string{f.Function, f.Name, who, string(f.Backup)})
				}
				a.table([]string{"FUNCTION", "NAME", "PERSON", "BACKUP"}, rows)
			})
		},
	})
}

func (a *app) functionsSet() *cobra.Command {
	var backup models.PersonID
	var alone, hand bool
	return a.command(spec{
		use: "set CLIENT FUNCTION PERSON", short: "Name who holds a function, and who stands in",
		long: "Name who holds a function, and who stands in: who did so before stays, unless another is named or --no-backup. Tasks made\n" +
			"from now on go to the new holder. Open tasks stay with the former one, and the answer says how many; with --hand-over they go along.",
		example: "client functions set northgate security_lead kenji --backup olga\n" +
			"client functions set northgate security_lead yuki --hand-over",
		flags: func(f *pflag.FlagSet) {
			wordVar(f, &backup, "backup", "who stands in (default: who does so already)")
			f.BoolVar(&alone, "no-backup", false, "nobody stands in")
			f.BoolVar(&hand, "hand-over", false, "give the former holder's open tasks of the function to the new one")
			a.writeFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			f, ans, err := decode[client.Function](a.ask(a.api.AssignFunction(ctx, models.ClientID(args[0]), args[1],
				&client.AssignFunctionParams{IdempotencyKey: a.once()}, client.FunctionChange{Person: models.PersonID(args[2]), Backup: backup,
					NoBackup: alone, HandOver: hand})))
			if err != nil {
				return err
			}
			return a.show(ans, func() {
				a.say("", "%s of %s: %s%s", f.Function, args[0], f.Person, standIn(f.Backup))
				if f.Handed > 0 {
					a.say("", "%s handed over to %s", count(f.Handed, "open task"), f.Person)
				}
				if f.Stays > 0 {
					a.say("", "%s of it stay with %s", count(f.Stays, "open task"), f.Former)
					a.hint("person hand-over %s --function %s=%s", f.Former, f.Function, f.Person)
				}
			})
		},
	})
}

func standIn(backup models.PersonID) string {
	if backup == "" {
		return ""
	}
	return ", backup " + string(backup)
}
