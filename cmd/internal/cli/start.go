package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tickmark/api/client"
	"tickmark/models"
	"tickmark/models/engagement"
)

// A fromFile is what `engagement start -f` and `engagement draft -f` are told.
type fromFile struct {
	file    string
	kickoff models.Date
	today   bool // the kickoff is today
	update  bool
	check   bool
	begin   bool // not only draft it
	yes     bool // what is asked about is meant so
	reason  string
}

func (in *fromFile) flags(f *pflag.FlagSet) {
	f.StringVarP(&in.file, "file", "f", "", "engagement file; - is the standard input")
	f.Var(todayFlag{&in.kickoff, &in.today}, "kickoff", "`DATE` of the kickoff meeting, in place of the file's, or today: that of the server")
	f.BoolVar(&in.update, "update", false, "change what is there already and differs from the file")
}

// takeFile takes the first argument for the file where -f names none and it cannot be the id of an engagement, but a file: it is there, or
// is written like a path. It returns the other arguments.
func (in *fromFile) takeFile(args []string) []string {
	if in.file != "" || len(args) == 0 || models.CheckID("engagement", args[0]) == nil {
		return args
	}
	if _, err := os.Stat(args[0]); err != nil && args[0] != "-" && !strings.ContainsAny(args[0], "./\\") {
		return args
	}
	in.file = args[0]
	return args[1:]
}

func (a *app) engagementStart() *cobra.Command {
	in := fromFile{begin: true}
	return a.command(spec{
		use: "start ENGAGEMENT | [-f] FILE", short: "Start an engagement: its plan becomes the baseline",
		long: "Start a draft, or an engagement from a file. From a file, what is not there yet is created with it: the client, people,\n" +
			"who holds which function, the draft; all of it or, where anything is refused, nothing. Starting the same file again\n" +
			"changes nothing. With --check the server does the same and undoes it: all that is wrong with the file is said, with\n" +
			"lines, or what would be done, what to look at, and how many tasks each person gets.",
		example: "engagement start --check -f docs/examples/startup-type1.yaml\n" +
			"engagement start -f docs/examples/startup-type1.yaml --kickoff 2027-02-01\n" +
			"engagement start -f docs/examples/startup-type1.yaml --kickoff today\n" +
			"engagement start northgate-2027",
		flags: func(f *pflag.FlagSet) {
			in.flags(f)
			f.BoolVar(&in.yes, "yes", false, "dates in the past and a kickoff more than a year ahead are meant so")
			f.BoolVar(&in.check, "check", false, "say what would be done and what is wrong, and keep nothing")
			reasonVar(f, &in.reason)
			a.commandFlags(f)
		},
		args: func(cmd *cobra.Command, args []string) error {
			switch args = in.takeFile(args); {
			case in.file != "":
				return positional("start")(cmd, args)
			case len(args) == 0:
				return misused("start needs ENGAGEMENT or -f FILE")
			}
			return positional("start ENGAGEMENT")(cmd, args)
		},
		run: func(ctx context.Context, args []string) error {
			if in.file != "" && a.ifRevision != 0 {
				return misused("--if-revision belongs to start ENGAGEMENT: -f FILE looks at what is there itself")
			}
			if in.file != "" {
				return a.startFile(ctx, in)
			}
			if in.update || in.today || !in.kickoff.IsZero() {
				return misused("--kickoff and --update belong to -f FILE: a draft is changed by tickmark engagement edit")
			}
			id := models.EngagementID(args[0])
			if in.check {
				p, ans, err := decode[client.Plan](a.ask(a.api.GetPlan(ctx, id)))
				if err != nil {
					return err
				}
				return a.show(ans, func() { a.plan(fmt.Sprintf("%s (%s)", id, p.Type), p, false) })
			}
			return a.startDraft(ctx, id, in)
		},
	})
}

// startDraft starts a draft. Where the server asks whether its dates are meant so, it asks whoever sits there.
func (a *app) startDraft(ctx context.Context, id models.EngagementID, in fromFile) error {
	send := func(yes bool) error {
		note := client.StartNote{Reason: in.reason}
		if yes {
			for _, code := range doubts {
				note.Confirm = append(note.Confirm, client.Doubt(code))
			}
		}
		return a.doneSee(ctx, "engagement status "+string(id), "%s is running", id)(
			a.api.StartEngagement(ctx, id, (*client.StartEngagementParams)(a.stamp()), note))
	}
	err := send(in.yes)
	asks, ok := errors.AsType[*client.Problem](err)
	if !ok || asks.Field != "confirm" {
		return err
	}
	what, _, _ := strings.Cut(strings.TrimSuffix(asks.Detail, "."), ": if that is meant")
	if a.typed("yes", "%s.\nType yes to start it all the same: ", models.Upper(clean(what))) {
		return send(true)
	}
	return failed(exitFailed, "%s: it is not started. If that is meant, say --yes", clean(what))
}

func (a *app) engagementDraft() *cobra.Command {
	var in fromFile
	return a.command(spec{
		use: "draft [-f] FILE", short: "Draft an engagement from a file: a plan that nobody is reminded of",
		long:    "Draft an engagement from a file. What is not there yet is created, as by engagement start, but no time runs yet.",
		example: "engagement draft -f docs/examples/saas-type1-type2.yaml",
		args: func(cmd *cobra.Command, args []string) error {
			switch args = in.takeFile(args); {
			case in.file != "":
				return positional("draft")(cmd, args)
			case len(args) > 0:
				return misused("draft needs -f FILE: %q is no file", args[0])
			}
			return misused("draft needs -f FILE")
		},
		flags: func(f *pflag.FlagSet) { in.flags(f); a.writeFlags(f) },
		run:   func(ctx context.Context, _ []string) error { return a.startFile(ctx, in) },
	})
}

// startFile carries an engagement file out, or with check tells what that would mean: one request, of which all is done or nothing. What
// is wrong with a file by itself is told together with what the server says of the rest.
func (a *app) startFile(ctx context.Context, in fromFile) error {
	f, err := a.readFile(in.file)
	if f == nil {
		return err
	}
	if !in.kickoff.IsZero() {
		f.Engagement.Kickoff = in.kickoff
	}
	if in.today {
		day, err := a.today(ctx)
		if err != nil {
			return err
		}
		f.Engagement.Kickoff = day
	}
	if err != nil {
		return a.wrongFile(ctx, f, err)
	}
	r, ans, err := decode[client.StartResult](a.sendFile(ctx, f.request(in)))
	if what := doubted(err); what != "" && in.file != "-" && a.typed("yes", "%s.\nType yes to start it all the same: ", what) {
		in.yes = true
		r, ans, err = decode[client.StartResult](a.sendFile(ctx, f.request(in)))
	}
	if err != nil {
		return f.refused(err)
	}
	if len(r.Faults) > 0 {
		return f.wrong(r.Faults)
	}
	return a.show(ans, func() {
		if in.check {
			a.wouldStart(f, r)
		} else {
			a.started(r)
		}
	})
}

// doubted returns what the server asks about, where that is all that is in the way; else nothing.
func doubted(err error) string {
	p, ok := errors.AsType[*client.Problem](err)
	if !ok {
		return ""
	}
	all := p.Errors
	if len(all) == 0 {
		all = []client.FieldError{{Field: p.Field, Detail: p.Detail}}
	}
	var what []string
	for _, fault := range all {
		if fault.Field != "confirm" {
			return ""
		}
		text, _, _ := strings.Cut(strings.TrimSuffix(fault.Detail, "."), ": if that is meant")
		what = append(what, models.Upper(clean(text)))
	}
	return strings.Join(what, ".\n")
}

func (a *app) sendFile(ctx context.Context, body client.StartRequest) (answer, error) {
	return a.ask(a.api.StartFromFile(ctx, &client.StartFromFileParams{IdempotencyKey: a.once()}, body))
}

// wrongFile tells what is wrong with a file, and what the server says of the rest of it, where so much of it can be read.
func (a *app) wrongFile(ctx context.Context, f *engagementFile, local error) error {
	body, ok := f.sendable()
	if !ok {
		return local
	}
	r, _, err := decode[client.StartResult](a.sendFile(ctx, body))
	if err != nil {
		return local // the file must be mended first, whatever the server has to say
	}
	said := local.Error()
	faults := slices.DeleteFunc(r.Faults, func(fault client.FieldError) bool {
		path := f.path(fault.Field)
		if function, _, of := strings.Cut(strings.TrimPrefix(path, "functions."), "."); of && strings.HasPrefix(path, "functions.") {
			path = "functions." + function
		}
		return strings.Contains(said, path) || fault.Field == "confirm"
	})
	if len(faults) == 0 {
		return local
	}
	return failed(exitUsage, "%s\n%w", said, f.wrong(faults))
}

// started says what has been done.
func (a *app) started(r client.StartResult) {
	for _, s := range r.Steps {
		a.say("", "%-8s %s", pastOf[s.Verb], s.What)
	}
	if len(r.Differs) > 0 && len(r.Steps) == 0 {
		fmt.Fprintf(a.err, "The file differs from what is there:%s\n", differences(r.Differs))
	}
	e := r.Engagement
	a.say("", "%s", standsAs(r))
	if e.Status == engagement.StatusDraft {
		a.hint("engagement start %s", e.ID)
	} else {
		a.hint("engagement status %s", e.ID)
	}
}

var pastOf = map[string]string{"create": "created", "change": "changed", "set": "set", "draft": "drafted", "start": "started"}

// differences tells, a line each, how a file differs from what is there.
func differences(all []client.StartDifference) string {
	var b strings.Builder
	for _, d := range all {
		fmt.Fprintf(&b, "\n  %s: %s is %s, and %s in the file", clean(d.What), d.Field[strings.LastIndexByte(d.Field, '.')+1:], quoted(d.There),
			quoted(d.Wants))
		if d.Field == "engagement.predecessor" {
			b.WriteString(" (it stays)")
		} else if d.Field == "engagement.kickoff" && d.Decided {
			b.WriteString(" (engagement edit --kickoff moves it until the first task is done, then a decision)")
		} else if d.Decided {
			b.WriteString(" (only a decision changes it)")
		} else {
			b.WriteString(" (--update changes it)")
		}
	}
	return b.String()
}

func quoted(s string) string {
	if s == "" {
		return "not set"
	}
	return strconv.Quote(s)
}

// standsAs says how the engagement stands, and whether it stood so before.
func standsAs(r client.StartResult) string {
	e := r.Engagement
	was, draft := r.Was != "" && r.Was != engagement.StatusDraft, e.Status == engagement.StatusDraft
	switch {
	case was && e.Status == engagement.StatusPaused:
		return fmt.Sprintf("%s is already started, and %s", e.ID, engagement.PausedSince(e.PausedOn, e.PausedUntil))
	case was:
		return fmt.Sprintf("%s is already %s; the report is promised for %s", e.ID, e.Status, e.TargetReport)
	case draft && r.Was != "" && len(r.Steps) == 0:
		return fmt.Sprintf("%s is already drafted: no time runs until it is started", e.ID)
	case draft:
		return fmt.Sprintf("%s is a draft: no time runs until it is started", e.ID)
	}
	return fmt.Sprintf("%s is running; the report is promised for %s", e.ID, e.TargetReport)
}

// wouldStart prints the plan of a file, what to look at, who gets how many tasks, and what would be done to start it.
func (a *app) wouldStart(f *engagementFile, r client.StartResult) {
	e, p := f.Engagement, r.Plan
	p.Warnings = r.Warnings
	a.plan(fmt.Sprintf("%s (%s)", firstOf(e.Name, string(e.ID)), p.Type), p, false)
	if len(r.People) > 0 {
		fmt.Fprintln(a.out)
		rows := [][]string{{"TASKS", "OF", "NAME"}}
		for _, load := range r.People {
			rows = append(rows, []string{fmt.Sprintf("%5d", load.Tasks), firstOf(string(load.Person), "nobody"), f.nameOf(load.Person)})
		}
		a.indented("", rows)
	}
	fmt.Fprintln(a.out)
	switch {
	case r.Was != "" && r.Was != engagement.StatusDraft:
		a.say("", "%s is already %s: nothing is left to be started", e.ID, r.Was)
	default:
		a.say("", "To start it, Tickmark will")
		for _, line := range inShort(r.Steps) {
			a.say("  - ", "%s", line)
		}
	}
	if slices.ContainsFunc(r.Warnings, func(w client.PlanWarning) bool { return slices.Contains(doubts, w.Code) }) {
		a.say("", "It asks whether dates in the past or far ahead are meant so: --yes says that they are.")
	}
	if len(r.Differs) > 0 {
		fmt.Fprintf(a.out, "\nNot as the file says:%s\n", differences(r.Differs))
	}
}

// doubts are the codes of warnings that are asked about before a start.
var doubts = []string{"kickoff_past", "kickoff_far", "as_of_past", "report_past"}

// inShort tells the steps in a few lines: what is done to several things of a kind is told once.
func inShort(steps []client.StartStep) []string {
	var lines []string
	for i := 0; i < len(steps); {
		first, _ := split(steps[i])
		var all []string
		for ; i < len(steps); i++ {
			kind, rest := split(steps[i])
			if kind != first {
				break
			}
			all = append(all, rest)
		}
		if len(all) == 1 {
			lines = append(lines, first+" "+all[0])
			continue
		}
		verb, kind, _ := strings.Cut(first, " ")
		kind = strings.NewReplacer("person", "people", "function", "functions").Replace(kind)
		lines = append(lines, fmt.Sprintf("%s %d %s: %s", verb, len(all), kind, strings.Join(all, "; ")))
	}
	return lines
}

// split returns the verb and kind of a step, and what it is done to.
func split(s client.StartStep) (kind, rest string) {
	kind, rest, _ = strings.Cut(s.What, " ")
	return s.Verb + " " + kind, rest
}
