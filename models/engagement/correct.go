package engagement

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"tickmark/models"
)

// A Correction is where somebody is reached whom nothing reaches.
type Correction struct {
	Email   string // of their mail; empty: as it is
	Account string // of theirs in Slack; empty: as it is
}

// CorrectAddress corrects where somebody is reached. It changes a person and no engagement: the store carries it out, no workflow does.
const CorrectAddress Kind = "person.correct"

// besides are the rows of acts that are no commands on an engagement, and are judged, offered and asked for as those are. Each stands for
// an operation of the table of operations, and writes in the record of the firm.
var besides = []row{{kind: CorrectAddress, action: "updatePerson", verb: "changing a person", on: onPerson,
	entitled: (*Facts).corrects, act: ActCorrect, label: "Correct the address…", items: []ItemKind{ItemReach}, asks: (*Facts).asksAddress}}

// slackAccount is what Slack's ids of accounts look like.
var slackAccount = regexp.MustCompile(`^[UW][A-Z0-9]{2,39}$`)

// judged returns the row by which a command is judged.
func judged(kind Kind) *row {
	if i := slices.IndexFunc(besides, func(r row) bool { return r.kind == kind }); i >= 0 {
		return &besides[i]
	}
	return rowOf[kind]
}

// meets returns somebody who takes part in the engagement as an actor meets them.
func (f *Facts) meets(a Actor, id models.PersonID) (Target, bool) {
	p, active := f.Person(id)
	e := f.Engagement
	on := Target{Person: p, Ours: e.Partner == a.Person || e.Manager == a.Person || slices.Contains(e.Consultants, a.Person),
		Decides: p.Role == models.RoleSponsor || p.Role == models.RoleAuditor}
	for _, d := range f.Duties {
		on.Decides = on.Decides || (d.Person == id || d.Backup == id) && f.Catalog.Approves(d.Function)
	}
	return on, active
}

// corrects refuses an actor who may not change the address of whom a command names.
func (f *Facts) corrects(a Actor, c Command) error {
	on, active := f.meets(a, c.Person)
	if !active {
		return models.Refuse(models.NotFound, "person", "there is nobody %.80q here any more", string(c.Person))
	}
	is := on.Person
	is.Email = "another of " + on.Email
	return a.MayChange(on, is)
}

// asksAddress asks where somebody is reached.
func (f *Facts) asksAddress(form *Form, on asked) {
	p := on.person
	address := text("address", "Their mail address")
	address.May, address.Value = true, p.Email
	form.Title, form.Submit, form.Fields = "Correct the address", "Correct", []Field{address}
	form.Note = "What is due goes to the address that you give. "
	if p.Email != "" {
		form.Note += "They are told at " + p.Email + " that it was changed, and by whom. "
	}
	if met, _ := f.meets(on.by, p.ID); on.by.May("bindPerson", &met) == nil {
		account := text("account", "Or their Slack member ID, like U012AB3CD")
		account.May = true
		form.Fields = append(form.Fields, account)
		form.Note += "Whose Slack account you name is asked there first whether it is theirs."
	}
	form.Note = strings.TrimSpace(form.Note)
}

// corrected refuses a correction that corrects nothing.
func (f *Facts) corrected(c Command) error {
	p, _ := f.Person(c.Person)
	if c.Correct == nil || c.Correct.Account == "" && c.Correct.Email == p.Email {
		return models.Refuse(models.Invalid, "address", "say which other mail address is theirs, or which Slack account")
	}
	if c.Correct.Account != "" && !slackAccount.MatchString(c.Correct.Account) {
		return models.Refuse(models.Invalid, "account",
			"%.60q is no Slack member ID: it is like U012AB3CD, and “Copy member ID” in their Slack profile gives it", c.Correct.Account)
	}
	if c.Correct.Email != "" && c.Correct.Email != p.Email {
		return models.CheckEmail("address", c.Correct.Email)
	}
	return nil
}

// fillsCorrection fills a part of a correction in.
func fillsCorrection(part func(*Correction) *string) func(*Facts, Form, *Command, string) error {
	return func(_ *Facts, _ Form, cmd *Command, value string) error {
		if cmd.Correct == nil {
			cmd.Correct = &Correction{}
		}
		*part(cmd.Correct) = value
		return nil
	}
}

// Corrects refuses a correction of an address that the facts do not let its sender make.
func (f *Facts) Corrects(c Command, now time.Time) error {
	if err := f.Permits(c.Actor, c, now); err != nil {
		return err
	}
	return f.corrected(c)
}
