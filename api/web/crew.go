package web

import (
	"net/http"
	"slices"

	"tickmark/models"
	"tickmark/models/engagement"
)

// A crewPage is who has to do with an engagement.
type crewPage struct {
	frame
	Firm      []crewLine
	Company   string
	Functions []functionLine
	Invites   bool // invitations are shown to who looks
	Others    bool // who looks is shown what others have to do
}

// A crewLine is somebody of the firm or the auditor.
type crewLine struct {
	id                      models.PersonID
	Seat, Name, Email, Zone string
	Open, Late              int
	Invited                 inviteLine
}

// A functionLine is a function of the company and who holds it.
type functionLine struct {
	id             models.PersonID // who holds it
	Name           string
	Holder, Backup string // in words
	Missing        bool   // nobody holds it
	Open, Late     int
	Invited        inviteLine // of the holder
}

// crew shows who has to do with an engagement: everybody the firm's people and the auditor, the company's functions to whom they are shown.
func (p *Pages) crew(v *visit) error {
	f, err := v.Store.Facts(v.r.Context(), v.Engagement.ID, engagement.Need{})
	if err != nil {
		return err
	}
	out := crewPage{frame: v.frameOf(f, f.ReportFor(v.Actor, v.Now), "/people"), Company: f.Client.Name,
		Others: v.SeesOthers(v.Engagement, v.Now)}
	out.page.Title = "People of " + f.Client.Name
	open, late := v.loadOf(f)
	e := f.Engagement
	seats := slices.Concat([]models.PersonID{e.Partner, e.Manager}, e.Consultants, []models.PersonID{e.Auditor})
	for i, id := range seats {
		person, known := f.Person(id)
		if !known || slices.Contains(seats[:i], id) {
			continue
		}
		line := crewLine{Name: person.Name, Email: person.Email, Zone: person.TimeZone, Open: open[id], Late: late[id]}
		for i, role := range e.SeatsOf(id) {
			if i > 0 {
				line.Seat += ", "
			}
			line.Seat += roleNames[role]
		}
		line.id = id
		out.Firm = append(out.Firm, line)
	}
	if engagement.ReachOf(v.Role, "listFunctions") != engagement.ReachNone && v.Store.SeesClient(v.r.Context(), v.Actor, f.Client.ID) == nil {
		out.Functions = functionLines(f, open, late)
	}
	if err := v.inviteCrew(f, &out); err != nil {
		return err
	}
	return v.show(http.StatusOK, crewPageOf(out))
}

// inviteCrew says of everybody on the page what has become of their invitation. Who holds several functions has it beside the first.
func (v *visit) inviteCrew(f *engagement.Facts, out *crewPage) error {
	at := map[models.PersonID]*inviteLine{}
	var people []models.Person
	put := func(id models.PersonID, line *inviteLine) {
		if person, known := f.Person(id); known && at[id] == nil {
			at[id], people = line, append(people, person)
		}
	}
	for i := range out.Firm {
		put(out.Firm[i].id, &out.Firm[i].Invited)
	}
	for i := range out.Functions {
		put(out.Functions[i].id, &out.Functions[i].Invited)
	}
	lines, err := v.inviteLines(people)
	for i := range lines {
		*at[people[i].ID] = lines[i]
		out.Invites = out.Invites || lines[i].Said != "" || lines[i].At != ""
	}
	return err
}

// loadOf counts the open tasks of everybody that are shown to who looks, and how many of them are late.
func (v *visit) loadOf(f *engagement.Facts) (open, late map[models.PersonID]int) {
	open, late = map[models.PersonID]int{}, map[models.PersonID]int{}
	m := f.At(v.Now)
	for _, t := range f.Tasks {
		if t.State.Closed() || !f.SeesTask(v.Actor, t, v.Now) {
			continue
		}
		if open[t.Owner]++; m.When(t).Late {
			late[t.Owner]++
		}
	}
	return open, late
}

// functionLines are the functions of the catalog that the company has somebody for or that own a task, in the catalog's order.
func functionLines(f *engagement.Facts, open, late map[models.PersonID]int) []functionLine {
	held, asked := map[string]models.Duty{}, map[string]bool{}
	for _, d := range f.Duties {
		held[d.Function] = d
	}
	for _, t := range f.Tasks {
		asked[t.OwnerRole] = true
	}
	var out []functionLine
	for _, fn := range f.Catalog.Functions {
		d, is := held[fn.ID]
		if !is && !asked[fn.ID] {
			continue
		}
		line := functionLine{id: d.Person, Name: fn.Name, Missing: d.Person == "", Open: open[d.Person], Late: late[d.Person]}
		if d.Person != "" {
			line.Holder = f.Called(d.Person, "team")
		}
		if d.Backup != "" {
			line.Backup = f.Called(d.Backup, "team")
		}
		out = append(out, line)
	}
	return out
}
