package engagement

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tickmark/models"
)

// A Form is what somebody is asked before an act is carried out: in Slack as a modal, by mail as a page.
type Form struct {
	Act        Act
	Engagement models.EngagementID
	Item       string // Item.Key
	Title      string // what the form is for, 24 characters at most
	About      string // the item
	Note       string // what follows from it
	Submit     string // what the button says
	Fields     []Field
	Asks       bool // it is shown before the act is carried out, also where there is nothing to fill in
}

// A Field is one thing that a form asks for.
type Field struct {
	Name    string // of the command: due, on, reason, blocking, by, person and so on: see fills
	Label   string
	Kind    FieldKind
	Options []Option // of a choice: 100 at most
	May     bool     // it may be left out
	Value   string   // at first
}

// A FieldKind is how a field is asked for.
type FieldKind string

// The kinds of fields.
const (
	FieldText   FieldKind = "text"
	FieldDay    FieldKind = "day"
	FieldChoice FieldKind = "choice"
)

// An Option is one of those to choose from.
type Option struct{ Value, Label string }

// maxOptions is how many people a form lists; others are named by their address.
const maxOptions = 100

// asked is about what somebody is asked: one of task, gate, decision, question and vacancy, as the facts have it on a day.
type asked struct {
	by       Actor
	now      time.Time
	today    models.Date // where the task's owner is; where the engagement is, of all else
	here     models.Date // where the engagement is
	task     *Task
	gate     *Gate
	decision *Decision
	vacancy  *Vacancy
	question *Question
	person   models.Person
}

// text is a field that takes words.
func text(name, label string) Field { return Field{Name: name, Label: label, Kind: FieldText} }

func (f *Facts) asksMoreTime(form *Form, on asked) {
	rules, t := f.Catalog.Reminders.Extension, on.task
	blocking := text("blocking", "What is in the way?")
	blocking.May = true
	first := f.DaysOf(t).Add(models.Later(t.Due, on.today), 2)
	form.Title = "Ask for more time"
	form.Fields = []Field{{Name: "due", Label: "Until when?", Kind: FieldDay, Value: first.String()}, text("reason", "Why?"), blocking}
	form.Note = fmt.Sprintf("It is due %s. Up to %s more are granted at once where nothing else waits for it, up to %d by %s; beyond that, "+
		"or when an agreed date would move, the partner and the sponsor decide.",
		models.Dated(t.Due), models.BusinessDays(rules.AutoApprove.MaxBusinessDays), rules.PMApproves.MaxBusinessDays,
		f.Called(f.Engagement.Manager, "manager"))
}

func (f *Facts) asksUntil(form *Form, on asked) {
	rules, days := f.Catalog.Reminders.Snooze, f.DaysOf(on.task)
	choice := Field{Name: "due", Label: "Remind me again on", Kind: FieldChoice}
	for i := range rules.MaxBusinessDaysEach {
		day := days.Add(on.today, i+1)
		choice.Options = append(choice.Options, Option{day.String(), models.Dated(day)})
	}
	choice.Value = choice.Options[0].Value
	form.Title, form.Submit, form.Fields = "Remind me later", "Put it off", []Field{choice}
	form.Note = fmt.Sprintf("It stays due %s, and others hear of it as before when it is late. It can be put off %d times.",
		models.Dated(on.task.Due), rules.MaxTimes)
}

func (f *Facts) asksWhatBlocks(form *Form, on asked) {
	who := []Option{{string(models.SideClient), "Somebody at " + f.Client.Name}, {string(models.SideFirm), f.Firm.Name},
		{"vendor", "A vendor"}}
	if f.Engagement.Auditor != "" {
		who = append(who, Option{string(models.SideAuditor), "The auditor"})
	}
	form.Title = "I am blocked"
	form.Fields = []Field{{Name: "by", Label: "Who has to act first?", Kind: FieldChoice, Value: string(models.SideFirm), Options: who},
		text("reason", "What is in the way?")}
	byClient, byOthers := *on.task, *on.task
	byClient.BlockedBy, byOthers.BlockedBy = models.SideClient, models.SideFirm
	client, others := f.Unblocker(&byClient), f.Unblocker(&byOthers)
	form.Note = "Reminders stop until it can go on. " + f.Called(others, "manager") + " is asked instead"
	if client != others {
		form.Note += ", or " + f.Called(client, "sponsor") + " where " + f.Client.Name + " has to act"
	}
	form.Note += "."
}

func (f *Facts) asksWho(form *Form, on asked) {
	form.Title, form.Fields = "Not mine", append(f.successors(on.task, on.by), text("reason", "Why them?"))
	form.Note = "It stays with you until they agree, or " + f.Called(f.Engagement.Manager, "manager") + " does."
	switch role := f.givers(on.task); {
	case slices.Contains(f.MayJudge(role), on.by.Person):
		form.Note = "It is theirs at once."
	case role == models.RoleSponsor:
		form.Note = "It stays with you until they agree, or your sponsor does."
	}
}

func (f *Facts) asksWhoDoes(form *Form, on asked) {
	form.Title, form.Submit, form.Fields = "Give it to", "Give", f.successors(on.task, on.by)
	if first := &form.Fields[0]; first.Kind == FieldChoice && on.task.Owner != on.by.Person && f.mayTake(on.task, on.by.Person, "") == nil {
		me := Option{string(on.by.Person), f.Called(on.by.Person, "team") + " (I do it)"}
		first.Options = append([]Option{me}, first.Options[:min(maxOptions-1, len(first.Options))]...)
	}
	why := text("reason", "Why them?")
	why.May = true
	form.Fields = append(form.Fields, why)
	form.Note = "It is theirs at once, and they are told."
}

func (f *Facts) asksAnotherDate(form *Form, on asked) {
	first := f.DaysOf(on.task).Add(models.Later(on.task.Due, on.today), 5)
	form.Title, form.Submit = "Agree another date", "Move"
	form.Fields = []Field{{Name: "due", Label: "Due when?", Kind: FieldDay, Value: first.String()}, text("reason", "Why?")}
	form.Note = "It is due " + models.Dated(on.task.Due) + ". " +
		f.willHear(Event{Actor: on.by.Person, Kind: rowOf[MoveTask].event, Subject: string(on.task.ID)})
	if waits := f.waitingFor(on.task); len(waits) > 0 {
		form.Note += " " + firstFew(waits) + " " + verb(len(waits), "waits", "wait") + " for it."
		form.Fields = append(form.Fields, Field{Name: "along", Label: "What waits for it and would be due too early", Kind: FieldChoice,
			Value: "no", Options: []Option{{"no", "Stays where it is, and I am told"}, {"yes", "Moves along, by as much as it has to"}}})
	}
}

// waitingFor returns the ids of the open tasks that come right after another one.
func (f *Facts) waitingFor(d *Task) []models.TaskID {
	var out []models.TaskID
	for _, t := range f.Tasks {
		if t != d && !t.State.Closed() && t.State != TaskSubmitted && t.ComesAfter(d) {
			out = append(out, t.ID)
		}
	}
	return out
}

func (f *Facts) asksWhyNotNeeded(form *Form, _ asked) {
	form.Title, form.Submit, form.Fields = "Not needed", "Waive", []Field{text("reason", "Why is it not needed?")}
	form.Note = "Nobody is asked for it any more, and what waits for it goes on."
}

func (f *Facts) asksThem(form *Form, on asked) {
	who := f.asksWhom(on.task)
	form.Title, form.Submit, form.Fields = "Ask", "Ask", []Field{text("reason", "What do you ask "+f.Called(who, on.task.OwnerRole)+"?")}
	form.Note = f.willHear(Event{Actor: on.by.Person, Kind: "task.asked", Subject: string(on.task.ID), To: string(who)})
}

// asksWhom returns who is asked about a task: who accepts it once it has been reported as done, who lets it go on while it is blocked, else
// its owner.
func (f *Facts) asksWhom(t *Task) models.PersonID {
	switch t.State {
	case TaskSubmitted:
		return t.Approver
	case TaskBlocked:
		return f.Unblocker(t)
	}
	return t.Owner
}

func (f *Facts) asksFirstDay(form *Form, on asked) {
	f.asksDay(form, on, "Another first day", Field{Name: "window_open", Label: "When shall the window open?"}, 20)
}

func (f *Facts) asksKickoff(form *Form, on asked) {
	f.asksDay(form, on, "Another kickoff", Field{Name: "kickoff", Label: "When shall the kickoff be?"}, 5)
}

func (f *Facts) asksAsOf(form *Form, on asked) {
	f.asksDay(form, on, "Another as-of date", Field{Name: "as_of", Label: "As of which day?"}, 20)
}

// asksDay asks for the day of a decision, so many business days ahead at first, and why. A pending one whose day has passed it replaces.
func (f *Facts) asksDay(form *Form, on asked, title string, field Field, ahead int) {
	field.Kind, field.Value = FieldDay, f.ClientDays.Add(on.today, ahead).String()
	form.Title, form.Submit, form.Asks = title, "Propose", false
	form.Fields = []Field{field, text("reason", "Why then?")}
	form.Note = "It takes a decision: who has to approve it is asked at once."
	if d := on.decision; d != nil && d.State == DecisionPending {
		form.Note += " It takes the place of " + d.ID + "."
	} else if d != nil {
		form.Note += " " + d.ID + " was " + f.Ending(d) + "."
	}
}

// asksAgain asks why a decision that was not approved is proposed once more as it was.
func (f *Facts) asksAgain(form *Form, on asked) {
	form.Title, form.Submit = "Propose it again", "Propose"
	form.Fields = []Field{text("reason", "What has changed since?")}
	form.Note = "It takes a decision: who has to approve it is asked at once. " + on.decision.ID + " was " + f.Ending(on.decision) + "."
	if effects := f.Effects(f.again(on.decision), on.now); !effects.Report.IsZero() || effects.Stopped != "" {
		form.Note += " " + strings.Join(effects.SeenBy(on.by, f, on.now).Lines(), " ")
	}
}

// again returns a decision that came to nothing as it would be proposed once more.
func (f *Facts) again(d *Decision) *Decision {
	x := *d
	x.State, x.Approvals, x.ClosedAt, x.ClosedBy, x.ClosedWhy = DecisionPending, nil, time.Time{}, "", ""
	return &x
}

func (f *Facts) asksWhatIsMissing(form *Form, on asked) {
	form.Title, form.Submit, form.Fields = "Return it", "Return", []Field{text("reason", "What is missing?")}
	form.Note = f.willHear(Event{Actor: on.by.Person, Kind: rowOf[ReturnTask].event, Subject: string(on.task.ID)})
}

func (f *Facts) asksWhyNotSigned(form *Form, _ asked) {
	form.Title, form.Submit, form.Fields = "Refuse to sign", "Refuse", []Field{text("reason", "Why?")}
}

func (f *Facts) asksWhyNotApproved(form *Form, _ asked) {
	form.Title, form.Submit, form.Fields = "Decline", "Decline", []Field{text("reason", "Why?")}
}

// successors asks who shall take a task over: a list of those who may, and an address when there are more.
func (f *Facts) successors(t *Task, a Actor) []Field {
	var holders, others []Option
	for _, p := range f.People {
		if p.ID == a.Person || f.mayTake(t, p.ID, a.Person) != nil {
			continue
		}
		o := Option{string(p.ID), p.Name}
		if slices.ContainsFunc(f.Duties, func(d models.Duty) bool { return d.Person == p.ID || d.Backup == p.ID }) {
			holders = append(holders, o)
		} else {
			others = append(others, o)
		}
	}
	byName := func(x, y Option) int { return strings.Compare(strings.ToLower(x.Label), strings.ToLower(y.Label)) }
	slices.SortFunc(holders, byName)
	slices.SortFunc(others, byName)
	all := append(holders, others...)
	who := Field{Name: "person", Label: "Whose is it?", Kind: FieldChoice, Options: all[:min(maxOptions, len(all))]}
	if len(all) == 0 {
		return []Field{{Name: "email", Label: "Whose is it? Their mail address", Kind: FieldText}}
	}
	if len(all) <= maxOptions {
		return []Field{who}
	}
	who.May = true
	return []Field{who, {Name: "email", Label: "Or somebody else: their mail address", Kind: FieldText, May: true}}
}

// refuse says after its label what is wrong with what was answered.
func (f Field) refuse(why string) error {
	if strings.HasSuffix(f.Label, "?") {
		return models.Refuse(models.Invalid, f.Name, "%s %s", f.Label, models.Upper(why))
	}
	return models.Refuse(models.Invalid, f.Name, "%s: %s", f.Label, why)
}

// Answer fills in the command of a form's act from what its actor answered. It refuses (invalid, naming the field) an answer that is
// missing, is none of those to choose from or cannot be read.
func (f *Facts) Answer(form Form, cmd *Command, answers map[string]string) error {
	for _, field := range form.Fields {
		value := strings.TrimSpace(answers[field.Name])
		if value == "" {
			if !field.May {
				return field.refuse("this is missing")
			}
			continue
		}
		if field.Kind == FieldChoice && !slices.ContainsFunc(field.Options, func(o Option) bool { return o.Value == value }) {
			return field.refuse(fmt.Sprintf("%.60q is none of those to choose from", value))
		}
		if fill := fills[field.Name]; fill != nil {
			if err := fill(f, form, cmd, value); err != nil {
				return err
			}
		}
	}
	if _, subject := ParseItem(form.Item); cmd.Kind == AskTask {
		if t := f.Task(models.TaskID(subject)); t != nil {
			cmd.Person = f.asksWhom(t)
		}
	}
	if d := f.DecisionOf(cmd.Decision); d != nil && slices.Contains(asTheyWere, cmd.Kind) {
		as := d.Change
		cmd.Change = &as
	}
	if (cmd.Kind == HandOverTask || cmd.Kind == AssignTask) && cmd.Person == "" {
		return models.Refuse(models.Invalid, "person", "say whose it is")
	}
	if cmd.Kind == CorrectAddress {
		return f.corrected(*cmd)
	}
	return nil
}

// fills says what an answer fills in, by the name of its field.
var fills = map[string]func(f *Facts, form Form, cmd *Command, value string) error{
	"due":         fillsDay("due", func(cmd *Command) *models.Date { return &cmd.Due }),
	"window_open": fillsDay("window_open", func(cmd *Command) *models.Date { return &cmd.Change.WindowOpen }),
	"kickoff":     fillsDay("kickoff", func(cmd *Command) *models.Date { return &cmd.Change.Kickoff }),
	"as_of":       fillsDay("as_of", func(cmd *Command) *models.Date { return &cmd.Change.AsOf }),
	"on":          fillsDay("on", func(cmd *Command) *models.Date { return &cmd.On }),
	"reason":      func(_ *Facts, _ Form, cmd *Command, value string) error { cmd.Reason = value; return nil },
	"blocking":    func(_ *Facts, _ Form, cmd *Command, value string) error { cmd.Blocking = value; return nil },
	"by":          func(_ *Facts, _ Form, cmd *Command, value string) error { cmd.By = models.Side(value); return nil },
	"person": func(_ *Facts, _ Form, cmd *Command, value string) error {
		cmd.Person = models.PersonID(value)
		return nil
	},
	"email":   (*Facts).fillsEmail,
	"address": fillsCorrection(func(x *Correction) *string { return &x.Email }),
	"account": fillsCorrection(func(x *Correction) *string { return &x.Account }),
	"confirm": func(_ *Facts, _ Form, cmd *Command, value string) error { cmd.Confirm = []string{value}; return nil },
	"along": func(_ *Facts, _ Form, cmd *Command, value string) error {
		cmd.Moving = &Moving{Along: value == "yes"}
		return nil
	},
}

// fillsDay fills a day of a command in, and refuses, naming the field, what is none.
func fillsDay(field string, of func(*Command) *models.Date) func(*Facts, Form, *Command, string) error {
	return func(_ *Facts, _ Form, cmd *Command, value string) error {
		day, err := models.ParseDate(value)
		if err != nil {
			return models.Refuse(models.Invalid, field, "%s", err.Error())
		}
		*of(cmd) = day
		return nil
	}
}

// fillsEmail names a person by their address. It refuses an address that nobody has, and somebody who cannot take the form's task over.
func (f *Facts) fillsEmail(form Form, cmd *Command, address string) error {
	i := slices.IndexFunc(f.People, func(p models.Person) bool { // who is not on the engagement is nobody here
		_, err := f.member("email", p.ID)
		return p.Email != "" && strings.EqualFold(p.Email, address) && err == nil
	})
	if i < 0 {
		return models.Refuse(models.Invalid, "email", "nobody here has the address %.100q: ask the manager to invite them", address)
	}
	cmd.Person = f.People[i].ID
	_, subject := ParseItem(form.Item)
	if t := f.Task(models.TaskID(subject)); t != nil {
		if refusal, ok := errors.AsType[*models.Error](f.mayTake(t, cmd.Person, cmd.Actor.Person)); ok {
			return models.Refuse(models.Invalid, "email", "%s", refusal.Message)
		}
	}
	return nil
}
