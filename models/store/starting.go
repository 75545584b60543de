package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/holiday"
	"tickmark/models/planning"
)

// A Bundle is all that is needed to start an engagement, as an engagement file has it: the client, people, who holds which function, and
// the engagement. People of the client are those whose role is one of the client's.
type Bundle struct {
	Actor      engagement.Actor // of the firm
	Client     models.Client    // without weekend or closed days: those of a client who is there stay
	People     []models.Person  // without email: the one they have stays
	Duties     []models.Duty    // without backup: the one who is it stays
	Engagement engagement.Engagement
	Named      bool // the engagement's name was given, and is not one that is made up for a new one

	Begin   bool // the engagement is also started
	Update  bool // what is there already and differs is changed
	Check   bool // nothing is kept: only what would become of it is answered
	Confirm []string
	Reason  string

	// Told is what is told to people who get another address, by their id. Who is not in it gets no other address.
	Told map[models.PersonID]ToldOf
	// Taken is what is told to those from whom a function is taken that approves, by function and person. From who is not in it none is.
	Taken map[string]map[models.PersonID][]NewDelivery
}

// A ToldOf is what is told to somebody who had an address, when they get another.
type ToldOf struct {
	Email string
	What  []NewDelivery
}

// A Step is one thing that is created or changed.
type Step struct {
	Verb string `json:"verb"` // create, change, set, draft or start
	What string `json:"what"` // as in client fernleaf, Fernleaf Analytics
}

// A Difference is a field that a bundle has and that is otherwise there.
type Difference struct {
	What  string `json:"what"`
	Field string `json:"field"` // of the bundle, as in people[0].name
	There string `json:"there"`
	Wants string `json:"wants"`
	// Decided reports that no update changes it: of an engagement that has been started a decision does, and a predecessor stays.
	Decided bool `json:"decided,omitempty"`
}

// A Started is what became of a bundle, or with Check would become of it.
type Started struct {
	Was        engagement.Status     `json:"was,omitempty"` // before; empty: it was not there
	Engagement engagement.Engagement `json:"engagement"`
	Steps      []Step                `json:"steps"`
	Differs    []Difference          `json:"differs"`
	Warnings   []planning.Warning    `json:"warnings"`
	Loads      []engagement.Load     `json:"loads"`
	Faults     Faults                `json:"faults,omitempty"` // only with Check
	Plan       *planning.Plan        `json:"-"`                // only when it was made just now
}

// A Fault is one thing for which a bundle is refused.
type Fault struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// Faults refuse a bundle for all that is wrong with it: it is a models.Error about the first.
type Faults []Fault

func (f Faults) Error() string { return f[0].Detail }

// Unwrap returns the refusal of the first fault.
func (f Faults) Unwrap() error { return models.Refuse(models.Invalid, f[0].Field, "%s", f[0].Detail) }

// errChecked rolls back what was only tried.
var errChecked = errors.New("this was only checked")

// Start carries out a bundle, all of it or nothing, in one transaction and once for its key: what is not there is created, what differs is
// changed where that is asked for, and the engagement is drafted and started. What is there as the bundle says stays as it is, so that the
// same bundle may be sent again. With Check the same is done and then undone, and what it is refused for is answered, all of it.
//
// It refuses, forbidden, what the actor may not do by the single requests; invalid, with all Faults, a bundle with anything that a single
// request refuses, a bundle that differs from what is there without Update, unless the engagement has been started, and dates that are
// asked about and not confirmed; and a key that came with another request. Who has the engagement started is told so before Start returns.
func (s *Store) Start(ctx context.Context, once Once, b Bundle, now time.Time) (Started, error) {
	var t *starting
	out, err := recorded(ctx, s, "start an engagement from a file", once, now, func(tx *gorm.DB, rec *record) (Started, error) {
		t = &starting{Store: s, in: b, tx: tx, rec: rec, ids: map[models.PersonID]models.PersonID{}, bad: map[models.PersonID]bool{}}
		if err := t.run(); err != nil {
			return Started{}, err
		}
		switch {
		case b.Check:
			return Started{}, errChecked
		case len(t.faults) > 0:
			return Started{}, t.faults
		}
		return t.out, nil
	})
	if errors.Is(err, errChecked) {
		t.out.Faults = t.faults
		return t.out, nil
	}
	if err != nil {
		return Started{}, err
	}
	return out, nil
}

// A starting is a bundle that is being carried out.
type starting struct {
	*Store
	in  Bundle
	tx  *gorm.DB
	rec *record

	ids    map[models.PersonID]models.PersonID // of the people of the bundle, by what it calls them
	bad    map[models.PersonID]bool            // who was refused for who they are: what they are named for is not refused again
	out    Started
	faults Faults
}

func (t *starting) run() error {
	for _, part := range []func() error{t.client, t.people, t.duties, t.engagement} {
		if err := part(); err != nil {
			return err
		}
	}
	return t.different()
}

// note collects a refusal of a part of the bundle. What is forbidden ends everything at once, and so does what is no refusal.
func (t *starting) note(under string, err error) error {
	refused, ok := errors.AsType[*models.Error](err)
	if !ok || refused.Code != models.Invalid && refused.Code != models.Conflict && refused.Code != models.NotFound {
		return err
	}
	t.fault(join(under, refused.Field), refused.Message)
	return nil
}

func (t *starting) fault(field, detail string) {
	f := Fault{field, detail}
	if !slices.Contains(t.faults, f) {
		t.faults = append(t.faults, f)
	}
}

// join names a field of a part.
func join(under, field string) string {
	if under == "" || field == "" {
		return under + field
	}
	return under + "." + field
}

func (t *starting) step(verb, format string, args ...any) {
	t.out.Steps = append(t.out.Steps, Step{verb, fmt.Sprintf(format, args...)})
}

// differ returns what notes a field that is otherwise there, and reports whether it is to be changed.
func (t *starting) differ(what, under string) func(field, there, wants string) bool {
	return func(field, there, wants string) bool {
		if there == wants {
			return false
		}
		t.out.Differs = append(t.out.Differs, Difference{What: what, Field: join(under, field), There: there, Wants: wants})
		return t.in.Update
	}
}

// different refuses a bundle that differs from what is there, unless that is to be changed or the engagement has been started: then it is
// only told.
func (t *starting) different() error {
	if t.in.Update || t.out.Was != "" && t.out.Was != engagement.StatusDraft {
		return nil
	}
	for _, d := range t.out.Differs {
		if d.Decided {
			continue
		}
		t.fault(d.Field, fmt.Sprintf("%s of %s is %s, and %s here: ask for an update to change it", lastOf(d.Field), d.What, shown(d.There),
			shown(d.Wants)))
	}
	return nil
}

func lastOf(field string) string { return field[strings.LastIndexByte(field, '.')+1:] }

func shown(s string) string {
	if s == "" {
		return "not set"
	}
	return fmt.Sprintf("%q", s)
}

// client creates the client, or changes what differs.
func (t *starting) client() error {
	c := t.in.Client
	c.Firm = t.firm
	is, err := t.readClient(t.tx, c.ID)
	if models.CodeOf(err) == models.NotFound {
		return t.newClient(c)
	}
	if err != nil {
		return err
	}
	what := "client " + string(c.ID)
	d := t.differ(what, "client")
	to := is
	set(&to.Name, c.Name, d("name", is.Name, c.Name))
	set(&to.Headcount, c.Headcount, d("headcount", number(is.Headcount), number(c.Headcount)))
	set(&to.Country, c.Country, d("country", is.Country, c.Country))
	set(&to.TimeZone, c.TimeZone, d("time_zone", is.TimeZone, c.TimeZone))
	set(&to.Weekend, c.Weekend, c.Weekend != nil && d("weekend", daysOff(is.Weekend), daysOff(c.Weekend)))
	set(&to.Closed, c.Closed, c.Closed != nil && d("closed_days", inOrder(is.Closed), inOrder(c.Closed)))
	set(&to.Open, c.Open, c.Open != nil && d("open_days", inOrder(is.Open), inOrder(c.Open)))
	t.in.Client = to
	if !t.in.Update || len(t.out.Differs) == 0 {
		return nil
	}
	if err := t.in.Actor.May("updateClient", nil); err != nil {
		return err
	}
	t.step("change", "%s", what)
	to = t.whole(to)
	_, err = t.changeClient(t.tx, t.rec, Once{}, c.ID, func(c *models.Client) error { *c = to; return nil })
	return t.note("client", err)
}

func set[T any](to *T, value T, yes bool) {
	if yes {
		*to = value
	}
}

// daysOff and inOrder write lists alike whatever their order.
func daysOff(all []time.Weekday) string {
	if len(all) == 0 {
		all = []time.Weekday{time.Saturday, time.Sunday}
	}
	return weekdays(slices.Sorted(slices.Values(all)))
}

func inOrder(all []models.Date) string {
	return dates(slices.SortedFunc(slices.Values(all), models.Date.Compare))
}

func (t *starting) newClient(c models.Client) error {
	if err := t.in.Actor.May("createClient", nil); err != nil {
		return err
	}
	t.step("create", "client %s, %s", c.ID, c.Name)
	c.Revision, c.CreatedAt = 1, instant(micros(t.rec.now))
	t.in.Client = t.whole(c)
	return t.note("client", t.addClient(t.tx, t.rec, t.in.Client))
}

// whole collects all that is wrong with a client, and returns one that can be: with it the rest of the bundle is looked at, whatever is
// kept of that.
func (t *starting) whole(c models.Client) models.Client {
	for range 8 {
		err := c.Check(holiday.Countries())
		refused, ok := errors.AsType[*models.Error](err)
		if !ok {
			break
		}
		t.fault(join("client", refused.Field), refused.Message)
		switch refused.Field {
		case "name":
			c.Name = "nobody"
		case "headcount":
			c.Headcount = 1
		case "country":
			c.Country = "none"
		case "time_zone":
			c.TimeZone = "UTC"
		case "weekend":
			c.Weekend = nil
		case "open_days":
			c.Open = nil
		default:
			c.Closed = nil
		}
	}
	return c
}

// people creates the people, or changes what differs.
func (t *starting) people() error {
	for i, p := range t.in.People {
		under := fmt.Sprintf("people[%d]", i)
		if _, twice := t.ids[p.ID]; twice {
			t.fault(under+".id", fmt.Sprintf("%s is there twice", p.ID))
			continue
		}
		p.Firm, p.Client = t.firm, ""
		if p.Role.Side() == models.SideClient {
			p.Client = t.in.Client.ID
		}
		if err := t.person(under, p); err != nil {
			return err
		}
	}
	return nil
}

// person creates somebody, or changes what differs. Somebody of the client is known by the id or, where that is somebody else's, by the
// short name.
func (t *starting) person(under string, p models.Person) error {
	t.ids[p.ID] = p.ID
	is, err := t.readPerson(t.tx, p.ID)
	if p.Client != "" && (err != nil || is.Client != p.Client) {
		if models.CodeOf(err) != models.NotFound && err != nil {
			return err
		}
		is, err = t.readPerson(t.tx, models.PersonIDAt(p.Client, p.ID))
	}
	switch {
	case models.CodeOf(err) == models.NotFound:
		return t.newPerson(under, p)
	case err != nil:
		return err
	case is.Client != p.Client:
		t.bad[p.ID] = true
		whose := "the firm or an audit firm"
		if is.Client != "" {
			whose = string(is.Client)
		}
		t.fault(under+".id", fmt.Sprintf("%s is somebody of %s already: choose another id for %s", p.ID, whose, p.Name))
		return nil
	}
	t.ids[p.ID] = is.ID
	return t.comparePerson(under, is, p)
}

func (t *starting) newPerson(under string, p models.Person) error {
	called := p.ID
	p.Active, p.Revision, p.CreatedAt = true, 1, instant(micros(t.rec.now))
	p = t.wholePerson(under, p)
	on, err := t.meet(t.tx, t.in.Actor, p)
	if err != nil {
		return err
	}
	if err := t.in.Actor.May("invitePerson", &on); err != nil {
		return err
	}
	t.step("create", "person %s, %s (%s)", called, p.Name, p.Role)
	made, err := t.addSomebody(t.tx, t.rec, p)
	for range 3 { // an address that is somebody else's, days that cannot be theirs: the rest is looked at without them
		refused, ok := errors.AsType[*models.Error](err)
		if !ok || !without(&p, refused.Field) {
			break
		}
		t.fault(join(under, refused.Field), refused.Message)
		made, err = t.addSomebody(t.tx, t.rec, p)
	}
	if err != nil {
		t.bad[called] = true
		return t.note(under, err)
	}
	t.ids[called] = made.ID
	return nil
}

// without takes from a person what may be left out, and reports whether a field is of that kind.
func without(p *models.Person, field string) bool {
	switch field {
	case "email":
		p.Email = ""
	case "closed_days":
		p.Closed = nil
	case "open_days":
		p.Open = nil
	default:
		return false
	}
	return true
}

// wholePerson collects all that is wrong with a person, and returns one who can be.
func (t *starting) wholePerson(under string, p models.Person) models.Person {
	for range 5 {
		refused, ok := errors.AsType[*models.Error](p.Check())
		if !ok {
			break
		}
		t.fault(join(under, refused.Field), refused.Message)
		switch refused.Field {
		case "name":
			p.Name = "nobody"
		case "email":
			p.Email = ""
		case "time_zone":
			p.TimeZone = "UTC"
		case "role":
			t.bad[p.ID] = true
			if p.Role, p.Client = models.RoleOwner, t.in.Client.ID; t.in.Client.ID == "" {
				return p
			}
		default:
			t.bad[p.ID] = true
			return p
		}
	}
	return p
}

func (t *starting) comparePerson(under string, is, p models.Person) error {
	what := "person " + string(p.ID)
	d, n := t.differ(what, under), len(t.out.Differs)
	to := is
	set(&to.Name, p.Name, d("name", is.Name, p.Name))
	set(&to.Role, p.Role, d("role", string(is.Role), string(p.Role)))
	set(&to.Email, p.Email, p.Email != "" && d("email", is.Email, p.Email))
	set(&to.TimeZone, p.TimeZone, d("time_zone", is.TimeZone, p.TimeZone))
	set(&to.Closed, p.Closed, p.Closed != nil && d("closed_days", inOrder(is.Closed), inOrder(p.Closed)))
	set(&to.Open, p.Open, p.Open != nil && d("open_days", inOrder(is.Open), inOrder(p.Open)))
	set(&to.Active, true, !is.Active && d("active", "no", "yes"))
	if len(t.out.Differs) == n {
		return nil
	}
	to = t.wholePerson(under, to)
	if !t.in.Update {
		return nil
	}
	t.step("change", "%s", what)
	on, err := t.meet(t.tx, t.in.Actor, is)
	if err != nil {
		return err
	}
	told, known := t.in.Told[is.ID]
	if to.Email != is.Email && !t.in.Check && (!known || told.Email != is.Email) {
		t.fault(under+".email", "somebody changed this person just now: look again before you change the email")
		return nil
	}
	_, err = t.changeSomebody(t.tx, t.rec, Once{}, is.ID, func(p *models.Person) error {
		*p = to
		return t.in.Actor.MayChange(on, to)
	}, told.What...)
	return t.note(under, err)
}

// duties gives the functions to those who shall hold them.
func (t *starting) duties() error {
	held := map[string]models.Duty{}
	var rows []dutyRow
	if err := t.tx.Where("firm_id = ? AND client_id = ?", string(t.firm), string(t.in.Client.ID)).Find(&rows).Error; err != nil {
		return fail("read the duties", err)
	}
	for i := range rows {
		held[rows[i].Function] = rows[i].model()
	}
	named := map[string]bool{}
	for i, d := range t.in.Duties {
		under := fmt.Sprintf("functions[%d]", i)
		if named[d.Function] {
			t.fault(under+".function", fmt.Sprintf("function %s is there twice", d.Function))
			continue
		}
		named[d.Function] = true
		if err := t.duty(under, held[d.Function], d); err != nil {
			return err
		}
	}
	return nil
}

func (t *starting) duty(under string, is, d models.Duty) error {
	if _, ok := t.root.Catalog.Function(d.Function); !ok {
		var all []string
		for _, f := range t.root.Catalog.Functions {
			all = append(all, f.ID)
		}
		t.fault(under+".function", fmt.Sprintf("function %.60q is none of %s%s", d.Function, strings.Join(all, ", "),
			models.DidYouMean(d.Function, all)))
		return nil
	}
	if t.bad[d.Person] || t.bad[d.Backup] {
		return nil
	}
	called := d
	var err error
	if d.Person, err = t.named(d.Person); err != nil {
		return err
	}
	if d.Backup, err = t.named(d.Backup); err != nil {
		return err
	}
	what := fmt.Sprintf("function %s: %s", d.Function, called.Person)
	if d.Backup != "" {
		what += fmt.Sprintf(" (backup %s)", called.Backup)
	}
	if is.Person != "" {
		n, diff := len(t.out.Differs), t.differ("function "+d.Function, under)
		diff("person", string(is.Person), string(d.Person))
		if d.Backup != "" {
			diff("backup", string(is.Backup), string(d.Backup))
		}
		if len(t.out.Differs) == n {
			return nil
		}
	}
	if d.Backup == "" && is.Backup != d.Person {
		d.Backup = is.Backup // what the bundle leaves out stays
	}
	return t.giveDuty(under, what, is, d)
}

// giveDuty gives a function to somebody: who already holds another is only replaced where that is asked for, but looked at all the same.
func (t *starting) giveDuty(under, what string, is, d models.Duty) error {
	d.Firm, d.Client = t.firm, t.in.Client.ID
	if is.Person != "" && !t.in.Update {
		return t.note(under, firstError(t.atClient(t.tx, d.Client, "person", d.Person), t.atClient(t.tx, d.Client, "backup", d.Backup)))
	}
	if err := t.in.Actor.May("assignFunction", nil); err != nil {
		return err
	}
	if err := t.mayGiveDuty(t.tx, t.in.Actor, is, d); err != nil {
		return err
	}
	t.step("set", "%s", what)
	if err := t.tellOfTaken(under, is, d); err != nil {
		return err
	}
	_, err := t.setDuty(t.tx, t.rec, d)
	return t.note(under, err)
}

// tellOfTaken schedules what is told to those from whom a function is taken that approves. Where somebody else holds it by now than when it
// was looked who does, it refuses to take it.
func (t *starting) tellOfTaken(under string, is, d models.Duty) error {
	if t.in.Check || d.Function != string(models.RoleSponsor) && !t.root.Catalog.Approves(d.Function) {
		return nil
	}
	for _, who := range is.LostBy(d) {
		told, known := t.in.Taken[d.Function][who]
		if !known {
			t.fault(under+".function", "somebody changed who holds this function just now: look again first")
			return nil
		}
		if _, err := t.schedule(t.tx, &writer{}, told); err != nil {
			return err
		}
	}
	return nil
}

// mayGiveDuty refuses to let an actor give a function that decides or approves to another, where they may not.
func (s *Store) mayGiveDuty(tx *gorm.DB, a engagement.Actor, is, d models.Duty) error {
	sponsor := d.Function == string(models.RoleSponsor)
	if !sponsor && !s.root.Catalog.Approves(d.Function) {
		return nil
	}
	seat := engagement.Target{Person: models.Person{Client: d.Client, Role: models.RoleSponsor}}
	if a.Role.Side() == models.SideFirm {
		var err error
		if seat, err = s.meet(tx, a, seat.Person); err != nil {
			return err
		}
	}
	switch {
	case sponsor:
		return a.MaySeat(seat)
	case len(is.LostBy(d)) > 0:
		return a.MayReplace(seat, d.Function)
	}
	return nil
}

// named returns the id of whom the bundle names: one of its own people, or somebody who is known.
func (t *starting) named(name models.PersonID) (models.PersonID, error) {
	if id, ours := t.ids[name]; ours || name == "" {
		return id, nil
	}
	return t.names(t.tx, t.in.Actor, t.in.Client.ID, name)
}
