package web

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/holiday"
	"tickmark/models/planning"
	"tickmark/models/store"
)

// A startPage asks for what an engagement needs and draws the plan that follows from it.
type startPage struct {
	page
	Form       url.Values // what was asked for, with what is usual where nothing was
	Clients    []option   // those who are there
	Types      []option
	Helper     []helperLine
	Categories []option
	Months     []option
	Countries  []option
	Zones      []option
	Partners   []option
	Managers   []option
	Team       []option
	Functions  []startFunction
	Known      []string // people of the client who are there already
	Key        string

	Problems []string // what has to be mended before it can start
	Looked   bool     // it was looked at: problems are told
	Axis     axis
	Phases   []startPhase
	Report   models.Date
	Wanted   models.Date
	Backward string // what follows from the wanted date
	Earliest models.Date
	At       string // the address at which the earliest is wanted
	Warnings []string
	Loads    []startLoad
}

// A helperLine says which type somebody needs, by who asks for a report.
type helperLine struct{ Asks, Type, At string }

// A startFunction is a function of the client, who holds it and who is the backup.
type startFunction struct{ ID, Name, Holder, Backup, Falls string }

// A startPhase is a phase of the plan.
type startPhase struct {
	Name, Why, Length string
	Lane              lane
	After             string // where its name stands
	Start, End        models.Date
}

// A startLoad is how many tasks somebody will get.
type startLoad struct {
	Name  string
	Tasks int
}

// helpers say for whom which report is (domain.md 5.4).
var helpers = []struct{ asks, kind string }{
	{"Customers' security teams ask, and a first report is needed soon", "soc2_type1_type2"},
	{"Customers' security teams ask, and have a Type 1 or can wait for a period", "soc2_type2"},
	{"Customers' finance auditors ask: what the company does shows in their books", "soc1_type1_type2"},
	{"Board, investors or insurers ask about the whole company", "cyber_point"},
	{"Nobody asks yet: what is missing shall be found and mended first", "readiness_only"},
}

// newClient is the value of the field by which a company is chosen that is not there yet.
const newClient = ""

// start asks for a new engagement; sent, it starts it.
func (p *Pages) start(v *visit) error {
	form := v.r.URL.Query()
	if v.r.Method == http.MethodPost {
		if _, err := v.sent(); err != nil {
			return err
		}
		form = v.r.PostForm
	}
	out := startPage{page: v.framed("Start an engagement", "starter tab", "/portfolio"), Form: form, Key: rand.Text(),
		Looked: form.Get("look") != ""}
	if err := v.startChoices(&out); err != nil {
		return err
	}
	b, err := v.bundle(&out)
	if err != nil {
		return err
	}
	if err := v.drawPlan(&out, &b); err != nil {
		return err
	}
	if err := v.addPeople(&out, &b); err != nil {
		return err
	}
	if v.r.Method == http.MethodPost && len(out.Problems) == 0 {
		return v.startNow(&out, b)
	}
	if out.Looked {
		if err := v.tryStart(&out, b); err != nil {
			return err
		}
	}
	return v.show(http.StatusOK, startPageOf(out))
}

// startNow starts the engagement and leads to it; where something is in the way, it is told.
func (v *visit) startNow(out *startPage, b store.Bundle) error {
	once, err := v.once()
	if err != nil {
		return err
	}
	done, err := v.Store.Start(v.r.Context(), once, b, v.Now)
	if faults, is := errors.AsType[store.Faults](err); is {
		for _, f := range faults {
			out.Problems = append(out.Problems, models.Sentence(f.Detail))
		}
	} else if text, refused := models.Sorry(err); refused {
		out.Problems = append(out.Problems, models.Sentence(text))
	} else if err != nil {
		return err
	}
	if len(out.Problems) > 0 {
		out.Looked = true
		return v.show(http.StatusUnprocessableEntity, startPageOf(*out))
	}
	v.seeOther("/engagements/" + string(done.Engagement.ID))
	return nil
}

// tryStart says what is in the way of a start, what to look at, and how many tasks everybody will get.
func (v *visit) tryStart(out *startPage, b store.Bundle) error {
	b.Check = true
	done, err := v.Store.Start(v.r.Context(), store.Once{Actor: v.Person.ID, Role: v.Role, Token: v.Actor.Token,
		Key: "look-" + rand.Text()}, b, v.Now)
	if text, refused := models.Sorry(err); refused {
		out.Problems = append(out.Problems, models.Sentence(text))
		return nil
	} else if err != nil {
		return err
	}
	for _, f := range done.Faults {
		out.Problems = append(out.Problems, models.Sentence(f.Detail))
	}
	out.Warnings = nil // they are among those of the start
	for _, w := range done.Warnings {
		out.Warnings = append(out.Warnings, models.Sentence(models.WithWeekdays(w.Text)))
	}
	return v.addStartLoads(out, b, done.Loads)
}

// addStartLoads says how many tasks everybody will get, by their names.
func (v *visit) addStartLoads(out *startPage, b store.Bundle, loads []engagement.Load) error {
	names := names{"": "Nobody yet"}
	for _, p := range b.People {
		names[p.ID], names[models.PersonIDAt(b.Client.ID, p.ID)] = p.Name, p.Name
	}
	for _, l := range loads {
		name, err := v.nameIn(names, l.Person)
		if err != nil {
			return err
		}
		out.Loads = append(out.Loads, startLoad{Name: name, Tasks: l.Tasks})
	}
	return nil
}

// startChoices fills in what is usual, and what there is to choose from.
func (v *visit) startChoices(out *startPage) error {
	ctx, form, c := v.r.Context(), out.Form, v.Root.Catalog
	firm, err := v.Store.Firm(ctx)
	if err != nil {
		return err
	}
	clients, _, err := v.Store.ClientsFor(ctx, v.Actor, store.ClientFilter{}, "", mostClients)
	if err != nil {
		return err
	}
	usual := map[string]string{"people": "50", "country": firm.Country, "zone": firm.TimeZone, "type": "soc2_type1_type2", "months": "6",
		"from": "kickoff", "kickoff": v.today().AddDays(14).String(), "manager": string(v.Person.ID)}
	for name, value := range usual {
		if !form.Has(name) {
			form.Set(name, value)
		}
	}
	if !form.Has("category") {
		form.Set("category", string(catalog.Security))
	}
	choose := func(name, value, label string) option {
		return option{Value: value, Label: label, Chosen: slices.Contains(form[name], value)}
	}
	out.Clients = []option{{Value: newClient, Label: "A new company", Chosen: form.Get("client") == newClient}}
	for _, x := range clients {
		out.Clients = append(out.Clients, choose("client", string(x.ID), x.Name))
	}
	for _, t := range c.Types {
		out.Types = append(out.Types, choose("type", t.ID, t.Name))
	}
	for _, h := range helpers {
		if kind, ok := c.Type(h.kind); ok {
			out.Helper = append(out.Helper, helperLine{h.asks, kind.Name, with(form, "/start", "type", h.kind)})
		}
	}
	for _, x := range c.Categories {
		out.Categories = append(out.Categories, choose("category", string(x.ID), x.Name))
	}
	for _, n := range c.WindowLengths.Allowed {
		out.Months = append(out.Months, choose("months", strconv.Itoa(n), models.Count(n, "month")))
	}
	out.Countries = []option{choose("country", "none", "no public holidays")}
	for _, id := range holiday.Countries() {
		out.Countries = append(out.Countries, choose("country", id, id))
	}
	return v.startPeople(out)
}

// mostClients is how many companies one may choose from.
const mostClients = 500

// startPeople fills in who of the firm there is, and who holds which function of the company.
func (v *visit) startPeople(out *startPage) error {
	ctx, form := v.r.Context(), out.Form
	ours, _, err := v.Store.PeopleFor(ctx, v.Actor, store.PersonFilter{Client: new(models.ClientID)}, "", mostClients)
	if err != nil {
		return err
	}
	for _, p := range ours {
		o := func(name string) option {
			return option{string(p.ID), p.Name, slices.Contains(form[name], string(p.ID))}
		}
		switch p.Role {
		case models.RolePartner:
			out.Partners, out.Managers = append(out.Partners, o("partner")), append(out.Managers, o("manager"))
		case models.RoleManager:
			out.Managers, out.Team = append(out.Managers, o("manager")), append(out.Team, o("team"))
		case models.RoleConsultant:
			out.Team = append(out.Team, o("team"))
		}
	}
	held := map[string]models.Duty{}
	called := map[models.PersonID]string{"": ""}
	if id := models.ClientID(form.Get("client")); id != newClient {
		if err := v.Store.SeesClient(ctx, v.Actor, id); err != nil {
			return err
		}
		theirs, _, err := v.Store.PeopleFor(ctx, v.Actor, store.PersonFilter{Client: &id}, "", mostClients)
		if err != nil {
			return err
		}
		for _, p := range theirs {
			called[p.ID] = p.Name
			out.Known = append(out.Known, p.Name)
		}
		duties, err := v.Store.Duties(ctx, id)
		if err != nil {
			return err
		}
		for _, d := range duties {
			held[d.Function] = d
		}
	}
	for _, f := range v.Root.Catalog.Functions {
		line := startFunction{ID: f.ID, Name: f.Name, // a field that is left empty leaves it to who has it
			Holder: cmp.Or(strings.TrimSpace(form.Get("f-"+f.ID)), called[held[f.ID].Person]),
			Backup: cmp.Or(strings.TrimSpace(form.Get("b-"+f.ID)), called[held[f.ID].Backup])}
		if falls, ok := v.Root.Catalog.Function(f.Fallback); ok {
			line.Falls = falls.Name
		}
		out.Functions = append(out.Functions, line)
	}
	return nil
}

// bundle returns what the form asks for. What it cannot read is a problem.
func (v *visit) bundle(out *startPage) (store.Bundle, error) {
	ctx, form := v.r.Context(), out.Form
	number := func(name, label string) int {
		n, err := strconv.Atoi(strings.TrimSpace(form.Get(name)))
		if err != nil {
			out.Problems = append(out.Problems, fmt.Sprintf("%s: %.20q is no number.", label, form.Get(name)))
		}
		return n
	}
	day := func(name, label string) models.Date {
		if form.Get(name) == "" {
			return models.Date{}
		}
		d, err := models.ParseDate(form.Get(name))
		if err != nil {
			out.Problems = append(out.Problems, fmt.Sprintf("%s: %.20q is no day such as 2027-06-30.", label, form.Get(name)))
		}
		return d
	}
	b := store.Bundle{Actor: v.Actor, Begin: form.Get("step") != "draft", Client: models.Client{ID: models.ClientID(form.Get("client"))}}
	if b.Client.ID == newClient {
		b.Client = models.Client{Name: strings.TrimSpace(form.Get("name")), Headcount: number("people", "People"), Country: form.Get("country"),
			TimeZone: form.Get("zone")}
		b.Client.ID = models.ClientID(slug(b.Client.Name, "company"))
		for n := 2; ; n++ { // one of that name is there, and this is another
			if _, err := v.Store.Client(ctx, b.Client.ID); models.CodeOf(err) == models.NotFound {
				break
			} else if err != nil {
				return b, err
			}
			b.Client.ID = models.ClientID(fmt.Sprintf("%s-%d", slug(b.Client.Name, "company"), n))
		}
	} else {
		var err error
		if b.Client, err = v.Store.Client(ctx, b.Client.ID); err != nil {
			return b, err
		}
	}
	e := engagement.Engagement{Client: b.Client.ID, Type: form.Get("type"), Partner: models.PersonID(form.Get("partner")),
		Manager: models.PersonID(form.Get("manager"))}
	for _, id := range form["team"] {
		if models.PersonID(id) != e.Manager {
			e.Consultants = append(e.Consultants, models.PersonID(id))
		}
	}
	kind, _ := v.Root.Catalog.Type(e.Type)
	e.Name = b.Client.Name + ": " + cmp.Or(kind.Name, e.Type)
	if slices.Contains(kind.Flags, "soc2") {
		for _, c := range form["category"] {
			e.Categories = append(e.Categories, catalog.Category(c))
		}
	}
	if slices.Contains(kind.Flags, "t2") {
		e.WindowMonths = number("months", "Observation window")
	}
	e.Kickoff = day("kickoff", "Kickoff")
	if form.Get("from") == "report" {
		out.Wanted = day("report", "Wanted report date")
		if out.Wanted.IsZero() {
			out.Problems = append(out.Problems, "Wanted report date: say which day.")
		}
	}
	b.Engagement = e
	return b, nil
}

// addPeople adds who holds which function, and those of them who are not there yet.
func (v *visit) addPeople(out *startPage, b *store.Bundle) error {
	var known []models.Person
	if out.Form.Get("client") != newClient {
		var err error
		if known, _, err = v.Store.PeopleFor(v.r.Context(), v.Actor, store.PersonFilter{Client: &b.Client.ID}, "", mostClients); err != nil {
			return err
		}
	}
	ids := map[string]models.PersonID{}
	who := func(function, field, text string) models.PersonID {
		text = strings.TrimSpace(text)
		if text == "" {
			return ""
		}
		if id, there := ids[strings.ToLower(text)]; there {
			return id
		}
		for _, p := range known {
			if strings.EqualFold(p.Name, text) || p.Email != "" && strings.EqualFold(p.Email, text) {
				return p.ID
			}
		}
		name, address := text, ""
		if a, err := mail.ParseAddress(text); err == nil {
			name, address = cmp.Or(a.Name, strings.Split(a.Address, "@")[0]), a.Address
		} else if strings.ContainsAny(text, "@<>") {
			out.Problems = append(out.Problems, fmt.Sprintf("%s: write a name and an address, as in Dana Whitfield <dana@example.com>.", field))
			return ""
		}
		first, _, _ := strings.Cut(name, " ")
		id := models.PersonID(slug(first, "somebody"))
		for n := 2; slices.ContainsFunc(b.People, func(p models.Person) bool { return p.ID == id }); n++ {
			id = models.PersonID(fmt.Sprintf("%s-%d", slug(first, "somebody"), n))
		}
		role := models.RoleOwner
		if function == string(models.RoleSponsor) {
			role = models.RoleSponsor
		}
		b.People = append(b.People, models.Person{ID: id, Name: name, Email: address, Role: role, TimeZone: b.Client.TimeZone})
		for _, key := range []string{text, name, address} {
			if key != "" {
				ids[strings.ToLower(key)] = id
			}
		}
		return id
	}
	for _, f := range out.Functions {
		d := models.Duty{Client: b.Client.ID, Function: f.ID, Person: who(f.ID, f.Name, f.Holder)}
		d.Backup = who(f.ID+" backup", "Backup of "+f.Name, f.Backup)
		if d.Person != "" {
			b.Duties = append(b.Duties, d)
		}
	}
	return nil
}

// slug returns a name as an id: letters and digits of ASCII with hyphens between, at most thirty; otherwise where none is left.
func slug(name, otherwise string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case b.Len() >= 30:
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return cmp.Or(strings.Trim(b.String(), "-"), otherwise)
}

// drawPlan plans what is asked for, from the kickoff or back from the wanted report, and draws it.
func (v *visit) drawPlan(out *startPage, b *store.Bundle) error {
	if len(out.Problems) > 0 {
		return nil
	}
	in, err := v.planInput(b)
	if err == nil && !out.Wanted.IsZero() {
		err = v.planBack(out, &in)
	}
	var plan planning.Plan
	if err == nil {
		b.Engagement.Kickoff = in.Kickoff
		b.Engagement.ID = models.EngagementID(fmt.Sprintf("%s-%d", b.Client.ID, in.Kickoff.Year))
		for n := 2; ; n++ {
			if _, err := v.Store.Engagement(v.r.Context(), b.Engagement.ID); models.CodeOf(err) == models.NotFound {
				break
			} else if err != nil {
				return err
			}
			b.Engagement.ID = models.EngagementID(fmt.Sprintf("%s-%d-%d", b.Client.ID, in.Kickoff.Year, n))
		}
		plan, err = planning.NewPlan(v.Root.Catalog, in)
	}
	if text, refused := models.Sorry(err); refused {
		out.Problems = append(out.Problems, models.Sentence(text))
		return nil
	} else if err != nil {
		return err
	}
	out.Report = plan.Report
	from := models.Earlier(in.Kickoff, v.today()).MonthStart()
	last := models.Later(models.Later(plan.Report, out.Wanted), plan.Phases[len(plan.Phases)-1].End)
	out.Axis = axis{from: from, days: min(longestAxis, from.DaysUntil(last.MonthStart().AddMonths(1))), today: v.today()}
	for _, ph := range plan.Phases {
		out.Phases = append(out.Phases, v.startPhase(out.Axis, plan, ph))
	}
	if !out.Earliest.IsZero() {
		out.Problems = append(out.Problems, out.Backward)
	}
	for _, w := range append(plan.Doubts(v.today()), plan.Warnings...) {
		out.Warnings = append(out.Warnings, models.Sentence(models.WithWeekdays(w.Text)))
	}
	return nil
}

// planInput returns what a plan is made of.
func (v *visit) planInput(b *store.Bundle) (planning.PlanInput, error) {
	e := b.Engagement
	in := planning.PlanInput{Type: e.Type, Headcount: b.Client.Headcount, Categories: e.Categories, Kickoff: e.Kickoff,
		WindowMonths: e.WindowMonths}
	firm, err := v.Store.Firm(v.r.Context())
	if err != nil {
		return in, err
	}
	if err := models.CheckCountry("country", b.Client.Country, holiday.Countries()); err != nil {
		return in, err
	}
	from, to := v.today().Year-1, v.today().Year+planYears
	if in.Firm, err = holiday.Calendar(firm.Country, nil, firm.Closed, firm.Open, from, to); err != nil {
		return in, err
	}
	in.Client, err = holiday.Calendar(b.Client.Country, b.Client.Weekend, b.Client.Closed, b.Client.Open, from, to)
	return in, err
}

// planYears is how many years ahead a plan may reach.
const planYears = 6

// planBack sets the kickoff by the wanted report; where there is none, it says which report is the earliest, and plans for that.
func (v *visit) planBack(out *startPage, in *planning.PlanInput) error {
	in.Kickoff = models.Later(in.Kickoff, v.today())
	back, err := planning.PlanBack(v.Root.Catalog, *in, out.Wanted)
	if err != nil {
		return err
	}
	if back.Possible {
		in.Kickoff = back.Kickoff
		out.Backward = fmt.Sprintf("For a report by %s the kickoff is on %s at the latest.", longDay(out.Wanted), longDay(back.Kickoff))
		return nil
	}
	out.Earliest = back.Earliest
	out.At = with(out.Form, "/start", "report", back.Earliest.String())
	out.Backward = fmt.Sprintf("A report by %s cannot be: %s. The earliest is %s.", longDay(out.Wanted), back.Binding.Text,
		longDay(back.Earliest))
	return nil
}

// startPhase draws a phase of a plan and says why it takes as long as it does.
func (v *visit) startPhase(a axis, plan planning.Plan, ph planning.PhasePlan) startPhase {
	out := startPhase{Start: ph.Start, End: ph.End}
	for _, t := range v.Root.Catalog.Phases {
		if t.ID == ph.Phase {
			out.Name = t.Name
		}
	}
	class, on := a.span(ph.Start, ph.End)
	if on {
		out.Lane.Bars = []bar{{Class: class + " next"}}
	}
	if at, _ := a.at(ph.End); 3*at > 2*a.days { // there is no room for words behind it
		out.After = class + " flip"
	} else {
		out.After, _ = a.spot(ph.End.AddDays(1))
	}
	if days, has := plan.Days[ph.Phase]; has && ph.Phase != catalog.PhaseWindow {
		out.Length = models.Count(days, "day")
		out.Why = fmt.Sprintf("%s for a company of up to %d people", models.BusinessDays(days), plan.Size)
	} else if ph.Phase == catalog.PhaseWindow {
		out.Length = models.Count(plan.Months, "month")
		out.Why = models.Count(plan.Months, "month") + ", as chosen"
	}
	return out
}
