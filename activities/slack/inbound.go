package slack

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/slack-go/slack"

	"tickmark/models"
	"tickmark/models/engagement"
)

// Path is where the door is: /slack/<firm>/<workspace>/events, actions and commands. The path alone says whose secret a request must be
// signed with; nothing in it is believed before that.
const Path = "/slack/"

// Kinds of what comes from Slack, as the paths and the inbox name them.
const (
	InEvents   = "events"
	InActions  = "actions"
	InCommands = "commands"
)

// URLs returns where Slack finds a workspace's door and where it sends a browser back after an installation. All are empty when site,
// the public address of this installation without a slash at the end, is empty.
func URLs(site string, firm models.FirmID, workspace string) (events, actions, commands, installed string) {
	if site == "" {
		return "", "", "", ""
	}
	at := DoorURL(site, firm, workspace)
	return at + InEvents, at + InActions, at + InCommands, at + "installed"
}

// InstallURL returns the address of the page at which a workspace's installation begins, given its secret.
func InstallURL(site string, firm models.FirmID, workspace, secret string) string {
	return DoorURL(site, firm, workspace) + "install/" + url.PathEscape(secret)
}

// DoorURL returns what the addresses of a workspace's door begin with; it ends in a slash.
func DoorURL(site string, firm models.FirmID, workspace string) string {
	return site + Path + url.PathEscape(string(firm)) + "/" + url.PathEscape(workspace) + "/"
}

// An Action is something that somebody did in Slack: they pressed a button, or sent a form.
type Action struct {
	User  string // Slack's id of who did it
	Reply string // where they can be answered; may be empty
	Click *Click // nil when no button was pressed
	Sent  *Sent  // nil when no form was sent
}

// A Click is a button or a menu entry that was pressed.
type Click struct {
	What    Subject
	Trigger string // with which a form can be shown to who pressed it, within three seconds
	Home    bool   // it was pressed on the home of the app, where nobody can be answered beside a message
}

// Sent is a form that was sent. What is empty when the form is none of ours.
type Sent struct {
	What   Subject
	View   string // Slack's id of the form on the screen
	Values map[string]string
}

// ReadAction reads what somebody did. Of what we do not ask for it returns an action with neither a click nor a form.
func ReadAction(body string) (Action, error) {
	var cb slack.InteractionCallback
	if err := json.Unmarshal([]byte(body), &cb); err != nil {
		return Action{}, err
	}
	a := Action{User: cb.User.ID, Reply: cb.ResponseURL}
	switch cb.Type {
	case slack.InteractionTypeBlockActions:
		if pressed := cb.ActionCallback.BlockActions; len(pressed) > 0 {
			a.Click = &Click{What: chosen(pressed[0]), Trigger: cb.TriggerID, Home: cb.View.Type == slack.VTHomeTab}
		}
	case slack.InteractionTypeViewSubmission:
		a.Sent = &Sent{View: cb.View.ID, Values: answers(cb.View)}
		if cb.View.CallbackID != formID || json.Unmarshal([]byte(cb.View.PrivateMetadata), &a.Sent.What) != nil {
			a.Sent.What = Subject{}
		}
	}
	return a, nil
}

// chosen returns what a button or a menu entry stands for.
func chosen(a *slack.BlockAction) Subject {
	text := a.ActionID + "|" + a.Value
	if a.SelectedOption.Value != "" {
		text = a.SelectedOption.Value
	}
	act, rest, _ := strings.Cut(text, "|")
	id, item, _ := strings.Cut(rest, "|")
	return Subject{Act: engagement.Act(act), Engagement: models.EngagementID(id), Item: item}
}

// A Slash is the command /tickmark, as somebody typed it.
type Slash struct {
	Text  string `json:"text"` // what follows the command
	User  string `json:"user_id"`
	Reply string `json:"response_url"`
}

// ReadSlash reads a command.
func ReadSlash(body string) (Slash, error) {
	var s Slash
	err := json.Unmarshal([]byte(body), &s)
	return s, err
}

// An Event is what we read of the events that our manifest asks for.
type Event struct {
	Type    string
	User    Account // whom it is about, if anybody
	Tab     string  // of the app, which was opened
	OldID   string  // of a channel
	NewID   string  // of the same channel
	Revoked bool    // the app's token is among those that were revoked
}

// An Account is somebody, or something, in a workspace. Where an event names its user by id, the rest is empty.
type Account struct {
	ID       string
	Email    string
	Team     string   // where it is at home
	Teams    []string // of an organization's account: the workspaces it is a member of
	Deleted  bool     // deactivated
	Bot      bool     // nobody's: an app's, or a workflow's
	App      bool     // of somebody who uses the app that asks, as Slack has it: not a plain account
	Guest    bool     // restricted to some channels
	Stranger bool     // of another workspace, and known only from a shared channel
}

// ReadEvent reads an event.
func ReadEvent(body string) (Event, error) {
	var e struct {
		Event struct {
			Type   string          `json:"type"`
			User   json.RawMessage `json:"user"`
			Tab    string          `json:"tab"`
			OldID  string          `json:"old_channel_id"`
			NewID  string          `json:"new_channel_id"`
			Tokens struct {
				Bot []string `json:"bot"`
			} `json:"tokens"`
		} `json:"event"`
	}
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		return Event{}, err
	}
	x := e.Event
	user, err := accountOf(x.User)
	return Event{Type: x.Type, User: user, Tab: x.Tab, OldID: x.OldID, NewID: x.NewID, Revoked: len(x.Tokens.Bot) > 0}, err
}

// accountOf reads the user of an event: some events name theirs by id, others whole.
func accountOf(text json.RawMessage) (Account, error) {
	var id string
	if len(text) == 0 || json.Unmarshal(text, &id) == nil {
		return Account{ID: id}, nil
	}
	var u slack.User
	err := json.Unmarshal(text, &u)
	return accountFrom(&u), err
}

func accountFrom(u *slack.User) Account {
	return Account{ID: u.ID, Email: u.Profile.Email, Team: u.TeamID, Teams: u.Enterprise.Teams, Deleted: u.Deleted,
		Bot: u.IsBot || u.IsConnectorBot || u.IsWorkflowBot, App: u.IsAppUser, Guest: u.IsRestricted || u.IsUltraRestricted,
		Stranger: u.IsStranger}
}
