package models

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// An address that mail cannot reach from here is refused, and the refusal says what is in the way (B44).
func TestAddresses(t *testing.T) {
	for _, good := range []string{"ana@example.com", "ana.b+soc@mail.example", "o'neil@x-y.example", "ana@intranet",
		"ana@xn--frnleaf-5wa.example",
		strings.Repeat("a", 64) + "@example.com"} {
		if err := CheckEmail("email", good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	const other = " cannot be reached by mail from here: "
	for bad, want := range map[string]string{
		"":                                       `"" is not a mail address, as in ana@example.com`,
		"ana":                                    " is not a mail address",
		"ana@":                                   " is not a mail address",
		"@example.com":                           " is not a mail address",
		"ana b@example.com":                      " is not a mail address",
		"a@b@example.com":                        " is not a mail address",
		"ana.@example.com":                       " is not a mail address",
		"a..b@example.com":                       " is not a mail address",
		"(ana)@example.com":                      " is not a mail address",
		"ana@example..com":                       " is not a mail address",
		"ana@-x.example":                         " is not a mail address",
		"ana@example.com.":                       " is not a mail address",
		strings.Repeat("a", 65) + "@example.com": " is not a mail address",
		"lée@fernleaf.example":                   other + "before the @ it may have the letters a to z only",
		"lee@färnleaf.example":                   other + "write its domain in the letters a to z, in the form that begins with xn--",
	} {
		if err := CheckEmail("email", bad); err == nil || !strings.HasPrefix(err.Error(), "email ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestOpenDaysArePublicHolidaysOfTheWeek(t *testing.T) {
	monday, friday, sunday := Date{2027, 10, 11}, Date{2027, 10, 15}, Date{2027, 10, 17}
	gulf := []time.Weekday{time.Friday, time.Saturday}
	for _, c := range []struct {
		closed, open []Date
		weekend      []time.Weekday
		want         string
	}{
		{nil, []Date{monday, friday}, nil, ""},
		{[]Date{friday}, []Date{monday}, nil, ""},
		{nil, []Date{sunday}, gulf, ""},
		{nil, []Date{friday}, gulf, "open_days"},
		{nil, []Date{sunday}, nil, "open_days"},
		{[]Date{monday}, []Date{monday}, nil, "open_days"},
		{nil, make([]Date, 1001), nil, "open_days"},
		{make([]Date, 1001), nil, nil, "closed_days"},
	} {
		var field string
		if refusal, ok := errors.AsType[*Error](CheckOwnDays(c.closed, c.open, c.weekend)); ok {
			field = refusal.Field
		}
		if field != c.want {
			t.Errorf("closed on %v, open on %v: %q is refused, want %q", c.closed[:min(2, len(c.closed))], c.open[:min(2, len(c.open))], field,
				c.want)
		}
	}
}
