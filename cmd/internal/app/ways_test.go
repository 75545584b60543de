package app

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tickmark/activities/fake/town"
	"tickmark/models/modelstest/waysin"
)

// What a route may ask for, as docs/security.md says it, and the answers to who has nothing, or something wrong, instead.
var asked = map[string][]int{
	"nothing":       nil,
	"a token":       {http.StatusUnauthorized},
	"a signature":   {http.StatusUnauthorized},
	"a signed link": {http.StatusNotFound, http.StatusGone},
	"a secret":      {http.StatusForbidden},
	"a session":     {http.StatusSeeOther},
	"a link":        {http.StatusNotFound},
	"an invitation": {http.StatusNotFound},
	"a page's own":  {http.StatusUnauthorized}, // session, by which the page that asks was shown: nobody is led to sign in
	"a state":       {http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusConflict},
}

// A stranger asks at every address of the one port for everything that it takes, with nothing, and with what looks like the right thing.
// Each address is in the list of docs/security.md, and refuses what lacks what it asks for there; what asks for nothing answers. Nothing
// changes by it. A row of the list that no address fits fails too.
func TestEveryRouteIsListedAndAsksForWhatItSays(t *testing.T) {
	p := onePort(t)
	rows := waysin.Table(t, "../../../docs/security.md", "### Routes")
	before, used := p.everything(), map[string]bool{}
	for _, d := range p.doors() {
		at, err := url.Parse(d.at)
		town.Check(t, err)
		row := rowOf(rows, at.Path)
		if row == nil || row[0] == "/*" {
			t.Errorf("%s is not listed", at.Path)
			continue
		}
		used[row[0]] = true
		refusals, known := asked[row[1]]
		if !known {
			t.Errorf("%s asks for %q, of which nobody knows how it refuses", row[0], row[1])
		}
		for _, method := range d.takes {
			for what, change := range strangers {
				status := change(p, method, *at)
				right := slices.Contains(refusals, status)
				if row[1] == "nothing" {
					right = status < http.StatusBadRequest
				}
				if !right {
					t.Errorf("%s %s, which asks for %s, answers %d to %s", method, at.Path, row[1], status, what)
				}
			}
		}
	}
	if changed := differing(before, p.everything()); len(changed) > 0 {
		t.Errorf("a stranger has changed %v", changed)
	}
	for _, row := range rows {
		if !used[row[0]] {
			t.Errorf("%s is listed, and nothing is there", row[0])
		}
	}
}

// The routes of the port for operators are those that docs/security.md lists, and there is no other method.
func TestTheRoutesOfTheStatusPortAreListed(t *testing.T) {
	text, err := os.ReadFile("metrics.go")
	town.Check(t, err)
	var served, listed []string
	for _, m := range regexp.MustCompile(`mux\.Handle(?:Func)?\("([^"]*)"`).FindAllStringSubmatch(string(text), -1) {
		served = append(served, m[1])
	}
	for _, row := range waysin.Table(t, "../../../docs/security.md", "### Routes of the status port") {
		listed = append(listed, strings.Trim(row[0], "`"))
	}
	if !slices.Equal(served, listed) {
		t.Errorf("served are %q, and listed are %q", served, listed)
	}
	handler := (&App{}).statusHandler()
	for _, route := range served {
		method, at, _ := strings.Cut(route, " ")
		for _, other := range methods {
			if other == method || other == http.MethodHead {
				continue
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequest(other, at, nil))
			if allow := w.Header().Get("Allow"); w.Code != http.StatusMethodNotAllowed || allow != "GET, HEAD" {
				t.Errorf("%s %s is answered %d, Allow %q", other, at, w.Code, allow)
			}
		}
	}
}

// strangers ask in ways that let nobody in.
var strangers = map[string]func(p *port, method string, at url.URL) int{
	"somebody with nothing": func(p *port, method string, at url.URL) int { return p.stranger(method, forged(at), "") },
	"somebody with a token that is none": func(p *port, method string, at url.URL) int {
		return p.stranger(method, forged(at), "Bearer tm_AAAAAAAA_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	},
	"somebody with another kind of token": func(p *port, method string, at url.URL) int {
		return p.stranger(method, forged(at), "Basic bWFydGE6")
	},
}

// forged returns an address as somebody guesses it who knows another: a link for somebody else, a state that was not given.
func forged(at url.URL) string {
	if strings.HasPrefix(at.Path, "/m/") || strings.Contains(at.Path, "/install/") {
		last := at.Path[len(at.Path)-1:]
		at.Path = at.Path[:len(at.Path)-1] + map[bool]string{true: "B", false: "A"}[last == "A"]
	}
	if q := at.Query(); q.Has("state") {
		q.Set("state", "another-state")
		at.RawQuery = q.Encode()
	}
	return at.String()
}

// stranger sends a request that nobody has signed, and returns the status of the answer.
func (p *port) stranger(method, at, authorization string) int {
	p.Helper()
	req, err := http.NewRequestWithContext(p.Context(), method, at, strings.NewReader("{}"))
	town.Check(p, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", "a-stranger's")
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	town.Check(p, err)
	town.Check(p, res.Body.Close())
	return res.StatusCode
}

// rowOf returns the row of the list that fits a path best, as its cells without their marks.
func rowOf(rows [][]string, path string) (best []string) {
	for _, row := range rows {
		row[0] = strings.Trim(row[0], "`")
		if fits(row[0], path) && (best == nil || len(row[0]) > len(best[0])) {
			best = row
		}
	}
	return best
}

// fits reports whether a path is what a row means: a star stands for anything.
func fits(row, path string) bool {
	parts := strings.Split(row, "*")
	if !strings.HasPrefix(path, parts[0]) {
		return false
	}
	path = path[len(parts[0]):]
	for _, part := range parts[1:] {
		_, rest, found := strings.Cut(path, part)
		if part == "" {
			return true
		}
		if !found {
			return false
		}
		path = rest
	}
	return path == ""
}

// A list that lacks a route, or says something else of it, is found out.
func TestARouteThatIsNotListedIsFound(t *testing.T) {
	rows := [][]string{{"`/api/v1/*`", "a token"}, {"`/api/v1/docs*`", "nothing"}, {"`/slack/*/events`", "a signature"}}
	for path, want := range map[string]string{"/api/v1/me": "a token", "/api/v1/docs/docs.js": "nothing",
		"/slack/acme/hq/events": "a signature", "/slack/acme/hq/eventsx": "", "/slack/acme/hq/admin": "", "/": "", "/metrics": ""} {
		got := ""
		if row := rowOf(rows, path); row != nil {
			got = row[1]
		}
		if got != want {
			t.Errorf("%s asks for %q, want %q", path, got, want)
		}
	}
}
