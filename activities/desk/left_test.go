package desk_test

import (
	"strings"
	"testing"

	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/planning"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// Ruth ends Olga's access, or says that another account is hers, and does what was Olga's. What Olga was sent says of all of it that it is
// not hers any more, and nothing of what became of it; what she presses and types is nobody's.
func TestAMessageTellsNothingToWhomItIsNotSentAnyMore(t *testing.T) {
	for why, ends := range map[string]func(w *town.Town){
		"she has left": func(w *town.Town) {
			_, err := w.Store.UpdatePerson(w.T.Context(), store.Once{Actor: "ruth"}, "olga", w.Now(), func(p *models.Person) error {
				p.Active = false
				return nil
			})
			town.Check(w.T, err)
		},
		"another account is hers": func(w *town.Town) {
			_, err := w.Store.BindByHand(w.T.Context(), store.Once{Actor: "marta"}, reminders.Binding{Person: "olga", Workspace: "northgate",
				User: "UOTHER", State: reminders.BindingAsked}, w.Now())
			town.Check(w.T, err)
		},
	} {
		town.Each(t, func(t *testing.T, w *town.Town) {
			chart, left := w.Task("olga", "Send the organization chart", "2027-01-14"),
				w.Task("olga", "List everybody who left since July", "2027-01-15")
			w.On("2027-01-13", 10)
			w.Settle()
			before := len(w.SlackOf("olga"))
			ends(w)
			w.Do("e1", "ruth", engagement.Command{Kind: engagement.CompleteTask, Tasks: []models.TaskID{chart}})
			w.Do("e1", "ines", engagement.Command{Kind: engagement.MoveTask, Tasks: []models.TaskID{left},
				Due: models.Date{Year: 2027, Month: 1, Day: 25}, Reason: "a secret of Ines"})
			w.Settle()
			m := w.Last("olga")
			shown := town.Shown(t, m.Blocks)
			if strings.Count(shown, "This is not yours any more") < 2 || strings.Contains(shown, "Ruth") || strings.Contains(shown, "secret") ||
				strings.Contains(shown, "2027-01-25") {
				t.Errorf("%s, and her message says %s", why, shown)
			}
			if n := len(w.SlackOf("olga")); n != before {
				t.Errorf("%s, and she has %d messages after %d", why, n, before)
			}
			reply := w.Types("olga", m.TS, "What became of the chart?")
			if said := town.Shown(t, reply.Blocks); !strings.Contains(said, "does not know this Slack account") {
				t.Errorf("%s, and what she types is answered %s", why, said)
			}
		})
	}
}

// Kenji stands in for Olga, who is away for a month. When she has left nothing of hers is his any more: it has nobody.
func TestNobodyStandsInForWhoHasLeft(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		ctx := t.Context()
		chart := w.Task("olga", "Send the organization chart", "2027-01-14")
		w.On("2027-01-12", 9)
		day := planning.Span{Start: models.DateIn(w.Now(), models.Zone("America/New_York"))}
		day.End = day.Start.AddDays(30)
		_, err := w.Store.AddAbsence(ctx, store.Once{Actor: "olga"}, reminders.Absence{Person: "olga", StandIn: "kenji", Days: day}, w.Now())
		town.Check(t, err)
		kenji, err := w.Store.Person(ctx, "kenji")
		town.Check(t, err)
		may := func() bool {
			a, err := w.Store.Actor(ctx, kenji, w.Now())
			town.Check(t, err)
			f, err := w.Store.Facts(ctx, "e1", engagement.Need{})
			town.Check(t, err)
			return f.Permits(a, engagement.Command{Kind: engagement.CompleteTask, Tasks: []models.TaskID{chart}}, w.Now()) == nil
		}
		if !may() {
			t.Fatal("while she is away it is not his")
		}
		_, err = w.Store.UpdatePerson(ctx, store.Once{Actor: "ruth"}, "olga", w.Now(), func(p *models.Person) error {
			p.Active = false
			return nil
		})
		town.Check(t, err)
		if may() {
			t.Error("she has left, and what was hers is his")
		}
		w.On("2027-01-13", 10)
		w.Settle()
		for _, m := range w.SlackOf("kenji") {
			if shown := town.Shown(t, m.Blocks); strings.Contains(shown, "organization chart") {
				t.Errorf("he is asked %s", shown)
			}
		}
	})
}

// Marta prints an address for an installation and leaves, or is no partner any more: it is good for nothing, before its button and after.
func TestAnInstallationEndsWithWhoBeganIt(t *testing.T) {
	for why, ends := range map[string]func(*models.Person){
		"she has left":      func(p *models.Person) { p.Active = false },
		"she is no partner": func(p *models.Person) { p.Role = models.RoleConsultant },
	} {
		town.Each(t, func(t *testing.T, w *town.Town) {
			other, err := w.Store.CreatePerson(t.Context(), store.Once{}, models.Person{ID: "vera", Name: "Vera Voss", Role: models.RolePartner,
				TimeZone: "UTC"}, w.Now())
			town.Check(t, err)
			ruth := browse(t, w)
			unused, back := prints(t, w, "unused"), ruth.approves(ruth.goesOn(prints(t, w, "used")))
			_, err = w.Store.UpdatePerson(t.Context(), store.Once{Actor: other.ID}, "marta", w.Now(), func(p *models.Person) error {
				ends(p)
				return nil
			})
			town.Check(t, err)
			t.Log(why)
			ruth.refused("GET", unused, nil, "not valid")
			ruth.refused("POST", unused, nil, "not valid")
			ruth.refused("GET", back, nil, "begin it again")
		})
	}
}
