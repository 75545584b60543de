package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

func TestChange(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		before, err := w.Engagement(t.Context(), "e1")
		check(t, err)
		once := Once{Actor: "ines", Key: "first", Hash: "h1", IfRevision: before.Revision}
		f, result, err := w.Change(t.Context(), "e1", once, engagement.Need{}, noon, func(f *engagement.Facts, _ time.Time) (string, error) {
			put(f, task(1, engagement.TaskOpen), task(2, engagement.TaskDone))
			f.Engagement.Name = "SOC 2 renamed"
			f.Engagement.Added = 1
			f.Comments = append(f.Comments, engagement.Comment{Task: "KO-0001", At: noon, By: "ines", Text: "why not"})
			log(f, engagement.Event{At: noon, Actor: "ines", Kind: "task.added", Subject: "KO-0001", Key: "not this"},
				engagement.Event{At: noon, Kind: "task.late"})
			return "KO-0001", nil
		})
		check(t, err)
		if want := (Changed{Revision: before.Revision + 1, Created: "KO-0001", Events: 2}); !reflect.DeepEqual(result, want) {
			t.Errorf("result %+v, want %+v", result, want)
		}
		if f.Engagement.Revision != result.Revision {
			t.Errorf("the facts have revision %d, the result has %d", f.Engagement.Revision, result.Revision)
		}
		f, err = w.Facts(t.Context(), "e1", engagement.Need{})
		check(t, err)
		if len(f.Tasks) != 1 || f.Tasks[0].ID != "KO-0001" || f.Engagement.Name != "SOC 2 renamed" || f.Engagement.Revision != result.Revision {
			t.Errorf("the facts are not what was written: %+v", f.Engagement)
		}
		f, err = w.Facts(t.Context(), "e1", engagement.Need{Tasks: []models.TaskID{"KO-0002", "KO-0001", "KO-0002", "KO-9999"}})
		check(t, err)
		if len(f.Tasks) != 2 || f.Tasks[1].ID != "KO-0002" {
			t.Errorf("a named closed task is not among the facts, or twice: %d tasks", len(f.Tasks))
		}
		_, comments, err := w.Task(t.Context(), "e1", "KO-0001")
		check(t, err)
		if want := []engagement.Comment{{Task: "KO-0001", At: noon, By: "ines", Text: "why not"}}; !reflect.DeepEqual(comments, want) {
			t.Errorf("comments %+v, want %+v", comments, want)
		}
	})
}

// A key has one effect, whatever happens in between, and is answered as it was the first time.
func TestChangeOncePerKey(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		add := func(n int) func(f *engagement.Facts) {
			return func(f *engagement.Facts) {
				put(f, task(n, engagement.TaskOpen))
				log(f, engagement.Event{At: noon, Kind: "task.added"})
			}
		}
		once := Once{Actor: "ines", Key: "k", Hash: "h", IfRevision: 1}
		_, first := w.change(t, once, add(1))
		w.change(t, Once{Actor: "ines", Key: "k2", Hash: "h"}, add(2))
		f, again := w.change(t, once, func(*engagement.Facts) { t.Error("decide was called again") })
		if !again.Replayed || again.Revision != first.Revision || again.Events != 1 {
			t.Errorf("replayed %+v, first %+v", again, first)
		}
		if len(f.Tasks) != 2 || f.Engagement.Revision != 3 {
			t.Errorf("a replay must return the facts as they are now: %d tasks, revision %d", len(f.Tasks), f.Engagement.Revision)
		}

		answer, err := w.Answer(t.Context(), "e1", "ines", "k")
		check(t, err)
		if !answer.Replayed || answer.Revision != first.Revision {
			t.Errorf("the answer to the key is %+v, it was %+v", answer, first)
		}
		_, err = w.Answer(t.Context(), "e1", "priya", "k")
		refused(t, err, models.NotFound)

		never := func(*engagement.Facts, time.Time) (string, error) { t.Error("decide was called"); return "", nil }
		other := once
		other.Hash = "another request"
		_, _, err = w.Change(t.Context(), "e1", other, engagement.Need{}, noon, never)
		refused(t, err, models.KeyReused)
		w.addEngagement(t, "e2")
		_, _, err = w.Change(t.Context(), "e2", once, engagement.Need{}, noon, never)
		refused(t, err, models.KeyReused)
		_, err = w.CreateClient(t.Context(), once, models.Client{ID: "b", Name: "B", Headcount: 1, Country: "none", TimeZone: "UTC"}, noon)
		refused(t, err, models.KeyReused)

		// Keys are each actor's own, and Tickmark's own changes have none.
		w.change(t, Once{Actor: "priya", Key: "k", Hash: "h"}, add(3))
		w.change(t, Once{}, add(4))
		w.change(t, Once{}, add(5))
		f, err = w.Facts(t.Context(), "e1", engagement.Need{})
		check(t, err)
		if len(f.Tasks) != 5 {
			t.Errorf("%d tasks, want 5", len(f.Tasks))
		}
	})
}

func TestChangeSameKeyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		w.addEngagement(t, "e2")
		var together sync.WaitGroup
		var mu sync.Mutex
		effects, replays, reused := 0, 0, 0
		for n := range 20 {
			together.Go(func() {
				id := models.EngagementID("e1")
				if n%5 == 4 {
					id = "e2" // the same key elsewhere, while it is being used here
				}
				_, result, err := w.Change(t.Context(), id, Once{Actor: "ines", Key: "k", Hash: "h"}, engagement.Need{}, noon,
					func(f *engagement.Facts, _ time.Time) (string, error) {
						put(f, task(n, engagement.TaskOpen))
						log(f, engagement.Event{At: noon, Kind: "task.added"})
						return string(task(n, engagement.TaskOpen).ID), nil
					})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case models.CodeOf(err) == models.KeyReused:
					reused++
				case err != nil:
					t.Error(err)
				case result.Replayed:
					replays++
				default:
					effects++
				}
			})
		}
		together.Wait()
		if effects != 1 || effects+replays+reused != 20 || reused == 0 {
			t.Errorf("%d effects, %d replays, %d refusals of 20", effects, replays, reused)
		}
		n := 0
		for _, id := range []models.EngagementID{"e1", "e2"} {
			f, err := w.Facts(t.Context(), id, engagement.Need{})
			check(t, err)
			n += len(f.Tasks)
		}
		if n != 1 {
			t.Errorf("%d tasks, want 1", n)
		}
	})
}

// Changes at the same time are made one after the other: nobody overwrites, numbers have no holes.
func TestChangesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		var together sync.WaitGroup
		const changes = 30
		for n := range changes {
			together.Go(func() {
				_, _, err := w.Change(t.Context(), "e1", Once{Actor: "ines", Key: fmt.Sprint(n), Hash: "h"}, engagement.Need{}, noon,
					func(f *engagement.Facts, _ time.Time) (string, error) {
						put(f, task(n, engagement.TaskOpen))
						f.Engagement.Added++
						f.Comments = append(f.Comments, engagement.Comment{Task: "KO-0001", At: noon, Text: fmt.Sprint(n)})
						for range n % 3 {
							log(f, engagement.Event{At: noon, Kind: "task.added"})
						}
						return "", nil
					})
				if err != nil {
					t.Error(err)
				}
			})
		}
		together.Wait()
		f, err := w.Facts(t.Context(), "e1", engagement.Need{})
		check(t, err)
		if len(f.Tasks) != changes || f.Engagement.Added != changes || f.Engagement.Revision != 1+changes {
			t.Errorf("%d tasks, %d added, revision %d", len(f.Tasks), f.Engagement.Added, f.Engagement.Revision)
		}
		events, next, err := w.Events(t.Context(), "e1", EventFilter{Internal: true}, "", 500)
		check(t, err)
		for i, e := range events {
			if e.Seq != int64(i)+1 {
				t.Fatalf("event %d has number %d", i+1, e.Seq)
			}
		}
		if len(events) != 1+changes || next != "" { // 0+1+2 of every three
			t.Errorf("%d events, next %q", len(events), next)
		}
		comments, err := w.Comments(t.Context(), "e1", "KO-0001")
		check(t, err)
		if len(comments) != changes {
			t.Errorf("%d comments", len(comments))
		}
	})
}

// A refusal leaves nothing behind, whatever was done before it, and the key stays free.
func TestChangeRefused(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		w.change(t, Once{}, func(f *engagement.Facts) { put(f, task(1, engagement.TaskOpen), task(2, engagement.TaskDone)) })
		before := dump(t, root, "")
		once := Once{Actor: "ines", Key: "k", Hash: "h"}
		spoil := func(f *engagement.Facts) {
			put(f, task(1, engagement.TaskWaived), task(3, engagement.TaskOpen))
			f.Engagement.Name = "spoiled"
			f.Engagement.Consultants = nil
			log(f, engagement.Event{At: noon, Kind: "x"})
		}
		for _, c := range []struct {
			name   string
			once   Once
			decide func(*engagement.Facts) error
			code   models.Code
		}{
			{"refused", once, func(f *engagement.Facts) error {
				spoil(f)
				return models.Refuse(models.Conflict, "task", "not now")
			}, models.Conflict},
			{"stale", Once{Actor: "ines", Key: "k", Hash: "h", IfRevision: 1}, func(f *engagement.Facts) error {
				t.Error("decide was called")
				return nil
			}, models.Stale},
			{"a task that is there", once, func(f *engagement.Facts) error {
				spoil(f)
				put(f, task(2, engagement.TaskOpen)) // closed, and so not loaded
				return nil
			}, models.Conflict},
			{"a date of no calendar", once, func(f *engagement.Facts) error {
				spoil(f)
				f.Engagement.Kickoff = models.Date{Year: 2026, Month: 2, Day: 30}
				return nil
			}, models.Invalid},
			{"a date of no calendar in JSON", once, func(f *engagement.Facts) error {
				spoil(f)
				decided(f, engagement.Decision{ID: "D-1", Change: engagement.Change{AsOf: models.Date{Year: 9999, Month: 1, Day: 1}}})
				return nil
			}, models.Invalid},
		} {
			_, _, err := w.Change(t.Context(), "e1", c.once, engagement.Need{}, noon,
				func(f *engagement.Facts, _ time.Time) (string, error) { return "", c.decide(f) })
			if models.CodeOf(err) != c.code {
				t.Errorf("%s: got %v (%q), want %q", c.name, err, models.CodeOf(err), c.code)
			}
			if after := dump(t, root, ""); after != before {
				t.Errorf("%s: something was written:\n%s", c.name, difference(before, after))
			}
		}
		_, _, err := w.Change(t.Context(), "e1", once, engagement.Need{}, noon,
			func(*engagement.Facts, time.Time) (string, error) { return "", errors.New("a bug") })
		if err == nil || models.CodeOf(err) != "" {
			t.Errorf("an error that is no refusal became %v", err)
		}
		func() {
			defer func() { _ = recover() }()
			_, _, _ = w.Change(t.Context(), "e1", once, engagement.Need{}, noon,
				func(f *engagement.Facts, _ time.Time) (string, error) { spoil(f); panic("a bug") })
		}()
		if after := dump(t, root, ""); after != before {
			t.Errorf("after an error something was written:\n%s", difference(before, after))
		}
		_, result := w.change(t, once, spoil)
		if result.Replayed {
			t.Error("a refusal was remembered")
		}
		_, _, err = w.Change(t.Context(), "nowhere", once, engagement.Need{}, noon, nil)
		refused(t, err, models.NotFound)
		_, err = w.Facts(t.Context(), "nowhere", engagement.Need{})
		refused(t, err, models.NotFound)
	})
}

func TestChangeRevision(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		for _, c := range []struct {
			name   string
			decide func(*engagement.Facts)
			grows  int64
		}{
			{"nothing", func(*engagement.Facts) {}, 0},
			{"a team that stays", func(f *engagement.Facts) { f.Engagement.Consultants = []models.PersonID{"priya"} }, 0},
			{"only the wake", func(f *engagement.Facts) { f.Engagement.Summary.Wake = noon.Add(time.Hour) }, 0},
			{"the health", func(f *engagement.Facts) { f.Engagement.Summary.Health = engagement.HealthLate }, 1},
			{"a phase", func(f *engagement.Facts) {
				f.Phases = append(f.Phases, engagement.PhaseState{Phase: catalog.PhaseKickoff, Standing: engagement.StandingActive})
			}, 1},
			{"the same phase", func(f *engagement.Facts) {}, 0},
			{"a gate", func(f *engagement.Facts) { f.Gates = append(f.Gates, engagement.Gate{ID: "G-KO-1", Round: 1}) }, 1},
			{"a task", func(f *engagement.Facts) { put(f, task(1, engagement.TaskOpen)) }, 1},
			{"a decision", func(f *engagement.Facts) { decided(f, engagement.Decision{ID: "D-1"}) }, 1},
			{"an event", func(f *engagement.Facts) { log(f, engagement.Event{Kind: "x"}) }, 1},
			{"a comment", func(f *engagement.Facts) { f.Comments = append(f.Comments, engagement.Comment{Text: "x"}) }, 1},
			{"what is not decide's", func(f *engagement.Facts) {
				f.Engagement.Revision = 99
				f.Engagement.ID = "other"
				f.Engagement.Firm = "other"
			}, 0},
		} {
			was, err := w.Engagement(t.Context(), "e1")
			check(t, err)
			_, result := w.change(t, Once{Actor: "ines", Key: c.name, Hash: "h"}, c.decide)
			is, err := w.Engagement(t.Context(), "e1")
			check(t, err)
			if result.Revision != was.Revision+c.grows || is.Revision != result.Revision {
				t.Errorf("%s: revision %d became %d, stored %d", c.name, was.Revision, result.Revision, is.Revision)
			}
		}
		is, err := w.Engagement(t.Context(), "e1")
		check(t, err)
		if !is.Summary.Wake.Equal(noon.Add(time.Hour)) {
			t.Errorf("the wake is %v", is.Summary.Wake)
		}
	})
}

// A gate that is opened anew keeps how it was signed before; phases of a draft may go.
func TestChangeGatesAndPhases(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		signed := engagement.Gate{ID: "G-KO-1", Phase: catalog.PhaseKickoff, Round: 1, Approver: models.RolePartner, Blocking: true,
			State: engagement.GateSigned, By: "marta", At: noon}
		w.change(t, Once{}, func(f *engagement.Facts) {
			f.Gates = append(f.Gates, signed, engagement.Gate{ID: "G-GA-1", Round: 1})
			f.Phases = []engagement.PhaseState{{Phase: catalog.PhaseKickoff}, {Phase: catalog.PhaseGap}, {Phase: catalog.PhaseRemediation}}
		})
		anew := engagement.Gate{ID: "G-KO-1", Phase: catalog.PhaseKickoff, Round: 2, Approver: models.RolePartner, State: engagement.GateOpen}
		f, _ := w.change(t, Once{}, func(f *engagement.Facts) {
			for i := range f.Gates {
				if f.Gates[i].ID == "G-KO-1" {
					f.Gates[i] = anew
				}
			}
			f.Phases = []engagement.PhaseState{{Phase: catalog.PhaseGap}, {Phase: catalog.PhaseKickoff}}
		})
		want := []engagement.Gate{{ID: "G-GA-1", Round: 1}, anew}
		if !reflect.DeepEqual(f.Gates, want) {
			t.Errorf("gates %+v, want %+v", f.Gates, want)
		}
		root.bodies.kept = nil
		f, err := w.Facts(t.Context(), "e1", engagement.Need{})
		check(t, err)
		if !reflect.DeepEqual(f.Gates, want) {
			t.Errorf("gates as stored %+v, want %+v", f.Gates, want)
		}
		if phases := f.Phases; len(phases) != 2 || phases[0].Phase != catalog.PhaseGap || phases[1].Phase != catalog.PhaseKickoff {
			t.Errorf("phases as stored %+v", phases)
		}
		var rounds int64
		check(t, root.db.Table("gates").Where("id = ?", "G-KO-1").Count(&rounds).Error)
		if rounds != 2 {
			t.Errorf("%d rounds of the gate are stored, want 2", rounds)
		}
	})
}

// The record is only ever added to, also for somebody with a console and the rights of the tables' owner.
func TestRecordIsOnlyAddedTo(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		if root.dialect == onPostgres {
			root = open(t, migrated(t))
		}
		w := newWorld(t, root, "acme")
		w.change(t, Once{}, func(f *engagement.Facts) { f.Comments = append(f.Comments, engagement.Comment{Task: "x", Text: "x"}) })
		before := dump(t, root, "")
		for _, table := range []string{"events", "firm_events", "comments"} {
			for _, statement := range []string{"UPDATE " + table + " SET at = 1", "DELETE FROM " + table} {
				if err := root.db.Exec(statement).Error; err == nil || !strings.Contains(err.Error(), "only ever added") {
					t.Errorf("%s: %v", statement, err)
				}
			}
		}
		if root.dialect == onPostgres {
			if err := root.db.Exec("TRUNCATE events").Error; err == nil {
				t.Error("TRUNCATE passed")
			}
		}
		if after := dump(t, root, ""); after != before {
			t.Error(difference(before, after))
		}
	})
}

// Instants are compared as instants, whatever zone they were given in, and to the microsecond.
func TestInstants(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		kiritimati, err := time.LoadLocation("Pacific/Kiritimati")
		check(t, err)
		honolulu, err := time.LoadLocation("Pacific/Honolulu")
		check(t, err)
		at := time.Date(2026, 3, 2, 23, 30, 0, 987654321, kiritimati) // 2026-03-02 09:30 UTC
		w.change(t, Once{}, func(f *engagement.Facts) {
			f.Engagement.Status = engagement.StatusRunning
			f.Engagement.Summary.Wake = at
			log(f, engagement.Event{At: at, Kind: "x"})
		})
		want := time.Date(2026, 3, 2, 9, 30, 0, 987654000, time.UTC)
		e, err := w.Engagement(t.Context(), "e1")
		check(t, err)
		if e.Summary.Wake != want {
			t.Errorf("the wake is %v, want %v", e.Summary.Wake, want)
		}
		for _, c := range []struct {
			before time.Time
			n      int
		}{
			{want.In(honolulu), 0}, // the evening before, there
			{want.Add(time.Microsecond).In(honolulu), 1},
			{want.Add(-time.Hour).In(kiritimati), 0},
			{want.Add(time.Hour).In(kiritimati), 1},
		} {
			refs, err := root.Overdue(t.Context(), c.before, 10)
			check(t, err)
			if len(refs) != c.n {
				t.Errorf("before %v: %v", c.before, refs)
			}
		}
	})
}

// What a caller gives up on is unavailable or cancelled, and changes nothing.
func TestChangeGivenUp(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		before := dump(t, root, "")
		held, release, done := make(chan bool), make(chan bool), make(chan error)
		go func() { // holds the engagement
			_, _, err := w.Change(context.Background(), "e1", Once{}, engagement.Need{}, noon, func(*engagement.Facts, time.Time) (string, error) {
				close(held)
				<-release
				return "", models.Refuse(models.Conflict, "", "not now")
			})
			done <- err
		}()
		<-held
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, _, err := w.Change(ctx, "e1", Once{Actor: "ines", Key: "k", Hash: "h"}, engagement.Need{}, noon,
			func(f *engagement.Facts, _ time.Time) (string, error) {
				f.Engagement.Name = "spoiled"
				return "", nil
			})
		refused(t, err, models.Unavailable)
		if _, err := w.Facts(t.Context(), "e1", engagement.Need{}); err != nil {
			t.Errorf("a reader had to wait for a writer: %v", err)
		}
		close(release)
		refused(t, <-done, models.Conflict)
		if after := dump(t, root, ""); after != before {
			t.Error(difference(before, after))
		}
	})
}

// What an earlier release wrote in other words is no change: it is neither counted nor written again. What a change changes beside it is.
func TestOtherWordsAreNoChange(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		w.change(t, Once{}, func(f *engagement.Facts) {
			f.Engagement.Consultants = []models.PersonID{"ines"}
			f.Engagement.Baseline.Report, f.Engagement.Baseline.Cautious = march2, march2
		})
		stored := func() (out [4]string) {
			check(t, root.db.Raw("SELECT consultants, baseline, name_key, stamp FROM engagements WHERE id = 'e1'").Row().Scan(&out[0], &out[1],
				&out[2], &out[3]))
			return out
		}
		check(t, root.db.Exec(`UPDATE engagements SET consultants = '[ "ines" ]', baseline = '{"cautious": "2026-03-02", "report": "2026-03-02"}',
			name_key = 'old', stamp = ''`).Error)
		before := stored()
		f, nothing := w.change(t, Once{}, func(*engagement.Facts) {})
		if after := stored(); nothing.Revision != f.Engagement.Revision || nothing.Revision != 2 || after != before {
			t.Errorf("nothing was changed: revision %d, %q was %q", nothing.Revision, after, before)
		}
		_, moved := w.change(t, Once{}, func(f *engagement.Facts) { f.Engagement.Baseline.Report = march2.AddDays(1) })
		f, err := w.Facts(t.Context(), "e1", engagement.Need{})
		check(t, err)
		if moved.Revision != 3 || f.Engagement.Baseline.Report != march2.AddDays(1) {
			t.Errorf("revision %d, report %s", moved.Revision, f.Engagement.Baseline.Report)
		}
	})
}
