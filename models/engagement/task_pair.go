package engagement

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"tickmark/models"
	"tickmark/models/catalog"
)

// What is done and what looks over it (domain.md 7.2, separation of duties). A task that was split has parts: itself, and those that were
// made of it. Each part of a check looks over every part of what is checked.

// partMark stands in the id of a part between that of the task it was made of and its number, as in KO-12_2.
const partMark = "_"

// maxParts is how many tasks may come of one by splits, itself counted.
const maxParts = 20

// partID names a part of a task; the first part is the task itself.
func partID(whole models.TaskID, n int) models.TaskID {
	if n == 1 {
		return whole
	}
	return whole + models.TaskID(partMark+strconv.Itoa(n))
}

// wholeOf returns the id of the task of which a part was made, through all splits; a task that was not made by a split is its own whole.
func wholeOf(id models.TaskID) models.TaskID {
	if i := strings.LastIndex(string(id), partMark); i > 0 {
		if n, err := strconv.Atoi(string(id[i+1:])); err == nil && 1 < n && n <= maxParts && partID(id[:i], n) == id {
			return id[:i]
		}
	}
	return id
}

// partsOf returns the ids that the parts of a task have or may get, given one of them.
func partsOf(id models.TaskID) []models.TaskID {
	out, whole := make([]models.TaskID, maxParts), wholeOf(id)
	for i := range out {
		out[i] = partID(whole, i+1)
	}
	return out
}

// counterparts returns the ids of what a task checks and is checked by, by its name and by what it comes after. Some of them may name no
// task, and one may be named twice.
func (f *Facts) counterparts(id models.TaskID) []models.TaskID {
	template, about := nameOf(id)
	t := f.Task(id)
	if t != nil && t.Template != "" {
		template = t.Template
	}
	checked, checkers := f.related(template)
	var out []models.TaskID
	if checked != "" {
		if t != nil {
			for _, dep := range t.After {
				out = append(out, models.TaskID(dep))
			}
		}
		out = append(out, models.TaskID(checked+"."+about))
	}
	for _, checker := range checkers {
		if other, _ := f.Catalog.Template(checker); f.begun(other.Phase) { // before, it has no copies
			out = append(out, models.TaskID(checker+"."+about))
		}
	}
	return out
}

// nameOf cuts the id of a task, or of the whole of which it is a part, into its template and what it is about: the subject and the round.
func nameOf(id models.TaskID) (template, about string) {
	template, about, _ = strings.Cut(string(wholeOf(id)), ".")
	return template, about
}

// begun reports whether a phase has been entered at some time.
func (f *Facts) begun(p catalog.Phase) bool {
	st := f.Phase(p)
	return st != nil && st.Round > 0
}

// related returns the template whose copies the copies of a template check, and those that check them.
func (f *Facts) related(template string) (checked string, checkers []string) {
	if template == "" {
		return "", nil
	}
	tmpl, _ := f.Catalog.Template(template)
	return tmpl.Checks, f.Catalog.CheckersOf(template)
}

// paired goes through the tasks among those loaded that a task checks, with true, and that check it, with false.
func (f *Facts) paired(t *Task) iter.Seq2[*Task, bool] {
	return func(yield func(*Task, bool) bool) {
		checked, checkers := f.related(t.Template)
		if checked == "" && len(checkers) == 0 {
			return
		}
		for _, other := range f.Tasks {
			switch {
			case other.Template == "":
			case other.Template == checked && looksOver(t, other):
				if !yield(other, true) {
					return
				}
			case slices.Contains(checkers, other.Template) && looksOver(other, t):
				if !yield(other, false) {
					return
				}
			}
		}
	}
}

// looksOver reports whether a check is of one of the tasks that its template checks: it comes after it, or has its name, whatever parts the
// two were split into.
func looksOver(check, done *Task) bool {
	if slices.Contains(check.After, string(done.ID)) {
		return true
	}
	_, subject := nameOf(check.ID)
	_, about := nameOf(done.ID)
	return subject == about && about != ""
}

// pair makes the open checks of what is done again wait for it, and what is checked again wait for what is open of the same subject.
func (f *Facts) pair(t *Task) {
	checked, checkers := f.related(t.Template)
	for _, other := range f.Tasks {
		check, done := t, other
		switch {
		case other.State.Closed() || other.Subject != t.Subject || other.Template == "":
			continue
		case slices.Contains(checkers, other.Template):
			check, done = other, t
		case other.Template != checked:
			continue
		}
		if id := string(done.ID); !slices.Contains(check.After, id) {
			check.After = append(check.After, id)
			f.touch(check)
		}
	}
}
