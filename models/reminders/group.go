package reminders

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"tickmark/models"
	"tickmark/models/engagement"
)

// groupFrom is from how many things on that are alike a message tells them in one line.
const groupFrom = 3

// A likeness is what lines have in common that are told as one: the kind of thing, and everything that is said of them but what they are
// called and what exactly each of them asks for.
type likeness struct {
	engagement              models.EngagementID
	like, text, where, whom string
	above                   bool
}

func likenessOf(l engagement.Line) likeness {
	return likeness{l.Engagement, l.Like, cmp.Or(l.Together, l.Text), l.Where, l.For, l.Above}
}

// grouped returns lines with those that are alike told as one, which stands where the first of them stood. Of the first few lines, which
// are new, it also returns how many there are now.
func grouped(lines []engagement.Line, fresh int) (out []engagement.Line, first int) {
	alike := map[likeness][]engagement.Line{}
	for _, l := range lines {
		if l.Like != "" {
			alike[likenessOf(l)] = append(alike[likenessOf(l)], l)
		}
	}
	for i, l := range lines {
		all := alike[likenessOf(l)]
		if l.Like == "" || len(all) < groupFrom {
			out = append(out, l)
		} else if all[0].Item == l.Item {
			out = append(out, asOne(all))
		}
		if i < fresh {
			first = len(out)
		}
	}
	return out, first
}

// asOne returns the one line that stands for several that are alike. What each of them says besides stands with it in the list, unless
// all say the same.
func asOne(all []engagement.Line) engagement.Line {
	first := all[0]
	l := engagement.Line{Engagement: first.Engagement, Title: engagement.Several(len(all), first.Many, first.Title),
		Text: several.Replace(first.Text), Where: first.Where, Detail: first.Detail,
		Cost: first.Cost, Send: first.Send, List: likenessOf(first).list(), All: slices.Clone(all)}
	if slices.ContainsFunc(all, func(x engagement.Line) bool { return x.Detail != first.Detail }) {
		l.Detail = ""
	} else {
		for i := range l.All {
			l.All[i].Detail = ""
		}
	}
	if first.Together != "" {
		allAtOnce(&l)
	}
	return l
}

// allAtOnce says of a line what is said of all for which it stands, with the day that comes first; what is said of each stands with it in
// the list.
func allAtOnce(l *engagement.Line) {
	day := l.All[0].First
	for i, x := range l.All {
		day = models.Earlier(day, x.First)
		l.All[i].Detail = strings.TrimSuffix(models.Upper(x.Text)+". "+x.Detail, ". ")
	}
	l.Text = l.All[0].Together + ", the first " + models.Dated(day)
}

// several makes of what is said of one thing what is said of several.
var several = strings.NewReplacer("if it is still open", "if they are still open", ", it goes to ", ", they go to ",
	"end without it", "end without them",
	"was due ", "were due ", "was to be performed", "were to be performed", "say when it was done", "say when each was done",
	"which day it was done", "which day each was done", "it needs your decision", "they need your decision",
	"reported it as done", "reported them as done", "accept it, or return it",
	"accept them, or return them",
	"do it, or ask for the time", "do them, or ask for the time",
	"is yours now", "are yours now", "is now due", "are now due", "has it now", "has them now")

// list names the list behind the line of what is alike.
func (x likeness) list() string {
	return listName(x.like, string(x.engagement), x.like, x.text, x.where, x.whom, models.YesNo(x.above))
}

// listName names the list behind a line, of a kind, by what is told of it, so that it is found again for as long as that is so.
func listName(kind string, told ...string) string {
	h := fnv.New64a()
	fmt.Fprintf(h, "%q", told)
	return fmt.Sprintf("%s-%x", kind, h.Sum64())
}

// ListOfRest names the list of what a message counts and does not show.
const ListOfRest = "rest"

// Listed returns the line behind which a list of a message stands, with all that is in it, and whether there is one: what stands together,
// or what the message counts and does not show.
func (m *Message) Listed(list string) (engagement.Line, bool) {
	if list == ListOfRest && len(m.Rest) > 0 {
		l := engagement.Line{Title: models.Upper(AndMore(m.More)), List: list}
		for _, s := range m.Rest {
			for _, one := range s.Lines {
				l.All = append(l.All, leaves(one)...)
			}
		}
		return l, true
	}
	for _, s := range slices.Concat(m.Sections, m.Rest) {
		for _, l := range s.Lines {
			if l.List == list && list != "" {
				for _, one := range l.Whole {
					l.All = append(l.All, engagement.Line{Title: one})
				}
				return l, true
			}
		}
	}
	return engagement.Line{}, false
}

// leaves returns the things that a line stands for: itself, or all for which it stands together.
func leaves(l engagement.Line) []engagement.Line {
	if len(l.All) == 0 {
		return []engagement.Line{l}
	}
	return l.All
}

// leafCount returns how many things lines stand for.
func leafCount(lines []engagement.Line) (n int) {
	for _, l := range lines {
		n += len(leaves(l))
	}
	return n
}

// namesShown is how many of the things behind one line are named in it.
const namesShown = 3

// Named names the first few things for which a line stands that still wait, and how many more there are: "A; B; C; and 35 more". It is
// empty for a line that stands for itself.
func Named(l engagement.Line) string {
	var names []string
	for _, x := range l.Waiting() {
		names = append(names, x.About())
	}
	if rest := len(names) - namesShown; rest > 0 {
		names = append(names[:namesShown], AndMore(rest))
	}
	return strings.Join(names, "; ")
}

// Settled says of a line that stands for several how many of them do not wait any more; it is empty as long as all do.
func Settled(l engagement.Line) string {
	if n := len(l.All) - len(l.Waiting()); n > 0 {
		return fmt.Sprintf("%d of %d settled", n, len(l.All))
	}
	return ""
}

// ShowAll says what the button of a list says.
func ShowAll(n int) string { return fmt.Sprintf("Show all %d…", n) }
