package cli

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/activities/mail"
	"tickmark/activities/post"
	wire "tickmark/activities/slack"
	"tickmark/api"
	"tickmark/api/client"
	"tickmark/api/session"
	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/holiday"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
	"tickmark/models/seal"
	"tickmark/models/store"
)

// lives is how many engagements the law of one truth lives through: `make truth` asks for 1,000.
var lives = flag.Int("lives", 40, "engagements that the law of one truth lives through")

// A truth is what is said of a task's time.
type truth struct {
	Due   models.Date
	Late  bool
	Days  int
	Waits string
	Past  bool // it waits, and its day is over
}

// The law of one truth. Random engagements are lived through in a database, by people in three time zones with holidays of their own, over
// days on which calendars change and engagements are paused and go on, some of them as far as into an open window; and whatever says of a
// task when it is due, whether it is late, by how many business days and what it waits for says the same: the list of its engagement and
// that of all, the task itself, the status, what is somebody's, the CSV of the command line, the record, and what people are written.
// All of it is what the calendars say, reckoned here from holidays and zones.
func TestEverythingSaysTheSameOfTheTimeOfATask(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	for seed := range *lives {
		v.live(uint64(seed))
		if t.Failed() {
			t.Fatalf("life %d, after %v", seed, v.said)
		}
	}
	t.Logf("%d lives: %v", *lives, v.said)
	if v.said["paused"] == 0 || v.said["after"] == 0 || v.said["occurs"] == 0 {
		t.Error("no life was compared in a pause, after one, or with occurrences of recurring controls")
	}
	if v.said["missed"] == 0 || v.said["performed late"] == 0 {
		t.Error("no life was compared with controls that were missed, or that were reported as done after that")
	}
	for what, n := range map[string]int{"task": 20, "late": 2, "waits": 10, "status": 5, "show": 3, "work": 10, "csv": 20, "message": 1,
		"record": 2} {
		if v.said[what] < n**lives/4 {
			t.Errorf("only %d of %q were compared in %d lives", v.said[what], what, *lives)
		}
	}
}

// A village is a firm in New York with a client in Berlin, one of whose people lives in Auckland, on a server.
type village struct {
	*testing.T
	root   *store.Root
	s      *store.Store
	url    string
	tokens map[models.PersonID]string
	now    time.Time
	said   map[string]int
	keys   int
	before map[models.TaskID]models.Date // what was late when the engagement was paused last, and when that was due
}

func newVillage(t *testing.T) *village {
	t.Helper()
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "village.db")
	root, err := store.Open(dsn)
	v := &village{T: t, root: root, tokens: map[models.PersonID]string{}, said: map[string]int{},
		now: time.Date(2026, time.September, 1, 12, 0, 0, 0, time.UTC)}
	v.must(err)
	t.Cleanup(func() { root.Close() })
	v.must(root.Migrate(t.Context()))
	root.Now = func() time.Time { return v.now }
	v.settle()
	letters, err := mail.NewMailer("smtp://127.0.0.1:1?tls=none", "audit@firm.test")
	v.must(err)
	root.Keys, err = seal.Parse("k=" + base64.StdEncoding.EncodeToString(make([]byte, 32)))
	v.must(err)
	p := &post.Postman{Root: root, Now: root.Now, Real: time.Now, Log: slog.New(slog.DiscardHandler), Mail: letters,
		Slack: &wire.Slack{URL: "http://127.0.0.1:1/", Client: &http.Client{}, Real: time.Now},
		Site:  seal.Site{URL: "https://tickmark.test", Keys: root.Keys}}
	server, err := api.New(api.Config{Root: root, Post: p, Now: root.Now, Real: root.Now, Rate: 1e6, Burst: 1e6, Patient: time.Hour})
	v.must(err)
	at := httptest.NewServer(server.Handler())
	t.Cleanup(at.Close)
	v.url = at.URL
	return v
}

func (v *village) must(err error) {
	v.Helper()
	if err != nil {
		v.Fatal(err)
	}
}

// settle makes the firm, the client and their people.
func (v *village) settle() {
	v.Helper()
	people := modelstest.People("marta", "ines", "priya", "ruth", "kenji", "olga")
	for i := range people {
		if p := &people[i]; p.Client != "" {
			p.TimeZone = map[models.PersonID]string{"ruth": "Pacific/Auckland"}[p.ID]
			if p.TimeZone == "" {
				p.TimeZone = "Europe/Berlin"
			}
		}
	}
	_, _, err := v.root.CreateFirm(v.Context(), modelstest.Firm("acme"), people[0], v.now)
	v.must(err)
	v.s = v.root.For("acme")
	c := modelstest.Client("northgate")
	c.Country, c.TimeZone = "DE", "Europe/Berlin"
	_, err = v.s.CreateClient(v.Context(), store.Once{}, c, v.now)
	v.must(err)
	for _, p := range people {
		if p.ID != people[0].ID {
			_, err = v.s.CreatePerson(v.Context(), store.Once{}, p, v.now)
			v.must(err)
		}
		token, hash := session.NewToken()
		_, err = v.s.CreateToken(v.Context(), store.Once{}, p.ID, "tests", hash, v.now.AddDate(20, 0, 0), v.now)
		v.must(err)
		v.tokens[p.ID] = token
	}
	for function, who := range map[string]models.PersonID{"sponsor": "ruth", "security_lead": "kenji", "eng_lead": "olga"} {
		_, err = v.s.ChangeDuty(v.Context(), store.Once{}, models.Duty{}, models.Duty{Client: "northgate", Function: function, Person: who},
			v.now)
		v.must(err)
	}
}

// live lives an engagement through for some weeks, says what everybody reads of it on the last of them, and cancels it.
func (v *village) live(seed uint64) {
	v.Helper()
	r := rand.New(rand.NewPCG(seed, 1000))
	id := models.EngagementID(fmt.Sprintf("life-%d", seed))
	v.now = v.now.AddDate(0, 0, 1).Add(time.Duration(r.IntN(24*60)) * time.Minute) // every life begins on another day
	v.calendars(r)
	kickoff := models.DateIn(v.now, models.Zone("Europe/Berlin")).AddDays(1 + r.IntN(10))
	types := models.Keep(modelstest.Types(), func(id string) bool { return strings.HasPrefix(id, "soc2") })
	if seed%intoTheWindow == intoTheWindow-1 {
		types = []string{"soc2_type2"}
	}
	e := engagement.Engagement{ID: id, Name: "A life", Client: "northgate", Type: types[r.IntN(len(types))], Kickoff: kickoff,
		Categories: []catalog.Category{catalog.Security}, Partner: "marta", Manager: "ines", Consultants: []models.PersonID{"priya"}}
	kind, _ := v.root.Catalog.Type(e.Type)
	if slices.Contains(kind.Flags, "t2") {
		e.WindowMonths = 6
	}
	if slices.Contains(kind.Flags, "renewal") {
		e.PreviousClose = kickoff.AddMonths(4)
	}
	_, err := v.s.CreateEngagement(v.Context(), store.Once{}, e, v.now)
	v.must(err)
	begun := v.now
	v.must(v.do(id, "ines", engagement.Command{Kind: engagement.StartEngagement}))
	if seed%intoTheWindow == intoTheWindow-1 {
		v.hurry(id)
	}
	for range 4 + r.IntN(8) {
		if r.IntN(4) == 0 {
			v.pauseOrGoOn(r, id)
		}
		v.something(r, id)
		v.perform(r, id)
		v.now = v.now.Add(time.Duration(r.IntN(60*24*9)) * time.Minute)
		v.wake(id)
	}
	v.compare(r, id)
	v.must(v.do(id, "marta", engagement.Command{Kind: engagement.CancelEngagement, Reason: "it was lived", Confirm: []string{string(id)}}))
	v.now = begun
}

// intoTheWindow is how many lives there are for each that is lived as far as into an open window.
const intoTheWindow = 8

// hurry has everybody do what is theirs until the window has been open for some weeks.
func (v *village) hurry(id models.EngagementID) {
	v.Helper()
	for range 150 {
		f, err := v.s.Facts(v.Context(), id, engagement.Need{})
		v.must(err)
		if st := f.Phase(catalog.PhaseWindow); st.Standing == engagement.StandingActive && f.Today(v.now).After(st.Began.AddDays(30)) {
			return
		}
		for range 6 {
			f, err := v.s.Facts(v.Context(), id, reminders.NeedToRehearse(f))
			v.must(err)
			all := modelstest.Habits{}.Turns(f, v.now)
			for _, c := range all {
				_ = v.do(id, c.Actor.Person, c) // somebody may have come before
			}
			if v.wake(id); len(all) == 0 {
				break
			}
		}
		v.now = f.ClientDays.Add(f.Today(v.now), 3).At(f.Location(), 9, 0)
		v.wake(id)
	}
	v.Fatalf("%s has no window that is open", id)
}

// pauseOrGoOn pauses an engagement, or lets it go on. Of what is late when it is paused it notes when that was due.
func (v *village) pauseOrGoOn(r *rand.Rand, id models.EngagementID) {
	v.Helper()
	e, err := v.s.Engagement(v.Context(), id)
	v.must(err)
	if e.Status == engagement.StatusPaused {
		v.must(v.do(id, "marta", engagement.Command{Kind: engagement.ResumeEngagement}))
		return
	}
	c := engagement.Command{Kind: engagement.PauseEngagement, Reason: "so it is", Confirm: []string{engagement.UnaskedCode}}
	if r.IntN(2) == 0 {
		c.Due = models.DateIn(v.now, models.Zone("Europe/Berlin")).AddDays(1 + r.IntN(30))
	}
	if v.do(id, "marta", c) != nil { // it is over by now
		return
	}
	var listed client.TaskPage
	v.get("ines", "/engagements/"+string(id)+"/tasks?open=true&limit=200", &listed)
	v.before = map[models.TaskID]models.Date{}
	for _, x := range listed.Items {
		if x.Late {
			v.before[x.ID] = x.Due
		}
	}
}

// calendars gives the client and its people other calendars.
func (v *village) calendars(r *rand.Rand) {
	v.Helper()
	today := models.DateIn(v.now, time.UTC)
	_, err := v.s.UpdateClient(v.Context(), store.Once{}, "northgate", v.now, func(c *models.Client) error {
		c.Country = []string{"DE", "DE-BY", "NO", "US", "none"}[r.IntN(5)]
		c.Weekend = [][]time.Weekday{nil, nil, {time.Friday, time.Saturday}}[r.IntN(3)]
		c.Closed, c.Open = nil, nil
		for range r.IntN(12) {
			if day := today.AddDays(r.IntN(60)); !slices.Contains(c.Closed, day) {
				c.Closed = append(c.Closed, day)
			}
		}
		if off, _ := holiday.Between(c.Country, today, today.AddDays(90)); r.IntN(2) == 0 {
			for day := range off {
				if !slices.Contains(c.Closed, day) && (models.Calendar{Weekend: c.Weekend}).IsBusiness(day) {
					c.Open = append(c.Open, day)
				}
			}
			slices.SortFunc(c.Open, models.Date.Compare)
		}
		slices.SortFunc(c.Closed, models.Date.Compare)
		return nil
	})
	v.must(err)
	for who, countries := range map[models.PersonID][]string{"ruth": {"NZ", "", "DE"}, "kenji": {"", "DE-BY", "FR"},
		"priya": {"", "US", "GB"}} {
		_, err := v.s.UpdatePreferences(v.Context(), store.Once{}, who, v.now, func(p *reminders.Preferences) error {
			p.Country = countries[int(who[0]+byte(r.IntN(3)))%3]
			return nil
		})
		v.must(err)
	}
}

// wake has an engagement looked at, as its workflow does, at every hour at which it asks to be.
func (v *village) wake(id models.EngagementID) {
	v.Helper()
	for range 20 {
		a, err := v.root.Advance(v.Context(), models.Ref{Firm: "acme", Engagement: id})
		v.must(err)
		if !a.Ready {
			return
		}
	}
	v.Fatalf("%s is ready again and again", id)
}

// do has somebody do something, and returns why they were refused.
func (v *village) do(id models.EngagementID, who models.PersonID, c engagement.Command) error {
	v.Helper()
	if who == "" {
		who = "ines"
	}
	p, err := v.s.Person(v.Context(), who)
	v.must(err)
	v.keys++
	c.Key, c.Hash, c.Actor = fmt.Sprint("k-", v.keys), "it", engagement.Actor{Person: who, Role: p.Role, Client: p.Client}
	_, err = v.root.Apply(v.Context(), models.Ref{Firm: "acme", Engagement: id}, c)
	return err
}

// something is done by who may do it, to a task by chance; or a calendar changes.
func (v *village) something(r *rand.Rand, id models.EngagementID) {
	v.Helper()
	f, err := v.s.Facts(v.Context(), id, engagement.Need{})
	v.must(err)
	day := models.DateIn(v.now, models.Zone("Europe/Berlin")).AddDays(r.IntN(20))
	for range 1 + r.IntN(5) {
		x := f.Tasks[r.IntN(len(f.Tasks))]
		if open := models.Keep(f.Tasks, func(t *engagement.Task) bool { return t.State == engagement.TaskOpen }); len(open) > 0 && r.IntN(4) > 0 {
			x = open[r.IntN(len(open))]
		}
		about := engagement.Command{Tasks: []models.TaskID{x.ID}, Reason: "so it is", Due: day}
		switch r.IntN(10) {
		case 0, 1, 2, 3:
			about.Kind, about.Due = engagement.CompleteTask, models.Date{}
			_ = v.do(id, x.Owner, about)
		case 4:
			about.Kind = engagement.AcceptTask
			_ = v.do(id, x.Approver, about)
		case 5:
			about.Kind = engagement.MoveTask
			_ = v.do(id, "ines", about)
		case 6:
			about.Kind, about.By = engagement.BlockTask, []models.Side{models.SideClient, models.SideFirm}[r.IntN(2)]
			_ = v.do(id, x.Owner, about)
		case 7:
			about.Kind = engagement.UnblockTask
			_ = v.do(id, "ines", about)
		case 8:
			_, err := v.s.UpdateClient(v.Context(), store.Once{}, "northgate", v.now, func(c *models.Client) error {
				c.Closed = append(slices.DeleteFunc(slices.Clone(c.Closed), func(d models.Date) bool { return d == x.Due }), x.Due)
				c.Open = slices.DeleteFunc(slices.Clone(c.Open), func(d models.Date) bool { return d == x.Due })
				slices.SortFunc(c.Closed, models.Date.Compare)
				return nil
			})
			v.must(err)
		default:
			owner := []models.PersonID{"ruth", "kenji", "olga", "priya"}[r.IntN(4)]
			_ = v.do(id, "ines", engagement.Command{Kind: engagement.AddTask,
				Add: &engagement.NewTask{Title: "Something", Phase: x.Phase, Owner: owner, Due: day, Before: []models.TaskID{x.ID}}})
		}
	}
}

// compare holds everything that says something of the time of a task against what the calendars say.
func (v *village) compare(r *rand.Rand, id models.EngagementID) {
	v.Helper()
	var listed, all client.TaskPage
	v.get("ines", "/engagements/"+string(id)+"/tasks?open=true&limit=200", &listed)
	v.get("ines", "/tasks?open=true&client=northgate&limit=200", &all)
	want := v.reckoned(id, listed.Items)
	of := map[models.TaskID]client.Task{}
	for _, x := range listed.Items {
		of[x.ID] = x
		v.says("task", "the list", x, want)
	}
	for _, x := range all.Items {
		if x.Engagement == id {
			v.says("task", "the list of all", x, want)
		}
	}
	if len(listed.Items) != len(want) || len(models.Keep(all.Items, func(x client.Task) bool { return x.Engagement == id })) != len(want) {
		v.Errorf("%s: lists of %d and %d tasks, of %d", id, len(listed.Items), len(all.Items), len(want))
	}
	v.status(id, want)
	for range 3 {
		if len(listed.Items) > 0 {
			var d client.TaskDetail
			v.get("ines", "/engagements/"+string(id)+"/tasks/"+string(listed.Items[r.IntN(len(listed.Items))].ID), &d)
			v.says("show", "the task itself", d.Task, want)
		}
	}
	for _, who := range []models.PersonID{"ruth", "kenji", "olga", "priya", "marta"} {
		var w client.Work
		v.get(who, "/people/"+string(who)+"/work", &w)
		for _, x := range w.Tasks {
			if x.Engagement == id {
				v.says("work", "what is "+string(who)+"'s", x, want)
			}
		}
	}
	v.csv(id, of, want)
	v.record(id, of)
	v.missed(id)
	v.messages(id, want)
}

// says holds what a place says of a task against the calendars.
func (v *village) says(kind, where string, x client.Task, want map[models.TaskID]truth) {
	v.Helper()
	got := truth{Due: x.Due, Late: x.Late, Waits: fmt.Sprint(sorted(x.WaitsFor)), Past: x.Past}
	if x.Days != nil {
		got.Days = *x.Days
	}
	if v.said[kind]++; got != want[x.ID] {
		v.Errorf("%s, of %s (%s): %s says %+v, the calendars %+v", v.now, x.ID, x.State, where, got, want[x.ID])
	}
	if x.Late {
		v.said["late"]++
	}
	if len(x.WaitsFor) > 0 {
		v.said["waits"]++
	}
}

func sorted(ids []models.TaskID) []models.TaskID {
	out := slices.Clone(ids)
	slices.Sort(out)
	return out
}

// reckoned says of tasks when they are due, and by the calendars and pauses the rest.
func (v *village) reckoned(id models.EngagementID, tasks []client.Task) map[models.TaskID]truth {
	v.Helper()
	out := map[models.TaskID]truth{}
	f, err := v.s.Facts(v.Context(), id, engagement.Need{})
	v.must(err)
	paused, running := f.Engagement.Status == engagement.StatusPaused, f.Engagement.Status == engagement.StatusRunning
	switch {
	case paused:
		v.said["paused"]++
	case len(f.Engagement.Pauses) > 0:
		v.said["after"]++
	}
	for _, x := range tasks {
		days, zone := v.days(x.Owner, x.OwnerRole)
		t := f.Task(x.ID)
		due := v.lands(f, t, days, x.Due)
		over := v.now.After(time.Date(due.Year, due.Month, due.Day, 17, 0, 0, 0, zone))
		one := truth{Due: x.Due, Days: v.since(f.Engagement, t, days, due, models.DateIn(v.now, zone)),
			Waits: fmt.Sprint([]models.TaskID(nil))}
		theirs := x.State == engagement.TaskOpen || x.State == engagement.TaskBlocked && x.BlockedBy != models.SideFirm
		if one.Late = over && theirs && running; paused {
			was, late := v.before[x.ID]
			one.Late = theirs && late && was == x.Due
		}
		if x.State == engagement.TaskWaiting {
			one.Waits, one.Past = fmt.Sprint(sorted(first(x, tasks))), over && running
		}
		if out[x.ID] = one; !days(x.Due) && !over && x.State != engagement.TaskSubmitted {
			v.Errorf("%s: %s of %s is due %s, on which they do not work", v.now, x.ID, x.Owner, x.Due)
		}
	}
	return out
}

// lands returns the day by which a task counts that is due on a day: the next on which its owner works, or the last before where that is
// too late.
func (v *village) lands(f *engagement.Facts, t *engagement.Task, days func(models.Date) bool, day models.Date) models.Date {
	due := day
	for !days(due) {
		due = due.AddDays(1)
	}
	if !t.PerformBy.IsZero() {
		v.said["occurs"]++
	}
	if end := lastDay(f, t); !end.IsZero() && due.After(end) && !day.After(end) { // the last day on which it could be done
		for due = day; !days(due); {
			due = due.AddDays(-1)
		}
	}
	return due
}

// lastDay returns the day after which a task is done in vain: the end of the period of a control that is still to be performed, or of the
// window for what has no period and belongs into it; zero for others.
func lastDay(f *engagement.Facts, t *engagement.Task) models.Date {
	switch tmpl, _ := f.Catalog.Template(t.Template); {
	case !t.PerformBy.IsZero() && t.PerformedOn.IsZero():
		return t.Period.End
	case t.Phase == catalog.PhaseWindow && t.PerformBy.IsZero() && tmpl.Checks == "":
		return f.Engagement.Window().End
	}
	return models.Date{}
}

// since returns how many business days ago a task was due; negative: the days left. In a pause the days stand still of what it moves, and
// of what only a decision moves no day of a pause since it was due counts.
func (v *village) since(e engagement.Engagement, t *engagement.Task, days func(models.Date) bool, due, today models.Date) int {
	bound := slices.Contains([]string{"as_of_date", "window_open", "window_mid", "window_close"}, t.Anchor)
	if e.Status == engagement.StatusPaused && !bound {
		today = today.AddDays(models.DateIn(v.now, models.Zone(e.TimeZone)).DaysUntil(e.PausedOn))
	}
	pausedOn := func(day models.Date) bool {
		return slices.ContainsFunc(e.Pauses, func(p engagement.Pause) bool {
			return day.After(p.From) && (p.To.IsZero() || !day.After(p.To))
		})
	}
	n := 0
	for day := due; day.Before(today); {
		if day = day.AddDays(1); days(day) && !(bound && pausedOn(day)) {
			n++
		}
	}
	for day := today; day.Before(due); {
		if day = day.AddDays(1); days(day) {
			n--
		}
	}
	return n
}

// first returns the open tasks that one comes after.
func first(x client.Task, tasks []client.Task) (out []models.TaskID) {
	for _, d := range tasks {
		byID := slices.Contains(x.After, string(d.ID))
		if d.ID != x.ID && (byID || x.Template != "" && d.Template != "" && slices.Contains(x.After, d.Template)) {
			out = append(out, d.ID)
		}
	}
	return out
}

// days returns on which days somebody works, and their time zone: reckoned from holidays, weekends and what their company lists.
func (v *village) days(who models.PersonID, role string) (func(models.Date) bool, *time.Location) {
	v.Helper()
	firm, err := v.s.Firm(v.Context())
	v.must(err)
	c, err := v.s.Client(v.Context(), "northgate")
	v.must(err)
	country, weekend, closed, open, zone := firm.Country, []time.Weekday(nil), firm.Closed, firm.Open, models.Zone(c.TimeZone)
	theirs := models.SideOf(role) == models.SideClient
	lives := ""
	if who != "" {
		p, err := v.s.Person(v.Context(), who)
		v.must(err)
		to, err := v.s.Recipient(v.Context(), who, v.now.Year(), false)
		v.must(err)
		zone, lives, theirs = models.Zone(p.TimeZone), to.Prefs.Country, p.Client != ""
	}
	if theirs {
		country, weekend, closed, open = c.Country, c.Weekend, c.Closed, c.Open
	}
	if weekend == nil {
		weekend = []time.Weekday{time.Saturday, time.Sunday}
	}
	from, to := models.Date{Year: 2026, Month: 1, Day: 1}, models.Date{Year: 2034, Month: 1, Day: 1}
	off, err := holiday.Between(country, from, to)
	v.must(err)
	there, err := holiday.Between(lives, from, to)
	v.must(err)
	same := strings.Split(lives, "-")[0] == strings.Split(country, "-")[0]
	return func(d models.Date) bool {
		_, holiday := off[d]
		_, away := there[d]
		works := slices.Contains(open, d)
		return !slices.Contains(weekend, d.Weekday()) && !slices.Contains(closed, d) && (!holiday || works) && (!away || same && works)
	}, zone
}

// status holds what the status says of tasks.
func (v *village) status(id models.EngagementID, want map[models.TaskID]truth) {
	v.Helper()
	var s client.Report
	v.get("ines", "/engagements/"+string(id)+"/status", &s)
	late := 0
	for _, one := range want {
		if one.Late {
			late++
		}
	}
	if got := s.Engagement.OverdueTasks; got != late {
		v.Errorf("%s: %s has %d overdue tasks in its summary, and %d are late", v.now, id, got, late)
	}
	for _, x := range slices.Concat(s.Overdue, s.Next, s.Past) {
		v.says("status", "the status", x, want)
	}
}

// csv holds the list of the command line as CSV against what the calendars say.
func (v *village) csv(id models.EngagementID, of map[models.TaskID]client.Task, want map[models.TaskID]truth) {
	v.Helper()
	rows, err := csv.NewReader(strings.NewReader(v.run("ines", "task", "list", string(id), "--open", "--csv"))).ReadAll()
	v.must(err)
	if len(rows) != len(want)+1 {
		v.Errorf("the CSV of %s has %d lines of %d tasks", id, len(rows), len(want))
	}
	for _, row := range rows[1:] {
		task, x := of[models.TaskID(row[0])], want[models.TaskID(row[0])]
		v.said["csv"]++
		text := ""
		switch {
		case task.State == engagement.TaskSubmitted:
			text = "reported as done"
		case task.State == engagement.TaskWaiting && x.Past:
			text = "past its date, waits"
		case task.State == engagement.TaskWaiting:
			text = "waits"
		case x.Late && x.Days > 0:
			text = models.BusinessDays(x.Days) + " late"
		case x.Late:
			text = "late"
		case x.Days == 0:
			text = "today"
		case x.Days < 0:
			text = "in " + models.BusinessDays(-x.Days)
		}
		if task.Paused { // no day counts
			text = inAPause(task.State, x, text)
		}
		if row[4] != x.Due.String() || row[5] != text && (task.State != engagement.TaskWaiting || !strings.HasPrefix(row[5], text)) {
			v.Errorf("%s: of %s (%s) the CSV says %v, the calendars %+v", v.now, row[0], task.State, row[4:6], x)
		}
	}
}

// inAPause is what the CSV says of a task that rests in a pause and of which it says something else otherwise.
func inAPause(state engagement.TaskState, x truth, text string) string {
	switch {
	case state == engagement.TaskSubmitted || state == engagement.TaskWaiting:
		return text
	case x.Late:
		return text + ", paused"
	case x.Days > 0:
		return "paused"
	}
	return "paused, " + models.BusinessDays(-x.Days) + " left"
}

// record holds what was recorded as overdue against what is late. What was late before a pause stays so with the due date that the pause
// made of the one it had.
func (v *village) record(id models.EngagementID, of map[models.TaskID]client.Task) {
	v.Helper()
	var events client.EventPage
	v.get("ines", "/engagements/"+string(id)+"/timeline?kind=task.overdue&limit=200", &events)
	recorded := map[string]bool{}
	for _, e := range events.Items {
		recorded[e.Subject+" "+e.To] = true
	}
	v.get("ines", "/engagements/"+string(id)+"/timeline?kind=task.retimed&order=asc&limit=200", &events)
	for _, e := range events.Items {
		if e.Reason == "the engagement was paused" && recorded[e.Subject+" "+e.From] {
			recorded[e.Subject+" "+e.To] = true
		}
	}
	for task, x := range of {
		if v.said["record"]++; x.Late && !recorded[string(task)+" "+x.Due.String()] {
			v.Errorf("%s: %s, due %s, is late, and the record does not say so", v.now, task, x.Due)
		}
	}
}

// perform reports some controls whose period is over as done, with a day in their period or after it, and takes some of them up again.
func (v *village) perform(r *rand.Rand, id models.EngagementID) {
	v.Helper()
	f, err := v.s.Facts(v.Context(), id, engagement.Need{})
	v.must(err)
	today := f.Today(v.now)
	for _, x := range f.Tasks {
		if x.PerformBy.IsZero() || !today.After(x.Period.End) || x.State != engagement.TaskOpen || r.IntN(3) == 0 {
			continue
		}
		on := x.Period.End.AddDays(1 - r.IntN(2))
		about := engagement.Command{Kind: engagement.CompleteTask, Tasks: []models.TaskID{x.ID}, On: on}
		if v.do(id, x.Owner, about) == nil && r.IntN(4) == 0 {
			about = engagement.Command{Kind: engagement.ReopenTask, Tasks: about.Tasks, Reason: "the day is wrong"}
			_ = v.do(id, "ines", about)
		}
	}
}

// missed holds what the status lists and counts as missed against the record and the tasks themselves, open and closed.
func (v *village) missed(id models.EngagementID) {
	v.Helper()
	var s client.Report
	v.get("ines", "/engagements/"+string(id)+"/status", &s)
	var events client.EventPage
	v.get("ines", "/engagements/"+string(id)+"/timeline?kind=task.missed&order=asc&limit=200", &events)
	recorded := map[models.TaskID]bool{}
	for _, e := range events.Items {
		recorded[models.TaskID(e.Subject)] = e.To == "yes"
	}
	whole := v.run("ines", "engagement", "status", string(id), "--all")
	for _, m := range s.Missed {
		var d client.TaskDetail
		v.get("ines", "/engagements/"+string(id)+"/tasks/"+string(m.Task), &d)
		x := d.Task
		if !recorded[m.Task] || !x.Missed || x.PerformedOn != m.PerformedOn || x.Period.End != m.PeriodEnd ||
			m.Done != (x.State == engagement.TaskDone) || !strings.Contains(whole, string(m.Task)) {
			v.Errorf("%s: the status has %+v of %+v, in the record: %t; printed:\n%s", v.now, m, x, recorded[m.Task], whole)
		}
		if delete(recorded, m.Task); m.Done {
			v.said["performed late"]++
		}
		v.said["missed"]++
	}
	for task, missed := range recorded {
		if missed {
			v.Errorf("%s: by the record %s was missed, and the status of %s does not say so", v.now, task, id)
		}
	}
	if s.MissedTasks != len(s.Missed) {
		v.Errorf("%s: the status of %s lists %d missed controls and counts %d", v.now, id, len(s.Missed), s.MissedTasks)
	}
}

// messages holds what is said to owners in messages against the calendars.
func (v *village) messages(id models.EngagementID, want map[models.TaskID]truth) {
	v.Helper()
	f, err := v.s.Facts(v.Context(), id, engagement.Need{})
	v.must(err)
	aud, err := v.s.Audience(v.Context(), f, true)
	v.must(err)
	aud.All = true
	for _, n := range reminders.Nudges(f, aud, v.now) {
		x, ok := want[models.TaskID(n.Item.Subject)]
		if n.Item.Kind != engagement.ItemDo || !ok {
			continue
		}
		v.said["message"]++
		if n.Item.Due != x.Due || n.Late != x.Days || n.Late > 0 && !x.Late {
			v.Errorf("%s: %s reads that %s is due %s, %d; the calendars say %+v", v.now, n.To, n.Item.Subject, n.Item.Due, n.Late, x)
		}
	}
}

// get asks the API as somebody.
func (v *village) get(who models.PersonID, path string, to any) {
	v.Helper()
	req, err := http.NewRequestWithContext(v.Context(), http.MethodGet, v.url+"/api/v1"+path, nil)
	v.must(err)
	req.Header.Set("Authorization", "Bearer "+v.tokens[who])
	ans, err := http.DefaultClient.Do(req)
	v.must(err)
	defer ans.Body.Close()
	text, err := io.ReadAll(ans.Body)
	v.must(err)
	if ans.StatusCode != http.StatusOK {
		v.Fatalf("%s of %s: %s", path, who, text)
	}
	v.must(json.Unmarshal(text, to))
}

// run carries out a command line of somebody's and returns what it prints.
func (v *village) run(who models.PersonID, args ...string) string {
	v.Helper()
	var out, errs bytes.Buffer
	env := map[string]string{"TICKMARK_URL": v.url, "TICKMARK_TOKEN": v.tokens[who]}
	a := newApp(strings.NewReader(""), &out, &errs, func(name string) string { return env[name] })
	a.sleep = func(context.Context, time.Duration) error { return nil }
	if code := Run(v.Context(), a.root(), args); code != 0 {
		v.Fatalf("%v: %d %s", args, code, errs.String())
	}
	return out.String()
}
