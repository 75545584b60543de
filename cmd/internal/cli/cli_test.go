package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// What people read, command by command. Every answer is one that the API's document allows.
func TestOutput(t *testing.T) {
	for _, tt := range []struct {
		name    string
		args    string
		answers map[string][]reply
		code    int
	}{
		{name: "status", args: "engagement status northgate-2027"},
		{name: "status_draft", args: "engagement status northgate-2027", answers: get("/engagements/northgate-2027/status", ok("status_draft"))},
		{name: "status_paused", args: "engagement status northgate-2027",
			answers: get("/engagements/northgate-2027/status", ok("status_paused"))},
		{name: "status_cancelled", args: "engagement status northgate-2027",
			answers: get("/engagements/northgate-2027/status", ok("status_cancelled"))},
		{name: "status_completed", args: "engagement status northgate-2027",
			answers: get("/engagements/northgate-2027/status", ok("status_completed"))},
		{name: "status_window", args: "engagement status northgate-2027",
			answers: get("/engagements/northgate-2027/status", ok("status_window"))},
		{name: "status_two_reports", args: "engagement status northgate-2027",
			answers: get("/engagements/northgate-2027/status", but("status_window", `"report": "2028-01-04"`, `"report": "2028-01-04", "reports": [
				{"kind": "type1", "name": "type 1 report", "promised": "2027-08-23", "expected": "2027-08-25", "late": 2},
				{"kind": "type2", "name": "type 2 report", "promised": "2028-01-04", "expected": "2028-01-04", "late": 0}]`))},
		{name: "status_history", args: "engagement status northgate-2027 --history",
			answers: get("/engagements/northgate-2027/status", but("status_window", `"report": "2028-01-04"`, `"report": "2028-01-04", "history": [
				{"day": "2027-07-01", "report": "type2", "expected": "2028-01-04", "cautious": "2028-01-12", "late": 0, "percent": 40},
				{"day": "2027-07-02", "report": "type2", "expected": "2028-01-04", "cautious": "2028-01-12", "late": 0, "percent": 40},
				{"day": "2027-07-05", "report": "type2", "expected": "2028-01-07", "cautious": "2028-01-14", "late": 3, "percent": 41}]`))},
		{name: "engagement_list", args: "engagement list", answers: get("/engagements", ok("engagements_1"), ok("engagements_2"))},
		{name: "engagement_show", args: "engagement show northgate-2027"},
		{name: "engagement_plan", args: "engagement plan northgate-2027 --tasks"},
		{name: "engagement_timeline", args: "engagement timeline northgate-2027"},
		{name: "engagement_muted", args: "engagement show northgate-2027",
			answers: get("/engagements/northgate-2027", but("engagement", `"status": "running"`, `"status": "running", "muted": true`))},
		{name: "status_muted", args: "engagement status northgate-2027",
			answers: get("/engagements/northgate-2027/status", but("status_window", `"status": "running"`, `"status": "running", "muted": true`))},
		{name: "engagement_mute", args: "engagement mute northgate-2027 --reason merger"},
		{name: "engagement_rehearse", args: "engagement rehearse northgate-2027 --assume late"},
		{name: "engagement_rehearse_brief", args: "engagement rehearse northgate-2027 --assume silent --brief"},
		{name: "engagement_rehearse_none", args: "engagement rehearse northgate-2027 --person ines",
			answers: get("/engagements/northgate-2027/rehearsal",
				reply{status: 200, body: `{"items":[],"people":0,` +
					`"stopped":"It is paused since Wed 2027-03-17: nothing goes out until it is resumed."}`})},
		{name: "engagement_preview", args: "engagement preview northgate-2027"},
		{name: "plan_back", args: "plan --type soc2_type1 --categories security --client fernleaf --report-by 2027-04-30",
			answers: map[string][]reply{"POST /plans": {ok("plan_back")}}},
		{name: "plan_impossible", args: "plan --type soc2_type1 --categories security --client fernleaf --kickoff 2027-01-11 --report-by " +
			"2027-02-26",
			answers: map[string][]reply{"POST /plans": {ok("plan_impossible")}}},
		{name: "plan_impossible_today", args: "plan --type soc2_type1 --categories security --client fernleaf --report-by 2027-02-26",
			answers: map[string][]reply{"POST /plans": {ok("plan_impossible")}}},
		{name: "task_list", args: "task list northgate-2027"},
		{name: "task_list_all", args: "task list --open --person kenji --due-to 2027-03-31"},
		{name: "today", args: "today --person kenji"},
		{name: "week", args: "week --person kenji"},
		{name: "changes", args: "changes --since 2027-03-15"},
		{name: "person_work", args: "person work kenji"},
		{name: "client_edit_check_nothing", args: "client edit northgate --closed-days 2031-07-05 --check",
			answers: map[string][]reply{"PATCH /clients/northgate": {but("client", "\"2027-07-05\",\n  \"2027-12-27\",\n  \"2027-12-28\"",
				`"2031-07-05"`)}}},
		{name: "task_show", args: "task show northgate-2027 RE-10"},
		{name: "task_add", args: "task add northgate-2027 --title Train --phase remediation --due 2027-04-01"},
		{name: "task_complete", args: "task complete northgate-2027 KO-04 KO-05",
			answers: map[string][]reply{"POST /engagements/northgate-2027/tasks/complete": {ok("result_replayed")}}},
		{name: "task_move", args: "task move northgate-2027 RE-10 2027-02-28 --reason ill"},
		{name: "task_move_again", args: "task move northgate-2027 RE-10 2027-02-28 --reason ill",
			answers: map[string][]reply{"POST /engagements/northgate-2027/tasks/move": {but("moves", `"replayed": false`, `"replayed": true`)}}},
		{name: "task_move_check", args: "task move northgate-2027 RE-10 RE-08 --by 5 --along --reason ill --check",
			answers: map[string][]reply{"POST /engagements/northgate-2027/tasks/move": {ok("moves_check")}}},
		{name: "phase_move", args: "phase move northgate-2027 remediation 2027-05-28 --reason ill",
			answers: map[string][]reply{"POST /engagements/northgate-2027/tasks/move": {ok("moves_check")}}},
		{name: "task_snooze", args: "task snooze northgate-2027 RE-11 2027-03-24",
			answers: get("/engagements/northgate-2027/tasks/RE-11", ok("task_snoozed"))},
		{name: "task_snoozed", args: "task show northgate-2027 RE-11",
			answers: get("/engagements/northgate-2027/tasks/RE-11", ok("task_snoozed"))},
		{name: "task_extend", args: "task extend northgate-2027 RE-11 2027-04-02 --reason leave"},
		{name: "task_extend_at_once", args: "task extend northgate-2027 RE-11 2027-03-28 --reason leave",
			answers: get("/engagements/northgate-2027/decisions",
				reply{status: 200, body: `{"items":[{"id":"D-3","kind":"task.extend","change":{"task":"RE-11","due":"2027-03-29"},"reason":"leave",
				"proposed_by":"grace","proposed_at":"2027-03-18T15:42:00Z","needs":[],"approvals":[],"state":"in_force"}]}`})},
		{name: "task_hand_over", args: "task hand-over northgate-2027 RE-11 olga --reason platform"},
		{name: "task_ask", args: "task comment northgate-2027 RE-10 account? --to olga"},
		{name: "task_asks", args: "task ask northgate-2027 RE-10 account? --to olga",
			answers: map[string][]reply{"POST /engagements/northgate-2027/tasks/RE-10/questions": {reply{status: 200,
				body: `{"revision":413,"created":"Q-2","replayed":false}`}}}},
		{name: "task_comment_answers", args: "task comment northgate-2027 RE-10 1234",
			answers: map[string][]reply{"POST /engagements/northgate-2027/tasks/RE-10/comments": {reply{status: 200,
				body: `{"revision":413,"created":"Q-2","replayed":false}`}}}},
		{name: "task_answer", args: "task answer northgate-2027 Q-2 1234"},
		{name: "task_questions", args: "task questions northgate-2027"},
		{name: "gate_list", args: "gate list northgate-2027"},
		{name: "decision_list", args: "decision list northgate-2027"},
		{name: "decision_list_ended", args: "decision list northgate-2027",
			answers: get("/engagements/northgate-2027/decisions",
				reply{status: 200, body: `{"items":[{"id":"D-3","kind":"as_of.move","rule":"RT-03","change":{"as_of":"2027-06-07"},
				"reason":"the training slips","proposed_by":"ines","proposed_at":"2027-03-18T15:42:00Z","needs":["sponsor"],
				"approvals":[{"role":"sponsor","by":"ruth","at":"2027-03-19T08:00:00Z","yes":false,"reason":"we promised June"}],"state":"refused",
				"closed_at":"2027-03-19T08:00:00Z","closed_by":"ruth","closed_why":"we promised June"},{"id":"D-2","kind":"as_of.move","rule":"RT-03",
				"change":{"as_of":"2028-06-07"},"reason":"the training slips","proposed_by":"ines","proposed_at":"2027-03-18T15:40:00Z",
				"needs":["sponsor"],"approvals":[],"state":"withdrawn","closed_at":"2027-03-18T15:42:00Z","closed_by":"ines",
				"closed_why":"replaced by D-3"},{"id":"D-1","kind":"task.extend","change":{"task":"RE-11","due":"2027-03-29"},"reason":"leave",
				"proposed_by":"grace","proposed_at":"2027-03-17T15:42:00Z","needs":["pm"],"approvals":[],"state":"refused",
				"closed_at":"2027-03-18T09:00:00Z","closed_why":"it is due 2027-03-29 already"}]}`})},
		{name: "decision_show", args: "decision show northgate-2027 D-2"},
		{name: "decision_show_in_force", args: "decision show northgate-2027 D-1"},
		{name: "kickoff", args: "engagement kickoff northgate-2027 2027-01-25 --reason ill"},
		{name: "decision_withdraw", args: "decision withdraw northgate-2027 D-2 --reason typo"},
		{name: "decision_approve", args: "decision approve northgate-2027 D-1"},
		{name: "decision_approve_pending", args: "decision approve northgate-2027 D-2"},
		{name: "as_of", args: "engagement as-of northgate-2027 2027-06-07 --reason late"},
		{name: "firm_show", args: "firm show"},
		{name: "firm_set", args: "firm set --closed-days 2027-12-24,2027-12-31 --if-revision 3"},
		{name: "firm_timeline", args: "firm timeline --kind firm.updated --newest"},
		{name: "client_show", args: "client show northgate"},
		{name: "client_edit_check", args: "client edit northgate --closed-days 2027-07-05,2027-12-27,2027-12-28 --check",
			answers: map[string][]reply{"PATCH /clients/northgate": {but("client", `"revision": 3,`,
				`"revision": 3, "moves": {"more": 2, "engagements": [{
				"engagement": "northgate-2027", "name": "SOC 2", "late_before": 1, "late_after": 0, "health_before": "late", "health_after": "at_risk",
				"report_before": "2027-09-03", "report_after": "2027-09-06", "dates": [
				{"task": "RE-10", "title": "Train everybody", "field": "due", "from": "2027-07-05", "to": "2027-07-06"},
				{"task": "WI-01.IAM-07.2027-Q4", "title": "Review access", "field": "send_by", "from": "2027-12-27", "to": "2027-12-29"}]}]},`)}}},
		{name: "country_list", args: "country list --q a"},
		{name: "client_list", args: "client list"},
		{name: "client_list_none", args: "client list --q zzz", answers: get("/clients", reply{status: 200, body: `{"items":[]}`})},
		{name: "functions", args: "client functions show northgate"},
		{name: "functions_set", args: "client functions set northgate security_lead kenji --backup olga"},
		{name: "functions_set_stays", args: "client functions set northgate security_lead kenji",
			answers: map[string][]reply{"PUT /clients/northgate/functions/security_lead": {ok("function_stays")}}},
		{name: "person_deactivate", args: "person deactivate kenji --to olga"},
		{name: "person_deactivate_check", args: "person deactivate kenji --to olga --check",
			answers: map[string][]reply{"POST /people/kenji/hand-over": {ok("handed_check")}}},
		{name: "person_hand_over", args: "person hand-over kenji --engagement northgate-2027=olga --function it_lead= --task e1/KO-12=ruth"},
		{name: "engagement_hand_over", args: "engagement hand-over northgate-2027 --from ines --to noor --task KO-12=marta"},
		{name: "client_channel", args: "client channel show northgate"},
		{name: "client_channel_none", args: "client channel show northgate",
			answers: get("/clients/northgate/channel", reply{status: 200, body: `{}`})},
		{name: "person_messaging", args: "person messaging show kenji"},
		{name: "person_messaging_none", args: "person messaging show ines", answers: get("/people/ines/messaging", reply{status: 200,
			body: `{"channel":"none","prefer":"mail","digest_at":"08:30","time_zone":"America/New_York","summary":true,` +
				`"mail_off":false,"slack":[],"absences":[],"revision":1}`})},
		{name: "absence_add", args: "absence add kenji --from 2027-04-05 --to 2027-04-16 --stand-in olga"},
		{name: "message_list", args: "message list"},
		{name: "message_show", args: "message show 5f0c2d1e-8a4b-5c3d-9e2f-1a2b3c4d5e6f"},
		{name: "message_unwritten", args: "message show 91e3d2f0-7c45-5ab8-b1d4-6f20c8e7a931",
			answers: get("/messages/91e3d2f0-7c45-5ab8-b1d4-6f20c8e7a931", ok("message_unwritten"))},
		{name: "message_resend", args: "message resend 5f0c2d1e-8a4b-5c3d-9e2f-1a2b3c4d5e6f"},
		{name: "message_test", args: "message test ines"},
		{name: "message_health", args: "message health"},
		{name: "message_health_well", args: "message health", answers: get("/messaging/health", ok("messaging_health_well"))},
		{name: "message_health_mail", args: "message health", answers: get("/messaging/health", ok("messaging_health_mail"))},
		{name: "messaging_show", args: "messaging show"},
		{name: "messaging_pause", args: "messaging pause --reason wrong",
			answers: map[string][]reply{"POST /messaging/pause": {ok("messaging_paused")}}},
		{name: "slack_list", args: "slack list"},
		{name: "slack_show", args: "slack show hq",
			answers: get("/slack/workspaces/hq", but("workspace", `"revision"`, `"typed_at":"2027-03-17T08:00:00Z","revision"`))},
		{name: "slack_show_scopes", args: "slack show hq",
			answers: get("/slack/workspaces/hq", but("workspace", `"revision"`, `"missing_scopes":["im:history","users:read.email"],"revision"`))},
		{name: "slack_show_before", args: "slack show hq", answers: get("/slack/workspaces/hq", ok("workspace"))},
		{name: "slack_show_disconnected", args: "slack show northgate",
			answers: get("/slack/workspaces/northgate", ok("workspace_disconnected"))},
		{name: "slack_install", args: "slack install northgate"},
		{name: "slack_manifest", args: "slack manifest northgate"},
		{name: "slack_bind", args: "slack bind kenji northgate U0123456789"},
		{name: "person_list", args: "person list --inactive"},
		{name: "person_show", args: "person show kenji"},
		{name: "person_edit_check", args: "person edit kenji --closed-days 2027-04-02,2027-04-09 --open-days 2027-05-31 --check",
			answers: map[string][]reply{"PATCH /people/kenji": {but("person", `"revision": 1,`,
				`"revision": 1, "closed_days": ["2027-04-02", "2027-04-09"], "open_days": ["2027-05-31"], "moves": {"more": 0, "engagements": [{
				"engagement": "northgate-2027", "name": "SOC 2", "late_before": 0, "late_after": 0, "dates": [
				{"task": "RE-10", "title": "Train everybody", "field": "due", "from": "2027-04-02", "to": "2027-04-05"}]}]},`)}}},
		{name: "person_edit_zone", args: "person edit kenji --time-zone Asia/Tokyo --check",
			answers: map[string][]reply{"PATCH /people/kenji": {but("person", `"time_zone": "America/New_York",`,
				`"time_zone": "Asia/Tokyo", "moves": {"more": 0, "engagements": [{"engagement": "northgate-2027", "name": "SOC 2", "late_before": 1,
				"late_after": 2, "dates": [], "turn_late": [{"task": "RE-10", "title": "Train everybody"}]}]},`)}}},
		{name: "token_create", args: "token create kenji --expires 30d"},
		{name: "token_list", args: "token list kenji"},
		{name: "whoami", args: "whoami --may"},
		{name: "refused", args: "task accept northgate-2027 RE-08", code: 1,
			answers: map[string][]reply{"POST /engagements/northgate-2027/tasks/accept": {
				refuse(403, "forbidden", "RE-08 is accepted by ines, the pm, which is not you", "")}}},
		{name: "refused_field", args: "task move northgate-2027 RE-08 2027-03-20 --reason ill", code: 1,
			answers: map[string][]reply{"POST /engagements/northgate-2027/tasks/move": {refuse(400, "invalid", "2027-03-20 is a Saturday",
				"due")}}},
		{name: "pause_check", args: "engagement pause northgate-2027 --until 2027-05-03 --reason sold --check",
			answers: map[string][]reply{"POST /engagements/northgate-2027/pause": {{status: 200, body: `{
				"revision": 412, "replayed": false, "effect": [
				"48 open due dates move by 31 business days if it resumes on Mon 2027-05-03.",
				"13 open due dates stay: only a decision moves the as-of date and the window."]}`}}}},
		{name: "stale", args: "engagement pause northgate-2027 --reason sold --if-revision 400 --key K1", code: 1,
			answers: map[string][]reply{"POST /engagements/northgate-2027/pause": {refuse(412, "stale",
				"northgate-2027 is at revision 412, not 400", "If-Match")}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, tt.answers)
			r := f.run(strings.Fields(tt.args)...)
			if r.code != tt.code {
				t.Errorf("exit code %d, want %d", r.code, tt.code)
			}
			text := "$ tickmark " + tt.args + "\n" + strings.ReplaceAll(r.out, f.url, "https://tickmark.example")
			if r.err != "" {
				text += "--- stderr\n" + r.err
			}
			golden(t, tt.name, text)
			for line := range strings.Lines(r.out) {
				if n := len([]rune(line)) - 1; n > 100 && narrow.MatchString(tt.name) && !aligns.MatchString(line) {
					t.Errorf("a line of %d characters: %s", n, line)
				}
				if strings.TrimRight(line, " \n") != strings.TrimRight(line, "\n") {
					t.Errorf("a line ends in spaces: %q", line)
				}
			}
		})
	}
}

// aligns are the lines of tables, which are whole where they are not printed on a terminal: see TestTablesFitTheTerminal.
var aligns = regexp.MustCompile(`\S {2,}\S`)

// narrow are the answers none of whose lines is broken by a terminal of 100 columns.
var narrow = regexp.MustCompile(
	`^(status|plan|message|messaging|engagement_(rehearse|preview)|task_(snooze|extend$|hand|ask)|person_messaging|absence|` +
		`slack_(list|show|bind)|client_channel)`)

func get(path string, answers ...reply) map[string][]reply {
	return map[string][]reply{"GET " + path: answers}
}

// With --json the answer is printed as it came.
func TestJSON(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ args, file string }{
		{"engagement status northgate-2027 --json", "status"},
		{"client show northgate --json", "client"},
		{"task complete northgate-2027 KO-04 --json", "result"},
		{"engagement plan northgate-2027 --json", "plan"},
		{"token create kenji --json", "token_issued"},
		{"decision list northgate-2027 --json", "decisions"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			t.Parallel()
			r := newFake(t, nil).run(strings.Fields(tt.args)...)
			want, _ := os.ReadFile(filepath.Join("testdata", "api", tt.file+".json"))
			if r.code != 0 || r.out != string(want) {
				t.Errorf("exit code %d, and printed:\n%s\n%s", r.code, r.out, r.err)
			}
		})
	}
}

// Lists are read to their end, or as far as was asked.
func TestPages(t *testing.T) {
	t.Parallel()
	answers := func() map[string][]reply { return get("/engagements", ok("engagements_1"), ok("engagements_2")) }
	for _, tt := range []struct {
		name  string
		args  string
		calls string
		lines int
	}{
		{"all", "engagement list --health late --sort=-forecast",
			"GET /engagements?live=true&health=late&sort=-forecast&limit=200, " +
				"GET /engagements?live=true&health=late&sort=-forecast&cursor=bWVyaWRpYW4&limit=200", 11},
		{"limit", "engagement list --limit 2", "GET /engagements?live=true&limit=2", 6},
		{"limit across pages", "engagement list --limit 4", "GET /engagements?live=true&limit=4, " +
			"GET /engagements?live=true&cursor=bWVyaWRpYW4&limit=2", 11},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, answers())
			r := f.run(strings.Fields(tt.args)...)
			var calls []string
			for _, c := range f.calls() {
				calls = append(calls, c.call)
			}
			if got := strings.Join(calls, ", "); got != tt.calls {
				t.Errorf("asked %s", got)
			}
			if n := strings.Count(r.out, "\n"); n != tt.lines {
				t.Errorf("printed %d lines:\n%s", n, r.out)
			}
		})
	}
}

// Every command says what it does, shows how, and what it shows is right: it is carried out.
func TestExamples(t *testing.T) {
	t.Chdir("../../..") // the examples name docs/examples
	home := t.TempDir() // and secrets
	for _, name := range []string{"bot-token", "signing-secret", "app-token", "client-secret"} {
		if err := os.WriteFile(filepath.Join(home, name), []byte("0123456789abcdef\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var walk func(c *cobra.Command)
	n := 0
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			walk(sub)
		}
		if c.HasSubCommands() {
			return
		}
		if c.Short == "" || c.Example == "" {
			t.Errorf("%s has no example or does not say what it does", c.CommandPath())
		}
		for line := range strings.Lines(c.Example) {
			line = strings.TrimSpace(line)
			if strings.HasPrefix(line, "export ") {
				continue
			}
			n++
			t.Run(strings.TrimPrefix(line, "tickmark "), func(t *testing.T) {
				f := newFake(t, nil)
				f.plans = plannedByTheRules
				line := strings.ReplaceAll(line, "~", home)
				if r := f.runWith(map[string]string{"TICKMARK_TOKEN": secret}, "0123456789abcdef\n", words(line)[1:]...); r.code != 0 || r.out == "" {
					t.Errorf("exit code %d\n%s%s", r.code, r.out, r.err)
				}
			})
		}
	}
	walk(newApp(nil, nil, nil, os.Getenv).root())
	if n < 40 {
		t.Errorf("only %d examples", n)
	}
}

// words splits a command line as a shell does, as far as the examples need it.
func words(line string) []string {
	var out []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			out = append(out, part)
			continue
		}
		out = append(out, strings.Fields(part)...)
	}
	return out
}

// What is written wrongly is refused before anything is sent.
func TestUsage(t *testing.T) {
	t.Parallel()
	f := newFake(t, nil)
	var text strings.Builder
	for _, args := range []string{
		"task comlete", "task complete northgate-2027", "task move northgate-2027 RE-10 tomorrow --reason ill",
		"task move northgate-2027 RE-10 2027-04-16", "task move northgate-2027 RE-10 --reason ill", "phase move northgate-2027 --by 2 --reason x",
		"task move northgate-2027 2027-04-16 --reason ill", "phase move northgate-2027 gap --reason ill",
		"phase move northgate-2027 gap someday --reason ill", "phase move northgate-2027 gap 2027-05-28 x --reason ill",
		"task show northgate-2027 ../..", "engagement show Northgate", "engagement list --helth late",
		"engagement window northgate-2027 --reason late",
		"engagement window northgate-2027 --open 2027-02-30 --reason late", "client edit northgate", "firm set",
		"firm set --closed-days christmas", "firm set Harbor", "firm close", "plan --type soc2_type1", "plan",
		"token create kenji --expires soon", "engagement start", "engagement start northgate-2027 --update", "engagement start -f nowhere.yaml",
		"engagement list --limit=-1", "engagement status northgate-2027 --url northgate", "whoami now",
		"task snooze northgate-2027 RE-11 soon", "task extend northgate-2027 RE-11 2027-04-02",
		"task hand-over northgate-2027 RE-11 --reason leave",
		"engagement mute northgate-2027", "engagement rehearse northgate-2027 --assume never", "message show ../..", "messaging set",
		"messaging set --clients-at 9",
		"messaging set --team-at=", "messaging pause", "person messaging edit kenji", "absence add kenji --from 2027-04-05", "slack edit hq",
		"slack show Hq",
		"slack add Harbor --bot-token xoxb-1", "slack add Harbor --bot-token-file nowhere",
		"slack add Harbor --bot-token-file - --app-token-file -",
		"slack add Harbor --signing-secret-file -", "slack bind kenji northgate", "client channel set northgate",
		"client channel set northgate --none --channel C0123456789",
		"client channel set northgate --workspace hq", "engagement",
	} {
		r := f.run(strings.Fields(args)...)
		if want := exitUsage; r.code != want && args != "engagement" {
			t.Errorf("%s: exit code %d, want %d", args, r.code, want)
		}
		if args != "engagement" {
			fmt.Fprintf(&text, "$ tickmark %s\n%s", args, r.err)
		}
	}
	if calls := f.calls(); len(calls) > 0 {
		t.Errorf("something was sent: %v", calls)
	}
	golden(t, "usage", text.String())
}

// Nothing that a server tells steers the terminal, or turns or hides a part of a line.
func TestClean(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"a\x1b[2Jb\nc": "a [2Jb c", "pay\u202elap\u202c": "paylap", "zero\u200b\u2060\ufeff width": "zero width",
		"\u2066in\u2069": "in", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
	} {
		if got := clean(given); got != want {
			t.Errorf("%q became %q, want %q", given, got, want)
		}
	}
}

// A day is one somewhere: whoever shows an instant as a date says where, by models.DateIn. A date that is made of an instant by its format
// is that of UTC, which is another day than people's for some hours.
func TestDatesOfInstantsAreSomewheres(t *testing.T) {
	t.Parallel()
	looked := 0
	for _, dir := range []string{".", "../../../models/engagement", "../../../models/reminders"} {
		files, err := filepath.Glob(filepath.Join(here, dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			looked++
			if !strings.HasSuffix(file, "_test.go") && strings.Contains(string(text), `Format("2006-01-02")`) {
				t.Errorf("%s shows an instant as a date of nowhere: use models.DateIn", file)
			}
		}
	}
	if looked < 60 {
		t.Errorf("only %d files were looked at", looked)
	}
}

// Every way back that the server takes has words of its own.
func TestWaysBackHaveWords(t *testing.T) {
	t.Parallel()
	for _, rule := range []string{"RT-02", "RT-04", "RT-08", "RT-12", "RT-13"} {
		f := newFake(t, nil)
		r := f.run("engagement", "return", "northgate-2027", rule, "--reason", "so it is")
		if w := wayBack(rule); r.code != 0 || strings.Contains(r.out, rule) || !strings.Contains(r.out, w.does) {
			t.Errorf("%s: %s%s", rule, r.out, r.err)
		}
	}
}
