package api

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"maps"
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
	"tickmark/models/modelstest"
	"tickmark/models/store"
	"tickmark/models/store/storetest"
)

// monday is the day on which tests happen: the kickoff of the engagement in the world.
var monday = time.Date(2026, time.March, 2, 15, 0, 0, 0, time.UTC)

// A world is two firms of the cast with their clients, people, tokens and engagements, and a server over them. What both firms have is
// called "… of acme" and "… of bright", so that what is shown says whose it is. On Acme's engagement e1, which is Northgate's, are marta,
// ines, priya and hugo; on its e2, Westfield's, are vera, noor, cleo and ivor.
type world struct {
	*testing.T
	root    *store.Root
	dsn     string
	server  *Server
	missing func(context.Context) []store.Missing
	tokens  map[string]string // by person; "bright/marta" is of the other firm
	now     time.Time
	check   *checker
	db      *sql.DB // see tables
	counts  string
	log     bytes.Buffer

	absence string // the last one that was added: see ready
}

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

// onPostgres makes a world in a copy of a database that is filled once. It is served as serve does, as a role that owns nothing.
func onPostgres(t *testing.T) *world {
	t.Helper()
	role := storetest.Role(t)
	dsn := storetest.PostgresFrom(t, "api", func(dsn string) (err error) {
		if onServer.tokens, err = prepare(dsn); err != nil {
			return err
		}
		root, err := store.Open(dsn)
		if err != nil {
			return err
		}
		defer root.Close()
		return root.Grant(context.Background(), role)
	})
	return open(t, storetest.As(t, dsn, role), onServer.tokens)
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
	w := &world{T: t, root: root, dsn: dsn, tokens: maps.Clone(tokens), now: monday, check: check}
	root.Now = func() time.Time { return w.now }
	w.serve(nil)
	return w
}

// serve starts a server over the world with an engine; nil: the store's own.
func (w *world) serve(e engagement.Engine) {
	w.Helper()
	now := func() time.Time { return w.now }
	s, err := New(Config{Root: w.root, Engine: e, Missing: w.missing, Post: w.postman(), Now: now, Real: now,
		Log:  slog.New(slog.NewTextHandler(&w.log, nil)),
		Rate: 1e6, Burst: 1e6, Patient: time.Hour})
	if err != nil {
		w.Fatal(err)
	}
	w.server = s
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
	for _, firm := range []models.FirmID{"acme", "bright"} {
		if err := settle(ctx, root, firm, tokens); err != nil {
			return nil, fmt.Errorf("firm %s: %w", firm, err)
		}
	}
	return tokens, nil
}

// settle makes one firm of the world.
func settle(ctx context.Context, root *store.Root, id models.FirmID, tokens map[string]string) error {
	client, ids := models.ClientID("northgate"), [...]models.EngagementID{"e1", "e2", "d1"}
	if id == "bright" { // people and a client with the ids of acme's, the rest under its own
		client, ids = "eastwick", [...]models.EngagementID{"n1", "e2", "nd1"}
	}
	people := modelstest.People("marta", "vera", "ines", "noor", "priya", "cleo", "ruth", "sara", "kenji", "omar", "hugo", "ivor", "gwen")
	for i := range people {
		p := &people[i]
		p.Firm, p.Name, p.Email = id, p.Name+" of "+string(id), string(p.ID)+"@"+string(id)+".test"
		if p.Client == "northgate" {
			p.Client = client
		}
	}
	people[0].Email = "" // nothing reaches the partner, and ines is told so
	if _, _, err := root.CreateFirm(ctx, modelstest.Firm(id), people[0], monday); err != nil {
		return err
	}
	s := root.For(id)
	for _, c := range []models.Client{modelstest.Client(client), modelstest.Client("westfield")} {
		c.Firm, c.Name, c.Headcount = id, c.Name+" of "+string(id), 60
		if _, err := s.CreateClient(ctx, store.Once{}, c, monday); err != nil {
			return err
		}
	}
	for _, p := range people[1:] {
		if _, err := s.CreatePerson(ctx, store.Once{}, p, monday); err != nil {
			return err
		}
	}
	for _, d := range []models.Duty{{Client: client, Function: "sponsor", Person: "ruth"},
		{Client: client, Function: "security_lead", Person: "kenji", Backup: "ruth"},
		{Client: "westfield", Function: "sponsor", Person: "sara"}} {
		if _, err := s.ChangeDuty(ctx, store.Once{}, models.Duty{}, d, monday); err != nil {
			return err
		}
	}
	for _, p := range people {
		name := string(p.ID)
		if id != "acme" {
			name = string(id) + "/" + name
		}
		token, hash := session.NewToken()
		if _, err := s.CreateToken(ctx, store.Once{}, p.ID, "tests", hash, monday.AddDate(3, 0, 0), monday); err != nil {
			return err
		}
		tokens[name] = token
	}
	if id == "acme" {
		if err := spoil(ctx, s, tokens); err != nil {
			return err
		}
	}
	return engage(ctx, root, id, client, ids)
}

// spoil adds tokens that let nobody in: expired, revoked, and of somebody who left.
func spoil(ctx context.Context, s *store.Store, tokens map[string]string) error {
	expired, hash := session.NewToken()
	if _, err := s.CreateToken(ctx, store.Once{}, "marta", "expired", hash, monday.AddDate(0, 0, -1), monday.AddDate(0, 0, -9)); err != nil {
		return err
	}
	revoked, hash := session.NewToken()
	t, err := s.CreateToken(ctx, store.Once{}, "marta", "revoked", hash, time.Time{}, monday)
	if err != nil {
		return err
	}
	if _, err := s.RevokeToken(ctx, store.Once{}, t.ID, monday); err != nil {
		return err
	}
	tokens["expired"], tokens["revoked"] = expired, revoked
	_, err = s.UpdatePerson(ctx, store.Once{}, "gwen", monday, func(p *models.Person) error { p.Active = false; return nil })
	return err
}

// engage drafts and starts the engagements: e1 for northgate, which is running with tasks of many people and two decisions, e2
// for westfield, and d1, a draft for northgate.
func engage(ctx context.Context, root *store.Root, firm models.FirmID, client models.ClientID, ids [3]models.EngagementID) error {
	s := root.For(firm)
	e := engagement.Engagement{Type: "soc2_type1_type2", Categories: []catalog.Category{catalog.Security},
		Kickoff:      models.Date{Year: 2026, Month: 3, Day: 2},
		WindowMonths: 6}
	for _, x := range []struct {
		id     models.EngagementID
		client models.ClientID
	}{{ids[0], client}, {ids[1], "westfield"}, {ids[2], client}} {
		e.ID, e.Name, e.Client = x.id, "SOC 2 "+string(x.id)+" of "+string(firm), x.client
		if x.client == "westfield" {
			e.Partner, e.Manager, e.Consultants, e.Auditor = "vera", "noor", []models.PersonID{"cleo"}, "ivor"
		} else {
			e.Partner, e.Manager, e.Consultants, e.Auditor = "marta", "ines", []models.PersonID{"priya"}, "hugo"
		}
		if _, err := s.CreateEngagement(ctx, store.Once{}, e, monday); err != nil {
			return err
		}
	}
	due := models.Date{Year: 2026, Month: 4, Day: 1}
	root.Now = func() time.Time { return monday }
	for i, x := range []struct {
		id  models.EngagementID
		cmd engagement.Command
	}{
		{ids[0], engagement.Command{Kind: engagement.StartEngagement}},
		{ids[1], engagement.Command{Kind: engagement.StartEngagement}},
		{ids[0], engagement.Command{Kind: engagement.AddTask,
			Add: &engagement.NewTask{Title: "Read the boundary", Phase: catalog.PhaseKickoff, Owner: "kenji", Due: due}}},
		{ids[0], engagement.Command{Kind: engagement.AddTask,
			Add: &engagement.NewTask{Title: "Agree the audit dates", Phase: catalog.PhaseKickoff, Owner: "hugo", Due: due}}},
		{ids[0], engagement.Command{Kind: engagement.MoveAsOf, Reason: "The vendor is late",
			Change: &engagement.Change{AsOf: models.Date{Year: 2026, Month: 9, Day: 15}}}},
		{ids[0], engagement.Command{Kind: engagement.MoveWindow, Reason: "The vendor is late",
			Change: &engagement.Change{WindowOpen: models.Date{Year: 2026, Month: 10, Day: 1}}}},
	} {
		x.cmd.Key, x.cmd.Hash, x.cmd.Actor = fmt.Sprint("world-", i), "world", engagement.Actor{Person: "marta", Role: models.RolePartner}
		if _, err := root.Apply(ctx, models.Ref{Firm: firm, Engagement: x.id}, x.cmd); err != nil {
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
		name, dsn, list = "pgx", storetest.Owner(w.T, w.dsn),
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
