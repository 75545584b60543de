package sandbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"
)

//go:embed locked.html
var lockedText string

var locked = template.Must(template.New("").Parse(lockedText))

// What a route asks for before it answers.
const (
	asksNothing = "nothing"
	asksKey     = "the key of the page"
	asksToken   = "an administrator's token"
	asksSlack   = "a bot token, as Slack does"
	asksAddress = "its own address, which is random"
)

// A route is one address of the sandbox's port.
type route struct {
	pattern string // of http.ServeMux
	asks    string
	do      http.HandlerFunc
}

// routes returns all that is served, with what each route asks for.
func (s *Sandbox) routes() []route {
	return []route{
		{"GET /{$}", asksKey, s.show},
		{"GET /page.js", asksNothing, func(w http.ResponseWriter, _ *http.Request) { text(w, "text/javascript", script) }},
		{"GET /page.css", asksNothing, func(w http.ResponseWriter, _ *http.Request) { text(w, "text/css", style) }},
		{"POST /enter", asksToken, s.enter},
		{"POST /click", asksKey, s.act(s.click)},
		{"POST /submit", asksKey, s.act(s.submit)},
		{"POST /dismiss", asksKey, s.act(func(r *http.Request, _ string) error { _, err := s.slack.Dismiss(r.Form.Get("view")); return err })},
		{"POST /command", asksKey, s.act(s.command)},
		{"POST /admin/{door}", asksToken, s.slack.AdminHandler(s.admits).ServeHTTP},
		{"POST /api/{method...}", asksSlack, s.slack.ServeHTTP}, // Tickmark always posts; Slack would take GET, too
		{"POST /actions/{hook...}", asksAddress, s.slack.ServeHTTP},
	}
}

// keyOf makes the key of the page of a secret. It is the same after a restart, so that pages that are open go on.
func keyOf(secret string) string {
	return hex.EncodeToString(signed(secret, "the page of the Slack sandbox"))[:32]
}

func signed(secret, words string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(words))
	return mac.Sum(nil)
}

// cookie is the name of the one that opens the page. Browsers tell ports of a machine apart by nothing else.
func (s *Sandbox) cookie() string {
	_, port, _ := strings.Cut(s.listener.Addr().String(), ":")
	return "tickmark-sandbox-" + port
}

// opens reports whether somebody says the key.
func (s *Sandbox) opens(said string) bool { return hmac.Equal([]byte(said), []byte(s.key)) }

// linkOpensFor is how long the link that a start prints opens the page in a browser that was not let in before.
const linkOpensFor = time.Hour

// late is said to whoever comes by the link after that.
const late = "This link opened the page for an hour after the start, and that is over. Enter the administrator's token, or start " +
	"tickmark-solo again: it prints a new link."

// known lets to do whoever has the cookie that the link of the page gives, and sends who comes by that link on
// to an address that does not have it; it asks all others for a token.
func (s *Sandbox) known(do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		c, err := r.Cookie(s.cookie())
		has := err == nil && s.opens(c.Value)
		if has && !q.Has("key") {
			do(w, r)
			return
		}
		links := hmac.Equal([]byte(q.Get("key")), []byte(s.link))
		over := time.Since(s.began) >= linkOpensFor
		if q.Has("key") && (has || links && !over) {
			if !has {
				s.welcome(w)
			}
			q.Del("key") // it stays neither in the browser's history nor in what the page tells others
			w.Header().Set("Referrer-Policy", "no-referrer")
			http.Redirect(w, r, "/?"+q.Encode(), http.StatusSeeOther)
			return
		}
		if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
			// Where the link stood on another site the browser has the cookie and does not send it. It does when it goes on from here.
			w.Header().Set("Refresh", "0")
		}
		w.WriteHeader(http.StatusUnauthorized)
		if links && over {
			s.ask(w, late)
			return
		}
		s.ask(w, "")
	}
}

// welcome gives a browser the cookie that opens the page.
func (s *Sandbox) welcome(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{Name: s.cookie(), Value: s.key, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
}

// ask shows the form that asks for a token.
func (s *Sandbox) ask(w http.ResponseWriter, problem string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := locked.Execute(w, problem); err != nil {
		s.log.Info("the sandbox's form for a token was not shown whole", "error", err)
	}
}

// enter opens the page to whoever has an administrator's token.
func (s *Sandbox) enter(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	if !s.admits(r.Context(), strings.TrimSpace(r.PostFormValue("token"))) {
		w.WriteHeader(http.StatusUnauthorized)
		s.ask(w, "This is no valid token of a partner. The administrator's is in the file admin-token of the data directory.")
		return
	}
	s.welcome(w)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// admits reports whether a token is an administrator's. Where nobody can tell it is not.
func (s *Sandbox) admits(ctx context.Context, token string) bool {
	return s.options.Admits != nil && token != "" && s.options.Admits(ctx, token)
}

// problem puts words of ours into the address of the page, with what shows that they are ours.
func (s *Sandbox) problem(q url.Values, words string) {
	q.Set("problem", words)
	q.Set("said", hex.EncodeToString(signed(s.key, words)))
}

// problemOf returns the words that problem has put there; empty when they are somebody else's.
func (s *Sandbox) problemOf(q url.Values) string {
	said, err := hex.DecodeString(q.Get("said"))
	if err != nil || !hmac.Equal(said, signed(s.key, q.Get("problem"))) {
		return ""
	}
	return q.Get("problem")
}
