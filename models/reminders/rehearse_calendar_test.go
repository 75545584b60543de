package reminders_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// calendar returns every message of a rehearsal, in order, and at the end how many messages each person gets. A line is written in
// full the first time its reader gets it, and where no line beside it changes in the same way. Neighboring lines that stood beside
// each other in an earlier message to the same person, and about which the same is new, are written as one line: how many they
// are, the title of the first, when they were last written, and what is new.
func calendar(all []reminders.Rehearsed) string {
	var b strings.Builder
	readers := map[models.PersonID]reader{}
	for _, m := range all {
		if readers[m.To.ID] == nil {
			readers[m.To.ID] = reader{}
		}
		at := m.At.In(m.To.Zone()).Format("Mon 2006-01-02 15:04")
		fmt.Fprintf(&b, "%s  %-22s %s\n", at, m.To.Name, m.Message.Intro)
		readers[m.To.ID].reads(&b, at, m.Message)
		if m.Message.More > 0 {
			fmt.Fprintf(&b, "      and %d more\n", m.Message.More)
		}
	}
	b.WriteString(count(all))
	return b.String()
}

// A reader is what somebody has read so far: where the line of each title was last written.
type reader map[string]written

// written is where a line stood: in the message of a time, at a place counted from 0, with its text.
type written struct {
	at    string
	place int
	text  string
}

// reads writes the lines of a message that goes out at a time, and remembers them once all of them are written.
func (r reader) reads(b *strings.Builder, at string, m reminders.Message) {
	now, place := reader{}, 0
	for _, s := range m.Sections {
		for i := 0; i < len(s.Lines); {
			n := r.known(s.Lines[i:])
			first := s.Lines[i]
			if n < 2 {
				n = 1
				fmt.Fprintf(b, "      %-22s %s: %s%s\n", s.Title, first.Title, first.Text, bracketed(reminders.Named(first)))
			} else {
				was := r[first.Title]
				fmt.Fprintf(b, "      %-22s %d from %q on, as on %s: %s\n", s.Title, n, first.Title, was.at, news(was.text, first.Text))
			}
			for _, l := range s.Lines[i : i+n] {
				now[l.Title] = written{at, place, l.Text}
				place++
			}
			i += n
		}
	}
	maps.Copy(r, now)
}

// bracketed returns the names behind a line, in brackets; nothing for a line that stands for itself.
func bracketed(names string) string {
	if names == "" {
		return ""
	}
	return " [" + names + "]"
}

// known returns how many of the first of some lines stood beside each other, in this order, in one earlier message, and have
// the same news now.
func (r reader) known(lines []engagement.Line) int {
	first, ok := r[lines[0].Title]
	if !ok {
		return 0
	}
	for n, l := range lines {
		was, ok := r[l.Title]
		if !ok || was.at != first.at || was.place != first.place+n || news(was.text, l.Text) != news(first.text, lines[0].Text) {
			return n
		}
	}
	return len(lines)
}

// news returns what a text says that it did not say before: everything from the first part that differs, parts being what stands
// between commas.
func news(was, is string) string {
	if was == is {
		return "the same"
	}
	before, now := strings.Split(was, ", "), strings.Split(is, ", ")
	same := 0
	for same < min(len(before), len(now)-1) && before[same] == now[same] {
		same++
	}
	if same == 0 {
		return is
	}
	return "… " + strings.Join(now[same:], ", ")
}

// count returns how many messages there are, and for each person how many, and how many of them in their worst week.
func count(all []reminders.Rehearsed) string {
	perPerson, perWeek, most := map[string]int{}, map[string]int{}, map[string]int{}
	for _, m := range all {
		year, week := m.At.In(m.To.Zone()).ISOWeek()
		key := fmt.Sprint(m.To.Name, year, week)
		perPerson[m.To.Name]++
		perWeek[key]++
		most[m.To.Name] = max(most[m.To.Name], perWeek[key])
	}
	names := make([]string, 0, len(perPerson))
	for name := range perPerson {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	fmt.Fprintf(&b, "\n%d messages\n", len(all))
	for _, name := range names {
		fmt.Fprintf(&b, "%-22s %3d messages, at most %d in a week\n", name, perPerson[name], most[name])
	}
	return b.String()
}

// Dana has three policies to tailor. What she read on Monday is one line on Tuesday, but for the policy that was put off.
func TestACalendarIsInFullWhereItSaysSomethingNew(t *testing.T) {
	dana := &reminders.Recipient{Person: models.Person{ID: "dana", Name: "Dana Whitfield", TimeZone: "Europe/Berlin"}}
	message := func(day int, texts ...string) reminders.Rehearsed {
		s := reminders.Section{Title: "Coming up"}
		for i, text := range texts {
			s.Lines = append(s.Lines, engagement.Line{Title: fmt.Sprintf("Policy %c", 'A'+i), Text: text})
		}
		return reminders.Rehearsed{At: time.Date(2027, 3, day, 8, 0, 0, 0, time.UTC), To: dana,
			Message: reminders.Message{Intro: "Hello Dana.", Sections: []reminders.Section{s}, More: 1}}
	}
	monday := message(1, "due Thu, in 3 days", "due Thu, in 3 days", "due Thu, in 3 days")
	for name, tuesday := range map[string]struct {
		is   reminders.Rehearsed
		want []string
	}{
		"one day nearer": {message(2, "due Thu, in 2 days", "due Thu, in 2 days", "due Thu, in 2 days"),
			[]string{`3 from "Policy A" on, as on Mon 2027-03-01 09:00: … in 2 days`}},
		"nothing new": {message(2, "due Thu, in 3 days", "due Thu, in 3 days", "due Thu, in 3 days"),
			[]string{`3 from "Policy A" on, as on Mon 2027-03-01 09:00: the same`}},
		"the last put off": {message(2, "due Thu, in 2 days", "due Thu, in 2 days", "due Fri, in 2 days"),
			[]string{`2 from "Policy A" on, as on Mon 2027-03-01 09:00: … in 2 days`, `Policy C: due Fri, in 2 days`}},
		"the middle put off": {message(2, "due Thu, in 2 days", "due Fri, in 3 days", "due Thu, in 2 days"),
			[]string{`Policy A: due Thu, in 2 days`, `Policy B: due Fri, in 3 days`, `Policy C: due Thu, in 2 days`}},
	} {
		lines := strings.Split(calendar([]reminders.Rehearsed{monday, tuesday.is}), "\n")
		var got []string
		for _, l := range lines[6 : len(lines)-5] {
			got = append(got, strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(l), "Coming up")))
		}
		if !slices.Equal(got, tuesday.want) {
			t.Errorf("%s: got %q, want %q", name, got, tuesday.want)
		}
	}
}
