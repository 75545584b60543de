package api

import (
	"tickmark/api/gen"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

// moving returns what makes a change of calendar take effect once, of which it is kept what it moves; of a check nothing is kept.
func (c *caller) moving(moves *store.CalendarEffect, check bool) store.Once {
	once := c.Once
	if once.Moves = moves; check {
		once.Key = ""
	}
	return once
}

// showMoves shows what another calendar moves; nothing where it moves nothing that is shown to who asks.
func showMoves(e store.CalendarEffect) gen.CalendarMoves {
	if len(e.Engagements) == 0 && e.More == 0 {
		return gen.CalendarMoves{}
	}
	return gen.CalendarMoves{More: e.More, Engagements: each(e.Engagements, func(m engagement.CalendarMoves) gen.CalendarMove {
		return gen.CalendarMove{Engagement: m.Engagement, Name: m.Name, LateBefore: m.LateWas, LateAfter: m.Late, HealthBefore: m.HealthWas,
			HealthAfter: m.Health, ReportBefore: m.ReportWas, ReportAfter: m.Report, Type1Before: m.Type1Was, Type1After: m.Type1,
			KickoffClosed: m.KickoffClosed,
			TurnLate:      each(m.TurnLate, func(t engagement.LateTask) gen.LateTask { return gen.LateTask{Task: t.Task, Title: t.Title} }),
			Dates: each(m.Dates, func(d engagement.DateMove) gen.DateMove {
				return gen.DateMove{Task: d.Task, Title: d.Title, Field: d.Field, From: d.From, To: d.To}
			})}
	})}
}
