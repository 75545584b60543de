package store

import (
	"fmt"
	"testing"
	"time"

	"tickmark/models/engagement"
)

func TestForgetKeys(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		add := func(n int) Changed {
			_, result, err := w.Change(t.Context(), "e1", Once{Actor: "ines", Key: fmt.Sprint(n), Hash: "h"}, engagement.Need{},
				noon.Add(time.Duration(n)*time.Hour),
				func(f *engagement.Facts, _ time.Time) (string, error) {
					f.Engagement.Added++
					return "", nil
				})
			check(t, err)
			return result
		}
		for n := range 5 {
			add(n)
		}
		for _, c := range []struct{ limit, want int }{{2, 2}, {2, 1}, {2, 0}} {
			n, err := root.ForgetKeys(t.Context(), noon.Add(3*time.Hour), c.limit)
			check(t, err)
			if n != c.want {
				t.Errorf("forgot %d, want %d", n, c.want)
			}
		}
		if add(2).Replayed || !add(3).Replayed || !add(4).Replayed {
			t.Error("the wrong keys were forgotten")
		}
	})
}

func TestOnceOf(t *testing.T) {
	c := engagement.Command{Key: "k", Hash: "h", IfRevision: 3, Actor: engagement.Actor{Person: "ines"}}
	same(t, "the once", OnceOf(c), Once{Actor: "ines", Key: "k", Hash: "h", IfRevision: 3})
}
