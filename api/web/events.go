package web

import (
	"tickmark/models"
	"tickmark/models/engagement"
)

// An eventLine is what happened, in words, when and where one looks.
type eventLine struct {
	Day, Time, Text string
}

func (v *visit) eventLine(f *engagement.Facts, e engagement.Event) eventLine {
	zone := models.Zone(v.Person.TimeZone)
	at := e.At.In(zone)
	day := models.DateIn(e.At, zone)
	out := eventLine{Time: at.Format("15:04"), Text: models.WithWeekdays(f.Words(e, v.Actor, v.Now))}
	switch {
	case day == v.today():
		out.Day = "Today"
	case day == v.today().AddDays(-1):
		out.Day = "Yesterday"
	default:
		out.Day = weekdayAndDay(day)
	}
	return out
}
