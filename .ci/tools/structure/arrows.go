package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// A Plan is the files of one package, and what leans on what. Each file is a room. An arrow goes from one room to another where the
// first uses something that is declared in the second: a constant, variable, type or function of the package, a method, or a field
// of a struct. However much is used, it is one arrow. Tests, generated code and other packages are not in it.
type Plan struct {
	Rooms  []string           // base names of files, sorted
	Arrows []map[int][]string // for each room, where its arrows go, and the names that cause each of them, sorted
}

// readPlan reads the package in a folder, as the type checker sees it with the build tags of this machine.
func readPlan(dir string) (*Plan, error) {
	found, err := packages.Load(&packages.Config{Dir: dir, Mode: packages.LoadSyntax}, ".")
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%s holds %d packages, not one", dir, len(found))
	}
	p := found[0]
	if len(p.Errors) > 0 {
		return nil, p.Errors[0]
	}
	plan := &Plan{}
	for _, f := range p.Syntax {
		if !ast.IsGenerated(f) {
			plan.Rooms = append(plan.Rooms, filepath.Base(p.Fset.Position(f.Package).Filename))
		}
	}
	slices.Sort(plan.Rooms)
	plan.draw(p)
	return plan, nil
}

// draw makes the arrows, once the rooms are known.
func (p *Plan) draw(of *packages.Package) {
	rooms := map[string]int{}
	for i, room := range p.Rooms {
		rooms[room] = i
		p.Arrows = append(p.Arrows, map[int][]string{})
	}
	room := func(at token.Pos) (int, bool) {
		i, ok := rooms[filepath.Base(of.Fset.Position(at).Filename)]
		return i, ok
	}
	for id, used := range of.TypesInfo.Uses {
		if used.Pkg() != of.Types || !lasting(used) {
			continue
		}
		from, ok := room(id.Pos())
		to, known := room(used.Pos())
		if ok && known && from != to {
			p.Arrows[from][to] = append(p.Arrows[from][to], used.Name())
		}
	}
	for _, arrows := range p.Arrows {
		for to, names := range arrows {
			slices.Sort(names)
			arrows[to] = slices.Compact(names)
		}
	}
}

// lasting says whether an object outlives functions: it is declared by the package itself, or is a method or a field.
func lasting(o types.Object) bool {
	switch o := o.(type) {
	case *types.Func:
		return true
	case *types.Var:
		return o.IsField() || o.Parent() == o.Pkg().Scope()
	}
	return o.Parent() == o.Pkg().Scope()
}

// arrows writes how many rooms and arrows a package has and how many arrows run back up, and with details each of these with the
// names that cause it, and the order of rooms from top to bottom in which they do.
func arrows(w io.Writer, dir string, details bool) error {
	plan, err := readPlan(dir)
	if err != nil {
		return err
	}
	order := plan.order()
	up := plan.up(order)
	circle := 0
	for _, c := range plan.circles() {
		if len(c) > 1 {
			circle += len(c)
		}
	}
	fmt.Fprintf(w, "%d rooms on %d floors, %d of them in circles; %d arrows, %d run back up\n", len(plan.Rooms), plan.floors(order), circle,
		plan.count(), len(up))
	if !details {
		return nil
	}
	for _, a := range up {
		fmt.Fprintf(w, "%s -> %s: %s\n", plan.Rooms[a[0]], plan.Rooms[a[1]], strings.Join(plan.Arrows[a[0]][a[1]], ", "))
	}
	fmt.Fprint(w, "from top to bottom:")
	for _, room := range order {
		fmt.Fprint(w, " ", plan.Rooms[room])
	}
	fmt.Fprintln(w)
	return nil
}

// count returns how many arrows there are.
func (p *Plan) count() int {
	n := 0
	for _, arrows := range p.Arrows {
		n += len(arrows)
	}
	return n
}

// up returns the arrows, from and to, that run against an order of rooms, sorted by the names of the rooms.
func (p *Plan) up(order []int) [][2]int {
	place := places(order)
	var out [][2]int
	for from, arrows := range p.Arrows {
		for _, to := range slices.Sorted(maps.Keys(arrows)) {
			if place[from] > place[to] {
				out = append(out, [2]int{from, to})
			}
		}
	}
	return out
}

// floors returns how many floors an order needs: a room is below every room above it that uses it.
func (p *Plan) floors(order []int) int {
	place, floor := places(order), make([]int, len(order))
	for _, from := range order {
		for to := range p.Arrows[from] {
			if place[from] < place[to] {
				floor[to] = max(floor[to], floor[from]+1)
			}
		}
	}
	if len(floor) == 0 {
		return 0
	}
	return slices.Max(floor) + 1
}

// places returns where each room stands in an order.
func places(order []int) []int {
	place := make([]int, len(order))
	for i, room := range order {
		place[room] = i
	}
	return place
}

// circles returns the rooms in groups: those of a group reach each other along arrows. A group comes before all groups it uses. (It
// is Tarjan's algorithm.)
func (p *Plan) circles() [][]int {
	s := search{plan: p, seen: make([]int, len(p.Rooms)), low: make([]int, len(p.Rooms)), open: make([]bool, len(p.Rooms))}
	for room := range p.Rooms {
		if s.seen[room] == 0 {
			s.visit(room)
		}
	}
	slices.Reverse(s.groups)
	return s.groups
}

// search is the state of looking for circles.
type search struct {
	plan      *Plan
	count     int
	seen, low []int // when a room was first seen, counted from 1, and the earliest room that it reaches
	open      []bool
	stack     []int
	groups    [][]int
}

func (s *search) visit(room int) {
	s.count++
	s.seen[room], s.low[room] = s.count, s.count
	s.stack, s.open[room] = append(s.stack, room), true
	for _, to := range slices.Sorted(maps.Keys(s.plan.Arrows[room])) {
		switch {
		case s.seen[to] == 0:
			s.visit(to)
			s.low[room] = min(s.low[room], s.low[to])
		case s.open[to]:
			s.low[room] = min(s.low[room], s.seen[to])
		}
	}
	if s.low[room] != s.seen[room] {
		return
	}
	i := slices.Index(s.stack, room)
	group := slices.Clone(s.stack[i:])
	s.stack = s.stack[:i]
	for _, r := range group {
		s.open[r] = false
	}
	slices.SortFunc(group, cmp.Compare)
	s.groups = append(s.groups, group)
}
