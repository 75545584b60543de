package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A newcomer types `make run` and is told at once what goes on, then how far it is, and what went wrong when it does; later nothing is said
// but that. A Go of our own stands in for the real one: what it says is what Go says.
func TestABuildSaysHowFarItIs(t *testing.T) {
	script, err := os.ReadFile("../../.ci/build")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		built bool   // there are programs already
		says  string // what Go does: shell
		code  int
		want  string
	}{
		{"the first time", false,
			`seq 3 | sed 's|.*|go: downloading example.com/m& v1.0.&|'; seq 250 | sed 's|^|example.com/p|'`,
			0, "  100 of 300 packages compiled\n  200 of 300 packages compiled\n"},
		{"nothing to do", true, ":", 0, ""},
		{"a change", true, `echo tickmark/models; echo tickmark/cmd/tickmark`, 0, ""},
		{"a mistake", true, `echo tickmark/models; echo "# tickmark/api"; echo "api/api.go:7:2: undefined: x"; exit 1`, 1,
			"# tickmark/api\napi/api.go:7:2: undefined: x\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			write := func(path, text string) {
				t.Helper()
				path = filepath.Join(dir, path)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o755)); err != nil {
					t.Fatal(err)
				}
			}
			write(".ci/build", string(script))
			write("path/go", "#!/bin/sh\ncase $1 in\nlist) seq 300 ;;\nbuild)\n"+c.says+"\n;;\nesac\n")
			if c.built {
				write("bin/tickmark-solo", "#!/bin/sh\n")
			}
			cmd := exec.CommandContext(t.Context(), filepath.Join(dir, ".ci/build"))
			cmd.Env = append(os.Environ(), "PATH="+filepath.Join(dir, "path")+string(os.PathListSeparator)+os.Getenv("PATH"))
			out, err := cmd.CombinedOutput()
			if exit, _ := errors.AsType[*exec.ExitError](err); err != nil && exit == nil {
				t.Fatal(err)
			}
			if code := cmd.ProcessState.ExitCode(); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			said := string(out)
			if !c.built {
				first, rest, _ := strings.Cut(said, "seconds.\n")
				if !strings.HasPrefix(first, "Building bin/tickmark and bin/tickmark-solo.") {
					t.Errorf("it begins with %q", first)
				}
				said = rest
			}
			if said != c.want {
				t.Errorf("it says %q, want %q", said, c.want)
			}
		})
	}
}
