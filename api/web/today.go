package web

import (
	"fmt"
	"net/http"
	"slices"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

// A todayPage is what changed, and who of the firm has how much to do on which day.
type todayPage struct {
	page
	Waits   int // how many things wait for who looks
	Since   string
	Spans   []taskPick
	Changed []changedIn
	Places  int // engagements in which something changed
	N       int // things that changed
	More    bool
	Week    axis
	People  []loadLine
}

// A changedIn is what changed in an engagement.
type changedIn struct {
	At, Client string
	Lines      []string
	More       int
	State      string
	Word       string
}

// A loadLine is what somebody has to do in the weeks ahead.
type loadLine struct {
	Name, Role string
	Days       []loadDay
	Late       int
	Minutes    int // of what is late or due by Sunday
}

// A loadDay is what somebody has to do by a day.
type loadDay struct {
	Class string
	N     int
	Late  bool
	Said  string
}

// spans are since when one may look at what changed.
var spans = []struct {
	key, name string
	from      func(today models.Date) models.Date
}{{"", "Since yesterday", func(d models.Date) models.Date { return d.AddDays(-1) }},
	{"week", "This week", func(d models.Date) models.Date { return d.Monday() }},
	{"month", "30 days", func(d models.Date) models.Date { return d.AddDays(-30) }}}

const (
	changesRead = 500 // events of the time that are read
	changedIns  = 20  // engagements that are told
	changedSaid = 4   // events of each that are told
	loadWeeks   = 2   // weeks of work ahead
)

// todays shows the firm's people what changed and who has what to do.
func (p *Pages) todays(v *visit) error {
	ctx, q := v.r.Context(), v.r.URL.Query()
	out := todayPage{page: v.framed("Today", "todaypage", "/today")}
	chosen := q.Get("since")
	var from models.Date
	for _, s := range spans {
		pick := taskPick{Key: s.key, Name: s.name, At: with(q, "/today", "since", s.key), Current: s.key == chosen}
		if pick.Current {
			from, out.Since = s.from(out.Today), s.name
		}
		out.Spans = append(out.Spans, pick)
	}
	if from.IsZero() {
		return models.Refuse(models.Invalid, "since", "since %.20q is none of week, month", chosen)
	}
	owed, err := v.Store.Owed(ctx, v.Person, p.Mail, everything, v.Now)
	if err != nil {
		return err
	}
	out.Waits = len(owed.Lines())
	if err := v.addChanges(&out, from); err != nil {
		return err
	}
	if err := v.addLoads(&out); err != nil {
		return err
	}
	return v.show(http.StatusOK, todayPageOf(out))
}

// addChanges adds what changed from a day on: of each engagement first by how much its reports moved, those that moved furthest before the
// others, and of these the one in which something happened last first.
func (v *visit) addChanges(out *todayPage, from models.Date) error {
	ctx := v.r.Context()
	moved, err := v.Store.MovedSince(ctx, v.Actor, from.AddDays(-1))
	if err != nil {
		return err
	}
	filter := store.EventFilter{Since: from.At(models.Zone(v.Person.TimeZone), 0, 0), Newest: true}
	events, next, err := v.Store.ChangesFor(ctx, v.Actor, "", filter, "", changesRead)
	if err != nil {
		return err
	}
	out.More, out.N = next != "", len(events)+len(moved)
	by, places := map[models.EngagementID]*changesIn{}, []*changesIn{}
	in := func(id models.EngagementID) *changesIn {
		if by[id] == nil {
			by[id] = &changesIn{id: id}
			places = append(places, by[id])
		}
		return by[id]
	}
	for _, m := range moved {
		in(m.Engagement).moved = append(in(m.Engagement).moved, m)
	}
	for _, e := range events {
		in(e.Engagement).events = append(in(e.Engagement).events, e.Event)
	}
	out.Places = len(places)
	for _, c := range places[:min(len(places), changedIns)] {
		f, err := v.Store.Facts(ctx, c.id, needOf(c.events))
		if err != nil {
			return err
		}
		out.Changed = append(out.Changed, v.changedIn(f, c))
	}
	return nil
}

// changesIn is what changed in an engagement.
type changesIn struct {
	id     models.EngagementID
	moved  []store.Moved
	events []engagement.Event // the newest first
}

func (v *visit) changedIn(f *engagement.Facts, c *changesIn) changedIn {
	out := changedIn{At: "/engagements/" + string(c.id), Client: f.Client.Name}
	out.State, out.Word = stateOf(store.PortfolioRow{Status: f.Engagement.Status, Summary: f.Engagement.Summary, Pause: pauseOf(f.Engagement)})
	for _, m := range c.moved {
		out.Lines = append(out.Lines, movedWords(m))
	}
	for _, e := range c.events {
		text := models.Sentence(models.WithWeekdays(f.Words(e, v.Actor, v.Now)))
		if !slices.Contains(out.Lines, text) && len(out.Lines) < changedSaid {
			out.Lines = append(out.Lines, text)
		}
	}
	out.More = len(c.moved) + len(c.events) - len(out.Lines)
	return out
}

// movedWords says how a report moved.
func movedWords(m store.Moved) string {
	text := fmt.Sprintf("%s expected on %s instead of %s", models.Upper(m.Report.Name()), models.Dated(m.Is), models.Dated(m.Was))
	switch {
	case m.Days > 0:
		text += ": " + models.BusinessDays(m.Days) + " later"
	case m.Days < 0:
		text += ": " + models.BusinessDays(-m.Days) + " earlier"
	}
	return text + "."
}

// pauseOf returns the pause in which an engagement is; none where it is in none.
func pauseOf(e engagement.Engagement) engagement.Pause {
	if e.Status != engagement.StatusPaused || len(e.Pauses) == 0 {
		return engagement.Pause{}
	}
	return e.Pauses[len(e.Pauses)-1]
}

// addLoads adds who of the firm has what to do this week and the next.
func (v *visit) addLoads(out *todayPage) error {
	monday := out.Today.Monday()
	out.Week = axis{from: monday, days: 7 * loadWeeks, today: out.Today}
	loads, err := v.Store.Loads(v.r.Context(), v.Actor, monday.AddDays(out.Week.days))
	if err != nil {
		return err
	}
	at := map[models.PersonID]int{}
	for _, l := range loads {
		i, known := at[l.Person]
		if !known {
			person, err := v.Store.Person(v.r.Context(), l.Person)
			if err != nil {
				return err
			}
			i, at[l.Person] = len(out.People), len(out.People)
			out.People = append(out.People, loadLine{Name: person.Name, Role: roleNames[person.Role]})
		}
		out.People[i].add(out.Week, l)
	}
	slices.SortStableFunc(out.People, func(a, b loadLine) int { return b.Minutes - a.Minutes })
	return nil
}

// add adds what is due on a day. What was due before the week stands on today, where it waits.
func (x *loadLine) add(week axis, l store.Load) {
	day := l.Due
	if day.Before(week.from) {
		day = week.today
	}
	x.Late += l.Late
	if l.Due.Before(week.from.AddDays(7)) {
		x.Minutes += l.Minutes
	}
	class, on := week.spot(day)
	if !on {
		return
	}
	i := slices.IndexFunc(x.Days, func(d loadDay) bool { return d.Class == class })
	if i < 0 {
		i, x.Days = len(x.Days), append(x.Days, loadDay{Class: class})
	}
	d := &x.Days[i]
	d.N += l.Tasks
	d.Late = d.Late || l.Late > 0
	d.Said = fmt.Sprintf("%s: %s", weekdayAndDay(day), models.Count(d.N, "task"))
}

// hours says how long something takes: "3 h", "90 min".
func hours(minutes int) string {
	if minutes < 120 {
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%d h", (minutes+30)/60)
}
