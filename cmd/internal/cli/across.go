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

// Questions over all engagements: what there is to do, and what has changed.

func (a *app) todayCommand() *cobra.Command {
	var person models.PersonID
	return a.command(spec{
		use: "today", short: "What is yours to do by today, over all engagements",
		long: "What is yours to do by today, over all engagements: tasks that are due or late, and what waits for your acceptance, signature\n" +
			"or approval, and what is theirs for whom you stand in today. With --person what is somebody else's.",
		example: "today\ntoday --person priya",
		flags: func(f *pflag.FlagSet) {
			wordVar(f, &person, "person", "whose day (default: yours)")
			a.csvVar(f)
		},
		run: func(ctx context.Context, _ []string) error {
			return a.worksUntil(ctx, person, func(today models.Date) models.Date { return today })
		},
	})
}

func (a *app) weekCommand() *cobra.Command {
	var person models.PersonID
	return a.command(spec{
		use: "week", short: "What is yours to do by Sunday, over all engagements",
		long: "What is yours to do by Sunday, over all engagements: tasks that are due or late, and what waits for your acceptance, signature\n" +
			"or approval, and what is theirs for whom you stand in today. With --person what is somebody else's.",
		example: "week\nweek --person priya --csv",
		flags: func(f *pflag.FlagSet) {
			wordVar(f, &person, "person", "whose week (default: yours)")
			a.csvVar(f)
		},
		run: func(ctx context.Context, _ []string) error {
			return a.worksUntil(ctx, person, func(today models.Date) models.Date { return today.Monday().AddDays(6) })
		},
	})
}

func (a *app) personWork() *cobra.Command {
	var until models.Date
	return a.command(spec{
		use: "work PERSON", short: "List all that is somebody's to do, over all engagements",
		example: "person work kenji\nperson work kenji --until 2027-03-31 --csv",
		flags: func(f *pflag.FlagSet) {
			dateVar(f, &until, "until", "on which or before which tasks are due")
			a.csvVar(f)
		},
		run: func(ctx context.Context, args []string) error {
			w, ans, err := a.work(ctx, models.PersonID(args[0]), until)
			if err != nil {
				return err
			}
			return a.show(ans, func() { a.workTable(w) })
		},
	})
}

// work asks for what is somebody's: of tasks those due until a day, all for the zero day.
func (a *app) work(ctx context.Context, person models.PersonID, until models.Date) (client.Work, answer, error) {
	return decode[client.Work](a.ask(a.api.GetWork(ctx, person, &client.GetWorkParams{Until: given(until)})))
}

// me returns who asks.
func (a *app) me(ctx context.Context) (models.PersonID, error) {
	me, _, err := decode[client.Me](a.ask(a.api.GetMe(ctx)))
	return me.Person.ID, err
}

// today returns which day it is for who asks, by the server's clock.
func (a *app) today(ctx context.Context) (models.Date, error) {
	me, err := a.me(ctx)
	if err != nil {
		return models.Date{}, err
	}
	w, _, err := a.work(ctx, me, models.Date{})
	return w.Today, err
}

// worksUntil prints what is somebody's until a day, which follows from the day it is for them; of nobody's it is that of who asks.
func (a *app) worksUntil(ctx context.Context, person models.PersonID, until func(today models.Date) models.Date) error {
	if person == "" {
		me, err := a.me(ctx)
		if err != nil {
			return err
		}
		person = me
	}
	w, _, err := a.work(ctx, person, models.Date{})
	if err != nil {
		return err
	}
	last := until(w.Today)
	w, ans, err := a.work(ctx, person, last)
	if err != nil {
		return err
	}
	return a.show(ans, func() {
		if !a.asCSV {
			span := onDay(w.Today)
			if last != w.Today {
				span += " to " + onDay(last)
			}
			a.say("", "%s, %s", w.Person, span)
		}
		a.workTable(w)
	})
}

// onDay shows a day with its day of the week.
func onDay(d models.Date) string { return d.Weekday().String()[:3] + " " + d.String() }

// workTable prints what is somebody's to do: what they can do, what waits for their word, and last what waits for others.
func (a *app) workTable(w client.Work) {
	var rows, waiting [][]string
	rows = append(rows, awaited("hand over", w.Left)...)
	task := func(what string, t client.Task) []string {
		return []string{inPlace(what, t.For), string(t.ID), t.Title, t.Due.String(), lateness(t), string(t.Engagement)}
	}
	for _, t := range w.Tasks {
		switch t.State {
		case engagement.TaskWaiting:
			waiting = append(waiting, task("waits", t))
		case engagement.TaskBlocked:
			waiting = append(waiting, task("blocked", t))
		default:
			rows = append(rows, task("do", t))
		}
	}
	for _, t := range w.Accept {
		rows = append(rows, task("accept", t))
	}
	rows = append(rows, awaited("sign", w.Gates)...)
	rows = append(rows, awaited("approve", w.Decisions)...)
	rows = append(rows, awaited("answer", w.Questions)...)
	a.table([]string{"WHAT", "ID", "TITLE", "DUE", "LATE", "ENGAGEMENT"}, append(rows, waiting...))
}

// awaited are the rows of what waits for a word.
func awaited(what string, all []client.Awaited) (rows [][]string) {
	for _, x := range all {
		since := ""
		if !x.Since.IsZero() {
			since = "since " + x.Since.String()
		}
		rows = append(rows, []string{inPlace(what, x.For), x.ID, x.Text, "", since, string(x.Engagement)})
	}
	return rows
}

// inPlace says what is to be done, and in whose place.
func inPlace(what string, whose models.PersonID) string {
	if whose == "" {
		return what
	}
	return what + " for " + string(whose)
}

// theirs prints below a person's card what is theirs.
func (a *app) theirs(w client.Work) {
	var seats, functions []string
	for _, s := range w.Seats {
		seats = append(seats, fmt.Sprintf("%s of %s (%s)", s.Role, s.Engagement, s.Status))
	}
	for _, f := range w.Functions {
		text := f.Function + " of " + string(f.Client)
		if f.Backup {
			text = "backup for " + text
		}
		functions = append(functions, text)
	}
	a.say("Seats      ", "%s", firstOf(strings.Join(seats, ", "), "none"))
	a.say("Functions  ", "%s", firstOf(strings.Join(functions, ", "), "none"))
	fmt.Fprintln(a.out)
	a.workTable(w)
}

func (a *app) changesCommand() *cobra.Command {
	var since, until models.Date
	var kind string
	var company models.ClientID
	var limit int
	return a.command(spec{
		use: "changes --since DATE", short: "What happened since a day, over all engagements",
		long: "What happened since a day, in the order in which it happened. What one command changed is one line with a count; --csv and\n" +
			"--json have every event.",
		example: "changes --since 2027-03-15\nchanges --since 2027-03-01 --kind task.moved --client northgate",
		need:    []string{"since"},
		flags: func(f *pflag.FlagSet) {
			dateVar(f, &since, "since", "in UTC on or after which it happened")
			dateVar(f, &until, "until", "in UTC on or before which it happened")
			f.StringVar(&kind, "kind", "", "only events of this kind, as in task.moved; task has all of tasks")
			wordVar(f, &company, "client", "only of engagements for this client")
			a.listVars(f, &limit)
		},
		run: func(ctx context.Context, _ []string) error {
			of := client.ListChangesParams{Since: given(since), Until: given(until), Kind: given(kind), Client: given(company)}
			return list(a, limit, func(cursor *string, size *int) (*http.Response, error) {
				of.Cursor, of.Limit = cursor, size
				return a.api.ListChanges(ctx, &of)
			}, a.eventTable)
		},
	})
}

// A bundle is the events by which one command did the same to several things.
type bundle struct {
	client.Event
	on []string
	to map[string]bool // what changed, each once
}

// grouped puts events together that one command made of a kind: of one engagement and instant, by one person and for one reason.
func grouped(all []client.Event) []*bundle {
	var out []*bundle
	for _, e := range all {
		var of *bundle
		for i := len(out) - 1; i >= 0 && out[i].At.Equal(e.At) && out[i].Engagement == e.Engagement; i-- {
			if g := out[i]; g.Actor == e.Actor && g.For == e.For && g.Kind == e.Kind && g.Field == e.Field && g.Reason == e.Reason {
				of = g
				break
			}
		}
		if of == nil {
			of = &bundle{Event: e, to: map[string]bool{}}
			out = append(out, of)
		}
		of.on, of.to[change(e)] = append(of.on, e.Subject), true
	}
	return out
}

// subject says what a bundle is about: one thing, or how many and the first of them.
func (g *bundle) subject() string {
	const first = 3
	if len(g.on) == 1 {
		return g.Subject
	}
	more := ""
	if len(g.on) > first {
		more = ", …"
	}
	return fmt.Sprintf("%d: %s%s", len(g.on), strings.Join(g.on[:min(first, len(g.on))], ", "), more)
}

// change says what the events of a bundle changed, where it is the same in all of them.
func (g *bundle) change() string {
	if len(g.to) > 1 {
		return g.Field
	}
	return change(g.Event)
}

// eventTable prints events, what one command did to several things on one line; as CSV each by itself.
func (a *app) eventTable(all []client.Event) {
	var rows [][]string
	several := false
	add := func(e client.Event, on, what string) {
		who := firstOf(string(e.Actor), "tickmark")
		if e.For != "" {
			who += " for " + string(e.For)
		}
		several = several || e.Engagement != ""
		rows = append(rows, []string{instant(e.At), who, e.Kind, on, what, e.Reason, string(e.Engagement)})
	}
	if a.asCSV {
		for _, e := range all {
			add(e, e.Subject, change(e))
		}
	} else {
		for _, g := range grouped(all) {
			add(g.Event, g.subject(), g.change())
		}
	}
	header := []string{"WHEN (UTC)", "WHO", "WHAT", "ON", "CHANGE", "WHY", "ENGAGEMENT"}
	if !several {
		header = header[:len(header)-1]
		for i := range rows {
			rows[i] = rows[i][:len(header)]
		}
	}
	a.table(header, rows)
}
