// Package cli is the command line of Tickmark: it asks a server, and shows the answer to people or, with --json, to
// programs.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tickmark/api/client"
	"tickmark/models"
)

// The exit codes.
const (
	exitFailed      = 1 // refused, or it went wrong
	exitUsage       = 2 // the command line or the file it names is wrong: nothing was sent
	exitUnavailable = 3 // nobody answered: the same may be sent again
)

// A failure is an error that leads to an exit code of its own.
type failure struct {
	code int
	err  error
	help bool // the command's help says what would be right
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// failed returns an error for people with an exit code.
func failed(code int, format string, args ...any) error {
	return &failure{code: code, err: fmt.Errorf(format, args...)}
}

// misused returns an error about how the command was written.
func misused(format string, args ...any) error {
	return &failure{exitUsage, fmt.Errorf(format, args...), true}
}

// An app is one invocation of the command line.
type app struct {
	stdin    io.Reader
	out, err io.Writer
	getenv   func(string) string

	sleep  func(context.Context, time.Duration) error // between tries
	newKey func() string                              // of a write that was given none

	// What flags and environment say.
	url, tokenFile  string
	asJSON, verbose bool
	asCSV           bool
	key             string
	ifRevision      int64

	flags *pflag.FlagSet // of the command that runs

	api       *client.Caller
	tokenSent string // who asks
	tokenFrom string // the variable or file that holds it

	sent string // the key of a write that is under way
}

func newApp(stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) *app {
	return &app{stdin: stdin, out: stdout, err: stderr, getenv: getenv, sleep: sleep, newKey: client.NewKey}
}

// New returns the command tickmark with everything that talks to a server.
func New(stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) *cobra.Command {
	return newApp(stdin, stdout, stderr, getenv).root()
}

func (a *app) root() *cobra.Command {
	root := group("tickmark", "Tickmark carries SOC audits from kickoff to the issued report",
		a.engagementCommands(), a.taskCommands(), a.phaseCommands(), a.gateCommands(), a.decisionCommands(), a.firmCommands(),
		a.countryCommands(),
		a.clientCommands(),
		a.personCommands(), a.absenceCommands(), a.messageCommands(), a.messagingCommands(), a.slackCommands(), a.tokenCommands(),
		a.planCommand(), a.todayCommand(), a.weekCommand(), a.changesCommand(), a.whoamiCommand())
	root.Long = root.Short + ".\n\n" +
		"TICKMARK_URL names the server (" + defaultURL + " when unset), TICKMARK_TOKEN or TICKMARK_TOKEN_FILE who you are.\n" +
		"Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 the server is not available."
	a.commonFlags(root.PersistentFlags())
	for _, c := range root.Commands() {
		c.Annotations = map[string]string{onServer: "yes"}
	}
	root.PersistentPreRunE = onlyToServers
	root.AddCommand(a.versionCommand())
	root.Version = buildVersion(debug.ReadBuildInfo())
	root.SetVersionTemplate("tickmark {{.Version}}\n")
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetIn(a.stdin)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return misused("%w", err) })
	return root
}

// onServer marks commands that talk to a server, with those below them.
const onServer = "talks to a server"

// talks reports whether a command talks to a server. What only holds others and prints help does as the commands in it.
func talks(cmd *cobra.Command) bool {
	for c := cmd; c != nil; c = c.Parent() {
		if c.Annotations[onServer] != "" {
			return true
		}
	}
	return !cmd.HasParent()
}

// onlyToServers refuses the flags of commands that talk to a server where the command that runs does not.
func onlyToServers(cmd *cobra.Command, _ []string) (err error) {
	if talks(cmd) {
		return nil
	}
	cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) {
		if f.Changed && err == nil {
			err = misused("%s talks to no server, and has no flag --%s", cmd.Name(), f.Name)
		}
	})
	return err
}

// Misused returns an error as one about how the command was written, which has an exit code of its own. What is nil stays nil.
func Misused(err error) error {
	if _, is := errors.AsType[*failure](err); err == nil || is {
		return err
	}
	return misused("%w", err)
}

// finish makes what commands say of their arguments an error about how they were written, whoever checks the arguments, and takes the
// flags of commands that talk to a server out of the help of those that do not.
func finish(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(cmd *cobra.Command, args []string) error { return Misused(check(cmd, args)) }
	}
	if !talks(c) {
		before, rest, _ := strings.Cut(c.UsageTemplate(), "{{if .HasAvailableInheritedFlags}}")
		_, after, _ := strings.Cut(rest, "{{end}}")
		c.SetUsageTemplate(before + after)
	}
	for _, below := range c.Commands() {
		finish(below)
	}
}

// commonFlags are those of every command that talks to a server.
func (a *app) commonFlags(f *pflag.FlagSet) {
	f.StringVar(&a.url, "url", "", "server to ask (default $TICKMARK_URL or "+defaultURL+")")
	f.StringVar(&a.tokenFile, "token-file", "", "file with the token (default $TICKMARK_TOKEN, or the file $TICKMARK_TOKEN_FILE)")
	f.BoolVar(&a.asJSON, "json", false, "print the server's answer as it came")
	f.BoolVarP(&a.verbose, "verbose", "v", false, "say on stderr what is sent, with the Idempotency-Key")
}

// Run carries a command line out and returns its exit code; what went wrong it has said on stderr, in one sentence.
func Run(ctx context.Context, root *cobra.Command, args []string) int {
	root.SetArgs(args)
	finish(root)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	text := strings.Split(err.Error(), "\n")
	for i, line := range text {
		text[i] = clean(line)
	}
	if first := "tickmark: " + text[0]; len([]rune(first)) > 5*width { // a list: nobody copies a command line out of it
		text[0] = strings.TrimPrefix(wrap("tickmark: ", text[0]), "tickmark: ")
	}
	fmt.Fprintf(root.ErrOrStderr(), "tickmark: %s\n", strings.Join(text, "\n"))
	f, ok := errors.AsType[*failure](err)
	switch {
	case !ok && models.CodeOf(err) == models.Unavailable:
		return exitUnavailable
	case !ok:
		return exitFailed
	}
	if f.help {
		fmt.Fprintf(root.ErrOrStderr(), "See: %s --help\n", cmd.CommandPath())
	}
	return f.code
}

// A spec is a command: how it is written, what it needs and what it does.
type spec struct {
	use     string // name and arguments, as in: move ENGAGEMENT TASK DATE
	short   string
	long    string
	example string   // command lines without the program's name
	need    []string // flags that must be given
	flags   func(*pflag.FlagSet)
	args    cobra.PositionalArgs // when the use line does not say it
	run     func(ctx context.Context, args []string) error
}

// command makes a command of its spec. It opens the connection before the command runs.
func (a *app) command(s spec) *cobra.Command {
	c := &cobra.Command{Use: s.use, Short: s.short, Long: s.long, Args: positional(s.use), DisableFlagsInUseLine: true}
	for line := range strings.Lines(s.example) {
		if !strings.HasPrefix(line, "export ") {
			line = "tickmark " + line
		}
		c.Example += "  " + line
	}
	if s.args != nil {
		c.Args = s.args
	}
	if s.flags != nil {
		s.flags(c.Flags())
	}
	c.RunE = func(cmd *cobra.Command, args []string) error {
		for _, name := range s.need {
			if !cmd.Flags().Changed(name) {
				_, usage := pflag.UnquoteUsage(cmd.Flags().Lookup(name))
				return misused("%s needs --%s: %s", cmd.Name(), name, usage)
			}
		}
		a.flags = cmd.Flags()
		if err := a.open(); err != nil {
			return err
		}
		if a.asJSON && a.asCSV {
			return misused("--json and --csv are two ways to print one list: choose one")
		}
		return a.didYouMean(cmd.Context(), args, s.run(cmd.Context(), args))
	}
	return c
}

// writeFlags are those of commands that change something.
func (a *app) writeFlags(f *pflag.FlagSet) {
	f.StringVar(&a.key, "key", "", "Idempotency-Key: the same key has one effect (default: a random one)")
}

// commandFlags are those of commands on an engagement, and of other writes that may name a revision.
func (a *app) commandFlags(f *pflag.FlagSet) {
	a.writeFlags(f)
	f.Int64Var(&a.ifRevision, "if-revision", 0, "refuse when the record has moved on from this revision")
}

// group returns a command that only holds others.
func group(name, short string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: name, Short: short}
	c.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		hint := ""
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			hint = fmt.Sprintf(": did you mean %s?", strings.Join(near, " or "))
		}
		return misused("%s has no command %q%s", cmd.Name(), args[0], hint)
	}
	c.SuggestionsMinimumDistance = 2
	c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	c.AddCommand(commands...)
	return c
}

var word = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:~-]{0,119}$`)

// positional returns the check of the arguments that a use line names: how many, and what each is.
func positional(use string) cobra.PositionalArgs {
	var names []string
	more := false
	for _, name := range strings.Fields(use)[1:] {
		if strings.HasPrefix(name, "-") || strings.HasPrefix(name, "[") {
			break
		}
		names = append(names, strings.TrimSuffix(name, "..."))
		more = strings.HasSuffix(name, "...")
	}
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return misused("%s needs %s", cmd.Name(), strings.Join(names[len(args):], " and "))
		case len(args) > len(names) && !more:
			return misused("%s has an argument too many: %q", cmd.Name(), args[len(names)])
		}
		for i, arg := range args {
			if err := checkArgument(names[min(i, len(names)-1)], arg); err != nil {
				return misused("%w", err)
			}
		}
		return nil
	}
}

// checkArgument refuses an argument that cannot be what its name in the use line says.
func checkArgument(name, arg string) error {
	switch name {
	case "ENGAGEMENT", "CLIENT", "PERSON", "WORKSPACE":
		return models.CheckID(strings.ToLower(name), arg)
	case "DATE":
		_, err := models.ParseDate(arg)
		return err
	case "NAME", "TEXT":
		if strings.TrimSpace(arg) == "" {
			return fmt.Errorf("%s is empty", name)
		}
	default:
		if !word.MatchString(arg) {
			return fmt.Errorf("%q is not the id of %s", arg, withArticle(strings.ToLower(name)))
		}
	}
	return nil
}
