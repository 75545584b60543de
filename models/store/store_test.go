package store

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
	"time"
	"unsafe"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/seal"
	"tickmark/models/store/storetest"
)

// each runs a test on both databases, fresh and migrated.
func each(t *testing.T, test func(t *testing.T, root *Root)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, openSQLite(t)) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, openPostgres(t)) })
}

func openSQLite(t testing.TB) *Root {
	t.Helper()
	root := open(t, "sqlite:"+filepath.Join(t.TempDir(), "tickmark test?.db"))
	if err := root.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return root
}

// openPostgres opens a database as serve and worker do: as a role that owns nothing and may do what Grant gives it, and with no more
// connections than are enough.
func openPostgres(t testing.TB) *Root {
	t.Helper()
	root := open(t, storetest.As(t, migrated(t), storetest.Role(t)))
	check(t, root.Connections(LeastConnections))
	return root
}

// migrated returns the address of an empty database for the owner of its tables.
func migrated(t testing.TB) string {
	t.Helper()
	role := storetest.Role(t)
	return storetest.PostgresFrom(t, "store", func(dsn string) error {
		root, err := Open(dsn)
		if err != nil {
			return err
		}
		defer root.Close()
		return errors.Join(root.Migrate(context.Background()), root.Grant(context.Background(), role))
	})
}

func open(t testing.TB, dsn string) *Root {
	t.Helper()
	root, err := Open(dsn)
	if err != nil {
		t.Fatal(err)
	}
	root.Keys = keys
	t.Cleanup(func() {
		if err := root.Close(); err != nil {
			t.Error(err)
		}
	})
	return root
}

// keys seal the secrets of Slack apps in tests.
var keys = func() *seal.Keys {
	k, err := seal.Parse("test=" + base64.StdEncoding.EncodeToString(make([]byte, 32)))
	if err != nil {
		panic(err)
	}
	return k
}()

// statuses and taskStates are all that an engagement and a task may be in.
var (
	statuses = []engagement.Status{engagement.StatusDraft, engagement.StatusRunning, engagement.StatusPaused, engagement.StatusCancelled,
		engagement.StatusCompleted}
	taskStates = []engagement.TaskState{engagement.TaskWaiting, engagement.TaskOpen, engagement.TaskSubmitted, engagement.TaskBlocked,
		engagement.TaskDone, engagement.TaskWaived,
		engagement.TaskCancelled}
)

// noon is when tests happen, unless they say otherwise.
var noon = time.Date(2026, time.March, 2, 12, 0, 0, 123456000, time.UTC)

// A world is a firm of the cast with a client in Berlin, its people and an engagement: the least that most tests need.
type world struct {
	root *Root
	*Store
	client     models.ClientID
	engagement models.EngagementID
}

func newWorld(t testing.TB, root *Root, firm models.FirmID) world {
	t.Helper()
	return worldOf(t, root, modelstest.Firm(firm))
}

// worldOf is newWorld for a firm that is not as those of the cast.
func worldOf(t testing.TB, root *Root, firm models.Firm) world {
	t.Helper()
	ctx := t.Context()
	_, _, err := root.CreateFirm(ctx, firm, modelstest.Person("marta"), noon)
	check(t, err)
	w := world{root, root.For(firm.ID), "northgate", "e1"}
	client := modelstest.Client(w.client)
	client.Headcount, client.Country, client.TimeZone = 80, "DE", "Europe/Berlin" // not as the firm's
	_, err = w.CreateClient(ctx, Once{}, client, noon)
	check(t, err)
	for _, p := range modelstest.People("ines", "priya", "hugo", "ruth", "olga") {
		p.TimeZone = client.TimeZone
		_, err := w.CreatePerson(ctx, Once{}, p, noon)
		check(t, err)
	}
	_, err = w.SetDuty(ctx, Once{}, models.Duty{Client: "northgate", Function: "sponsor", Person: "ruth", Backup: "olga"}, noon)
	check(t, err)
	w.addEngagement(t, "e1")
	return w
}

// draft is an engagement that can be started.
func draft(id models.EngagementID) engagement.Engagement {
	return engagement.Engagement{ID: id, Client: "northgate", Name: "SOC 2 " + string(id), Type: "soc2_type1_type2",
		Categories: []catalog.Category{catalog.Security},
		Kickoff:    models.Date{Year: 2026, Month: 3, Day: 2}, WindowMonths: 6, Partner: "marta", Manager: "ines",
		Consultants: []models.PersonID{"priya"}, Auditor: "hugo"}
}

func (w world) addEngagement(t testing.TB, id models.EngagementID) engagement.Engagement {
	t.Helper()
	e, err := w.CreateEngagement(t.Context(), Once{Actor: "ines"}, draft(id), noon)
	check(t, err)
	return e
}

// change runs a change that must succeed.
func (w world) change(t testing.TB, once Once, decide func(f *engagement.Facts)) (*engagement.Facts, Changed) {
	t.Helper()
	f, result, err := w.Change(t.Context(), w.engagement, once, engagement.Need{}, noon,
		func(f *engagement.Facts, _ time.Time) (string, error) {
			decide(f)
			return "", nil
		})
	check(t, err)
	return f, result
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused fails unless err is a refusal with the code.
func refused(t testing.TB, err error, code models.Code) {
	t.Helper()
	if models.CodeOf(err) != code {
		t.Fatalf("got %v (%q), want a refusal with the code %q", err, models.CodeOf(err), code)
	}
}

// put adds tasks to the facts or, where they are there already, replaces them, as the rules of models do behind their
// unexported fields: these tests are about keeping, not about rules.
func put(f *engagement.Facts, tasks ...engagement.Task) {
	touched := reflect.ValueOf(f).Elem().FieldByName("touched")
	touched = reflect.NewAt(touched.Type(), unsafe.Pointer(touched.UnsafeAddr())).Elem()
	if touched.IsNil() {
		touched.Set(reflect.MakeMap(touched.Type()))
	}
	for _, t := range tasks {
		if old := f.Task(t.ID); old != nil {
			*old = t
		} else {
			f.Tasks = append(f.Tasks, &t)
		}
		touched.SetMapIndex(reflect.ValueOf(t.ID), reflect.ValueOf(true))
	}
}

// decided adds a decision to the facts, as put does tasks.
func decided(f *engagement.Facts, d engagement.Decision) {
	field := reflect.ValueOf(f).Elem().FieldByName("decided")
	field = reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem()
	if field.IsNil() {
		field.Set(reflect.MakeMap(field.Type()))
	}
	f.Decisions = append(f.Decisions, &d)
	field.SetMapIndex(reflect.ValueOf(d.ID), reflect.ValueOf(true))
}

// questioned adds a question to the facts, as put does tasks.
func questioned(f *engagement.Facts, q engagement.Question) {
	field := reflect.ValueOf(f).Elem().FieldByName("questioned")
	field = reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem()
	if field.IsNil() {
		field.Set(reflect.MakeMap(field.Type()))
	}
	f.Questions = append(f.Questions, &q)
	field.SetMapIndex(reflect.ValueOf(q.ID), reflect.ValueOf(true))
}

// log adds events to the facts, as put does tasks.
func log(f *engagement.Facts, events ...engagement.Event) {
	field := reflect.ValueOf(f).Elem().FieldByName("events")
	list := reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Interface().(*[]engagement.Event)
	*list = append(*list, events...)
}

// task is a task that can be told from others.
func task(n int, state engagement.TaskState) engagement.Task {
	day := models.Date{Year: 2026, Month: 3, Day: 2}.AddDays(n % 90)
	return engagement.Task{ID: models.TaskID(fmt.Sprintf("KO-%04d", n)), Template: "KO-01", Subject: "CC-1.1", Phase: catalog.PhaseKickoff,
		Title: fmt.Sprintf("Ask the owner for the proof number %d of the control", n), State: state, Gate: true, OwnerRole: "it_admin",
		Owner:  "olga",
		Backup: "ruth", ApproverRole: "pm", Approver: "ines", After: []string{"KO-00", "KO-01"}, Anchor: "kickoff", Due: day, Original: day,
		Minutes: 90, Round: 1, OpenedOn: day}
}

func tasks(from, to int, state engagement.TaskState) []engagement.Task {
	var out []engagement.Task
	for n := from; n < to; n++ {
		out = append(out, task(n, state))
	}
	return out
}
