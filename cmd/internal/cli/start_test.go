package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const examples = "../../../docs/examples/"

// Every example is sent as one request with all that is in it, by the words of the API's document; what has become of it is said.
func TestStartFile(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(examples + "*.yaml")
	if err != nil || len(files) < 3 {
		t.Fatalf("%d examples: %v", len(files), err)
	}
	for _, file := range files {
		f := newFake(t, nil)
		r := f.run("engagement", "start", "-f", file)
		calls := f.calls()
		if r.code != 0 || len(calls) != 1 || calls[0].call != "POST /starts" || strings.Contains(calls[0].body, `"check":true`) {
			t.Errorf("%s: exit code %d, %d requests: %s%s", file, r.code, len(calls), r.out, r.err)
		}
		if r := f.run("engagement", "start", "--json", "-f", file); !strings.HasPrefix(r.out, "{") {
			t.Errorf("--json printed %s", r.out)
		}
	}
	f := newFake(t, nil)
	r := f.run("engagement", "start", "--kickoff", "2027-01-18", "--update", "--yes", "-f", examples+"startup-type1.yaml")
	golden(t, "start_startup-type1", r.out+r.err)
	sent := f.calls()[0].body
	for _, part := range []string{`"kickoff":"2027-01-18"`, `"update":true`,
		`"confirm":["kickoff_past","kickoff_far","as_of_past","report_past"]`,
		`{"backup":"lee","function":"eng_lead","person":"sam"}`, `"email":"dana@fernleaf.example"`,
		`"closed_days":["2027-12-27","2027-12-28","2027-12-29","2027-12-30"]`} {
		if !strings.Contains(sent, part) {
			t.Errorf("sent %s without %s", sent, part)
		}
	}
	f.run("engagement", "draft", "-f", examples+"startup-type1.yaml")
	if sent := f.calls()[0].body; !strings.Contains(sent, `"draft":true`) {
		t.Errorf("to draft it, sent %s", sent)
	}
}

// Who leaves -f out means the file all the same; what is no file and no id is said to be neither, and two files are one too many.
func TestAFileIsTakenWithoutItsFlag(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"start", "draft"} {
		f := newFake(t, nil)
		r := f.run("engagement", command, examples+"startup-type1.yaml")
		if calls := f.calls(); r.code != 0 || len(calls) != 1 || calls[0].call != "POST /starts" {
			t.Errorf("%s: exit code %d, %d requests: %s%s", command, r.code, len(calls), r.out, r.err)
		}
		for arg, says := range map[string]string{"absent.yaml": "absent.yaml", "Northgate 2027": "Northgate 2027"} {
			if r := f.run("engagement", command, arg); r.code == 0 || !strings.Contains(r.err, says) || len(f.calls()) > 0 {
				t.Errorf("%s %q: exit code %d, %s", command, arg, r.code, r.err)
			}
		}
		if r := f.run("engagement", command, examples+"startup-type1.yaml", "twice.yaml"); r.code != exitUsage ||
			!strings.Contains(r.err, "an argument too many") {
			t.Errorf("%s with two files: exit code %d, %s", command, r.code, r.err)
		}
	}
	if r := newFake(t, nil).run("engagement", "start", "absent.yaml"); strings.Contains(r.err, "lower-case letters") {
		t.Errorf("a file that is not there is answered with the form of an id: %s", r.err)
	}
}

// A newcomer's demo has a clock of its own, by which a day may be over before the next command is typed. Who says today means the server's.
func TestStartToday(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"start", "draft"} {
		f := newFake(t, map[string][]reply{"GET /people/ines/work": {{status: 200, body: `{"person":"ines","today":"2031-04-07","left":[],` +
			`"tasks":[],"accept":[],"gates":[],"decisions":[],"questions":[],"functions":[],"seats":[]}`}}})
		r := f.run("engagement", command, "-f", examples+"startup-type1.yaml", "--kickoff", "today")
		calls := f.calls()
		if r.code != 0 || len(calls) != 3 || !strings.Contains(calls[2].body, `"kickoff":"2031-04-07"`) {
			t.Errorf("%s: exit code %d, %s sent %v", command, r.code, r.err, calls)
		}
		if r := f.run("engagement", command, "-f", examples+"startup-type1.yaml", "--kickoff", "tomorrow"); r.code != exitUsage ||
			!strings.Contains(r.err, `"tomorrow" is not a date: write year-month-day`) {
			t.Errorf("%s tomorrow: exit code %d, %s", command, r.code, r.err)
		}
	}
	f := newFake(t, nil)
	if r := f.run("engagement", "start", "northgate-2027", "--kickoff", "today"); r.code != exitUsage || len(f.calls()) != 0 {
		t.Errorf("a draft: exit code %d, %s", r.code, r.err)
	}
}

// A check says the plan, what to look at, how many tasks each person gets and what would be done.
func TestStartCheck(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string][]reply{"POST /starts": {ok("start_check")}})
	r := f.run("engagement", "start", "--check", "-f", examples+"startup-type1.yaml")
	golden(t, "start_check", r.out+r.err)
	if calls := f.calls(); r.code != 0 || len(calls) != 1 || !strings.Contains(calls[0].body, `"check":true`) {
		t.Errorf("exit code %d, sent %v", r.code, calls)
	}
	for line := range strings.Lines(r.out) {
		if n := len([]rune(line)) - 1; n > 100 {
			t.Errorf("a line of %d characters: %s", n, line)
		}
	}
}

// Of an engagement that runs already it is said how the file differs, its kickoff too, and nothing is done.
func TestStartAgain(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string][]reply{"POST /starts": {ok("start_again")}})
	r := f.run("engagement", "start", "-f", examples+"startup-type1.yaml")
	golden(t, "start_again", r.out+r.err)
	if r.code != 0 {
		t.Errorf("exit code %d", r.code)
	}
}

// refusedFile is a start that is refused for fields of it.
func refusedFile(errs string) reply {
	return reply{status: 400, body: `{"type":"/api/v1/docs#invalid","title":"The request is not valid","status":400,"code":"invalid",` +
		`"detail":"this is wrong","errors":[` + errs + `]}`}
}

// What the server finds wrong with a file is said with the lines of the file and by the names of its fields, by a check and by a start
// alike; what the file reader finds wrong itself is said in the same round, and once.
func TestStartSaysLines(t *testing.T) {
	t.Parallel()
	const faults = `{"field":"client.country","detail":"country \"XX\" is not known"},` +
		`{"field":"people[3].email","detail":"somebody else who is active here has this email"},` +
		`{"field":"functions[1].person","detail":"person \"lee\" is nobody active at this client"},` +
		`{"field":"engagement.as_of","detail":"the as-of date 2026-01-01 is before the kickoff 2027-01-11"},` +
		`{"field":"functions.sponsor","detail":"nobody at the client holds the function sponsor: name the sponsor first"}`
	const want = `tickmark: FILE:6: client.country "XX" is not known
FILE:13: people[4].email: somebody else who is active here has this email
FILE:14: functions.eng_lead.person "lee" is nobody active at this client
FILE:16: engagement.as_of: the as-of date 2026-01-01 is before the kickoff 2027-01-11
FILE:13: functions.sponsor: nobody at the client holds the function sponsor: name the sponsor first
`
	checked := `{"differs":[],"faults":[` + faults + `],"people":[],"steps":[],"warnings":[]}`
	file := t.TempDir() + "/f.yaml"
	if err := os.WriteFile(file, []byte(engagementYAML), 0o600); err != nil {
		t.Fatal(err)
	}
	f := newFake(t, map[string][]reply{"POST /starts": {refusedFile(faults), {status: 200, body: checked}}})
	for _, args := range [][]string{{"engagement", "start", "-f", file}, {"engagement", "start", "--check", "-f", file}} {
		r := f.run(args...)
		if got := strings.ReplaceAll(r.err, file, "FILE"); r.code != exitUsage || !sameLines(got, want) {
			t.Errorf("%v: exit code %d:\n%s", args, r.code, got)
		}
	}
	wrong := strings.Replace(engagementYAML, "headcount: 12", "headcount: many", 1)
	f = newFake(t, map[string][]reply{"POST /starts": {{status: 200, body: `{"differs":[],"faults":[` +
		`{"field":"client.headcount","detail":"headcount 0 must be between 1 and 1,000,000 people"},` +
		`{"field":"client.country","detail":"country \"XX\" is not known"}],"people":[],"steps":[],"warnings":[]}`}}})
	r := f.runWith(map[string]string{"TICKMARK_TOKEN": secret}, wrong, "engagement", "start", "-f", "-")
	const both = "tickmark: stdin:4: client.headcount \"many\" must be a whole number, 1 or more\n" +
		"stdin:5: client.country \"XX\" is not known\n"
	if r.err != both || r.code != exitUsage || !strings.Contains(f.calls()[0].body, `"check":true`) {
		t.Errorf("exit code %d: %s", r.code, r.err)
	}
}

// sameLines compares what is said, but for the numbers of lines that the other test of the reader holds.
func sameLines(got, want string) bool {
	plain := func(s string) string {
		var out []string
		for line := range strings.Lines(s) {
			_, rest, _ := strings.Cut(line, "FILE:")
			_, rest, _ = strings.Cut(rest, ": ")
			out = append(out, rest)
		}
		return strings.Join(out, "")
	}
	return plain(got) == plain(want)
}

// What differs from what is there, and dates that are asked about, are refused with the flag that takes them.
func TestStartAsks(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		fault, says string
		code        int
	}{
		{`{"field":"client.headcount","detail":"headcount of client fernleaf is \"15\", and \"12\" here: ask for an update to change it"}`,
			`headcount of client fernleaf is "15", and "12" here (--update changes it)`, exitFailed},
		{`{"field":"confirm","detail":"the kickoff lies in the past: if that is meant, confirm kickoff_past"}`,
			"the kickoff lies in the past: if that is meant, --yes says so", exitUsage},
	} {
		f := newFake(t, map[string][]reply{"POST /starts": {refusedFile(x.fault)}})
		if r := f.run("engagement", "start", "-f", examples+"startup-type1.yaml"); r.code != x.code || !strings.HasSuffix(r.err, x.says+"\n") {
			t.Errorf("exit code %d: %s", r.code, r.err)
		}
	}
}

// A draft with doubtful dates is started only when somebody says that they are meant so: at the question, or with --yes.
func TestStartingADraftAsks(t *testing.T) {
	t.Parallel()
	const doubt = "the kickoff, 2026-01-11, lies in the past: today is 2026-11-30: if that is meant, confirm kickoff_past"
	all := `{"confirm":["kickoff_past","kickoff_far","as_of_past","report_past"]}`
	for _, x := range []struct {
		name, typed string
		args        []string
		sent        []string
		code        int
		says        string
	}{
		{"yes", "yes\n", nil, []string{"{}", all}, 0,
			"The kickoff, 2026-01-11, lies in the past: today is 2026-11-30.\nType yes to start it all the same: "},
		{"no", "no\n", nil, []string{"{}"}, exitFailed, "lies in the past: today is 2026-11-30: it is not started. If that is meant, say --yes"},
		{"nobody there", "", nil, []string{"{}"}, exitFailed, "it is not started. If that is meant, say --yes"},
		{"told before", "", []string{"--yes"}, []string{all}, 0, ""},
	} {
		replies := []reply{refuse(400, "invalid", doubt, "confirm"), ok("result")}
		if x.args != nil {
			replies = replies[1:]
		}
		f := newFake(t, map[string][]reply{"POST /engagements/northgate-2027/start": replies})
		r := f.runWith(map[string]string{"TICKMARK_TOKEN": secret}, x.typed,
			append([]string{"engagement", "start", "northgate-2027"}, x.args...)...)
		var sent []string
		for _, c := range f.calls() {
			if c.call == "POST /engagements/northgate-2027/start" {
				sent = append(sent, strings.TrimSpace(c.body))
			}
		}
		if r.code != x.code || !slices.Equal(sent, x.sent) || !strings.Contains(r.err, x.says) {
			t.Errorf("%s: exit code %d, sent %v\n%s", x.name, r.code, sent, r.err)
		}
	}
}

// A file with doubtful dates is asked about at a terminal, as a draft is; what else is wrong with it is refused and not asked about. Where
// the file itself comes by the standard input there is nobody to ask.
func TestStartingAFileAsks(t *testing.T) {
	t.Parallel()
	const past = `{"field":"confirm","detail":"the kickoff lies in the past: if that is meant, confirm kickoff_past"}`
	const far = `{"field":"confirm","detail":"the report would be in the past: if that is meant, confirm report_past"}`
	const wrong = `{"field":"client.country","detail":"country is missing"}`
	for _, x := range []struct {
		name, typed, fault string
		sent, code         int
		says               string
	}{
		{"yes", "yes\n", past + "," + far, 2, 0,
			"The kickoff lies in the past.\nThe report would be in the past.\nType yes to start it all the same: "},
		{"no", "no\n", past, 1, exitUsage, "the kickoff lies in the past: if that is meant, --yes says so"},
		{"nobody there", "", past, 1, exitUsage, "if that is meant, --yes says so"},
		{"something else is wrong", "yes\n", past + "," + wrong, 1, exitUsage, "country is missing"},
	} {
		f := newFake(t, map[string][]reply{"POST /starts": {refusedFile(x.fault), ok("start")}})
		r := f.runWith(map[string]string{"TICKMARK_TOKEN": secret}, x.typed, "engagement", "start", "-f", examples+"startup-type1.yaml")
		var sent []string
		for _, c := range f.calls() {
			if c.call == "POST /starts" {
				sent = append(sent, c.body)
			}
		}
		asked := strings.Contains(r.err, "Type yes")
		if r.code != x.code || len(sent) != x.sent || !strings.Contains(r.err, x.says) || asked == strings.Contains(x.fault, wrong) {
			t.Errorf("%s: exit code %d, sent %d times\n%s", x.name, r.code, len(sent), r.err)
		}
		if len(sent) == 2 && (strings.Contains(sent[0], "kickoff_past") || !strings.Contains(sent[1], "kickoff_past")) {
			t.Errorf("%s: sent %v", x.name, sent)
		}
	}
}

// Cancelling asks once more, and does nothing where the id was not typed.
func TestCancellingAsks(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		typed string
		args  []string
		done  bool
	}{{"northgate-2027\n", nil, true}, {"northgate\n", nil, false}, {"yes\n", nil, false}, {"", nil, false}, {"", []string{"--yes"}, true}} {
		f := newFake(t, nil)
		r := f.runWith(map[string]string{"TICKMARK_TOKEN": secret}, x.typed,
			append([]string{"engagement", "cancel", "northgate-2027", "--reason", "sold"}, x.args...)...)
		calls := f.calls()
		switch {
		case x.done && (r.code != 0 || len(calls) == 0 ||
			strings.TrimSpace(calls[0].body) != `{"confirm":"northgate-2027","reason":"sold"}`):
			t.Errorf("%q %v: exit code %d, sent %+v: %s", x.typed, x.args, r.code, calls, r.err)
		case !x.done && (r.code != exitUsage || len(calls) > 0 || !strings.Contains(r.err, "northgate-2027 is not cancelled")):
			t.Errorf("%q: exit code %d, sent %+v: %s", x.typed, r.code, calls, r.err)
		}
	}
}

// An engagement is paused though controls fall due unasked only when somebody says that it is meant so: at the question, or with --yes.
func TestPausingAsks(t *testing.T) {
	t.Parallel()
	const doubt = "12 occurrences of recurring controls fall due until Mon 2027-05-03 and nobody is asked for them: " +
		"if that is meant, confirm unasked"
	plain, all := `{"reason":"sold","until":"2027-05-03"}`, `{"confirm":["unasked"],"reason":"sold","until":"2027-05-03"}`
	for _, x := range []struct {
		name, typed string
		args        []string
		sent        []string
		code        int
		says        string
	}{
		{"yes", "yes\n", nil, []string{plain, all}, 0,
			"fall due until Mon 2027-05-03 and nobody is asked for them.\nType yes to pause it all the same: "},
		{"no", "no\n", nil, []string{plain}, exitFailed, "it is not paused. If that is meant, say --yes"},
		{"told before", "", []string{"--yes"}, []string{all}, 0, ""},
	} {
		replies := []reply{refuse(400, "invalid", doubt, "confirm"), ok("result")}
		if x.args != nil {
			replies = replies[1:]
		}
		f := newFake(t, map[string][]reply{pause: replies})
		r := f.runWith(map[string]string{"TICKMARK_TOKEN": secret}, x.typed,
			append(append(slices.Clone(pauses), "--until", "2027-05-03"), x.args...)...)
		var sent []string
		for _, c := range f.calls() {
			if c.call == pause {
				sent = append(sent, strings.TrimSpace(c.body))
			}
		}
		if r.code != x.code || !slices.Equal(sent, x.sent) || !strings.Contains(r.err, x.says) {
			t.Errorf("%s: exit code %d, sent %v\n%s", x.name, r.code, sent, r.err)
		}
	}
}
