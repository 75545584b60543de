package slack

import (
	"encoding/json"
	"strings"
	"testing"

	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// What Slack keeps of what somebody typed is read as they typed it.
func TestUnmark(t *testing.T) {
	for text, want := range map[string]string{
		"All &amp; more &lt;b&gt;":                        "All & more <b>",
		"see <https://a.test/x>":                          "see https://a.test/x",
		"see <https://a.test|a.test>":                     "see a.test",
		"see <https://a.test/x|the list>":                 "see the list (https://a.test/x)",
		"<mailto:ines@a.test|ines@a.test> has it":         "ines@a.test has it",
		"ask <@U123|olga> in <#C123|audit>, <!here>":      "ask @olga in #audit, @here",
		"<@U123> knows":                                   "@U123 knows",
		"  a\nb  ":                                        "a\nb",
		"&amp;lt;":                                        "&lt;",
		"1 < 2":                                           "1 < 2",
		"<!subteam^S1|@auditors>, <!date^1^{date}|today>": "@auditors, @today",
	} {
		if got := Unmark(text); got != want {
			t.Errorf("%q is read as %q, not %q", text, got, want)
		}
	}
}

// The buttons that ask which question is meant carry what was typed, whatever is in it, as long as Slack takes it; a longer text is asked
// for again by the form.
func TestButtonsCarryWhatWasTyped(t *testing.T) {
	m := reminders.Message{Sections: []reminders.Section{{Title: "Open questions to you", Lines: []engagement.Line{
		{Engagement: "e1", Item: "answer:Q-1", Title: "One", Acts: []engagement.Act{engagement.ActAnswer}},
		{Engagement: "e1", Item: "do:X-1", Title: "Two", Acts: []engagement.Act{engagement.ActDone}},
	}}}}
	for words, carried := range map[string]bool{"Berlin | Oslo |": true, "☂ \"quoted\"\nand more": true, "": true,
		strings.Repeat("x", 1900): true, strings.Repeat("x", 2000): false, strings.Repeat("☂", 1990): false} {
		text, err := json.Marshal(carrying(Render(m), words).Blocks)
		if err != nil {
			t.Fatal(err)
		}
		var blocks []struct {
			Elements []struct {
				Action string `json:"action_id"`
				Value  string `json:"value"`
			}
		}
		if err := json.Unmarshal(text, &blocks); err != nil {
			t.Fatal(err)
		}
		for _, b := range blocks {
			for _, e := range b.Elements {
				if len([]rune(e.Value)) > 2000 {
					t.Errorf("a button has %d characters", len([]rune(e.Value)))
				}
				payload, err := json.Marshal(map[string]any{"type": "block_actions", "user": map[string]any{"id": "U1"},
					"actions": []any{map[string]any{"action_id": e.Action, "value": e.Value, "type": "button", "block_id": "b"}}})
				if err != nil {
					t.Fatal(err)
				}
				a, err := ReadAction(string(payload))
				if err != nil || a.Click == nil {
					t.Fatalf("%+v, %v", a, err)
				}
				want := Subject{Act: engagement.ActAnswer, Engagement: "e1", Item: "answer:Q-1"}
				if carried {
					want.Words = words
				}
				if e.Action == string(engagement.ActDone) {
					want = Subject{Act: engagement.ActDone, Engagement: "e1", Item: "do:X-1"}
				}
				if a.Click.What != want {
					t.Errorf("the button for %.20q stands for %+v", words, a.Click.What)
				}
			}
		}
	}
}
