package modelstest_test

import (
	"context"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/store"
	"tickmark/models/store/storetest"
)

// databases are those on which a desk is tried, by how each is opened.
var databases = map[string]func(testing.TB) string{
	"sqlite":   func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "desk.sqlite") },
	"postgres": storetest.Postgres,
}

// What people do at a desk is kept in either database as it is in memory: on the first morning of the gap analysis both have the same
// tasks, and so they do after kenji has sent his answers and taken them back.
func TestADeskOnADatabase(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			s := filled(t, dsn(t))
			d := modelstest.Draft(t, "soc2_type2")
			d.Keeper = onStore{t.Context(), s}
			d.Do("ines", engagement.StartEngagement)
			inGap := func() bool { return d.Facts.Phase(catalog.PhaseGap).Standing == engagement.StandingActive }
			d.Until(modelstest.On("2027-06-01"), inGap)
			memory := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
			for _, x := range []*modelstest.Desk{d, memory} {
				x.Do("kenji", engagement.CompleteTask, modelstest.Task("GA-04.RSK"))
				x.Do("kenji", engagement.ReopenTask, modelstest.Task("GA-04.RSK"), modelstest.Because("one answer is missing"))
				x.Refused(models.Forbidden, "", "cancelling", "kenji", engagement.CancelEngagement, modelstest.Because("so it is"))
			}
			kept, err := s.Facts(t.Context(), "e1", engagement.Need{})
			check(t, err)
			if got, want := lines(kept.Tasks), lines(memory.Facts.Tasks); got != want {
				t.Errorf("kept are\n%swant\n%s", got, want)
			}
			if got, want := lines(d.Facts.Tasks), lines(kept.Tasks); got != want {
				t.Errorf("on the desk are\n%swant\n%s", got, want)
			}
			if d.Facts.Engagement.Revision != kept.Engagement.Revision || d.Today() != memory.Today() {
				t.Errorf("on %s the desk is at revision %d, on %s kept is %d", d.Today(),
					d.Facts.Engagement.Revision, memory.Today(), kept.Engagement.Revision)
			}
			if !reflect.DeepEqual(d.Logged("task.completed"), memory.Logged("task.completed")) || len(d.Closed) != len(memory.Closed) {
				t.Errorf("%d tasks are closed, want %d", len(d.Closed), len(memory.Closed))
			}
		})
	}
}

// What was cancelled and reinstated is in either database as if neither had happened: on a day in the gap analysis, with a task that is
// blocked, one that waits to be accepted, and a decision that is pending.
func TestACancellationIsUndoneInADatabase(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			s := filled(t, dsn(t))
			d := modelstest.Draft(t, "soc2_type2")
			d.Keeper = onStore{t.Context(), s}
			d.Do("ines", engagement.StartEngagement)
			d.Until(modelstest.On("2027-06-01"), func() bool { return d.Facts.Phase(catalog.PhaseGap).Standing == engagement.StandingActive })
			d.Do("kenji", engagement.BlockTask, modelstest.Task("GA-04.RSK"), modelstest.By("vendor"), modelstest.Because("no answer"))
			d.Do("ines", engagement.MoveWindow, modelstest.Changed(engagement.Change{Months: 9}), modelstest.Because("nine months"))
			was, err := s.Facts(t.Context(), "e1", engagement.Need{})
			check(t, err)
			d.Do("marta", engagement.CancelEngagement, modelstest.Because("sold"), modelstest.Confirmed("e1"))
			gone, err := s.Facts(t.Context(), "e1", engagement.Need{})
			check(t, err)
			if len(gone.Tasks)+len(gone.Decisions) > 0 || gone.Engagement.Undo == nil {
				t.Errorf("cancelled, it has %d tasks and %d decisions", len(gone.Tasks), len(gone.Decisions))
			}
			d.Do("marta", engagement.ReinstateEngagement, modelstest.Because("it was not"))
			is, err := s.Facts(t.Context(), "e1", engagement.Need{})
			check(t, err)
			was.Engagement.Revision = is.Engagement.Revision
			for _, f := range []*engagement.Facts{was, is} { // what a forecast keeps is reckoned again
				f.Engagement.Outlook.Last, f.Engagement.Outlook.Spread, f.Engagement.Outlook.Played = nil, nil, models.Date{}
			}
			if !reflect.DeepEqual(is.Engagement, was.Engagement) || !reflect.DeepEqual(is.Phases, was.Phases) ||
				!reflect.DeepEqual(is.Gates, was.Gates) || !reflect.DeepEqual(is.Tasks, was.Tasks) || !reflect.DeepEqual(is.Decisions, was.Decisions) {
				t.Errorf("it was\n%+v\n%+v\n%s\nand is\n%+v\n%+v\n%s", was.Engagement, was.Phases, lines(was.Tasks), is.Engagement, is.Phases,
					lines(is.Tasks))
			}
		})
	}
}

// onStore keeps the engagement in a database.
type onStore struct {
	ctx context.Context
	s   *store.Store
}

func (k onStore) Load(need engagement.Need) (*engagement.Facts, error) {
	return k.s.Facts(k.ctx, "e1", need)
}

func (k onStore) Change(need engagement.Need, now time.Time, decide func(*engagement.Facts) (string, error)) error {
	_, _, err := k.s.Change(k.ctx, "e1", store.Once{}, need, now, func(f *engagement.Facts, _ time.Time) (string, error) { return decide(f) })
	return err
}

// lines returns a line for each task, in the order of their ids.
func lines(tasks []*engagement.Task) string {
	var out []string
	for _, x := range tasks {
		out = append(out, strings.Join([]string{string(x.ID), string(x.State), string(x.Owner), x.Due.String(), x.OpenedOn.String()}, " ")+"\n")
	}
	slices.Sort(out)
	return strings.Join(out, "")
}

// filled returns the store of Acme Advisory with the cast and the draft of the engagement.
func filled(t *testing.T, dsn string) *store.Store {
	t.Helper()
	ctx, now := context.Background(), time.Date(2027, 1, 4, 14, 0, 0, 0, time.UTC)
	root, err := store.Open(dsn)
	check(t, err)
	t.Cleanup(func() { check(t, root.Close()) })
	check(t, root.Migrate(ctx))
	f := modelstest.Draft(t, "soc2_type2").Facts
	for i := range f.People {
		f.People[i].Email = string(f.People[i].ID) + "@acme.test"
	}
	_, _, err = root.CreateFirm(ctx, f.Firm, f.People[0], now)
	check(t, err)
	s := root.For("acme")
	_, err = s.CreateClient(ctx, store.Once{}, f.Client, now)
	check(t, err)
	for _, p := range f.People[1:] {
		_, err = s.CreatePerson(ctx, store.Once{}, p, now)
		check(t, err)
	}
	for _, duty := range f.Duties {
		duty.Client = f.Client.ID
		_, err = s.ChangeDuty(ctx, store.Once{}, models.Duty{}, duty, now)
		check(t, err)
	}
	_, err = s.CreateEngagement(ctx, store.Once{}, f.Engagement, now)
	check(t, err)
	return s
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
