package slackfake_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	slackfake "tickmark/activities/fake/slack"
)

// many repeats a piece of JSON as elements of a list, with # replaced by the number of each.
func many(n int, s string) string {
	var all []string
	for i := range n {
		all = append(all, strings.ReplaceAll(s, "#", fmt.Sprint(i)))
	}
	return strings.Join(all, ",")
}

func xs(n int) string { return strings.Repeat("x", n) }

const divider = `{"type":"divider"}`

func ptext(s string) string { return `{"type":"plain_text","text":"` + s + `"}` }

func section(s string) string {
	return `{"type":"section","text":{"type":"mrkdwn","text":"` + s + `"}}`
}

func inActions(elements string) string {
	return `{"type":"actions","elements":[` + elements + `]}`
}

func button(more string) string {
	return `{"type":"button","action_id":"a#","text":` + ptext("ok") + more + `}`
}

func opt(text, value string) string { return `{"text":` + ptext(text) + `,"value":"` + value + `"}` }

// Blocks are taken up to Slack's limits and refused beyond them, saying where. Each limit is tried on both sides.
func TestLimitsOfBlocks(t *testing.T) {
	w := settle(t, slackfake.Options{})
	for _, c := range []struct {
		name   string
		blocks string // on the side that is good
		beyond string // on the other
		where  string // of what is wrong; empty: the error has no such
	}{
		{"50 blocks", many(50, divider), many(51, divider), "/blocks"},
		{"a section", section(xs(3000)), section(xs(3001)), "/blocks/0/text/text"},
		{"characters, not bytes", section(strings.Repeat("ä", 3000)), section(strings.Repeat("ä", 3001)), "/blocks/0/text/text"},
		{"an empty text", section("x"), section(""), "/blocks/0/text/text"},
		{"a section of nothing", section("x"), `{"type":"section"}`, "/blocks/0"},
		{"fields", `{"type":"section","fields":[` + many(10, ptext("x")) + `]}`, `{"type":"section","fields":[` + many(11, ptext("x")) + `]}`,
			"/blocks/0/fields"},
		{"a field", `{"type":"section","fields":[` + ptext(xs(2000)) + `]}`, `{"type":"section","fields":[` + ptext(xs(2001)) + `]}`,
			"/blocks/0/fields/0/text"},
		{"a header", `{"type":"header","text":` + ptext(xs(150)) + `}`, `{"type":"header","text":` + ptext(xs(151)) + `}`, "/blocks/0/text/text"},
		{"a header without marks", `{"type":"header","text":` + ptext("x") + `}`, `{"type":"header","text":{"type":"mrkdwn","text":"x"}}`,
			"/blocks/0/text/type"},
		{"a context", `{"type":"context","elements":[` + many(10, ptext("x")) + `]}`,
			`{"type":"context","elements":[` + many(11, ptext("x")) + `]}`, "/blocks/0/elements"},
		{"actions", inActions(many(25, button(""))), inActions(many(26, button(""))), "/blocks/0/elements"},
		{"no actions", inActions(button("")), inActions(""), "/blocks/0/elements"},
		{"a button's text", inActions(`{"type":"button","text":` + ptext(xs(75)) + `}`),
			inActions(`{"type":"button","text":` + ptext(xs(76)) + `}`), "/blocks/0/elements/0/text/text"},
		{"a button's value", inActions(button(`,"value":"` + xs(2000) + `"`)), inActions(button(`,"value":"` + xs(2001) + `"`)),
			"/blocks/0/elements/0/value"},
		{"a button's link", inActions(button(`,"url":"` + xs(3000) + `"`)), inActions(button(`,"url":"` + xs(3001) + `"`)),
			"/blocks/0/elements/0/url"},
		{"a button's label", inActions(button(`,"accessibility_label":"` + xs(75) + `"`)),
			inActions(button(`,"accessibility_label":"` + xs(76) + `"`)), "/blocks/0/elements/0/accessibility_label"},
		{"a button's style", inActions(button(`,"style":"danger"`)), inActions(button(`,"style":"loud"`)), "/blocks/0/elements/0/style"},
		{"an action's id", inActions(`{"type":"button","text":` + ptext("x") + `,"action_id":"` + xs(255) + `"}`),
			inActions(`{"type":"button","text":` + ptext("x") + `,"action_id":"` + xs(256) + `"}`), "/blocks/0/elements/0/action_id"},
		{"actions of one id", inActions(many(2, button(""))), inActions(many(2, strings.ReplaceAll(button(""), "#", ""))),
			"/blocks/0/elements/1/action_id"},
		{"actions of one id in two blocks", inActions(button("")) + "," + inActions(button("")), inActions(button("") + "," + button("")),
			"/blocks/0/elements/1/action_id"},
		{"a block's id", `{"type":"divider","block_id":"` + xs(255) + `"}`, `{"type":"divider","block_id":"` + xs(256) + `"}`,
			"/blocks/0/block_id"},
		{"blocks of one id", many(2, `{"type":"divider","block_id":"b#"}`), many(2, `{"type":"divider","block_id":"b"}`), "/blocks/1/block_id"},
		{"an overflow", inActions(`{"type":"overflow","options":[` + many(5, opt("x", "#")) + `]}`),
			inActions(`{"type":"overflow","options":[` + many(6, opt("x", "#")) + `]}`), "/blocks/0/elements/0/options"},
		{"a select", inActions(`{"type":"static_select","options":[` + many(100, opt("x", "#")) + `]}`),
			inActions(`{"type":"static_select","options":[` + many(101, opt("x", "#")) + `]}`), "/blocks/0/elements/0/options"},
		{"a select of nothing", inActions(`{"type":"static_select","options":[` + opt("x", "y") + `]}`), inActions(`{"type":"static_select"}`),
			"/blocks/0/elements/0"},
		{"an option's text", inActions(`{"type":"overflow","options":[` + opt(xs(75), "v") + `]}`),
			inActions(`{"type":"overflow","options":[` + opt(xs(76), "v") + `]}`), "/blocks/0/elements/0/options/0/text/text"},
		{"an option's value", inActions(`{"type":"overflow","options":[` + opt("x", xs(150)) + `]}`),
			inActions(`{"type":"overflow","options":[` + opt("x", xs(151)) + `]}`), "/blocks/0/elements/0/options/0/value"},
		{"what is chosen at first", inActions(`{"type":"radio_buttons","options":[` + opt("x", "v") + `],"initial_option":` + opt("x", "v") +
			`}`),
			inActions(`{"type":"radio_buttons","options":[` + opt("x", "v") + `],"initial_option":` + opt("y", "v") + `}`),
			"/blocks/0/elements/0/initial_option"},
		{"radio buttons", inActions(`{"type":"radio_buttons","options":[` + many(10, opt("x", "#")) + `]}`),
			inActions(`{"type":"radio_buttons","options":[` + many(11, opt("x", "#")) + `]}`), "/blocks/0/elements/0/options"},
		{"a confirmation", inActions(button(`,"confirm":{"title":` + ptext(xs(100)) + `,"text":` + ptext(xs(300)) + `,"confirm":` +
			ptext(xs(30)) + `,"deny":` + ptext("no") + `}`)),
			inActions(button(`,"confirm":{"title":` + ptext(xs(101)) + `,"text":` + ptext("x") + `,"confirm":` + ptext("x") + `,"deny":` +
				ptext("no") + `}`)), "/blocks/0/elements/0/confirm/title/text"},
		{"a date", inActions(`{"type":"datepicker","initial_date":"2027-02-28"}`),
			inActions(`{"type":"datepicker","initial_date":"2027-02-30"}`), "/blocks/0/elements/0/initial_date"},
		{"a time", inActions(`{"type":"timepicker","initial_time":"23:59"}`), inActions(`{"type":"timepicker","initial_time":"24:00"}`),
			"/blocks/0/elements/0/initial_time"},
		{"an image", `{"type":"image","image_url":"` + xs(3000) + `","alt_text":"x"}`,
			`{"type":"image","image_url":"` + xs(3001) + `","alt_text":"x"}`, "/blocks/0/image_url"},
		{"an image without words", `{"type":"image","image_url":"x","alt_text":"x"}`, `{"type":"image","image_url":"x"}`, "/blocks/0"},
		{"beside a section", `{"type":"section","text":` + ptext("x") + `,"accessory":` + button("") + `}`,
			`{"type":"section","text":` + ptext("x") + `,"accessory":{"type":"plain_text_input"}}`, "/blocks/0/accessory/type"},
		{"a block of no kind", divider, `{"type":"poem"}`, "/blocks/0/type"},
		{"a block that is none", divider, `7`, "/blocks/0"},
		{"what no block has", divider, `{"type":"divider","colour":"red"}`, "/blocks/0"},
		{"an emoji in marks", `{"type":"section","text":{"type":"plain_text","text":"x","emoji":true}}`,
			`{"type":"section","text":{"type":"mrkdwn","text":"x","emoji":true}}`, "/blocks/0/text"},
		{"an input's label", `{"type":"input","label":` + ptext(xs(2000)) + `,"element":{"type":"plain_text_input"}}`,
			`{"type":"input","label":` + ptext(xs(2001)) + `,"element":{"type":"plain_text_input"}}`, "/blocks/0/label/text"},
		{"an input's length", `{"type":"input","label":` + ptext("x") + `,"element":{"type":"plain_text_input","max_length":3000}}`,
			`{"type":"input","label":` + ptext("x") + `,"element":{"type":"plain_text_input","max_length":3001}}`, "/blocks/0/element/max_length"},
		{"an input's lengths", `{"type":"input","label":` + ptext("x") + `,"element":{"type":"plain_text_input","min_length":5,"max_length":5}}`,
			`{"type":"input","label":` + ptext("x") + `,"element":{"type":"plain_text_input","min_length":6,"max_length":5}}`,
			"/blocks/0/element/min_length"},
		{"all texts together", many(4, section(xs(3000))) + "," + section(xs(1200)), many(4, section(xs(3000))) + "," + section(xs(1201)), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			post := func(blocks string) error {
				_, _, err := w.client().PostMessage("C1", text("hello"), rawBlocks(t, "["+blocks+"]"))
				return err
			}
			check(t, post(c.blocks))
			err := post(c.beyond)
			if c.where == "" {
				says(t, err, "msg_blocks_too_long")
				return
			}
			says(t, err, "invalid_blocks")
			said, _ := errors.AsType[slack.SlackErrorResponse](err)
			if !strings.Contains(strings.Join(said.ResponseMetadata.Messages, "\n"), "[json-pointer:"+c.where+"]") {
				t.Errorf("it says %q, not %s", said.ResponseMetadata.Messages, c.where)
			}
		})
	}
	resp, err := http.PostForm(w.URL()+"/api/chat.postMessage", url.Values{"token": {"xoxb-one"}, "channel": {"C1"}, "blocks": {"{"}})
	check(t, err)
	var said struct{ Error string }
	check(t, json.NewDecoder(resp.Body).Decode(&said))
	check(t, resp.Body.Close())
	if said.Error != "invalid_blocks_format" {
		t.Errorf("what is no list of blocks: %q", said.Error)
	}
}

// A rawBlock is a block as it is.
type rawBlock struct{ json.RawMessage }

func (rawBlock) BlockType() slack.MessageBlockType { return "raw" }
func (rawBlock) ID() string                        { return "" }

// rawBlocks sends blocks as they are, which the client would not make.
func rawBlocks(t *testing.T, raw string) slack.MsgOption {
	t.Helper()
	var each []json.RawMessage
	check(t, json.Unmarshal([]byte(raw), &each))
	var blocks []slack.Block
	for _, b := range each {
		blocks = append(blocks, rawBlock{b})
	}
	return slack.MsgOptionBlocks(blocks...)
}

// Views have limits of their own.
func TestLimitsOfViews(t *testing.T) {
	w := settle(t, slackfake.Options{})
	a := w.connect(t)
	for _, c := range []struct {
		name   string
		change func(*slack.ModalViewRequest)
		where  string // of what is wrong; empty: nothing is
	}{
		{"a title", func(v *slack.ModalViewRequest) { v.Title = plain(xs(24)) }, ""},
		{"a long title", func(v *slack.ModalViewRequest) { v.Title = plain(xs(25)) }, "/view/title/text"},
		{"no title", func(v *slack.ModalViewRequest) { v.Title = nil }, "/view"},
		{"a long button", func(v *slack.ModalViewRequest) { v.Submit = plain(xs(25)) }, "/view/submit/text"},
		{"another", func(v *slack.ModalViewRequest) { v.Close = plain(xs(25)) }, "/view/close/text"},
		{"inputs without a button", func(v *slack.ModalViewRequest) { v.Submit = nil }, "/view"},
		{"what the app notes", func(v *slack.ModalViewRequest) { v.PrivateMetadata = xs(3000) }, ""},
		{"too much of it", func(v *slack.ModalViewRequest) { v.PrivateMetadata = xs(3001) }, "/view/private_metadata"},
		{"a name", func(v *slack.ModalViewRequest) { v.CallbackID = xs(255) }, ""},
		{"a long one", func(v *slack.ModalViewRequest) { v.CallbackID = xs(256) }, "/view/callback_id"},
		{"another's name", func(v *slack.ModalViewRequest) { v.ExternalID = xs(256) }, "/view/external_id"},
		{"a Home", func(v *slack.ModalViewRequest) { v.Type = slack.VTHomeTab }, "/view/type"},
		{"100 blocks", func(v *slack.ModalViewRequest) { v.Blocks.BlockSet = dividers(100) }, ""},
		{"101 blocks", func(v *slack.ModalViewRequest) { v.Blocks.BlockSet = dividers(101) }, "/view/blocks"},
		{"a block that cannot be", func(v *slack.ModalViewRequest) {
			v.Blocks.BlockSet = []slack.Block{slack.NewHeaderBlock(plain(xs(151)))}
		}, "/view/blocks/0/text/text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := form()
			c.change(&v)
			_, err := w.client().OpenView(w.trigger(t, a), v)
			if c.where == "" {
				check(t, err)
				return
			}
			says(t, err, "invalid_arguments")
			said, _ := errors.AsType[slack.SlackErrorResponse](err)
			if !strings.Contains(strings.Join(said.ResponseMetadata.Messages, "\n"), "[json-pointer:"+c.where+"]") {
				t.Errorf("it says %q, not %s", said.ResponseMetadata.Messages, c.where)
			}
		})
	}
	large := form()
	large.Blocks.BlockSet = nil
	for range 90 {
		large.Blocks.BlockSet = append(large.Blocks.BlockSet, slack.NewSectionBlock(plain(xs(3000)), nil, nil))
	}
	_, err := w.client().OpenView(w.trigger(t, a), large)
	says(t, err, "view_too_large")
}

func dividers(n int) []slack.Block {
	var all []slack.Block
	for range n {
		all = append(all, slack.NewDividerBlock())
	}
	return all
}
