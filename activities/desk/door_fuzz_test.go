package desk_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/fake/town"
)

// kinds are the doors of a workspace.
var kinds = []string{"events", "actions", "commands"}

// knocks sends a body to a door, signed by Slack's secret, and returns the status of the answer.
func knocks(t testing.TB, w *town.Town, kind, firm, workspace string, body []byte) *httptest.ResponseRecorder {
	t.Helper()
	at, err := url.Parse("http://tickmark.test/slack/" + firm + "/" + workspace + "/" + kind)
	if err != nil {
		return nil // no server hears of it
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, at.String(), bytes.NewReader(body))
	if err != nil {
		return nil
	}
	for name, values := range slackfake.Sign(town.Signing, w.Real(), body) {
		req.Header[name] = values
	}
	rec := httptest.NewRecorder()
	w.Door.Config.Handler.ServeHTTP(rec, req)
	return rec
}

var hostileBodies = []string{"", "null", "[]", "{}", `"x"`, "\x00", "\xff\xfe", strings.Repeat("[", 20000), "payload=",
	"payload=null", "payload=%7B%7D",
	"payload=%ff%00", "payload=%zz", "a=1;b=2", "text=%00&team_id=TNORTHGATE", "text=%ff&team_id=TNORTHGATE", "team_id=TNORTHGATE&ssl_check=1",
	`{"type":"url_verification","challenge":"\u0000"}`, `{"team_id":"TNORTHGATE","event_id":"Ev\u0000"}`,
	"{\"team_id\":\"TNORTHGATE\",\"event_id\":\"Ev\xff\"}", `{"team_id":"TNORTHGATE","event_id":"` + strings.Repeat("E", 9000) + `"}`,
	"{\"team_id\":\"TNORTHGATE\",\"event\":{\"type\":\"x\xff\"}}", `{"team_id":"TNORTHGATE","event":{"type":"user_change","user":"\u0000"}}`,
	"payload=" + url.QueryEscape("{\"team\":{\"id\":\"TNORTHGATE\"},\"type\":\"block_actions\",\"actions\":[null]}"),
	"payload=" + url.QueryEscape("{\"team\":{\"id\":\"TNORTHGATE\"},\"type\":\"view_submission\","+
		"\"view\":{\"private_metadata\":\"\xff\\u0000\"}}"),
	`{"team_id":"TNORTHGATE","type":"event_callback","event_id":"Ev'; DROP TABLE inbound;--"}`}

var hostilePlaces = []string{"acme", "", "%00", "%ff", "..", "%2e%2e%2f", "'%20OR%201=1--", strings.Repeat("x", 3000),
	"%0d%0aSet-Cookie:x=1"}

// Whatever comes to a door, signed or addressed however, is answered, never with 5xx: what is lasting is not to be sent again.
func TestWhateverComesToTheDoorIsAnswered(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		tries := func(kind, firm, workspace, body string) {
			t.Helper()
			rec := knocks(t, w, kind, firm, workspace, []byte(body))
			if rec != nil && rec.Code >= 500 {
				t.Errorf("%s of %q/%q with %.80q: %d %s", kind, firm, workspace, body, rec.Code, rec.Body)
			}
		}
		for _, kind := range kinds {
			for _, body := range hostileBodies {
				tries(kind, "acme", "northgate", body)
			}
			for _, place := range hostilePlaces {
				tries(kind, place, "northgate", "{}")
				tries(kind, "acme", place, "{}")
			}
		}
		for _, place := range hostilePlaces {
			for _, at := range []string{"acme/northgate/install/" + place, "acme/" + place + "/install/x", place + "/northgate/install/x"} {
				for _, method := range []string{http.MethodGet, http.MethodPost} {
					req, err := http.NewRequestWithContext(t.Context(), method, "http://tickmark.test/slack/"+at, http.NoBody)
					if err != nil {
						continue
					}
					rec := httptest.NewRecorder()
					if w.Door.Config.Handler.ServeHTTP(rec, req); rec.Code >= 500 || rec.Code < 300 {
						t.Errorf("%s %.80s: %d", method, at, rec.Code)
					}
				}
			}
			for _, query := range []string{"state=%00&code=%00", "state=%ff&code=x", "error=%00", "state=x&code=" + strings.Repeat("x", 5000)} {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
					"http://tickmark.test/slack/acme/"+place+"/installed?"+query, http.NoBody)
				if err != nil {
					continue
				}
				rec := httptest.NewRecorder()
				if w.Door.Config.Handler.ServeHTTP(rec, req); rec.Code >= 500 {
					t.Errorf("installed at %q with %.80s: %d", place, query, rec.Code)
				}
			}
		}
	})
}

// FuzzDoor sends any body to any door of any workspace, signed by Slack's secret: it is taken or refused, and is never our fault.
func FuzzDoor(f *testing.F) {
	w := town.OnSQLite(f)
	for i, body := range hostileBodies {
		f.Add(uint8(i), "acme", "northgate", []byte(body))
	}
	for i, place := range hostilePlaces {
		f.Add(uint8(i), place, place, []byte("{}"))
	}
	f.Fuzz(func(t *testing.T, kind uint8, firm, workspace string, body []byte) {
		if rec := knocks(t, w, kinds[int(kind)%len(kinds)], firm, workspace, body); rec != nil && rec.Code >= 500 {
			t.Errorf("%d %s", rec.Code, rec.Body)
		}
	})
}
