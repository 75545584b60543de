package slack_test

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	wire "tickmark/activities/slack"
)

// A manifest is all that ours may say: a field that is not here is one that nobody has thought about.
type manifest struct {
	Meta    map[string]int `yaml:"_metadata"`
	Display struct {
		Name        string
		Description string
		Color       string `yaml:"background_color"`
	} `yaml:"display_information"`
	Features struct {
		Home struct {
			Home     bool `yaml:"home_tab_enabled"`
			Messages bool `yaml:"messages_tab_enabled"`
			ReadOnly bool `yaml:"messages_tab_read_only_enabled"`
		} `yaml:"app_home"`
		Bot struct {
			Name   string `yaml:"display_name"`
			Online bool   `yaml:"always_online"`
		} `yaml:"bot_user"`
		Commands []struct {
			Command, Description, URL string
			Hint                      string `yaml:"usage_hint"`
			Escape                    bool   `yaml:"should_escape"`
		} `yaml:"slash_commands"`
	}
	OAuth struct {
		Redirects []string `yaml:"redirect_urls"`
		Scopes    map[string][]string
	} `yaml:"oauth_config"`
	Settings struct {
		Events struct {
			URL string   `yaml:"request_url"`
			Bot []string `yaml:"bot_events"`
		} `yaml:"event_subscriptions"`
		Interactivity struct {
			Enabled bool   `yaml:"is_enabled"`
			URL     string `yaml:"request_url"`
		}
		OrgDeploy *bool `yaml:"org_deploy_enabled"`
		Socket    *bool `yaml:"socket_mode_enabled"`
		Rotation  *bool `yaml:"token_rotation_enabled"`
	}
}

// urls returns all addresses of a manifest, by where they stand.
func (m *manifest) urls() map[string]string {
	out := map[string]string{"events": m.Settings.Events.URL, "actions": m.Settings.Interactivity.URL, "commands": m.Features.Commands[0].URL}
	if len(m.OAuth.Redirects) == 1 {
		out["installed"] = m.OAuth.Redirects[0]
	}
	return out
}

func read(t *testing.T, text string) *manifest {
	t.Helper()
	m := &manifest{}
	d := yaml.NewDecoder(strings.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(m); err != nil {
		t.Fatalf("Slack could not read it: %v\n%s", err, text)
	}
	if err := d.Decode(&struct{}{}); err == nil {
		t.Fatal("more than one document")
	}
	if len(m.Features.Commands) != 1 {
		t.Fatalf("%d commands", len(m.Features.Commands))
	}
	return m
}

const at = "https://audits.firm.test:8443/slack/acme/north%20gate/"

// Whichever way Slack reaches us, the app is the same: it asks for what the product uses and for nothing else, since every scope more is
// one more that a client's administrator has to be told about.
func TestTheAppAsksForWhatItUses(t *testing.T) {
	scopes := []string{"channels:history", "channels:read", "chat:write", "commands", "groups:history", "groups:read", "im:history",
		"im:write", "users:read", "users:read.email"}
	events := []string{"app_home_opened", "app_uninstalled", "channel_id_changed", "message.im", "team_join", "tokens_revoked", "user_change"}
	if got := slices.Sorted(slices.Values(wire.Scopes)); !slices.Equal(got, scopes) {
		t.Errorf("who installs it by a link is asked for %v", got)
	}
	if got := slices.Sorted(slices.Values(wire.Events)); !slices.Equal(got, events) {
		t.Errorf("of what happens it reads %v", got)
	}
	for _, socket := range []bool{false, true} {
		m := read(t, wire.Manifest(at, socket))
		if got := slices.Sorted(slices.Values(m.OAuth.Scopes["bot"])); !slices.Equal(got, scopes) || len(m.OAuth.Scopes) != 1 {
			t.Errorf("socket mode %t: the scopes are %v", socket, m.OAuth.Scopes)
		}
		if got := slices.Sorted(slices.Values(m.Settings.Events.Bot)); !slices.Equal(got, events) {
			t.Errorf("socket mode %t: the events are %v", socket, got)
		}
		if h := m.Features.Home; !h.Home || !h.Messages || h.ReadOnly {
			t.Errorf("socket mode %t: nobody can answer, the home is %+v", socket, h)
		}
		if !m.Settings.Interactivity.Enabled {
			t.Errorf("socket mode %t: no button works", socket)
		}
		for name, on := range map[string]*bool{"deployment to whole organisations": m.Settings.OrgDeploy, "token rotation": m.Settings.Rotation} {
			if on == nil || *on {
				t.Errorf("socket mode %t: %s is not off", socket, name)
			}
		}
		if m.Settings.Socket == nil || *m.Settings.Socket != socket {
			t.Errorf("socket mode is %v, want %t", m.Settings.Socket, socket)
		}
	}
}

// Over HTTP everything that Slack sends comes to where we listen, under the given address.
func TestSlackFindsUs(t *testing.T) {
	m := read(t, wire.Manifest(at, false))
	for name, got := range m.urls() {
		if got != at+name {
			t.Errorf("%s go to %q", name, got)
		}
		if u, err := url.Parse(got); err != nil || u.Scheme != "https" || u.Host != "audits.firm.test:8443" {
			t.Errorf("%s: %v, %v", name, u, err)
		}
	}
	if len(m.urls()) != 4 {
		t.Errorf("addresses: %v", m.urls())
	}
	events, actions, commands, installed := wire.URLs("https://audits.firm.test:8443", "acme", "north gate")
	if want := fmt.Sprint(map[string]string{"events": events, "actions": actions, "commands": commands,
		"installed": installed}); fmt.Sprint(m.urls()) != want {
		t.Errorf("Slack is told %v, we listen at %s", m.urls(), want)
	}
	if text := wire.Manifest(at, false); strings.Contains(text, "tickmark.example") || strings.Contains(text, "FIRM") {
		t.Errorf("an address was left open:\n%s", text)
	}
}

// In Socket Mode we call Slack, so no address of ours is told, though one is known.
func TestSocketModeTellsNoAddress(t *testing.T) {
	for _, at := range []string{"", at} {
		text := wire.Manifest(at, true)
		m := read(t, text)
		for name, got := range m.urls() {
			if got != "" {
				t.Errorf("%s go to %q", name, got)
			}
		}
		if len(m.OAuth.Redirects) > 0 {
			t.Errorf("who installs it is sent back to %v", m.OAuth.Redirects)
		}
		var said []string
		for _, line := range strings.Split(text, "\n") {
			if line, _, _ = strings.Cut(line, "#"); strings.Contains(line, "://") || strings.Contains(line, "url") {
				said = append(said, line)
			}
		}
		if len(said) > 0 {
			t.Errorf("it says %q", said)
		}
	}
}

// Slack refuses a manifest that is too long anywhere (docs.slack.dev/reference/app-manifest).
func TestSlackTakesTheManifest(t *testing.T) {
	for _, socket := range []bool{false, true} {
		m := read(t, wire.Manifest(at, socket))
		command := m.Features.Commands[0]
		for _, x := range []struct {
			field, is string
			most      int
		}{
			{"display_information.name", m.Display.Name, 35},
			{"display_information.description", m.Display.Description, 140},
			{"features.bot_user.display_name", m.Features.Bot.Name, 80},
			{"command", command.Command, 32},
			{"command.description", command.Description, 2000},
			{"command.usage_hint", command.Hint, 1000},
		} {
			if n := len([]rune(x.is)); n == 0 || n > x.most {
				t.Errorf("%s has %d characters, %d at most: %q", x.field, n, x.most, x.is)
			}
		}
		if !regexp.MustCompile(`^/[a-z0-9_-]+$`).MatchString(command.Command) {
			t.Errorf("the command is %q", command.Command)
		}
		if !regexp.MustCompile(`^#[0-9a-f]{6}$`).MatchString(m.Display.Color) {
			t.Errorf("the colour is %q", m.Display.Color)
		}
		if !regexp.MustCompile(`^[A-Za-z0-9._ -]+$`).MatchString(m.Features.Bot.Name) {
			t.Errorf("the bot is called %q", m.Features.Bot.Name)
		}
		if len(m.OAuth.Scopes["bot"]) > 255 || len(m.Settings.Events.Bot) > 100 || len(m.OAuth.Redirects) > 1000 {
			t.Error("too many scopes, events or addresses")
		}
		if m.Meta["major_version"] != 2 {
			t.Errorf("it is written in version %v", m.Meta)
		}
	}
}
