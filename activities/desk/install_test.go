package desk_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/activities/desk"
	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/fake/town"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// Ines has an address printed and mails it to Ruth, who is Northgate's administrator of Slack. A program looks at it in Ruth's mail; Ruth
// opens it, presses the button and approves the app in Slack. Kenji has got hold of the address at which Slack sends her back, and of one
// of his own: in his browser it connects nothing, and takes nothing from Ruth. In hers it does, once.
func TestInstall(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		before, err := w.Store.Workspace(t.Context(), "northgate")
		town.Check(t, err)
		ruth, kenji := browse(t, w), browse(t, w)
		page := prints(t, w, "for-ruth")
		ruth.isNotShown(page)
		for _, header := range aheads {
			kenji.visits("HEAD", page, header)
			kenji.visits("GET", page, header)
		}
		shown := ruth.visits("GET", page, nil)
		if shown.status != 200 || !strings.Contains(shown.text, "& Co asks you to install Tickmark") ||
			!strings.Contains(shown.text, "the Slack workspace TNORTHGATE of "+northgate(t, w)) || len(ruth.cookies(page)) > 0 {
			t.Errorf("she is shown %d %s", shown.status, shown.text)
		}
		back := ruth.approves(ruth.goesOn(page))
		for _, method := range []string{"GET", "POST"} {
			ruth.refused(method, page, nil, "was used before")
		}
		kenji.goesOn(prints(t, w, "for-kenji"))
		browse(t, w).refused("GET", back, nil, "not begun in this browser")
		kenji.refused("GET", back, nil, "not begun in this browser")
		ruth.isNotIn(back)
		town.Check(t, w.Slack.Revoke("TNORTHGATE"))
		town.Check(t, w.Store.Disconnect(t.Context(), "northgate", "revoked", w.Now()))
		ruth.comesBack(back)
		after, err := w.Store.Workspace(t.Context(), "northgate")
		town.Check(t, err)
		if after.State != reminders.WorkspaceActive || after.Secrets.Token == before.Secrets.Token || after.Reason != "" {
			t.Errorf("afterwards it is %s with token %.8s", after.State, after.Secrets.Token)
		}
		w.Morning()
		w.Settle()
		if n := len(w.SlackOf("olga")); n != 1 {
			t.Errorf("Olga has %d messages", n)
		}
	})
}

// isNotShown asks at addresses that are like the one of an installation: none of them is shown, nor says whether there is such a workspace.
func (b *browser) isNotShown(page string) {
	b.Helper()
	for _, bad := range []string{strings.Replace(page, "for-ruth", "for-nobody", 1), strings.Replace(page, "/northgate/", "/hq/", 1),
		strings.Replace(page, "/northgate/", "/nowhere/", 1), strings.Replace(page, "/acme/", "/bright/", 1)} {
		b.refused("GET", bad, nil, "is not valid")
		b.refused("POST", bad, nil, "is not valid")
		b.refused("HEAD", bad, nil, "")
	}
}

// comesBack ends an installation, which takes the cookie away; with the cookie that it had it does not end twice.
func (b *browser) comesBack(back string) {
	b.Helper()
	kept := b.cookies(back)
	if got := b.visits("GET", back, nil); got.status != 200 || !strings.Contains(got.text, "is connected") {
		b.Fatalf("%d %s", got.status, got.text)
	}
	if left := b.cookies(back); len(left) != 0 {
		b.Errorf("the browser still has %v", left)
	}
	b.refused("GET", back, http.Header{"Cookie": {kept[0].String()}}, "has ended already")
}

// isNotIn comes back with what is not what Slack gave, and as programs do: nothing is used up by it.
func (b *browser) isNotIn(back string) {
	b.Helper()
	for _, c := range []struct {
		method, at string
		header     http.Header
		want       int
	}{
		{"GET", strings.Replace(back, "state=", "state=x", 1), nil, 403},
		{"GET", strings.Replace(back, "/northgate/", "/hq/", 1), nil, 403},
		{"GET", back[:strings.Index(back, "?")] + "?error=access_denied&state=x", nil, 400},
		{"HEAD", back, nil, 405}, {"POST", back, nil, 405},
		{"GET", back, aheads[0], 403}, {"GET", back, aheads[1], 403}, {"GET", back, aheads[2], 403},
	} {
		if got := b.visits(c.method, c.at, c.header); got.status != c.want {
			b.Errorf("%s %s with %v: %d %s", c.method, c.at, c.header, got.status, got.text)
		}
	}
}

// Ruth opens the address after lunch, and on another day stays in Slack for longer than she may: both times it is begun again.
func TestAnInstallationThatTakesTooLong(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		ruth := browse(t, w)
		page := prints(t, w, "before-lunch")
		w.PassFor(10 * time.Minute)
		ruth.refused("GET", page, nil, "ten minutes")
		ruth.refused("POST", page, nil, "ten minutes")
		page = prints(t, w, "after-lunch")
		w.PassFor(9 * time.Minute)
		back := ruth.approves(ruth.goesOn(page))
		kept := ruth.cookies(back)
		w.PassFor(10 * time.Minute)
		ruth.refused("GET", back, http.Header{"Cookie": {kept[0].String()}}, "ten minutes")
	})
}

// The cookie of an installation goes to its return alone, by TLS alone where there is TLS, and no script reads it.
func TestTheCookieOfAnInstallation(t *testing.T) {
	w := town.OnSQLite(t)
	for site, want := range map[string]string{
		"https://tickmark.test":        "__Secure-tickmark-install=X; Path=/slack/acme/northgate/installed; Max-Age=600; HttpOnly; Secure",
		"https://tickmark.test/audits": "__Secure-tickmark-install=X; Path=/audits/slack/acme/northgate/installed; Max-Age=600; HttpOnly; Secure",
		"http://127.0.0.1:8080":        "tickmark-install=X; Path=/slack/acme/northgate/installed; Max-Age=600; HttpOnly",
	} {
		secret := url.PathEscape(site)
		town.Check(t, w.Store.BeginInstall(t.Context(), store.Once{Actor: "marta"}, "northgate", site, w.Real().Add(10*time.Minute), w.Now()))
		d := &desk.Desk{Root: w.Root, Slack: w.Post.Slack, URL: site, Now: w.Now, Real: w.Real, Log: w.Desk.Log, Pages: w.Desk.Pages}
		rec := httptest.NewRecorder()
		d.Door().ServeHTTP(rec, httptest.NewRequest("POST", "/slack/acme/northgate/install/"+secret, nil))
		got := rec.Result().Cookies()
		if rec.Code != http.StatusSeeOther || len(got) != 1 || len(got[0].Value) < 26 || rec.Header().Get("Cache-Control") != "no-store" {
			t.Fatalf("%s: %d %v", site, rec.Code, rec.Header())
		}
		got[0].Value = "X"
		if got[0].String() != want+"; SameSite=Lax" {
			t.Errorf("%s: %s", site, got[0])
		}
	}
}

// Ruth's button is pressed, and she comes back, while the database is away: she is told to try again, and is given no cookie.
func TestAnInstallationWithoutADatabase(t *testing.T) {
	w := town.OnSQLite(t)
	root, err := store.Open(w.DSN)
	town.Check(t, err)
	town.Check(t, root.Close())
	d := &desk.Desk{Root: root, Slack: w.Post.Slack, URL: w.Desk.URL, Now: w.Now, Real: w.Real, Log: w.Desk.Log, Pages: w.Desk.Pages}
	for _, c := range []struct{ method, at, says string }{{"GET", "install/x", "try again in a minute"},
		{"POST", "install/x", "try again in a minute"}, {"GET", "installed?state=x&code=y", "begin again"}} {
		rec := httptest.NewRecorder()
		d.Door().ServeHTTP(rec, httptest.NewRequest(c.method, "/slack/acme/northgate/"+c.at, nil))
		if rec.Code != http.StatusServiceUnavailable || !strings.Contains(rec.Body.String(), c.says) || len(rec.Result().Cookies()) > 0 {
			t.Errorf("%s %s: %d %s", c.method, c.at, rec.Code, rec.Body)
		}
	}
}

// aheads are the headers of who only looks.
var aheads = []http.Header{{"Purpose": {"prefetch"}}, {"Sec-Purpose": {"prefetch;prerender"}}, {"X-Moz": {"prefetch"}}}

// northgate returns the name of the client.
func northgate(t *testing.T, w *town.Town) string {
	t.Helper()
	c, err := w.Store.Client(t.Context(), "northgate")
	town.Check(t, err)
	return c.Name
}

// prints returns the address that `tickmark slack install northgate` prints for Marta.
func prints(t *testing.T, w *town.Town, secret string) string {
	t.Helper()
	ws, err := w.Store.Workspace(t.Context(), "northgate")
	town.Check(t, err)
	town.Check(t, w.Store.BeginInstall(t.Context(), store.Once{Actor: "marta"}, "northgate", secret, w.Real().Add(10*time.Minute), w.Now()))
	return w.Post.InstallURL(ws, secret)
}

// A browser is somebody's. It keeps cookies and goes where it is led only when it is told to.
type browser struct {
	*testing.T
	w   *town.Town
	jar *cookiejar.Jar
}

func browse(t *testing.T, w *town.Town) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	town.Check(t, err)
	return &browser{t, w, jar}
}

// A visit is what a browser was answered.
type visit struct {
	status int
	text   string
	header http.Header
}

// visits asks at an address of the town as it is from outside: its door stands behind TLS.
func (b *browser) visits(method, at string, header http.Header) visit {
	b.Helper()
	seen, err := url.Parse(at)
	town.Check(b, err)
	req, err := http.NewRequestWithContext(b.Context(), method, strings.Replace(at, "https://tickmark.test", b.w.Door.URL, 1), nil)
	town.Check(b, err)
	for name, values := range header {
		req.Header[name] = values
	}
	for _, c := range b.jar.Cookies(seen) {
		req.AddCookie(c)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	town.Check(b, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	town.Check(b, err)
	b.jar.SetCookies(seen, res.Cookies())
	return visit{res.StatusCode, string(body), res.Header}
}

// refused asks at an address and is refused with these words.
func (b *browser) refused(method, at string, header http.Header, words string) {
	b.Helper()
	if got := b.visits(method, at, header); got.status != 403 || !strings.Contains(got.text, words) {
		b.Errorf("%s %s is not refused with %q: %d %s", method, at, words, got.status, got.text)
	}
}

// cookies returns those that the browser sends to an address.
func (b *browser) cookies(at string) []*http.Cookie {
	b.Helper()
	u, err := url.Parse(at)
	town.Check(b, err)
	return b.jar.Cookies(u)
}

// goesOn presses the button of a page and returns where in Slack it leads.
func (b *browser) goesOn(page string) *url.URL {
	b.Helper()
	got := b.visits("POST", page, nil)
	u, err := url.Parse(got.header.Get("Location"))
	town.Check(b, err)
	if q := u.Query(); got.status != http.StatusSeeOther || u.Path != "/oauth/v2/authorize" || len(q.Get("state")) < 26 ||
		q.Get("redirect_uri") != "https://tickmark.test/slack/acme/northgate/installed" || !strings.Contains(q.Get("scope"), "chat:write") {
		b.Fatalf("%d, to Slack at %s", got.status, u)
	}
	if !slices.Contains(b.w.Desk.Slack.Origins(), u.Scheme+"://"+u.Host) {
		b.Errorf("its page may not lead to %s", u)
	}
	if n := len(b.cookies(q(u, "redirect_uri"))); n != 1 || len(b.cookies(page)) != 0 {
		b.Errorf("it has %d cookies for the way back, and %d for the page", n, len(b.cookies(page)))
	}
	return u
}

func q(u *url.URL, name string) string { return u.Query().Get(name) }

// approves approves the app in Slack and returns where Slack leads back to.
func (b *browser) approves(u *url.URL) string {
	b.Helper()
	back, err := b.w.Slack.Authorize(slackfake.Install{Team: "TNORTHGATE", ClientID: q(u, "client_id"), RedirectURI: q(u, "redirect_uri"),
		State: q(u, "state"), Scopes: strings.Split(q(u, "scope"), ",")})
	town.Check(b, err)
	return back
}
