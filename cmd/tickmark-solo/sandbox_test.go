package main

import (
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/models/modelstest/await"
)

// A newcomer starts Tickmark without a Slack and watches the sandbox: messages arrive, buttons work, forms say what became of them.
func TestThePlayroom(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	s := start(t, t.TempDir(), "1s", "--sandbox", fmt.Sprint(port))
	c := stage(t, s, "../../docs/examples/startup-type1.yaml")
	p := s.playroom()

	p.until("Marta hears of the letter", "UMARTA", func(page string) bool {
		return strings.Contains(page, "Sign engagement letter") && strings.Contains(page, ">Done</button>")
	})
	done := p.button("UMARTA", "Done")
	p.post("/click", done)
	p.until("her message says it is done", "UMARTA", func(page string) bool {
		return strings.Contains(page, "Marta Lindqvist did it") && strings.Contains(page, "(edited)")
	})
	if got := c.tasks("done"); len(got) == 0 {
		t.Error("no task is done")
	}

	p.post("/command", url.Values{"user": {"UMARTA"}, "tab": {"home"}})
	p.until("her home shows her work", "UMARTA&tab=home", func(page string) bool { return strings.Contains(page, "Hello Marta") })
	p.post("/command", url.Values{"user": {"UMARTA"}, "text": {"/tickmark status"}})
	p.until("the command is answered", "UMARTA", func(page string) bool {
		return strings.Contains(page, "Only you can see this") && strings.Contains(page, "How your engagements stand")
	})

	p.post("/command", url.Values{"user": {"UMARTA"}, "text": {"Is <this> read & answered?"}})
	p.until("what she types is answered", "UMARTA", func(page string) bool {
		return strings.Contains(page, "Is &lt;this&gt; read &amp; answered?") &&
			strings.Contains(page, "nobody waits for an answer from you here")
	})

	p.until("there is something to be blocked by", "UMARTA",
		func(page string) bool { return strings.Contains(page, ">I am blocked</button>") })
	p.post("/click", p.button("UMARTA", "I am blocked"))
	p.until("a form is shown", "UMARTA", func(page string) bool { return strings.Contains(page, "Who has to act first?") })
	view := regexp.MustCompile(`name="view" value="(V\w+)"`).FindStringSubmatch(p.page("UMARTA"))
	p.post("/submit", url.Values{"user": {"UMARTA"}, "view": {view[1]}, "input:by": {"client"},
		"input:reason": {"They have not sent the address"}})
	p.until("the form says what became of it", "UMARTA", func(page string) bool {
		return strings.Contains(page, "blocked by the client: They have not sent the address")
	})
	p.post("/dismiss", url.Values{"user": {"UMARTA"}, "view": {view[1]}})

	if dom := look(t, p.link+"&at=UMARTA"); !strings.Contains(dom, "Sign engagement letter") || strings.Contains(dom, "role=\"alert\"") {
		t.Errorf("in a browser it is %.500s", dom)
	}

	// It belongs to this machine and this page alone.
	get := func(change func(*http.Request)) *http.Request {
		r, err := http.NewRequest(http.MethodGet, p.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		change(r)
		return r
	}
	post := func(change func(*http.Request)) *http.Request {
		r, err := http.NewRequest(http.MethodPost, p.url+"/click", strings.NewReader(done.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		change(r)
		return r
	}
	for _, c := range []struct {
		what   string
		client *http.Client
		req    *http.Request
		want   int
	}{
		{"a name that points here", p.client, get(func(r *http.Request) { r.Host = "rebound.example" }), http.StatusMisdirectedRequest},
		{"another page's form", p.client, post(func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }), http.StatusForbidden},
		{"an older browser's form", p.client, post(func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") }),
			http.StatusForbidden},
		{"somebody without the link", http.DefaultClient, get(func(*http.Request) {}), http.StatusUnauthorized},
		{"a button without the link", http.DefaultClient, post(func(*http.Request) {}), http.StatusUnauthorized},
	} {
		res, err := c.client.Do(c.req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != c.want {
			t.Errorf("%s: answered %d", c.what, res.StatusCode)
		}
	}

	// The admin door takes the administrator's token, and no other: not that of the firm's manager.
	for token, want := range map[string]bool{s.token(): true, c.tokens["joel"]: false, "": false} {
		var counts map[string]int
		err := slackfake.Ask(t.Context(), p.url+"/admin", token, "counts", slackfake.Question{Team: "TSANDBOX"}, &counts)
		if (err == nil) != want || (len(counts) > 0) != want {
			t.Errorf("the admin door tells %v: %v", counts, err)
		}
	}

	// What was said outlives a power cut.
	s.kill()
	s.up("--sandbox", fmt.Sprint(port))
	p.until("her messages are still there", "UMARTA", func(page string) bool { return strings.Contains(page, "Marta Lindqvist did it") })
}

// Ines starts Tickmark for her firm with a few words about it. She is there, and reached in the sandbox; so is Kenji when she adds
// him, also while no message goes out and nobody sweeps. Other words at a later start change nothing, and she is told.
func TestAFirmOfOnesOwn(t *testing.T) {
	t.Parallel()
	port := fmt.Sprint(freePort(t))
	s := start(t, t.TempDir(), "24h", "--sandbox", port, "--firm", "Harbor Advisory", "--country", "DE", "--time-zone", "Europe/Berlin",
		"--admin", "Ines Carvalho", "--admin-email", "ines@harbor.example")
	p := s.playroom()
	type party struct {
		Name, Email, Country string
		TimeZone             string `json:"time_zone"`
	}
	type me struct{ Person, Firm party }
	want := me{party{"Ines Carvalho", "ines@harbor.example", "", "Europe/Berlin"}, party{"Harbor Advisory", "", "DE", "Europe/Berlin"}}
	var ines me
	s.must(s.token(), "GET", "/me", "", nil, &ines)
	if ines != want {
		t.Errorf("the firm is %+v", ines)
	}
	s.must(s.token(), "POST", "/people/admin/test-message", "hello", nil, nil)
	p.until("Ines gets a message", "UADMIN", func(page string) bool { return strings.Contains(page, "<article") })
	if page := p.page("UADMIN"); strings.Contains(page, "Is this you?") {
		t.Errorf("she was asked who she is:\n%s", page)
	}
	s.must(s.token(), "POST", "/messaging/pause", "pause", map[string]any{"reason": "he is to find an account, not a message"}, nil)
	kenji := map[string]any{"id": "kenji", "name": "Kenji Mori", "role": "pm", "time_zone": "Asia/Tokyo", "email": "kenji@harbor.example"}
	s.must(s.token(), "POST", "/people", "kenji", kenji, nil)
	p.until("Kenji has an account", "UKENJI", func(page string) bool { return strings.Contains(page, "<h1>Kenji Mori</h1>") })

	s.stop()
	s.up("--sandbox", port, "--firm", "Harbour Advisory", "--country", "DE")
	unheard := `--firm "Harbour Advisory" was not followed: it is for the first start, and here it is "Harbor Advisory" already. ` +
		"tickmark firm set changes it"
	if s.said[0] != unheard || strings.Contains(strings.Join(s.said, "\n"), "--country") {
		t.Errorf("the second start says %q", s.said)
	}
	var still me
	s.must(s.token(), "GET", "/me", "", nil, &still)
	if still != want {
		t.Errorf("the firm became %+v", still)
	}
}

// freePort returns the number of a port that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().(*net.TCPAddr).Port
}

// A playroom is the sandbox's page, as somebody uses it who has clicked its link.
type playroom struct {
	t         *testing.T
	url, link string
	client    *http.Client
}

// playroom clicks the link that the greeting has.
func (s *solo) playroom() *playroom {
	s.t.Helper()
	t, ok := s.t.(*testing.T)
	if !ok {
		s.t.Fatal("only tests play")
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &playroom{t: t, client: &http.Client{Jar: jar}}
	for _, line := range s.said {
		if _, link, ok := strings.Cut(line, "acts as anybody: "); ok {
			p.link = link
		}
	}
	var found bool
	if p.url, _, found = strings.Cut(p.link, "/?key="); !found {
		t.Fatalf("there is no link to the sandbox in %q", s.said)
	}
	res, err := p.client.Get(p.link)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("the link of the sandbox leads to %s", res.Status)
	}
	return p
}

func (p *playroom) page(at string) string {
	p.t.Helper()
	res, err := p.client.Get(p.url + "/?at=" + at)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err.Error()
	}
	return string(body)
}

func (p *playroom) until(what, at string, ok func(page string) bool) {
	p.t.Helper()
	await.Until(p.t, what, func() bool { return ok(p.page(at)) }, func() string { return p.page(at) })
}

var (
	formOf = regexp.MustCompile(`(?s)<form method="post" action="/click"[^>]*>(.*?)</form>`)
	hidden = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)">`)
)

// button returns what the last button with such a label on somebody's page sends.
func (p *playroom) button(at, label string) url.Values {
	p.t.Helper()
	var found url.Values
	for _, f := range formOf.FindAllStringSubmatch(p.page(at), -1) {
		if strings.Contains(f[1], ">"+label+"</button>") {
			found = url.Values{}
			for _, h := range hidden.FindAllStringSubmatch(f[1], -1) {
				found.Set(h[1], html.UnescapeString(h[2]))
			}
		}
	}
	if found == nil {
		p.t.Fatalf("there is no button %q", label)
	}
	return found
}

func (p *playroom) post(path string, form url.Values) {
	p.t.Helper()
	res, err := p.client.PostForm(p.url+path, form)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if problem := res.Request.URL.Query().Get("problem"); res.StatusCode != http.StatusOK || problem != "" {
		p.t.Fatalf("%s: %d %s", path, res.StatusCode, problem)
	}
}

// look opens a page in a browser without a screen and returns what is there once its scripts have run.
func look(t *testing.T, at string) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless-shell",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		args := []string{"--headless", "--disable-gpu", "--virtual-time-budget=4000", "--user-data-dir=" + t.TempDir(), "--dump-dom", at}
		if os.Geteuid() == 0 {
			args = append([]string{"--no-sandbox"}, args...) // which it has none of as root
		}
		out, err := exec.CommandContext(t.Context(), path, args...).Output()
		if err != nil {
			t.Fatalf("the browser failed: %v", err)
		}
		return string(out)
	}
	t.Fatal("there is no browser: .ci/needs brings one")
	return ""
}
