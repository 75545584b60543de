package reminders

import (
	"cmp"
	"fmt"
	"maps"
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
	Ask     Managers                       // whom the recipient may ask; nil: nobody is named
	News    []engagement.Line              // notices that go with it
	Patient int                            // how many of them may wait for a message that goes out anyway
	Briefs  []Brief                        // of managers who asked for a summary
	Limit   int                            // lines that are shown
	Missing planning.Span                  // days on which nothing was sent to them though it should have been: an outage of ours
}

// A Brief is what the summary of a morning says about an engagement.
type Brief struct {
	Engagement models.EngagementID
	Name       string
	Health     engagement.Health
	Late       []string // that reports are expected late, where the news of the message do not say it
	Lines      []string
	tells      []Nudge // what counts as told by Late
}

// Fresh reports whether there is anything to say that has not been said: a step that has been reached, news, or what has changed
// since the morning before.
func (g Digesting) Fresh() bool {
	return len(g.News) > g.Patient || slices.ContainsFunc(g.Nudges, func(n Nudge) bool { return n.Fresh }) ||
		slices.ContainsFunc(g.Briefs, func(b Brief) bool { return len(b.Late)+len(b.Lines) > 0 })
}

// Mild reports whether a digest only looks ahead: such a one may wait when somebody has had enough messages this week.
func (g Digesting) Mild() bool {
	return len(g.News) == g.Patient && len(g.Briefs) == 0 &&
		!slices.ContainsFunc(g.Nudges, func(n Nudge) bool { return n.Fresh && n.Tone != catalog.ToneHeadsUp })
}

// the sections of a digest, in the order in which they are shown: the worst first.
const (
	inStill = iota
	inNews
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

var sectionTitles = [sections]string{"Held up", "News", "New to you", "Needs you", "Late", "Due today", "Waits for your approval",
	"Waits for your answer", "Coming up", "For your information"}

// Uncounted reports whether the greeting of a message says nothing of the section of a title: what is held up, and news.
func Uncounted(title string) bool {
	return title == sectionTitles[inStill] || title == sectionTitles[inNews]
}

// Digest returns the one message of a person's working day over all their engagements: the worst first, like things together, as many lines
// as there may be and then a count (domain.md 6.4) with the list of what it counts, and the nudges that count as sent with it: all of them.
func (g Digesting) Digest() (Message, []Nudge) {
	nudges := slices.Clone(g.Nudges)
	slices.SortFunc(nudges, WorstFirst)
	var by [sections][]engagement.Line
	var fresh [sections]int
	urgent := false
	by[inNews], fresh[inNews] = slices.Clone(g.News), len(g.News)
	slices.SortStableFunc(nudges, freshFirst)
	var among [sections]int                // of what belongs elsewhere, what stands among the news
	told := map[models.EngagementID]bool{} // of which it is said already when the report is expected
	for _, n := range nudges {
		told[n.Item.Engagement] = told[n.Item.Engagement] || n.Item.Kind == engagement.ItemOutlook
	}
	for _, n := range nudges {
		place := g.place(n)
		urgent = urgent || n.Fresh && n.Level > 0 || place == inNews
		if g.amongNews(by[inNews], n) {
			among[place]++
			continue
		}
		by[place] = append(by[place], g.line(n))
		if n.Fresh {
			fresh[place]++
		}
	}
	m := Message{Subject: g.subject(), Urgent: urgent || len(g.News) > 0, Footer: g.Ask.Footer(g.To)}
	g.Briefs = slices.Clone(g.Briefs)
	for i := range g.Briefs {
		if b := &g.Briefs[i]; told[b.Engagement] { // good and bad news of a report do not stand side by side
			b.Late, b.tells = nil, nil
		}
	}
	nudges = append(nudges, g.summary(&m)...)
	m.Intro = g.intro(counts(by, among)...)
	for i := range by {
		by[i], fresh[i] = grouped(by[i], fresh[i])
	}
	m.lay(by, room(g.Limit, by, fresh))
	m.nameLists()
	m.saySends()
	nudges = append(nudges, tellsWith(m.sayCosts(told), nudges)...)
	m.sayOnce()
	return m, nudges
}

// tellsWith returns what counts as told by a message that says what things cost in some engagements.
func tellsWith(costs map[models.EngagementID]bool, nudges []Nudge) []Nudge {
	var out []Nudge
	for _, n := range nudges {
		if e := n.Item.Engagement; n.tells != nil && costs[e] {
			out, costs[e] = append(out, *n.tells), false
		}
	}
	return out
}

// greets are the words by which the greeting counts what is in each section.
var greets = [sections]counted{inNew: {0, "is new to you", "are new to you"}, inRaised: {0, "needs you", "need you"},
	inLate: {0, "is late", "are late"}, inToday: {0, "is due today", "are due today"},
	inApproval: {0, "waits for your approval", "wait for your approval"}, inAnswer: {0, "waits for your answer", "wait for your answer"},
	inSoon: {0, "is coming up", "are coming up"}, inKnown: {0, "for your information", "for your information"}}

// counts returns how much there is in each section that the greeting counts: what stands there, and what stands among the news instead.
func counts(by [sections][]engagement.Line, among [sections]int) []counted {
	var out []counted
	for i, c := range greets {
		if c.one != "" {
			c.n = len(by[i]) + among[i]
			out = append(out, c)
		}
	}
	return out
}

// amongNews reports whether what somebody is asked stands among the news already, with what they can do about it. Of a task that is late
// the news say so, too.
func (g Digesting) amongNews(lines []engagement.Line, n Nudge) bool {
	i := slices.IndexFunc(lines, func(l engagement.Line) bool {
		return l.Engagement == n.Item.Engagement && l.Item == n.Item.Key() && len(l.Acts) > 0
	})
	if i < 0 || !n.As.Asked() {
		return false
	}
	lines[i].Acts = n.Acts
	if n.Item.Kind == engagement.ItemDo && n.Late > 0 {
		lines[i].Text += ", " + lateness(n.Late)
	}
	return true
}

// freshFirst orders what is new before what was said.
func freshFirst(a, b Nudge) int {
	if a.Fresh == b.Fresh {
		return 0
	}
	if a.Fresh {
		return -1
	}
	return 1
}

// room returns how many lines of each section are shown, of so many in all: what is new first, whatever its section, then what was said, in
// the order of the sections.
func room(limit int, by [sections][]engagement.Line, fresh [sections]int) (shown [sections]int) {
	for i := range by {
		shown[i] = min(limit, fresh[i])
		limit -= shown[i]
	}
	for i := range by {
		more := min(limit, len(by[i])-shown[i])
		shown[i] += more
		limit -= more
	}
	return shown
}

// counted is how many there are of something.
type counted struct {
	n         int
	one, more string
}

// place returns the section in which a nudge is shown. What asks for something offers it: who can do nothing about it is only told.
func (g Digesting) place(n Nudge) int {
	p := g.placeOf(n)
	if len(n.Acts) == 0 && p != inStill && p != inNews && p != inSoon {
		return inKnown
	}
	return p
}

// placeOf returns the section in which a nudge is shown to somebody who can do something about it.
func (g Digesting) placeOf(n Nudge) int {
	switch {
	case n.Item.Kind == engagement.ItemOutlook:
		return inNews
	case n.Item.Kind == engagement.ItemStall:
		return inStill
	case !n.As.Asked() && n.Level >= 2 && n.As != CapacityPartner, n.Item.Kind == engagement.ItemReach, n.Item.Kind == engagement.ItemWindow,
		n.Item.Kind == engagement.ItemStaff, n.Item.Kind == engagement.ItemLeft, n.Item.Overtaken && n.As.Asked():
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
	l := engagement.Line{Engagement: it.Engagement, Item: it.Key(), Title: it.Title, Due: n.Step.Due, Like: it.Like, Many: it.Many}
	if n.Step != (Step{}) {
		l.Step = &step
	}
	if g.many() {
		l.Where = g.Names[it.Engagement]
	}
	var details []string
	if n.For != "" {
		l.For = n.For
	}
	switch {
	case n.As.Asked():
		l.Acts = n.Acts
		l.Text = g.askedOf(n)
		details = append(details, g.detail(it))
	case n.As == CapacityBackup:
		l.Acts = n.Acts
		l.Text = "you are the backup of " + it.OwnerName + ": " + dueIn(it, n.Late)
		details = append(details, g.detail(it))
	case it.Kind == engagement.ItemLeft, it.Kind == engagement.ItemReach:
		l.Acts, l.Text = n.Acts, g.asking(n)
	case it.Kind == engagement.ItemStall, it.Kind == engagement.ItemOutlook:
		l.Acts, l.Text = n.Acts, it.Ask
	case it.Kind == engagement.ItemDo:
		l.Acts, l.Above, l.For = n.Acts, true, it.OwnerName
		l.Text = it.OwnerName + ", " + dueIn(it, n.Late)
	case it.Kind == engagement.ItemWindow:
		l.Text = lateness(n.Late) + ": " + it.OwnerName + " has to propose another first day"
	case it.Kind == engagement.ItemStaff:
		l.Text = "nobody owns it since " + models.Dated(it.Due)
	default:
		l.Acts, l.Above, l.For = n.Acts, true, it.OwnerName
		l.Text = "waits for " + models.Listed(n.Whom) + " to " + waitsTo[it.Kind] + " since " + models.Dated(it.Due)
	}
	if !n.As.Asked() && len(n.Away) > 0 {
		l.Text += "; " + strings.Join(n.Away, "; ")
	}
	if it.Perform != "" {
		l.Text += "; " + it.Perform
	}
	if it.Kind == engagement.ItemDo {
		l.Text = strings.TrimSuffix(l.Text+"; "+strings.TrimSuffix(it.Effect, "."), "; ")
		it.Effect = ""
	}
	if len(n.Goes.To) > 0 {
		l.Text += "; if it is still open on " + models.Dated(n.Goes.On) + ", it goes to " + models.Listed(n.Goes.To) + " too"
	}
	if n.Level >= 3 && n.As == CapacitySponsor && slices.Contains(n.Acts, engagement.ActAssign) {
		l.Text += "; it needs your decision"
	}
	l.Cost, l.Send, l.Whole = it.Cost, it.Send, it.Whole
	details = append(details, it.Effect)
	l.Detail = strings.Join(slices.DeleteFunc(details, func(s string) bool { return s == "" }), " ")
	return l
}

// waitsTo says what is waited for of whom an item waits for, to those to whom it has gone up.
var waitsTo = map[engagement.ItemKind]string{engagement.ItemAccept: "accept it", engagement.ItemSign: "sign it",
	engagement.ItemDecide: "decide on it", engagement.ItemUnblock: "let it go on", engagement.ItemRefused: "clear up why it was refused",
	engagement.ItemAnswer: "answer"}

// askedOf says what an item waits for, to the person of whom it is asked, and for whom.
func (g Digesting) askedOf(n Nudge) string {
	text := g.asking(n)
	if n.For != "" {
		text = "for " + n.For + ": " + text
	}
	return text
}

// asking says what an item waits for, to the person of whom it is asked.
func (g Digesting) asking(n Nudge) string {
	if asks := asking[n.Item.Kind]; asks != nil {
		return asks(n)
	}
	due := models.Dated(n.Item.Due)
	if n.Item.Performing {
		return performing(n, due)
	}
	switch {
	case n.First:
		return "agreed for " + due + ": do it, or ask for the time that you need"
	case n.Late > 0:
		return "was due " + due + ", " + ago(n)
	case n.Late == 0:
		return "due today, " + due
	}
	return "due " + due + ", in " + models.BusinessDays(-n.Late)
}

// ago says for how many business days an item is past its date.
func ago(n Nudge) string {
	if n.Apart {
		return models.BusinessDays(n.Late) + " ago without the pause"
	}
	return models.BusinessDays(n.Late) + " ago"
}

// performing says until when a control is to be performed, to whom is asked.
func performing(n Nudge, by string) string {
	switch {
	case n.Late > 0:
		return "was to be performed by " + by + ", " + ago(n)
	case n.Late == 0:
		return "to be performed by today, " + by
	}
	return "to be performed by " + by + ", in " + models.BusinessDays(-n.Late)
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
		if n.Item.Overtaken {
			return overtaken(n.Acts)
		}
		return "waits for " + yours(n, "your approval", "an approval") + " since " + models.Dated(n.Item.Due)
	},
	engagement.ItemAnswer: func(n Nudge) string {
		return n.Item.OwnerName + " asks" + whom(n) + " since " + models.Dated(n.Item.Due)
	},
	engagement.ItemUnblock: func(n Nudge) string { return n.Item.OwnerName + " cannot go on since " + models.Dated(n.Item.Due) },
	engagement.ItemStaff: func(n Nudge) string {
		return "nobody owns it since " + models.Dated(n.Item.Due) + ": give it to somebody"
	},
	engagement.ItemWindow: func(n Nudge) string { return lateness(n.Late) + ": propose another first day" },
	engagement.ItemLeft:   func(n Nudge) string { return n.Item.Ask + ": say who takes over" },
	engagement.ItemReach: func(n Nudge) string {
		text := "neither Slack nor mail reaches them, and something is due"
		correct, hand := slices.Contains(n.Acts, engagement.ActCorrect), slices.Contains(n.Acts, engagement.ActHandOver)
		switch {
		case correct && hand:
			text += ": correct the address, hand over what is theirs, or talk to them"
		case correct:
			text += ": correct the address, or talk to them"
		case hand:
			text += ": hand over what is theirs, or talk to them"
		}
		return text
	},
}

// overtaken says what can be done about a decision whose day has passed, of what somebody is offered.
func overtaken(acts []engagement.Act) string {
	text := "the day that it names has passed"
	decline := slices.Contains(acts, engagement.ActDecline)
	switch another := slices.ContainsFunc(acts, func(act engagement.Act) bool { return act != engagement.ActDecline }); {
	case another && decline:
		return text + ": propose another day, or decline it"
	case another:
		return text + ": propose another day"
	case decline:
		return text + ": decline it"
	}
	return text
}

// whom says that its reader is asked; nothing to a stand-in, who is told for whom.
func whom(n Nudge) string {
	if n.For != "" {
		return ""
	}
	return " you"
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

// dueOf says what the date of an item is.
func dueOf(it engagement.Item) string {
	if it.Performing {
		return "to be performed by"
	}
	return "due"
}

// dueIn says until when somebody else is to do an item, and how far that is.
func dueIn(it engagement.Item, late int) string {
	switch {
	case late != 0:
		return dueOf(it) + " " + models.Dated(it.Due) + ", " + lateness(late)
	case it.Performing:
		return "to be performed by today, " + models.Dated(it.Due)
	}
	return "due today, " + models.Dated(it.Due)
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

// many reports whether the recipient hears of more than one engagement.
func (g Digesting) many() bool { return len(g.Names) > 1 }

// subject is the same from day to day, so that mail programs keep the thread together.
func (g Digesting) subject() string {
	if g.Client != "" {
		return "Your audit tasks at " + g.Client
	}
	return "Your audit engagements"
}

// intro says how much there is. Where nothing is asked it is the greeting alone: what stands below it first is not counted (Uncounted), and
// a preview shows it.
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
		hello += fmt.Sprintf(" This is as of now: %s nothing could be sent to you.", during(g.Missing))
	}
	return hello
}

// during says on which days something was so.
func during(s planning.Span) string {
	if s.Start == s.End {
		return "on " + models.Dated(s.Start)
	}
	return "from " + models.Dated(s.Start) + " to " + models.Dated(s.End)
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

// summary adds the section of a manager who asked for one, and returns what counts as told by it.
func (g Digesting) summary(m *Message) (told []Nudge) {
	briefs := slices.Clone(g.Briefs)
	rank := map[engagement.Health]int{engagement.HealthLate: 0, engagement.HealthAtRisk: 1, engagement.HealthOnTrack: 2}
	slices.SortStableFunc(briefs, func(a, b Brief) int {
		return cmp.Or(cmp.Compare(rank[a.Health], rank[b.Health]), cmp.Compare(a.Name, b.Name))
	})
	s := Section{Title: "Your engagements this morning"}
	for _, b := range briefs {
		s.Lines = append(s.Lines, engagement.Line{Title: b.Name, Text: strings.ReplaceAll(string(b.Health), "_", " "),
			Detail: strings.Join(slices.Concat(b.Late, b.Lines), " ")})
		for _, n := range b.tells {
			n.To = g.To.ID
			told = append(told, n)
		}
	}
	if len(briefs) > maxBriefs {
		m.Rest, m.More = []Section{{s.Title, s.Lines[maxBriefs:]}}, len(briefs)-maxBriefs
	}
	if len(briefs) > 0 {
		s.Lines = s.Lines[:min(maxBriefs, len(briefs))]
		m.Sections = append(m.Sections, s)
	}
	return told
}

// Managers are who manages engagements, by their names.
type Managers map[string]models.Person

// Add notes who manages an engagement, where that is somebody active.
func (m Managers) Add(f *engagement.Facts) {
	if p, ok := f.Person(f.Engagement.Manager); ok {
		m[f.Engagement.Name] = p
	}
}

// Footer says whom somebody may ask, with the address: of each engagement its manager, where these are not the same for all. It is empty
// for managers and partners, and where there is nobody to name.
func (m Managers) Footer(to *Recipient) string {
	if to.Role == models.RoleManager || to.Role == models.RolePartner {
		return ""
	}
	called := func(p models.Person) string { return strings.TrimSuffix(p.Name+", "+p.Email, ", ") }
	var all []string
	of := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		who := called(m[name])
		if of[who] == nil {
			all = append(all, who)
		}
		of[who] = append(of[who], name)
	}
	switch {
	case len(all) == 0:
		return ""
	case len(all) == 1:
		return "Your project manager: " + all[0] + "."
	}
	for i, who := range all {
		all[i] = who + " for " + models.Listed(of[who])
	}
	return "Your project managers: " + strings.Join(all, "; ") + "."
}

// Urgently returns the message in which notices are said at once: so many lines of them at most, and then a count with its list.
func Urgently(to *Recipient, lines []engagement.Line, client string, ask Managers, limit int) Message {
	subject := "News on your audit engagements"
	if client != "" {
		subject = "News on your audit tasks at " + client
	}
	m := Message{Subject: subject, Intro: "Hello " + FirstName(to.Name) + ".", Urgent: true, Footer: ask.Footer(to)}
	var shown [sections]int
	var all [sections][]engagement.Line
	all[inNews], _ = grouped(lines, 0)
	shown[inNews] = min(limit, len(all[inNews]))
	m.lay(all, shown)
	m.nameLists()
	m.sayOnce()
	return m
}

// BriefOf says how an engagement stands, why it is late, and what happened since a day.
func BriefOf(f *engagement.Facts, events []engagement.Event, from models.Date, now time.Time) Brief {
	e := f.Engagement
	b := Brief{Engagement: e.ID, Name: e.Name, Health: e.Summary.Health}
	fc := f.Forecast(now)
	_, reasons := f.Health(fc, now)
	all, n := f.Missed() // they are all in one line
	reasons = models.Keep(reasons, func(r engagement.Reason) bool { return r.Code != engagement.MissedCode })
	for _, r := range reasons[:min(2, len(reasons))] {
		text := models.WithWeekdays(models.Upper(r.Text)) + "."
		if r.Code != engagement.LateCode {
			b.Lines = append(b.Lines, text)
			continue
		}
		b.Late = append(b.Late, text)
		for _, x := range expectations(f) {
			if x.anchor == r.Subject {
				b.tells = append(b.tells, x.nudge(f, fc))
			}
		}
	}
	if text := engagement.MissedWords(e.ID, all, n, 1); text != "" {
		b.Lines = append(b.Lines, text)
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
			parts = append(parts, models.Quoted(f.PhaseName(catalog.Phase(e.Subject)))+" has begun")
		case "phase.left":
			parts = append(parts, models.Quoted(f.PhaseName(catalog.Phase(e.Subject)))+" is complete")
		case "gate.signed":
			parts = append(parts, models.Quoted(f.GateText(e.Subject))+" was signed")
		case "gate.refused":
			parts = append(parts, models.Quoted(f.GateText(e.Subject))+" was refused")
		case "decision.in_force":
			parts = append(parts, "decision "+e.Subject+" is in force")
		case "engagement.paused", "engagement.resumed", "window.opened", "window.closed":
			parts = append(parts, strings.ReplaceAll(e.Kind, ".", " "))
		default:
			n[e.Kind]++
		}
	}
	for _, c := range []struct{ kind, one, what string }{{"task.completed", "task", "reported as done"}, {"task.accepted", "task", "accepted"},
		{"task.returned", "task", "returned"}, {"task.overdue", "task", "newly late"}, {"task.blocked", "task", "blocked"},
		{"task.moved", "task", "given another date"}, {"decision.proposed", "decision", "proposed"}} {
		if n[c.kind] > 0 {
			parts = append(parts, models.Count(n[c.kind], c.one)+" "+c.what)
		}
	}
	return strings.Join(parts, ", ")
}
