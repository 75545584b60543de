package reminders

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/planning"
)

// A Digesting is what the one message of a day is made of.
type Digesting struct {
	To      *Recipient
	Day     models.Date
	Nudges  []Nudge
	Names   map[models.EngagementID]string // of the engagements
	Client  string                         // of the recipient; empty: of the firm or an audit firm
	News    []engagement.Line              // notices that go with it
	Briefs  []Brief                        // of managers who asked for a summary
	Limit   int                            // lines that are shown
	Missing planning.Span                  // days on which nothing was sent to them though it should have been: an outage of ours
}

// A Brief is what the summary of a morning says about an engagement.
type Brief struct {
	Engagement models.EngagementID
	Name       string
	Health     engagement.Health
	Lines      []string
}

// Fresh reports whether there is anything to say that has not been said: a step that has been reached, news, or what has changed
// since the morning before.
func (g Digesting) Fresh() bool {
	return len(g.News) > 0 || slices.ContainsFunc(g.Nudges, func(n Nudge) bool { return n.Fresh }) ||
		slices.ContainsFunc(g.Briefs, func(b Brief) bool { return len(b.Lines) > 0 })
}

// Mild reports whether a digest only looks ahead: such a one may wait when somebody has had enough messages this week.
func (g Digesting) Mild() bool {
	return len(g.News) == 0 && len(g.Briefs) == 0 &&
		!slices.ContainsFunc(g.Nudges, func(n Nudge) bool { return n.Fresh && n.Tone != catalog.ToneHeadsUp })
}

// the sections of a digest, in the order in which they are shown: the worst first.
const (
	inNews = iota
	inNew
	inRaised
	inLate
	inToday
	inApproval
	inAnswer
	inSoon
	inKnown
	sections
)

var sectionTitles = [sections]string{"News", "New to you", "Needs you", "Late", "Due today", "Waits for your approval", "Waits for your answer",
	"Coming up", "For your information"}

// Digest returns the one message of a person's working day over all their engagements: the worst first, as many lines as there
// may be and then a count (domain.md 6.4), and the nudges that count as sent with it: those it shows, and those it only counts.
func (g Digesting) Digest() (Message, []Nudge) {
	nudges := slices.Clone(g.Nudges)
	slices.SortFunc(nudges, WorstFirst)
	var by [sections][]engagement.Line
	urgent := false
	by[inNews] = slices.Clone(g.News)
	told := 0 // of what waits for an approval, what stands among the news
	for _, n := range nudges {
		place := g.place(n)
		urgent = urgent || n.Fresh && n.Level > 0
		if amongNews(g.News, n) {
			told++
			continue
		}
		by[place] = append(by[place], g.line(n))
	}
	m := Message{Subject: g.subject(), Urgent: urgent || len(g.News) > 0}
	if s, ok := g.summary(); ok {
		m.Sections = append(m.Sections, s)
	}
	left := g.Limit
	for i, lines := range by {
		if len(lines) == 0 {
			continue
		}
		shown := min(left, len(lines))
		left -= shown
		m.More += len(lines) - shown
		if shown > 0 {
			m.Sections = append(m.Sections, Section{sectionTitles[i], lines[:shown]})
		}
	}
	m.Intro = g.intro(counted{len(by[inNew]), "is new to you", "are new to you"}, counted{len(by[inRaised]), "needs you", "need you"}, counted{len(by[inLate]), "is late", "are late"},
		counted{len(by[inToday]), "is due today", "are due today"},
		counted{len(by[inApproval]) + told, "waits for your approval", "wait for your approval"},
		counted{len(by[inAnswer]), "waits for your answer", "wait for your answer"}, counted{len(by[inSoon]), "is coming up", "are coming up"},
		counted{len(by[inKnown]), "is for your information", "are for your information"})
	return m, nudges
}

// amongNews reports whether what somebody is asked, to decide or to answer, stands among the news already, with what they can do about it.
func amongNews(lines []engagement.Line, n Nudge) bool {
	if n.Item.Kind != engagement.ItemDecide && n.Item.Kind != engagement.ItemAnswer || !n.As.Asked() {
		return false
	}
	return slices.ContainsFunc(lines, func(l engagement.Line) bool {
		return l.Engagement == n.Item.Engagement && l.Item == n.Item.Key() && slices.Equal(l.Acts, n.Acts)
	})
}

// counted is how many there are of something.
type counted struct {
	n         int
	one, more string
}

// place returns the section in which a nudge is shown.
func (g Digesting) place(n Nudge) int {
	switch {
	case !n.As.Asked() && n.Level >= 2 && n.As != CapacityPartner, n.Item.Kind == engagement.ItemReach, n.Item.Kind == engagement.ItemWindow,
		n.Item.Kind == engagement.ItemStaff, n.Item.Kind == engagement.ItemLeft:
		return inRaised
	case !n.As.Asked():
		return inKnown
	case n.Item.Kind == engagement.ItemUnblock, n.Item.Kind == engagement.ItemRefused, n.Item.Kind == engagement.ItemAnswer:
		return inAnswer
	case n.Item.Kind != engagement.ItemDo:
		return inApproval
	case n.First:
		return inNew
	case n.Late > 0:
		return inLate
	case n.Late == 0:
		return inToday
	}
	return inSoon
}

// line says a nudge.
func (g Digesting) line(n Nudge) engagement.Line {
	it := n.Item
	step := n.Step.Offset
	l := engagement.Line{Engagement: it.Engagement, Item: it.Key(), Title: it.Title, Due: n.Step.Due}
	if n.Step != (Step{}) {
		l.Step = &step
	}
	if g.many() {
		l.Where = g.Names[it.Engagement]
	}
	var details []string
	if n.For != "" {
		l.For = n.For
		details = append(details, "For "+n.For+".")
	}
	switch {
	case n.As.Asked():
		l.Acts = n.Acts
		l.Text = g.asking(n)
		details = append(details, g.detail(it))
		if len(n.Goes.To) > 0 {
			details = append(details, "If it is still open on "+models.Dated(n.Goes.On)+", it goes to "+listed(n.Goes.To)+" too.")
		}
	case n.As == CapacityBackup:
		l.Acts = n.Acts
		l.Text = fmt.Sprintf("you are the backup of %s: due %s, %s", it.OwnerName, models.Dated(it.Due), lateness(n.Late))
		details = append(details, g.detail(it))
	case it.Kind == engagement.ItemReach:
		l.Text = g.asking(n)
	case it.Kind == engagement.ItemLeft:
		l.Acts, l.Text = n.Acts, g.asking(n)
	case it.Kind == engagement.ItemDo:
		l.Text = fmt.Sprintf("%s, due %s, %s", it.OwnerName, models.Dated(it.Due), lateness(n.Late))
	case it.Kind == engagement.ItemUnblock, it.Kind == engagement.ItemRefused, it.Kind == engagement.ItemAnswer:
		l.Text = fmt.Sprintf("waits for an answer since %s", models.Dated(it.Due))
	default:
		l.Text = fmt.Sprintf("waits for an approval since %s", models.Dated(it.Due))
	}
	if it.Effect != "" {
		details = append(details, it.Effect)
	}
	if n.Level >= 3 && n.As == CapacitySponsor {
		details = append(details, "It needs your decision: do it, give it to somebody else, or agree another date.")
	}
	l.Detail = strings.Join(slices.DeleteFunc(details, func(s string) bool { return s == "" }), " ")
	return l
}

// asking says what an item waits for, to the person of whom it is asked.
func (g Digesting) asking(n Nudge) string {
	if asks := asking[n.Item.Kind]; asks != nil {
		return asks(n)
	}
	due := models.Dated(n.Item.Due)
	switch {
	case n.First:
		return "agreed for " + due + ": do it, or ask for the time that you need"
	case n.Late > 0:
		return "was due " + due + ", " + models.BusinessDays(n.Late) + " ago"
	case n.Late == 0:
		return "due today, " + due
	}
	return "due " + due + ", in " + models.BusinessDays(-n.Late)
}

// asking says what an item that is no task to do waits for, by its kind. Who stands in for somebody can neither sign nor decide: they are
// not asked for an approval of their own.
var asking = map[engagement.ItemKind]func(n Nudge) string{
	engagement.ItemAccept: func(n Nudge) string {
		return fmt.Sprintf("%s reported it as done on %s: accept it, or return it with a reason", n.Item.OwnerName, models.Dated(n.Item.Due))
	},
	engagement.ItemSign: func(n Nudge) string {
		return "everything it needs is there since " + models.Dated(n.Item.Due) + ": it waits for " + yours(n, "your signature", "a signature")
	},
	engagement.ItemRefused: func(n Nudge) string { return n.Item.OwnerName + " refused to sign it" },
	engagement.ItemDecide: func(n Nudge) string {
		return "waits for " + yours(n, "your approval", "an approval") + " since " + models.Dated(n.Item.Due)
	},
	engagement.ItemAnswer: func(n Nudge) string {
		return n.Item.OwnerName + " asks " + whom(n) + " since " + models.Dated(n.Item.Due)
	},
	engagement.ItemUnblock: func(n Nudge) string { return n.Item.OwnerName + " cannot go on since " + models.Dated(n.Item.Due) },
	engagement.ItemStaff: func(n Nudge) string {
		return "nobody owns it since " + models.Dated(n.Item.Due) + ": assign it, or name who holds the function"
	},
	engagement.ItemWindow: func(n Nudge) string { return lateness(n.Late) },
	engagement.ItemLeft:   func(n Nudge) string { return n.Item.Ask + ": say who takes over" },
	engagement.ItemReach: func(Nudge) string {
		return "neither Slack nor mail reaches them, and something is due: talk to them, or add an address"
	},
}

// whom says who is asked: whose stand-in reads it, or its reader.
func whom(n Nudge) string {
	if n.For != "" {
		return "them"
	}
	return "you"
}

// yours returns the first text for a person who can act on the nudge, the second for one who cannot.
func yours(n Nudge, own, others string) string {
	if len(n.Acts) == 0 {
		return others
	}
	return own
}

// detail is what exactly is asked for, shortened: the whole is on the task.
func (g Digesting) detail(it engagement.Item) string {
	if it.Kind != engagement.ItemDo && it.Ask != "" {
		return models.Quoted(it.Ask)
	}
	return models.Brief(it.Ask, 240)
}

func lateness(n int) string {
	switch {
	case n > 0:
		return models.BusinessDays(n) + " late"
	case n == 0:
		return "due today"
	}
	return "in " + models.BusinessDays(-n)
}

// listed joins names as in: Ruth, Ines and Marta.
func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// many reports whether the recipient hears of more than one engagement.
func (g Digesting) many() bool { return len(g.Names) > 1 }

// subject is the same from day to day, so that mail programs keep the thread together.
func (g Digesting) subject() string {
	if g.Client != "" {
		return "Your audit tasks at " + g.Client
	}
	return "Your audit engagements"
}

// intro says how much there is.
func (g Digesting) intro(all ...counted) string {
	var parts []string
	for _, c := range all {
		things := "" // said once
		if len(parts) == 0 {
			things = map[bool]string{true: " thing", false: " things"}[c.n == 1]
		}
		switch {
		case c.n == 1:
			parts = append(parts, "1"+things+" "+c.one)
		case c.n > 1:
			parts = append(parts, fmt.Sprintf("%d%s %s", c.n, things, c.more))
		}
	}
	hello := "Hello " + FirstName(g.To.Name) + "."
	if len(parts) > 0 {
		hello += " " + strings.Join(parts, ", ") + "."
	}
	if !g.Missing.Start.IsZero() {
		hello += fmt.Sprintf(" This is as of now: from %s to %s nothing could be sent to you.", g.Missing.Start, g.Missing.End)
	}
	return hello
}

// FirstName returns how somebody is greeted: the first word of their name, where that is one.
func FirstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	if len([]rune(first)) < 2 || len([]rune(first)) > 40 {
		return models.Brief(name, 40)
	}
	return first
}

// maxBriefs is how many engagements a summary shows.
const maxBriefs = 12

// summary is the section of a manager who asked for one.
func (g Digesting) summary() (Section, bool) {
	briefs := slices.Clone(g.Briefs)
	rank := map[engagement.Health]int{engagement.HealthLate: 0, engagement.HealthAtRisk: 1, engagement.HealthOnTrack: 2}
	slices.SortStableFunc(briefs, func(a, b Brief) int {
		return cmp.Or(cmp.Compare(rank[a.Health], rank[b.Health]), cmp.Compare(a.Name, b.Name))
	})
	s := Section{Title: "Your engagements this morning"}
	for i, b := range briefs {
		if i == maxBriefs {
			s.Lines = append(s.Lines, engagement.Line{Title: fmt.Sprintf("and %d more", len(briefs)-maxBriefs)})
			break
		}
		s.Lines = append(s.Lines, engagement.Line{Title: b.Name, Text: strings.ReplaceAll(string(b.Health), "_", " "),
			Detail: strings.Join(b.Lines, " ")})
	}
	return s, len(briefs) > 0
}

// Urgently returns the message in which notices are said at once.
func Urgently(to *Recipient, lines []engagement.Line, client string) Message {
	subject := "News on your audit engagements"
	if client != "" {
		subject = "News on your audit tasks at " + client
	}
	return Message{Subject: subject, Intro: "Hello " + FirstName(to.Name) + ".", Urgent: true,
		Sections: []Section{{Title: "News", Lines: lines}}}
}

// BriefOf says how an engagement stands, why it is late, and what happened since a day.
func BriefOf(f *engagement.Facts, events []engagement.Event, from models.Date, now time.Time) Brief {
	e := f.Engagement
	b := Brief{Engagement: e.ID, Name: e.Name, Health: e.Summary.Health}
	fc := f.Forecast(now)
	_, reasons := f.Health(fc, now)
	for _, r := range reasons[:min(2, len(reasons))] {
		b.Lines = append(b.Lines, models.Upper(r.Text)+".")
	}
	if s := changes(f, events); s != "" {
		b.Lines = append(b.Lines, "Since "+models.Dated(from)+": "+s+".")
	}
	return b
}

// changes says in one sentence what happened.
func changes(f *engagement.Facts, events []engagement.Event) string {
	n := map[string]int{}
	var parts []string
	for _, e := range events {
		switch e.Kind {
		case "phase.entered":
			parts = append(parts, f.PhaseName(catalog.Phase(e.Subject))+" has begun")
		case "phase.left":
			parts = append(parts, f.PhaseName(catalog.Phase(e.Subject))+" is complete")
		case "gate.signed":
			parts = append(parts, e.Subject+" was signed")
		case "gate.refused":
			parts = append(parts, e.Subject+" was refused")
		case "decision.in_force":
			parts = append(parts, e.Subject+" is in force")
		case "engagement.paused", "engagement.resumed", "window.opened", "window.closed":
			parts = append(parts, strings.ReplaceAll(e.Kind, ".", " "))
		default:
			n[e.Kind]++
		}
	}
	for _, c := range []struct{ kind, what string }{{"task.completed", "done"}, {"task.accepted", "accepted"}, {"task.returned", "returned"},
		{"task.overdue", "newly late"}, {"task.blocked", "blocked"}, {"task.moved", "moved"}, {"decision.proposed", "proposed"}} {
		if n[c.kind] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[c.kind], c.what))
		}
	}
	return strings.Join(parts, ", ")
}
