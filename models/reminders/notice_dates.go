package reminders

import (
	"tickmark/models"
	"tickmark/models/engagement"
)

// lineOfDate says the notices about dates of the whole engagement that were moved without a decision of theirs, by their kind; false: it
// need not be said any more, since another date has been agreed.
var lineOfDate = map[engagement.NoticeKind]func(f *engagement.Facts, n engagement.Notice, l *engagement.Line) bool{
	engagement.NoticeKickoff: func(f *engagement.Facts, n engagement.Notice, l *engagement.Line) bool {
		e := f.Engagement
		l.Title, l.Text, l.Detail = "The kickoff has moved", movedTo(n), byWhom(f, n)
		if !e.Target.IsZero() {
			l.Text += "; the report is promised for " + models.Dated(e.Target)
		}
		return n.Value == e.Kickoff.String()
	},
	engagement.NoticePromise: func(f *engagement.Facts, n engagement.Notice, l *engagement.Line) bool {
		l.Title, l.Text, l.Detail = "Another date is promised for the report", movedTo(n), byWhom(f, n)
		return n.Value == f.Engagement.Target.String()
	},
}

// movedTo says from which day to which a notice says that something has moved.
func movedTo(n engagement.Notice) string {
	from, _ := models.ParseDate(n.From)
	to, _ := models.ParseDate(n.Value)
	return "it is " + models.Dated(to) + " now, instead of " + models.Dated(from)
}

// byWhom says who caused a notice, and why.
func byWhom(f *engagement.Facts, n engagement.Notice) string {
	if n.Actor == "" { // it was decided
		return models.Quoted(n.Text)
	}
	return engagement.ByWhom(f.Called(n.Actor, "team"), n.Text)
}
