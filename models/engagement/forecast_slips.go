package engagement

import (
	"maps"
	"slices"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
)

// An Outlook is what of a forecast is kept from one day to the next.
type Outlook struct {
	On   models.Date        `json:"on,omitzero"`    // the local day on which it was reckoned last
	Pace map[ReportKind]int `json:"pace,omitempty"` // business days that the pace of people adds to each report
	Aim  map[ReportKind]int `json:"aim,omitempty"`  // what it goes towards, a day at a time
	// Slow has by how many business days the pace would make the end of each phase later, when it counts in full.
	Slow   map[catalog.Phase]int `json:"slow,omitempty"`
	Rate   float64               `json:"rate,omitempty"`   // by how many business days each turn to come is taken to be late
	Spread map[ReportKind]int    `json:"spread,omitempty"` // business days from the expected to the cautious date
	Played models.Date           `json:"played,omitzero"`  // the local day of the spread
	Turns  int                   `json:"turns,omitempty"`  // that the pace has seen
	Over   int                   `json:"over,omitempty"`   // business days by which they were late, all together
	Slips  []Slip                `json:"slips,omitempty"`
	// Running are those that held up a phase on the morning of that day, before anything was done on it, and PutOff the decisions by
	// which open tasks are due later than planned.
	Running []Slip                        `json:"running,omitempty"`
	PutOff  []PutOff                      `json:"put_off,omitempty"`
	Effort  map[catalog.Phase]Effort      `json:"effort,omitempty"`
	Issued  map[ReportKind]models.Date    `json:"issued,omitempty"` // the day that was stated when it was issued
	Last    []Kept                        `json:"last,omitempty"`   // what was reckoned last, report by report
	Left    map[catalog.Phase]models.Date `json:"left,omitempty"`   // the day on which each phase was left first
	Took    map[catalog.Phase]float64     `json:"took,omitempty"`   // by what share of its planned business days each phase took longer
	// Missed are controls that are closed and were performed after their period, and MissedMore how many others there are.
	Missed     []Missed `json:"missed,omitempty"`
	MissedMore int      `json:"missed_more,omitempty"`
	// Worked is the last local day on which somebody did or decided something; zero when that is not known.
	Worked models.Date `json:"worked,omitzero"`
}

// Effort is planned and done work, in minutes.
type Effort struct {
	Planned int `json:"planned"`
	Done    int `json:"done"`
}

// A Kept is a report as it was forecast last.
type Kept struct {
	Kind     ReportKind  `json:"kind"`
	Promised models.Date `json:"promised"`
	Expected models.Date `json:"expected"`
	Cautious models.Date `json:"cautious"`
	Issued   models.Date `json:"issued,omitzero"`
	Late     int         `json:"late"`
	Pace     int         `json:"pace,omitempty"`
}

// A Slip is what was done late, a decision that put dates off, or a pause, and by how many business days it has moved the end of its phase.
type Slip struct {
	Phase   catalog.Phase   `json:"phase"`
	Kind    string          `json:"kind"`
	Subject string          `json:"subject,omitempty"`
	Title   string          `json:"title,omitempty"`
	Owner   models.PersonID `json:"owner,omitempty"`
	Role    string          `json:"role,omitempty"`
	More    int             `json:"more,omitempty"` // how many other things of the same owner were late with it
	Days    int             `json:"days"`           // by which the end of the phase moved
	Over    int             `json:"over,omitempty"` // by which it was late itself
	Waived  bool            `json:"waived,omitempty"`
	On      models.Date     `json:"on,omitzero"`   // when the pause ended, or until when it was put off
	From    models.Date     `json:"from,omitzero"` // of a pause: when it began; zero: that was not kept
}

const (
	slipTask  = "task"
	slipGate  = "gate"
	slipPause = "pause"
	slipMoved = "moved"
	slipRest  = "rest" // nobody in particular is known to be why
	mostSlips = 24     // how many are kept: the largest
)

// A PastForecast is what was forecast of one report on one day.
type PastForecast struct {
	Day      models.Date // the engagement's local day
	Report   ReportKind
	Expected models.Date
	Cautious models.Date
	Late     int // business days after the promised day; negative before it
	Percent  int // of the planned work that was done
}

// promises returns the reports as they were forecast last.
func (o Outlook) promises() []Promise {
	out := make([]Promise, len(o.Last))
	for i, k := range o.Last {
		out[i] = Promise{Kind: k.Kind, Promised: k.Promised, Expected: k.Expected, Cautious: k.Cautious, Issued: k.Issued, Late: k.Late,
			Pace: k.Pace}
	}
	return out
}

// keep remembers what was forecast, for lists and for a pause.
func (f *Facts) keep(fc Forecast) {
	o := &f.Engagement.Outlook
	o.Last = make([]Kept, len(fc.Reports))
	for i, p := range fc.Reports {
		o.Last[i] = Kept{p.Kind, p.Promised, p.Expected, p.Cautious, p.Issued, p.Late, p.Pace}
	}
}

// idle are the commands by which nothing is done and nothing is decided.
var idle = map[Kind]bool{CommentTask: true, SnoozeTask: true, AskTask: true, WithdrawQuestion: true, ReopenQuestion: true,
	MuteEngagement: true, UnmuteEngagement: true}

// bookWork notes on which day somebody did or decided something.
func (f *Facts) bookWork(k Kind, now time.Time) {
	if e := &f.Engagement; e.Status.Live() && !idle[k] {
		e.Outlook.Worked = f.Today(now)
	}
}

// StandsStill reports whether nothing was done and nothing decided after a day. Where that is not known it does not say so.
func (f *Facts) StandsStill(since models.Date) bool {
	worked := f.Engagement.Outlook.Worked
	return !worked.IsZero() && !worked.After(since)
}

// with returns a map with one entry changed; other copies of an engagement have the old one.
func with[K comparable, V any](m map[K]V, k K, v V) map[K]V {
	out := make(map[K]V, len(m)+1)
	maps.Copy(out, m)
	out[k] = v
	return out
}

// bookLeft notes the day on which a phase was left first.
func (f *Facts) bookLeft(p catalog.Phase, today models.Date) {
	o := &f.Engagement.Outlook
	if _, ok := o.Left[p]; ok {
		return
	}
	o.Left = with(o.Left, p, today)
	base := f.Engagement.Baseline.Phases[p]
	if planned := f.Workdays(base.Start, base.End); planned > 0 {
		o.Took = with(o.Took, p, float64(f.Workdays(f.Phase(p).Actual.Start, today)-planned)/float64(planned))
	}
}

// bookAcceptance notes how long a task that was done waited to be accepted: the business day after it was done is in time.
func (f *Facts) bookAcceptance(t *Task, today models.Date) {
	days := f.Days(t.ApproverRole)
	done, day := f.Unpaused(days, models.DateIn(t.DoneAt, f.Location())), f.Unpaused(days, today)
	f.Engagement.Pace.took(t.Approver, models.SideOf(t.ApproverRole), done, day, max(0, days.Count(done, day)-1), +1)
}

// bookWaived notes of a task that held up its phase that it was waived: it is not said to be done late.
func (f *Facts) bookWaived(t *Task) {
	o := &f.Engagement.Outlook
	for _, all := range []*[]Slip{&o.Running, &o.Slips} {
		*all = slices.Clone(*all) // other copies of the engagement have the old ones
		for i := range *all {
			if s := &(*all)[i]; s.Kind == slipTask && s.Subject == string(t.ID) {
				s.Waived = true
			}
		}
	}
}

// slip keeps a slip; of too many the largest stay.
func (f *Facts) slip(s Slip) {
	all := append(slices.Clone(f.Engagement.Outlook.Slips), s)
	if len(all) > mostSlips {
		least := -1
		for i := range all {
			if all[i].Kind != slipPause && (least < 0 || all[i].Days < all[least].Days) {
				least = i
			}
		}
		if least >= 0 {
			all = slices.Delete(all, least, least+1)
		}
	}
	f.Engagement.Outlook.Slips = all
}

// endings returns the number of the joint business day on which each phase can be expected to end that a pause moves, as of a day.
func (f *Facts) endings(day models.Date) map[catalog.Phase]int {
	out := map[catalog.Phase]int{}
	if f.Engagement.Baseline.Report.IsZero() {
		return out
	}
	w := f.workloadOn(day)
	for _, p := range f.Active() {
		if _, ok := stepOf[p]; ok && !calendarBound(f.anchorOf(p)) {
			out[p] = w.days.On(day)
			if end, task := w.last(f.reach(p)); task >= 0 {
				out[p] = end
			}
		}
	}
	return out
}

// bookPause notes for how many business days the engagement was paused, in the phases that were under way: joint ones, or more where
// dates that have moved by it, each by the business days of its owner, end the phase later. The pace of people goes on from where it was.
func (f *Facts) bookPause(p Pause, before, after map[catalog.Phase]int) {
	n := f.Workdays(p.From, p.To)
	if f.Engagement.Baseline.Report.IsZero() || n <= 0 {
		return
	}
	most := max(n, f.ClientDays.Count(p.From, p.To), f.FirmDays.Count(p.From, p.To))
	for _, phase := range f.Active() {
		if end, ok := before[phase]; ok {
			f.slip(Slip{Phase: phase, Kind: slipPause, Owner: p.By, Days: min(most, max(n, after[phase]-end)), From: p.From, On: p.To})
		}
	}
	later := func(days ...*models.Date) {
		for _, day := range days {
			if !day.IsZero() {
				*day = models.Earlier(f.workdays().Day(f.workdays().On(*day)+n), p.To)
			}
		}
	}
	later(&f.Engagement.Outlook.On, &f.Engagement.Outlook.Played)
	for who, own := range f.Engagement.Pace.Each {
		later(&own.On, &own.Before, &own.Seen)
		f.Engagement.Pace.Each = with(f.Engagement.Pace.Each, who, own)
	}
}
