package web

import (
	"fmt"
	"net/http"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// A workPage is what waits for who looks, and with whom the rest is.
type workPage struct {
	page
	Lead     string
	Intro    string
	Sections []workSection
	Footer   string
	Several  bool // engagements: each item says of which it is
}

// A workSection is what waits for somebody in one way.
type workSection struct {
	Title string
	Items []workItem
}

// A workItem is one thing that waits for somebody.
type workItem struct {
	engagement.Line
	On   models.Date // the day under which it stands
	Acts []actLink
	At   string // its own page; empty: it has none
	Kind string // the shape of its state; empty: none
	Word string
	All  []engagement.Line // what it stands for
}

// everything is more lines than anybody's work has.
const everything = 1 << 20

// work shows somebody what waits for them.
func (p *Pages) work(v *visit) error {
	m, err := v.Store.Owed(v.r.Context(), v.Person, p.Mail, everything, v.Now)
	if err != nil {
		return err
	}
	out := workPage{page: v.framed("My work", "work", "/work"), Footer: m.Footer}
	n := 0
	for _, s := range m.Sections {
		section := workSection{Title: s.Title}
		for _, l := range s.Lines {
			section.Items = append(section.Items, v.workItem(l, s.Title))
			n++
		}
		out.Sections = append(out.Sections, section)
	}
	out.Lead = waits(n) + "."
	return v.show(http.StatusOK, workPageOf(out))
}

// waits says how many things wait for who looks.
func waits(n int) string {
	switch n {
	case 0:
		return "Nothing waits for you"
	case 1:
		return "One thing waits for you"
	}
	return fmt.Sprintf("%d things wait for you", n)
}

// workItem returns a line of what waits for somebody with the links to what they can do about it.
func (v *visit) workItem(l engagement.Line, section string) workItem {
	out := workItem{Line: l, On: l.Due, All: l.All}
	if out.On.IsZero() {
		out.On = l.First
	}
	kind, subject := engagement.ParseItem(l.Item)
	if l.Engagement != "" && subject != "" {
		switch kind {
		case engagement.ItemDo, engagement.ItemAccept, engagement.ItemUnblock, engagement.ItemStaff:
			out.At = taskAt(l.Engagement, models.TaskID(subject))
		default:
			out.At = "/engagements/" + string(l.Engagement)
		}
	}
	for i, act := range l.Acts {
		out.Acts = append(out.Acts, v.actLink(l.Engagement, l.Item, act, i == 0))
	}
	if kind == engagement.ItemDo && !l.Due.IsZero() && l.Due.Before(v.today()) {
		out.Kind, out.Word = "late", "waiting for you"
	}
	return out
}

// entry is an item as words: its title, and what stands beside it.
func entry(l engagement.Line) string { return reminders.Entry(l, true) }
