package store

import (
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/reminders"
)

// What Slack says of an account is asked again: after a minute, then after two, and never after more than an hour. What its answer does not
// say does not count.
func TestDoubtsAreAskedAgain(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		w.addWorkspace(t, "hq", "")
		due := func() (out []models.PersonID) {
			t.Helper()
			all, err := w.DueDoubts(ctx, "hq", 10)
			check(t, err)
			for _, d := range all {
				out = append(out, d.Person)
			}
			return out
		}
		d := Doubt{Workspace: "hq", Person: "olga", Reason: "Slack says user_not_found"}
		check(t, w.Suspect(ctx, d, time.Minute))
		check(t, w.Suspect(ctx, Doubt{Workspace: "hq", Reason: "Slack says invalid_auth"}, 0))
		check(t, w.Suspect(ctx, Doubt{Workspace: "hq", Reason: "again"}, time.Hour)) // it stays when it was
		same(t, "who is asked about", due(), []models.PersonID{""})
		if lanes, err := root.Lanes(ctx); err != nil || len(lanes) != 1 || lanes[0].Lane != "acme/hq" {
			t.Errorf("lanes with work: %v, %v", lanes, err)
		}
		for i, want := range []time.Duration{2, 4, 8, 16, 32, 60, 60, 60} {
			tries, wait, err := w.Doubt(ctx, d, true, time.Minute)
			if err != nil || tries != i+2 || wait != want*time.Minute {
				t.Errorf("asked again: %d, after %v, %v", tries, wait, err)
			}
		}
		if tries, wait, err := w.Doubt(ctx, d, false, time.Minute); err != nil || tries != 9 || wait != time.Hour {
			t.Errorf("asked without an answer: %d, after %v, %v", tries, wait, err)
		}
		check(t, w.LookAgain(ctx, "hq", "olga@northgate.test")) // she has just joined
		same(t, "who is asked about then", due(), []models.PersonID{"", "olga"})
		check(t, w.Trust(ctx, "hq", "olga"))
		check(t, w.Trust(ctx, "hq", ""))
		same(t, "who is asked about when nothing is doubted", due(), []models.PersonID(nil))
	})
}

// Olga has confirmed her account, Ruth was only asked. Both are given up, and come back as what they were; what they were is not forgotten
// by being given up twice.
func TestWhoComesBackIsWhatTheyWere(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		w.addWorkspace(t, "hq", "")
		for p, state := range map[models.PersonID]reminders.BindingState{"olga": reminders.BindingConfirmed, "ruth": reminders.BindingAsked} {
			check(t, w.Bind(ctx, reminders.Binding{Person: p, Workspace: "hq", User: "U" + string(p), State: state,
				Email: string(p) + "@northgate.test"}, true, noon))
			check(t, w.Suspect(ctx, Doubt{Workspace: "hq", Person: p, Reason: "contradicts itself"}, time.Minute))
			for range 2 {
				check(t, w.SetBinding(ctx, p, "hq", noon, func(b *reminders.Binding) { b.State = reminders.BindingDead }))
			}
			got, err := w.Regain(ctx, p, "hq", noon)
			check(t, err)
			same(t, string(p), got, state)
			if got, err = w.Regain(ctx, p, "hq", noon); err != nil || got != state {
				t.Errorf("twice: %s, %v", got, err)
			}
		}
		check(t, w.SetBinding(ctx, "olga", "hq", noon, func(b *reminders.Binding) { b.State = reminders.BindingDead }))
		check(t, w.Bind(ctx, reminders.Binding{Person: "ines", Workspace: "hq", User: "Uolga", State: reminders.BindingConfirmed,
			Email: "ines@acme.test"}, true, noon))
		_, err := w.Regain(ctx, "olga", "hq", noon)
		refused(t, err, models.Conflict)
	})
}

// A workspace that was disconnected is asked about, and connected again unless another firm's app has taken its place; what was said of a
// former token is forgotten with it.
func TestAWorkspaceComesBack(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		was := w.addWorkspace(t, "hq", "")
		state := func() reminders.WorkspaceState {
			t.Helper()
			got, err := w.Workspace(ctx, "hq")
			check(t, err)
			return got.State
		}
		doubted := func() int {
			t.Helper()
			var n int64
			check(t, root.db.Model(&doubtRow{}).Where("firm_id = 'acme'").Count(&n).Error)
			return int(n)
		}
		check(t, w.Disconnect(ctx, "hq", "token_revoked", noon))
		same(t, "doubts", doubted(), 1)
		check(t, w.Reconnect(ctx, "hq", noon))
		same(t, "the state", state(), reminders.WorkspaceActive)
		same(t, "doubts of one that works", doubted(), 0)
		check(t, w.Suspect(ctx, Doubt{Workspace: "hq", Reason: "x"}, 0))
		_, err := w.UpdateWorkspace(ctx, Once{}, "hq", noon, func(x *reminders.Workspace) error { x.Secrets.Token += "new"; return nil })
		check(t, err)
		same(t, "doubts of another token", doubted(), 0)

		check(t, w.Disconnect(ctx, "hq", "token_revoked", noon))
		bright := newWorld(t, root, "bright")
		bright.addWorkspace(t, "own", "")
		_, err = bright.UpdateWorkspace(ctx, Once{}, "own", noon, func(x *reminders.Workspace) error {
			x.Team, x.App = was.Team, was.App
			return nil
		})
		check(t, err)
		refused(t, w.Reconnect(ctx, "hq", noon), models.Conflict)
		same(t, "the state", state(), reminders.WorkspaceDisconnected)
	})
}

// given9 is what the release before this one had given up for good: a workspace whose token was refused once, and Olga's account there.
const given9 = `
INSERT INTO workspaces (firm_id, id, client_id, name, socket, trusted, team_id, app_id, bot_user, oauth_id, secrets, state, reason,
	state_at, look_at, created_at, revision) VALUES ('alpha', 'hq', '', 'HQ', FALSE, FALSE, 'T1', 'A1', 'B1', '', '', 'disconnected',
	'Slack says invalid_auth', 0, 0, 0, 1);
INSERT INTO bindings (firm_id, person_id, workspace_id, user_id, channel, state, email_key, state_at) VALUES
	('alpha', 'olga', 'hq', 'U1', '', 'dead', 'olga@northgate.test', 0), ('alpha', 'sam', 'hq', 'U2', '', 'confirmed', 'sam@alpha.test', 0);
`

// What was given up before this release is asked again as well: the workspace first, and Olga once it works. Nobody knows any more whether
// she had confirmed her account, so that she is asked.
func TestMigrateWhatWasGivenUp(t *testing.T) {
	bare(t, func(t *testing.T, dsn string) {
		ctx := t.Context()
		root := open(t, dsn)
		at(t, root, 1)
		pool, err := root.db.DB()
		check(t, err)
		_, err = pool.ExecContext(ctx, version1)
		check(t, err)
		at(t, root, 9)
		_, err = pool.ExecContext(ctx, given9)
		check(t, err)
		check(t, root.Migrate(ctx))

		s := root.For("alpha")
		due, err := s.DueDoubts(ctx, "hq", 10)
		check(t, err)
		same(t, "what is asked first", due, []Doubt{{"hq", "", "Slack says invalid_auth", 3}})
		check(t, s.Reconnect(ctx, "hq", noon))
		due, err = s.DueDoubts(ctx, "hq", 10)
		check(t, err)
		same(t, "what is asked then", due, []Doubt{{"hq", "olga", "it cannot be written to", 1}})
		state, err := s.Regain(ctx, "olga", "hq", noon)
		check(t, err)
		same(t, "what Olga is", state, reminders.BindingAsked)
	})
}
