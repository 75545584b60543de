package holiday_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// published are the days off from Monday to Friday (in Israel from Sunday to Thursday), as month and day, that two public collections of
// holidays list for the countries of which no gazette was at hand: the snapshots of python-holidays as of 2026-07-23 and the fixtures of
// date-holidays as of 2026-08-14, looked up on 2026-12-01. Left out is what both, or one of them, have and what is no day off by law for
// everybody (in Israel the days between the first and the last of a feast, remembrance days and Purim; in Kenya Idd-ul-Azha and Diwali),
// and what the moon decides (Idd-ul-Fitr; in Singapore Hari Raya, Vesak Day and Deepavali). They differ on one other day: that 4 May 2027
// is off in Serbia, since 2 May is a Sunday and 3 May is off already, the first has and the second has not.
var published = map[string]map[int]string{
	"IL": {
		2026: "0402 0408 0422 0913 0921",
		2027: "0422 0428 0512 1003 1011",
		2028: "0411 0417 0502 0531 0921 1005 1012",
	},
	"KE": {
		2026: "0101 0403 0406 0501 0601 1020 1225",
		2027: "0101 0326 0329 0601 1011 1020 1213 1227",
		2028: "0414 0417 0501 0601 1010 1020 1212 1225 1226",
	},
	"RS": {
		2026: "0101 0102 0107 0216 0217 0410 0413 0501 1111",
		2027: "0101 0107 0215 0216 0430 0503 0504 1111",
		2028: "0103 0107 0215 0216 0414 0417 0501 0502",
	},
	"SG": {
		2026: "0101 0217 0218 0403 0501 0810 1225",
		2027: "0101 0208 0326 0809",
		2028: "0126 0127 0414 0501 0809 1225",
	},
}

// Where no gazette was at hand, the days are those that others publish.
func TestDaysAreThoseThatArePublished(t *testing.T) {
	for _, country := range slices.Sorted(maps.Keys(published)) {
		for year, want := range published[country] {
			var got []string
			off := between(t, country, strconv.Itoa(year)+"-01-01", strconv.Itoa(year)+"-12-31")
			for d := range off {
				if !weekend(country, d) {
					got = append(got, d.String()[5:7]+d.String()[8:])
				}
			}
			slices.Sort(got)
			if days := strings.Join(got, " "); days != want {
				t.Errorf("%s %d has %s, and published are %s", country, year, days, want)
			}
		}
	}
}
