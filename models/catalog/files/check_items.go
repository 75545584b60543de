package files

import (
	"maps"
	"slices"
	"strings"

	"tickmark/models"
	"tickmark/models/catalog"
)

var (
	frequencies = oneOf("continuous", "daily", "weekly", "monthly", "quarterly", "semiannual", "annual", "event")
	natures     = oneOf("manual", "automated", "hybrid")
	severities  = oneOf("critical", "high", "medium", "low")
	stages      = oneOf(catalog.StageGap, catalog.StageT1, catalog.StageT2)
	kinds       = oneOf("document", "config", "record", catalog.KindPopulation)
	cadences    = oneOf("once", "daily", "weekly", "monthly", "quarterly", "semiannual", "annual", "per_occurrence",
		"window_end")
)

// criteria: groups and criteria belong to known categories, and each category has as many criteria as it says.
func (k *checker) criteria() {
	const file = "criteria.yaml"
	count := map[catalog.Category]int{}
	known(k, file, "categories", "id", oneOf(string(catalog.Security), string(catalog.Availability),
		string(catalog.ProcessingIntegrity), string(catalog.Confidentiality), string(catalog.Privacy)), k.categoryIDs().names...)
	for _, g := range k.c.Groups {
		known(k, file, g.ID, "category", k.categoryIDs(), g.Category)
	}
	for _, x := range k.c.Criteria {
		known(k, file, x.ID, "group", k.groupIDs(), x.Group)
		known(k, file, x.ID, "category", k.categoryIDs(), x.Category)
		if !strings.HasPrefix(x.ID, x.Group+".") {
			k.fail(file, x.ID, "group is %q; allowed: the part of the id before the point", x.Group)
		}
		count[x.Category]++
	}
	for _, x := range k.c.Categories {
		if count[x.ID] != x.Count {
			k.fail(file, string(x.ID), "count is %d; allowed: %d, the criteria listed", x.Count, count[x.ID])
		}
	}
	if n := len(k.c.Criteria); n != k.c.Framework.Total {
		k.fail(file, k.c.Framework.ID, "total is %d; allowed: %d, the criteria listed", k.c.Framework.Total, n)
	}
	for _, x := range k.c.DescriptionCriteria {
		known(k, file, x.ID, "evidence_stage", oneOf("scoping", "remediation", "fieldwork"), x.EvidenceStage)
	}
}

// roles: whatever function nobody holds, the fallbacks end at the sponsor.
func (k *checker) roles() {
	const file = "roles.yaml"
	fallback := map[string]string{}
	for _, f := range k.c.Functions {
		fallback[f.ID] = f.Fallback
		if f.Fallback != "" {
			known(k, file, f.ID, "fallback", k.functionIDs(), f.Fallback)
		}
	}
	for _, f := range k.c.Functions {
		last := f.ID
		for range k.c.Functions {
			if fallback[last] != "" {
				last = fallback[last]
			}
		}
		if last != "sponsor" {
			k.fail(file, f.ID, "fallback leads to %q; allowed: a chain that ends at sponsor", last)
		}
	}
	for _, r := range k.c.AppRoles {
		known(k, file, r.ID, "side", oneOf("firm", "client", "auditor"), r.Side)
	}
}

func (k *checker) controls() {
	const file = "controls.yaml"
	for _, d := range k.c.Domains {
		known(k, file, d.ID, "category", k.categoryIDs(), d.Category)
	}
	for _, x := range k.c.Controls {
		known(k, file, x.ID, "domain", k.domainIDs(), x.Domain)
		known(k, file, x.ID, "category", k.categoryIDs(), x.Category)
		known(k, file, x.ID, "criteria", k.criteriaIDs(), x.Criteria...)
		known(k, file, x.ID, "frequency", frequencies, x.Frequency)
		known(k, file, x.ID, "nature", natures, x.Nature)
		known(k, file, x.ID, "type", oneOf("preventive", "detective", "corrective"), x.Type)
		known(k, file, x.ID, "owner", k.functionIDs(), x.Owner)
		k.some(file, x.ID, "criteria", len(x.Criteria))
		k.some(file, x.ID, "statement", len(x.Statement))
	}
}

func (k *checker) policies() {
	const file = "policies.yaml"
	for _, p := range k.c.Policies {
		known(k, file, p.ID, "criteria", k.criteriaIDs(), p.Criteria...)
		known(k, file, p.ID, "controls", k.controlIDs(), p.Controls...)
		known(k, file, p.ID, "review", frequencies, p.Review)
		known(k, file, p.ID, "owner", k.functionIDs(), p.Owner)
		known(k, file, p.ID, "approver", k.functionIDs(), p.Approver)
		k.some(file, p.ID, "criteria", len(p.Criteria))
		k.some(file, p.ID, "outline", len(p.Outline))
	}
}

// evidence: common requests name the controls they prove, those of SOC 1 the objectives.
func (k *checker) evidence() {
	for _, e := range k.c.Evidence {
		k.request("evidence.yaml", e)
		known(k, "evidence.yaml", e.ID, "controls", k.controlIDs(), e.Controls...)
		known(k, "evidence.yaml", e.ID, "objectives", oneOf(), e.Objectives...)
		k.some("evidence.yaml", e.ID, "controls", len(e.Controls))
	}
	for _, e := range k.c.SOC1.Evidence {
		k.request("soc1.yaml", e)
		known(k, "soc1.yaml", e.ID, "controls", oneOf(), e.Controls...)
		known(k, "soc1.yaml", e.ID, "objectives", k.objectiveIDs(), e.Objectives...)
		k.some("soc1.yaml", e.ID, "objectives", len(e.Objectives))
	}
}

func (k *checker) request(file string, e catalog.EvidenceRequest) {
	known(k, file, e.ID, "kind", kinds, e.Kind)
	known(k, file, e.ID, "cadence", cadences, e.Cadence)
	known(k, file, e.ID, "stages", stages, e.Stages...)
	known(k, file, e.ID, "owner", k.functionIDs(), e.Owner)
	known(k, file, e.ID, "sensitivity", oneOf("normal", "personal", "secret"), e.Sensitivity)
	k.some(file, e.ID, "stages", len(e.Stages))
	k.some(file, e.ID, "provide", len(e.Provide))
	if (e.Kind == catalog.KindPopulation) != (e.Sample != "") {
		k.fail(file, e.ID, "sample is %q for kind %s; allowed: a text for a population, none for others", e.Sample, e.Kind)
	}
}

// questions: common ones name criteria and controls, SOC 1 ones objectives, Cybersecurity ones description criteria.
func (k *checker) questions() {
	k.asked("questions.yaml", k.c.Questions, k.domainIDs(), k.criteriaIDs(), k.controlIDs(), oneOf())
	k.asked("soc1.yaml", k.c.SOC1.Questions, oneOf(catalog.DomainSOC1), oneOf(), oneOf(), k.objectiveIDs())
	k.asked("soccyber.yaml", k.c.Cyber.Questions, oneOf(catalog.DomainCyber), k.cyberIDs(), oneOf(), oneOf())
	sizes := k.sizes()
	known(k, "questions.yaml", "size_factor", "size", sizes, slices.Sorted(maps.Keys(k.c.SizeFactors))...)
	for _, size := range sizes.names {
		if factor := k.c.SizeFactors[size]; factor <= 0 {
			k.fail("questions.yaml", "size_factor", "%s is %g; allowed: a factor above 0 for each of %s", size, factor, sizes)
		}
	}
}

func (k *checker) asked(file string, questions []catalog.Question, domains, criteria, controls, objectives vocabulary) {
	for _, q := range questions {
		known(k, file, q.ID, "domain", domains, q.Domain)
		known(k, file, q.ID, "criteria", criteria, q.Criteria...)
		known(k, file, q.ID, "controls", controls, q.Controls...)
		known(k, file, q.ID, "objectives", objectives, q.Objectives...)
		known(k, file, q.ID, "if_no.severity", severities, q.IfNo.Severity)
		known(k, file, q.ID, "if_no.owner", k.functionIDs(), q.IfNo.Owner)
		k.some(file, q.ID, "question", len(q.Question))
		k.some(file, q.ID, "if_no.gap", len(q.IfNo.Gap))
		k.some(file, q.ID, "if_no.task", len(q.IfNo.Task))
		k.some(file, q.ID, "criteria, controls and objectives", len(q.Criteria)+len(q.Controls)+len(q.Objectives))
		if q.IfNo.EffortDays <= 0 {
			k.fail(file, q.ID, "if_no.effort_days is %g; allowed: more than 0", q.IfNo.EffortDays)
		}
	}
}

func (k *checker) objectives() {
	const file = "soc1.yaml"
	for _, o := range k.c.SOC1.Objectives {
		known(k, file, o.ID, "group", oneOf(catalog.GroupITGC, "process"), o.Group)
		known(k, file, o.ID, "icfr_assertions", oneOf("existence", "accuracy", "completeness", "authorization",
			"occurrence", "valuation", "cutoff", "presentation"), o.Assertions...)
		k.some(file, o.ID, "controls", len(o.Controls))
		for _, x := range o.Controls {
			known(k, file, x.ID, "frequency", frequencies, x.Frequency)
			known(k, file, x.ID, "nature", natures, x.Nature)
			known(k, file, x.ID, "owner", k.functionIDs(), x.Owner)
			known(k, file, x.ID, "reuse", k.controlIDs(), x.Reuse...)
		}
	}
}

func (k *checker) cyber() {
	const file = "soccyber.yaml"
	categories := idsOf("categories in soccyber.yaml", k.c.Cyber.Categories,
		func(x catalog.CyberCategory) string { return x.ID })
	defaults := 0
	for _, o := range k.c.Cyber.Options {
		known(k, file, o.ID, "uses_catalog", k.categoryIDs(), o.Uses...)
		if o.Default {
			defaults++
			k.some(file, o.ID, "uses_catalog", len(o.Uses))
		}
	}
	if defaults != 1 {
		k.fail(file, "control_criteria_options", "%d options are the default; allowed: exactly one", defaults)
	}
	for _, x := range k.c.Cyber.Criteria {
		known(k, file, x.ID, "category", categories, x.Category)
		known(k, file, x.ID, "controls", k.controlIDs(), x.Controls...)
		known(k, file, x.ID, "evidence", k.evidenceIDs(), x.Evidence...)
		k.some(file, x.ID, "controls", len(x.Controls))
		k.some(file, x.ID, "evidence", len(x.Evidence))
	}
}

// sampling: sizes rise with the risk, and the population rows follow each other without a hole.
func (k *checker) sampling() {
	const file = "sampling.yaml"
	for _, s := range k.c.Sampling.ByFrequency {
		known(k, file, "by_frequency", "frequency", frequencies, s.Frequency)
		k.ordered(file, s.Frequency, "sample", s.Low, s.Default, s.High)
	}
	next := 0
	for i, p := range k.c.Sampling.ByPopulation {
		k.ordered(file, "by_population", "sample", p.Low, p.Default, p.High)
		if p.Min != next {
			k.fail(file, "by_population", "min is %d; allowed: %d, after the row before", p.Min, next)
		}
		if last := i == len(k.c.Sampling.ByPopulation)-1; last != (p.Max == 0 && i > 0) || !last && p.Max < p.Min {
			k.fail(file, "by_population", "max is %d after min %d; allowed: min or more, and 0 in the last row", p.Max, p.Min)
		}
		next = p.Max + 1
	}
	k.some(file, "by_population", "rows", len(k.c.Sampling.ByPopulation))
	k.occurrences()
}

// occurrences: evidence may come for some days after a period, and is missing after them.
func (k *checker) occurrences() {
	const file = "sampling.yaml"
	rules := k.c.Sampling.Occurrences
	for _, f := range frequencies.names {
		r, ok := rules.Rule(f)
		if !ok {
			continue
		}
		if r.GraceDays <= 0 || r.MissedAfter <= r.GraceDays {
			k.fail(file, f, "grace_bd is %d, missed_after_bd %d; allowed: both above 0, missed after grace",
				r.GraceDays, r.MissedAfter)
		}
		if r.Perform != "" && k.c.Ladder(r.Perform) == nil {
			k.fail(file, f, "perform is %q; allowed: a schedule of reminders.yaml", r.Perform)
		}
	}
	for name, n := range map[string]int{"send_after_close_bd": rules.SendAfterClose, "capture_within_bd": rules.CaptureWithin} {
		if n < 1 {
			k.fail(file, "occurrence_rules", "%s is %d; allowed: 1 and more", name, n)
		}
	}
	if n := rules.JoinUnder; n < 0 || n > 33 { // more would leave a quarterly control without a performance for over four months
		k.fail(file, "occurrence_rules", "join_under_percent is %d; allowed: 0 to 33", n)
	}
}

// reminders: steps go to known people in a known tone.
func (k *checker) reminders() {
	const file = "reminders.yaml"
	people := oneOf("owner", "backup", "sponsor", "pm", "partner")
	for _, s := range k.c.Reminders.Schedules {
		k.some(file, s.ID, "steps", len(s.Steps))
		for _, step := range s.Steps {
			known(k, file, s.ID, "to", people, step.To...)
			known(k, file, s.ID, "cc", people, step.CC...)
			known(k, file, s.ID, "tone", idsOf("tones", catalog.Tones, func(t catalog.Tone) catalog.Tone { return t }), step.Tone)
			known(k, file, s.ID, "at", oneOf("", "missed"), step.At)
			k.some(file, s.ID, "to", len(step.To))
			if step.Escalation < 0 || step.Escalation > 3 {
				k.fail(file, s.ID, "escalation is %d; allowed: 0 to 3", step.Escalation)
			}
			if (step.Every > 0) != (step.Max > 0) {
				k.fail(file, s.ID, "every is %d, max %d; allowed: both or neither", step.Every, step.Max)
			}
		}
	}
	for _, id := range catalog.Schedules {
		if !slices.ContainsFunc(k.c.Reminders.Schedules, func(s catalog.ReminderSchedule) bool { return s.ID == id }) {
			k.fail(file, "schedules", "%s is missing; needed: %s", id, strings.Join(catalog.Schedules, ", "))
		}
	}
	d := k.c.Reminders.Defaults
	for _, n := range []struct {
		name  string
		value int
	}{{"shown_within_bd", d.ShownWithin}, {"lines", d.Lines}, {"bundle_minutes", d.BundleMinutes}, {"weekly_budget", d.WeeklyBudget}} {
		if n.value < 1 {
			k.fail(file, "defaults", "%s is %d; allowed: 1 and more", n.name, n.value)
		}
	}
	for _, role := range models.Roles {
		if at := k.c.Reminders.Digest.At(role); d.QuietHours.Has(at) {
			k.fail(file, "digest", "%s at %s is in the quiet hours; allowed: %s to %s", role, at, d.QuietHours.To, d.QuietHours.From)
		}
	}
}
