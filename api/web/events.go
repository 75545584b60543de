package web

import (
	"strings"

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
		out.Day = nearDay(day, v.today())
	}
	return out
}

// needOf is what must be loaded to say what happened: the tasks that are done are not, unless they are named.
func needOf(events []engagement.Event) engagement.Need {
	var need engagement.Need
	for _, e := range events {
		if strings.HasPrefix(e.Kind, "task.") && e.Subject != "" {
			need.Tasks = append(need.Tasks, models.TaskID(e.Subject))
		}
	}
	return need
}
