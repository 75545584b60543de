package post_test

import (
	"strings"
	"testing"
	"time"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// bindingOf returns who somebody is in Northgate's workspace.
func bindingOf(w *town.Town, p models.PersonID) reminders.Binding {
	w.T.Helper()
	all, err := w.Store.Bindings(w.T.Context(), p)
	town.Check(w.T, err)
	for _, b := range all {
		if b.Workspace == "northgate" {
			return b
		}
	}
	return reminders.Binding{}
}

// told counts the messages to Ines in which a text stands.
func told(w *town.Town, text string) int {
	w.T.Helper()
	n := 0
	for _, m := range w.SlackOf("ines") {
		if strings.Contains(m.Text, text) {
			n++
		}
	}
	return n
}

// asksAgain lets so many hours of real time pass, with a sweep in each quarter of them, and a morning's worth of messages.
func asksAgain(w *town.Town, hours int) {
	w.T.Helper()
	for range 4 * hours {
		w.PassFor(15 * time.Minute)
		w.Sweep()
	}
}

// Olga's direct messages get another id overnight, and her account gets that of an organization another night. Her messages come as ever,
// by Slack, though nobody does anything.
func TestOlgasIDsChange(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Morning()
		w.Settle()
		_, err := w.Slack.MoveDirect("TNORTHGATE", town.UserOf("olga"))
		town.Check(t, err)
		w.On("2027-01-15", 10)
		w.Settle()
		if n := len(w.SlackOf("olga")); n != 2 {
			t.Fatalf("at another id of her messages she has %d\n%s", n, w.Ledger())
		}
		town.Check(t, w.Slack.RenameUser("TNORTHGATE", town.UserOf("olga"), "WOLGA0001"))
		w.Task("olga", "List everybody who left since July", "2027-01-20")
		w.On("2027-01-19", 10)
		w.Settle()
		if n := len(w.Slack.MessagesTo("TNORTHGATE", "WOLGA0001")); n != 1 {
			t.Errorf("at another id of her account she has %d\n%s", n, w.Ledger())
		}
		if b := bindingOf(w, "olga"); b.User != "WOLGA0001" || b.State != reminders.BindingConfirmed {
			t.Errorf("she is %+v", b)
		}
		if n := told(w, "nothing reaches Olga"); n != 0 {
			t.Errorf("Ines was told %d times", n)
		}
	})
}

// A renamed account is taken for Olga's only where address, team and flags are hers; a guest's with her address is asked, and an account
// with another address is nobody's.
func TestNotEveryOtherAccountIsOlgas(t *testing.T) {
	for name, c := range map[string]struct {
		user  slackfake.User
		state reminders.BindingState
		id    string
	}{
		"a guest": {slackfake.User{ID: "WNEW00001", Email: "olga@northgate.test", IsRestricted: true}, reminders.BindingAsked,
			"WNEW00001"},
		"another address": {slackfake.User{ID: "WNEW00001", Email: "olga.other@northgate.test"}, reminders.BindingDead, town.UserOf("olga")},
		"an app": {slackfake.User{ID: "WNEW00001", Email: "olga@northgate.test", IsBot: true}, reminders.BindingDead,
			town.UserOf("olga")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := town.OnSQLite(t)
			w.Morning()
			town.Check(t, w.Slack.RenameUser("TNORTHGATE", town.UserOf("olga"), "WGONE0001"))
			town.Check(t, w.Slack.RenameUser("TNORTHGATE", "WGONE0001", "WGONE0002"))
			_, err := w.Slack.AddUser("TNORTHGATE", slackfake.User{ID: "WGONE0002", Email: "nobody@northgate.test", Deleted: true})
			town.Check(t, err)
			_, err = w.Slack.AddUser("TNORTHGATE", c.user)
			town.Check(t, err)
			w.Settle()
			if b := bindingOf(w, "olga"); b.State != c.state || b.User != c.id {
				t.Errorf("she is %+v\n%s", b, w.Ledger())
			}
		})
	}
}

// Olga's account is deactivated: Ines is told the same day, once. Weeks later it is back, and so is Olga, though nobody acts.
func TestAnAccountComesBack(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Morning()
		town.Check(t, w.Slack.DeactivateUser("TNORTHGATE", town.UserOf("olga")))
		w.Settle()
		if b := bindingOf(w, "olga"); b.State != reminders.BindingDead {
			t.Fatalf("she is %+v", b)
		}
		asksAgain(w, 5)
		if n := told(w, "nothing reaches Olga"); n != 1 {
			t.Errorf("Ines was told %d times\n%s", n, w.Ledger())
		}
		before := w.Slack.CallCounts("TNORTHGATE")["conversations.open"]
		asksAgain(w, 10)
		if n := w.Slack.CallCounts("TNORTHGATE")["conversations.open"] - before; n < 8 || n > 10 {
			t.Errorf("in ten hours Slack was asked %d times", n)
		}
		town.Check(t, w.Slack.ReactivateUser("TNORTHGATE", town.UserOf("olga")))
		asksAgain(w, 1)
		if b := bindingOf(w, "olga"); b.State != reminders.BindingConfirmed {
			t.Errorf("she is %+v", b)
		}
	})
}

// Kenji was asked whether an account is his and has not answered when it is deactivated: when it is back he is still to be asked.
func TestWhoWasOnlyAskedIsAskedAgain(t *testing.T) {
	w := town.OnSQLite(t)
	w.Fresh("northgate")
	w.Sweep()
	if b := bindingOf(w, "kenji"); b.State != reminders.BindingAsked {
		t.Fatalf("he is %+v", b)
	}
	town.Check(t, w.Store.SetBinding(t.Context(), "kenji", "northgate", w.Now(),
		func(b *reminders.Binding) { b.State = reminders.BindingDead }))
	asksAgain(w, 2)
	if b := bindingOf(w, "kenji"); b.State != reminders.BindingAsked {
		t.Errorf("he is %+v", b)
	}
}

// Slack goes on not to take the app's token: that is asked three times before it is believed, and Ines is told. An hour after the token is
// good again the workspace is connected by itself.
func TestAWorkspaceIsASuspicionFirst(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Morning()
		state := func() reminders.WorkspaceState {
			t.Helper()
			ws, err := w.Store.Workspace(t.Context(), "northgate")
			town.Check(t, err)
			return ws.State
		}
		w.Slack.AddFaults(slackfake.Fault{Team: "TNORTHGATE", Kind: slackfake.FaultError, Error: "invalid_auth"})
		w.Sweep()
		if n := w.Slack.CallCounts("TNORTHGATE")["auth.test"]; state() != reminders.WorkspaceActive || n != 0 {
			t.Errorf("after one word it is %s, asked %d times", state(), n)
		}
		w.Settle()
		if n := w.Slack.CallCounts("TNORTHGATE")["auth.test"]; state() != reminders.WorkspaceDisconnected || n != 2 {
			t.Errorf("after three words it is %s, asked %d times", state(), n)
		}
		asksAgain(w, 3)
		if n := told(w, "The Slack workspace TNORTHGATE is not connected any more"); n != 1 {
			t.Errorf("Ines was told %d times", n)
		}
		w.Slack.ClearFaults()
		asksAgain(w, 1)
		if state() != reminders.WorkspaceActive {
			t.Errorf("it is still %s", state())
		}
		w.On("2027-01-14", 10)
		w.Settle()
		if n := len(w.SlackOf("olga")); n != 1 {
			t.Errorf("the next day Olga has %d messages\n%s", n, w.Ledger())
		}
	})
}

// Who is told by Slack itself that its app was removed does not wait; that it is back is found out all the same.
func TestARemovedAppThatIsBack(t *testing.T) {
	w := town.OnSQLite(t)
	town.Check(t, w.Post.Disconnected(t.Context(), w.Store, "northgate", "the app was removed from the workspace"))
	w.Slack.AddFaults(slackfake.Fault{Method: "auth.test", Team: "TNORTHGATE", Kind: slackfake.FaultSwapped})
	asksAgain(w, 2)
	if ws, err := w.Store.Workspace(t.Context(), "northgate"); err != nil || ws.State != reminders.WorkspaceDisconnected {
		t.Errorf("a token of another workspace connects it: %s, %v", ws.State, err)
	}
	w.Slack.ClearFaults()
	asksAgain(w, 1)
	if ws, err := w.Store.Workspace(t.Context(), "northgate"); err != nil || ws.State != reminders.WorkspaceActive || ws.Reason != "" {
		t.Errorf("%s (%s), %v", ws.State, ws.Reason, err)
	}
}

// Slack refuses to look Kenji up: Olga and Ruth are found all the same, and Kenji within the hour after it does not refuse any more.
func TestARefusedLookUpStopsNoOther(t *testing.T) {
	for name, f := range map[string]slackfake.Fault{
		"refused": {Kind: slackfake.FaultError, Error: "missing_scope"}, "odd": {Kind: slackfake.FaultBare},
		"another": {Kind: slackfake.FaultSwapped}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := town.OnSQLite(t)
			w.Fresh("northgate")
			w.Slack.SetFaultFunc(func(c slackfake.Call) *slackfake.Fault {
				if c.Method == "users.lookupByEmail" && c.Args["email"] == "kenji@northgate.test" {
					return &f
				}
				return nil
			})
			w.Sweep()
			for p, want := range map[models.PersonID]reminders.BindingState{"kenji": "", "olga": reminders.BindingAsked,
				"ruth": reminders.BindingAsked} {
				if b := bindingOf(w, p); b.State != want {
					t.Errorf("%s is %+v", p, b)
				}
			}
			asksAgain(w, 4)
			w.Slack.SetFaultFunc(nil)
			asksAgain(w, 1)
			if b := bindingOf(w, "kenji"); b.State != reminders.BindingAsked {
				t.Errorf("kenji is %+v", b)
			}
		})
	}
}

// Slack refuses every look-up: the others of a shift are left alone after three, so that it is not asked for nobody's good.
func TestNotEverybodyIsLookedForInVain(t *testing.T) {
	w := town.OnSQLite(t)
	for _, id := range []models.PersonID{"anna", "bela", "carl", "dora", "emil", "fred"} {
		_, err := w.Store.CreatePerson(t.Context(), store.Once{}, modelstest.Newcomer(id, models.RoleOwner), w.Now())
		town.Check(t, err)
	}
	w.Slack.AddFaults(slackfake.Fault{Method: "users.lookupByEmail", Team: "TNORTHGATE", Kind: slackfake.FaultError, Error: "missing_scope"})
	w.Sweep()
	if n := w.Slack.CallCounts("TNORTHGATE")["users.lookupByEmail"]; n != 3 {
		t.Errorf("Slack was asked %d times", n)
	}
}

// Slack asks to wait a year, or 292, with look-ups: messages go out as ever, and an hour later somebody is looked for, once.
func TestAWaitIsOfOneMethodAndAnHour(t *testing.T) {
	for _, kind := range []slackfake.FaultKind{slackfake.FaultRateLimitYear, slackfake.FaultRateLimitAge} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := town.OnSQLite(t)
			w.Morning()
			p, err := w.Store.Person(t.Context(), "kenji")
			town.Check(t, err)
			town.Check(t, w.Store.Unbind(t.Context(), store.Once{}, p.ID, "northgate", w.Now()))
			w.Slack.AddFaults(slackfake.Fault{Method: "users.lookupByEmail", Team: "TNORTHGATE", Kind: kind})
			asked := func() int { return w.Slack.CallCounts("TNORTHGATE")["users.lookupByEmail"] }
			w.Sweep()
			if n := len(w.SlackOf("olga")); n != 1 || asked() != 1 {
				t.Errorf("Olga has %d messages; Slack was asked %d times", n, asked())
			}
			w.PassFor(59 * time.Minute)
			w.Sweep()
			if asked() != 1 {
				t.Errorf("within the hour Slack was asked %d times", asked())
			}
			w.PassFor(2 * time.Minute)
			w.Sweep()
			w.Sweep()
			if asked() != 2 {
				t.Errorf("after the hour Slack was asked %d times", asked())
			}
		})
	}
}

// Slack asks to wait a year with posts: for an hour nothing is posted there, then one message is, and while Slack still asks to wait no
// other.
func TestAfterAWaitOneMessageIsTheProbe(t *testing.T) {
	w := town.OnSQLite(t)
	w.Task("kenji", "Send the network diagram", "2027-01-14")
	w.Task("ruth", "Sign the plan", "2027-01-14")
	w.Morning()
	w.Slack.AddFaults(slackfake.Fault{Method: "chat.postMessage", Team: "TNORTHGATE", Kind: slackfake.FaultRateLimitYear})
	posts := func() int { return w.Slack.CallCounts("TNORTHGATE")["chat.postMessage"] }
	w.Sweep()
	first := posts()
	w.PassFor(59 * time.Minute)
	w.Sweep()
	if posts() != first {
		t.Errorf("within the hour there were %d posts", posts()-first)
	}
	w.PassFor(2 * time.Minute)
	w.Sweep()
	if posts() != first+1 {
		t.Errorf("after the hour there were %d posts", posts()-first)
	}
	w.Slack.ClearFaults()
	w.Settle()
	for _, p := range []models.PersonID{"olga", "kenji", "ruth"} {
		if n := len(w.SlackOf(p)); n != 1 {
			t.Errorf("%s has %d messages in the end", p, n)
		}
	}
}

// With --trusted a plain account of the workspace at Olga's very address is hers. A guest's, a stranger's, one of another workspace and one
// that is no plain account are asked; one with another address, an app's and one that was deactivated are nobody's, and Ines is told.
func TestATrustedLookUpIsBelievedWhereAllAgrees(t *testing.T) {
	user := func(more string) string {
		return `{"ok":true,"user":{"id":"U0SOMEBODY","team_id":"TNORTHGATE","profile":{"email":"olga@northgate.test"}` + more + `}}`
	}
	for name, c := range map[string]struct {
		answer string
		state  reminders.BindingState
	}{
		"a plain account":  {user(""), reminders.BindingConfirmed},
		"in other letters": {strings.Replace(user(""), "olga@", "Olga@", 1), reminders.BindingConfirmed},
		"of an organization": {strings.Replace(user(`,"enterprise_user":{"teams":["TNORTHGATE"]}`), `"TNORTHGATE","p`, `"TGRID","p`, 1),
			reminders.BindingConfirmed},
		"a guest":           {user(`,"is_restricted":true`), reminders.BindingAsked},
		"a guest of one":    {user(`,"is_restricted":true,"is_ultra_restricted":true`), reminders.BindingAsked},
		"a stranger":        {user(`,"is_stranger":true`), reminders.BindingAsked},
		"another team":      {strings.Replace(user(""), "TNORTHGATE", "TELSEWHERE", 1), reminders.BindingAsked},
		"a user of the app": {user(`,"is_app_user":true`), reminders.BindingAsked},
		"another address":   {strings.Replace(user(""), "olga@", "mallory@", 1), ""},
		"an app":            {user(`,"is_bot":true`), ""},
		"deactivated":       {user(`,"deleted":true`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := town.OnSQLite(t)
			_, err := w.Store.UpdateWorkspace(t.Context(), store.Once{}, "northgate", w.Now(), func(x *reminders.Workspace) error {
				x.Trusted = true
				return nil
			})
			town.Check(t, err)
			town.Check(t, w.Store.Unbind(t.Context(), store.Once{}, "olga", "northgate", w.Now()))
			w.Slack.AddFaults(slackfake.Fault{Method: "users.lookupByEmail", Team: "TNORTHGATE", Kind: slackfake.FaultAnswer, Answer: c.answer})
			w.Sweep()
			w.Sweep()
			b := bindingOf(w, "olga")
			if b.State != c.state || (c.state == "") != (b.User == "") {
				t.Errorf("she is %+v", b)
			}
			if n := told(w, "nothing reaches Olga"); (n == 1) != (c.state == "") {
				t.Errorf("Ines was told %d times\n%s", n, w.Ledger())
			}
		})
	}
}
