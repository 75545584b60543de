package reminders

import (
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

// LineOf returns what a notice says to the person it is for, as the engagement stands now. It returns false when it need not be said
// any more: what was returned has been done, what was to be approved has been.
func LineOf(f *engagement.Facts, n engagement.Notice) (engagement.Line, bool) {
	l := engagement.Line{Engagement: n.Engagement}
	if n.Kind == engagement.NoticeLeft {
		l.Title, l.Text = "You are not the auditor any more", "nothing in it is for you to do now"
		if n.Text != "" {
			l.Detail = models.Quoted(n.Text)
		}
		return l, f.Engagement.Auditor != n.To
	}
	if n.Kind == engagement.NoticeSign {
		return signsAgain(f, n, l)
	}
	if n.Kind == engagement.NoticeHanded || n.Kind == engagement.NoticeGiven {
		return handedOver(f, n, l)
	}
	if of := lineOfEngagement[n.Kind]; of != nil {
		return l, of(f, n, &l)
	}
	if of := lineOfDate[n.Kind]; of != nil {
		return l, of(f, n, &l)
	}
	if of := lineOfDecision[n.Kind]; of != nil {
		d := f.DecisionOf(n.Subject)
		return l, d != nil && of(f, n, d, &l)
	}
	if of := lineOfQuestion[n.Kind]; of != nil {
		if q := f.Question(n.Subject); q != nil {
			l.Title = q.Title
			return l, of(f, n, q, &l)
		}
	}
	t := f.Task(models.TaskID(n.Subject))
	if t == nil {
		return l, false
	}
	who := f.Called(n.Actor, "team")
	if n.Kind == engagement.NoticeSaid {
		l.Title, l.Text, l.Detail = t.Heading(), who+", whom you asked, says", models.Quoted(n.Text)
		return l, true
	}
	if t.State.Closed() { // it is only here because somebody named it
		if n.Kind != engagement.NoticeAsked {
			return l, false
		}
		// Who was asked is to know it, though there is nothing to do any more.
		l.Title, l.Text, l.Detail = t.Heading(), who+" asked you; it is done meanwhile", models.Quoted(n.Text)
		return l, true
	}
	it := engagement.Item{Kind: engagement.ItemDo, Subject: n.Subject}
	l.Title, l.Item = t.Heading(), it.Key()
	l.Like, l.Many = likeOf(f, t)
	if t.State == engagement.TaskOpen && t.Owner == n.To {
		l.Acts = f.Offers(f.Actor(n.To), it, n.At)
	}
	of := lineOfTask[n.Kind]
	return l, of == nil || of(f, n, t, who, &l)
}

// handedOver says what somebody takes over, or what others take over from them. Work that comes from a function has no name to say.
func handedOver(f *engagement.Facts, n engagement.Notice, l engagement.Line) (engagement.Line, bool) {
	if n.Kind == engagement.NoticeGiven {
		l.Title = f.Called(models.PersonID(n.Value), "team") + " takes over what was yours"
		l.Text, l.Detail = "nothing of it is for you to do now", engagement.ByWhom(f.Called(n.Actor, "team"), "")
		return l, true
	}
	l.Title = "You take over from " + f.Called(models.PersonID(n.From), f.FunctionName(n.From))
	text, whole, cut := strings.Cut(n.Text, "\n")
	l.Text, l.Detail = text, engagement.ByWhom(f.Called(n.Actor, "team"), "")
	if cut {
		l.Whole = strings.Split(whole, "\n")
	}
	return l, true
}

// signsAgain says that the signature of a gate that was refused is asked for again.
func signsAgain(f *engagement.Facts, n engagement.Notice, l engagement.Line) (engagement.Line, bool) {
	g := f.Gate(n.Subject)
	if g == nil || g.State != engagement.GateOpen || g.At.IsZero() {
		return l, false
	}
	it, step := engagement.Item{Engagement: f.Engagement.ID, Kind: engagement.ItemSign, Subject: g.ID, Title: f.GateText(g.ID)}, 0
	l.Item, l.Title, l.Text = it.Key(), it.Title, f.Called(n.Actor, "team")+" asks for your signature again"
	l.Detail, l.Acts = models.Quoted(n.Text), f.Offers(f.Actor(n.To), it, n.At)
	l.Due, l.Step = models.DateIn(g.At, f.Location()), &step
	return l, true
}

// lineOfTask says the notices about a task that is not closed, by their kind; false: it need not be said any more.
var lineOfTask = map[engagement.NoticeKind]func(f *engagement.Facts, n engagement.Notice, t *engagement.Task, who string,
	l *engagement.Line) bool{
	engagement.NoticeReturned: func(_ *engagement.Facts, n engagement.Notice, t *engagement.Task, who string, l *engagement.Line) bool {
		l.Text, l.Detail = who+" returned it, due "+models.Dated(t.Due), models.Quoted(n.Text)
		return t.State != engagement.TaskSubmitted
	},
	engagement.NoticeAsked: func(_ *engagement.Facts, n engagement.Notice, _ *engagement.Task, who string, l *engagement.Line) bool {
		l.Text, l.Detail = who+" asks you", models.Quoted(n.Text)
		return true
	},
	engagement.NoticeAssigned: func(_ *engagement.Facts, n engagement.Notice, t *engagement.Task, who string, l *engagement.Line) bool {
		l.Text, l.Detail = "is yours now, due "+models.Dated(t.Due), engagement.ByWhom(who, n.Text)
		return t.Owner == n.To
	},
	engagement.NoticeTaken: func(f *engagement.Facts, n engagement.Notice, t *engagement.Task, who string, l *engagement.Line) bool {
		l.Text = f.Called(t.Owner, t.OwnerRole) + " has it now: nothing for you to do"
		l.Detail, l.Acts = engagement.ByWhom(who, n.Text), nil
		return t.Owner != n.To
	},
	engagement.NoticeMoved: func(f *engagement.Facts, n engagement.Notice, t *engagement.Task, who string, l *engagement.Line) bool {
		from, _ := models.ParseDate(n.From)
		l.Like, l.Many, l.First = "moved/"+string(t.Phase), "tasks of "+f.PhaseName(t.Phase), t.Due
		switch days := f.DaysOf(t).Count(from, t.Due); {
		case days > 0:
			l.Together = "due " + models.BusinessDays(days) + " later"
		case days < 0:
			l.Together = "due " + models.BusinessDays(-days) + " earlier"
		}
		l.Text = "is now due " + models.Dated(t.Due) + " instead of " + models.Dated(from)
		l.Detail = engagement.ByWhom(who, n.Text)
		return t.Owner == n.To
	},
}

// lineOfQuestion says the notices about a question, by their kind; false: it need not be said any more.
var lineOfQuestion = map[engagement.NoticeKind]func(f *engagement.Facts, n engagement.Notice, q *engagement.Question,
	l *engagement.Line) bool{
	engagement.NoticeAsked: func(f *engagement.Facts, n engagement.Notice, q *engagement.Question, l *engagement.Line) bool {
		it, step := questionItem(f, q), 0
		l.Item, l.Text, l.Detail = it.Key(), it.OwnerName+" asks you", models.Quoted(q.Text)
		l.Acts, l.Due, l.Step = f.Offers(f.Actor(n.To), it, n.At), it.Due, &step
		return q.State == engagement.QuestionOpen
	},
	engagement.NoticeReplied: func(f *engagement.Facts, _ engagement.Notice, q *engagement.Question, l *engagement.Line) bool {
		l.Text, l.Detail = f.Called(q.ClosedBy, "team")+" answers your question: "+models.Quoted(q.Answer), "You asked: "+models.Quoted(q.Text)
		return q.State == engagement.QuestionAnswered
	},
	engagement.NoticeReopened: func(f *engagement.Facts, n engagement.Notice, q *engagement.Question, l *engagement.Line) bool {
		who := f.Called(n.Actor, "team")
		if n.To != q.To {
			l.Text, l.Detail = who+" says that it was no answer: your question waits for one again", "You asked: "+models.Quoted(q.Text)
			return q.State == engagement.QuestionOpen
		}
		it, step := questionItem(f, q), 0
		l.Item, l.Text, l.Detail = it.Key(), who+" asks you again: this was no answer yet", models.Quoted(q.Text)
		l.Acts, l.Due, l.Step = f.Offers(f.Actor(n.To), it, n.At), it.Due, &step
		return q.State == engagement.QuestionOpen
	},
	engagement.NoticeDropped: func(f *engagement.Facts, n engagement.Notice, q *engagement.Question, l *engagement.Line) bool {
		l.Text, l.Detail = f.Called(n.Actor, "team")+" withdrew a question to you: nothing for you to do", models.Quoted(q.Text)
		return q.State == engagement.QuestionWithdrawn
	},
}

// lineOfDecision says the notices about a decision, by their kind; false: it need not be said any more.
var lineOfDecision = map[engagement.NoticeKind]func(f *engagement.Facts, n engagement.Notice, d *engagement.Decision,
	l *engagement.Line) bool{
	engagement.NoticeApproval: func(f *engagement.Facts, n engagement.Notice, d *engagement.Decision, l *engagement.Line) bool {
		it := engagement.Item{Kind: engagement.ItemDecide, Subject: n.Subject}
		l.Item, l.Title, l.Text = it.Key(), f.Explain(d), "waits for your approval"
		would := f.Effects(d, n.At).SeenBy(f.Actor(n.To), f, n.At)
		l.Whole = would.Whole()
		l.Detail = strings.Join(append([]string{engagement.Reasons(d)}, would.Lines()...), " ")
		l.Acts = f.Offers(f.Actor(n.To), it, n.At)
		return d.State == engagement.DecisionPending
	},
	engagement.NoticeAnswered: func(f *engagement.Facts, n engagement.Notice, d *engagement.Decision, l *engagement.Line) bool {
		l.Title, l.Text = "What you asked for ("+f.Proposal(d)+")", "was approved"
		if ended := f.Ending(d); ended != "" {
			l.Text = "was " + ended
			l.Item, l.Acts = afterwards(f, n.To, d, n.At)
		} else {
			l.Detail = models.Quoted(n.Text)
		}
		return true
	},
	engagement.NoticeWithdrawn: func(f *engagement.Facts, _ engagement.Notice, d *engagement.Decision, l *engagement.Line) bool {
		l.Title, l.Text, l.Detail = f.Explain(d), f.Ending(d), "Nothing for you to do."
		return d.State == engagement.DecisionWithdrawn
	},
}

// lineOfEngagement says the notices about where the engagement stands, by their kind; false: it need not be said any more.
var lineOfEngagement = map[engagement.NoticeKind]func(f *engagement.Facts, n engagement.Notice, l *engagement.Line) bool{
	engagement.NoticePhase: func(f *engagement.Facts, n engagement.Notice, l *engagement.Line) bool {
		st := f.Phase(catalog.Phase(n.Subject))
		if st == nil || st.Standing != engagement.StandingDone {
			return false
		}
		l.Title, l.Text = f.PhaseName(st.Phase)+" is complete", "since "+models.Dated(st.Actual.End)+againstPlan(f, st)
		l.Detail = nowIn(f)
		return true
	},
	engagement.NoticeOpened: func(f *engagement.Facts, n engagement.Notice, l *engagement.Line) bool {
		w := f.Engagement.Window()
		l.Detail = models.Sentence(n.Text)
		l.Title, l.Text = "The window is open", "it runs from "+models.Dated(w.Start)+" to "+models.Dated(w.End)
		st := f.Phase(catalog.PhaseWindow)
		return st != nil && st.Standing == engagement.StandingActive
	},
	engagement.NoticeClosed: func(f *engagement.Facts, n engagement.Notice, l *engagement.Line) bool {
		w := f.Engagement.Window()
		l.Title, l.Text = "The window has closed", "it ran from "+models.Dated(w.Start)+" to "+models.Dated(w.End)
		return n.Value == w.End.String()
	},
	engagement.NoticeAsOf: func(f *engagement.Facts, n engagement.Notice, l *engagement.Line) bool {
		l.Title, l.Text = "Another as-of date is agreed", "it is "+dated(n.Value)+" now, instead of "+dated(n.From)
		l.Detail = models.Quoted(reasonFor(f, n))
		return n.Value == f.Engagement.AsOf.String()
	},
	engagement.NoticeWindow: func(f *engagement.Facts, n engagement.Notice, l *engagement.Line) bool {
		l.Title, l.Text = "Another window is agreed", "it is from "+dated(n.Value)+" now, instead of from "+dated(n.From)
		l.Detail = models.Quoted(reasonFor(f, n))
		w := f.Engagement.Window()
		return n.Value == w.Start.String()+".."+w.End.String()
	},
	engagement.NoticeIssued: func(f *engagement.Facts, n engagement.Notice, l *engagement.Line) bool {
		l.Title, l.Text = "The "+n.Text+" is issued", "on "+models.Dated(models.DateIn(n.At, f.Location()))
		return true
	},
	engagement.NoticeUnasked: func(f *engagement.Facts, n engagement.Notice, l *engagement.Line) bool {
		l.Title, l.Text, l.Detail = "The engagement goes on", "since "+models.Dated(models.DateIn(n.At, f.Location()))+" after a pause", n.Text
		return f.Engagement.Status == engagement.StatusRunning
	},
	engagement.NoticeStatus: func(f *engagement.Facts, n engagement.Notice, l *engagement.Line) bool {
		on := "since " + models.Dated(models.DateIn(n.At, f.Location()))
		switch engagement.Status(n.Value) {
		case engagement.StatusPaused:
			it := engagement.Item{Engagement: f.Engagement.ID, Kind: engagement.ItemPaused, Subject: "engagement"}
			l.Item, l.Acts = it.Key(), f.Offers(f.Actor(n.To), it, n.At)
			l.Title, l.Text = "The engagement is paused", on+": nobody is reminded of anything until it is resumed"
			if until := f.Engagement.PausedUntil(); !until.IsZero() {
				l.Text += ", which is expected on " + models.Dated(until)
			}
		case engagement.StatusRunning:
			l.Title, l.Text = "The engagement goes on", on+": "+movedDates(f, n)
			if n.From == string(engagement.StatusCancelled) {
				l.Text = on + ": that it was cancelled has been undone"
			}
		case engagement.StatusCancelled:
			l.Title, l.Text = "The engagement was cancelled", "on "+on[len("since "):]+": nothing is asked of you any more"
		case engagement.StatusCompleted:
			l.Title, l.Text = "The engagement is complete", on+": everything is done, and nothing is asked of you any more"
		}
		if n.Actor != "" {
			l.Detail = engagement.ByWhom(f.Called(n.Actor, "team"), reasonFor(f, n))
		}
		return engagement.Status(n.Value) == f.Engagement.Status
	},
}

// movedDates says by how much a pause has moved what was open, and what is next for whom it tells.
func movedDates(f *engagement.Facts, n engagement.Notice) string {
	p, away := f.PausedFor()
	if away == 0 || p.To != models.DateIn(n.At, f.Location()) {
		return "no date has moved"
	}
	text := "it was paused for " + models.BusinessDays(away) + ", and dates that were agreed before have moved by as many"
	var next *engagement.Task
	for _, t := range f.Tasks {
		if t.State == engagement.TaskOpen && t.Owner == n.To && !t.Due.Before(p.To) && (next == nil || t.Due.Before(next.Due)) {
			next = t
		}
	}
	if next != nil {
		text += "; next for you is " + next.Heading() + ", due " + models.Dated(next.Due)
	}
	return text
}

// reasonFor returns why what a notice tells was done, to those to whom the record of the engagement is shown; empty for others.
func reasonFor(f *engagement.Facts, n engagement.Notice) string {
	if f.Actor(n.To).ReachIn("getTimeline", f.Engagement, n.At) == engagement.ReachNone {
		return ""
	}
	return n.Text
}

// againstPlan says how a phase that has ended compares to the plan as it was agreed; empty where it was to end on that day.
func againstPlan(f *engagement.Facts, st *engagement.PhaseState) string {
	base := f.Engagement.Baseline.Phases[st.Phase].End
	switch n := f.ClientDays.Count(base, st.Actual.End); {
	case base.IsZero():
		return ""
	case n > 0:
		return ", " + models.BusinessDays(n) + " later than agreed"
	case n < 0:
		return ", " + models.BusinessDays(-n) + " earlier than agreed"
	}
	return ", as agreed"
}

// nowIn says in which phases the engagement is now; empty when it is in none.
func nowIn(f *engagement.Facts) string {
	var names []string
	for _, p := range f.Active() {
		names = append(names, f.PhaseName(p))
	}
	if len(names) == 0 {
		return ""
	}
	return "Under way now: " + models.Listed(names) + "."
}

// dated says a date, or a span as an event has it, with weekdays.
func dated(value string) string {
	from, to, span := strings.Cut(value, "..")
	start, _ := models.ParseDate(from)
	if !span {
		return models.Dated(start)
	}
	end, _ := models.ParseDate(to)
	return models.Dated(start) + " to " + models.Dated(end)
}

// afterwards returns what somebody whose request was not approved can still do: about the task, where it is theirs to do, or to propose
// another day.
func afterwards(f *engagement.Facts, who models.PersonID, d *engagement.Decision, now time.Time) (item string, acts []engagement.Act) {
	if again := (engagement.Item{Engagement: f.Engagement.ID, Kind: engagement.ItemAgain, Subject: d.ID}); f.MayComeAgain(d) {
		if acts = f.Offers(f.Actor(who), again, now); len(acts) > 0 {
			return again.Key(), acts
		}
	}
	t := f.Task(d.Change.Task)
	if d.State != engagement.DecisionRefused || t == nil || t.State != engagement.TaskOpen {
		return "", nil
	}
	it := engagement.Item{Engagement: f.Engagement.ID, Kind: engagement.ItemDo, Subject: string(t.ID)}
	if acts = f.Offers(f.Actor(who), it, now); len(acts) == 0 {
		return "", nil
	}
	return it.Key(), acts
}
