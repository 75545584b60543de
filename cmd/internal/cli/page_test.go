package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tickmark/models/catalog/files"
	"tickmark/models/modelstest/pages"
)

const writeThePage = "go test ./cmd/internal/cli -run ThePage"

// tree returns all of the command line's commands that do something, in order.
func tree() (root *cobra.Command, all []*cobra.Command) {
	root = New(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}, func(string) string { return "" })
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if !c.HasSubCommands() {
			all = append(all, c)
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
	return root, all
}

// docs/cli.md has every command with what it is for, its arguments and its flags.
func TestThePageHasEveryCommand(t *testing.T) {
	root, all := tree()
	var b strings.Builder
	b.WriteString(pages.Head("command", "what for", "flags"))
	for _, c := range all {
		if c.Short == "" {
			t.Errorf("%s does not say what it is for", c.CommandPath())
		}
		line := "`" + strings.TrimPrefix(c.UseLine(), "tickmark ") + "`"
		b.WriteString(pages.Row(line, c.Short, strings.Join(flagsOf(c.LocalNonPersistentFlags()), " ")))
	}
	pages.Part(t, "../../../docs/cli.md", "commands", writeThePage, b.String())

	b.Reset()
	b.WriteString(pages.Head("flag", "what it does"))
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) { b.WriteString(pages.Row("`--"+f.Name+"`", f.Usage)) })
	pages.Part(t, "../../../docs/cli.md", "flags", writeThePage, b.String())
}

// docs/cli.md has the types of engagement and the add-ons that the catalog knows.
func TestThePageHasTheTypesOfEngagement(t *testing.T) {
	c, err := files.Load()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(pages.Head("type", "what it is", "add-ons"))
	for _, x := range c.Types {
		var addons []string
		for _, a := range c.Addons {
			if !slices.ContainsFunc(a.Requires, func(flag string) bool { return !slices.Contains(x.Flags, flag) }) {
				addons = append(addons, "`"+a.ID+"`: "+a.Name)
			}
		}
		b.WriteString(pages.Row("`"+x.ID+"`", x.Name, strings.Join(addons, ", ")))
	}
	pages.Part(t, "../../../docs/cli.md", "types", writeThePage, b.String())
}

func flagsOf(set *pflag.FlagSet) (out []string) {
	set.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && f.Name != "help" {
			out = append(out, "`--"+f.Name+"`")
		}
	})
	return out
}

// server are the commands of the same program that talk to no server: package main has them.
var server = []string{"serve", "worker", "migrate", "setup"}

// Whatever our documents say to type is there: the command, and each of its flags.
func TestOurDocumentsNameCommandsThatExist(t *testing.T) {
	documents, err := filepath.Glob("../../../docs/*.md")
	if err != nil || len(documents) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	root, _ := tree()
	lines := 0
	for _, path := range append(documents, "../../../README.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range typed(string(text)) {
			lines++
			if err := checkTyped(root, line); err != "" {
				t.Errorf("%s: %q: %s", filepath.Base(path), line, err)
			}
		}
	}
	if lines < 40 {
		t.Errorf("only %d command lines were found", lines)
	}
	for wrong, want := range map[string]string{
		"gate open X": "no such command", "task list e1 --colour": "no flag --colour", "nonsense": "no such command",
	} {
		if got := checkTyped(root, wrong); got != want {
			t.Errorf("of %q it is said %q, not %q", wrong, got, want)
		}
	}
}

var (
	inline  = regexp.MustCompile("`tickmark ([a-z][^`\n]*)`")
	onALine = regexp.MustCompile(`(?m)^(?:[^#\n|]*[ (/])?tickmark ([a-z][^\n#|<>&;)]*)`)
	fenced  = regexp.MustCompile("(?ms)^```(?:sh|text)?\n(.*?)^```")
)

// typed returns the command lines of a document, without the program's name.
func typed(text string) (out []string) {
	for _, block := range fenced.FindAllStringSubmatch(text, -1) {
		for _, m := range onALine.FindAllStringSubmatch(block[1], -1) {
			out = append(out, m[1])
		}
	}
	for _, m := range inline.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		out = append(out, m[1])
	}
	return out
}

// checkTyped returns what is wrong with a command line, empty when nothing is. Words in the place of arguments are let be.
func checkTyped(root *cobra.Command, line string) string {
	words := strings.Fields(line)
	if slices.Contains(server, words[0]) {
		return ""
	}
	c := root
	for _, word := range words {
		i := slices.IndexFunc(c.Commands(), func(sub *cobra.Command) bool { return sub.Name() == word })
		if i < 0 {
			break
		}
		c = c.Commands()[i]
	}
	depth := strings.Count(c.CommandPath(), " ")
	if c == root || c.HasSubCommands() && len(words) > depth && words[depth] != "…" {
		return "no such command"
	}
	for _, word := range words {
		name, _, _ := strings.Cut(strings.TrimPrefix(word, "--"), "=")
		if strings.HasPrefix(word, "--") && name != "help" && c.Flags().Lookup(name) == nil && c.InheritedFlags().Lookup(name) == nil {
			return "no flag --" + name
		}
	}
	return ""
}
