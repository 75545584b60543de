package slack

import (
	"context"

	"github.com/slack-go/slack"
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
// The installation is empty when it is of a whole organization, or when its token is not a bot's.
func (s *Slack) Exchange(ctx context.Context, clientID, secret, code, back string) (Installation, error) {
	ctx, cancel := context.WithTimeout(ctx, s.deadline())
	defer cancel()
	got, err := slack.GetOAuthV2ResponseContext(ctx, s.client(), clientID, secret, code, back, slack.OAuthOptionAPIURL(s.BaseURL()))
	if err != nil {
		return Installation{}, err
	}
	if got.IsEnterpriseInstall || got.TokenType != "" && got.TokenType != "bot" {
		return Installation{}, nil
	}
	return Installation{Team: got.Team.ID, TeamName: got.Team.Name, App: got.AppID, Bot: got.BotUserID, Token: got.AccessToken}, nil
}
