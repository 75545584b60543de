package engagement

import (
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
)

// A calendar may change after dates were agreed by it: a company closes on a day, somebody moves to another country, a task goes to
// somebody who does not work then. What is due on such a day is due on the next on which its owner works, and nobody is late in between.

// landing returns the day on which a task is due that is to be due on a day: that day where its owner works, else the next on which they
// do; the one before where the next is too late, because a period or the window is over by then.
func (f *Facts) landing(t *Task, day models.Date) models.Date {
	days := f.DaysOf(t)
	to := days.Roll(day)
	if to == day {
		return day
	}
	if last := f.lastDay(t); !last.IsZero() && !day.After(last) && to.After(last) {
		return days.Back(day)
	}
	return to
}

// lastDay returns the day after which a task is done in vain: the end of the period in which its control is performed, the close of the
// window for what belongs into it; zero for what may be done later too.
func (f *Facts) lastDay(t *Task) models.Date {
	switch {
	case t.Performing():
		return t.Period.End
	case t.Phase == catalog.PhaseWindow && t.PerformBy.IsZero() && f.templateOf(t).Checks == "":
		return f.Engagement.Window().End
	}
	return models.Date{}
}

// offClosedDays moves the dates of what is open off days on which its owner does not work, as long as the day to which they move is not
// over. What is late already stays so.
func (f *Facts) offClosedDays(now time.Time) {
	for _, t := range f.Tasks {
		if t.State.Closed() || t.State == TaskSubmitted {
			continue
		}
		f.sendLater(t, now)
		days := f.DaysOf(t)
		if days.IsBusiness(t.Due) || now.After(f.deadline(t)) {
			continue
		}
		to := f.landing(t, t.Due)
		if to == t.Due || to.Before(f.todayOf(t, now)) {
			continue
		}
		f.log(Event{At: now, Kind: "task.retimed", Subject: string(t.ID), Field: "due", From: t.Due.String(), To: to.String(),
			Reason: f.closedOn(t, t.Due)})
		snoozed, times, agreed := t.Snoozed, t.Snoozes, t.AgreedOn
		t.dueOn(to)
		t.Snoozed, t.Snoozes, t.AgreedOn = snoozed, times, agreed
		f.touch(t)
	}
}

// sendLater moves the second date of a control that is still to be performed: until when its evidence is sent.
func (f *Facts) sendLater(t *Task, now time.Time) {
	days := f.DaysOf(t)
	if !t.Performing() || days.IsBusiness(t.SendBy) {
		return
	}
	to := days.Roll(t.SendBy)
	f.log(Event{At: now, Kind: "task.retimed", Subject: string(t.ID), Field: "send_by", From: t.SendBy.String(), To: to.String(),
		Reason: f.closedOn(t, t.SendBy)})
	t.SendBy = to
	f.touch(t)
}

// closedOn says that the owner of a task does not work on a day.
func (f *Facts) closedOn(t *Task, day models.Date) string {
	return models.Dated(day) + " is no business day for " + f.Called(t.Owner, t.OwnerRole)
}
