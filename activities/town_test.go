package activities_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tickmark/activities"
	"tickmark/activities/slackfake"
	"tickmark/models"
	"tickmark/models/seal"
	"tickmark/models/store"
	"tickmark/models/store/storetest"
	"tickmark/workflows"
)

// A town is a consulting firm and its client with their Slack: the firm's workspace is THQ, the client's TACME. Everybody is bound there
// unless a test says otherwise. An engagement e1 runs.
type town struct {
	t     testing.TB
	root  *store.Root
	s     *store.Store
	slack *slackfake.Slack
	post  *activities.Postman
	desk  *activities.Desk
	door  *httptest.Server
	clock atomic.Int64 // micros: engagement time
	keys  atomic.Int64
}

// towns runs a test in a town on each database.
func towns(t *testing.T, test func(*testing.T, *town)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, newTown(t, "sqlite:"+filepath.Join(t.TempDir(), "t.sqlite"), true))
	})
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, newTown(t, storetest.Postgres(t), true)) })
}

// monday is the first day of the engagement: Monday, 2027-01-11, 08:00 in New York.
var monday = time.Date(2027, 1, 11, 13, 0, 0, 0, time.UTC)

func newTown(t testing.TB, dsn string, bind bool) *town {
	t.Helper()
	ctx := t.Context()
	w := &town{t: t}
	w.clock.Store(monday.UnixMicro())
	root, err := store.Open(dsn)
	check(t, err)
	t.Cleanup(func() { _ = root.Close() })
	check(t, root.Migrate(ctx))
	keys, err := seal.Parse("k=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
	check(t, err)
	root.Keys = keys
	w.root, w.s = root, root.For("firm")

	w.slack, err = slackfake.New(slackfake.Options{SigningSecret: "0123456789abcdef0123456789abcdef"})
	check(t, err)
	check(t, w.slack.Start())
	t.Cleanup(func() { _ = w.slack.Close() })
	w.post = &activities.Postman{Root: root, Now: w.now, Real: time.Now, Log: slog.New(slog.DiscardHandler), Site: activities.Site{URL: "https://tickmark.test", Keys: keys},
		Slack: &activities.Slack{URL: w.slack.URL() + "/api/", Timeout: time.Second},
		Pace:  activities.Pace{PerMinute: -1, PerSecond: -1, Patience: time.Second, Shift: 5 * time.Second, Backoff: 10 * time.Millisecond}}
	w.desk = &activities.Desk{Postman: w.post, Engine: engine{w}, Lease: 200 * time.Millisecond}
	w.door = httptest.NewServer(w.desk.Door())
	t.Cleanup(w.door.Close)
	running, stop := context.WithCancel(ctx)
	var together sync.WaitGroup
	together.Go(func() { w.desk.Run(running) })
	t.Cleanup(func() { stop(); together.Wait() })

	_, _, err = root.CreateFirm(ctx, models.Firm{ID: "firm", Name: "Ledger & Co", Country: "US", TimeZone: "America/New_York"},
		models.Person{ID: "paula", Name: "Paula Partner", Email: "paula@firm.test", Role: models.RolePartner, TimeZone: "America/New_York"}, monday)
	check(t, err)
	_, err = w.s.CreateClient(ctx, store.Once{}, models.Client{ID: "acme", Name: "Acme", Headcount: 50, Country: "US", TimeZone: "America/New_York"}, monday)
	check(t, err)
	for _, p := range []models.Person{{ID: "mia", Name: "Mia Manager", Email: "mia@firm.test", Role: models.RoleManager},
		{ID: "carl", Name: "Carl Consultant", Email: "carl@firm.test", Role: models.RoleConsultant},
		{ID: "sam", Name: "Sam Sponsor", Email: "sam@acme.test", Role: models.RoleSponsor, Client: "acme"},
		{ID: "olga", Name: "Olga Owner", Email: "olga@acme.test", Role: models.RoleOwner, Client: "acme"},
		{ID: "otto", Name: "Otto Other", Email: "otto@acme.test", Role: models.RoleOwner, Client: "acme"}} {
		p.TimeZone = "America/New_York"
		_, err = w.s.CreatePerson(ctx, store.Once{}, p, monday)
		check(t, err)
	}
	for i, d := range []models.Duty{{Function: "sponsor", Person: "sam"}, {Function: "it_lead", Person: "olga"}, {Function: "security_lead", Person: "olga", Backup: "otto"}, {Function: "compliance_lead", Person: "olga"}} {
		d.Client = "acme"
		_, err = w.s.SetDuty(ctx, store.Once{}, d, monday)
		if err != nil {
			t.Fatal(i, err)
		}
	}
	w.engagement("e1")
	w.workspace("hq", "THQ", "", "paula", "mia", "carl")
	w.workspace("acme", "TACME", "acme", "sam", "olga", "otto")
	if bind {
		w.bind("hq", "paula", "mia", "carl")
		w.bind("acme", "sam", "olga", "otto")
	}
	return w
}

// workspace installs the app in a Slack workspace with some people.
func (w *town) workspace(id, team string, client models.ClientID, people ...models.PersonID) {
	w.t.Helper()
	at := w.door.URL + "/slack/firm/" + id + "/"
	ws, err := w.slack.AddWorkspace(slackfake.Workspace{Team: team, Name: team, ClientID: "12345.67890", ClientSecret: "abcdefabcdefabcdef",
		RequestURLs: slackfake.RequestURLs{Events: at + "events", Interactivity: at + "actions", Commands: at + "commands"}})
	check(w.t, err)
	for _, p := range people {
		one, err := w.s.Person(w.t.Context(), p)
		check(w.t, err)
		_, err = w.slack.AddUser(team, slackfake.User{ID: userOf(p), Name: string(p), RealName: one.Name, Email: one.Email, TimeZone: one.TimeZone})
		check(w.t, err)
	}
	_, err = w.s.AddWorkspace(w.t.Context(), store.Once{}, models.Workspace{ID: id, Client: client, Name: team, OAuthID: ws.ClientID,
		Secrets: models.WorkspaceSecrets{Signing: ws.SigningSecret, OAuth: ws.ClientSecret}}, w.now())
	check(w.t, err)
	_, err = w.s.UpdateWorkspace(w.t.Context(), store.Once{}, id, w.now(), func(x *models.Workspace) error {
		x.Team, x.App, x.Bot, x.State, x.Secrets.Token = team, ws.App, ws.BotUser, models.WorkspaceActive, ws.Token
		return nil
	})
	check(w.t, err)
	check(w.t, w.s.BindAgain(w.t.Context(), id, 24*time.Hour)) // tests say when people are looked for
}

// userOf is the Slack id of somebody.
func userOf(p models.PersonID) string { return "U" + strings.ToUpper(string(p)) }

// bind binds people in a workspace, as if they had confirmed it.
func (w *town) bind(workspace string, people ...models.PersonID) {
	w.t.Helper()
	for _, p := range people {
		one, err := w.s.Person(w.t.Context(), p)
		check(w.t, err)
		check(w.t, w.s.Bind(w.t.Context(), models.Binding{Person: p, Workspace: workspace, User: userOf(p), State: models.BindingConfirmed, Email: one.Email}, true, w.now()))
	}
}

// engagement starts one.
func (w *town) engagement(id models.EngagementID) {
	w.t.Helper()
	_, err := w.s.CreateEngagement(w.t.Context(), store.Once{}, models.Engagement{ID: id, Client: "acme", Name: "Acme SOC 2 " + string(id), Type: "soc2_type1", Categories: []models.Category{models.Security},
		Kickoff: models.Date{Year: 2027, Month: 1, Day: 11}, Partner: "paula", Manager: "mia", Consultants: []models.PersonID{"carl"}}, w.now())
	check(w.t, err)
	w.do(id, "mia", models.Command{Kind: models.StartEngagement})
	w.advance(id)
}

func (w *town) now() time.Time { return time.UnixMicro(w.clock.Load()).UTC() }

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
	rows, _, err := w.s.Portfolio(w.t.Context(), store.PortfolioFilter{Scope: store.ScopeAll(), Statuses: []models.Status{models.StatusRunning}}, "name", "", 100)
	check(w.t, err)
	for _, r := range rows {
		w.advance(r.ID)
	}
}

func (w *town) advance(id models.EngagementID) {
	w.t.Helper()
	a := &activities.Activities{Root: w.root, Log: slog.New(slog.DiscardHandler)}
	_, err := a.Advance(w.t.Context(), workflows.LookInput{Ref: models.Ref{Firm: "firm", Engagement: id}, Now: w.now()})
	check(w.t, err)
}

// task has Mia add a task to e1 for somebody.
func (w *town) task(owner models.PersonID, title, due string) models.TaskID {
	w.t.Helper()
	day, err := models.ParseDate(due)
	check(w.t, err)
	return models.TaskID(w.do("e1", "mia", models.Command{Kind: models.AddTask, Reason: "it is needed", Add: &models.NewTask{Title: title, Phase: models.PhaseKickoff, Owner: owner, Due: day}}))
}

// state returns where a task of e1 stands.
func (w *town) state(id models.TaskID) models.Task {
	w.t.Helper()
	t, _, err := w.s.Task(w.t.Context(), "e1", id)
	check(w.t, err)
	return t
}

// do has somebody send a command that must be carried out, and returns what it made.
func (w *town) do(id models.EngagementID, who models.PersonID, c models.Command) string {
	w.t.Helper()
	p, err := w.s.Person(w.t.Context(), who)
	check(w.t, err)
	c.Key, c.Hash = fmt.Sprint("k", w.keys.Add(1)), "h"
	c.Actor, err = w.s.Actor(w.t.Context(), p, w.now())
	check(w.t, err)
	r, err := engine{w}.Apply(w.t.Context(), models.Ref{Firm: "firm", Engagement: id}, c)
	check(w.t, err)
	return r.Created
}

// An engine carries commands out without a workflow around it.
type engine struct{ w *town }

func (e engine) Apply(ctx context.Context, ref models.Ref, c models.Command) (models.Result, error) {
	_, r, err := e.w.root.For(ref.Firm).Change(ctx, ref.Engagement, store.OnceOf(c), models.NeedOf(c), e.w.now(),
		func(f *models.Facts) (string, error) { return models.Decide(f, c, e.w.now()) })
	return models.Result{Revision: r.Revision, Created: r.Created, Replayed: r.Replayed}, err
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

// settle sweeps until nothing is planned or in doubt any more.
func (w *town) settle() {
	w.t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		w.sweep()
		counts, err := w.s.CountDeliveries(w.t.Context(), time.Time{})
		check(w.t, err)
		if counts[models.DeliveryPlanned]+counts[models.DeliverySending] == 0 {
			return
		}
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
func (w *town) said(p models.PersonID) []models.Delivery {
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
	for range 400 {
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	w.t.Fatalf("it never came true that %s\n%s", what, w.ledger())
}
