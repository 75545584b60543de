package main

import (
	"context"
	"strings"
	"time"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/models/reminders"
)

// answer has who was asked in Slack answer a question by typing, in the thread of the message that asks it, as soon as that is there and
// whatever is killed just then. Slack tells the app of it as often as it does; what the app did not take is asked of nobody.
func (w *world) answer(ctx context.Context, q asked, question string) {
	for sleepUntil(ctx, time.Now().Add(100*time.Millisecond)) == nil && time.Now().Before(w.at(q.day, 17)) {
		for _, m := range w.slack.MessagesTo(team(q.client), q.user()) {
			if m.Bot == "" || !strings.Contains(m.Text, question) || strings.Count(m.Text, ", is it so?") > 1 {
				continue // it asks something else, or several things: then the app asks which is meant
			}
			text := "So it is: " + question
			_, a, err := w.slack.Type(slackfake.Typed{Team: team(q.client), User: q.user(), Thread: m.TS, Text: text})
			if err == nil && a.OK() {
				w.note(nil, func() { w.answers[text] = q })
			}
			return
		}
	}
}

// answered: what somebody typed and the app took stands in the record once, and they were told so once, where they typed it.
func (c *checker) answered(comments map[string]int) {
	for text, q := range c.w.answers {
		c.t.typed++
		if n := comments[text]; n == 0 {
			c.t.lose("%s typed %q, and it is in no record", q.id, text)
		} else if n > 1 {
			c.t.double("%s typed %q, and it is in the record %d times", q.id, text, n)
		}
		told, doubt, again := 0, false, false
		for _, d := range c.ledger {
			if string(d.Person) != q.id || d.Kind != reminders.KindReply || d.Message == nil || !strings.Contains(d.Message.Text(), text) {
				continue
			}
			told += len(c.arrived[d.ID])
			doubt = doubt || d.Status == reminders.DeliveryUncertain
			again = again || d.AtLeastOnce() && c.unreadable(d)
		}
		switch {
		case told == 0 && !doubt:
			c.t.lose("%s typed %q and was not told what became of it", q.id, text)
		case told > 1 && (doubt || again):
			c.t.again++
		case told > 1:
			c.t.double("%s typed %q and was told %d times what became of it", q.id, text, told)
		}
	}
}
