package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// A letter is a message as it arrived, by whatever way.
type arrived struct {
	delivery string
	client   string // whose Slack it came to; empty: mail
	channel  string // of Slack
	receipt  string
	at       time.Time // the machine's
	text     string
	to       string // a mail address
}

// A checker holds a ledger against what arrived.
type checker struct {
	w       *world
	t       *tally
	ledger  map[string]reminders.Delivery
	arrived map[string][]arrived // by delivery
}

// check says what came of a world whose processes have ended, all but the database.
func (w *world) check(ctx context.Context) (tally, error) {
	c := &checker{w: w, t: newTally(w), ledger: map[string]reminders.Delivery{}, arrived: map[string][]arrived{}}
	root, err := store.Open(w.database)
	if err != nil {
		return *c.t, err
	}
	defer func() { _ = root.Close() }()
	s := root.For("firm")
	if err := c.read(ctx, s); err != nil {
		return *c.t, err
	}
	c.deliveries()
	c.slots()
	c.questions()
	c.pace()
	if err := c.record(ctx, s); err != nil {
		return *c.t, err
	}
	c.logs()
	c.clocks()
	if !w.production {
		return *c.t, nil
	}
	c.punctual()
	return *c.t, c.loaded(ctx, s)
}

// read gathers the ledger and what arrived.
func (c *checker) read(ctx context.Context, s *store.Store) error {
	err := pages(func(cursor string) ([]reminders.Delivery, string, error) {
		return s.Deliveries(ctx, store.DeliveryFilter{}, cursor, 200)
	}, func(d reminders.Delivery) (err error) {
		c.ledger[d.ID], _, err = s.Delivery(ctx, d.ID)
		return err
	})
	if err != nil {
		return err
	}
	for _, client := range []string{"north", "south"} {
		for _, m := range c.w.slack.AllMessages(team(client)) {
			if m.Bot == "" || m.Deleted {
				continue
			}
			a := arrived{client: client, channel: m.Channel, receipt: m.TS, at: m.PostedAt, text: m.Text + string(m.Blocks)}
			if m.Metadata != nil {
				a.delivery, _ = m.Metadata.EventPayload["k"].(string)
			}
			c.arrived[a.delivery] = append(c.arrived[a.delivery], a)
		}
	}
	for _, m := range c.w.mail.Messages() {
		id, _, _ := strings.Cut(m.MessageID, "@")
		c.arrived[id] = append(c.arrived[id],
			arrived{delivery: id, receipt: m.MessageID, at: m.Received, text: m.Subject + m.Text, to: strings.Join(m.To, ",")})
	}
	return nil
}

// pages reads a list page by page and hands each of its rows to do, until there are no more or one of them returns an error.
func pages[T any](read func(cursor string) (rows []T, more string, err error), do func(T) error) error {
	for cursor := ""; ; {
		rows, more, err := read(cursor)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := do(row); err != nil {
				return err
			}
		}
		if cursor = more; cursor == "" {
			return nil
		}
	}
}

// unreadable says whether nobody could find out whether a delivery arrived.
func (c *checker) unreadable(d reminders.Delivery) bool {
	if d.Channel == reminders.ChannelMail {
		return true
	}
	for day := d.Day; !day.After(models.DateIn(d.SettledAt, c.w.location)); day = day.AddDays(1) {
		if m := c.w.mornings[day]; m != nil && m.blind {
			return true
		}
	}
	return false
}

// deliveries: what the ledger calls sent arrived once, what it does not did not, and everything came to an end (I1, I2, I3, I5, I6).
func (c *checker) deliveries() {
	for _, d := range c.ledger {
		all := c.arrived[d.ID]
		c.ended(d, all)
		if len(all) > 1 {
			if d.AtLeastOnce() && c.unreadable(d) {
				c.t.again++ // said to be
			} else {
				c.t.double("%s arrived %d times", say(d), len(all))
			}
		}
		for _, a := range all {
			c.belongs(d, a)
		}
	}
	for id, all := range c.arrived {
		if _, ok := c.ledger[id]; !ok {
			c.t.breach("%d messages arrived of which the ledger knows nothing: %.80q", len(all), all[0].text)
		}
	}
}

// ended: a delivery came to an end, and what the ledger says of it is so.
func (c *checker) ended(d reminders.Delivery, all []arrived) {
	switch d.Status {
	case reminders.DeliverySent:
		c.sent(d, all)
	case reminders.DeliveryUncertain:
		c.t.uncertain++
		if !c.unreadable(d) && !c.lied(d) && !strings.Contains(d.Reason, tried) {
			c.t.breach("%s is in doubt though the history could be read: %s", say(d), d.Reason)
		}
	case reminders.DeliveryExpired:
		c.t.expired++
		c.absent(d, all)
	case reminders.DeliveryScheduled, reminders.DeliverySending, reminders.DeliveryFailed:
		c.t.breach("%s came to no good end: %s", say(d), d.Reason)
	default:
		c.absent(d, all)
	}
}

// sent: what the ledger calls sent arrived, and where and as what the ledger says.
func (c *checker) sent(d reminders.Delivery, all []arrived) {
	c.t.sent++
	if d.Evidence == reminders.EvidenceHistory {
		c.t.found++
	}
	switch len(all) {
	case 0:
		c.t.lose("%s is called sent and did not arrive", say(d))
	case 1:
		if a := all[0]; d.Receipt != a.receipt || d.Channel == reminders.ChannelSlack && d.Dest != a.channel {
			c.t.breach("%s has the receipt %s of %s, and arrived as %s in %s", say(d), d.Receipt, d.Dest, a.receipt, a.channel)
		}
	}
}

// lied says whether Slack answered something else than the truth while a delivery was in doubt: what was read then may be no history.
func (c *checker) lied(d reminders.Delivery) bool {
	for day := d.Day; !day.After(models.DateIn(d.SettledAt, c.w.location)); day = day.AddDays(1) {
		if m := c.w.mornings[day]; m != nil && m.slack != nil {
			return true
		}
	}
	return false
}

// tried is what the ledger says of a delivery that was given away once, did not arrive as far as can be seen, and is too late for its day:
// that it never arrives is not promised.
const tried = "it was tried, and then"

func (c *checker) absent(d reminders.Delivery, all []arrived) {
	if len(all) > 0 {
		c.t.breach("%s is called %s and arrived", say(d), d.Status)
	}
}

// belongs: nobody gets what is not theirs, and nothing in their quiet hours.
func (c *checker) belongs(d reminders.Delivery, a arrived) {
	for _, p := range cast {
		if p.id != string(d.Person) {
			continue
		}
		if !c.reached(p, a) {
			c.t.breach("%s went to %s%s", say(d), a.channel, a.to)
		}
		if other := map[string]string{"north": "south 2027", "south": "north 2027"}[p.client]; strings.Contains(a.text, other) {
			c.t.breach("%s tells of %s", say(d), other)
		}
	}
	if d.Kind == reminders.KindBinding { // somebody asked for it just then
		return
	}
	local := c.w.clock.At(a.at).In(c.w.location)
	wrong := time.Duration(float64(c.w.apart()) * c.w.clock.Rate)        // whoever sent it may have had another hour
	late := time.Duration(float64(2*time.Second)*c.w.clock.Rate) + wrong // the way to Slack takes hours here
	if hour := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute; hour < digestHour*time.Hour-wrong &&
		hour+24*time.Hour > quietHour*time.Hour+late {
		c.t.breach("%s arrived at %s", say(d), local.Format("15:04"))
	}
}

// reached says whether a message went to a person: to their address, or their direct messages in their client's Slack.
func (c *checker) reached(p person, a arrived) bool {
	if a.client == "" {
		return a.to == p.email()
	}
	return a.client == p.client && a.channel == c.w.slack.DirectChannel(team(p.client), p.user())
}

// slots: everybody heard once a day what was due that day (I1, I6).
func (c *checker) slots() {
	rows := map[slot][]reminders.Delivery{}
	for _, d := range c.ledger {
		if d.Kind == reminders.KindDigest {
			at := slot{string(d.Person), d.Day}
			rows[at] = append(rows[at], d)
		}
	}
	for at, all := range rows {
		if len(all) > 1 && !follow(all) {
			c.t.double("%s has %d digests of %s", at.person, len(all), at.day)
		}
	}
	for at := range c.w.tasks {
		if m := c.w.mornings[at.day]; m != nil { // else it is a day that was not played
			c.heard(at, m, rows[at])
		}
	}
}

// follow says whether deliveries are two of which one takes the other's place by another way.
func follow(all []reminders.Delivery) bool {
	return len(all) == 2 && (all[0].Follows == all[1].ID || all[1].Follows == all[0].ID)
}

// heard: somebody for whom something was due on a day had their digest, unless something went wrong that morning.
func (c *checker) heard(at slot, m *morning, all []reminders.Delivery) {
	c.t.expected++
	switch {
	case len(all) == 1 && (all[0].Status == reminders.DeliverySent || all[0].Status == reminders.DeliveryUncertain):
	case len(all) == 0 && c.toldBefore(at):
	case m.calm():
		c.t.lose("%s got no digest of %s, a quiet day: %v", at.person, at.day, statuses(all))
	case len(all) == 0 && !c.w.away(at.day):
		c.t.lose("%s has no digest of %s though nothing was away", at.person, at.day)
	default:
		c.t.late++ // the next one says what is true then
	}
}

// toldBefore says whether somebody heard of what is due on a day in a digest of the day before: one that goes out only in the afternoon
// says what was added meanwhile for the next day, of which there is nothing new then.
func (c *checker) toldBefore(at slot) bool {
	due := func(l engagement.Line) bool {
		return strings.Contains(l.Title, at.day.String()) && strings.HasSuffix(l.Title, " for "+at.person)
	}
	said := func(l *engagement.Line) bool { return due(*l) || slices.ContainsFunc(l.All, due) }
	for _, d := range c.ledger {
		if string(d.Person) == at.person && d.Kind == reminders.KindDigest && d.Day == at.day.AddDays(-1) && d.Message != nil &&
			d.Status == reminders.DeliverySent && slices.ContainsFunc(d.Message.Lines(), said) {
			return true
		}
	}
	return false
}

func statuses(all []reminders.Delivery) (out []string) {
	for _, d := range all {
		out = append(out, string(d.Status)+": "+d.Reason)
	}
	return out
}

// calm says whether nothing goes wrong.
func (m *morning) calm() bool {
	return len(m.points) == 0 && len(m.kills) == 0 && len(m.troubles) == 0 && m.slack == nil && m.mail == 0
}

// away says whether a process was away, or stopped, in the hours of a day's digests.
func (w *world) away(d models.Date) bool {
	if len(w.mornings[d].points) > 0 && w.mornings[d].stopped > 0 {
		return true
	}
	from, to := w.at(d, 0), w.at(d, quietHour)
	for _, gone := range w.gone {
		if gone.to.After(from) && gone.from.Before(to) {
			return true
		}
	}
	return false
}

// questions: each reached whom it was asked, and once. A message is changed where it stands when what it says is done, so that what was
// sent is read in the ledger.
func (c *checker) questions() {
	for text, q := range c.w.questions {
		n, again, doubt := c.tellings(q.id, text)
		c.t.asked++
		switch {
		case n == 0 && doubt: // counted among what is uncertain
		case n == 0:
			c.t.lose("%s was never asked %q", q.id, text)
		case n > 1 && again:
			c.t.again++
		case n > 1:
			c.t.double("%s was asked %q %d times", q.id, text, n)
		}
	}
}

// tellings counts how often somebody was told a text, and says whether they may have been told it again, and whether it is in doubt.
func (c *checker) tellings(person, text string) (n int, again, doubt bool) {
	for _, d := range c.ledger {
		if string(d.Person) != person || !speaksOf(d, text) {
			continue
		}
		n += len(c.arrived[d.ID])
		uncertain := d.Status == reminders.DeliveryUncertain
		again = again || uncertain || d.AtLeastOnce() && c.unreadable(d) // the next one says it again
		doubt = doubt || uncertain
	}
	return n, again, doubt
}

// speaksOf says whether a line of a message asks a text. Nobody answers here: what was asked before stands in daily messages with since
// when, which is no asking.
func speaksOf(d reminders.Delivery, text string) bool {
	return d.Message != nil && slices.ContainsFunc(d.Message.Lines(),
		func(l *engagement.Line) bool {
			return strings.Contains(l.Detail, text) && strings.HasSuffix(l.Text, " asks you")
		})
}

// pace: not more than a message a second to a channel, but for a sender who has just begun (I10).
func (c *checker) pace() {
	for _, client := range []string{"north", "south"} {
		last := map[string]slackfake.Message{}
		all := c.w.slack.AllMessages(team(client))
		slices.SortFunc(all, func(a, b slackfake.Message) int { return a.PostedAt.Compare(b.PostedAt) })
		for _, m := range all {
			if m.Bot == "" {
				continue
			}
			before, ok := last[m.Channel]
			last[m.Channel] = m
			if gap := m.PostedAt.Sub(before.PostedAt); ok && gap < 500*time.Millisecond && !slices.ContainsFunc(c.w.gone, func(s span) bool {
				return !s.to.Before(before.PostedAt.Add(-time.Second)) && !s.from.After(m.PostedAt)
			}) {
				c.t.breach("two messages to %s within %s", m.Channel, gap.Round(time.Millisecond))
			}
		}
	}
}

// record: what was acknowledged happened once, and the record has no holes (I4, I7).
func (c *checker) record(ctx context.Context, s *store.Store) error {
	titles := map[string]int{}
	for _, client := range []string{"north", "south"} {
		id, n, at := models.EngagementID(client+"-2027"), int64(0), time.Time{}
		events := pages(func(cursor string) ([]engagement.Event, string, error) {
			return s.Events(ctx, id, store.EventFilter{Internal: true}, cursor, 200)
		}, func(e engagement.Event) error {
			if n++; e.Seq != n {
				c.t.breach("event %d of %s has the number %d", n, id, e.Seq)
			}
			if e.At.Before(at) {
				c.t.breach("event %d of %s is dated %s before the one before it", n, id, at.Sub(e.At))
			}
			at = e.At
			return nil
		})
		tasks := pages(func(cursor string) ([]engagement.Task, string, error) {
			return s.Tasks(ctx, id, store.TaskFilter{}, cursor, 200)
		}, func(t engagement.Task) error {
			titles[t.Title]++
			return nil
		})
		if err := errors.Join(events, tasks); err != nil {
			return err
		}
	}
	comments, err := c.comments(ctx, s)
	if err != nil {
		return err
	}
	for title := range c.w.added {
		if titles[title] != 1 {
			c.t.breach("the acknowledged task %q is there %d times", title, titles[title])
		}
	}
	for text := range c.w.questions {
		if comments[text] != 1 {
			c.t.breach("the acknowledged question %q is there %d times", text, comments[text])
		}
	}
	return nil
}

// comments counts what was said about the tasks that somebody was asked about, by its text.
func (c *checker) comments(ctx context.Context, s *store.Store) (map[string]int, error) {
	comments := map[string]int{}
	about := map[[2]string]bool{}
	for _, q := range c.w.questions {
		about[[2]string{q.engagement(), q.task}] = true
	}
	for at := range about {
		said, err := s.Comments(ctx, models.EngagementID(at[0]), models.TaskID(at[1]))
		if err != nil {
			return nil, err
		}
		for _, one := range said {
			comments[one.Text]++
		}
	}
	return comments, nil
}

// alarm is what no log of ours may hold (I8).
var alarm = regexp.MustCompile(`(?i)nondetermin|panic|data race|workflow task failed`)

func (c *checker) logs() {
	files, _ := filepath.Glob(filepath.Join(c.w.dir, "*.log"))
	for _, file := range files {
		if strings.HasSuffix(file, "postgres.log") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			c.t.breach("%v", err)
		}
		for line := range bytes.Lines(text) {
			if alarm.Match(line) {
				c.t.breach("%s says %.200s", filepath.Base(file), line)
				break
			}
		}
	}
}

// say names a delivery in a line.
func say(d reminders.Delivery) string {
	return fmt.Sprintf("%s %s to %s by %s on %s", d.Kind, d.ID[:8], d.Person, d.Channel, d.Day)
}
