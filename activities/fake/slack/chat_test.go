package slackfake_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	slackfake "tickmark/activities/fake/slack"
)

// A message to somebody opens one channel of direct messages, whoever asks and however.
func TestDirectMessages(t *testing.T) {
	w := settle(t, slackfake.Options{})
	open := func(token string, users ...string) (string, error) {
		c, _, _, err := w.as(token).OpenConversation(&slack.OpenConversationParameters{Users: users})
		if err != nil {
			return "", err
		}
		return c.ID, nil
	}
	d, err := open("xoxb-one", "UANA")
	check(t, err)
	again, err := open("xoxb-one", "UANA")
	check(t, err)
	channel, ts, err := w.client().PostMessage("UANA", text("to her"))
	check(t, err)
	if d != again || channel != d || w.DirectChannel("T1", "UANA") != d || !strings.HasPrefix(d, "D") {
		t.Errorf("opened %s, %s and wrote to %s", d, again, channel)
	}
	if m := w.MessagesTo("T1", "UANA"); len(m) != 1 || m[0].TS != ts || m[0].User != "UBOT1" || m[0].Team != "T1" {
		t.Errorf("there is %+v", m)
	}
	for _, c := range []struct {
		name, token string
		users       []string
		want        string
	}{
		{"a group", "xoxb-one", []string{"UBEN", "UANA"}, ""},
		{"somebody of another workspace who shares a channel", "xoxb-one", []string{"UZOE"}, ""},
		{"one who shares none", "xoxb-one", []string{"UFAR"}, "user_not_visible"},
		{"one of another in a group", "xoxb-one", []string{"UZOE", "UANA"}, "invalid_user_combination"},
		{"who left", "xoxb-one", []string{"UGONE"}, "user_disabled"},
		{"nobody", "xoxb-one", nil, "users_list_not_supplied"},
		{"who is not there", "xoxb-one", []string{"UNONE"}, "user_not_found"},
		{"who is in another workspace", "xoxb-two", []string{"UANA"}, "user_not_found"},
		{"the bot alone", "xoxb-one", []string{"UBOT1"}, "users_list_not_supplied"},
		{"too many", "xoxb-one", strings.Split("ABCDEFGHI", ""), "too_many_users"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := open(c.token, c.users...)
			says(t, err, c.want)
		})
	}
	check(t, w.DeactivateUser("T1", "UANA"))
	_, _, err = w.client().PostMessage(d, text("too late"))
	says(t, err, "user_disabled")
	_, err = open("xoxb-one", "UANA")
	says(t, err, "user_disabled")
	check(t, w.ReactivateUser("T1", "UANA"))
	_, _, err = w.client().PostMessage(d, text("back again"))
	check(t, err)
	_, _, err = w.as("xoxb-two").PostMessage(d, text("not mine"))
	says(t, err, "channel_not_found")
}

// Where the bot cannot write, it is told why.
func TestWhereTheBotCanWrite(t *testing.T) {
	w := settle(t, slackfake.Options{})
	_, err := w.AddChannel("T1", slackfake.Channel{ID: "C6", Members: []string{"UBOT1"}, IsArchived: true})
	check(t, err)
	check(t, w.Kick("T1", "C3", "UBOT1"))
	write := func(token, channel, want string) {
		t.Helper()
		_, _, err := w.as(token).PostMessage(channel, text("hello"))
		says(t, err, want)
	}
	write("xoxb-one", "C1", "")
	write("xoxb-one", "#audit", "")
	write("xoxb-one", "C3", "channel_not_found")
	write("xoxb-one", "C4", "") // it may write to public channels
	write("xoxb-one", "C5", "channel_not_found")
	write("xoxb-one", "C6", "is_archived")
	write("xoxb-one", "C9", "channel_not_found")
	write("xoxb-two", "C2", "not_in_channel")
	check(t, w.Invite("T1", "C2", "UBOT2"))
	write("xoxb-two", "C2", "")
	check(t, w.SetScopes("T1", "chat:write"))
	write("xoxb-one", "C4", "not_in_channel")
	check(t, w.ArchiveChannel("T1", "C1"))
	write("xoxb-one", "C1", "is_archived")
	if m := w.Messages("T2", "C2"); len(m) != 1 || m[0].Team != "T2" || m[0].User != "UBOT2" {
		t.Errorf("in the shared channel there is %+v", m)
	}
	if m := w.Messages("T2", "C1"); m != nil {
		t.Errorf("another workspace sees %+v", m)
	}
}

// Many post at once: no two messages have the same ts, and they rise, also when the clock stands still or goes back.
func TestEachMessageHasItsOwnTS(t *testing.T) {
	c := standing()
	w := settle(t, slackfake.Options{Now: c.now})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 10 {
				if _, _, err := w.client().PostMessage("C1", text(fmt.Sprint(i, j))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	c.pass(-time.Hour)
	_, _, err := w.client().PostMessage("C1", text("last"))
	check(t, err)
	page, err := w.client().GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "C1", Limit: 1})
	check(t, err)
	if len(page.Messages) != 1 || page.Messages[0].Text != "last" {
		t.Errorf("history shows %+v", page.Messages)
	}
	m := w.Messages("T1", "C1")
	for i := 1; i < len(m); i++ {
		if m[i].TS <= m[i-1].TS {
			t.Fatalf("%s comes after %s", m[i].TS, m[i-1].TS)
		}
	}
	if len(m) != 81 || m[80].Text != "last" {
		t.Errorf("%d messages, the last is %q", len(m), m[len(m)-1].Text)
	}
}

// A message says what it was given: its text, its blocks with an id each, and its metadata, which only who asks for all of it sees.
func TestWhatAMessageKeeps(t *testing.T) {
	w := settle(t, slackfake.Options{})
	blocks := slack.MsgOptionBlocks(slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, "*a* & <b>", false, false), nil, nil))
	_, ts, answer, err := w.client().PostMessageWithResponse("C1", text("a & b"), blocks, slack.MsgOptionDisableLinkUnfurl(),
		slack.MsgOptionDisableMediaUnfurl(),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "delivery", EventPayload: map[string]any{"k": "key", "n": 1}}))
	check(t, err)
	if answer.Text != "a & b" || answer.Timestamp != ts || answer.BotID != w.one.Bot || len(answer.Blocks.BlockSet) != 1 {
		t.Errorf("answered %+v", answer)
	}
	m, _ := w.Message("T1", "C1", ts)
	if m.Unfurl || m.Metadata.EventPayload["k"] != "key" || m.Metadata.EventPayload["n"] != 1.0 {
		t.Errorf("kept %+v", m)
	}
	for _, all := range []bool{false, true} {
		page, err := w.client().GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "C1", IncludeAllMetadata: all})
		check(t, err)
		shown := page.Messages[0]
		section, ok := shown.Blocks.BlockSet[0].(*slack.SectionBlock)
		if !ok || section.BlockID == "" || section.Text.Text != "*a* & <b>" {
			t.Errorf("the block is %+v", shown.Blocks.BlockSet[0])
		}
		if shown.Metadata.EventType != "delivery" || (shown.Metadata.EventPayload["k"] == "key") != all {
			t.Errorf("asked for all: %t, shown %+v", all, shown.Metadata)
		}
	}
	for _, c := range []struct {
		name   string
		option slack.MsgOption
		want   string
	}{
		{"nothing", slack.MsgOptionDisableLinkUnfurl(), "no_text"},
		{"metadata of no type", slack.MsgOptionMetadata(slack.SlackMetadata{EventPayload: map[string]any{}}), "invalid_metadata_format"},
		{"metadata without payload", slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "e"}), "invalid_metadata_format"},
		{"much metadata", slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "e",
			EventPayload: map[string]any{"k": strings.Repeat("x", 9000)}}), "metadata_too_large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			option := slack.MsgOptionCompose(text("hello"), c.option)
			if c.want == "no_text" {
				option = c.option
			}
			_, _, err := w.client().PostMessage("C1", option)
			says(t, err, c.want)
		})
	}
	_, ts, err = w.client().PostMessage("C1", text(strings.Repeat("ä", 40_010)))
	check(t, err)
	if m, _ := w.Message("T1", "C1", ts); len([]rune(m.Text)) != 40_000 {
		t.Errorf("a long text was cut to %d characters", len([]rune(m.Text)))
	}
}

// What the bot wrote it can change and delete, not what others did, and not for ever.
func TestMessagesAreChangedAndDeleted(t *testing.T) {
	c := standing()
	w := settle(t, slackfake.Options{Now: c.now})
	_, ts, err := w.client().PostMessage("C1", text("open"), slack.MsgOptionBlocks(slack.NewDividerBlock()),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "e", EventPayload: map[string]any{"k": "1"}}))
	check(t, err)
	update := func(option ...slack.MsgOption) slackfake.Message {
		t.Helper()
		_, at, _, err := w.client().UpdateMessage("C1", ts, option...)
		check(t, err)
		if at != ts {
			t.Errorf("the message moved from %s to %s", ts, at)
		}
		m, _ := w.Message("T1", "C1", ts)
		return m
	}
	if m := update(slack.MsgOptionBlocks(slack.NewDividerBlock(), slack.NewDividerBlock()), text("two")); strings.Count(string(m.Blocks),
		"divider") != 2 || m.Edits != 1 || m.Metadata.EventPayload["k"] != "1" {
		t.Errorf("with blocks it became %+v", m)
	}
	if m := update(text("done")); m.Text != "done" || len(m.Blocks) != 0 || m.Edits != 2 {
		t.Errorf("with a text alone it became %+v", m)
	}
	page, err := w.client().GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "C1"})
	check(t, err)
	if len(page.Messages) != 1 || page.Messages[0].Text != "done" || page.Messages[0].Edited == nil {
		t.Errorf("history shows %+v", page.Messages)
	}
	said, err := w.Say("T1", "C1", "UANA", "mine", nil)
	check(t, err)
	refused := func(want, ts string, option slack.MsgOption) {
		t.Helper()
		_, _, _, err := w.client().UpdateMessage("C1", ts, option)
		says(t, err, want)
	}
	refused("cant_update_message", said.TS, text("x"))
	refused("message_not_found", "1.000001", text("x"))
	refused("msg_too_long", ts, text(strings.Repeat("x", 4001)))
	refused("no_text", ts, slack.MsgOptionDisableLinkUnfurl())
	_, _, err = w.client().DeleteMessage("C1", said.TS)
	says(t, err, "cant_delete_message")
	link, err := w.client().GetPermalink(&slack.PermalinkParameters{Channel: "C1", Ts: ts})
	check(t, err)
	if want := "https://acme.slack.com/archives/C1/p" + strings.Replace(ts, ".", "", 1); link != want {
		t.Errorf("the link is %s, not %s", link, want)
	}
	w.Set(slackfake.Settings{EditWindow: time.Hour})
	c.pass(2 * time.Hour)
	refused("edit_window_closed", ts, text("x"))
	_, _, err = w.client().DeleteMessage("C1", ts)
	check(t, err)
	_, _, err = w.client().DeleteMessage("C1", ts)
	says(t, err, "message_not_found")
	_, err = w.client().GetPermalink(&slack.PermalinkParameters{Channel: "C1", Ts: ts})
	says(t, err, "message_not_found")
	if got := texts(w.Messages("T1", "C1")); !slices.Equal(got, []string{"mine"}) {
		t.Errorf("what stands is %q", got)
	}
	if all := w.AllMessages("T1"); len(all) != 2 || !all[0].Deleted || all[0].Text != "done" {
		t.Errorf("what was ever posted is %+v", all)
	}
}

// What only one is to see, only they see.
func TestEphemeralMessages(t *testing.T) {
	w := settle(t, slackfake.Options{})
	ts, err := w.client().PostEphemeral("C1", "UANA", text("psst"))
	check(t, err)
	if e := w.Ephemerals("T1", "UANA"); len(e) != 1 || e[0].Text != "psst" || e[0].TS != ts || e[0].Channel != "C1" {
		t.Errorf("she sees %+v", e)
	}
	if m := w.Messages("T1", "C1"); len(m) != 0 {
		t.Errorf("everybody sees %+v", m)
	}
	_, err = w.client().PostEphemeral("C1", "UBEN", text("psst"))
	says(t, err, "user_not_in_channel")
}
