package web

import (
	"tickmark/models"
)

// A page is what every page gets: where it is, who looks at it, and on which day.
type page struct {
	Title  string
	Class  string // of the body: chooses the style of the page
	Assets *Assets
	Mode   string // "light" or "dark"; empty: as the system has it

	Who   models.Person // empty at the door
	Role  string        // in words
	Brand string        // whose name stands beside the mark: the client's, for their people
	Menu  []menuItem
	Today models.Date // where they are

	Day     string // how long an engagement day lasts, where the clock is fast
	Sandbox string // where the sandbox is that stands in for Slack

	NoKeys bool // single letters do nothing

	Live string // where one hears that something has changed; empty: this page stays as it is
	Time string // when it was shown, where who looks is

	Demo bool // the firm is a demo
}

// A menuItem leads to one of the pages.
type menuItem struct {
	Name, At, Icon string
	Current        bool
	Count          int // of what waits there for who looks
}

// bare returns what a page gets that is for whoever comes.
func (v *visit) bare(title string) page {
	p := page{Title: title, Class: "door", Assets: v.assets}
	v.liked(&p)
	if v.Person.ID != "" {
		p.Who = v.Person
	}
	return p
}

// framed returns what a page gets for who is signed in: at is the address of the entry of the menu under which it stands.
func (v *visit) framed(title, class, at string) page {
	p := v.bare(title)
	p.Class, p.Role, p.Today = class, roleNames[v.Role], v.today()
	p.Demo = v.DemoOf != ""
	if v.Role.Side() == models.SideFirm {
		p.Sandbox = v.Sandbox
	}
	if v.Day != 0 {
		p.Day = v.Day.String()
	}
	if v.Caller.Root != nil && class != "asking" && class != "starter" {
		p.Live, p.Time = v.listens(), v.Now.In(models.Zone(v.Person.TimeZone)).Format("15:04")
	}
	for _, item := range menus[v.Role.Side()] {
		item.Current = item.At == at
		p.Menu = append(p.Menu, item)
	}
	return p
}

// today is the day on which somebody looks, where they are.
func (v *visit) today() models.Date { return models.DateIn(v.Now, models.Zone(v.Person.TimeZone)) }

var roleNames = map[models.Role]string{models.RolePartner: "Partner", models.RoleManager: "Project manager",
	models.RoleConsultant: "Consultant",
	models.RoleSponsor:    "Sponsor", models.RoleOwner: "Control owner", models.RoleAuditor: "Auditor"}

var menus = map[models.Side][]menuItem{
	models.SideFirm: {{Name: "Portfolio", At: "/portfolio", Icon: "layout-list"}, {Name: "Today", At: "/today", Icon: "calendar"},
		{Name: "My work", At: "/work", Icon: "check"}, {Name: "Messages", At: "/messages", Icon: "message-circle"},
		{Name: "Clients", At: "/clients", Icon: "file-text"}, {Name: "People", At: "/people", Icon: "user-round"}},
	models.SideClient: {{Name: "My work", At: "/work", Icon: "check"}, {Name: "Engagements", At: "/portfolio", Icon: "layout-list"},
		{Name: "Messages", At: "/messages", Icon: "message-circle"}},
	models.SideAuditor: {{Name: "My work", At: "/work", Icon: "check"}, {Name: "Engagements", At: "/portfolio", Icon: "layout-list"}},
}

// names are those of people, and of nobody.
type names map[models.PersonID]string

// nameIn returns somebody's name, which is looked up where it is not among those that are known.
func (v *visit) nameIn(known names, id models.PersonID) (string, error) {
	if name := known[id]; name != "" {
		return name, nil
	}
	person, err := v.Store.Person(v.r.Context(), id)
	if err != nil {
		return "", err
	}
	known[id] = person.Name
	return person.Name, nil
}
