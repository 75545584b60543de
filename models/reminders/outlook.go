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

// outlook tells those who answer for the engagement when its health has turned, or the report is expected more than five business days
// later or earlier than they were told last. Whoever was told nothing yet was told what was planned. That it is at risk, or is not any
// more, waits for a message that goes out anyway: one task a day late puts it at risk.
func (n *nudging) outlook() {
	e := n.f.Engagement
	is := Step{Due: e.Summary.Forecast, Offset: slices.Index(engagement.Healths, e.Summary.Health)}
	if is.Due.IsZero() || is.Offset < 0 || n.f.Issued() {
		return
	}
	for _, m := range n.leads() {
		r := n.aud.People[m.id]
		if r == nil || !n.wanted(r) && r.Channel != ChannelNone {
			continue
		}
		it := engagement.Item{Engagement: e.ID, Kind: engagement.ItemOutlook, Subject: "engagement", Due: is.Due}
		said := n.aud.Sent[SentKey{r.ID, it.Engagement, it.Key()}]
		was := said.Step
		if was.Due.IsZero() {
			was = Step{Due: models.Later(e.Baseline.Report, e.Target)}
		}
		moved := n.f.ClientDays.Count(was.Due, is.Due)
		turned := was.Offset != is.Offset && !r.Today(n.now).Before(said.On.AddDays(turnedAgain))
		if !turned && max(moved, -moved) <= slipTold && !(moved != 0 && n.stalled(r)) {
			continue
		}
		it.Title, it.Ask, it.Effect = n.expects(was, is, m.capacities[0])
		n.add(r, Nudge{As: m.capacities[0], Tone: catalog.ToneOverdue, Step: is, Item: it})
		if late := slices.Index(engagement.Healths, engagement.HealthLate); is.Offset != late && was.Offset != late &&
			max(moved, -moved) <= slipTold {
			n.out[len(n.out)-1].Fresh = false
		}
	}
}

// stalled reports whether somebody is to hear now that the engagement stands still: what that costs goes with it.
func (n *nudging) stalled(r *Recipient) bool {
	return slices.ContainsFunc(n.out, func(x Nudge) bool { return x.To == r.ID && x.Item.Kind == engagement.ItemStall && x.Fresh })
}

// expects says what has turned since somebody was told last, and why it is so.
func (n *nudging) expects(was, is Step, as Capacity) (title, text, detail string) {
	e := n.f.Engagement
	moved := n.f.ClientDays.Count(was.Due, is.Due)
	turned := map[engagement.Health]string{engagement.HealthOnTrack: "On track again", engagement.HealthAtRisk: "At risk now",
		engagement.HealthLate: "Late now"}
	switch {
	case was.Offset != is.Offset:
		title = turned[e.Summary.Health]
	case moved > 0:
		title = "The report is expected " + models.BusinessDays(moved) + " later"
	default:
		title = "The report is expected " + models.BusinessDays(-moved) + " earlier"
	}
	if as == CapacitySponsor {
		title = "Your audit: " + models.Lower(title)
	}
	text = "on " + models.Dated(is.Due)
	if was.Offset != is.Offset {
		text = "the report is expected " + text
	}
	if moved != 0 {
		text += " instead of " + models.Dated(was.Due)
	}
	if promised := cmp.Or(e.Target, e.Baseline.Report); promised != is.Due {
		text += ", promised for " + models.Dated(promised)
	}
	fc := n.f.Forecast(n.now)
	_, reasons := n.f.Health(fc, n.now)
	switch {
	case e.Summary.Health == engagement.HealthOnTrack || len(reasons) == 0:
	case reasons[0].Subject != "report_date":
		detail = models.Sentence(reasons[0].Text)
	case len(fc.Drivers) > 0:
		detail = models.Sentence(fc.Drivers[0].Text)
	}
	return title, text, detail
}
