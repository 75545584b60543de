package engagement

import (
	"cmp"
	"slices"
	"time"

	"tickmark/models"
)

// CalendarMoves are what another calendar moves in an engagement, found by bringing it up to date by the one and by the other.
type CalendarMoves struct {
	Engagement        models.EngagementID
	Name              string
	Dates             []DateMove  // of open tasks, by the new day
	LateWas, Late     int         // tasks that are late
	TurnLate          []LateTask  // which become late, in the order of the engagement's tasks
	HealthWas, Health Health      // as the status has it
	ReportWas, Report models.Date // when the last report is expected
	Type1Was, Type1   models.Date // when the first of two is expected; zero where there is one
	KickoffClosed     models.Date // the kickoff that is to come, where not both companies work then any more; else zero
}

// A DateMove is a date of an open task that moves.
type DateMove struct {
	Task     models.TaskID
	Title    string
	Field    string // due or send_by
	From, To models.Date
}

// A LateTask is an open task that becomes late. What was late already stays so by every calendar.
type LateTask struct {
	Task  models.TaskID
	Title string
}

// Nothing reports whether the calendar moves nothing here.
func (m CalendarMoves) Nothing() bool {
	return len(m.Dates) == 0 && len(m.TurnLate) == 0 && m.LateWas == m.Late && m.HealthWas == m.Health && m.ReportWas == m.Report &&
		m.Type1Was == m.Type1 &&
		m.KickoffClosed.IsZero()
}

// MovesBy returns what moves in an engagement that has not ended if it counts by the calendars, people and companies of other facts of
// itself from an instant on. Both facts stay as they are.
func (f *Facts) MovesBy(other *Facts, now time.Time) CalendarMoves {
	m := CalendarMoves{Engagement: f.Engagement.ID, Name: f.Engagement.Name}
	was, is := f.trial(), f.trial()
	is.FirmDays, is.ClientDays, is.PersonDays = other.FirmDays, other.ClientDays, other.PersonDays
	is.Firm, is.Client, is.People, is.joint = other.Firm, other.Client, other.People, nil
	if e := f.Engagement; was.worksOn(e.Kickoff) && !is.worksOn(e.Kickoff) && !e.Kickoff.Before(f.Today(now)) {
		m.KickoffClosed = e.Kickoff
	}
	if f.Engagement.Status == StatusDraft {
		m.ReportWas, m.Type1Was = was.plannedReports()
		m.Report, m.Type1 = is.plannedReports()
		return m
	}
	for _, c := range []*Facts{was, is} {
		c.recompute(now)
	}
	for i, t := range is.Tasks {
		old := was.Tasks[i]
		if t.Due != old.Due {
			m.Dates = append(m.Dates, DateMove{t.ID, t.Title, "due", old.Due, t.Due})
		}
		if t.SendBy != old.SendBy && t.Due != t.SendBy {
			m.Dates = append(m.Dates, DateMove{t.ID, t.Title, "send_by", old.SendBy, t.SendBy})
		}
		if t.Late && !old.Late {
			m.TurnLate = append(m.TurnLate, LateTask{t.ID, t.Title})
		}
	}
	slices.SortStableFunc(m.Dates, func(a, b DateMove) int { return cmp.Or(a.To.Compare(b.To), cmp.Compare(a.Task, b.Task)) })
	m.LateWas, m.HealthWas, m.ReportWas, m.Type1Was = was.inShort(now)
	m.Late, m.Health, m.Report, m.Type1 = is.inShort(now)
	return m
}

// worksOn reports whether both companies work on a day.
func (f *Facts) worksOn(day models.Date) bool {
	return f.FirmDays.IsBusiness(day) && f.ClientDays.IsBusiness(day)
}

// plannedReports returns for when the reports of a draft are planned, the first one only where there are two. Where no plan can be
// made, as without a kickoff, it returns none.
func (f *Facts) plannedReports() (report, type1 models.Date) {
	plan, err := f.plan()
	if err != nil {
		return report, type1
	}
	if first := plan.Anchors["t1_report_date"]; first != plan.Report {
		type1 = first
	}
	return plan.Report, type1
}

// inShort returns how many tasks are late, the health, and when the last report and the first of two are expected.
func (f *Facts) inShort(now time.Time) (late int, health Health, report, type1 models.Date) {
	for _, t := range f.Tasks {
		if t.Late && !t.State.Closed() {
			late++
		}
	}
	r := f.Report(now)
	if all := r.Forecast.Reports; len(all) > 1 {
		type1 = all[0].Expected
	}
	return late, r.Health, r.Forecast.Report, type1
}
