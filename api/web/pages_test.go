package web_test

import (
	"bytes"
	"context"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tickmark/activities/fake/town"
	"tickmark/activities/post"
	"tickmark/api/session"
	"tickmark/api/web"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/store"
)

// A place is the pages of a town, at an address of their own, with a clock for what expires.
type place struct {
	*testing.T
	w    *town.Town
	url  string
	past atomic.Int64 // how much of the machine's time has gone by
	said bytes.Buffer // by the log; one request at a time

	pages  http.Handler
	ending chan struct{} // closed when what serves the pages is to end
}

func opened(t *testing.T, w *town.Town) *place {
	t.Helper()
	p := &place{T: t, w: w, ending: make(chan struct{})}
	real := func() time.Time { return w.Real().Add(time.Duration(p.past.Load())) }
	log := slog.New(slog.NewTextHandler(&p.said, nil))
	s := session.New(session.Sessions{Root: w.Root, Now: w.Now, Real: real, Log: log, Cookies: session.CookiesFor("", "8080")}, 1e6, 1e6)
	pages, err := web.New(web.Config{Root: w.Root, Engine: w.Desk.Engine, Sessions: s, Now: w.Now, Real: real, Log: log, Patient: time.Hour,
		Invite: w.Post.Invite, AskLink: func(ask web.LinkAsk) {
			_, err := w.Post.SendLinks(context.Background(), post.LinkAsk(ask))
			town.Check(t, err)
		}, SendsLinks: w.Post.SendsLinks, Ending: p.ending})
	town.Check(t, err)
	p.pages = pages
	site := httptest.NewServer(pages)
	t.Cleanup(site.Close)
	p.url = site.URL
	return p
}

// link makes a link by which somebody signs in.
func (p *place) link(who models.PersonID) string {
	p.Helper()
	secret, hash := store.NewSecret()
	town.Check(p, p.w.Store.CreateLink(p.Context(), store.Link{Person: who, Way: store.ByConsole, Hash: hash},
		p.w.Real().Add(time.Duration(p.past.Load()))))
	return "/enter/" + secret
}

// name returns how somebody is called.
func name(w *town.Town, id models.PersonID) string {
	p, err := w.Store.Person(w.T.Context(), id)
	town.Check(w.T, err)
	return p.Name
}

// A window is somebody's browser.
type window struct {
	*place
	http *http.Client
}

// browser opens a browser in which nobody is signed in.
func (p *place) browser() *window {
	p.Helper()
	jar, err := cookiejar.New(nil)
	town.Check(p, err)
	return &window{p, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as opens a browser and signs somebody in.
func (p *place) as(who models.PersonID) *window {
	p.Helper()
	b := p.browser()
	if status, to, _ := b.send("POST", p.link(who), url.Values{}); status != http.StatusSeeOther || to != "/" {
		p.Fatalf("%s is not signed in: %d %s", who, status, to)
	}
	return b
}

// send asks and returns the status, where the answer leads, and the page.
func (b *window) send(method, at string, form url.Values) (status int, to, page string) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), method, b.url+at, strings.NewReader(form.Encode()))
	town.Check(b, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("User-Agent", "Firefox on a test")
	res, err := b.http.Do(req)
	town.Check(b, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	town.Check(b, err)
	_, text, found := strings.Cut(string(body), "</svg>") // without the shapes that every page has
	if !found {
		text = string(body)
	}
	return res.StatusCode, res.Header.Get("Location"), text
}

// sees fetches a page that is there.
func (b *window) sees(at string) string {
	b.Helper()
	status, to, page := b.send("GET", at, nil)
	if status != http.StatusOK {
		b.Fatalf("%s is answered %d %s: %s", at, status, to, page)
	}
	return page
}

// Marta follows a link: looking at it signs nobody in, the button signs her in, once. The link of another hour, or of somebody who
// has left, opens nothing; what she wanted to look at comes up once she is in, and nothing of another site.
func TestALinkSignsInOnce(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		p := opened(t, w)
		b, link := p.browser(), p.link("marta")
		if status, to, _ := b.send("GET", "/engagements/e1?zoom=6m", nil); status != 303 ||
			to != "/sign-in?next=%2Fengagements%2Fe1%3Fzoom%3D6m" {
			t.Errorf("a stranger is led to %d %s", status, to)
		}
		for range 3 {
			if page := b.sees(link); !strings.Contains(page, "Sign in as "+name(w, "marta")+"?") {
				t.Errorf("the link shows %s", page)
			}
		}
		if status, to, _ := b.send("GET", "/portfolio", nil); status != 303 || !strings.HasPrefix(to, "/sign-in") {
			t.Errorf("looking at a link has signed her in: %d %s", status, to)
		}
		if status, to, _ := b.send("POST", link+"?next="+url.QueryEscape("/portfolio?zoom=6m"), url.Values{}); status != 303 ||
			to != "/portfolio?zoom=6m" {
			t.Errorf("signed in she is led to %d %s", status, to)
		}
		if page := b.sees("/portfolio"); !strings.Contains(page, "Northgate") {
			t.Errorf("the portfolio shows %s", page)
		}
		for _, method := range []string{"GET", "POST"} {
			if status, _, page := p.browser().send(method, link, url.Values{}); status != 404 || !strings.Contains(page, "does not work") {
				t.Errorf("used again by %s: %d %s", method, status, page)
			}
		}
		old := p.link("ruth")
		p.past.Add(int64(store.LinkLasts + time.Second))
		if status, _, _ := p.browser().send("POST", old, url.Values{}); status != 404 {
			t.Errorf("an old link is answered %d", status)
		}
		for _, elsewhere := range []string{"https://evil.example/", "//evil.example/", `/\evil.example`, "/\t/evil.example",
			"javascript:alert(1)", "evil"} {
			_, to, _ := p.browser().send("POST", p.link("ruth")+"?next="+url.QueryEscape(elsewhere), url.Values{})
			if to != "/" {
				t.Errorf("next %q leads to %q", elsewhere, to)
			}
		}
		left := p.link("olga")
		_, err := w.Store.UpdatePerson(t.Context(), store.Once{}, "olga", w.Now(), func(p *models.Person) error { p.Active = false; return nil })
		town.Check(t, err)
		if status, _, _ := p.browser().send("POST", left, url.Values{}); status != 404 {
			t.Errorf("who has left is answered %d", status)
		}
	})
}

// A session ends a day after it was last used, two weeks after it began, when somebody signs out, there or everywhere, and when they leave.
func TestASessionEnds(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		p := opened(t, w)
		in := func(b *window) bool { status, _, _ := b.send("GET", "/account", nil); return status == 200 }
		ruth, elsewhere := p.as("ruth"), p.as("ruth")
		for day := range 14 {
			if !in(ruth) {
				t.Fatalf("used every day, it has ended on day %d", day)
			}
			if day == 2 && in(elsewhere) {
				t.Error("not used for a day it goes on")
			}
			p.past.Add(int64(24*time.Hour - time.Minute))
		}
		p.past.Add(int64(14 * time.Minute))
		if in(ruth) {
			t.Error("it has not ended after two weeks")
		}
		here, there := p.as("ruth"), p.as("ruth")
		page := here.sees("/account")
		if strings.Count(page, "Firefox on a test") != 2 || strings.Count(page, "this one") != 1 {
			t.Errorf("she is signed in at %s", page)
		}
		here.send("POST", "/sign-out", url.Values{})
		if in(here) || !in(there) {
			t.Errorf("signed out here: here %t, there %t", in(here), in(there))
		}
		third := p.as("ruth")
		third.send("POST", "/account/sessions/end", url.Values{})
		if in(third) || in(there) {
			t.Error("signed out everywhere, she is in")
		}
		var all []*window
		for range store.MaxSessions + 1 {
			all = append(all, p.as("ruth"))
		}
		if in(all[0]) || !in(all[1]) || !in(all[store.MaxSessions]) {
			t.Error("of too many sessions not the first has ended")
		}
		kenji := p.as("kenji")
		for _, m := range regexp.MustCompile(`/account/sessions/[^/"]+/end`).FindAllString(kenji.sees("/account"), -1) {
			ruth.send("POST", m, url.Values{})
			all[1].send("POST", m, url.Values{})
		}
		if !in(kenji) {
			t.Error("somebody else has signed him out")
		}
		_, err := w.Store.UpdatePerson(t.Context(), store.Once{}, "kenji", w.Now(), func(p *models.Person) error { p.Active = false; return nil })
		town.Check(t, err)
		if in(kenji) {
			t.Error("he has left, and is in")
		}
	})
}

var keyField = regexp.MustCompile(`name="key" value="(\w+)"`)

// Olga asks for more time on a page: what is missing is said beside its field and nothing is lost of what she wrote; sent, it is done; sent
// twice, once. Whoever may not do it is told so.
func TestAnActOnAPage(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		id := w.Task("olga", `Send <b>the</b> "chart" & more`, "2027-01-14")
		w.On("2027-01-12", 10)
		p := opened(t, w)
		olga := p.as("olga")
		page := olga.sees("/work")
		if strings.Contains(page, "<b>the</b>") || !strings.Contains(page, html.EscapeString(`Send <b>the</b> "chart" & more`)) {
			t.Errorf("her work shows %s", page)
		}
		at := "/engagements/e1/acts/more_time?" + url.Values{"item": {"do:" + string(id)}, "back": {"/work"}}.Encode()
		page = olga.sees(at)
		key := keyField.FindStringSubmatch(page)
		if key == nil {
			t.Fatalf("there is no form in %s", page)
		}
		status, _, page := olga.send("POST", at, url.Values{"key": {key[1]}, "due": {"2027-01-18"}, "reason": {""}, "blocking": {"the <scan>"}})
		if status != 422 || !strings.Contains(page, `id="w-reason"`) || !strings.Contains(page, "the &lt;scan&gt;") {
			t.Errorf("without a reason it is answered %d: %s", status, page)
		}
		form := url.Values{"key": {key[1]}, "due": {"2027-01-18"}, "reason": {"the scan is late"}}
		for range 2 {
			if status, to, page := olga.send("POST", at, form); status != 303 || to != "/work" {
				t.Errorf("sent it is answered %d %s: %s", status, to, page)
			}
		}
		f, err := w.Store.Facts(t.Context(), "e1", engagement.Need{})
		town.Check(t, err)
		if due := f.Task(id).Due; due.String() != "2027-01-19" { // the Monday is a holiday
			t.Errorf("it is due %s", due)
		}
		if status, _, page := p.as("kenji").send("GET", at, nil); status != 404 && status != 403 {
			t.Errorf("somebody else is shown %d %s", status, page)
		}
		form.Set("reason", "something else")
		if status, _, page := olga.send("POST", at, form); status == 303 {
			t.Errorf("another form with the same key is answered %d: %s", status, page)
		}
	})
}

// Whoever looks at a page sees of engagements what the rules let them see: the client is shown nothing of what is the firm's alone.
func TestPagesShowWhatSeesShows(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		secret := w.Task("ines", "Canary of the firm", "2027-01-14")
		w.Do("e1", "ines", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{secret}, Reason: "an internal canary",
			Readers: engagement.ReadersInternal})
		w.On("2027-01-12", 10)
		p := opened(t, w)
		at := "/engagements/e1/tasks/" + string(secret)
		if page := p.as("ines").sees(at); !strings.Contains(page, "an internal canary") {
			t.Errorf("the manager is not shown it: %s", page)
		}
		for _, who := range []models.PersonID{"olga", "kenji"} {
			b := p.as(who)
			for _, page := range []string{"/portfolio", "/work", "/engagements/e1", "/engagements/e1/tasks", "/engagements/e1/tasks?show=firm", at} {
				_, _, text := b.send("GET", page, nil)
				if strings.Contains(text, "it is expected when it was promised") || strings.Contains(text, "For nobody.") {
					t.Errorf("%s is told at %s that nothing is behind, of which they are not told: %s", who, page, text)
				}
				if strings.Contains(text, "canary") || strings.Contains(text, "Canary") {
					i := strings.Index(strings.ToLower(text), "canary")
					t.Errorf("%s is shown it at %s: %s", who, page, text[max(0, i-200):i+60])
				}
			}
		}
	})
}

// The auditor reads dates and phases: how engagements do is neither told nor counted nor to be asked for.
func TestTheAuditorReadsNoHealth(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Task("olga", "Send the organization chart", "2027-01-14")
		_, err := w.Store.CreatePerson(t.Context(), store.Once{}, modelstest.Person("hugo"), w.Now())
		town.Check(t, err)
		invited := models.PersonID("hugo")
		w.Do("e1", "marta", engagement.Command{Kind: engagement.EditEngagement, Edit: &engagement.Edit{Auditor: &invited}, Reason: "invited"})
		w.On("2027-01-12", 10)
		p := opened(t, w)
		hugo := p.as("hugo")
		page := hugo.sees("/portfolio")
		if !strings.Contains(page, "Northgate") {
			t.Errorf("he is not shown his engagement: %s", page)
		}
		for _, word := range []string{"on time", "at risk", "1 late", `class="state`} {
			if strings.Contains(page, word) {
				t.Errorf("he reads %q", word)
			}
		}
		if status, _, _ := hugo.send("GET", "/portfolio?health=late", nil); status != http.StatusForbidden {
			t.Errorf("asked for what is late he is answered %d", status)
		}
	})
}
