package holiday_test

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/holiday"
)

// second is what the laws say of public holidays, written down apart from the library and computed by rules of our own. A rule is a day:
//
//	1225      25 December
//	E-2, O+1  so many days from Easter Sunday of the western or of the orthodox church
//	Mon3-01   the third Monday of January; Mon9 is the last
//	Fri>0619  the first Friday on or after 19 June
//	Mon<0524  the last Monday on or before 24 May
//
// and what follows it says when it is kept:
//
//	~us       on Friday when it falls on a Saturday, on Monday when on a Sunday
//	~mon      on Monday when it falls on a weekend; ~sun only from a Sunday; ~sat on Saturday when it falls on a Sunday
//	~after    on the next day that is neither of a weekend nor kept already, from a Sunday only
//	~next     on the next day that is neither of a weekend nor kept already
//	~ar       on the Monday before when it falls on Tuesday or Wednesday, on the one after when on Thursday or Friday
//	:2026     only in that year; !2026 in all but that one
var second = map[string]string{
	"AR":     "0101 E-48 E-47 0324 0402 E-2 0501 0525 0617~ar 0620 0709 0817~ar 1012~ar 1120~ar 1208 1225",
	"AT":     "0101 0106 E+1 0501 E+39 E+50 E+60 0815 1026 1101 1208 1225 1226",
	"AU":     "0101~mon 0126~mon E-2 E+1 0425 1225~next",
	"BE":     "0101 E+1 0501 E+39 E+50 0721 0815 1101 1111 1225",
	"BG":     "0101~next 0303~next O-2 O-1 O+0 O+1 0501~next 0506~next 0524~next 0906~next 0922~next 1224~next 1225~next 1226~next",
	"BR":     "0101 E-48 E-47 E-2 0421 0501 E+60 0907 1012 1102 1115 1120 1225",
	"CA":     "0101~next E-2 Mon<0524 0701~mon Mon1-09 0930~mon Mon2-10 1111~mon 1225~next 1226~next",
	"CA-ON":  "0101~next Mon3-02 E-2 Mon<0524 0701~sun Mon1-09 Mon2-10 1225~next 1226~next",
	"CH":     "0101 E+39 0801 1225",
	"CY":     "0101 0106 O-48 0325 0401 O-2 O+1 0501 O+50 0815 1001 1028 1225 1226",
	"CZ":     "0101 E-2 E+1 0501 0508 0705 0706 0928 1028 1117 1224 1225 1226",
	"DE":     germany,
	"DE-BB":  germany + " E+0 E+49 1031",
	"DE-BE":  germany + " 0308 0617:2028",
	"DE-BW":  germany + " 0106 E+60 1101",
	"DE-BY":  germany + " 0106 E+60 1101",
	"DE-HB":  germany + " 1031",
	"DE-HE":  germany + " E+60",
	"DE-HH":  germany + " 1031",
	"DE-MV":  germany + " 0308 1031",
	"DE-NI":  germany + " 1031",
	"DE-NW":  germany + " E+60 1101",
	"DE-RP":  germany + " E+60 1101",
	"DE-SH":  germany + " 1031",
	"DE-SL":  germany + " E+60 0815 1101",
	"DE-SN":  germany + " 1031 Wed<1122",
	"DE-ST":  germany + " 0106 1031",
	"DE-TH":  germany + " 0920 1031",
	"DK":     "0101 E-3 E-2 E+0 E+1 E+39 E+49 E+50 0605 1225 1226",
	"EE":     "0101 0224 E-2 E+0 0501 E+49 0623 0624 0820 1224 1225 1226",
	"ES":     "0101 0106 E-2 0501 0815 1012 1101 1206 1208 1225",
	"FI":     "0101 0106 E-2 E+0 E+1 0501 E+39 E+49 Fri>0619 Sat>0620 Sat>1031 1206 1224 1225 1226",
	"FR":     france,
	"GB":     "0101~next E-2 E+1 Mon1-05 Mon9-05 Mon9-08 1225~next 1226~next",
	"GB-NIR": "0101~next 0317~mon E-2 E+1 Mon1-05 Mon9-05 0712~mon Mon9-08 1225~next 1226~next",
	"GB-SCT": "0101~next 0102~next E-2 Mon1-05 Mon9-05 Mon1-08 1130~mon 1225~next 1226~next",
	"GR":     "0101 0106 O-48 0325 O-2 O+1 0501 O+50 0815 1028 1225 1226",
	"HR":     "0101 0106 E+0 E+1 0501 0530 E+60 0622 0805 0815 1101 1118 1225 1226",
	"HU":     "0101 0315 E-2 E+0 E+1 0501 E+49 E+50 0820 1023 1101 1225 1226",
	"IE":     "0101 Mon1-02 0317 E+1 Mon1-05 Mon1-06 Mon1-08 Mon9-10 1225 1226",
	"IL": "0402:2026 0408:2026 0422:2026 0522:2026 0912:2026 0913:2026 0921:2026 0926:2026 1003:2026 " +
		"0422:2027 0428:2027 0512:2027 0611:2027 1002:2027 1003:2027 1011:2027 1016:2027 1023:2027 " +
		"0411:2028 0417:2028 0502:2028 0531:2028 0921:2028 0922:2028 0930:2028 1005:2028 1012:2028 " +
		"0331:2029 0406:2029 0419:2029 0520:2029 0910:2029 0911:2029 0919:2029 0924:2029 1001:2029",
	"IN": "0126 0815 1002",
	"IS": "0101 E-3 E-2 E+0 E+1 Thu>0419 0501 E+39 E+49 E+50 0617 Mon1-08 1224 1225 1226 1231",
	"IT": "0101 0106 E+0 E+1 0425 0501 0602 0815 1004 1101 1208 1225 1226",
	"JP": "0101 Mon2-01 0211~sun 0223 0320!2027 0322:2027 0429~sun 0504 0505 0506:2026 0503!2026 Mon3-07 0811 Mon3-09 0922:2026 " +
		"0923:2026 0923:2027 0922:2028 0924:2029 Mon2-10 1103 1123",
	"KE": "0101~after E-2 E+1 0501~after 0601~after 1010~after 1020~after 1212~after 1226~after 1225~after",
	"LT": "0101 0216 0311 E+0 E+1 0501 Sun1-05 Sun1-06 0624 0706 0815 1101 1102 1224 1225 1226",
	"LU": "0101 E+1 0501 0509 E+39 E+50 0623 0815 1101 1225 1226",
	"LV": "0101 E-2 E+0 E+1 0501 0504~mon Sun2-05 0623 0624 1118~mon 1224 1225 1226 1231",
	"MT": "0101 0210 0319 0331 E-2 0501 0607 0629 0815 0908 0921 1208 1213 1225",
	"MX": "0101 Mon1-02 Mon3-03 0501 0916 1001:2030 Mon3-11 1225",
	"NC": france + " 0924",
	"NL": "0101 E-2 E+0 E+1 0427~sat 0505 E+39 E+49 E+50 1225 1226",
	"NO": "0101 E-3 E-2 E+0 E+1 0501 0517 E+39 E+49 E+50 1225 1226",
	"NZ": "0101~next 0102~next 0206~mon E-2 E+1 0425~mon Mon1-06 0710:2026 0625:2027 0714:2028 0706:2029 Mon4-10 1225~next 1226~next",
	"PL": "0101 0106 E+0 E+1 0501 0503 E+49 E+60 0815 1101 1111 1224 1225 1226",
	"PT": "0101 E-2 E+0 0425 0501 E+60 0610 0815 1005 1101 1201 1208 1225",
	"RO": "0101 0102 0106 0107 0124 O-2 O+0 O+1 0501 0601 O+49 O+50 0815 1130 1201 1225 1226",
	"RS": "0102~after 0101~after 0107 0216~after 0215~after O-2 O-1 O+0 O+1 0501~after 0502~after 1111~after",
	"RU": "0101 0102 0103 0104 0105 0106 0107 0108 0223~mon 0308~mon 0501~mon 0509~mon 0612~mon 1104~mon",
	"SE": "0101 0106 E-2 E+0 E+1 0501 E+39 E+49 0606 Fri>0619 Sat>0620 Sat>1031 1224 1225 1226 1231",
	"SG": "0101~after 0218:2026 0217:2026 0206:2027 0207~after:2027 0127:2028 0126:2028 0214:2029 0213:2029 E-2 0501~after 0809~after " +
		"1225~after",
	"SI": "0101 0102 0208 E+0 E+1 0427 0501 0502 E+49 0625 0815 1031 1101 1225 1226",
	"SK": "0101 0106 E-2 E+1 0501 0508!2026 0705 0829 0915!2026 1101 1224 1225 1226",
	"UA": "0101~mon 0308~mon O+1 O+50 0501~mon 0508~mon 0628~mon 0715~mon 0824~mon 1001~mon 1225~mon",
	"US": "0101~us Mon3-01 Mon3-02 Mon9-05 0619~us 0704~us Mon1-09 Mon2-10 1111~us Thu4-11 1225~us",
	"ZA": "0101~sun 0321~sun E-2 E+1 0427~sun 0501~sun 0616~sun 0809~sun 0924~sun 1216~sun 1225~sun 1226~sun",
}

const (
	germany = "0101 E-2 E+1 0501 E+39 E+50 1003 1225 1226"
	france  = "0101 E+1 0501 0508 E+39 E+50 0714 0815 1101 1111 1225"
)

// westernEaster is Easter Sunday by the paschal full moon of the Gregorian tables, in the form of Carter.
func westernEaster(year int) models.Date {
	moon := 225 - 11*(year%19)
	for moon > 50 {
		moon -= 30
	}
	if moon > 48 {
		moon--
	}
	weekday := (year + year/4 + moon + 1) % 7
	return models.Date{Year: year, Month: time.March, Day: 1}.AddDays(moon + 7 - weekday - 1)
}

// orthodoxEaster is Easter Sunday by the Julian tables, thirteen days later in our calendar.
func orthodoxEaster(year int) models.Date {
	moon := (19*(year%19) + 15) % 30
	weekday := (2*(year%4) + 4*(year%7) - moon + 34) % 7
	return models.Date{Year: year, Month: time.March, Day: 22}.AddDays(moon + weekday + 13)
}

func TestEasterOfTheSecondSource(t *testing.T) {
	for year, want := range map[int]string{2026: "2026-04-05 2026-04-12", 2027: "2027-03-28 2027-05-02", 2028: "2028-04-16 2028-04-16",
		2029: "2029-04-01 2029-04-08"} {
		if got := westernEaster(year).String() + " " + orthodoxEaster(year).String(); got != want {
			t.Errorf("Easter %d is %s, want %s", year, got, want)
		}
	}
}

var ruleForm = regexp.MustCompile(`^(?:(\d\d)(\d\d)|([EO])([+-]\d+)|([A-Z][a-z][a-z])(\d)-(\d\d)|([A-Z][a-z][a-z])([<>])(\d\d)(\d\d))` +
	`(?:~([a-z]+))?(?:([:!])(\d{4}))?$`)

var weekdayNames = []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}

func number(s string) int { n, _ := strconv.Atoi(s); return n }

func on(year int, month, day string) models.Date {
	return models.Date{Year: year, Month: time.Month(number(month)), Day: number(day)}
}

// dayOf returns the day that a rule names, before it is moved.
func dayOf(m []string, year int) models.Date {
	toward := func(d models.Date, name string, by int) models.Date {
		for weekdayNames[d.Weekday()] != name {
			d = d.AddDays(by)
		}
		return d
	}
	switch {
	case m[1] != "":
		return on(year, m[1], m[2])
	case m[3] == "E":
		return westernEaster(year).AddDays(number(m[4]))
	case m[3] == "O":
		return orthodoxEaster(year).AddDays(number(m[4]))
	case m[6] == "9":
		return toward(on(year, m[7], "01").AddDays(31).AddDays(-on(year, m[7], "01").AddDays(31).Day), m[5], -1)
	case m[5] != "":
		return toward(on(year, m[7], "01"), m[5], +1).AddDays(7 * (number(m[6]) - 1))
	case m[9] == ">":
		return toward(on(year, m[10], m[11]), m[8], +1)
	}
	return toward(on(year, m[10], m[11]), m[8], -1)
}

// kept returns the day on which a holiday is kept that falls on d.
func kept(d models.Date, how string, taken map[models.Date]bool) models.Date {
	at, by := d.Weekday(), 0
	switch {
	case how == "us" && at == time.Saturday, how == "sat" && at == time.Sunday:
		by = -1
	case (how == "us" || how == "mon" || how == "sun") && at == time.Sunday:
		by = 1
	case how == "mon" && at == time.Saturday:
		by = 2
	case how == "ar" && at >= time.Tuesday && at <= time.Friday:
		by = [...]int{-1, -2, 4, 3}[at-time.Tuesday]
	case how == "next", how == "after" && at == time.Sunday:
		for taken[d] || d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
			d = d.AddDays(1)
		}
	}
	return d.AddDays(by)
}

// secondYear returns the days off of a year as the second source has them.
func secondYear(t *testing.T, rules string, year int) map[models.Date]bool {
	t.Helper()
	out := map[models.Date]bool{}
	for _, of := range []int{year - 1, year, year + 1} {
		taken := map[models.Date]bool{}
		for rule := range strings.FieldsSeq(rules) {
			m := ruleForm.FindStringSubmatch(rule)
			if m == nil {
				t.Fatalf("rule %s cannot be read", rule)
			}
			if m[13] != "" && (m[13] == ":") != (number(m[14]) == of) {
				continue
			}
			d := kept(dayOf(m, of), m[12], taken)
			taken[d] = true
			if d.Year == year {
				out[d] = true
			}
		}
	}
	return out
}

// weekend reports whether nobody in a country works on a day in any case: what falls there and is not moved changes nothing.
func weekend(country string, d models.Date) bool {
	if country == "IL" {
		return d.Weekday() == time.Friday || d.Weekday() == time.Saturday
	}
	return d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
}

func TestTheLibraryAndTheSecondSourceAgree(t *testing.T) {
	for _, country := range slices.Sorted(maps.Keys(second)) {
		for year := 2026; year <= 2029; year++ {
			off := between(t, country, strconv.Itoa(year)+"-01-01", strconv.Itoa(year)+"-12-31")
			want := secondYear(t, second[country], year)
			for d := range want {
				if off[d] == "" && !weekend(country, d) {
					t.Errorf("%s: %s (%s) is a day off by law and not here", country, d, d.Weekday())
				}
			}
			for d, name := range off {
				if !want[d] && !weekend(country, d) {
					t.Errorf("%s: %s (%s) is %s here, and no day off by law", country, d, d.Weekday(), name)
				}
			}
		}
	}
}

// Who says when a country was checked has a second source for it, and the other way round.
func TestACountryIsCheckedWhereItHasASecondSource(t *testing.T) {
	for _, country := range holiday.Countries() {
		c := holiday.CheckOf(country)
		switch _, has := second[country]; {
		case has != !c.On.IsZero():
			t.Errorf("%s is said to have been checked on %q, and it is %t that it has a second source", country, c.On, has)
		case has && c.Source == "":
			t.Errorf("%s does not say by which law it was checked", country)
		case c.Name == "":
			t.Errorf("%s has no name", country)
		}
	}
	for country := range second {
		if !slices.Contains(holiday.Countries(), country) {
			t.Errorf("%s has a second source and is not known", country)
		}
	}
}

// The days that trials found wrong.
func TestDaysThatChangedAreRight(t *testing.T) {
	for _, c := range []struct {
		country, day string
		off          bool
	}{
		{"PL", "2026-12-24", true}, {"IT", "2027-10-04", true}, {"BR", "2026-11-20", true}, {"RO", "2027-01-06", true},
		{"RO", "2027-01-07", true}, {"SK", "2026-09-01", false}, {"SK", "2027-09-01", false}, {"NZ", "2026-07-10", true},
		{"NZ", "2027-06-25", true}, {"DE-MV", "2027-03-08", true}, {"AR", "2027-03-26", true}, {"IN", "2027-01-26", true},
		{"GB-SCT", "2027-11-30", true}, {"GB-SCT", "2027-03-29", false}, {"CA-ON", "2027-02-15", true}, {"MX", "2027-02-01", true},
		{"MX", "2029-10-01", false}, {"MX", "2030-10-01", true}, {"SK", "2026-05-08", false}, {"SK", "2027-05-08", true},
		{"SK", "2026-09-15", false}, {"SK", "2026-11-17", false}, {"CA", "2028-10-02", true}, {"CA", "2029-10-01", true},
		{"IL", "2025-10-02", true}, {"IL", "2030-04-18", true}, {"IL", "2030-05-08", true}, {"IL", "2031-09-18", true},
		{"SG", "2030-02-04", true}, {"SG", "2030-02-05", true}, {"SG", "2051-02-13", false}, {"KE", "2033-12-26", true},
		{"KE", "2033-12-27", true}, {"RS", "2026-02-17", true}, {"RS", "2021-05-04", true}, {"RS", "2032-05-04", true},
		{"HU", "2026-04-03", true}, {"BG", "2027-12-27", true}, {"BG", "2027-12-28", true},
	} {
		if name := between(t, c.country, c.day, c.day)[day(t, c.day)]; (name != "") != c.off {
			t.Errorf("%s %s is %q, and it is %t that it is a day off", c.country, c.day, name, c.off)
		}
	}
	if name := between(t, "AR", "2027-03-25", "2027-03-25")[day(t, "2027-03-25")]; name != "" {
		t.Errorf("AR 2027-03-25 is %q, and nobody is off by law", name)
	}
}
