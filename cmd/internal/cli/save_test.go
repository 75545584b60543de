package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tickmark/api/client"
	"tickmark/models"
)

// northgatesPeople are those of the client alone, as the list of its people has them.
func northgatesPeople() reply {
	return reply{status: 200, body: `{"items":[
		{"id":"northgate.sam","client":"northgate","name":"Sam \"the key\" O'Neil: owner","role":"owner","time_zone":"America/New_York",
			"active":true,"revision":1,"created_at":"2026-12-01T09:00:00Z","email":"sam@northgate.example"},
		{"id":"kenji","client":"northgate","name":"Kenji Mori","role":"owner","time_zone":"America/New_York","active":true,"revision":1,
			"closed_days":["2027-07-06"],"open_days":["2027-11-26"],
			"created_at":"2026-12-01T09:00:00Z"},
		{"id":"ruth","client":"northgate","name":"Ruth Abara","role":"sponsor","time_zone":"America/New_York","active":true,"revision":1,
			"created_at":"2026-12-01T09:00:00Z"}]}`}
}

// What is saved of a plan, and what is like an engagement that is there, is an engagement file that can be checked and started.
func TestASavedFileStarts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, args string }{
		{"save_plan", "plan --type soc2_type1 --categories security --client northgate --report-by 2027-04-30"},
		{"save_copy", "engagement copy northgate-2027 --kickoff 2028-01-10"},
		{"save_renewal", "engagement copy northgate-2027 --kickoff 2028-01-10 --renewal --manager joel"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "next.yaml")
			answers := map[string][]reply{"GET /people": {northgatesPeople()}, "POST /plans": {ok("plan_back")}}
			words := append(strings.Fields(tt.args), "--save", file)
			if r := newFake(t, answers).run(words...); r.code != 0 || !strings.Contains(r.err, "start --check -f") {
				t.Fatalf("exit code %d: %s", r.code, r.err)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, tt.name, string(text))
			if r := newFake(t, answers).run(words...); r.code != exitUsage || !strings.Contains(r.err, "is there already") {
				t.Errorf("written again: exit code %d: %s", r.code, r.err)
			}
			f := newFake(t, map[string][]reply{"POST /starts": {ok("start_check")}})
			if r := f.run("engagement", "start", "--check", "-f", file); r.code != 0 || len(f.calls()) != 1 {
				t.Errorf("--check: exit code %d: %s%s", r.code, r.out, r.err)
			}
		})
	}
}

// What cannot be saved is refused, and nothing is written.
func TestWhatIsNotSaved(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"plan --type soc2_type1 --headcount 9 --country US --kickoff 2027-01-11":                         "--save needs --client",
		"plan --type soc2_type1 --categories security --client northgate --report-by 2027-02-26":         "there is no such plan",
		"engagement copy northgate-2027 --kickoff 2028-01-10 --renewal --client fernleaf":                "of the same client",
		"plan --type soc2_type1 --categories security --client fernleaf --kickoff 2027-01-11 --id first": "--partner and --manager",
	} {
		file := filepath.Join(t.TempDir(), "next.yaml")
		answers := map[string][]reply{"POST /plans": {ok("plan")}}
		switch {
		case strings.Contains(args, "report-by"):
			answers["POST /plans"] = []reply{ok("plan_impossible")}
		case strings.Contains(args, "--id first"):
			answers["GET /engagements"] = []reply{{status: 200, body: `{"items":[]}`}}
		}
		r := newFake(t, answers).run(append(strings.Fields(args), "--save", file)...)
		if _, err := os.Stat(file); r.code == 0 || !strings.Contains(r.err, want) || err == nil {
			t.Errorf("%s: exit code %d, %v: %s", args, r.code, err, r.err)
		}
	}
}

// The next engagement is called like the one before, with its own year, and as none that is there.
func TestTheNextId(t *testing.T) {
	t.Parallel()
	there := []client.EngagementLine{{ID: "northgate-2027"}, {ID: "northgate-2028"}, {ID: "northgate-2028-2"}}
	for like, want := range map[string]string{"northgate-2027": "northgate-2028-3", "northgate": "northgate-2028-3",
		"first-2027-2": "first-2028", "q3-review": "q3-review-2028"} {
		if got := nextID(like, models.Date{Year: 2028, Month: 1, Day: 10}, there); string(got) != want {
			t.Errorf("after %s comes %s, not %s", like, got, want)
		}
	}
}
