package town

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/models/modelstest"
)

// Golden compares a text with testdata/<name>.golden of the package that is tested, which people have read. With the flag -update it writes
// the file instead.
func Golden(t testing.TB, name, got string) {
	t.Helper()
	modelstest.Golden(t, name+".golden", got)
}

// block is what tests read of a block of Slack.
type block struct {
	Type string `json:"type"`
	ID   string `json:"block_id"`
	Text *struct {
		Text string `json:"text"`
	} `json:"text"`
	Label *struct {
		Text string `json:"text"`
	} `json:"label"`
	Elements []element `json:"elements"`
	Element  *element  `json:"element"`
	Optional bool      `json:"optional"`
}

type element struct {
	Type    string          `json:"type"`
	Action  string          `json:"action_id"`
	Text    json.RawMessage `json:"text"`
	Options []struct {
		Text struct {
			Text string `json:"text"`
		} `json:"text"`
	} `json:"options"`
	Date string `json:"initial_date"`
}

// label is the text of an element: Slack has it bare in contexts.
func (e element) label() string {
	var bare string
	if json.Unmarshal(e.Text, &bare) == nil {
		return bare
	}
	var x struct {
		Text string `json:"text"`
	}
	_ = json.Unmarshal(e.Text, &x) // none
	return x.Text
}

// Shown writes blocks as one sees them.
func Shown(t testing.TB, raw json.RawMessage) string {
	t.Helper()
	var blocks []block
	Check(t, json.Unmarshal(raw, &blocks))
	var out strings.Builder
	for _, b := range blocks {
		switch b.Type {
		case "header":
			fmt.Fprintf(&out, "## %s\n", b.Text.Text)
		case "section":
			fmt.Fprintln(&out, b.Text.Text)
		case "context":
			for _, e := range b.Elements {
				fmt.Fprintf(&out, "(%s)\n", e.label())
			}
		case "actions":
			for _, e := range b.Elements {
				if e.Type == "overflow" {
					for _, o := range e.Options {
						fmt.Fprintf(&out, "[… %s] ", o.Text.Text)
					}
					continue
				}
				fmt.Fprintf(&out, "[%s] ", e.label())
			}
			fmt.Fprintln(&out)
		case "input":
			fmt.Fprintf(&out, "%s: <%s %s>", b.Label.Text, b.Element.Type, b.Element.Date)
			for _, o := range b.Element.Options {
				fmt.Fprintf(&out, " (%s)", o.Text.Text)
			}
			if b.Optional {
				out.WriteString(" optional")
			}
			fmt.Fprintln(&out)
		case "divider":
			fmt.Fprintln(&out, "---")
		default:
			t.Errorf("a block of type %s", b.Type)
		}
	}
	return out.String()
}

// Messages writes messages as one sees them, with what screen readers read.
func Messages(t testing.TB, all []slackfake.Message) string {
	t.Helper()
	var out strings.Builder
	for i, m := range all {
		fmt.Fprintf(&out, "=== message %d\n%s--- read aloud\n%s\n\n", i+1, Shown(t, m.Blocks), m.Text)
	}
	return out.String()
}
