package slackfake

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// An item is an element that people act on, with the block it stands in.
type item struct {
	block, action string
	input         bool // it is the element of an input block, rather than a button or so
	optional      bool // an input that may stay empty
	element       map[string]any
}

func (i item) kind() string { return str(i.element["type"]) }

func str(v any) string {
	s, _ := v.(string)
	return s
}

// items returns what people can act on in some blocks.
func items(raw json.RawMessage) []item {
	var blocks []struct {
		Type      string           `json:"type"`
		ID        string           `json:"block_id"`
		Optional  bool             `json:"optional"`
		Elements  []map[string]any `json:"elements"`
		Element   map[string]any   `json:"element"`
		Accessory map[string]any   `json:"accessory"`
	}
	if len(raw) == 0 || json.Unmarshal(raw, &blocks) != nil { // what is kept was looked at; rich texts may be otherwise
		return nil
	}
	var found []item
	add := func(block string, element map[string]any, input, optional bool) {
		if id := str(element["action_id"]); id != "" {
			found = append(found, item{block, id, input, optional, element})
		}
	}
	for _, b := range blocks {
		switch b.Type {
		case "actions":
			for _, e := range b.Elements {
				add(b.ID, e, false, false)
			}
		case "section":
			add(b.ID, b.Accessory, false, false)
		case "input":
			add(b.ID, b.Element, true, b.Optional)
		}
	}
	return found
}

// option returns an element's option of some value, or an error when it has none. What the app looks up is taken as it is.
func (i item) option(value string) (map[string]any, error) {
	if strings.HasSuffix(i.kind(), "external_select") {
		return reply{"text": reply{"type": "plain_text", "text": value}, "value": value}, nil
	}
	for _, o := range optionsOf(i.element) {
		if o["value"] == value {
			return o, nil
		}
	}
	return nil, fmt.Errorf("%s in %s has no option %q", i.action, i.block, value)
}

// options returns several of them, given one a line.
func (i item) options(values string) ([]any, error) {
	chosen := []any{}
	for _, v := range lines(values) {
		o, err := i.option(v)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, o)
	}
	return chosen, nil
}

func lines(s string) []string { return strings.FieldsFunc(s, func(c rune) bool { return c == '\n' }) }

// chosenFields are the fields in which elements tell what was chosen, where it is a string or a list of them.
var chosenFields = map[string]string{
	"datepicker": "selected_date", "timepicker": "selected_time", "users_select": "selected_user",
	"conversations_select": "selected_conversation", "channels_select": "selected_channel",
	"multi_users_select": "selected_users", "multi_conversations_select": "selected_conversations",
	"multi_channels_select": "selected_channels",
}

// holding returns what an element tells when somebody gave it a value: several, one a line; nothing when it is empty. It returns an
// error when they cannot give it that.
func (i item) holding(value string) (reply, error) {
	told, kind := reply{"type": i.kind()}, i.kind()
	if field := chosenFields[kind]; field != "" {
		told[field] = orNil(value)
		if strings.HasPrefix(kind, "multi_") {
			told[field] = append([]string{}, lines(value)...)
		}
		return told, nil
	}
	var err error
	switch {
	case kind == "button":
		told["text"], told["value"] = i.element["text"], i.element["value"]
	case kind == "checkboxes" || strings.HasPrefix(kind, "multi_"):
		told["selected_options"], err = i.options(value)
	case kind == "overflow" || kind == "radio_buttons" || strings.HasSuffix(kind, "_select"):
		told["selected_option"], err = orNothing(value, i.option)
	case kind == "datetimepicker":
		told["selected_date_time"], err = orNothing(value, func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) })
	default:
		told["value"] = orNil(value)
	}
	return told, err
}

// orNothing reads a value, and returns nil where there is none.
func orNothing[T any](value string, read func(string) (T, error)) (any, error) {
	if value == "" {
		return nil, nil
	}
	return read(value)
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// first is what an element holds before anybody acts on it.
func (i item) first() string {
	e := i.element
	if o, ok := e["initial_option"].(map[string]any); ok {
		return str(o["value"])
	}
	var several []string
	for _, field := range []string{"initial_options", "initial_users", "initial_conversations", "initial_channels"} {
		l, _ := e[field].([]any)
		for _, v := range l {
			if o, ok := v.(map[string]any); ok {
				v = o["value"]
			}
			several = append(several, str(v))
		}
	}
	if len(several) > 0 {
		return strings.Join(several, "\n")
	}
	if at, ok := e["initial_date_time"].(float64); ok {
		return strconv.FormatInt(int64(at), 10)
	}
	for _, field := range []string{"initial_value", "initial_date", "initial_time", "initial_user", "initial_conversation",
		"initial_channel"} {
		if s := str(e[field]); s != "" {
			return s
		}
	}
	return ""
}

// allowed says what is wrong with a value of an input, as Slack's own form does before anything is sent; nil when nothing is.
func (i item) allowed(value string) error {
	switch {
	case value == "" && i.optional:
		return nil
	case value == "":
		return fmt.Errorf("the input %s is empty", i.block)
	case i.kind() == "plain_text_input":
		return i.allowedText(value)
	}
	if form, ok := inputForms[i.kind()]; ok && !form.is(value) {
		return fmt.Errorf("the input %s is no %s: %q", i.block, form.name, value)
	}
	return nil
}

// inputForms are the forms that inputs ask of their values, by the kind of the element. What is not named here takes any text.
var inputForms = map[string]struct {
	name string
	is   func(string) bool
}{
	"datepicker":       {"date", isDate},
	"timepicker":       {"time", isClock},
	"email_text_input": {"address", func(value string) bool { return strings.Contains(value, "@") }},
	"number_input": {"number", func(value string) bool {
		_, err := strconv.ParseFloat(value, 64)
		return err == nil
	}},
}

// allowedText says what is wrong with the length of a text: it has 3000 characters at most where the element says nothing.
func (i item) allowedText(value string) error {
	n := float64(utf8.RuneCountInString(value))
	low, _ := i.element["min_length"].(float64)
	high, limited := i.element["max_length"].(float64)
	if !limited {
		high = 3000
	}
	if n < low || n > high {
		return fmt.Errorf("the input %s has %v characters, not %v to %v", i.block, n, low, high)
	}
	return nil
}

// valueOf returns the value that is given for an input, by block and action or by block alone, else what it holds at first. It notes
// in used by which keys it looked for one.
func (i item) valueOf(values map[string]string, used map[string]bool) string {
	for _, key := range []string{i.block + "/" + i.action, i.block} {
		used[key] = true
		if value, ok := values[key]; ok {
			return value
		}
	}
	return i.first()
}

// set notes what an element tells.
func (v *ViewState) set(block, action string, told any) {
	if v.Values[block] == nil {
		v.Values[block] = map[string]any{}
	}
	v.Values[block][action] = told
}

// filled returns the state of some blocks when somebody has filled them in. Values are given by block, or by block/action where a block has
// several elements. It returns an error for a value that belongs nowhere or cannot be.
func filled(blocks json.RawMessage, values map[string]string, check bool) (ViewState, error) {
	state, used := ViewState{map[string]map[string]any{}}, map[string]bool{}
	for _, i := range items(blocks) {
		if kind := i.kind(); kind == "button" || kind == "overflow" {
			continue
		}
		value := i.valueOf(values, used)
		if check && i.input {
			if err := i.allowed(value); err != nil {
				return state, err
			}
		}
		told, err := i.holding(value)
		if err != nil {
			return state, err
		}
		state.set(i.block, i.action, told)
	}
	for key := range values {
		if !used[key] {
			return state, fmt.Errorf("there is no input %s", key)
		}
	}
	return state, nil
}
