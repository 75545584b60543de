package slackfake_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	slackfake "tickmark/activities/fake/slack"
)

// post puts n messages into C1, a second apart, and returns their ts.
func (w *world) post(t *testing.T, c *clock, n int) []string {
	t.Helper()
	var all []string
	for i := range n {
		_, ts, err := w.client().PostMessage("C1", text(fmt.Sprintf("m%d", i)))
		check(t, err)
		all = append(all, ts)
		c.pass(time.Second)
	}
	return all
}

// walk reads all pages of a channel's history and returns what the messages say, with a bar between pages.
func (w *world) walk(t *testing.T, p slack.GetConversationHistoryParameters) string {
	t.Helper()
	p.ChannelID = "C1"
	var read []string
	for {
		page, err := w.client().GetConversationHistory(&p)
		check(t, err)
		for _, m := range page.Messages {
			read = append(read, m.Text)
		}
		if page.HasMore != (page.ResponseMetaData.NextCursor != "") {
			t.Fatalf("has more: %t, and the cursor is %q", page.HasMore, page.ResponseMetaData.NextCursor)
		}
		if p.Cursor = page.ResponseMetaData.NextCursor; p.Cursor == "" {
			return strings.Join(read, " ")
		}
		read = append(read, "|")
	}
}

// History is read newest first, page by page, from one instant to another.
func TestHistory(t *testing.T) {
	c := standing()
	w := settle(t, slackfake.Options{Now: c.now})
	ts := w.post(t, c, 6)
	_, _, err := w.client().DeleteMessage("C1", ts[2])
	check(t, err)
	for _, x := range []struct {
		name string
		set  slackfake.Settings
		p    slack.GetConversationHistoryParameters
		want string
	}{
		{"all of it", slackfake.Settings{}, slack.GetConversationHistoryParameters{}, "m5 m4 m3 m1 m0"},
		{"by twos", slackfake.Settings{}, slack.GetConversationHistoryParameters{Limit: 2}, "m5 m4 | m3 m1 | m0"},
		{"by ones, whatever was asked for", slackfake.Settings{PageSize: 1}, slack.GetConversationHistoryParameters{Limit: 200},
			"m5 | m4 | m3 | m1 | m0"},
		{"as many as there are", slackfake.Settings{}, slack.GetConversationHistoryParameters{Limit: 5}, "m5 m4 m3 m1 m0"},
		{"after one", slackfake.Settings{}, slack.GetConversationHistoryParameters{Oldest: ts[1]}, "m5 m4 m3"},
		{"from one on", slackfake.Settings{}, slack.GetConversationHistoryParameters{Oldest: ts[1], Inclusive: true}, "m5 m4 m3 m1"},
		{"before one", slackfake.Settings{}, slack.GetConversationHistoryParameters{Latest: ts[3]}, "m1 m0"},
		{"up to one", slackfake.Settings{}, slack.GetConversationHistoryParameters{Latest: ts[3], Inclusive: true}, "m3 m1 m0"},
		{"between, by ones", slackfake.Settings{}, slack.GetConversationHistoryParameters{Oldest: ts[0], Latest: ts[5], Limit: 1},
			"m4 | m3 | m1"},
		{"from a whole second on", slackfake.Settings{},
			slack.GetConversationHistoryParameters{Oldest: fmt.Sprint(monday.Unix() + 4), Inclusive: true}, "m5 m4"},
		{"three seconds behind", slackfake.Settings{Lag: 3 * time.Second}, slack.GetConversationHistoryParameters{}, "m3 m1 m0"},
		{"far behind", slackfake.Settings{Lag: time.Hour}, slack.GetConversationHistoryParameters{}, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			w.Set(x.set)
			if got := w.walk(t, x.p); got != x.want {
				t.Errorf("read %q, want %q", got, x.want)
			}
		})
	}
	w.Set(slackfake.Settings{})
	for channel, want := range map[string]string{"C9": "channel_not_found", "C5": "channel_not_found", "C4": "not_in_channel"} {
		_, err := w.client().GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: channel})
		says(t, err, want)
	}
	_, err = w.client().GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "C1", Cursor: "nonsense"})
	says(t, err, "invalid_cursor")
}

// Each kind of channel needs a scope of its own.
func TestScopesOfHistory(t *testing.T) {
	w := settle(t, slackfake.Options{})
	open := func(users ...string) string {
		t.Helper()
		c, _, _, err := w.client().OpenConversation(&slack.OpenConversationParameters{Users: users})
		check(t, err)
		return c.ID
	}
	channels := map[string]string{"channels:history": "C1", "groups:history": "C3", "im:history": open("UANA"),
		"mpim:history": open("UANA", "UBEN")}
	for scope := range channels {
		check(t, w.SetScopes("T1", scope))
		for needed, channel := range channels {
			_, err := w.client().GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: channel})
			if needed == scope {
				check(t, err)
				continue
			}
			says(t, err, "missing_scope")
			if said, _ := errors.AsType[slack.SlackErrorResponse](err); said.Needed != needed {
				t.Errorf("%s needs %s, not %s", channel, said.Needed, needed)
			}
		}
	}
}

// A message that history does not show yet is there all the same, and shows after a while.
func TestHistoryLags(t *testing.T) {
	c := standing()
	w := settle(t, slackfake.Options{Now: c.now, Settings: slackfake.Settings{Lag: 20 * time.Second}})
	w.post(t, c, 1)
	if got := w.walk(t, slack.GetConversationHistoryParameters{}); got != "" || len(w.Messages("T1", "C1")) != 1 {
		t.Errorf("history shows %q at once", got)
	}
	if _, _, _, err := w.client().GetConversationReplies(&slack.GetConversationRepliesParameters{ChannelID: "C1",
		Timestamp: w.Messages("T1", "C1")[0].TS}); err != nil {
		t.Error(err)
	}
	c.pass(19 * time.Second)
	if got := w.walk(t, slack.GetConversationHistoryParameters{}); got != "m0" {
		t.Errorf("after the lag history shows %q", got)
	}
}

// Replies stand in their thread; in the channel only those that were meant for it.
func TestThreads(t *testing.T) {
	c := standing()
	w := settle(t, slackfake.Options{Now: c.now})
	parent := w.post(t, c, 1)[0]
	reply := func(s string, more ...slack.MsgOption) {
		t.Helper()
		_, _, err := w.client().PostMessage("C1", append(more, text(s), slack.MsgOptionTS(parent))...)
		check(t, err)
		c.pass(time.Second)
	}
	reply("r1")
	reply("r2", slack.MsgOptionBroadcast())
	reply("r3")
	if got := w.walk(t, slack.GetConversationHistoryParameters{}); got != "r2 m0" {
		t.Errorf("the channel shows %q", got)
	}
	read := func(limit int) string {
		t.Helper()
		p := slack.GetConversationRepliesParameters{ChannelID: "C1", Timestamp: parent, Limit: limit}
		var all []string
		for {
			m, more, next, err := w.client().GetConversationReplies(&p)
			check(t, err)
			for _, x := range m {
				all = append(all, x.Text)
			}
			if p.Cursor = next; !more {
				return strings.Join(all, " ")
			}
			all = append(all, "|")
		}
	}
	if got := read(0); got != "m0 r1 r2 r3" {
		t.Errorf("the thread is %q", got)
	}
	if got := read(2); got != "m0 r1 | r2 r3" {
		t.Errorf("by twos the thread is %q", got)
	}
	page, err := w.client().GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "C1"})
	check(t, err)
	if m := page.Messages[1]; m.ReplyCount != 3 || m.ThreadTimestamp != parent {
		t.Errorf("the parent is shown as %+v", m)
	}
	_, _, _, err = w.client().GetConversationReplies(&slack.GetConversationRepliesParameters{ChannelID: "C1", Timestamp: "1.000001"})
	says(t, err, "thread_not_found")
	_, _, err = w.client().PostMessage("C1", text("to r1"), slack.MsgOptionTS(w.Messages("T1", "C1")[1].TS))
	check(t, err)
	_, _, err = w.client().PostMessage("C1", text("to nothing"), slack.MsgOptionTS("1.000001"))
	check(t, err)
	if got := read(0); got != "m0 r1 r2 r3 to r1" {
		t.Errorf("a reply to a reply makes the thread %q", got)
	}
	if got := w.walk(t, slack.GetConversationHistoryParameters{}); got != "to nothing r2 m0" {
		t.Errorf("a reply to nothing makes the channel %q", got)
	}
}

// What a channel is, and who is in it.
func TestChannelsAreToldOf(t *testing.T) {
	w := settle(t, slackfake.Options{})
	c, err := w.client().GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: "C2", IncludeNumMembers: true})
	check(t, err)
	if c.Name != "shared" || !c.IsExtShared || !c.IsMember || c.NumMembers != 3 || !slices.Equal(c.ConnectedTeamIDs, []string{"T2"}) {
		t.Errorf("the shared channel is %+v", c)
	}
	if _, err := w.as("xoxb-two").GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: "C2"}); err != nil {
		t.Errorf("the other workspace does not see it: %v", err)
	}
	p := slack.GetUsersInConversationParameters{ChannelID: "C2", Limit: 2}
	first, next, err := w.client().GetUsersInConversation(&p)
	check(t, err)
	p.Cursor = next
	rest, end, err := w.client().GetUsersInConversation(&p)
	check(t, err)
	if got := strings.Join(append(first, rest...), " "); got != "UBOT1 UANA UZOE" || len(rest) != 1 || end != "" {
		t.Errorf("the members are %q, on the second page %q, and then %q", got, rest, end)
	}
	d, _, _, err := w.client().OpenConversation(&slack.OpenConversationParameters{Users: []string{"UANA"}, ReturnIM: true})
	check(t, err)
	if !d.IsIM || d.User != "UANA" {
		t.Errorf("the direct messages are %+v", d)
	}
	same, _, known, err := w.client().OpenConversation(&slack.OpenConversationParameters{ChannelID: d.ID})
	check(t, err)
	if same.ID != d.ID || !known {
		t.Errorf("opened %+v, known %t", same, known)
	}
	for channel, want := range map[string]string{"C4": "", "C5": "channel_not_found"} {
		_, err := w.client().GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: channel})
		says(t, err, want)
	}
}
