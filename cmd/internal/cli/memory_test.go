package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// A memory is a server's state, as far as engagement files go: what is created is there, and the same key has one effect.
type memory struct {
	t      *testing.T
	things map[string]map[string]any // by path
	duties map[string]map[string]any // by function; of one client
	keys   map[string]kept
	writes int // that had an effect
	fails  int // the write after which nothing works any more; 0: everything works
}

type kept struct {
	request string
	answer  reply
}

func newMemory(t *testing.T) *memory {
	return &memory{t: t, things: map[string]map[string]any{}, duties: map[string]map[string]any{}, keys: map[string]kept{}}
}

func (m *memory) answer(method, path string, got received) (reply, bool) {
	if method == http.MethodGet {
		return m.read(path)
	}
	if path == "/plans" {
		return ok("plan"), true
	}
	if old, ok := m.keys[got.key]; ok {
		if old.request != method+path+got.body {
			m.t.Errorf("key %s was used for another request: %s %s", got.key, method, path)
		}
		return old.answer, true
	}
	if m.fails > 0 && m.writes == m.fails {
		return busy, true
	}
	var in map[string]any
	if got.body != "" {
		if err := json.Unmarshal([]byte(got.body), &in); err != nil {
			m.t.Fatal(err)
		}
	}
	r, known := m.write(method, path, got, in)
	if known && r.status < 300 {
		m.writes++
		m.keys[got.key] = kept{method + path + got.body, r}
	}
	return r, known
}

// boston has somebody of another client in it.
func (m *memory) boston(id string) {
	m.things["/people/"+id] = map[string]any{"id": id, "name": "Sam Adams", "role": "owner", "client": "boston", "time_zone": "UTC",
		"active": true, "revision": 1, "created_at": "2027-01-04T15:00:00Z"}
}

func (m *memory) read(path string) (reply, bool) {
	if strings.HasSuffix(path, "/functions") {
		list := []any{}
		for _, d := range m.duties {
			list = append(list, d)
		}
		return m.reply(http.StatusOK, map[string]any{"items": list}), true
	}
	if path == "/catalog/types" {
		return reply{}, false
	}
	if thing, ok := m.things[path]; ok {
		return m.reply(http.StatusOK, thing), true
	}
	return refuse(404, "not_found", "there is no such thing", ""), true
}

func (m *memory) write(method, path string, got received, in map[string]any) (reply, bool) {
	if done, ok := strings.CutSuffix(path, "/start"); ok {
		e := m.things[done]
		if got.match != fmt.Sprintf("%q", fmt.Sprint(e["revision"])) {
			m.t.Errorf("started with If-Match %s, not revision %v", got.match, e["revision"])
		}
		e["status"], e["health"], e["target_report"] = "running", "on_track", "2027-04-20"
		return m.changed(e), true
	}
	if i := strings.Index(path, "/functions/"); i >= 0 {
		in["function"] = path[i+len("/functions/"):]
		in["name"] = in["function"]
		for _, field := range []string{"person", "backup"} {
			if who := fmt.Sprint("fernleaf.", in[field]); m.things["/people/"+who] != nil {
				in[field] = who
			}
		}
		m.duties[in["function"].(string)] = in
		return m.reply(http.StatusOK, in), true
	}
	if method == http.MethodPatch {
		thing := m.things[path]
		for k, v := range in {
			thing[k] = v
		}
		if strings.HasPrefix(path, "/engagements/") {
			return m.changed(thing), true
		}
		thing["revision"] = thing["revision"].(int) + 1
		return m.reply(http.StatusOK, thing), true
	}
	in["revision"], in["created_at"] = 1, "2027-01-04T15:00:00Z"
	switch path {
	case "/clients":
		setDefault(in, "weekend", []any{"saturday", "sunday"}, "closed_days", []any{}, "open_days", []any{})
	case "/people":
		in["active"] = true
		if m.things["/people/"+in["id"].(string)] != nil {
			in["id"] = fmt.Sprint(in["client"], ".", in["id"])
		}
	case "/engagements":
		c := m.things["/clients/"+in["client"].(string)]
		if c == nil {
			m.t.Errorf("drafted before there was a client")
		}
		setDefault(in, "categories", []any{}, "addons", []any{}, "consultants", []any{})
		in["client_name"], in["headcount"], in["time_zone"] = c["name"], c["headcount"], c["time_zone"]
		in["status"], in["percent"], in["active_phases"] = "draft", 0, []any{}
		delete(in, "window_open")
	default:
		return reply{}, false
	}
	m.things[path+"/"+in["id"].(string)] = in
	r := m.reply(http.StatusCreated, in)
	r.header = map[string]string{"Location": "/api/v1" + path}
	return r, true
}

// changed moves a record on and answers with the result of a command.
func (m *memory) changed(thing map[string]any) reply {
	thing["revision"] = thing["revision"].(int) + 1
	return m.reply(http.StatusOK, map[string]any{"revision": thing["revision"], "replayed": false})
}

func (m *memory) reply(status int, v any) reply {
	text, err := json.Marshal(v)
	if err != nil {
		m.t.Fatal(err)
	}
	return reply{status: status, body: string(text)}
}

func setDefault(in map[string]any, pairs ...any) {
	for i := 0; i < len(pairs); i += 2 {
		if _, ok := in[pairs[i].(string)]; !ok {
			in[pairs[i].(string)] = pairs[i+1]
		}
	}
}
