// Package sandbox plays Slack for people who try Tickmark out: everybody of the firm and its clients has an account in it, every message
// is kept, and a plain page shows it as Slack would, with buttons that work. It listens on this machine only, and shows the page to
// whoever has its link or an administrator's token, since who sees it can act as anybody.
package sandbox

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/safely"
	"tickmark/models"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// Workspace is the id of the sandbox among a firm's Slack workspaces.
const Workspace = "sandbox"

const team = "TSANDBOX"

// Options say where a sandbox is and who gets in. All are needed but Port.
type Options struct {
	Dir  string // what is said is kept here
	Port int    // of this machine; 0 is any
	Log  *slog.Logger

	// Guard stands before all that is served: it refuses the hosts that are not this machine, and what pages of other origins send.
	Guard func(http.Handler) http.Handler

	// Secret is what the key of the page is made of, as the administrator's token: whoever knows it can open the page.
	Secret string

	// Admits reports whether a token is an administrator's now.
	Admits func(ctx context.Context, token string) bool
}

// A Sandbox is a Slack on this machine.
type Sandbox struct {
	options  Options
	key      string // of the page: the cookie's
	link     string // what the link that a start prints has instead: made anew at each start
	began    time.Time
	slack    *slackfake.Slack
	server   *http.Server
	listener net.Listener
	log      *slog.Logger
	people   *store.Store // who has an account
	clock    models.Clock
}

// Open starts a sandbox on a port of this machine. It says so when the port is taken.
func Open(o Options) (*Sandbox, error) {
	s := &Sandbox{options: o, key: keyOf(o.Secret), link: rand.Text(), began: time.Now(), log: o.Log}
	var err error
	if s.listener, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", o.Port)); err != nil {
		return nil, fmt.Errorf("the Slack sandbox cannot listen on port %d: choose another with --sandbox, or -1 for none", o.Port)
	}
	s.slack, err = slackfake.New(slackfake.Options{Journal: filepath.Join(o.Dir, "sandbox.jsonl"), Directory: s.account, URL: s.URL()})
	if err != nil {
		_ = s.listener.Close() // nobody was served
		return nil, fmt.Errorf("the messages of the Slack sandbox cannot be read: %w", err)
	}
	s.server = &http.Server{Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second, DisableGeneralOptionsHandler: true}
	go func() {
		if err := s.server.Serve(s.listener); err != nil && err != http.ErrServerClosed {
			s.log.Error("the Slack sandbox stopped", "error", err)
		}
	}()
	return s, nil
}

// URL is where the page is; the Web API is below it, at /api/.
func (s *Sandbox) URL() string { return "http://" + s.listener.Addr().String() }

// Link is the address that opens the page in a browser, which keeps the key of the page from then on. It opens the page in any browser for
// an hour, and after that, or the next start, only in those that have the key.
func (s *Sandbox) Link() string { return s.URL() + "/?key=" + s.link }

// Close stops the sandbox. What was said stays.
func (s *Sandbox) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := s.server.Shutdown(ctx); err != nil {
		_ = s.server.Close() // pages that wait for news
	}
	if err := s.slack.Close(); err != nil {
		s.log.Warn("the Slack sandbox was not closed well", "error", err)
	}
}

// Join makes the sandbox the Slack of a firm that has none of its own: door is where Tickmark listens. It returns false when the firm has
// connected a workspace of its own; then the sandbox is of no use. Messages are shown at the time of the clock.
func (s *Sandbox) Join(ctx context.Context, firm *store.Store, door string, clock models.Clock) (bool, error) {
	s.people, s.clock = firm, clock
	now := clock.At(time.Now())
	all, err := firm.Workspaces(ctx)
	if err != nil {
		return false, err
	}
	var ours *reminders.Workspace
	for _, w := range all {
		if w.ID == Workspace {
			ours = &w
		} else if w.State == reminders.WorkspaceActive {
			return false, nil
		}
	}
	of, err := firm.Firm(ctx)
	if err != nil {
		return false, err
	}
	at := door + "/slack/" + string(of.ID) + "/" + Workspace + "/"
	w, err := s.slack.AddWorkspace(slackfake.Workspace{Team: team, Name: "Sandbox",
		RequestURLs: slackfake.RequestURLs{Events: at + "events", Interactivity: at + "actions", Commands: at + "commands"}})
	if err != nil {
		return false, err
	}
	if len(s.slack.Channels(team)) == 0 {
		if _, err := s.slack.AddChannel(team, slackfake.Channel{ID: "C0SANDBOX1", Name: "audits", Members: []string{w.BotUser}}); err != nil {
			return false, err
		}
	}
	if ours == nil {
		_, err := firm.AddWorkspace(ctx, store.Once{},
			reminders.Workspace{ID: Workspace, Name: "Sandbox", Trusted: true, Secrets: reminders.WorkspaceSecrets{Signing: w.SigningSecret}}, now)
		if models.CodeOf(err) == models.Conflict {
			return false, nil
		} else if err != nil {
			return false, err
		}
	}
	_, err = firm.UpdateWorkspace(ctx, store.Once{}, Workspace, now, func(x *reminders.Workspace) error {
		x.Team, x.App, x.Bot, x.State, x.Reason, x.Trusted = w.Team, w.App, w.BotUser, reminders.WorkspaceActive, "", true
		x.Secrets.Token, x.Secrets.Signing = w.Token, w.SigningSecret
		return nil
	})
	return true, err
}

// Leave takes the sandbox from a firm that had it, before another Slack takes its place.
func Leave(ctx context.Context, firm *store.Store, now time.Time) error {
	_, err := firm.UpdateWorkspace(ctx, store.Once{}, Workspace, now,
		func(x *reminders.Workspace) error { x.State = reminders.WorkspaceRemoved; return nil })
	if models.CodeOf(err) == models.NotFound {
		return nil
	}
	return err
}

// welcomeEvery is how often Welcome looks whether somebody is new.
const welcomeEvery = time.Second

// Welcome gives everybody of the firm who has an address an account, within a second of their being added, and notes that it is theirs:
// the first message reaches them, and nobody is asked who they are. It goes on until ctx ends, and returns what hinders it.
func (s *Sandbox) Welcome(ctx context.Context) error {
	for {
		if err := s.seat(ctx); err != nil {
			return fmt.Errorf("give people their accounts: %w", err)
		}
		if err := safely.Rest(ctx, welcomeEvery, nil); err != nil {
			return err
		}
	}
}

// seats is how many people get their account in one go.
const seats = 100

// seat gives those their account who have none.
func (s *Sandbox) seat(ctx context.Context) error {
	now := s.clock.At(time.Now())
	people, err := s.people.Unbound(ctx, Workspace, now.Add(-24*time.Hour), seats)
	if err != nil {
		return err
	}
	for _, p := range people {
		u, err := s.slack.AddUser(team, accountOf(p))
		if err != nil {
			return err
		}
		b := reminders.Binding{Person: p.ID, Workspace: Workspace, User: u.ID, State: reminders.BindingConfirmed, Email: p.Email}
		err = s.people.Bind(ctx, b, false, now)
		if models.CodeOf(err) == models.Conflict { // a sweep has given them the account of somebody who shares their address
			b.User, b.State = "", reminders.BindingMissing
			err = s.people.Bind(ctx, b, false, now)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// accountOf returns the account of a person.
func accountOf(p models.Person) slackfake.User {
	return slackfake.User{Team: team, ID: userID(p.ID), Name: string(p.ID), RealName: p.Name, Email: p.Email, TimeZone: p.TimeZone}
}

// account gives everybody with an address an account, when Tickmark looks them up.
func (s *Sandbox) account(_, email string) (slackfake.User, bool) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	all, _, err := s.people.People(ctx, store.PersonFilter{Search: email}, "", 10)
	if err != nil {
		s.log.Warn("the Slack sandbox cannot look somebody up", "error", err)
		return slackfake.User{}, false
	}
	for _, p := range all {
		if strings.EqualFold(p.Email, email) {
			return accountOf(p), true
		}
	}
	return slackfake.User{}, false
}

// userID makes an id of an account of a person's: the same for the same, and another for everybody else. A hyphen is
// written with a Z and a digit, and so is the Z.
func userID(p models.PersonID) string {
	return "U" + strings.ToUpper(strings.NewReplacer("z", "z0", "-", "z1").Replace(string(p)))
}
