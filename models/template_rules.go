package models

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

// OccurrenceRules says which occurrences of recurring controls a window holds, and when one is late or missed.
type OccurrenceRules struct {
	Daily              OccurrenceRule `yaml:"daily"`
	Weekly             OccurrenceRule `yaml:"weekly"`
	Monthly            OccurrenceRule `yaml:"monthly"`
	Quarterly          OccurrenceRule `yaml:"quarterly"`
	Semiannual         OccurrenceRule `yaml:"semiannual"`
	Annual             OccurrenceRule `yaml:"annual"`
	BelongsToWindow    string         `yaml:"belongs_to_window"`
	LastPeriodCap      string         `yaml:"last_period_cap"`
	Stub               string         `yaml:"stub"`
	PartialFirstPeriod string         `yaml:"partial_first_period"`
}

// An OccurrenceRule gives the days after a period in which evidence may still come, in business days.
type OccurrenceRule struct {
	Period      string `yaml:"period"`
	GraceDays   int    `yaml:"grace_bd"`
	MissedAfter int    `yaml:"missed_after_bd"`
}

// Rule returns the rule for controls of a frequency, and false for continuous and event controls, which have no
// occurrences.
func (o OccurrenceRules) Rule(frequency string) (OccurrenceRule, bool) {
	switch frequency {
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

// RemindersFile is reminders.yaml. Offsets are business days of the recipient around the due date.
type RemindersFile struct {
	Schema    string             `yaml:"schema"`
	Defaults  ReminderDefaults   `yaml:"defaults"`
	Schedules []ReminderSchedule `yaml:"schedules"`
	Snooze    SnoozeRules        `yaml:"snooze"`
	Extension ExtensionRules     `yaml:"extension"`
	Calendars CalendarRules      `yaml:"calendars"`
	Digest    DigestRules        `yaml:"digest"`
}

// ReminderDefaults says when reminders go out and what stops them. Times are HH:MM where the recipient is.
type ReminderDefaults struct {
	SendTime        string     `yaml:"send_time"`
	QuietHours      QuietHours `yaml:"quiet_hours"`
	DueTime         string     `yaml:"due_time"` // the end of a business day in the engagement's time zone
	MaxPerDay       int        `yaml:"max_messages_per_person_per_day"`
	DigestWhenItems int        `yaml:"digest_when_items_at_least"`
	StopWhen        []string   `yaml:"stop_when"`
}

// QuietHours are the hours in which nobody is reminded, over midnight.
type QuietHours struct {
	From string `yaml:"from"`
	To   string `yaml:"to"`
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
	Tone       string   `yaml:"tone"` // heads_up due_today overdue escalation
	Escalation int      `yaml:"escalation"`
	Digest     bool     `yaml:"digest"`
	Note       string   `yaml:"note"`
}

// SnoozeRules says how often and how long a person may put reminders off.
type SnoozeRules struct {
	MaxTimes               int  `yaml:"max_times"`
	MaxBusinessDaysEach    int  `yaml:"max_business_days_each"`
	ChangesDueDate         bool `yaml:"changes_due_date"`
	NotAllowedAtEscalation int  `yaml:"not_allowed_at_escalation"`
}

// ExtensionRules says who may move a due date how far.
type ExtensionRules struct {
	Fields                    []string        `yaml:"fields"`
	AutoApprove               AutoApproval    `yaml:"auto_approve"`
	PMApproves                ManagerApproval `yaml:"pm_approves"`
	PartnerAndSponsorApprove  string          `yaml:"partner_and_sponsor_approve"`
	PendingPausesBusinessDays int             `yaml:"pending_pauses_reminders_bd"`
}

// AutoApproval is what nobody needs to approve.
type AutoApproval struct {
	MaxBusinessDays       int  `yaml:"max_business_days"`
	OnlyIfOffCriticalPath bool `yaml:"only_if_off_critical_path"`
	MaxPerTask            int  `yaml:"max_per_task"`
}

// ManagerApproval is what the engagement manager may approve alone.
type ManagerApproval struct {
	MaxBusinessDays     int  `yaml:"max_business_days"`
	IfReportDateUnmoved bool `yaml:"if_report_date_unmoved"`
}

// CalendarRules says whose holidays count.
type CalendarRules struct {
	Firm   string `yaml:"firm"`
	Client string `yaml:"client"`
	Rule   string `yaml:"rule"`
}

// DigestRules says when each role gets its digest.
type DigestRules struct {
	Owner   string `yaml:"owner"`
	Sponsor string `yaml:"sponsor"`
	PM      string `yaml:"pm"`
	Partner string `yaml:"partner"`
}
