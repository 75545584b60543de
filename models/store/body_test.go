package store

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

// another is a root on the same database as another process would have it.
func another(root *Root) *Root {
	return &Root{Catalog: root.Catalog, db: root.db, dialect: root.dialect, writer: root.writer, turns: root.turns}
}

// What a process has kept of an engagement is what is stored, whoever changed it, whatever was refused, and whatever was
// done to the facts that were handed out.
func TestBodiesAreWhatIsStored(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		processes := []*Root{root, another(root)}
		random := rand.New(rand.NewPCG(3, 4))
		hits := 0
		for step := range 150 {
			process := processes[random.IntN(2)]
			_, _, err := process.For("acme").Change(t.Context(), "e1", Once{},
				engagement.Need{Tasks: []models.TaskID{task(random.IntN(12), "").ID}, Decision: "D-1"}, noon,
				func(f *engagement.Facts, _ time.Time) (string, error) {
					for range random.IntN(4) {
						wander(f, random, step)
					}
					if random.IntN(5) == 0 {
						return "", models.Refuse(models.Conflict, "", "not now")
					}
					return "", nil
				})
			if err != nil && models.CodeOf(err) != models.Conflict {
				t.Fatal(err)
			}
			changePeople(t, processes[random.IntN(2)].For("acme"), random, step)
			for i, process := range append(processes, another(root)) {
				need := engagement.Need{Tasks: []models.TaskID{task(step%12, "").ID}}
				got, err := process.For("acme").Facts(t.Context(), "e1", need)
				check(t, err)
				want, err := another(root).For("acme").Facts(t.Context(), "e1", need)
				check(t, err)
				for n := range reflect.TypeFor[engagement.Facts]().NumField() {
					if !reflect.TypeFor[engagement.Facts]().Field(n).IsExported() {
						continue
					}
					got, want := reflect.ValueOf(got).Elem().Field(n).Interface(), reflect.ValueOf(want).Elem().Field(n).Interface()
					if !reflect.DeepEqual(got, want) {
						t.Fatalf("step %d, process %d, %s:\n got %+v\nwant %+v", step, i, reflect.TypeFor[engagement.Facts]().Field(n).Name, got, want)
					}
				}
				for i := range got.People {
					got.People[i].Role = "spoiled"
				}
				for _, task := range got.Tasks { // spoil what was handed out
					task.Title = "spoiled"
					for i := range task.After {
						task.After[i] = "spoiled"
					}
					task.After = append(task.After, "spoiled")
				}
				for i := range got.Phases {
					got.Phases[i].Tasks = -1
				}
				for i := range got.Gates {
					got.Gates[i].Reason = "spoiled"
				}
				for _, d := range got.Decisions {
					d.Needs = append(d.Needs[:0], "spoiled")
				}
			}
			p := &pipeline{}
			h := w.head(p, "e1", "")
			check(t, root.read(t.Context(), "look", p.send))
			if root.bodies.get(&h.engagement) != nil {
				hits++
			}
		}
		if hits == 0 {
			t.Error("nothing was kept")
		}
		// Whoever changes rows by hand empties the stamp.
		check(t, root.db.Exec("UPDATE tasks SET title = 'by hand'").Error)
		check(t, root.db.Exec("UPDATE engagements SET stamp = ''").Error)
		f, err := w.Facts(t.Context(), "e1", engagement.Need{})
		check(t, err)
		for _, task := range f.Tasks {
			if task.Title != "by hand" {
				t.Errorf("%s still has the title %q", task.ID, task.Title)
			}
		}
	})
}

// changePeople changes one of the people, or who holds a function, or neither.
func changePeople(t *testing.T, s *Store, random *rand.Rand, step int) {
	t.Helper()
	who := []models.PersonID{"priya", "ruth", "olga"}[random.IntN(3)]
	switch random.IntN(5) {
	case 0:
		_, err := s.UpdatePerson(t.Context(), Once{}, who, noon, func(p *models.Person) error { p.Name = fmt.Sprint(step); return nil })
		check(t, err)
	case 1:
		_, err := s.UpdatePerson(t.Context(), Once{}, who, noon, func(p *models.Person) error { p.Active = !p.Active; return nil })
		check(t, err)
	case 2:
		_, err := s.SetDuty(t.Context(), Once{}, models.Duty{Client: "northgate", Function: "sponsor", Person: who}, noon)
		if err != nil && models.CodeOf(err) != models.Invalid { // who is not active there
			t.Fatal(err)
		}
	}
}

// wander changes the facts in one of the ways in which rules do.
func wander(f *engagement.Facts, random *rand.Rand, step int) {
	switch random.IntN(7) {
	case 0, 1:
		x := task(random.IntN(12), taskStates[random.IntN(len(taskStates))])
		x.Title = fmt.Sprint(step)
		x.After = x.After[:random.IntN(3)]
		if len(x.After) == 0 {
			x.After = nil
		}
		put(f, x) // one that is closed and was not named is refused
	case 2:
		g := engagement.Gate{ID: fmt.Sprintf("G-%d", random.IntN(3)), Round: 1, State: engagement.GateOpen, At: noon}
		for i := range f.Gates {
			if f.Gates[i].ID == g.ID {
				g.Round = f.Gates[i].Round + random.IntN(2)
				g.Reason = fmt.Sprint(step)
				f.Gates[i] = g
				return
			}
		}
		f.Gates = append([]engagement.Gate{g}, f.Gates...)
	case 3:
		f.Phases = nil
		for _, p := range []catalog.Phase{catalog.PhaseKickoff, catalog.PhaseGap, catalog.PhaseRenewal} {
			if random.IntN(3) > 0 {
				f.Phases = append(f.Phases, engagement.PhaseState{Phase: p, Standing: engagement.StandingWaiting, Tasks: random.IntN(2)})
			}
		}
	case 4:
		d := engagement.Decision{ID: fmt.Sprintf("D-%d", step), State: engagement.DecisionPending, Needs: []models.Role{"partner"},
			ProposedAt: noon}
		for _, old := range f.Decisions {
			if old.ID == d.ID {
				return
			}
		}
		decided(f, d)
	case 5:
		if len(f.Decisions) > 0 {
			d := *f.Decisions[0]
			d.State = []engagement.DecisionState{engagement.DecisionPending, engagement.DecisionInForce, engagement.DecisionRefused}[random.IntN(3)]
			f.Decisions = f.Decisions[1:]
			decided(f, d)
		}
	case 6:
		f.Engagement.Summary.Percent = step
	}
}
