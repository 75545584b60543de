package store

import (
	"testing"

	"tickmark/models"
)

func TestSmoke(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "alpha")
		f, res := w.change(t, Once{Actor: "mia", Key: "k1", Hash: "h"}, func(f *models.Facts) {
			put(f, tasks(0, 200, models.TaskOpen)...)
			log(f, models.Event{At: noon, Kind: "x"})
		})
		t.Logf("%+v %d", res, len(f.Tasks))
		f, err := w.Facts(t.Context(), "e1", models.Need{})
		check(t, err)
		t.Logf("%d tasks, %d people, %+v", len(f.Tasks), len(f.People), f.Engagement)
	})
}

func BenchmarkFacts(b *testing.B) {
	root := openSQLite(b)
	w := newWorld(b, root, "alpha")
	w.change(b, Once{Actor: "mia", Key: "k1", Hash: "h"}, func(f *models.Facts) {
		put(f, tasks(0, 200, models.TaskOpen)...)
	})
	for b.Loop() {
		_, err := w.Facts(b.Context(), "e1", models.Need{})
		check(b, err)
	}
}
