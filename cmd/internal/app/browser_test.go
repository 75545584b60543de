package app

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"tickmark/activities/desk"
	"tickmark/activities/fake/browser"
	"tickmark/activities/fake/town"
	wire "tickmark/activities/slack"
	"tickmark/api/web"
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
	ruth := browser.Open(t)
	ruth.Goes(wire.InstallURL(d.URL, "acme", "northgate", "a-secret"))
	ruth.Waits("Go on to Slack")
	ruth.Runs("document.querySelector('button').click()")
	ruth.Waits("An app wants to be installed")
	ruth.Runs("[...document.querySelectorAll('button')].find(b => b.textContent.includes('TNORTHGATE')).click()")
	ruth.Waits("Connected")
	ws, err := w.Store.Workspace(t.Context(), "northgate")
	town.Check(t, err)
	if ws.State != reminders.WorkspaceActive {
		t.Errorf("it is %s", ws.State)
	}
}
