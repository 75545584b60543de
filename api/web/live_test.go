package web_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"tickmark/activities/fake/browser"
	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/modelstest/await"
	"tickmark/models/store"
)

// A stream is what a browser hears.
type stream struct {
	status int
	said   chan string // the kinds of its events; closed at its end
	close  func()
}

// listens opens a stream.
func (b *window) listens(at string) *stream {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", b.url+at, nil)
	town.Check(b, err)
	res, err := b.http.Do(r)
	town.Check(b, err)
	s := &stream{status: res.StatusCode, said: make(chan string, 100), close: cancel}
	b.Cleanup(cancel)
	go func() {
		defer close(s.said)
		defer res.Body.Close()
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			if kind, is := strings.CutPrefix(lines.Text(), "event: "); is {
				s.said <- kind
			}
		}
	}()
	return s
}

// next returns what a stream says next: "ended" where it ends.
func (s *stream) next() string {
	kind, open := <-s.said
	if !open {
		return "ended"
	}
	return kind
}

// silence returns what a stream says in a while in which it is to say nothing.
func (s *stream) silence() string {
	select {
	case kind := <-s.said:
		return kind
	case <-time.After(1500 * time.Millisecond): // looks are a second apart
		return ""
	}
}

// now is the address of a stream from now on. What is just over counts as well, so the clock of the town goes on before.
func now(w *town.Town, rest string) string {
	return "/live?since=" + strconv.FormatInt(w.Now().UnixMicro(), 10) + rest
}

// Olga's colleagues hear of what she does by another process on the same database; what the firm writes among itself
// she does not hear of, and somebody of another client hears nothing.
func TestAChangeIsHeardOfElsewhere(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		chart := w.Task("olga", "Send the organization chart", "2027-01-14")
		_, err := w.Store.CreateClient(t.Context(), store.Once{}, modelstest.Client("westfield"), w.Now())
		town.Check(t, err)
		_, err = w.Store.CreatePerson(t.Context(), store.Once{}, modelstest.Person("sara"), w.Now())
		town.Check(t, err)
		w.On("2027-01-12", 10)
		w.PassFor(time.Minute)
		p := opened(t, w)
		elsewhere, err := store.Open(w.DSN)
		town.Check(t, err)
		elsewhere.Now, elsewhere.Keys = w.Now, w.Root.Keys
		t.Cleanup(func() { _ = elsewhere.Close() })
		hears := map[models.PersonID]*stream{"ines": p.as("ines").listens(now(w, "")), "marta": p.as("marta").listens(now(w, "&engagement=e1")),
			"olga": p.as("olga").listens(now(w, "&engagement=e1")), "sara": p.as("sara").listens(now(w, ""))}
		for who, s := range hears {
			if got := s.next(); got != "hello" {
				t.Fatalf("%s is told %q first, with status %d", who, got, s.status)
			}
		}
		do := func(who models.PersonID, c engagement.Command) {
			t.Helper()
			person, err := w.Store.Person(t.Context(), who)
			town.Check(t, err)
			c.Actor, err = w.Store.Actor(t.Context(), person, w.Now())
			town.Check(t, err)
			c.Key, c.Hash = "elsewhere-"+string(c.Kind), "h"
			_, err = elsewhere.Apply(t.Context(), models.Ref{Firm: "acme", Engagement: "e1"}, c)
			town.Check(t, err)
		}
		do("ines", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{chart}, Reason: "among us",
			Readers: engagement.ReadersInternal})
		for _, who := range []models.PersonID{"ines", "marta"} {
			if got := hears[who].next(); got != "changed" {
				t.Errorf("of a remark of the firm %s is told %q", who, got)
			}
		}
		for _, who := range []models.PersonID{"olga", "sara"} {
			if got := hears[who].silence(); got != "" {
				t.Errorf("of a remark of the firm %s is told %q", who, got)
			}
		}
		do("olga", engagement.Command{Kind: engagement.CompleteTask, Tasks: []models.TaskID{chart}})
		for _, who := range []models.PersonID{"ines", "marta", "olga"} {
			if got := hears[who].next(); got != "changed" {
				t.Errorf("of what Olga did %s is told %q", who, got)
			}
		}
		if got := hears["sara"].silence(); got != "" {
			t.Errorf("somebody of another client is told %q", got)
		}
	})
}

// A stream tells of what happened between a page and itself, is refused to whom the page is, ends with its session and with the process,
// and outlives the time that a server gives others to read and write. Nobody has very many.
func TestHowAStreamBeginsAndEnds(t *testing.T) {
	w := town.OnSQLite(t)
	chart := w.Task("olga", "Send the organization chart", "2027-01-14")
	w.On("2027-01-12", 10)
	p := opened(t, w)
	p.hasty(t)
	before := now(w, "&engagement=e1")
	w.Do("e1", "olga", engagement.Command{Kind: engagement.CompleteTask, Tasks: []models.TaskID{chart}})
	ruth := p.as("ruth")
	s := ruth.listens(before)
	if first, then := s.next(), s.next(); first != "hello" || then != "changed" {
		t.Errorf("of what happened before she listened she is told %q and %q", first, then)
	}
	for at, want := range map[string]int{"/live?since=x": 400, "/live?since=-1": 400, "/live": 400,
		"/live?since=1&engagement=e404": 404} {
		if got := ruth.listens(at).status; got != want {
			t.Errorf("%s is answered %d", at, got)
		}
	}
	if got := p.browser().listens(before).status; got != http.StatusUnauthorized {
		t.Errorf("nobody is answered %d", got)
	}
	if got := s.silence(); got != "" { // for longer than the server lets others write
		t.Errorf("of nothing she is told %q", got)
	}
	w.Do("e1", "ines", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{chart}, Reason: "thank you"})
	if got := s.next(); got != "changed" {
		t.Errorf("after the server's own deadlines it says %q", got)
	}
	many := p.as("kenji")
	for i := range 9 {
		if got := many.listens("/live?since=1").status; (got == http.StatusTooManyRequests) != (i == 8) {
			t.Errorf("stream %d is answered %d", i+1, got)
		}
	}
	ruth.send("POST", "/sign-out", url.Values{})
	w.Do("e1", "ines", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{chart}, Reason: "once more"})
	if got := s.next(); got != "ended" {
		t.Errorf("signed out she is told %q", got)
	}
	olga := p.as("olga").listens(now(w, ""))
	if got := olga.next(); got != "hello" {
		t.Errorf("a stream begins with %q", got)
	}
	close(p.ending)
	for got := olga.next(); got != "ended"; got = olga.next() {
		if got != "changed" {
			t.Errorf("when the process ends a stream says %q", got)
		}
	}
}

// hasty serves the pages by a server that gives little time to read and to write.
func (p *place) hasty(t *testing.T) {
	site := httptest.NewUnstartedServer(p.pages)
	site.Config.WriteTimeout, site.Config.ReadTimeout = time.Second, time.Second
	site.Start()
	t.Cleanup(site.Close)
	p.url = site.URL
}

// Ines looks at her tasks. What Olga does shows there by itself, and the focus stays where it was; while she types nothing moves, and she
// is told that something changed.
func TestAPageShowsWhatChangedElsewhere(t *testing.T) {
	w := town.OnSQLite(t)
	first := w.Task("olga", "Send the organization chart", "2027-01-14")
	second := w.Task("olga", "Send the network plan", "2027-01-15")
	w.On("2027-01-12", 10)
	p := opened(t, w)
	b := browser.Open(t)
	site, err := url.Parse(p.url)
	town.Check(t, err)
	for _, c := range p.as("ines").http.Jar.Cookies(site) {
		b.Has(p.url, c.Name, c.Value)
	}
	b.Looks(1440, 900, false)
	b.Goes(p.url + "/engagements/e1/tasks/" + string(first))
	b.Waits("Live")
	b.Runs(`document.querySelector("#main a").focus(); window.before = document.activeElement; window.loaded = "once"`)
	w.Do("e1", "olga", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{first}, Reason: "It comes tomorrow"})
	b.Waits("It comes tomorrow")
	if got := b.Runs(`window.loaded + " " + (document.activeElement === window.before)`); got != "once true" {
		t.Errorf("the page was loaded anew, or the focus is lost: %s", got)
	}
	b.Goes(p.url + "/engagements/e1/tasks?q=")
	b.Waits("Live")
	b.Runs(`document.querySelector("#main input[type=search], #main .find input").focus(); document.activeElement.value = "plan"`)
	w.Do("e1", "olga", engagement.Command{Kind: engagement.CompleteTask, Tasks: []models.TaskID{second}})
	await.Until(t, "she is told", func() bool { return b.Runs(`!document.getElementById("stale").hidden`) == "true" })
	if got := b.Runs(`document.activeElement.value`); got != "plan" {
		t.Errorf("what she typed is %q", got)
	}
	b.Runs(`document.querySelector("#stale button").click()`)
	await.Until(t, "it is shown", func() bool { return b.Runs(`document.getElementById("stale").hidden`) == "true" })
	if got := b.Runs(`document.querySelector("#main input[type=search], #main .find input").value`); got != "plan" {
		t.Errorf("when it was shown, what she typed is %q", got)
	}
}
