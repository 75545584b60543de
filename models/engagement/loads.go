package engagement

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/planning"
)

// A Load is how many tasks of a plan somebody gets, by who holds what now. What repeats counts once, since how often it comes is not known
// before its phase.
type Load struct {
	Person models.PersonID `json:"person"` // empty: nobody holds what these tasks ask for
	Tasks  int             `json:"tasks"`
}

// The codes of warnings about who does the work.
const (
	WarnFallback = "function_falls_back" // nobody holds a function: its tasks fall to who holds another
	WarnNoBackup = "no_backup"           // functions with tasks have a person and no backup
)

// Loads returns who gets how many of the tasks of a plan, whoever gets most first, and what to look at in that: functions that nobody
// holds, and functions without a backup, for which the first gate asks.
func (f *Facts) Loads(plan planning.Plan) ([]Load, []planning.Warning) {
	byRole := f.tasksByRole(plan)
	each := map[models.PersonID]int{}
	for role, n := range byRole {
		who, _ := f.holder(role)
		each[who] += n
	}
	loads := make([]Load, 0, len(each))
	for who, n := range each {
		loads = append(loads, Load{who, n})
	}
	slices.SortFunc(loads, func(x, y Load) int { return cmp.Or(y.Tasks-x.Tasks, cmp.Compare(x.Person, y.Person)) })
	return loads, f.thin(byRole)
}

// tasksByRole counts the tasks of a plan by whom they ask for: a role of the firm, the auditor or a client function.
func (f *Facts) tasksByRole(plan planning.Plan) map[string]int {
	out, scope := map[string]int{}, f.Scope()
	for _, t := range plan.Tasks {
		tmpl, ok := f.Catalog.Template(t.Template)
		if !ok || plan.Months < tmpl.MinWindowMonths {
			continue
		}
		if tmpl.Repeats != nil || tmpl.Due.FromCadence {
			if !strings.HasSuffix(tmpl.Owner, "_owner") {
				out[tmpl.Owner]++
			}
			continue
		}
		for _, s := range f.subjects(tmpl, scope) {
			out[s.role(tmpl)]++
		}
	}
	return out
}

// thin warns of functions with tasks that fall to somebody else, one warning for each who gets them, and of those without a backup.
func (f *Facts) thin(byRole map[string]int) []planning.Warning {
	var out []planning.Warning
	falls, counts := map[models.PersonID][]string{}, map[models.PersonID]int{}
	var alone []string
	for _, fn := range f.Catalog.Functions {
		n := byRole[fn.ID]
		if n == 0 {
			continue
		}
		who, backup := f.holder(fn.ID)
		switch {
		case who != "" && !slices.ContainsFunc(f.Duties, func(d models.Duty) bool { return d.Function == fn.ID && d.Person == who }):
			falls[who] = append(falls[who], fn.ID)
			counts[who] += n
		case who != "" && backup == "":
			alone = append(alone, fn.ID)
		}
	}
	for _, p := range f.People {
		if fns := falls[p.ID]; len(fns) > 0 {
			out = append(out, planning.Warning{Code: WarnFallback, Field: "functions",
				Text: fmt.Sprintf("nobody holds %s: %s, %s, gets their tasks, %d of them", models.Words(fns), p.Name, p.ID, counts[p.ID])})
		}
	}
	if len(alone) > 0 {
		text := fmt.Sprintf("%s: no backup is named", models.Words(alone))
		if g := f.asksForBackups(); g != "" {
			text += "; gate " + g
		}
		out = append(out, planning.Warning{Code: WarnNoBackup, Field: "functions", Text: text})
	}
	return out
}

// asksForBackups returns the gate of the kickoff that asks for backups, and what it says; empty where there is none.
func (f *Facts) asksForBackups() string {
	kickoff, _ := f.Catalog.Phase(catalog.PhaseKickoff)
	for _, g := range kickoff.Exit {
		if strings.Contains(g.Text, "backup") {
			return g.ID + " asks: " + g.Text
		}
	}
	return ""
}

// Unconfirmed refuses (invalid) to start with dates that are asked about, unless their codes are among those that were confirmed. Of an
// engagement that has been started nothing is asked.
func Unconfirmed(doubts []planning.Warning, confirmed []string) error {
	var open, codes []string
	for _, w := range doubts {
		if slices.Contains(planning.Asked, w.Code) && !slices.Contains(confirmed, w.Code) {
			open, codes = append(open, w.Text), append(codes, w.Code)
		}
	}
	if len(open) == 0 {
		return nil
	}
	return models.Refuse(models.Invalid, "confirm", "%s: if that is meant, confirm %s", strings.Join(open, "; "), strings.Join(codes, ", "))
}
