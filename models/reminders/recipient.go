package reminders

import (
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

// A Channel is a way by which messages reach somebody. A channel in Slack is called a Slack channel everywhere.
type Channel string

// The channels. Who has none is shown to the manager.
const (
	ChannelNone  Channel = ""
	ChannelSlack Channel = "slack"
	ChannelMail  Channel = "mail"
)

// CheckOfMail is what is named as missing in an installation while its mail server does not pass the check.
const CheckOfMail = "check of mail"

// Preferences are what a person wants of their messages.
type Preferences struct {
	Person   models.PersonID
	DigestAt models.TimeOfDay // 0: as the firm and their role have it
	Channel  Channel          // by which way first; empty: Slack where they are bound to it, else mail
	Country  string           // whose public holidays are theirs; empty: those of firm or client
	Summary  bool             // managers and partners: a summary of their engagements every working morning
	MailOff  bool             // they unsubscribed: only work that was not accepted and what has been escalated comes by mail
	Revision int64
}

// Check refuses preferences that cannot be: a digest in the quiet hours, an unknown country or channel.
func (p Preferences) Check(quiet catalog.QuietHours, known []string) error {
	if p.DigestAt != 0 && quiet.Has(p.DigestAt) {
		return models.Refuse(models.Invalid, "digest_at", "digest_at %s is in the quiet hours: choose a time from %s to %s", p.DigestAt,
			quiet.To, quiet.From-1)
	}
	switch p.Channel {
	case ChannelNone, ChannelSlack, ChannelMail:
	default:
		return models.Refuse(models.Invalid, "channel", "channel %q is none of slack, mail", p.Channel)
	}
	if p.Country != "" {
		return models.CheckCountry("country", p.Country, known)
	}
	return nil
}

// An Absence is a stretch of days on which somebody gets no messages.
type Absence = engagement.Absence

// A Recipient is a person as those see them who write to them: when, by which way, and who stands in.
type Recipient struct {
	models.Person
	Days     models.Calendar // their own business days
	Away     []Absence
	DigestAt models.TimeOfDay
	Quiet    catalog.QuietHours
	Channel  Channel
	Prefs    Preferences
	// Workspace is the Slack workspace in which they have confirmed who they are and the app works; empty: none.
	Workspace string
}

// Way returns the way by which the person is reached: the one they want, else Slack where they are bound to it, else mail where it can
// be sent. Nobody gets a thing by two ways.
func (r *Recipient) Way(mail bool) Channel {
	mail = mail && r.Email != ""
	switch {
	case r.Workspace != "" && !(mail && r.Prefs.Channel == ChannelMail):
		return ChannelSlack
	case mail:
		return ChannelMail
	}
	return ChannelNone
}

// Zone returns the person's time zone.
func (r *Recipient) Zone() *time.Location { return models.Zone(r.TimeZone) }

// Today returns the date where the person is.
func (r *Recipient) Today(now time.Time) models.Date { return models.DateIn(now, r.Zone()) }

// AwayOn returns the absence that covers a day, if there is one.
func (r *Recipient) AwayOn(d models.Date) (Absence, bool) {
	return engagement.AwayOn(r.Away, r.ID, d)
}

// Works reports whether the person works on a day: a business day of theirs on which they are not away.
func (r *Recipient) Works(d models.Date) bool {
	_, away := r.AwayOn(d)
	return !away && r.Days.IsBusiness(d)
}

// Open reports whether the person may be written to now: on a day they work, outside their quiet hours.
func (r *Recipient) Open(now time.Time) bool {
	local := now.In(r.Zone())
	return r.Works(r.Today(now)) && !r.Quiet.Has(models.TimeOfDay(60*local.Hour()+local.Minute()))
}

// NextOpen returns the first instant, from now on, at which the person may be written to: now when they may be already. Who does not work
// for a year is looked at again then.
func (r *Recipient) NextOpen(now time.Time) time.Time {
	if r.Open(now) {
		return now
	}
	d := r.Today(now)
	for range 366 {
		for _, at := range []time.Time{d.At(r.Zone(), 0, 0), r.Quiet.To.On(d, r.Zone())} {
			if at.After(now) && r.Open(at) {
				return at
			}
		}
		d = d.Next()
	}
	return d.At(r.Zone(), 0, 0)
}

// WorkingDay returns the n-th day after a day on which the person works. Days of who does not work for a year are not waited for.
func (r *Recipient) WorkingDay(d models.Date, n int) models.Date {
	for range 366 {
		if d = d.Next(); r.Works(d) {
			n--
		}
		if n <= 0 {
			break
		}
	}
	return d
}

// NextDigest returns the first instant after now at which the person gets a digest, if there is something to say. Who does not
// work for a year is looked for again then.
func (r *Recipient) NextDigest(now time.Time) time.Time {
	d := r.Today(now)
	for range 366 {
		if at := r.DigestAt.On(d, r.Zone()); r.Works(d) && at.After(now) {
			return at
		}
		d = d.Next()
	}
	return r.DigestAt.On(d, r.Zone())
}

// DayEnds returns when messages of a day are too late for it: the beginning of its quiet hours, or midnight when those begin after it.
func (r *Recipient) DayEnds(d models.Date) time.Time { return r.Quiet.Begin(d, r.DigestAt, r.Zone()) }

// Messaging is how a firm has its messages.
type Messaging struct {
	Firm          models.FirmID
	Paused        bool // the kill switch: nothing goes out
	PausedBy      models.PersonID
	PausedAt      time.Time
	PausedReason  string
	ClientsAt     models.TimeOfDay   // when people of clients get their digest; 0: the catalog's time for their role
	TeamAt        models.TimeOfDay   // when people of the firm do
	Quiet         catalog.QuietHours // zero: the catalog's
	WeeklyBudget  int                // 0: the catalog's
	BundleMinutes int                // 0: the catalog's
	Workspace     string             // Slack workspace and channel of the firm's weekly portfolio; empty: none
	SlackChannel  string             `json:"Channel"` // as answers to idempotency keys have it since the first release
	Revision      int64
}

// With fills in from the catalog what the firm has not chosen.
func (m Messaging) With(rules catalog.ReminderDefaults) Messaging {
	if m.Quiet == (catalog.QuietHours{}) {
		m.Quiet = rules.QuietHours
	}
	if m.WeeklyBudget == 0 {
		m.WeeklyBudget = rules.WeeklyBudget
	}
	if m.BundleMinutes == 0 {
		m.BundleMinutes = rules.BundleMinutes
	}
	return m
}

// Check refuses settings that cannot be. It expects what With has filled in.
func (m Messaging) Check() error {
	length := int(m.Quiet.To-m.Quiet.From+24*60) % (24 * 60)
	if m.Quiet.From == m.Quiet.To || length > 20*60 {
		return models.Refuse(models.Invalid, "quiet_from", "quiet hours from %s to %s must leave at least four hours of a day", m.Quiet.From,
			m.Quiet.To)
	}
	for _, at := range []struct {
		field string
		at    models.TimeOfDay
	}{{"clients_at", m.ClientsAt}, {"team_at", m.TeamAt}} {
		if at.at != 0 && m.Quiet.Has(at.at) {
			return models.Refuse(models.Invalid, at.field, "%s %s is in the quiet hours, %s to %s", at.field, at.at, m.Quiet.From, m.Quiet.To)
		}
	}
	if m.WeeklyBudget < 1 || m.WeeklyBudget > 100 {
		return models.Refuse(models.Invalid, "weekly_budget", "weekly_budget %d must be 1 to 100 messages", m.WeeklyBudget)
	}
	if m.BundleMinutes < 1 || m.BundleMinutes > 240 {
		return models.Refuse(models.Invalid, "bundle_minutes", "bundle_minutes %d must be 1 to 240", m.BundleMinutes)
	}
	if (m.Workspace == "") != (m.SlackChannel == "") {
		return models.Refuse(models.Invalid, "channel", "the weekly portfolio needs both a workspace and a channel, or neither")
	}
	return nil
}

// DigestOf returns when somebody gets their digest: as they chose, else as the firm has it, else as their role has it. A time that
// the firm's quiet hours swallowed since becomes their end.
func (m Messaging) DigestOf(p models.Person, prefs Preferences, times catalog.DigestTimes) models.TimeOfDay {
	at := times.At(p.Role)
	switch side := p.Role.Side(); {
	case prefs.DigestAt != 0:
		at = prefs.DigestAt
	case side == models.SideFirm && m.TeamAt != 0:
		at = m.TeamAt
	case side != models.SideFirm && m.ClientsAt != 0:
		at = m.ClientsAt
	}
	if m.Quiet.Has(at) {
		return m.Quiet.To
	}
	return at
}
