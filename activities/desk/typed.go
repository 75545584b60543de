package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// What people write to the app is an answer to what somebody asked them, or it is nothing that the product knows what to do with: then
// they are told so, and whom to write to. Nothing that is typed is lost without a word.

// mostQuestions is how many questions somebody is shown to choose from.
const mostQuestions = 20

// An asking is a question that is somebody's to answer, with the facts of its engagement.
type asking struct {
	f *engagement.Facts
	q *engagement.Question
}

func (a asking) item() string {
	return engagement.Item{Kind: engagement.ItemAnswer, Subject: a.q.ID}.Key()
}

// A typist is who wrote something to the app, with what is open to them.
type typist struct {
	visit
	said   wire.Typed
	person models.Person
	actor  engagement.Actor
	facts  []*engagement.Facts // of their engagements
	open   []asking            // the oldest question first
}

// typed takes up what somebody wrote to the app, and says what became of it.
func (v visit) typed(ctx context.Context, said wire.Typed) (string, error) {
	if err := v.s.Typed(ctx, v.ws.ID, v.desk.Now()); err != nil {
		return "", err
	}
	t := typist{visit: v, said: said}
	var err error
	if t.person, t.actor, err = v.who(ctx); err != nil {
		text, refused := models.Sorry(err)
		if !refused {
			return "", err
		}
		if models.CodeOf(err) == models.NotFound {
			text = "Tickmark does not know this Slack account yet: ask your project manager to add you, with the address that you use here."
		}
		t.person = models.Person{} // nobody has confirmed who that is
		return "refused: " + text, t.says(ctx, "", reminders.Message{Subject: "Not taken", Intro: text})
	}
	if err := t.look(ctx); err != nil {
		return "", err
	}
	if v.in.Tries > 0 { // it may have been carried out before somebody could say so
		if done, found, err := t.before(ctx); err != nil || found {
			if err == nil {
				err = t.taken(ctx, done)
			}
			return "it was the answer to " + done.q.ID, err
		}
	}
	if said.Text == "" {
		return "nothing to take", t.nothing(ctx, "")
	}
	return t.take(ctx)
}

// look reads the engagements of who wrote, and what is open to them there.
func (t *typist) look(ctx context.Context) error {
	now := t.desk.Now()
	ids, err := t.s.EngagementsOf(ctx, t.person, models.DateIn(now, models.Zone(t.person.TimeZone)))
	if err != nil {
		return err
	}
	for _, id := range ids {
		f, err := t.s.Facts(ctx, id, engagement.Need{})
		if err != nil {
			return err
		}
		if !t.actor.SeesEngagement(f.Engagement, now) {
			continue
		}
		t.facts = append(t.facts, f)
		for _, q := range f.QuestionsTo(t.actor, now) {
			t.open = append(t.open, asking{f, q})
		}
	}
	slices.SortStableFunc(t.open, func(x, y asking) int { return x.q.OpenAt.Compare(y.q.OpenAt) })
	return nil
}

// key is the idempotency key of the answer that a message is.
func (t *typist) key() string { return "slack-" + t.in.ID }

// before returns the question that this message has answered already.
func (t *typist) before(ctx context.Context) (asking, bool, error) {
	for _, f := range t.facts {
		done, err := t.s.Answer(ctx, f.Engagement.ID, t.person.ID, t.key())
		if models.CodeOf(err) == models.NotFound {
			continue
		} else if err != nil {
			return asking{}, false, err
		}
		a, err := t.again(ctx, f, done.Created)
		return a, err == nil, err
	}
	return asking{}, false, nil
}

// again reads a question as it stands now.
func (t *typist) again(ctx context.Context, f *engagement.Facts, id string) (asking, error) {
	f, err := t.s.Facts(ctx, f.Engagement.ID, engagement.Need{Questions: []string{id}})
	if err != nil {
		return asking{}, err
	}
	q := f.Question(id)
	if q == nil {
		return asking{}, models.Refuse(models.NotFound, "question", "there is no question %q", id)
	}
	return asking{f, q}, nil
}

// take finds out which question is answered: the one that the message is about under which it was written, the only one that is open, or
// the one that they are asked to choose.
func (t *typist) take(ctx context.Context) (string, error) {
	of, known, err := t.message(ctx)
	if err != nil {
		return "", err
	}
	if !known {
		return t.among(ctx, t.open, len(t.open) == 1)
	}
	about, closed, err := t.speaksOf(ctx, of)
	switch {
	case err != nil:
		return "", err
	case len(about) > 0:
		return t.among(ctx, about, len(about) == 1)
	case len(closed) > 0:
		return "it is answered", t.isAnswered(ctx, closed[0])
	}
	return t.among(ctx, t.open, false)
}

// speaksOf returns the questions of which a message speaks: those that are theirs to answer, and those that wait for no answer any more.
func (t *typist) speaksOf(ctx context.Context, of reminders.Delivery) (about, closed []asking, err error) {
	for _, l := range of.Message.Lines() {
		kind, id := engagement.ParseItem(l.Item)
		same := func(a asking) bool { return a.q.ID == id && a.f.Engagement.ID == l.Engagement }
		if kind != engagement.ItemAnswer || slices.ContainsFunc(slices.Concat(about, closed), same) {
			continue
		}
		if i := slices.IndexFunc(t.open, same); i >= 0 {
			about = append(about, t.open[i])
			continue
		}
		i := slices.IndexFunc(t.facts, func(f *engagement.Facts) bool { return f.Engagement.ID == l.Engagement })
		if i < 0 {
			continue
		}
		a, err := t.again(ctx, t.facts[i], id)
		if err != nil && models.CodeOf(err) != models.NotFound {
			return nil, nil, err
		}
		if err == nil && a.q.State != engagement.QuestionOpen && a.f.SeesQuestion(t.actor, a.q, t.desk.Now()) {
			closed = append(closed, a)
		}
	}
	return about, closed, nil
}

// message returns the message in whose thread something was written, and whether it is one of the ledger.
func (t *typist) message(ctx context.Context) (reminders.Delivery, bool, error) {
	if t.said.Thread == "" {
		return reminders.Delivery{}, false, nil
	}
	d, err := t.s.DeliveredAs(ctx, t.person.ID, t.ws.ID, t.said.Channel, t.said.Thread)
	if models.CodeOf(err) == models.NotFound {
		return d, false, nil
	}
	return d, err == nil && d.Message != nil, err
}

// among takes what was written as the answer to the only one of some questions, where that is sure, or asks which of them is meant.
func (t *typist) among(ctx context.Context, open []asking, sure bool) (string, error) {
	switch {
	case len(open) == 0:
		return "nothing is asked", t.nothing(ctx, "")
	case sure:
		return t.answer(ctx, open[0])
	}
	return "they are asked which question", t.which(ctx, open)
}

// answer carries an answer out. That they are told whose question it was taken for is scheduled with it.
func (t *typist) answer(ctx context.Context, to asking) (string, error) {
	typed := t.reply()
	cmd := engagement.Command{Kind: engagement.AnswerQuestion, Question: to.q.ID, Reason: t.said.Text, Key: t.key(), Hash: t.in.ID,
		Actor: t.actor, Typed: &typed}
	t.desk.at("before_act")
	_, err := t.s.CarryOut(ctx, t.desk.Engine, cmd, to.f.Asking(to.item()), t.desk.Now)
	if text, refused := models.Sorry(err); refused {
		if len([]rune(t.said.Text)) > maxAnswer {
			text = fmt.Sprintf("your answer has more than %d characters: send the rest as a second answer, or as a document", maxAnswer)
		}
		return "refused: " + text, t.nothing(ctx, "This was not taken as an answer: "+text+".")
	} else if err != nil {
		return "", err
	}
	t.desk.at("after_act")
	t.desk.Post.SendNow(ctx, t.ws.Firm, reminders.ReplyID(t.ws.Firm, typed))
	t.desk.Post.EditNow(ctx, t.ws)
	return "it is the answer to " + to.q.ID, nil
}

// reply is where they are told what became of what they typed. Files that came along are spoken of.
func (t *typist) reply() engagement.Typed {
	out := engagement.Typed{ID: t.in.ID, Workspace: t.ws.ID, Channel: t.said.Channel, Thread: t.said.Thread, Person: t.person.ID,
		Day: models.DateIn(t.desk.Now(), models.Zone(t.person.TimeZone))}
	if t.said.Files > 0 {
		out.Also = t.filesGo()
	}
	return out
}

// maxAnswer is how long an answer may be.
const maxAnswer = 2000

// taken says that something was taken for the answer to a question, and how to correct or to undo it.
func (t *typist) taken(ctx context.Context, a asking) error {
	return t.says(ctx, "", reminders.AnswerTaken(a.f, a.q, t.reply().Also))
}

// isAnswered says that the question of a message is not open any more, and how its answer is corrected.
func (t *typist) isAnswered(ctx context.Context, a asking) error {
	intro := "This question waits for no answer any more: it was " + reminders.BecameOfQuestion(a.f, a.q) +
		". Nobody was told of what you wrote."
	m := reminders.Message{Subject: "Not taken", Intro: intro}
	if a.q.State == engagement.QuestionAnswered && a.f.Permits(t.actor,
		engagement.Command{Kind: engagement.AnswerQuestion, Question: a.q.ID}, t.desk.Now()) == nil {
		lines := []engagement.Line{{Engagement: a.f.Engagement.ID, Item: engagement.Item{Kind: engagement.ItemAnswered, Subject: a.q.ID}.Key(),
			Title: a.q.Title, Text: "asked: " + models.Quoted(models.Brief(a.q.Text, 150)), Acts: []engagement.Act{engagement.ActAnswer}}}
		m.Sections = []reminders.Section{{Title: "To correct the answer", Lines: lines}}
	}
	return t.says(ctx, t.said.Text, m)
}

// which asks which of some questions is meant.
func (t *typist) which(ctx context.Context, open []asking) error {
	m := reminders.Message{Subject: "Which question?", Intro: "Which question does this answer? Nobody has been told of it yet.",
		More: max(0, len(open)-mostQuestions)}
	if len(open) == 1 {
		m.Intro = "Does this answer the question below? Nobody has been told of it yet."
	}
	var lines []engagement.Line
	for _, a := range open[:min(mostQuestions, len(open))] {
		lines = append(lines, engagement.Line{Engagement: a.f.Engagement.ID, Item: a.item(), Title: a.q.Title, Where: a.f.Engagement.Name,
			Text:   a.f.Called(a.q.By, "the team") + " asks since " + models.Dated(models.DateIn(a.q.OpenAt, a.f.Location())),
			Detail: models.Quoted(models.Brief(a.q.Text, 240)), Acts: []engagement.Act{engagement.ActAnswer}})
	}
	m.Sections = []reminders.Section{{Title: "Open questions to you", Lines: lines}}
	var footer []string
	if m.More > 0 {
		footer = append(footer, "The home of this app has all of them, under “Waits for your answer”.")
	}
	if t.said.Files > 0 {
		footer = append(footer, t.filesGo())
	}
	m.Footer = strings.Join(footer, " ")
	return t.says(ctx, t.said.Text, m)
}

// nothing says that what was written went to nobody, and what can be done instead.
func (t *typist) nothing(ctx context.Context, why string) error {
	m := reminders.Message{Subject: "Not taken", Intro: why}
	if m.Intro == "" && t.said.Text != "" {
		m.Intro = "Thank you, but nobody waits for an answer from you here, so nobody was told of this."
	}
	if t.said.Files > 0 {
		m.Intro = strings.TrimSpace(m.Intro + " " + t.filesGo())
	} else if whom := t.managers(); whom != "" {
		m.Intro = strings.TrimSpace(m.Intro + " To say something else, write to " + whom + ".")
	}
	if m.Intro == "" {
		m.Intro = "There was nothing in this that could be read."
	}
	m.Footer = "/tickmark shows what waits for you; the home of this app has buttons for each."
	return t.says(ctx, "", m)
}

// filesGo says that files cannot be taken, and where they go.
func (t *typist) filesGo() string {
	what := "Files cannot be taken here yet, and nothing of this one was kept"
	if t.said.Files > 1 {
		what = "Files cannot be taken here yet, and nothing of these was kept"
	}
	if whom := t.managers(); whom != "" {
		return what + ": please send it to " + whom + "."
	}
	return what + "."
}

// managers names who manages the engagements of who wrote, or the partner of those that they manage themselves, with their addresses.
func (t *typist) managers() string {
	var out []string
	for _, f := range t.facts {
		id := f.Engagement.Manager
		if id == t.person.ID {
			id = f.Engagement.Partner
		}
		p, ok := f.Person(id)
		if !ok || p.ID == t.person.ID {
			continue
		}
		who := p.Name
		if p.Email != "" {
			who += " (" + p.Email + ")"
		}
		if !slices.Contains(out, who) {
			out = append(out, who)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " or ")
}

// says schedules the answer to what was written, where it was written, and sends it. words are what the buttons of the message carry; they
// may be empty. What came in is answered once: what was scheduled for it before stays as it is.
func (t *typist) says(ctx context.Context, words string, m reminders.Message) error {
	m.Words = words
	about := make([]models.EngagementID, len(t.facts))
	for i, f := range t.facts {
		about[i] = f.Engagement.ID
	}
	id, err := t.s.Reply(ctx, t.reply(), m, about, t.desk.Now())
	if err != nil {
		return err
	}
	t.desk.at("after_reply")
	t.desk.Post.SendNow(ctx, t.ws.Firm, id)
	return nil
}
