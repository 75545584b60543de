package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"tickmark/api/client"
	"tickmark/models"
	"tickmark/models/catalog"
)

// An engagementFile is all that is needed to start an engagement: the client, the people, who holds which function, and the
// engagement itself. docs/examples has three.
type engagementFile struct {
	Client     client.ClientInput
	People     []client.NewPerson
	Functions  []duty
	Engagement client.NewEngagement
	from       *reader
}

// A duty is one line of the function map.
type duty struct {
	Function string
	Person   models.PersonID
	Backup   models.PersonID
}

const maxFile = 1 << 20

// contents reads a file; "-" is the standard input. It returns how the file is called, too.
func (a *app) contents(name string) (string, []byte, error) {
	if name == "-" {
		data, err := io.ReadAll(io.LimitReader(a.stdin, maxFile+1))
		return "stdin", data, err
	}
	data, err := os.ReadFile(name)
	return name, data, err
}

// readFile reads an engagement file.
func (a *app) readFile(name string) (*engagementFile, error) {
	name, data, err := a.contents(name)
	switch {
	case err != nil:
		return nil, failed(exitUsage, "the engagement file cannot be read: %w", err)
	case len(data) > maxFile:
		return nil, failed(exitUsage, "%s is larger than 1 MiB: it is no engagement file", name)
	}
	f, err := parseFile(name, data)
	if err != nil {
		return nil, failed(exitUsage, "%w", err)
	}
	return f, nil
}

// parseFile reads the text of an engagement file, or tells all that is wrong with it.
func parseFile(name string, data []byte) (*engagementFile, error) {
	r := &reader{file: name, seen: map[string]int{}}
	f := &engagementFile{from: r}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		r.fail(1, "the file is empty: docs/examples has what it should hold")
		return nil, errors.Join(r.errs...)
	} else if err != nil {
		return nil, unreadable(name, err)
	}
	if err := dec.Decode(&second); err == nil {
		r.fail(second.Line, "a file holds one engagement: this begins a second document")
	} else if !errors.Is(err, io.EOF) {
		return nil, unreadable(name, err)
	}
	r.object(target(doc.Content[0]), "",
		field{"client", true, f.client},
		field{"people", false, f.people},
		field{"functions", false, f.functions},
		field{"engagement", true, f.engagement})
	f.check()
	return f, errors.Join(r.errs...)
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// unreadable says where a file is not YAML at all.
func unreadable(name string, err error) error {
	m := yamlLine.FindStringSubmatch(err.Error())
	if m == nil || m[1] == "" {
		return errors.New(name + ": this is not YAML: " + strings.TrimPrefix(err.Error(), "yaml: "))
	}
	return errors.New(name + ":" + m[1] + ": this is not YAML: " + strings.TrimPrefix(err.Error(), m[0]))
}

func (f *engagementFile) client(n *yaml.Node, path string) {
	r, c := f.from, &f.Client
	r.object(n, path,
		field{"id", true, checked(r, &c.ID, models.CheckID)},
		field{"name", true, text(r, &c.Name)},
		field{"headcount", true, number(r, &c.Headcount)},
		field{"country", true, text(r, &c.Country)},
		field{"time_zone", true, checked(r, &c.TimeZone, models.CheckZone)},
		field{"weekend", false, listOf(r, &c.Weekend, weekday)},
		field{"closed_days", false, listOf(r, &c.ClosedDays, date)},
		field{"open_days", false, listOf(r, &c.OpenDays, date)})
}

func weekday(r *reader, to *client.Weekday) func(*yaml.Node, string) {
	days := []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
	return checked(r, to, func(path, s string) error {
		if slices.Contains(days, s) {
			return nil
		}
		return errors.New(path + " " + s + " is none of " + strings.Join(days, ", "))
	})
}

func (f *engagementFile) people(n *yaml.Node, path string) {
	r := f.from
	r.items(n, path, func(n *yaml.Node, path string) {
		var p client.NewPerson
		r.object(n, path,
			field{"id", true, checked(r, &p.ID, models.CheckID)},
			field{"name", true, text(r, &p.Name)},
			field{"role", true, checked(r, &p.Role, func(path, s string) error { _, err := models.ParseRole(path, s); return err })},
			field{"email", false, checked(r, &p.Email, emailIfAny)},
			field{"time_zone", true, checked(r, &p.TimeZone, models.CheckZone)})
		f.People = append(f.People, p)
	})
}

// emailIfAny refuses an address that mail cannot reach; none is fine.
func emailIfAny(path, address string) error {
	if address == "" {
		return nil
	}
	return models.CheckEmail(path, address)
}

func (f *engagementFile) functions(n *yaml.Node, path string) {
	r := f.from
	r.entries(n, path, func(function string, n *yaml.Node, path string) {
		d := duty{Function: function}
		r.object(n, path, field{"person", true, text(r, &d.Person)}, field{"backup", false, text(r, &d.Backup)})
		f.Functions = append(f.Functions, d)
	})
}

func (f *engagementFile) engagement(n *yaml.Node, path string) {
	r, e := f.from, &f.Engagement
	r.object(n, path,
		field{"id", true, checked(r, &e.ID, models.CheckID)},
		field{"name", false, text(r, &e.Name)},
		field{"type", true, text(r, &e.Type)},
		field{"categories", false, listOf(r, &e.Categories, text[catalog.Category])},
		field{"addons", false, listOf(r, &e.Addons, text[client.AddonID])},
		field{"kickoff", true, date(r, &e.Kickoff)},
		field{"as_of", false, date(r, &e.AsOf)},
		field{"window_open", false, date(r, &e.WindowOpen)},
		field{"window_months", false, number(r, &e.WindowMonths)},
		field{"previous_close", false, date(r, &e.PreviousClose)},
		field{"predecessor", false, checked(r, &e.Predecessor, models.CheckID)},
		field{"target_report", false, date(r, &e.TargetReport)},
		field{"partner", true, text(r, &e.Partner)},
		field{"manager", true, text(r, &e.Manager)},
		field{"consultants", false, listOf(r, &e.Consultants, text[models.PersonID])},
		field{"auditor", false, text(r, &e.Auditor)})
}

// check refuses what contradicts itself, and fills in what follows: whose people the client's people are.
func (f *engagementFile) check() {
	r := f.from
	f.Engagement.Client = f.Client.ID
	roles := map[models.PersonID]models.Role{}
	for i := range f.People {
		p := &f.People[i]
		path := "people[" + itoa(i+1) + "]"
		if _, twice := roles[p.ID]; twice {
			r.failAt(path, "%s: %s is there twice", path, p.ID)
		}
		if roles[p.ID] = p.Role; p.Role.Side() == models.SideClient {
			p.Client = f.Client.ID
		}
	}
	for _, d := range f.Functions {
		f.checkDuty(d, roles)
	}
	for _, m := range f.team() {
		if role := roles[m.who]; role != "" && role != m.role {
			r.failAt(m.path, "%s names %s, who is %s here and not %s", m.path, m.who, withArticle(role), withArticle(m.role))
		}
	}
}

// checkDuty refuses a function whose person or backup is not among the client's people in the file.
func (f *engagementFile) checkDuty(d duty, roles map[models.PersonID]models.Role) {
	r, path := f.from, "functions."+d.Function
	for _, who := range []models.PersonID{d.Person, d.Backup} {
		if role, ok := roles[who]; who != "" && !ok {
			r.failAt(path, "%s names %s, who is not among the people of this file", path, who)
		} else if ok && role.Side() != models.SideClient {
			r.failAt(path, "%s names %s, who is %s and not of the client", path, who, withArticle(role))
		}
	}
	if d.Person != "" && d.Person == d.Backup {
		r.failAt(path, "%s names %s as person and as backup: nobody stands in for themselves", path, d.Person)
	}
}

// withArticle says what somebody is: a pm, an auditor.
func withArticle[T ~string](what T) string {
	if what != "" && strings.Contains("aeiouAEIOU", string(what[0])) {
		return "an " + string(what)
	}
	return "a " + string(what)
}

// A member is somebody that the engagement names.
type member struct {
	path string
	who  models.PersonID
	role models.Role
}

// team returns whom the engagement names. They need not be among the people of the file: the firm's may be known already.
func (f *engagementFile) team() []member {
	e := f.Engagement
	all := []member{{"engagement.partner", e.Partner, models.RolePartner}, {"engagement.manager", e.Manager, models.RoleManager},
		{"engagement.auditor", e.Auditor, models.RoleAuditor}}
	for i, id := range e.Consultants {
		all = append(all, member{"engagement.consultants[" + itoa(i+1) + "]", id, models.RoleConsultant})
	}
	return slices.DeleteFunc(all, func(m member) bool { return m.who == "" })
}

// checkAgainst refuses names that the server's catalog does not know.
func (f *engagementFile) checkAgainst(c client.Catalog) error {
	r := f.from
	known := func(path, what, id string, all []string) {
		if !slices.Contains(all, id) {
			r.failAt(path, "%s %q is no %s; there are %s", path, id, what, strings.Join(all, ", "))
		}
	}
	e := f.Engagement
	known("engagement.type", "engagement type", e.Type, each(c.Types, func(t client.CatalogType) string { return t.ID }))
	for i, id := range e.Categories {
		known("engagement.categories["+itoa(i+1)+"]", "category", string(id),
			each(c.Categories, func(x client.CatalogCategory) string { return string(x.ID) }))
	}
	for i, id := range e.Addons {
		known("engagement.addons["+itoa(i+1)+"]", "add-on", id, each(c.Addons, func(x client.CatalogAddon) string { return x.ID }))
	}
	for _, d := range f.Functions {
		known("functions."+d.Function, "function", d.Function, each(c.Functions, func(x client.CatalogFunction) string { return x.ID }))
	}
	countries := slices.DeleteFunc(slices.Clone(c.Countries), func(id string) bool { return id == "none" })
	known("client.country", "country with public holidays", f.Client.Country, append(countries, "none"))
	if err := errors.Join(r.errs...); err != nil {
		return failed(exitUsage, "%w", err)
	}
	return nil
}

func each[T any](all []T, id func(T) string) []string {
	out := make([]string, len(all))
	for i, v := range all {
		out[i] = id(v)
	}
	return out
}

// seed returns what the keys of the writes are made of: the same file has the same, whatever its layout and comments.
func (f *engagementFile) seed() string {
	text, err := json.Marshal(f)
	if err != nil {
		panic(err) // it was read from text
	}
	return string(text)
}

// request returns what is asked of the server to plan the engagement of the file.
func (f *engagementFile) request() client.PlanRequest {
	c, e := f.Client, f.Engagement
	return client.PlanRequest{Type: e.Type, Categories: e.Categories, Addons: e.Addons, Headcount: c.Headcount, Country: c.Country,
		ClosedDays: c.ClosedDays, OpenDays: c.OpenDays, Kickoff: e.Kickoff, AsOf: e.AsOf, WindowOpen: e.WindowOpen, WindowMonths: e.WindowMonths,
		PreviousClose: e.PreviousClose}
}
