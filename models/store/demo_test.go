package store

import (
	"slices"
	"testing"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// Law: of a demo that is dropped nothing remains in any table, and nothing of another firm goes with it. A firm that is no demo cannot be
// dropped, and does not become one, also for somebody with a console.
func TestOnlyADemoIsDroppedAndThenWhole(t *testing.T) {
	if all := append(slices.Clone(ofFirms), "firms"); !slices.Equal(slices.Sorted(slices.Values(all)), slices.Sorted(slices.Values(tables))) {
		t.Errorf("what is dropped is not all tables: %v", all)
	}
	each(t, func(t *testing.T, root *Root) {
		said := func(f *engagement.Facts) {
			f.Comments = append(f.Comments, engagement.Comment{Task: "x", Text: "x"})
			log(f, engagement.Event{At: noon, Kind: "x"})
		}
		acme := newWorld(t, root, "acme")
		acme.change(t, Once{}, said)
		before := dump(t, root, "")
		firm := modelstest.Firm("bright")
		firm.DemoOf = "acme"
		demo := worldOf(t, root, firm)
		demo.change(t, Once{Actor: "ines", Key: "k", Hash: "h"}, said)
		talks(t, demo)
		found, err := acme.Demo(t.Context())
		check(t, err)
		if found.ID != "bright" || found.DemoOf != "acme" {
			t.Errorf("its firm finds %+v", found)
		}
		refused(t, acme.DropDemo(t.Context()), models.Forbidden)
		if err := root.db.Exec("UPDATE firms SET demo_of = 'x' WHERE id = 'acme'").Error; err == nil {
			t.Error("a firm has become a demo")
		}
		check(t, demo.DropDemo(t.Context()))
		if after := dump(t, root, ""); after != before {
			t.Errorf("what is left is not what there was:\n%s", difference(before, after))
		}
	})
}
