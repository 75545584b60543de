package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"tickmark/models"
)

// A tally is what came of a world, or of several.
type tally struct {
	runs                                                   int
	expected, asked, sent, found, late, expired, uncertain int
	again, doubles, lost                                   int
	kills, slack, mail                                     int             // how often what went wrong
	writes                                                 int             // of the load of production
	stolen                                                 int64           // answers to COMMITs
	waits                                                  []time.Duration // how long messages of production waited
	befell                                                 map[string]int
	hits                                                   map[string]int
	lines                                                  []string // what each morning met
	broken                                                 []string
}

func newTally(w *world) *tally {
	t := &tally{hits: maps.Clone(w.hits), befell: maps.Clone(w.befell)}
	for _, d := range slices.SortedFunc(maps.Keys(w.mornings), func(a, b models.Date) int { return a.Compare(b) }) {
		m := w.mornings[d]
		if m.last {
			continue
		}
		t.runs++
		t.kills += len(m.kills)
		t.lines = append(t.lines, fmt.Sprintf("seed %d, %s: %s", w.seed, d, m))
	}
	for _, n := range w.slack.FaultsHit() {
		t.slack += n
	}
	for _, n := range w.mail.FaultsHit() {
		t.mail += n
	}
	return t
}

// lose, double and breach note a promise that was broken.
func (t *tally) lose(format string, args ...any) {
	t.lost++
	t.broken = append(t.broken, "LOST "+fmt.Sprintf(format, args...))
}

func (t *tally) double(format string, args ...any) {
	t.doubles++
	t.broken = append(t.broken, "DOUBLE "+fmt.Sprintf(format, args...))
}

func (t *tally) breach(format string, args ...any) {
	t.broken = append(t.broken, "BROKEN "+fmt.Sprintf(format, args...))
}

func (t *tally) add(o tally) {
	t.runs += o.runs
	t.expected += o.expected
	t.asked += o.asked
	t.sent += o.sent
	t.found += o.found
	t.late += o.late
	t.expired += o.expired
	t.uncertain += o.uncertain
	t.again += o.again
	t.doubles += o.doubles
	t.lost += o.lost
	t.kills += o.kills
	t.slack += o.slack
	t.mail += o.mail
	t.writes += o.writes
	t.stolen += o.stolen
	t.waits = append(t.waits, o.waits...)
	if t.befell == nil {
		t.befell = map[string]int{}
	}
	for k, n := range o.befell {
		t.befell[k] += n
	}
	if t.hits == nil {
		t.hits = map[string]int{}
	}
	for k, n := range o.hits {
		t.hits[k] += n
	}
	t.lines = append(t.lines, o.lines...)
	t.broken = append(t.broken, o.broken...)
}

// never returns what should have gone wrong and never did.
func (t *tally) never() (out []string) {
	for _, p := range points {
		for _, what := range []string{"kill", "stop"} {
			if t.hits[p+"="+what] == 0 {
				out = append(out, p+"="+what)
			}
		}
	}
	for what, n := range map[string]int{"calls of Slack": t.slack, "steps of mail": t.mail, "kills by the hour": t.kills} {
		if n == 0 {
			out = append(out, what)
		}
	}
	return out
}

// print says what came of it: first what each morning met, last what was promised and broken.
func (t *tally) print(out io.Writer) {
	for _, line := range t.lines {
		fmt.Fprintln(out, line)
	}
	var hits []string
	for _, k := range slices.Sorted(maps.Keys(t.hits)) {
		hits = append(hits, fmt.Sprintf("%s %d", k, t.hits[k]))
	}
	fmt.Fprintf(out, "\n%d mornings; went wrong: %d calls of Slack, %d steps of mail, %d kills by the hour; failpoints: %s\n", t.runs,
		t.slack, t.mail, t.kills, strings.Join(hits, ", "))
	fmt.Fprintf(out, "expected %d daily messages and %d questions; sent %d, of them found in the history %d; uncertain %d; too late for "+
		"their day %d (expired %d); sent again and said so %d; duplicates %d; lost %d\n",
		t.expected, t.asked, t.sent, t.found, t.uncertain, t.late, t.expired, t.again, t.doubles, t.lost)
	if len(t.waits) > 0 {
		slices.Sort(t.waits)
		n := len(t.waits)
		fmt.Fprintf(out, "%d writes of the load acknowledged; %d answers to COMMIT stolen; befell: %v\n", t.writes, t.stolen, t.befell)
		fmt.Fprintf(out, "%d messages waited, without what was away: half of them %s, the last %s\n", n,
			t.waits[n/2].Round(time.Millisecond), t.waits[n-1].Round(time.Millisecond))
	}
	for _, line := range t.broken {
		fmt.Fprintln(out, line)
	}
}
