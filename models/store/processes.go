package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
)

// A Process is a program that uses the database.
type Process struct {
	ID      string
	Serves  bool          // commands are carried out by it
	Carries bool          // its workers ask for work
	Missing []Missing     // what does not work in it
	Clock   time.Time     // what its clock said at its last sign of life, in engagement time; zero: it did not say
	Ago     time.Duration // how long ago that sign was, by the database's clock; Alive does not look at it
}

// Missing is something that does not work, or does not answer.
type Missing struct {
	Part   string `json:"part"`
	Detail string `json:"detail"` // for people
}

// processesKept is for how long a process that gives no sign of life is remembered.
const processesKept = time.Hour

// Alive notes a sign of life of a process, at the present instant of the database's clock.
func (r *Root) Alive(ctx context.Context, p Process) error {
	missing, err := json.Marshal(p.Missing)
	if err != nil {
		return fmt.Errorf("note a process: %w", err)
	}
	return r.writeOnce(ctx, "note a process", func(tx *gorm.DB) error {
		err := tx.Exec("INSERT INTO processes (id, serves, carries, missing, clock, seen) VALUES (?, ?, ?, ?, ?, "+r.clock()+
			") ON CONFLICT (id) DO UPDATE SET serves = excluded.serves, carries = excluded.carries, missing = excluded.missing, "+
			"clock = excluded.clock, seen = excluded.seen", p.ID, p.Serves, p.Carries, string(missing), micros(p.Clock)).Error
		if err != nil {
			return err
		}
		return tx.Exec("DELETE FROM processes WHERE seen < "+r.clock()+" - ?", processesKept.Microseconds()).Error
	})
}

// Gone notes that a process has ended.
func (r *Root) Gone(ctx context.Context, id string) error {
	return r.writeOnce(ctx, "note the end of a process", func(tx *gorm.DB) error {
		return tx.Exec("DELETE FROM processes WHERE id = ?", id).Error
	})
}

// Processes returns the processes whose last sign of life is at most so long ago, by the database's clock, in the order of their ids.
func (r *Root) Processes(ctx context.Context, within time.Duration) ([]Process, error) {
	db, err := r.query(ctx)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		ID              string
		Serves, Carries bool
		Missing         string
		Clock, Ago      int64
	}
	err = db.Raw("SELECT id, serves, carries, missing, clock, "+r.clock()+" - seen AS ago FROM processes WHERE seen >= "+r.clock()+
		" - ? ORDER BY id", within.Microseconds()).Scan(&rows).Error
	if err != nil {
		return nil, fail("look for processes", err)
	}
	out := make([]Process, len(rows))
	for i, row := range rows {
		out[i] = Process{ID: row.ID, Serves: row.Serves, Carries: row.Carries, Ago: time.Duration(row.Ago) * time.Microsecond}
		if row.Clock != 0 {
			out[i].Clock = instant(row.Clock)
		}
		if err := json.Unmarshal([]byte(row.Missing), &out[i].Missing); err != nil {
			return nil, fmt.Errorf("read what a process lacks: %w", err)
		}
	}
	return out, nil
}

// A prober writes to the database to find out whether that can be done, not more often than every few seconds.
type prober struct {
	id   string
	n    atomic.Int64
	turn chan struct{} // who has its token may look at what follows
	over *time.Timer   // of what is known
	err  error         // as it is known
}

// What a probe writes, in bytes, is more than a command does where the disk may be full of it: on SQLite, the file's own. On PostgreSQL
// every probe is written to the log of changes as well.
const (
	probeEvery    = 3 * time.Second
	probeSQLite   = 64 << 10
	probePostgres = 4 << 10
)

func newProber() *prober {
	id := rand.Text()
	return &prober{id: id, turn: make(chan struct{}, 1)}
}

// Writable returns nil when the database answers, has the tables this program needs, and a row could be written to it within the last
// seconds. It refuses as Ping does, and as unavailable when it can only be read, or its disk is full.
func (r *Root) Writable(ctx context.Context) error {
	if err := r.Ping(ctx); err != nil {
		return err
	}
	p := r.prober
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return fail("write to the database", ctx.Err())
	}
	if p.over != nil {
		select {
		case <-p.over.C:
		default:
			return p.err
		}
	}
	p.err = r.probe(ctx)
	p.over = time.NewTimer(probeEvery)
	return p.err
}

// probe writes a row and takes the one before away.
func (r *Root) probe(ctx context.Context) error {
	size := probeSQLite
	if r.dialect == onPostgres {
		size = probePostgres
	}
	pad := make([]byte, size)
	_, _ = rand.Read(pad) // never fails
	n := r.prober.n.Add(1)
	err := r.writeOnce(ctx, "write to the database", func(tx *gorm.DB) error {
		err := tx.Exec("INSERT INTO probes (id, n, pad, at) VALUES (?, ?, ?, "+r.clock()+")", r.prober.id, n, pad).Error
		if err != nil {
			return err
		}
		return tx.Exec("DELETE FROM probes WHERE id = ? AND n < ? OR at < "+r.clock()+" - ?", r.prober.id, n,
			processesKept.Microseconds()).Error
	})
	if err != nil {
		return &trouble{"write to the database", models.Refuse(models.Unavailable, "database",
			"the database cannot be written to: it is read only, its disk is full, or it does not answer"), err}
	}
	return nil
}

// Queues say how long the oldest has waited in each place where something waits to be carried out; 0: nothing waits there.
type Queues struct {
	Messages    time.Duration // scheduled, and neither sent nor given up, in engagement time
	Inbound     time.Duration // from Slack, not carried out
	Engagements time.Duration // that should have been looked at, in engagement time
}

// Queues returns how long things have waited, over all firms: what came from Slack by real, the machine's time, all else by now, the
// engagement time.
func (r *Root) Queues(ctx context.Context, now, real time.Time) (Queues, error) {
	db, err := r.query(ctx)
	if err != nil {
		return Queues{}, err
	}
	var message, inbound, engagement int64
	err = db.Raw("SELECT COALESCE((SELECT MIN(scheduled_at) FROM deliveries WHERE "+openDelivery+" AND status = 'scheduled'), 0), "+
		"COALESCE((SELECT MIN(at) FROM inbound WHERE done_at = 0), 0), "+
		"COALESCE((SELECT MIN(wake) FROM engagements WHERE status IN ('running', 'paused') AND wake > 0), 0)").Row().
		Scan(&message, &inbound, &engagement)
	if err != nil {
		return Queues{}, fail("look how long things wait", err)
	}
	return Queues{Messages: since(now, message), Inbound: since(real, inbound), Engagements: since(now, engagement)}, nil
}

// since returns how long before now an instant of the database was; 0 for none, and for one to come.
func since(now time.Time, at int64) time.Duration {
	if at == 0 {
		return 0
	}
	return max(0, now.Sub(instant(at)))
}
