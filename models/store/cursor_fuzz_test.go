package store

import (
	"testing"

	"tickmark/models"
)

// FuzzCursor reads any text as the place in a list: it is refused, or the list gave it, and then it is the one text of its place.
func FuzzCursor(f *testing.F) {
	s := &Store{firm: "acme"}
	lists := []*pager{s.pager("engagements", []string{"e.health_rank", "e.id"}, true), s.pager("events", []string{"seq"}, false)}
	for _, p := range lists {
		values := []string{"1", "e1"}[:len(p.columns)]
		f.Add(p.cursor(values))
		f.Add(p.cursor(values)[1:])
	}
	for _, seed := range []string{"", "bm9uc2Vuc2U", "W10", "W251bGxd", "WzEsMl0", "\x00", "//", "eyJhIjoxfQ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		for _, p := range lists {
			values, err := p.open(cursor)
			if err != nil {
				if models.CodeOf(err) != models.Invalid {
					t.Errorf("%q: %v", cursor, err)
				}
				continue
			}
			if again := p.cursor(values); again != cursor {
				t.Errorf("%q is %q, which is written %q", cursor, values, again)
			}
		}
	})
}
