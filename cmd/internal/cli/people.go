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

func (a *app) personCommands() *cobra.Command {
	return group("person", "People of the firm, of its clients and of audit firms",
		a.personCreate(), a.personInvite(), a.personInvitations(), a.personEdit(),
		a.personShow(), a.personWork(), a.personList(), a.personDeactivate(), a.personHandOver(),
		group("messaging", "How somebody gets their messages", a.personMessagingShow(), a.personMessagingEdit()))
}

// personVars adds the flags for what may change of a person.
func personVars(f *pflag.FlagSet, p *client.NewPerson) {
	wordVar(f, &p.Role, "role", "partner, pm, consultant, sponsor, owner or auditor")
	f.StringVar(&p.Email, "email", "", "mail address")
	f.StringVar(&p.TimeZone, "time-zone", "", "IANA time zone, as in Europe/Berlin")
	datesVar(f, &p.ClosedDays, "closed-days", "all of their own days off; empty: none")
	datesVar(f, &p.OpenDays, "open-days", "all holidays and closed days of their company on which they work all the same; empty: none")
}

func (a *app) personCreate() *cobra.Command {
	var in client.NewPerson
	return a.command(spec{
		use: "create NAME --role ROLE --time-zone ZONE", short: "Invite somebody",
		long: "Invite somebody. Sponsors and owners belong to a client; partners, managers (pm), consultants and auditors do not.",
		example: "person create 'Kenji Mori' --role owner --client northgate --time-zone America/New_York --email kenji@northgate.example\n" +
			"person create 'Ines Carvalho' --role pm --time-zone America/New_York",
		need: []string{"role", "time-zone"},
		flags: func(f *pflag.FlagSet) {
			wordVar(f, &in.ID, "id", "short name (default: made of the name)")
			wordVar(f, &in.Client, "client", "the client they work for")
			personVars(f, &in)
			a.writeFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			in.Name = args[0]
			return a.showPerson(false)(a.ask(a.api.InvitePerson(ctx, &client.InvitePersonParams{IdempotencyKey: a.once()}, in)))
		},
	})
}

func (a *app) personInvite() *cobra.Command {
	return a.command(spec{
		use: "invite PERSON", short: "Send somebody an invitation: a link that signs them in, once",
		long: "Send somebody an invitation, in Slack or by mail, wherever their messages come. Its link signs them in, once, for seven days; \n" +
			"a later invitation replaces it. person create makes who is not there yet.",
		example: "person invite kenji",
		flags:   a.writeFlags,
		run: func(ctx context.Context, args []string) error {
			i, ans, err := decode[client.Invitation](a.ask(a.api.SendInvitation(ctx, models.PersonID(args[0]),
				&client.SendInvitationParams{IdempotencyKey: a.once()})))
			if err != nil {
				return err
			}
			return a.show(ans, func() {
				a.say("", "an invitation is on its way to %s: it is good until %s UTC", args[0], instant(i.ExpiresAt))
			})
		},
	})
}

func (a *app) personInvitations() *cobra.Command {
	return a.command(spec{
		use: "invitations PERSON", short: "List the invitations that were sent to somebody, and what became of them",
		example: "person invitations kenji",
		flags:   a.csvVar,
		run: func(ctx context.Context, args []string) error {
			l, ans, err := decode[client.InvitationList](a.ask(a.api.ListInvitations(ctx, models.PersonID(args[0]))))
			if err != nil {
				return err
			}
			return a.show(ans, func() {
				var rows [][]string
				for _, i := range l.Items {
					rows = append(rows, []string{i.ID, string(i.State), string(i.By), instant(i.CreatedAt), instant(i.ExpiresAt),
						instant(i.AcceptedAt)})
				}
				a.table([]string{"INVITATION", "STATE", "BY", "SENT (UTC)", "GOOD UNTIL", "ACCEPTED"}, rows)
			})
		},
	})
}

func (a *app) personEdit() *cobra.Command {
	var in client.NewPerson
	var f *pflag.FlagSet
	var active, check bool
	return a.command(spec{
		use: "edit PERSON", short: "Change what is known of a person",
		long: "Change what is known of a person: what is not named stays. With other days of their own the dates of their open tasks move off\n" +
			"days on which they do not work, and in another time zone their days end at another hour: the answer says what moves and what is\n" +
			"late by that, and --check asks before. For whole weeks away see absence add, for another country person messaging edit.",
		example: "person edit kenji --email kenji.mori@northgate.example\nperson edit kenji --closed-days 2027-04-02,2027-04-09 --check\n" +
			"person edit kenji --time-zone Asia/Tokyo --check\n" +
			"person edit kenji --active",
		flags: func(fs *pflag.FlagSet) {
			f = fs
			f.StringVar(&in.Name, "name", "", "the person's name")
			personVars(f, &in)
			f.BoolVar(&active, "active", false, "let them in again")
			calendarCheck(f, &check)
			a.commandFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			to := client.PersonChange{Name: changed(f, "name", in.Name), Role: changed(f, "role", in.Role), Email: changed(f, "email", in.Email),
				TimeZone: changed(f, "time-zone", in.TimeZone), ClosedDays: changed(f, "closed-days", in.ClosedDays),
				OpenDays: changed(f, "open-days", in.OpenDays), Active: changed(f, "active", active)}
			if to == (client.PersonChange{}) {
				return misused("nothing to change was named")
			}
			to.Check = check
			return a.showPerson(check)(a.ask(a.api.UpdatePerson(ctx, models.PersonID(args[0]), (*client.UpdatePersonParams)(a.stamp()), to)))
		},
	})
}

func (a *app) personShow() *cobra.Command {
	return a.command(spec{
		use: "show PERSON", short: "Show a person, and what is theirs: seats, functions, tasks, and what waits for their word",
		example: "person show kenji",
		run: func(ctx context.Context, args []string) error {
			err := a.showPerson(false)(a.ask(a.api.GetPerson(ctx, models.PersonID(args[0]))))
			if err != nil || a.asJSON {
				return err
			}
			w, _, err := a.work(ctx, models.PersonID(args[0]), models.Date{})
			if err != nil {
				return err
			}
			a.theirs(w)
			return nil
		},
	})
}

// showPerson returns what prints a person, and what a change of their time zone or days moves: check says that it was only tried.
func (a *app) showPerson(check bool) func(answer, error) error {
	return func(ans answer, err error) error {
		p, ans, err := decode[client.Person](ans, err)
		if err != nil {
			return err
		}
		return a.show(ans, func() {
			a.card([2]string{"Person", string(p.ID)}, [2]string{"Name", p.Name}, [2]string{"Role", string(p.Role)},
				[2]string{"Client", string(p.Client)}, [2]string{"Email", p.Email}, [2]string{"Time zone", p.TimeZone},
				[2]string{"Closed days", days(p.ClosedDays)}, [2]string{"Open days", days(p.OpenDays)},
				[2]string{"Active", map[bool]string{true: "yes", false: "no"}[p.Active]}, [2]string{"Revision", fmt.Sprint(p.Revision)})
			a.calendarMoves(p.Moves, check)
		})
	}
}

func (a *app) personList() *cobra.Command {
	var (
		company models.ClientID
		role    models.Role
		q       string
		gone    bool
		limit   int
	)
	return a.command(spec{
		use: "list", short: "List people by name",
		example: "person list --client northgate\nperson list --role consultant",
		flags: func(f *pflag.FlagSet) {
			wordVar(f, &company, "client", "only people of this client")
			wordVar(f, &role, "role", "only people in this role")
			f.StringVar(&q, "q", "", "part of the name or id")
			f.BoolVar(&gone, "inactive", false, "also those whose access has ended")
			a.listVars(f, &limit)
		},
		run: func(ctx context.Context, _ []string) error {
			of := client.ListPeopleParams{Client: given(company), Role: given(role), Q: given(q), Inactive: given(gone)}
			return list(a, limit, func(cursor *string, size *int) (*http.Response, error) {
				of.Cursor, of.Limit = cursor, size
				return a.api.ListPeople(ctx, &of)
			}, func(all []client.Person) {
				var rows [][]string
				for _, p := range all {
					role := string(p.Role)
					if !p.Active {
						role += " (inactive)"
					}
					rows = append(rows, []string{string(p.ID), p.Name, role, string(p.Client), p.Email, p.TimeZone})
				}
				a.table([]string{"PERSON", "NAME", "ROLE", "CLIENT", "EMAIL", "TIME ZONE"}, rows)
			})
		},
	})
}
