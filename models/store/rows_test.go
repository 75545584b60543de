package store

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
)

// fill gives every field, however deep, a value of its own that is not the zero one, so that a field which is not stored, or
// is stored in another's place, shows. What has more of its own kind in itself
// has one level of them.
func fill(v reflect.Value, n *int, within ...reflect.Type) {
	*n++
	switch v.Interface().(type) {
	case models.Date:
		v.Set(reflect.ValueOf(models.Date{Year: 2001 + *n%150, Month: time.Month(1 + *n%12), Day: 1 + *n%28}))
		return
	case time.Time:
		v.Set(reflect.ValueOf(noon.Add(time.Duration(*n) * time.Minute)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf(`v%d "ü" \ ☂`, *n))
	case reflect.Int, reflect.Int64, reflect.Int32:
		v.SetInt(int64(*n))
	case reflect.Float64:
		v.SetFloat(float64(*n) / 4)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		if again(append(within, v.Type().Elem())) > 2 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), n, within...)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), n, within...)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(key, n, within...)
			fill(value, n, within...)
			v.SetMapIndex(key, value)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n, within...)
	case reflect.Struct:
		within = append(within, v.Type())
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("json") != "-" { // what says so is kept nowhere
				fill(v.Field(i), n, within...)
			}
		}
	default:
		panic(fmt.Sprintf("fill: a %s", v.Type()))
	}
}

// again returns how often the last of some types is among them.
func again(types []reflect.Type) (n int) {
	for _, t := range types {
		if t == types[len(types)-1] {
			n++
		}
	}
	return n
}

func filled[T any]() T { return filledFrom[T](0) }

// filledFrom is filled with values that are counted from n on: from two numbers that are far apart no two values are the same.
func filledFrom[T any](n int) T {
	var v T
	fill(reflect.ValueOf(&v).Elem(), &n)
	return v
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s is not what was stored:\n got %+v\nwant %+v", what, got, want)
	}
}

// Every field of everything in an engagement is stored and comes back, whichever way it is read.
func TestEveryFieldIsStored(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		open, decision, phase, gate, event, comment := filled[engagement.Task](), filled[engagement.Decision](),
			filled[engagement.PhaseState](), filled[engagement.Gate](), filled[engagement.Event](), filled[engagement.Comment]()
		question := filled[engagement.Question]()
		question.State = engagement.QuestionOpen
		open.State, decision.State, phase.Standing = engagement.TaskOpen, engagement.DecisionPending, engagement.StandingActive
		closed := open
		closed.ID, closed.State = "closed", engagement.TaskDone
		var whole engagement.Engagement
		check := func(err error) { t.Helper(); check(t, err) }
		f, _ := w.change(t, Once{Actor: "ines", Key: "k", Hash: "h"}, func(f *engagement.Facts) {
			was := f.Engagement
			f.Engagement = filled[engagement.Engagement]()
			f.Engagement.Client, f.Engagement.CreatedAt, f.Engagement.Status = was.Client, was.CreatedAt, engagement.StatusRunning
			f.Engagement.Catalog = f.Catalog.Version
			f.Engagement.Summary.Health = engagement.HealthLate
			put(f, open, closed)
			decided(f, decision)
			questioned(f, question)
			f.Phases, f.Gates, f.Comments = []engagement.PhaseState{phase}, []engagement.Gate{gate}, []engagement.Comment{comment}
			log(f, event)
		})
		whole = f.Engagement
		for pass := range 2 { // again after a change of everything that changes nothing
			if pass == 1 {
				root.bodies.kept = nil // out of the rows, not of what is kept in memory
			}
			f, err := w.Facts(t.Context(), "e1", engagement.Need{Tasks: []models.TaskID{"closed"}})
			check(err)
			same(t, "the engagement", f.Engagement, whole)
			same(t, "the tasks", f.Tasks, []*engagement.Task{&open, &closed})
			same(t, "the decisions", f.Decisions, []*engagement.Decision{&decision})
			same(t, "the questions", f.Questions, []*engagement.Question{&question})
			same(t, "the phases", f.Phases, []engagement.PhaseState{phase})
			same(t, "the gates", f.Gates, []engagement.Gate{gate})
			_, err = w.Engagement(t.Context(), "e1")
			check(err)
			_, _ = w.change(t, Once{}, func(f *engagement.Facts) {
				put(f, open)
				decided(f, decision)
				questioned(f, question)
				f.Decisions, f.Questions = f.Decisions[:1], f.Questions[:1]
			})
			whole.Revision++
		}
		e, err := w.Engagement(t.Context(), "e1")
		check(err)
		same(t, "the engagement", e, whole)
		task, comments, err := w.Task(t.Context(), "e1", "closed")
		check(err)
		same(t, "the task", task, closed)
		same(t, "no comments", len(comments), 0)
		comments, err = w.Comments(t.Context(), "e1", comment.Task)
		check(err)
		same(t, "the comment", comments, []engagement.Comment{comment})
		decisions, err := w.Decisions(t.Context(), "e1")
		check(err)
		same(t, "the decision", decisions, []engagement.Decision{decision})
		questions, err := w.Questions(t.Context(), "e1", QuestionFilter{})
		check(err)
		same(t, "the question", questions, []engagement.Question{question})
		events, _, err := w.Events(t.Context(), "e1", EventFilter{Newest: true, Internal: true}, "", 1)
		check(err)
		event.Seq, event.Key = 2, "k"
		same(t, "the event", events, []engagement.Event{event})
	})
}

// What separates the values of a packed row cannot be brought in by anybody.
func TestSeparatorInWords(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		evil := filled[engagement.Task]()
		evil.ID, evil.Subject, evil.Title, evil.Reason, evil.State = "a\x1fb", "a\x1fb", "a\x1fb", "\x1f\x1f", engagement.TaskOpen
		evil.After = []string{"a\x1fb", `"`, `\`}
		w.change(t, Once{}, func(f *engagement.Facts) {
			put(f, evil)
			decided(f, engagement.Decision{ID: "D-1", Reason: "a\x1fb", State: engagement.DecisionPending,
				Change: engagement.Change{Subject: "a\x1fb"}})
			f.Gates = []engagement.Gate{{ID: "G-1", Reason: "a\x1fb"}}
			f.Engagement.Summary.Reason = "a\x1fb"
		})
		f, err := w.Facts(t.Context(), "e1", engagement.Need{})
		check(t, err)
		got := *f.Tasks[0]
		evil.ID, evil.Subject, evil.Title, evil.Reason = "a b", "a b", "a b", "  "
		same(t, "the task", got, evil)
		same(t, "the decision", f.Decisions[0].Reason+f.Decisions[0].Change.Subject, "a ba\x1fb")
		same(t, "the gate", f.Gates[0].Reason, "a b")
	})
}

func TestDatesAreStored(t *testing.T) {
	w, r := &writer{}, &reader{}
	for _, d := range []models.Date{{}, {Year: 2000, Month: 1, Day: 1}, {Year: 2028, Month: 2, Day: 29}, {Year: 2199, Month: 12, Day: 31}} {
		text := w.date(d)
		if back := r.date(text); back != d {
			t.Errorf("%v was stored as %q and read as %v", d, text, back)
		}
		if !d.IsZero() && text != d.String() {
			t.Errorf("%v was stored as %q", d, text)
		}
	}
	if w.err != nil || r.err != nil {
		t.Error(w.err, r.err)
	}
	for _, d := range []models.Date{{Year: 1999, Month: 12, Day: 31}, {Year: 2026, Month: 2, Day: 29}, {Year: 2026, Month: 13, Day: 1},
		{Year: -5, Month: 1, Day: 1}} {
		w := &writer{}
		w.date(d)
		refused(t, w.err, models.Invalid)
	}
	if noDate <= w.date(models.Date{Year: 2199, Month: 12, Day: 31}) {
		t.Error("no date must sort after every date")
	}
}

// Every column of an engagement that holds JSON is known to inWordsOf, so that what an earlier release wrote in other words is no change;
// what says something else stays as it was read. A column that is added is found by what is stored in it.
func TestEveryColumnOfJSONHasItsWords(t *testing.T) {
	w, r := &writer{}, &reader{}
	now, other := engagementOf(w, filled[engagement.Engagement]()), engagementOf(w, filledFrom[engagement.Engagement](5000))
	was, differs := now, other
	var columns []string
	for i, typ := 0, reflect.TypeFor[engagementRow](); i < typ.NumField(); i++ {
		if typ.Field(i).Type.Kind() != reflect.String {
			continue
		}
		column := reflect.ValueOf(&was).Elem().Field(i)
		text := column.String()
		if text == "" || text[0] != '[' && text[0] != '{' || !json.Valid([]byte(text)) {
			continue
		}
		columns = append(columns, typ.Field(i).Name)
		column.SetString(text[:1] + " " + text[1:]) // the same in other words
	}
	for _, sure := range []string{"Categories", "Baseline", "Undo", "Pauses", "Reports"} {
		if !slices.Contains(columns, sure) {
			t.Errorf("%s is not found to be JSON; only %q are", sure, columns)
		}
	}
	was.inWordsOf(&now, w, r)
	differs.inWordsOf(&now, w, r)
	check(t, firstOf(w.err, r.err))
	for _, name := range columns {
		text := func(row *engagementRow) string { return reflect.ValueOf(row).Elem().FieldByName(name).String() }
		if text(&was) != text(&now) {
			t.Errorf("inWordsOf does not know the column %s: the same in other words is a change there", name)
		}
		if text(&differs) != text(&other) {
			t.Errorf("inWordsOf makes %s say %s, which was %s", name, text(&differs), text(&other))
		}
	}
}
