package web

import (
	"fmt"
	"strings"

	"tickmark/models"
	"tickmark/models/engagement"
)

// A trail is how the expected day of a report moved: a line from the left, where it was reckoned first, to today, the later the higher.
type trail struct {
	Name       string
	Box        string // the viewBox of its drawing
	Path       string // of the expected day
	Promised   int    // how far from the top the promised day stands
	Width      int
	From, To   models.Date // when it was reckoned first and last
	Early, Due models.Date // the earliest and the latest day of the drawing
	Words      string      // what it shows
}

// trailHeight is the height of a drawing, in units of its own.
const trailHeight = 100

// trailOf draws what was reckoned of a report, the oldest first; false where nothing moved.
func trailOf(p engagement.Promise, all []engagement.PastForecast) (trail, bool) {
	past := models.Keep(all, func(f engagement.PastForecast) bool { return f.Report == p.Kind && !f.Expected.IsZero() })
	if len(past) < 2 || p.Promised.IsZero() {
		return trail{}, false
	}
	first, last := past[0], past[len(past)-1]
	out := trail{Name: models.Upper(p.Kind.Name()), From: first.Day, To: last.Day, Early: p.Promised, Due: p.Promised}
	latest := first
	for _, f := range past {
		out.Early, out.Due = models.Earlier(out.Early, f.Expected), models.Later(out.Due, f.Expected)
		if f.Expected.After(latest.Expected) {
			latest = f
		}
	}
	if out.Early == out.Due {
		return trail{}, false
	}
	span := out.Early.DaysUntil(out.Due)
	high := func(d models.Date) int { return trailHeight * d.DaysUntil(out.Due) / span }
	out.Width, out.Promised = max(1, first.Day.DaysUntil(last.Day)), high(p.Promised)
	out.Box = fmt.Sprintf("0 -4 %d %d", out.Width, trailHeight+8)
	var b strings.Builder
	for i, f := range past {
		x, y := first.Day.DaysUntil(f.Day), high(f.Expected)
		if i == 0 {
			fmt.Fprintf(&b, "M%d %d", x, y)
		} else {
			fmt.Fprintf(&b, "H%dV%d", x, y)
		}
	}
	out.Path = b.String()
	out.Words = fmt.Sprintf("Expected on %s at first, on %s now; furthest, on %s, reckoned on %s.", longDay(first.Expected),
		longDay(last.Expected),
		longDay(latest.Expected), longDay(latest.Day))
	return out, true
}
