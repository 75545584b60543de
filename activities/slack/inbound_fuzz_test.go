package slack

import "testing"

// FuzzInbound reads any text as what Slack sends: a click, an answer, a command or an event. It is read or refused, and no more.
func FuzzInbound(f *testing.F) {
	for _, seed := range []string{"", "null", "[]", "{}", `"x"`, `{"type":"block_actions"}`, `{"type":"block_actions","actions":null}`,
		`{"type":"block_actions","actions":[null]}`, `{"type":"block_actions","actions":[{"action_id":"done","value":"e1|do:X-1"}]}`,
		`{"type":"block_actions","actions":[{"action_id":"menu","selected_option":{"value":"snooze|e1|do:X-1"}}],"view":{"type":"home"}}`,
		`{"type":"view_submission","view":{"id":"V1","callback_id":"tickmark_form","private_metadata":"{}",` +
			`"state":{"values":{"a":{"a":{"type":"plain_text_input","value":"x"}}}}}}`,
		`{"type":"view_submission","view":{"callback_id":"tickmark_form","private_metadata":"null","state":{"values":{"a":null}}}}`,
		`{"type":"view_submission","view":{"state":null,"blocks":[null,{"type":"input"}]}}`,
		`{"text":"status e1","user_id":"U1","response_url":"https://hooks.slack.com/x"}`, `{"text":7}`,
		`{"event":{"type":"user_change","user":{"id":"U1","profile":{"email":"olga@northgate.test"},"deleted":true}}}`,
		`{"event":{"type":"app_home_opened","user":"U1","tab":"home"}}`, `{"event":{"user":[]}}`, `{"event":{"tokens":{"bot":["U1"]}}}`,
		`{"event":{"type":"channel_id_changed","old_channel_id":"C1","new_channel_id":"C2"}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if a, err := ReadAction(body); err == nil && a.Click != nil && a.Sent != nil {
			t.Errorf("%q is a click and an answer", body)
		}
		_, _ = ReadSlash(body) // read or refused
		_, _ = ReadEvent(body)
	})
}
