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
			_, err = s.SetDuty(t.Context(), store.Once{}, models.Duty{Client: "northgate", Function: "sponsor", Person: "ruth"}, now)
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

func apply(a *activities.Activities, ctx context.Context, key string, kind engagement.Kind) (workflows.ApplyOutput, error) {
	c := engagement.Command{Key: key, Hash: "h", Kind: kind, Actor: engagement.Actor{Person: "ines", Role: models.RoleManager}}
	return a.Apply(ctx, workflows.ApplyInput{Ref: ref, Now: now, Command: c})
}

// Ines starts a draft: it was closed to its workflow, and now has an hour to wake at. Sent again, the start has no second effect.
func TestACommandIsAppliedOnce(t *testing.T) {
	each(t, func(t *testing.T, a *activities.Activities) {
		before, err := a.Look(t.Context(), workflows.LookInput{Ref: ref, Now: now})
		town.Check(t, err)
		if !before.Closed {
			t.Errorf("a draft is carried: %+v", before)
		}
		out, err := apply(a, t.Context(), "start", engagement.StartEngagement)
		town.Check(t, err)
		if out.Agenda.Closed || !out.Agenda.Wake.After(now) || out.Agenda.Revision != out.Result.Revision {
			t.Errorf("started, it waits for %+v", out)
		}
		again, err := apply(a, t.Context(), "start", engagement.StartEngagement)
		town.Check(t, err)
		if !again.Result.Replayed || again.Result.Revision != out.Result.Revision {
			t.Errorf("sent again: %+v", again.Result)
		}
		after, err := a.Advance(t.Context(), workflows.LookInput{Ref: ref, Now: now})
		town.Check(t, err)
		if after.Revision != out.Agenda.Revision || after.Ready {
			t.Errorf("advanced at the same instant: %+v", after)
		}
	})
}

// A refusal is final and carries its code and field; it is nothing to raise an alarm about.
func TestARefusalIsFinal(t *testing.T) {
	each(t, func(t *testing.T, a *activities.Activities) {
		_, err := apply(a, t.Context(), "resume", engagement.ResumeEngagement)
		app, ok := errors.AsType[*temporal.ApplicationError](err)
		if !ok || !app.NonRetryable() || app.Type() != string(models.Conflict) || app.Category() != temporal.ApplicationErrorCategoryBenign {
			t.Fatalf("refused as %#v", err)
		}
		var field string
		if err := app.Details(&field); err != nil || field != "status" {
			t.Errorf("the field is %q, %v", field, err)
		}
	})
}

// An engagement that is not in the database any more ends its workflow, and a database that does not answer is asked again.
func TestWhatIsGoneAndWhatDoesNotAnswer(t *testing.T) {
	each(t, func(t *testing.T, a *activities.Activities) {
		gone := workflows.LookInput{Ref: models.Ref{Firm: "acme", Engagement: "e2"}, Now: now}
		for name, ask := range map[string]func(context.Context, workflows.LookInput) (engagement.Agenda, error){"Look": a.Look,
			"Advance": a.Advance} {
			agenda, err := ask(t.Context(), gone)
			town.Check(t, err)
			if !agenda.Closed {
				t.Errorf("%s carries on with what is gone", name)
			}
		}
		town.Check(t, a.Root.Close())
		_, err := a.Look(t.Context(), workflows.LookInput{Ref: ref, Now: now})
		if app, ok := errors.AsType[*temporal.ApplicationError](err); !ok || app.NonRetryable() || app.Type() != string(models.Unavailable) {
			t.Errorf("without a database: %#v", err)
		}
	})
}
