package engagement_test

import (
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// asked has Priya ask Kenji about a task of his, and returns the task and the question.
func asked(t *testing.T) (d *modelstest.Desk, task models.TaskID, question string) {
	t.Helper()
	d = modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	x := ofKenji(d, 1)
	return d, x.ID, d.Do("priya", engagement.AskTask, modelstest.Task(x.ID), modelstest.To("kenji"), modelstest.Because("Which system is it?"))
}

// questionOf returns a question of a desk, open or not.
func questionOf(d *modelstest.Desk, id string) engagement.Question {
	d.T.Helper()
	if q := d.Facts.Question(id); q != nil {
		return *q
	}
	if q := d.Settled[id]; q != nil {
		return *q
	}
	d.T.Fatalf("there is no question %s", id)
	return engagement.Question{}
}

// toldOf returns who hears of a command and what they are told, as "kind to: text".
func toldOf(d *modelstest.Desk, who string, k engagement.Kind, with ...func(*engagement.Command)) string {
	d.T.Helper()
	c := d.Command(who, k, with...)
	f := d.Loaded(engagement.NeedOf(c))
	if _, err := engagement.Decide(f, c, d.Now); err != nil {
		d.T.Fatalf("%s %s: %v", who, k, err)
	}
	var out []string
	for _, n := range f.Changes().Notices {
		at := ""
		if n.Urgent {
			at = "at once "
		}
		out = append(out, at+string(n.Kind)+" "+string(n.To)+": "+n.Text)
	}
	d.Do(who, k, with...)
	return strings.Join(out, "; ")
}

// On a Tuesday Priya asks Kenji. The task is done, the phase goes on, and the question waits; a week later he answers, then corrects
// himself. Priya hears both times at once, the record has it, and what was said stands on the task.
func TestAQuestionWaitsForItsAnswer(t *testing.T) {
	d, task, id := asked(t)
	q := questionOf(d, id)
	if q.By != "priya" || q.To != "kenji" || q.Task != task || q.Text != "Which system is it?" || q.State != engagement.QuestionOpen ||
		!q.AskedAt.Equal(d.Now) || q.Title != d.Task(task).Heading() {
		t.Errorf("asked: %+v", q)
	}
	d.Do("kenji", engagement.CompleteTask, modelstest.Task(task))
	d.GoTo(d.Today().AddDays(7))
	if q := questionOf(d, id); q.State != engagement.QuestionOpen {
		t.Errorf("a week later it is %s", q.State)
	}
	if got := toldOf(d, "kenji", engagement.AnswerQuestion, modelstest.Question(id), modelstest.Because("Okta")); got !=
		"at once replied priya: Okta" {
		t.Errorf("told is %s", got)
	}
	d.Refused(models.Conflict, "question", "is answered with these words already", "kenji", engagement.AnswerQuestion, modelstest.Question(id),
		modelstest.Because("Okta"))
	if got := toldOf(d, "kenji", engagement.AnswerQuestion, modelstest.Question(id), modelstest.Because("Entra")); got !=
		"at once replied priya: Entra" {
		t.Errorf("told is %s", got)
	}
	if q := questionOf(d, id); q.State != engagement.QuestionAnswered || q.Answer != "Entra" || q.ClosedBy != "kenji" ||
		!q.ClosedAt.Equal(d.Now) {
		t.Errorf("answered: %+v", q)
	}
	if got := d.Logged("question.answered"); len(got) != 2 || got[0] != string(task)+" ->priya" {
		t.Errorf("the record says %v", got)
	}
	var said []string
	for _, c := range d.Comments {
		said = append(said, string(c.By)+" to "+string(c.To)+": "+c.Text)
	}
	if got := strings.Join(said, "; "); !strings.HasSuffix(got,
		"priya to kenji: Which system is it?; kenji to priya: Okta; kenji to priya: Entra") {
		t.Errorf("said was %s", got)
	}
}

// Kenji says something on the task about which one question to him is open: it is the answer. What Ruth says there is none, and of what he
// says while two are open Priya is told, and both wait.
func TestACommentTellsWhomItAnswers(t *testing.T) {
	d, task, first := asked(t)
	if got := toldOf(d, "ruth", engagement.CommentTask, modelstest.Task(task), modelstest.Because("We have two")); got != "" {
		t.Errorf("of Ruth's word told is %s", got)
	}
	if got := toldOf(d, "kenji", engagement.CommentTask, modelstest.Task(task), modelstest.Because("Okta")); got !=
		"at once replied priya: Okta" {
		t.Errorf("told is %s", got)
	}
	if q := questionOf(d, first); q.State != engagement.QuestionAnswered || q.Answer != "Okta" {
		t.Errorf("it is %+v", q)
	}
	for _, text := range []string{"And for guests?", "And for admins?"} {
		d.Do("priya", engagement.CommentTask, modelstest.Task(task), modelstest.To("kenji"), modelstest.Because(text))
	}
	if got := toldOf(d, "kenji", engagement.CommentTask, modelstest.Task(task), modelstest.Because("The same")); got !=
		"said priya: The same" {
		t.Errorf("told is %s", got)
	}
	if n := len(d.Facts.Questions); n != 2 {
		t.Errorf("%d questions are open", n)
	}
}

// Kenji's "thanks" was taken for his answer. He takes it back, and so may Priya, to whom it says nothing: the other hears, and the question
// waits again, since then.
func TestTakingAnAnswerBack(t *testing.T) {
	d, _, id := asked(t)
	d.Do("kenji", engagement.AnswerQuestion, modelstest.Question(id), modelstest.Because("thanks"))
	d.Now = d.Now.Add(time.Hour)
	d.Refused(models.Forbidden, "", "it is for Priya, who asked, and for Kenji, who was asked", "ruth", engagement.ReopenQuestion,
		modelstest.Question(id))
	if got := toldOf(d, "kenji", engagement.ReopenQuestion, modelstest.Question(id)); got != "at once reopened priya: " {
		t.Errorf("told is %s", got)
	}
	q := questionOf(d, id)
	if q.State != engagement.QuestionOpen || q.Answer != "" || !q.OpenAt.Equal(d.Now) || q.OpenAt.Equal(q.AskedAt) {
		t.Errorf("it is %+v", q)
	}
	d.Refused(models.Conflict, "question", "there is no answer to take back", "kenji", engagement.ReopenQuestion, modelstest.Question(id))
	d.Do("kenji", engagement.AnswerQuestion, modelstest.Question(id), modelstest.Because("a good one"))
	if got := toldOf(d, "priya", engagement.ReopenQuestion, modelstest.Question(id), modelstest.Because("which one?")); got !=
		"at once reopened kenji: " {
		t.Errorf("told is %s", got)
	}
}

// Who asked withdraws a question, or the manager when they have left; nobody else. Then there is nothing to answer. Who is asked hears of
// it with their next message.
func TestWithdrawingAQuestion(t *testing.T) {
	d, _, id := asked(t)
	for _, who := range []string{"kenji", "ruth", "tom"} {
		if _, err := d.Try(who, engagement.WithdrawQuestion, modelstest.Question(id)); !modelstest.Denied(err) {
			t.Errorf("%s withdraws it: %v", who, err)
		}
	}
	if got := toldOf(d, "ines", engagement.WithdrawQuestion, modelstest.Question(id), modelstest.Because("it was in the wiki")); got !=
		"dropped kenji: it was in the wiki" {
		t.Errorf("told is %s", got)
	}
	d.Refused(models.Conflict, "question", "Ines withdrew Q-1: there is nothing to answer", "kenji", engagement.AnswerQuestion,
		modelstest.Question(id), modelstest.Because("Okta"))
	d.Refused(models.Conflict, "question", "there is nothing to withdraw", "priya", engagement.WithdrawQuestion, modelstest.Question(id))
}

// The answer is of who was asked, or of who stands in for them while they are away, which the record says.
func TestWhoAnswers(t *testing.T) {
	d, _, id := asked(t)
	for _, who := range []string{"priya", "ines", "ruth", "marta", "olga"} {
		if _, err := d.Try(who, engagement.AnswerQuestion, modelstest.Question(id), modelstest.Because("Okta")); !modelstest.Denied(err) {
			t.Errorf("%s answers: %v", who, err)
		}
	}
	d.Do("olga", engagement.AnswerQuestion, modelstest.Question(id), modelstest.Because("Okta"), modelstest.StandsFor("kenji"))
	if q, last := questionOf(d, id), d.Events[len(d.Events)-1]; q.ClosedBy != "olga" || last.Actor != "olga" || last.For != "kenji" {
		t.Errorf("answered by %s; the record says %+v", q.ClosedBy, last)
	}
	x := ofKenji(d, 2)
	d.Refused(models.Invalid, "to", "you ask yourself", "kenji", engagement.AskTask, modelstest.Task(x.ID), modelstest.To("kenji"),
		modelstest.Because("Which?"))
	d.Refused(models.Invalid, "to", "nobody active", "priya", engagement.AskTask, modelstest.Task(x.ID), modelstest.Because("Which?"))
}

// A question is shown to who asked, to who is asked, and to whom its task is shown; one that is internal to the firm's people alone, though
// they are of the same engagement. It is in no list and in no form of theirs, and nobody can tell it from one that is not there.
func TestWhoSeesAQuestion(t *testing.T) {
	d, task, shared := asked(t)
	internal := d.Do("ines", engagement.AskTask, modelstest.Task(task), modelstest.To("priya"), modelstest.Because("Is he slow?"),
		func(c *engagement.Command) { c.Readers = engagement.ReadersInternal })
	d.Joins("nina", models.RoleOwner)
	for who, sees := range map[string][2]bool{"marta": {true, true}, "ines": {true, true}, "priya": {true, true}, "ruth": {true, false},
		"kenji": {true, false}, "nina": {false, false}, "hugo": {false, false}} {
		for i, id := range []string{shared, internal} {
			q := questionOf(d, id)
			if got := d.Facts.SeesQuestion(d.Actor(who), &q, d.Now); got != sees[i] {
				t.Errorf("%s is shown %q: %t", who, q.Text, got)
			}
			_, err := d.Facts.Form(engagement.ActAnswer, "answer:"+id, d.Actor(who), d.Now)
			if hidden := models.CodeOf(err) == models.NotFound; hidden == sees[i] {
				t.Errorf("%s and the form for %q: %v", who, q.Text, err)
			}
		}
	}
}

// After the end what was asked can still be answered or withdrawn, and nothing new be asked.
func TestQuestionsAfterTheEnd(t *testing.T) {
	d, task, id := asked(t)
	other := d.Do("priya", engagement.AskTask, modelstest.Task(task), modelstest.To("kenji"), modelstest.Because("And for guests?"))
	d.Do("marta", engagement.CancelEngagement, modelstest.Because("sold"), modelstest.Confirmed("e1"))
	d.Do("kenji", engagement.AnswerQuestion, modelstest.Question(id), modelstest.Because("Okta"))
	d.Do("priya", engagement.WithdrawQuestion, modelstest.Question(other))
	d.Refused(models.Conflict, "status", "only comments and answers are taken", "priya", engagement.AskTask, modelstest.Task(task),
		modelstest.To("kenji"), modelstest.Because("Why?"))
	d.Refused(models.Conflict, "status", "nobody is asked any more", "priya", engagement.CommentTask, modelstest.Task(task),
		modelstest.To("kenji"), modelstest.Because("Why?"))
	d.Do("kenji", engagement.CommentTask, modelstest.Task(task), modelstest.Because("Thank you all"))
}

// The form says who asks what, and who hears of the answer; of an answer that is corrected it has the words.
func TestTheFormOfAnAnswer(t *testing.T) {
	d, _, id := asked(t)
	form, err := d.Facts.Form(engagement.ActAnswer, "answer:"+id, d.Actor("kenji"), d.Now)
	if err != nil || form.Title != "Answer" || len(form.Fields) != 1 || form.Fields[0].Value != "" ||
		form.Note != "Priya asks: “Which system is it?” Priya is told at once, or with their next daily message when nothing may go out to "+
			"them now." {
		t.Errorf("%+v, %v", form, err)
	}
	d.Do("kenji", engagement.AnswerQuestion, modelstest.Question(id), modelstest.Because("Okta"))
	f := d.Loaded(engagement.Need{Questions: []string{id}})
	form, err = f.Form(engagement.ActAnswer, "answered:"+id, d.Actor("kenji"), d.Now)
	if err != nil || form.Title != "Correct your answer" || form.Fields[0].Value != "Okta" {
		t.Errorf("%+v, %v", form, err)
	}
}
