package activities_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tickmark/activities"
	"tickmark/activities/desk"
	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/mail"
	"tickmark/activities/post"
	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest/await"
	"tickmark/models/reminders"
	"tickmark/models/seal"
	"tickmark/models/store"
	"tickmark/models/store/storetest"
	"tickmark/workflows"
)

// A town is a consulting firm and its client with their Slack: the firm's workspace is THQ, the client's TACME. Everybody is bound there.
// An engagement e1 runs. Nothing in a town waits in real time: see pass.
type town struct {
	t     testing.TB
	dsn   string
	root  *store.Root
	s     *store.Store
	slack *slackfake.Slack
	post  *post.Postman
	desk  *desk.Desk
	door  *httptest.Server
	clock atomic.Int64 // micros: engagement time
	ahead atomic.Int64 // by how much the town's real time is ahead of the machine's
	keys  atomic.Int64
}

// towns runs a test in a town on each database.
func towns(t *testing.T, test func(*testing.T, *town)) {
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, onSQLite(t)) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, onPostgres(t)) })
}

// onSQLite makes a town in a copy of a file that is filled once.
func onSQLite(t testing.TB) *town {
	t.Helper()
	text, err := filled()
	check(t, err)
	file := filepath.Join(t.TempDir(), "t.sqlite")
	check(t, os.WriteFile(file, text, 0o600))
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

// onPostgres makes a town in a copy of a database that is filled once.
func onPostgres(t testing.TB) *town {
	t.Helper()
	return newTown(t, storetest.PostgresFrom(t, "town", fill))
}

// monday is the first day of the engagement: Monday, 2027-01-11, 08:00 in New York.
var monday = time.Date(2027, 1, 11, 13, 0, 0, 0, time.UTC)

const newYork = "America/New_York"

// townKeys seal the secrets of the town's workspaces.
const townKeys = "k=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

// signing is the secret with which the town's Slack signs.
const signing = "0123456789abcdef0123456789abcdef"

// openTown opens the database of a town.
func openTown(dsn string) (*store.Root, error) {
	root, err := store.Open(dsn)
	if err != nil {
		return nil, err
	}
	root.Keys, err = seal.Parse(townKeys)
	return root, err
}

// newTown lets a town live on a database that fill has filled.
func newTown(t testing.TB, dsn string) *town {
	t.Helper()
	ctx := t.Context()
	w := &town{t: t, dsn: dsn}
	w.clock.Store(monday.UnixMicro())
	root, err := openTown(dsn)
	check(t, err)
	t.Cleanup(func() { _ = root.Close() })
	w.root, w.s = root, root.For("firm")

	w.slack, err = slackfake.New(slackfake.Options{SigningSecret: signing, Now: w.real, Settings: slackfake.Settings{AckTimeout: unlimited}})
	check(t, err)
	check(t, w.slack.Start())
	t.Cleanup(func() { _ = w.slack.Close() })
	w.post = &post.Postman{Root: root, Now: w.now, Real: w.real, Log: slog.New(slog.DiscardHandler), Site: mail.Site{URL: "https://tickmark.test", Keys: root.Keys},
		Slack: &wire.Slack{URL: w.slack.URL() + "/api/", Timeout: unlimited},
		Pace:  post.Pace{PerMinute: -1, PerSecond: -1, Patience: patience}}
	w.desk = &desk.Desk{Postman: w.post, Engine: engine{w.root, w.now}}
	w.door = httptest.NewServer(w.desk.Door())
	t.Cleanup(w.door.Close)
	running, stop := context.WithCancel(ctx)
	var together sync.WaitGroup
	together.Go(func() { w.desk.Run(running) })
	t.Cleanup(func() { stop(); together.Wait() })
	for _, ws := range workspaces {
		w.connect(ws)
	}
	return w
}

// Nobody in a town is impatient in real time, so that a slow machine changes nothing: what is waited for passes by pass.
const (
	unlimited = 10 * time.Minute
	patience  = 10 * time.Minute // of the postman; a try gives up after half of it
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
	_, _, err = root.CreateFirm(ctx, models.Firm{ID: "firm", Name: "Ledger & Co", Country: "US", TimeZone: newYork},
		models.Person{ID: "paula", Name: "Paula Partner", Email: "paula@firm.test", Role: models.RolePartner, TimeZone: newYork}, monday)
	if err != nil {
		return err
	}
	s := root.For("firm")
	if _, err := s.CreateClient(ctx, store.Once{}, models.Client{ID: "acme", Name: "Acme", Headcount: 50, Country: "US", TimeZone: newYork}, monday); err != nil {
		return err
	}
	for _, p := range []models.Person{{ID: "mia", Name: "Mia Manager", Email: "mia@firm.test", Role: models.RoleManager},
		{ID: "carl", Name: "Carl Consultant", Email: "carl@firm.test", Role: models.RoleConsultant},
		{ID: "sam", Name: "Sam Sponsor", Email: "sam@acme.test", Role: models.RoleSponsor, Client: "acme"},
		{ID: "olga", Name: "Olga Owner", Email: "olga@acme.test", Role: models.RoleOwner, Client: "acme"},
		{ID: "otto", Name: "Otto Other", Email: "otto@acme.test", Role: models.RoleOwner, Client: "acme"}} {
		p.TimeZone = newYork
		if _, err := s.CreatePerson(ctx, store.Once{}, p, monday); err != nil {
			return err
		}
	}
	for _, d := range []models.Duty{{Function: "sponsor", Person: "sam"}, {Function: "it_lead", Person: "olga"}, {Function: "security_lead", Person: "olga", Backup: "otto"}, {Function: "compliance_lead", Person: "olga"}} {
		d.Client = "acme"
		if _, err := s.SetDuty(ctx, store.Once{}, d, monday); err != nil {
			return err
		}
	}
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
	{"hq", "", townSlack("THQ"), []models.PersonID{"paula", "mia", "carl"}},
	{"acme", "acme", townSlack("TACME"), []models.PersonID{"sam", "olga", "otto"}},
}

func townSlack(team string) slackfake.Workspace {
	return slackfake.Workspace{Team: team, Name: team, App: "A" + team, BotUser: "UBOT" + team, Bot: "B" + team, Token: "xoxb-1234567890-" + team,
		ClientID: "12345.67890", ClientSecret: "abcdefabcdefabcdef", SigningSecret: signing}
}

// install keeps a workspace, and its people as if they had confirmed who they are. Tests say when people are looked for.
func (ws workspace) install(ctx context.Context, s *store.Store) error {
	_, err := s.AddWorkspace(ctx, store.Once{}, reminders.Workspace{ID: ws.id, Client: ws.client, Name: ws.slack.Name, OAuthID: ws.slack.ClientID,
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
func (w *town) connect(ws workspace) {
	w.t.Helper()
	at := w.door.URL + "/slack/firm/" + ws.id + "/"
	ws.slack.RequestURLs = slackfake.RequestURLs{Events: at + "events", Interactivity: at + "actions", Commands: at + "commands"}
	_, err := w.slack.AddWorkspace(ws.slack)
	check(w.t, err)
	for _, p := range ws.people {
		one, err := w.s.Person(w.t.Context(), p)
		check(w.t, err)
		_, err = w.slack.AddUser(ws.slack.Team, slackfake.User{ID: userOf(p), Name: string(p), RealName: one.Name, Email: one.Email, TimeZone: one.TimeZone})
		check(w.t, err)
	}
}

// userOf is the Slack id of somebody.
func userOf(p models.PersonID) string { return "U" + strings.ToUpper(string(p)) }

// bind binds somebody in a workspace, as if they had confirmed it.
func bind(ctx context.Context, s *store.Store, workspace string, p models.PersonID, now time.Time) error {
	one, err := s.Person(ctx, p)
	if err != nil {
		return err
	}
	return s.Bind(ctx, reminders.Binding{Person: p, Workspace: workspace, User: userOf(p), State: reminders.BindingConfirmed, Email: one.Email}, true, now)
}

// bind binds somebody in a workspace, as if they had confirmed it.
func (w *town) bind(workspace string, p models.PersonID) {
	w.t.Helper()
	check(w.t, bind(w.t.Context(), w.s, workspace, p, w.now()))
}

// engagement starts one.
func (w *town) engagement(id models.EngagementID) {
	w.t.Helper()
	check(w.t, begin(w.t.Context(), w.root, id, fmt.Sprint("k", w.keys.Add(1)), w.now()))
}

// begin drafts an engagement and has Mia start it.
func begin(ctx context.Context, root *store.Root, id models.EngagementID, key string, now time.Time) error {
	s := root.For("firm")
	_, err := s.CreateEngagement(ctx, store.Once{}, engagement.Engagement{ID: id, Client: "acme", Name: "Acme SOC 2 " + string(id), Type: "soc2_type1", Categories: []catalog.Category{catalog.Security},
		Kickoff: models.Date{Year: 2027, Month: 1, Day: 11}, Partner: "paula", Manager: "mia", Consultants: []models.PersonID{"carl"}}, now)
	if err != nil {
		return err
	}
	mia, err := s.Person(ctx, "mia")
	if err != nil {
		return err
	}
	c := engagement.Command{Kind: engagement.StartEngagement, Key: key, Hash: "h"}
	if c.Actor, err = s.Actor(ctx, mia, now); err != nil {
		return err
	}
	clock := func() time.Time { return now }
	if _, err := (engine{root, clock}).Apply(ctx, models.Ref{Firm: "firm", Engagement: id}, c); err != nil {
		return err
	}
	return advance(ctx, root, id, now)
}

func advance(ctx context.Context, root *store.Root, id models.EngagementID, now time.Time) error {
	a := &activities.Activities{Root: root, Log: slog.New(slog.DiscardHandler)}
	_, err := a.Advance(ctx, workflows.LookInput{Ref: models.Ref{Firm: "firm", Engagement: id}, Now: now})
	return err
}

func (w *town) now() time.Time { return time.UnixMicro(w.clock.Load()).UTC() }

// real is the town's real time, by which its people, its Slack and its databases wait for each other.
func (w *town) real() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

// waits are the columns that hold until when something waits, or since when, by the clock of the database.
var waits = map[string][]string{"deliveries": {"next_try", "sending_since"}, "lanes": {"not_before"}, "inbound": {"lease"}, "workspaces": {"look_at"}}

// pass lets real time pass, at once: what the database waits for comes nearer, and all other clocks are put forward.
func (w *town) pass(d time.Duration) {
	w.t.Helper()
	f := newFiller(w.t, w.dsn)
	defer f.close()
	for table, columns := range waits {
		for _, c := range columns {
			f.exec(fmt.Sprintf("UPDATE %s SET %s = %s - %d WHERE %s > 0", table, c, c, d.Microseconds(), c))
		}
	}
	w.ahead.Add(int64(d))
}

// passUntilDue lets as much real time pass as the next delivery, whatever holds it up, has to wait.
func (w *town) passUntilDue() {
	w.t.Helper()
	f := newFiller(w.t, w.dsn)
	defer f.close()
	due := f.number(`SELECT COALESCE(MIN(CASE WHEN l.not_before > d.next_try THEN l.not_before ELSE d.next_try END), 0) FROM deliveries d
		LEFT JOIN lanes l ON l.firm_id = d.firm_id AND l.lane = d.lane WHERE d.status IN ('planned', 'sending')`)
	if d := time.Until(time.UnixMicro(due)); d > 0 {
		w.pass(d + time.Millisecond)
	}
}

// on lets time pass until a day's hour in New York; engagements move on every day on the way.
func (w *town) on(day string, hour int) {
	w.t.Helper()
	d, err := models.ParseDate(day)
	check(w.t, err)
	to := d.At(models.Zone("America/New_York"), hour, 0)
	for w.now().Add(24 * time.Hour).Before(to) {
		w.clock.Add((24 * time.Hour).Microseconds())
		w.advanceAll()
	}
	w.clock.Store(to.UnixMicro())
	w.advanceAll()
}

func (w *town) advanceAll() {
	w.t.Helper()
	rows, _, err := w.s.Portfolio(w.t.Context(), store.PortfolioFilter{Scope: store.ScopeAll(), Statuses: []engagement.Status{engagement.StatusRunning}}, "name", "", 100)
	check(w.t, err)
	for _, r := range rows {
		w.advance(r.ID)
	}
}

func (w *town) advance(id models.EngagementID) {
	w.t.Helper()
	check(w.t, advance(w.t.Context(), w.root, id, w.now()))
}

// task has Mia add a task to e1 for somebody.
func (w *town) task(owner models.PersonID, title, due string) models.TaskID {
	w.t.Helper()
	day, err := models.ParseDate(due)
	check(w.t, err)
	return models.TaskID(w.do("e1", "mia", engagement.Command{Kind: engagement.AddTask, Reason: "it is needed", Add: &engagement.NewTask{Title: title, Phase: catalog.PhaseKickoff, Owner: owner, Due: day}}))
}

// state returns where a task of e1 stands.
func (w *town) state(id models.TaskID) engagement.Task {
	w.t.Helper()
	t, _, err := w.s.Task(w.t.Context(), "e1", id)
	check(w.t, err)
	return t
}

// do has somebody send a command that must be carried out, and returns what it made.
func (w *town) do(id models.EngagementID, who models.PersonID, c engagement.Command) string {
	w.t.Helper()
	p, err := w.s.Person(w.t.Context(), who)
	check(w.t, err)
	c.Key, c.Hash = fmt.Sprint("k", w.keys.Add(1)), "h"
	c.Actor, err = w.s.Actor(w.t.Context(), p, w.now())
	check(w.t, err)
	r, err := engine{w.root, w.now}.Apply(w.t.Context(), models.Ref{Firm: "firm", Engagement: id}, c)
	check(w.t, err)
	return r.Created
}

// An engine carries commands out without a workflow around it.
type engine struct {
	root *store.Root
	now  func() time.Time
}

func (e engine) Apply(ctx context.Context, ref models.Ref, c engagement.Command) (engagement.Result, error) {
	_, r, err := e.root.For(ref.Firm).Change(ctx, ref.Engagement, store.OnceOf(c), engagement.NeedOf(c), e.now(),
		func(f *engagement.Facts) (string, error) { return engagement.Decide(f, c, e.now()) })
	return engagement.Result{Revision: r.Revision, Created: r.Created, Replayed: r.Replayed}, err
}

// sweep does what one run of the Post workflow does, and returns when there is nothing more to do at once.
func (w *town) sweep() {
	w.t.Helper()
	var lanes []workflows.Lane
	for first := true; ; first = false {
		out, err := w.post.Plan(w.t.Context(), workflows.PlanInput{First: first})
		check(w.t, err)
		lanes = out.Lanes
		if !out.More {
			break
		}
	}
	w.deliver(lanes...)
}

// deliver works on lanes, beside each other, as long as there is more to do.
func (w *town) deliver(lanes ...workflows.Lane) {
	w.t.Helper()
	var together sync.WaitGroup
	for _, l := range lanes {
		together.Go(func() {
			for {
				out, err := w.post.Deliver(w.t.Context(), workflows.DeliverInput{Lane: l})
				if err != nil {
					w.t.Error(err)
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

// settle sweeps until nothing is planned or in doubt any more, letting time pass where something waits.
func (w *town) settle() {
	w.t.Helper()
	for range 200 {
		w.sweep()
		counts, err := w.s.CountDeliveries(w.t.Context(), time.Time{})
		check(w.t, err)
		if counts[reminders.DeliveryPlanned]+counts[reminders.DeliverySending] == 0 {
			return
		}
		w.passUntilDue()
	}
	w.t.Fatalf("it does not come to rest: %s", w.ledger())
}

// ledger is the whole ledger in lines.
func (w *town) ledger() string {
	w.t.Helper()
	rows, _, err := w.s.Deliveries(w.t.Context(), store.DeliveryFilter{}, "", 500)
	check(w.t, err)
	var out []string
	for _, d := range rows {
		out = append(out, fmt.Sprintf("%s %s %s by %q: %s (%s)", d.Day, d.Kind, d.Person, d.Channel, d.Status, d.Reason))
	}
	return strings.Join(out, "\n")
}

// said returns the deliveries of a person, the last one first.
func (w *town) said(p models.PersonID) []reminders.Delivery {
	w.t.Helper()
	rows, _, err := w.s.Deliveries(w.t.Context(), store.DeliveryFilter{Person: p}, "", 500)
	check(w.t, err)
	return rows
}

// slackOf returns what stands in somebody's direct messages, the oldest first.
func (w *town) slackOf(p models.PersonID) []slackfake.Message {
	w.t.Helper()
	one, err := w.s.Person(w.t.Context(), p)
	check(w.t, err)
	team := "THQ"
	if one.Client != "" {
		team = "TACME"
	}
	return w.slack.MessagesTo(team, userOf(p))
}

// eventually waits until what must come true does.
func (w *town) eventually(what string, ok func() bool) {
	w.t.Helper()
	await.Until(w.t, what, ok, w.ledger)
}
