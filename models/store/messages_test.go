package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/planning"
	"tickmark/models/reminders"
	"tickmark/models/seal"
)

// slackApp is a workspace that works.
func slackApp(id string, client models.ClientID) reminders.Workspace {
	return reminders.Workspace{ID: id, Client: client, Name: "Slack of " + id,
		Secrets: reminders.WorkspaceSecrets{Signing: "0123456789abcdef0123456789abcdef"}}
}

// addWorkspace adds a Slack workspace that is installed.
func (w world) addWorkspace(t testing.TB, id string, client models.ClientID) reminders.Workspace {
	t.Helper()
	_, err := w.AddWorkspace(t.Context(), Once{}, slackApp(id, client), noon)
	check(t, err)
	ws, err := w.UpdateWorkspace(t.Context(), Once{}, id, noon, func(x *reminders.Workspace) error {
		x.Team, x.App, x.Bot, x.State, x.Secrets.Token = "T-"+string(w.firm)+"-"+id, "A1", "B1", reminders.WorkspaceActive, "xoxb-1234567890-"+id
		return nil
	})
	check(t, err)
	return ws
}

// bound binds a person in a workspace.
func (w world) bound(t testing.TB, person models.PersonID, workspace string) {
	t.Helper()
	check(t, w.Bind(t.Context(), reminders.Binding{Person: person, Workspace: workspace, User: "U-" + string(person),
		State: reminders.BindingConfirmed, Email: string(person) + "@x.test"}, true, noon))
}

// delivery is a scheduled digest.
func delivery(w world, person models.PersonID, day models.Date) reminders.Delivery {
	return reminders.Delivery{Firm: w.firm,
		ID: reminders.DeliveryID(w.firm, person, reminders.KindDigest, day.String(), reminders.ChannelMail), Kind: reminders.KindDigest,
		Slot: day.String(), Person: person,
		Channel: reminders.ChannelMail, Status: reminders.DeliveryScheduled, ScheduledAt: noon, NotAfter: noon.Add(8 * time.Hour), Day: day}
}

var march2 = models.Date{Year: 2026, Month: 3, Day: 2}

// talks gives a firm something of everything that has to do with messages.
func talks(t testing.TB, w world) {
	t.Helper()
	ctx := t.Context()
	w.addWorkspace(t, "hq", "")
	w.bound(t, "ines", "hq")
	_, err := w.SetClientChannel(ctx, Once{}, ClientChannel{"northgate", "hq", "C0123456789"}, noon)
	check(t, err)
	_, err = w.AddAbsence(ctx, Once{}, reminders.Absence{Person: "olga", Days: planning.Span{Start: march2, End: march2}, StandIn: "ruth"},
		noon)
	check(t, err)
	_, err = w.UpdatePreferences(ctx, Once{}, "olga", noon, func(p *reminders.Preferences) error { p.Summary = true; return nil })
	check(t, err)
	_, err = w.UpdateMessaging(ctx, Once{}, noon, func(m *reminders.Messaging) error { m.WeeklyBudget = 9; return nil })
	check(t, err)
	d := delivery(w, "olga", march2)
	_, err = w.Schedule(ctx, []NewDelivery{{Delivery: d}}, nil)
	check(t, err)
	check(t, w.HoldLane(ctx, d.Lane(), "no answer", 0, noon))
	check(t, w.Suspect(ctx, Doubt{Workspace: "hq", Person: "olga", Reason: "secret"}, 0))
	_, err = w.TakeIn(ctx, Inbound{Workspace: "hq", ID: "x", Kind: "events", Body: "{}", At: noon})
	check(t, err)
	check(t, w.BeginInstall(ctx, Once{Actor: "marta"}, "hq", "secret", noon.Add(time.Hour), noon))
	check(t, w.BeginInstall(ctx, Once{Actor: "marta"}, "hq", "used", noon.Add(time.Hour), noon))
	check(t, w.ContinueInstall(ctx, "hq", "used", InstallReturn{"state", "cookie", noon.Add(time.Hour)}, noon))
	check(t, w.root.db.Exec(`INSERT INTO notices (firm_id, engagement_id, seq, person_id, kind, subject, actor,
		from_value, to_value, text, at, urgent, delivery_id)
		VALUES (?, 'e1', 1, 'olga', 'asked', 'KO-0001', 'ines', '', '', 'secret', ?, ?, '')`, string(w.firm), micros(noon), true).Error)
}

// messagesOfOthers asks bright for what talks gave acme.
func messagesOfOthers(t *testing.T, bright *Store) map[string]try {
	ctx := t.Context()
	gone, nothing, invalid := models.NotFound, models.Code("nothing"),
		func(err error) (any, error) { refused(t, err, models.Invalid); return nil, nil }
	none := func(v any, err error) (any, error) { return v, err }
	id := delivery(world{Store: &Store{firm: "acme"}}, "olga", march2).ID
	made := func(name string, err error) (any, error) {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return nil, nil
	}
	return map[string]try{
		"Absences": {nothing, func() (any, error) { return none(bright.Absences(ctx, "olga")) }},
		"AddAbsence": {gone, func() (any, error) {
			return none(bright.AddAbsence(ctx, Once{}, reminders.Absence{Person: "olga", Days: planning.Span{Start: march2, End: march2}}, noon))
		}},
		"RemoveAbsence": {gone, func() (any, error) { return nil, bright.RemoveAbsence(ctx, Once{}, "olga", "x", noon) }},
		"ActsFor": {nothing, func() (any, error) {
			all, backs, err := bright.ActsFor(ctx, "ruth", march2)
			return append(all, backs...), err
		}},
		"Actor": {nothing, func() (any, error) {
			a, err := bright.Actor(ctx, models.Person{ID: "ruth", TimeZone: "UTC"}, noon)
			return a.For, err
		}},
		"UpdatePreferences": {gone, func() (any, error) {
			return none(bright.UpdatePreferences(ctx, Once{}, "olga", noon, func(*reminders.Preferences) error { return nil }))
		}},
		"Messaging": {nothing, func() (any, error) { m, err := bright.Messaging(ctx); return m.WeeklyBudget == 9, err }},
		"UpdateMessaging": {nothing, func() (any, error) {
			_, err := bright.UpdateMessaging(ctx, Once{}, noon,
				func(m *reminders.Messaging) error { m.Workspace, m.SlackChannel = "hq", "C0123456789"; return nil })
			return invalid(err)
		}},
		"Workspace":  {gone, func() (any, error) { return none(bright.Workspace(ctx, "hq")) }},
		"Workspaces": {nothing, func() (any, error) { return none(bright.Workspaces(ctx)) }},
		"UpdateWorkspace": {gone, func() (any, error) {
			return none(bright.UpdateWorkspace(ctx, Once{}, "hq", noon,
				func(*reminders.Workspace) error { t.Error("the secrets of another firm were handed out"); return nil }))
		}},
		"Disconnect": {nothing, func() (any, error) { return nil, bright.Disconnect(ctx, "hq", "x", noon) }},
		"BeginInstall": {gone, func() (any, error) {
			return nil, bright.BeginInstall(ctx, Once{Actor: "vera"}, "hq", "other", noon.Add(time.Hour), noon)
		}},
		"EndInstall": {nothing, func() (any, error) {
			_, err := bright.EndInstall(ctx, "hq", "state", "cookie", noon)
			refused(t, err, models.Forbidden)
			return nil, nil
		}},
		"InstallBegun": {nothing, func() (any, error) {
			refused(t, bright.InstallBegun(ctx, "hq", "secret", noon), models.Forbidden)
			return nil, nil
		}},
		"ContinueInstall": {nothing, func() (any, error) {
			refused(t, bright.ContinueInstall(ctx, "hq", "secret", InstallReturn{"theirs", "theirs", noon.Add(time.Hour)}, noon), models.Forbidden)
			return nil, nil
		}},
		"Bindings": {nothing, func() (any, error) { return none(bright.Bindings(ctx, "ines")) }},
		"Suspect": {gone, func() (any, error) {
			return nil, bright.Suspect(ctx, Doubt{Workspace: "hq", Person: "olga"}, time.Hour)
		}},
		"Doubt": {gone, func() (any, error) {
			_, _, err := bright.Doubt(ctx, Doubt{Workspace: "hq", Person: "olga"}, true, time.Hour)
			return nil, err
		}},
		"DueDoubts": {nothing, func() (any, error) { return none(bright.DueDoubts(ctx, "hq", 10)) }},
		"Trust":     {nothing, func() (any, error) { return nil, bright.Trust(ctx, "hq", "olga") }},
		"Regain": {nothing, func() (any, error) {
			state, err := bright.Regain(ctx, "ines", "hq", noon)
			if state != "" {
				t.Errorf("an account of another firm is %s", state)
			}
			return nil, err
		}},
		"Reconnect":  {nothing, func() (any, error) { return nil, bright.Reconnect(ctx, "hq", noon) }},
		"Unbound":    {nothing, func() (any, error) { return none(bright.Unbound(ctx, "hq", noon, 10)) }},
		"BoundTo":    {gone, func() (any, error) { p, _, err := bright.BoundTo(ctx, "hq", "U-ines"); return p, err }},
		"BindingDue": {nothing, func() (any, error) { return none(bright.BindingDue(ctx, "hq")) }},
		"LookAgain":  {nothing, func() (any, error) { return nil, bright.LookAgain(ctx, "hq", "") }},
		"Recipients": {nothing, func() (any, error) {
			all, err := bright.Recipients(ctx, []models.PersonID{"olga"}, 2026, true)
			return len(all), err
		}},
		"BindingsOf": {nothing, func() (any, error) {
			all, err := bright.BindingsOf(ctx, []models.PersonID{"ines"})
			return len(all), err
		}},
		"Bearing": {nothing, func() (any, error) {
			all, err := bright.Bearing(ctx, []string{id})
			return len(all), err
		}},
		"BeginBinding":  {nothing, func() (any, error) { return none(bright.BeginBinding(ctx, "hq")) }},
		"BindSoon":      {nothing, func() (any, error) { return nil, bright.BindSoon(ctx, "hq") }},
		"BindAgain":     {nothing, func() (any, error) { return nil, bright.BindAgain(ctx, "hq", time.Hour) }},
		"RenameChannel": {nothing, func() (any, error) { return nil, bright.RenameChannel(ctx, "hq", "C0123456789", "C0000000009") }},
		"Unbind":        {gone, func() (any, error) { return nil, bright.Unbind(ctx, Once{}, "ines", "hq", noon) }},
		"Unreachable": {nothing, func() (any, error) {
			ids, err := bright.Unreachable(ctx, false, 10)
			return slices.DeleteFunc(ids, func(id models.PersonID) bool { return id == "vera" }), err
		}},
		"BindByHand": {gone, func() (any, error) {
			return none(bright.BindByHand(ctx, Once{}, reminders.Binding{Person: "ines", Workspace: "hq", User: "U9"}, noon))
		}},
		"SetBinding": {gone, func() (any, error) {
			return nil, bright.SetBinding(ctx, "ines", "hq", noon, func(*reminders.Binding) {})
		}},
		"PersonIn":      {gone, func() (any, error) { p, _, err := bright.PersonIn(ctx, "hq", "U-ines"); return p, err }},
		"ClientChannel": {gone, func() (any, error) { return none(bright.ClientChannel(ctx, "northgate")) }},
		"SetClientChannel": {gone, func() (any, error) {
			return none(bright.SetClientChannel(ctx, Once{}, ClientChannel{"northgate", "hq", "C0123456789"}, noon))
		}},
		"Audience": {nothing, func() (any, error) {
			a, err := bright.Audience(ctx,
				&engagement.Facts{Engagement: engagement.Engagement{ID: "e1"}, People: []models.Person{{ID: "ines"}}}, true)
			return a.People["ines"].Workspace, err
		}},
		"Recipient": {gone, func() (any, error) { return none(bright.Recipient(ctx, "olga", 2026, true)) }},
		"EngagementsOf": {nothing, func() (any, error) {
			return none(bright.EngagementsOf(ctx, models.Person{ID: "olga", Client: "northgate", Role: models.RoleOwner},
				models.Date{Year: 2026, Month: 3, Day: 2}))
		}},
		"Notices":       {nothing, func() (any, error) { return none(bright.Notices(ctx, "olga")) }},
		"NoticesOf":     {nothing, func() (any, error) { return none(bright.NoticesOf(ctx, id)) }},
		"DeferToDigest": {nothing, func() (any, error) { return nil, bright.DeferToDigest(ctx, "olga") }},
		"HasNotices":    {nothing, func() (any, error) { m, err := bright.HasNotices(ctx, []models.PersonID{"olga"}); return len(m), err }},
		"Due":           {nothing, func() (any, error) { return none(bright.Due(ctx, "acme/mail", 10)) }},
		"Begin":         {gone, func() (any, error) { d, _, err := bright.Begin(ctx, id, Frozen{}, time.Minute, noon); return d, err }},
		"RecordOutcome": {gone, func() (any, error) {
			return none(bright.RecordOutcome(ctx, id, 0, Outcome{Status: reminders.DeliverySent}, noon))
		}},
		"Suppress": {gone, func() (any, error) {
			return nil, bright.Suppress(ctx, id, Suppression{Status: reminders.DeliveryExpired}, noon)
		}},
		"Postpone":  {nothing, func() (any, error) { return nil, bright.Postpone(ctx, id, "x", time.Hour) }},
		"Edit":      {gone, func() (any, error) { return nil, bright.Edit(ctx, id, 0, reminders.Message{}, reminders.Attempt{}, 0) }},
		"Rewrite":   {gone, func() (any, error) { return nil, bright.Rewrite(ctx, id, reminders.Message{}) }},
		"DueNow":    {nothing, func() (any, error) { return none(bright.DueNow(ctx, id)) }},
		"SentSince": {nothing, func() (any, error) { return none(bright.SentSince(ctx, "olga", march2)) }},
		"MailedElsewhere": {nothing, func() (any, error) {
			return none(bright.MailedElsewhere(ctx, models.Person{ID: "olga", Email: "o@eastwick.test"}))
		}},
		"HasDelivery": {nothing, func() (any, error) { return none(bright.HasDelivery(ctx, id)) }},
		"ManagersOf":  {nothing, func() (any, error) { return none(bright.ManagersOf(ctx, "")) }},
		// a lane of its own by that name
		"HoldLane": {nothing, func() (any, error) { return nil, bright.HoldLane(ctx, "acme/mail", "x", time.Hour, noon) }},
		"LaneFailures": {nothing, func() (any, error) {
			_, why, err := bright.LaneFailures(ctx, "acme/mail")
			return why == "no answer", err
		}},
		"LaneWaits": {nothing, func() (any, error) {
			_, waits, err := bright.LaneWaits(ctx, "acme/mail")
			return waits, err
		}},
		"LanesBeside": {nothing, func() (any, error) {
			return slices.DeleteFunc(must(bright.LanesBeside(ctx, "")), func(l Lane) bool { return l.Firm == "bright" }), nil
		}},
		"Awaited": {nothing, func() (any, error) {
			m, err := bright.Awaited(ctx, []models.PersonID{"olga", "ines", "kenji"})
			return len(m), err
		}},
		"AnybodyToLookAt": {nothing, func() (any, error) {
			if _, err := bright.Schedule(ctx, nil, []Look{{Person: "vera", Next: noon}}); err != nil {
				return nil, err
			}
			return none(bright.AnybodyToLookAt(ctx))
		}},
		"LaneStates": {nothing, func() (any, error) {
			for _, l := range must(bright.LaneStates(ctx)) {
				if l.Error == "no answer" {
					return l, nil
				}
			}
			return nil, nil
		}},
		"Deliveries": {nothing, func() (any, error) {
			rows, _, err := bright.Deliveries(ctx, DeliveryFilter{Person: "olga"}, "", 10)
			return rows, err
		}},
		"DeliveryFor": {gone, func() (any, error) {
			d, _, err := bright.DeliveryFor(ctx, engagement.Actor{Person: "ines", Role: models.RolePartner}, id)
			return d, err
		}},
		"Delivery":        {gone, func() (any, error) { d, _, err := bright.Delivery(ctx, id); return d, err }},
		"CountDeliveries": {nothing, func() (any, error) { m, err := bright.CountDeliveries(ctx, time.Time{}); return len(m), err }},
		"Lease":           {nothing, func() (any, error) { return none(bright.Lease(ctx, "hq", "x", time.Hour)) }},
		"CarriedOut":      {nothing, func() (any, error) { return nil, bright.CarriedOut(ctx, "hq", "x", "done", noon) }},
		// What one firm makes may have the ids of what another has.
		"TakeIn": {gone, func() (any, error) { return none(bright.TakeIn(ctx, Inbound{Workspace: "hq", ID: "x"})) }},
		"Bind": {gone, func() (any, error) {
			b := reminders.Binding{Person: "ines", Workspace: "hq", User: "U9", State: reminders.BindingConfirmed}
			return nil, bright.Bind(ctx, b, true, noon)
		}},
		"createAddWorkspace": {nothing, func() (any, error) {
			_, err := bright.AddWorkspace(ctx, Once{}, slackApp("hq", ""), noon)
			return made("AddWorkspace", err)
		}},
		"createSchedule": {nothing, func() (any, error) {
			d := delivery(world{Store: &Store{firm: "acme"}}, "olga", march2)
			_, err := bright.Schedule(ctx, []NewDelivery{{Delivery: d}}, []Look{{Person: "olga", Next: noon}})
			return made("Schedule", err)
		}},
		"createReply": {nothing, func() (any, error) { // one of its own, whatever is acme's by that id
			_, err := bright.Reply(ctx, engagement.Typed{ID: "Ev1", Workspace: "hq", Channel: "D1", Person: "vera"}, reminders.Message{}, nil, noon)
			return made("Reply", err)
		}},
		"createScheduleByHand": {nothing, func() (any, error) {
			d := delivery(world{Store: &Store{firm: "acme"}}, "olga", march2)
			d.ID += "2"
			_, err := bright.ScheduleByHand(ctx, Once{}, d, noon)
			return made("ScheduleByHand", err)
		}},
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// livesInFrance checks that Olga works neither on days on which her company is closed nor on holidays of the country she lives in, whoever
// asks.
func livesInFrance(ctx context.Context, t *testing.T, w world) {
	t.Helper()
	closed := models.Date{Year: 2026, Month: 7, Day: 13}
	_, err := w.UpdateClient(ctx, Once{}, "northgate", noon, func(c *models.Client) error { c.Closed = []models.Date{closed}; return nil })
	check(t, err)
	if to, err := w.Recipient(ctx, "olga", 2026, true); err != nil || to.Days.IsBusiness(closed) {
		t.Errorf("Olga, who lives in France, works on a day on which her company is closed: %v", err)
	}
	f, err := w.Facts(ctx, "e1", engagement.Need{})
	check(t, err)
	if days, ok := f.PersonDays["olga"]; !ok || days.IsBusiness(closed) || days.IsBusiness(models.Date{Year: 2026, Month: 7, Day: 14}) ||
		!days.IsBusiness(models.Date{Year: 2026, Month: 7, Day: 15}) || len(f.PersonDays) != 1 {
		t.Errorf("by the engagement Olga works otherwise: %d people live elsewhere", len(f.PersonDays))
	}
}

// Who wants messages when, and by which way, is kept and comes back; each of it changes once per key and in the record.
func TestMessagingSettings(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		m, err := w.Messaging(ctx)
		check(t, err)
		if m.Paused || m.WeeklyBudget == 0 || m.BundleMinutes == 0 || m.Quiet == (catalog.QuietHours{}) {
			t.Errorf("a firm that has chosen nothing has %+v", m)
		}
		for range 2 { // once per key
			m, err = w.UpdateMessaging(ctx, Once{Actor: "marta", Key: "k", Hash: "h"}, noon, func(m *reminders.Messaging) error {
				m.Paused, m.PausedReason, m.ClientsAt, m.TeamAt, m.WeeklyBudget, m.BundleMinutes = true, "a drill", 9*60, 7*60+30, 4, 20
				m.Quiet = catalog.QuietHours{From: 18 * 60, To: 7 * 60}
				return nil
			})
			check(t, err)
		}
		got, err := w.Messaging(ctx)
		check(t, err)
		same(t, "the settings", got, m)
		if !m.Paused || m.PausedBy != "marta" || !m.PausedAt.Equal(noon) || m.Revision != 2 {
			t.Errorf("%+v", m)
		}
		_, err = w.UpdateMessaging(ctx, Once{Actor: "marta", IfRevision: 7}, noon,
			func(m *reminders.Messaging) error { m.Paused = false; return nil })
		refused(t, err, models.Stale)
		_, err = w.UpdateMessaging(ctx, Once{Actor: "marta"}, noon, func(m *reminders.Messaging) error { m.ClientsAt = 23 * 60; return nil })
		refused(t, err, models.Invalid)
		_, err = w.UpdateMessaging(ctx, Once{Actor: "marta"}, noon,
			func(m *reminders.Messaging) error { m.Workspace, m.SlackChannel = "nowhere", "C0123456789"; return nil })
		refused(t, err, models.Invalid)

		p, err := w.UpdatePreferences(ctx, Once{Actor: "olga"}, "olga", noon, func(p *reminders.Preferences) error {
			p.DigestAt, p.Channel, p.Country, p.Summary, p.MailOff = 10*60, reminders.ChannelMail, "FR", true, true
			return nil
		})
		check(t, err)
		_, err = w.UpdatePreferences(ctx, Once{}, "olga", noon, func(p *reminders.Preferences) error { p.Country = "XX"; return nil })
		refused(t, err, models.Invalid)
		to, err := w.Recipient(ctx, "olga", 2026, true)
		check(t, err)
		same(t, "the preferences", to.Prefs, p)
		if to.DigestAt != 10*60 || to.Channel != reminders.ChannelMail || to.Days.IsBusiness(models.Date{Year: 2026, Month: 7, Day: 14}) {
			t.Errorf("Olga, who lives in France, is reached so: %+v", to)
		}
		livesInFrance(ctx, t, w)
		events, _, err := w.FirmEvents(ctx, EventFilter{Newest: true}, "", 10)
		check(t, err)
		events = models.Keep(events, func(e engagement.Event) bool { return e.Kind == "preferences.updated" })
		if events[0].Subject != "olga" || events[0].Actor != "olga" {
			t.Errorf("the record: %+v", events[0])
		}
	})
}

// Olga leads engineering with Kim as her backup and is away for a week, having named nobody: Kim acts for her by that function. Once she
// has named Ruth it is Ruth who acts for her in everything, but for the days on which Ruth is away as well; when she is back it is nobody.
func TestTheBackupOfAFunctionActs(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		_, err := w.CreatePerson(ctx, Once{}, modelstest.Newcomer("kim", models.RoleOwner), noon)
		check(t, err)
		_, err = w.SetDuty(ctx, Once{}, models.Duty{Client: "northgate", Function: "eng_lead", Person: "olga", Backup: "kim"}, noon)
		check(t, err)
		who := func(of models.PersonID, day models.Date, all, backs string) {
			t.Helper()
			a, b, err := w.ActsFor(ctx, of, day)
			if err != nil || fmt.Sprint(a) != all || fmt.Sprint(b) != backs {
				t.Errorf("on %s %s acts for %v, and by a function for %v, %v; want %s, %s", day, of, a, b, err, all, backs)
			}
		}
		week := planning.Span{Start: march2, End: march2.AddDays(4)}
		away, err := w.AddAbsence(ctx, Once{}, reminders.Absence{Person: "olga", Days: week}, noon)
		check(t, err)
		who("kim", march2, "[]", "[olga]")
		who("kim", march2.AddDays(5), "[]", "[]")
		who("ruth", march2, "[]", "[]")
		check(t, w.RemoveAbsence(ctx, Once{}, "olga", away.ID, noon))
		_, err = w.AddAbsence(ctx, Once{}, reminders.Absence{Person: "olga", Days: week, StandIn: "ruth"}, noon)
		check(t, err)
		late := planning.Span{Start: march2.AddDays(3), End: march2.AddDays(4)}
		_, err = w.AddAbsence(ctx, Once{}, reminders.Absence{Person: "ruth", Days: late}, noon)
		check(t, err)
		who("kim", march2, "[]", "[]")
		who("ruth", march2, "[olga]", "[]")
		who("kim", march2.AddDays(3), "[]", "[olga]")
	})
}

// Olga is away for a week and Ruth stands in.
func TestAbsences(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		week := planning.Span{Start: march2, End: march2.AddDays(4)}
		a, err := w.AddAbsence(ctx, Once{Actor: "olga"}, reminders.Absence{Person: "olga", Days: week, StandIn: "ruth"}, noon)
		check(t, err)
		record, _, err := w.FirmEvents(ctx, EventFilter{Kinds: []string{"absence.added"}, Newest: true}, "", 1)
		check(t, err)
		if len(record) != 1 || record[0].Subject != "olga" || !strings.HasSuffix(record[0].To, ", ruth stands in") {
			t.Errorf("of the absence the record says %+v", record)
		}
		for _, bad := range []struct {
			a    reminders.Absence
			code models.Code
		}{
			{reminders.Absence{Person: "olga", Days: planning.Span{Start: march2.AddDays(4), End: march2.AddDays(9)}}, models.Conflict},
			{reminders.Absence{Person: "olga", Days: planning.Span{Start: march2.AddDays(9), End: march2.AddDays(8)}}, models.Invalid},
			{reminders.Absence{Person: "ruth", Days: week, StandIn: "ines"}, models.Invalid},
			{reminders.Absence{Person: "ruth", Days: week, StandIn: "nobody"}, models.Invalid},
			{reminders.Absence{Person: "nobody", Days: week}, models.NotFound},
		} {
			_, err := w.AddAbsence(ctx, Once{}, bad.a, noon)
			refused(t, err, bad.code)
		}
		for day, want := range map[models.Date]int{march2.AddDays(-1): 0, march2: 1, march2.AddDays(4): 1, march2.AddDays(5): 0} {
			if whom, _, err := w.ActsFor(ctx, "ruth", day); err != nil || len(whom) != want {
				t.Errorf("on %s Ruth stands in for %v, %v", day, whom, err)
			}
		}
		to, err := w.Recipient(ctx, "olga", 2026, true)
		check(t, err)
		if to.Works(march2) || !to.Works(march2.AddDays(7)) {
			t.Error("she works while she is away, or never again")
		}
		refused(t, w.RemoveAbsence(ctx, Once{}, "ruth", a.ID, noon), models.NotFound)
		check(t, w.RemoveAbsence(ctx, Once{}, "olga", a.ID, noon))
		if all, err := w.Absences(ctx, "olga"); err != nil || len(all) != 0 {
			t.Errorf("%v, %v", all, err)
		}
	})
}

// A firm connects its Slack workspace and a client's. Secrets are sealed; no two firms have the same team.
func TestWorkspaces(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		hq := w.addWorkspace(t, "hq", "")
		theirs := w.addWorkspace(t, "northgate", "northgate")
		got, err := w.Workspace(ctx, "hq")
		check(t, err)
		same(t, "the workspace", got, hq)
		if got.Secrets.Token != "xoxb-1234567890-hq" || got.Secrets.Signing == "" {
			t.Errorf("its secrets: %+v", got.Secrets)
		}
		all, err := w.Workspaces(ctx)
		check(t, err)
		same(t, "the workspaces", all, []reminders.Workspace{hq, theirs})
		if text := dump(t, root, "acme"); strings.Contains(text, "xoxb-") || strings.Contains(text, "0123456789abcdef") {
			t.Error("secrets lie in the database in the clear")
		}
		_, err = w.AddWorkspace(ctx, Once{}, slackApp("second", ""), noon)
		refused(t, err, models.Conflict)
		_, err = w.AddWorkspace(ctx, Once{}, slackApp("other", "nobody"), noon)
		refused(t, err, models.Invalid)
		_, err = w.UpdateWorkspace(ctx, Once{}, "northgate", noon, func(x *reminders.Workspace) error {
			x.State, x.Secrets.Signing = reminders.WorkspaceActive, ""
			return nil
		})
		refused(t, err, models.Invalid) // without its secret only before it is connected
		_, err = w.UpdateWorkspace(ctx, Once{}, "northgate", noon,
			func(x *reminders.Workspace) error { x.Team, x.App = hq.Team, hq.App; return nil })
		refused(t, err, models.Conflict)
		_, err = w.UpdateWorkspace(ctx, Once{IfRevision: 1}, "northgate", noon, func(x *reminders.Workspace) error { x.Name = "x"; return nil })
		refused(t, err, models.Stale)

		// The same request again answers the same, and its secrets were never kept with its key.
		once := Once{Actor: "ines", Key: "k", Hash: "h"}
		for range 2 {
			_, err := w.UpdateWorkspace(ctx, once, "northgate", noon,
				func(x *reminders.Workspace) error { x.Secrets.Token = "xoxb-0987654321-secret"; return nil })
			check(t, err)
		}
		if got, err := w.Workspace(ctx, "northgate"); err != nil || got.Secrets.Token != "xoxb-0987654321-secret" || got.Revision != 3 {
			t.Errorf("%+v, %v", got, err)
		}
		locked(t, root, "with their key", 0)
		root.Keys = nil
		locked(t, root, "without keys", 2)
		_, err = w.Workspace(ctx, "hq")
		refused(t, err, models.Conflict)
		other, err := seal.Parse("other=" + base64.StdEncoding.EncodeToString(make([]byte, 32)))
		check(t, err)
		root.Keys = other // the key was lost: one can still see it, and remove it or connect it anew
		if got, err := w.Workspace(ctx, "hq"); err != nil || got.State != reminders.WorkspaceDisconnected ||
			got.Secrets != (reminders.WorkspaceSecrets{}) || !strings.Contains(got.Reason, "lost") {
			t.Errorf("%+v, %v", got, err)
		}
		locked(t, root, "with another key", 2)
		cannotBeSealedAnew(t, w)
		root.Keys = keys
		if got, err := w.Workspace(ctx, "hq"); err != nil || got.Secrets != hq.Secrets || got.State != hq.State {
			t.Errorf("with its key again: %+v, %v", got, err)
		}

		check(t, w.Disconnect(ctx, "hq", "token_revoked", noon))
		check(t, w.Disconnect(ctx, "hq", "again", noon))
		if got, err := w.Workspace(ctx, "hq"); err != nil || got.State != reminders.WorkspaceDisconnected || got.Reason != "token_revoked" {
			t.Errorf("%+v, %v", got, err)
		}
		_, err = w.UpdateWorkspace(ctx, Once{}, "northgate", noon,
			func(x *reminders.Workspace) error { x.State = reminders.WorkspaceRemoved; return nil })
		check(t, err)
		_, err = w.Workspace(ctx, "northgate")
		refused(t, err, models.NotFound)
		root.Keys = other
		locked(t, root, "with another key, when one was removed", 1)
		root.Keys = keys
		w.addWorkspace(t, "northgate", "northgate") // its name and the client are free again
		_, err = w.UpdateWorkspace(ctx, Once{}, "northgate", noon,
			func(x *reminders.Workspace) error { x.State = reminders.WorkspaceRemoved; return nil })
		check(t, err)
		w.addWorkspace(t, "northgate-2", "northgate")
	})
}

// locked checks of how many workspaces the secrets do not open.
func locked(t *testing.T, root *Root, what string, want int) {
	t.Helper()
	if n, err := root.LockedWorkspaces(t.Context()); err != nil || n != want {
		t.Errorf("%s: the secrets of %d workspaces do not open, want %d: %v", what, n, want, err)
	}
}

// A sweep looks for people in a workspace; meanwhile somebody is added, gets another address, or asks to be looked for anew: the next sweep
// looks, not that of tomorrow. When nobody came it is tomorrow's.
func TestSomebodyIsAddedWhilePeopleAreLookedFor(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		w.addWorkspace(t, "hq", "")
		due := func(when string, want bool) {
			t.Helper()
			got, err := w.BindingDue(ctx, "hq")
			check(t, err)
			same(t, "whether people are looked for "+when, got, want)
		}
		begin := func() {
			t.Helper()
			begun, err := w.BeginBinding(ctx, "hq")
			check(t, err)
			same(t, "whether a look begins", begun, true)
		}
		due("at first", true)
		for what, add := range map[string]func() error{
			"": func() error { return nil },
			"somebody is added": func() error {
				_, err := w.CreatePerson(ctx, Once{}, models.Person{Name: "Nora New", Email: "nora@acme.test", Role: models.RoleOwner,
					Client: "northgate", TimeZone: "Europe/Berlin"}, noon)
				return err
			},
			"somebody has another address": func() error {
				_, err := w.UpdatePerson(ctx, Once{}, "olga", noon, func(p *models.Person) error { p.Email = "olga.owner@acme.test"; return nil })
				return err
			},
			"somebody joins the workspace": func() error { return w.BindSoon(ctx, "hq") },
			"somebody asks":                func() error { return w.LookAgain(ctx, "hq", "") },
		} {
			check(t, w.BindSoon(ctx, "hq"))
			begin()
			due("by another sweep", false)
			if begun, err := w.BeginBinding(ctx, "hq"); begun || err != nil {
				t.Errorf("two sweeps look at once: %v", err)
			}
			_, err := w.Unbound(ctx, "hq", noon, 10)
			check(t, err)
			check(t, add())
			check(t, w.BindAgain(ctx, "hq", 24*time.Hour))
			due("again when "+cmp.Or(what, "nobody came"), what != "")
		}
	})
}

// Who somebody is in Slack is asked once, is theirs alone, and is looked for again when they get another address.
func TestBindings(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		w.addWorkspace(t, "hq", "")
		unbound := func(workspace string, before time.Time) (ids []models.PersonID) {
			t.Helper()
			people, err := w.Unbound(ctx, workspace, before, 10)
			check(t, err)
			for _, p := range people {
				ids = append(ids, p.ID)
			}
			return ids
		}
		same(t, "whom to look for", unbound("hq", noon), []models.PersonID{"hugo", "ines", "marta", "olga", "priya", "ruth"})
		w.addWorkspace(t, "theirs", "northgate")
		same(t, "whom to look for in the firm's", unbound("hq", noon), []models.PersonID{"hugo", "ines", "marta", "priya"})
		same(t, "whom to look for in the client's", unbound("theirs", noon), []models.PersonID{"olga", "ruth"})

		check(t, w.Bind(ctx, reminders.Binding{Person: "ruth", Workspace: "theirs", State: reminders.BindingMissing,
			Email: "ruth@northgate.test"}, false, noon))
		same(t, "whom to look for now", unbound("theirs", noon), []models.PersonID{"olga"})
		same(t, "whom to look for tomorrow", unbound("theirs", noon.Add(24*time.Hour)), []models.PersonID{"olga", "ruth"})

		asked := reminders.Binding{Person: "olga", Workspace: "theirs", User: "U1", State: reminders.BindingAsked, Email: "olga@northgate.test"}
		check(t, w.Bind(ctx, asked, false, noon))
		p, b, err := w.PersonIn(ctx, "theirs", "U1")
		check(t, err)
		if p.ID != "olga" || b.State != reminders.BindingAsked {
			t.Errorf("%+v %+v", p, b)
		}
		if to, err := w.Recipient(ctx, "olga", 2026, true); err != nil || to.Channel != reminders.ChannelMail {
			t.Errorf("somebody who was only asked is written to by %q, %v", to.Channel, err)
		}
		refused(t, w.Bind(ctx, reminders.Binding{Person: "ruth", Workspace: "theirs", User: "U1", State: reminders.BindingConfirmed,
			Email: "ruth@northgate.test"}, true, noon), models.Conflict)
		check(t, w.SetBinding(ctx, "olga", "theirs", noon, func(b *reminders.Binding) {
			b.State, b.SlackChannel = reminders.BindingConfirmed, "D1"
		}))
		check(t, w.Bind(ctx, asked, false, noon)) // a look-up does not undo what she said
		if to, err := w.Recipient(ctx, "olga", 2026, true); err != nil || to.Channel != reminders.ChannelSlack || to.Workspace != "theirs" {
			t.Errorf("she is written to by %q, %v", to.Channel, err)
		}
		_, err = w.UpdatePerson(ctx, Once{}, "olga", noon, func(p *models.Person) error { p.Email = "olga.new@northgate.test"; return nil })
		check(t, err)
		same(t, "whom to look for after she got another address", unbound("theirs", noon), []models.PersonID{"olga"})
		_, _, err = w.PersonIn(ctx, "theirs", "U9")
		refused(t, err, models.NotFound)
		check(t, w.Disconnect(ctx, "theirs", "gone", noon))
		if to, err := w.Recipient(ctx, "olga", 2026, true); err != nil || to.Channel != reminders.ChannelMail {
			t.Errorf("where Slack is disconnected she is written to by %q, %v", to.Channel, err)
		}
	})
}

// The secret of an installation is good once, in time, for the workspace it was given for; so is the state that comes of it, in the browser
// that has its cookie. Whatever is refused uses nothing up.
func TestInstallOnce(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		w.addWorkspace(t, "hq", "")
		w.addWorkspace(t, "theirs", "northgate")
		minute := noon.Add(time.Minute)
		before := sha256.Sum256([]byte("tickmark install\x00before")) // as the release kept a state that knew no cookies
		check(t, root.db.Create(&installRow{Hash: hex.EncodeToString(before[:]), FirmID: "acme", WorkspaceID: "hq", PersonID: "ines",
			ExpiresAt: micros(minute)}).Error)
		_, err := w.EndInstall(ctx, "hq", "before", "", noon)
		refused(t, err, models.Forbidden)
		refused(t, w.InstallBegun(ctx, "hq", "before", noon), models.Forbidden)
		check(t, w.BeginInstall(ctx, Once{Actor: "marta"}, "hq", "s1", minute, noon))
		check(t, w.BeginInstall(ctx, Once{Actor: "marta"}, "hq", "s2", minute, noon))
		for _, bad := range []struct {
			workspace, secret string
			at                time.Time
		}{{"theirs", "s1", noon}, {"nowhere", "s1", noon}, {"hq", "s3", noon}, {"hq", "", noon}, {"hq", "s1", minute}} {
			refused(t, w.InstallBegun(ctx, bad.workspace, bad.secret, bad.at), models.Forbidden)
			refused(t, w.ContinueInstall(ctx, bad.workspace, bad.secret, InstallReturn{"x", "y", noon.Add(time.Hour)}, bad.at), models.Forbidden)
		}
		later := minute.Add(-time.Second)
		check(t, w.InstallBegun(ctx, "hq", "s1", later))
		check(t, w.ContinueInstall(ctx, "hq", "s1", InstallReturn{"one", "first", later.Add(time.Minute)}, later))
		check(t, w.ContinueInstall(ctx, "hq", "s2", InstallReturn{"two", "second", later.Add(time.Minute)}, later))
		refused(t, w.InstallBegun(ctx, "hq", "s1", later), models.Forbidden)
		refused(t, w.ContinueInstall(ctx, "hq", "s1", InstallReturn{"x", "y", noon.Add(time.Hour)}, later), models.Forbidden)
		refused(t, w.ContinueInstall(ctx, "hq", "one", InstallReturn{"x", "y", noon.Add(time.Hour)}, later), models.Forbidden)
		for _, bad := range []struct {
			workspace, state, cookie string
			at                       time.Time
		}{{"theirs", "one", "first", later}, {"hq", "three", "first", later}, {"hq", "one", "", later}, {"hq", "one", "second", later},
			{"hq", "two", "first", later}, {"hq", "s1", "first", later}, {"hq", "first", "one", later},
			{"hq", "one", "first", later.Add(time.Minute)}} {
			_, err := w.EndInstall(ctx, bad.workspace, bad.state, bad.cookie, bad.at)
			refused(t, err, models.Forbidden)
		}
		at := minute.Add(time.Second) // the secrets have expired, the states have not
		who, err := w.EndInstall(ctx, "hq", "one", "first", at)
		check(t, err)
		if who != "marta" {
			t.Errorf("begun by %q", who)
		}
		_, err = w.EndInstall(ctx, "hq", "one", "first", at)
		refused(t, err, models.Forbidden)
		who, err = w.EndInstall(ctx, "hq", "two", "second", at)
		check(t, err)
		if who != "marta" {
			t.Errorf("begun by %q", who)
		}
	})
}

// Two browsers press the button of one address, and somebody presses it twice: one goes on to Slack.
func TestAnAddressOfAnInstallationIsUsedByOne(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		w.addWorkspace(t, "hq", "")
		check(t, w.BeginInstall(ctx, Once{Actor: "marta"}, "hq", "secret", noon.Add(time.Minute), noon))
		var together sync.WaitGroup
		var went atomic.Int64
		for i := range 8 {
			together.Go(func() {
				err := w.ContinueInstall(ctx, "hq", "secret", InstallReturn{fmt.Sprint("state", i), "cookie", noon.Add(time.Minute)}, noon)
				if err == nil {
					went.Add(1)
				} else if models.CodeOf(err) != models.Forbidden {
					t.Error(err)
				}
			})
		}
		together.Wait()
		if n := went.Load(); n != 1 {
			t.Errorf("%d went on", n)
		}
	})
}

// What comes from Slack is kept once, carried out by one, and what people wrote is forgotten when it is done.
func TestInbound(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		w.addWorkspace(t, "hq", "")
		in := Inbound{Workspace: "hq", ID: "x", Kind: "actions", Body: `{"secret":1}`, At: noon}
		for i := range 3 {
			fresh, err := w.TakeIn(ctx, in)
			check(t, err)
			if fresh != (i == 0) {
				t.Errorf("the %d. time it is new: %v", i+1, fresh)
			}
		}
		open, err := root.OpenInbound(ctx, 10)
		check(t, err)
		in.Firm = "acme"
		same(t, "what is open", open, []Inbound{in})
		var together sync.WaitGroup
		got := make(chan bool, 8)
		for range 8 {
			together.Go(func() {
				ok, err := w.Lease(ctx, "hq", "x", time.Hour)
				if err != nil {
					t.Error(err)
				}
				got <- ok
			})
		}
		together.Wait()
		close(got)
		n := 0
		for ok := range got {
			if ok {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d carry it out at the same time", n)
		}
		if open, err := root.OpenInbound(ctx, 10); err != nil || len(open) != 0 {
			t.Errorf("open while somebody carries it out: %v, %v", open, err)
		}
		check(t, w.CarriedOut(ctx, "hq", "x", "done", noon))
		if ok, err := w.Lease(ctx, "hq", "x", 0); err != nil || ok {
			t.Errorf("what is done can be taken up: %v", err)
		}
		if text := dump(t, root, "acme"); strings.Contains(text, `{"secret"`) {
			t.Error("what was said is kept after it is done")
		}
		if fresh, err := w.TakeIn(ctx, in); err != nil || fresh {
			t.Errorf("it came again and is new: %v", err)
		}
		if n, err := root.ForgetInbound(ctx, noon.Add(time.Hour), 10); err != nil || n != 1 {
			t.Errorf("%d forgotten, %v", n, err)
		}
	})
}

// The sweep looks at those whose hour has come, at those whose circumstances changed, and at nobody twice.
func TestMailboxes(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		due := func(now time.Time) (ids []models.PersonID) {
			t.Helper()
			boxes, err := root.DueMailboxes(ctx, now, 10)
			check(t, err)
			for _, b := range boxes {
				ids = append(ids, b.Person)
			}
			return ids
		}
		same(t, "at first", due(noon), []models.PersonID{"hugo", "ines", "marta", "priya", "olga", "ruth"})
		var looks []Look
		for _, id := range due(noon) {
			looks = append(looks, Look{Person: id, On: march2, Next: noon.Add(24 * time.Hour)})
		}
		_, err := w.Schedule(ctx, nil, looks)
		check(t, err)
		same(t, "afterwards", len(due(noon.Add(time.Hour))), 0)
		_, err = w.UpdatePreferences(ctx, Once{}, "olga", noon, func(p *reminders.Preferences) error { p.DigestAt = 11 * 60; return nil })
		check(t, err)
		same(t, "after Olga chose another hour", due(noon), []models.PersonID{"olga"})
		boxes, err := root.DueMailboxes(ctx, noon, 10)
		check(t, err)
		same(t, "the day on which somebody looked", boxes[0].LookedOn, march2)
		same(t, "the next day", len(due(noon.Add(24*time.Hour))), 6)
		_, err = w.Schedule(ctx, nil, []Look{{Person: "olga", Next: noon.Add(15 * 24 * time.Hour)}})
		check(t, err)
		same(t, "by a clock that was an hour ahead, with days of four minutes", due(noon), []models.PersonID{"olga"})

		w.notice(t, 1, "ruth", true)
		w.notice(t, 2, "olga", false)
		pending, err := root.UrgentNotices(ctx, noon.Add(time.Minute), 10)
		check(t, err)
		if len(pending) != 1 || pending[0].Person != "ruth" || pending[0].Oldest.Seq != 1 {
			t.Errorf("%+v", pending)
		}
		has, err := w.HasNotices(ctx, []models.PersonID{"ruth", "olga", "ines"})
		check(t, err)
		same(t, "who has something to hear", has, map[models.PersonID]bool{"ruth": true, "olga": true})
		check(t, w.DeferToDigest(ctx, "ruth"))
		if pending, err := root.UrgentNotices(ctx, noon.Add(time.Minute), 10); err != nil || len(pending) != 0 {
			t.Errorf("%+v, %v", pending, err)
		}
		if last, err := root.Sweeping(ctx, noon); err != nil || !last.IsZero() {
			t.Errorf("before the first sweep: %v, %v", last, err)
		}
		if last, err := root.Sweeping(ctx, noon.Add(time.Hour)); err != nil || !last.Equal(noon) {
			t.Errorf("%v, %v", last, err)
		}
		if last, err := root.LastSweep(ctx); err != nil || !last.Equal(noon.Add(time.Hour)) {
			t.Errorf("%v, %v", last, err)
		}
	})
}

// A firm's and a client's channel are posted to once a week, as long as their workspaces work.
func TestChannels(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		w := newWorld(t, root, "acme")
		w.addWorkspace(t, "hq", "")
		_, err := w.UpdateMessaging(ctx, Once{}, noon,
			func(m *reminders.Messaging) error { m.Workspace, m.SlackChannel = "hq", "C0000000001"; return nil })
		check(t, err)
		_, err = w.SetClientChannel(ctx, Once{}, ClientChannel{"northgate", "hq", "C0000000002"}, noon)
		check(t, err)
		all, err := root.WeeklyPosts(ctx)
		check(t, err)
		same(t, "the channels", all, []WeeklyPost{{"acme", "", "hq", "C0000000001"}, {"acme", "northgate", "hq", "C0000000002"}})
		got, err := w.ClientChannel(ctx, "northgate")
		check(t, err)
		same(t, "the client's", got, ClientChannel{"northgate", "hq", "C0000000002"})
		_, err = w.SetClientChannel(ctx, Once{}, ClientChannel{"northgate", "hq", "#general"}, noon)
		refused(t, err, models.Invalid)
		_, err = w.SetClientChannel(ctx, Once{}, ClientChannel{Client: "northgate"}, noon)
		check(t, err)
		check(t, w.Disconnect(ctx, "hq", "gone", noon))
		if all, err := root.WeeklyPosts(ctx); err != nil || len(all) != 0 {
			t.Errorf("%v, %v", all, err)
		}
	})
}

// Every field of a delivery, an attempt, a preference, an absence and a workspace is stored and comes back.
func TestEveryFieldOfMessagesIsStored(t *testing.T) {
	w, r := &writer{}, &reader{}
	d := filled[reminders.Delivery]()
	row := deliveryOf(w, d)
	row.Fence, row.Attempts, row.Looks, row.SendingSince, row.Receipt, row.Evidence, row.EditDue = d.Fence, d.Attempts, d.Looks,
		micros(d.SendingSince), d.Receipt, d.Evidence, d.EditDue
	same(t, "the delivery", row.model(r), d)
	n := filled[engagement.Notice]()
	notice := noticeOf(models.Ref{Firm: "acme", Engagement: n.Engagement}, n)
	same(t, "the notice", notice.model(), n)
	root := &Root{Keys: keys}
	x := filled[reminders.Workspace]()
	x.Locked = false // it says whether the secrets could be read, and is kept nowhere
	ws, err := root.For(x.Firm).workspaceOf(x)
	check(t, err)
	back, err := root.workspace(ws)
	check(t, err)
	same(t, "the workspace", back, x)
	check(t, firstError(w.err, r.err))
}

// Hugo was a consultant of the firm when his digest was written, before sides were fixed: as the auditor he is not shown that one,
// which may
// say what is internal, but what was written since. Ruth and Ines read what is theirs.
func TestWhatWasWrittenOnTheOtherSide(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		ctx, late := t.Context(), march2.AddDays(1)
		old, since := delivery(w, "hugo", march2), delivery(w, "hugo", late)
		since.ScheduledAt = noon.AddDate(0, 0, 1)
		hers, mine := delivery(w, "ruth", march2), delivery(w, "ines", march2)
		_, err := w.Schedule(ctx, []NewDelivery{{Delivery: old}, {Delivery: hers}, {Delivery: mine}}, nil)
		check(t, err)
		_, err = w.Schedule(ctx, []NewDelivery{{Delivery: since}}, nil)
		check(t, err)
		_, err = recorded(ctx, w.Store, "change sides", Once{}, noon.Add(time.Hour), func(_ *gorm.DB, rec *record) (int, error) {
			rec.add("person.updated", "hugo", "role", "consultant", "auditor")
			rec.add("person.updated", "ruth", "role", "owner", "sponsor")
			rec.add("person.updated", "ines", "role", "consultant", "pm")
			return 0, nil
		})
		check(t, err)
		for _, x := range []struct {
			name string
			who  engagement.Actor
			id   string
			want bool
		}{
			{"hugo's of then", engagement.Actor{Person: "hugo", Role: models.RoleAuditor}, old.ID, false},
			{"hugo's since", engagement.Actor{Person: "hugo", Role: models.RoleAuditor}, since.ID, true},
			{"ruth's", engagement.Actor{Person: "ruth", Role: models.RoleSponsor, Client: "northgate"}, hers.ID, true},
			{"ines's", engagement.Actor{Person: "ines", Role: models.RoleManager}, mine.ID, true},
		} {
			_, _, err := w.DeliveryFor(ctx, x.who, x.id)
			if (err == nil) != x.want || err != nil && models.CodeOf(err) != models.NotFound {
				t.Errorf("%s: %v", x.name, err)
			}
		}
	})
}

// cannotBeSealedAnew changes a workspace whose secrets the program's key does not open, in every way that leaves them out: nothing of it is
// kept.
func cannotBeSealedAnew(t *testing.T, w world) {
	t.Helper()
	for name, edit := range map[string]func(*reminders.Workspace){
		"a name":           func(x *reminders.Workspace) { x.Name = "Renamed" },
		"a signing secret": func(x *reminders.Workspace) { x.Secrets.Signing = "fedcba9876543210" },
		"a state":          func(x *reminders.Workspace) { x.State = reminders.WorkspaceActive },
	} {
		before := dump(t, w.root, "acme")
		_, err := w.UpdateWorkspace(t.Context(), Once{}, "hq", noon, func(x *reminders.Workspace) error { edit(x); return nil })
		refused(t, err, models.Conflict)
		if after := dump(t, w.root, "acme"); after != before {
			t.Errorf("%s with a key that opens nothing: %s", name, difference(before, after))
		}
	}
}
