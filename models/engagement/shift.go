package engagement

import (
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
)

// What a command that moves due dates has done to tasks, to what waits for them, to the ends of phases and to reports, in dates and words.

// A Shift is what a command that moves due dates has done.
type Shift struct {
	Moves   []Moved      `json:"moves"`             // first what was asked for, then what moves along
	Stays   []Stays      `json:"stays,omitempty"`   // what stays where it is and is due too early for what it waits for, or is not moved
	Phases  []PhaseEnd   `json:"phases,omitempty"`  // phases that are expected to end on another day
	Reports []ReportMove `json:"reports,omitempty"` // every report that is to come, also where it does not move
	Anew    []AskedAnew  `json:"anew,omitempty"`    // of whom something is asked for another day

	phases map[catalog.Phase]models.Date // when each was expected to end before
}

// A Moved is a task with another due date.
type Moved struct {
	Task  models.TaskID   `json:"task"`
	Title string          `json:"title"`
	Owner models.PersonID `json:"owner,omitempty"`
	Name  string          `json:"name"` // of the owner, or the role that nobody holds
	Was   models.Date     `json:"was"`
	Is    models.Date     `json:"is"`
	Along bool            `json:"along,omitempty"` // it waits for another one
	Why   string          `json:"why,omitempty"`   // why it does not go exactly where the command says, in words; empty where it does
}

// A Stays is a task that was not moved.
type Stays struct {
	Task   models.TaskID   `json:"task"`
	Title  string          `json:"title"`
	Owner  models.PersonID `json:"owner,omitempty"`
	Name   string          `json:"name"`
	Due    models.Date     `json:"due"`
	For    []models.TaskID `json:"for,omitempty"`    // what it waits for and is due too early for
	Needs  models.Date     `json:"needs,omitzero"`   // when it could be done; zero where it waits for nothing that moved
	Fixed  string          `json:"fixed,omitempty"`  // the date before Needs that only a decision moves, in words
	Theirs bool            `json:"theirs,omitempty"` // it is the auditor's to move
}

// A PhaseEnd is a phase with the day on which it was expected to end, and on which it is now.
type PhaseEnd struct {
	Phase catalog.Phase `json:"phase"`
	Name  string        `json:"name"`
	Was   models.Date   `json:"was"`
	Is    models.Date   `json:"is"`
}

// A ReportMove is a report that is to come: when it was promised, when it was expected, and when it is now.
type ReportMove struct {
	Kind     ReportKind  `json:"kind"`
	Promised models.Date `json:"promised,omitzero"`
	Was      models.Date `json:"was,omitzero"`
	Is       models.Date `json:"is,omitzero"`
}

// expectedBefore notes when reports and phases are expected before due dates are moved. Where nobody reads the summary it notes nothing.
func (f *Facts) expectedBefore(s *Shift, now time.Time) {
	if f.SkipSummary {
		return
	}
	for _, p := range f.Forecast(now).Reports {
		if p.Issued.IsZero() {
			s.Reports = append(s.Reports, ReportMove{Kind: p.Kind, Promised: p.Promised, Was: p.Expected})
		}
	}
	s.phases = f.phaseEnds(now)
}

// expectedAfter notes when reports and phases are expected now that due dates are moved.
func (f *Facts) expectedAfter(s *Shift, now time.Time) {
	if f.SkipSummary {
		return
	}
	for _, p := range f.Forecast(now).Reports {
		for i := range s.Reports {
			if s.Reports[i].Kind == p.Kind {
				s.Reports[i].Is = p.Expected
			}
		}
	}
	ends := f.phaseEnds(now)
	for _, st := range f.Phases {
		if was, is := s.phases[st.Phase], ends[st.Phase]; was != is {
			s.Phases = append(s.Phases, PhaseEnd{Phase: st.Phase, Name: f.PhaseName(st.Phase), Was: was, Is: is})
		}
	}
}

// phaseEnds returns when the phases that are not over can be expected to end.
func (f *Facts) phaseEnds(now time.Time) map[catalog.Phase]models.Date {
	out := map[catalog.Phase]models.Date{}
	if !f.Engagement.Status.Live() || f.Engagement.Baseline.Report.IsZero() {
		return out
	}
	for p, s := range f.spans(now) {
		if standing := f.Phase(p).Standing; standing == StandingActive || standing == StandingWaiting {
			out[p] = s.End
		}
	}
	return out
}

// Lines says a shift in sentences: how many tasks move along, what stays and why, and when phases end and reports are expected.
func (s *Shift) Lines() []string {
	var out []string
	if n := s.along(); n > 0 {
		out = append(out, models.Count(n, "waiting task")+" "+verb(n, "moves", "move")+" along.")
	}
	for i, x := range s.Stays {
		if i == named {
			out = append(out, models.AndMore(len(s.Stays)-named, "")+" stay where they are: "+staysIn+".")
			break
		}
		out = append(out, x.Line())
	}
	for _, p := range s.Phases {
		out = append(out, p.Name+" is expected to end "+models.Dated(p.Is)+" instead of "+models.Dated(p.Was)+".")
	}
	for _, r := range s.Reports {
		out = append(out, r.Line())
	}
	return out
}

// along returns how many tasks moved along.
func (s *Shift) along() int {
	return len(models.Keep(s.Moves, func(m Moved) bool { return m.Along }))
}

// Follows says in a few words, without a full stop, what a move means for what waits; empty where nothing waits that is due too early.
func (s *Shift) Follows() string {
	var out []string
	if n := s.along(); n > 0 {
		out = append(out, models.Count(n, "waiting task")+" "+verb(n, "moves", "move")+" along")
	}
	for i, x := range s.Stays {
		if i == 2 {
			out = append(out, models.AndMore(len(s.Stays)-i, "")+" stay where they are: "+staysIn)
			break
		}
		out = append(out, strings.TrimSuffix(x.Line(), "."))
	}
	return strings.Join(out, "; ")
}

// Line says in a sentence why a task stays where it is, and what that means.
func (x Stays) Line() string {
	on := string(x.Task) + " (" + x.Name + ")"
	if x.Needs.IsZero() {
		return on + " is not moved: it is the auditor's to move."
	}
	text := on + " stays due " + models.Dated(x.Due) + " and waits for " + firstFew(x.For) + ": it could be done by " + models.Dated(x.Needs)
	switch {
	case x.Fixed != "":
		text += ", after " + x.Fixed + ", which only a decision moves"
	case x.Theirs:
		text += ", and is the auditor's to move"
	}
	if len(x.For) > named {
		text += " (tickmark task show " + string(x.Task) + " names all that it waits for)"
	}
	return text + "."
}

// staysIn says where all tasks stand that a move leaves where they are.
const staysIn = "the list of open tasks has all of them with their dates"

// firstFew names the first of some tasks, and how many more there are.
func firstFew(ids []models.TaskID) string {
	var all []string
	for i, id := range ids {
		if i == named {
			all = append(all, models.AndMore(len(ids)-named, ""))
			break
		}
		all = append(all, string(id))
	}
	return strings.Join(all, ", ")
}

// Line says in a sentence when a report is expected, and when it was before.
func (r ReportMove) Line() string {
	text := "The " + r.Kind.Name() + " stays expected on " + models.Dated(r.Is)
	if r.Is != r.Was {
		text = "The " + r.Kind.Name() + " is expected on " + models.Dated(r.Is) + " instead of " + models.Dated(r.Was)
	}
	if !r.Promised.IsZero() && r.Promised != r.Is {
		text += "; it was promised for " + models.Dated(r.Promised)
	}
	return text + "."
}
