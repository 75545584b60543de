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

// A fromFile is what `engagement start -f` and `engagement draft -f` are told.
type fromFile struct {
	file    string
	kickoff models.Date
	update  bool
	check   bool
	begin   bool // not only draft it
	reason  string
}

func (in *fromFile) flags(f *pflag.FlagSet) {
	f.StringVarP(&in.file, "file", "f", "", "engagement file; - is the standard input")
	dateVar(f, &in.kickoff, "kickoff", "of the kickoff meeting, in place of the file's")
	f.BoolVar(&in.update, "update", false, "change what is there already and differs from the file")
}

func (a *app) engagementStart() *cobra.Command {
	in := fromFile{begin: true}
	return a.command(spec{
		use: "start ENGAGEMENT | -f FILE", short: "Start an engagement: its plan becomes the baseline",
		long: "Start a draft, or an engagement from a file. From a file, what is not there yet is created first: the client, people,\n" +
			"who holds which function, the draft. Starting the same file again changes nothing, and goes on where it stopped when\n" +
			"it was interrupted. With --check the plan is printed and nothing is created or started.",
		example: "engagement start --check -f docs/examples/startup-type1.yaml\n" +
			"engagement start -f docs/examples/startup-type1.yaml --kickoff 2027-02-01\n" +
			"engagement start northgate-2027",
		flags: func(f *pflag.FlagSet) {
			in.flags(f)
			f.BoolVar(&in.check, "check", false, "print the plan and start nothing")
			reasonVar(f, &in.reason)
			a.commandFlags(f)
		},
		args: func(cmd *cobra.Command, args []string) error {
			if in.file == "" {
				if len(args) == 0 {
					return misused("start needs ENGAGEMENT or -f FILE")
				}
				return positional("start ENGAGEMENT")(cmd, args)
			}
			return positional("start")(cmd, args)
		},
		run: func(ctx context.Context, args []string) error {
			if in.file != "" && a.ifRevision != 0 {
				return misused("--if-revision belongs to start ENGAGEMENT: -f FILE looks at what is there itself")
			}
			if in.file != "" {
				return a.startFile(ctx, in)
			}
			if in.update || !in.kickoff.IsZero() {
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
			return a.doneSee(ctx, "engagement status "+args[0], "%s is running", id)(
				a.api.StartEngagement(ctx, id, (*client.StartEngagementParams)(a.stamp()), client.Note{Reason: in.reason}))
		},
	})
}

func (a *app) engagementDraft() *cobra.Command {
	var in fromFile
	return a.command(spec{
		use: "draft -f FILE", short: "Draft an engagement from a file: a plan that nobody is reminded of",
		long:    "Draft an engagement from a file. What is not there yet is created, as by engagement start, but no time runs yet.",
		example: "engagement draft -f docs/examples/saas-type1-type2.yaml",
		need:    []string{"file"},
		flags:   func(f *pflag.FlagSet) { in.flags(f); a.writeFlags(f) },
		run:     func(ctx context.Context, _ []string) error { return a.startFile(ctx, in) },
	})
}

// startFile carries an engagement file out, or with check tells what that would mean.
func (a *app) startFile(ctx context.Context, in fromFile) error {
	f, err := a.readFile(in.file)
	if err != nil {
		return err
	}
	if !in.kickoff.IsZero() {
		f.Engagement.Kickoff = in.kickoff
	}
	s := newStart(a, f, in)
	if err := s.survey(ctx); err != nil {
		return err
	}
	if in.check {
		return s.printPlan(ctx)
	}
	if err := s.checkEnded(); err != nil {
		return err
	}
	if err := s.checkDiffers(); err != nil {
		return err
	}
	if err := s.carryOut(ctx); err != nil {
		return err
	}
	return s.conclude(ctx)
}

// checkDiffers refuses a file that differs from what is there, unless that is to be changed. Of an engagement that has been started it
// only says so.
func (s *start) checkDiffers() error {
	if len(s.differs) == 0 || s.in.update {
		return nil
	}
	if !s.live() {
		return failed(exitFailed, "what is there differs from the file, and nothing was changed (--update changes it):%s", s.differences())
	}
	fmt.Fprintf(s.err, "The file differs from what is there (--update changes it):%s\n", s.differences())
	return nil
}

// carryOut takes the steps that are wanted. After one that fails the same command goes on where this one stopped. What cannot be planned
// is not begun.
func (s *start) carryOut(ctx context.Context) error {
	if s.there == nil || s.there.Status == engagement.StatusDraft {
		if _, _, err := s.makePlan(ctx); err != nil {
			return err
		}
	}
	s.resumes = true
	for _, step := range s.wanted() {
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
		s.progress("%-8s %s", step.past, step.what)
	}
	s.resumes = false
	return nil
}

// progress says what has been done, unless a program listens.
func (s *start) progress(format string, args ...any) {
	if !s.asJSON {
		s.say("", format, args...)
	}
}

// conclude shows the engagement as it is now.
func (s *start) conclude(ctx context.Context) error {
	e, ans, err := decode[client.Engagement](s.ask(s.api.GetEngagement(ctx, s.file.Engagement.ID)))
	if err != nil {
		return err
	}
	return s.show(ans, func() {
		s.say("", "%s", s.standing(e))
		if e.Status == engagement.StatusDraft {
			s.hint("engagement start %s", e.ID)
		} else {
			s.hint("engagement status %s", e.ID)
		}
	})
}

// standing says how the engagement stands, and whether it stood so before.
func (s *start) standing(e client.Engagement) string {
	was, draft := s.there != nil && s.there.Status != engagement.StatusDraft, e.Status == engagement.StatusDraft
	switch {
	case was && e.Status == engagement.StatusPaused:
		return fmt.Sprintf("%s is already started, and paused since %s", e.ID, e.PausedOn)
	case was:
		return fmt.Sprintf("%s is already %s; the report is promised for %s", e.ID, e.Status, e.TargetReport)
	case draft && s.there != nil && len(s.steps) == 0:
		return fmt.Sprintf("%s is already drafted: no time runs until it is started", e.ID)
	case draft:
		return fmt.Sprintf("%s is a draft: no time runs until it is started", e.ID)
	}
	return fmt.Sprintf("%s is running; the report is promised for %s", e.ID, e.TargetReport)
}

// wanted returns the steps that are to be taken: those that change what is there only when that was asked for.
func (s *start) wanted() []step {
	return slices.DeleteFunc(slices.Clone(s.steps), func(x step) bool { return x.update && !s.in.update })
}

// summary tells the steps in a few lines: what is done to several things of a kind is told once.
func (s *start) summary() []string {
	var lines []string
	steps := s.wanted()
	for i := 0; i < len(steps); {
		first, _ := steps[i].split()
		var all []string
		for ; i < len(steps); i++ {
			kind, rest := steps[i].split()
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
func (s step) split() (kind, rest string) {
	kind, rest, _ = strings.Cut(s.what, " ")
	return s.verb + " " + kind, rest
}

// makePlan asks for the plan of the file. Of a client that is there as the file says, all counts that is known of it.
func (s *start) makePlan(ctx context.Context) (client.Plan, answer, error) {
	in := s.file.request()
	if s.client != nil && !s.clientDiffers {
		in.Client, in.Headcount, in.Country, in.ClosedDays, in.OpenDays = s.client.ID, 0, "", nil, nil
	}
	return decode[client.Plan](s.ask(s.api.MakePlan(ctx, in)))
}

// printPlan prints the plan of the file, what would be done to start it, and what is in the way.
func (s *start) printPlan(ctx context.Context) error {
	p, ans, err := s.makePlan(ctx)
	if err != nil {
		return err
	}
	return s.show(ans, func() {
		e := s.file.Engagement
		s.plan(fmt.Sprintf("%s (%s)", firstOf(e.Name, string(e.ID)), p.Type), p, false)
		if len(s.file.Client.Weekend) > 0 && (s.client == nil || s.clientDiffers) {
			s.say("  - ", "the plan takes Saturday and Sunday off: the file's weekend counts once the client is there")
		}
		if s.there != nil && s.there.Status != engagement.StatusDraft {
			fmt.Fprintln(s.out)
			s.say("", "%s is already %s: nothing is left to be started", e.ID, s.there.Status)
			return
		}
		fmt.Fprintf(s.out, "\nTo start it, Tickmark will\n")
		for _, line := range s.summary() {
			s.say("  - ", "%s", line)
		}
		if len(s.differs) > 0 && !s.in.update {
			fmt.Fprintf(s.out, "\nNot as the file says, and changed only with --update:%s\n", s.differences())
		}
	})
}
