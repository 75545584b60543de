package store

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/planning"
)

// engagement drafts the engagement, or changes what differs, and starts it.
func (t *starting) engagement() error {
	e := t.in.Engagement
	e.Client = t.in.Client.ID
	is, err := t.readEngagement(e.ID)
	if err != nil {
		return err
	}
	switch {
	case is == nil:
		if err := t.newEngagement(e); err != nil {
			return err
		}
	case !t.in.Actor.SeesEngagement(*is, t.rec.now):
		t.fault("engagement.id", fmt.Sprintf("there is an engagement %q already", e.ID))
		return nil
	case is.Client != e.Client:
		t.fault("engagement.id", fmt.Sprintf("%s is an engagement of %s already: choose another id for it", e.ID, is.Client))
		return nil
	case is.Status.Ended():
		t.fault("engagement.id", fmt.Sprintf("%s is %s: a new engagement needs another id", e.ID, is.Status))
		return nil
	default:
		t.out.Was, t.out.Engagement = is.Status, *is
		if err := t.compareEngagement(*is, e); err != nil {
			return err
		}
	}
	return t.begin()
}

// readEngagement returns an engagement of the firm; nil where there is none.
func (t *starting) readEngagement(id models.EngagementID) (*engagement.Engagement, error) {
	var row engagementRow
	err := t.tx.Where("firm_id = ? AND id = ?", string(t.firm), string(id)).Take(&row).Error
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fail("read the engagement", err)
	}
	r := &reader{}
	e := row.model(r)
	return &e, r.err
}

// newEngagement drafts the engagement. All that is wrong with it is collected; then a draft that can be stands for it, with which the rest
// is looked at.
func (t *starting) newEngagement(e engagement.Engagement) error {
	if err := t.in.Actor.May("draftEngagement", nil); err != nil {
		return err
	}
	t.step("draft", "engagement %s", e.ID)
	e = t.asDraft(e, t.rec.now)
	e, err := t.team(e)
	if err != nil {
		return err
	}
	if err := t.predecessor(&e); err != nil {
		return err
	}
	var seen []string
	for {
		made, err := t.addDraft(t.tx, t.rec, e)
		refused, ok := errors.AsType[*models.Error](err)
		if !ok {
			t.out.Engagement = made
			return err
		}
		if refused.Code != models.Invalid {
			return t.note("engagement", err)
		}
		if !follows(refused.Field, seen) {
			t.fault(join("engagement", refused.Field), refused.Message)
		}
		if len(seen) > 60 || !t.mend(&e, refused) {
			return nil
		}
		seen = append(seen, refused.Field)
	}
}

// predecessor refuses a predecessor that is not shown to the actor, as if there were none.
func (t *starting) predecessor(e *engagement.Engagement) error {
	if e.Predecessor == "" {
		return nil
	}
	was, err := t.readEngagement(e.Predecessor)
	if err == nil && (was == nil || !t.in.Actor.SeesEngagement(*was, t.rec.now)) {
		t.fault("engagement.predecessor", fmt.Sprintf("there is no engagement %q", e.Predecessor))
		e.Predecessor = ""
	}
	return err
}

// follows reports whether a refusal of a field follows from another that was refused before: what goes with a type, and dates that are
// counted from the kickoff.
func follows(field string, seen []string) bool {
	return slices.Contains(seen, "type") && slices.Contains([]string{"categories", "addons", "as_of", "window_open", "window_months",
		"previous_close"}, field) ||
		slices.Contains(seen, "kickoff") && (field == "kickoff" || field == "as_of" || field == "window_open" || field == "target_report")
}

// mend makes of an engagement that was refused one that may not be, and returns false where it cannot.
func (t *starting) mend(e *engagement.Engagement, refused *models.Error) bool {
	switch refused.Field {
	case "name":
		e.Name = "nobody"
	case "partner":
		e.Partner = ""
	case "manager":
		e.Manager = ""
	case "auditor":
		e.Auditor = ""
	case "consultants":
		n := len(e.Consultants)
		e.Consultants = slices.DeleteFunc(slices.Clone(e.Consultants), func(id models.PersonID) bool {
			return strings.Contains(refused.Message, strconv.Quote(string(id)))
		})
		return len(e.Consultants) < n
	case "predecessor":
		e.Predecessor = ""
	case "target_report":
		e.Target = models.Date{}
	default:
		return t.mendPlan(e, refused.Field)
	}
	return true
}

// mendPlan is mend for what a plan is made of.
func (t *starting) mendPlan(e *engagement.Engagement, field string) bool {
	switch field {
	case "type":
		e.Type, e.Categories, e.Addons = "soc2_type1", []catalog.Category{catalog.Security}, nil
		e.WindowOpen, e.WindowMonths, e.PreviousClose = models.Date{}, 0, models.Date{}
	case "categories":
		e.Categories = nil
		if kind, _ := t.root.Catalog.Type(e.Type); slices.Contains(kind.Flags, catalog.ReportSOC2) {
			e.Categories = []catalog.Category{catalog.Security}
		}
	case "addons":
		e.Addons = nil
	case "as_of":
		e.AsOf = models.Date{}
	case "window_open":
		e.WindowOpen = models.Date{}
	case "window_months":
		e.WindowMonths = 0
	case "previous_close":
		e.PreviousClose = models.Date{}
	case "kickoff":
		e.Kickoff = models.DateIn(t.rec.now, nil).AddDays(7)
	default:
		return false
	}
	return true
}

// team gives the seats of an engagement to those whom the bundle means. Who was refused for who they are has no seat, and is not refused
// for it again.
func (t *starting) team(e engagement.Engagement) (engagement.Engagement, error) {
	e.Consultants = slices.Clone(e.Consultants)
	seats := []*models.PersonID{&e.Partner, &e.Manager, &e.Auditor}
	for i := range e.Consultants {
		seats = append(seats, &e.Consultants[i])
	}
	for _, seat := range seats {
		if t.bad[*seat] {
			*seat = ""
			continue
		}
		if id, ours := t.ids[*seat]; ours {
			*seat = id
		}
	}
	e.Consultants = slices.DeleteFunc(e.Consultants, func(id models.PersonID) bool { return id == "" })
	return e, nil
}

// compareEngagement compares what the bundle says with what is there. What only a decision changes, once the engagement has been started,
// is told as that.
func (t *starting) compareEngagement(is, e engagement.Engagement) error {
	e, err := t.team(e)
	if err != nil {
		return err
	}
	what := "engagement " + string(e.ID)
	n, d := len(t.out.Differs), t.differ(what, "engagement")
	var to engagement.Edit
	editsTo(&to.Name, &e.Name, t.in.Named && d("name", is.Name, e.Name))
	editsTo(&to.Target, &e.Target, !e.Target.IsZero() && d("target_report", is.Target.String(), e.Target.String()))
	editsTo(&to.Partner, &e.Partner, e.Partner != "" && d("partner", string(is.Partner), string(e.Partner)))
	editsTo(&to.Manager, &e.Manager, e.Manager != "" && d("manager", string(is.Manager), string(e.Manager)))
	editsTo(&to.Auditor, &e.Auditor, e.Auditor != "" && d("auditor", string(is.Auditor), string(e.Auditor)))
	editsTo(&to.Consultants, &e.Consultants, e.Consultants != nil && d("consultants", sortedWords(is.Consultants), sortedWords(e.Consultants)))
	fixed := len(t.out.Differs)
	draft := is.Status == engagement.StatusDraft
	compareDates(&to, d, is, &e, draft)
	if e.Predecessor != "" && e.Predecessor != is.Predecessor {
		t.out.Differs = append(t.out.Differs, Difference{What: what, Field: "engagement.predecessor", There: string(is.Predecessor),
			Wants: string(e.Predecessor), Decided: true})
	}
	if !draft {
		for i := fixed; i < len(t.out.Differs); i++ {
			t.out.Differs[i].Decided = true
		}
	}
	if is.Status.Live() && to.Target != nil && t.in.Reason == "" {
		t.fault("engagement.target_report", "target_report of an engagement that has been started moves with a reason: say why")
		to.Target = nil
	}
	if len(t.out.Differs) == n || to == (engagement.Edit{}) {
		return nil
	}
	t.step("change", "%s", what)
	return t.note("engagement", t.command(engagement.Command{Kind: engagement.EditEngagement, Edit: &to, Reason: t.in.Reason}))
}

// compareDates compares what only a draft lets anybody change.
func compareDates(to *engagement.Edit, d func(field, there, wants string) bool, is engagement.Engagement, e *engagement.Engagement,
	draft bool) {
	given := func(v models.Date) bool { return !v.IsZero() }
	date := func(field string, there, wants models.Date) bool {
		return given(wants) && d(field, there.String(), wants.String()) && draft
	}
	editsTo(&to.Type, &e.Type, d("type", is.Type, e.Type) && draft)
	editsTo(&to.Categories, &e.Categories,
		e.Categories != nil && d("categories", sortedWords(is.Categories), sortedWords(e.Categories)) && draft)
	editsTo(&to.Addons, &e.Addons, e.Addons != nil && d("addons", sortedWords(is.Addons), sortedWords(e.Addons)) && draft)
	editsTo(&to.Kickoff, &e.Kickoff, date("kickoff", is.Kickoff, e.Kickoff))
	editsTo(&to.AsOf, &e.AsOf, date("as_of", is.AsOf, e.AsOf))
	editsTo(&to.WindowOpen, &e.WindowOpen, date("window_open", is.WindowOpen, e.WindowOpen))
	editsTo(&to.WindowMonths, &e.WindowMonths,
		e.WindowMonths != 0 && d("window_months", number(is.WindowMonths), number(e.WindowMonths)) && draft)
	editsTo(&to.Previous, &e.PreviousClose, date("previous_close", is.PreviousClose, e.PreviousClose))
}

// editsTo has a field of an edit changed to a value.
func editsTo[T any](to **T, value *T, yes bool) {
	if yes {
		*to = value
	}
}

func sortedWords[T ~string](all []T) string { return models.Words(slices.Sorted(slices.Values(all))) }

// begin plans the engagement as it is drafted now, says what to look at, and starts it when it is a draft and all is well.
func (t *starting) begin() error {
	if t.out.Engagement.ID == "" {
		return nil // it could not be drafted, for what has been collected
	}
	f, _, _, err := t.factsIn(t.tx, t.out.Engagement.ID, engagement.Need{})
	if err != nil {
		return err
	}
	plan, err := planning.NewPlan(f.Catalog, f.PlanInput())
	if err != nil {
		return t.note("engagement", err)
	}
	t.out.Plan = &plan
	draft := f.Engagement.Status == engagement.StatusDraft
	if draft {
		t.out.Warnings = plan.Doubts(f.Today(t.rec.now))
	}
	doubts := t.out.Warnings
	loads, thin := f.Loads(plan)
	t.out.Loads = loads
	t.out.Warnings = slices.Concat(doubts, plan.Warnings, thin)
	if !draft || !t.in.Begin {
		return nil
	}
	if err := f.CheckSponsor(); err != nil && !t.sponsorless() {
		if err := t.note("", err); err != nil {
			return err
		}
	}
	if err := engagement.Unconfirmed(doubts, t.in.Confirm); err != nil && !t.in.Check {
		if err := t.note("", err); err != nil {
			return err
		}
	}
	t.step("start", "engagement %s", t.out.Engagement.ID)
	if len(t.faults) > 0 {
		return nil // a start of what stands for the engagement would say nothing of it
	}
	return t.note("engagement", t.command(engagement.Command{Kind: engagement.StartEngagement, Reason: t.in.Reason,
		Confirm: planning.Asked})) // see above for those that are not confirmed
}

// sponsorless reports whether the sponsor is missing only because what names them has been refused.
func (t *starting) sponsorless() bool {
	return slices.ContainsFunc(t.in.Duties, func(d models.Duty) bool {
		return d.Function == string(models.RoleSponsor) && (t.bad[d.Person] || t.bad[d.Backup])
	})
}

// command carries out a command on the engagement, as Change does.
func (t *starting) command(c engagement.Command) error {
	c.Actor, c.Key, c.Hash = t.in.Actor, t.rec.once.Key, t.rec.once.Hash
	f, err := t.changeIn(t.tx, t.rec, t.out.Engagement.ID, engagement.Need{}, func(f *engagement.Facts, at time.Time) error {
		_, err := engagement.Decide(f, c, at)
		return err
	})
	if err != nil {
		return err
	}
	t.out.Engagement = f.Engagement
	return nil
}
