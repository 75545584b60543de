package cli

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"tickmark/models"
)

// The law of CSV: every command that lists has --csv, and what it prints is CSV in which each line has as many cells as the header, and no
// cell begins as a formula does.
func TestEveryListIsCSV(t *testing.T) {
	t.Parallel()
	args := map[string]string{"client functions show": "northgate", "decision list": "northgate-2027", "task questions": "northgate-2027",
		"engagement tasks":    "northgate-2027",
		"engagement timeline": "northgate-2027", "gate list": "northgate-2027", "token list": "kenji", "changes": "--since 2027-03-15",
		"person work": "kenji", "person invitations": "kenji"}
	lists := regexp.MustCompile(`( list| tasks| timeline| work|^functions show|^changes|^today|^week)$`)
	_, all := tree()
	tried := 0
	for _, c := range all {
		name := strings.TrimPrefix(c.CommandPath(), "tickmark ")
		has := c.Flags().Lookup("csv") != nil
		if !has {
			if lists.MatchString(name) {
				t.Errorf("%s lists, and has no --csv", name)
			}
			continue
		}
		tried++
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newFake(t, nil).run(strings.Fields(name + " " + args[name] + " --csv")...)
			rows, err := csv.NewReader(strings.NewReader(r.out)).ReadAll()
			if r.code != 0 || err != nil || len(rows) < 2 {
				t.Fatalf("exit code %d, %d rows, %v: %s", r.code, len(rows), err, r.err)
			}
			for _, cell := range slices.Concat(rows...) {
				if cell != models.Inert(cell) {
					t.Errorf("a spreadsheet takes %q for a formula", cell)
				}
				if strings.HasSuffix(cell, "…") {
					t.Errorf("%q is cut", cell)
				}
			}
			if slices.Contains(rows[0], "") {
				t.Errorf("a column has no name: %q", rows[0])
			}
		})
	}
	if tried < 14 {
		t.Errorf("only %d commands list", tried)
	}
}

// What somebody named so that a spreadsheet would take it for a formula is text.
func TestNoCellIsAFormula(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1",
		"\r=1": "'\r=1", "": "", "a=1": "a=1", "2027-03-17": "2027-03-17", "'=1": "'=1"} {
		if got := models.Inert(cell); got != want {
			t.Errorf("%q becomes %q, not %q", cell, got, want)
		}
	}
	f := newFake(t, get("/clients", reply{status: 200, body: `{"items":[{"id":"evil","name":"=cmd|' /C calc'!A0","headcount":3,` +
		`"country":"US","time_zone":"UTC","weekend":["sunday"],"closed_days":[],"open_days":[],` +
		`"revision":1,"created_at":"2027-01-04T15:00:00Z"}]}`}))
	if r := f.run("client", "list", "--csv"); !strings.Contains(r.out, "evil,'=cmd|' /C calc'!A0,3,") {
		t.Errorf("printed %s%s", r.out, r.err)
	}
	if r := newFake(t, nil).run("client", "list", "--csv", "--json"); r.code != exitUsage {
		t.Errorf("--csv with --json: exit code %d", r.code)
	}
}

// A table is as wide as the terminal, what is printed elsewhere is whole, and ids are never cut.
func TestTablesFitTheTerminal(t *testing.T) {
	t.Parallel()
	rows := [][]string{{"TASK", "TITLE", "DUE"}, {"GA-02.EV-001-long-id", strings.Repeat("penetration ", 10) + "test", "2027-03-17"}}
	for _, wide := range []int{40, 60, 100} {
		for _, line := range aligned(fit(rows, wide)) {
			if n := len([]rune(line)); n > max(wide, 20+2+narrowest+2+10) {
				t.Errorf("a line of %d characters for %d: %s", n, wide, line)
			}
		}
		if got := fit(rows, wide)[1]; got[0] != rows[1][0] || got[2] != rows[1][2] || !strings.HasSuffix(got[1], "…") {
			t.Errorf("%d: %q", wide, got)
		}
	}
	if got := fit(rows, 0)[1][1]; got != rows[1][1] {
		t.Errorf("where there is no terminal it is cut: %q", got)
	}
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	a := newApp(nil, out, out, func(string) string { return "40" })
	if n := a.columns(); n != 0 {
		t.Errorf("a file has %d columns", n)
	}
}

// Who mistypes the id of an engagement is told what they may have meant.
func TestDidYouMean(t *testing.T) {
	t.Parallel()
	gone := refuse(404, "not_found", `there is no engagement "northgate"`, "engagement")
	for args, want := range map[string]string{
		"engagement status northgate":     "did you mean northgate-2027?",
		"engagement show nortgate-2027":   "did you mean northgate-2027?",
		"engagement show quartz":          "",
		"engagement tasks northagte-2027": "did you mean northgate-2027?",
	} {
		words := strings.Fields(args)
		path := "/engagements/" + words[2]
		if suffix := map[string]string{"status": "/status", "tasks": "/tasks"}[words[1]]; suffix != "" {
			path += suffix
		}
		r := newFake(t, map[string][]reply{"GET " + path: {gone}, "GET /engagements": {ok("engagements_1")}}).run(words...)
		if r.code != exitFailed || want != "" && !strings.Contains(r.err, want) || want == "" && strings.Contains(r.err, "mean") {
			t.Errorf("%s: exit code %d: %s", args, r.code, r.err)
		}
	}
	for a, far := range map[string]int{"abcd": 0, "abdc": 1, "abc": 1, "abcde": 1, "bcda": 2, "xyz": 4} {
		if got := models.Distance(a, "abcd"); got != far {
			t.Errorf("%s is %d from abcd, not %d", a, got, far)
		}
	}
}

// asking are the commands that ask for each list, with their arguments. Who adds an operation with filters says which command has them.
var asking = map[string]string{"getFirmTimeline": "firm timeline", "listClients": "client list", "listPeople": "person list",
	"listMessages": "message list", "listEngagements": "engagement list", "getTimeline": "engagement timeline northgate-2027",
	"listTasks": "task list northgate-2027", "listAllTasks": "task list", "listChanges": "changes --since 2027-03-01",
	"listDecisions": "decision list northgate-2027", "listQuestions": "task questions northgate-2027", "getWork": "person work kenji",
	"rehearseEngagement": "engagement rehearse northgate-2027",
	"previewMessages":    "engagement preview northgate-2027"}

// The law of flags: every parameter of every list has a flag, and what the flag says is asked of the server.
func TestEveryFilterHasAFlag(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromFile(filepath.Join(here, "../../../api/openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, path := range doc.Paths.Map() {
		if path.Get == nil {
			continue
		}
		for _, p := range path.Get.Parameters {
			name := p.Value.Name
			if p.Value.In != openapi3.ParameterInQuery || name == "cursor" || name == "limit" {
				continue
			}
			tried++
			t.Run(path.Get.OperationID+" "+name, func(t *testing.T) {
				t.Parallel()
				command, ok := asking[path.Get.OperationID]
				if !ok {
					t.Fatal("say in asking which command asks for it")
				}
				flag, want := flagFor(p.Value)
				f := newFake(t, nil)
				r := f.run(append(strings.Fields(command), flag...)...)
				asked := f.calls()
				if r.code != 0 || !slices.ContainsFunc(asked, func(c received) bool { return strings.Contains(c.call, want) }) {
					t.Errorf("%v: exit code %d, asked %v: %s", flag, r.code, asked, r.err)
				}
			})
		}
	}
	if tried < 40 {
		t.Errorf("only %d parameters were found", tried)
	}
}

// flagFor returns the flag for a parameter with a value that it takes, and what is then asked for.
func flagFor(p *openapi3.Parameter) (flag []string, want string) {
	s := p.Schema.Value
	switch {
	case p.Name == "order":
		return []string{"--newest"}, "order=desc"
	case p.Name == "live":
		return nil, "live=true"
	case s.Type.Is("boolean"):
		return []string{"--" + strings.ReplaceAll(p.Name, "_", "-")}, p.Name + "=true"
	}
	value := "northgate"
	switch {
	case len(s.Enum) > 1:
		value = s.Enum[1].(string)
	case s.Format == "date":
		value = "2027-03-15"
	case p.Name == "kind":
		value = "task.moved"
	}
	return []string{"--" + strings.ReplaceAll(p.Name, "_", "-") + "=" + value}, p.Name + "=" + value
}

// A list has a line for each report of an engagement; a spreadsheet has one row for each engagement, with its last report and its Type 1.
func TestAListHasEachReport(t *testing.T) {
	answers := get("/engagements", ok("engagements_1"), ok("engagements_2"))
	r := newFake(t, answers).run("engagement", "list", "--csv")
	rows, err := csv.NewReader(strings.NewReader(r.out)).ReadAll()
	if err != nil || len(rows) != 5 {
		t.Fatalf("%v, %d rows: %s", err, len(rows), r.out)
	}
	want := [][]string{{"REPORT", "PROMISED", "FORECAST", "TYPE 1 PROMISED", "TYPE 1 FORECAST"},
		{"Type 2", "2028-01-04", "2028-01-21", "2027-05-28", "2027-06-08"},
		{"Type 1, issued", "2027-05-14", "2027-05-12", "2027-05-14", "2027-05-12"}}
	for i, cells := range want {
		if got := rows[i][7:12]; !slices.Equal(got, cells) {
			t.Errorf("row %d has %q, not %q", i, got, cells)
		}
	}
}
