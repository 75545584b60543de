package cli

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"tickmark/api/client"
	"tickmark/models"
	"tickmark/models/engagement"
)

const width = 100 // what a line may have before it is broken

// card prints what is known of one thing, leaving out what is not.
func (a *app) card(pairs ...[2]string) {
	var rows [][]string
	for _, p := range pairs {
		if p[1] != "" {
			rows = append(rows, []string{p[0], p[1]})
		}
	}
	a.indented("", rows)
}

// say prints a text after a prefix, its dates with their weekdays,
// broken where it is too long; its further lines are indented as far as the prefix is wide.
func (a *app) say(prefix, format string, args ...any) {
	fmt.Fprintln(a.out, wrap(prefix, clean(models.WithWeekdays(fmt.Sprintf(format, args...)))))
}

// quote prints a text of several lines after a margin, each broken where it is too long.
func (a *app) quote(margin, text string) {
	for line := range strings.Lines(strings.Trim(text, "\n")) {
		line = strings.TrimRight(clean(line), " ")
		words := strings.TrimLeft(line, " ")
		if words == "" {
			fmt.Fprintln(a.out)
			continue
		}
		fmt.Fprintln(a.out, wrap(margin+line[:len(line)-len(words)], words))
	}
}

// hint prints what one may do next: a command line, which is never broken.
func (a *app) hint(format string, args ...any) {
	fmt.Fprintf(a.out, "See: tickmark "+format+"\n", args...)
}

// dayAndDate is a date with its weekday, which stay together.
var dayAndDate = regexp.MustCompile(`\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\d{4}-\d{2}-\d{2})`)

// wrap breaks a text at spaces, but for the one between a date and its weekday.
func wrap(prefix, text string) string {
	var b strings.Builder
	margin := strings.Repeat(" ", len([]rune(prefix)))
	line, start := prefix, true
	for word := range strings.FieldsSeq(dayAndDate.ReplaceAllString(text, "$1\x00$2")) {
		word = strings.ReplaceAll(word, "\x00", " ")
		if !start && len([]rune(line))+1+len([]rune(word)) > width {
			b.WriteString(line + "\n")
			line, start = margin, true
		}
		if !start {
			line += " "
		}
		line, start = line+word, false
	}
	return b.String() + line
}

// clean makes a text fit for one line of a terminal: no line breaks, nothing that steers it, and nothing that hides or turns
// a part of it.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r):
			return ' '
		case unicode.Is(unseen, r):
			return -1
		}
		return r
	}, s)
}

// unseen are the characters that turn the direction of a text or take no place in it, but for those that scripts need to
// join letters.
var unseen = &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0x200B, Hi: 0x200B, Stride: 1}, {Lo: 0x200E, Hi: 0x200F, Stride: 1},
	{Lo: 0x202A, Hi: 0x202E, Stride: 1}, {Lo: 0x2060, Hi: 0x2060, Stride: 1}, {Lo: 0x2066, Hi: 0x2069, Stride: 1},
	{Lo: 0xFEFF, Hi: 0xFEFF, Stride: 1}}}

// cut shortens a text to n characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return strings.TrimRight(string(r[:n-1]), " ") + "…"
	}
	return s
}

// count says how many there are of something whose plural ends in s.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// instant shows a moment, in UTC.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// dayAndTime formats an instant with its weekday, where it stands by itself and not in a column of many.
func dayAndTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("Mon 2006-01-02 15:04")
}

// aStamp is an instant as programs write it.
var aStamp = regexp.MustCompile(`\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})`)

// legible returns a text with the instants that programs wrote in it as people read them, in UTC.
func legible(text string) string {
	return aStamp.ReplaceAllStringFunc(text, func(stamp string) string {
		t, err := time.Parse(time.RFC3339, stamp)
		if err != nil {
			return stamp
		}
		return dayAndTime(t) + " UTC"
	})
}

// names joins ids.
func names[S ~string](ids []S) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return strings.Join(out, ", ")
}

// span shows two days.
func span(from, to models.Date) string {
	if from.IsZero() && to.IsZero() {
		return ""
	}
	return fmt.Sprintf("%10s to %s", from, to)
}

// healthWord says a health in words.
func healthWord(h engagement.Health) string { return strings.ReplaceAll(string(h), "_", " ") }

// standing says where an engagement stands: how well, as long as it runs.
func standing(s engagement.Status, h engagement.Health) string {
	if s == engagement.StatusRunning && h != "" {
		return healthWord(h)
	}
	return string(s)
}

// lateness says how far from its due date a task is that is not closed, and what it waits for. In a pause no day counts.
func lateness(t client.Task) string {
	if t.Paused && !t.State.Closed() {
		return resting(t)
	}
	switch {
	case t.State.Closed():
		return ""
	case t.State == engagement.TaskSubmitted:
		return "reported as done"
	case t.State == engagement.TaskWaiting:
		return waits(t)
	case t.Late && t.Days != nil && *t.Days > 0:
		return count(*t.Days, "business day") + " late"
	case t.Late:
		return "late"
	case t.Days == nil || *t.Days > 0: // it is not its owner's to do at present
		return ""
	case *t.Days == 0:
		return "today"
	}
	return "in " + count(-*t.Days, "business day")
}

// resting says how a task stood when the pause began in which it rests: how many days are left of it does not change meanwhile.
func resting(t client.Task) string {
	t.Paused = false
	switch text := lateness(t); {
	case t.State == engagement.TaskSubmitted:
		return text
	case t.State == engagement.TaskWaiting || t.Late:
		return text + ", paused"
	case t.Days == nil || *t.Days > 0:
		return "paused"
	default:
		return "paused, " + count(-*t.Days, "business day") + " left"
	}
}

// waits says what a task waits for that cannot be begun, and by when it can be expected where that is later than it is due.
func waits(t client.Task) string {
	out := "waits"
	const most = 4
	if n := len(t.WaitsFor); n > 0 {
		out += " for " + models.Words(t.WaitsFor[:min(most, n)])
	}
	if rest := len(t.WaitsFor) - most; rest > 0 {
		out += " " + models.AndMore(rest, "task show "+string(t.ID))
	}
	if t.Past {
		out = "past its date, " + out
	}
	if !t.Expected.IsZero() {
		out += ", expected " + t.Expected.String()
	}
	return out
}

// yesNo says a truth in a table.
func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return ""
}
