package holiday_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"tickmark/models/holiday"
)

var update = flag.Bool("update", false, "write docs/countries.md")

// page is docs/countries.md as it has to be.
func page() string {
	var b strings.Builder
	b.WriteString("# Countries with public holidays\n\n" +
		"Written by a test from `models/holiday` (`go test ./models/holiday -run ThePage -update`). The days are those of " +
		"the library\n" +
		"rickar/cal with corrections of ours. Where a day of last check stands, they were held on that day against a second source " +
		"for 2026 to\n" +
		"2029: rules written down apart from the library, in the tests, as their writer knew the law that is named; no gazette was at hand.\n" +
		"The days of Israel, Kenya, Serbia and Singapore for 2026 to 2028 were held on 2026-12-01 against those that python-holidays (as of\n" +
		"2026-07-23) and date-holidays (as of 2026-08-14) list: of what is a day off for everybody\n" +
		"they differ on 4 May 2027 in Serbia alone, which is off here as in the first.\n" +
		"Where none stands, the days are the library's alone. Days that only the moon decides are in no country's list.\n" +
		"What a decree or a proclamation decides from year to year cannot be known in advance: who has a client there lists these days as\n" +
		"closed days, and days on which the company works nevertheless as open days, for the firm, the client or a person. Of the countries\n" +
		"that the library has Thailand is left out: its cabinet decides each year what is off in place of a weekend.\n\n" +
		"| code | country | last check | by | to be known |\n| --- | --- | --- | --- | --- |\n")
	for _, country := range holiday.Countries() {
		c, on := holiday.CheckOf(country), "not checked"
		if !c.On.IsZero() {
			on = c.On.String()
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", country, c.Name, on, c.Source, c.Note)
	}
	return b.String()
}

func TestThePageOfCountriesIsUpToDate(t *testing.T) {
	const path = "../../docs/countries.md"
	want := page()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("docs/countries.md is not as the countries are (%v): run this test with -update", err)
	}
}
