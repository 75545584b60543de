package app

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/activities/fake/town"
	"tickmark/activities/safely"
	"tickmark/api/session"
	"tickmark/models/modelstest/waysin"
	"tickmark/models/store"
)

// openToAll are the addresses whose answers are the same for everybody, and may be kept as long as they are asked about again.
var openToAll = []string{"/api/v1/docs", "/api/v1/docs/docs.js", "/api/v1/docs/docs.css", "/api/v1/openapi.json"}

// Whatever Marta's browser asks of the one port, as serve puts it together, and whether it is answered or refused, by the API, a page,
// Slack's door, the router or what stands in front: the answer has every header that keeps it to itself, and says of what kind it is.
func TestEveryAnswerHasItsHeaders(t *testing.T) {
	p := onePort(t)
	doors := append(p.doors(), door{at: p.url + "/nowhere"}, door{at: p.url + "/m/nowhere"}, door{at: p.url + "/slack/nowhere"},
		door{at: p.url + "/api/v1/nowhere"}, door{at: p.url + "/m/act/none"}, door{at: p.url + "/api/v1/engagements/none"})
	kinds := map[int]bool{}
	for _, d := range doors {
		for _, method := range methods {
			for name, header := range map[string]http.Header{"": {}, "for a host that is not served": {"Host": {"elsewhere.test"}},
				"for a page elsewhere": {"Sec-Fetch-Site": {"cross-site"}}} {
				res, body := p.headers(method, d.at, header)
				kinds[res.StatusCode] = true
				for _, wrong := range unsafeHere(res, body) {
					t.Errorf("%s %s %s is answered %d: %s", method, d.at, name, res.StatusCode, wrong)
				}
			}
		}
	}
	for _, status := range []int{200, 302, 400, 401, 403, 404, 405, 421} {
		if !kinds[status] {
			t.Errorf("nothing was answered %d: the test has not looked at that kind", status)
		}
	}
}

// headers asks with Marta's token, follows nothing, and returns the answer with its body.
func (p *port) headers(method, at string, header http.Header) (*http.Response, []byte) {
	p.Helper()
	body := map[bool]string{true: "{}"}[slices.Contains(acting, method)]
	req, err := http.NewRequestWithContext(p.Context(), method, at, strings.NewReader(body))
	town.Check(p, err)
	if header != nil {
		req.Header = header.Clone()
	}
	req.Host = header.Get("Host")
	req.Header.Set("Cookie", p.session)
	req.Header.Set("Authorization", "Bearer "+p.token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultTransport.RoundTrip(req)
	town.Check(p, err)
	said, err := io.ReadAll(res.Body)
	town.Check(p, errors.Join(err, res.Body.Close()))
	return res, said
}

// unsafeHere returns what is wrong with the headers of an answer of the one port.
func unsafeHere(res *http.Response, body []byte) []string {
	h := res.Header.Clone()
	if res.Request != nil && strings.HasPrefix(res.Request.URL.Path, "/static/") &&
		h.Get("Cache-Control") == "public, max-age=31536000, immutable" {
		h.Set("Cache-Control", "no-store") // its address has its fingerprint
	}
	if res.Request != nil && slices.Contains(openToAll, res.Request.URL.Path) && h.Get("Cache-Control") == "no-cache" {
		h.Set("Cache-Control", "no-store")
	}
	wrong := waysin.Unsafe(h)
	if got := h.Get("Strict-Transport-Security"); got != "max-age=31536000; includeSubDomains" {
		wrong = append(wrong, "Strict-Transport-Security is "+got)
	}
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if len(body) > 0 && err != nil || strings.HasPrefix(kind, "text/") && !strings.EqualFold(params["charset"], "utf-8") {
		wrong = append(wrong, "Content-Type is "+h.Get("Content-Type"))
	}
	if kind == "text/html" {
		wrong = append(wrong, ownStyle(h.Get("Content-Security-Policy"), string(body))...)
	}
	return wrong
}

// ownStyle returns what of a page its policy would have a browser leave out: a style that it does not name, or one of a single element.
func ownStyle(policy, page string) (wrong []string) {
	for _, m := range regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindAllStringSubmatch(page, -1) {
		sum := sha256.Sum256([]byte(m[1]))
		if name := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, name) {
			wrong = append(wrong, "Content-Security-Policy leaves out the page's own style")
		}
	}
	if strings.Contains(page, " style=") {
		wrong = append(wrong, "an element has a style of its own, which the policy leaves out")
	}
	return wrong
}

// Operators' machines get the same headers from the port for them, also when they ask for what is not there.
func TestTheStatusPortHasItsHeaders(t *testing.T) {
	handler := Here((&App{}).statusHandler())
	for _, at := range []string{"/healthz", "/nowhere", "http://elsewhere.test/metrics"} {
		for _, method := range methods {
			w := httptest.NewRecorder()
			r := httptest.NewRequest(method, at, nil)
			if !strings.HasPrefix(at, "http:") {
				r.Host = "localhost"
			}
			handler.ServeHTTP(w, r)
			if wrong := waysin.Unsafe(w.Header()); len(wrong) > 0 {
				t.Errorf("%s %s is answered %d: %q", method, at, w.Code, wrong)
			}
		}
	}
}

// Browsers are told to come back by TLS alone only where people reach Tickmark by it: elsewhere others may be served in the clear.
func TestTLSIsAskedForWhereItIs(t *testing.T) {
	for public, want := range map[string]string{"https://audits.firm.example": "max-age=31536000; includeSubDomains",
		"http://audits.firm.example": "", "": ""} {
		w := httptest.NewRecorder()
		(&App{cfg: Config{PublicURL: public, Log: slog.New(slog.DiscardHandler)}, metrics: newMetrics(),
			hosts: func(string) bool { return false }}).front(http.NotFoundHandler()).
			ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		if got := w.Header().Get("Strict-Transport-Security"); got != want || w.Code != http.StatusMisdirectedRequest {
			t.Errorf("%q: %q, %d", public, got, w.Code)
		}
	}
}

// A program asks the server itself what it can, by OPTIONS *. Go's server would answer before anybody stands in front.
func TestTheServerAnswersNothingByItself(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	town.Check(t, err)
	log := slog.New(slog.DiscardHandler)
	a := &App{hosts: func(string) bool { return false }, metrics: newMetrics(), parts: newSupervisor(log), cfg: Config{Log: log}}
	var g safely.Group
	g.Go(func() error { return a.answer(ctx, requestsPart, listener, a.front(http.NotFoundHandler())) })
	conn, err := net.Dial("tcp", listener.Addr().String())
	town.Check(t, err)
	_, err = io.WriteString(conn, "OPTIONS * HTTP/1.1\r\nHost: elsewhere.test\r\n\r\n")
	town.Check(t, err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	town.Check(t, err)
	if wrong := waysin.Unsafe(res.Header); res.StatusCode != http.StatusMisdirectedRequest || len(wrong) > 0 {
		t.Errorf("OPTIONS * is answered %d: %q", res.StatusCode, wrong)
	}
	town.Check(t, conn.Close())
	stop()
	_ = g.Wait() // which says why it ended: because it was told to
}

// Whoever tries a token that is none, asks for what is not theirs, or knocks at Slack's door unsigned stands in the log, with the route and
// from where, and nothing of what they sent does; who asks for what is theirs does not.
func TestRefusalsAreLogged(t *testing.T) {
	p := onePort(t)
	olgas, hash := session.NewToken()
	made, err := p.w.Store.CreateToken(t.Context(), store.Once{}, "olga", "tests", hash, time.Now().AddDate(9, 0, 0), p.w.Now())
	town.Check(t, err)
	for _, c := range []struct{ method, at, token, want string }{
		{"GET", "/api/v1/slack/workspaces", olgas, "status=403 firm=acme token=" + made.ID},
		{"GET", "/api/v1/me", "tm_AAAAAAAA_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "status=401"},
		{"GET", "/api/v1/me", "", "status=401"},
		{"POST", "/slack/acme/northgate/events", "", "status=401"},
		{"GET", "/api/v1/me", p.token, ""},
	} {
		p.said.all()
		body := map[string]string{"POST": "{}"}[c.method] // what takes no body is refused for having one, whoever asks
		req, err := http.NewRequestWithContext(t.Context(), c.method, p.url+c.at, strings.NewReader(body))
		town.Check(t, err)
		req.Header.Set("Authorization", "Bearer "+c.token)
		res, err := http.DefaultTransport.RoundTrip(req)
		town.Check(t, err)
		town.Check(t, res.Body.Close())
		said := p.said.all()
		if c.want == "" {
			if said != "" {
				t.Errorf("%s was answered, and the log says %s", c.at, said)
			}
			continue
		}
		for _, word := range append(strings.Fields(c.want), "request refused", "from=127.0.0.1", "request="+res.Header.Get("X-Request-Id")) {
			if !strings.Contains(said, word) {
				t.Errorf("%s %s: the log lacks %q: %s", c.method, c.at, word, said)
			}
		}
		if c.token != "" && strings.Contains(said, c.token[3:]) {
			t.Errorf("the log has the token: %s", said)
		}
	}
}
