package reminders_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
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

// Over lives that people lead at random it is said that work stands still since a day only where nobody did or decided anything after it;
// where other work went on it is said how many things wait. Remarks, questions and put-off reminders are no work.
func TestWorkStandsStillOnlyWhereNothingIsDone(t *testing.T) {
	still, waits := 0, 0
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 79))
		d := modelstest.SomeLife(t, r)
		for range 14 {
			for range r.IntN(3) {
				d.Sensibly(r)
			}
			d.GoTo(d.Today().AddDays(1 + r.IntN(12)))
			last := lastWork(d)
			for _, n := range reminders.Nudges(d.Facts, modelstest.Audience(d.Facts), d.Now) {
				if n.Item.Kind != engagement.ItemStall {
					continue
				}
				title := n.Item.Title
				switch named := n.Item.Due; {
				case strings.Contains(title, "stands still since ") || strings.HasPrefix(title, "Your audit waits since "):
					still++
					if last.After(named) || !strings.HasSuffix(title, models.Dated(named)) {
						t.Errorf("seed %d: on %s %s reads “%s”, and something was done on %s", seed, d.Today(), n.To, title, last)
					}
				case !last.After(named):
					t.Errorf("seed %d: on %s %s reads “%s”, and nothing was done since %s", seed, d.Today(), n.To, title, last)
				default:
					waits++
					var many int
					if _, err := fmt.Sscanf(strings.TrimPrefix(title, "Your audit: "), "%d thing", &many); err != nil || many < 1 {
						t.Errorf("seed %d: on %s %s reads “%s”", seed, d.Today(), n.To, title)
					}
				}
			}
		}
	}
	if still < 5 || waits < 5 {
		t.Errorf("that work stands still was said %d times, and that things wait %d times", still, waits)
	}
}

// lastWork returns the last day on which somebody did or decided something, by the record.
func lastWork(d *modelstest.Desk) models.Date {
	last := models.Date{}
	for _, e := range d.Events {
		switch e.Kind {
		case "task.commented", "task.snoozed", "task.asked", "question.asked", "question.withdrawn", "question.reopened", "engagement.muted",
			"engagement.unmuted":
			continue
		}
		if e.Actor != "" {
			last = models.Later(last, models.DateIn(e.At, d.Facts.Location()))
		}
	}
	return last
}
