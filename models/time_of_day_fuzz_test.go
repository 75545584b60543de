package models

import "testing"

// FuzzParseTimeOfDay reads any text: what is taken for a time of day is written as it was.
func FuzzParseTimeOfDay(f *testing.F) {
	for _, seed := range []string{"08:30", "00:00", "23:59", "24:00", "8:30", "+8:30", "-0:30", "08:3", "08:+3", "0٨:30", "", ":",
		"08:30:00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, err := ParseTimeOfDay("digest_at", text)
		if err != nil {
			if CodeOf(err) != Invalid {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if at < 0 || at >= 24*60 || at.String() != text {
			t.Errorf("%q is %d, written %q", text, at, at)
		}
	})
}
