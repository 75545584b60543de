package catalog

import (
	"time"

	"tickmark/models"
)

// The parts of the catalog that say how often: samples and occurrences of controls, and reminders of tasks.

// SamplingFile is sampling.yaml: planning defaults, used to warn owners how many items to expect. The service auditor
// decides the sizes.
type SamplingFile struct {
	Schema          string             `yaml:"schema"`
	ByFrequency     []FrequencySample  `yaml:"by_frequency"`
	ByPopulation    []PopulationSample `yaml:"by_population"`
	ShorterWindows  string             `yaml:"shorter_windows"`
	Occurrences     OccurrenceRules    `yaml:"occurrence_rules"`
	EvidenceStates  []string           `yaml:"evidence_states"`
	DeviationStates []string           `yaml:"deviation_states"`
}

// A FrequencySample is how many occurrences of a recurring control a year are tested at low, moderate and high risk.
type FrequencySample struct {
	Frequency       string `yaml:"frequency"`
	ExpectedPerYear int    `yaml:"expected_per_year"`
	Low             int    `yaml:"low"`
	Default         int    `yaml:"default"`
	High            int    `yaml:"high"`
	Note            string `yaml:"note"`
}

// A PopulationSample is how many items of an event-driven control are tested when Min to Max happened; Max 0 in the
// last row is no upper bound. With TakeAll every item is.
type PopulationSample struct {
	Min     int    `yaml:"min"`
	Max     int    `yaml:"max"`
	TakeAll bool   `yaml:"take_all"`
	Low     int    `yaml:"low"`
	Default int    `yaml:"default"`
	High    int    `yaml:"high"`
	Note    string `yaml:"note"`
}

// OccurrenceRules says which occurrences of recurring controls a window holds, until when each is performed, and until when its evidence
// may come.
type OccurrenceRules struct {
	Continuous OccurrenceRule `yaml:"continuous"`
	Daily      OccurrenceRule `yaml:"daily"`
	Weekly     OccurrenceRule `yaml:"weekly"`
	Monthly    OccurrenceRule `yaml:"monthly"`
	Quarterly  OccurrenceRule `yaml:"quarterly"`
	Semiannual OccurrenceRule `yaml:"semiannual"`
	Annual     OccurrenceRule `yaml:"annual"`
	// SendAfterClose is how many business days after a window's last day its last evidence may come. Catalogs from before a performance
	// had a date of its own have 0.
	SendAfterClose int `yaml:"send_after_close_bd"`
	// CaptureWithin is in how many of the last business days of a window the setting of a continuous control is captured. It is 0 in
	// catalogs from before: they ask for it at the start, in the middle and at the end.
	CaptureWithin int `yaml:"capture_within_bd"`
	// JoinUnder is how much of a month or quarter has to lie in a window to be asked for by itself, in percent of its days: a first one with
	// less joins the next, and of what is asked for monthly a last one with less joins the one before. Catalogs from before have 0: there
	// none joins.
	JoinUnder int `yaml:"join_under_percent"`
}

// An OccurrenceRule says how controls of a frequency are asked for, in business days.
type OccurrenceRule struct {
	GraceDays   int `yaml:"grace_bd"`        // after a period in which its evidence may still come
	MissedAfter int `yaml:"missed_after_bd"` // after a period until its evidence counts as missing
	// Perform is the ladder by which somebody is reminded until the day of the performance is stated. Controls without one are asked for
	// their evidence alone: nobody states each of the many performances in a month.
	Perform string `yaml:"perform"`
}

// Rule returns the rule for controls of a frequency, and false for event controls, which have no occurrences, and for continuous ones of
// catalogs that have none for them.
func (o OccurrenceRules) Rule(frequency string) (OccurrenceRule, bool) {
	switch frequency {
	case "continuous":
		return o.Continuous, o.Continuous.GraceDays > 0
	case "daily":
		return o.Daily, true
	case "weekly":
		return o.Weekly, true
	case "monthly":
		return o.Monthly, true
	case "quarterly":
		return o.Quarterly, true
	case "semiannual":
		return o.Semiannual, true
	case "annual":
		return o.Annual, true
	}
	return OccurrenceRule{}, false
}

// RemindersFile is reminders.yaml: who is reminded of what, and when. Offsets are business days of the recipient around the due
// date.
type RemindersFile struct {
	Schema    string             `yaml:"schema"`
	Defaults  ReminderDefaults   `yaml:"defaults"`
	Digest    DigestTimes        `yaml:"digest"`
	Schedules []ReminderSchedule `yaml:"schedules"`
	Snooze    SnoozeRules        `yaml:"snooze"`
	Extension ExtensionRules     `yaml:"extension"`
}

// ReminderDefaults says when messages go out and how much they say. Times are where the recipient is. A firm may change them
// (Messaging).
type ReminderDefaults struct {
	QuietHours    QuietHours       `yaml:"quiet_hours"`
	DueTime       models.TimeOfDay `yaml:"due_time"`
	ShownWithin   int              `yaml:"shown_within_bd"`
	Lines         int              `yaml:"lines"`
	BundleMinutes int              `yaml:"bundle_minutes"`
	WeeklyBudget  int              `yaml:"weekly_budget"`
}

// QuietHours are the hours in which nothing is sent, over midnight.
type QuietHours struct {
	From models.TimeOfDay `yaml:"from" json:"from"`
	To   models.TimeOfDay `yaml:"to" json:"to"`
}

// DigestTimes says when each role gets its digest.
type DigestTimes struct {
	Owner      models.TimeOfDay `yaml:"owner"`
	Sponsor    models.TimeOfDay `yaml:"sponsor"`
	Auditor    models.TimeOfDay `yaml:"auditor"`
	Consultant models.TimeOfDay `yaml:"consultant"`
	PM         models.TimeOfDay `yaml:"pm"`
	Partner    models.TimeOfDay `yaml:"partner"`
}

// At returns when somebody in a role gets their digest.
func (d DigestTimes) At(r models.Role) models.TimeOfDay {
	switch r {
	case models.RoleSponsor:
		return d.Sponsor
	case models.RoleAuditor:
		return d.Auditor
	case models.RoleConsultant:
		return d.Consultant
	case models.RoleManager:
		return d.PM
	case models.RolePartner:
		return d.Partner
	}
	return d.Owner
}

// A ReminderSchedule is the ladder of reminders of one kind of task.
type ReminderSchedule struct {
	ID    string         `yaml:"id"`
	For   string         `yaml:"for"`
	Steps []ReminderStep `yaml:"steps"`
}

// A ReminderStep is one rung. It comes Offset business days after the due date, or at an event (At), or every Every
// days from day From on, Max times.
type ReminderStep struct {
	Offset     int      `yaml:"offset"`
	At         string   `yaml:"at"`
	Every      int      `yaml:"every"`
	From       int      `yaml:"from"`
	Max        int      `yaml:"max"`
	To         []string `yaml:"to"`
	CC         []string `yaml:"cc"`
	Tone       Tone     `yaml:"tone"`
	Escalation int      `yaml:"escalation"`
}

// A Tone is how a reminder speaks.
type Tone string

// The tones, from the mildest.
const (
	ToneWaiting    Tone = "waiting" // for somebody's approval or answer
	ToneHeadsUp    Tone = "heads_up"
	ToneDueSoon    Tone = "due_soon" // the last one before the due date: never spared
	ToneDueToday   Tone = "due_today"
	ToneOverdue    Tone = "overdue"
	ToneEscalation Tone = "escalation"
)

// Tones lists all tones.
var Tones = []Tone{ToneWaiting, ToneHeadsUp, ToneDueSoon, ToneDueToday, ToneOverdue, ToneEscalation}

// SnoozeRules says how often and how long a person may put reminders off.
type SnoozeRules struct {
	MaxTimes               int `yaml:"max_times"`
	MaxBusinessDaysEach    int `yaml:"max_business_days_each"`
	NotAllowedAtEscalation int `yaml:"not_allowed_at_escalation"`
}

// ExtensionRules says who may move a due date how far, in business days.
type ExtensionRules struct {
	AutoApprove               AutoApproval    `yaml:"auto_approve"`
	PMApproves                ManagerApproval `yaml:"pm_approves"`
	PendingPausesBusinessDays int             `yaml:"pending_pauses_reminders_bd"`
}

// AutoApproval is what nobody needs to approve, off the critical path.
type AutoApproval struct {
	MaxBusinessDays int `yaml:"max_business_days"`
	MaxPerTask      int `yaml:"max_per_task"`
}

// ManagerApproval is what the engagement manager may approve alone, when no agreed date moves.
type ManagerApproval struct {
	MaxBusinessDays int `yaml:"max_business_days"`
}

// Has reports whether a time lies in the quiet hours.
func (q QuietHours) Has(t models.TimeOfDay) bool {
	if q.From <= q.To {
		return q.From <= t && t < q.To
	}
	return t >= q.From || t < q.To
}

// Begin returns when the quiet hours of a day begin that come after a time of it, and midnight when they begin on the next day.
func (q QuietHours) Begin(d models.Date, after models.TimeOfDay, zone *time.Location) time.Time {
	if q.From <= after {
		return d.AddDays(1).At(zone, 0, 0)
	}
	return q.From.On(d, zone)
}

// Schedules are the ids of the ladders of reminders that the rules ask for: reminders.yaml has each of them.
var Schedules = []string{"standard", "short", "occurrence", "internal", "gate", "auditor", "word"}
