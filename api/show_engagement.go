package api

import (
	"tickmark/api/gen"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/planning"
	"tickmark/models/store"
)

func (w *caller) showLine(p store.PortfolioRow) gen.EngagementLine {
	sum := p.Summary
	return gen.EngagementLine{ID: p.ID, Name: p.Name, Client: p.Client, ClientName: p.ClientName, Type: p.Type, Status: p.Status,
		Health: sum.Health, Reason: sum.Reason, Percent: sum.Percent, ActivePhases: some(sum.Phases), Kickoff: p.Kickoff, TargetReport: p.Target,
		ForecastReport: sum.Forecast, CautiousReport: sum.Cautious, OpenTasks: sum.Open, OverdueTasks: sum.Overdue, NextDue: sum.NextDue,
		Manager: p.Manager, ManagerName: p.ManagerName, Reports: showReports(sum.Reports),
		PausedOn: p.Pause.From, PausedUntil: p.Pause.Until, Revision: p.Revision}
}

// showReports shows the reports of a list or a card.
func showReports(all []engagement.Kept) []gen.ReportDates {
	return each(all, func(k engagement.Kept) gen.ReportDates {
		return gen.ReportDates{Kind: k.Kind, Name: k.Kind.Name(), Promised: k.Promised, Expected: k.Expected, Cautious: k.Cautious,
			Issued: k.Issued, Late: k.Late}
	})
}

func (w *caller) showEngagement(e engagement.Engagement, client string) gen.Engagement {
	e = e.SeenBy(w.Actor, w.Now)
	out := gen.Engagement{ID: e.ID, Name: e.Name, Client: e.Client, ClientName: client, Type: e.Type, Categories: some(e.Categories),
		Addons: some(e.Addons), Headcount: e.Headcount, TimeZone: e.TimeZone, Status: e.Status, Health: e.Summary.Health,
		Reason:  e.Summary.Reason,
		Percent: e.Summary.Percent, ActivePhases: some(e.Summary.Phases), Kickoff: e.Kickoff, AsOf: e.AsOf, WindowMonths: e.WindowMonths,
		PreviousClose: e.PreviousClose, Predecessor: e.Predecessor,
		BaselineReport: e.Baseline.Report, TargetReport: e.Target, ForecastReport: e.Summary.Forecast,
		CautiousReport: e.Summary.Cautious, OpenTasks: e.Summary.Open, OverdueTasks: e.Summary.Overdue, NextDue: e.Summary.NextDue,
		Partner: e.Partner, Manager: e.Manager, Auditor: e.Auditor, Consultants: some(e.Consultants), PausedOn: e.PausedOn,
		PausedUntil: e.PausedUntil(), Muted: e.Muted,
		Reports: showReports(e.Summary.Reports),
		Catalog: e.Catalog, StartedAt: e.StartedAt, EndedAt: e.EndedAt, ReinstateUntil: e.ReinstateUntil(), CreatedAt: e.CreatedAt,
		Revision: e.Revision}
	if w := e.Window(); !w.Start.IsZero() && e.WindowMonths > 0 {
		out.Window = gen.Window{Opens: w.Start, Closes: w.End, Months: e.WindowMonths}
	}
	return out
}

func (w *caller) showTask(t engagement.Task) gen.Task {
	out := gen.Task{ID: t.ID, Template: t.Template, Subject: t.Subject, Phase: t.Phase, Title: t.Heading(), State: t.State, Gate: t.Gate,
		OwnerRole: t.OwnerRole, Owner: t.Owner, Backup: t.Backup, ApproverRole: t.ApproverRole, Approver: t.Approver,
		After: some(atMost(widest, t.After)),
		Due:   t.Due, OriginalDue: t.Original, Moved: t.Moved, Late: t.Late, Period: showSpan(t.Period), BlockedBy: t.BlockedBy, Reason: t.Reason,
		OpenedOn: t.OpenedOn, DoneBy: t.DoneBy, DoneAt: t.DoneAt, Round: t.Round, BlockedOn: t.BlockedOn, SnoozedUntil: t.Snoozed,
		PerformBy: t.PerformBy, SendBy: t.SendBy, PerformedOn: t.PerformedOn, Missed: t.Missed}
	if day := t.PlannedDue(); day != t.Due {
		out.PlannedDue = day
	}
	if w.SeesHours() {
		out.Minutes = t.Minutes
	}
	return out
}

// showTaskIn shows a task and how it stands in time.
func (w *caller) showTaskIn(t engagement.Task, when engagement.When) gen.Task {
	out := w.showTask(t)
	if t.State.Closed() {
		return out
	}
	out.Days, out.Late, out.Past, out.WaitsFor = &when.Days, when.Late, when.Past, atMost(widest, when.WaitsFor)
	out.Paused, out.Away = when.Paused, when.Away
	if when.Expected.After(t.Due) {
		out.Expected = when.Expected
	}
	return out
}

func (w *caller) showTaskLine(l engagement.TaskLine) gen.Task {
	out := w.showTaskIn(l.Task, l.When)
	out.OwnerName = l.OwnerName
	return out
}

func showGate(g engagement.GateReport) gen.Gate {
	return gen.Gate{ID: g.ID, Phase: g.Phase, Round: g.Round, Text: g.Text, Approver: string(g.Approver), Blocking: g.Blocking, State: g.State,
		By: g.By, At: g.At, Reason: g.Reason, Ready: g.Ready, Away: g.Away, Who: some(atMost(nested, g.Who)),
		Blockers: each(atMost(nested, g.Blockers), showBlocker)}
}

func showBlocker(b engagement.Blocker) gen.Blocker {
	return gen.Blocker{Subject: b.Subject, Text: b.Text, Owner: b.Owner, Due: b.Due}
}

func showDecision(d engagement.Decision) gen.Decision {
	c := d.Change
	return gen.Decision{ID: d.ID, Kind: string(d.Kind), Rule: d.Rule, Reason: d.Reason, ProposedBy: d.ProposedBy, ProposedAt: d.ProposedAt,
		Change: gen.DecisionChange{Rule: c.Rule, Kickoff: c.Kickoff, AsOf: c.AsOf, WindowOpen: c.WindowOpen, Months: c.Months,
			Categories: c.Categories, Addons: c.Addons,
			FromDayOne: c.FromDayOne, Task: c.Task, Subject: c.Subject, Due: c.Due, Blocking: c.Blocking, Person: c.Person},
		Needs: some(d.Needs), State: d.State, ClosedAt: d.ClosedAt, ClosedBy: d.ClosedBy, ClosedWhy: d.ClosedWhy,
		Approvals: each(d.Approvals, func(a engagement.Approval) gen.Approval {
			return gen.Approval{Role: a.Role, By: a.By, At: a.At, Yes: a.Yes, Reason: a.Reason}
		})}
}

func showEffects(e engagement.Effects) gen.DecisionEffects {
	return gen.DecisionEffects{Report: e.Report, ReportWas: e.ReportWas, Type1: e.Type1, Type1Was: e.Type1Was, Promised: e.Promised,
		Phases: each(e.Phases, func(m engagement.PhaseMove) gen.PhaseMove {
			return gen.PhaseMove{Phase: m.Phase, Name: m.Name, Was: showSpan(m.Was), Is: showSpan(m.Is), Reopened: m.Reopened, Dropped: m.Dropped}
		}),
		Anew: each(atMost(nested, e.Anew), func(a engagement.AskedAnew) gen.AskedAnew {
			return gen.AskedAnew{Person: a.Person, Name: a.Name, Tasks: a.Tasks, Gates: some(a.Gates)}
		}),
		Retimed: e.Retimed, Dropped: e.Dropped, Warnings: each(e.Warnings, showWarning), Stopped: e.Stopped, Text: some(e.Lines())}
}

func showDriver(d engagement.Driver) gen.Driver {
	return gen.Driver{Phase: d.Phase, Subject: d.Subject, Text: d.Text, Days: d.Days, Owner: d.Owner}
}

func showForecast(f engagement.Forecast) gen.Forecast {
	return gen.Forecast{Report: f.Report, Cautious: f.Cautious, AsOf: f.AsOf, WindowOpen: f.Window, Frozen: f.Frozen, Issued: f.Issued,
		Late: f.Late, Pace: f.Pace, Drivers: each(atMost(nested, f.Drivers), showDriver), Notes: f.Notes,
		Helps: each(f.Helps, func(x engagement.Help) gen.Driver {
			return gen.Driver{Subject: x.Subject, Text: x.Text, Days: x.Days, Owner: x.Owner}
		}),
		Reports: each(f.Reports, func(p engagement.Promise) gen.ReportForecast {
			return gen.ReportForecast{Kind: p.Kind, Name: p.Kind.Name(), Promised: p.Promised, Expected: p.Expected, Cautious: p.Cautious,
				Issued: p.Issued, Late: p.Late, Pace: p.Pace, Drivers: each(atMost(nested, p.Drivers), showDriver)}
		})}
}

func showPast(p engagement.PastForecast) gen.PastForecast {
	return gen.PastForecast{Day: p.Day, Report: p.Report, Expected: p.Expected, Cautious: p.Cautious, Late: p.Late, Percent: p.Percent}
}

// showReport shows a report without what is not for the caller, as Facts.ReportFor returns it.
func (w *caller) showReport(r engagement.Report) gen.Report {
	return gen.Report{
		Engagement: w.showEngagement(r.Engagement, r.ClientName), Percent: r.Percent, Health: r.Health,
		Phases: each(r.Phases, func(p engagement.PhaseReport) gen.PhaseReport {
			return gen.PhaseReport{Phase: p.Phase, Name: p.Name, Standing: p.Standing, Round: p.Round, Percent: p.Percent,
				Baseline: showSpan(p.Baseline),
				Plan:     showSpan(p.Plan), Actual: showSpan(p.Actual), ForecastStart: p.Starts, Forecast: p.Forecast, Tasks: p.Tasks, Closed: p.Closed}
		}),
		Reasons: each(atMost(nested, r.Reasons), func(x engagement.Reason) gen.HealthReason {
			return gen.HealthReason{Code: x.Code, Text: x.Text, Subject: x.Subject, Like: some(atMost(nested, x.Like)), Days: x.Days, Late: x.Late}
		}),
		BaselineReport: r.Baseline, TargetReport: r.Target,
		Forecast: showForecast(r.Forecast),
		Gates:    each(atMost(nested, r.Gates), showGate), Overdue: each(r.Overdue, w.showTaskLine), Next: each(r.Next, w.showTaskLine),
		Past: each(r.Past, w.showTaskLine), PastTasks: r.PastTasks, NextTasks: r.NextTasks, MissedTasks: r.MissedTasks,
		Missed: each(atMost(nested, r.Missed), func(x engagement.Missed) gen.MissedControl {
			return gen.MissedControl{Task: x.Task, Title: x.Title, Owner: x.Owner, PeriodEnd: x.Ended, PerformedOn: x.On, Done: x.Done}
		}),
		WaitingFor: each(atMost(nested, r.WaitingFor), func(x engagement.Waiting) gen.WaitingFor {
			return gen.WaitingFor{Person: x.Person, Name: x.Name, Role: x.Role, Items: x.Items, Since: x.Since, First: x.First,
				AwayUntil: x.Until, Instead: x.Text}
		}),
		Decisions: each(atMost(nested, r.Decisions), showDecision), OpenTasks: r.OpenTasks, OverdueDays: r.OverdueDays, Wake: r.Wake, Why: r.Why,
		At: r.AsOf}
}

// showPlan shows a plan by a catalog, with its tasks or only the dates.
func (w *caller) showPlan(c *catalog.Catalog, p planning.Plan, typ string, tasks bool) gen.Plan {
	out := gen.Plan{Type: typ, Kickoff: p.Anchors["kickoff_date"], Report: p.Report, WindowMonths: p.Months, Anchors: []gen.PlanAnchor{},
		Tasks: []gen.PlanTask{}, Warnings: each(p.Warnings, showWarning)}
	for _, a := range c.Anchors {
		if day, ok := p.Anchors[a.ID]; ok && !day.IsZero() {
			out.Anchors = append(out.Anchors, gen.PlanAnchor{ID: a.ID, Name: a.Name, Date: day})
		}
	}
	out.Phases = each(p.Phases, func(ph planning.PhasePlan) gen.PlanPhase {
		t, _ := c.Phase(ph.Phase)
		return gen.PlanPhase{Phase: ph.Phase, Name: t.Name, Start: ph.Start, End: ph.End}
	})
	if !tasks {
		return out
	}
	for _, t := range p.Tasks {
		tmpl, _ := c.Template(t.Template)
		line := gen.PlanTask{Task: t.Template, Phase: t.Phase, Title: tmpl.Title, OwnerRole: tmpl.Owner, ApproverRole: tmpl.Approver, Due: t.Due,
			Anchor: tmpl.Due.Anchor, Gate: tmpl.Gate, After: some(tmpl.After)}
		if w.SeesHours() {
			line.Minutes = tmpl.EffortMinutes
		}
		out.Tasks = append(out.Tasks, line)
	}
	return out
}
