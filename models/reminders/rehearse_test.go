package reminders_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/holiday"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
)

// anExample returns the draft of one of docs/examples, everybody in it reached by Slack.
func anExample(t testing.TB, name string) (*engagement.Facts, reminders.Audience) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../docs/examples", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Client struct {
			ID, Name, Country string
			Headcount         int
			TimeZone          string   `yaml:"time_zone"`
			Closed            []string `yaml:"closed_days"`
		}
		People []struct {
			ID, Name, Role string
			TimeZone       string `yaml:"time_zone"`
		}
		Functions  map[string]struct{ Person, Backup string }
		Engagement struct {
			ID, Name, Type     string
			Categories, Addons []string
			Kickoff            string
			WindowOpen         string `yaml:"window_open"`
			WindowMonths       int    `yaml:"window_months"`
			Target             string `yaml:"target_report"`
			Partner, Manager   string
			Auditor            string
			Consultants        []string
			PreviousClose      string `yaml:"previous_close"`
			AsOf               string `yaml:"as_of_date"`
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	days := func(country string, closed ...string) models.Calendar {
		off, err := holiday.Between(country, modelstest.On("2025-01-01"), modelstest.On("2034-12-31"))
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range closed {
			off[modelstest.On(d)] = "closed"
		}
		return models.Calendar{Closed: off}
	}
	date := func(s string) models.Date {
		if s == "" {
			return models.Date{}
		}
		return modelstest.On(s)
	}
	c, e := file.Client, file.Engagement
	f := &engagement.Facts{Catalog: modelstest.Catalog(),
		Firm: models.Firm{ID: "acme", Name: "Acme Advisory", Country: "US", TimeZone: "America/New_York"},
		Client: models.Client{Firm: "acme", ID: models.ClientID(c.ID), Name: c.Name, Headcount: c.Headcount, Country: c.Country,
			TimeZone: c.TimeZone},
		FirmDays: days("US"), ClientDays: days(c.Country, c.Closed...)}
	f.Engagement = engagement.Engagement{Firm: "acme", ID: models.EngagementID(e.ID), Client: f.Client.ID, Name: e.Name, Type: e.Type,
		Status: engagement.StatusDraft,
		Addons: e.Addons, Kickoff: date(e.Kickoff), WindowOpen: date(e.WindowOpen), WindowMonths: e.WindowMonths, Target: date(e.Target),
		PreviousClose: date(e.PreviousClose), AsOf: date(e.AsOf), Partner: models.PersonID(e.Partner), Manager: models.PersonID(e.Manager),
		Auditor: models.PersonID(e.Auditor), Revision: 1}
	for _, x := range e.Categories {
		f.Engagement.Categories = append(f.Engagement.Categories, catalog.Category(x))
	}
	for _, x := range e.Consultants {
		f.Engagement.Consultants = append(f.Engagement.Consultants, models.PersonID(x))
	}
	for _, p := range file.People {
		person := models.Person{Firm: "acme", ID: models.PersonID(p.ID), Name: p.Name, Role: models.Role(p.Role), TimeZone: p.TimeZone,
			Active: true}
		if person.Role.Side() == models.SideClient {
			person.Client = f.Client.ID
		}
		f.People = append(f.People, person)
	}
	for function, duty := range file.Functions {
		f.Duties = append(f.Duties, models.Duty{Function: function, Person: models.PersonID(duty.Person), Backup: models.PersonID(duty.Backup)})
	}
	slices.SortFunc(f.Duties, func(a, b models.Duty) int { return strings.Compare(a.Function, b.Function) })
	return f, modelstest.Audience(f)
}

var examples = []string{"startup-type1", "saas-type1-type2", "processor-soc1"}

// Every message of the three example engagements over their whole life, by day and person, for the three assumptions: what a
// client would live through.
func TestCalendarsOfMessages(t *testing.T) {
	for _, name := range examples {
		for _, assume := range reminders.Assumptions {
			t.Run(name+"/"+string(assume), func(t *testing.T) {
				t.Parallel()
				f, aud := anExample(t, name)
				now := f.Engagement.Kickoff.AddDays(-7).At(f.Location(), 12, 0)
				got, err := reminders.Rehearse(t.Context(), f, aud, reminders.Messaging{}, assume, now, f.Engagement.Kickoff.AddMonths(18))
				if err != nil {
					t.Fatal(err)
				}
				laws(t, got.Messages)
				modelstest.Golden(t, filepath.Join("calendars", name+"."+string(assume)+".golden"), calendar(got.Messages))
			})
		}
	}
}

// imperative finds in a line what asks its reader to do something.
var imperative = regexp.MustCompile(
	`needs your decision|: (accept it|propose|give it|assign it|sign it|approve it|talk to|add an|name who)|waits for your`)

// wellSaid holds a message against what it must not say twice, and how it must not say it.
func wellSaid(t *testing.T, to string, m reminders.Message) {
	t.Helper()
	saidOnce(t, to, m)
	for _, wrong := range misread(m) {
		t.Errorf("%s: %s", to, wrong)
	}
}

// linesShown returns how many lines a message shows.
func linesShown(m reminders.Message) (n int) {
	for _, s := range m.Sections {
		n += len(s.Lines)
	}
	return n
}

// laws holds every rehearsal against what must never happen.
func laws(t *testing.T, all []reminders.Rehearsed) {
	t.Helper()
	digests := map[string]bool{}
	for _, m := range all {
		local := m.At.In(m.To.Zone())
		day := models.DateIn(m.At, m.To.Zone())
		if m.Kind == reminders.KindDigest {
			key := string(m.To.ID) + day.String()
			if digests[key] {
				t.Errorf("%s gets two digests on %s", m.To.Name, day)
			}
			digests[key] = true
			if !m.To.Works(day) || m.To.Quiet.Has(models.TimeOfDay(local.Hour()*60+local.Minute())) {
				t.Errorf("%s is written to at %s", m.To.Name, local)
			}
		}
		for _, s := range m.Message.Sections { // what a message asks, it offers
			asks := s.Title != "Held up" && s.Title != "News" && s.Title != "Coming up" && s.Title != "For your information"
			for _, l := range s.Lines {
				if len(l.Acts) == 0 && len(l.All) == 0 && (asks || imperative.MatchString(l.Text+" "+l.Detail)) {
					t.Errorf("%s is asked for what they are not offered: %s: %+v", m.To.Name, s.Title, l)
				}
			}
		}
		wellSaid(t, m.To.Name+" on "+day.String(), m.Message)
		heldAgain(t, m.To.Name+" on "+day.String(), m.Message)
		lines := linesShown(m.Message)
		for _, l := range m.Message.Lines() {
			if strings.TrimSpace(l.Title) == "" || strings.Contains(l.Title+l.Text+l.Detail, "%!") {
				t.Errorf("%s gets a line %+v", m.To.Name, l)
			}
		}
		if lines == 0 || lines > 10 {
			t.Errorf("%s gets a message of %d lines", m.To.Name, lines)
		}
	}
}

// heldAgain holds what a message says of a call that is held every week: it says so of one of them, on its day or the business day before
// it, and never that one goes up that its next one takes the place of.
func heldAgain(t *testing.T, to string, m reminders.Message) {
	t.Helper()
	var calls []*engagement.Line
	for _, l := range m.Lines() {
		if l.Title == "Weekly status call" {
			calls = append(calls, l)
		}
	}
	for _, l := range calls {
		ahead := strings.Contains(l.Text, "in ") && !strings.Contains(l.Text, "in 1 business day")
		if len(calls) > 1 || ahead || strings.Contains(l.Text, "it goes to") {
			t.Errorf("%s: of %d calls: %q", to, len(calls), l.Text)
		}
	}
}

// Who has had twice the weekly budget hears nothing at once any more: it waits for their digest.
func TestNothingAtOnceBeyondTheBudget(t *testing.T) {
	f, aud := anExample(t, "saas-type1-type2")
	got, err := reminders.Rehearse(t.Context(), f, aud, reminders.Messaging{WeeklyBudget: 1}, reminders.AssumeLate,
		f.Engagement.Kickoff.AddDays(-7).At(f.Location(), 12, 0), f.Engagement.Kickoff.AddMonths(15))
	if err != nil {
		t.Fatal(err)
	}
	all := got.Messages
	laws(t, all)
	weeks, waited := map[string]int{}, 0
	for _, m := range all {
		week := string(m.To.ID) + models.DateIn(m.At, m.To.Zone()).Monday().String()
		if m.Kind == reminders.KindNow && weeks[week] >= 2 {
			t.Errorf("%s hears at once at %s, after %d messages", m.To.Name, m.At, weeks[week])
		}
		if m.Kind == reminders.KindDigest && m.Message.Sections[0].Title == "News" {
			waited++
		}
		weeks[week]++
	}
	if waited == 0 {
		t.Error("nothing had to wait")
	}
}

// BenchmarkRehearse lives the 180-person example through for fifteen months, for each assumption.
func BenchmarkRehearse(b *testing.B) {
	for _, assume := range reminders.Assumptions {
		b.Run(string(assume), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				f, aud := anExample(b, "saas-type1-type2")
				now := f.Engagement.Kickoff.AddDays(-7).At(f.Location(), 12, 0)
				b.StartTimer()
				got, err := reminders.Rehearse(b.Context(), f, aud, reminders.Messaging{}, assume, now, f.Engagement.Kickoff.AddMonths(15))
				if err != nil || len(got.Messages) == 0 {
					b.Fatal(len(got.Messages), err)
				}
				b.ReportMetric(float64(len(got.Messages)), "messages")
			}
		})
	}
}
