package engagement

import (
	"tickmark/models"
)

// Changes is what a decision touched: the store writes exactly this, besides the engagement, its phases and gates.
type Changes struct {
	Tasks     []*Task
	Decisions []*Decision
	Questions []*Question
	Comments  []Comment
	Events    []Event
	Notices   []Notice // of those events, whose Seq is their place among them
}

// Changes returns what has been touched since the facts were read, in a stable order.
func (f *Facts) Changes() Changes {
	ch := Changes{Comments: f.Comments, Events: f.events, Notices: f.notices()}
	for _, t := range f.Tasks {
		if f.touched[t.ID] {
			ch.Tasks = append(ch.Tasks, t)
		}
	}
	for _, d := range f.Decisions {
		if f.decided[d.ID] {
			ch.Decisions = append(ch.Decisions, d)
		}
	}
	for _, q := range f.Questions {
		if f.questioned[q.ID] {
			ch.Questions = append(ch.Questions, q)
		}
	}
	return ch
}

// Reread returns the facts as the store would read them once what has been touched is written: without events, new comments, and
// tasks, decisions and questions that are closed. It leaves f itself as it is; both share those that are not closed.
func (f *Facts) Reread() *Facts {
	next := *f
	next.events, next.shifted, next.handed, next.instead, next.touched, next.decided, next.questioned = nil, nil, nil, nil, nil, nil, nil
	next.scope, next.dates, next.Comments = nil, nil, nil
	next.Tasks = models.Keep(f.Tasks, func(t *Task) bool { return !t.State.Closed() })
	next.Decisions = models.Keep(f.Decisions, func(d *Decision) bool { return d.State == DecisionPending })
	next.Questions = models.Keep(f.Questions, func(q *Question) bool { return q.State == QuestionOpen })
	return &next
}
