// Package web is the pages: what people look at in a browser. Every page works without script; with it, it is pleasanter.
package web

//go:generate templ generate -log-level warn

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"tickmark/api/session"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

// A Config is what the pages are made of. All fields but Fast are needed.
type Config struct {
	Root     *store.Root
	Engine   engagement.Engine
	Sessions *session.Sessions
	Now      func() time.Time // engagement time
	Real     func() time.Time // the machine's time
	Log      *slog.Logger
	Patient  time.Duration // how long a page may take before it is answered with 503

	// Invite sends somebody an invitation, once for the key.
	Invite func(ctx context.Context, s *store.Store, person, by models.Person, once store.Once) (store.Invitation, error)
	// AskLink has a link sent to whom an address is of, beside the answer; nil: none is sent. SendsLinks reports whether any can be.
	AskLink    func(LinkAsk)
	SendsLinks func() bool

	Day     time.Duration   // how long an engagement day lasts; 24 hours, unless the clock is fast
	Mail    bool            // whether mail can be sent from here
	Solo    bool            // everything is on one machine
	Ending  <-chan struct{} // closed when this process ends: streams end then; nil: never
	Sandbox string          // where the sandbox is that stands in for Slack; empty: there is none
}

// Pages answers the requests of browsers.
type Pages struct {
	Config
	assets  *Assets
	mux     *http.ServeMux
	streams streams
}

// Paths are the paths at which the pages are to be mounted.
var Paths = []string{"/", "/static/*", "/sign-in", "/sign-out", "/enter/*", "/invited/*", "/portfolio", "/engagements/*", "/work",
	"/account", "/account/*", "/today", "/messages", "/messages/*", "/start", "/clients", "/clients/*", "/people", "/people/*", "/live",
	"/find", "/welcome", "/welcome/*"}

// New returns the pages. It fails only when the program was built wrong.
func New(cfg Config) (*Pages, error) {
	assets, err := newAssets()
	if err != nil {
		return nil, err
	}
	p := &Pages{Config: cfg, assets: assets, mux: http.NewServeMux()}
	p.mux.HandleFunc("GET /static/{mark}/{file...}", assets.serve)
	p.door("GET /sign-in", p.signInPage)
	p.door("POST /sign-in", p.askLink)
	p.door("GET /enter/{secret}", p.enterPage)
	p.door("POST /enter/{secret}", p.enter)
	p.door("GET /invited/{secret}", p.invitedPage)
	p.door("POST /invited/{secret}", p.accept)
	p.door("POST /sign-out", p.signOut)
	p.page("GET /account", "getMe", p.account)
	p.page("POST /account/sessions/{session}/end", "getMe", p.endSession)
	p.page("POST /account/sessions/end", "getMe", p.endSessions)
	p.page("GET /{$}", "getMe", p.home)
	p.page("GET /welcome", "getMe", p.welcome)
	p.page("POST /welcome/demo", "getMe", p.lookAround)
	p.page("POST /welcome/home", "getMe", p.goHome)
	p.page("POST /welcome/drop", "getMe", p.dropDemo)
	p.page("GET /portfolio", "listEngagements", p.portfolio)
	p.page("GET /engagements/{engagement}", "getEngagement", p.engagement)
	p.page("GET /engagements/{engagement}/tasks", "listTasks", p.tasks)
	p.page("GET /engagements/{engagement}/tasks/{task}", "getTask", p.task)
	p.page("GET /engagements/{engagement}/chosen", "listTasks", p.chosen)
	p.page("POST /engagements/{engagement}/chosen", "listTasks", p.chosen)
	p.page("GET /engagements/{engagement}/people", "getEngagement", p.crew)
	p.page("GET /engagements/{engagement}/messages", "listMessages", p.talk)
	p.page("GET /engagements/{engagement}/record", "getTimeline", p.record)
	p.mux.HandleFunc("GET /live", p.live)
	p.page("GET /find", "getMe", p.find)
	p.page("POST /account/pages", "getMe", p.like)
	p.page("GET /work", "getMe", p.work)
	p.page("GET /start", "startFromFile", p.start)
	p.page("POST /start", "startFromFile", p.start)
	p.page("GET /clients", "listClients", p.clients)
	p.page("GET /clients/{client}", "getClient", p.client)
	p.page("GET /people", "listPeople", p.people)
	p.page("POST /people/{person}/invite", "sendInvitation", p.invite)
	p.page("GET /today", "listChanges", p.todays)
	p.page("GET /messages", "listMessages", p.messages)
	p.page("GET /messages/{message}", "getMessage", p.message)
	p.page("POST /messages/all/stop", "pauseMessaging", p.stopMessages)
	p.page("POST /messages/all/start", "resumeMessaging", p.letMessages)
	p.page("GET /engagements/{engagement}/acts/{act}", "getEngagement", p.act)
	p.page("POST /engagements/{engagement}/acts/{act}", "getEngagement", p.act)
	return p, nil
}

// ServeHTTP answers a request. What no page is at is answered as a page that says so.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 256<<10)
	h, pattern := p.mux.Handler(r)
	if pattern != "" {
		p.mux.ServeHTTP(w, r)
		return
	}
	v, none := visit{Pages: p, w: w, r: r}, unanswered{header: http.Header{}}
	if h.ServeHTTP(&none, r); none.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", none.header.Get("Allow"))
		_ = v.show(none.status, sayPage(v.bare("Not done"), "This address does not take what was sent."))
		return
	}
	v.trouble(models.Refuse(models.NotFound, "", "there is no page at this address"))
}

// unanswered keeps what the router would have said of an address to which no page belongs.
type unanswered struct {
	header http.Header
	status int
}

func (u *unanswered) Header() http.Header         { return u.header }
func (u *unanswered) Write(p []byte) (int, error) { return len(p), nil }
func (u *unanswered) WriteHeader(status int)      { u.status = status }

// A visit is one request of somebody's browser.
type visit struct {
	*Pages
	session.Caller // without a person at the door

	w http.ResponseWriter
	r *http.Request
}

// door answers a pattern for whoever comes.
func (p *Pages) door(pattern string, show func(*visit) error) {
	p.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		v := visit{Pages: p, w: w, r: r}
		if err := show(&v); err != nil {
			v.trouble(err)
		}
	})
}

// page answers a pattern for who is signed in and may do an action on what the address names.
func (p *Pages) page(pattern string, action engagement.Action, show func(*visit) error) {
	p.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), p.Patient)
		defer cancel()
		v := visit{Pages: p, w: w, r: r.WithContext(ctx)}
		var err error
		v.Caller, err = p.Sessions.Cookie(ctx, r)
		if models.CodeOf(err) == models.Unauthenticated {
			v.toSignIn()
			return
		}
		if err == nil {
			err = v.Admit(ctx, action, pathOf(r))
		}
		if err == nil {
			err = show(&v)
		}
		if err != nil {
			v.trouble(err)
		}
	})
}

// pathOf returns what the address of a request names.
func pathOf(r *http.Request) session.Path {
	return session.Path{Client: models.ClientID(r.PathValue("client")), Person: models.PersonID(r.PathValue("person")),
		Engagement: models.EngagementID(r.PathValue("engagement")), Task: models.TaskID(r.PathValue("task")), Gate: r.PathValue("gate"),
		Decision: r.PathValue("decision"), Question: r.PathValue("question")}
}

// toSignIn leads who is not signed in to where they do that, and from there back to what they looked at.
func (v *visit) toSignIn() {
	to := "/sign-in"
	if v.r.Method == http.MethodGet && v.r.URL.Path != "/" {
		to += "?" + url.Values{"next": {v.r.URL.RequestURI()}}.Encode()
	}
	v.seeOther(to)
}

// seeOther leads a browser to another page of ours.
func (v *visit) seeOther(path string) {
	v.w.Header().Set("Location", path)
	v.w.WriteHeader(http.StatusSeeOther)
}

// local returns an address of a page of ours that a request names, or another where it names none or somebody else's.
func local(path, otherwise string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") ||
		strings.ContainsAny(path, "\\\r\n\t") {
		return otherwise
	}
	return u.RequestURI()
}

// policy is what a page may load: what is ours. It runs no script and has no style of its own.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// show answers with a page.
func (v *visit) show(status int, page templ.Component) error {
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "same-origin") // no-referrer would have browsers hide the origin of a form from its own site
	v.w.WriteHeader(status)
	if err := page.Render(v.r.Context(), v.w); err != nil {
		v.Log.InfoContext(v.r.Context(), "a page was not shown whole", "page", v.r.Pattern, "error", err)
	}
	return nil
}

// statuses are the answers to what is refused.
var statuses = map[models.Code]int{models.NotFound: http.StatusNotFound, models.Forbidden: http.StatusForbidden,
	models.Invalid: http.StatusBadRequest, session.TooMany: http.StatusTooManyRequests, models.TooLarge: http.StatusRequestEntityTooLarge}

// trouble says in a page why there is no other.
func (v *visit) trouble(err error) {
	status, title, text := http.StatusServiceUnavailable, "One moment",
		"This cannot be shown just now. Try again in a minute: nothing is lost."
	if refusal, ok := errors.AsType[*models.Error](err); ok && refusal.Code != models.Unavailable {
		status, title, text = statuses[refusal.Code], "Not done", models.Sentence(refusal.Message)
		switch {
		case status == 0:
			status = http.StatusConflict
		case status == http.StatusNotFound:
			title = "Nothing is here"
		case status == http.StatusForbidden:
			title = "Not for you"
		}
	} else {
		v.Log.WarnContext(v.r.Context(), "a page cannot be shown", "page", v.r.Pattern, "error", err)
	}
	_ = v.show(status, sayPage(v.bare(title), text))
}

// home leads to the page that is somebody's first.
func (p *Pages) home(v *visit) error {
	if v.Role == models.RolePartner && v.DemoOf == "" {
		rows, _, err := v.Store.Portfolio(v.r.Context(), store.PortfolioFilter{Scope: store.ScopeAll()}, "", "", 1)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			v.seeOther("/welcome")
			return nil
		}
	}
	if v.Role.Side() == models.SideFirm {
		v.seeOther("/portfolio")
	} else {
		v.seeOther("/work")
	}
	return nil
}
