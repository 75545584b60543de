package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tickmark/api/client"
	"tickmark/models"
)

func (a *app) tokenCommands() *cobra.Command {
	return group("token", "Tokens: what a person shows to be let in", a.tokenCreate(), a.tokenList(), a.tokenRevoke())
}

func (a *app) tokenCreate() *cobra.Command {
	var name, expires string
	return a.command(spec{
		use: "create PERSON", short: "Issue a token; its secret is printed this once",
		example: "token create kenji --expires 90d\nexport TICKMARK_TOKEN=$(tickmark token create kenji --name laptop)",
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&name, "name", "command line", "what it is for")
			f.StringVar(&expires, "expires", "90d", "after how many days it expires, at most 366d")
			a.writeFlags(f)
		},
		run: func(ctx context.Context, args []string) error {
			days, err := strconv.Atoi(strings.TrimSuffix(expires, "d"))
			if err != nil || days < 1 {
				return misused("--expires %q must be a number of days, as in 90d", expires)
			}
			got, ans, err := decode[client.IssuedToken](a.ask(a.api.IssueToken(ctx, models.PersonID(args[0]),
				&client.IssueTokenParams{IdempotencyKey: a.once()}, client.NewToken{Name: name, Days: days})))
			if err != nil {
				return err
			}
			if got.Secret == "" {
				return failed(exitFailed, "token %s was issued before with this key, and its secret was shown then: revoke it and issue another",
					got.Token.ID)
			}
			// The secret alone goes to stdout, so that it can be taken into a variable.
			fmt.Fprintf(a.err, "token %s of %s, %s; it is shown this once:\n", got.Token.ID, args[0], expiry(got.Token))
			return a.show(ans, func() { fmt.Fprintln(a.out, got.Secret) })
		},
	})
}

func expiry(t client.Token) string {
	if t.ExpiresAt.IsZero() {
		return "without expiry"
	}
	return "valid until " + instant(t.ExpiresAt) + " UTC"
}

func (a *app) tokenList() *cobra.Command {
	return a.command(spec{
		use: "list PERSON", short: "List the tokens of a person",
		example: "token list kenji",
		flags:   a.csvVar,
		run: func(ctx context.Context, args []string) error {
			l, ans, err := decode[client.TokenList](a.ask(a.api.ListTokens(ctx, models.PersonID(args[0]))))
			if err != nil {
				return err
			}
			return a.show(ans, func() {
				var rows [][]string
				for _, t := range l.Items {
					rows = append(rows, []string{t.ID, t.Name, instant(t.CreatedAt), instant(t.ExpiresAt), instant(t.LastUsedAt),
						instant(t.RevokedAt)})
				}
				a.table([]string{"TOKEN", "NAME", "ISSUED (UTC)", "EXPIRES", "LAST USED", "REVOKED"}, rows)
			})
		},
	})
}

func (a *app) tokenRevoke() *cobra.Command {
	return a.command(spec{
		use: "revoke PERSON TOKEN", short: "Revoke a token",
		example: "token revoke kenji t-4fzk09qa",
		flags:   a.writeFlags,
		run: func(ctx context.Context, args []string) error {
			ans, err := a.ask(a.api.RevokeToken(ctx, models.PersonID(args[0]), args[1], &client.RevokeTokenParams{IdempotencyKey: a.once()}))
			if err != nil {
				return err
			}
			return a.show(ans, func() { a.say("", "token %s of %s is revoked", args[1], args[0]) })
		},
	})
}

func (a *app) whoamiCommand() *cobra.Command {
	var may bool
	return a.command(spec{
		use: "whoami", short: "Who the token stands for",
		example: "whoami\nwhoami --may",
		flags:   func(f *pflag.FlagSet) { f.BoolVar(&may, "may", false, "also what they may do") },
		run: func(ctx context.Context, _ []string) error {
			me, ans, err := decode[client.Me](a.ask(a.api.GetMe(ctx)))
			if err != nil {
				return err
			}
			return a.show(ans, func() {
				p := me.Person
				a.card([2]string{"Person", fmt.Sprintf("%s (%s)", p.ID, p.Name)}, [2]string{"Role", string(p.Role)},
					[2]string{"Client", string(p.Client)}, [2]string{"Firm", fmt.Sprintf("%s (%s)", me.Firm.ID, me.Firm.Name)},
					[2]string{"Token", fmt.Sprintf("%s (%s), %s", me.Token.ID, me.Token.Name, expiry(me.Token))}, [2]string{"Server", a.server()})
				if may {
					var rows [][]string
					for _, op := range slices.Sorted(maps.Keys(me.May)) {
						rows = append(rows, []string{op, string(me.May[op])})
					}
					fmt.Fprintln(a.out)
					a.table([]string{"OPERATION", "REACH"}, rows)
				}
			})
		},
	})
}
