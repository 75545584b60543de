package cli

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"tickmark/api/client"
	"tickmark/models"
	"tickmark/models/catalog/files"
	"tickmark/models/planning"
)

// Whoever copies a command line from docs/cli.md has one that is taken: it can be read, what it sends is as the API's document says, and a
// plan it asks for can be made. The examples of the commands themselves are in TestExamples.
func TestCommandLinesOfThePageAreTaken(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(here + "/../../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	whole := 0
	for _, line := range typed(string(page)) {
		line, _, _ = strings.Cut(line, " |")
		if root, _ := tree(); placeholder.MatchString(line) || isName(root, line) {
			continue
		}
		whole++
		if r := tryExample(t, line); r.code != 0 {
			t.Errorf("%s: exit code %d\n%s", line, r.code, r.err)
		}
	}
	if whole < 4 {
		t.Errorf("only %d whole command lines were found", whole)
	}
}

// readersOwn are the words of docs/operations.md that stand for something of the reader's own, and what a reader may put there.
var readersOwn = strings.NewReplacer("PERSON", "kenji", "WORKSPACE", "hq", "ACCOUNT", "U0123456789", " ID", " 123.456", "C…", "C0123456789")

// asCalled are commands that docs/operations.md calls by their name alone, without the program's and without arguments.
var asCalled = regexp.MustCompile("`([a-z]+ [a-z]+(?: [a-z]+)?(?: [^`\n]*)?)`")

// Whoever runs Tickmark and copies a command line from docs/operations.md, also in the middle of the night, has one that is taken: it is
// carried out against a server that takes what is as the API's document says. Where the page calls a command by its name alone there is
// one.
func TestCommandLinesOfOperationsAreTaken(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(here + "/../../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	secretFile := t.TempDir() + "/secret"
	if err := os.WriteFile(secretFile, []byte("xoxb-0123456789-secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	root, _ := tree()
	lines, shortly := typed(string(page)), 0
	for _, m := range asCalled.FindAllStringSubmatch(string(page), -1) {
		if c, _, err := root.Find(words(m[1])[:1]); err == nil && c.HasSubCommands() && c != root {
			lines = append(lines, m[1])
			shortly++
		}
	}
	whole := 0
	for _, line := range lines {
		if slices.Contains(server, strings.Fields(line)[0]) || isName(root, line) {
			continue // of package main, or spoken of
		}
		whole++
		if r := tryExample(t, strings.ReplaceAll(readersOwn.Replace(line), "FILE", secretFile)); r.code != 0 {
			t.Errorf("%s: exit code %d\n%s", line, r.code, r.err)
		}
	}
	if whole < 16 || shortly < 12 {
		t.Errorf("only %d whole command lines were found, and %d that are called by their name", whole, shortly)
	}
}

// A plan that cannot be is refused by the flag that would mend it.
func TestARefusalNamesTheFlag(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"plan --type soc2_type1_type2 --client acme --report-by 2028-06-30": "tickmark: --categories: every SOC 2 covers security: " +
			"add security to categories\n",
		"plan --type soc2_type1 --categories security --client acme --kickoff 2028-01-10 --months 6": "tickmark: --months must be 0",
		"plan --type soc2_type1 --categories security --client acme --kickoff 2028-01-10 --window-open 2028-06-01": "tickmark: --window-open " +
			"must be empty",
	} {
		if r := tryExample(t, args); r.code != exitFailed || !strings.HasPrefix(r.err, want) {
			t.Errorf("%s: exit code %d, %q, not %q", args, r.code, r.err, want)
		}
	}
}

// All that is wrong with a command line is told at once, each by its flag.
func TestARefusalNamesAllFlags(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string][]reply{"POST /plans": {{status: 400, body: `{"type":"/api/v1/docs#invalid","title":"Refused","status":400,` +
		`"code":"invalid","detail":"two fields are wrong","errors":[{"field":"headcount","detail":"headcount must be 1 or more"},` +
		`{"field":"window_months","detail":"it is too long"}]}`}}})
	r := f.run("plan", "--type", "soc1_type2", "--headcount", "1", "--country", "US", "--kickoff", "2028-01-10")
	if want := "tickmark: --headcount must be 1 or more; --months: it is too long\n"; r.err != want {
		t.Errorf("said %q, not %q", r.err, want)
	}
}

// placeholder is what stands on the page for something of the reader's own, as in: task move ID TASK DATE.
var placeholder = regexp.MustCompile(`\b[A-Z]{2,}\b|\bN\b|\bP\b|…`)

// isName reports whether a line is the name of a command alone, which a text speaks of.
func isName(root *cobra.Command, line string) bool {
	c, _, err := root.Find(strings.Fields(line))
	return err == nil && c.CommandPath() == "tickmark "+line
}

// tryExample carries a command line out against a server that makes plans by the rules, and takes everything else that is as the API's
// document says.
func tryExample(t *testing.T, line string) ran {
	t.Helper()
	f := newFake(t, nil)
	f.plans = plannedByTheRules
	return f.run(words(line)...)
}

// plannedByTheRules refuses what planning does; the client is one of 180 people, with no days off but weekends.
func plannedByTheRules(body string) (reply, bool) {
	var in client.PlanRequest
	if err := json.Unmarshal([]byte(body), &in); err != nil {
		return refuse(400, "invalid", err.Error(), ""), true
	}
	c, err := files.Load()
	if err != nil {
		return refuse(500, "internal", err.Error(), ""), true
	}
	plan := planning.PlanInput{Type: in.Type, Addons: in.Addons, Headcount: 180, Categories: in.Categories, Kickoff: in.Kickoff, AsOf: in.AsOf,
		WindowOpen: in.WindowOpen, WindowMonths: in.WindowMonths, PreviousClose: in.PreviousClose}
	if in.ReportBy.IsZero() {
		_, err = planning.NewPlan(c, plan)
	} else {
		if plan.Kickoff.IsZero() {
			plan.Kickoff = models.Date{Year: in.ReportBy.Year - 2, Month: 1, Day: 10}
		}
		_, err = planning.PlanBack(c, plan, in.ReportBy)
	}
	if refused, ok := errors.AsType[*models.Error](err); ok {
		return refuse(400, string(refused.Code), refused.Message, refused.Field), true
	}
	return reply{}, false
}

// A long list, as that of all countries, is broken where the terminal ends; a sentence with a command line in it is not.
func TestLongRefusalsAreBroken(t *testing.T) {
	t.Parallel()
	list := "country \"XX\" is not one: use \"none\", or one of" + strings.Repeat(" DE-BW", 80)
	f := newFake(t, map[string][]reply{"PATCH /firm": {refuse(400, "invalid", list, "country")}})
	r := f.run("firm", "set", "--country", "XX")
	if r.code != exitFailed || strings.Count(r.err, "DE-BW") != 80 ||
		!strings.HasPrefix(r.err, "tickmark: --country \"XX\" is not one: use \"none\"") {
		t.Errorf("exit code %d: %s", r.code, r.err)
	}
	for line := range strings.Lines(r.err) {
		if len(line) > width+1 {
			t.Errorf("a line of %d characters: %s", len(line), line)
		}
	}
}

// The person whom a flag names is spoken of by that flag.
func TestARefusedOwnerIsNamedByTheFlag(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string][]reply{
		"POST /engagements/northgate-2027/tasks/RE-10/split": {refuse(400, "invalid", "person \"hugo\" is nobody active at this firm", "person")},
		"GET /engagements/northgate-2027/tasks":              {refuse(400, "invalid", "owner \"nobody\" is nobody: there are ines", "owner")},
	})
	for args, want := range map[string]string{
		"task split northgate-2027 RE-10 --title Half --owner hugo --reason two": "tickmark: --owner \"hugo\" is nobody active at this firm\n",
		"task list northgate-2027 --owner nobody":                                "tickmark: --owner \"nobody\" is nobody: there are ines\n",
	} {
		if r := f.run(strings.Fields(args)...); r.err != want {
			t.Errorf("%s: said %q, not %q", args, r.err, want)
		}
	}
}

// Both ways to ask for the version say the same, to whoever has no server and no token.
func TestVersion(t *testing.T) {
	t.Parallel()
	f := newFake(t, nil)
	asked, flagged := f.runWith(map[string]string{}, "", "version"), f.runWith(map[string]string{}, "", "--version")
	if asked.code != 0 || asked.out != flagged.out || !strings.HasPrefix(asked.out, "tickmark ") || !strings.Contains(asked.out, "go1.") {
		t.Errorf("version says %q %q, --version %q %q", asked.out, asked.err, flagged.out, flagged.err)
	}
	info := &debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: "v1.2.3"},
		Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "0123abcd"}, {Key: "vcs.modified", Value: "true"}}}
	for got, want := range map[string]string{
		buildVersion(info, true):                                    "v1.2.3, commit 0123abcd with changes, go1.26.8",
		buildVersion(&debug.BuildInfo{GoVersion: "go1.26.8"}, true): "(devel), go1.26.8",
		buildVersion(nil, false):                                    "of an unknown build",
	} {
		if got != want {
			t.Errorf("the version is %q, not %q", got, want)
		}
	}
}
