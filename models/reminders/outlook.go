package reminders

import (
	"cmp"
	"slices"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

// slipTold is by how many business days the expected date of the report may differ from what somebody was told last before they are told.
const slipTold = 5

// turnedAgain is after how many days somebody is told that the health has turned since they were told last: what turns to and fro within
// a week is no news.
const turnedAgain = 7

// An expectation is when one report is expected now, and what somebody was told of it last.
type expectation struct {
	subject string                // of its item
	kind    engagement.ReportKind // empty where the engagement has one report
	is, was Step                  // the day on which it is expected, and of the last report the health
	planned models.Date           // what somebody was told who was told nothing yet
	promise models.Date
	moved   int         // business days from what was told last
	said    models.Date // when that was; zero when nothing was told yet
}

// slipped reports whether it has moved by so much that it is told.
func (x expectation) slipped() bool { return max(x.moved, -x.moved) > slipTold }

// turned reports whether the health differs from what was told last.
func (x expectation) turned() bool { return x.was.Offset != x.is.Offset }

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
	all := n.expectations()
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
		for _, x := range mine {
			n.expected(r, m.capacities[0], x, slipped)
		}
	}
}

// sinceTold returns an expectation with what somebody was told of it last.
func (n *nudging) sinceTold(r *Recipient, x expectation) expectation {
	said := n.aud.Sent[SentKey{r.ID, n.f.Engagement.ID, n.itemOf(x).Key()}]
	x.said = said.On
	if x.was = said.Step; x.was.Due.IsZero() {
		x.was = Step{Due: x.planned}
	}
	x.moved = n.f.ClientDays.Count(x.was.Due, x.is.Due)
	return x
}

func (n *nudging) itemOf(x expectation) engagement.Item {
	return engagement.Item{Engagement: n.f.Engagement.ID, Kind: engagement.ItemOutlook, Subject: x.subject, Due: x.is.Due}
}

// expectations returns what is expected of each report that is to come, the last report first; none once that is out.
func (n *nudging) expectations() []expectation {
	e := n.f.Engagement
	is := Step{Due: e.Summary.Forecast, Offset: slices.Index(engagement.Healths, e.Summary.Health)}
	if is.Due.IsZero() || is.Offset < 0 || n.f.Issued() {
		return nil
	}
	last := expectation{subject: "engagement", is: is, promise: cmp.Or(e.Target, e.Baseline.Report),
		planned: models.Later(e.Baseline.Report, e.Target)}
	out := []expectation{last}
	for i, k := range e.Outlook.Last {
		switch {
		case i == len(e.Outlook.Last)-1:
			if i > 0 {
				out[0].kind = k.Kind
			}
		case k.Issued.IsZero() && n.f.IssuedOn(k.Kind).IsZero():
			out = append(out, expectation{subject: k.Kind.Anchor(), kind: k.Kind, is: Step{Due: k.Expected}, planned: k.Promised,
				promise: k.Promised})
		}
	}
	return out
}

// expected tells somebody what is expected of a report, where that is news to them: of one that has moved less, where that of another
// report is, so that both are told together.
func (n *nudging) expected(r *Recipient, as Capacity, x expectation, along bool) {
	turned := x.turned() && !r.Today(n.now).Before(x.said.AddDays(turnedAgain))
	if !turned && !x.slipped() && !(x.moved != 0 && (along || n.stalled(r))) {
		return
	}
	it := n.itemOf(x)
	it.Title, it.Ask, it.Effect = n.expects(x, as)
	n.add(r, Nudge{As: as, Tone: catalog.ToneOverdue, Step: x.is, Item: it})
	if late := slices.Index(engagement.Healths, engagement.HealthLate); x.is.Offset != late && x.was.Offset != late && !x.slipped() && !along {
		n.out[len(n.out)-1].Fresh = false
	}
}

// stalled reports whether somebody is to hear now that the engagement stands still: what that costs goes with it.
func (n *nudging) stalled(r *Recipient) bool {
	return slices.ContainsFunc(n.out, func(x Nudge) bool { return x.To == r.ID && x.Item.Kind == engagement.ItemStall && x.Fresh })
}

// expects says what has turned since somebody was told last, and why it is so.
func (n *nudging) expects(x expectation, as Capacity) (title, text, detail string) {
	turned := map[engagement.Health]string{engagement.HealthOnTrack: "On track again", engagement.HealthAtRisk: "At risk now",
		engagement.HealthLate: "Late now"}
	is := turned[n.f.Engagement.Summary.Health]
	switch {
	case x.turned() && as == CapacitySponsor:
		return "Your audit is " + models.Lower(is), x.text(), n.whyExpected(x)
	case x.turned():
		title = is
	case x.moved > 0:
		title = models.Upper(x.name()) + " is expected " + models.BusinessDays(x.moved) + " later"
	default:
		title = models.Upper(x.name()) + " is expected " + models.BusinessDays(-x.moved) + " earlier"
	}
	if as == CapacitySponsor {
		title = "Your audit: " + models.Lower(title)
	}
	return title, x.text(), n.whyExpected(x)
}

// text says on which day the report is expected, instead of which other one.
func (x expectation) text() string {
	text := "on " + models.Dated(x.is.Due)
	switch {
	case x.turned() && x.moved == 0:
		text = x.name() + " is still expected " + text
	case x.turned():
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

// whyExpected says why a report is expected when it is: the first reason of the health, or what makes the report late first.
func (n *nudging) whyExpected(x expectation) string {
	fc := n.f.Forecast(n.now)
	drivers := fc.Drivers
	if x.subject != "engagement" {
		for _, p := range fc.Reports {
			if p.Kind == x.kind {
				drivers = p.Drivers
			}
		}
	}
	_, reasons := n.f.Health(fc, n.now)
	why := ""
	switch {
	case n.f.Engagement.Summary.Health == engagement.HealthOnTrack || len(reasons) == 0:
	case x.subject == "engagement" && (reasons[0].Code != "report_late" || len(drivers) == 0):
		why = reasons[0].Text
	case len(drivers) > 0:
		why = drivers[0].Text
	}
	if why == "" {
		return ""
	}
	return models.WithWeekdays(models.Sentence(why))
}
