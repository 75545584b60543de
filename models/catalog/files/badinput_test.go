package files_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"tickmark/models/catalog/files"
)

// spoilt returns the catalog's own files, to be spoiled.
func spoilt(t *testing.T) fstest.MapFS {
	t.Helper()
	names, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	for _, n := range names {
		if strings.HasSuffix(n.Name(), ".yaml") {
			text, err := os.ReadFile(n.Name())
			if err != nil {
				t.Fatal(err)
			}
			out[n.Name()] = &fstest.MapFile{Data: text}
		}
	}
	return out
}

// A slip is one edit of one file, of the first old after a marker, and what the error must say of it.
type slip struct {
	name, file, marker, old, new string
	says                         []string
}

func (s slip) spoil(t *testing.T) fstest.MapFS {
	t.Helper()
	all := spoilt(t)
	before, after, found := strings.Cut(string(all[s.file].Data), s.marker)
	if !found || !strings.Contains(after, s.old) {
		t.Fatalf("%s has no %q after %q: the test is out of date", s.file, s.old, s.marker)
	}
	all[s.file].Data = []byte(before + s.marker + strings.Replace(after, s.old, s.new, 1))
	return all
}

func TestMistakesAreRefusedWithFilePlaceAndWhatIsAllowed(t *testing.T) {
	for _, s := range []slip{
		// What the file says.
		{"unknown key", "controls.yaml", "id: GOV-01,", "domain:", "colour: blue, domain:",
			[]string{"controls.yaml", "line 31", "colour"}},
		{"unknown key deep inside", "phases.yaml", "id: KO-02,", "offset: -5", "offset: -5, hour: 9",
			[]string{"phases.yaml", "line ", "hour"}},
		{"a week to do anything", "phases.yaml", "sizes:", "least_days: 1", "least_days: 6", []string{"phases.yaml", "least_days", "0 to 5"}},
		{"a day's work on its day", "phases.yaml", "id: KO-10,", "redo: true}", "redo: true, on_the_day: true}",
			[]string{"phases.yaml", "KO-15", "on_the_day", "at most 2"}},
		{"an occurrence on its day", "phases.yaml", "id: WI-01,", "depends_on: [WS-06]}", "depends_on: [WS-06], on_the_day: true}",
			[]string{"phases.yaml", "WI-01", "from_cadence"}},
		{"key given twice", "policies.yaml", "id: POL-01,", "review:", `name: "Again", review:`,
			[]string{"policies.yaml", "name", "already defined"}},
		{"text for a number", "phases.yaml", "id: KO-02,", "offset: -5", "offset: soon",
			[]string{"phases.yaml", "line ", "soon"}},
		{"second document", "roles.yaml", "", "schema: catalog/v1", "schema: catalog/v1\n---\n",
			[]string{"roles.yaml", "second document"}},
		{"other schema", "sampling.yaml", "schema: ", "catalog/v1", "catalog/v2",
			[]string{"sampling.yaml", "catalog/v2", "allowed: catalog/v1"}},
		// Ids.
		{"control twice", "controls.yaml", "", "id: GOV-02,", "id: GOV-01,", []string{"controls.yaml: GOV-01", "twice", "once"}},
		{"task twice", "phases.yaml", "", "id: KO-02,", "id: KO-01,", []string{"phases.yaml: KO-01", "twice", "once"}},
		{"gate twice", "phases.yaml", "", "id: G-GA-1,", "id: G-KO-1,", []string{"phases.yaml: G-KO-1", "twice", "once"}},
		{"SOC 1 control named as a common one", "soc1.yaml", "", "id: S1-01A,", "id: GOV-01,",
			[]string{"soc1.yaml: GOV-01", "twice", "once"}},
		{"SOC 1 request named as a common one", "soc1.yaml", "", "id: S1E-02,", "id: EV-001,",
			[]string{"soc1.yaml: EV-001", "twice", "once"}},
		{"no id", "evidence.yaml", "", "id: EV-007,", `id: "",`, []string{"evidence.yaml", "id is empty"}},
		// References.
		{"control to criterion", "controls.yaml", "id: GOV-01,", "CC1.5", "CC1.9",
			[]string{"controls.yaml: GOV-01", `"CC1.9"`, "the 61 criteria"}},
		{"control to domain", "controls.yaml", "id: GOV-01,", "domain: GOV", "domain: GOVERN",
			[]string{"controls.yaml: GOV-01", `"GOVERN"`, "allowed: GOV, HR, COM"}},
		{"control to owner", "controls.yaml", "id: GOV-01,", "owner: hr_lead", "owner: boss",
			[]string{"controls.yaml: GOV-01", `"boss"`, "allowed: sponsor, security_lead"}},
		{"control to frequency", "controls.yaml", "id: GOV-01,", "frequency: annual", "frequency: hourly",
			[]string{"controls.yaml: GOV-01", `"hourly"`, "allowed: continuous, daily"}},
		{"domain to category", "controls.yaml", "id: AVL,", "category: availability", "category: uptime",
			[]string{"controls.yaml: AVL", `"uptime"`, "allowed: security, availability"}},
		{"policy to control", "policies.yaml", "id: POL-01,", "GOV-05", "GOV-95",
			[]string{"policies.yaml: POL-01", `"GOV-95"`, "the 120 controls"}},
		{"policy naming a control twice", "policies.yaml", "id: POL-01,", "GOV-05, GOV-08", "GOV-05, GOV-05",
			[]string{"policies.yaml: POL-01", `"GOV-05" twice`}},
		{"request to control", "evidence.yaml", "id: EV-001,", "COM-05", "COM-55",
			[]string{"evidence.yaml: EV-001", `"COM-55"`, "the 120 controls"}},
		{"request to stage", "evidence.yaml", "id: EV-001,", "stages: [gap, t1, t2]", "stages: [gap, t3]",
			[]string{"evidence.yaml: EV-001", `"t3"`, "allowed: gap, t1, t2"}},
		{"population without a sample", "evidence.yaml", "id: EV-005,", `, sample: "Notice text, date and audience."`, "",
			[]string{"evidence.yaml: EV-005", "sample", "population"}},
		{"question to severity", "questions.yaml", "id: Q-001,", "severity: medium", "severity: awful",
			[]string{"questions.yaml: Q-001", `"awful"`, "allowed: critical, high, medium, low"}},
		{"question without effort", "questions.yaml", "id: Q-001,", "effort_days: 2", "effort_days: 0",
			[]string{"questions.yaml: Q-001", "effort_days", "more than 0"}},
		{"size without factor", "questions.yaml", "size_factor:", `"250": 1.8, `, "",
			[]string{"questions.yaml: size_factor", "250", "allowed"}},
		{"SOC 1 control to reused control", "soc1.yaml", "id: S1-01A,", "IAM-04", "IAM-44",
			[]string{"soc1.yaml: S1-01A", `"IAM-44"`, "the 120 controls"}},
		{"SOC 1 question to objective", "soc1.yaml", "id: S1Q-02,", "CO-13", "CO-33",
			[]string{"soc1.yaml: S1Q-02", `"CO-33"`, "allowed: CO-01, CO-02"}},
		{"Cybersecurity criterion to request", "soccyber.yaml", "id: CYDC1,", "EV-003", "EV-303",
			[]string{"soccyber.yaml: CYDC1", `"EV-303"`, "the 106 requests"}},
		{"Cybersecurity question to criterion", "soccyber.yaml", "id: CYQ-01,", "CYDC18", "DC18",
			[]string{"soccyber.yaml: CYQ-01", `"DC18"`, "allowed: CYDC1"}},
		{"task to owner", "phases.yaml", "id: KO-02,", "owner: partner", "owner: chief",
			[]string{"phases.yaml: KO-02", `"chief"`, "roles and client functions"}},
		{"task to anchor", "phases.yaml", "id: KO-02,", "anchor: kickoff_date", "anchor: kick_off",
			[]string{"phases.yaml: KO-02", `"kick_off"`, "allowed: kickoff_date, gap_start"}},
		{"task to task", "phases.yaml", "id: KO-03,", "KO-01, KO-02", "KO-01, KO-92",
			[]string{"phases.yaml: KO-03", `"KO-92"`, "the 107 tasks"}},
		{"task to expansion", "phases.yaml", "id: GA-02,", "per_evidence_gap", "per_document",
			[]string{"phases.yaml: GA-02", `"per_document"`, "per_evidence_gap"}},
		{"check of a task there is not", "phases.yaml", "id: RE-14,", "checks: RE-06", "checks: RE-96",
			[]string{"phases.yaml: RE-14", `"RE-96"`, "the 107 tasks"}},
		{"check of another thing's task", "phases.yaml", "id: RE-14,", "checks: RE-06", "checks: RE-07",
			[]string{"phases.yaml: RE-14", "RE-07", `a task with the same expand, "per_gap_high"`}},
		{"a risk that is no gap's", "phases.yaml", "id: KO-01,", "owner:", "risk: true, owner:",
			[]string{"phases.yaml: KO-01", "allowed: per_gap_high, per_gap_low"}},
		{"a report that nobody issues", "phases.yaml", "id: T1-16,", "issues_report: true", "issues_report: false",
			[]string{"phases.yaml: t1_report", "0 of its tasks", "allowed: 1"}},
		{"gate to approver", "phases.yaml", "id: G-KO-1,", "approver: sponsor", "approver: boss",
			[]string{"phases.yaml: G-KO-1", `"boss"`, "partner, pm, consultant, sponsor, owner, auditor, system"}},
		{"gate to a task there is not", "phases.yaml", "id: G-KO-1,", "[KO-15]", "[KO-99]",
			[]string{"phases.yaml: G-KO-1", `"KO-99"`, "allowed: KO-01, KO-02"}},
		{"gate to a task of another phase", "phases.yaml", "id: G-KO-1,", "[KO-15]", "[GA-12]",
			[]string{"phases.yaml: G-KO-1", `"GA-12"`, "allowed: KO-01, KO-02"}},
		{"gate that asks for nothing", "phases.yaml", "id: G-KO-1,", "[KO-15]", "[]",
			[]string{"phases.yaml: G-KO-1", "needs is empty", "at least one"}},
		{"phase to anchor", "phases.yaml", "- id: gap", "start_anchor: gap_start", "start_anchor: day_one",
			[]string{"phases.yaml: gap", `"day_one"`, "allowed: kickoff_date, gap_start"}},
		{"phase out of order", "phases.yaml", "- id: gap", "order: 2", "order: 3",
			[]string{"phases.yaml: gap", "order is 3", "allowed: 2"}},
		{"return to phase", "phases.yaml", "id: RT-02,", "to: remediation", "to: repair",
			[]string{"phases.yaml: RT-02", `"repair"`, "same phase"}},
		{"renewal to task", "phases.yaml", "skip_tasks:", "GA-05", "GA-55",
			[]string{"phases.yaml: renewal_rules", `"GA-55"`, "the 107 tasks"}},
		{"type to flag", "phases.yaml", "id: soc2_type1,", "audit", "exam",
			[]string{"phases.yaml: soc2_type1", `"exam"`, "allowed: soc2, soc1, cyber"}},
		{"duration that falls", "phases.yaml", "phase: kickoff,", "[3, 5, 8]", "[3, 9, 8]",
			[]string{"phases.yaml: kickoff", "3, 9, 8", "rising order"}},
		{"fallbacks in a ring", "roles.yaml", "id: eng_lead,", "fallback: sponsor", "fallback: it_lead",
			[]string{"roles.yaml: eng_lead", "ends at sponsor"}},
		{"hole in the population rows", "sampling.yaml", "by_population", "min: 13", "min: 14",
			[]string{"sampling.yaml: by_population", "14", "allowed: 13"}},
		{"reminder to nobody known", "reminders.yaml", "id: gate", "to: [owner]", "to: [everybody]",
			[]string{"reminders.yaml: gate", `"everybody"`, "allowed: owner, backup"}},
		{"category short of a criterion", "criteria.yaml", "id: availability,", "count: 3", "count: 4",
			[]string{"criteria.yaml: availability", "4", "allowed: 3"}},
		// Sense.
		{"tasks in a circle", "phases.yaml", "id: KO-01,", "depends_on: []", "depends_on: [KO-15]",
			[]string{"phases.yaml: KO-01", "circle", "KO-15 after"}},
		{"waiting for a later phase", "phases.yaml", "id: KO-02,", "depends_on: []", "depends_on: [GA-01]",
			[]string{"phases.yaml: KO-02", "later phase gap"}},
		{"due before what it waits for", "phases.yaml", "id: KO-06,", "offset: 0", "offset: -2",
			[]string{"phases.yaml: KO-06", "KO-05", "0 or more"}},
		{"gate needs what a renewal skips", "phases.yaml", "id: G-RE-2,", "[RE-04, RE-05]", "[RE-02, RE-05]",
			[]string{"phases.yaml: G-RE-2", `"RE-02"`, "soc2_type2_renewal"}},
		{"task without its phase", "phases.yaml", "id: WC-05,", "when: [t2]", "when: []",
			[]string{"phases.yaml: WC-05", "readiness_only", "t2_close"}},
		{"anchor without its type", "phases.yaml", "id: RN-05,", "final_report_date", "window_close",
			[]string{"phases.yaml: RN-05", "window_close", "readiness_only"}},
		{"control nobody proves", "evidence.yaml", "id: EV-081,", "[AVL-01]", "[AVL-02]",
			[]string{"evidence.yaml: AVL-01", "no request"}},
		{"criterion without a policy", "policies.yaml", "id: POL-21,", "[A1.1, A1.2]", "[A1.2]",
			[]string{"criteria.yaml: A1.1", "question or a policy"}},
		{"description criterion nobody asks about", "soccyber.yaml", "id: CYQ-05,", "[CYDC6]", "[CYDC5]",
			[]string{"soccyber.yaml: CYDC6", "no question"}},
		{"objective without evidence", "soc1.yaml", "id: S1E-01,", "CO-02, ", "",
			[]string{"soc1.yaml: CO-02", "lacks evidence"}},
		{"question beyond its controls", "questions.yaml", "id: Q-054,", "[A1.1]", "[A1.1, A1.3]",
			[]string{"questions.yaml: Q-054", "A1.3", "AVL-01"}},
		{"small company without a board control", "controls.yaml", "id: GOV-03,", "scale: 0", "scale: 50",
			[]string{"controls.yaml: CC1.2", "10 people", "at least one"}},
	} {
		t.Run(s.name, func(t *testing.T) {
			c, err := files.Parse(s.spoil(t))
			if err == nil || c != nil {
				t.Fatalf("the mistake went unnoticed: %q instead of %q in %s", s.new, s.old, s.file)
			}
			for _, part := range s.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error does not say %q:\n%v", part, err)
				}
			}
		})
	}
}

func TestAMissingFileIsNamed(t *testing.T) {
	for name := range spoilt(t) {
		all := spoilt(t)
		delete(all, name)
		if c, err := files.Parse(all); err == nil || c != nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v, want an error that names it", name, err)
		}
	}
}

func TestAnEmptyCatalogIsRefusedWithoutPanic(t *testing.T) {
	all := spoilt(t)
	for name := range all {
		all[name] = &fstest.MapFile{Data: []byte("schema: catalog/v1\n")}
	}
	if c, err := files.Parse(all); err == nil || c != nil {
		t.Errorf("a catalog with nothing in it was accepted: %v", c)
	}
}

func TestOneMistakeGivesOneLine(t *testing.T) {
	s := slip{file: "controls.yaml", marker: "id: GOV-01,", old: "owner: hr_lead", new: "owner: boss"}
	_, err := files.Parse(s.spoil(t))
	if err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("one wrong owner is reported as:\n%v", err)
	}
}

func TestTheVersionFollowsTheContents(t *testing.T) {
	whole, err := files.Parse(spoilt(t))
	if err != nil {
		t.Fatal(err)
	}
	s := slip{file: "roles.yaml", marker: "id: pm,", old: "Engagement manager", new: "Manager"}
	reworded, err := files.Parse(s.spoil(t))
	if err != nil {
		t.Fatal(err)
	}
	if whole.Version == reworded.Version {
		t.Errorf("two catalogs with different words share the version %s", whole.Version)
	}
}
