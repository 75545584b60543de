package desk

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// What a request may be at most: its size, and how old its signature (slack-and-reliability.md 3).
const (
	maxInbound = 1 << 20
	maxSkew    = 5 * time.Minute
)

// Door answers what Slack sends: it checks the signature on the raw body, keeps the request and answers, within Slack's three seconds;
// the desk carries it out. What is not Slack's is answered with 401 and has no effect.
func (d *Desk) Door() http.Handler {
	mux := http.NewServeMux()
	for _, kind := range []string{wire.InEvents, wire.InActions, wire.InCommands} {
		mux.HandleFunc("POST "+wire.Path+"{firm}/{workspace}/"+kind, func(w http.ResponseWriter, r *http.Request) { d.receive(w, r, kind) })
	}
	mux.HandleFunc("GET "+wire.Path+"{firm}/{workspace}/install/{secret}", d.installPage)
	mux.HandleFunc("POST "+wire.Path+"{firm}/{workspace}/install/{secret}", d.install)
	mux.HandleFunc(wire.Path+"{firm}/{workspace}/installed", d.installed) // it says itself that it takes GET alone, and not HEAD
	return mux
}

// errNotSlack says that a request is not Slack's, or is not for the workspace it was sent to.
var errNotSlack = errors.New("not signed by Slack")

func (d *Desk) receive(w http.ResponseWriter, r *http.Request, kind string) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxInbound))
	if err != nil {
		http.Error(w, "the request is too large", http.StatusRequestEntityTooLarge)
		return
	}
	firm, id := models.FirmID(r.PathValue("firm")), r.PathValue("workspace")
	ws, err := d.workspace(r.Context(), firm, id)
	if err == nil && (r.URL.RawQuery != "" || !signed(ws, r.Header, body, d.Real())) {
		err = errNotSlack
	}
	switch {
	case errors.Is(err, errNotSlack), slices.Contains([]models.Code{models.NotFound, models.Conflict, models.Invalid}, models.CodeOf(err)):
		http.Error(w, "this is not signed by Slack", http.StatusUnauthorized) // nor does it say which workspaces there are
		return
	case err != nil:
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	payload, err := payloadOf(kind, string(body))
	if err != nil {
		http.Error(w, "this cannot be read", http.StatusBadRequest)
		return
	}
	answer, err := d.take(r.Context(), ws, kind, payload)
	switch {
	case errors.Is(err, errNotSlack):
		http.Error(w, "this is for another workspace", http.StatusUnauthorized)
	case err != nil:
		d.Log.WarnContext(r.Context(), "cannot keep what Slack sent", "workspace", id, "error", err)
		http.Error(w, "try again", http.StatusServiceUnavailable)
	case answer != nil:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer) // who hung up gets nothing
	default:
		w.WriteHeader(http.StatusOK)
	}
}

// workspace returns a workspace whose signing secret before the present one has an end. Earlier releases kept it without: it gets one now.
func (d *Desk) workspace(ctx context.Context, firm models.FirmID, id string) (reminders.Workspace, error) {
	ws, err := d.Root.For(firm).Workspace(ctx, id)
	if err != nil || !ws.Secrets.Limit(d.Real()) {
		return ws, err
	}
	return d.Root.For(firm).UpdateWorkspace(ctx, store.Once{}, id, d.Now(), func(w *reminders.Workspace) error {
		w.Secrets.Limit(d.Real())
		return nil
	})
}

// signed reports whether a request is signed by Slack for a workspace, now: with its secret, or the one before for a
// day after it was changed.
func signed(ws reminders.Workspace, h http.Header, body []byte, now time.Time) bool {
	stamp := h.Get("X-Slack-Request-Timestamp")
	at, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || len(h.Values("X-Slack-Signature")) != 1 || now.Sub(time.Unix(at, 0)).Abs() > maxSkew {
		return false
	}
	got, err := hex.DecodeString(strings.TrimPrefix(h.Get("X-Slack-Signature"), "v0="))
	if err != nil {
		return false
	}
	good := false
	for _, secret := range ws.Secrets.SignedWith(now) {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte("v0:" + stamp + ":"))
		mac.Write(body)
		good = hmac.Equal(mac.Sum(nil), got) || good
	}
	return good
}

// errNoText says that what came is no text: it cannot be kept.
var errNoText = errors.New("not valid UTF-8")

// payloadOf returns what a body holds as JSON: events are, actions have it in a field, commands are fields. Its error says that the body
// is none of that, or no text.
func payloadOf(kind, body string) (string, error) {
	payload, form := body, url.Values{}
	if kind != wire.InEvents {
		var err error
		if form, err = url.ParseQuery(body); err != nil {
			return "", err
		}
		payload = form.Get("payload")
	}
	if kind != wire.InCommands && (!utf8.ValidString(payload) || strings.Contains(payload, "\x00")) {
		return "", errNoText
	}
	if kind != wire.InCommands {
		return payload, nil
	}
	fields := map[string]string{}
	for name := range form {
		fields[name] = form.Get(name)
	}
	text, err := json.Marshal(fields)
	return string(text), err
}

// plain reports whether a text is an id such as Slack's are: letters and digits, and not many.
func plain(id string) bool {
	return id != "" && len(id) <= 100 && !strings.ContainsFunc(id, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-' && r != '_'
	})
}

func hexSum(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// An envelope is what tells whose a payload is and of what sort.
type envelope struct {
	Type      string `json:"type"`
	Challenge string `json:"challenge"`
	EventID   string `json:"event_id"`
	TeamID    string `json:"team_id"`
	AppID     string `json:"api_app_id"`
	Team      struct {
		ID string `json:"id"`
	} `json:"team"`
	View struct {
		AppTeam string `json:"app_installed_team_id"`
		Private string `json:"private_metadata"`
	} `json:"view"`
	Authorizations []struct {
		TeamID string `json:"team_id"`
	} `json:"authorizations"`
	SSLCheck string `json:"ssl_check"`
}

// of reports whether a payload is for a workspace: with Slack Connect it names the workspaces of others beside it.
func (e envelope) of(ws reminders.Workspace) bool {
	teams := []string{e.TeamID, e.Team.ID, e.View.AppTeam}
	for _, a := range e.Authorizations {
		teams = append(teams, a.TeamID)
	}
	return ws.Team != "" && slices.Contains(teams, ws.Team) && (e.AppID == "" || ws.App == "" || e.AppID == ws.App)
}

// take keeps a payload that is known to be Slack's, and returns what to answer at once; nil for nothing. The same payload again is
// answered the same and kept once.
func (d *Desk) take(ctx context.Context, ws reminders.Workspace, kind, payload string) (any, error) {
	var e envelope
	if err := json.Unmarshal([]byte(payload), &e); err != nil {
		return nil, errNotSlack
	}
	switch {
	case e.Type == "url_verification":
		return map[string]string{"challenge": e.Challenge}, nil
	case e.SSLCheck == "1":
		return nil, nil
	case !e.of(ws):
		return nil, errNotSlack
	}
	in := store.Inbound{Firm: ws.Firm, Workspace: ws.ID, ID: hexSum(payload), Kind: kind, Body: payload, At: d.Real()}
	if plain(e.EventID) {
		in.ID = e.EventID
	}
	if _, err := d.Root.For(ws.Firm).TakeIn(ctx, in); err != nil {
		return nil, err
	}
	select {
	case d.bell() <- struct{}{}:
	default: // it has rung already
	}
	if e.Type == "view_submission" {
		return wire.Saving(e.View.Private, in.ID), nil
	}
	return nil, nil
}
