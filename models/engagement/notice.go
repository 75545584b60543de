package engagement

import (
	"slices"
	"strings"
	"time"

	"tickmark/models"
)

// A Notice is an event of which somebody is to be told: at once when it is urgent, else with their next digest.
type Notice struct {
	Engagement models.EngagementID
	Seq        int64 // of the event
	To         models.PersonID
	Kind       NoticeKind
	Subject    string // a task or decision
	Actor      models.PersonID
	From       string
	Value      string // what it became
	Text       string
	At         time.Time
	Urgent     bool
}

// A NoticeKind says of what somebody is told.
type NoticeKind string

// The kinds of notices.
const (
	NoticeReturned NoticeKind = "returned" // work that was not accepted
	NoticeAsked    NoticeKind = "asked"    // a question
	NoticeAssigned NoticeKind = "assigned" // a task that is theirs now
	NoticeTaken    NoticeKind = "taken"    // a task that is not theirs any more
	NoticeMoved    NoticeKind = "moved"    // a date that somebody else moved
	NoticeWord     NoticeKind = "word"     // a decision that waits for their word
	NoticeAnswered NoticeKind = "answered" // what became of what they asked for
)

// notices returns whom the events since the facts were read are told to. Nobody is told what they did themselves. A muted
// engagement tells nobody.
func (f *Facts) notices() []Notice {
	if f.Engagement.Muted || !f.Engagement.Status.Live() {
		return nil
	}
	var out []Notice
	tell := func(e Event, i int, kind NoticeKind, urgent bool, text string, to ...models.PersonID) {
		for n, id := range to {
			if _, active := f.Person(id); active && id != e.Actor && !slices.Contains(to[:n], id) {
				out = append(out, Notice{Engagement: f.Engagement.ID, Seq: int64(i), To: id, Kind: kind, Subject: e.Subject, Actor: e.Actor,
					From: e.From, Value: e.To, Text: text, At: e.At, Urgent: urgent})
			}
		}
	}
	for i, e := range f.events {
		t := f.Task(models.TaskID(e.Subject))
		switch e.Kind {
		case "task.returned":
			if t != nil {
				tell(e, i, NoticeReturned, true, e.Reason, t.Owner)
			}
		case "task.asked":
			tell(e, i, NoticeAsked, true, f.asked(e), models.PersonID(e.To))
		case "task.assigned":
			tell(e, i, NoticeAssigned, true, e.Reason, models.PersonID(e.To))
			tell(e, i, NoticeTaken, false, e.Reason, models.PersonID(e.From))
		case "task.moved":
			if t != nil {
				tell(e, i, NoticeMoved, false, e.Reason, t.Owner)
			}
		case "decision.proposed":
			if d := f.decisionOf(e.Subject); d != nil && d.State == DecisionPending {
				for _, j := range f.judges(d) {
					tell(e, i, NoticeWord, true, d.Reason, j.person)
				}
			}
		case "decision.in_force", "decision.refused":
			if d := f.decisionOf(e.Subject); d != nil && d.ProposedAt != d.ClosedAt {
				tell(e, i, NoticeAnswered, false, e.Reason, d.ProposedBy)
			}
		}
	}
	return out
}

func (f *Facts) decisionOf(id string) *Decision {
	for _, d := range f.Decisions {
		if d.ID == id {
			return d
		}
	}
	return nil
}

// asked returns the question of an event.
func (f *Facts) asked(e Event) string {
	for _, c := range f.Comments {
		if string(c.Task) == e.Subject && string(c.To) == e.To && c.At.Equal(e.At) {
			return c.Text
		}
	}
	return ""
}

// Line says a notice to whom it is for, as the engagement stands now. It returns false when it is not worth saying any more: what
// was returned has been done, what waits for a word has got it.
func (f *Facts) Line(n Notice) (Line, bool) {
	who := f.called(n.Actor, "team")
	l := Line{Engagement: n.Engagement}
	t := f.Task(models.TaskID(n.Subject))
	if t != nil && t.State.Closed() {
		if n.Kind == NoticeAsked { // whoever was asked is to know it, though there is nothing to do any more
			l.Title, l.Text, l.Detail = t.Title, who+" asked you; it is done meanwhile", quoted(n.Text)
			return l, true
		}
		t = nil // it is only here because somebody named it
	}
	if t != nil {
		l.Title, l.Item = t.Title, Item{Kind: ItemDo, Subject: n.Subject}.Key()
		if t.State == TaskOpen && t.Owner == n.To {
			l.Acts = f.offers(f.actor(n.To), Item{Kind: ItemDo, Subject: n.Subject}, n.At)
		}
	}
	switch n.Kind {
	case NoticeReturned:
		if t == nil || t.State == TaskSubmitted {
			return l, false
		}
		l.Text, l.Detail = who+" returned it, due "+dated(t.Due), quoted(n.Text)
	case NoticeAsked:
		if t == nil {
			return l, false
		}
		l.Text, l.Detail = who+" asks you", quoted(n.Text)
	case NoticeAssigned:
		if t == nil || t.Owner != n.To {
			return l, false
		}
		l.Text, l.Detail = "is yours now, due "+dated(t.Due), since(who, n.Text)
	case NoticeTaken:
		if t == nil || t.Owner == n.To {
			return l, false
		}
		l.Text, l.Detail, l.Acts = f.called(t.Owner, t.OwnerRole)+" has it now: nothing for you to do", since(who, n.Text), nil
	case NoticeMoved:
		if t == nil || t.Owner != n.To {
			return l, false
		}
		from, _ := models.ParseDate(n.From)
		l.Text, l.Detail = "is now due "+dated(t.Due)+" instead of "+dated(from), since(who, n.Text)
	case NoticeWord:
		d := f.decisionOf(n.Subject)
		if d == nil || d.State != DecisionPending {
			return l, false
		}
		l.Item, l.Title, l.Text, l.Detail = Item{Kind: ItemDecide, Subject: n.Subject}.Key(), f.explain(d), "waits for your word", reasons(d)
		l.Acts = f.offers(f.actor(n.To), Item{Kind: ItemDecide, Subject: n.Subject}, n.At)
	case NoticeAnswered:
		d := f.decisionOf(n.Subject)
		if d == nil {
			return l, false
		}
		answer := "was approved"
		if d.State == DecisionRefused {
			answer = "was not approved"
		}
		l.Item, l.Title, l.Text, l.Detail, l.Acts = "", "What you asked for ("+f.describe(d)+")", answer, quoted(n.Text), nil
	}
	return l, true
}

// dated writes a date with its weekday, as Tue 2027-03-02.
func dated(d models.Date) string {
	if d.IsZero() {
		return "no day"
	}
	return d.Weekday().String()[:3] + " " + d.String()
}

func quoted(text string) string {
	if text = strings.TrimSpace(text); text == "" {
		return ""
	}
	return "“" + text + "”"
}

// since says who changed something, and why.
func since(who, why string) string {
	if why = strings.TrimSpace(why); why == "" {
		return "By " + who + "."
	}
	return who + ": " + quoted(why)
}

// reasons says why something is proposed.
func reasons(d *Decision) string {
	parts := []string{quoted(d.Reason)}
	if d.Change.Blocking != "" {
		parts = append(parts, "In the way: "+quoted(d.Change.Blocking))
	}
	return strings.Join(parts, " ")
}
