package store

import (
	"slices"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

type engagementRow struct {
	FirmID        string `gorm:"primaryKey"`
	ID            string `gorm:"primaryKey"`
	ClientID      string
	Name          string
	NameKey       string
	Type          string
	Categories    string
	Addons        string
	Headcount     int
	TimeZone      string
	Status        string
	Kickoff       string
	AsOf          string
	WindowOpen    string
	WindowMonths  int
	PreviousClose string
	Predecessor   string
	Target        string
	Catalog       string
	Partner       string
	Manager       string
	Auditor       string
	Consultants   string
	Baseline      string
	Pace          string
	Outlook       string
	Health        string
	HealthRank    int
	Forecast      string
	Cautious      string
	Reports       string
	Percent       int
	OpenTasks     int
	Overdue       int
	Reason        string
	Phases        string
	NextDue       string
	Wake          int64
	Undo          string
	PausedOn      string
	Pauses        string
	Muted         bool
	StartedAt     int64
	EndedAt       int64
	Created       int64 `gorm:"column:created_at"`
	Added         int
	Decided       int
	Asked         int
	EventSeq      int64
	EventAt       int64 // of the last event
	CommentSeq    int64
	Stamp         string
	Revision      int64
}

func (engagementRow) TableName() string { return "engagements" }

func (e *engagementRow) model(r *reader) engagement.Engagement {
	out := engagement.Engagement{Firm: models.FirmID(e.FirmID), ID: models.EngagementID(e.ID), Client: models.ClientID(e.ClientID),
		Name: e.Name, Type: e.Type,
		Categories: list[catalog.Category](r, e.Categories), Addons: list[string](r, e.Addons), Headcount: e.Headcount, TimeZone: e.TimeZone,
		Status: engagement.Status(e.Status), Kickoff: r.date(e.Kickoff), AsOf: r.date(e.AsOf), WindowOpen: r.date(e.WindowOpen),
		WindowMonths:  e.WindowMonths,
		PreviousClose: r.date(e.PreviousClose), Predecessor: models.EngagementID(e.Predecessor),
		Target: r.date(e.Target), Catalog: e.Catalog, Partner: models.PersonID(e.Partner),
		Manager: models.PersonID(e.Manager),
		Auditor: models.PersonID(e.Auditor), Consultants: list[models.PersonID](r, e.Consultants), Summary: e.summary(r),
		PausedOn: r.date(e.PausedOn), Muted: e.Muted, StartedAt: instant(e.StartedAt), EndedAt: instant(e.EndedAt), CreatedAt: instant(e.Created),
		Added: e.Added, Decided: e.Decided, Asked: e.Asked, Revision: e.Revision}
	r.json(e.Baseline, &out.Baseline)
	r.json(e.Pace, &out.Pace)
	r.json(e.Undo, &out.Undo)
	if e.Outlook != "" {
		r.json(e.Outlook, &out.Outlook)
	}
	if e.Pauses != "" {
		r.json(e.Pauses, &out.Pauses)
	}
	return out
}

func (e *engagementRow) summary(r *reader) engagement.Summary {
	return engagement.Summary{Health: engagement.Health(e.Health), Forecast: r.date(e.Forecast), Cautious: r.date(e.Cautious),
		Percent: e.Percent, Open: e.OpenTasks, Overdue: e.Overdue,
		Reason: e.Reason, Phases: list[catalog.Phase](r, e.Phases), Reports: reportsOf(r, e.Reports),
		NextDue: r.date(e.NextDue), Wake: instant(e.Wake)}
}

// engagementOf leaves out the counters of events and comments and the stamp, which are the store's own.
func engagementOf(w *writer, e engagement.Engagement) engagementRow {
	s := e.Summary
	return engagementRow{FirmID: string(e.Firm), ID: string(e.ID), ClientID: string(e.Client), Name: w.text(e.Name),
		NameKey: w.text(keyOf(e.Name)), Type: w.text(e.Type),
		Categories: listText(e.Categories), Addons: listText(e.Addons), Headcount: e.Headcount, TimeZone: e.TimeZone, Status: string(e.Status),
		Kickoff: w.date(e.Kickoff), AsOf: w.date(e.AsOf), WindowOpen: w.date(e.WindowOpen), WindowMonths: e.WindowMonths,
		PreviousClose: w.date(e.PreviousClose), Predecessor: string(e.Predecessor),
		Target: w.date(e.Target), Catalog: e.Catalog, Partner: string(e.Partner),
		Manager: string(e.Manager),
		Auditor: string(e.Auditor), Consultants: listText(e.Consultants), Baseline: w.json(e.Baseline), Pace: w.json(e.Pace),
		Outlook: w.json(e.Outlook),
		Health:  string(s.Health), HealthRank: 1 + slices.Index(engagement.Healths, s.Health), Forecast: w.date(s.Forecast),
		Cautious: w.date(s.Cautious), Reports: reportsText(w, s.Reports), Percent: s.Percent,
		OpenTasks: s.Open, Overdue: s.Overdue, Reason: w.text(s.Reason), Phases: listText(s.Phases), NextDue: w.date(s.NextDue),
		Wake:     micros(s.Wake),
		Undo:     w.json(e.Undo),
		PausedOn: w.date(e.PausedOn), Muted: e.Muted, StartedAt: micros(e.StartedAt), EndedAt: micros(e.EndedAt), Created: micros(e.CreatedAt),
		Added: e.Added, Decided: e.Decided, Asked: e.Asked, Revision: e.Revision, Pauses: pausesText(w, e.Pauses)}
}

// reportsText writes the reports of a summary as they are kept, and reportsOf reads them; of none there is nothing.
func reportsText(w *writer, all []engagement.Kept) string {
	if len(all) == 0 {
		return ""
	}
	return w.json(all)
}

func reportsOf(r *reader, text string) []engagement.Kept {
	var out []engagement.Kept
	if text != "" {
		r.json(text, &out)
	}
	return out
}

// inWordsOf makes a row that was read say in the words of one that was just made what both say: an earlier release may have said the same
// in other words, and that is no change. What they say differently stays as it was read.
func (e *engagementRow) inWordsOf(now *engagementRow, w *writer, r *reader) {
	sameIn(&e.Categories, now.Categories, r, listText[catalog.Category])
	sameIn(&e.Addons, now.Addons, r, listText[string])
	sameIn(&e.Consultants, now.Consultants, r, listText[models.PersonID])
	sameIn(&e.Phases, now.Phases, r, listText[catalog.Phase])
	sameIn(&e.Baseline, now.Baseline, r, jsonText[engagement.Baseline](w))
	sameIn(&e.Pace, now.Pace, r, jsonText[engagement.Pace](w))
	sameIn(&e.Outlook, now.Outlook, r, jsonText[engagement.Outlook](w))
	sameIn(&e.Undo, now.Undo, r, jsonText[*engagement.Undo](w))
	sameIn(&e.Pauses, now.Pauses, r, func(all []engagement.Pause) string { return pausesText(w, all) })
	sameIn(&e.Reports, now.Reports, r, func(all []engagement.Kept) string { return reportsText(w, all) })
	if e.Name == now.Name {
		e.NameKey = now.NameKey
	}
	if e.Health == now.Health {
		e.HealthRank = now.HealthRank
	}
}

// sameIn replaces a text that was stored by the one that would be stored now, where both stand for the same value.
func sameIn[T any](was *string, now string, r *reader, write func(T) string) {
	if *was == now {
		return
	}
	var value T
	if r.json(*was, &value); write(value) == now {
		*was = now
	}
}

// jsonText returns how a value is stored as JSON.
func jsonText[T any](w *writer) func(T) string { return func(v T) string { return w.json(v) } }

// pausesText writes pauses as they are kept.
func pausesText(w *writer, all []engagement.Pause) string {
	if len(all) == 0 {
		return ""
	}
	return w.json(all)
}

// members returns who takes part on the firm's and the auditor's side, each role once.
func members(e engagement.Engagement) []memberRow {
	out := make([]memberRow, 0, 3+len(e.Consultants))
	add := func(person models.PersonID, role models.Role) {
		m := memberRow{FirmID: string(e.Firm), PersonID: string(person), EngagementID: string(e.ID), Role: string(role)}
		if person != "" && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	add(e.Partner, models.RolePartner)
	add(e.Manager, models.RoleManager)
	add(e.Auditor, models.RoleAuditor)
	for _, p := range e.Consultants {
		add(p, models.RoleConsultant)
	}
	return out
}
