package slack_test

import (
	"slices"
	"testing"

	wire "tickmark/activities/slack"
)

// A browser is led to Slack's own address and may go on to those of its workspaces: also in Slack for governments and at a stand-in.
func TestWhereInstallationsLead(t *testing.T) {
	for url, want := range map[string][]string{
		"":                             {"https://slack.com", "https://*.slack.com"},
		"https://slack-gov.com/api/":   {"https://slack-gov.com", "https://*.slack-gov.com"},
		"http://127.0.0.1:8090/api/":   {"http://127.0.0.1:8090"},
		"http://[::1]:8090/api/":       {"http://[::1]:8090"},
		"https://slack.test:8443/api/": {"https://slack.test:8443", "https://*.slack.test:8443"},
	} {
		s := &wire.Slack{URL: url}
		if got := s.Origins(); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", url, got, want)
		}
		if got, want := s.AuthorizeURL("1.2", "a state", "https://a.test/slack/acme/hq/installed"), want[0]+"/oauth/v2/authorize?client_id=1.2&"+
			"redirect_uri=https%3A%2F%2Fa.test%2Fslack%2Facme%2Fhq%2Finstalled&scope="; len(got) < len(want) || got[:len(want)] != want {
			t.Errorf("%q leads to %s", url, got)
		}
	}
	if got := wire.InstallURL("https://a.test", "acme", "north gate", "S/1"); got != "https://a.test/slack/acme/north%20gate/install/S%2F1" {
		t.Errorf("an installation begins at %s", got)
	}
}
