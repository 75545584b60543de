package app

import (
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/fake/town"
	wire "tickmark/activities/slack"
	"tickmark/api/session"
	"tickmark/api/web"
	"tickmark/models/seal"
	"tickmark/models/store"
)

// methods are those that HTTP has, some of its extensions, and one that nobody knows.
var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "REPORT", "QUERY", "LINK", "FROB"}

// acting are the methods that may change something, where an address takes them.
var acting = []string{"POST", "PUT", "PATCH", "DELETE"}

// looks are the headers with which programs say that nobody has opened the page.
var looks = []http.Header{{}, {"Purpose": {"prefetch"}}, {"Sec-Purpose": {"prefetch;prerender"}}, {"X-Moz": {"prefetch"}}}

// A door is an address of the one port, and the methods that it takes, in order.
type door struct {
	at     string
	takes  []string
	others []string // methods that another route takes here: /tasks/complete is also a task of that name
}

// Olga's mail passes a program that looks at every link in every way that HTTP has, and does not stop at her mail: with a partner's token
// it looks at all that is served. Nothing changes by it, and where a method is not taken it is told which are. The address at which an
// installation in Slack begins is not used up, nor is what another one returns with. Then Olga's mail program posts, which ends her daily
// mails and nothing else.
func TestOnlyPostPutPatchAndDeleteAct(t *testing.T) {
	p := onePort(t)
	before := p.everything()
	for _, d := range p.doors() {
		for _, method := range methods {
			if slices.Contains(acting, method) && slices.Contains(d.takes, method) {
				continue
			}
			for _, header := range looks {
				p.looksAt(d, method, header)
			}
		}
		if changed := differing(before, p.everything()); len(changed) > 0 {
			t.Fatalf("looking at %s has changed %v", d.at, changed)
		}
	}
	p.installsOnce(before)
	before = p.everything()
	p.beginsOnce(before)
	before = p.everything()
	p.post(p.link("unsubscribe"), url.Values{"List-Unsubscribe": {"One-Click"}})
	p.isOlgasAlone(before, p.everything())
	to, err := p.w.Store.Recipient(t.Context(), "olga", 2027, true)
	if town.Check(t, err); !to.Prefs.MailOff {
		t.Error("one click has not ended her daily mails")
	}
	before = p.everything()
	if status := p.post(p.act, url.Values{}).StatusCode; status != http.StatusConflict {
		t.Errorf("posted without the key of the form: %d", status)
	}
	if changed := differing(before, p.everything()); len(changed) > 0 {
		t.Errorf("posted without the key of the form it has changed %v", changed)
	}
	p.post(p.act, url.Values{"key": {"once"}})
	if changed := differing(before, p.everything()); !slices.Contains(changed, "tasks") {
		t.Errorf("her form was sent, and only %v changed", changed)
	}
}

// A port is the one port of a town in which Olga has a mail, and of two installations in Slack one waits for its browser to open it, one
// for its browser to come back.
type port struct {
	*testing.T
	w      *town.Town
	routes []*echo.Route
	url    string
	token  string // Marta's
	mail   string // the text of Olga's mail
	act    string // the address at which her task is said to be done
	begins string // the address at which an installation in Slack begins
	back   string // the address at which another returns
	cookie string // of the browser that returns
	db     *sql.DB
	said   *spoken // what the log says

	session string // the cookie of Marta's browser
	asset   string // the address of a file of the pages
}

// spoken is a log that can be read while it is written.
type spoken struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *spoken) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

// all returns what was said since it was asked last.
func (s *spoken) all() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.text.Reset()
	return s.text.String()
}

func onePort(t *testing.T) *port {
	t.Helper()
	w := town.OnSQLite(t)
	server := w.WithMail()
	task := w.Task("olga", "Send the organization chart", "2027-01-14")
	w.On("2027-01-13", 10)
	w.Settle()
	p := &port{T: t, w: w, said: &spoken{}, mail: server.MessagesTo("olga@northgate.test")[0].Text}
	a := &App{Root: w.Root, postman: w.Post, desk: w.Desk, metrics: newMetrics(), parts: newSupervisor(slog.New(slog.DiscardHandler)),
		letters: &web.Letters{Root: w.Root, Engine: w.Root, Site: w.Post.Site, Now: w.Now, Log: slog.New(slog.DiscardHandler)}}
	a.cfg.Rate, a.cfg.Log = 1e6, slog.New(slog.NewTextHandler(p.said, nil))
	a.cfg.Patient = time.Hour // on a machine that does much else, too
	a.desk.Pages = a.letters
	handler, err := a.handler(nil)
	town.Check(t, err)
	p.routes = handler.(*echo.Echo).Routes()
	a.cfg.PublicURL, a.hosts = "https://tickmark.test", func(host string) bool { return host == "127.0.0.1" }
	site := httptest.NewUnstartedServer(a.front(handler))
	site.Config.DisableGeneralOptionsHandler = true // as answer does
	site.Start()
	t.Cleanup(site.Close)
	p.url = site.URL
	p.act = p.link("act") + "?" + url.Values{"act": {"done"}, "engagement": {"e1"}, "item": {"do:" + string(task)}}.Encode()
	token, hash := session.NewToken()
	_, err = w.Store.CreateToken(t.Context(), store.Once{}, "marta", "tests", hash, time.Now().AddDate(9, 0, 0), w.Now())
	town.Check(t, err)
	p.token = token
	p.begin()
	p.signIn(a)
	p.db, err = sql.Open("sqlite", strings.TrimPrefix(w.DSN, "sqlite:"))
	town.Check(t, err)
	t.Cleanup(func() { _ = p.db.Close() })
	return p
}

// begin begins two installations in Slack; one of them is approved there.
func (p *port) begin() {
	p.Helper()
	ctx := p.Context()
	ws, err := p.w.Store.Workspace(ctx, "northgate")
	town.Check(p, err)
	here := func(secret string) string {
		town.Check(p, p.w.Store.BeginInstall(ctx, store.Once{Actor: "marta"}, "northgate", secret, p.w.Real().Add(10*time.Minute), p.w.Now()))
		return strings.Replace(p.w.Post.InstallURL(ws, secret), "https://tickmark.test", p.url, 1)
	}
	p.begins = here("a-secret")
	led := p.post(here("another-secret"), nil)
	u, err := led.Location()
	town.Check(p, err)
	p.cookie, _, _ = strings.Cut(led.Header.Get("Set-Cookie"), ";")
	back, err := p.w.Slack.Authorize(slackfake.Install{Team: "TNORTHGATE", ClientID: ws.OAuthID, RedirectURI: u.Query().Get("redirect_uri"),
		State: u.Query().Get("state"), Scopes: strings.Split(u.Query().Get("scope"), ",")})
	town.Check(p, err)
	p.back = strings.Replace(back, "https://tickmark.test", p.url, 1)
}

// signIn signs Marta in in her browser, and finds a file of which the pages are made.
func (p *port) signIn(a *App) {
	p.Helper()
	link, err := a.SignInLink(p.Context(), "acme", "marta")
	town.Check(p, err)
	p.session, _, _ = strings.Cut(p.post(p.url+link, nil).Header.Get("Set-Cookie"), ";")
	res, body := p.headers("GET", p.url+"/sign-in", nil)
	town.Check(p, res.Body.Close())
	p.asset = regexp.MustCompile(`/static/[0-9a-f]+/tickmark\.css`).FindString(string(body))
	if p.session == "" || p.asset == "" {
		p.Fatalf("she is not signed in, or a page has no style: %q, %q", p.session, p.asset)
	}
}

// link returns the address of a link in the mail; kind is act or unsubscribe.
func (p *port) link(kind string) string {
	p.Helper()
	at := regexp.MustCompile(`https://tickmark\.test(/m/` + kind + `/\S+)`).FindStringSubmatch(p.mail)
	if at == nil {
		p.Fatalf("no link in %s", p.mail)
	}
	return p.url + at[1]
}

// named are things in the town, by what the paths of the API call them.
var named = strings.NewReplacer(":client", "northgate", ":function", "it_lead", ":engagement", "e1", ":person", "olga",
	":workspace", "northgate", ":task", "X-1", ":gate", "G-KO-1", ":decision", "D-1", ":question", "Q-1")

// param is what stands for something in a path.
var param = regexp.MustCompile(`:[a-z]+`)

// doors returns all addresses that are served: the routes of the API, and what is mounted beside them.
func (p *port) doors() []door {
	p.Helper()
	takes, mounted := map[string][]string{}, []string{}
	for _, r := range p.routes {
		if r.Method == echo.RouteNotFound {
			mounted = append(mounted, r.Path)
			continue
		}
		takes[r.Path] = append(takes[r.Path], r.Method)
	}
	want := append([]string{seal.LettersPath + "*", wire.Path + "*"}, web.Paths...)
	slices.Sort(want)
	if slices.Sort(mounted); !slices.Equal(mounted, want) {
		p.Fatalf("mounted are %v: say below what they serve", mounted)
	}
	var out []door
	for path, m := range takes {
		slices.Sort(m)
		d := door{at: p.url + param.ReplaceAllString(named.Replace(path), "1"), takes: m}
		for other, methods := range takes {
			if fits := regexp.MustCompile("^" + param.ReplaceAllString(other, "[^/]+") + "$"); other != path && fits.MatchString(path) {
				d.others = append(d.others, methods...)
			}
		}
		out = append(out, d)
	}
	if len(out) < 60 {
		p.Fatalf("only %d addresses were found", len(out))
	}
	page := []string{"GET", "HEAD", "POST"}
	out = append(out, door{at: p.act, takes: page}, door{at: p.link("act"), takes: page}, door{at: p.link("unsubscribe"), takes: page},
		door{at: p.begins, takes: page}, door{at: p.back, takes: []string{"GET"}})
	for _, kind := range []string{wire.InEvents, wire.InActions, wire.InCommands} {
		out = append(out, door{at: p.url + wire.Path + "acme/northgate/" + kind, takes: []string{"POST"}})
	}
	p.knowsAllMounted()
	return append(out, p.pages()...)
}

// pageRoute finds what the pages say they serve: a method and a path.
var pageRoute = regexp.MustCompile(`p\.(?:page|door|mux\.HandleFunc)\("(GET|POST) (/[^"]*)"`)

// inPages are things in the town, by what the paths of the pages call them. A link that signs in is none.
var inPages = strings.NewReplacer("{$}", "", "{engagement}", "e1", "{task}", "X-1", "{act}", "done", "{secret}", "NOLINK",
	"{session}", "s-1")

// pages returns the addresses of the pages.
func (p *port) pages() (out []door) {
	p.Helper()
	text, err := os.ReadFile("../../../api/web/web.go")
	town.Check(p, err)
	takes, order := map[string][]string{}, []string{}
	for _, m := range pageRoute.FindAllStringSubmatch(string(text), -1) {
		path := inPages.Replace(m[2])
		if strings.HasPrefix(path, "/static/") {
			path = p.asset
		}
		if takes[path] == nil {
			order = append(order, path)
		}
		takes[path] = append(takes[path], map[string][]string{"GET": {"GET", "HEAD"}, "POST": {"POST"}}[m[1]]...)
	}
	for _, path := range order {
		if at := p.url + path; strings.Contains(path, "/acts/") {
			out = append(out, door{at: at + "?" + url.Values{"item": {"do:X-1"}}.Encode(), takes: takes[path]})
		} else {
			out = append(out, door{at: at, takes: takes[path]})
		}
	}
	if len(out) < 10 {
		p.Fatalf("only %d pages were found", len(out))
	}
	return out
}

// pattern finds what a handler says it serves: a method, which may be missing, and a path.
var pattern = regexp.MustCompile(`mux\.Handle(?:Func)?\((?:"(\S*) "\+)?\w+\.\w+\+"([^"]*)"`)

// knowsAllMounted compares what the handlers beside the API say they serve with what the test looks at.
func (p *port) knowsAllMounted() {
	p.Helper()
	var got []string
	for _, file := range []string{"../../../api/web/letter.go", "../../../activities/desk/door.go"} {
		text, err := os.ReadFile(file)
		town.Check(p, err)
		for _, m := range pattern.FindAllStringSubmatch(string(text), -1) {
			got = append(got, m[1]+" "+m[2])
		}
	}
	want := []string{"GET act/{token}", "POST act/{token}", "GET unsubscribe/{token}", "POST unsubscribe/{token}",
		"POST {firm}/{workspace}/", "GET {firm}/{workspace}/install/{secret}", "POST {firm}/{workspace}/install/{secret}",
		" {firm}/{workspace}/installed"}
	if !slices.Equal(got, want) {
		p.Errorf("beside the API are served %q, and looked at are %q", got, want)
	}
}

// looksAt asks once. HEAD is answered as GET is, without the body; what is not taken is refused with 405, and Allow says what is.
func (p *port) looksAt(d door, method string, header http.Header) {
	p.Helper()
	if d.at == p.back && method == "GET" && len(header) == 0 {
		return // the one GET that acts: see installsOnce
	}
	res := p.ask(method, d.at, header, nil)
	switch {
	case slices.Contains(d.others, method) && res.StatusCode == http.StatusNotFound:
	case !slices.Contains(d.takes, method):
		allow := strings.Split(res.Header.Get("Allow"), ", ")
		if slices.Sort(allow); res.StatusCode != http.StatusMethodNotAllowed || !slices.Equal(allow, d.takes) {
			p.Errorf("%s %s is answered %d, Allow %v, and it takes %v", method, d.at, res.StatusCode, allow, d.takes)
		}
	case res.StatusCode == http.StatusMethodNotAllowed || res.StatusCode >= 500:
		p.Errorf("%s %s is answered %d", method, d.at, res.StatusCode)
	case method == "HEAD":
		if got := p.ask("GET", d.at, header, nil); got.StatusCode != res.StatusCode ||
			got.Header.Get("Content-Type") != res.Header.Get("Content-Type") {
			p.Errorf("%s: GET is answered %d as %s, HEAD %d as %s", d.at, got.StatusCode, got.Header.Get("Content-Type"), res.StatusCode,
				res.Header.Get("Content-Type"))
		}
	}
}

// beginsOnce presses the button of the page at which an installation begins: only that uses up its address, which everybody looked at
// before.
func (p *port) beginsOnce(before map[string]string) {
	p.Helper()
	for i, want := range []int{http.StatusSeeOther, http.StatusForbidden} {
		if status := p.post(p.begins, nil).StatusCode; status != want {
			p.Errorf("the button of an installation is answered, the %d. time, with %d", i+1, status)
		}
	}
	if changed := differing(before, p.everything()); !slices.Equal(changed, []string{"installs"}) {
		p.Errorf("the button of an installation has changed %v", changed)
	}
}

// installsOnce opens the page at which Slack's installation returns: only that uses up its state, which everybody looked at before, and
// only in the browser that went to Slack.
func (p *port) installsOnce(before map[string]string) {
	p.Helper()
	for _, cookie := range []string{"", strings.ToLower(p.cookie)} {
		if status := p.ask("GET", p.back, http.Header{"Cookie": {cookie}}, nil).StatusCode; status != http.StatusForbidden {
			p.Errorf("with the cookie %q the installation ends with %d", cookie, status)
		}
		if changed := differing(before, p.everything()); len(changed) > 0 {
			p.Errorf("with the cookie %q the installation has changed %v", cookie, changed)
		}
	}
	for i, want := range []int{http.StatusOK, http.StatusForbidden} {
		if status := p.ask("GET", p.back, http.Header{"Cookie": {p.cookie}}, nil).StatusCode; status != want {
			p.Errorf("the installation ends, the %d. time, with %d", i+1, status)
		}
	}
	if changed := differing(before, p.everything()); !slices.Equal(changed, []string{"installs"}) {
		p.Errorf("the installation has changed %v", changed)
	}
}

// isOlgasAlone fails when anything changed but Olga's preferences, when her mailbox is looked at next, and what the record says of it.
func (p *port) isOlgasAlone(before, after map[string]string) {
	p.Helper()
	changed := differing(before, after)
	if want := []string{"firm_events", "firms", "mailboxes", "preferences"}; !slices.Equal(changed, want) {
		p.Errorf("one click has changed %v, want %v: firms counts the events", changed, want)
	}
	for _, table := range changed {
		was := strings.Split(before[table], "\n")
		for row := range strings.SplitSeq(after[table], "\n") {
			if table != "firms" && !slices.Contains(was, row) && !strings.Contains(row, "'olga'") {
				p.Errorf("one click has changed in %s: %s", table, row)
			}
		}
	}
}

// ask sends a request with Marta's token and follows nothing.
func (p *port) ask(method, at string, header http.Header, form url.Values) *http.Response {
	p.Helper()
	req, err := http.NewRequestWithContext(p.Context(), method, at, strings.NewReader(form.Encode()))
	town.Check(p, err)
	if header != nil {
		req.Header = header.Clone()
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if req.Header.Get("Cookie") == "" {
		req.Header.Set("Cookie", p.session)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	town.Check(p, err)
	_, err = io.Copy(io.Discard, res.Body)
	town.Check(p, err)
	town.Check(p, res.Body.Close())
	return res
}

// post sends a form.
func (p *port) post(at string, form url.Values) *http.Response {
	p.Helper()
	return p.ask("POST", at, nil, form)
}

// everything returns the rows of every table as text. When a token was last used is left out: it is noted of whoever only looks, too.
func (p *port) everything() map[string]string {
	p.Helper()
	out := map[string]string{}
	for _, table := range p.column("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' " +
		"AND name <> 'probes'") { // which /readyz writes to find out whether it can
		columns := p.column(fmt.Sprintf("SELECT name FROM pragma_table_info('%[1]s') WHERE NOT ('%[1]s' = 'tokens' AND name = 'used_at')",
			table))
		for i, c := range columns {
			columns[i] = `quote("` + c + `")`
		}
		out[table] = strings.Join(p.column(fmt.Sprintf("SELECT %s FROM %s ORDER BY 1", strings.Join(columns, " || ',' || "), table)), "\n")
	}
	return out
}

// column returns the one column of what a question finds.
func (p *port) column(question string) (out []string) {
	p.Helper()
	rows, err := p.db.QueryContext(p.Context(), question)
	town.Check(p, err)
	defer rows.Close()
	for rows.Next() {
		var text string
		town.Check(p, rows.Scan(&text))
		out = append(out, text)
	}
	town.Check(p, rows.Err())
	return out
}

// differing names the tables that are not the same, in order.
func differing(a, b map[string]string) (out []string) {
	for table := range a {
		if a[table] != b[table] {
			out = append(out, table)
		}
	}
	slices.Sort(out)
	return out
}
