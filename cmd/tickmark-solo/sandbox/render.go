package sandbox

import (
	"encoding/json"
	"html/template"
	"regexp"
	"strings"
)

// A line is one block as the page shows it.
type line struct {
	Kind     string // text, head, note, buttons, rule or input
	HTML     template.HTML
	Buttons  []button
	Name     string // of an input
	Label    string
	Form     string // text, area, day or choice
	Optional bool
	Value    string
	Options  []option
}

// A button is one that can be pressed.
type button struct {
	place
	Block, Action, Value, Label, Style, Confirm string
}

type option struct {
	Value, Label string
	Chosen       bool
}

// A place is where a block stands: in a message or in a view, before somebody.
type place struct{ channel, ts, view, user string }

func (p place) Channel() string { return p.channel }
func (p place) TS() string      { return p.ts }
func (p place) View() string    { return p.view }
func (p place) User() string    { return p.user }

// What is read of blocks: those that Tickmark sends.
type block struct {
	Type     string    `json:"type"`
	ID       string    `json:"block_id"`
	Text     words     `json:"text"`
	Label    words     `json:"label"`
	Optional bool      `json:"optional"`
	Element  element   `json:"element"`
	Elements []element `json:"elements"`
}

type words struct {
	Text string `json:"text"`
}

type element struct {
	Type    string          `json:"type"`
	Action  string          `json:"action_id"`
	Text    json.RawMessage `json:"text"` // words, or bare
	Value   string          `json:"value"`
	Style   string          `json:"style"`
	Confirm *struct {
		Title words `json:"title"`
	} `json:"confirm"`
	Multiline    bool     `json:"multiline"`
	InitialValue string   `json:"initial_value"`
	InitialDate  string   `json:"initial_date"`
	Initial      *choice  `json:"initial_option"`
	Options      []choice `json:"options"`
}

type choice struct {
	Text  words  `json:"text"`
	Value string `json:"value"`
}

// said is the text of an element.
func (e element) said() string {
	var bare string
	if json.Unmarshal(e.Text, &bare) == nil {
		return bare
	}
	var w words
	_ = json.Unmarshal(e.Text, &w) // none
	return w.Text
}

// lines lays blocks out.
func lines(raw json.RawMessage, at place) []line {
	var blocks []block
	if len(raw) == 0 || json.Unmarshal(raw, &blocks) != nil {
		return nil
	}
	var out []line
	for _, b := range blocks {
		out = append(out, b.lines(at)...)
	}
	return out
}

// lines lays one block out; one of a kind that is not ours is left out.
func (b block) lines(at place) []line {
	switch b.Type {
	case "section":
		return []line{{Kind: "text", HTML: markdown(b.Text.Text)}}
	case "header":
		return []line{{Kind: "head", HTML: template.HTML(template.HTMLEscapeString(b.Text.Text))}}
	case "divider":
		return []line{{Kind: "rule"}}
	case "actions":
		return []line{{Kind: "buttons", Buttons: buttons(b, at)}}
	case "input":
		return []line{input(b)}
	}
	var out []line
	if b.Type == "context" {
		for _, e := range b.Elements {
			out = append(out, line{Kind: "note", HTML: markdown(e.said())})
		}
	}
	return out
}

func buttons(b block, at place) []button {
	var out []button
	for _, e := range b.Elements {
		if e.Type == "overflow" {
			for _, o := range e.Options {
				out = append(out, button{place: at, Block: b.ID, Action: e.Action, Value: o.Value, Label: o.Text.Text})
			}
			continue
		}
		one := button{place: at, Block: b.ID, Action: e.Action, Value: e.Value, Label: e.said(), Style: e.Style}
		if e.Confirm != nil {
			one.Confirm = e.Confirm.Title.Text
		}
		out = append(out, one)
	}
	return out
}

func input(b block) line {
	e := b.Element
	l := line{Kind: "input", Name: b.ID, Label: b.Label.Text, Optional: b.Optional, Value: e.InitialValue + e.InitialDate, Form: "text"}
	switch {
	case e.Type == "datepicker":
		l.Form = "day"
	case strings.HasSuffix(e.Type, "select") || e.Type == "radio_buttons":
		l.Form = "choice"
		for _, o := range e.Options {
			l.Options = append(l.Options, option{o.Value, o.Text.Text, e.Initial != nil && e.Initial.Value == o.Value})
		}
	case e.Multiline:
		l.Form = "area"
	}
	return l
}

var (
	bold   = regexp.MustCompile(`\*([^*\n]+)\*`)
	struck = regexp.MustCompile(`~([^~\n]+)~`)
)

// markdown shows Slack's marks: bold, struck out, links, the escapes. Everything else is text.
func markdown(s string) template.HTML {
	var b strings.Builder
	for {
		m := linked.FindStringSubmatchIndex(s)
		if m == nil {
			return template.HTML(b.String() + marked(s))
		}
		at := template.HTMLEscapeString(strings.ReplaceAll(s[m[2]:m[3]], "&amp;", "&"))
		b.WriteString(marked(s[:m[0]]) + `<a href="` + at + `">` + marked(s[m[4]:m[5]]) + `</a>`)
		s = s[m[1]:]
	}
}

// linked is a link as an app writes it. What people write has no such brackets: it is escaped.
var linked = regexp.MustCompile(`<(https?://[^|<>\s"]+)\|([^|<>\n]+)>`)

// marked is markdown without links.
func marked(s string) string {
	s = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
	s = template.HTMLEscapeString(strings.ReplaceAll(s, ":warning:", "⚠"))
	s = bold.ReplaceAllString(s, "<strong>$1</strong>")
	s = struck.ReplaceAllString(s, "<s>$1</s>")
	return strings.ReplaceAll(s, "\n", "<br>")
}
