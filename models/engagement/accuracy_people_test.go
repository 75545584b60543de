package engagement_test

import (
	"math"
	"math/rand/v2"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/planning"
)

// The people of the stories by which forecasts are measured. They know nothing of how forecasts are made: nobody here asks the pace, the
// table of durations or the simulation. Whoever is slow is slow with everything of theirs, and with a culture of their company behind it;
// they have days off for weeks that nobody planned, do no more than so many things a day, and now and then pull themselves together.

// A temper is how somebody works.
type temper struct {
	slow     float64 // business days after the due date on which they do things, on average; negative: before it
	wide     float64 // by how much that varies
	perDay   int     // how many things they do on a day
	slips    int     // one in so many things is done much later than usual; 0: none
	answers  float64 // business days until they accept, sign or approve, on average
	away     []planning.Span
	catching models.Date // until then they do what is late and what comes soon at once
	wakes    int         // business days somebody has to be late with something until they pull themselves together; 0: they never do
}

// on reports whether somebody works on a day.
func (p *temper) on(d models.Date) bool {
	for _, a := range p.away {
		if !d.Before(a.Start) && !d.After(a.End) {
			return false
		}
	}
	return true
}

// A cast is the people of one story, by id.
type cast struct {
	r       *rand.Rand
	culture map[models.Side]float64 // of the company: business days by which all its people are slower
	of      map[models.PersonID]*temper
	from    models.Date // kickoff
}

// somebody returns how a person works, and makes it up the first time.
func (c *cast) somebody(id models.PersonID, side models.Side) *temper {
	if c.of[id] == nil {
		c.of[id] = c.makeUp(side)
	}
	return c.of[id]
}

// makeUp makes somebody up: most are prompt, some a little late, few very.
func (c *cast) makeUp(side models.Side) *temper {
	p := &temper{perDay: 3 + c.r.IntN(10), wide: 0.5 + 2*c.r.Float64(), slips: 20 + c.r.IntN(60)}
	switch luck := c.r.Float64(); {
	case luck < 0.45:
		p.slow = -1.5
	case luck < 0.75:
		p.slow = 1
	case luck < 0.93:
		p.slow = 4
	default:
		p.slow = 9
	}
	if side != models.SideClient {
		p.slow /= 2
	}
	p.slow += c.culture[side]
	p.answers = max(0.2, 0.8+0.5*max(0, p.slow)*c.r.Float64())
	if c.r.IntN(3) == 0 {
		p.wakes = 5 + c.r.IntN(15)
	}
	for day := c.from.AddDays(c.r.IntN(250)); day.Before(c.from.AddMonths(30)); day = day.AddDays(120 + c.r.IntN(400)) {
		p.away = append(p.away, planning.Span{Start: day, End: day.AddDays(4 + c.r.IntN(21))})
	}
	return p
}

// after returns how many business days after its due date somebody does something: now and then much later than usual.
func (p *temper) after(r *rand.Rand) int {
	n := p.slow + p.wide*r.NormFloat64()
	if p.slips > 0 && r.IntN(p.slips) == 0 {
		n += 10 * r.ExpFloat64()
	}
	return int(math.Round(n))
}

// word returns after how many business days somebody answers: accepts, signs or approves.
func (p *temper) word(r *rand.Rand) int { return int(p.answers * r.ExpFloat64()) }

// sizes are the clients of the stories.
var sizes = []int{9, 35, 120, 180, 400, 900}

// perFirm is how many stories are of one firm, one after the other: each knows what was seen in those before.
const perFirm = 5

// aStory makes up an engagement and its people from a seed: of any type and size, somewhere in five years, under way from the day of its
// start. One in five is paused once, for one to six weeks.
func aStory(t testingT, seed uint64) *played {
	r := rand.New(rand.NewPCG(seed, 0x5eed))
	typ := modelstest.Types()[r.IntN(len(modelstest.Types()))]
	kickoff := modelstest.On("2026-02-02").AddDays(r.IntN(1500))
	d := modelstest.Draft(t, typ, func(f *engagement.Facts) {
		f.Engagement.ID = models.EngagementID("story-" + string(rune('a'+seed%26)) + typ)
		f.Engagement.Kickoff, f.Client.Headcount = kickoff, sizes[r.IntN(len(sizes))]
		if len(f.Engagement.Categories) > 0 {
			f.Engagement.Categories = []catalog.Category{catalog.Security, catalog.Availability, catalog.Confidentiality}[:1+r.IntN(3)]
		}
		if f.Engagement.PreviousClose != (models.Date{}) {
			f.Engagement.PreviousClose = kickoff.AddMonths(8 + r.IntN(4))
		}
		if r.IntN(4) == 0 {
			f.ClientDays.Weekend = []time.Weekday{time.Friday, time.Saturday}
		}
		if r.IntN(3) == 0 {
			f.Engagement.Auditor = ""
		}
	})
	d.Now = d.Facts.FirmDays.Add(kickoff, -5).At(d.Facts.Location(), 9, 0)
	s := &played{t: t, name: typ, f: d.Facts, now: d.Now, people: &cast{r: r, from: kickoff, of: map[models.PersonID]*temper{},
		culture: map[models.Side]float64{models.SideClient: 1.2 * r.NormFloat64(), models.SideFirm: 0.5 * r.NormFloat64()}}}
	if r.IntN(5) == 0 {
		s.pauseOn = kickoff.AddDays(20 + r.IntN(250))
		s.resumeOn = s.pauseOn.AddDays(7 + r.IntN(36))
	}
	return s
}

// everybody returns a cast in which all are late by the same.
func everybody(r *rand.Rand, slow float64) *cast {
	c := &cast{r: r, of: map[models.PersonID]*temper{}}
	for _, id := range []models.PersonID{"marta", "ines", "noor", "priya", "tom", "hugo", "ruth", "kenji", "olga", ""} {
		c.of[id] = &temper{slow: slow, perDay: 1000, answers: 0}
	}
	return c
}
