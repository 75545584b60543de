package engagement_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

var (
	storyCount = flag.Int("stories", 20, "how many random stories TestForecastsComeTrue lives through")
	storySeed  = flag.Uint64("story-seed", proofSeeds, "the seed of the first of them")
	showWeeks  = flag.Bool("weeks", false, "print by week by how much forecasts were wrong")
)

// proofSeeds is the seed of the first story by which forecasts are measured, and for nothing else: those by which they were made begin at
// 1,000,000.
const proofSeeds = 1

// A miss is by how much one report was forecast wrongly in one week, in business days: less than none is too early.
type miss struct {
	week, story     int
	forecast, naive int
	kept            bool // it came by the cautious date
}

// misses returns by how much a story that is over was forecast wrongly.
func (s *played) misses(story int) []miss {
	var out []miss
	for _, w := range s.weeks {
		for _, p := range w.said {
			if on := s.issued[p.Kind]; p.Issued.IsZero() {
				out = append(out, miss{w.n, story, s.f.Workdays(on, p.Expected), s.f.Workdays(on, w.naive[p.Kind]), !on.After(p.Cautious)})
			}
		}
	}
	return out
}

// A sum adds misses up.
type sum struct {
	n, forecast, naive, kept int
}

func (a *sum) add(m miss) {
	a.n++
	a.forecast += abs(m.forecast)
	a.naive += abs(m.naive)
	if m.kept {
		a.kept++
	}
}

func (a sum) mean() (forecast, naive, kept float64) {
	n := float64(max(1, a.n))
	return float64(a.forecast) / n, float64(a.naive) / n, 100 * float64(a.kept) / n
}

func abs(n int) int { return max(n, -n) }

// A tally has what was forecast wrongly in many stories.
type tally struct {
	mu             sync.Mutex
	all            sum
	weeks, stories map[int]*sum
	told           map[int]string // of stories that are forecast worse than naively: week by week
	unending       int
}

func (c *tally) add(story int, s *played, over bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !over {
		c.unending++
		return
	}
	for _, m := range s.misses(story) {
		c.all.add(m)
		sumOf(c.weeks, m.week).add(m)
		sumOf(c.stories, story).add(m)
	}
	if f, naive, _ := sumOf(c.stories, story).mean(); f > naive+tolerated {
		c.told[story] = s.tell()
	}
}

// tell returns week by week what was said in a story: of each report when it was expected, when plainly, and when it came.
func (s *played) tell() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d people, kickoff %s\n", s.name, s.f.Client.Headcount, s.f.Engagement.Kickoff)
	for _, w := range s.weeks {
		for _, p := range w.said {
			if on := s.issued[p.Kind]; p.Issued.IsZero() {
				fmt.Fprintf(&b, "week %d, %s: %s expected %s (%+d), plainly %s (%+d), came %s; pace %d; %s\n", w.n, w.on, p.Kind, p.Expected,
					s.f.Workdays(on, p.Expected), w.naive[p.Kind], s.f.Workdays(on, w.naive[p.Kind]), on, p.Pace, w.standing)
			}
		}
	}
	return b.String()
}

func sumOf(m map[int]*sum, k int) *sum {
	if m[k] == nil {
		m[k] = &sum{}
	}
	return m[k]
}

// tolerated is by how many business days a story may be forecast worse than by the naive way, on average.
const tolerated = 10

// table prints by week by how many business days forecasts were wrong.
func (c *tally) table() string {
	var b strings.Builder
	fmt.Fprintln(&b, "| week | forecasts | mean error | of plan plus present lateness | kept the cautious date |\n| --- | --- | --- | "+
		"--- | --- |")
	for _, w := range slices.Sorted(maps.Keys(c.weeks)) {
		f, n, k := c.weeks[w].mean()
		fmt.Fprintf(&b, "| %d | %d | %.1f | %.1f | %.0f %% |\n", w, c.weeks[w].n, f, n, k)
	}
	f, n, k := c.all.mean()
	fmt.Fprintf(&b, "| all | %d | %.1f | %.1f | %.0f %% |\n", c.all.n, f, n, k)
	return b.String()
}

// Random stories, whose people know nothing of how forecasts are made: on average a report is forecast better than by the plan plus the
// present lateness, six to nine of ten come by their cautious date, and no story is forecast worse than naively by more than ten business
// days. `make forecast` measures more of them; docs/forecast.md has the figures.
func TestForecastsComeTrue(t *testing.T) {
	t.Parallel()
	c := &tally{weeks: map[int]*sum{}, stories: map[int]*sum{}, told: map[int]string{}}
	t.Run("firms", func(t *testing.T) {
		for firm := range *storyCount / perFirm {
			t.Run(fmt.Sprint(firm), func(t *testing.T) {
				t.Parallel()
				var before engagement.Earlier
				for i := firm * perFirm; i < (firm+1)*perFirm; i++ {
					s := aStory(t, *storySeed+uint64(i))
					s.f.Earlier = before
					c.add(i, s, s.play())
					before = before.With(s.f.Engagement.Pace, s.f.Engagement.Outlook)
				}
			})
		}
	})
	forecast, naive, kept := c.all.mean()
	for _, i := range slices.Sorted(maps.Keys(c.told)) {
		f, n, _ := c.stories[i].mean()
		fmt.Printf("seed %d, of the firm from %d on: wrong by %.1f business days, plainly by %.1f: %s\n", *storySeed+uint64(i),
			*storySeed+uint64(i-i%perFirm), f, n, c.told[i])
	}
	worse := len(c.told)
	if *showWeeks {
		fmt.Printf("%s\n%d stories, %d without an end in four years, %d forecast worse than plainly by more than 10 business days\n", c.table(),
			*storyCount, c.unending, worse)
	}
	if forecast >= naive || kept < 65 || kept > 92 || worse > 0 || c.unending > 0 {
		t.Errorf("forecasts are wrong by %.1f business days, the plan plus the present lateness by %.1f; %.0f %% came by the cautious date; "+
			"%d stories are forecast worse by more than 10 days, %d have no end", forecast, naive, kept, worse, c.unending)
	}
}

// Everybody is three business days late with everything: from the second month on the forecast is within ten business days of the day on
// which the report comes, long before half of the way is over, though the report comes half a year late. What is said of their pace has
// that number.
func TestEverybodyLateIsForeseen(t *testing.T) {
	t.Parallel()
	d := modelstest.Draft(t, "soc2_type1")
	s := &played{t: t, name: "late", f: d.Facts, now: d.Now, people: everybody(rand.New(rand.NewPCG(1, 1)), 3), exact: 3}
	if !s.play() {
		t.Fatal("no report comes")
	}
	late := 0.0
	_, err := fmt.Sscanf(s.pace, "at the pace of people so far each step still to come would be %f business days late,", &late)
	if err != nil || late < 2.5 || late > 3.5 {
		t.Errorf("everybody is three days late, and of a step to come is said: %q", s.pace)
	}
	for _, m := range s.misses(0) {
		if m.week >= 5 && abs(m.forecast) > 10 {
			t.Errorf("in week %d the forecast is wrong by %d business days", m.week, m.forecast)
		}
		if *showWeeks {
			fmt.Printf("everybody three days late, week %d: wrong by %d, plainly by %d\n", m.week, m.forecast, m.naive)
		}
	}
}

// Everybody does everything on its day: every report is expected when it comes, on every morning of all ten types.
func TestWhoIsOnTimeIsForecastSo(t *testing.T) {
	for _, typ := range modelstest.Types() {
		t.Run(typ, func(t *testing.T) {
			t.Parallel()
			d := modelstest.Draft(t, typ)
			s := &played{t: t, name: typ, f: d.Facts, now: d.Now, people: everybody(rand.New(rand.NewPCG(1, 1)), 0)}
			if !s.play() {
				t.Fatal("no report comes")
			}
			for _, m := range s.misses(0) {
				if abs(m.forecast) > 3 {
					t.Errorf("in week %d the forecast is wrong by %d business days", m.week, m.forecast)
				}
			}
		})
	}
}
