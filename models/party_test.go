package models

import (
	"strings"
	"testing"
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
