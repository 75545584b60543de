package planning

import (
	"math"
	"slices"

	"tickmark/models"
	"tickmark/models/catalog"
)

// A planner is a PlanInput that has been checked, with what follows from it without knowing a date.
type planner struct {
	c      *catalog.Catalog
	in     PlanInput
	flags  []string
	t1     bool
	t2     bool
	again  bool // a renewal
	size   int
	months int
	days   map[catalog.Phase]int
}

// newPlanner checks everything in the input that does not hang on the kickoff.
func newPlanner(c *catalog.Catalog, in PlanInput) (*planner, error) {
	p := &planner{c: c, in: in}
	for _, check := range []func() error{p.checkFlags, p.checkHeadcount, p.checkCategories, p.checkDates, p.checkMonths,
		p.checkCalendars, p.setDays} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *planner) has(flag string) bool { return slices.Contains(p.flags, flag) }

func (p *planner) checkFlags() error {
	kind, ok := p.c.Type(p.in.Type)
	if !ok {
		return models.Refuse(models.Invalid, "type", "engagement type %.60q is none of %s", p.in.Type,
			noneOf(p.in.Type, idsOf(p.c.Types, func(t catalog.EngagementType) string { return t.ID })))
	}
	p.flags = slices.Clone(kind.Flags)
	for _, id := range p.in.Addons {
		addon, ok := p.c.Addon(id)
		if !ok {
			return models.Refuse(models.Invalid, "addons", "add-on %.60q is none of %s", id,
				noneOf(id, idsOf(p.c.Addons, func(a catalog.Addon) string { return a.ID })))
		}
		if !models.HasAll(kind.Flags, addon.Requires) {
			return models.Refuse(models.Invalid, "addons", "add-on %s (%s) does not go with %s: it needs %s", addon.ID, addon.Name, kind.Name,
				models.Words(addon.Requires))
		}
		if !p.has(addon.Flag) {
			p.flags = append(p.flags, addon.Flag)
		}
	}
	p.t1, p.t2, p.again = p.has("t1"), p.has("t2"), p.has("renewal")
	return nil
}

// noneOf says which words are known where another was written, and which of them may be meant.
func noneOf[T ~string](word string, known []T) string {
	if len(known) == 1 {
		return string(known[0])
	}
	return models.Words(known) + models.DidYouMean(word, idsOf(known, func(t T) string { return string(t) }))
}

func idsOf[T any, ID ~string](items []T, id func(T) ID) []ID {
	out := make([]ID, len(items))
	for i, item := range items {
		out[i] = id(item)
	}
	return out
}

const maxHeadcount = 1_000_000

func (p *planner) checkHeadcount() error {
	if p.in.Headcount < 1 || p.in.Headcount > maxHeadcount {
		return models.Refuse(models.Invalid, "headcount", "headcount %d must be between 1 and 1,000,000 people", p.in.Headcount)
	}
	p.size = p.c.Size(p.in.Headcount)
	return nil
}

func (p *planner) checkCategories() error {
	for _, x := range p.in.Categories {
		if !slices.ContainsFunc(p.c.Categories, func(known catalog.CategoryInfo) bool { return known.ID == x }) {
			all := idsOf(p.c.Categories, func(x catalog.CategoryInfo) catalog.Category { return x.ID })
			return models.Refuse(models.Invalid, "categories", "category %.60q is none of %s", x, noneOf(string(x), all))
		}
	}
	switch {
	case p.has(catalog.ReportSOC1) && len(p.in.Categories) > 0:
		return models.Refuse(models.Invalid, "categories", "SOC 1 has control objectives, no trust services categories: leave categories empty")
	case p.has(catalog.ReportSOC2) && !slices.Contains(p.in.Categories, catalog.Security):
		return models.Refuse(models.Invalid, "categories", "every SOC 2 covers security: add %s to categories", catalog.Security)
	}
	return nil
}

// checkDates refuses days that do not exist and dates that mean nothing to this type.
func (p *planner) checkDates() error {
	for _, given := range []struct {
		field string
		day   models.Date
		use   bool
		why   string
	}{
		{"kickoff", p.in.Kickoff, true, ""},
		{"as_of", p.in.AsOf, p.t1, "has no Type 1 report: it has no as-of date"},
		{"window_open", p.in.WindowOpen, p.t2, "has no Type 2 report: it has no observation window"},
		{"previous_close", p.in.PreviousClose, p.again, "is not a renewal: there is no previous window"},
	} {
		switch {
		case given.day.IsZero():
		case given.day.Check() != nil:
			return models.Refuse(models.Invalid, given.field, "%s: %s", given.field, given.day.Check())
		case !given.use:
			kind, _ := p.c.Type(p.in.Type)
			return models.Refuse(models.Invalid, given.field, "%s must be empty: %s %s", given.field, kind.Name, given.why)
		}
	}
	if p.again && p.in.PreviousClose.IsZero() && p.in.WindowOpen.IsZero() {
		return models.Refuse(models.Invalid, "previous_close",
			"a renewal needs previous_close, the last day of the window before, or window_open")
	}
	return nil
}

const maxMonths = 24

func (p *planner) checkMonths() error {
	switch m := p.in.WindowMonths; {
	case m < 0 || m > maxMonths:
		return models.Refuse(models.Invalid, "window_months", "window_months %d must be between 1 and %d, or 0 for the default", m, maxMonths)
	case m > 0 && !p.t2:
		kind, _ := p.c.Type(p.in.Type)
		return models.Refuse(models.Invalid, "window_months", "window_months must be 0: %s has no Type 2 report, so no observation window",
			kind.Name)
	case m > 0:
		p.months = m
	case p.again:
		p.months = p.c.WindowLengths.DefaultRenewal
	case p.t2:
		p.months = p.c.WindowLengths.DefaultFirst
	}
	return nil
}

func (p *planner) checkCalendars() error {
	if err := p.in.Firm.Check(); err != nil {
		return err
	}
	if err := p.in.Client.Check(); err != nil {
		return err
	}
	if !p.in.Firm.MeetsWith(p.in.Client) {
		return models.Refuse(models.Invalid, "weekend", "firm and client never work on the same day of the week: they could not meet")
	}
	return nil
}

const (
	maxFactor = 20
	maxDays   = 5000 // nearly twenty years
)

// setDays looks up how many business days each phase takes: the catalog's for the size, with what further categories add
// (domain.md 3.2), less in a renewal, stretched by Factor, and at least one. Categories count when they were chosen: the
// three that a SOC for Cybersecurity uses by default are in its typical durations.
func (p *planner) setDays() error {
	if p.in.Pace < PaceLow || p.in.Pace > PaceHigh {
		return models.Refuse(models.Invalid, "pace", "pace %d must be %d (low), %d (typical) or %d (high)", p.in.Pace, PaceLow, PaceTypical,
			PaceHigh)
	}
	factor := p.in.Factor
	if factor == 0 {
		factor = 1
	}
	if !(factor > 0 && factor <= maxFactor) {
		return models.Refuse(models.Invalid, "factor", "factor %g must be above 0 and at most %d", p.in.Factor, maxFactor)
	}
	chosen := slices.Clone(p.in.Categories)
	slices.Sort(chosen)
	chosen = slices.Compact(chosen)
	p.days = make(map[catalog.Phase]int, len(p.c.Phases))
	for i := range p.c.Durations {
		phase := p.c.Durations[i].Phase
		if given, ok := p.in.Days[phase]; ok {
			if given < 1 || given > maxDays {
				return models.Refuse(models.Invalid, "days", "%d business days for phase %s must be between 1 and %d", given, phase, maxDays)
			}
			p.days[phase] = given
			continue
		}
		days := float64(p.c.Duration(phase, p.in.Headcount)[p.in.Pace-PaceLow] + p.c.ExtraDays(phase, p.in.Headcount, chosen))
		if shrink, ok := p.c.Renewal.ShrinkDurations[phase]; ok && p.again {
			days *= shrink
		}
		p.days[phase] = max(1, int(math.Ceil(days*factor-1e-9)))
	}
	return nil
}

// checkKickoff refuses a kickoff that is missing or later than the dates given with it.
func (p *planner) checkKickoff() error {
	in := p.in
	switch {
	case in.Kickoff.IsZero():
		return models.Refuse(models.Invalid, "kickoff", "kickoff is missing: the day of the kickoff meeting")
	case !in.AsOf.IsZero() && in.AsOf.Before(in.Kickoff):
		return models.Refuse(models.Invalid, "as_of", "the as-of date %s is before the kickoff %s", in.AsOf, in.Kickoff)
	case !in.WindowOpen.IsZero() && in.WindowOpen.Before(in.Kickoff) && !p.again:
		return models.Refuse(models.Invalid, "window_open",
			"the window's first day %s is before the kickoff %s: controls cannot be seen to operate before they exist", in.WindowOpen, in.Kickoff)
	}
	return nil
}
