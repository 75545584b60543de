package engagement

import (
	"fmt"
	"slices"
	"time"

	"tickmark/models"
)

// A QuestionState is where a question stands.
type QuestionState string

// The states of a question.
const (
	QuestionOpen      QuestionState = "open"
	QuestionAnswered  QuestionState = "answered"
	QuestionWithdrawn QuestionState = "withdrawn" // who asked does not wait for an answer any more
)

// A Question is what somebody asked somebody about a task. It is open until it is answered or withdrawn, whatever becomes of the task.
type Question struct {
	ID       string
	Task     models.TaskID
	Title    string // of the task, which may be closed by now
	By       models.PersonID
	To       models.PersonID
	Text     string
	AskedAt  time.Time // for the first time
	OpenAt   time.Time // since when it is open: it is later than AskedAt where an answer was taken back
	Internal bool      // only the firm's people read it and its answer: see Actor.SeesInternal
	State    QuestionState
	Answer   string          // with which words; of a withdrawn one why
	ClosedBy models.PersonID // who answered it, or withdrew it
	ClosedAt time.Time
}

// Question returns the question of that id among those loaded, or nil.
func (f *Facts) Question(id string) *Question {
	for _, q := range f.Questions {
		if q.ID == id {
			return q
		}
	}
	return nil
}

// touchQuestion marks a question as changed.
func (f *Facts) touchQuestion(q *Question) {
	if f.questioned == nil {
		f.questioned = map[string]bool{}
	}
	f.questioned[q.ID] = true
}

// SeesQuestion reports whether a question is shown to the actor: to who asked, to who is asked, to whoever stands in for one of them, and
// to whom its task is shown. An internal one is shown to the firm's people alone.
func (f *Facts) SeesQuestion(a Actor, q *Question, now time.Time) bool {
	reach := a.ReachIn("listQuestions", f.Engagement, now)
	if reach == ReachNone || q.Internal && !a.SeesInternal() {
		return false
	}
	if reach != ReachOwn || a.answersFor(q.By) || a.speaksFor(q.To) {
		return true
	}
	t := f.Task(q.Task)
	return t != nil && f.Owns(a, t)
}

// QuestionsTo returns the open questions that are the actor's to answer, the oldest first.
func (f *Facts) QuestionsTo(a Actor, now time.Time) []*Question {
	out := models.Keep(f.Questions, func(q *Question) bool {
		return q.State == QuestionOpen && f.Permits(a, Command{Kind: AnswerQuestion, Question: q.ID}, now) == nil
	})
	slices.SortStableFunc(out, func(x, y *Question) int { return x.OpenAt.Compare(y.OpenAt) })
	return out
}

// ask asks somebody a question about a task and returns its id.
func (f *Facts) ask(t *Task, c Command, now time.Time) (string, error) {
	internal, err := f.internal(t, c)
	if err != nil {
		return "", err
	}
	p, err := f.member("to", c.Person)
	if err != nil {
		return "", err
	}
	if p.ID == c.Actor.Person {
		return "", models.Refuse(models.Invalid, "to", "you ask yourself: name who shall answer")
	}
	if !f.SeesTask(f.Actor(p.ID), t, now) {
		return "", models.Refuse(models.Invalid, "to", "%s is not shown %s, and could not answer: assign it to them, or ask somebody else",
			p.Name, t.ID)
	}
	f.Engagement.Asked++
	q := &Question{ID: fmt.Sprintf("Q-%d", f.Engagement.Asked), Task: t.ID, Title: t.Heading(), By: c.Actor.Person, To: p.ID, Text: c.Reason,
		AskedAt: now, OpenAt: now, Internal: internal, State: QuestionOpen}
	f.Questions = append(f.Questions, q)
	f.touchQuestion(q)
	f.says(q, c.Actor.Person, p.ID, c.Reason, now)
	f.logQuestion(q, c, "task.asked", string(p.ID), now)
	return q.ID, nil
}

// says keeps the words of a question, or of an answer, among what was said on its task.
func (f *Facts) says(q *Question, by, to models.PersonID, text string, now time.Time) {
	f.Comments = append(f.Comments, Comment{Task: q.Task, At: now, By: by, To: to, Text: text, Internal: q.Internal})
}

// logQuestion records what became of a question: under its task, with who is to hear of it. The words stand among the comments.
func (f *Facts) logQuestion(q *Question, c Command, kind, to string, now time.Time) {
	f.log(Event{At: now, Actor: c.Actor.Person, Kind: kind, Subject: string(q.Task), Field: q.ID, To: to, Internal: q.Internal})
}

// askTask asks somebody about the task that a command names.
func (f *Facts) askTask(c Command, now time.Time) (string, error) {
	return f.ask(f.Task(c.Tasks[0]), c, now)
}

// asksOne makes a rule of the table of one on the question that a command names, and returns its id.
func asksOne(rule func(*Facts, *Question, Command, time.Time) error) func(*Facts, Command, time.Time) (string, error) {
	return func(f *Facts, c Command, now time.Time) (string, error) {
		return c.Question, rule(f, f.Question(c.Question), c, now)
	}
}

// answers refuses an answer by somebody who was not asked and stands in for nobody who was.
func (f *Facts) answers(a Actor, c Command) error {
	if q := f.Question(c.Question); !a.speaksFor(q.To) {
		return models.Refuse(models.Forbidden, "", "%s asked %s: the answer is theirs", f.Called(q.By, "team"), f.Called(q.To, "somebody else"))
	}
	return nil
}

// answer notes with which words a question is answered: for the first time, or better. The same words again change nothing and are refused.
func (f *Facts) answer(q *Question, c Command, now time.Time) error {
	switch {
	case q.State == QuestionWithdrawn:
		return models.Refuse(models.Conflict, "question", "%s withdrew %s: there is nothing to answer", f.Called(q.ClosedBy, "team"), q.ID)
	case q.State == QuestionAnswered && q.Answer == c.Reason:
		return models.Refuse(models.Conflict, "question", "%s is answered with these words already", q.ID)
	}
	f.closeQuestion(q, c, QuestionAnswered, now)
	f.says(q, c.Actor.Person, q.By, c.Reason, now)
	f.logQuestion(q, c, "question.answered", string(q.By), now)
	return nil
}

func (f *Facts) closeQuestion(q *Question, c Command, as QuestionState, now time.Time) {
	q.State, q.Answer, q.ClosedBy, q.ClosedAt = as, c.Reason, c.Actor.Person, now
	f.touchQuestion(q)
}

// withdraws refuses to withdraw a question to whom it is not theirs: who asked it, and the firm's manager and partner, may.
func (f *Facts) withdraws(a Actor, c Command) error {
	q := f.Question(c.Question)
	if a.answersFor(q.By) || a.Role == models.RoleManager || a.Role == models.RolePartner {
		return nil
	}
	return models.Refuse(models.Forbidden, "", "%s asked it: they withdraw it, or the manager", f.Called(q.By, "somebody else"))
}

// withdrawQuestion notes that nobody waits for the answer to a question any more.
func (f *Facts) withdrawQuestion(q *Question, c Command, now time.Time) error {
	if q.State != QuestionOpen {
		return models.Refuse(models.Conflict, "question", "%s is %s: there is nothing to withdraw", q.ID, q.State)
	}
	f.closeQuestion(q, c, QuestionWithdrawn, now)
	if c.Reason != "" {
		f.says(q, c.Actor.Person, q.To, c.Reason, now)
	}
	f.logQuestion(q, c, "question.withdrawn", string(q.To), now)
	return nil
}

// takesBack refuses to take an answer back to whom it is neither an answer of theirs nor one to them.
func (f *Facts) takesBack(a Actor, c Command) error {
	q := f.Question(c.Question)
	if a.answersFor(q.By) || a.speaksFor(q.To) || a.Person == q.ClosedBy {
		return nil
	}
	return models.Refuse(models.Forbidden, "", "it is for %s, who asked, and for %s, who was asked", f.Called(q.By, "team"),
		f.Called(q.To, "somebody else"))
}

// unanswer takes an answer back: the question waits for one again. What was said stays said.
func (f *Facts) unanswer(q *Question, c Command, now time.Time) error {
	if q.State != QuestionAnswered {
		return models.Refuse(models.Conflict, "question", "%s is %s: there is no answer to take back", q.ID, q.State)
	}
	to := q.To
	if c.Actor.speaksFor(q.To) {
		to = q.By
	}
	q.State, q.Answer, q.ClosedBy, q.ClosedAt, q.OpenAt = QuestionOpen, "", "", time.Time{}, now
	f.touchQuestion(q)
	if c.Reason != "" {
		f.says(q, c.Actor.Person, to, c.Reason, now)
	}
	f.logQuestion(q, c, "question.reopened", string(to), now)
	return nil
}

// meantFor returns the question that a comment answers: the one that is open to who says it, on the task, and that has the same readers.
// It returns nil where there is none, or where several are.
func (f *Facts) meantFor(t *Task, c Command, internal bool) *Question {
	open := f.openOn(t, c.Actor)
	if len(open) != 1 || open[0].Internal != internal {
		return nil
	}
	return open[0]
}

// openOn returns the questions about a task that are open to somebody, or to whom they stand in for.
func (f *Facts) openOn(t *Task, a Actor) []*Question {
	return models.Keep(f.Questions, func(q *Question) bool {
		return q.State == QuestionOpen && q.Task == t.ID && a.speaksFor(q.To)
	})
}

// HearsAnswer says in a sentence who hears of the answer to a question, and when.
func (f *Facts) HearsAnswer(q *Question) string {
	return f.willHear(Event{Actor: q.To, Kind: rowOf[AnswerQuestion].event, Subject: string(q.Task), Field: q.ID, To: string(q.By)})
}

// asksAnswer asks for the answer to a question, with the present one where there is one.
func (f *Facts) asksAnswer(form *Form, on asked) {
	q := on.question
	field := text("reason", "Your answer")
	form.Title, form.Fields = "Answer", []Field{field}
	form.Note = f.Called(q.By, "The team") + " asks: " + models.Quoted(q.Text)
	if q.State == QuestionAnswered {
		form.Title, form.Fields[0].Value = "Correct your answer", q.Answer
	}
	form.Note += " " + f.HearsAnswer(q)
}
