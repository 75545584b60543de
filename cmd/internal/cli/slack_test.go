package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Secrets come from files or the standard input, and are shown nowhere.
func TestSlackSecrets(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "bot-token")
	if err := os.WriteFile(file, []byte("xoxb-0123456789-abc\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := newFake(t, nil)
	for _, tt := range []struct {
		args []string
		body string
	}{
		{[]string{"slack", "add", "Harbor", "-v", "--bot-token-file", file, "--signing-secret-file", "-"},
			`{"name":"Harbor","signing_secret":"0123456789abcdef","token":"xoxb-0123456789-abc"}`},
		{[]string{"slack", "edit", "hq", "-v", "--signing-secret-file", "-", "--end-former"},
			`{"end_former":true,"signing_secret":"0123456789abcdef"}`},
		{[]string{"slack", "edit", "hq", "-v", "--end-former"}, `{"end_former":true}`},
		{[]string{"slack", "edit", "hq", "-v", "--client-secret-file", "-", "--client-id", "1.2", "--socket-mode=false"},
			`{"client_id":"1.2","client_secret":"0123456789abcdef","socket_mode":false}`},
	} {
		r := f.runWith(map[string]string{"TICKMARK_TOKEN": secret}, "0123456789abcdef\n", tt.args...)
		if r.code != 0 || strings.Contains(r.out+r.err, "xoxb-") || strings.Contains(r.out+r.err, "abcdef") {
			t.Errorf("%v: exit code %d\n%s%s", tt.args, r.code, r.out, r.err)
		}
		if calls := f.calls(); len(calls) != 1 || strings.TrimSpace(calls[0].body) != tt.body {
			t.Errorf("%v sent %+v", tt.args, calls)
		}
	}
	if r := f.runWith(map[string]string{"TICKMARK_TOKEN": secret}, "two words\n", "slack", "edit", "hq", "--bot-token-file",
		"-"); r.code != exitUsage || strings.Contains(r.err, "two") {
		t.Errorf("exit code %d: %s", r.code, r.err)
	}
}

// What may be emptied or switched off is sent as it was written, and nothing else is.
func TestMessagingChanges(t *testing.T) {
	t.Parallel()
	f := newFake(t, nil)
	for _, tt := range []struct {
		args []string
		call string
	}{
		{[]string{"messaging", "set", "--workspace=", "--channel=", "--if-revision", "4"}, `PATCH /messaging {"channel":"","workspace":""} "4"`},
		{[]string{"messaging", "set", "--quiet-to", "07:30", "--weekly-budget", "8"}, `PATCH /messaging {"quiet_to":"07:30","weekly_budget":8} `},
		{[]string{"person", "messaging", "edit", "kenji", "--digest-at=", "--prefer=", "--summary=false"},
			`PATCH /people/kenji/messaging {"digest_at":"","prefer":"","summary":false} `},
		{[]string{"client", "channel", "set", "northgate", "--none"}, `PUT /clients/northgate/channel {} `},
		{[]string{"task", "comment", "northgate-2027", "RE-10", "The account?", "--to", "olga"},
			`POST /engagements/northgate-2027/tasks/RE-10/comments {"text":"The account?","to":"olga"} `},
		{[]string{"task", "snooze", "northgate-2027", "RE-10", "2027-03-24", "--if-revision", "412"},
			`POST /engagements/northgate-2027/tasks/RE-10/snooze {"until":"2027-03-24"} "412"`},
		{[]string{"message", "list", "--person", "kenji", "--status", "failed", "--since", "2027-03-01", "--until", "2027-03-19", "--kind",
			"now", "--limit", "5"},
			`GET /messages?person=kenji&status=failed&kind=now&since=2027-03-01&until=2027-03-19&limit=5  `},
	} {
		r := f.run(tt.args...)
		calls := f.calls()
		if len(calls) == 0 || r.code != 0 {
			t.Errorf("%v: exit code %d: %s", tt.args, r.code, r.err)
			continue
		}
		if got := calls[0].call + " " + strings.TrimSpace(calls[0].body) + " " + calls[0].match; got != tt.call {
			t.Errorf("%v sent %s", tt.args, got)
		}
	}
}
