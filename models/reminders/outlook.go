package reminders

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

// slipTold is by how many business days the expected date of the report may differ from what somebody was told last before they are told.
const slipTold = 5

// turnedAgain is after how many days somebody is told that the health has turned since they were told last: what turns to and fro within
// a week is no news.
const turnedAgain = 7

// A Cause is one of those that made a report late when somebody was told when it is expected.
type Cause struct {
	Subject string `json:"s"`
	Text    string `json:"t"`
	Days    int    `json:"d"` // business days
}

// An expectation is when one report is expected now, and what somebody was told of it last.
type expectation struct {
	subject string                // of its item
	anchor  string                // what the reasons of the health call it
	kind    engagement.ReportKind // empty where the engagement has one report
	is, was Step                  // the day on which it is expected, and of the last report the health
	planned models.Date           // what somebody was told who was told nothing yet
	promise models.Date
	moved   int         // business days from what was told last
	said    models.Date // when that was; zero when nothing was told yet
	causes  []Cause     // what made it late then; nil where that is not known
}

// slipped reports whether it has moved by so much that it is told.
func (x expectation) slipped() bool { return max(x.moved, -x.moved) > slipTold }

// turned reports whether the health differs from what was told last.
func (x expectation) turned() bool { return x.was.Offset != x.is.Offset }

// worse reports whether the health is worse than what was told last.
func (x expectation) worse() bool { return x.is.Offset > x.was.Offset }

// contrary reports whether the health has turned one way and the date has moved the other: only one of them is told, the worse.
func (x expectation) contrary() bool {
	return x.turned() && (x.worse() && x.moved < 0 || !x.worse() && x.moved > 0)
}

// name is what people call the report, as the beginning of a sentence.
func (x expectation) name() string {
	if x.kind == "" {
		return "the report"
	}
	return "the " + x.kind.Name()
}

// outlook tells those who answer for the engagement when its health has turned, or a report is expected more than five business days
// later or earlier than they were told last. Whoever was told nothing yet was told what was planned. That it is at risk, or is not any
// more, waits for a message that goes out anyway: one task a day late puts it at risk.
func (n *nudging) outlook() {
	all := expectations(n.f)
	for _, m := range n.leads() {
		r := n.aud.People[m.id]
		if r == nil || !n.wanted(r) && r.Channel != ChannelNone {
			continue
		}
		slipped := false
		var mine []expectation
		for _, x := range all {
			x = n.sinceTold(r, x)
			slipped, mine = slipped || x.slipped(), append(mine, x)
		}
		slices.SortStableFunc(mine, func(a, b expectation) int { return a.is.Due.Compare(b.is.Due) })
		why := ""
		for _, x := range mine {
			why = n.expected(r, m.capacities[0], x, slipped, why)
		}
	}
}

// sinceTold returns an expectation with what somebody was told of it last, in whatever message.
func (n *nudging) sinceTold(r *Recipient, x expectation) expectation {
	said, told := n.aud.Sent[SentKey{r.ID, n.f.Engagement.ID, x.item(n.f).Key()}]
	x.said, x.causes = said.On, said.Causes
	if x.was = said.Step; x.was.Due.IsZero() {
		x.was = Step{Due: x.planned}
	}
	if !told {
		x.causes = []Cause{} // what was planned is late for no cause
	}
	x.moved = n.f.ClientDays.Count(x.was.Due, x.is.Due)
	return x
}

// item is what it is called where it is noted that it was told.
func (x expectation) item(f *engagement.Facts) engagement.Item {
	return engagement.Item{Engagement: f.Engagement.ID, Kind: engagement.ItemOutlook, Subject: x.subject, Due: x.is.Due}
}

// nudge is what counts as told with a message that says when the report is expected.
func (x expectation) nudge(f *engagement.Facts, fc engagement.Forecast) Nudge {
	n := Nudge{Item: x.item(f), Step: x.is, Causes: []Cause{}}
	for _, d := range x.drivers(fc) {
		n.Causes = append(n.Causes, Cause{d.Subject, d.Text, d.Days})
	}
	return n
}

// drivers returns what makes the report late.
func (x expectation) drivers(fc engagement.Forecast) []engagement.Driver {
	for _, p := range fc.Reports {
		if p.Kind == x.kind {
			return p.Drivers
		}
	}
	return fc.Drivers
}

// expectations returns what is expected of each report that is to come, the last report first; none once that is out.
func expectations(f *engagement.Facts) []expectation {
	e := f.Engagement
	is := Step{Due: e.Summary.Forecast, Offset: slices.Index(engagement.Healths, e.Summary.Health)}
	if is.Due.IsZero() || is.Offset < 0 || f.Issued() {
		return nil
	}
	last := expectation{subject: "engagement", is: is, promise: cmp.Or(e.Target, e.Baseline.Report),
		planned: models.Later(e.Baseline.Report, e.Target)}
	out := []expectation{last}
	for i, k := range e.Outlook.Last {
		switch {
		case i == len(e.Outlook.Last)-1:
			if out[0].anchor = k.Kind.Anchor(); i > 0 {
				out[0].kind = k.Kind
			}
		case k.Issued.IsZero() && f.IssuedOn(k.Kind).IsZero():
			out = append(out, expectation{subject: k.Kind.Anchor(), anchor: k.Kind.Anchor(), kind: k.Kind, is: Step{Due: k.Expected},
				planned: k.Promised, promise: k.Promised})
		}
	}
	return out
}

// tells returns what counts as told to one of those who answer for the engagement with a message that says when the last report is
// expected; nil where there is nothing to be expected.
func (n *nudging) tells(to models.PersonID) *Nudge {
	all := expectations(n.f)
	if len(all) == 0 {
		return nil
	}
	x := all[0].nudge(n.f, n.expects())
	x.To = to
	return &x
}

// expects returns the forecast.
func (n *nudging) expects() engagement.Forecast {
	if n.forecast == nil {
		fc := n.f.Forecast(n.now)
		n.forecast = &fc
	}
	return *n.forecast
}

// expected tells somebody what is expected of a report, where that is news to them: of one that has moved less, where that of another
// report is, so that both are told together. It returns why it is so, as the line says it; before is what the line before said.
func (n *nudging) expected(r *Recipient, as Capacity, x expectation, along bool, before string) (why string) {
	turned := x.turned() && !r.Today(n.now).Before(x.said.AddDays(turnedAgain))
	if !turned && !x.slipped() && !(x.moved != 0 && (along || n.stalled(r))) {
		return before
	}
	news := x.nudge(n.f, n.expects())
	news.As, news.Tone = as, catalog.ToneOverdue
	why = n.why(x)
	news.Item.Title, news.Item.Ask = n.says(x, as)
	if news.Item.Effect = why; why != "" && why == before {
		news.Item.Effect = "For the same reasons."
	}
	if x.worse() || x.moved > 0 {
		news.Acts = n.f.Offers(n.actor(r), news.Item, n.now)
	}
	n.add(r, news)
	if late := slices.Index(engagement.Healths, engagement.HealthLate); x.is.Offset != late && x.was.Offset != late && !x.slipped() && !along {
		n.out[len(n.out)-1].Fresh = false
	}
	return why
}

// stalled reports whether somebody is to hear now what is held up in the engagement: what that costs goes with it.
func (n *nudging) stalled(r *Recipient) bool {
	return slices.ContainsFunc(n.out, func(x Nudge) bool { return x.To == r.ID && x.Item.Kind == engagement.ItemStall && x.Fresh })
}

// says says what has turned, or moved, since somebody was told last.
func (n *nudging) says(x expectation, as Capacity) (title, text string) {
	turned := map[engagement.Health]string{engagement.HealthOnTrack: "On track again", engagement.HealthAtRisk: "At risk now",
		engagement.HealthLate: "Late now"}
	is := turned[n.f.Engagement.Summary.Health]
	byHealth := x.turned() && (x.worse() || !x.contrary())
	switch {
	case byHealth && as == CapacitySponsor:
		return "Your audit is " + models.Lower(is), x.text(byHealth)
	case byHealth:
		title = is
	case x.moved > 0:
		title = models.Upper(x.name()) + " is expected " + models.BusinessDays(x.moved) + " later"
	default:
		title = models.Upper(x.name()) + " is expected " + models.BusinessDays(-x.moved) + " earlier"
	}
	if as == CapacitySponsor {
		title = "Your audit: " + models.Lower(title)
	}
	return title, x.text(byHealth)
}

// text says on which day the report is expected, instead of which other one.
func (x expectation) text(byHealth bool) string {
	text := "on " + models.Dated(x.is.Due)
	if byHealth && x.contrary() { // that it is expected earlier is no consolation
		x.moved = 0
		text = x.name() + " is expected " + text
	} else if byHealth && x.moved == 0 {
		text = x.name() + " is still expected " + text
	} else if byHealth {
		text = x.name() + " is expected " + text
	}
	switch {
	case x.is.Due == x.promise && x.moved != 0:
		return text + ", as promised, instead of " + models.Dated(x.was.Due)
	case x.is.Due == x.promise:
		return text + ", as promised"
	case x.moved != 0 && x.was.Due == x.promise:
		return text + " instead of the promised " + models.Dated(x.promise)
	case x.moved != 0:
		text += " instead of " + models.Dated(x.was.Due)
	}
	return text + ", promised for " + models.Dated(x.promise)
}

// why says why a report is expected when it is: what has changed since somebody was told last, or where nothing of that is known, the
// first reason of the health or what makes the report late most.
func (n *nudging) why(x expectation) string {
	fc := n.expects()
	if !(x.contrary() && x.worse()) {
		if text := x.changed(fc); text != "" {
			return text
		}
	}
	drivers := x.drivers(fc)
	_, reasons := n.f.Health(fc, n.now)
	why := ""
	switch {
	case x.moved < 0 && !x.turned(), n.f.Engagement.Summary.Health == engagement.HealthOnTrack, len(reasons) == 0:
	case x.subject == "engagement" && (reasons[0].Code != engagement.LateCode || len(drivers) == 0):
		why = reasons[0].Text
	case len(drivers) > 0:
		why = drivers[0].Text
	}
	if why == "" {
		return ""
	}
	return models.WithWeekdays(models.Sentence(why))
}

// A change is by how much more, or less, a cause makes a report late than when somebody was told.
type change struct {
	Cause
	gone bool // it was told, and is none any more
}

// changed says what differs between what made the report late when somebody was told last, and now: what grew or came anew where it is
// later, what shrank or is gone where it is earlier. It is empty where nothing of that is known.
func (x expectation) changed(fc engagement.Forecast) string {
	if x.causes == nil || x.moved == 0 {
		return ""
	}
	all := models.Keep(x.changes(fc), func(c change) bool { return c.Days > 0 == (x.moved > 0) })
	slices.SortStableFunc(all, func(a, b change) int { return max(b.Days, -b.Days) - max(a.Days, -a.Days) })
	var parts []string
	for _, c := range all[:min(namedAtMost, len(all))] {
		text := strings.TrimSuffix(models.WithWeekdays(c.Text), ".")
		switch {
		case c.gone:
			parts = append(parts, fmt.Sprintf("%s less, no more so: “%s”", models.BusinessDays(-c.Days), text))
		case c.Days < 0:
			parts = append(parts, fmt.Sprintf("%s less: %s", models.BusinessDays(-c.Days), text))
		default:
			parts = append(parts, fmt.Sprintf("%s more: %s", models.BusinessDays(c.Days), text))
		}
	}
	if rest := len(all) - len(parts); rest > 0 {
		parts = append(parts, "and "+models.Count(rest, "smaller change"))
	}
	if len(parts) == 0 {
		return ""
	}
	return models.Sentence(strings.Join(parts, "; "))
}

// changes returns what differs between the causes of then and now. What is of one subject counts together.
func (x expectation) changes(fc engagement.Forecast) []change {
	var out []change
	at := func(subject string) *change {
		i := slices.IndexFunc(out, func(c change) bool { return c.Subject == subject })
		if i < 0 {
			i, out = len(out), append(out, change{Cause: Cause{Subject: subject}, gone: true})
		}
		return &out[i]
	}
	for _, d := range x.drivers(fc) {
		c := at(d.Subject)
		if c.Days += d.Days; c.Text == "" {
			c.Text, c.gone = d.Text, false
		}
	}
	for _, was := range x.causes {
		c := at(was.Subject)
		if c.Days -= was.Days; c.Text == "" {
			c.Text = was.Text
		}
	}
	return models.Keep(out, func(c change) bool { return c.Days != 0 })
}
