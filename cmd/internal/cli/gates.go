package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tickmark/api/client"
	"tickmark/models"
	"tickmark/models/engagement"
)

func (a *app) gateCommands() *cobra.Command {
	return group("gate", "Conditions that only their approver can sign", a.gateList(), a.gateSign(), a.gateRefuse(), a.gateReopen())
}

func (a *app) gateList() *cobra.Command {
	return a.command(spec{
		use: "list ENGAGEMENT", short: "List the gates of the phases entered so far, with what is in their way",
		example: "gate list northgate-2027",
		flags:   a.csvVar,
		run: func(ctx context.Context, args []string) error {
			l, ans, err := decode[client.GateList](a.ask(a.api.ListGates(ctx, models.EngagementID(args[0]))))
			if err != nil {
				return err
			}
			zone := ""
			if !a.asJSON && slices.ContainsFunc(l.Items, func(g client.Gate) bool { return g.State == engagement.GateSigned }) {
				e, _, err := decode[client.Engagement](a.ask(a.api.GetEngagement(ctx, models.EngagementID(args[0]))))
				if err != nil {
					return err
				}
				zone = e.TimeZone
			}
			return a.show(ans, func() {
				if a.asCSV {
					a.gateTable(l.Items)
					return
				}
				for _, g := range l.Items {
					a.gate(g, zone, "", true)
				}
			})
		},
	})
}

// gateTable prints a row for each gate, with the first things in its way.
func (a *app) gateTable(all []client.Gate) {
	var rows [][]string
	for _, g := range all {
		var in []string
		for _, b := range g.Blockers {
			in = append(in, b.Subject)
		}
		rows = append(rows, []string{g.ID, g.Text, string(g.Phase), string(g.State), g.Approver, names(g.Who), string(g.By), g.Reason,
			strings.Join(in, ", ")})
	}
	a.table([]string{"GATE", "TEXT", "PHASE", "STATE", "APPROVER", "WHO", "BY", "WHY", "WAITS FOR"}, rows)
}

// gate prints a gate with its days in the engagement's time zone and, as long as it is open, who may sign it and what is in the way: the
// first few things, those of one kind, person and day together, and the command that lists all of them, or the whole of it.
func (a *app) gate(g client.Gate, zone, list string, whole bool) {
	who := g.Approver
	if len(g.Who) > 0 {
		who += ": " + names(g.Who)
	}
	switch {
	case g.State == engagement.GateSigned:
		who = "signed by " + firstOf(string(g.By), "tickmark") + " on " + models.DateIn(g.At, models.Zone(zone)).String()
	case g.State == engagement.GateRefused:
		who = fmt.Sprintf("refused by %s: %s; %s", g.By, g.Reason, who)
	case g.Ready:
		who += " can sign now"
	}
	if g.Away != "" {
		who += "; " + g.Away
	}
	if !g.Blocking {
		who += "; not blocking"
	}
	a.say(fmt.Sprintf("  %-7s ", g.ID), "%s (%s)", g.Text, who)
	if g.State == engagement.GateSigned {
		return
	}
	groups := alike(g.Blockers, func(b client.Blocker) any {
		_, what, ok := strings.Cut(b.Text, ": ")
		if !ok {
			what = b.Subject
		}
		return []string{what, string(b.Owner), b.Due.String()}
	})
	if whole {
		groups = alike(g.Blockers, func(b client.Blocker) any { return b.Subject })
	}
	const most = 3
	shown, rows := 0, [][]string{}
	for i, all := range groups {
		if i == most && !whole {
			break
		}
		b, due := all[0], ""
		if !b.Due.IsZero() {
			due = "due " + b.Due.String()
		}
		row := []string{b.Subject, b.Text, string(b.Owner), due}
		if len(all) > 1 {
			row[0], row[1] = "", engagement.Several(len(all), "", b.Text)
		}
		rows = append(rows, row)
		shown += len(all)
	}
	a.indented("          waits for ", rows)
	switch rest := len(g.Blockers) - shown; {
	case rest > 0:
		fmt.Fprintln(a.out, "          … "+models.AndMore(rest, "tickmark "+list))
	case len(rows) < shown:
		fmt.Fprintf(a.out, "          All of them: tickmark %s\n", list)
	}
}

// firstOf returns the first text that is not empty.
func firstOf(texts ...string) string {
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			return t
		}
	}
	return ""
}

func (a *app) gateSign() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "sign ENGAGEMENT GATE", short: "Sign a gate",
		example: "gate sign northgate-2027 G-KO-1",
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.commandFlags(f) },
		run: func(ctx context.Context, args []string) error {
			return a.done(ctx, "%s is signed", args[1])(a.api.SignGate(ctx, models.EngagementID(args[0]), args[1],
				(*client.SignGateParams)(a.stamp()), client.Note{Reason: reason}))
		},
	})
}

func (a *app) gateRefuse() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "refuse ENGAGEMENT GATE --reason TEXT", short: "Refuse to sign a gate, for now",
		example: "gate refuse northgate-2027 G-KO-1 --reason 'the payments product is missing'",
		need:    []string{"reason"},
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.commandFlags(f) },
		run: func(ctx context.Context, args []string) error {
			return a.done(ctx, "%s is refused for now", args[1])(a.api.RefuseGate(ctx, models.EngagementID(args[0]), args[1],
				(*client.RefuseGateParams)(a.stamp()), client.Reason{Reason: reason}))
		},
	})
}

func (a *app) gateReopen() *cobra.Command {
	var reason string
	return a.command(spec{
		use: "reopen ENGAGEMENT GATE --reason TEXT", short: "Ask for the signature of a gate that was refused again",
		example: "gate reopen northgate-2027 G-KO-1 --reason 'the payments product is in it now'",
		need:    []string{"reason"},
		flags:   func(f *pflag.FlagSet) { reasonVar(f, &reason); a.commandFlags(f) },
		run: func(ctx context.Context, args []string) error {
			return a.done(ctx, "%s waits for its signature again", args[1])(a.api.ReopenGate(ctx, models.EngagementID(args[0]), args[1],
				(*client.ReopenGateParams)(a.stamp()), client.Reason{Reason: reason}))
		},
	})
}
