package web

import (
	"fmt"
	"net/http"
	"slices"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/planning"
	"tickmark/models/store"
)

// A frame is what stands above every page of an engagement.
type frame struct {
	page
	At        string // the address of the engagement
	Client    string
	Kind      string // "SOC 2 Type 1 then Type 2"
	Scope     string // the categories
	Standing  string // where it is not running: "paused since 3 May"
	Reports   []engagement.Promise
	Frozen    bool
	Tabs      []tab
	OpenTasks int
}

// A tab leads to one of the pages of an engagement.
type tab struct {
	At, Name string
	Count    int
	Current  bool
}

// tabs are the pages of an engagement by what their addresses end in, and what one must be permitted to be led there.
var tabs = []struct {
	end, name string
	may       engagement.Action
}{{"", "Plan", "getEngagement"}, {"/tasks", "Tasks", "listTasks"}, {"/people", "People", "getEngagement"},
	{"/messages", "Messages", "listMessages"}, {"/record", "Record", "getTimeline"}}

// A planPage is how an engagement stands.
type planPage struct {
	frame
	Others    bool // who looks is shown what others are behind with
	Judges    bool // who looks is shown gates
	Axis      axis
	Phases    []phaseLine
	Report    engagement.Report
	Drivers   []engagement.Driver // of the last report that is late
	Of        engagement.Promise  // that report
	Trails    []trail
	Decisions []decisionCard
	Gates     []gateCard
	Tasks     taskTable
	MoreTasks int
	Events    []eventLine
}

// A phaseLine is a phase on the axis.
type phaseLine struct {
	Name                string
	Glyph, Standing     string
	Lane                lane
	Gates               []string // the glyphs of its gates
	GateWords           string
	GatesAt             string
	Promised, Expected  models.Date
	Late                int // business days after what was promised; negative before it
	Open                int // tasks
	Done, Active, IsOff bool
}

// A gateCard is an open gate of a phase that is on.
type gateCard struct {
	engagement.GateReport
	Glyph string
	Who   string
	Acts  []actLink
}

// A decisionCard is a decision that waits for a word.
type decisionCard struct {
	ID, Text, By string
	Lines        []string // what it would move
	Acts         []actLink
}

// frameOf returns what stands above a page of the engagement that the address names: the page whose address ends in at.
func (v *visit) frameOf(f *engagement.Facts, r engagement.Report, at string) frame {
	e := r.Engagement
	kind, _ := v.Root.Catalog.Type(e.Type)
	out := frame{page: v.framed(r.ClientName, "engagement", "/portfolio"), At: "/engagements/" + string(e.ID), Client: r.ClientName,
		Kind:    kind.Name,
		Reports: r.Forecast.Reports, Frozen: r.Forecast.Frozen}
	v.addTabs(f, &out, at)
	for i, c := range e.Categories {
		if i > 0 {
			out.Scope += ", "
		}
		out.Scope += models.Upper(string(c))
	}
	switch e.Status {
	case engagement.StatusPaused:
		out.Standing = "paused since " + longDay(e.PausedOn)
		if until := e.PausedUntil(); !until.IsZero() {
			out.Standing += ", until " + longDay(until)
		}
	case engagement.StatusDraft, engagement.StatusCancelled, engagement.StatusCompleted:
		out.Standing = string(e.Status)
	}
	return out
}

// addTabs adds the tabs that are for who looks. The current one is the page whose address ends in at.
func (v *visit) addTabs(f *engagement.Facts, out *frame, at string) {
	for _, t := range f.Tasks {
		if !t.State.Closed() && f.SeesTask(v.Actor, t, v.Now) {
			out.OpenTasks++
		}
	}
	for _, t := range tabs {
		if v.MayIn(t.may, f.Engagement, v.Now) != nil {
			continue
		}
		out.Tabs = append(out.Tabs, tab{At: out.At + t.end, Name: t.name, Current: t.end == at})
		if t.end == "/tasks" {
			out.Tabs[len(out.Tabs)-1].Count = out.OpenTasks
		}
	}
}

// shownTasks is how many tasks stand on the first page of an engagement.
const shownTasks = 15

func (p *Pages) engagement(v *visit) error {
	ctx := v.r.Context()
	var events []engagement.Event
	if v.MayIn("getTimeline", v.Engagement, v.Now) == nil {
		var err error
		if events, _, err = v.Store.EventsFor(ctx, v.Actor, v.Engagement.ID, store.EventFilter{Newest: true}, "", 12); err != nil {
			return err
		}
	}
	f, err := v.Store.Facts(ctx, v.Engagement.ID, needOf(events))
	if err != nil {
		return err
	}
	r := f.ReportFor(v.Actor, v.Now)
	out := planPage{frame: v.frameOf(f, r, ""), Report: r, Others: v.SeesOthers(v.Engagement, v.Now),
		Judges: v.MayIn("listGates", v.Engagement, v.Now) == nil}
	out.Axis = v.planAxis(r)
	for _, ph := range r.Phases {
		out.Phases = append(out.Phases, v.phaseLine(out.Axis, f, r, ph))
	}
	for _, p := range r.Forecast.Reports {
		if p.Issued.IsZero() && (out.Of.Kind == "" || p.Late > 0) {
			out.Of, out.Drivers = p, p.Drivers
		}
	}
	if out.Others && v.SeesHealth() {
		past, err := v.Store.Forecasts(ctx, v.Engagement.ID)
		if err != nil {
			return err
		}
		for _, p := range r.Forecast.Reports {
			if t, moved := trailOf(p, past); moved {
				out.Trails = append(out.Trails, t)
			}
		}
	}
	for i := range r.Decisions {
		out.Decisions = append(out.Decisions, v.decisionCard(f, &r.Decisions[i]))
	}
	for _, g := range r.Gates {
		out.Gates = append(out.Gates, v.gateCard(f, g))
	}
	v.addTasks(f, &out)
	for _, e := range events {
		out.Events = append(out.Events, v.eventLine(f, e))
	}
	return v.show(http.StatusOK, engagementPage(out))
}

// planAxis returns an axis on which all phases stand.
func (v *visit) planAxis(r engagement.Report) axis {
	today := v.today()
	first, last := r.Engagement.Kickoff, models.Later(r.Forecast.Cautious, today)
	for _, p := range r.Phases {
		for _, s := range []planning.Span{p.Baseline, p.Plan, p.Actual} {
			if !s.Start.IsZero() {
				first = models.Earlier(first, s.Start)
			}
			last = models.Later(last, s.End)
		}
	}
	from := first.MonthStart()
	return axis{from: from, days: min(longestAxis, from.DaysUntil(last.MonthStart().AddMonths(1))), today: today}
}

func (v *visit) phaseLine(a axis, f *engagement.Facts, r engagement.Report, p engagement.PhaseReport) phaseLine {
	row := store.PortfolioRow{Status: r.Engagement.Status}
	out := phaseLine{Name: p.Name, Promised: p.Baseline.End, Expected: p.Forecast, Open: p.Tasks - p.Closed, Glyph: "wait",
		Standing: "not started"}
	switch p.Standing {
	case engagement.StandingDone:
		out.Glyph, out.Standing, out.Done, out.Expected = "done", "done", true, p.Actual.End
	case engagement.StandingActive:
		out.Glyph, out.Standing, out.Active = "ok", "running", true
	case engagement.StandingDropped:
		out.Glyph, out.Standing, out.IsOff = "miss", "dropped", true
	}
	if b, on := v.barOf(a, row, p.PhaseState); on {
		b.Name = ""
		out.Lane.Bars = []bar{b}
	}
	if class, on := a.span(p.Baseline.Start, p.Baseline.End); on {
		out.Lane.Base = []string{class}
	}
	end := p.Plan.End
	if out.Active && p.Forecast.After(end) {
		out.Lane.Slip, _ = a.span(models.Later(end, p.Actual.Start).AddDays(1), p.Forecast)
		end = p.Forecast
	} else if out.Done {
		end = p.Actual.End
	}
	if !out.Promised.IsZero() && !out.Expected.IsZero() {
		out.Late = f.LateAfter(out.Promised, out.Expected)
	}
	if out.Active && out.Late > 0 {
		out.Glyph = "late"
	}
	if at, on := a.spot(end.AddDays(1)); on {
		out.GatesAt = at
	}
	v.gatesOf(f, p, &out)
	return out
}

// gatesOf draws the gates of a phase as they are shown to who looks.
func (v *visit) gatesOf(f *engagement.Facts, p engagement.PhaseReport, out *phaseLine) {
	passed, all := 0, 0
	for _, g := range f.Gates {
		if g.Phase != p.Phase || !f.SeesGate(v.Actor, g.ID, v.Now) {
			continue
		}
		all++
		glyph := "gopen"
		switch g.State {
		case engagement.GateSigned:
			glyph = "gpass"
			passed++
		case engagement.GateRefused:
			glyph = "gstop"
		}
		out.Gates = append(out.Gates, glyph)
	}
	if all > 0 && (out.Done || out.Active) {
		out.GateWords = fmt.Sprintf("%d of %d", passed, all)
	}
}

func (v *visit) gateCard(f *engagement.Facts, g engagement.GateReport) gateCard {
	out := gateCard{GateReport: g, Glyph: "gopen"}
	if len(g.Blockers) > 0 || g.State == engagement.GateRefused {
		out.Glyph = "gstop"
	}
	var names []string
	for _, id := range g.Who {
		names = append(names, f.Called(id, string(g.Approver)))
	}
	out.Who = models.Listed(names)
	if g.Away != "" {
		out.Who += "; " + g.Away
	}
	kind := engagement.ItemSign
	if g.State == engagement.GateRefused {
		kind = engagement.ItemRefused
	}
	out.Acts = v.acts(f, engagement.Item{Kind: kind, Subject: g.ID})
	return out
}

func (v *visit) decisionCard(f *engagement.Facts, d *engagement.Decision) decisionCard {
	return decisionCard{ID: d.ID, Text: models.Upper(f.Describe(d)), By: f.Called(d.ProposedBy, "team"),
		Lines: f.Effects(d, v.Now).SeenBy(v.Actor, f, v.Now).Lines(), Acts: v.acts(f, engagement.Item{Kind: engagement.ItemDecide,
			Subject: d.ID})}
}

// addTasks adds the tasks that are open, those first on which somebody can act now, by due date.
func (v *visit) addTasks(f *engagement.Facts, out *planPage) {
	var open []*engagement.Task
	for _, t := range f.Tasks {
		if !t.State.Closed() && f.SeesTask(v.Actor, t, v.Now) {
			open = append(open, t)
		}
	}
	slices.SortStableFunc(open, func(a, b *engagement.Task) int { return engagement.ByDue(*a, *b) })
	moment := f.At(v.Now)
	out.Tasks.Strip = stripOf(v.today())
	for i, t := range open {
		if i == shownTasks {
			out.MoreTasks = len(open) - i
			break
		}
		out.Tasks.Tasks = append(out.Tasks.Tasks, v.taskLine(out.Tasks.Strip, f, moment, t))
	}
}
