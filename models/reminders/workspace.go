package reminders

import (
	"regexp"
	"time"

	"tickmark/models"
)

// A WorkspaceState is where the use of a Slack workspace stands.
type WorkspaceState string

// The states of a workspace.
const (
	WorkspacePending      WorkspaceState = "pending" // known, not installed
	WorkspaceActive       WorkspaceState = "active"
	WorkspaceDisconnected WorkspaceState = "disconnected" // its token was revoked or the app removed, and mail goes out instead
	WorkspaceRemoved      WorkspaceState = "removed"
)

// A Workspace is a Slack workspace in which a firm's app is, or is to be, installed: the firm's own, or a client's. A firm, or a
// client, has one.
type Workspace struct {
	Firm      models.FirmID
	ID        string
	Client    models.ClientID // empty: the firm's own
	Name      string
	Socket    bool   // Socket Mode: Slack is asked, for firms behind a firewall
	Trusted   bool   // an address found there is that person: nobody is asked whether it is them
	Team      string // Slack's ids, once it is installed
	App       string
	Bot       string
	OAuthID   string // the app's client id, for installation from a page
	Secrets   WorkspaceSecrets
	Locked    bool // Secrets are empty since the key that opens them is not here
	State     WorkspaceState
	Reason    string // why it was disconnected
	StateAt   time.Time
	TypedAt   time.Time // when something that somebody typed to the app last came from there, to a day; zero: never
	CreatedAt time.Time
	Revision  int64
}

// WorkspaceSecrets are what only the program knows of a workspace: they are sealed where they are kept.
type WorkspaceSecrets struct {
	Token      string `json:"token,omitempty"`       // xoxb-…: the bot's
	Signing    string `json:"signing,omitempty"`     // what requests of Slack are signed with
	OldSigning string `json:"old_signing,omitempty"` // good until OldUntil, after a rotation
	OldUntil   int64  `json:"old_until,omitempty"`   // in seconds since 1970 by the machine's clock
	OAuth      string `json:"oauth,omitempty"`       // the app's client secret
	AppToken   string `json:"app_token,omitempty"`   // xapp-…: for Socket Mode
}

// SigningLasts is for how long a signing secret stays good after another took its place.
const SigningLasts = 24 * time.Hour

// Rotate gives a workspace another signing secret: the one before stays good for SigningLasts from now. Given the present one again it
// changes nothing, as when a request is sent twice.
func (s *WorkspaceSecrets) Rotate(signing string, now time.Time) {
	if signing == s.Signing {
		return
	}
	s.OldSigning, s.OldUntil, s.Signing = s.Signing, 0, signing
	s.Limit(now)
}

// Limit gives an end to a signing secret before that has none, as earlier releases kept it: SigningLasts from now. It returns whether there
// was one.
func (s *WorkspaceSecrets) Limit(now time.Time) bool {
	if s.OldSigning == "" || s.OldUntil != 0 {
		return false
	}
	s.OldUntil = now.Add(SigningLasts).Unix()
	return true
}

// EndFormer ends the signing secret before at once.
func (s *WorkspaceSecrets) EndFormer() { s.OldSigning, s.OldUntil = "", 0 }

// SignedWith returns the secrets with which Slack may sign at an instant. A secret before without an end (Limit) is not among them.
func (s *WorkspaceSecrets) SignedWith(now time.Time) []string {
	var good []string
	if s.Signing != "" {
		good = append(good, s.Signing)
	}
	if s.OldSigning != "" && now.Unix() < s.OldUntil {
		good = append(good, s.OldSigning)
	}
	return good
}

var (
	botToken   = regexp.MustCompile(`^xoxb-[A-Za-z0-9-]{10,250}$`)
	appToken   = regexp.MustCompile(`^xapp-[A-Za-z0-9-]{10,250}$`)
	slackHash  = regexp.MustCompile(`^[A-Za-z0-9]{16,128}$`)
	oauthID    = regexp.MustCompile(`^[0-9A-Za-z.]{3,100}$`)
	channelIDs = regexp.MustCompile(`^[CGD][A-Z0-9]{2,39}$`)
)

// Check refuses a workspace that cannot be. What it says never repeats a secret. One that is not connected yet needs no secrets: the
// app whose they are may be about to be made of its manifest.
func (w Workspace) Check() error {
	if err := models.CheckName("name", w.Name); err != nil {
		return err
	}
	for _, x := range []struct {
		field, value, like string
		form               *regexp.Regexp
	}{
		{"token", w.Secrets.Token, "the app's Bot User OAuth Token, which begins with xoxb-", botToken},
		{"app_token", w.Secrets.AppToken, "an app-level token, which begins with xapp-", appToken},
		{"signing_secret", w.Secrets.Signing, "the app's Signing Secret: letters and digits", slackHash},
		{"signing_secret", w.Secrets.OldSigning, "the app's Signing Secret: letters and digits", slackHash},
		{"client_secret", w.Secrets.OAuth, "the app's Client Secret: letters and digits", slackHash},
		{"client_id", w.OAuthID, "the app's Client ID, as in 1234567890.1234567890", oauthID},
	} {
		if x.value != "" && !x.form.MatchString(x.value) {
			return models.Refuse(models.Invalid, x.field, "%s must be %s", x.field, x.like)
		}
	}
	connected := w.State == WorkspaceActive || w.Secrets.Token != ""
	switch {
	case !connected:
	case w.Socket && w.Secrets.AppToken == "":
		return models.Refuse(models.Invalid, "app_token", "Socket Mode needs an app-level token (xapp-…) with the scope connections:write")
	case !w.Socket && w.Secrets.Signing == "":
		return models.Refuse(models.Invalid, "signing_secret",
			"signing_secret is missing: without it nobody can tell whether a request is Slack's")
	}
	if (w.OAuthID == "") != (w.Secrets.OAuth == "") {
		return models.Refuse(models.Invalid, "client_secret", "installation from a page needs both client_id and client_secret")
	}
	return nil
}

// A SlackIdentity is whose a bot token is.
type SlackIdentity struct {
	Team string
	Name string // of the team
	Bot  string // its account
	// Scopes are what the token allows, as Slack says beside its answers; nil: Slack did not say.
	Scopes []string
}

// CheckSlackChannel refuses what is not the id of a Slack channel.
func CheckSlackChannel(field, id string) error {
	if !channelIDs.MatchString(id) {
		return models.Refuse(models.Invalid, field,
			"%s %.40q is not the id of a Slack channel, as in C0123456789: see About at the end of the channel's details", field, id)
	}
	return nil
}

// A BindingState says whether the person has confirmed that a Slack account is theirs.
type BindingState string

// The states of a binding.
const (
	BindingMissing   BindingState = "missing"   // nobody there has their address; looked up again after a day
	BindingAsked     BindingState = "asked"     // somebody has, and was asked whether it is them
	BindingConfirmed BindingState = "confirmed" // it is them
	BindingRefused   BindingState = "refused"   // it is not
	BindingDead      BindingState = "dead"      // their account was deactivated, or cannot be written to
)

// A Binding is the Slack account of a person in a workspace.
type Binding struct {
	Person       models.PersonID
	Workspace    string
	User         string // Slack's id
	SlackChannel string // of their direct messages
	State        BindingState
	Email        string // the address that was looked up, in lower case
	StateAt      time.Time
}
