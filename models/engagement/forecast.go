package engagement

import (
	"slices"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
)

// A ReportKind is one of the reports that an engagement is to bring.
type ReportKind string

// The kinds of reports. A readiness engagement ends with the sign-off instead of a report.
const (
	ReportReadiness ReportKind = "readiness"
	ReportType1     ReportKind = "type1"
	ReportType2     ReportKind = "type2"
)

// Name returns what people call a report, without an article.
func (k ReportKind) Name() string {
	return map[ReportKind]string{ReportReadiness: "readiness sign-off", ReportType1: "Type 1 report", ReportType2: "Type 2 report"}[k]
}

// Phase returns the phase that ends with the report.
func (k ReportKind) Phase() catalog.Phase {
	return map[ReportKind]catalog.Phase{ReportReadiness: catalog.PhaseRemediation, ReportType1: catalog.PhaseT1Report,
		ReportType2: catalog.PhaseT2Report}[k]
}

// A Forecast is when the last report of an engagement is expected, and what makes the difference to what was promised. Business days are
// those on which firm and client both work.
type Forecast struct {
	Report   models.Date // as likely as not; once it is issued, the day on which it was; zero when there is no forecast
	Cautious models.Date // four times in five not later
	AsOf     models.Date // when the Type 1 as-of date could be held
	Window   models.Date // when the window could open
	Issued   bool        // it is a fact: the report is out
	Late     int         // business days after the promised day; negative before it
	Pace     int         // of those, what the pace of people adds to what is late already
	Drivers  []Driver    // what makes it late, in the order in which it enters; they sum to Late; none unless it is late
	Notes    []string    // what else there is to know, as sentences without a full stop
	Helps    []Help      // what would make it earlier, the most days first
	Frozen   bool        // paused: it counts as of the pause, with all that was decided since
	Reports  []Promise   // of every report, in the order in which they come
}

// A Promise is one report: when it was promised, when it is expected or was issued.
type Promise struct {
	Kind     ReportKind
	Promised models.Date
	Expected models.Date // once it is issued, the day on which it was
	Cautious models.Date
	Issued   models.Date // zero while it is to come
	Late     int         // business days after the promised day; negative before it
	Pace     int
	Drivers  []Driver
}

// A Driver is a cause that makes a report later than was promised, and by how many business days; one with negative days makes good for
// others.
type Driver struct {
	Phase   catalog.Phase
	Subject string // a task, gate, phase or anchor; pace
	Text    string
	Days    int
	Owner   models.PersonID // whose it is to mend; empty when nobody's
}

// toCome returns when a report is expected; zero where the route has none of the kind, and once it is issued.
func (fc Forecast) toCome(k ReportKind) models.Date {
	for _, p := range fc.Reports {
		if p.Kind == k && p.Issued.IsZero() {
			return p.Expected
		}
	}
	return models.Date{}
}

// dates returns a forecast without its causes.
func (fc Forecast) dates() Forecast {
	fc.Drivers, fc.Notes, fc.Helps, fc.Reports = nil, nil, nil, slices.Clone(fc.Reports)
	for i := range fc.Reports {
		fc.Reports[i].Drivers = nil
	}
	return fc
}

// PaceSubject is the subject of the driver that is an extrapolation: what the pace of people so far adds.
const PaceSubject = "pace"

// A Help is something that would make the last report earlier, by how many business days.
type Help struct {
	Subject string
	Text    string
	Days    int
	Owner   models.PersonID
}

// Forecast returns when each report is expected and what moves it. It is late by what is late already, and by what the pace of people adds.
// It never lies before the day as which it counts: see forecastDay. The window and the as-of date stay where they were agreed unless
// readiness cannot make them: slowness moves them in the forecast, only a decision moves them in the plan. In a pause it takes what is
// decided at once, and nothing else moves it.
func (f *Facts) Forecast(now time.Time) Forecast {
	e := f.Engagement
	if !e.Status.Live() || e.Status == StatusPaused && e.Outlook.On.IsZero() && !e.Summary.Forecast.IsZero() {
		return f.kept()
	}
	if e.Baseline.Report.IsZero() {
		return Forecast{}
	}
	fc := f.outlook(now).forecast()
	fc.Frozen = e.Status == StatusPaused
	return fc
}

// forecastHour is the hour at which a forecast is reckoned for a day.
const forecastHour = 6

// forecastDay returns the day as which the forecast and the health count: the one for which they were reckoned last, so that lists, cards
// and status say the same at every moment. Before they were reckoned for the first time it is the day of the moment.
func (f *Facts) forecastDay(now time.Time) models.Date {
	if on := f.Engagement.Outlook.On; !on.IsZero() {
		return on
	}
	return f.dayToReckon(now)
}

// dayToReckon returns the day for which a forecast is to be reckoned at an instant: the last one on which firm and client both work, from
// six in the morning on where the client is. On closed days nothing can be done, and nothing slips.
func (f *Facts) dayToReckon(now time.Time) models.Date {
	today, days := f.Today(now), f.workdays()
	if now.Before(today.At(f.Location(), forecastHour, 0)) {
		today = today.AddDays(-1)
	}
	return days.Day(days.Next(today) - 1)
}

// kept returns the forecast as it was when it was last reckoned: of an engagement that has ended, and of one that was paused before the day
// of a forecast was kept.
func (f *Facts) kept() Forecast {
	e := f.Engagement
	out := Forecast{Report: e.Summary.Forecast, Cautious: e.Summary.Cautious, Frozen: e.Status == StatusPaused, Reports: e.Outlook.promises()}
	if out.Issued = e.Status == StatusCompleted; !out.Report.IsZero() && !e.Target.IsZero() {
		out.Late = f.LateAfter(e.Target, out.Report)
	}
	if n := len(out.Reports); n > 0 && e.Status != StatusCancelled {
		last := out.Reports[n-1]
		out.Report, out.Issued, out.Late, out.Pace = last.Expected, !last.Issued.IsZero(), last.Late, last.Pace
	}
	return out
}

// Anchor returns the name that the plan has for the day of a report.
func (k ReportKind) Anchor() string {
	return map[ReportKind]string{ReportReadiness: "readiness_date", ReportType1: "t1_report_date", ReportType2: "t2_report_date"}[k]
}

// reports returns the reports of the route, in the order in which they come.
func (f *Facts) reports() []ReportKind {
	var out []ReportKind
	for _, k := range []ReportKind{ReportType1, ReportType2} {
		if f.onRoute(k.Phase()) {
			out = append(out, k)
		}
	}
	if len(out) == 0 && f.onRoute(catalog.PhaseRemediation) {
		out = append(out, ReportReadiness)
	}
	return out
}

// Promised returns the day for which a report was promised: that of the last is the target, that of another one the plan as it was agreed.
func (f *Facts) Promised(k ReportKind) models.Date {
	if all := f.reports(); len(all) > 0 && all[len(all)-1] == k {
		return f.Engagement.Target
	}
	return f.Engagement.Baseline.Phases[k.Phase()].End
}

// IssuedOn returns the day on which a report was issued; zero while it is to come.
func (f *Facts) IssuedOn(k ReportKind) models.Date {
	st, stated := f.Phase(k.Phase()), f.Engagement.Outlook.Issued[k]
	switch {
	case st == nil, st.Standing != StandingDone && (stated.IsZero() || !f.isOut(st)):
		return models.Date{}
	case !stated.IsZero():
		return stated
	}
	return st.Actual.End
}

// isOut reports whether what issues the report of a phase has been done, whoever has still to sign for it.
func (f *Facts) isOut(st *PhaseState) bool {
	return st.Standing == StandingDone || st.Standing == StandingActive && !slices.ContainsFunc(f.Tasks, func(t *Task) bool {
		return t.Phase == st.Phase && f.templateOf(t).IssuesReport && !t.State.Closed()
	})
}

// issued keeps the day on which a report was issued, whenever its gate is signed: the one that was stated, else that on which the task
// was done that issues it.
func (f *Facts) issued(t *Task, stated models.Date, now time.Time) {
	if !f.templateOf(t).IssuesReport {
		return
	}
	if stated.IsZero() {
		stated = models.DateIn(t.DoneAt, f.Location())
	}
	for _, k := range f.reports() {
		if k.Phase() == t.Phase {
			f.Engagement.Outlook.Issued = with(f.Engagement.Outlook.Issued, k, stated)
			f.log(Event{At: now, Actor: t.DoneBy, Kind: "report.issued", Subject: k.Anchor(), Field: "issued", To: stated.String()})
		}
	}
}

// mayBeIssued refuses a day on which a task that is reported as done cannot have issued a report.
func (f *Facts) mayBeIssued(t *Task, on, today models.Date) error {
	begun := f.Phase(t.Phase).Actual.Start
	switch {
	case on.IsZero(), !f.templateOf(t).IssuesReport:
		return nil
	case on.After(today) || on.Before(begun):
		return models.Refuse(models.Invalid, "on", "on is the day on which the report was issued: from %s, when %s began, to %s, today", begun,
			f.PhaseName(t.Phase), today)
	}
	return nil
}

// workdays returns the numbers of the days on which firm and client both work, from half a year before the kickoff.
func (f *Facts) workdays() *models.Workdays {
	if f.joint == nil {
		from, years := f.Engagement.Kickoff.AddDays(-180), 4
		if !f.Engagement.WindowOpen.IsZero() {
			years = 6
		}
		from = models.Date{Year: from.Year, Month: time.January, Day: 1} // so that engagements share what is counted
		f.joint = models.WorkdaysOf(f.FirmDays, f.ClientDays, from, 366*years)
	}
	return f.joint
}

// Workdays returns how many business days of firm and client both a day lies after another one.
func (f *Facts) Workdays(from, to models.Date) int { return f.workdays().Between(from, to) }

// LateAfter returns how many business days a day lies after a promised one, which may itself be a day off; negative before it.
func (f *Facts) LateAfter(promised, day models.Date) int {
	return f.workdays().On(day) - f.promisedOn(promised)
}

// promisedOn returns the number of the last joint business day that still keeps a promise.
func (f *Facts) promisedOn(d models.Date) int { return f.workdays().Next(d) - 1 }

// leadsToReport reports whether the end of a phase can move the last report by itself: the Type 1 report is written beside
// the window, and what ends a window is the calendar.
func (f *Facts) leadsToReport(p catalog.Phase) bool {
	switch p {
	case catalog.PhaseRenewal, catalog.PhaseWindowSetup, catalog.PhaseWindow:
		return false
	case catalog.PhaseT1Prep, catalog.PhaseT1Fieldwork, catalog.PhaseT1Report:
		return !f.onRoute(catalog.PhaseT2Report)
	}
	return true
}

// outrun reports whether what comes after a phase has begun although the phase was opened again, for a further category say: it goes on
// beside the others, and only keeps them from being left.
func (f *Facts) outrun(p PhaseState) bool {
	return p.Round > 1 && slices.ContainsFunc(f.Phases, func(q PhaseState) bool {
		begun := q.Standing == StandingActive || q.Standing == StandingDone
		return begun && (p.Actual.End.IsZero() || q.Actual.Start.Before(p.Actual.End)) && slices.Contains(f.before(q.Phase), p.Phase)
	})
}

// onTime returns the share of closed tasks that came by their first due date, in percent, and how many were counted.
func (p Pace) onTime() (percent, of int) {
	if p.Closed == 0 {
		return 100, 0
	}
	return 100 * p.OnTime / p.Closed, p.Closed
}
