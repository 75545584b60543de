package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/engagement"
)

// Facts returns what a decision about an engagement needs, all of one moment: what is open, and of what is closed the tasks
// and the decision that need names, where they exist. It refuses (not found) an engagement that this firm does not have.
func (s *Store) Facts(ctx context.Context, id models.EngagementID, need engagement.Need) (*engagement.Facts, error) {
	var f *engagement.Facts
	err := s.root.read(ctx, "read the facts of an engagement", func(tx *gorm.DB) error {
		p := &pipeline{}
		h := s.head(p, id, "")
		if err := p.send(tx); err != nil {
			return err
		}
		var err error
		if f, _, err = s.facts(tx, h, need); err != nil {
			return err
		}
		return s.addAbsences(tx, f)
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// addAbsences gives the facts who of their people is away.
func (s *Store) addAbsences(tx *gorm.DB, f *engagement.Facts) error {
	ids := make([]string, len(f.People))
	for i, p := range f.People {
		ids[i] = string(p.ID)
	}
	all, err := s.allAbsences(tx, ids)
	for _, p := range f.People {
		f.Absences = append(f.Absences, all[p.ID]...)
	}
	return err
}

// A head is an engagement's row with its client's and its firm's.
type head struct {
	engagement engagementRow
	client     clientRow
	firm       firmRow
	last       string // what tells the firm's last event from every other; empty: not known
}

// forChange locks the engagement until the transaction ends, but lets others add rows that refer to it, as every new task
// does. SQLite has locked everything already.
const forChange = " FOR NO KEY UPDATE OF e"

// head asks for the head of an engagement, and refuses (not found) where there is none; suffix may be forChange. Whoever asks after it in
// the same pipeline asks under the lock.
func (s *Store) head(p *pipeline, id models.EngagementID, suffix string) *head {
	if s.root.dialect == onSQLite {
		suffix = ""
	}
	h := &head{}
	p.read("read the engagement", headSQL+suffix, []any{string(s.firm), string(id)}, func(rows answer) error {
		if !rows.Next() {
			return firstOf(rows.Err(), unknownEngagement(id))
		}
		var engagement, client, firm string
		if err := rows.Scan(&engagement, &client, &firm, &h.last); err != nil {
			return err
		}
		h.engagement.FirmID, h.client.FirmID = string(s.firm), string(s.firm)
		return firstOf(packEngagement.open(engagement, &h.engagement), packClient.open(client, &h.client), packFirm.open(firm, &h.firm))
	})
	return h
}

func unknownEngagement(id models.EngagementID) error {
	return models.Refuse(models.NotFound, "engagement", "there is no engagement %.80q", string(id))
}

// facts reads everything below the head. The body it returns is what was stored, whatever is done to the facts.
func (s *Store) facts(tx *gorm.DB, h *head, need engagement.Need) (*engagement.Facts, *body, error) {
	b, err := s.body(tx, h)
	if err != nil {
		return nil, nil, err
	}
	crew, err := s.crew(tx, h)
	if err != nil {
		return nil, nil, err
	}
	known, err := s.catalog(tx, h.engagement.Catalog)
	if err != nil {
		return nil, nil, err
	}
	r := &reader{}
	f := &engagement.Facts{Catalog: known, Engagement: h.engagement.model(r), Client: h.client.model(r), Firm: h.firm.model(r),
		People: slices.Clone(crew.people), Left: slices.Clone(crew.left), Duties: slices.Clone(crew.duties)}
	b.copyTo(f, r)
	if err := firstOf(s.named(tx, f, b, need), s.asked(tx, f, need.Questions)); err != nil {
		return nil, nil, err
	}
	if r.err != nil {
		return nil, nil, r.err
	}
	return f, b, s.addCalendars(f, crew.countries)
}

// body returns what is open below the head: as it is kept in memory, where that is what is stored.
func (s *Store) body(tx *gorm.DB, h *head) (*body, error) {
	if b := s.root.bodies.get(&h.engagement); b != nil {
		return b, nil
	}
	p := &pipeline{}
	got := s.find(p, bodySQL, string(s.firm), h.engagement.ID)
	if err := p.send(tx); err != nil {
		return nil, err
	}
	b := got.body(h.engagement.Stamp)
	if b.stamp != "" { // else it is not stored yet
		s.root.bodies.put(&h.engagement, b)
	}
	return b, got.r.err
}

// named adds what need names and the body has not, because it is closed.
func (s *Store) named(tx *gorm.DB, f *engagement.Facts, b *body, need engagement.Need) error {
	var tasks []any
	for _, id := range f.Named(need) {
		if _, open := b.task(id); !open && !slices.Contains(tasks, any(string(id))) {
			tasks = append(tasks, string(id))
		}
	}
	var decisions []any
	for _, id := range f.NamedDecisions(need) {
		if !slices.ContainsFunc(b.decisions, func(d decisionRow) bool { return d.ID == id }) {
			decisions = append(decisions, id)
		}
	}
	if len(tasks)+len(decisions) == 0 {
		return nil
	}
	if len(tasks) == 0 {
		tasks = []any{""} // no task has it
	}
	if len(decisions) == 0 {
		decisions = []any{""} // nor a decision
	}
	p := &pipeline{}
	query := strings.Replace(strings.Replace(namedSQL, some, marks(3, len(tasks)), 1), others, marks(3+len(tasks), len(decisions)), 1)
	got := s.find(p, query, slices.Concat([]any{string(s.firm), string(f.Engagement.ID)}, tasks, decisions)...)
	if err := p.send(tx); err != nil {
		return err
	}
	slices.SortFunc(got.tasks, func(x, y *engagement.Task) int { return cmp.Compare(x.ID, y.ID) })
	f.Tasks = append(f.Tasks, got.tasks...)
	for i := range got.decisions {
		d := got.decisions[i].model(got.r)
		f.Decisions = append(f.Decisions, &d)
	}
	return got.r.err
}

// asked adds the questions of some ids that are not open, where there are any.
func (s *Store) asked(tx *gorm.DB, f *engagement.Facts, ids []string) error {
	args := []any{string(s.firm), string(f.Engagement.ID)}
	for _, id := range ids {
		if f.Question(id) == nil && id != "" {
			args = append(args, id)
		}
	}
	if len(args) == 2 {
		return nil
	}
	p := &pipeline{}
	got := s.find(p, strings.Replace(askedSQL, some, marks(3, len(args)-2), 1), args...)
	if err := p.send(tx); err != nil {
		return err
	}
	for i := range got.questions {
		q := got.questions[i].model()
		f.Questions = append(f.Questions, &q)
	}
	return got.r.err
}

// found collects rows of several kinds.
type found struct {
	firm      string
	r         *reader
	tasks     []*engagement.Task
	phases    []phaseRow
	gates     []gateRow
	decisions []decisionRow
	questions []questionRow
	people    []models.Person
	duties    []models.Duty
	countries map[models.PersonID]string // where people live, if elsewhere than their company
}

// find asks a query of kinds of rows and packed rows.
func (s *Store) find(p *pipeline, query string, args ...any) *found {
	b := &found{firm: string(s.firm), r: &reader{}}
	p.read("read the facts", query, args, func(rows answer) error {
		var kind, text string
		for rows.Next() {
			if err := rows.Scan(&kind, &text); err != nil {
				return err
			}
			if err := b.add(kind, text); err != nil {
				return err
			}
		}
		return b.r.err
	})
	return b
}

// add unpacks a row into its place.
func (b *found) add(kind, text string) (err error) {
	switch kind {
	case "t":
		var row taskRow
		err = packTask.open(text, &row)
		t := row.model(b.r)
		b.tasks = append(b.tasks, &t)
	case "p":
		var row phaseRow
		err = packPhase.open(text, &row)
		b.phases = append(b.phases, row)
	case "g":
		var row gateRow
		err = packGate.open(text, &row)
		b.gates = append(b.gates, row)
	case "d":
		var row decisionRow
		err = packDecision.open(text, &row)
		b.decisions = append(b.decisions, row)
	case "q":
		var row questionRow
		err = packQuestion.open(text, &row)
		b.questions = append(b.questions, row)
	case "h":
		row := personRow{FirmID: b.firm}
		err = packPerson.open(text, &row)
		b.people = append(b.people, row.model(b.r))
	case "u":
		row := dutyRow{FirmID: b.firm}
		err = packDuty.open(text, &row)
		b.duties = append(b.duties, row.model())
	case "l":
		country, person, _ := strings.Cut(text, " ")
		if b.countries == nil {
			b.countries = map[models.PersonID]string{}
		}
		b.countries[models.PersonID(person)] = country
	default:
		err = fmt.Errorf("read the facts: a row of the kind %q", kind)
	}
	return err
}

// addCalendars gives the facts the business days of the years in which the engagement may have dates.
func (s *Store) addCalendars(f *engagement.Facts, countries map[models.PersonID]string) error {
	from, to := yearsOf(f.Engagement)
	var err error
	if f.FirmDays, err = s.root.calendars.of(f.Firm.Country, nil, f.Firm.Closed, f.Firm.Open, from, to); err != nil {
		return err
	}
	if f.ClientDays, err = s.root.calendars.of(f.Client.Country, f.Client.Weekend, f.Client.Closed, f.Client.Open, from, to); err != nil {
		return err
	}
	for _, p := range f.People {
		country := countries[p.ID]
		if country == "" && len(p.Closed)+len(p.Open) == 0 {
			continue
		}
		at := workplace{f.FirmDays, f.Firm.Country, f.Firm.Open}
		if p.Client != "" {
			at = workplace{f.ClientDays, f.Client.Country, f.Client.Open}
		}
		days, err := s.root.calendars.living(at, p, country, from, to)
		if err != nil {
			return err
		}
		if f.PersonDays == nil {
			f.PersonDays = map[models.PersonID]models.Calendar{}
		}
		f.PersonDays[p.ID] = days
	}
	return nil
}

// yearsOf returns the first and the last year in which an engagement may have dates.
func yearsOf(e engagement.Engagement) (from, to int) {
	from, to = e.CreatedAt.Year(), e.CreatedAt.Year()
	for _, d := range []models.Date{e.Kickoff, e.AsOf, e.WindowOpen, e.PreviousClose, e.Target, e.Baseline.Report, e.Summary.Cautious} {
		if !d.IsZero() {
			from, to = min(from, d.Year), max(to, d.Year)
		}
	}
	return max(from-1, models.MinYear), min(to+4, models.MaxYear)
}
