package engagement_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// Wherever a task is named it has one title, which begins with what tells it from its like: what several copies of one catalog task share
// stands last. What somebody typed as a title stays as it is.
func TestTitlesBeginWithWhatDiffers(t *testing.T) {
	t.Parallel()
	copies, named := 0, 0
	for seed := range 24 {
		r := rand.New(rand.NewPCG(uint64(seed), 14))
		d := modelstest.SomeLife(t, r)
		begins := map[string]int{}
		for _, x := range d.Facts.Tasks {
			tmpl, ok := d.Facts.Catalog.Template(x.Template)
			if title := x.Heading(); ok && x.Subject != "" && tmpl.Repeats == nil {
				copies++
				if begins[tmpl.Title]++; strings.HasPrefix(title, tmpl.Title) {
					t.Errorf("%s is called %q, as all of its kind begin", x.ID, title)
				}
			} else if !ok && title != x.Title {
				t.Errorf("%s is called %q, not %q", x.ID, title, x.Title)
			}
		}
		report := d.Facts.Report(d.Now)
		said := []string{}
		for _, x := range report.Reasons {
			said = append(said, x.Text)
		}
		for _, w := range report.WaitingFor {
			said = append(said, w.First)
		}
		for _, g := range report.Gates {
			for _, b := range g.Blockers {
				said = append(said, b.Text)
			}
		}
		for _, text := range said {
			for title, n := range begins {
				if named++; n > 0 && strings.Contains(text, title+": ") {
					t.Errorf("%q names a task by what it shares with %d others first", text, n)
				}
			}
		}
	}
	if copies < 300 || named < 300 {
		t.Errorf("only %d copies and %d texts were looked at", copies, named)
	}
	part := engagement.Task{ID: "RE-06.X1_2", Template: "RE-06", Subject: "X1", Title: "The VPN: the second half"}
	if got := part.Heading(); got != part.Title {
		t.Errorf("a part that somebody called %q is called %q", part.Title, got)
	}
}
