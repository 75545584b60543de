package api

import (
	"context"
	"errors"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/holiday"
	"tickmark/models/planning"
)

func (h handlers) MakePlan(ctx context.Context, r gen.MakePlanRequestObject) (gen.MakePlanResponseObject, error) {
	who, b := of(ctx), r.Body
	client, err := who.planFor(ctx, b)
	if err != nil {
		return nil, err
	}
	in := planning.PlanInput{Type: b.Type, Addons: b.Addons, Headcount: client.Headcount, Categories: b.Categories, Kickoff: b.Kickoff,
		AsOf:       b.AsOf,
		WindowOpen: b.WindowOpen, WindowMonths: b.WindowMonths, PreviousClose: b.PreviousClose}
	firm, err := who.Store.Firm(ctx)
	if err != nil {
		return nil, err
	}
	today := models.DateIn(who.Now, models.Zone(orElse(client.TimeZone, firm.TimeZone)))
	from, to := years(today, b.Kickoff, b.AsOf, b.WindowOpen, b.PreviousClose, b.ReportBy)
	if in.Firm, err = holiday.Calendar(firm.Country, nil, firm.Closed, firm.Open, from, to); err != nil {
		return nil, err
	}
	if in.Client, err = holiday.Calendar(client.Country, client.Weekend, client.Closed, client.Open,
		from, to); err != nil {
		return nil, err
	}
	if b.ReportBy.IsZero() {
		plan, err := planning.NewPlan(who.Root.Catalog, in)
		if err != nil {
			return nil, err
		}
		plan.Warnings = append(plan.Doubts(today), plan.Warnings...)
		return gen.MakePlan200JSONResponse(who.showPlan(who.Root.Catalog, plan, b.Type, true)), nil
	}
	if in.Kickoff.IsZero() { // what has not begun begins today at the earliest
		in.Kickoff = firstMeeting(today, &in.Firm, &in.Client)
		if b.ReportBy.Before(in.Kickoff) {
			return nil, models.Refuse(models.Invalid, "report_by",
				"the report date %s is before %s, the first day on which a kickoff could still be", b.ReportBy, in.Kickoff)
		}
	}
	out, err := who.planBack(in, b.ReportBy)
	return gen.MakePlan200JSONResponse(out), err
}

// planFor returns the client to plan for: the one that is named, or what the request says of one.
func (w *caller) planFor(ctx context.Context, b *gen.PlanRequest) (models.Client, error) {
	if b.Client == "" {
		c := models.Client{Headcount: b.Headcount, Country: b.Country, Closed: b.ClosedDays, Open: b.OpenDays, Weekend: weekdays(b.Weekend),
			TimeZone: b.TimeZone}
		switch {
		case c.Headcount == 0:
			return c, models.Refuse(models.Invalid, "headcount", "headcount is missing: give headcount and country, or a client")
		case c.Country == "":
			return c, models.Refuse(models.Invalid, "country", "country is missing: give it, none for no public holidays, or a client")
		}
		if err := models.CheckOwnDays(c.Closed, c.Open, nil); err != nil {
			return c, err
		}
		if c.TimeZone != "" {
			if err := models.CheckZone("time_zone", c.TimeZone); err != nil {
				return c, err
			}
		}
		return c, models.CheckCountry("country", c.Country, holiday.Countries())
	}
	for _, given := range []struct {
		field string
		set   bool
	}{{"headcount", b.Headcount != 0}, {"country", b.Country != ""}, {"closed_days", b.ClosedDays != nil},
		{"open_days", b.OpenDays != nil}, {"weekend", b.Weekend != nil}, {"time_zone", b.TimeZone != ""}} {
		if given.set {
			return models.Client{}, models.Refuse(models.Invalid, given.field, "%s is the client's: leave it out when client is given", given.field)
		}
	}
	if err := w.Store.SeesClient(ctx, w.Actor, b.Client); models.CodeOf(err) == models.NotFound {
		return models.Client{}, noClient(b.Client)
	} else if err != nil {
		return models.Client{}, err
	}
	return w.Store.Client(ctx, b.Client)
}

// planBack answers when everything must begin for a report by a day, with the plan from the latest kickoff.
func (w *caller) planBack(in planning.PlanInput, want models.Date) (gen.Plan, error) {
	back, err := planning.PlanBack(w.Root.Catalog, in, want)
	if refused, ok := errors.AsType[*models.Error](err); ok && refused.Field == "report" {
		return gen.Plan{}, models.Refuse(refused.Code, "report_by", "%s", refused.Message)
	} else if err != nil {
		return gen.Plan{}, err
	}
	out := gen.Plan{Type: in.Type, Anchors: []gen.PlanAnchor{}, Phases: []gen.PlanPhase{}, Tasks: []gen.PlanTask{},
		Warnings: each(back.Warnings, showWarning)}
	if back.Possible {
		in.Kickoff = back.Kickoff
		plan, err := planning.NewPlan(w.Root.Catalog, in)
		if err != nil {
			return gen.Plan{}, err
		}
		out = w.showPlan(w.Root.Catalog, plan, in.Type, true)
	}
	out.Backward = gen.PlanBackward{ReportBy: back.Want, Possible: back.Possible, Report: back.Report, AsOf: back.AsOf,
		WindowOpen: back.WindowOpen, WindowClose: back.WindowClose, Earliest: back.Earliest}
	if back.Possible {
		out.Backward.Kickoff = back.Kickoff
	} else {
		out.Backward.Binding = gen.PlanConstraint{Phase: back.Binding.Phase, Text: back.Binding.Text, Days: back.Binding.Days}
	}
	return out, nil
}

// firstMeeting returns the first day from a day on which both work.
func firstMeeting(day models.Date, firm, client *models.Calendar) models.Date {
	for range 60 { // who never work on the same day meet all the same
		next := client.Roll(firm.Roll(day))
		if next == day {
			break
		}
		day = next
	}
	return day
}

// planYears is how many years around the dates of a request a plan may reach.
const planYears = 4

func years(days ...models.Date) (from, to int) {
	for _, d := range days {
		if d.IsZero() {
			continue
		}
		if from == 0 || d.Year < from {
			from = d.Year
		}
		to = max(to, d.Year)
	}
	return max(from-planYears, models.MinYear), min(to+planYears, models.MaxYear)
}
