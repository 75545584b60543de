package store

import (
	_ "embed"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/planning"
	"tickmark/models/reminders"
)

//go:embed testdata/version1.sql
var version1 string

// tables1 are the tables of version 1.
var tables1 = []string{"firms", "clients", "people", "duties", "tokens", "requests", "firm_events", "engagements", "engagement_members",
	"phases", "gates", "tasks",
	"decisions", "comments", "events"}

// at brings an empty database to an older version.
func at(t *testing.T, root *Root, version int64) {
	t.Helper()
	pool, err := root.db.DB()
	check(t, err)
	files, err := fs.Sub(migrations, "migrations/"+string(root.dialect))
	check(t, err)
	kind := map[dialect]goose.Dialect{onSQLite: goose.DialectSQLite3, onPostgres: goose.DialectPostgres}[root.dialect]
	provider, err := goose.NewProvider(kind, pool, files)
	check(t, err)
	_, err = provider.UpTo(t.Context(), version)
	check(t, err)
}

// kept returns the rows of a table, in order, with some of its columns.
func kept(t *testing.T, root *Root, table string, columns []string) []map[string]any {
	t.Helper()
	var out []map[string]any
	check(t, root.db.Table(table).Select(columns).Order(strings.Join(columns, ", ")).Find(&out).Error)
	return out
}

// columns returns the names of a table's columns.
func columns(t *testing.T, root *Root, table string) []string {
	t.Helper()
	all, err := root.db.Migrator().ColumnTypes(table)
	check(t, err)
	var out []string
	for _, c := range all {
		out = append(out, c.Name())
	}
	return out
}

// Alpha has worked for a week with the release before messages: an engagement is under way, with tasks done, returned, blocked, late and
// waived, a comment, a pending decision, a person who has left. On Wednesday the new release comes. All of it is there as it was, and
// what is new works on it. Alpha and its people are not of the cast: they stand in a database that was kept then.
func TestMigrateWhatAnOlderReleaseLeft(t *testing.T) {
	bare(t, func(t *testing.T, dsn string) {
		ctx := t.Context()
		root := open(t, dsn)
		at(t, root, 1)
		pool, err := root.db.DB()
		check(t, err)
		_, err = pool.ExecContext(ctx, version1)
		check(t, err)

		err = root.Ping(ctx)
		refused(t, err, models.Unavailable)
		if !strings.Contains(err.Error(), "the database has version 1, this program needs version") {
			t.Errorf("before it is migrated: %v", err)
		}
		migratesAndKeeps(t, root)
		bringsNothing(t, root)
		a := alpha{T: t, Root: root, s: root.For("alpha"), now: time.Date(2026, time.March, 11, 9, 0, 0, 0, time.UTC)}
		a.findsWhatThereWas()
		a.findsTasks()
		a.carriesOutNothingTwice()
		a.hears()
		a.looksIntoMailboxes()
		a.works()
		a.mutesAndStandsIn()
		if err := root.db.Exec("UPDATE events SET reason = 'x'").Error; err == nil {
			t.Error("the record can be changed")
		}
		newWorld(t, root, "acme") // and a firm that comes now
	})
}

// migratesAndKeeps brings the database to this release, twice, and compares what the older one left before and after.
func migratesAndKeeps(t *testing.T, root *Root) {
	t.Helper()
	was := map[string][]map[string]any{}
	old := map[string][]string{}
	for _, table := range tables1 {
		old[table] = columns(t, root, table)
		if was[table] = kept(t, root, table, old[table]); len(was[table]) == 0 {
			t.Errorf("the older release left nothing in %s", table)
		}
	}
	check(t, root.Migrate(t.Context()))
	check(t, root.Migrate(t.Context())) // once more, by another process
	for _, table := range tables1 {
		is := kept(t, root, table, old[table])
		if len(is) != len(was[table]) {
			t.Errorf("%s: %d rows, there were %d", table, len(is), len(was[table]))
			continue
		}
		for i := range is {
			if !maps.Equal(is[i], was[table][i]) {
				t.Errorf("%s: %v, it was %v", table, is[i], was[table][i])
			}
		}
	}
}

// bringsNothing finds neither words nor rows that nobody wrote.
func bringsNothing(t *testing.T, root *Root) {
	t.Helper()
	for where, table := range map[string]string{"blocked_on <> 'none' OR snoozed <> 'none' OR snoozes <> 0 OR extended <> 0": "tasks",
		"muted": "engagements", "to_id <> ''": "comments"} {
		var n int64
		if check(t, root.db.Table(table).Where(where).Count(&n).Error); n > 0 {
			t.Errorf("of %d %s it is said that %s", n, table, where)
		}
	}
	for _, table := range tables {
		var n int64
		if check(t, root.db.Table(table).Count(&n).Error); n > 0 && table != "mailboxes" && table != "catalogs" &&
			!slices.Contains(tables1, table) {
			t.Errorf("%d %s came from nowhere", n, table)
		}
	}
}

// An alpha is the firm after the migration, on the Wednesday on which it came.
type alpha struct {
	*testing.T
	*Root
	s   *Store
	now time.Time
}

// findsWhatThereWas finds the firm, its people and its engagement as they were.
func (a alpha) findsWhatThereWas() {
	ctx, t, root, s, wednesday := a.Context(), a.T, a.Root, a.s, a.now
	t.Helper()
	firms, err := root.Firms(ctx)
	check(t, err)
	if len(firms) != 2 || firms[1].Name != "Beta & Söhne" {
		t.Errorf("firms: %+v", firms)
	}
	who, err := root.Token(ctx, "hash-of-mia", wednesday)
	check(t, err)
	if who.Person.ID != "mia" || who.Firm != "alpha" {
		t.Errorf("the token is %+v", who)
	}
	gus, err := s.Person(ctx, "gus")
	check(t, err)
	if gus.Name != "Gus O'Neil" || gus.Active || gus.Client != "acme" {
		t.Errorf("who has left: %+v", gus)
	}
	list, _, err := s.Portfolio(ctx, PortfolioFilter{Scope: ScopeAll()}, "", "", 10)
	check(t, err)
	if len(list) != 1 || list[0].ID != "e1" || list[0].Summary.Health != engagement.HealthAtRisk || list[0].Revision != 20 {
		t.Errorf("the portfolio: %+v", list)
	}
	events, _, err := s.Events(ctx, "e1", EventFilter{}, "", 100) // not one of them is internal
	check(t, err)
	if len(events) != 21 {
		t.Errorf("the record has %d events", len(events))
	}
}

// findsTasks finds what was blocked and what was said about a task.
func (a alpha) findsTasks() {
	ctx, t, s := a.Context(), a.T, a.s
	t.Helper()
	blocked, _, err := s.Task(ctx, "e1", "KO-07")
	check(t, err)
	if blocked.State != engagement.TaskBlocked || blocked.BlockedBy != models.SideFirm || blocked.Reason != "who are the owners?" ||
		!blocked.BlockedOn.IsZero() || !blocked.Snoozed.IsZero() {
		t.Errorf("what was blocked: %+v", blocked)
	}
	_, comments, err := s.Task(ctx, "e1", "KO-04")
	check(t, err)
	if len(comments) != 1 || comments[0].Text != `Who is the "owner" at Größe & Co? \n` || comments[0].To != "" ||
		comments[0].Internal { // what was said before was shared
		t.Errorf("what was said: %+v", comments)
	}
}

// command has somebody carry out a command under a key.
func (a alpha) command(who models.PersonID, key string, k engagement.Kind, with func(*engagement.Command)) Changed {
	ctx, t, s, wednesday := a.Context(), a.T, a.s, a.now
	t.Helper()
	p, err := s.Person(ctx, who)
	check(t, err)
	c := engagement.Command{Key: key, Hash: "h" + key[1:], Kind: k, Actor: engagement.Actor{Person: who, Role: p.Role, Client: p.Client},
		Reason: "so it is"}
	with(&c)
	_, result, err := s.Change(ctx, "e1", OnceOf(c), engagement.NeedOf(c), wednesday,
		func(f *engagement.Facts, _ time.Time) (string, error) { return engagement.Decide(f, c, wednesday) })
	check(t, err)
	return result
}

// carriesOutNothingTwice sends again what was carried out under a key by the older release.
func (a alpha) carriesOutNothingTwice() {
	a.Helper()
	again := a.command("mia", "k15", engagement.MoveAsOf, func(c *engagement.Command) {
		c.Change = &engagement.Change{AsOf: models.Date{Year: 2026, Month: 9, Day: 30}}
	})
	if !again.Replayed || again.Created != "D-1" {
		a.Errorf("sent again, it is %+v", again)
	}
}

// hears says who hears of what on the first morning.
func (a alpha) hears() {
	ctx, t, s, wednesday := a.Context(), a.T, a.s, a.now
	t.Helper()
	f, err := s.Facts(ctx, "e1", engagement.Need{})
	check(t, err)
	aud, err := s.Audience(ctx, f, true)
	check(t, err)
	var heard []string
	for _, n := range reminders.Nudges(f, aud, wednesday) {
		if n.As.Asked() {
			heard = append(heard, string(n.To)+" "+n.Item.Key())
		}
	}
	slices.Sort(heard)
	if want := []string{"audrey decide:D-1", "carl do:KO-12", "mia unblock:KO-07", "olga do:X-1", "paula accept:KO-08", "sam decide:D-1",
		"sam do:KO-09"}; !slices.Equal(heard, want) {
		t.Errorf("on the first morning they hear %v, want %v", heard, want)
	}
}

// looksIntoMailboxes finds everybody with the settings of the catalog and a mailbox that nobody looked into.
func (a alpha) looksIntoMailboxes() {
	ctx, t, root, s, wednesday := a.Context(), a.T, a.Root, a.s, a.now
	t.Helper()
	if m, err := s.Messaging(ctx); err != nil || m != (reminders.Messaging{Firm: "alpha", Revision: 1}).With(root.Catalog.Reminders.Defaults) {
		t.Errorf("the firm has its messages as %+v, %v", m, err)
	}
	if to, err := s.Recipient(ctx, "olga", 2026, true); err != nil || to.Prefs != (reminders.Preferences{}) {
		t.Errorf("olga has hers as %+v, %v", to, err)
	}
	boxes, err := root.DueMailboxes(ctx, wednesday, 100)
	check(t, err)
	var whose []string
	for _, b := range boxes {
		if !b.LookedOn.IsZero() {
			t.Errorf("somebody looked at %+v", b)
		}
		whose = append(whose, string(b.Firm)+"/"+string(b.Client)+"/"+string(b.Person))
	}
	slices.Sort(whose)
	if want := []string{"alpha//audrey", "alpha//carl", "alpha//mia", "alpha//paula", "alpha/acme/gus", "alpha/acme/olga", "alpha/acme/sam",
		"beta//bert"}; !slices.Equal(whose, want) {
		t.Errorf("mailboxes of %v, want %v", whose, want)
	}
}

// march is a day of that month.
func march(n int) models.Date { return models.Date{Year: 2026, Month: 3, Day: n} }

// works snoozes, asks for more time, asks a question and unblocks.
func (a alpha) works() {
	ctx, t, s := a.Context(), a.T, a.s
	t.Helper()
	about := func(id models.TaskID) []models.TaskID { return []models.TaskID{id} }
	a.command("sam", "n1", engagement.SnoozeTask, func(c *engagement.Command) { c.Tasks, c.Due = about("KO-09"), march(12) })
	asked := a.command("olga", "n2", engagement.ExtendTask,
		func(c *engagement.Command) { c.Tasks, c.Due, c.Blocking = about("X-1"), march(20), "the archive" })
	a.command("mia", "n3", engagement.CommentTask,
		func(c *engagement.Command) { c.Tasks, c.Person, c.Reason = about("X-1"), "olga", "Which archive?" })
	a.command("sam", "n4", engagement.UnblockTask, func(c *engagement.Command) { c.Tasks = about("KO-07") })
	f, err := s.Facts(ctx, "e1", engagement.Need{})
	check(t, err)
	if f.Task("KO-09").Snoozed != march(12) || f.Task("KO-07").State != engagement.TaskOpen || asked.Created != "D-2" ||
		len(f.Decisions) != 2 {
		t.Errorf("after it: %+v, %+v, %d decisions", f.Task("KO-09"), f.Task("KO-07"), len(f.Decisions))
	}
	notices, err := s.Notices(ctx, "olga")
	check(t, err)
	if len(notices) != 1 || notices[0].Text != "Which archive?" {
		t.Errorf("olga is told %+v", notices)
	}
}

// mutesAndStandsIn mutes the engagement, has Sam stand in for Olga, and plans a message to him.
func (a alpha) mutesAndStandsIn() {
	ctx, t, root, s, wednesday := a.Context(), a.T, a.Root, a.s, a.now
	t.Helper()
	a.command("mia", "n5", engagement.MuteEngagement, func(*engagement.Command) {})
	if e, err := s.Engagement(ctx, "e1"); err != nil || !e.Muted || e.Revision != 25 {
		t.Errorf("muted: %t, revision %d, %v", e.Muted, e.Revision, err)
	}
	_, err := s.AddAbsence(ctx, Once{Actor: "olga"},
		reminders.Absence{Person: "olga", Days: planning.Span{Start: march(11), End: march(13)}, StandIn: "sam"}, wednesday)
	check(t, err)
	sam, err := s.Person(ctx, "sam")
	check(t, err)
	if a, err := s.Actor(ctx, sam, wednesday); err != nil || !slices.Equal(a.For, []models.PersonID{"olga"}) {
		t.Errorf("sam stands in for %v, %v", a.For, err)
	}
	w := world{root, s, "acme", "e1"}
	w.addWorkspace(t, "hq", "")
	w.bound(t, "mia", "hq")
	d := delivery(w, "sam", march(11))
	w.schedule(t, d)
	w.stands(t, d.ID, reminders.DeliveryScheduled)
}
