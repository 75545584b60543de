package store

import (
	"context"

	"tickmark/models"
	"tickmark/models/engagement"
)

type forecastRow struct {
	FirmID       string `gorm:"primaryKey"`
	EngagementID string `gorm:"primaryKey"`
	Report       string `gorm:"primaryKey"`
	Day          string `gorm:"primaryKey"`
	Expected     string
	Cautious     string
	Late         int
	Percent      int
}

func (forecastRow) TableName() string { return "forecasts" }

// keepForecasts notes what was reckoned of each report, if it was reckoned anew: the last of a day stays.
func (c *change) keepForecasts(row *engagementRow, e engagement.Engagement) {
	if row.Outlook == c.row.Outlook && row.Percent == c.row.Percent || e.Outlook.On.IsZero() {
		return
	}
	rows := make([]forecastRow, len(e.Outlook.Last))
	for i, k := range e.Outlook.Last {
		rows[i] = forecastRow{string(c.ref.Firm), string(c.ref.Engagement), string(k.Kind), e.Outlook.On.String(), c.w.date(k.Expected),
			c.w.date(k.Cautious), k.Late, e.Summary.Percent}
	}
	forecastTable.put(&c.out, "keep the forecast", rows)
}

// mostForecasts is how many days of forecasts are read: the newest.
const mostForecasts = 400

// Forecasts returns how the forecasts of an engagement's reports have moved, oldest day first, at most the newest 400 entries.
func (s *Store) Forecasts(ctx context.Context, id models.EngagementID) ([]engagement.PastForecast, error) {
	var rows []forecastRow
	err := s.root.db.WithContext(ctx).Where("firm_id = ? AND engagement_id = ?", string(s.firm), string(id)).
		Order("day DESC, report DESC").Limit(mostForecasts).Find(&rows).Error
	if err != nil {
		return nil, fail("read the forecasts", err)
	}
	r := &reader{}
	out := make([]engagement.PastForecast, len(rows))
	for i, row := range rows {
		out[len(rows)-1-i] = engagement.PastForecast{Day: r.date(row.Day), Report: engagement.ReportKind(row.Report),
			Expected: r.date(row.Expected), Cautious: r.date(row.Cautious), Late: row.Late, Percent: row.Percent}
	}
	return out, r.err
}

// mostEarlier is how many earlier engagements a forecast knows of: those that ended last.
const mostEarlier = 20

// earlier returns what was seen in the firm's earlier engagements: those that are complete.
func (s *Store) earlier(ctx context.Context) (engagement.Earlier, error) {
	var rows []engagementRow
	ended := s.root.db.WithContext(ctx).Where("firm_id = ? AND status = 'completed'", string(s.firm)) // as its index says it
	err := ended.Select("pace", "outlook").Order("ended_at DESC, id").Limit(mostEarlier).Find(&rows).Error
	if err != nil {
		return engagement.Earlier{}, fail("read what earlier engagements took", err)
	}
	r, out := &reader{}, engagement.Earlier{}
	for _, row := range rows {
		var pace engagement.Pace
		var outlook engagement.Outlook
		r.json(row.Pace, &pace)
		r.json(row.Outlook, &outlook)
		out = out.With(pace, outlook)
	}
	return out, r.err
}

// A Moved is a report that is expected on another day than it was.
type Moved struct {
	Engagement models.EngagementID
	Report     engagement.ReportKind
	Was, Is    models.Date
	Days       int // business days: more later, less earlier
}

// mostMoved is how many reports that have moved are told at most.
const mostMoved = 200

// MovedSince returns which reports of the engagements shown to an actor that have not ended are expected on another
// day than at the end of a
// day: those that moved furthest first. To who is not shown how an engagement stands it returns none.
func (s *Store) MovedSince(ctx context.Context, a engagement.Actor, day models.Date) ([]Moved, error) {
	if !a.SeesHealth() {
		return nil, nil
	}
	db, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	const last = "(SELECT MAX(x.day) FROM forecasts x WHERE x.firm_id = e.firm_id AND x.engagement_id = e.id AND x.report = "
	q := db.Table("engagements AS e").
		Joins("JOIN forecasts n ON n.firm_id = e.firm_id AND n.engagement_id = e.id AND n.day = "+last+"n.report)").
		Joins("JOIN forecasts o ON o.firm_id = e.firm_id AND o.engagement_id = e.id AND o.report = n.report AND o.day = "+last+
			"o.report AND x.day <= ?)", day.String()).
		Where("e.firm_id = ? AND n.expected <> o.expected", string(s.firm))
	var rows []struct {
		EngagementID, Report, Was, Present string
		Days                               int
	}
	err = PortfolioFilter{Scope: ScopeOf(a), Live: true}.where(q, s.firm).
		Select("e.id AS engagement_id, n.report AS report, o.expected AS was, n.expected AS present, n.late - o.late AS days").
		Order("ABS(n.late - o.late) DESC, e.id, n.report").Limit(mostMoved).Scan(&rows).Error
	r, out := &reader{}, make([]Moved, len(rows))
	for i, x := range rows {
		out[i] = Moved{models.EngagementID(x.EngagementID), engagement.ReportKind(x.Report), r.date(x.Was), r.date(x.Present), x.Days}
	}
	return out, firstOf(fail("read which reports moved", err), r.err)
}
