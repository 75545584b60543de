package slackfake

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// How often and how long a response_url can be used.
const (
	hookUses = 5
	hookLife = 30 * time.Minute
)

// hookErrors are those of a response_url that cannot be used; all others are of what was posted there.
var hookErrors = []string{"no_active_hooks", "expired_url", "used_url"}

// A hook is a response_url: the app may answer somebody's action there.
type hook struct {
	ID        string    `json:"id"`
	Team      string    `json:"team"`
	User      string    `json:"user"`
	Channel   string    `json:"channel"`
	TS        string    `json:"ts,omitempty"` // of the message that was acted on
	Ephemeral bool      `json:"ephemeral,omitempty"`
	Uses      int       `json:"uses"`
	Expires   time.Time `json:"expires"`
}

// A Response is what the app answered at a response_url, or at once to a command.
type Response struct {
	Team            string          `json:"team"`
	User            string          `json:"user"` // whose action it answers
	Channel         string          `json:"channel"`
	TS              string          `json:"ts,omitempty"` // of the message acted on
	At              time.Time       `json:"at"`
	Text            string          `json:"text"`
	Blocks          json.RawMessage `json:"blocks,omitempty"`
	ResponseType    string          `json:"response_type,omitempty"` // "in_channel", else only the user sees it
	ReplaceOriginal bool            `json:"replace_original,omitempty"`
	DeleteOriginal  bool            `json:"delete_original,omitempty"`
}

func (*hook) kind() string     { return "hook" }
func (*Response) kind() string { return "response" }

func (h *hook) keep(in *world)     { in.hooks[h.ID] = h }
func (r *Response) keep(in *world) { in.responses = append(in.responses, r) }

func (h *hook) path() string { return "/actions/" + h.ID }

// newHook makes a response_url. The caller holds s.mu.
func (s *Slack) newHook(w *Workspace, user, channel, ts string, ephemeral bool) (*hook, error) {
	h := &hook{ID: w.Team + "/" + newDigits(13) + "/" + newSecret(24), Team: w.Team, User: user, Channel: channel, TS: ts,
		Ephemeral: ephemeral, Expires: s.now().Add(hookLife)}
	return h, s.put(h)
}

// Responses returns what the app answered to what a user did, in the order in which it came.
func (s *Slack) Responses(team, user string) []Response {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Response
	for _, r := range s.world.responses {
		if r.Team == team && r.User == user {
			c := *r
			c.Blocks = slices.Clone(r.Blocks)
			found = append(found, c)
		}
	}
	return found
}

// respond takes what the app posts to a response_url.
func (s *Slack) respond(w http.ResponseWriter, hr *http.Request, id string) {
	body, err := io.ReadAll(io.LimitReader(hr.Body, maxBody))
	if err != nil {
		http.Error(w, "request_timeout", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	h := s.world.hooks[id]
	var taken []record
	switch {
	case h == nil:
		err = refuse("no_active_hooks")
	case s.now().After(h.Expires):
		err = refuse("expired_url")
	case h.Uses >= hookUses:
		err = refuse("used_url")
	default:
		used := *h
		used.Uses++
		if taken, err = s.answered(h, body); err == nil {
			err = s.put(append(taken, &used)...)
		}
	}
	s.mu.Unlock()
	refused, ok := errors.AsType[*refusal](err)
	switch {
	case err == nil:
		_, _ = w.Write([]byte("ok")) // the app may have gone
	case ok && slices.Contains(hookErrors, refused.code):
		http.Error(w, refused.code, http.StatusNotFound)
	case ok:
		http.Error(w, refused.code, http.StatusBadRequest)
	default:
		http.Error(w, "internal_error", http.StatusInternalServerError)
	}
}

// immediate takes what the app said at once to a command.
func (s *Slack) immediate(url string, body []byte) error {
	if len(body) == 0 {
		return nil
	}
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		body = encode(reply{"text": string(body)})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, id, _ := strings.Cut(url, "/actions/")
	records, err := s.answered(s.world.hooks[id], body)
	if err != nil {
		return err
	}
	return s.put(records...)
}

// answered returns, to be put, what comes of an answer: the answer itself and the message it makes, changes or deletes. The caller holds
// s.mu.
func (s *Slack) answered(h *hook, body []byte) ([]record, error) {
	args := map[string]string{}
	if err := parseJSON(body, args); err != nil {
		return nil, refuse("invalid_payload", "not JSON")
	}
	delete(args, "metadata") // the client sends it empty
	r := &request{method: "chat.postMessage", args: args, ws: s.world.workspaces[h.Team], now: s.now()}
	response := &Response{Team: h.Team, User: h.User, Channel: h.Channel, TS: h.TS, At: r.now.UTC(), Text: args["text"],
		ResponseType:    args["response_type"],
		ReplaceOriginal: r.yes("replace_original"), DeleteOriginal: r.yes("delete_original")}
	in := s.world.rooms[h.Channel]
	original := in.message(h.TS)
	if response.DeleteOriginal {
		if original == nil {
			return []record{response}, nil
		}
		gone := *original
		gone.Deleted = true
		return []record{response, &gone}, nil
	}
	d, err := r.draft()
	if err != nil {
		return nil, err
	}
	response.Blocks = d.blocks
	switch {
	case response.ReplaceOriginal && original != nil:
		changed := *original
		changed.Text, changed.Blocks, changed.Edits, changed.EditedAt = d.text, d.blocks, original.Edits+1, r.now.UTC()
		return []record{response, &changed}, nil
	case response.ResponseType == "in_channel":
		return []record{response, s.posted(r, in, d)}, nil
	}
	return []record{response, &Ephemeral{Team: h.Team, Channel: h.Channel, User: h.User, TS: in.next(r.now), Text: d.text,
		Blocks: d.blocks}}, nil
}
