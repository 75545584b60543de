package slackfake_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	slackfake "tickmark/activities/fake/slack"
)

// Somebody types to the app: their message stands in the conversation, and the app is told of it where its manifest asks for that and its
// scopes allow it. Where the tab is read-only they cannot.
func TestTypingToAnApp(t *testing.T) {
	var told []string
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body := make([]byte, 1<<16)
		n, _ := r.Body.Read(body)
		told = append(told, string(body[:n]))
	}))
	defer app.Close()
	s, err := slackfake.New(slackfake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w, err := s.AddWorkspace(slackfake.Workspace{Team: "T1", BotEvents: []string{"message.im"}, Scopes: []string{"chat:write", "im:history"},
		RequestURLs: slackfake.RequestURLs{Events: app.URL}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddUser("T1", slackfake.User{ID: "U1"}); err != nil {
		t.Fatal(err)
	}
	first, a, err := s.Type(slackfake.Typed{Team: "T1", User: "U1", Text: "All &amp; more"})
	if err != nil || !a.OK() || len(told) != 1 {
		t.Fatalf("%+v, %v, %v", a, err, told)
	}
	for _, want := range []string{`"channel_type":"im"`, `"user":"U1"`, `"text":"All \u0026amp; more"`, `"ts":"` + first.TS + `"`} {
		if !strings.Contains(told[0], want) {
			t.Errorf("the app is not told %s: %s", want, told[0])
		}
	}
	reply, _, err := s.Type(slackfake.Typed{Team: "T1", User: "U1", Text: "And this", Thread: first.TS, Files: []string{"chart.pdf"}})
	if err != nil || reply.ThreadTS != first.TS || !strings.Contains(told[1], `"subtype":"file_share"`) ||
		!strings.Contains(told[1], `"thread_ts":"`+first.TS+`"`) || !strings.Contains(told[1], "chart.pdf") {
		t.Errorf("%+v, %v: %s", reply, err, told[1])
	}
	if all := s.MessagesTo("T1", "U1"); len(all) != 2 || all[0].Bot != "" {
		t.Errorf("in the conversation stand %+v", all)
	}
	refusesToType(t, s)
	for _, user := range []string{"U2", w.BotUser + "X"} {
		if _, _, err := s.Type(slackfake.Typed{Team: "T1", User: user, Text: "x"}); err == nil {
			t.Errorf("%s, who is nobody, types", user)
		}
	}
	if n := len(told); n != 2 {
		t.Errorf("the app was told %d times", n)
	}
}

// refusesToType changes what the app of T1 asks for, and holds that somebody cannot type to it then, or that it is not told.
func refusesToType(t *testing.T, s *slackfake.Slack) {
	t.Helper()
	for name, change := range map[string]func() error{
		"read-only":     func() error { return s.SetManifest("T1", true, "message.im") },
		"has not asked": func() error { return s.SetManifest("T1", false, "app_home_opened") },
		"needs im:history": func() error {
			return errorsOf(s.SetManifest("T1", false, "message.im"), s.SetScopes("T1", "chat:write"))
		},
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Type(slackfake.Typed{Team: "T1", User: "U1", Text: "x"}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		if err := errorsOf(s.SetManifest("T1", false, "message.im"), s.SetScopes("T1", "chat:write", "im:history")); err != nil {
			t.Fatal(err)
		}
	}
}

// Beside every answer Slack says what the token may do.
func TestSlackSaysWhatATokenMayDo(t *testing.T) {
	s, err := slackfake.New(slackfake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w, err := s.AddWorkspace(slackfake.Workspace{Team: "T1", Scopes: []string{"chat:write", "commands"}})
	if err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]string{w.Token: "chat:write,commands", "xoxb-nobody": ""} {
		req, err := http.NewRequest("POST", s.URL()+"/api/auth.test", strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := res.Header.Get("X-OAuth-Scopes"); got != want {
			t.Errorf("of %.8s it says %q", token, got)
		}
	}
}

// errorsOf returns the first error.
func errorsOf(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}
