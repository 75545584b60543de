package slackfake_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	slackfake "tickmark/activities/fake/slack"
)

// live does something of everything that is kept, and returns an id of each.
func (w *world) live(t *testing.T) {
	t.Helper()
	a := w.connect(t)
	_, ts, err := w.client().PostMessage("UANA", text("first"), buttons("line-1", "e1|i1"),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "delivery", EventPayload: map[string]any{"k": "key"}}))
	check(t, err)
	d := w.DirectChannel("T1", "UANA")
	_, _, _, err = w.client().UpdateMessage(d, ts, text("first, changed"), buttons("line-1", "e1|i1"))
	check(t, err)
	_, gone, err := w.client().PostMessage("UANA", text("second"))
	check(t, err)
	_, _, err = w.client().DeleteMessage(d, gone)
	check(t, err)
	_, _, err = w.client().PostMessage("UANA", text("reply"), slack.MsgOptionTS(ts))
	check(t, err)
	_, err = w.client().PostEphemeral("C1", "UANA", text("psst"))
	check(t, err)
	_, err = w.client().PublishView("UANA",
		slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewDividerBlock()}}}, "")
	check(t, err)
	_, err = w.Click(slackfake.Press{Team: "T1", User: "UANA", Channel: d, TS: ts, Action: "done"})
	check(t, err)
	click := a.heard()[0].payload(t) // its clock stands still: it looks old
	_, err = w.client().OpenView(click.TriggerID, form())
	check(t, err)
	check(t, slack.PostWebhook(click.ResponseURL, &slack.WebhookMessage{Text: "thanks"}))
	check(t, w.DeactivateUser("T1", "UBEN"))
	check(t, w.Revoke("T2"))
	check(t, w.ArchiveChannel("T1", "C4"))
}

// seen is everything one can look at.
func seen(s *slackfake.Slack) map[string]any {
	found := map[string]any{"workspaces": s.Workspaces(), "messages": s.AllMessages("")}
	for _, team := range []string{"T1", "T2"} {
		home, _ := s.Home(team, "UANA")
		found[team] = []any{s.Users(team), s.Channels(team), s.Ephemerals(team, "UANA"), s.Views(team, "UANA"), home, s.Responses(team, "UANA"),
			s.MessagesTo(team, "UANA")}
	}
	return found
}

// What was acknowledged is there again after the process was killed, and goes on from there.
func TestAJournalSurvives(t *testing.T) {
	path := filepath.Join(t.TempDir(), "slack.jsonl")
	c := standing()
	w := settle(t, slackfake.Options{Journal: path, Now: c.now, SigningSecret: "abcdefabcdefabcdef"})
	w.live(t)
	before := seen(w.Slack)
	copied := filepath.Join(t.TempDir(), "copy.jsonl") // as it was when the process was killed: nobody closed it
	journal, err := os.ReadFile(path)
	check(t, err)
	check(t, os.WriteFile(copied, journal, 0o600))

	again := start(t, slackfake.Options{Journal: copied, Now: c.now})
	if after := seen(again.Slack); !reflect.DeepEqual(before, after) {
		for k := range before {
			if !reflect.DeepEqual(before[k], after[k]) {
				t.Errorf("%s:\n%+v\nbecame\n%+v", k, before[k], after[k])
			}
		}
	}
	_, err = again.as("xoxb-two").AuthTest()
	says(t, err, "token_revoked")
	d, _, known, err := again.client().OpenConversation(&slack.OpenConversationParameters{Users: []string{"UANA"}})
	check(t, err)
	if !known || d.ID != w.DirectChannel("T1", "UANA") {
		t.Errorf("the direct messages became %s", d.ID)
	}
	_, ts, err := again.client().PostMessage(d.ID, text("afterwards"))
	check(t, err)
	m := again.MessagesTo("T1", "UANA")
	if len(m) != 3 || m[2].TS != ts || m[1].TS >= ts {
		t.Errorf("afterwards there is %+v", m)
	}
}

// The last line may have been cut short: what it was going to say was not acknowledged. Any other line must be whole.
func TestABrokenJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "slack.jsonl")
	w := settle(t, slackfake.Options{Journal: path})
	for _, s := range []string{"one", "two"} {
		_, _, err := w.client().PostMessage("C1", text(s),
			slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "long", EventPayload: map[string]any{"k": xs(5000)}}))
		check(t, err)
	}
	whole, err := os.ReadFile(path)
	check(t, err)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	last := lines[len(lines)-2]
	for _, c := range []struct {
		name    string
		journal []byte
		want    string // the messages; or what is wrong
	}{
		{"whole", whole, "one two"},
		{"nothing", nil, ""},
		{"without its last byte", whole[:len(whole)-1], "one"},
		{"with one byte of its last line", whole[:len(whole)-len(last)+1], "one"},
		{"without its last line", whole[:len(whole)-len(last)], "one"},
		{"with a line that is no JSON", append([]byte("x\n"), whole...), "line 1"},
		{"with a line of something else", append([]byte(`{"kind":"dog","value":{}}`+"\n"), whole...), `"dog"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "slack.jsonl")
			check(t, os.WriteFile(path, c.journal, 0o600))
			s, err := slackfake.New(slackfake.Options{Journal: path})
			if err != nil {
				if c.want == "" || !strings.Contains(err.Error(), c.want) {
					t.Error(err)
				}
				return
			}
			if got := strings.Join(texts(s.Messages("T1", "C1")), " "); got != c.want {
				t.Errorf("there is %q", got)
			}
			_, err = s.AddWorkspace(slackfake.Workspace{Team: "T3"})
			check(t, err)
			check(t, s.Close())
			s, err = slackfake.New(slackfake.Options{Journal: path})
			check(t, err)
			if _, ok := s.Workspace("T3"); !ok {
				t.Error("what was written after it is lost")
			}
			check(t, s.Close())
		})
	}
}

// A process that is killed in the middle of many posts has, when it comes back, every message that it acknowledged.
func TestAKilledProcess(t *testing.T) {
	path := os.Getenv("SLACKFAKE_JOURNAL")
	if path != "" { // this is the process that is killed
		w := settle(t, slackfake.Options{Journal: path})
		for {
			_, ts, err := w.client().PostMessage("C1", text("hello"))
			check(t, err)
			_, err = os.Stdout.WriteString("posted " + ts + "\n")
			check(t, err)
		}
	}
	path = filepath.Join(t.TempDir(), "slack.jsonl")
	program, err := os.Executable()
	check(t, err)
	child := exec.CommandContext(t.Context(), program, "-test.run=^TestAKilledProcess$", "-test.v=false")
	child.Env = append(os.Environ(), "SLACKFAKE_JOURNAL="+path)
	out, err := child.StdoutPipe()
	check(t, err)
	check(t, child.Start())
	var said bytes.Buffer
	for buf := make([]byte, 512); strings.Count(said.String(), "posted") < 50; {
		n, err := out.Read(buf)
		check(t, err)
		said.Write(buf[:n])
	}
	check(t, child.Process.Kill())
	_, _ = said.ReadFrom(out) // until it is dead
	if child.Wait() == nil {
		t.Error("it was not killed")
	}
	s, err := slackfake.New(slackfake.Options{Journal: path})
	check(t, err)
	acknowledged := strings.Split(strings.TrimSpace(said.String()), "\n")
	for _, line := range acknowledged {
		ts, whole := strings.CutPrefix(line, "posted ")
		if _, ok := s.Message("T1", "C1", ts); whole && len(ts) == 17 && !ok {
			t.Errorf("%s was acknowledged and is lost", ts)
		}
	}
	check(t, s.Close())
}
