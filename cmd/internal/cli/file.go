package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
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

// readFile reads an engagement file. Of one with faults it returns what could be read with them; nothing when it is no engagement file at
// all.
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
		return f, failed(exitUsage, "%w", err)
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
		return errors.New(path + " " + s + " is none of " + strings.Join(days, ", ") + models.DidYouMean(s, days))
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
			field{"time_zone", true, checked(r, &p.TimeZone, models.CheckZone)},
			field{"closed_days", false, listOf(r, &p.ClosedDays, date)},
			field{"open_days", false, listOf(r, &p.OpenDays, date)})
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
			r.failAt(path, "%s names %s, who is not among the people of this file%s", path, who, f.meant(who))
		} else if ok && role.Side() != models.SideClient {
			r.failAt(path, "%s names %s, who is %s and not of the client", path, who, withArticle(role))
		}
	}
	if d.Person != "" && d.Person == d.Backup {
		r.failAt(path, "%s names %s as person and as backup: nobody stands in for themselves", path, d.Person)
	}
}

// meant asks whether somebody of the file is meant by a name that is nobody's.
func (f *engagementFile) meant(name models.PersonID) string {
	return models.DidYouMean(string(name), each(f.People, func(p client.NewPerson) string { return string(p.ID) }))
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

// request returns what is asked of the server to start the engagement of the file.
func (f *engagementFile) request(in fromFile) client.StartRequest {
	c, e := f.Client, f.Engagement
	out := client.StartRequest{Check: in.check, Draft: !in.begin, Update: in.update, Reason: in.reason,
		Client: client.StartClient(c),
		Engagement: client.StartEngagement{ID: e.ID, Name: e.Name, Type: e.Type, Addons: e.Addons, Kickoff: e.Kickoff, AsOf: e.AsOf,
			WindowOpen: e.WindowOpen, WindowMonths: e.WindowMonths, PreviousClose: e.PreviousClose, Predecessor: e.Predecessor,
			TargetReport: e.TargetReport,
			Partner:      e.Partner, Manager: e.Manager, Auditor: e.Auditor, Consultants: e.Consultants}}
	if e.Categories != nil {
		out.Engagement.Categories = []string{}
	}
	for _, x := range e.Categories {
		out.Engagement.Categories = append(out.Engagement.Categories, string(x))
	}
	for _, p := range f.People {
		out.People = append(out.People, client.StartPerson{ID: p.ID, Name: p.Name, Email: p.Email, Role: string(p.Role),
			TimeZone: p.TimeZone, ClosedDays: p.ClosedDays, OpenDays: p.OpenDays})
	}
	for _, d := range f.Functions {
		out.Functions = append(out.Functions, client.StartFunction{Function: d.Function, Person: d.Person, Backup: d.Backup})
	}
	if in.yes {
		out.Confirm = doubts
	}
	return out
}

// sendable returns what the server can be asked of a file with faults: whether the rest can be. It returns false where too little of the
// file can be read.
func (f *engagementFile) sendable() (client.StartRequest, bool) {
	r := f.request(fromFile{check: true, begin: true})
	e := &r.Engagement
	if e.Kickoff.IsZero() { // any that contradicts nothing
		e.Kickoff = models.Date{Year: 2030, Month: 1, Day: 7}
		e.AsOf, e.WindowOpen, e.TargetReport, e.PreviousClose = models.Date{}, models.Date{}, models.Date{}, models.Date{}
	}
	ids := []string{string(r.Client.ID), string(e.ID), string(e.Partner), string(e.Manager)}
	for _, p := range r.People {
		ids = append(ids, string(p.ID))
	}
	for _, d := range r.Functions {
		ids = append(ids, string(d.Person))
	}
	ok := !slices.ContainsFunc(ids, func(id string) bool { return models.CheckID("", id) != nil })
	return r, ok
}

// path returns the field of the file that is a field of the request.
func (f *engagementFile) path(field string) string {
	var n int
	list, rest, of := strings.Cut(field, "[")
	if !of {
		return field
	}
	at, rest, _ := strings.Cut(rest, "]")
	n, err := strconv.Atoi(at)
	switch {
	case err != nil:
		return field
	case list == "functions" && n < len(f.Functions):
		return "functions." + f.Functions[n].Function + rest
	}
	return list + "[" + itoa(n+1) + "]" + rest
}

// nameOf returns the name of somebody of the file; empty for others.
func (f *engagementFile) nameOf(id models.PersonID) string {
	for _, p := range f.People {
		if p.ID == id || models.PersonIDAt(f.Client.ID, p.ID) == id {
			return p.Name
		}
	}
	return ""
}

// line returns where a field stands in the file: where it does not, the line of what it is a part of.
func (f *engagementFile) line(path string) int {
	for path != "" {
		if line := f.from.seen[path]; line > 0 {
			return line
		}
		path = path[:max(strings.LastIndexByte(path, '.'), strings.LastIndexByte(path, '['), 0)]
	}
	return 1
}

// changes is how the server says that something differs and is not changed unless that is asked for.
const changes = ": ask for an update to change it"

// wrong returns what the server found wrong with the file, a line each.
func (f *engagementFile) wrong(faults []client.FieldError) error {
	code, errs := exitFailed, make([]error, len(faults))
	for i, fault := range faults {
		path, text := f.path(fault.Field), fault.Detail
		last := path[strings.LastIndexByte(path, '.')+1:]
		if rest, begins := strings.CutPrefix(text, last+" "); begins && !strings.Contains(text, changes) {
			text = path + " " + rest
		} else if !strings.Contains(text, path) && path != "confirm" {
			text = path + ": " + text
		}
		if path == "confirm" {
			path = "engagement.kickoff"
			text, _, _ = strings.Cut(text, ": if that is meant")
			text += ": if that is meant, --yes says so"
		}
		if before, differs := strings.CutSuffix(text, changes); differs {
			text = before + " (--update changes it)"
		} else {
			code = exitUsage
		}
		errs[i] = fmt.Errorf("%s:%d: %s", f.from.file, f.line(path), text)
	}
	return failed(code, "%w", errors.Join(errs...))
}

// refused returns a refusal of the file with its lines; any other error as it is.
func (f *engagementFile) refused(err error) error {
	p, ok := errors.AsType[*client.Problem](err)
	switch {
	case !ok || p.Code != models.Invalid:
		return err
	case len(p.Errors) > 0:
		return f.wrong(p.Errors)
	case strings.ContainsAny(p.Field, ".[") || p.Field == "confirm":
		return f.wrong([]client.FieldError{{Field: p.Field, Detail: p.Detail}})
	}
	return err
}

func each[T any](all []T, id func(T) string) []string {
	out := make([]string, len(all))
	for i, v := range all {
		out[i] = id(v)
	}
	return out
}

// days writes a list of days alike whatever its order.
func days(all []models.Date) string {
	return names(slices.Sorted(slices.Values(each(all, models.Date.String))))
}

func itoa(n int) string { return strconv.Itoa(n) }
