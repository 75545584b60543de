package reminders_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
)

// A listener is somebody who answers for an engagement and reads their messages, with what they were told last of each report: when it is
// expected, and what made it late then.
type listener struct {
	on     map[engagement.ReportKind]models.Date
	causes map[engagement.ReportKind]map[string]int
}

// Over lives: news of a report says how it differs from what this reader was told last in whatever message, and of its causes exactly those
// that grew or came anew when it is later, and those that shrank or are gone when it is earlier, by as many days as they did. Each
// report has one line at most, and nothing in it comforts where it alarms.
func TestNewsSaysWhatChangedSinceItWasTold(t *testing.T) {
	t.Parallel()
	news, parts, costs := 0, 0, 0
	for seed := range uint64(16) {
		r := rand.New(rand.NewPCG(seed, 83))
		d := modelstest.SomeLife(t, r)
		aud := modelstest.Audience(d.Facts)
		aud.Sent = map[reminders.SentKey]reminders.Sent{}
		readers := map[models.PersonID]*listener{}
		for _, who := range []models.PersonID{d.Facts.Engagement.Manager, d.Facts.Engagement.Partner, d.Facts.Sponsor()} {
			readers[who] = &listener{map[engagement.ReportKind]models.Date{}, map[engagement.ReportKind]map[string]int{}}
		}
		for range 30 {
			for range r.IntN(3) {
				d.Sensibly(r)
			}
			if r.IntN(3) == 0 {
				d.Agree()
			}
			d.GoTo(d.Today().AddDays(1 + r.IntN(7)))
			nudges := reminders.Nudges(d.Facts, aud, d.Now)
			for who, reads := range readers {
				mine := models.Keep(slices.Clone(nudges), func(n reminders.Nudge) bool { return n.To == who })
				g := reminders.Digesting{To: aud.People[who], Day: d.Today(), Nudges: mine, Limit: 1000}
				if d.Facts.Engagement.Status != engagement.StatusRunning || !g.Fresh() {
					continue
				}
				m, said := g.Digest()
				n, p, c := reads.read(t, d, who, m)
				news, parts, costs = news+n, parts+p, costs+c
				for _, n := range said {
					if n.Step != (reminders.Step{}) {
						key := reminders.SentKey{To: who, Engagement: n.Item.Engagement, Item: n.Item.Key()}
						aud.Sent[key] = aud.Sent[key].Then(n.Step, aud.People[who].Today(d.Now), n.Causes...)
					}
				}
			}
		}
	}
	if news < 30 || parts < 30 || costs < 5 {
		t.Errorf("only %d pieces of news were read, with %d changes, and %d other sentences of when a report is expected", news, parts, costs)
	}
}

var (
	changeOf  = regexp.MustCompile(`(\d+) business days? (more|less)(?:, no more so)?: “?([^;”]+)`)
	instead   = regexp.MustCompile(`instead of (?:the promised )?\w+ (\d{4}-\d\d-\d\d)`)
	nowOn     = regexp.MustCompile(`The report is now expected on \w+ (\d{4}-\d\d-\d\d)`)
	thatMoved = regexp.MustCompile(`is expected (\d+) business days? (later|earlier)`)
)

// read reads a message, holds its news of reports against what was told before, and remembers them. It returns how many pieces of
// news there were, with how many changes, and how often something else said when the report is expected.
func (x *listener) read(t *testing.T, d *modelstest.Desk, who models.PersonID, m reminders.Message) (news, parts, costs int) {
	t.Helper()
	fc := d.Report().Forecast
	last := fc.Reports[len(fc.Reports)-1].Kind
	seen := map[engagement.ReportKind]bool{}
	for _, l := range standing(m) {
		if now := nowOn.FindStringSubmatch(l.Detail); now != nil {
			costs++
			x.tell(fc, last)
		}
		kind, subject := engagement.ParseItem(l.Item)
		if kind != engagement.ItemOutlook {
			continue
		}
		report := last
		for _, p := range fc.Reports {
			if p.Kind.Anchor() == subject {
				report = p.Kind
			}
		}
		if seen[report] {
			t.Errorf("on %s %s reads twice of the %s", d.Today(), who, report.Name())
		}
		seen[report], news = true, news+1
		where := fmt.Sprintf("on %s %s, told %s of the %s, reads “%s: %s %s”", d.Today(), who, x.on[report], report.Name(), l.Title, l.Text,
			l.Detail)
		if was := instead.FindStringSubmatch(l.Text); was != nil && !x.on[report].IsZero() && was[1] != x.on[report].String() {
			t.Error(where)
		}
		parts += x.changes(t, fc, report, l, where)
		x.tell(fc, report)
	}
	return news, parts, costs
}

// standing returns the lines of a message as they stand, also those that it only counts.
func standing(m reminders.Message) (out []engagement.Line) {
	for _, s := range slices.Concat(m.Sections, m.Rest) {
		out = append(out, s.Lines...)
	}
	return out
}

// driversOf returns the causes of one report.
func driversOf(fc engagement.Forecast, report engagement.ReportKind) (out []engagement.Driver) {
	for _, p := range fc.Reports {
		if p.Kind == report {
			out = p.Drivers
		}
	}
	return out
}

// bySubject returns the days and the words of causes by what they are about.
func bySubject(drivers []engagement.Driver) (days map[string]int, words map[string]string) {
	days, words = map[string]int{}, map[string]string{}
	for _, c := range drivers {
		days[c.Subject] += c.Days
		if words[c.Subject] == "" {
			words[c.Subject] = strings.TrimSuffix(models.WithWeekdays(c.Text), ".")
		}
	}
	return days, words
}

// changes holds what a line says of causes against how they differ from what was told, and returns how many it says.
func (x *listener) changes(t *testing.T, fc engagement.Forecast, report engagement.ReportKind, l engagement.Line, where string) int {
	t.Helper()
	drivers := driversOf(fc, report)
	is, text := bySubject(drivers)
	found := changeOf.FindAllStringSubmatch(l.Detail, -1)
	for _, c := range found {
		n, _ := strconv.Atoi(c[1])
		if c[2] == "less" {
			n = -n
		}
		ok := strings.Contains(l.Detail, "no more so") // its text was told then
		for subject, words := range text {
			begins := strings.HasPrefix(words, strings.TrimSuffix(c[3], "."))
			ok = ok || begins && is[subject]-x.causes[report][subject] == n
		}
		if !ok {
			t.Errorf("%s, and by %v it is late for %+v, then %v", where, c, drivers, x.causes[report])
		}
	}
	more, less := strings.Contains(l.Detail, " more: "), strings.Contains(l.Detail, " less")
	if moved := thatMoved.FindStringSubmatch(l.Title); more && less || moved != nil && (more && moved[2] == "earlier" || less &&
		moved[2] == "later") {
		t.Errorf("good and bad stand side by side: %s", where)
	}
	grew := false
	for subject, n := range is {
		grew = grew || n > x.causes[report][subject]
	}
	if strings.Contains(l.Title, " later") && grew && l.Detail == "" {
		t.Errorf("it is later, and why is not said: %s", where)
	}
	return len(found)
}

// tell remembers what is said of a report.
func (x *listener) tell(fc engagement.Forecast, report engagement.ReportKind) {
	for _, p := range fc.Reports {
		if p.Kind == report {
			x.on[report], x.causes[report] = p.Expected, map[string]int{}
			for _, c := range p.Drivers {
				x.causes[report][c.Subject] += c.Days
			}
		}
	}
}
