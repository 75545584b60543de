package slack

import (
	"context"
	"errors"

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
