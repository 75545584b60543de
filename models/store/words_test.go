package store

import (
	"testing"
	"time"

	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// messages3 is what the release before this one had written down of messages, in its words: a test message that Mia asked for and that
// waits, the answer she was given, a workspace whose app was removed, a decision that Sam is to approve, and what Olga was sent.
const messages3 = `
INSERT INTO deliveries (firm_id, id, kind, slot, person_id, channel, lane, workspace_id, dest, status, reason, planned_at, not_after,
	settled_at, day, missing_from, missing_to, fence, attempts, looks, sending_since, next_try, message, receipt, evidence, follows, edit_due)
	VALUES ('alpha', 'd1', 'test', 'k', 'mia', 'mail', 'alpha/mail', '', '', 'planned', '', 1773133200000000, 1773180000000000, 0,
	'2026-03-10', 'none', 'none', 0, 0, 0, 0, 0, '', '', '', '', 0);
INSERT INTO requests (firm_id, actor, key, hash, engagement_id, result, at) VALUES ('alpha', 'mia', 'again', 'h', '',
	'{"Firm":"alpha","ID":"d1","Status":"planned","Reason":"a \"Status\":\"planned\" of theirs","PlannedAt":"2026-03-10T09:00:00Z"}',
	1773133200000000);
INSERT INTO workspaces (firm_id, id, client_id, name, socket, trusted, team_id, app_id, bot_user, oauth_id, secrets, state, reason,
	state_at, look_at, created_at, revision) VALUES ('alpha', 'hq', '', 'HQ', FALSE, FALSE, 'T1', 'A1', 'B1', '', '', 'broken',
	'the app was removed', 0, 0, 0, 1);
INSERT INTO notices (firm_id, engagement_id, seq, person_id, kind, subject, actor, from_value, to_value, text, at, urgent, delivery_id)
	VALUES ('alpha', 'e1', 20, 'sam', 'word', 'D-1', 'mia', '', '', 'so it is', 1773133200000000, TRUE, '');
INSERT INTO told (firm_id, person_id, engagement_id, item, due, step, on_day, was_due, was_step)
	VALUES ('alpha', 'olga', 'e1', 'do:X-1', '2026-03-09', 0, '2026-03-10', 'none', 0);
`

// On Tuesday Mia has asked for a test message, and before it goes out the release comes that calls things otherwise. The message goes out,
// the same request is answered alike, and nobody is sent again what they were sent.
func TestMigrateTheWordsOfMessages(t *testing.T) {
	bare(t, func(t *testing.T, dsn string) {
		ctx := t.Context()
		root := open(t, dsn)
		at(t, root, 1)
		pool, err := root.db.DB()
		check(t, err)
		_, err = pool.ExecContext(ctx, version1)
		check(t, err)
		at(t, root, 3)
		_, err = pool.ExecContext(ctx, messages3)
		check(t, err)
		check(t, root.Migrate(ctx))

		s, nine := root.For("alpha"), time.Date(2026, time.March, 10, 9, 0, 0, 0, time.UTC)
		due, err := s.Due(ctx, "alpha/mail", 10)
		check(t, err)
		if len(due) != 1 || due[0].Status != reminders.DeliveryScheduled || !due[0].ScheduledAt.Equal(nine) {
			t.Errorf("what is to be sent: %+v", due)
		}
		again, err := s.ScheduleByHand(ctx, Once{Actor: "mia", Key: "again", Hash: "h"}, reminders.Delivery{}, nine)
		check(t, err)
		if again.ID != "d1" || again.Status != reminders.DeliveryScheduled || !again.ScheduledAt.Equal(nine) ||
			again.Reason != `a "Status":"planned" of theirs` {
			t.Errorf("asked for again, it is %+v", again)
		}
		w, err := s.Workspace(ctx, "hq")
		check(t, err)
		if w.State != reminders.WorkspaceDisconnected || w.Reason != "the app was removed" {
			t.Errorf("the workspace is %+v", w)
		}
		notices, err := s.Notices(ctx, "sam")
		check(t, err)
		if len(notices) != 1 || notices[0].Kind != engagement.NoticeApproval {
			t.Errorf("sam is to hear %+v", notices)
		}
		f, err := s.Facts(ctx, "e1", engagement.Need{})
		check(t, err)
		aud, err := s.Audience(ctx, f, true)
		check(t, err)
		sent := aud.Sent[reminders.SentKey{To: "olga", Engagement: "e1", Item: "do:X-1"}]
		if sent.Step != (reminders.Step{Due: march(9)}) || sent.On != (march(10)) {
			t.Errorf("olga was sent %+v", sent)
		}
	})
}
