package slackfake_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/slack-go/slack"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/models/modelstest/await"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// says checks that a call was refused with an error of Slack's; with none when code is empty.
func says(t *testing.T, err error, code string) {
	t.Helper()
	if code == "" {
		check(t, err)
		return
	}
	if said, ok := errors.AsType[slack.SlackErrorResponse](err); !ok || said.Err != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

// A clock stands still until it is moved.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time       { return time.UnixMicro(c.at.Load()) }
func (c *clock) pass(d time.Duration) { c.at.Add(d.Microseconds()) }

var monday = time.Date(2027, 1, 4, 15, 0, 0, 0, time.UTC)

func standing() *clock {
	c := &clock{}
	c.at.Store(monday.UnixMicro())
	return c
}

// A world is a Slack with the workspaces T1 and T2. In T1 are Ana, Ben, Gone, who was deactivated, and Zoe of T2, who was seen in the
// channel C2 that both share; the bot is in C1, in C2 and in the private C3, not in C4 nor in the private C5.
type world struct {
	*slackfake.Slack
	one, two slackfake.Workspace
}

func start(t testing.TB, o slackfake.Options) *world {
	t.Helper()
	s, err := slackfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	return &world{Slack: s}
}

// unlimited is how long the app may take to answer, unless a test says otherwise: the machine may be slow.
const unlimited = 10 * time.Minute

func settle(t testing.TB, o slackfake.Options) *world {
	t.Helper()
	if o.AckTimeout == 0 {
		o.AckTimeout = unlimited
	}
	w := start(t, o)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	w.one, err = w.AddWorkspace(slackfake.Workspace{Team: "T1", Name: "Acme", Domain: "acme", BotUser: "UBOT1", Token: "xoxb-one",
		AppToken: "xapp-one", SigningSecret: "0123456789abcdef"})
	must(err)
	w.two, err = w.AddWorkspace(slackfake.Workspace{Team: "T2", Name: "North", Domain: "north", BotUser: "UBOT2", Token: "xoxb-two",
		AppToken: "xapp-two"})
	must(err)
	for _, u := range []slackfake.User{{ID: "UANA", Email: "ana@acme.test", RealName: "Ana", TimeZone: "Europe/Berlin"},
		{ID: "UBEN", Email: "ben@acme.test"},
		{ID: "UGONE", Email: "gone@acme.test", Deleted: true}, {ID: "UZOE", Email: "zoe@north.test", TeamID: "T2", IsStranger: true},
		{ID: "UFAR", TeamID: "T2", IsStranger: true}} {
		_, err := w.AddUser("T1", u)
		must(err)
	}
	_, err = w.AddUser("T2", slackfake.User{ID: "UZOE", Email: "zoe@north.test"})
	must(err)
	for _, c := range []slackfake.Channel{{ID: "C1", Name: "audit", Members: []string{"UBOT1", "UANA"}},
		{ID: "C2", Name: "shared", Members: []string{"UBOT1", "UANA", "UZOE"}, SharedWith: []string{"T2"}},
		{ID: "C3", Name: "private", IsPrivate: true, Members: []string{"UBOT1", "UANA"}},
		{ID: "C4", Name: "elsewhere", Members: []string{"UANA"}}, {ID: "C5", Name: "secret", IsPrivate: true, Members: []string{"UANA"}}} {
		_, err := w.AddChannel("T1", c)
		must(err)
	}
	return w
}

// as returns a client with a token.
func (w *world) as(token string) *slack.Client {
	return slack.New(token, slack.OptionAPIURL(w.URL()+"/api/"), slack.OptionHTTPClient(&http.Client{}))
}

func (w *world) client() *slack.Client { return w.as("xoxb-one") }

func text(s string) slack.MsgOption { return slack.MsgOptionText(s, false) }

// An app is the other side: it keeps what Slack sends it and answers as it was told.
type app struct {
	URL  string
	mu   sync.Mutex
	got  []*received
	next []func(http.ResponseWriter)
	left <-chan struct{} // is closed when nobody waits any more for the answer to the last request
}

// received is a request that the app got. Bad says what is wrong with its signature.
type received struct {
	Path   string
	Header http.Header
	Body   string
	Bad    error
}

// payload returns the interaction that a request tells of.
func (r *received) payload(t *testing.T) slack.InteractionCallback {
	t.Helper()
	q := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(r.Body))
	q.Header.Set("Content-Type", r.Header.Get("Content-Type"))
	p, err := slack.InteractionCallbackParse(q)
	check(t, err)
	return p
}

// connect makes an app and has the workspace T1 tell it everything.
func (w *world) connect(t *testing.T) *app {
	t.Helper()
	a := &app{}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	a.URL = server.URL
	check(t, w.SetRequestURLs("T1",
		slackfake.RequestURLs{Events: a.URL + "/events", Interactivity: a.URL + "/interactions", Commands: a.URL + "/commands"}))
	return a
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	got := &received{Path: r.URL.Path, Header: r.Header, Body: string(body), Bad: err}
	verifier, err := slack.NewSecretsVerifier(r.Header, "0123456789abcdef")
	if got.Bad == nil {
		got.Bad = err
	}
	if got.Bad == nil {
		_, _ = verifier.Write(body) // it is a hash
		got.Bad = verifier.Ensure()
	}
	a.mu.Lock()
	a.got, a.left = append(a.got, got), r.Context().Done()
	var answer func(http.ResponseWriter)
	if len(a.next) > 0 {
		answer, a.next = a.next[0], a.next[1:]
	}
	a.mu.Unlock()
	if answer != nil {
		answer(w)
	}
}

// will says how the app answers the next requests; those after them with 200 and nothing.
func (a *app) will(answers ...func(http.ResponseWriter)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.next = append(a.next, answers...)
}

// heard returns what the app got since it was last asked.
func (a *app) heard() []*received {
	a.mu.Lock()
	defer a.mu.Unlock()
	got := a.got
	a.got = nil
	return got
}

// one returns the only request that the app got since it was last asked.
func (a *app) one(t *testing.T) *received {
	t.Helper()
	got := a.heard()
	if len(got) != 1 {
		t.Fatalf("the app got %d requests, not one", len(got))
	}
	if got[0].Bad != nil {
		t.Fatalf("the app got a request that Slack did not sign: %v", got[0].Bad)
	}
	return got[0]
}

// newServer serves with a function and returns where.
func newServer(t *testing.T, f http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return server.URL
}

func status(code int) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { w.WriteHeader(code) }
}

func answering(v any) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v) // Slack may have gone
	}
}

// silent lets Slack's patience, which a hand holds, come to an end, and does not answer before Slack has gone.
func silent(a *app, patience *await.Hand) func(http.ResponseWriter) {
	return func(http.ResponseWriter) {
		a.mu.Lock()
		left := a.left
		a.mu.Unlock()
		patience.Up()
		<-left
	}
}

// texts returns what messages say.
func texts(messages []slackfake.Message) []string {
	var found []string
	for _, m := range messages {
		found = append(found, m.Text)
	}
	return found
}

// Whoever calls gets what their token allows, and hears why not.
func TestATokenIsGoodForItsOwnWorkspace(t *testing.T) {
	w := settle(t, slackfake.Options{})
	who, err := w.client().AuthTest()
	check(t, err)
	if who.TeamID != "T1" || who.UserID != "UBOT1" || who.BotID != w.one.Bot || who.Team != "Acme" {
		t.Errorf("the token is of %+v", who)
	}
	_, err = w.as("").AuthTest()
	says(t, err, "not_authed")
	_, err = w.as("xoxb-none").AuthTest()
	says(t, err, "invalid_auth")
	_, err = w.as("xapp-one").AuthTest()
	says(t, err, "not_allowed_token_type")
	_, _, err = w.as("xoxb-two").PostMessage("C1", text("hello"))
	says(t, err, "channel_not_found")
	calls := w.Calls("chat.postMessage")
	if last := calls[len(calls)-1]; last.Team != "T2" || last.N != 1 || last.Done || last.Error != "channel_not_found" ||
		last.Args["text"] != "hello" || last.Args["token"] != "" {
		t.Errorf("the call is remembered as %+v", last)
	}
	_, err = w.as("xoxb-two").GetUserInfo("UANA")
	says(t, err, "user_not_found")

	check(t, w.SetScopes("T1", "chat:write", "im:write"))
	_, err = w.client().GetUserByEmail("ana@acme.test")
	says(t, err, "missing_scope")
	if said, _ := errors.AsType[slack.SlackErrorResponse](err); said.Needed != "users:read.email" || said.Provided != "chat:write,im:write" {
		t.Errorf("needed %q, provided %q", said.Needed, said.Provided)
	}

	check(t, w.Revoke("T1"))
	_, err = w.client().AuthTest()
	says(t, err, "token_revoked")
	check(t, w.Uninstall("T2"))
	_, _, err = w.as("xoxb-two").PostMessage("C2", text("hello"))
	says(t, err, "account_inactive")
	if n := len(w.AllMessages("")); n != 0 {
		t.Errorf("%d messages were posted all the same", n)
	}
}

// What is not there is refused as Slack refuses it, also where no client would ask for it.
func TestWhatIsNoMethod(t *testing.T) {
	w := settle(t, slackfake.Options{})
	for name, c := range map[string]struct{ method, kind, body, want string }{
		"unknown":    {"chat.yell", "application/json", "{}", "unknown_method"},
		"no JSON":    {"auth.test", "application/json", "{", "invalid_json"},
		"no form":    {"auth.test", "application/x-www-form-urlencoded", "a=%zz", "invalid_form_data"},
		"by a form":  {"auth.test", "application/x-www-form-urlencoded", "token=xoxb-one", ""},
		"no address": {"users.lookupByEmail", "application/x-www-form-urlencoded", "token=xoxb-one", "invalid_arguments"},
	} {
		t.Run(name, func(t *testing.T) {
			resp, err := http.Post(w.URL()+"/api/"+c.method, c.kind, strings.NewReader(c.body))
			check(t, err)
			defer func() { _ = resp.Body.Close() }()
			var said struct{ Error string }
			check(t, json.NewDecoder(resp.Body).Decode(&said))
			if resp.StatusCode != http.StatusOK || said.Error != c.want {
				t.Errorf("answered %d %q, want %q", resp.StatusCode, said.Error, c.want)
			}
		})
	}
	resp, err := http.Get(w.URL() + "/elsewhere")
	check(t, err)
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("a page that is none: %d", resp.StatusCode)
	}
}

// Everybody who is looked up is found by their address, whoever knows it; strangers and those who left are not.
func TestUsersAreLookedUp(t *testing.T) {
	asked := []string{}
	w := settle(t, slackfake.Options{Directory: func(team, email string) (slackfake.User, bool) {
		asked = append(asked, team+" "+email)
		return slackfake.User{RealName: "New"}, strings.HasPrefix(email, "new")
	}})
	ana, err := w.client().GetUserByEmail("Ana@Acme.Test")
	check(t, err)
	if ana.ID != "UANA" || ana.TZ != "Europe/Berlin" || ana.TZOffset < 3600 || ana.Profile.Email != "ana@acme.test" || ana.RealName != "Ana" {
		t.Errorf("found %+v", ana)
	}
	for _, email := range []string{"gone@acme.test", "zoe@north.test", "who@acme.test"} {
		_, err := w.client().GetUserByEmail(email)
		says(t, err, "users_not_found")
	}
	fresh, err := w.client().GetUserByEmail("new@acme.test")
	check(t, err)
	again, err := w.client().GetUserByEmail("NEW@acme.test")
	check(t, err)
	if fresh.ID != again.ID || fresh.Profile.Email != "new@acme.test" || fresh.Name != "new" {
		t.Errorf("the directory's user is %+v, and then %+v", fresh, again)
	}
	if !slices.Equal(asked, []string{"T1 zoe@north.test", "T1 who@acme.test", "T1 new@acme.test"}) {
		t.Errorf("the directory was asked for %q", asked)
	}
	zoe, err := w.client().GetUserInfo("UZOE")
	check(t, err)
	if !zoe.IsStranger || zoe.TeamID != "T2" || zoe.Profile.Email != "" || zoe.TZ != "" {
		t.Errorf("a stranger is told of as %+v", zoe)
	}
	team, err := w.client().GetTeamInfo()
	check(t, err)
	if team.ID != "T1" || team.Domain != "acme" {
		t.Errorf("the team is %+v", team)
	}
}

// A program adds its workspaces, users and channels whenever it starts: what was there stays.
func TestAddingAgainChangesNothing(t *testing.T) {
	w := settle(t, slackfake.Options{})
	check(t, w.SetRequestURLs("T1", slackfake.RequestURLs{Events: "http://app.test/events"}))
	check(t, w.Revoke("T1"))
	again, err := w.AddWorkspace(slackfake.Workspace{Team: "T1", Token: "xoxb-one"})
	check(t, err)
	if again.BotUser != "UBOT1" || again.Name != "Acme" || again.Events != "http://app.test/events" ||
		again.SigningSecret != "0123456789abcdef" {
		t.Errorf("the workspace became %+v", again)
	}
	if _, err = w.client().AuthTest(); err == nil {
		t.Error("a token that was revoked is good again")
	}
	c, err := w.AddChannel("T1", slackfake.Channel{Name: "#audit", Members: []string{"UBOT1"}})
	check(t, err)
	if c.ID != "C1" || len(w.Channels("T1")) != 5 {
		t.Errorf("the channel became %+v", c)
	}
	for name, err := range map[string]error{
		"a user of no workspace":      second(w.AddUser("T9", slackfake.User{})),
		"a user of no time zone":      second(w.AddUser("T1", slackfake.User{TimeZone: "Mars/Phobos"})),
		"a channel of another":        second(w.AddChannel("T2", slackfake.Channel{ID: "C1"})),
		"a user who is not there":     w.DeactivateUser("T1", "UNONE"),
		"a channel that is not there": w.ArchiveChannel("T1", "CNONE"),
		"a token of no workspace":     w.Revoke("T9"),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// What one is shown can be changed without harm: it is a copy.
func TestLookingGivesCopies(t *testing.T) {
	w := settle(t, slackfake.Options{})
	_, ts, err := w.client().PostMessage("C1", slack.MsgOptionBlocks(slack.NewDividerBlock()),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "e", EventPayload: map[string]any{"k": "1"}}))
	check(t, err)
	m, ok := w.Message("T1", "C1", ts)
	if !ok {
		t.Fatal("the message is not there")
	}
	m.Blocks[0], m.Metadata.EventPayload["k"] = 'x', "2"
	c, _ := w.Channel("T1", "C1")
	c.Members[0] = "x"
	ws, _ := w.Workspace("T1")
	ws.Scopes[0] = "x"
	w.Calls()[0].Args["channel"] = "x"
	m, _ = w.Message("T1", "C1", ts)
	c, _ = w.Channel("T1", "C1")
	ws, _ = w.Workspace("T1")
	if m.Blocks[0] != '[' || m.Metadata.EventPayload["k"] != "1" || c.Members[0] != "UBOT1" || ws.Scopes[0] != slackfake.DefaultScopes[0] ||
		w.Calls()[0].Args["channel"] != "C1" {
		t.Error("what was shown is what is kept")
	}
}

// A Slack behind another server knows where it is from what it is told, or from who calls.
func TestWhereItIs(t *testing.T) {
	s, err := slackfake.New(slackfake.Options{URL: "https://sandbox.test/slack/"})
	check(t, err)
	check(t, s.Start())
	t.Cleanup(func() { check(t, s.Close()); check(t, s.Close()) })
	if s.URL() != "https://sandbox.test/slack" {
		t.Errorf("it is at %s", s.URL())
	}
	s2, err := slackfake.New(slackfake.Options{})
	check(t, err)
	server := httptest.NewServer(s2)
	t.Cleanup(server.Close)
	_, err = slack.New("", slack.OptionAPIURL(server.URL+"/api/")).AuthTest()
	says(t, err, "not_authed")
	if s2.URL() != server.URL {
		t.Errorf("it is at %s, not %s", s2.URL(), server.URL)
	}
	if err := s2.Listen("no such address"); err == nil {
		t.Error("it listens nowhere")
	}
	if _, err := slackfake.New(slackfake.Options{Journal: filepath.Join(t.TempDir(), "no", "such", "folder")}); err == nil {
		t.Error("a journal that cannot be")
	}
}
