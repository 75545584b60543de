package engagement

import (
	"fmt"
	"strings"
	"time"

	"tickmark/models"
)

// Said returns what the command that was carried out on the facts does, in sentences: of a pause and its end. It is empty for all others.
func (f *Facts) Said() []string { return f.effect }

// pauseEffect says in sentences what a pause from now on does that is expected to end on a day; the zero day means that none was named.
func (f *Facts) pauseEffect(until models.Date, now time.Time) []string {
	today := f.Today(now)
	moves, stay := f.pauseMoves()
	due := models.Count(moves, "open due date") + " " + verb(moves, "moves", "move")
	var out []string
	if until.IsZero() {
		out = append(out, due+" by each business day that it lasts.")
	} else {
		out = append(out, fmt.Sprintf("%s by %s if it resumes on %s.", due, models.BusinessDays(f.ClientDays.Count(today, until)),
			models.Dated(until)))
	}
	out = append(out, stays(stay)...)
	out = append(out, f.reportsAfterPause(until, now)...)
	out = append(out, f.passes(today, until)...)
	if f.windowAsks() {
		out = append(out, models.Upper(f.Unasked(until, now).Text())+".")
	}
	return out
}

// pauseMoves returns how many open due dates a pause moves, and how many stay, since only a decision moves what they hang on.
func (f *Facts) pauseMoves() (moves, stay int) {
	for _, t := range f.Tasks {
		switch {
		case t.State.Closed():
		case t.MovesWithPauses():
			moves++
		default:
			stay++
		}
	}
	return moves, stay
}

// stays says that so many due dates stay where they are.
func stays(n int) []string {
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s %s: only a decision moves the as-of date and the window.", models.Count(n, "open due date"),
		verb(n, "stays", "stay"))}
}

// reportsAfterPause says of each report that is to come when it is expected now, and when after a pause from now on until a day; where none
// is named, after one of a week.
func (f *Facts) reportsAfterPause(until models.Date, now time.Time) []string {
	then := " if it resumes on " + models.Dated(until)
	if until.IsZero() {
		until = f.ClientDays.Add(f.Today(now), aWeek)
		then = fmt.Sprintf(" if it lasts %s, until %s", models.BusinessDays(aWeek), models.Dated(until))
	}
	c := f.trial()
	c.stop(until, "", now)
	c.resumes(until.At(f.Location(), forecastHour, 0))
	return f.expectedThen(c, now, then)
}

// resumes ends the present pause, and brings up to date what follows.
func (f *Facts) resumes(at time.Time) {
	f.Engagement.Pauses, f.Engagement.Status = f.pauses(), StatusRunning
	f.goOn(at)
	f.recompute(at)
}

// expectedThen says of each report that is to come when it is expected by other facts, instead of by these.
func (f *Facts) expectedThen(c *Facts, now time.Time, then string) []string {
	var out []string
	is, was := c.Forecast(now), f.Forecast(now)
	for _, p := range was.Reports {
		day := is.toCome(p.Kind)
		switch name := p.Kind.Name(); {
		case !p.Issued.IsZero() || day.IsZero():
		case day == p.Expected:
			out = append(out, fmt.Sprintf("The %s stays expected on %s%s.", name, models.Dated(day), then))
		default:
			out = append(out, fmt.Sprintf("The %s is expected on %s instead of %s%s.", name, models.Dated(day), models.Dated(p.Expected), then))
		}
	}
	return out
}

// resumeEffect says in sentences what it does that the present pause ends now.
func (f *Facts) resumeEffect(now time.Time) []string {
	c := f.trial()
	c.resumes(now)
	moved, asked, due := 0, 0, models.Date{}
	for _, t := range f.Tasks {
		switch x := c.Task(t.ID); {
		case t.State.Closed() || x == nil || x.Due == t.Due:
		case t.MovesWithPauses():
			moved++
		default:
			asked, due = asked+1, x.Due
		}
	}
	n := f.ClientDays.Count(f.Engagement.PausedOn, f.Today(now))
	out := []string{fmt.Sprintf("It was paused for %s: %s %s.", models.BusinessDays(max(0, n)), models.Count(moved, "open due date"),
		verb(moved, "moves", "move"))}
	if _, stay := f.pauseMoves(); asked > 0 {
		out = append(out, fmt.Sprintf("%s fell due in it of which nobody was asked: %s due %s now.", models.Count(asked, "thing"),
			verb(asked, "it is", "they are"), models.Dated(due)))
	} else {
		out = append(out, stays(stay)...)
	}
	return append(out, f.expectedThen(c, now, "")...)
}

// passes says which of the dates that only a decision moves would come before a pause is expected to end.
func (f *Facts) passes(today, until models.Date) []string {
	if until.IsZero() {
		return nil
	}
	var out []string
	w := f.Engagement.Window()
	for _, x := range []struct {
		what string
		on   models.Date
	}{{"The as-of date", f.Engagement.AsOf}, {"The first day of the window", w.Start}, {"The last day of the window", w.End}} {
		if !x.on.IsZero() && !x.on.Before(today) && x.on.Before(until) {
			out = append(out, x.what+", "+models.Dated(x.on)+", lies in it, and does not move.")
		}
	}
	return out
}

// asksWhyPaused asks for the reason of a pause and until when it lasts, with what it would do. Where the window asks for something
// meanwhile, of which nobody would hear, that is to be said to be meant.
func (f *Facts) asksWhyPaused(form *Form, on asked) {
	until := Field{Name: "due", Label: "Until when, as far as it is known?", Kind: FieldDay, May: true}
	form.Title, form.Submit = "Pause", "Pause"
	form.Fields = []Field{text("reason", "Why?"), until}
	form.Note = strings.Join(f.pauseEffect(models.Date{}, on.now), " ")
	if f.Unasked(models.Date{}, on.now).Count > 0 {
		form.Fields = append(form.Fields, Field{Name: "confirm", Label: "What falls due in it is asked of nobody", Kind: FieldChoice,
			Value: "no", Options: []Option{{"no", "Then it is not paused"}, {UnaskedCode, "That is meant"}}})
	}
}

// asksToResume asks why a pause ends, with what that does.
func (f *Facts) asksToResume(form *Form, on asked) {
	why := text("reason", "Why now?")
	why.May = true
	form.Title, form.Submit, form.Fields = "Resume", "Resume", []Field{why}
	form.Note = strings.Join(f.resumeEffect(on.now), " ")
}
