// Package town is the world of the tests of activities: Acme Advisory and its client Northgate, the cast of modelstest, with their Slack,
// on a database. The firm's workspace is THQ, the client's TNORTHGATE. Everybody is bound there. An engagement e1 runs; it is Monday,
// 2027-01-11, eight in the morning.
//
// Of the firm, marta is the partner, ines the manager and tom the consultant; of the client, ruth is the sponsor, olga leads whatever there
// is to lead here, and kenji is her backup in security. The firm has an ampersand in its name, which Slack and HTML write in their own way.
// Only external tests import this package.
package town

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"tickmark/activities/desk"
	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/post"
	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/modelstest/await"
	"tickmark/models/reminders"
	"tickmark/models/seal"
	"tickmark/models/store"
	"tickmark/models/store/storetest"
	"tickmark/workflows"
)

// A Town is a firm and its client at their work: see the package. Nothing in it waits in real time: see Settle.
type Town struct {
	T     testing.TB
	DSN   string
	Root  *store.Root
	Store *store.Store
	Slack *slackfake.Slack
	Post  *post.Postman
	Desk  *desk.Desk
	Door  *httptest.Server
	Halt  func() // ends what goes on in the background, which has the database open
	kill  atomic.Pointer[func(place string)]
	Clock atomic.Int64 // micros: engagement time
	ahead atomic.Int64 // by how much the town's real time is ahead of the machine's
	keys  atomic.Int64
}

// Each runs a test in a town on each database.
func Each(t *testing.T, test func(*testing.T, *Town)) {
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, OnSQLite(t)) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, OnPostgres(t)) })
}

// OnSQLite makes a town in a copy of a file that is filled once.
func OnSQLite(t testing.TB) *Town {
	t.Helper()
	text, err := filled()
	Check(t, err)
	file := filepath.Join(t.TempDir(), "t.sqlite")
	Check(t, os.WriteFile(file, text, 0o600))
	return newTown(t, "sqlite:"+file)
}

// filled returns the bytes of a SQLite database with the people, workspaces and engagement of a town.
var filled = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "tickmark-town")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "t.sqlite")
	if err := fill("sqlite:" + file); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// OnPostgres makes a town in a copy of a database that is filled once. It lives there as worker does, as a role that owns nothing.
func OnPostgres(t testing.TB) *Town {
	t.Helper()
	role := storetest.Role(t)
	return newTown(t, storetest.As(t, storetest.PostgresFrom(t, "town", func(dsn string) error { return fillFor(dsn, role) }), role))
}

// fillFor fills a database and lets a role live there.
func fillFor(dsn, role string) error {
	root, err := openTown(dsn)
	if err != nil {
		return err
	}
	defer root.Close()
	return errors.Join(fill(dsn), root.Grant(context.Background(), role))
}

// monday is the first day of the engagement: Monday, 2027-01-11, 08:00 in New York.
var monday = time.Date(2027, 1, 11, 13, 0, 0, 0, time.UTC)

// Keys seal the secrets of the town's workspaces.
const Keys = "k=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

// Signing is the secret with which the town's Slack signs.
const Signing = "0123456789abcdef0123456789abcdef"

// openTown opens the database of a town.
func openTown(dsn string) (*store.Root, error) {
	root, err := store.Open(dsn)
	if err != nil {
		return nil, err
	}
	root.Keys, err = seal.Parse(Keys)
	return root, err
}

// newTown lets a town live on a database that fill has filled.
func newTown(t testing.TB, dsn string) *Town {
	t.Helper()
	w := &Town{T: t, DSN: dsn}
	w.Clock.Store(monday.UnixMicro())
	root, err := openTown(dsn)
	Check(t, err)
	t.Cleanup(func() { _ = root.Close() })
	root.Now = w.Now
	w.Root, w.Store = root, root.For("acme")

	w.Slack, err = slackfake.New(slackfake.Options{SigningSecret: Signing, Now: w.Real, Settings: slackfake.Settings{AckTimeout: Unlimited}})
	Check(t, err)
	Check(t, w.Slack.Start())
	t.Cleanup(func() { _ = w.Slack.Close() })
	w.Post = &post.Postman{Root: root, Now: w.Now, Real: w.Real, Log: slog.New(slog.DiscardHandler),
		Site:  seal.Site{URL: "https://tickmark.test", Keys: root.Keys},
		Slack: &wire.Slack{URL: w.Slack.URL() + "/api/", Timeout: Unlimited, Client: &http.Client{}, Dialer: &websocket.Dialer{}, Real: w.Real},
		Pace:  post.Pace{PerMinute: -1, PerSecond: -1, Patience: Patience},
		At:    w.at}
	root.Post = w.Post
	w.Desk = &desk.Desk{Root: root, Engine: root, Post: w.Post, Slack: w.Post.Slack, URL: w.Post.Site.URL,
		Now: w.Now, Real: w.Real, Log: w.Post.Log, Pages: pages{}, At: w.at}
	w.Door = httptest.NewServer(w.Desk.Door())
	t.Cleanup(w.Door.Close)
	w.Halt = w.serve()
	for _, ws := range workspaces {
		w.connect(ws)
	}
	return w
}

// serve has the desk carry out what comes in until the test ends, or until what it returns is called.
func (w *Town) serve() (halt func()) {
	running, stop := context.WithCancel(w.T.Context())
	at := w.Desk
	var together sync.WaitGroup
	together.Go(func() {
		for running.Err() == nil {
			_ = at.Run(running) // it is tried again
		}
	})
	halt = sync.OnceFunc(func() { stop(); together.Wait() })
	w.T.Cleanup(halt)
	return halt
}

// pages show what a browser is shown of an installation as plain text.
type pages struct{}

func (pages) Say(w http.ResponseWriter, status int, title, text string) {
	http.Error(w, title+"\n"+text, status)
}

func (pages) Ask(w http.ResponseWriter, title string, text []string, button string, leads []string) {
	fmt.Fprintf(w, "%s\n%s\n[%s] leads to %s\n", title, strings.Join(text, "\n"), button, strings.Join(leads, " "))
}

// Nobody in a town is impatient in real time, so that a slow machine changes nothing: what is waited for passes by PassFor.
const (
	Unlimited = 10 * time.Minute // for each call of Slack
	Patience  = 10 * time.Minute // of the postman; a try gives up after half of it
)

// fill makes the database of a town.
func fill(dsn string) error {
	ctx := context.Background()
	root, err := openTown(dsn)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.Migrate(ctx); err != nil {
		return err
	}
	acme := modelstest.Firm("acme")
	acme.Name += " & Co" // to be escaped in Slack
	if _, _, err = root.CreateFirm(ctx, acme, modelstest.Person("marta"), monday); err != nil {
		return err
	}
	s := root.For(acme.ID)
	northgate := modelstest.Client("northgate")
	northgate.Headcount = 50
	if _, err := s.CreateClient(ctx, store.Once{}, northgate, monday); err != nil {
		return err
	}
	for _, p := range modelstest.People("ines", "tom", "ruth", "olga", "kenji") {
		if _, err := s.CreatePerson(ctx, store.Once{}, p, monday); err != nil {
			return err
		}
	}
	for _, d := range []models.Duty{{Function: "sponsor", Person: "ruth"}, {Function: "it_lead", Person: "olga"},
		{Function: "security_lead", Person: "olga", Backup: "kenji"}, {Function: "compliance_lead", Person: "olga"}} {
		d.Client = "northgate"
		if _, err := s.ChangeDuty(ctx, store.Once{}, models.Duty{}, d, monday); err != nil {
			return err
		}
	}
	root.Now = func() time.Time { return monday }
	if err := begin(ctx, root, "e1", "fill", monday); err != nil {
		return err
	}
	for _, w := range workspaces {
		if err := w.install(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// A workspace is one of the town's, in which the app is installed.
type workspace struct {
	id     string
	client models.ClientID
	slack  slackfake.Workspace
	people []models.PersonID
}

// workspaces are those of a town.
var workspaces = []workspace{
	{"hq", "", townSlack("THQ"), []models.PersonID{"marta", "ines", "tom"}},
	{"northgate", "northgate", townSlack("TNORTHGATE"), []models.PersonID{"ruth", "olga", "kenji"}},
}

func townSlack(team string) slackfake.Workspace {
	return slackfake.Workspace{Team: team, Name: team, App: "A" + team, BotUser: "UBOT" + team, Bot: "B" + team,
		Token: "xoxb-1234567890-" + team, Scopes: wire.Scopes, BotEvents: wire.Events,
		ClientID: "12345.67890", ClientSecret: "abcdefabcdefabcdef", SigningSecret: Signing}
}

// install keeps a workspace, and its people as if they had confirmed who they are. Tests say when people are looked for.
func (ws workspace) install(ctx context.Context, s *store.Store) error {
	_, err := s.AddWorkspace(ctx, store.Once{}, reminders.Workspace{ID: ws.id, Client: ws.client, Name: ws.slack.Name,
		OAuthID: ws.slack.ClientID,
		Secrets: reminders.WorkspaceSecrets{Signing: ws.slack.SigningSecret, OAuth: ws.slack.ClientSecret}}, monday)
	if err != nil {
		return err
	}
	_, err = s.UpdateWorkspace(ctx, store.Once{}, ws.id, monday, func(x *reminders.Workspace) error {
		x.Team, x.App, x.Bot, x.State, x.Secrets.Token = ws.slack.Team, ws.slack.App, ws.slack.BotUser, reminders.WorkspaceActive, ws.slack.Token
		return nil
	})
	if err != nil {
		return err
	}
	if _, err := s.BeginBinding(ctx, ws.id); err != nil {
		return err
	}
	if err := s.BindAgain(ctx, ws.id, 24*time.Hour); err != nil {
		return err
	}
	for _, p := range ws.people {
		if err := bind(ctx, s, ws.id, p, monday); err != nil {
			return err
		}
	}
	return nil
}

// connect lets a workspace be there in the town's Slack, with its people.
func (w *Town) connect(ws workspace) {
	w.T.Helper()
	at := w.Door.URL + "/slack/acme/" + ws.id + "/"
	ws.slack.RequestURLs = slackfake.RequestURLs{Events: at + "events", Interactivity: at + "actions", Commands: at + "commands"}
	_, err := w.Slack.AddWorkspace(ws.slack)
	Check(w.T, err)
	for _, p := range ws.people {
		one, err := w.Store.Person(w.T.Context(), p)
		Check(w.T, err)
		_, err = w.Slack.AddUser(ws.slack.Team, slackfake.User{ID: UserOf(p), Name: string(p), RealName: one.Name,
			Email: one.Email, TimeZone: one.TimeZone})
		Check(w.T, err)
	}
}

// UserOf is the Slack id of somebody.
func UserOf(p models.PersonID) string { return "U" + strings.ToUpper(string(p)) }

// bind binds somebody in a workspace, as if they had confirmed it.
func bind(ctx context.Context, s *store.Store, workspace string, p models.PersonID, now time.Time) error {
	one, err := s.Person(ctx, p)
	if err != nil {
		return err
	}
	b := reminders.Binding{Person: p, Workspace: workspace, User: UserOf(p), State: reminders.BindingConfirmed, Email: one.Email}
	return s.Bind(ctx, b, true, now)
}

// Bind binds somebody in a workspace, as if they had confirmed it.
func (w *Town) Bind(workspace string, p models.PersonID) {
	w.T.Helper()
	Check(w.T, bind(w.T.Context(), w.Store, workspace, p, w.Now()))
}

// Engagement starts one.
func (w *Town) Engagement(id models.EngagementID) {
	w.T.Helper()
	Check(w.T, begin(w.T.Context(), w.Root, id, fmt.Sprint("k", w.keys.Add(1)), w.Now()))
}

// begin drafts an engagement and has Ines start it.
func begin(ctx context.Context, root *store.Root, id models.EngagementID, key string, now time.Time) error {
	s := root.For("acme")
	_, err := s.CreateEngagement(ctx, store.Once{}, engagement.Engagement{ID: id, Client: "northgate", Name: "Northgate SOC 2 " + string(id),
		Type: "soc2_type1", Categories: modelstest.SecurityOnly, Kickoff: models.Date{Year: 2027, Month: 1, Day: 11},
		Partner: "marta", Manager: "ines", Consultants: []models.PersonID{"tom"}}, now)
	if err != nil {
		return err
	}
	ines, err := s.Person(ctx, "ines")
	if err != nil {
		return err
	}
	c := engagement.Command{Kind: engagement.StartEngagement, Key: key, Hash: "h"}
	if c.Actor, err = s.Actor(ctx, ines, now); err != nil {
		return err
	}
	if _, err := root.Apply(ctx, models.Ref{Firm: "acme", Engagement: id}, c); err != nil {
		return err
	}
	return advance(ctx, root, id)
}

func advance(ctx context.Context, root *store.Root, id models.EngagementID) error {
	_, err := root.Advance(ctx, models.Ref{Firm: "acme", Engagement: id})
	return err
}

// Now is the instant at which the engagements are.
func (w *Town) Now() time.Time { return time.UnixMicro(w.Clock.Load()).UTC() }

// Real is the town's real time, by which its people, its Slack and its databases wait for each other.
func (w *Town) Real() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

// waits are the columns that hold until when something waits, or since when, by the clock of the database.
var waits = map[string][]string{"deliveries": {"next_try", "sending_since"}, "lanes": {"not_before"},
	"inbound": {"lease"}, "workspaces": {"look_at"}, "doubts": {"next_at"}}

// PassFor lets real time pass, at once: what the database waits for comes nearer, and all other clocks are put forward.
func (w *Town) PassFor(d time.Duration) {
	w.T.Helper()
	f := NewFiller(w.T, w.DSN)
	defer f.Close()
	for table, columns := range waits {
		for _, c := range columns {
			f.exec(fmt.Sprintf("UPDATE %s SET %s = %s - %d WHERE %s > 0", table, c, c, d.Microseconds(), c))
		}
	}
	w.ahead.Add(int64(d))
}

// passUntilDue lets as much real time pass as the next delivery, whatever holds it up, has to wait.
func (w *Town) passUntilDue() {
	w.T.Helper()
	f := NewFiller(w.T, w.DSN)
	defer f.Close()
	due := f.number(`SELECT COALESCE(MIN(CASE WHEN l.not_before > d.next_try THEN l.not_before ELSE d.next_try END), 0) FROM deliveries d
		LEFT JOIN lanes l ON l.firm_id = d.firm_id AND l.lane = d.lane WHERE d.status IN ('scheduled', 'sending')`)
	if d := time.Until(time.UnixMicro(due)); d > 0 {
		w.PassFor(d + time.Millisecond)
	}
}

// Pass lets as much real time pass as the next delivery has to wait, whatever holds it up; the hour of the engagement stays.
func (w *Town) Pass() { w.T.Helper(); w.passUntilDue() }

// On lets time pass until a day's hour in New York; engagements move on every day on the way.
func (w *Town) On(day string, hour int) {
	w.T.Helper()
	d, err := models.ParseDate(day)
	Check(w.T, err)
	to := d.At(models.Zone("America/New_York"), hour, 0)
	for w.Now().Add(24 * time.Hour).Before(to) {
		w.Clock.Add((24 * time.Hour).Microseconds())
		w.advanceAll()
	}
	w.Clock.Store(to.UnixMicro())
	w.advanceAll()
}

func (w *Town) advanceAll() {
	w.T.Helper()
	running := store.PortfolioFilter{Scope: store.ScopeAll(), Statuses: []engagement.Status{engagement.StatusRunning}}
	rows, _, err := w.Store.Portfolio(w.T.Context(), running, "name", "", 100)
	Check(w.T, err)
	for _, r := range rows {
		w.advance(r.ID)
	}
}

func (w *Town) advance(id models.EngagementID) {
	w.T.Helper()
	Check(w.T, advance(w.T.Context(), w.Root, id))
}

// Task has Ines add a task to e1 for somebody.
func (w *Town) Task(owner models.PersonID, title, due string) models.TaskID {
	w.T.Helper()
	day, err := models.ParseDate(due)
	Check(w.T, err)
	return models.TaskID(w.Do("e1", "ines", engagement.Command{Kind: engagement.AddTask, Reason: "it is needed",
		Add: &engagement.NewTask{Title: title, Phase: catalog.PhaseKickoff, Owner: owner, Due: day}}))
}

// State returns where a task of e1 stands.
func (w *Town) State(id models.TaskID) engagement.Task {
	w.T.Helper()
	t, _, err := w.Store.Task(w.T.Context(), "e1", id)
	Check(w.T, err)
	return t
}

// Do has somebody send a command that must be carried out, and returns what it made.
func (w *Town) Do(id models.EngagementID, who models.PersonID, c engagement.Command) string {
	w.T.Helper()
	p, err := w.Store.Person(w.T.Context(), who)
	Check(w.T, err)
	c.Key, c.Hash = fmt.Sprint("k", w.keys.Add(1)), "h"
	c.Actor, err = w.Store.Actor(w.T.Context(), p, w.Now())
	Check(w.T, err)
	r, err := w.Root.Apply(w.T.Context(), models.Ref{Firm: "acme", Engagement: id}, c)
	Check(w.T, err)
	return r.Created
}

// Copy returns a copy of the town's database as it is now, of which Restore is told. It is for towns on SQLite.
func (w *Town) Copy() (file string) {
	w.T.Helper()
	f := NewFiller(w.T, w.DSN)
	defer f.Close()
	file = filepath.Join(w.T.TempDir(), fmt.Sprint("copy-", w.keys.Add(1)))
	f.exec("VACUUM INTO '" + file + "'")
	return file
}

// Restore puts a copy of the town's database back and starts the postman anew, as who runs Tickmark would; Slack knows nothing of it.
func (w *Town) Restore(file string) {
	w.T.Helper()
	w.Reopen("sqlite:" + file)
}

// Reopen goes on with another database, which was put back by whoever calls it, and starts the postman anew.
func (w *Town) Reopen(dsn string) {
	w.T.Helper()
	root, err := openTown(dsn)
	Check(w.T, err)
	w.T.Cleanup(func() { _ = root.Close() })
	root.Now = w.Now
	w.DSN, w.Root, w.Store = dsn, root, root.For("acme")
	w.Restart()
}

// Restart starts the postman anew.
func (w *Town) Restart() {
	was := w.Post
	w.Post = &post.Postman{Root: w.Root, Now: was.Now, Real: was.Real, Wait: was.Wait, Log: was.Log, Site: was.Site, Slack: was.Slack,
		Mail: was.Mail, Pace: was.Pace}
	w.Root.Post = w.Post
}

// at is a place to which the process comes in which the desk is.
func (w *Town) at(place string) {
	if kill := w.kill.Load(); kill != nil {
		(*kill)(place)
	}
}

// KillAt has the process in which the desk is die when it comes to a place next, as by kill -9: what is under way there never goes on. What
// it returns waits until it is dead, and starts another one.
func (w *Town) KillAt(place string) (revive func()) {
	w.T.Helper()
	dead, ended := make(chan struct{}), make(chan struct{})
	die := sync.OnceFunc(func() { close(dead) })
	kill := func(at string) {
		if at == place {
			die()
			<-ended
			runtime.Goexit()
		}
	}
	w.kill.Store(&kill)
	w.T.Cleanup(sync.OnceFunc(func() { close(ended) }))
	return func() {
		w.T.Helper()
		w.Eventually("the process dies at "+place, func() bool {
			select {
			case <-dead:
				return true
			default:
				return false
			}
		})
		w.kill.Store(nil)
		was := w.Desk
		w.Restart()
		w.Post.At = w.at
		w.Desk = &desk.Desk{Root: w.Root, Engine: w.Root, Post: w.Post, Slack: was.Slack, URL: was.URL, Now: was.Now, Real: was.Real,
			Log: was.Log, Pages: was.Pages, At: w.at}
		w.PassFor(time.Minute) // the lease of who died ends
		w.serve()
	}
}

// Sweep does what one run of the Post workflow does, and returns when there is nothing more to do at once.
func (w *Town) Sweep() {
	w.T.Helper()
	var lanes []workflows.Lane
	for first := true; ; first = false {
		out, err := w.Post.Schedule(w.T.Context(), workflows.ScheduleInput{First: first})
		Check(w.T, err)
		lanes = out.Lanes
		if !out.More {
			break
		}
	}
	w.deliver(lanes...)
}

// deliver works on lanes, beside each other, as long as there is more to do.
func (w *Town) deliver(lanes ...workflows.Lane) {
	w.T.Helper()
	var together sync.WaitGroup
	for _, l := range lanes {
		together.Go(func() {
			for {
				out, err := w.Post.Deliver(w.T.Context(), workflows.DeliverInput{Lane: l})
				if err != nil {
					w.T.Error(err)
					return
				}
				if !out.More {
					return
				}
			}
		})
	}
	together.Wait()
}

// Settle sweeps until nothing is planned or in doubt any more, letting time pass where something waits.
func (w *Town) Settle() {
	w.T.Helper()
	for range 200 {
		w.Sweep()
		counts, err := w.Store.CountDeliveries(w.T.Context(), time.Time{})
		Check(w.T, err)
		if counts[reminders.DeliveryScheduled]+counts[reminders.DeliverySending] == 0 {
			return
		}
		w.passUntilDue()
	}
	w.T.Fatalf("it does not come to rest: %s", w.Ledger())
}

// Ledger is the whole ledger in lines.
func (w *Town) Ledger() string {
	w.T.Helper()
	rows, _, err := w.Store.Deliveries(w.T.Context(), store.DeliveryFilter{}, "", 500)
	Check(w.T, err)
	var out []string
	for _, d := range rows {
		out = append(out, fmt.Sprintf("%s %s %s by %q: %s (%s)", d.Day, d.Kind, d.Person, d.Channel, d.Status, d.Reason))
	}
	return strings.Join(out, "\n")
}

// Said returns the deliveries of a person, the last one first.
func (w *Town) Said(p models.PersonID) []reminders.Delivery {
	w.T.Helper()
	rows, _, err := w.Store.Deliveries(w.T.Context(), store.DeliveryFilter{Person: p}, "", 500)
	Check(w.T, err)
	return rows
}

// SlackOf returns what stands in somebody's direct messages, the oldest first.
func (w *Town) SlackOf(p models.PersonID) []slackfake.Message {
	w.T.Helper()
	one, err := w.Store.Person(w.T.Context(), p)
	Check(w.T, err)
	team := "THQ"
	if one.Client != "" {
		team = "TNORTHGATE"
	}
	return w.Slack.MessagesTo(team, UserOf(p))
}

// Eventually waits until what must come true does.
func (w *Town) Eventually(what string, ok func() bool) {
	w.T.Helper()
	await.Until(w.T, what, ok, w.Ledger)
}

// Check ends a test when something has gone wrong that should not.
func Check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
