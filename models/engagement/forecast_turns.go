package engagement

import (
	"cmp"
	"math"
	"slices"

	"tickmark/models"
)

// What is seen of how people take their turns.
const (
	mostLate  = 14 // business days that a turn counts as late at most,
	mostEarly = 2  // and as early
	paceLast  = 40 // turns of somebody after which the earlier ones count half
	absent    = 10 // business days late from which on somebody was away who did nothing else meanwhile
	leastADay = 4  // things that anybody can do on a day
)

// A Took is what was seen of the turns of somebody: tasks done, and tasks accepted. What they did on one day counts as one turn, late
// by its average: who was slow on a day was slow once, with however many things.
type Took struct {
	Turns   int         `json:"n"`                  // days on which they took any
	Over    int         `json:"over,omitempty"`     // business days by which they were late on them; negative: early
	On      models.Date `json:"on,omitzero"`        // the last of these days
	Before  models.Date `json:"before,omitzero"`    // the one before it
	Day     int         `json:"day,omitempty"`      // turns on the last
	DayOver int         `json:"day_over,omitempty"` // business days by which they were late with these, all together
	Most    [3]int      `json:"most,omitzero"`      // the most turns on days on which they left undone what was due, the largest first
	Seen    models.Date `json:"seen,omitzero"`      // the last day that was looked at for that
}

// aDay returns how many things somebody does on a day at most: the third most that they did on days on which they left undone what was
// due. Zero when that is not known.
func (t Took) aDay() int {
	if n := t.Most[len(t.Most)-1]; n >= leastADay {
		return n
	}
	return 0
}

// leftUndone notes that on their last day somebody left undone what was due.
func (t *Took) leftUndone() {
	least := len(t.Most) - 1
	t.Most[least], t.Seen = max(t.Most[least], t.Day), t.On
	slices.SortFunc(t.Most[:], func(a, b int) int { return cmp.Compare(b, a) })
}

// average returns what somebody did on their last day as one turn; none where they did nothing.
func (t Took) average() Took {
	if t.Day == 0 {
		return Took{}
	}
	return Took{Turns: 1, Over: int(math.Round(float64(t.DayOver) / float64(t.Day)))}
}

// turns returns how many turns were taken.
func (p Pace) turns() int {
	n := 0
	for _, of := range p.Turns {
		n += of
	}
	return n
}

// over returns by how many business days turns were late, all together; less than none when early.
func (p Pace) over() int {
	n := 0
	for _, of := range p.Over {
		n += of
	}
	return n
}

// took notes that somebody of a side took a turn on a day that was due on another one, and was so many business days late with it, less
// than none when early; n takes it out again when it is -1, as long as that day is their last. Of who was away nothing is noted: that they
// were does not say how they work. What was done on an earlier day than their last and is reported after it is a turn of its own: what is
// known does not depend on what of a day is written down first.
func (p *Pace) took(who models.PersonID, s models.Side, due, on models.Date, late, n int) {
	own := p.Each[who]
	switch {
	case on == own.On:
	case n < 0:
		return
	case on.Before(own.On):
		p.tookBefore(who, s, due, on, late)
		return
	default:
		own.forgetHalf()
		own.Before, own.On, own.Day, own.DayOver = own.On, on, 0, 0
	}
	if late < absent || own.Before.After(due) {
		was := own.average()
		own.Day, own.DayOver = max(0, own.Day+n), own.DayOver+n*min(mostLate, max(-mostEarly, late))
		is := own.average()
		own.Turns, own.Over = own.Turns+is.Turns-was.Turns, own.Over+is.Over-was.Over
		p.side(s, was, -1)
		p.side(s, is, +1)
	}
	p.Each = with(p.Each, who, own)
}

// tookBefore notes a turn on a day before somebody's last.
func (p *Pace) tookBefore(who models.PersonID, s models.Side, due, on models.Date, late int) {
	own := p.Each[who]
	own.forgetHalf()
	if late < absent || own.Before.After(due) {
		turn := Took{Turns: 1, Over: min(mostLate, max(-mostEarly, late))}
		own.Turns, own.Over = own.Turns+turn.Turns, own.Over+turn.Over
		p.side(s, turn, +1)
	}
	if on.After(own.Before) {
		own.Before = on
	}
	p.Each = with(p.Each, who, own)
}

// forgetHalf lets the earlier turns count half, where there are many.
func (t *Took) forgetHalf() {
	if t.Turns >= paceLast {
		t.Turns, t.Over = t.Turns/2, t.Over/2
	}
}

// side adds a turn to those of a side, or takes it out.
func (p *Pace) side(s models.Side, t Took, n int) {
	p.Turns = with(p.Turns, s, max(0, p.Turns[s]+n*t.Turns))
	p.Over = with(p.Over, s, p.Over[s]+n*t.Over)
	p.Squares = with(p.Squares, s, max(0, p.Squares[s]+n*t.Over*t.Over))
}

// seeUndone notes who has left undone on the last day on which they took a turn what was due on it.
func (f *Facts) seeUndone(today models.Date) {
	p := &f.Engagement.Pace
	for _, t := range f.Tasks {
		own := p.Each[t.Owner]
		if t.State == TaskOpen && own.On.After(own.Seen) && own.On.Before(today) && !t.Due.After(own.On) {
			own.leftUndone()
			p.Each = with(p.Each, t.Owner, own)
		}
	}
}
