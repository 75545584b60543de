package slack

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"tickmark/models/reminders"
)

// A liar answers every call with the same bytes.
type liar struct {
	status int
	wait   string
	body   []byte
}

func (l liar) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: l.status, Header: http.Header{"Content-Type": {"application/json"}, "Retry-After": {l.wait}},
		Body: io.NopCloser(bytes.NewReader(l.body)), ContentLength: int64(len(l.body)), Request: req, Proto: "HTTP/1.1",
		ProtoMajor: 1, ProtoMinor: 1}, nil
}

// FuzzAnswer lets Slack answer anything to every call that we make. A message counts as sent only with its ts, a channel as open only with
// its id, an account as found only with the address that was looked for; what was refused or is not known has a reason.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{`{"ok":true}`, `{}`, `null`, `[]`, `"ok"`, ``,
		`{"ok":true,"channel":null,"user":null,"ts":null,"messages":null}`,
		`{"ok":true,"channel":{"id":"D1"},"ts":"1.2","user":{"id":"U1","profile":{"email":"olga@northgate.test"}}}`,
		`{"ok":true,"channel":"D1","ts":"1.2"}`, `{"ok":false,"error":"ratelimited"}`, `{"ok":false,"error":"invalid_auth"}`,
		`{"ok":false,"error":""}`, `{"ok":false}`,
		`{"ok":true,"messages":[null,{"metadata":null},{"ts":"1.2","metadata":{"event_type":"tickmark_delivery",` +
			`"event_payload":{"k":"d-1"}}}],"has_more":true,"response_metadata":{"next_cursor":"x"}}`, `<html>`, "\xff\xfe", `{"ok":true,"ts":7}`} {
		f.Add(200, "", []byte(seed))
	}
	f.Add(429, "-5", []byte(`{"ok":false}`))
	f.Add(429, "9223372036854775807", []byte(``))
	f.Add(429, "Wed, 21 Oct 2099 07:28:00 GMT", []byte(``))
	f.Add(302, "", []byte(``))
	f.Add(404, "", []byte(`<html>`))
	f.Add(503, "1", []byte(``))
	f.Fuzz(func(t *testing.T, status int, wait string, body []byte) {
		if status < 200 || status > 599 {
			return
		}
		s := &Slack{URL: "http://slack.test/api/", Client: &http.Client{Transport: liar{status, wait, body}}, Real: time.Now}
		says := func(call string, v reminders.Verdict) {
			if v.Class != reminders.AttemptAccepted && v.Reason == "" || v.Wait < 0 {
				t.Errorf("%s of %d %q: %+v", call, status, body, v)
			}
		}
		ts, v := s.Post(t.Context(), "xoxb-1", "D1", "d-1", 1, rendered{Text: "Hello"})
		if says("post", v); v.Class == reminders.AttemptAccepted && ts == "" {
			t.Errorf("sent without a ts by %q", body)
		}
		channel, v := s.Open(t.Context(), "xoxb-1", "U1")
		if says("open", v); v.Class == reminders.AttemptAccepted && channel == "" {
			t.Errorf("opened without an id by %q", body)
		}
		u, v := s.Lookup(t.Context(), "xoxb-1", "olga@northgate.test")
		if says("look-up", v); u != nil && (u.ID == "" || u.Email == "" || v.Class != reminders.AttemptAccepted) {
			t.Errorf("found %+v by %q", u, body)
		}
		_, v = s.Find(t.Context(), Search{Token: "xoxb-1", Channel: "D1", Key: "d-1", Since: time.Unix(1, 0)})
		says("find", v)
	})
}
