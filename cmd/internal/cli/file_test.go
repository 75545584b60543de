package cli

import (
	"strings"
	"testing"
)

const engagementYAML = `client:
  id: fernleaf
  name: Fernleaf Analytics
  headcount: 12
  country: US
  time_zone: America/Los_Angeles
people:
  - {id: marta, name: Marta Lindqvist, role: partner, time_zone: America/New_York}
  - {id: joel, name: Joel Okafor, role: pm, time_zone: America/New_York}
  - {id: dana, name: Dana Whitfield, role: sponsor, time_zone: America/Los_Angeles}
  - {id: sam, name: Sam Iverson, role: owner, time_zone: America/Los_Angeles}
functions:
  sponsor: {person: dana, backup: sam}
  eng_lead: {person: sam}
engagement:
  id: fernleaf-2027
  type: soc2_type1
  kickoff: 2027-01-11
  partner: marta
  manager: joel
`

// What is wrong with a file is told with its line, and with what would be right.
func TestFileErrors(t *testing.T) {
	t.Parallel()
	if _, err := parseFile("f.yaml", []byte(engagementYAML)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name     string
		old, new string
		want     string // all of the error
	}{
		{"unknown section", "people:", "peoples:",
			`f.yaml:7: the file has no field "peoples"; it has client, people, functions, engagement; did you mean people?
f.yaml:13: functions.sponsor names dana, who is not among the people of this file
f.yaml:13: functions.sponsor names sam, who is not among the people of this file
f.yaml:14: functions.eng_lead names sam, who is not among the people of this file`},
		{"unknown field", "headcount: 12", "employees: 12",
			`f.yaml:4: client has no field "employees"; it has id, name, headcount, country, time_zone, weekend, closed_days, open_days
f.yaml:2: client.headcount is missing`},
		{"unknown field of a person", "role: pm,", "roles: pm,",
			`f.yaml:9: people[2] has no field "roles"; it has id, name, role, email, time_zone, closed_days, open_days; did you mean role?
f.yaml:9: people[2].role is missing`},
		{"missing client", engagementYAML[:strings.Index(engagementYAML, "people:")], "", `f.yaml:1: client is missing`},
		{"client is a word", engagementYAML[:strings.Index(engagementYAML, "people:")], "client: fernleaf\n",
			"f.yaml:1: client must have fields, each on a line of its own as in id: …, and not be a single value; it has id, name, headcount, " +
				"country, time_zone, weekend, closed_days, open_days"},
		{"wrong date", "2027-01-11", "11.1.2027",
			`f.yaml:18: engagement.kickoff: "11.1.2027" is not a date: write year-month-day, as in 2026-03-31`},
		{"no such day", "2027-01-11", "2027-02-30", `f.yaml:18: engagement.kickoff: 2027-02-30 is not a day of the calendar`},
		{"no date", "2027-01-11", "", `f.yaml:18: engagement.kickoff must have a value`},
		{"no number", "headcount: 12", "headcount: a dozen", `f.yaml:4: client.headcount "a dozen" must be a whole number, 1 or more`},
		{"person twice", "id: joel", "id: dana", `f.yaml:10: people[3]: dana is there twice`},
		{"field twice", "  country: US", "  headcount: 13", `f.yaml:5: client has headcount twice
f.yaml:2: client.country is missing`},
		{"function twice", "eng_lead:", "sponsor:", `f.yaml:14: functions.sponsor is there twice`},
		{"function of nobody known", "person: sam}", "person: lee}",
			`f.yaml:14: functions.eng_lead names lee, who is not among the people of this file`},
		{"function of the firm", "person: sam}", "person: joel}", `f.yaml:14: functions.eng_lead names joel, who is a pm and not of the client`},
		{"backup of oneself", "backup: sam", "backup: dana",
			`f.yaml:13: functions.sponsor names dana as person and as backup: nobody stands in for themselves`},
		{"unknown role", "role: pm", "role: boss", `f.yaml:9: people[2].role "boss" is none of partner, pm, consultant, sponsor, owner, auditor
f.yaml:20: engagement.manager names joel, who is a boss here and not a pm`},
		{"an address that mail does not reach", "role: pm,", "role: pm, email: joël@firm.example,",
			`f.yaml:9: people[2].email "joël@firm.example" cannot be reached by mail from here: before the @ it may have the letters a to z only, ` +
				`digits and signs; name another address of theirs`},
		{"partner is the manager", "partner: marta", "partner: joel",
			`f.yaml:19: engagement.partner names joel, who is a pm here and not a partner`},
		{"wrong id", "id: fernleaf-2027", "id: Fernleaf 2027",
			`f.yaml:16: engagement.id "Fernleaf 2027" must be 1 to 63 lower-case letters, digits or hyphens, beginning with a letter or digit`},
		{"wrong zone", "time_zone: America/Los_Angeles\npeople", "time_zone: PST8\npeople",
			`f.yaml:6: client.time_zone "PST8" is not an IANA time zone such as America/New_York`},
		{"wrong weekend", "country: US", "country: US\n  weekend: [friday, caturday]",
			`f.yaml:6: client.weekend[2] caturday is none of monday, tuesday, wednesday, thursday, friday, saturday, sunday` +
				`; did you mean saturday?`},
		{"wrong open day", "country: US", "country: US\n  open_days: [Columbus Day]",
			`f.yaml:6: client.open_days[1]: "Columbus Day" is not a date: write year-month-day, as in 2026-03-31`},
		{"wrong closed day", "country: US", "country: US\n  closed_days: [2027-12-24, 2027-12-32]",
			`f.yaml:6: client.closed_days[2]: 2027-12-32 is not a day of the calendar`},
		{"a list where a value belongs", "headcount: 12", "headcount: [12]",
			`f.yaml:4: client.headcount must be a single value and not be a list`},
		{"a value where a list belongs", "country: US", "country: US\n  closed_days: 2027-12-24",
			"f.yaml:6: client.closed_days must be a list, each of it after a hyphen or all in [square brackets], and not be a single value"},
		{"a list of functions", "  sponsor: {person: dana, backup: sam}\n  eng_lead: {person: sam}", "  - {person: dana}",
			"f.yaml:13: functions must have a name on each line and what belongs to it after a colon, and not be a list"},
		{"a name that is nearly somebody's", "person: sam}", "person: sma}",
			`f.yaml:14: functions.eng_lead names sma, who is not among the people of this file; did you mean sam?`},
		{"not YAML", "people:", "people: [", `f.yaml:7: this is not YAML: did not find expected node content`},
		{"a second document", "  manager: joel\n", "  manager: joel\n---\nclient: {}\n",
			`f.yaml:21: a file holds one engagement: this begins a second document`},
		{"empty", engagementYAML, "# nothing\n", `f.yaml:1: the file is empty: docs/examples has what it should hold`},
		{"a list", engagementYAML, "- client\n",
			"f.yaml:1: the file must have fields, each on a line of its own as in client: …, and not be a list; it has client, " +
				"people, functions, " +
				"engagement"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(engagementYAML, tt.old) {
				t.Fatalf("there is no %q", tt.old)
			}
			_, err := parseFile("f.yaml", []byte(strings.Replace(engagementYAML, tt.old, tt.new, 1)))
			if err == nil || err.Error() != tt.want {
				t.Errorf("got\n%v\nwant\n%s", err, tt.want)
			}
		})
	}
}

// Of a file that is wrong throughout, the first errors are told.
func TestFileManyErrors(t *testing.T) {
	t.Parallel()
	_, err := parseFile("f.yaml", []byte(strings.ReplaceAll(engagementYAML, ": ", "s: ")))
	if err == nil || strings.Count(err.Error(), "\n") != maxErrors || !strings.HasSuffix(err.Error(), "… and more") {
		t.Errorf("got %v", err)
	}
}

// However a file is broken, it is refused and not more.
func FuzzFile(f *testing.F) {
	f.Add(engagementYAML)
	f.Add("client: &c {id: a}\npeople: [*c]\nengagement: *c\n")
	f.Add("a: &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		if file, err := parseFile("f", []byte(text)); err == nil {
			file.request(fromFile{})
		}
	})
}
