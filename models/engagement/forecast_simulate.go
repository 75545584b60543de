package engagement

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"

	"tickmark/models/catalog"
)

// simulations is how often the rest of an engagement is played for its cautious date.
const simulations = 400

// seen is how many turns weigh as much as the table of durations: before anything is seen the table says how much durations vary, later
// what was seen does.
const seen = 60

// How widely what is drawn varies: by these numbers four in five stories come by their cautious date, in most weeks (docs/forecast.md).
const (
	luckOfAll  = 0.85 // of a phase's luck, what all phases of a play have: it is the same people
	luckOfOne  = 0.53 // and what it has by itself; the squares sum to one
	tableWide  = 1.6  // times that a phase differs from what was planned by more than the catalog's table says
	sightWide  = 0.35 // standard deviation of a phase that is seen, as a share of what was planned,
	paceWide   = 0.8  // and of what the pace adds to it
	mostGained = 0.3  // share of what was planned by which a phase may be quicker at most
)

// A play is the rest of an engagement as it is played again and again: what every phase that is not over may take longer.
type play struct {
	step           int
	low, typ, high float64 // the triangle of its duration, in business days still to come
	pace           float64 // by what it would be longer at the present pace
	took           []float64
}

// table returns by how many business days a phase takes longer than planned at a share of luck: by the catalog's triangle, and the more
// earlier engagements of the firm had that phase, the more by what it took there.
func (p play) table(luck float64) float64 {
	days := tableWide * (triangle(luck, p.low, p.typ, p.high) - p.typ)
	n := len(p.took)
	if n == 0 {
		return days
	}
	at := luck * float64(n-1)
	i := min(int(at), n-1)
	seen := p.took[i]
	if i+1 < n {
		seen += (at - float64(i)) * (p.took[i+1] - p.took[i])
	}
	own := float64(n) / (float64(n) + earlier)
	return own*seen*p.typ + (1-own)*days
}

// earlier is how many earlier engagements weigh as much as the catalog's triangles.
const earlier = 3

// simulate plays the rest of an engagement and returns, by report, how many business days after the expected day four of five plays have
// ended. Durations are drawn from the catalog's triangles as long as little was seen, and more and more from the pace that was; all of one
// play share part of their luck, since it is the same people. The seed is the engagement's: the answer is the same every time.
func (v *view) simulate(times int) map[ReportKind]int {
	f := v.f
	reports := f.reports()
	ends := map[ReportKind][]int{}
	seed := fnv.New64a()
	_, _ = seed.Write([]byte(f.Engagement.ID))
	r := rand.New(rand.NewPCG(seed.Sum64(), 80))
	plays, table := v.plays(), v.trust()
	net := slices.Clone(v.net)
	var day []int
	for range times {
		common := r.NormFloat64()
		for _, p := range plays {
			luck := luckOfAll*common + luckOfOne*r.NormFloat64()
			byTable := p.table(0.5 * (1 + math.Erf(luck/math.Sqrt2)))
			bySight := p.pace + luck*(sightWide*p.typ+paceWide*p.pace)
			net[p.step].Stretch = int(math.Round(max(table*byTable+(1-table)*bySight, -0.2*p.typ)))
		}
		day = net.Ends(nil, day)
		for _, k := range reports {
			ends[k] = append(ends[k], day[stepOf[k.Phase()]])
		}
	}
	out := map[ReportKind]int{}
	for k, all := range ends {
		slices.Sort(all)
		expected := v.ends[stepOf[k.Phase()]] + f.Engagement.Outlook.Pace[k]
		out[k] = max(0, all[len(all)*4/5]-expected)
	}
	return out
}

// trust returns how much the catalog's table of durations counts beside what was seen: all before anything was.
func (v *view) trust() float64 {
	n := 0
	for _, turns := range v.f.Engagement.Pace.Turns {
		n += turns
	}
	return seen / (seen + float64(n))
}

// plays returns what is still to come of every phase, but for the window, which is as long as was agreed.
func (v *view) plays() []play {
	f := v.f
	slower := f.overruns(v)
	var out []play
	for _, st := range f.Phases {
		step, ok := stepOf[st.Phase]
		if st.Phase == catalog.PhaseT2Close {
			step, ok = stepT2Start, true
		}
		if !ok || st.Standing == StandingDone || st.Standing == StandingDropped {
			continue
		}
		d := f.Catalog.Duration(st.Phase, f.Engagement.Headcount)
		planned := f.Engagement.Baseline.Phases[st.Phase]
		typ := float64(max(1, v.days.Between(planned.Start, planned.End)))
		if st.Standing == StandingActive {
			typ = min(typ, float64(max(1, v.ends[step]-v.days.On(v.today))))
		}
		scale := typ / float64(max(1, d[1]))
		took := slices.Clone(f.Earlier.Took[st.Phase])
		slices.Sort(took)
		out = append(out, play{step, float64(d[0]) * scale, typ, float64(d[2]) * scale, float64(slower[st.Phase]), took})
	}
	return out
}

// triangle returns the value of a triangular distribution under which a share of it lies.
func triangle(share, low, typ, high float64) float64 {
	if high <= low {
		return typ
	}
	if at := (typ - low) / (high - low); share < at {
		return low + math.Sqrt(share*(high-low)*(typ-low))
	}
	return high - math.Sqrt((1-share)*(high-low)*(high-typ))
}
