package reminders_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
)

var (
	greeted   = regexp.MustCompile(`(\d+) (?:things? )?(?:is|are|needs?|waits?|for your)\b`)
	quotation = regexp.MustCompile(`“[^”]*”`)
)

// saidOnce holds a message against what it must never do: ask for a thing twice, say a sentence twice, count in its greeting what does not
// stand below, or count something of which there is no list.
func saidOnce(t testing.TB, to string, m reminders.Message) {
	t.Helper()
	items, sentences := map[string]bool{}, map[string]bool{}
	below, beside := 0, 0
	for _, s := range append(slices.Clone(m.Sections), m.Rest...) {
		for _, l := range s.Lines {
			for _, x := range append(sentencesOf(l), strings.Join([]string{s.Title, l.Where, l.Title, l.Text}, "/")) {
				if x = strings.TrimSpace(x); sentences[x] {
					t.Errorf("%s reads twice in one message: %s", to, x)
				}
				sentences[x] = true
			}
			all := l.All
			if len(all) == 0 {
				all = []engagement.Line{l}
			} else if got, ok := m.Listed(l.List); !ok || len(got.All) != len(all) || !strings.Contains(l.Title, strconv.Itoa(len(all))) {
				t.Errorf("%s reads %q, and its list has %d things, not %d", to, l.Title, len(got.All), len(all))
			}
			for _, x := range all {
				key := string(x.Engagement) + "/" + x.Item
				if x.Item != "" && items[key] {
					t.Errorf("%s is told of %s twice in one message", to, x.Item)
				}
				items[key] = true
			}
			switch s.Title {
			case "News", "Held up":
				beside += len(all)
			case "Your engagements this morning":
			default:
				below += len(all)
			}
		}
	}
	counted(t, to, m, below, beside)
}

// sentencesOf returns the sentences of a line that nobody said in their own words. What decisions would move is said with each of them,
// also where it is the same.
func sentencesOf(l engagement.Line) []string {
	if kind, _ := engagement.ParseItem(l.Item); kind == engagement.ItemDecide {
		return nil
	}
	return slices.DeleteFunc(strings.SplitAfter(quotation.ReplaceAllString(l.Detail, "…"), ". "),
		func(x string) bool { return strings.Trim(x, " …") == "" })
}

// counted holds the counts of a message against so many things below its greeting and so many that stand as news, and against its list.
func counted(t testing.TB, to string, m reminders.Message, below, beside int) {
	t.Helper()
	greeting := 0
	for _, n := range greeted.FindAllStringSubmatch(m.Intro, -1) {
		k, _ := strconv.Atoi(n[1])
		greeting += k
	}
	if strings.Contains(m.Intro, " thing") && (greeting < below || greeting > below+beside) {
		t.Errorf("%s reads %q, and %d things stand below, %d as news", to, m.Intro, below, beside)
	}
	rest := 0
	for _, s := range m.Rest {
		for _, l := range s.Lines {
			rest += max(1, len(l.All))
		}
	}
	if list, _ := m.Listed(reminders.ListOfRest); m.More != rest || len(list.All) != rest {
		t.Errorf("%s reads “and %d more”, and the list has %d", to, m.More, len(list.All))
	}
}

// In any life of an engagement no message says a thing twice, its greeting counts what stands below, and whatever it counts has a list that
// holds all of it.
func TestNothingIsSaidTwiceInOneMessage(t *testing.T) {
	t.Parallel()
	messages, together, unshown := 0, 0, 0
	for seed := range 16 {
		r := rand.New(rand.NewPCG(uint64(seed), 12))
		d := modelstest.SomeLife(t, r)
		for range 10 {
			if d.Sensibly(r); r.IntN(3) == 0 {
				d.Pass(d.Now.Add(time.Duration(r.IntN(60*24*12)) * time.Minute))
			}
			aud := modelstest.Audience(d.Facts)
			aud.All = r.IntN(2) == 0
			by := map[models.PersonID][]reminders.Nudge{}
			for _, n := range reminders.Nudges(d.Facts, aud, d.Now) {
				by[n.To] = append(by[n.To], n)
			}
			for id, all := range by {
				m, said := reminders.Digesting{To: aud.People[id], Nudges: all, Limit: 2 + r.IntN(9)}.Digest()
				saidOnce(t, fmt.Sprintf("life %d, %s: %s", seed, d.Now, id), m)
				if len(said) < len(all) || len(m.Lines()) != len(all) { // more: what counts as told with what things cost
					t.Fatalf("life %d: %s hears of %d things in %d lines", seed, id, len(all), len(m.Lines()))
				}
				messages++
				unshown += m.More
				for _, s := range m.Sections {
					together += len(models.Keep(s.Lines, func(l engagement.Line) bool { return len(l.All) > 0 }))
				}
			}
			if t.Failed() {
				return
			}
		}
	}
	if messages < 400 || together < 50 || unshown < 50 {
		t.Errorf("only %d messages with %d groups and %d things counted were looked at", messages, together, unshown)
	}
}

// What a line counts without naming it stands behind its button, whole: what stands still, what is taken over.
func TestWhatALineCountsIsListed(t *testing.T) {
	to := &reminders.Recipient{Person: models.Person{ID: "olga", Name: "Olga Petrov", TimeZone: "Europe/Berlin"}}
	line := engagement.Line{Title: "You take over from Kenji", Text: "Yours to do: A; B; and 2 more.", Whole: []string{"A", "B", "C", "D"}}
	m := reminders.Urgently(to, []engagement.Line{line}, "Northgate", nil, 10)
	said := m.Sections[0].Lines[0]
	all, ok := m.Listed(said.List)
	if !ok || len(all.All) != 4 || all.All[3].Title != "D" {
		t.Errorf("behind %q stands %+v", said.List, all)
	}
	if text := m.Text(); !strings.Contains(text, "- D\n") {
		t.Errorf("who has no buttons reads %s", text)
	}
	if wrong := misread(m); len(wrong) > 0 {
		t.Error(wrong)
	}
}

// Ines moves a phase by five business days: whoever owns three of its tasks or more reads one line of them, by how much later they are due
// and when the first is, and its list says of each when it is due and was before.
func TestMovedDatesStandTogether(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	d.Do("ines", engagement.MoveTask, modelstest.Moving(engagement.Moving{Phase: catalog.PhaseGap, Days: 5}),
		modelstest.Because("the vendor is late"))
	lines, aud, together := map[models.PersonID][]engagement.Line{}, modelstest.Audience(d.Facts), 0
	for _, n := range d.Notices {
		if l, ok := reminders.LineOf(d.Facts, n); ok && n.Kind == engagement.NoticeMoved {
			lines[n.To] = append(lines[n.To], l)
		}
	}
	for who, all := range lines {
		m := reminders.Urgently(aud.People[who], all, "Northgate", nil, 20)
		saidOnce(t, string(who), m)
		for _, l := range m.Sections[0].Lines {
			if len(l.All) == 0 {
				continue
			}
			together++
			first := l.All[0].First
			for _, x := range l.All {
				first = models.Earlier(first, x.First)
				task := d.Task(models.TaskID(strings.TrimPrefix(x.Item, "do:")))
				if !strings.HasPrefix(x.Detail, "Is now due "+models.Dated(task.Due)+" instead of ") {
					t.Errorf("the list of %s says of %s, due %s: %q", who, task.ID, task.Due, x.Detail)
				}
			}
			if l.Title != fmt.Sprintf("%d tasks of %s", len(l.All), d.Facts.PhaseName(catalog.PhaseGap)) ||
				l.Text != "due 5 business days later, the first "+models.Dated(first) || !strings.Contains(l.Detail, "the vendor is late") {
				t.Errorf("%s reads %q, %q, %q", who, l.Title, l.Text, l.Detail)
			}
		}
	}
	if together == 0 {
		t.Errorf("nothing stands together of %d people's lines", len(lines))
	}
}
