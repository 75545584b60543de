package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tickmark/models"
	"tickmark/models/holiday"
)

// A Beginning is what an installation is told when it is set up: the firm and its first administrator. `tickmark setup` and the first start
// of tickmark-solo take it by the same flags.
type Beginning struct {
	Firm       string // its name
	Country    string // of its public holidays, or "none"
	TimeZone   string // IANA; also the administrator's
	Admin      string // the administrator's name
	AdminEmail string // may be empty: then nothing but a Slack account that is bound by hand reaches them
}

// The flags of a Beginning.
const (
	flagFirm       = "firm"
	flagCountry    = "country"
	flagTimeZone   = "time-zone"
	flagAdmin      = "admin"
	flagAdminEmail = "admin-email"
)

// A flagSet is one of the standard library or of the command line's.
type flagSet interface {
	StringVar(to *string, name, value, usage string)
}

// Flags adds the flags of a Beginning to a program. What b holds becomes their defaults.
func (b *Beginning) Flags(to flagSet) {
	to.StringVar(&b.Firm, flagFirm, b.Firm, "name of the firm")
	to.StringVar(&b.Country, flagCountry, b.Country, "country of the firm's public holidays, as in DE, or none")
	to.StringVar(&b.TimeZone, flagTimeZone, b.TimeZone, "IANA time zone of the firm and its administrator, as in Europe/Berlin")
	to.StringVar(&b.Admin, flagAdmin, b.Admin, "name of the firm's first administrator, a partner")
	to.StringVar(&b.AdminEmail, flagAdminEmail, b.AdminEmail, "mail address of the administrator")
}

// NewBeginning returns what is assumed of a firm of which only the name is known: that it is in New York, and has an administrator.
func NewBeginning(firm string) Beginning {
	return Beginning{Firm: firm, Country: "US", TimeZone: "America/New_York", Admin: "Administrator"}
}

// Check refuses values that cannot be; the refusal names the flag and what is allowed. It is for before anything is opened or made.
func (b Beginning) Check() error {
	firm, admin := b.people("firm")
	err := byFlag(firm.Check(holiday.Countries()), map[string]string{"name": flagFirm, "country": flagCountry, "time_zone": flagTimeZone})
	if err == nil {
		err = byFlag(admin.Check(), map[string]string{"name": flagAdmin, "email": flagAdminEmail})
	}
	return err
}

// byFlag says of a refusal that begins with the name of a field the same of the flag that sets it. What is nil stays nil.
func byFlag(err error, flags map[string]string) error {
	refusal, ok := errors.AsType[*models.Error](err)
	if !ok {
		return err
	}
	flag := "--" + flags[refusal.Field]
	return models.Refuse(refusal.Code, flag, "%s%s", flag, strings.TrimPrefix(refusal.Message, refusal.Field))
}

// firstAdmin is the id of the administrator whom a Beginning makes.
const firstAdmin models.PersonID = "admin"

// people returns the firm and its administrator.
func (b Beginning) people(id models.FirmID) (models.Firm, models.Person) {
	return models.Firm{ID: id, Name: b.Firm, Country: b.Country, TimeZone: b.TimeZone},
		models.Person{ID: firstAdmin, Name: b.Admin, Email: b.AdminEmail, Role: models.RolePartner, TimeZone: b.TimeZone}
}

// Unheard returns, for people, which of the given flags an installation that has its firm already does not follow: what they say differs
// from what is there. It returns nothing where they agree.
func (b Beginning) Unheard(ctx context.Context, a *App, given func(flag string) bool) ([]string, error) {
	firms, err := a.Root.Firms(ctx)
	if err != nil || len(firms) == 0 {
		return nil, err
	}
	firm := firms[0]
	admin, err := a.Root.For(firm.ID).Person(ctx, firstAdmin)
	if err != nil && models.CodeOf(err) != models.NotFound {
		return nil, err
	}
	var unheard []string
	const setFirm, editAdmin = "firm set", "person edit " + string(firstAdmin)
	for _, f := range []struct{ flag, said, is, change string }{
		{flagFirm, b.Firm, firm.Name, setFirm}, {flagCountry, b.Country, firm.Country, setFirm},
		{flagTimeZone, b.TimeZone, firm.TimeZone, setFirm},
		{flagAdmin, b.Admin, admin.Name, editAdmin}, {flagAdminEmail, b.AdminEmail, admin.Email, editAdmin},
	} {
		if given(f.flag) && f.said != f.is {
			unheard = append(unheard, fmt.Sprintf(
				"--%s %q was not followed: it is for the first start, and here it is %q already. tickmark %s changes it",
				f.flag, f.said, f.is, f.change))
		}
	}
	return unheard, nil
}
