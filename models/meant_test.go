package models

import "testing"

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

func each[T ~string](all []T) []string {
	out := make([]string, len(all))
	for i, x := range all {
		out[i] = string(x)
	}
	return out
}
