package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest/await"
	"tickmark/models/store/storetest"
	"tickmark/models/store/storetest/thief"
)

// comment is a command of Ines's.
func comment(key, text string) engagement.Command {
	return engagement.Command{Key: key, Hash: "h", Kind: engagement.CommentTask, Reason: text,
		Tasks: []models.TaskID{task(1, engagement.TaskOpen).ID},
		Actor: engagement.Actor{Person: "ines", Role: models.RoleManager}}
}

// commented returns a world whose engagement runs, with a task to comment on.
func commented(t testing.TB, root *Root) (world, models.Ref) {
	t.Helper()
	w := newWorld(t, root, "acme")
	root.Now = func() time.Time { return noon }
	w.change(t, Once{}, func(f *engagement.Facts) {
		f.Engagement.Status = engagement.StatusRunning
		put(f, task(1, engagement.TaskOpen))
	})
	return w, models.Ref{Firm: "acme", Engagement: "e1"}
}

// No event is dated before the one before it, though another server's clock is behind; and the news is told once for each command, with the
// revision that the answer has.
func TestTimeIsTheStores(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, root *Root) {
		w, ref := commented(t, root)
		var told []News
		root.Tell = func(n News) { told = append(told, n) }
		var revisions []int64
		for i, ahead := range []time.Duration{0, time.Hour, -time.Minute, 2 * time.Hour, -24 * time.Hour} {
			root.Now = func() time.Time { return noon.Add(ahead) }
			for range 2 { // the second time the key is known
				r, err := root.Apply(t.Context(), ref, comment(fmt.Sprint(i), "said"))
				check(t, err)
				if !r.Replayed {
					revisions = append(revisions, r.Revision)
				}
			}
		}
		events, _, err := w.Events(t.Context(), "e1", EventFilter{Kinds: []string{"task.commented"}, Internal: true}, "", 500)
		check(t, err)
		for i := 1; i < len(events); i++ {
			if events[i].At.Before(events[i-1].At) {
				t.Errorf("event %d is of %s, the one before it of %s", events[i].Seq, events[i].At, events[i-1].At)
			}
		}
		if len(events) != 5 || len(told) != 5 {
			t.Fatalf("%d events, %d news", len(events), len(told))
		}
		for i, n := range told {
			if n.Ref != ref || n.Revision != revisions[i] {
				t.Errorf("told %+v after revision %d", n, revisions[i])
			}
		}
	})
}

// A connection that is lost in the middle is no reason to refuse: the command is carried out once when the database is there again.
func TestAnOutageOfASecondIsWaitedFor(t *testing.T) {
	t.Parallel()
	root := openPostgres(t)
	w, ref := commented(t, root)
	f, done, err := w.Store.Change(t.Context(), "e1", OnceOf(comment("k", "said")), engagement.Need{}, noon, cutOnce(root))
	check(t, err)
	if done.Replayed || f.Engagement.Name != "found" {
		t.Errorf("done %+v, and the name is %q", done, f.Engagement.Name)
	}
	if r, err := root.Apply(t.Context(), ref, comment("next", "goes on")); err != nil || r.Replayed {
		t.Errorf("the next command: %+v %v", r, err)
	}
}

// cutOnce decides on a name, and ends the connection of the transaction the first time.
func cutOnce(root *Root) func(*engagement.Facts, time.Time) (string, error) {
	tries := 0
	return func(f *engagement.Facts, _ time.Time) (string, error) {
		f.Engagement.Name = "found"
		if tries++; tries > 1 {
			return "", nil
		}
		return "", root.db.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND " +
			"state = 'idle in transaction'").Error
	}
}

// The server cannot be reached for a moment: whoever reads, is let in or commands waits, and is answered when it is there again.
func TestNobodyIsRefusedForAMoment(t *testing.T) {
	t.Parallel()
	direct := storetest.Postgres(t)
	first := open(t, direct)
	check(t, first.Migrate(t.Context()))
	w, ref := commented(t, first)
	_, err := w.CreateToken(t.Context(), Once{Actor: "marta"}, "marta", "laptop", "hash", time.Time{}, noon)
	check(t, err)
	p, err := thief.New(direct)
	check(t, err)
	t.Cleanup(p.Close)
	root := open(t, p.DSN())
	root.Now = func() time.Time { return noon }
	for what, do := range map[string]func() error{
		"lets in":  func() error { _, err := root.Token(t.Context(), "hash", noon); return err },
		"reads":    func() error { _, err := root.For("acme").Person(t.Context(), "marta"); return err },
		"commands": func() error { _, err := root.Apply(t.Context(), ref, comment("k", "said")); return err },
	} {
		check(t, root.Ping(t.Context())) // there is a connection, and it ends
		p.Bar()
		before, done := p.Turned(), make(chan error, 1)
		go func() { done <- do() }()
		await.Until(t, "it comes to a closed door", func() bool { return p.Turned() > before })
		p.Unbar()
		if err := <-done; err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// The answer to a COMMIT is lost on its way: the key tells that it was done, and it is not done twice. When nobody can be asked any more,
// the refusal says that it is not known, never that nothing was done; and the same key tells as soon as the database is there again.
func TestALostCommitIsNotPromised(t *testing.T) {
	t.Parallel()
	for _, stays := range []bool{true, false} {
		t.Run(fmt.Sprintf("the database stays: %v", stays), func(t *testing.T) {
			t.Parallel()
			direct := storetest.Postgres(t)
			first := open(t, direct)
			check(t, first.Migrate(t.Context()))
			commented(t, first)
			p, err := thief.New(direct)
			check(t, err)
			t.Cleanup(p.Close)
			root := open(t, p.DSN())
			root.Now = func() time.Time { return noon }
			ref := models.Ref{Firm: "acme", Engagement: "e1"}
			check(t, root.Ping(t.Context()))
			p.CloseAfter(!stays)
			p.Steal()
			told := 0
			root.Tell = func(News) { told++ }
			r, err := root.Apply(t.Context(), ref, comment("k", "said"))
			if stays && (err != nil || !r.Replayed || told != 1) {
				t.Errorf("the database stays: %+v, %v, and the news was told %d times", r, err, told)
			}
			if !stays {
				refused(t, err, models.Unavailable)
				if told, _ := errors.AsType[*models.Error](err); !strings.Contains(told.Message, "did not say whether it was done") {
					t.Errorf("told %q", told.Message)
				}
			}
			p.CloseAfter(false)
			again, err := root.Apply(t.Context(), ref, comment("k", "said"))
			check(t, err)
			events, _, err := first.For("acme").Events(t.Context(), "e1", EventFilter{Kinds: []string{"task.commented"}, Internal: true}, "", 500)
			check(t, err)
			if !again.Replayed || len(events) != 1 {
				t.Errorf("sent again: %+v, %d events", again, len(events))
			}
		})
	}
}

// A hundred who change one engagement wait for each other, and leave the database to those who change another: that command needs no more
// than its own turn.
func TestACrowdAtOneEngagementHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	root := openPostgres(t)
	check(t, root.Connections(4)) // two of the crowd, the other command, and the question below
	w, ref := commented(t, root)
	w.addEngagement(t, "e2")
	holding, let := make(chan struct{}), make(chan struct{})
	var crowd sync.WaitGroup
	crowd.Go(func() {
		_, _, err := w.Change(t.Context(), "e1", Once{}, engagement.Need{}, noon, func(*engagement.Facts, time.Time) (string, error) {
			close(holding)
			<-let
			return "", nil
		})
		check(t, err)
	})
	<-holding
	for i := range 100 {
		crowd.Go(func() {
			_, err := root.Apply(t.Context(), ref, comment(fmt.Sprint(i), "said"))
			check(t, err)
		})
	}
	await.Until(t, "the crowd waits", func() bool {
		var waiting int
		check(t, root.db.Raw("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").
			Row().Scan(&waiting))
		return waiting > 0
	})
	_, _, err := w.Change(t.Context(), "e2", Once{}, engagement.Need{}, noon, func(f *engagement.Facts, _ time.Time) (string, error) {
		f.Engagement.Name = "not held up"
		return "", nil
	})
	check(t, err)
	close(let)
	crowd.Wait()
	events, _, err := w.Events(t.Context(), "e1", EventFilter{Kinds: []string{"task.commented"}, Internal: true}, "", 500)
	check(t, err)
	if len(events) != 100 {
		t.Errorf("%d events of 100 commands", len(events))
	}
}

// What a move is said to do it then does, and trying it changes nothing; a refusal is the same, and a revision that is not the present one
// is stale.
func TestAMoveThatIsTriedChangesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, root *Root) {
		w, ref := commented(t, root)
		id := task(1, engagement.TaskOpen).ID
		c := engagement.Command{Key: "move", Hash: "h", Kind: engagement.MoveTask, Reason: "the vendor is late", Tasks: []models.TaskID{id},
			Moving: &engagement.Moving{Days: 3}, Actor: engagement.Actor{Person: "ines", Role: models.RoleManager}}
		before, err := w.Facts(t.Context(), "e1", engagement.Need{})
		check(t, err)
		would, revision, err := w.TryShift(t.Context(), "e1", c, noon)
		check(t, err)
		after, err := w.Facts(t.Context(), "e1", engagement.Need{})
		check(t, err)
		if after.Engagement.Revision != before.Engagement.Revision || revision != before.Engagement.Revision ||
			after.Task(id).Due != before.Task(id).Due {
			t.Errorf("tried, %s is due %s at revision %d; the answer says %d", id, after.Task(id).Due, after.Engagement.Revision, revision)
		}
		done, err := root.Apply(t.Context(), ref, c)
		check(t, err)
		moved, err := w.Facts(t.Context(), "e1", engagement.Need{})
		check(t, err)
		if len(would.Moves) != 1 || !reflect.DeepEqual(would, done.Shift) || moved.Task(id).Due != would.Moves[0].Is ||
			!moved.Task(id).Due.After(before.Task(id).Due) {
			t.Errorf("it would do %+v and did %+v: %s is due %s", would, done.Shift, id, moved.Task(id).Due)
		}
		again, err := root.Apply(t.Context(), ref, c)
		check(t, err)
		text := func(s *engagement.Shift) string {
			out, err := json.Marshal(s)
			check(t, err)
			return string(out)
		}
		if !again.Replayed || text(again.Shift) != text(done.Shift) {
			t.Errorf("sent again it says %+v %s, and said %s", again, text(again.Shift), text(done.Shift))
		}
		c.Moving = &engagement.Moving{Days: 600}
		_, _, tried := w.TryShift(t.Context(), "e1", c, noon)
		c.Key = "other"
		_, sent := root.Apply(t.Context(), ref, c)
		if models.CodeOf(tried) != models.Invalid || fmt.Sprint(tried) != fmt.Sprint(sent) {
			t.Errorf("tried it is refused: %v; sent: %v", tried, sent)
		}
		c.Moving, c.IfRevision = &engagement.Moving{Days: 2}, revision
		if _, _, err := w.TryShift(t.Context(), "e1", c, noon); models.CodeOf(err) != models.Stale {
			t.Errorf("of a revision that is past: %v", err)
		}
	})
}
