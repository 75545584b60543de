package slackfake

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A method is one of the Web API.
type method struct {
	scope string // that its token needs; empty: none, or one that depends on its arguments
	token string // the kind of token it takes: "" a bot's, "app" an app's, "none" none
	run   func(*Slack, *request) (reply, error)
}

// methods are those which the fake knows.
var methods = map[string]method{
	"auth.test":             {run: (*Slack).authTest},
	"auth.revoke":           {run: (*Slack).authRevoke},
	"team.info":             {scope: "team:read", run: (*Slack).teamInfo},
	"users.info":            {scope: "users:read", run: (*Slack).usersInfo},
	"users.lookupByEmail":   {scope: "users:read.email", run: (*Slack).usersLookup},
	"conversations.open":    {run: (*Slack).conversationsOpen},
	"conversations.info":    {run: (*Slack).conversationsInfo},
	"conversations.members": {run: (*Slack).conversationsMembers},
	"conversations.history": {run: (*Slack).conversationsHistory},
	"conversations.replies": {run: (*Slack).conversationsReplies},
	"chat.postMessage":      {scope: "chat:write", run: (*Slack).chatPost},
	"chat.postEphemeral":    {scope: "chat:write", run: (*Slack).chatEphemeral},
	"chat.update":           {scope: "chat:write", run: (*Slack).chatUpdate},
	"chat.delete":           {scope: "chat:write", run: (*Slack).chatDelete},
	"chat.getPermalink":     {run: (*Slack).chatPermalink},
	"views.open":            {run: (*Slack).viewsOpen},
	"views.push":            {run: (*Slack).viewsPush},
	"views.update":          {run: (*Slack).viewsUpdate},
	"views.publish":         {run: (*Slack).viewsPublish},
	"oauth.v2.access":       {token: "none", run: (*Slack).oauthAccess},
	"apps.uninstall":        {run: (*Slack).appsUninstall},
	"apps.connections.open": {token: "app", run: (*Slack).connectionsOpen},
}

// A request is a call on its way: who calls, and with what.
type request struct {
	method string
	args   map[string]string // what is not a string, as JSON
	token  string
	grant  *grant     // of the token; nil when it is unknown
	ws     *Workspace // of the token
	now    time.Time
}

func (r *request) yes(arg string) bool { return r.args[arg] == "true" || r.args[arg] == "1" }

// number returns an argument as a number, or another when it is none.
func (r *request) number(arg string, otherwise int) int {
	if n, err := strconv.Atoi(r.args[arg]); err == nil {
		return n
	}
	return otherwise
}

// A reply is what a call is answered with, but for "ok".
type reply map[string]any

// A refusal is an error of the Web API.
type refusal struct {
	code             string
	needed, provided string   // of missing_scope
	messages         []string // what is wrong in particular
}

func (e *refusal) Error() string { return e.code }

func refuse(code string, messages ...string) error { return &refusal{code: code, messages: messages} }

// maxBody is how long the body of a call may be.
const maxBody = 4 << 20

// api answers a call of the Web API.
func (s *Slack) api(w http.ResponseWriter, hr *http.Request, name string) {
	args, token, err := parse(hr)
	if err != nil {
		send(w, failed(err))
		return
	}
	req := &request{method: name, args: args, token: token, now: s.now()}
	s.identify(req)
	n := s.enter(req)
	if req.grant != nil { // as Slack says beside every answer
		w.Header().Set("X-OAuth-Scopes", strings.Join(req.grant.Scopes, ","))
	}
	fault := s.meet(n)
	body := func() []byte { return s.execute(req, n) }
	if fault != nil {
		s.fail(w, hr, *fault, name, body)
		return
	}
	if wait := s.tooSoon(req); wait > 0 {
		s.ledger.met(n, FaultRateLimit)
		tooMany(w, strconv.Itoa(int((wait+time.Second-1)/time.Second)))
		return
	}
	send(w, body())
}

// identify finds out whose token it is.
func (s *Slack) identify(req *request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if req.grant = s.world.grants[req.token]; req.grant != nil {
		req.ws = s.world.workspaces[req.grant.Team]
		return
	}
	for _, ws := range s.world.workspaces {
		if req.token != "" && ws.AppToken == req.token {
			req.ws = ws
		}
	}
}

// execute does what was asked for and returns the answer.
func (s *Slack) execute(req *request, n *entry) []byte {
	answer, err := s.do(req)
	s.ledger.came(n, err)
	if err != nil {
		return failed(err)
	}
	if answer == nil {
		answer = reply{}
	}
	answer["ok"] = true
	return encode(answer)
}

func (s *Slack) do(req *request) (reply, error) {
	m, ok := methods[req.method]
	if !ok {
		return nil, refuse("unknown_method")
	}
	if err := req.may(m); err != nil {
		return nil, err
	}
	return m.run(s, req)
}

// may refuses a call whose token does not allow it.
func (r *request) may(m method) error {
	isApp := r.ws != nil && r.grant == nil
	switch {
	case m.token == "none":
		return nil
	case r.token == "":
		return refuse("not_authed")
	case r.ws == nil:
		return refuse("invalid_auth")
	case r.grant != nil && r.grant.Revoked != "":
		return refuse(r.grant.Revoked)
	case isApp != (m.token == "app"):
		return refuse("not_allowed_token_type")
	}
	return r.needs(m.scope)
}

// needs refuses a call whose token lacks a scope.
func (r *request) needs(scope string) error {
	if scope == "" || slices.Contains(r.grant.Scopes, scope) {
		return nil
	}
	return &refusal{code: "missing_scope", needed: scope, provided: strings.Join(r.grant.Scopes, ",")}
}

// parse reads a call's arguments and token, from a form, from JSON or from the URL.
func parse(r *http.Request) (args map[string]string, token string, err error) {
	args = map[string]string{}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, "", refuse("request_timeout")
	}
	if len(body) > maxBody {
		return nil, "", refuse("post_body_too_large")
	}
	if err := parseArgs(r, body, args); err != nil {
		return nil, "", err
	}
	token = args["token"]
	delete(args, "token")
	if id, secret, ok := r.BasicAuth(); ok {
		args["client_id"], args["client_secret"] = id, secret
	}
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = bearer
	}
	return args, token, nil
}

// parseArgs reads arguments from a body; from the URL when there is none, or where the body is JSON also from the URL.
func parseArgs(r *http.Request, body []byte, args map[string]string) error {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	form := r.URL.Query()
	switch {
	case len(body) == 0:
	case kind == "application/json":
		if err := parseJSON(body, args); err != nil {
			return err
		}
	default:
		var err error
		if form, err = url.ParseQuery(string(body)); err != nil {
			return refuse("invalid_form_data")
		}
	}
	for k := range form {
		args[k] = form.Get(k)
	}
	return nil
}

func parseJSON(body []byte, args map[string]string) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return refuse("invalid_json")
	}
	for k, raw := range fields {
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			text = string(raw)
		}
		args[k] = text
	}
	return nil
}

// failed is the answer that tells of an error. What is none of Slack's own is an internal_error.
func failed(err error) []byte {
	r, ok := errors.AsType[*refusal](err)
	if !ok {
		r = &refusal{code: "internal_error"}
	}
	answer := reply{"ok": false, "error": r.code}
	if r.needed != "" {
		answer["needed"], answer["provided"] = r.needed, r.provided
	}
	if len(r.messages) > 0 {
		answer["response_metadata"] = reply{"messages": r.messages}
	}
	return encode(answer)
}

// encode makes JSON. What it is given can always be encoded: anything else is a mistake in this package.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func send(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // who asked may have gone
}

func tooMany(w http.ResponseWriter, retryAfter string) {
	if retryAfter != "" {
		w.Header().Set("Retry-After", retryAfter)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusTooManyRequests)
	_, _ = w.Write(failed(refuse("ratelimited")))
}
