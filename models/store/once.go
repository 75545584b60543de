package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tickmark/models"
	"tickmark/models/engagement"
)

// A Once makes a write take effect once, however often it is asked for: the sender's key names it.
type Once struct {
	Actor models.PersonID // whose key it is, and who is written down as having done it; empty: Tickmark itself
	Role  models.Role     // in which they do it; empty: in any
	Token string          // names the token that let them in; empty: they were let in otherwise
	Key   string          // the same key of the same actor has one effect; empty: the write is not remembered
	Hash  string          // of the whole request: the same key with another hash is refused
	// Moves is what the write was reckoned to move: it is kept with the answer, and is what was kept where the key is known. nil: nothing is.
	Moves *CalendarEffect
	// IfRevision refuses the write when what it changes has moved on; 0 asks for nothing.
	IfRevision int64
	// Typed is where the actor typed the answer to Question: what became of it is said there.
	Typed    *engagement.Typed
	Question string
}

// OnceOf returns what makes a command take effect once.
func OnceOf(c engagement.Command) Once {
	return Once{Actor: c.Actor.Person, Role: c.Actor.Role, Token: c.Actor.Token, Key: c.Key, Hash: c.Hash, IfRevision: c.IfRevision,
		Typed: c.Typed, Question: c.Question}
}

// admitted refuses in a pipeline what somebody asks for who has left meanwhile, has another role, or whose token was revoked: who they are
// was looked up before the transaction, and a request can take its time to arrive. It is unauthenticated, and forbidden for another role.
func admitted(p *pipeline, s *Store, once Once) {
	if once.Actor == "" {
		return
	}
	p.read("look who asks", `SELECT p.role, p.active, COALESCE(t.revoked_at, -1) FROM people p LEFT JOIN tokens t ON t.firm_id = p.firm_id
		AND t.person_id = p.id AND t.id = $3 WHERE p.firm_id = $1 AND p.id = $2`, []any{string(s.firm), string(once.Actor), once.Token},
		func(rows answer) error {
			var role string
			var active bool
			var revoked int64
			if !rows.Next() {
				return errUnknownToken
			}
			if err := rows.Scan(&role, &active, &revoked); err != nil {
				return err
			}
			switch {
			case !active, once.Token != "" && revoked != 0:
				return errUnknownToken
			case once.Role != "" && string(once.Role) != role:
				return models.Refuse(models.Forbidden, "", "you are not known here as %s any more", once.Role)
			}
			return nil
		})
}

// stale refuses a write that was decided on an older revision of what than the present one.
func (o Once) stale(what string, revision int64) error {
	if o.IfRevision != 0 && o.IfRevision != revision {
		return models.Refuse(models.Stale, "If-Match", "%s has changed: it is at revision %d, not %d. Look again before you change it", what,
			revision, o.IfRevision)
	}
	return nil
}

type requestRow struct {
	FirmID       string `gorm:"primaryKey"`
	Actor        string `gorm:"primaryKey"`
	Key          string `gorm:"primaryKey"`
	Hash         string
	EngagementID string
	Result       string
	At           int64
}

func (requestRow) TableName() string { return "requests" }

// recalled looks a key up in a pipeline and reads what was answered into result, once that is sent: what it returns is true then when the
// key was known. It refuses (key reused) a key that came with another request.
func recalled[T any](p *pipeline, s *Store, once Once, about models.EngagementID, result *T) *bool {
	known := false
	if once.Key == "" {
		return &known
	}
	p.read("look up the idempotency key", "SELECT hash, engagement_id, result FROM requests WHERE firm_id = $1 AND actor = $2 AND key = $3",
		[]any{string(s.firm), string(once.Actor), once.Key}, func(rows answer) error {
			if !rows.Next() {
				return nil
			}
			var hash, engagement, answer string
			if err := rows.Scan(&hash, &engagement, &answer); err != nil {
				return err
			}
			if hash != once.Hash || engagement != string(about) {
				return models.Refuse(models.KeyReused, "Idempotency-Key",
					"this Idempotency-Key has been used for another request: use a new one")
			}
			known = true
			if once.Moves != nil {
				kept := struct {
					Moves CalendarEffect `json:"moves_reckoned"`
				}{}
				if err := json.Unmarshal([]byte(answer), &kept); err != nil {
					return err
				}
				*once.Moves = kept.Moves
			}
			return json.Unmarshal([]byte(answer), result)
		})
	return &known
}

// errRaced says that the same key was written by another transaction since it was looked up. Trying again finds it.
var errRaced = errors.New("the idempotency key was used at the same time")

// remember writes down what is answered to a key, at the end of what the pipeline does.
func (s *Store) remember(p *pipeline, once Once, about models.EngagementID, result any, now time.Time) error {
	if once.Key == "" {
		return nil
	}
	answer, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("write down the answer: %w", err)
	}
	if once.Moves != nil {
		moves, err := json.Marshal(once.Moves)
		if err != nil {
			return fmt.Errorf("write down what moves: %w", err)
		}
		answer = append(append(append(answer[:len(answer)-1], `,"moves_reckoned":`...), moves...), '}')
	}
	row := requestRow{string(s.firm), string(once.Actor), once.Key, once.Hash, string(about), string(answer), micros(now)}
	p.write("write down the idempotency key", requestTable.insert+" ON CONFLICT DO NOTHING", requestTable.values(&row)...)
	p.judge(func(n int64, err error) error {
		if err == nil && n == 0 {
			return errRaced
		}
		return err
	})
	return nil
}

// ForgetKeys removes up to limit idempotency keys, of all firms, that were used before before, and returns how many. A request
// that is sent again after its key was forgotten is carried out again: keep keys for as long as anybody may retry.
func (r *Root) ForgetKeys(ctx context.Context, before time.Time, limit int) (int, error) {
	var n int64
	err := r.write(ctx, "forget idempotency keys", func(tx *gorm.DB) error {
		done := tx.Exec("DELETE FROM requests WHERE (firm_id, actor, key) IN (SELECT firm_id, actor, key FROM requests WHERE at < ? ORDER BY "+
			"at LIMIT ?)",
			micros(before), limit)
		n = done.RowsAffected
		return done.Error
	})
	return int(n), err
}

// patience is for how long a fault of the database that may pass is waited for.
const patience = 2 * time.Second

// outlast calls do again, with growing pauses, for as long as patience says and again agrees.
func outlast(ctx context.Context, again func(error) bool, do func() error) error {
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for pause := patience / 100; ; pause = min(2*pause, patience/8) {
		err := do()
		if err == nil || !again(err) {
			return err
		}
		select {
		case <-patient.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// write runs do in a transaction that may write. What do returns rolls everything back, unless it is nil. When the database cannot be
// had, it tries again for a while, unless something may have been done.
func (r *Root) write(ctx context.Context, doing string, do func(tx *gorm.DB) error) error {
	return outlast(ctx, outage, func() error { return r.writeOnce(ctx, doing, do) })
}

// keyed is write for what takes effect once by its key. What may have been done is therefore tried again as well: the key tells. When it
// stays unknown, the refusal says so.
func (r *Root) keyed(ctx context.Context, once Once, doing string, do func(tx *gorm.DB) error) error {
	if once.Key == "" {
		return r.write(ctx, doing, do)
	}
	var lost error
	err := outlast(ctx, func(err error) bool { return outage(err) || errors.Is(err, errUnknown) }, func() error {
		err := r.writeOnce(ctx, doing, do)
		if errors.Is(err, errUnknown) {
			lost = err
		}
		return err
	})
	if lost != nil && models.CodeOf(err) == models.Unavailable {
		return lost
	}
	return err
}

func (r *Root) writeOnce(ctx context.Context, doing string, do func(tx *gorm.DB) error) error {
	if err := r.ready(ctx); err != nil {
		return err
	}
	if r.writer != nil {
		select {
		case r.writer <- struct{}{}:
			defer func() { <-r.writer }()
		case <-ctx.Done():
			return fail(doing, ctx.Err())
		}
	}
	for range 3 {
		err := r.transact(ctx, do)
		if !errors.Is(err, errRaced) {
			return fail(doing, err)
		}
	}
	return fail(doing, context.DeadlineExceeded) // three others used the same key and then rolled back: try again later
}

// transact runs do in a transaction. An error whose outcome is not known, since the answer to the COMMIT was lost, is errUnknown.
func (r *Root) transact(ctx context.Context, do func(tx *gorm.DB) error) (err error) {
	tx, done, err := r.begin(ctx, nil)
	if err != nil {
		return err
	}
	defer done()
	committing := false
	defer func() { // also after a panic of do
		if !committing {
			tx.Rollback()
		}
	}()
	if err := do(tx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err // nothing was sent that could be lost
	}
	committing = true
	if err := tx.Commit().Error; err != nil && undone(err) {
		return err
	} else if err != nil {
		return errors.Join(errUnknown, err)
	}
	return nil
}

// begin begins a transaction. done gives back its connection, once it has ended.
func (r *Root) begin(ctx context.Context, options *sql.TxOptions) (tx *gorm.DB, done func(), err error) {
	pool, err := r.db.DB()
	if err != nil {
		return nil, nil, err
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, nil, err
	}
	done = func() { _ = conn.Close() } // it goes back to the pool, which sees whether it is still good
	db := r.db.WithContext(ctx)
	db.Statement.ConnPool = conn
	db.Statement.Settings.Store(carried, conn)
	if tx = db.Begin(options); tx.Error != nil {
		done()
		return nil, nil, tx.Error
	}
	return tx, done, nil
}

// abreast is how many of one process change an engagement at the same time: one, and one that waits for its lock.
const abreast = 2

// turn waits for a turn to change an engagement, for as long as ctx lasts, and returns what ends it. Engagements may share turns.
func (r *Root) turn(ctx context.Context, ref models.Ref) (done func(), err error) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(ref.Firm + "/" + models.FirmID(ref.Engagement))) // never fails
	turns := r.turns[h.Sum32()%uint32(len(r.turns))]
	select {
	case turns <- struct{}{}:
		return func() { <-turns }, nil
	case <-ctx.Done():
		return nil, fail("wait for the engagement", ctx.Err())
	}
}

// read runs do in a transaction that sees one state of the database and changes nothing.
func (r *Root) read(ctx context.Context, doing string, do func(tx *gorm.DB) error) error {
	if err := r.ready(ctx); err != nil {
		return err
	}
	return outlast(ctx, outage, func() error {
		tx, done, err := r.begin(ctx, &sql.TxOptions{ReadOnly: true, Isolation: r.snapshot()})
		if err != nil {
			return fail(doing, err)
		}
		defer done()
		defer tx.Rollback() // also after a panic of do; what was committed stays so
		if err := do(tx); err != nil {
			return fail(doing, err)
		}
		return fail(doing, tx.Commit().Error)
	})
}

// snapshot is the isolation at which a transaction sees one state of the database. SQLite knows no other.
func (r *Root) snapshot() sql.IsolationLevel {
	if r.dialect == onPostgres {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}

// query prepares one question outside of any transaction.
func (r *Root) query(ctx context.Context) (*gorm.DB, error) {
	if err := r.ready(ctx); err != nil {
		return nil, err
	}
	return r.db.WithContext(ctx), nil
}

// lock is added to a query for a row that the transaction will change. SQLite has locked everything already. It lets rows
// be added below the locked one, which PostgreSQL's plain FOR UPDATE does not.
var lock = clause.Locking{Strength: "NO KEY UPDATE"}

// Answer returns what was answered to a command of an actor on an engagement. It refuses (not found) a key under which no
// command has been carried out there: one that was refused did nothing and left nothing.
func (s *Store) Answer(ctx context.Context, id models.EngagementID, actor models.PersonID, key string) (Changed, error) {
	var result Changed
	var answer string
	db, err := s.root.query(ctx)
	if err != nil {
		return result, err
	}
	err = db.Raw("SELECT result FROM requests WHERE firm_id = ? AND actor = ? AND key = ? AND engagement_id = ?",
		string(s.firm), string(actor), key, string(id)).Row().Scan(&answer)
	switch {
	case missing(err):
		return result, models.Refuse(models.NotFound, "key", "no command with the key %q has been carried out", key)
	case err != nil:
		return result, fail("look up a command", err)
	}
	if err := json.Unmarshal([]byte(answer), &result); err != nil {
		return result, fmt.Errorf("read what was answered before: %w", err)
	}
	result.Replayed = true
	return result, nil
}
