package fault_test

import (
	"fmt"
	"testing"

	"tickmark/activities/fake/fault"
)

// A flaw happens to a word.
type flaw struct {
	name, word string
	nth, times int
}

func (f flaw) Fits(word string) bool   { return f.word == "" || f.word == word }
func (f flaw) Often() (nth, times int) { return f.nth, f.times }

// What goes wrong is counted out: the first fault that is due, the others count along, and by chance only where none was due.
func TestFaultsAreCountedOut(t *testing.T) {
	var table fault.Table[flaw, string]
	met := func(words ...string) (out string) {
		for _, w := range words {
			if f := table.Meet(w); f != nil {
				out += f.name
			} else {
				out += "-"
			}
		}
		return out
	}
	expect := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	expect("nothing was added", met("a", "b"), "--")
	table.Add(flaw{name: "1", word: "a", nth: 2}, flaw{name: "2", word: "a", nth: 3, times: 2}, flaw{name: "3", word: "b"})
	expect("each in its turn", met("a", "a", "a", "a", "a", "b", "b", "c"), "-122-33-")
	table.SetFunc(func(w string) *flaw { return &flaw{name: fmt.Sprintf("(%s)", w)} })
	expect("by chance where none is due", met("a", "b"), "(a)3")
	table.Clear()
	table.Add(flaw{name: "4", times: 1}, flaw{name: "5", times: 1})
	expect("the first that is due, once", met("a", "b", "c"), "45-")
}
