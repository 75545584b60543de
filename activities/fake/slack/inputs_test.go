package slackfake_test

import (
	"encoding/json"
	"net/url"
	"reflect"
	"testing"

	"github.com/slack-go/slack"

	slackfake "tickmark/activities/fake/slack"
)

// submitted returns, as Slack sends it, what an input holds that is submitted with some values, or the error.
func (w *world) submitted(t *testing.T, a *app, element string, optional bool, values map[string]string) (map[string]any, error) {
	t.Helper()
	input := rawBlock{json.RawMessage(`{"type":"input","block_id":"b","label":` + ptext("x") + `,"optional":` + map[bool]string{true: "true",
		false: "false"}[optional] + `,"element":` + element + `}`)}
	view := slack.ModalViewRequest{Type: slack.VTModal, Title: plain("x"), Submit: plain("x"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{input}}}
	v, err := w.client().OpenView(w.trigger(t, a), view)
	check(t, err)
	body, err := w.SubmitBody(v.ID, values)
	if err != nil {
		return nil, err
	}
	sent, err := url.ParseQuery(string(body))
	check(t, err)
	var payload struct {
		View struct {
			State struct {
				Values map[string]map[string]map[string]any
			}
		}
	}
	check(t, json.Unmarshal([]byte(sent.Get("payload")), &payload))
	return payload.View.State.Values["b"]["a"], nil
}

// Each kind of input says in its own way what was put in, what stood in it at first, and that nothing is in it; and takes what it can hold.
func TestKindsOfInputs(t *testing.T) {
	w := settle(t, slackfake.Options{})
	a := w.connect(t)
	options := `,"options":[` + opt("One", "1") + `,` + opt("Two", "2") + `]`
	one := map[string]any{"text": map[string]any{"type": "plain_text", "text": "One"}, "value": "1"}
	two := map[string]any{"text": map[string]any{"type": "plain_text", "text": "Two"}, "value": "2"}
	list := func(v ...any) []any { return append([]any{}, v...) }
	for _, c := range []struct {
		kind, more   string
		field        string
		first        string // of the element
		held         any    // when nothing is put in
		value        string
		put          any
		empty        any    // when it may be empty and is
		bad, neither string // what it does not take
	}{
		{"plain_text_input", "", "value", `"initial_value":"old"`, "old", "new", "new", nil, "", ""},
		{"email_text_input", "", "value", `"initial_value":"a@b.test"`, "a@b.test", "c@d.test", "c@d.test", nil, "nobody", ""},
		{"url_text_input", "", "value", `"initial_value":"http://a.test"`, "http://a.test", "http://b.test", "http://b.test", nil, "", ""},
		{"number_input", `,"is_decimal_allowed":true`, "value", `"initial_value":"1"`, "1", "2.5", "2.5", nil, "many", ""},
		{"datepicker", "", "selected_date", `"initial_date":"2027-02-01"`, "2027-02-01", "2027-03-01", "2027-03-01", nil, "2027-02-30", "soon"},
		{"timepicker", "", "selected_time", `"initial_time":"09:00"`, "09:00", "10:30", "10:30", nil, "24:00", "noon"},
		{"datetimepicker", "", "selected_date_time", `"initial_date_time":1800000000`, 1.8e9, "1800000060", 1800000060.0, nil, "soon", ""},
		{"static_select", options, "selected_option", `"initial_option":` + opt("One", "1"), one, "2", two, nil, "3", "Two"},
		{"radio_buttons", options, "selected_option", `"initial_option":` + opt("One", "1"), one, "2", two, nil, "3", ""},
		{"users_select", "", "selected_user", `"initial_user":"UANA"`, "UANA", "UBEN", "UBEN", nil, "", ""},
		{"channels_select", "", "selected_channel", `"initial_channel":"C1"`, "C1", "C2", "C2", nil, "", ""},
		{"conversations_select", "", "selected_conversation", `"initial_conversation":"C1"`, "C1", "C2", "C2", nil, "", ""},
		{"checkboxes", options, "selected_options", `"initial_options":[` + opt("One", "1") + `]`, list(one), "2\n1", list(two, one), list(),
			"3", "1\n3"},
		{"multi_static_select", options, "selected_options", `"initial_options":[` + opt("One", "1") + `]`, list(one), "2", list(two), list(),
			"3", ""},
		{"multi_users_select", "", "selected_users", `"initial_users":["UANA","UBEN"]`, list("UANA", "UBEN"), "UBEN", list("UBEN"), list(), "",
			""},
	} {
		t.Run(c.kind, func(t *testing.T) {
			bare := `{"type":"` + c.kind + `","action_id":"a"` + c.more
			holds := func(name, element string, optional bool, values map[string]string, want any) {
				t.Helper()
				got, err := w.submitted(t, a, element, optional, values)
				check(t, err)
				if got["type"] != c.kind || !reflect.DeepEqual(got[c.field], want) {
					t.Errorf("%s it holds %v, not %v", name, got, want)
				}
			}
			holds("at first", bare+","+c.first+"}", false, nil, c.held)
			holds("filled in", bare+","+c.first+"}", false, map[string]string{"b": c.value}, c.put)
			holds("left empty", bare+"}", true, nil, c.empty)
			holds("emptied", bare+","+c.first+"}", true, map[string]string{"b/a": ""}, c.empty)
			if _, err := w.submitted(t, a, bare+"}", false, nil); err == nil {
				t.Error("it was sent though it is empty")
			}
			for _, bad := range []string{c.bad, c.neither} {
				if _, err := w.submitted(t, a, bare+"}", true, map[string]string{"b": bad}); bad != "" && err == nil {
					t.Errorf("it takes %q", bad)
				}
			}
		})
	}
	if v := w.Views("T1", "UANA"); len(v) != 1 || len(a.heard()) != 0 {
		t.Error("making the body of a submission sends it")
	}
}

// What only one sees can be pressed by that one, and is told of without its message.
func TestClicksOnWhatOnlyOneSees(t *testing.T) {
	w := settle(t, slackfake.Options{})
	a := w.connect(t)
	ts, err := w.client().PostEphemeral("C1", "UANA", text("psst"), buttons("line-1", "e1|i1"))
	check(t, err)
	_, err = w.Click(slackfake.Press{Team: "T1", User: "UANA", Channel: "C1", TS: ts, Action: "done"})
	check(t, err)
	if p := a.one(t).payload(t); !p.Container.IsEphemeral || p.Container.MessageTs != ts || p.Message.Timestamp != "" ||
		p.ActionCallback.BlockActions[0].Value != "e1|i1" {
		t.Errorf("the payload is %+v", p)
	}
	if _, err := w.Click(slackfake.Press{Team: "T1", User: "UBEN", Channel: "C1", TS: ts, Action: "done"}); err == nil {
		t.Error("somebody else pressed it")
	}
}

// What is chosen beside a text is found as well, by what it offers.
func TestClicksBesideASection(t *testing.T) {
	w := settle(t, slackfake.Options{})
	a := w.connect(t)
	section := rawBlock{json.RawMessage(`{"type":"section","text":` + ptext("x") +
		`,"accessory":{"type":"static_select","action_id":"pick","option_groups":[{"label":` + ptext("g") + `,"options":[` + opt("One", "1") +
		`]}]}}`)}
	_, ts, err := w.client().PostMessage("C1", slack.MsgOptionBlocks(section))
	check(t, err)
	press := slackfake.Press{Team: "T1", User: "UANA", Channel: "C1", TS: ts, Action: "pick", Value: "1"}
	_, err = w.Click(press)
	check(t, err)
	if b := a.one(t).payload(t).ActionCallback.BlockActions[0]; b.SelectedOption.Value != "1" || b.BlockID == "" {
		t.Errorf("the action is %+v", b)
	}
	press.Value = "2"
	if _, err := w.Click(press); err == nil {
		t.Error("what is not on offer was chosen")
	}
}
