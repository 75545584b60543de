package store

import (
	"encoding/json"
	"slices"
	"testing"
)

// Lists are written and read by hand where their texts are plain, and by JSON's rules where they are not: nobody can tell which.
func TestListsAreJSON(t *testing.T) {
	for _, texts := range [][]string{{"KO-0001"}, {"KO-01", "KO-02_3"}, {"", "a"}, {`"`}, {`a","b`}, {`\`, "c"}, {"ü ☂"}, {"a\nb", "<&>"},
		{"[", "]"}, {","}, {"\u2028"}, {"~ ", "\x7f"}} {
		want, err := json.Marshal(texts)
		check(t, err)
		text := listText(texts)
		if text != string(want) {
			t.Errorf("%q is written as %s, not %s", texts, text, want)
		}
		r := &reader{}
		if got := list[string](r, text); !slices.Equal(got, texts) || r.err != nil {
			t.Errorf("%s is read as %q: %v", text, got, r.err)
		}
	}
	for text, want := range map[string]int{"": 0, "[]": 0, "null": 0, `[ "a", "b" ]`: 2} {
		r := &reader{}
		if got := list[string](r, text); len(got) != want || r.err != nil {
			t.Errorf("%s is read as %q: %v", text, got, r.err)
		}
	}
	for _, broken := range []string{"a", `["a"`, `"a"`, "{}", "[1]"} {
		r := &reader{}
		if got := list[string](r, broken); r.err == nil {
			t.Errorf("%s is read as %q", broken, got)
		}
	}
	if listText([]string{}) != "" || listText[string](nil) != "" {
		t.Error("an empty list is not written as the empty text")
	}
}
