package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tickmark/api/client"
	"tickmark/models"
)

// A start compares an engagement file with what is there, and knows the steps from one to the other.
type start struct {
	*app
	file *engagementFile
	in   fromFile

	client *client.Client
	people map[models.PersonID]*client.Person
	duties map[string]client.Function
	there  *client.Engagement

	steps         []step
	differs       []difference
	clientDiffers bool
}

// A step creates or changes one thing.
type step struct {
	verb, past string
	what       string // client fernleaf, Fernleaf Analytics
	update     bool   // it changes what is there: only when that was asked for
	do         func(context.Context) error
}

// A difference is a field that the file has and that is otherwise there.
type difference struct{ what, field, there, file string }

func newStart(a *app, f *engagementFile, in fromFile) *start {
	return &start{app: a, file: f, in: in, people: map[models.PersonID]*client.Person{}, duties: map[string]client.Function{}}
}

// seedKey returns the key of a creation. It follows from the file, so that a start that was interrupted goes on with the same.
func (s *start) seedKey(step string) client.IdempotencyKey {
	sum := sha256.Sum256([]byte(s.key + "\x00" + s.file.seed() + "\x00" + step))
	s.sent = "file-" + hex.EncodeToString(sum[:16])
	return s.sent
}

// freshKey returns the key of a change. What the file says may have been so before, been changed by somebody and be wanted
// again: that is another change.
func (s *start) freshKey() client.IdempotencyKey {
	s.sent = s.newKey()
	return s.sent
}

// survey reads what is there and lists what is to be done.
func (s *start) survey(ctx context.Context) error {
	catalog, _, err := decode[client.Catalog](s.ask(s.api.GetCatalog(ctx)))
	if err != nil {
		return err
	}
	if err := s.file.checkAgainst(catalog); err != nil {
		return err
	}
	for _, read := range []func(context.Context) error{s.readClient, s.readPeople, s.readEngagement} {
		if err := read(ctx); err != nil {
			return err
		}
	}
	s.planClient()
	for _, p := range s.file.People {
		if err := s.planPerson(p); err != nil {
			return err
		}
	}
	for _, d := range s.file.Functions {
		s.planDuty(d)
	}
	return s.planEngagement()
}

// readPeople reads the people of the file, and those of its team, who must be there or in the file.
func (s *start) readPeople(ctx context.Context) (err error) {
	f := s.file
	for _, p := range f.People {
		if s.people[p.ID], err = s.readPerson(ctx, p); err != nil {
			return err
		}
	}
	for _, m := range f.team() {
		if _, ok := s.people[m.who]; ok {
			continue
		}
		if s.people[m.who], err = found[client.Person](s.ask(s.api.GetPerson(ctx, m.who))); err != nil {
			return err
		}
		if s.people[m.who] == nil {
			return failed(exitFailed, "%s:%d: %s names %s, who is neither among the people of the file nor known to Tickmark", f.from.file,
				f.from.seen[m.path], m.path, m.who)
		}
	}
	return nil
}

// readPerson reads somebody of the file: of the client's people who has the id or, where that is somebody else's, the short name.
func (s *start) readPerson(ctx context.Context, f client.NewPerson) (*client.Person, error) {
	p, err := found[client.Person](s.ask(s.api.GetPerson(ctx, f.ID)))
	if err != nil || f.Client == "" || p != nil && p.Client == f.Client {
		return p, err
	}
	return found[client.Person](s.ask(s.api.GetPerson(ctx, models.PersonIDAt(f.Client, f.ID))))
}

// known returns the id of somebody whom the file calls by an id or a short name; the name itself when they are not there yet.
func (s *start) known(name models.PersonID) models.PersonID {
	if p := s.people[name]; p != nil {
		return p.ID
	}
	return name
}

// readClient reads the client of the file and who does what there, when it is known.
func (s *start) readClient(ctx context.Context) (err error) {
	if s.client, err = found[client.Client](s.ask(s.api.GetClient(ctx, s.file.Client.ID))); err != nil || s.client == nil {
		return err
	}
	l, _, err := decode[client.FunctionList](s.ask(s.api.ListFunctions(ctx, s.file.Client.ID)))
	for _, d := range l.Items {
		s.duties[d.Function] = d
	}
	return err
}

// readEngagement reads the engagement of the file, when it is known.
func (s *start) readEngagement(ctx context.Context) (err error) {
	s.there, err = found[client.Engagement](s.ask(s.api.GetEngagement(ctx, s.file.Engagement.ID)))
	return err
}

// found decodes an answer, and returns nil when there is no such thing.
func found[T any](ans answer, err error) (*T, error) {
	if client.CodeOf(err) == models.NotFound {
		return nil, nil
	}
	v, _, err := decode[T](ans, err)
	return &v, err
}

func (s *start) create(what string, do func(context.Context) error) {
	s.steps = append(s.steps, step{verb: "create", past: "created", what: what, do: do})
}

func (s *start) change(what string, do func(context.Context) error) {
	s.steps = append(s.steps, step{verb: "change", past: "changed", what: what, update: true, do: do})
}

// live reports whether the engagement of the file has been started.
func (s *start) live() bool { return s.there != nil && s.there.Status.Live() }

func (s *start) checkEnded() error {
	if s.there != nil && s.there.Status.Ended() {
		return failed(exitFailed, "%s is %s: a new engagement needs another id", s.there.ID, s.there.Status)
	}
	return nil
}

// differ returns what notes a field that is otherwise there, and reports whether it is.
func (s *start) differ(what string) func(field, there, file string) bool {
	return func(field, there, file string) bool {
		if there == file {
			return false
		}
		s.differs = append(s.differs, difference{what, field, there, file})
		return true
	}
}

// differences tells, a line each, how they differ.
func (s *start) differences() string {
	var b strings.Builder
	for _, d := range s.differs {
		fmt.Fprintf(&b, "\n  %s: %s is %s, and %s in the file", d.what, d.field, quoted(d.there), quoted(d.file))
	}
	return b.String()
}

func quoted(s string) string {
	if s == "" {
		return "not set"
	}
	return strconv.Quote(s)
}

// compare lets a change set a field to what the file says, where that differs from what is there.
func compare[T any](to **T, file *T, differs bool) {
	if differs {
		*to = file
	}
}

func (s *start) planClient() {
	f := s.file.Client
	what := "client " + string(f.ID)
	if s.client == nil {
		s.create(what+", "+f.Name, func(ctx context.Context) error {
			_, err := s.ask(s.api.CreateClient(ctx, &client.CreateClientParams{IdempotencyKey: s.seedKey("client")}, f))
			return err
		})
		return
	}
	c, d := s.client, s.differ(what)
	var to client.ClientChange
	compare(&to.Name, &f.Name, d("name", c.Name, f.Name))
	compare(&to.Headcount, &f.Headcount, d("headcount", itoa(c.Headcount), itoa(f.Headcount)))
	compare(&to.Country, &f.Country, d("country", c.Country, f.Country))
	compare(&to.TimeZone, &f.TimeZone, d("time_zone", c.TimeZone, f.TimeZone))
	compare(&to.Weekend, &f.Weekend, f.Weekend != nil && d("weekend", weekend(c.Weekend), weekend(f.Weekend)))
	compare(&to.ClosedDays, &f.ClosedDays, f.ClosedDays != nil && d("closed_days", days(c.ClosedDays), days(f.ClosedDays)))
	compare(&to.OpenDays, &f.OpenDays, f.OpenDays != nil && d("open_days", days(c.OpenDays), days(f.OpenDays)))
	if to == (client.ClientChange{}) {
		return
	}
	s.clientDiffers = true
	s.change(what, func(ctx context.Context) error {
		_, err := s.ask(s.api.UpdateClient(ctx, f.ID, &client.UpdateClientParams{IdempotencyKey: s.freshKey(), IfMatch: client.At(c.Revision)},
			to))
		return err
	})
}

// weekend and days write lists alike whatever their order.
func weekend(all []client.Weekday) string {
	if len(all) == 0 {
		return "saturday, sunday"
	}
	return names(slices.Sorted(slices.Values(all)))
}

func days(all []models.Date) string {
	return names(slices.Sorted(slices.Values(each(all, models.Date.String))))
}

func (s *start) planPerson(f client.NewPerson) error {
	what := "person " + string(f.ID)
	p := s.people[f.ID]
	if p == nil {
		s.create(fmt.Sprintf("%s, %s (%s)", what, f.Name, f.Role), func(ctx context.Context) error {
			_, err := s.ask(s.api.InvitePerson(ctx, &client.InvitePersonParams{IdempotencyKey: s.seedKey("person:" + string(f.ID))}, f))
			return err
		})
		return nil
	}
	if p.Client != f.Client {
		return failed(exitFailed, "%s is somebody of %s already: the file needs another id for %s",
			f.ID, firstOf(string(p.Client), "the firm or an audit firm"), f.Name)
	}
	d, yes := s.differ(what), true
	var to client.PersonChange
	compare(&to.Name, &f.Name, d("name", p.Name, f.Name))
	compare(&to.Role, &f.Role, d("role", string(p.Role), string(f.Role)))
	compare(&to.Email, &f.Email, f.Email != "" && d("email", p.Email, f.Email))
	compare(&to.TimeZone, &f.TimeZone, d("time_zone", p.TimeZone, f.TimeZone))
	compare(&to.Active, &yes, !p.Active && d("active", "no", "yes"))
	if to != (client.PersonChange{}) {
		s.change(what, func(ctx context.Context) error {
			_, err := s.ask(s.api.UpdatePerson(ctx, p.ID, &client.UpdatePersonParams{IdempotencyKey: s.freshKey(), IfMatch: client.At(p.Revision)},
				to))
			return err
		})
	}
	return nil
}

func (s *start) planDuty(f duty) {
	is := s.duties[f.Function]
	what := fmt.Sprintf("function %s: %s%s", f.Function, f.Person, standIn(f.Backup))
	assign := step{verb: "set", past: "set", what: what, do: func(ctx context.Context) error {
		backup := f.Backup
		if backup == "" && is.Backup != f.Person {
			backup = is.Backup // what the file leaves out stays
		}
		_, err := s.ask(s.api.AssignFunction(ctx, s.file.Client.ID, f.Function, &client.AssignFunctionParams{IdempotencyKey: s.freshKey()},
			client.FunctionChange{Person: f.Person, Backup: backup}))
		return err
	}}
	if is.Person == "" {
		s.steps = append(s.steps, assign)
		return
	}
	d := s.differ("function " + f.Function)
	other := d("person", string(is.Person), string(s.known(f.Person)))
	if f.Backup != "" && d("backup", string(is.Backup), string(s.known(f.Backup))) || other {
		assign.update = true
		s.steps = append(s.steps, assign)
	}
}

func (s *start) planEngagement() error {
	f := s.file.Engagement
	what := "engagement " + string(f.ID)
	switch {
	case s.there != nil && s.there.Client != f.Client:
		return failed(exitFailed, "%s is an engagement of %s already: the file needs another id for it", f.ID, s.there.Client)
	case s.there == nil:
		s.steps = append(s.steps, step{verb: "draft", past: "drafted", what: what, do: func(ctx context.Context) error {
			_, err := s.ask(s.api.DraftEngagement(ctx, &client.DraftEngagementParams{IdempotencyKey: s.seedKey("draft")}, f))
			return err
		}})
	case s.there.Status.Ended():
		return nil
	default:
		s.planChange(what)
	}
	if s.in.begin && !s.live() {
		s.steps = append(s.steps, step{verb: "start", past: "started", what: what, do: s.start})
	}
	return nil
}

// start starts the draft as it is now.
func (s *start) start(ctx context.Context) error {
	draft, _, err := decode[client.Engagement](s.ask(s.api.GetEngagement(ctx, s.file.Engagement.ID)))
	if err != nil || draft.Status.Live() {
		return err
	}
	key := s.seedKey(fmt.Sprintf("start:%d", draft.Revision)) // a changed draft is another start
	ans, err := s.ask(s.api.StartEngagement(ctx, draft.ID,
		&client.StartEngagementParams{IdempotencyKey: key, IfMatch: client.At(draft.Revision)},
		client.Note{Reason: s.in.reason}))
	_, _, err = decode[client.Result](ans, err)
	return err
}

// planChange compares the engagement. Dates and scope of a started one change by decisions, so that only its name, promised
// date and team are compared.
func (s *start) planChange(what string) {
	e, f, d := s.there, s.file.Engagement, s.differ(what)
	var to client.EngagementChange
	compare(&to.Name, &f.Name, f.Name != "" && d("name", e.Name, f.Name))
	compare(&to.TargetReport, &f.TargetReport, dates(d, "target_report", e.TargetReport, f.TargetReport))
	compare(&to.Partner, &f.Partner, d("partner", string(e.Partner), string(f.Partner)))
	compare(&to.Manager, &f.Manager, d("manager", string(e.Manager), string(f.Manager)))
	compare(&to.Auditor, &f.Auditor, f.Auditor != "" && d("auditor", string(e.Auditor), string(f.Auditor)))
	compare(&to.Consultants, &f.Consultants, f.Consultants != nil && d("consultants", sorted(e.Consultants), sorted(f.Consultants)))
	if !s.live() {
		s.compareDraft(&to, d)
	}
	if to == (client.EngagementChange{}) {
		return
	}
	s.change(what, func(ctx context.Context) error {
		ans, err := s.ask(s.api.EditEngagement(ctx, e.ID,
			&client.EditEngagementParams{IdempotencyKey: s.freshKey(), IfMatch: client.At(e.Revision)}, to))
		_, _, err = decode[client.Result](ans, err)
		return err
	})
}

func (s *start) compareDraft(to *client.EngagementChange, d func(field, there, file string) bool) {
	e, f := s.there, s.file.Engagement
	compare(&to.Type, &f.Type, d("type", e.Type, f.Type))
	compare(&to.Categories, &f.Categories, f.Categories != nil && d("categories", sorted(e.Categories), sorted(f.Categories)))
	compare(&to.Addons, &f.Addons, f.Addons != nil && d("addons", sorted(e.Addons), sorted(f.Addons)))
	compare(&to.Kickoff, &f.Kickoff, d("kickoff", e.Kickoff.String(), f.Kickoff.String()))
	compare(&to.AsOf, &f.AsOf, dates(d, "as_of", e.AsOf, f.AsOf))
	compare(&to.WindowOpen, &f.WindowOpen, dates(d, "window_open", e.Window.Opens, f.WindowOpen))
	compare(&to.WindowMonths, &f.WindowMonths,
		f.WindowMonths != 0 && d("window_months", itoa(max(e.WindowMonths, e.Window.Months)), itoa(f.WindowMonths)))
	compare(&to.PreviousClose, &f.PreviousClose, dates(d, "previous_close", e.PreviousClose, f.PreviousClose))
}

// dates reports whether a date that the file gives is another than what is there.
func dates(d func(field, there, file string) bool, field string, there, file models.Date) bool {
	return !file.IsZero() && d(field, there.String(), file.String())
}

func sorted[T ~string](all []T) string { return names(slices.Sorted(slices.Values(all))) }

func itoa(n int) string { return strconv.Itoa(n) }
