package slackfake

import (
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
	"time"
)

// A Profile is how often what goes wrong, by chance. What a call meets depends on the seed, its method, its workspace and the how-many-eth
// it is, and on nothing else: with the same seed, the same calls go wrong.
type Profile struct {
	Seed       uint64                `json:"seed"`
	Kinds      map[FaultKind]float64 `json:"kinds"`   // the probability of each kind
	Methods    []string              `json:"methods"` // which calls; all when empty
	Error      string                `json:"error"`   // of FaultError
	RetryAfter time.Duration         `json:"retry_after"`
	Delay      time.Duration         `json:"delay"` // at most, of FaultSlow and FaultExecuteThenSleep
}

// Chance returns the profile as a function for SetFaultFunc.
func (p Profile) Chance() func(Call) *Fault {
	kinds := slices.Sorted(maps.Keys(p.Kinds))
	return func(c Call) *Fault {
		if len(p.Methods) > 0 && !slices.Contains(p.Methods, c.Method) {
			return nil
		}
		h := fnv.New64a()
		fmt.Fprintf(h, "%s %s %d", c.Method, c.Team, c.N)
		dice := rand.New(rand.NewPCG(p.Seed, h.Sum64()))
		at := dice.Float64()
		for _, kind := range kinds {
			if at -= p.Kinds[kind]; at < 0 {
				return p.fault(kind, dice)
			}
		}
		return nil
	}
}

func (p Profile) fault(kind FaultKind, dice *rand.Rand) *Fault {
	f := &Fault{Kind: kind, Error: p.Error, RetryAfter: p.RetryAfter}
	if p.Delay > 0 && (kind == FaultSlow || kind == FaultExecuteThenSleep || kind == FaultSleep) {
		f.Delay = time.Duration(dice.Int64N(int64(p.Delay))) + 1
	}
	return f
}
