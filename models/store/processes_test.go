package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
)

// Two workers give signs of life. One is killed and is not believed to work when it has missed two; the other ends and is gone at once.
func TestProcesses(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		alive := func() string {
			all, err := root.Processes(ctx, 12*time.Second)
			check(t, err)
			said := []string{}
			for _, p := range all {
				if p.Ago < 0 || p.Ago > 12*time.Second {
					t.Errorf("%s was seen %s ago", p.ID, p.Ago)
				}
				clock := "no clock"
				if !p.Clock.IsZero() {
					clock = p.Clock.UTC().Format(time.DateTime)
				}
				said = append(said, fmt.Sprint(p.ID, " ", p.Serves, " ", p.Carries, " ", p.Missing, " ", clock))
			}
			return fmt.Sprint(said)
		}
		lacks := []Missing{{Part: "sweeps", Detail: "fails since noon"}}
		check(t, root.Alive(ctx, Process{ID: "a", Serves: true}))
		check(t, root.Alive(ctx, Process{ID: "b", Carries: true, Missing: lacks}))
		check(t, root.Alive(ctx, Process{ID: "a", Serves: true, Carries: true,
			Clock: time.Date(2027, 1, 14, 12, 0, 0, 0, time.UTC)}))
		if got := alive(); got != "[a true true [] 2027-01-14 12:00:00 b false true [{sweeps fails since noon}] no clock]" {
			t.Errorf("both work: %s", got)
		}
		check(t, root.db.Exec("UPDATE processes SET seen = seen - 13000000 WHERE id = 'b'").Error)
		if got := alive(); got != "[a true true [] 2027-01-14 12:00:00]" {
			t.Errorf("b was killed: %s", got)
		}
		check(t, root.db.Exec("UPDATE processes SET seen = seen - 3600000000 WHERE id = 'b'").Error)
		check(t, root.Alive(ctx, Process{ID: "a"}))
		var n int
		check(t, root.db.Raw("SELECT COUNT(*) FROM processes").Row().Scan(&n))
		check(t, root.Gone(ctx, "a"))
		if got := alive(); got != "[]" || n != 1 {
			t.Errorf("a has ended: %s, and %d were remembered", got, n)
		}
	})
}

// broken are the ways in which the tests' databases cannot be written to, for a session: how they are brought about, and how they end.
var broken = map[dialect][]struct{ what, by, end, why string }{
	onSQLite: {
		{"the disk is full", "PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1073741823", "the disk is full"}, // 1: as many as there are
		{"it is read only", "PRAGMA query_only = 1", "PRAGMA query_only = 0", "cannot be written to"},
	},
	onPostgres: {
		{"the disk is full", `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
			$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
			CREATE TRIGGER full_disk BEFORE INSERT ON probes FOR EACH ROW EXECUTE FUNCTION full_disk()`, "DROP TRIGGER full_disk ON probes",
			"disk, memory or connections are used up"},
		{"it is read only", "SET default_transaction_read_only = on", "SET default_transaction_read_only = off", "read only"},
	},
}

// A database is asked whether it lets itself be written to: not every time anew, and by one row for good. When its disk is full, or it
// can only be read, that is said in words for people. When that is over it can be written to again.
func TestWritable(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); writable(t, openSQLite(t)) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); writable(t, open(t, migrated(t))) })
}

func writable(t *testing.T, root *Root) {
	ctx := t.Context()
	pool, err := root.db.DB()
	check(t, err)
	pool.SetMaxOpenConns(1) // what breaks it is of one session
	for range 3 {
		check(t, root.Writable(ctx))
	}
	if n := root.prober.n.Load(); n != 1 {
		t.Errorf("%d writes in a moment", n)
	}
	for _, b := range broken[root.dialect] {
		check(t, root.db.Exec(b.by).Error)
		root.prober.over = nil // what is known is too old
		err := root.Writable(ctx)
		refused(t, err, models.Unavailable)
		e, ok := errors.AsType[*models.Error](err)
		if !ok || e.Field != "database" || !strings.HasPrefix(e.Message, "the database cannot be written") {
			t.Errorf("%s: %v", b.what, e)
		}
		if why := Why(err); !strings.Contains(why, b.why) {
			t.Errorf("%s: whoever runs it is told %q", b.what, why)
		}
		check(t, root.db.Exec(b.end).Error)
		root.prober.over = nil
		if err := root.Writable(ctx); err != nil {
			t.Errorf("it is not so any more that %s: %v", b.what, err)
		}
	}
	rows := 0
	check(t, root.db.Raw("SELECT COUNT(*) FROM probes").Row().Scan(&rows))
	if rows != 1 {
		t.Errorf("%d rows are left", rows)
	}
}

// A task waits to be looked at for an hour, a message for two and a click for a minute: the queues say so, and nothing when nothing waits.
func TestQueues(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		if q, err := root.Queues(ctx, noon, noon); err != nil || q != (Queues{}) {
			t.Errorf("nothing waits: %+v, %v", q, err)
		}
		w.change(t, Once{Actor: "ines", Key: "k", Hash: "h"}, func(f *engagement.Facts) { f.Engagement.Status = engagement.StatusRunning })
		check(t, root.db.Exec("UPDATE engagements SET wake = ? WHERE id = 'e1' AND firm_id = 'acme'", micros(noon.Add(-time.Hour))).Error)
		d := delivery(w, "olga", march2)
		d.ScheduledAt = noon.Add(-2 * time.Hour)
		w.schedule(t, d)
		talks(t, w)
		check(t, root.db.Exec("UPDATE inbound SET at = ? WHERE firm_id = 'acme'", micros(noon.Add(-time.Minute))).Error)
		q, err := root.Queues(ctx, noon, noon)
		check(t, err)
		if q != (Queues{Messages: 2 * time.Hour, Inbound: time.Minute, Engagements: time.Hour}) {
			t.Errorf("%+v", q)
		}
	})
}
