package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const examples = "../../../docs/examples/"

// Every example starts from nothing; started again it changes nothing.
func TestStartFile(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(examples + "*.yaml")
	if err != nil || len(files) < 3 {
		t.Fatalf("%d examples: %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, nil)
			f.memory = newMemory(t)
			r := f.run("engagement", "start", "-f", file)
			if r.code != 0 {
				t.Fatalf("exit code %d: %s", r.code, r.err)
			}
			golden(t, "start_"+name, r.out+r.err)
			writes := f.memory.writes
			r = f.run("engagement", "start", "-f", file)
			if r.code != 0 || !strings.Contains(r.out, "is already running") || r.err != "" {
				t.Errorf("the second time: exit code %d: %s%s", r.code, r.out, r.err)
			}
			if f.memory.writes != writes {
				t.Errorf("the second time %d things were written", f.memory.writes-writes)
			}
			if r := f.run("engagement", "start", "--json", "-f", file); !strings.HasPrefix(r.out, "{") || strings.Count(r.out, "\n") != 1 {
				t.Errorf("--json printed %s", r.out)
			}
		})
	}
}

// A start that is interrupted, wherever, goes on when it is run again: nothing is done twice.
func TestStartInterrupted(t *testing.T) {
	t.Parallel()
	file := examples + "startup-type1.yaml"
	whole := newFake(t, nil)
	whole.memory = newMemory(t)
	whole.run("engagement", "start", "-f", file)
	for fails := 1; fails < whole.memory.writes; fails++ {
		f := newFake(t, nil)
		f.memory = newMemory(t)
		f.memory.fails = fails
		r := f.run("engagement", "start", "-f", file)
		if r.code != exitUnavailable || !strings.Contains(r.err, "run the same command again") {
			t.Errorf("interrupted after %d: exit code %d: %s", fails, r.code, r.err)
		}
		f.memory.fails = 0
		if r = f.run("engagement", "start", "-f", file); r.code != 0 {
			t.Errorf("interrupted after %d, then: exit code %d: %s", fails, r.code, r.err)
		}
		if f.memory.writes != whole.memory.writes {
			t.Errorf("interrupted after %d: %d writes, not %d", fails, f.memory.writes, whole.memory.writes)
		}
	}
}

// The keys of creations follow from the file, not from its layout.
func TestStartKeys(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(examples + "startup-type1.yaml")
	if err != nil {
		t.Fatal(err)
	}
	key := func(text string) string {
		f := newFake(t, map[string][]reply{"POST /clients": {refuse(403, "forbidden", "not yours", "")}})
		f.memory = newMemory(t)
		r := f.runWith(map[string]string{"TICKMARK_TOKEN": secret}, text, "engagement", "start", "-f", "-")
		if r.code != exitFailed || r.err != "tickmark: client fernleaf, Fernleaf Analytics: not yours\n" {
			t.Errorf("exit code %d: %s", r.code, r.err)
		}
		calls := f.calls()
		return calls[len(calls)-1].key
	}
	one, again, other := key(string(text)), key("# another comment\n"+string(text)),
		key(strings.Replace(string(text), "headcount: 12", "headcount: 13", 1))
	if one != again || one == other || !strings.HasPrefix(one, "file-") {
		t.Errorf("keys %s, %s and %s", one, again, other)
	}
}

// --check prints the plan and writes nothing.
func TestStartCheck(t *testing.T) {
	t.Parallel()
	f := newFake(t, nil)
	f.memory = newMemory(t)
	r := f.run("engagement", "start", "--check", "--kickoff", "2027-01-18", "-f", examples+"startup-type1.yaml")
	if r.code != 0 || f.memory.writes != 0 {
		t.Errorf("exit code %d, %d things were written: %s", r.code, f.memory.writes, r.err)
	}
	golden(t, "start_check", r.out+r.err)
	for _, c := range f.calls() {
		if c.call == "POST /plans" && !strings.Contains(c.body, `"kickoff":"2027-01-18"`) {
			t.Errorf("asked for %s", c.body)
		}
	}
	for line := range strings.Lines(r.out) {
		if n := len([]rune(line)) - 1; n > 100 {
			t.Errorf("a line of %d characters: %s", n, line)
		}
	}
	f.memory.things["/clients/fernleaf"] = map[string]any{"id": "fernleaf", "name": "Fernleaf Analytics", "headcount": 12, "country": "US",
		"time_zone": "America/Los_Angeles", "weekend": []any{}, "closed_days": []any{"2027-12-30", "2027-12-29", "2027-12-28", "2027-12-27"},
		"open_days": []any{}, "revision": 1, "created_at": "2027-01-04T15:00:00Z"}
	f.run("engagement", "start", "--check", "-f", examples+"startup-type1.yaml")
	for _, c := range f.calls() {
		if c.call == "POST /plans" && c.body != `{"addons":null,"categories":["security"],"client":"fernleaf",`+
			`"kickoff":"2027-01-11","type":"soc2_type1"}` &&
			c.body != `{"categories":["security"],"client":"fernleaf","kickoff":"2027-01-11","type":"soc2_type1"}` {
			t.Errorf("of a client that is as the file says, asked for %s", c.body)
		}
	}
}

// What is otherwise there than the file says is told, and changed only when that is asked for.
func TestStartDiffers(t *testing.T) {
	t.Parallel()
	file := examples + "startup-type1.yaml"
	f := newFake(t, nil)
	m := newMemory(t)
	f.memory = m
	if r := f.run("engagement", "draft", "-f", file); r.code != 0 ||
		!strings.HasSuffix(r.out, "is a draft: no time runs until it is started\nSee: tickmark engagement start fernleaf-2027\n") {
		t.Fatalf("exit code %d: %s%s", r.code, r.out, r.err)
	}
	if r := f.run("engagement", "draft", "-f", file); r.code != 0 || !strings.Contains(r.out, "is already drafted") {
		t.Fatalf("exit code %d: %s%s", r.code, r.out, r.err)
	}
	m.things["/clients/fernleaf"]["headcount"] = 15
	m.things["/people/sam"]["email"] = "sam.iverson@fernleaf.example"
	m.things["/people/lee"]["active"] = false
	m.duties["hr_lead"]["person"] = "dana"
	m.things["/engagements/fernleaf-2027"]["kickoff"] = "2027-01-18"
	before := m.writes
	r := f.run("engagement", "start", "-f", file)
	if r.code != exitFailed || m.writes != before {
		t.Errorf("exit code %d, %d things were written", r.code, m.writes-before)
	}
	golden(t, "start_differs", r.out+r.err)
	f.calls()
	r = f.run("engagement", "start", "--update", "-f", file)
	if r.code != 0 || m.things["/clients/fernleaf"]["headcount"] != 12.0 || m.duties["hr_lead"]["person"] != "lee" ||
		m.things["/engagements/fernleaf-2027"]["kickoff"] != "2027-01-11" || m.things["/people/lee"]["active"] != true {
		t.Errorf("exit code %d: %s%s", r.code, r.out, r.err)
	}
	golden(t, "start_update", r.out+r.err)
	for _, c := range f.calls() {
		if strings.HasPrefix(c.call, "PATCH") && c.match == "" {
			t.Errorf("%s without If-Match", c.call)
		}
	}
	m.things["/clients/fernleaf"]["headcount"] = 15
	before = m.writes
	if r = f.run("engagement", "start", "-f", file); r.code != 0 || m.writes != before ||
		!strings.Contains(r.err, `headcount is "15", and "12" in the file`) ||
		!strings.Contains(r.out, "already running") {
		t.Errorf("once it runs: exit code %d: %s%s", r.code, r.out, r.err)
	}
}

// What cannot be is refused before anything is written.
func TestStartRefused(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(examples + "startup-type1.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		change []string // replacements in the file
		there  func(m *memory)
		code   int
		says   string
	}{
		{"a partner nobody knows", []string{"partner: marta", "partner: moritz"}, nil, 1,
			"stdin:34: engagement.partner names moritz, who is neither among the people of the file nor known to Tickmark"},
		{"a function that is none", []string{"eng_lead: {", "engine_lead: {"}, nil, 2,
			`stdin:24: functions.engine_lead "engine_lead" is no function; there are sponsor,`},
		{"a type that is none", []string{"soc2_type1\n", "soc2_type3\n"}, nil, 2,
			`engagement.type "soc2_type3" is no engagement type; there are soc2_type1,`},
		{"a country that is none", []string{"country: US", "country: XX"}, nil, 2,
			`client.country "XX" is no country with public holidays; there are DE, US, none`},
		{"the manager is somebody of a client", nil, func(m *memory) { m.boston("joel") },
			1, "joel is somebody of boston already: the file needs another id for Joel Okafor"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, nil)
			f.memory = newMemory(t)
			if tt.there != nil {
				tt.there(f.memory)
			}
			r := f.runWith(map[string]string{"TICKMARK_TOKEN": secret}, strings.NewReplacer(tt.change...).Replace(string(text)),
				"engagement", "start", "-f", "-")
			if r.code != tt.code || !strings.Contains(r.err, tt.says) || f.memory.writes > 0 {
				t.Errorf("exit code %d, %d writes: %s", r.code, f.memory.writes, r.err)
			}
		})
	}
}

// A person of the client whose name in the file is taken elsewhere is called so at the client alone: the same file finds them again.
func TestStartWithANameThatIsTakenElsewhere(t *testing.T) {
	t.Parallel()
	f := newFake(t, nil)
	f.memory = newMemory(t)
	f.memory.boston("sam")
	file := examples + "startup-type1.yaml"
	if r := f.run("engagement", "start", "-f", file); r.code != 0 {
		t.Fatalf("exit code %d: %s", r.code, r.err)
	}
	there := f.memory.things
	if sam := there["/people/fernleaf.sam"]; sam == nil || sam["name"] != "Sam Iverson" || there["/people/sam"]["client"] != "boston" {
		t.Errorf("sam is %+v", sam)
	}
	writes := f.memory.writes
	r := f.run("engagement", "start", "-f", file)
	if r.code != 0 || !strings.Contains(r.out, "is already running") || f.memory.writes != writes {
		t.Errorf("the second time: exit code %d, %d writes: %s%s", r.code, f.memory.writes-writes, r.out, r.err)
	}
}

// An engagement that has ended is not started again.
func TestStartEnded(t *testing.T) {
	t.Parallel()
	f := newFake(t, nil)
	f.memory = newMemory(t)
	file := examples + "startup-type1.yaml"
	f.run("engagement", "start", "-f", file)
	f.memory.things["/engagements/fernleaf-2027"]["status"] = "cancelled"
	r := f.run("engagement", "start", "-f", file)
	if want := "tickmark: fernleaf-2027 is cancelled: a new engagement needs another id\n"; r.code != exitFailed || r.err != want {
		t.Errorf("exit code %d: %s", r.code, r.err)
	}
}
