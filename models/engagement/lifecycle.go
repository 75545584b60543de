package engagement

import (
	"slices"
	"time"

	"tickmark/models"
	"tickmark/models/planning"
)

// start checks the draft, plans it, and lets it run (domain.md 3).
func (f *Facts) start(c Command, now time.Time) error {
	e := &f.Engagement
	if e.Status != StatusDraft {
		return models.Refuse(models.Conflict, "status", "the engagement has been started already: it is %s", e.Status)
	}
	if err := f.checkSeats(); err != nil {
		return err
	}
	e.Headcount, e.TimeZone, e.Catalog = f.Client.Headcount, f.Client.TimeZone, f.Catalog.Version
	plan, err := f.plan()
	if err != nil {
		return err
	}
	if err := Unconfirmed(plan.Doubts(f.Today(now)), c.Confirm); err != nil {
		return err
	}
	if models.HasAll(f.Flags(), []string{"t1"}) {
		e.AsOf = plan.Anchors["as_of_date"]
	}
	if models.HasAll(f.Flags(), []string{"t2"}) {
		e.WindowOpen = plan.Anchors["window_open"]
		e.WindowMonths = plan.Months
	}
	e.Baseline = agreedIn(plan)
	f.Phases = nil
	for _, p := range plan.Phases {
		f.Phases = append(f.Phases, PhaseState{Phase: p.Phase, Standing: StandingWaiting, Plan: planning.Span{Start: p.Start, End: p.End}})
	}
	if e.Target.IsZero() {
		e.Target = plan.Report
	}
	e.Status, e.StartedAt = StatusRunning, now
	f.log(Event{At: now, Actor: c.Actor.Person, Kind: c.event(), Field: "status", From: string(StatusDraft), To: string(StatusRunning),
		Reason: c.Reason})
	f.log(Event{At: now, Kind: "plan.agreed", Field: "report_date", To: plan.Report.String()})
	Advance(f, now)
	return nil
}

// checkSeats refuses to start an engagement without a partner, a manager or a sponsor at the client.
func (f *Facts) checkSeats() error {
	e := &f.Engagement
	if err := f.checkTeam("partner", e.Partner, models.RolePartner); err != nil {
		return err
	}
	if err := f.checkTeam("manager", e.Manager, models.RoleManager); err != nil {
		return err
	}
	return f.CheckSponsor()
}

// CheckSponsor refuses facts in which nobody at the client could speak and sign for it: an engagement of them cannot be started.
func (f *Facts) CheckSponsor() error {
	if who, _ := f.holder(string(models.RoleSponsor)); who == "" {
		return models.Refuse(models.Invalid, "functions.sponsor", "nobody at the client holds the function sponsor: name the sponsor first")
	}
	if len(f.MayJudge(models.RoleSponsor)) == 0 {
		return models.Refuse(models.Invalid, "functions.sponsor",
			"nobody at the client has the role sponsor: who shall sign the sponsor's gates?")
	}
	return nil
}

// checkTeam refuses a person for a seat of the team who is missing, not active, or does not have the role.
func (f *Facts) checkTeam(field string, id models.PersonID, role models.Role) error {
	if id == "" {
		return models.Refuse(models.Invalid, field, "%s is missing: name a person with the role %s", field, role)
	}
	p, ok := f.Person(id)
	if !ok {
		return models.Refuse(models.Invalid, field, "%s %q is nobody Tickmark knows as active", field, id)
	}
	if p.Role != role {
		return models.Refuse(models.Invalid, field, "%s %q has the role %s, not %s", field, id, p.Role, role)
	}
	return nil
}

// seats refuses to let anybody but a partner make somebody else the partner of an engagement that has been started.
func (f *Facts) seats(a Actor, c Command) error {
	e := f.Engagement
	if e.Status != StatusDraft && a.Role != models.RolePartner && c.Edit != nil && c.Edit.Partner != nil && *c.Edit.Partner != e.Partner {
		return models.Refuse(models.Forbidden, "partner", "the partner of a running engagement is changed by a partner; you are %s", a.Role)
	}
	return nil
}

// edit changes a draft; of a running engagement only its name, promise and team, and its kickoff until the first task is done. An auditor
// who has been invited is replaced by a decision.
func (f *Facts) edit(c Command, now time.Time) error {
	e, d := &f.Engagement, c.Edit
	if d == nil || *d == (Edit{}) {
		return models.Refuse(models.Invalid, "", "nothing to change was named")
	}
	if e.Status != StatusDraft {
		if err := f.mayEditRunning(c, now); err != nil {
			return err
		}
	}
	before := *e
	put(&e.Name, d.Name)
	put(&e.Type, d.Type)
	put(&e.Categories, d.Categories)
	put(&e.Addons, d.Addons)
	put(&e.Kickoff, d.Kickoff)
	put(&e.AsOf, d.AsOf)
	put(&e.WindowOpen, d.WindowOpen)
	put(&e.WindowMonths, d.WindowMonths)
	put(&e.PreviousClose, d.Previous)
	put(&e.Target, d.Target)
	put(&e.Partner, d.Partner)
	put(&e.Manager, d.Manager)
	put(&e.Auditor, d.Auditor)
	put(&e.Consultants, d.Consultants)
	anew := e.Status.Live() && e.Kickoff != before.Kickoff
	if anew {
		if err := f.agreeAnew(before, d.Target != nil); err != nil {
			return err
		}
	}
	if err := f.CheckDraft(); err != nil {
		return err
	}
	if !e.Status.Live() {
		f.logEdit(c, before, now)
		return nil
	}
	if err := f.checkLive(); err != nil {
		return err
	}
	f.logEdit(c, before, now)
	if anew {
		if err := f.beginAnew(before, now); err != nil {
			return err
		}
	}
	f.handOver(before, now)
	return nil
}

// checkLive refuses a running engagement without a partner or manager, whose gates nobody could sign; without a target its
// baseline is the target.
func (f *Facts) checkLive() error {
	e := &f.Engagement
	if err := f.checkTeam("partner", e.Partner, models.RolePartner); err != nil {
		return err
	}
	if e.Target.IsZero() {
		e.Target = e.Baseline.Report
	}
	return f.checkTeam("manager", e.Manager, models.RoleManager)
}

func put[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// CheckDraft refuses an engagement whose data contradict themselves: its name, team, type, scope or dates.
func (f *Facts) CheckDraft() error {
	e := &f.Engagement
	if err := models.CheckName("name", e.Name); err != nil {
		return err
	}
	for _, seat := range []struct {
		field string
		id    models.PersonID
		role  models.Role
	}{{"partner", e.Partner, models.RolePartner}, {"manager", e.Manager, models.RoleManager}, {"auditor", e.Auditor, models.RoleAuditor}} {
		if seat.id == "" {
			continue
		}
		if err := f.checkTeam(seat.field, seat.id, seat.role); err != nil {
			return err
		}
	}
	for _, id := range e.Consultants {
		if err := f.checkTeam("consultants", id, models.RoleConsultant); err != nil {
			return err
		}
	}
	if !e.Target.IsZero() && e.Target.Before(e.Kickoff) {
		return models.Refuse(models.Invalid, "target_report", "target_report %s is before the kickoff on %s", e.Target, e.Kickoff)
	}
	if e.Status != StatusDraft {
		return nil
	}
	e.Headcount, e.TimeZone = f.Client.Headcount, f.Client.TimeZone
	plan, err := f.plan()
	if err != nil {
		return err
	}
	f.Engagement.Summary.Forecast = plan.Report
	return nil
}

// logEdit records what an edit changed, field by field.
func (f *Facts) logEdit(c Command, was Engagement, now time.Time) {
	is := f.Engagement
	for _, ch := range []struct{ field, from, to string }{
		{"name", was.Name, is.Name}, {"type", was.Type, is.Type},
		{"categories", models.Words(was.Categories), models.Words(is.Categories)}, {"addons", models.Words(was.Addons), models.Words(is.Addons)},
		{"kickoff", was.Kickoff.String(), is.Kickoff.String()}, {"as_of_date", was.AsOf.String(), is.AsOf.String()},
		{"window_open", was.WindowOpen.String(), is.WindowOpen.String()}, {"window_months", itoa(was.WindowMonths), itoa(is.WindowMonths)},
		{"previous_close", was.PreviousClose.String(), is.PreviousClose.String()}, {"target_report", was.Target.String(), is.Target.String()},
		{"partner", string(was.Partner), string(is.Partner)}, {"manager", string(was.Manager), string(is.Manager)},
		{"auditor", string(was.Auditor), string(is.Auditor)}, {"consultants", models.Words(was.Consultants), models.Words(is.Consultants)},
	} {
		if ch.from != ch.to {
			f.log(Event{At: now, Actor: c.Actor.Person, Kind: c.event(), Field: ch.field, From: ch.from, To: ch.to, Reason: c.Reason})
		}
	}
}

// handOver gives the open tasks and approvals of people who left the team to those who took their place. What was done
// stays under the old name.
func (f *Facts) handOver(was Engagement, now time.Time) {
	gone, is := map[models.PersonID]bool{}, f.Engagement.team()
	for _, id := range was.team() {
		gone[id] = id != "" && !slices.Contains(is, id)
	}
	for _, t := range f.Tasks {
		if t.State.Closed() {
			continue
		}
		old := *t
		f.restaff(t, was, gone)
		if old.Owner != t.Owner {
			f.log(Event{At: now, Kind: "task.assigned", Subject: string(t.ID), Field: "owner", From: string(old.Owner), To: string(t.Owner),
				Reason: "the team changed"})
		}
		if old.Owner != t.Owner || old.Backup != t.Backup || old.Approver != t.Approver {
			f.touch(t)
		}
	}
}

// team returns the people of the firm and the auditor who are on an engagement by name; ids of empty seats are empty.
func (e Engagement) team() []models.PersonID {
	return append([]models.PersonID{e.Partner, e.Manager, e.Auditor}, e.Consultants...)
}

// restaff replaces those of a task's people who are gone, and fills what nobody has: the auditor's tasks go with the auditor's seat.
func (f *Facts) restaff(t *Task, was Engagement, gone map[models.PersonID]bool) {
	side := models.SideOf(t.OwnerRole)
	seat := side == models.SideAuditor && was.Auditor != f.Engagement.Auditor
	if gone[t.Owner] || seat || t.Owner == "" && side != models.SideClient {
		t.Owner, t.Backup = f.holder(t.OwnerRole)
	}
	if gone[t.Backup] {
		_, t.Backup = f.holder(t.OwnerRole)
	}
	if gone[t.Approver] || t.Approver == "" && t.ApproverRole != "" {
		t.Approver, _ = f.holder(t.ApproverRole)
	}
}
