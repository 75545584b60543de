// Package outlook reckons when something ends that is made of steps, and what each cause adds to that. Days are whole numbers: joint
// business days, counted by models.Workdays. A network of a dozen steps is reckoned in a microsecond, so that the same one can be reckoned
// again without one of its causes, or a thousand times with other durations.
package outlook

// None is a day before all others: what does not hold anything up.
const None = -1 << 30

// A Link says that a step cannot end before another one has, and so many days more.
type Link struct {
	From int // the index of the other step, which stands before this one
	Days int
}

// A Part is by how many days one cause makes a step later, or earlier when it is negative.
type Part struct {
	Cause int // an index into the causes of the network
	Days  int
}

// A Step ends when the steps before it allow, not before a fixed day, and later by what its causes add.
type Step struct {
	After []Link
	Floor int    // the day that was fixed for it; None: no day was
	Moved []Part // by what the fixed day was moved
	Late  []Part // by what the step is later than its fixed day and the steps before it allow
	// Due has the days that a forecast of durations adds; the network of what is known has none.
	Stretch int
}

// A Network is the steps of something, each after those that it waits for.
type Network []Step

// Ends returns on which day each step ends, when only the causes count that are asked for; a nil counts counts them all.
func (n Network) Ends(counts func(cause int) bool, into []int) []int {
	ends := into[:0]
	for i := range n {
		ends = append(ends, n[i].end(ends, counts))
	}
	return ends
}

func (s *Step) end(ends []int, counts func(int) bool) int {
	day := s.Before(ends, counts)
	return day + s.Stretch + sum(s.Late, counts)
}

// Before returns the day on which a step would end if nothing of its own made it late.
func (s *Step) Before(ends []int, counts func(int) bool) int {
	day := None
	if s.Floor != None {
		day = s.Floor + sum(s.Moved, counts)
	}
	for _, l := range s.After {
		day = max(day, ends[l.From]+l.Days)
	}
	return day
}

func sum(parts []Part, counts func(int) bool) int {
	n := 0
	for _, p := range parts {
		if counts == nil || counts(p.Cause) {
			n += p.Days
		}
	}
	return n
}

// Shares returns by how many days each of some causes moves the end of a step: what remains when those after it have been taken away, less
// what remains when it is taken away too. The shares sum to the whole difference that the causes make, whatever they are; a cause that a
// fixed day swallows has none.
func (n Network) Shares(step, causes int) []int {
	shares := make([]int, causes)
	ends := make([]int, 0, len(n))
	last := n.Ends(func(int) bool { return false }, ends)[step]
	for i := range causes {
		end := n.Ends(func(c int) bool { return c <= i }, ends)[step]
		shares[i], last = end-last, end
	}
	return shares
}
