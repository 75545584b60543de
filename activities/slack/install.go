package slack

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"github.com/slack-go/slack"

	"tickmark/models/reminders"
)

// An Installation is what Slack gives for a code after somebody approved the app.
type Installation struct {
	Team     string // Slack's id of the workspace; empty when the app was not installed in a single workspace
	TeamName string
	App      string
	Bot      string // Slack's id of the app's user
	Token    string // of the bot
}

// AuthorizeURL returns where a browser asks for the approval of an app, and comes back from with state. clientID is the app's, back the
// address to which it comes back.
func (s *Slack) AuthorizeURL(clientID, state, back string) string {
	q := url.Values{"client_id": {clientID}, "scope": {strings.Join(Scopes, ",")}, "state": {state}, "redirect_uri": {back}}
	return strings.TrimSuffix(s.BaseURL(), "api/") + "oauth/v2/authorize?" + q.Encode()
}

// Origins returns where a browser may be led on its way through Slack, as sources of a Content-Security-Policy: Slack's own address and,
// where that is a name, those of the workspaces below it.
func (s *Slack) Origins() []string {
	u, err := url.Parse(s.BaseURL())
	if err != nil {
		return nil
	}
	out := []string{u.Scheme + "://" + u.Host}
	if _, err := netip.ParseAddr(u.Hostname()); err != nil {
		out = append(out, u.Scheme+"://*."+u.Host)
	}
	return out
}

// Exchange redeems the code of an installation. clientID and secret are the app's, back is the address to which Slack sent the browser.
// The installation is empty when it is of a whole organization, or when its token is not a bot's. It fails when Slack refuses, or when its
// answer is none.
func (s *Slack) Exchange(ctx context.Context, clientID, secret, code, back string) (Installation, error) {
	var got Installation
	var whole bool
	v := s.ask(ctx, clientID, "oauth.v2.access", func(ctx context.Context, x *exchange) error {
		r, err := slack.GetOAuthV2ResponseContext(ctx, x, clientID, secret, code, back, slack.OAuthOptionAPIURL(s.BaseURL()))
		return after(err, func() (err error) {
			got, err = installed(r)
			whole = errors.Is(err, errWhole)
			return err
		})
	})
	switch {
	case whole:
		return Installation{}, nil
	case v.Class != reminders.AttemptAccepted:
		return Installation{}, errors.New(v.Reason)
	}
	return got, nil
}
