package models

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Ids are short names chosen by people or made by the store; they never carry personal data.
type (
	FirmID       string
	ClientID     string
	PersonID     string
	EngagementID string
	TaskID       string
)

// A Ref names one engagement of one firm: all that a workflow needs to know.
type Ref struct {
	Firm       FirmID       `json:"firm"`
	Engagement EngagementID `json:"engagement"`
}

var slug = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// CheckID refuses an id that is not 1 to 63 lower-case letters, digits and hyphens.
func CheckID(field, id string) error {
	if !slug.MatchString(id) {
		return Refuse(Invalid, field, "%s %q must be 1 to 63 lower-case letters, digits or hyphens, beginning with a letter or digit", field, id)
	}
	return nil
}

// A Role says what a person may do (domain.md 7.1). The ids are the catalog's.
type Role string

// The six roles: three of the firm, two of the client, and the independent auditor.
const (
	RolePartner    Role = "partner"
	RoleManager    Role = "pm"
	RoleConsultant Role = "consultant"
	RoleSponsor    Role = "sponsor"
	RoleOwner      Role = "owner"
	RoleAuditor    Role = "auditor"
	RoleSystem     Role = "system" // Tickmark itself: signs what only the calendar decides
)

// Roles lists the roles a person may have.
var Roles = []Role{RolePartner, RoleManager, RoleConsultant, RoleSponsor, RoleOwner, RoleAuditor}

// ParseRole returns the role of that id, or refuses with the list of those there are.
func ParseRole(field, s string) (Role, error) {
	if slices.Contains(Roles, Role(s)) {
		return Role(s), nil
	}
	known := make([]string, len(Roles))
	for i, r := range Roles {
		known[i] = string(r)
	}
	return "", Refuse(Invalid, field, "%s %.60q is none of %s%s", field, s, Words(Roles), DidYouMean(s, known))
}

// A Side is who a person works for: the consulting firm, its client, or the independent audit firm.
type Side string

// The three sides of an engagement.
const (
	SideFirm    Side = "firm"
	SideClient  Side = "client"
	SideAuditor Side = "auditor"
)

// Sides lists all sides.
var Sides = []Side{SideFirm, SideClient, SideAuditor}

// Side returns whom somebody of that role works for.
func (r Role) Side() Side {
	switch r {
	case RoleSponsor, RoleOwner:
		return SideClient
	case RoleAuditor:
		return SideAuditor
	default:
		return SideFirm
	}
}

// A Firm is a consulting firm: the tenant. Nothing crosses from one firm to another.
type Firm struct {
	ID       FirmID
	Name     string
	Country  string // ISO 3166, or "none"; its public holidays are the firm's days off
	TimeZone string // IANA
	Closed   []Date // further days on which the firm does not work
	Open     []Date // public holidays on which it works all the same
	Revision int64
	DemoOf   FirmID // whose demo it is, made up to be looked at; empty: it is no demo. Nobody outside hears from a demo
}

// Check refuses a firm whose data contradict themselves; known says which countries have a holiday calendar.
func (f Firm) Check(known []string) error {
	if err := CheckID("id", string(f.ID)); err != nil {
		return err
	}
	if err := CheckName("name", f.Name); err != nil {
		return err
	}
	if err := CheckCountry("country", f.Country, known); err != nil {
		return err
	}
	if err := CheckOwnDays(f.Closed, f.Open, nil); err != nil {
		return err
	}
	return CheckZone("time_zone", f.TimeZone)
}

// CheckOwnDays refuses closed and open days that cannot be a company's or a person's: more than 1,000 of one, a day that is both, and an
// open day of the weekend, since it is public holidays that open days take away. An empty weekend is Saturday and Sunday.
func CheckOwnDays(closed, open []Date, weekend []time.Weekday) error {
	if len(closed) > 1000 {
		return Refuse(Invalid, "closed_days", "closed_days may list 1,000 days at most")
	}
	if len(open) > 1000 {
		return Refuse(Invalid, "open_days", "open_days may list 1,000 days at most")
	}
	if len(weekend) == 0 {
		weekend = satSun
	}
	shut := make(map[Date]bool, len(closed))
	for _, day := range closed {
		shut[day] = true
	}
	for _, day := range open {
		switch {
		case shut[day]:
			return Refuse(Invalid, "open_days", "open_days and closed_days both list %s: a day is one of them", day)
		case slices.Contains(weekend, day.Weekday()):
			return Refuse(Invalid, "open_days", "open_days lists %s, a %s of the weekend: they are public holidays on which people work", day,
				day.Weekday())
		}
	}
	return nil
}

// A Client is a company that the firm prepares for its report.
type Client struct {
	Firm      FirmID
	ID        ClientID
	Name      string
	Headcount int
	Country   string         // ISO 3166, or "none": no public holidays
	TimeZone  string         // IANA
	Weekend   []time.Weekday // Saturday and Sunday when empty
	Closed    []Date         // the client's own closed days
	Open      []Date         // public holidays on which it works all the same
	Revision  int64
	CreatedAt time.Time
}

// Check refuses a client whose data contradict themselves; known says which countries have a holiday calendar.
func (c Client) Check(known []string) error {
	if err := CheckID("id", string(c.ID)); err != nil {
		return err
	}
	if err := CheckName("name", c.Name); err != nil {
		return err
	}
	if c.Headcount < 1 || c.Headcount > 1_000_000 {
		return Refuse(Invalid, "headcount", "headcount %d must be between 1 and 1,000,000 people", c.Headcount)
	}
	if err := CheckCountry("country", c.Country, known); err != nil {
		return err
	}
	if len(c.Weekend) > 6 {
		return Refuse(Invalid, "weekend", "weekend must leave at least one working day")
	}
	if err := CheckOwnDays(c.Closed, c.Open, c.Weekend); err != nil {
		return err
	}
	return CheckZone("time_zone", c.TimeZone)
}

// CheckCountry refuses a country without a holiday calendar, and says which may be meant, or else all that are known; "none" is always
// known.
func CheckCountry(field, country string, known []string) error {
	if country == "none" || slices.Contains(known, country) {
		return nil
	}
	meant := Meant(country, known)
	if called := countryCalled(country); meant == "" && slices.Contains(known, called) {
		meant = called
	}
	if meant != "" && meant != country {
		return Refuse(Invalid, field, "%s %.60q is not one Tickmark has public holidays for; did you mean %s?", field, country,
			namedCountry(meant))
	}
	return Refuse(Invalid, field, "%s %.60q is not one Tickmark has public holidays for: use \"none\" and list closed days, or one of %s",
		field, country, strings.Join(known, " "))
}

// CheckZone refuses a time zone that is not an IANA name such as Europe/Berlin.
func CheckZone(field, zone string) error {
	if zone == "" || zone == "Local" {
		return Refuse(Invalid, field, "%s must be an IANA time zone such as America/New_York", field)
	}
	if _, err := time.LoadLocation(zone); err != nil {
		return Refuse(Invalid, field, "%s %q is not an IANA time zone such as America/New_York", field, zone)
	}
	return nil
}

// CheckName refuses a name or title (invalid, of that field) that is blank, longer than 300 characters, or holds control characters, line
// ends or invisible characters that turn or hide text.
func CheckName(field, name string) error {
	n := len([]rune(strings.TrimSpace(name)))
	if n == 0 || n > 300 {
		return Refuse(Invalid, field, "%s must have 1 to 300 characters", field)
	}
	if strings.ContainsFunc(name, func(r rune) bool { return hides(r) || r == '\uFFFD' }) {
		return Refuse(Invalid, field, "%s must not hold control characters, line ends or invisible characters that turn or hide text", field)
	}
	return nil
}

// CheckText refuses free text that is missing or longer than limit characters.
func CheckText(field, text string, limit int) error {
	n := len([]rune(strings.TrimSpace(text)))
	if n == 0 || n > limit {
		return Refuse(Invalid, field, "%s must have 1 to %d characters", field, limit)
	}
	if strings.ContainsRune(text, 0) {
		return Refuse(Invalid, field, "%s must not hold control characters", field)
	}
	return nil
}

// A Person works for the firm, for one client or for an audit firm, in one role. Somebody who works at two clients is two
// people to Tickmark: grants are separate (domain.md 7.2).
type Person struct {
	Firm      FirmID
	ID        PersonID
	Client    ClientID // only for people of a client
	Name      string
	Email     string // may be empty: not everybody has a channel
	Role      Role
	TimeZone  string // IANA
	Closed    []Date // days on which they do not work, besides those of their company and their country
	Open      []Date // holidays and closed days of their company or country on which they work all the same
	Active    bool
	LeftAt    time.Time // when their access ended; zero while they are active
	Revision  int64
	CreatedAt time.Time
}

// The two halves of a mail address as every mail server takes them (RFC 5321, 4.1.2): dots stand between other signs only, and of a domain
// every part begins and ends with a letter or digit.
var (
	mailbox = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$")
	domain  = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$`)
)

// CheckEmail refuses an address that mail cannot reach: one that is none, or that has letters beyond ASCII, which we could write to by mail
// servers only that all have SMTPUTF8.
func CheckEmail(field, address string) error {
	local, at, found := strings.Cut(address, "@")
	switch {
	case !found || local == "" || at == "" || strings.ContainsAny(address, " \t\r\n<>,;:\"") || strings.Contains(at, "@"):
		return Refuse(Invalid, field, "%s %.120q is not a mail address, as in ana@example.com", field, address)
	case strings.ContainsFunc(local, notASCII):
		return Refuse(Invalid, field, "%s %.120q cannot be reached by mail from here: before the @ it may have the letters a to z only, digits "+
			"and signs; name another address of theirs", field, address)
	case strings.ContainsFunc(at, notASCII):
		return Refuse(Invalid, field, "%s %.120q cannot be reached by mail from here: write its domain in the letters a to z, in the form that "+
			"begins with xn--", field, address)
	case len(local) > 64 || len(at) > 189 || !mailbox.MatchString(local) || !domain.MatchString(at):
		return Refuse(Invalid, field, "%s %.120q is not a mail address, as in ana@example.com", field, address)
	}
	return nil
}

func notASCII(r rune) bool { return r > 0x7e }

// PersonIDAt returns the id of somebody of a client who is called by a short name there: the client's, a dot and the name. No other id has
// a dot, so that one client's short names have nothing to do with another's, nor with the ids that the firm chooses.
func PersonIDAt(client ClientID, short PersonID) PersonID {
	return PersonID(string(client) + "." + string(short))
}

// Check refuses a person whose data contradict themselves.
func (p Person) Check() error {
	short, _ := strings.CutPrefix(string(p.ID), string(p.Client)+".")
	if p.Client == "" {
		short = string(p.ID)
	}
	if err := CheckID("id", short); err != nil {
		return err
	}
	if err := CheckName("name", p.Name); err != nil {
		return err
	}
	if _, err := ParseRole("role", string(p.Role)); err != nil {
		return err
	}
	if p.Email != "" {
		if err := CheckEmail("email", p.Email); err != nil {
			return err
		}
	}
	if (p.Role.Side() == SideClient) != (p.Client != "") {
		return Refuse(Invalid, "client", "people of a client (sponsor, owner) name their client; people of the firm and auditors do not")
	}
	return CheckZone("time_zone", p.TimeZone)
}

// A Duty says who holds a function at a client (catalog roles.yaml), and who stands in. One person may hold several.
type Duty struct {
	Firm     FirmID
	Client   ClientID
	Function string
	Person   PersonID
	Backup   PersonID // may be empty
}

// LostBy returns who holds the function or is its backup, and is neither any more when it becomes another's.
func (d Duty) LostBy(is Duty) []PersonID {
	return Keep([]PersonID{d.Person, d.Backup}, func(p PersonID) bool { return p != "" && p != is.Person && p != is.Backup })
}

// Handed returns the function as it is once somebody's part in it is another's: who becomes its holder needs no backup of their own, and
// who holds it already stays without one.
func (d Duty) Handed(from, to PersonID) Duty {
	switch from {
	case d.Person:
		d.Person = to
		if d.Backup == to || d.Backup == from {
			d.Backup = ""
		}
	case d.Backup:
		if d.Backup = to; to == d.Person {
			d.Backup = ""
		}
	}
	return d
}

// SideOf returns for whom the holder of a task's owner role works: firm roles for the firm, auditor, else the client.
func SideOf(owner string) Side {
	switch owner {
	case string(RolePartner), string(RoleManager), string(RoleConsultant):
		return SideFirm
	case string(RoleAuditor):
		return SideAuditor
	default:
		return SideClient
	}
}
