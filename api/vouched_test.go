package api

import (
	"strings"
	"testing"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/reminders"
)

// The boss of Acme has a Slack account, and is nobody in Tickmark yet. Ruth, of Northgate, invites somebody of hers with his address, and
// somebody with an address that nobody has there. Acme trusts the addresses of its workspace, but not because Ruth says one: the boss is
// asked. What she reads of the two is one and the same, and so is what she is answered when she has them looked for again. Whose address
// Ines of Acme gives is believed.
func TestAnAddressThatAClientGaveIsAsked(t *testing.T) {
	both(t, func(w *world) {
		fake, app := w.slack()
		w.post("marta", "/slack/workspaces", object{"id": "hq", "name": "Acme", "token": app.Token, "signing_secret": app.SigningSecret,
			"trusted": true}).is(201)
		for _, id := range []string{"UBOSS", "UNINA"} {
			u := slackfake.User{ID: id, Name: strings.ToLower(id), Email: strings.ToLower(id[1:]) + "@acme.test"}
			if _, err := fake.AddUser("THQ", u); err != nil {
				w.Fatal(err)
			}
		}
		invite := func(who, email string) string {
			var p gen.Person
			w.post(who, "/people", object{"name": "New", "role": "owner", "client": "northgate", "time_zone": "UTC",
				"email": email}).is(201).into(&p)
			return string(p.ID)
		}
		likeBoss, unknown, nina := invite("ruth", "boss@acme.test"), invite("ruth", "nobody@acme.test"), invite("ines", "nina@acme.test")
		state := func(p string) reminders.BindingState {
			all, err := w.root.For("acme").Bindings(w.Context(), models.PersonID(p))
			if err != nil || len(all) > 1 {
				w.Fatalf("%v, %v", all, err)
			}
			if len(all) == 0 {
				return ""
			}
			return all[0].State
		}
		reads := func(who, id, email string) string {
			body := w.get(who, "/people/"+id+"/messaging").is(200).Body.String()
			return strings.NewReplacer(id, "ID", email, "EMAIL").Replace(body)
		}
		alike := func(when string) {
			w.Helper()
			if a, b := reads("ruth", likeBoss, "boss@acme.test"), reads("ruth", unknown, "nobody@acme.test"); a != b {
				w.Errorf("%s Ruth reads of one %s\nand of the other %s", when, a, b)
			}
		}
		again := func(who, id string) reply {
			return w.send(call{who: who, method: "DELETE", path: "/people/" + id + "/slack/hq"})
		}
		alike("before anybody looked")
		for _, id := range []string{likeBoss, unknown} {
			again("ruth", id).is(204)
			again("ines", id).is(404)
		}
		w.sweep()
		for p, want := range map[string]reminders.BindingState{likeBoss: reminders.BindingAsked, unknown: reminders.BindingMissing,
			nina: reminders.BindingConfirmed} {
			if got := state(p); got != want {
				w.Errorf("%s is %q and not %q", p, got, want)
			}
		}
		alike("when all were looked for")
		if a, b := reads("ines", likeBoss, "boss@acme.test"), reads("ines", unknown, "nobody@acme.test"); a == b {
			w.Errorf("Ines, of Acme, reads the same of both: %s", a)
		}
		for _, id := range []string{likeBoss, unknown} {
			again("ruth", id).is(204)
			again("ruth", id).is(204)
		}
		// The address of one whom Ines invited Ruth changes: from then on it is her word.
		again("ines", nina)
		again("ruth", likeBoss).is(204)
		w.patch("ruth", "/people/"+likeBoss, object{"email": "other@acme.test"}).is(200)
		w.patch("ruth", "/people/"+nina, object{"email": "boss@acme.test"}).is(200)
		w.sweep()
		if got := state(nina); got != reminders.BindingAsked {
			w.Errorf("with an address that Ruth gave she is %q", got)
		}
	})
}
