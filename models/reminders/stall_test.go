package reminders_test

import (
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// Nobody at the client ever answers. As long as anything is past its date, to the very end of the rehearsal, manager, partner and sponsor
// each read what stands still in a message that is no older than seven days, except after days on which they do not work.
func TestAStalledEngagementIsNeverSilent(t *testing.T) {
	for _, name := range examples {
		for _, assume := range reminders.Assumptions {
			t.Run(name+"/"+string(assume), func(t *testing.T) {
				t.Parallel()
				f, aud := anExample(t, name)
				leads := []models.PersonID{f.Engagement.Manager, f.Engagement.Partner, f.Sponsor()}
				past := map[models.Date]models.Date{} // by day: the oldest date that has passed on it
				until := f.Engagement.Kickoff.AddMonths(18)
				got, err := reminders.RehearseWatched(f, aud, assume, f.Engagement.Kickoff.AddDays(-7).At(f.Location(), 12, 0), until, nil,
					func(f *engagement.Facts, at time.Time) { past[f.Today(at)] = longestPast(f, f.Today(at)) })
				if err != nil {
					t.Fatal(err)
				}
				silent := 0
				for _, who := range leads {
					silent += heardWeekly(t, aud.People[who], got.Messages, past)
				}
				if assume == reminders.AssumeSilent && silent < 3*300 || assume == reminders.AssumeOnTime && silent > 0 {
					t.Errorf("something stood still on %d days", silent)
				}
			})
		}
	}
}

// longestPast returns the oldest due date of an open task that has passed on a day, or the sixth business day after somebody's word is
// waited for; zero when there is none.
func longestPast(f *engagement.Facts, d models.Date) (oldest models.Date) {
	for _, x := range f.Tasks {
		since := models.Date{}
		switch x.State {
		case engagement.TaskOpen:
			since = f.DaysOf(x).Roll(x.Due)
		case engagement.TaskSubmitted:
			since = f.FirmDays.Add(models.DateIn(x.DoneAt, f.Location()), 5)
		}
		if !since.IsZero() && since.Before(d) && (oldest.IsZero() || since.Before(oldest)) {
			oldest = since
		}
	}
	return oldest
}

// heardWeekly reports the days on which somebody's last message about what stands still is older than it may be, and returns on how many
// days something did for more than a week.
func heardWeekly(t *testing.T, r *reminders.Recipient, all []reminders.Rehearsed, past map[models.Date]models.Date) (days int) {
	t.Helper()
	told := map[models.Date]bool{}
	first, last := models.Date{}, models.Date{}
	for _, m := range all {
		for _, l := range m.Message.Lines() {
			if kind, _ := engagement.ParseItem(l.Item); m.To.ID == r.ID && kind == engagement.ItemStall {
				told[r.Today(m.At)] = true
			}
		}
	}
	for d := range past {
		if first.IsZero() || d.Before(first) {
			first = d
		}
		last = models.Later(last, d)
	}
	var oldest, heard models.Date
	for d := first; !d.After(last); d = d.Next() {
		if at, lived := past[d]; lived {
			oldest = at
		}
		if told[d] {
			heard = d
		}
		if oldest.IsZero() || !oldest.AddDays(7).Before(d) {
			continue
		}
		days++
		if since := models.Later(oldest, heard); since.AddDays(7).Before(d) && r.Works(d) {
			t.Errorf("%s: on %s something is past its date since %s, and they last heard that work stands still on %s", r.Name, d, oldest, heard)
			return days
		}
	}
	return days
}
