package slack

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/slack-go/slack"

	"tickmark/models/reminders"
)

// What is demanded of an answer that calls itself right: one function for each method. What lacks it is no answer to what was asked, and
// nobody knows what came of the call.

// A lack is what an answer does not say though it was asked.
type lack struct{ what string }

func (l lack) Error() string { return "Slack's answer has " + l.what }

func lacks(format string, args ...any) error { return lack{fmt.Sprintf(format, args...)} }

// after returns err, or else what demand says.
func after(err error, demand func() error) error {
	if err != nil {
		return err
	}
	return demand()
}

// isTS is what a message's ts looks like.
var isTS = regexp.MustCompile(`^[0-9]{1,20}\.[0-9]{1,20}$`)

// posted demands of chat.postMessage the channel that was asked for, and a ts.
func posted(asked, channel, ts string) error {
	switch {
	case channel != asked:
		return lacks("another channel, or none")
	case !isTS.MatchString(ts):
		return lacks("no time of the message")
	}
	return nil
}

// edited demands of chat.update the message that was asked for.
func edited(asked, askedTS, channel, ts string) error {
	if channel != asked || ts != askedTS {
		return lacks("another message, or none")
	}
	return nil
}

// readable demands of conversations.history and conversations.replies that each message has a ts. Whether the search is complete is for
// Find.
func readable(page *slack.GetConversationHistoryResponse) error {
	if page == nil {
		return lacks("nothing")
	}
	for _, m := range page.Messages {
		if !isTS.MatchString(m.Timestamp) {
			return lacks("a message without its time")
		}
	}
	return nil
}

// isDirect is what the id of a channel of direct messages looks like.
var isDirect = regexp.MustCompile(`^D[A-Z0-9]{2,39}$`)

// opened demands of conversations.open the id of a channel of direct messages, and of an answer that says with whom they are that it is
// with whom was asked for.
func opened(user string, c *slack.Channel) (string, error) {
	switch {
	case c == nil || !isDirect.MatchString(c.ID):
		return "", lacks("no conversation")
	case c.User != "" && c.User != user:
		return "", lacks("the conversation with somebody else")
	}
	return c.ID, nil
}

// isUser is what the id of an account looks like.
var isUser = regexp.MustCompile(`^[UW][A-Z0-9]{2,39}$`)

// described demands of users.info an account with its id and its team.
func described(u *slack.User) (*Account, error) {
	switch {
	case u == nil || !isUser.MatchString(u.ID):
		return nil, lacks("no account")
	case u.TeamID == "":
		return nil, lacks("an account of no workspace")
	}
	a := accountFrom(u)
	return &a, nil
}

// looked demands of users.lookupByEmail an account with its id, its team and an address.
func looked(u *slack.User) (*Account, error) {
	if u != nil && isUser.MatchString(u.ID) && u.Profile.Email == "" {
		return nil, lacks("an account without an address")
	}
	return described(u)
}

// whose demands of auth.test the team and the account of a token.
func whose(r *slack.AuthTestResponse) (reminders.SlackIdentity, error) {
	if r == nil || r.TeamID == "" || r.UserID == "" {
		return reminders.SlackIdentity{}, lacks("no workspace, or no account")
	}
	who := reminders.SlackIdentity{Team: r.TeamID, Name: r.Team, Bot: r.UserID}
	if said := r.Header.Get("X-OAuth-Scopes"); said != "" {
		who.Scopes = strings.FieldsFunc(said, func(c rune) bool { return c == ',' || c == ' ' })
	}
	return who, nil
}

// shown demands of views.open, views.update and views.publish the view that is shown now, and of one that was asked for that it is that.
func shown(asked string, r *slack.ViewResponse) error {
	if r == nil || r.ID == "" || asked != "" && r.ID != asked {
		return lacks("another view, or none")
	}
	return nil
}

// errWhole says that an app was installed in more than one workspace at a time, or without an account of its own.
var errWhole = errors.New("not in a single workspace")

// installed demands of oauth.v2.access the team, the app, its account and its token. It fails with errWhole when the app was installed in a
// whole organization, or its token is not a bot's.
func installed(got *slack.OAuthV2Response) (Installation, error) {
	switch {
	case got == nil:
		return Installation{}, lacks("nothing")
	case got.IsEnterpriseInstall || got.TokenType != "" && got.TokenType != "bot":
		return Installation{}, errWhole
	case got.Team.ID == "" || got.AppID == "" || got.BotUserID == "" || got.AccessToken == "":
		return Installation{}, lacks("no team, app, account or token")
	}
	return Installation{Team: got.Team.ID, TeamName: got.Team.Name, App: got.AppID, Bot: got.BotUserID, Token: got.AccessToken}, nil
}
