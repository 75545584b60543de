package sandbox

import (
	"net/url"
	"strings"
	"testing"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/models"
)

// Grace in Los Angeles and Nils in Oslo each see what they wrote at the hour of their own clock, as they do in Slack, and what the time is
// where they are. Grace replies under her message, and her reply stands in its thread.
func TestEverybodySeesTheirOwnClockAndThreads(t *testing.T) {
	s := opened(t, t.TempDir())
	if _, err := s.slack.AddWorkspace(slackfake.Workspace{Team: team, Name: "Sandbox"}); err != nil {
		t.Fatal(err)
	}
	for id, zone := range map[string]string{"UGRACE": "America/Los_Angeles", "UNILS": "Europe/Oslo"} {
		if _, err := s.slack.AddUser(team, slackfake.User{ID: id, RealName: id[1:], TimeZone: zone}); err != nil {
			t.Fatal(err)
		}
		m, _, err := s.slack.Type(slackfake.Typed{Team: team, User: id, Text: "hello"})
		if m.TS == "" {
			t.Fatal(err)
		}
		page := said(t, s.answer(visit{method: "GET", at: "/?at=" + id, cookie: s.key}))
		at := s.clock.At(m.PostedAt).In(models.Zone(zone)).Format("Mon 2006-01-02 15:04")
		if !strings.Contains(page, "<time>"+at+"</time>") || !strings.Contains(page, "where "+id[1:]+" is ("+zone+")") ||
			strings.Contains(page, "UTC") {
			t.Errorf("%s wrote at %s, and sees %.1500s", id, at, page)
		}
		s.answer(visit{method: "POST", at: "/command", cookie: s.key, form: url.Values{"user": {id}, "thread": {m.TS}, "text": {"and this"}}})
		page = said(t, s.answer(visit{method: "GET", at: "/?at=" + id, cookie: s.key}))
		if all := s.slack.MessagesTo(team, id); len(all) != 2 || all[1].ThreadTS != m.TS || strings.Count(page, "Reply in the thread") != 1 ||
			strings.Count(page, "in a thread") != 1 {
			t.Errorf("%s replies, and there are %+v, shown as %.3000s", id, all, page)
		}
	}
}

// A link that an app writes can be followed; one that people write, and one that is no address of the web, stands there as text.
func TestALinkCanBeFollowed(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"Hello *Olga* <http://127.0.0.1:8080/enter/ABC?next=%2Fwork&amp;x=1|Sign in> now": `Hello <strong>Olga</strong> ` +
			`<a href="http://127.0.0.1:8080/enter/ABC?next=%2Fwork&amp;x=1">Sign in</a> now`,
		"&lt;http://evil.example/|x&gt;":          "&lt;http://evil.example/|x&gt;",
		"<javascript:alert(1)|x>":                 "&lt;javascript:alert(1)|x&gt;",
		`<http://x.example/"onclick="alert(1)|x>`: "&lt;http://x.example/&#34;onclick=&#34;alert(1)|x&gt;",
		"<http://x.example/|&lt;b&gt;>":           `<a href="http://x.example/">&lt;b&gt;</a>`,
	} {
		if got := string(markdown(said)); got != want {
			t.Errorf("%s is shown as %s", said, got)
		}
	}
}
