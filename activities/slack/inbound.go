package slack

import (
	"encoding/json"
	"net/url"
	"regexp"
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
	Page    int    // of the home, which is shown; counted from 0
	List    *List  // in which it was pressed; nil: in none
	Channel string // and TS: the message on which it was pressed
	TS      string
}

// Sent is a form that was sent. What is empty when the form is none of ours.
type Sent struct {
	What   Subject
	View   string // Slack's id of the form on the screen
	Noted  string // the name of the note into which the door's answer turns it; no other view has had it. Empty: it turns into none
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
			a.Click = clicked(cb, chosen(pressed[0]))
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
	out := Subject{Act: engagement.Act(act), Engagement: models.EngagementID(id), Item: item}
	if out.Act == engagement.ActAnswer {
		out.Item, out.Words, _ = strings.Cut(item, "|")
	}
	return out
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
	Typed   *Typed  // what somebody wrote to the app; nil: nobody wrote
}

// Typed is what somebody wrote to the app in their direct messages.
type Typed struct {
	Channel string
	TS      string
	Thread  string // ts of the message whose thread it is in; empty: it is in none
	Text    string // without Slack's marks and escapes
	Files   int
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
			Type string          `json:"type"`
			User json.RawMessage `json:"user"`
			Tab  string          `json:"tab"`
			message
			OldID  string `json:"old_channel_id"`
			NewID  string `json:"new_channel_id"`
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
	return Event{Type: x.Type, User: user, Tab: x.Tab, OldID: x.OldID, NewID: x.NewID, Revoked: len(x.Tokens.Bot) > 0,
		Typed: x.message.typed(x.Type, user.ID)}, err
}

// A message is what we read of an event about one.
type message struct {
	Subtype string            `json:"subtype"`
	Hidden  bool              `json:"hidden"`
	Channel json.RawMessage   `json:"channel"` // an id; in other events a whole channel
	Kind    string            `json:"channel_type"`
	TS      string            `json:"ts"`
	Thread  string            `json:"thread_ts"`
	Text    string            `json:"text"`
	Bot     string            `json:"bot_id"`
	App     string            `json:"app_id"`
	Profile json.RawMessage   `json:"bot_profile"`
	Edited  json.RawMessage   `json:"edited"`
	Files   []json.RawMessage `json:"files"`
}

// spoken are the subtypes of what a person writes: none, with files, or in a thread and at the same time in the conversation.
var spoken = map[string]bool{"": true, "file_share": true, "thread_broadcast": true}

// typed returns what a person wrote to the app; nil for everything else that Slack calls a message: what an app wrote, this one or another,
// what was edited or deleted, and what is said in channels.
func (m message) typed(kind, user string) *Typed {
	channel := ""
	if json.Unmarshal(m.Channel, &channel) != nil || kind != "message" || m.Kind != "im" || !isDirect.MatchString(channel) ||
		!isTS.MatchString(m.TS) {
		return nil
	}
	if !spoken[m.Subtype] || m.Hidden || user == "" || m.Bot != "" || m.App != "" || len(m.Profile) > 0 || len(m.Edited) > 0 {
		return nil
	}
	t := &Typed{Channel: channel, TS: m.TS, Text: Unmark(m.Text), Files: len(m.Files)}
	if isTS.MatchString(m.Thread) && m.Thread != m.TS {
		t.Thread = m.Thread
	}
	return t
}

var marks = regexp.MustCompile(`<([^<>]*)>`)

// Unmark returns what somebody typed as they typed it: without Slack's marks around links, people and channels, and without its escapes.
func Unmark(text string) string {
	text = marks.ReplaceAllStringFunc(text, func(mark string) string { return unmarked(mark[1 : len(mark)-1]) })
	return strings.TrimSpace(strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text))
}

// unmarked is what stands between marks, as people write it: a channel, a person or everybody by name, and a link by what it leads to.
func unmarked(inner string) string {
	to, label, labelled := strings.Cut(inner, "|")
	switch {
	case strings.HasPrefix(to, "#") && labelled:
		return "#" + label
	case strings.HasPrefix(to, "@") && labelled, strings.HasPrefix(to, "!") && labelled:
		return "@" + strings.TrimPrefix(label, "@")
	case strings.HasPrefix(to, "!"):
		return "@" + to[1:]
	case labelled && label != to && "mailto:"+label != to && !strings.HasSuffix(to, "://"+label):
		return label + " (" + to + ")"
	case labelled:
		return label
	}
	return to
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
