package slackfake

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// What blocks may be, as docs.slack.dev/reference/block-kit has it.
const (
	maxBlocks     = 50     // of a message
	maxViewBlocks = 100    // of a view
	maxBlocksText = 13_200 // of all texts in a message's blocks: not documented, see slack-and-reliability.md 1.4
	maxView       = 250_000
)

// A checker looks through blocks for what Slack refuses, and gives ids to those without.
type checker struct {
	wrong   []string        // what it found
	blocks  map[string]bool // the ids of blocks seen
	actions map[string]bool // the ids of the actions seen in this block
	inputs  int             // how many input blocks there are
	text    int             // how many characters there are in all
}

// A check looks at a value, which is at a JSON pointer.
type check func(c *checker, at string, v any)

// An object is what an object may and must hold, besides its type.
type object struct {
	must []string
	may  map[string]check
}

func (c *checker) refuse(at, format string, args ...any) {
	c.wrong = append(c.wrong, "[ERROR] "+fmt.Sprintf(format, args...)+" [json-pointer:"+at+"]")
}

// check looks at the properties of an object, in the order of their names.
func (o object) check(c *checker, at string, m map[string]any) {
	for _, name := range o.must {
		if m[name] == nil {
			c.refuse(at, "missing required field: %s", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		switch look := o.may[name]; {
		case name == "type":
		case look == nil:
			c.refuse(at, "invalid additional property: %s", name)
		case m[name] != nil:
			look(c, at+"/"+name, m[name])
		}
	}
}

// as returns a value as an object, with its type.
func (c *checker) as(at string, v any) (m map[string]any, kind string) {
	m, ok := v.(map[string]any)
	if !ok {
		c.refuse(at, "must be an object")
		return nil, ""
	}
	kind, _ = m["type"].(string)
	return m, kind
}

// text takes a string of so many characters.
func text(low, high int) check {
	return func(c *checker, at string, v any) {
		s, ok := v.(string)
		n := utf8.RuneCountInString(s)
		switch {
		case !ok:
			c.refuse(at, "must be a string")
		case n < low:
			c.refuse(at, "must be more than %d characters", low-1)
		case n > high:
			c.refuse(at, "must be less than %d characters", high+1)
		}
	}
}

// oneOf takes one of some strings.
func oneOf(these ...string) check {
	return func(c *checker, at string, v any) {
		if s, ok := v.(string); !ok || !slices.Contains(these, s) {
			c.refuse(at, "must be one of %v", these)
		}
	}
}

// anything is taken as it is.
func anything(*checker, string, any) {}

func boolean(c *checker, at string, v any) {
	if _, ok := v.(bool); !ok {
		c.refuse(at, "must be a boolean")
	}
}

// number takes a number from low to high.
func number(low, high float64) check {
	return func(c *checker, at string, v any) {
		if n, ok := v.(float64); !ok || n < low || n > high {
			c.refuse(at, "must be a number from %v to %v", low, high)
		}
	}
}

// list takes a list of so many.
func list(low, high int, each check) check {
	return func(c *checker, at string, v any) {
		l, ok := v.([]any)
		switch {
		case !ok:
			c.refuse(at, "must be an array")
		case len(l) < low:
			c.refuse(at, "no less than %d items allowed", low)
		case len(l) > high:
			c.refuse(at, "no more than %d items allowed", high)
		}
		for i, x := range l {
			each(c, at+"/"+strconv.Itoa(i), x)
		}
	}
}

// written takes a text object of so many characters, of some types.
func written(high int, types ...string) check {
	o := object{must: []string{"text"}, may: map[string]check{"text": text(1, high), "emoji": boolean, "verbatim": boolean}}
	return func(c *checker, at string, v any) {
		m, kind := c.as(at, v)
		if m == nil {
			return
		}
		if !slices.Contains(types, kind) {
			c.refuse(at+"/type", "must be one of %v", types)
		}
		if kind == "mrkdwn" && m["emoji"] != nil {
			c.refuse(at, "invalid additional property: emoji")
		}
		if s, ok := m["text"].(string); ok {
			c.text += utf8.RuneCountInString(s)
		}
		o.check(c, at, m)
	}
}

// plain takes a text without marks.
func plain(high int) check { return written(high, "plain_text") }

// marked takes a text with or without marks.
func marked(high int) check { return written(high, "plain_text", "mrkdwn") }

// of takes an object.
func of(o object) check {
	return func(c *checker, at string, v any) {
		if m, _ := c.as(at, v); m != nil {
			o.check(c, at, m)
		}
	}
}

// id takes the id of a block or an action, which no other has.
func (c *checker) id(at string, m map[string]any, field string, seen map[string]bool) {
	text(1, 255)(c, at+"/"+field, m[field])
	s, _ := m[field].(string)
	if seen[s] {
		c.refuse(at+"/"+field, "`%s` already exists", field)
	}
	seen[s] = true
}

// block looks at a block.
func (c *checker) block(at string, v any) {
	m, kind := c.as(at, v)
	if m == nil {
		return
	}
	o, ok := blockTypes[kind]
	if !ok {
		c.refuse(at+"/type", "unsupported type: %s", kind)
		return
	}
	if m["block_id"] == nil || m["block_id"] == "" {
		m["block_id"] = newID("")[:5]
	}
	c.actions = map[string]bool{}
	c.id(at, m, "block_id", c.blocks)
	switch kind {
	case "section":
		if m["text"] == nil && m["fields"] == nil {
			c.refuse(at, "missing required field: text")
		}
	case "input":
		c.inputs++
	}
	if o.may != nil {
		o.check(c, at, m)
	}
}

// element takes one of some elements.
func element(kinds ...string) check {
	return func(c *checker, at string, v any) {
		m, kind := c.as(at, v)
		if m == nil {
			return
		}
		o, ok := elementTypes[kind]
		if !ok || !slices.Contains(kinds, kind) {
			c.refuse(at+"/type", "unsupported type: %s", kind)
			return
		}
		if kind != "image" {
			if m["action_id"] == nil || m["action_id"] == "" {
				m["action_id"] = newID("")[:5]
			}
			c.id(at, m, "action_id", c.actions)
		}
		o.check(c, at, m)
		c.choices(at, m)
	}
}

// choices looks whether there is something to choose, and whether what is chosen at first can be.
func (c *checker) choices(at string, m map[string]any) {
	if kind, _ := m["type"].(string); strings.HasSuffix(kind, "static_select") && (m["options"] == nil) == (m["option_groups"] == nil) {
		c.refuse(at, "must have either options or option_groups")
	}
	if m["initial_option"] != nil && !offered(m, m["initial_option"]) {
		c.refuse(at+"/initial_option", "must be one of the provided options")
	}
	several, _ := m["initial_options"].([]any)
	for i, o := range several {
		if !offered(m, o) {
			c.refuse(at+"/initial_options/"+strconv.Itoa(i), "must be one of the provided options")
		}
	}
	if low, high := m["min_length"], m["max_length"]; low != nil && high != nil {
		l, _ := low.(float64)
		h, _ := high.(float64)
		if l > h {
			c.refuse(at+"/min_length", "must be no more than max_length")
		}
	}
}

// offered says whether an element has an option.
func offered(m map[string]any, option any) bool {
	for _, o := range optionsOf(m) {
		if string(encode(o)) == string(encode(option)) {
			return true
		}
	}
	return false
}

// optionsOf returns an element's options, those in groups among them.
func optionsOf(m map[string]any) []map[string]any {
	var found []map[string]any
	add := func(v any) {
		l, _ := v.([]any)
		for _, o := range l {
			if o, ok := o.(map[string]any); ok {
				found = append(found, o)
			}
		}
	}
	add(m["options"])
	groups, _ := m["option_groups"].([]any)
	for _, g := range groups {
		if g, ok := g.(map[string]any); ok {
			add(g["options"])
		}
	}
	return found
}

// all looks at some blocks.
func (c *checker) all(at string, blocks []any, high int) {
	if len(blocks) > high {
		c.refuse(at, "no more than %d items allowed", high)
	}
	for i, b := range blocks {
		c.block(at+"/"+strconv.Itoa(i), b)
	}
}

// checkMessageBlocks returns the blocks of a message with an id for each, nil when there are none, or what Slack refuses them with.
func checkMessageBlocks(raw []byte) (json.RawMessage, error) {
	var blocks []any
	if err := json.Unmarshal(raw, &blocks); err != nil {
		return nil, refuse("invalid_blocks_format")
	}
	c := checker{blocks: map[string]bool{}}
	c.all("/blocks", blocks, maxBlocks)
	switch {
	case len(c.wrong) > 0:
		return nil, refuse("invalid_blocks", c.wrong...)
	case c.text > maxBlocksText:
		return nil, refuse("msg_blocks_too_long")
	case len(blocks) == 0:
		return nil, nil
	}
	return encode(blocks), nil
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

func isClock(s string) bool {
	_, err := time.Parse("15:04", s)
	return err == nil
}
