package engagement

import (
	"strings"

	"tickmark/models"
	"tickmark/models/catalog"
)

// LadderOf returns the schedule of a task (domain.md 6.1).
func (f *Facts) LadderOf(t *Task) []catalog.ReminderStep {
	switch models.SideOf(t.OwnerRole) {
	case models.SideFirm:
		return f.Catalog.Ladder("internal")
	case models.SideAuditor:
		if f.Engagement.Auditor == "" {
			return f.Catalog.Ladder("internal") // the manager's to do
		}
		return f.Catalog.Ladder("auditor")
	}
	tmpl, _ := f.Catalog.Template(t.Template)
	switch {
	case tmpl.Due.FromCadence:
		control, _ := f.Catalog.Control(ControlOf(t.Subject))
		if rule, _ := f.Catalog.Sampling.Occurrences.Rule(control.Frequency); t.Performing() && rule.Perform != "" {
			return f.Catalog.Ladder(rule.Perform)
		}
		return f.Catalog.Ladder("occurrence/" + control.Frequency)
	case tmpl.Expand == "per_auditor_request" || tmpl.Expand == "per_sample_request":
		return f.Catalog.Ladder("short")
	case t.Gate && f.leadsToReport(t.Phase):
		return f.Catalog.Ladder("gate")
	case f.Days(t.OwnerRole).Count(t.OpenedOn, t.Due) <= 5:
		return f.Catalog.Ladder("short")
	}
	return f.Catalog.Ladder("standard")
}

// ControlOf returns the control of an occurrence: IAM-07 of IAM-07.2027-Q1.
func ControlOf(subject string) string {
	id, _, _ := strings.Cut(subject, ".")
	return id
}

// level returns how far up its ladder a task has gone by a day, in the business days of its owner's side.
func (f *Facts) level(t *Task, today models.Date) int {
	level, late := 0, f.lateOn(f.DaysOf(t), t, today)
	for _, s := range f.LadderOf(t) {
		if s.Offset <= late {
			level = max(level, s.Escalation)
		}
	}
	return level
}

// LateBy returns how many business days a day lies after a due date; negative before it.
func (f *Facts) LateBy(days *models.Calendar, due, today models.Date) int {
	return days.Count(days.Roll(due), today)
}
