package api

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"

	"tickmark/api/session"
	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/store"
	"tickmark/models/store/storetest"
)

// monday is the day on which tests happen: the kickoff of the engagement in the world.
var monday = time.Date(2026, time.March, 2, 15, 0, 0, 0, time.UTC)

// A world is two firms with clients, people, tokens and engagements, and a server over them. Names of people begin with the
// letter of their role: ana, ava partners; max, mia managers; cy, cleo consultants; sue, sid sponsors; oz, olga owners; ada,
// abe auditors. The second of each pair is not of acme and not on its engagement e1.
type world struct {
	*testing.T
	root   *store.Root
	dsn    string
	server *Server
	engine Engine
	tokens map[string]string // by person; "north/ana" is of the other firm
	now    time.Time
	check  *checker
	db     *sql.DB // see tables
	counts string
	log    bytes.Buffer

	absence string // the last one that was added: see ready
}

// directEngine carries out commands at once, in the caller's goroutine, by the real rules on the real store.
type directEngine struct {
	root *store.Root
	now  func() time.Time
}

func (e directEngine) Apply(ctx context.Context, ref models.Ref, c engagement.Command) (engagement.Result, error) {
	_, r, err := e.root.For(ref.Firm).Change(ctx, ref.Engagement, store.OnceOf(c), engagement.NeedOf(c), e.now(),
		func(f *engagement.Facts) (string, error) { return engagement.Decide(f, c, e.now()) })
	return engagement.Result{Revision: r.Revision, Created: r.Created, Replayed: r.Replayed}, err
}

func (directEngine) Ready(context.Context) error { return nil }

// onSQLite makes a world in a copy of a file that is filled once.
func onSQLite(t *testing.T) *world {
	t.Helper()
	original.once.Do(func() {
		dir, err := os.MkdirTemp("", "tickmark-api")
		if err != nil {
			original.err = err
			return
		}
		original.file = filepath.Join(dir, "world.db")
		original.tokens, original.err = prepare("sqlite:" + original.file)
	})
	if original.err != nil {
		t.Fatal(original.err)
	}
	file := filepath.Join(t.TempDir(), "world.db")
	text, err := os.ReadFile(original.file)
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return open(t, "sqlite:"+file, original.tokens)
}

var original struct {
	once   sync.Once
	file   string
	tokens map[string]string
	err    error
}

var onServer struct{ tokens map[string]string }

// onPostgres makes a world in a copy of a database that is filled once.
func onPostgres(t *testing.T) *world {
	t.Helper()
	dsn := storetest.PostgresFrom(t, "api", func(dsn string) (err error) {
		onServer.tokens, err = prepare(dsn)
		return err
	})
	return open(t, dsn, onServer.tokens)
}

func open(t *testing.T, dsn string, tokens map[string]string) *world {
	t.Helper()
	root, err := store.Open(dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	check, err := newChecker()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, root: root, dsn: dsn, tokens: tokens, now: monday, check: check}
	w.serve(directEngine{root, func() time.Time { return w.now }})
	return w
}

// serve starts a server over the world with an engine.
func (w *world) serve(e Engine) {
	w.Helper()
	now := func() time.Time { return w.now }
	s, err := New(Config{Root: w.root, Engine: e, Post: w.postman(), Now: now, Real: now, Log: slog.New(slog.NewTextHandler(&w.log, nil)),
		Rate: 1e6, Burst: 1e6})
	if err != nil {
		w.Fatal(err)
	}
	w.server, w.engine = s, e
}

// prepare fills a database with the world and returns the tokens of its people.
func prepare(dsn string) (map[string]string, error) {
	ctx := context.Background()
	root, err := store.Open(dsn)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if err := root.Migrate(ctx); err != nil {
		return nil, err
	}
	tokens := map[string]string{}
	for _, firm := range []models.FirmID{"harbor", "north"} {
		if err := settle(ctx, root, firm, tokens); err != nil {
			return nil, fmt.Errorf("firm %s: %w", firm, err)
		}
	}
	return tokens, nil
}

// settle makes one firm of the world.
func settle(ctx context.Context, root *store.Root, firm models.FirmID, tokens map[string]string) error {
	const zone = "America/New_York"
	first := models.Person{ID: "ana", Name: "Ana Alder", Role: models.RolePartner, TimeZone: zone}
	if _, _, err := root.CreateFirm(ctx, models.Firm{ID: firm, Name: "Firm " + string(firm), Country: "US", TimeZone: zone}, first,
		monday); err != nil {
		return err
	}
	s := root.For(firm)
	acme, ids := models.ClientID("acme"), [...]models.EngagementID{"e1", "e2", "d1"}
	if firm == "north" { // people and a client with the ids of harbor's, the rest under its own
		acme, ids = "norco", [...]models.EngagementID{"n1", "e2", "nd1"}
	}
	for _, c := range []models.Client{{ID: acme, Name: "Acme of " + string(firm)}, {ID: "beta", Name: "Beta of " + string(firm)}} {
		c.Headcount, c.Country, c.TimeZone = 60, "US", zone
		if _, err := s.CreateClient(ctx, store.Once{}, c, monday); err != nil {
			return err
		}
	}
	people := []models.Person{first}
	for _, p := range []models.Person{
		{ID: "ava", Role: models.RolePartner}, {ID: "max", Role: models.RoleManager}, {ID: "mia", Role: models.RoleManager},
		{ID: "cy", Role: models.RoleConsultant}, {ID: "cleo", Role: models.RoleConsultant},
		{ID: "sue", Role: models.RoleSponsor, Client: acme}, {ID: "sid", Role: models.RoleSponsor, Client: "beta"},
		{ID: "oz", Role: models.RoleOwner, Client: acme}, {ID: "olga", Role: models.RoleOwner, Client: "beta"},
		{ID: "ada", Role: models.RoleAuditor}, {ID: "abe", Role: models.RoleAuditor}, {ID: "gone", Role: models.RoleConsultant},
	} {
		p.Name, p.TimeZone, p.Email = strings.ToUpper(string(p.ID[:1]))+string(p.ID[1:])+" of "+string(firm), zone,
			string(p.ID)+"@"+string(firm)+".test"
		p, err := s.CreatePerson(ctx, store.Once{}, p, monday)
		if err != nil {
			return err
		}
		people = append(people, p)
	}
	for _, d := range []models.Duty{{Client: acme, Function: "sponsor", Person: "sue"},
		{Client: acme, Function: "security_lead", Person: "oz", Backup: "sue"},
		{Client: "beta", Function: "sponsor", Person: "sid"}} {
		if _, err := s.SetDuty(ctx, store.Once{}, d, monday); err != nil {
			return err
		}
	}
	for _, p := range people {
		name := string(p.ID)
		if firm != "harbor" {
			name = string(firm) + "/" + name
		}
		token, hash := session.NewToken()
		if _, err := s.CreateToken(ctx, store.Once{}, p.ID, "tests", hash, monday.AddDate(3, 0, 0), monday); err != nil {
			return err
		}
		tokens[name] = token
	}
	if firm == "harbor" {
		if err := spoil(ctx, s, tokens); err != nil {
			return err
		}
	}
	return engage(ctx, root, firm, acme, ids)
}

// spoil adds tokens that let nobody in: expired, revoked, and of somebody who left.
func spoil(ctx context.Context, s *store.Store, tokens map[string]string) error {
	expired, hash := session.NewToken()
	if _, err := s.CreateToken(ctx, store.Once{}, "ana", "expired", hash, monday.AddDate(0, 0, -1), monday.AddDate(0, 0, -9)); err != nil {
		return err
	}
	revoked, hash := session.NewToken()
	t, err := s.CreateToken(ctx, store.Once{}, "ana", "revoked", hash, time.Time{}, monday)
	if err != nil {
		return err
	}
	if _, err := s.RevokeToken(ctx, store.Once{}, t.ID, monday); err != nil {
		return err
	}
	tokens["expired"], tokens["revoked"] = expired, revoked
	_, err = s.UpdatePerson(ctx, store.Once{}, "gone", monday, func(p *models.Person) error { p.Active = false; return nil })
	return err
}

// engage drafts and starts the engagements: e1 for acme, which is running with tasks of many people and two decisions, e2
// for beta, and d1, a draft for acme.
func engage(ctx context.Context, root *store.Root, firm models.FirmID, acme models.ClientID, ids [3]models.EngagementID) error {
	s := root.For(firm)
	e := engagement.Engagement{Type: "soc2_type1_type2", Categories: []catalog.Category{catalog.Security},
		Kickoff:      models.Date{Year: 2026, Month: 3, Day: 2},
		WindowMonths: 6}
	for _, x := range []struct {
		id     models.EngagementID
		client models.ClientID
	}{{ids[0], acme}, {ids[1], "beta"}, {ids[2], acme}} {
		e.ID, e.Name, e.Client = x.id, "SOC 2 "+string(x.id)+" of "+string(firm), x.client
		if x.client == "beta" {
			e.Partner, e.Manager, e.Consultants, e.Auditor = "ava", "mia", []models.PersonID{"cleo"}, "abe"
		} else {
			e.Partner, e.Manager, e.Consultants, e.Auditor = "ana", "max", []models.PersonID{"cy"}, "ada"
		}
		if _, err := s.CreateEngagement(ctx, store.Once{}, e, monday); err != nil {
			return err
		}
	}
	due := models.Date{Year: 2026, Month: 4, Day: 1}
	do := directEngine{root, func() time.Time { return monday }}
	for i, x := range []struct {
		id  models.EngagementID
		cmd engagement.Command
	}{
		{ids[0], engagement.Command{Kind: engagement.StartEngagement}},
		{ids[1], engagement.Command{Kind: engagement.StartEngagement}},
		{ids[0], engagement.Command{Kind: engagement.AddTask,
			Add: &engagement.NewTask{Title: "Read the boundary", Phase: catalog.PhaseKickoff, Owner: "oz", Due: due}}},
		{ids[0], engagement.Command{Kind: engagement.AddTask,
			Add: &engagement.NewTask{Title: "Agree the audit dates", Phase: catalog.PhaseKickoff, Owner: "ada", Due: due}}},
		{ids[0], engagement.Command{Kind: engagement.MoveAsOf, Reason: "The vendor is late",
			Change: &engagement.Change{AsOf: models.Date{Year: 2026, Month: 9, Day: 15}}}},
		{ids[0], engagement.Command{Kind: engagement.MoveWindow, Reason: "The vendor is late",
			Change: &engagement.Change{WindowOpen: models.Date{Year: 2026, Month: 10, Day: 1}}}},
	} {
		x.cmd.Key, x.cmd.Hash, x.cmd.Actor = fmt.Sprint("world-", i), "world", engagement.Actor{Person: "ana", Role: models.RolePartner}
		if _, err := do.Apply(ctx, models.Ref{Firm: firm, Engagement: x.id}, x.cmd); err != nil {
			return fmt.Errorf("command %d: %w", i, err)
		}
	}
	return nil
}

// tables counts the rows of every table, and adds up revisions: what a refused request must leave as it is.
func (w *world) tables() string {
	w.Helper()
	if w.db == nil {
		w.count()
	}
	var out string
	if err := w.db.QueryRow(w.counts).Scan(&out); err != nil {
		w.Fatal(err)
	}
	return out
}

// count prepares the one question that tables asks.
func (w *world) count() {
	w.Helper()
	name, dsn, list := "sqlite", strings.TrimPrefix(w.dsn, "sqlite:"),
		"SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
	if strings.HasPrefix(w.dsn, "postgres") {
		name, dsn, list = "pgx", w.dsn,
			"SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
	}
	db, err := sql.Open(name, dsn)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { db.Close() })
	rows, err := db.Query(list)
	if err != nil {
		w.Fatal(err)
	}
	defer rows.Close()
	var parts []string
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			w.Fatal(err)
		}
		parts = append(parts, fmt.Sprintf("'%s ' || (SELECT COUNT(*) FROM %s)", table, table))
	}
	slices.Sort(parts)
	for _, table := range []string{"engagements", "clients", "people"} {
		parts = append(parts, fmt.Sprintf("'revisions of %s ' || (SELECT SUM(revision) FROM %s)", table, table))
	}
	w.db, w.counts = db, "SELECT "+strings.Join(parts, " || '; ' || ")
}
