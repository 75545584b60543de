package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// answeredWithin is how long a command may take of which somebody waits to hear what became of it.
const answeredWithin = 15 * time.Second

// CarryOut has a command carried out for somebody who waits for the answer, and returns in their words what became of the item that it is
// about. line is what asked for the command, now tells the engagement time. It refuses what the engine refuses.
func (s *Store) CarryOut(
	ctx context.Context, engine engagement.Engine, c engagement.Command, line engagement.Line, now func() time.Time,
) (string, error) {
	short, cancel := context.WithTimeout(ctx, answeredWithin)
	defer cancel()
	stay := ""
	if text, is, err := s.correct(short, c, line.Engagement, now()); is {
		return text, err
	}
	r, handed, err := s.handOverLeft(short, c, line, now())
	if !handed || models.CodeOf(err) == models.Forbidden { // whose functions the actor may not give, others give
		if r, stay = (engagement.Result{}), ""; handed {
			stay = "; the functions of the client stay: " + err.Error()
		}
		r, err = engine.Apply(short, models.Ref{Firm: s.firm, Engagement: line.Engagement}, c)
	}
	if err != nil {
		return "", err
	}
	text, err := s.outcome(ctx, line.Engagement, c, r.Created, line, now())
	if err != nil {
		return text, err
	}
	return text + stay + besides(r), nil
}

// besides says what a command did besides.
func besides(r engagement.Result) (text string) {
	if len(r.Effect) > 0 { // of a pause and its end
		text = ". " + strings.TrimSuffix(strings.Join(r.Effect, " "), ".")
	}
	if r.Shift != nil {
		if follows := r.Shift.Follows(); follows != "" {
			text += "; " + follows
		}
	}
	return text
}

// handOverLeft gives what somebody of a client left in an engagement to who takes it over, and with it the functions of the client that
// were theirs: all of it or nothing, in one transaction, as the request about a person does. It reports whether the command is such a one.
func (s *Store) handOverLeft(ctx context.Context, c engagement.Command, line engagement.Line, now time.Time) (r engagement.Result, is bool,
	err error) {
	kind, _ := engagement.ParseItem(line.Item)
	if c.Kind != engagement.HandOverWork || kind != engagement.ItemLeft {
		return r, false, nil
	}
	p, err := s.Person(ctx, c.HandOver.From)
	if err != nil {
		return r, true, err
	}
	if p.Client == "" {
		return r, false, nil
	}
	_, err = s.HandOver(ctx, OnceOf(c), Leaving{Actor: c.Actor, Person: p.ID, Reason: c.Reason, To: c.Person, Only: line.Engagement}, now)
	if faults, refused := errors.AsType[Faults](err); refused {
		err = faults.spoken()
	}
	return r, true, err
}

// spoken returns one refusal that says all that is wrong, for people who sent no request.
func (all Faults) spoken() error {
	var says []string
	for _, f := range all {
		says = append(says, f.Detail)
	}
	return models.Refuse(models.Conflict, all[0].Field, "%s", strings.Join(says, "; "))
}

// outcome returns, in words for who sent a command, what became of the item that it is about. created is what the command made, l the
// line that asked for it, and now the present engagement time.
func (s *Store) outcome(
	ctx context.Context, id models.EngagementID, c engagement.Command, created string, l engagement.Line, now time.Time,
) (string, error) {
	need := engagement.NeedOf(c)
	if created != "" && need.Decision == "" {
		need.Decision = created
	}
	f, err := s.Facts(ctx, id, need)
	if err != nil {
		return "", err
	}
	switch c.Kind {
	case engagement.AskTask:
		return "asked", nil
	case engagement.ResumeEngagement:
		return "it goes on", nil
	}
	if text := reminders.Became(f, l, c.Actor.Person, now); text != "" {
		return text, nil
	}
	return "done", nil
}

// notYours says of what is not shown to somebody any more that it is not, and nothing else.
const notYours = "This is not yours any more"

// Became returns what became of the lines of a message since it was sent, by engagement and item: of what is shown to its person now as
// things stand, of the rest that it is not theirs any more. Lines whose item still waits are left out. In a message to somebody who has
// left, or that stands in Slack where they are not reached any more, nothing is theirs.
func (s *Store) Became(ctx context.Context, d reminders.Delivery, now time.Time) (map[models.EngagementID]map[string]string, error) {
	out := map[models.EngagementID]map[string]string{}
	a, reads, err := s.reader(ctx, d, now)
	if err != nil {
		return nil, fmt.Errorf("read whose message it is: %w", err)
	}
	for id, needs := range needsOf(d.Message) {
		out[id] = map[string]string{}
		for _, need := range needs {
			f, err := s.Facts(ctx, id, need)
			if err != nil {
				return nil, fmt.Errorf("read what became of a message: %w", err)
			}
			for _, l := range d.Message.Lines() {
				if l.Engagement != id || !about(l.Item, need.Decision) {
					continue
				}
				text := notYours
				if d.Person == "" || reads && f.SeesItem(a, l.Item, now) {
					text = reminders.Became(f, *l, d.Person, now)
				}
				if text != "" {
					out[id][l.Item] = text
				}
			}
		}
	}
	return out, nil
}

// reader returns the person whose message a delivery is, as they act now, and whether it still stands where they read it; nobody for that
// of a channel or an account.
func (s *Store) reader(ctx context.Context, d reminders.Delivery, now time.Time) (a engagement.Actor, reads bool, err error) {
	if d.Person == "" {
		return a, false, nil
	}
	p, err := s.Person(ctx, d.Person)
	if err != nil || !p.Active {
		return a, false, err
	}
	if d.Channel == reminders.ChannelSlack {
		if reads, err := s.readsIn(ctx, d); err != nil || !reads {
			return a, false, err
		}
	}
	a, err = s.Actor(ctx, p, now)
	return a, err == nil, err
}

// readsIn reports whether a message of Slack stands in the conversation with the account that its person has confirmed.
func (s *Store) readsIn(ctx context.Context, d reminders.Delivery) (bool, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return false, err
	}
	var n int64
	err = db.Model(&bindingRow{}).Where("firm_id = ? AND person_id = ? AND workspace_id = ? AND channel = ? AND (state = ? OR state = ?)",
		string(s.firm), string(d.Person), d.Workspace, d.Dest, string(reminders.BindingConfirmed), string(reminders.BindingDead)).Count(&n).Error
	return n > 0, fail("look where somebody is reached", err)
}

// about reports whether what is read of an engagement says what became of an item: whatever was read without a decision does so of all
// items, what was read for a decision of that one.
func about(item, decision string) bool {
	_, subject := engagement.ParseItem(item)
	return item != "" && (decision == "" || subject == decision)
}

// needsOf returns what must be read of each engagement to say what became of a message's lines: first their tasks and questions, then each
// decision by itself, since a message speaks of one or none.
func needsOf(m *reminders.Message) map[models.EngagementID][]engagement.Need {
	out := map[models.EngagementID][]engagement.Need{}
	for _, l := range m.Lines() {
		if l.Item == "" || l.Engagement == "" {
			continue
		}
		if out[l.Engagement] == nil {
			out[l.Engagement] = []engagement.Need{{}}
		}
		needs := out[l.Engagement]
		switch kind, subject := engagement.ParseItem(l.Item); kind {
		case engagement.ItemDecide, engagement.ItemAgain:
			needs = append(needs, engagement.Need{Decision: subject})
		case engagement.ItemAnswer, engagement.ItemAnswered:
			needs[0].Questions = append(needs[0].Questions, subject)
		default:
			needs[0].Tasks = append(needs[0].Tasks, models.TaskID(subject))
		}
		out[l.Engagement] = needs
	}
	return out
}
