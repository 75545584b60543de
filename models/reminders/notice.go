package reminders

import (
	"tickmark/models"
	"tickmark/models/engagement"
)

// LineOf says a notice to whom it is for, as the engagement stands now. It returns false when it is not worth saying any more: what
// was returned has been done, what waits for a word has got it.
func LineOf(f *engagement.Facts, n engagement.Notice) (engagement.Line, bool) {
	who := f.Called(n.Actor, "team")
	l := engagement.Line{Engagement: n.Engagement}
	t := f.Task(models.TaskID(n.Subject))
	if t != nil && t.State.Closed() {
		if n.Kind == engagement.NoticeAsked { // whoever was asked is to know it, though there is nothing to do any more
			l.Title, l.Text, l.Detail = t.Title, who+" asked you; it is done meanwhile", models.Quoted(n.Text)
			return l, true
		}
		t = nil // it is only here because somebody named it
	}
	if t != nil {
		l.Title, l.Item = t.Title, engagement.Item{Kind: engagement.ItemDo, Subject: n.Subject}.Key()
		if t.State == engagement.TaskOpen && t.Owner == n.To {
			l.Acts = f.Offers(f.Actor(n.To), engagement.Item{Kind: engagement.ItemDo, Subject: n.Subject}, n.At)
		}
	}
	switch n.Kind {
	case engagement.NoticeReturned:
		if t == nil || t.State == engagement.TaskSubmitted {
			return l, false
		}
		l.Text, l.Detail = who+" returned it, due "+models.Dated(t.Due), models.Quoted(n.Text)
	case engagement.NoticeAsked:
		if t == nil {
			return l, false
		}
		l.Text, l.Detail = who+" asks you", models.Quoted(n.Text)
	case engagement.NoticeAssigned:
		if t == nil || t.Owner != n.To {
			return l, false
		}
		l.Text, l.Detail = "is yours now, due "+models.Dated(t.Due), engagement.ByWhom(who, n.Text)
	case engagement.NoticeTaken:
		if t == nil || t.Owner == n.To {
			return l, false
		}
		l.Text, l.Detail, l.Acts = f.Called(t.Owner, t.OwnerRole)+" has it now: nothing for you to do", engagement.ByWhom(who, n.Text), nil
	case engagement.NoticeMoved:
		if t == nil || t.Owner != n.To {
			return l, false
		}
		from, _ := models.ParseDate(n.From)
		l.Text, l.Detail = "is now due "+models.Dated(t.Due)+" instead of "+models.Dated(from), engagement.ByWhom(who, n.Text)
	case engagement.NoticeWord:
		d := f.DecisionOf(n.Subject)
		if d == nil || d.State != engagement.DecisionPending {
			return l, false
		}
		l.Item, l.Title, l.Text, l.Detail = engagement.Item{Kind: engagement.ItemDecide, Subject: n.Subject}.Key(), f.Explain(d), "waits for your word", engagement.Reasons(d)
		l.Acts = f.Offers(f.Actor(n.To), engagement.Item{Kind: engagement.ItemDecide, Subject: n.Subject}, n.At)
	case engagement.NoticeAnswered:
		d := f.DecisionOf(n.Subject)
		if d == nil {
			return l, false
		}
		answer := "was approved"
		if d.State == engagement.DecisionRefused {
			answer = "was not approved"
		}
		l.Item, l.Title, l.Text, l.Detail, l.Acts = "", "What you asked for ("+f.Describe(d)+")", answer, models.Quoted(n.Text), nil
	}
	return l, true
}
