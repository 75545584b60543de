package slackfake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
)

// A Question is what the admin door is asked with, where it takes no type of its own.
type Question struct {
	Team    string            `json:"team"`
	User    string            `json:"user"`
	Channel string            `json:"channel"`
	View    string            `json:"view"`
	Text    string            `json:"text"`
	Values  map[string]string `json:"values"`
	Event   map[string]any    `json:"event"`
	URLs    RequestURLs       `json:"urls"`
	Scopes  []string          `json:"scopes"`
	Methods []string          `json:"methods"`
}

// doors are what the admin door can do, by name.
var doors = map[string]func(*Slack, []byte) (any, error){
	"faults":      door(func(s *Slack, f []Fault) (any, error) { s.AddFaults(f...); return nil, nil }),
	"profile":     door(func(s *Slack, p Profile) (any, error) { s.SetFaultFunc(p.Chance()); return nil, nil }),
	"clear":       door(func(s *Slack, _ Question) (any, error) { s.ClearFaults(); return nil, nil }),
	"hits":        door(func(s *Slack, _ Question) (any, error) { return s.FaultsHit(), nil }),
	"settings":    door(func(s *Slack, set Settings) (any, error) { s.Set(set); return nil, nil }),
	"calls":       door(func(s *Slack, q Question) (any, error) { return s.Calls(q.Methods...), nil }),
	"counts":      door(func(s *Slack, q Question) (any, error) { return s.CallCounts(q.Team), nil }),
	"workspaces":  door(func(s *Slack, _ Question) (any, error) { return s.Workspaces(), nil }),
	"users":       door(func(s *Slack, q Question) (any, error) { return s.Users(q.Team), nil }),
	"channels":    door(func(s *Slack, q Question) (any, error) { return s.Channels(q.Team), nil }),
	"messages":    door(func(s *Slack, q Question) (any, error) { return s.AllMessages(q.Team), nil }),
	"history":     door(func(s *Slack, q Question) (any, error) { return s.Messages(q.Team, q.Channel), nil }),
	"direct":      door(func(s *Slack, q Question) (any, error) { return s.MessagesTo(q.Team, q.User), nil }),
	"ephemerals":  door(func(s *Slack, q Question) (any, error) { return s.Ephemerals(q.Team, q.User), nil }),
	"responses":   door(func(s *Slack, q Question) (any, error) { return s.Responses(q.Team, q.User), nil }),
	"views":       door(func(s *Slack, q Question) (any, error) { return s.Views(q.Team, q.User), nil }),
	"home":        door(func(s *Slack, q Question) (any, error) { v, _ := s.Home(q.Team, q.User); return v, nil }),
	"workspace":   door(func(s *Slack, w Workspace) (any, error) { return s.AddWorkspace(w) }),
	"user":        door(func(s *Slack, u User) (any, error) { return s.AddUser(u.Team, u) }),
	"channel":     door(func(s *Slack, c Channel) (any, error) { return s.AddChannel(c.Team, c) }),
	"urls":        door(func(s *Slack, q Question) (any, error) { return nil, s.SetRequestURLs(q.Team, q.URLs) }),
	"scopes":      door(func(s *Slack, q Question) (any, error) { return nil, s.SetScopes(q.Team, q.Scopes...) }),
	"revoke":      door(func(s *Slack, q Question) (any, error) { return nil, s.Revoke(q.Team) }),
	"uninstall":   door(func(s *Slack, q Question) (any, error) { return nil, s.Uninstall(q.Team) }),
	"deactivate":  door(func(s *Slack, q Question) (any, error) { return nil, s.DeactivateUser(q.Team, q.User) }),
	"reactivate":  door(func(s *Slack, q Question) (any, error) { return nil, s.ReactivateUser(q.Team, q.User) }),
	"archive":     door(func(s *Slack, q Question) (any, error) { return nil, s.ArchiveChannel(q.Team, q.Channel) }),
	"invite":      door(func(s *Slack, q Question) (any, error) { return nil, s.Invite(q.Team, q.Channel, q.User) }),
	"kick":        door(func(s *Slack, q Question) (any, error) { return nil, s.Kick(q.Team, q.Channel, q.User) }),
	"say":         door(func(s *Slack, q Question) (any, error) { return s.Say(q.Team, q.Channel, q.User, q.Text, nil) }),
	"click":       door(func(s *Slack, p Press) (any, error) { return s.Click(p) }),
	"submit":      door(func(s *Slack, q Question) (any, error) { return s.Submit(q.View, q.Values) }),
	"dismiss":     door(func(s *Slack, q Question) (any, error) { return s.Dismiss(q.View) }),
	"command":     door(func(s *Slack, c SlashCommand) (any, error) { return s.Command(c) }),
	"event":       door(func(s *Slack, q Question) (any, error) { return s.Event(q.Team, q.Event) }),
	"home_opened": door(func(s *Slack, q Question) (any, error) { return s.AppHomeOpened(q.Team, q.User) }),
	"authorize":   door(func(s *Slack, i Install) (any, error) { return s.Authorize(i) }),
	"disconnect":  door(func(s *Slack, q Question) (any, error) { s.Disconnect(q.Team, q.Text); return nil, nil }),
}

// door reads what a door is asked with; nothing is as good as {}.
func door[Q any](do func(*Slack, Q) (any, error)) func(*Slack, []byte) (any, error) {
	return func(s *Slack, body []byte) (any, error) {
		var q Q
		if len(body) > 0 {
			lines := json.NewDecoder(bytes.NewReader(body))
			lines.DisallowUnknownFields()
			if err := lines.Decode(&q); err != nil {
				return nil, fmt.Errorf("read the question: %w", err)
			}
		}
		return do(s, q)
	}
}

// AdminHandler returns a handler by which another process looks at the Slack, makes it fail and does what people do: POST /NAME with the
// argument of a method as JSON, answered with what it returns. An error is answered with 422 and {"error": …}. Whoever gets in may do
// everything, so it asks for a bearer token that admits returns true for, and answers 401 to all others; where admits is nil nobody gets
// in. Ask is its client.
func (s *Slack) AdminHandler(admits func(ctx context.Context, token string) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !bearer || admits == nil || !admits(r.Context(), token) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write(encode(reply{"error": "this door asks for an administrator's token: Authorization: Bearer and the token"}))
			return
		}
		do, ok := doors[path.Base(r.URL.Path)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
		var answer any
		if err == nil {
			answer, err = do(s, body)
		}
		if err != nil {
			w.WriteHeader(http.StatusUnprocessableEntity)
			answer = reply{"error": err.Error(), "answer": answer}
		}
		_, _ = w.Write(encode(answer)) // who asked may have gone
	})
}

// Ask asks the admin door at a URL, with a token that opens it. What it answers is read into answer, unless that is nil. It returns an
// error when the door refuses.
func Ask(ctx context.Context, url, token, name string, question, answer any) error {
	body, err := json.Marshal(question)
	if err != nil {
		return fmt.Errorf("ask for %s: %w", name, err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/"+name, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask for %s: %w", name, err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("ask for %s: %w", name, err)
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	said, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return fmt.Errorf("ask for %s: %w", name, err)
	case resp.StatusCode == http.StatusUnprocessableEntity:
		var refused struct{ Error string }
		_ = json.Unmarshal(said, &refused) // else it says nothing
		return fmt.Errorf("ask for %s: %w", name, errors.New(refused.Error))
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("ask for %s: %s", name, resp.Status)
	case answer == nil:
		return nil
	}
	return json.Unmarshal(said, answer)
}
