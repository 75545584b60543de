package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"tickmark/activities/desk"
	"tickmark/activities/fake/town"
	wire "tickmark/activities/slack"
	"tickmark/api/web"
	"tickmark/models/modelstest/await"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// Ruth installs the app in a browser that keeps to every rule browsers have: it lets the page's form lead to Slack, which is another site,
// and brings the cookie back from there.
func TestABrowserInstalls(t *testing.T) {
	w := town.OnSQLite(t)
	fake, err := url.Parse(w.Slack.URL())
	town.Check(t, err)
	slack := &wire.Slack{URL: "http://localhost:" + fake.Port() + "/api/", // another site than 127.0.0.1
		Timeout: town.Unlimited, Client: &http.Client{}, Real: w.Real}
	d := &desk.Desk{Root: w.Root, Engine: w.Root, Post: w.Post, Slack: slack, Now: w.Now, Real: w.Real, Log: w.Desk.Log,
		Pages: &web.Letters{Root: w.Root, Engine: w.Root, Site: w.Post.Site, Now: w.Now, Log: w.Desk.Log}}
	site := httptest.NewUnstartedServer(nil)
	d.URL = "http://" + site.Listener.Addr().String()
	served, err := Config{}.served(site.Listener.Addr())
	town.Check(t, err)
	site.Config.Handler = Guard(served, d.Door())
	site.Start()
	t.Cleanup(site.Close)
	town.Check(t, w.Store.Disconnect(t.Context(), "northgate", "revoked", w.Now()))
	until := w.Real().Add(10 * time.Minute)
	town.Check(t, w.Store.BeginInstall(t.Context(), store.Once{Actor: "marta"}, "northgate", "a-secret", until, w.Now()))
	ruth := openBrowser(t)
	ruth.goes(wire.InstallURL(d.URL, "acme", "northgate", "a-secret"))
	ruth.waits("Go on to Slack")
	ruth.runs("document.querySelector('button').click()")
	ruth.waits("An app wants to be installed")
	ruth.runs("[...document.querySelectorAll('button')].find(b => b.textContent.includes('TNORTHGATE')).click()")
	ruth.waits("Connected")
	ws, err := w.Store.Workspace(t.Context(), "northgate")
	town.Check(t, err)
	if ws.State != reminders.WorkspaceActive {
		t.Errorf("it is %s", ws.State)
	}
}

// A chromium is a browser without a screen, told what to do by its protocol for tools.
type chromium struct {
	*testing.T
	wire *websocket.Conn
	last int
}

func openBrowser(t *testing.T) *chromium {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless-shell",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("there is no browser: .ci/needs brings one")
	}
	home, err := os.MkdirTemp("", "tickmark-browser")
	town.Check(t, err)
	args := []string{"--headless", "--disable-gpu", "--remote-debugging-port=0", "--user-data-dir=" + home, "about:blank"}
	if os.Geteuid() == 0 {
		args = append([]string{"--no-sandbox"}, args...) // which it has none of as root
	}
	cmd := exec.Command(path, args...)
	town.Check(t, cmd.Start())
	t.Cleanup(func() {
		town.Check(t, cmd.Process.Signal(syscall.SIGTERM))
		_ = cmd.Wait()
		await.Until(t, "nothing writes for the browser any more", func() bool { return os.RemoveAll(home) == nil })
	})
	port := ""
	await.Until(t, "the browser listens", func() bool {
		text, err := os.ReadFile(filepath.Join(home, "DevToolsActivePort"))
		port, _, _ = strings.Cut(string(text), "\n")
		return err == nil && port != ""
	})
	res, err := http.Get("http://127.0.0.1:" + port + "/json/list")
	town.Check(t, err)
	defer res.Body.Close()
	var pages []struct {
		Type string `json:"type"`
		At   string `json:"webSocketDebuggerUrl"`
	}
	town.Check(t, json.NewDecoder(res.Body).Decode(&pages))
	for _, p := range pages {
		if p.Type == "page" {
			conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), p.At, nil)
			town.Check(t, err)
			t.Cleanup(func() { _ = conn.Close() })
			return &chromium{T: t, wire: conn}
		}
	}
	t.Fatalf("the browser has no page: %v", pages)
	return nil
}

// asks sends a command and returns what it came to.
func (c *chromium) asks(method string, params map[string]any) json.RawMessage {
	c.Helper()
	c.last++
	town.Check(c, c.wire.WriteJSON(map[string]any{"id": c.last, "method": method, "params": params}))
	for {
		var got struct {
			ID     int             `json:"id"`
			Result json.RawMessage `json:"result"`
		}
		town.Check(c, c.wire.ReadJSON(&got))
		if got.ID == c.last {
			return got.Result
		}
	}
}

func (c *chromium) goes(to string) { c.Helper(); c.asks("Page.navigate", map[string]any{"url": to}) }

// runs runs a script in the page, and returns what it came to as text.
func (c *chromium) runs(script string) string {
	c.Helper()
	var got struct {
		Result struct {
			Value any `json:"value"`
		} `json:"result"`
	}
	_ = json.Unmarshal(c.asks("Runtime.evaluate", map[string]any{"expression": script}), &got)
	return fmt.Sprint(got.Result.Value)
}

// waits waits until a page with these words is there.
func (c *chromium) waits(words string) {
	c.Helper()
	shown := func() string { return c.runs("location.href + ' ' + document.body?.innerText") }
	await.Until(c.T, words+" is shown", func() bool { return strings.Contains(shown(), words) }, shown)
}
