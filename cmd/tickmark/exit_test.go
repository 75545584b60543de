package main

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tickmark/cmd/internal/cli"
)

// program returns the whole program, whose commands are those of main.
func program(out, said io.Writer, environment map[string]string) *cobra.Command {
	root := cli.New(strings.NewReader(""), out, said, func(name string) string { return environment[name] })
	root.AddCommand(serverCommands()...)
	return root
}

// A script tells by the exit code what is to be done: 2 says that the command line is wrong, whichever command it is of and whoever
// checks it, 1 that it was refused, 3 that nobody answers. What would go on, as serve does, ends at once: it has run out of time.
func TestExitCodesAreThoseOfThePage(t *testing.T) {
	t.Setenv("TICKMARK_DATABASE", "sqlite:"+filepath.Join(t.TempDir(), "tickmark.sqlite"))
	t.Setenv("TICKMARK_TEMPORAL", "127.0.0.1:1")
	environment := map[string]string{"TICKMARK_URL": "http://127.0.0.1:1", "TICKMARK_TOKEN": "tm_x"}
	for _, tt := range []struct {
		line string
		want int
	}{
		{"version", 0}, {"migrate", 0}, {"help serve", 0}, {"serve --help", 0},
		{"nonsense", 2}, {"serve now", 2}, {"worker --nonsense", 2}, {"migrate up", 2}, {"version 1", 2}, {"setup --id acme", 2},
		{"setup --firm Acme", 2}, {"setup --id acme --firm Acme --expires never", 2}, {"setup --temporal --retention never", 2},
		{"setup --id acme --firm Acme --time-zone Mars/Olympus", 2}, {"task move", 2}, {"whoami me", 2}, {"engagement nonsense", 2},
		{"--nonsense whoami", 2}, {"migrate --json", 2}, {"--json migrate", 2}, {"--url http://127.0.0.1:1 setup --id acme", 2},
		{"--json version now", 2},
		{"setup --id nobody --new-token", 1},
		{"setup --temporal", 3}, {"whoami", 3},
	} {
		t.Run(tt.line, func(t *testing.T) {
			ctx, end := context.WithCancel(t.Context())
			defer end()
			var out, said bytes.Buffer
			if got := cli.Run(ctx, program(&out, &said, environment), strings.Fields(tt.line)); got != tt.want {
				t.Errorf("exits with %d, want %d: %s", got, tt.want, &said)
			}
			if tt.want != 0 && !strings.HasPrefix(said.String(), "tickmark: ") {
				t.Errorf("it says %q", said.String())
			}
		})
	}
	t.Setenv("TICKMARK_DATABASE", "postgres://tickmark_app:x@127.0.0.1:1/tickmark?sslmode=disable")
	for _, line := range []string{"migrate", "setup --id acme --firm Acme"} {
		var said bytes.Buffer
		if got := cli.Run(t.Context(), program(io.Discard, &said, environment), strings.Fields(line)); got != 3 ||
			!strings.Contains(said.String(), "(nobody listens, or there is no such host)") {
			t.Errorf("%s, and no database answers: exits with %d, %s", line, got, &said)
		}
	}
}

// Flags of all commands that talk to a server stand before or after the command, whichever it is, and mean the same. A command that talks
// to none refuses them in both places, shows none of them in its help, and does nothing. No command is carried out here.
func TestFlagsOfAllCommandsStandAnywhere(t *testing.T) {
	alone := []string{"serve", "worker", "migrate", "setup", "version"}
	var paths [][]string
	walk(program(io.Discard, io.Discard, nil), func(c *cobra.Command) {
		if !c.HasSubCommands() {
			paths = append(paths, strings.Fields(c.CommandPath())[1:])
		}
	})
	var flags []*pflag.Flag
	program(io.Discard, io.Discard, nil).PersistentFlags().VisitAll(func(f *pflag.Flag) { flags = append(flags, f) })
	if len(paths) < 60 || len(flags) < 4 {
		t.Fatalf("%d commands and %d flags", len(paths), len(flags))
	}
	for _, path := range paths {
		for _, f := range flags {
			flag := map[bool]string{true: "--" + f.Name, false: "--" + f.Name + "=x"}[f.Value.Type() == "bool"]
			for _, line := range [][]string{append([]string{flag}, path...), append(slices.Clone(path), flag)} {
				code, ran := carried(t, line, f.Name)
				want := 0
				if slices.Contains(alone, path[0]) {
					want = 2
				}
				if code != want || ran != (want == 0) {
					t.Errorf("tickmark %s: exits with %d, want %d, and runs: %v", strings.Join(line, " "), code, want, ran)
				}
			}
		}
	}
	for _, name := range alone {
		var out bytes.Buffer
		code := cli.Run(t.Context(), program(&out, &out, nil), []string{name, "--help"})
		if code != 0 || strings.Contains(out.String(), "--token-file") || !strings.Contains(out.String(), "Usage:") {
			t.Errorf("%s --help: %d %s", name, code, &out)
		}
	}
}

// walk calls see for a command and all below it.
func walk(c *cobra.Command, see func(*cobra.Command)) {
	see(c)
	for _, below := range c.Commands() {
		walk(below, see)
	}
}

// carried returns the exit code of a command line of the program whose commands do nothing, and whether a command was reached with the
// flag.
func carried(t *testing.T, line []string, flag string) (code int, ran bool) {
	t.Helper()
	root := program(io.Discard, io.Discard, nil)
	walk(root, func(c *cobra.Command) {
		c.Args = cobra.ArbitraryArgs
		c.RunE = func(cmd *cobra.Command, _ []string) error {
			f := cmd.Flags().Lookup(flag)
			ran = f != nil && f.Changed && c.HasParent()
			return nil
		}
	})
	return cli.Run(t.Context(), root, line), ran
}
