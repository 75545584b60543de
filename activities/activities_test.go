package activities_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"tickmark/activities"
	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/store"
	"tickmark/models/store/storetest"
	"tickmark/workflows"
)

var now = time.Date(2027, 1, 4, 15, 0, 0, 0, time.UTC)

// each runs a test on both databases, with a draft engagement e1 of the firm acme.
func each(t *testing.T, test func(*testing.T, *activities.Activities)) {
	for _, db := range []struct {
		name string
		dsn  func(*testing.T) string
	}{
		{"sqlite", func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "t.sqlite") }},
		{"postgres", func(t *testing.T) string { return storetest.Postgres(t) }},
	} {
		t.Run(db.name, func(t *testing.T) {
			root, err := store.Open(db.dsn(t))
			town.Check(t, err)
			t.Cleanup(func() { _ = root.Close() }) // some tests have closed it
			town.Check(t, root.Migrate(t.Context()))
			root.Now = func() time.Time { return now }
			f := modelstest.Draft(t, "soc2_type1").Facts
			_, _, err = root.CreateFirm(t.Context(), f.Firm, modelstest.Person("marta"), now)
			town.Check(t, err)
			s := root.For("acme")
			_, err = s.CreateClient(t.Context(), store.Once{}, f.Client, now)
			town.Check(t, err)
			for _, p := range modelstest.People("ines", "ruth") {
				_, err = s.CreatePerson(t.Context(), store.Once{}, p, now)
				town.Check(t, err)
			}
			_, err = s.ChangeDuty(t.Context(), store.Once{}, models.Duty{}, models.Duty{Client: "northgate", Function: "sponsor", Person: "ruth"},
				now)
			town.Check(t, err)
			_, err = s.CreateEngagement(t.Context(), store.Once{},
				engagement.Engagement{ID: "e1", Client: "northgate", Name: "Northgate SOC 2", Type: "soc2_type1",
					Categories: []catalog.Category{catalog.Security}, Kickoff: models.Date{Year: 2027, Month: 1, Day: 11}, Partner: "marta",
					Manager: "ines"}, now)
			town.Check(t, err)
			test(t, &activities.Activities{Root: root, Log: slog.New(slog.DiscardHandler)})
		})
	}
}

var ref = models.Ref{Firm: "acme", Engagement: "e1"}

// start has ines start the draft.
func start(t *testing.T, a *activities.Activities) {
	t.Helper()
	_, err := a.Root.Apply(t.Context(), ref, engagement.Command{Key: "start", Hash: "h", Kind: engagement.StartEngagement,
		Actor: engagement.Actor{Person: "ines", Role: models.RoleManager}})
	town.Check(t, err)
}

// Ines starts a draft: it was closed to its workflow, and now has an hour to wake at.
func TestAWorkflowLooksAndAdvances(t *testing.T) {
	each(t, func(t *testing.T, a *activities.Activities) {
		before, err := a.Look(t.Context(), workflows.LookInput{Ref: ref})
		town.Check(t, err)
		if !before.Closed {
			t.Errorf("a draft is carried: %+v", before)
		}
		start(t, a)
		started, err := a.Look(t.Context(), workflows.LookInput{Ref: ref})
		town.Check(t, err)
		if started.Closed || !started.Wake.After(now) {
			t.Errorf("started, it waits for %+v", started)
		}
		after, err := a.Advance(t.Context(), workflows.LookInput{Ref: ref})
		town.Check(t, err)
		if after.Revision != started.Revision || after.Ready {
			t.Errorf("advanced at the same instant: %+v", after)
		}
	})
}

// Nothing can be done through Temporal: what was accepted there before commands were transactions is refused, to be sent again.
func TestNoCommandComesThroughTemporal(t *testing.T) {
	_, err := (&activities.Activities{}).Apply(t.Context(), workflows.LookInput{Ref: ref})
	if app, ok := errors.AsType[*temporal.ApplicationError](err); !ok || !app.NonRetryable() || app.Type() != string(models.Unavailable) {
		t.Errorf("applied: %#v", err)
	}
}

// An engagement that is not in the database any more ends its workflow, and a database that does not answer is asked again.
func TestWhatIsGoneAndWhatDoesNotAnswer(t *testing.T) {
	each(t, func(t *testing.T, a *activities.Activities) {
		gone := workflows.LookInput{Ref: models.Ref{Firm: "acme", Engagement: "e2"}}
		for name, ask := range map[string]func(context.Context, workflows.LookInput) (engagement.Agenda, error){"Look": a.Look,
			"Advance": a.Advance} {
			agenda, err := ask(t.Context(), gone)
			town.Check(t, err)
			if !agenda.Closed {
				t.Errorf("%s carries on with what is gone", name)
			}
		}
		town.Check(t, a.Root.Close())
		_, err := a.Look(t.Context(), workflows.LookInput{Ref: ref})
		if app, ok := errors.AsType[*temporal.ApplicationError](err); !ok || app.NonRetryable() || app.Type() != string(models.Unavailable) {
			t.Errorf("without a database: %#v", err)
		}
	})
}
