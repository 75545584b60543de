package sandbox

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/models/modelstest/waysin"
)

// Somebody's browser and whatever else is on this machine look at everything that the sandbox serves. Nothing is said or done in it by
// looking; where a method is not taken, Allow says which are.
func TestOnlyPostActsInTheSandbox(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, dir)
	w, err := s.slack.AddWorkspace(slackfake.Workspace{Team: team, Name: "Sandbox"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.slack.AddChannel(team, slackfake.Channel{ID: "C0SANDBOX1", Name: "audits", Members: []string{w.BotUser}}); err != nil {
		t.Fatal(err)
	}
	ask := func(method, at string) *http.Response {
		r := httptest.NewRequest(method, s.URL()+at, nil)
		r.Header.Set("Authorization", "Bearer "+w.Token)
		r.AddCookie(&http.Cookie{Name: s.cookie(), Value: s.key})
		answer := httptest.NewRecorder()
		s.handler().ServeHTTP(answer, r)
		return answer.Result()
	}
	said := func() string {
		text, err := os.ReadFile(filepath.Join(dir, "sandbox.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	const message = "/api/chat.postMessage?channel=C0SANDBOX1&text=Hello"
	page, act := []string{"GET", "HEAD"}, []string{"POST"}
	before := said()
	for at, takes := range map[string][]string{"/": page, "/enter": act, "/page.js": page, "/page.css": page, "/click": act,
		"/submit?view=V1": act, "/dismiss?view=V1": act, "/command?user=UMARTA": act, "/admin/AddUser": act, message: act, "/actions/T1/x": act} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FROB"} {
			if method == "POST" && slices.Contains(takes, method) {
				continue
			}
			res := ask(method, at)
			if wrong := waysin.Unsafe(res.Header); len(wrong) > 0 {
				t.Errorf("%s %s is answered %d: %q", method, at, res.StatusCode, wrong)
			}
			allow := strings.Split(res.Header.Get("Allow"), ", ")
			if slices.Contains(takes, method) && res.StatusCode != http.StatusOK {
				t.Errorf("%s %s is answered %d", method, at, res.StatusCode)
			} else if !slices.Contains(takes, method) && (res.StatusCode != http.StatusMethodNotAllowed || !slices.Equal(allow, takes)) {
				t.Errorf("%s %s is answered %d, Allow %v, and it takes %v", method, at, res.StatusCode, allow, takes)
			}
			if now := said(); now != before {
				t.Fatalf("%s %s has done %s", method, at, strings.TrimPrefix(now, before))
			}
		}
	}
	if res := ask("POST", message); res.StatusCode != http.StatusOK || len(s.slack.Messages(team, "C0SANDBOX1")) != 1 || said() == before {
		t.Errorf("posted it is answered %d, and the channel has %d messages", res.StatusCode, len(s.slack.Messages(team, "C0SANDBOX1")))
	}
}
