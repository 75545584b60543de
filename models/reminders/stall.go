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
)

// stallEvery is after how many days, at the latest, those who answer for an engagement hear again of what stands still in it.
const stallEvery = 7

// A halt is one thing that is past its date, and whom it waits for.
type halt struct {
	item    engagement.Item
	who     models.PersonID // empty: nobody is asked
	name    string
	verb    string      // what they are to do with it; empty: do it
	since   models.Date // the day by which it was to be done; of what waits for an approval or an answer, the day since which it waits
	overdue models.Date // the last day on which it was not overdue
	behind  []*engagement.Task
	silent  bool // nobody is reminded of it any more
	turn    engagement.Turn
}

// halts returns what of an engagement stands still, longest overdue first: open tasks past their date, and what has waited for an approval
// or an answer for so long that others hear of it.
func halts(f *engagement.Facts, present *engagement.Presence, now time.Time) []halt {
	h := &halting{f: f, present: present, today: f.Today(now), at: f.At(now), behind: f.Behind(now), patience: patienceOf(f.Catalog)}
	for _, t := range f.Tasks {
		h.task(t)
	}
	for _, g := range f.Gates {
		h.gate(g)
	}
	for _, d := range f.Decisions {
		h.decision(d)
	}
	if f.WindowMissed(h.today) && !windowProposed(f) {
		h.add(halt{item: engagement.Item{Kind: engagement.ItemWindow, Subject: string(catalog.PhaseWindow), Title: "The window opens"},
			who: f.Engagement.Manager, verb: "propose another day for", since: f.Engagement.WindowOpen, overdue: f.Engagement.WindowOpen})
	}
	if rest := h.behind[""]; len(rest) > 0 && len(h.out) > 0 {
		h.out[0].behind = append(slices.Clip(h.out[0].behind), rest...)
	}
	slices.SortStableFunc(h.out, func(a, b halt) int { return a.overdue.Compare(b.overdue) })
	return h.out
}

// patienceOf returns for how many business days an approval or an answer is waited for before it is late: until the last day on which only
// who is asked hears of it.
func patienceOf(c *catalog.Catalog) (days int) {
	for _, s := range c.Ladder("word") {
		if s.Escalation > 0 {
			break
		}
		days = s.Offset
	}
	return days
}

// halting is one look for what stands still.
type halting struct {
	f        *engagement.Facts
	present  *engagement.Presence
	today    models.Date
	at       *engagement.Moment
	behind   map[models.TaskID][]*engagement.Task
	patience int
	out      []halt
}

func (h *halting) add(x halt) {
	if x.turn == (engagement.Turn{}) {
		x.turn = h.present.Word(x.item, x.who)
	}
	if x.name == "" {
		x.name = h.f.Called(x.who, "team")
	}
	h.out = append(h.out, x)
}

// waits adds what waits for somebody since a day, once that is too long. Pauses are not counted.
func (h *halting) waits(x halt, days *models.Calendar) {
	if x.overdue = h.f.WaitedBy(days, x.since, h.patience); x.overdue.Before(h.today) {
		h.add(x)
	}
}

// task adds a task that stands still.
func (h *halting) task(t *engagement.Task) {
	f := h.f
	x := halt{item: engagement.Item{Kind: engagement.ItemDo, Subject: string(t.ID), Title: t.Heading()}, who: t.Owner,
		name: f.Called(t.Owner, t.OwnerRole), since: t.Due, behind: h.behind[t.ID]}
	x.item.Engagement = f.Engagement.ID
	switch t.State {
	case engagement.TaskOpen:
		if w := h.at.When(t); w.Late {
			x.overdue, x.silent = x.since, ended(f.LadderOf(t), w.Days)
			if t.Owner == "" {
				x.item.Kind, x.who, x.name, x.verb = engagement.ItemStaff, f.Engagement.Manager, "", "name who does"
			} else {
				x.turn = h.present.Task(t)
			}
			h.add(x)
		}
	case engagement.TaskSubmitted:
		x.item.Kind, x.who, x.name, x.verb = engagement.ItemAccept, f.Acceptors(t)[0], "", "accept"
		x.turn = h.present.Task(t)
		x.since = models.DateIn(t.DoneAt, f.Location())
		h.waits(x, &f.FirmDays)
	case engagement.TaskBlocked:
		x.item.Kind, x.who, x.name, x.verb, x.since = engagement.ItemUnblock, f.Unblocker(t), "", "let go on", f.BlockedSince(t)
		h.waits(x, f.Days(t.OwnerRole))
	}
}

// ended reports whether a ladder says nothing more by itself to whom it asks, so many business days after the due date.
func ended(ladder []catalog.ReminderStep, late int) bool {
	return !slices.ContainsFunc(ladder, func(s catalog.ReminderStep) bool {
		return s.Offset >= late && (slices.Contains(s.To, string(CapacityOwner)) || slices.Contains(s.CC, string(CapacityOwner)))
	})
}

// gate adds a gate of which only the signature is missing, or that was refused.
func (h *halting) gate(g engagement.Gate) {
	f := h.f
	if st := f.Phase(g.Phase); g.State == engagement.GateSigned || g.At.IsZero() || g.Approver == models.RoleSystem || st == nil ||
		st.Standing != engagement.StandingActive {
		return
	}
	x := halt{item: engagement.Item{Kind: engagement.ItemSign, Subject: g.ID, Title: f.GateText(g.ID)}, verb: "sign",
		since: models.DateIn(g.At, f.Location())}
	if turn, ok := h.present.Gate(g); ok {
		x.who, x.turn = turn.Whose, turn
	}
	if g.State == engagement.GateRefused {
		x.turn, x.item.Kind, x.who, x.verb = engagement.Turn{}, engagement.ItemRefused, f.Engagement.Manager, "clear up, since it was refused,"
	}
	h.waits(x, &f.FirmDays)
}

// decision adds a decision that is pending.
func (h *halting) decision(d *engagement.Decision) {
	if d.State != engagement.DecisionPending {
		return
	}
	for _, turn := range h.present.Decision(d) {
		h.waits(halt{item: engagement.Item{Kind: engagement.ItemDecide, Subject: d.ID, Title: h.f.Proposal(d)}, who: turn.Whose, turn: turn,
			verb: "decide on", since: models.DateIn(d.ProposedAt, h.f.Location())}, &h.f.FirmDays)
		return
	}
}

// windowProposed reports whether another first day of the window has been proposed and waits for its approvals.
func windowProposed(f *engagement.Facts) bool {
	return slices.ContainsFunc(f.Decisions, func(d *engagement.Decision) bool {
		return d.State == engagement.DecisionPending && d.Kind == engagement.MoveWindow
	})
}

// stall tells those who answer for the engagement, and the sponsor in other words, what stands still: within seven days of the day since
// which the oldest of it is overdue, and as long as anything is, so that no seven days pass without it on which they work.
func (n *nudging) stall() {
	all := models.Keep(halts(n.f, n.present, n.now), n.heardOf)
	if len(all) == 0 {
		return
	}
	for _, m := range n.leads() {
		r := n.aud.People[m.id]
		if r == nil || !n.wanted(r) && r.Channel != ChannelNone {
			continue
		}
		today, it := r.Today(n.now), engagement.Item{Engagement: n.f.Engagement.ID, Kind: engagement.ItemStall, Subject: "engagement"}
		said, _ := n.said(r.ID, it)
		if !said.On.IsZero() {
			said.On = n.f.Unpaused(&r.Days, said.On)
		}
		told := !said.On.IsZero() && said.On.After(all[0].overdue)
		x := Nudge{As: m.capacities[0], Tone: catalog.ToneEscalation, Level: 2, Step: said.Step}
		switch {
		case r.WorkingDay(today, 1).After(models.Later(said.On, all[0].overdue).AddDays(stallEvery)):
			x.Step = Step{Due: today}
		case !told:
			continue
		}
		it.Due = all[0].since
		it.Title, it.Ask, it.Effect = n.standsStill(all, m.capacities[0], r.ID)
		it.Whole = n.wholeOf(all, r.ID)
		x.Item, x.Acts = it, n.f.Offers(n.actor(r), it, n.now)
		n.add(r, x)
	}
}

// heardOf reports whether who is asked heard on an earlier day of theirs that something is late, or waits for them: nobody is reported for
// what they were not told. What they have put off counts as heard; whom nothing reaches, or who is away or not shown it, holds nothing up.
func (n *nudging) heardOf(h halt) bool {
	h.item.Engagement = n.f.Engagement.ID
	id := h.turn.Asked
	r := n.aud.People[id]
	if r == nil || r.Channel == ChannelNone || n.aud.Failing[id] || !n.sees(id, h.item) {
		return true
	}
	if _, away := r.AwayOn(r.Today(n.now)); away {
		return true
	}
	t := n.f.Task(models.TaskID(h.item.Subject))
	sent, _ := n.said(id, h.item)
	said := sent.before(r.Today(n.now))
	return said.Due == h.since && (said.Offset > 0 || h.item.Kind != engagement.ItemDo) || t != nil && !t.Snoozed.IsZero()
}

// leads are those who answer for an engagement: the manager, or the partner while the manager is away, the partner, and the client's
// sponsor.
func (n *nudging) leads() []member {
	var out []member
	for _, m := range []member{{n.manager, []Capacity{CapacityManager}}, {n.f.Engagement.Partner, []Capacity{CapacityPartner}},
		{n.sponsor, []Capacity{CapacitySponsor}}} {
		if m.id != "" && !slices.ContainsFunc(out, func(o member) bool { return o.id == m.id }) {
			out = append(out, m)
		}
	}
	return out
}

// stillSince says since when work stands still, if nothing was done and nothing decided since then; where other work went on, how many
// things wait.
func (n *nudging) stillSince(all []halt, as Capacity) string {
	since, still := all[0].since, n.f.StandsStill(all[0].since)
	whose := ""
	if as == CapacitySponsor {
		whose = " of your audit"
	}
	waits := models.Count(len(all), "thing") + whose + " wait, the oldest since "
	switch {
	case still && as == CapacitySponsor:
		waits = "Your audit waits since "
	case still:
		waits = "Work stands still since "
	case len(all) == 1:
		waits = "1 thing" + whose + " waits since "
	}
	return waits + models.Dated(since)
}

// standsStill says to one of them what is held up: since when, for whom it waits, and what else waits behind it.
func (n *nudging) standsStill(all []halt, as Capacity, to models.PersonID) (title, text, detail string) {
	first := all[0]
	title = n.stillSince(all, as)
	verb := first.verb
	if verb == "" {
		verb = "do"
	}
	whom := first.name
	if first.who == to {
		whom = "you"
	}
	text = fmt.Sprintf("it waits for %s to %s %s", whom, verb, models.Quoted(first.item.Title))
	if away := n.f.Instead(first.turn, to); away != "" && first.who != to && !first.turn.Until.IsZero() {
		text += "; " + first.name + " is " + away
	}
	parts := []string{n.alsoWaits(all, to), n.waitsBehind(all)}
	if as != CapacitySponsor {
		parts = append(parts, n.nobodyReminds(all))
	} else if p, ok := n.f.Person(first.who); !ok || p.Role.Side() == models.SideFirm {
		parts = append(parts, "It is for "+n.f.Firm.Name+" to go on: "+n.f.Called(n.f.Engagement.Manager, "manager")+" can tell you when.")
	}
	return title, text, strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// wholeOf says of everything that stands still for whom it waits and since when, and what waits behind it, a line each; nothing where the
// sentences name all of it.
func (n *nudging) wholeOf(all []halt, to models.PersonID) []string {
	var out []string
	behind, silent, names := 0, 0, map[string]bool{}
	for _, h := range all {
		whom, verb := h.name, cmp.Or(h.verb, "do")
		if h.who == to {
			whom = "you"
		}
		names[whom] = true
		line := fmt.Sprintf("Since %s it waits for %s to %s %s", models.Dated(h.since), whom, verb, models.Quoted(h.item.Title))
		if away := n.f.Instead(h.turn, to); away != "" && h.who != to && !h.turn.Until.IsZero() {
			line += "; " + h.name + " is " + away
		}
		if h.silent {
			line += "; nobody is reminded of it any more"
			silent++
		}
		out = append(out, line)
		for _, t := range h.behind {
			behind++
			out = append(out, fmt.Sprintf("%s waits for that, due %s", models.Quoted(t.Heading()), models.Dated(t.Due)))
		}
	}
	if max(behind, silent, len(names)-1) <= namedAtMost && len(all) == len(names) {
		return nil
	}
	return out
}

// namedAtMost is how many people, or titles, a sentence names before it counts the rest.
const namedAtMost = 3

// alsoWaits says for whom else something waits, and for how much of theirs.
func (n *nudging) alsoWaits(all []halt, to models.PersonID) string {
	type one struct {
		name  string
		items int
		since models.Date
		away  string // until when, and who is asked instead: of the first
	}
	var by []*one
	for _, h := range all[1:] {
		name := h.name
		if h.who == to {
			name = "you"
		}
		i := slices.IndexFunc(by, func(o *one) bool { return o.name == name })
		if i < 0 {
			i, by = len(by), append(by, &one{name: name, since: h.since})
			if h.who != to && !h.turn.Until.IsZero() {
				by[i].away = ", " + n.f.Instead(h.turn, to)
			}
		}
		by[i].items++
		by[i].since = models.Earlier(by[i].since, h.since)
	}
	var names []string
	for _, o := range by {
		much := models.Count(o.items, "thing")
		if o.name == all[0].name || o.name == "you" && all[0].who == to {
			much = models.Count(o.items, "more thing")
		}
		names = append(names, fmt.Sprintf("%s (%s, since %s%s)", o.name, much, models.Dated(o.since), o.away))
	}
	if len(names) == 0 {
		return ""
	}
	return "Also waited for: " + strings.Join(someOf(names), "; ") + "."
}

// waitsBehind says which tasks are past their date and wait for what stands still.
func (n *nudging) waitsBehind(all []halt) string {
	var titles []string
	for _, h := range all {
		for _, t := range h.behind {
			titles = append(titles, t.Heading())
		}
	}
	if len(titles) == 0 {
		return ""
	}
	return "Past their date, waiting for that: " + strings.Join(someOf(titles), "; ") + "."
}

// nobodyReminds says of what nobody is reminded any more, since its reminders have come to their end.
func (n *nudging) nobodyReminds(all []halt) string {
	var titles []string
	for _, h := range all {
		if h.silent {
			titles = append(titles, h.item.Title+" ("+h.name+")")
		}
	}
	if len(titles) == 0 {
		return ""
	}
	return "Nobody is reminded any more of: " + strings.Join(someOf(titles), "; ") + "."
}

// someOf returns the first few of some names, and how many more there are as the last: what stands behind the line has all of them.
func someOf(names []string) []string {
	if rest := len(names) - namedAtMost; rest > 0 {
		return append(slices.Clone(names[:namedAtMost]), AndMore(rest))
	}
	return names
}
