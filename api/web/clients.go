package web

import (
	"net/http"
	"net/url"
	"slices"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// A clientsPage lists the firm's clients.
type clientsPage struct {
	page
	Search  string
	Clients []clientLine
	Next    string
}

// A clientLine is a client in the list.
type clientLine struct{ At, Name, Country, Zone, People string }

// A clientPage is a client: its engagements, people and functions.
type clientPage struct {
	page
	Name        string
	Facts       []fact
	Engagements []clientEngagement
	People      []personLine
	Functions   []functionLine
}

// A clientEngagement is an engagement of a client.
type clientEngagement struct {
	At, Name, State, Word string
	Reports               []engagement.Kept
}

// A peoplePage is the people of the firm and its auditors.
type peoplePage struct {
	page
	Search string
	People []personLine
	Next   string
}

// A personLine is somebody, how they are reached, and when they are away.
type personLine struct {
	Name, Role, Email, Zone string
	Reached                 string // by what messages go to them
	Unreached               bool   // by nothing
	Away                    string // the days, from now on
	Left                    string // since when; empty: they have not
	Invited                 inviteLine
}

// listed is how many clients or people stand on a page.
const (
	listed       = 100
	listedPeople = 500 // of a client
)

// clients lists the clients that are shown to who looks.
func (p *Pages) clients(v *visit) error {
	q := v.r.URL.Query()
	all, next, err := v.Store.ClientsFor(v.r.Context(), v.Actor, store.ClientFilter{Search: q.Get("q")}, q.Get("cursor"), listed)
	if err != nil {
		return err
	}
	out := clientsPage{page: v.framed("Clients", "folk", "/clients"), Search: q.Get("q")}
	for _, c := range all {
		out.Clients = append(out.Clients, clientLine{At: "/clients/" + url.PathEscape(string(c.ID)), Name: c.Name, Country: c.Country,
			Zone: c.TimeZone, People: models.Count(c.Headcount, "seat")})
	}
	if next != "" {
		out.Next = with(q, "/clients", "cursor", next)
	}
	return v.show(http.StatusOK, clientsPageOf(out))
}

// client shows a client.
func (p *Pages) client(v *visit) error {
	ctx, id := v.r.Context(), models.ClientID(v.r.PathValue("client"))
	c, err := v.Store.Client(ctx, id)
	if err != nil {
		return err
	}
	out := clientPage{page: v.framed(c.Name, "folk", "/clients"), Name: c.Name}
	out.Facts = []fact{{Term: "People", Text: itoa(c.Headcount)}, {Term: "Holidays of", Text: c.Country},
		{Term: "Time zone", Text: c.TimeZone}}
	if len(c.Closed) > 0 {
		out.Facts = append(out.Facts, fact{Term: "Closed", Text: daysOf(c.Closed)})
	}
	if len(c.Open) > 0 {
		out.Facts = append(out.Facts, fact{Term: "Open all the same", Text: daysOf(c.Open)})
	}
	rows, _, err := v.Store.PortfolioFor(ctx, v.Actor, store.PortfolioFilter{Client: id}, "-kickoff", "", listed, v.Now)
	if err != nil {
		return err
	}
	for _, row := range rows {
		line := clientEngagement{At: "/engagements/" + string(row.ID), Name: row.Name, Reports: row.Summary.Reports}
		if line.State, line.Word = stateOf(row); row.Status == engagement.StatusCompleted || row.Status == engagement.StatusCancelled {
			line.State, line.Word = "done", string(row.Status)
		}
		out.Engagements = append(out.Engagements, line)
	}
	people, _, err := v.Store.PeopleFor(ctx, v.Actor, store.PersonFilter{Client: &id, Inactive: true}, "", listedPeople)
	if err != nil {
		return err
	}
	if out.People, err = v.personLines(people); err != nil {
		return err
	}
	if engagement.ReachOf(v.Role, "listFunctions") == engagement.ReachNone {
		return v.show(http.StatusOK, clientPageOf(out))
	}
	duties, err := v.Store.Duties(ctx, id)
	if err != nil {
		return err
	}
	names := map[models.PersonID]string{}
	for _, x := range people {
		names[x.ID] = x.Name
	}
	for _, fn := range v.Root.Catalog.Functions {
		line := functionLine{Name: fn.Name, Missing: true}
		if i := slices.IndexFunc(duties, func(d models.Duty) bool { return d.Function == fn.ID }); i >= 0 {
			line.Holder, line.Backup, line.Missing = names[duties[i].Person], names[duties[i].Backup], duties[i].Person == ""
		}
		out.Functions = append(out.Functions, line)
	}
	return v.show(http.StatusOK, clientPageOf(out))
}

// people lists the people of the firm and its auditors.
func (p *Pages) people(v *visit) error {
	q := v.r.URL.Query()
	filter := store.PersonFilter{Client: new(models.ClientID), Search: q.Get("q"), Inactive: true}
	all, next, err := v.Store.PeopleFor(v.r.Context(), v.Actor, filter, q.Get("cursor"), listed)
	if err != nil {
		return err
	}
	out := peoplePage{page: v.framed("People of the firm", "folk", "/people"), Search: q.Get("q")}
	if out.People, err = v.personLines(all); err != nil {
		return err
	}
	if next != "" {
		out.Next = with(q, "/people", "cursor", next)
	}
	return v.show(http.StatusOK, peoplePageOf(out))
}

// personLines says of people how they are reached and when they are away, where that is shown to who looks.
func (v *visit) personLines(all []models.Person) ([]personLine, error) {
	ctx, out := v.r.Context(), make([]personLine, len(all))
	ids := make([]models.PersonID, len(all))
	for i := range all {
		ids[i] = all[i].ID
	}
	reached, err := v.Store.Recipients(ctx, ids, v.Now.Year(), v.Mail)
	if err != nil {
		return nil, err
	}
	invited, err := v.inviteLines(all)
	if err != nil {
		return nil, err
	}
	for i, x := range all {
		line := personLine{Invited: invited[i], Name: x.Name, Role: roleNames[x.Role], Email: x.Email, Zone: x.TimeZone}
		if !x.Active {
			line.Left = "left on " + longDay(models.DateIn(x.LeftAt, models.Zone(v.Person.TimeZone)))
		}
		on, err := v.Store.Meet(ctx, v.Actor, x)
		if err != nil {
			return nil, err
		}
		if to := reached[x.ID]; to != nil && x.Active && v.May("getPersonMessaging", &on) == nil {
			line.Reached, line.Unreached = channelNames[to.Channel], to.Channel == reminders.ChannelNone
			if line.Away, err = v.absent(x.ID); err != nil {
				return nil, err
			}
		}
		out[i] = line
	}
	return out, nil
}

// absent says on which days from today on somebody is away.
func (v *visit) absent(id models.PersonID) (string, error) {
	all, err := v.Store.Absences(v.r.Context(), id)
	if err != nil {
		return "", err
	}
	var days []string
	for _, a := range slices.Backward(all) {
		if !a.Days.End.Before(v.today()) {
			days = append(days, nearDay(a.Days.Start, v.today())+" to "+nearDay(a.Days.End, v.today()))
		}
	}
	return models.Listed(days), nil
}

// daysOf lists days.
func daysOf(all []models.Date) string {
	var days []string
	for _, d := range all {
		days = append(days, longDay(d))
	}
	return models.Listed(days)
}
