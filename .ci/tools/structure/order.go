package main

import (
	"math"
	"math/rand/v2"
)

// starts is from how many shuffled orders a good one is looked for. Of 20,000 of the 34 rooms in circles that models had once, every
// third led to the fewest arrows, and none to fewer.
const starts = 300

// order returns the rooms from top to bottom so that few arrows run back up. Groups of rooms come before what they use, so that only
// arrows within circles can run up. To find the fewest of those is hard (it is the minimum feedback arc set); this begins with many
// shuffled orders, moves single rooms of each as long as that helps, and keeps the best. The same plan gets the same order, always.
func (p *Plan) order() []int {
	var out []int
	for _, group := range p.circles() {
		out = append(out, p.orderOf(group)...)
	}
	return out
}

// orderOf returns the order of one group.
func (p *Plan) orderOf(group []int) []int {
	if len(group) < 2 {
		return group
	}
	costs := p.matrix(group)
	random := rand.New(rand.NewPCG(1, 1))
	var best []int
	least := math.MaxInt
	for range starts {
		order := random.Perm(len(group))
		if cost := settle(costs, order); cost < least {
			best, least = order, cost
		}
	}
	for i, r := range best {
		best[i] = group[r]
	}
	return best
}

// arrowCost is what an arrow that runs up costs. Each name that causes it costs one more, so that of two orders with as many arrows
// up the one is taken that has fewer names to move.
const arrowCost = 10_000

// matrix returns what the arrow from one room of a group to another costs, by their places in the group; 0 where there is none.
func (p *Plan) matrix(group []int) [][]int {
	cost := make([][]int, len(group))
	for i, from := range group {
		cost[i] = make([]int, len(group))
		for k, to := range group {
			if names, ok := p.Arrows[from][to]; ok {
				cost[i][k] = arrowCost + len(names)
			}
		}
	}
	return cost
}

// settle moves single rooms to where they are best, until none can be moved to any use, and returns what the arrows cost that run
// up then.
func settle(costs [][]int, order []int) int {
	for better := true; better; {
		better = false
		for i := range order {
			if to := bestPlace(costs, order, i); to != i {
				move(order, i, to)
				better = true
			}
		}
	}
	up := 0
	for i, room := range order {
		for _, above := range order[:i] {
			up += costs[room][above]
		}
	}
	return up
}

// bestPlace returns where the room at a place is best put. It is the place itself where no other is better.
func bestPlace(costs [][]int, order []int, at int) int {
	room, best, gain, most := order[at], at, 0, 0
	for i := at - 1; i >= 0; i-- { // up past others
		gain += costs[room][order[i]] - costs[order[i]][room]
		if gain > most {
			best, most = i, gain
		}
	}
	gain = 0
	for i := at + 1; i < len(order); i++ { // down past others
		gain += costs[order[i]][room] - costs[room][order[i]]
		if gain > most {
			best, most = i, gain
		}
	}
	return best
}

// move puts the room at one place to another, and closes the gap.
func move(order []int, from, to int) {
	room := order[from]
	if from < to {
		copy(order[from:to], order[from+1:to+1])
	} else {
		copy(order[to+1:from+1], order[to:from])
	}
	order[to] = room
}
