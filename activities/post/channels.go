package post

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// scheduleChannels schedules what is posted once a week: to a client's channel how much is open, to the firm's how its engagements stand.
func (p *Postman) scheduleChannels(ctx context.Context, r *reading) error {
	channels, err := p.Root.WeeklyPosts(ctx)
	if err != nil {
		return err
	}
	for _, c := range channels {
		if err := p.scheduleChannel(ctx, r, c); err != nil {
			return err
		}
	}
	return nil
}

// scheduleChannel schedules this week's post to one channel, unless it is scheduled already or its time has not come.
func (p *Postman) scheduleChannel(ctx context.Context, r *reading, c store.WeeklyPost) error {
	s := p.Root.For(c.Firm)
	settings, err := r.settings(ctx, c.Firm)
	if err != nil {
		return err
	}
	firm, err := s.Firm(ctx)
	if err != nil {
		return err
	}
	zone := models.Zone(firm.TimeZone)
	today := models.DateIn(r.now, zone)
	ends, now := weekly(settings.Quiet, today, zone, r.now)
	if !now {
		return nil
	}
	kind, slot := reminders.KindPortfolio, today.Monday().String()
	if c.Client != "" {
		kind, slot = reminders.KindCounts, string(c.Client)+"/"+slot
	}
	d := reminders.Delivery{Firm: c.Firm, ID: reminders.DeliveryID(c.Firm, "", kind, slot, reminders.ChannelSlack), Kind: kind, Slot: slot,
		Channel: reminders.ChannelSlack, Workspace: c.Workspace, Dest: c.SlackChannel, Status: reminders.DeliveryScheduled, ScheduledAt: r.now,
		NotAfter: ends, Day: today}
	if settings.Paused {
		d.Status, d.Reason = reminders.DeliverySuppressed, "all messages of the firm are paused"
	}
	known, err := s.HasDelivery(ctx, d.ID)
	if err != nil || known {
		return err
	}
	_, err = s.Schedule(ctx, []store.NewDelivery{{Delivery: d}}, nil)
	return err
}

// weekly returns until when the week's post may go to a channel today, and whether it may now: on Mondays at nine, or when the quiet
// hours end. A week that we were away for on its Monday has it later, until its Friday evening.
func weekly(quiet catalog.QuietHours, today models.Date, zone *time.Location, now time.Time) (ends time.Time, may bool) {
	at := models.TimeOfDay(9 * 60)
	if quiet.Has(at) {
		at = quiet.To
	}
	ends = quiet.Begin(today, at, zone)
	return ends, !now.Before(at.On(today, zone)) && now.Before(ends) && !today.After(today.Monday().AddDays(4))
}

// mostInChannel is how many engagements a post in a channel names: what fits into the 50 blocks of a message.
const mostInChannel = 40

// counts says in a client's channel how much is open: numbers alone, since a channel may be shared with others.
func (sh *shift) counts(ctx context.Context, d reminders.Delivery) (store.Frozen, *store.Suppression, error) {
	id, _, _ := strings.Cut(d.Slot, "/")
	ch, err := sh.s.ClientChannel(ctx, models.ClientID(id))
	if err != nil {
		return store.Frozen{}, nil, err
	}
	if ch.SlackChannel != d.Dest {
		return store.Frozen{}, dropped("the channel was changed"), nil
	}
	rows, err := sh.portfolioOf(ctx, store.ScopeClient(models.ClientID(id)))
	if err != nil {
		return store.Frozen{}, nil, err
	}
	m := reminders.Message{Subject: "Your audit this week", Intro: "This week in your audit."}
	var lines []engagement.Line
	for _, e := range rows {
		lines = append(lines, engagement.Line{Title: e.Name,
			Text: fmt.Sprintf("%s open, %d of them overdue; %d%% of the planned work is done", models.Count(e.Summary.Open, "task"),
				e.Summary.Overdue, e.Summary.Percent)})
	}
	if len(lines) == 0 {
		return store.Frozen{}, dropped("nothing is running for them"), nil
	}
	m.Sections = []reminders.Section{{Title: "Where it stands", Lines: lines[:min(len(lines), mostInChannel)]}}
	m.More = max(0, len(lines)-mostInChannel)
	m.Footer = "Who has to do what comes by direct message."
	if sh.p.Site.URL != "" {
		m.Footer += " " + sh.p.Site.URL
	}
	return store.Frozen{Message: m, About: idsOf(rows)}, nil, nil
}

// portfolio says in the firm's own channel how its engagements stand, the worst first.
func (sh *shift) portfolio(ctx context.Context, d reminders.Delivery) (store.Frozen, *store.Suppression, error) {
	settings, err := sh.s.Messaging(ctx)
	if err != nil {
		return store.Frozen{}, nil, err
	}
	if settings.Workspace != d.Workspace || settings.SlackChannel != d.Dest {
		return store.Frozen{}, dropped("the channel was changed"), nil
	}
	rows, err := sh.portfolioOf(ctx, store.ScopeAll())
	if err != nil {
		return store.Frozen{}, nil, err
	}
	if len(rows) == 0 {
		return store.Frozen{}, dropped("nothing is running"), nil
	}
	n := map[engagement.Health]int{}
	for _, e := range rows {
		n[e.Summary.Health]++
	}
	m := reminders.Message{Subject: "The portfolio this week",
		Intro: fmt.Sprintf("%s: %d late, %d at risk, %d on track.", models.Count(len(rows), "engagement"),
			n[engagement.HealthLate], n[engagement.HealthAtRisk], n[engagement.HealthOnTrack])}
	var lines []engagement.Line
	for _, e := range rows {
		if e.Summary.Health == engagement.HealthOnTrack {
			continue
		}
		l := engagement.Line{Title: e.Name, Detail: models.WithWeekdays(models.Sentence(e.Summary.Reason)),
			Text: strings.ReplaceAll(string(e.Summary.Health), "_", " ") + "; " + models.Count(e.Summary.Overdue, "task") + " overdue"}
		reports := e.Summary.ReportWords()
		if len(reports) == 1 && strings.Contains(l.Detail, " is expected on ") { // the reason says it too
			reports = nil
		}
		l.Text = strings.Join(append([]string{l.Text}, reports...), "; ")
		lines = append(lines, l)
	}
	if len(lines) > 0 {
		m.Sections = []reminders.Section{{Title: "To look at", Lines: lines[:min(len(lines), mostInChannel)]}}
		if m.More = max(0, len(lines)-mostInChannel); m.More > 0 {
			m.Footer = "All of them: tickmark engagement list."
		}
	}
	return store.Frozen{Message: m, About: idsOf(rows)}, nil, nil
}

// portfolioOf returns the live engagements of a scope, late ones first: 500 at most.
func (sh *shift) portfolioOf(ctx context.Context, scope store.Scope) ([]store.PortfolioRow, error) {
	rows, _, err := sh.s.Portfolio(ctx,
		store.PortfolioFilter{Scope: scope, Unmuted: true, Statuses: []engagement.Status{engagement.StatusRunning, engagement.StatusPaused}},
		"-health", "", 500)
	return rows, err
}

// idsOf returns the ids of some engagements.
func idsOf(rows []store.PortfolioRow) []models.EngagementID {
	out := make([]models.EngagementID, len(rows))
	for i, e := range rows {
		out[i] = e.ID
	}
	return out
}
