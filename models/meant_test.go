package models

import (
	"strings"
	"testing"
)

// Who writes nearly the right word is told the right one; who writes another is told nothing.
func TestMeant(t *testing.T) {
	t.Parallel()
	countries, roles := []string{"AT", "DE", "DE-BY", "GB", "US", "none"}, each(Roles)
	types := []string{"soc1_type1", "soc2_type1", "soc2_type2", "soc2_type1_type2"}
	for _, x := range []struct {
		word  string
		known []string
		want  string
	}{
		{"USA", countries, "US"}, {"us", countries, "US"}, {"Germany", countries, "DE"}, {"UK", countries, "GB"}, {"de-by", countries, "DE-BY"},
		{"United Kingdom", countries, "GB"}, {"XX", countries, ""}, {"UT", countries, ""}, {"Atlantis", countries, ""}, {"", countries, ""},
		{"Sponser", roles, "sponsor"}, {"manager", roles, "pm"}, {"boss", roles, ""}, {"onwer", roles, "owner"},
		{"soc2-type1", types, "soc2_type1"}, {"soc2_typ2", types, "soc2_type2"}, {"soc 2 type 2", types, "soc2_type2"}, {"iso27001", types, ""},
	} {
		if got := Meant(x.word, x.known); got != x.want {
			t.Errorf("by %q %q is meant, not %q", x.word, got, x.want)
		}
	}
	if got := DidYouMean("USA", countries); got != "; did you mean US?" {
		t.Errorf("said %q", got)
	}
	if got := DidYouMean("US", countries); got != "" {
		t.Errorf("of the right word said %q", got)
	}
}

// What is near is said in one order, wherever it is asked: what is the word itself, what is commonly called so, what differs by a letter or
// two, and what the word is a part of; a country has its name beside its code.
func TestNear(t *testing.T) {
	t.Parallel()
	ids := []string{"x", "northgate-2027", "northgate-2028", "northgat", "southgate"}
	for word, want := range map[string]string{"northgat": "northgat northgate-2027 northgate-2028", "nortgat": "northgat",
		"Northgate 2028": "northgate-2028 northgate-2027", "gate": "northgate-2027 northgate-2028 southgate", "y": ""} {
		if got := strings.Join(Near(word, ids, 3), " "); got != want {
			t.Errorf("near %q is %q, not %q", word, got, want)
		}
	}
	known := []string{"DE", "DE-BY", "GB-SCT", "KR", "US"}
	for country, want := range map[string]string{"USA": "US (United States)", "Bavaria": "DE-BY (Bavaria, Germany)",
		"Scotland": "GB-SCT (Scotland)", "de": "DE (Germany)"} {
		err := CheckCountry("country", country, known)
		if err == nil || !strings.HasSuffix(err.Error(), "; did you mean "+want+"?") {
			t.Errorf("%s: %v, want %s", country, err, want)
		}
	}
	if err := CheckCountry("country", "Atlantis", known); err == nil || strings.Contains(err.Error(), "did you mean") {
		t.Errorf("Atlantis: %v", err)
	}
}

func each[T ~string](all []T) []string {
	out := make([]string, len(all))
	for i, x := range all {
		out[i] = string(x)
	}
	return out
}
