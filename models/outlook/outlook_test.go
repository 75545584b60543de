package outlook_test

import (
	"math/rand/v2"
	"testing"

	"tickmark/models/outlook"
)

// any returns some network: steps that wait for some before them, with fixed days, causes of both signs and some moves.
func anyNetwork(r *rand.Rand) (n outlook.Network, causes int) {
	causes = r.IntN(9)
	parts := func() (out []outlook.Part) {
		for range r.IntN(3) {
			if causes > 0 {
				out = append(out, outlook.Part{Cause: r.IntN(causes), Days: r.IntN(30) - 8})
			}
		}
		return out
	}
	for i := range 2 + r.IntN(9) {
		s := outlook.Step{Floor: outlook.None, Late: parts()}
		if i == 0 || r.IntN(3) == 0 {
			s.Floor, s.Moved = r.IntN(200), parts()
		}
		for range r.IntN(3) {
			if i > 0 {
				s.After = append(s.After, outlook.Link{From: r.IntN(i), Days: r.IntN(40)})
			}
		}
		if i > 0 && s.Floor == outlook.None && len(s.After) == 0 {
			s.After = []outlook.Link{{From: i - 1, Days: 1}}
		}
		n = append(n, s)
	}
	return n, causes
}

// Whatever the causes are, their shares sum to the difference that all of them make.
func TestSharesSumToTheDifference(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 5000 {
		n, causes := anyNetwork(r)
		last := len(n) - 1
		with := n.Ends(nil, nil)[last]
		without := n.Ends(func(int) bool { return false }, nil)[last]
		total := 0
		for _, s := range n.Shares(last, causes) {
			total += s
		}
		if total != with-without {
			t.Fatalf("the shares sum to %d, the difference is %d: %+v", total, with-without, n)
		}
	}
}

// A fixed day swallows what is late before it, up to its slack, and a cause that it swallowed has no share.
func TestAFixedDaySwallows(t *testing.T) {
	n := outlook.Network{
		{Floor: 10, Late: []outlook.Part{{Cause: 0, Days: 6}}},
		{Floor: 40, After: []outlook.Link{{From: 0, Days: 20}}},
		{Floor: outlook.None, After: []outlook.Link{{From: 1, Days: 5}}, Late: []outlook.Part{{Cause: 1, Days: 2}}},
	}
	if got := n.Shares(2, 2); got[0] != 0 || got[1] != 2 {
		t.Errorf("six days late before ten of slack, two after them: %v", got)
	}
	n[0].Late[0].Days = 13
	if got := n.Shares(2, 2); got[0] != 3 || got[1] != 2 {
		t.Errorf("thirteen days late before ten of slack, two after them: %v", got)
	}
}
