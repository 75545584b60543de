package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
)

// A try asks a firm for what another has: it must be refused so, or find nothing.
type try struct {
	code models.Code
	call func() (any, error)
}

// No method of a Store finds, changes or reveals anything of another firm, even when it is given the very ids of it: here
// bright has nothing of its own and asks for what is acme's. A method that is missing from this test fails it.
func TestFirmsAreApart(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		ctx := t.Context()
		acme := newWorld(t, root, "acme")
		acme.change(t, Once{Actor: "ines", Key: "k", Hash: "h"}, func(f *engagement.Facts) {
			put(f, task(1, engagement.TaskOpen))
			decided(f, engagement.Decision{ID: "D-1", State: engagement.DecisionPending})
			f.Phases, f.Gates = []engagement.PhaseState{{Phase: catalog.PhaseKickoff, Standing: engagement.StandingActive}},
				[]engagement.Gate{{ID: "G-KO-1", Round: 1}}
			f.Engagement.Status = engagement.StatusRunning
			f.Comments = []engagement.Comment{{Task: "KO-0001", By: "ines", Text: "secret", At: noon}}
			log(f, engagement.Event{At: noon, Kind: "x"})
		})
		_, err := acme.CreateClient(ctx, Once{}, modelstest.Client("westfield"), noon)
		check(t, err)
		token, err := acme.CreateToken(ctx, Once{}, "ines", "laptop", "hash", time.Time{}, noon)
		check(t, err)
		check(t, acme.CreateLink(ctx, Link{Person: "ines", Way: ByConsole, Hash: "link"}, noon))
		sent := ""
		check(t, acme.SendLink(ctx, SentLink{Person: "ines", Way: ByMail, Said: func(id string) reminders.Delivery {
			sent = id
			return reminders.Delivery{ID: "sent-" + id, Kind: reminders.KindSignIn, Slot: id, Person: "ines", Channel: reminders.ChannelMail,
				Status: reminders.DeliveryScheduled, ScheduledAt: noon, NotAfter: noon}
		}}, noon))
		_, err = acme.Invite(ctx, Once{Actor: "ines"}, SentLink{Person: "ines", Way: ByMail, Said: func(id string) reminders.Delivery {
			return reminders.Delivery{ID: "invites-" + id, Kind: reminders.KindInvite, Slot: id, Person: "ines", Channel: reminders.ChannelMail,
				Status: reminders.DeliveryScheduled, ScheduledAt: noon, NotAfter: noon}
		}}, noon)
		check(t, err)
		session, err := root.UseLink(ctx, "link", "", "session", "Firefox", noon)
		check(t, err)
		talks(t, acme)
		_, _, err = root.CreateFirm(ctx, modelstest.Firm("bright"), modelstest.Person("vera"), noon)
		check(t, err)
		bright, before := root.For("bright"), dump(t, root, "acme")

		called := map[string]bool{}
		listen(t, root, func(sql string) {
			if !strings.Contains(sql, "firm_id") && !strings.Contains(sql, "firms") {
				t.Errorf("a query without a firm: %s", sql)
			}
		})
		never := func() error { t.Error("the rows of another firm were handed out"); return nil }
		gone, nothing := models.NotFound, models.Code("nothing")
		once := Once{Actor: "ines", Key: "k", Hash: "h"} // acme's own key: must be unknown here, as she is
		tries := map[string]try{
			"Change": {gone, func() (any, error) {
				f, _, err := bright.Change(ctx, "e1", once, engagement.Need{}, noon,
					func(*engagement.Facts, time.Time) (string, error) { return "", never() })
				return f, err
			}},
			"Facts": {gone, func() (any, error) {
				return bright.Facts(ctx, "e1", engagement.Need{Tasks: []models.TaskID{"KO-0001"}, Decision: "D-1"})
			}},
			"CarryOut": {gone, func() (any, error) {
				return bright.CarryOut(ctx, doneFor("bright"), engagement.Command{Tasks: []models.TaskID{"KO-0001"}},
					engagement.Line{Engagement: "e1", Item: "do:KO-0001"}, func() time.Time { return noon })
			}},
			"Became": {gone, func() (any, error) {
				m := reminders.Message{Sections: []reminders.Section{{Lines: []engagement.Line{{Engagement: "e1", Item: "do:KO-0001"}}}}}
				return bright.Became(ctx, reminders.Delivery{Firm: "acme", Person: "ines", Message: &m}, noon)
			}},
			"Demo":       {gone, func() (any, error) { return bright.Demo(ctx) }},
			"DropDemo":   {nothing, func() (any, error) { refused(t, bright.DropDemo(ctx), models.Forbidden); return nil, nil }},
			"Answer":     {gone, func() (any, error) { return bright.Answer(ctx, "e1", "ines", "k") }},
			"Engagement": {gone, func() (any, error) { return bright.Engagement(ctx, "e1") }},
			"Task":       {gone, func() (any, error) { a, b, err := bright.Task(ctx, "e1", "KO-0001"); return []any{a, b}, err }},
			"Client":     {gone, func() (any, error) { return bright.Client(ctx, "northgate") }},
			"Start":      {nothing, func() (any, error) { return startElsewhere(ctx, bright) }},
			"Forecasts":  {nothing, func() (any, error) { return bright.Forecasts(ctx, "e1") }},
			"Duties":     {gone, func() (any, error) { return bright.Duties(ctx, "northgate") }},
			"Person":     {gone, func() (any, error) { return bright.Person(ctx, "ines") }},
			"UpdateClient": {gone, func() (any, error) {
				return bright.UpdateClient(ctx, Once{}, "northgate", noon, func(*models.Client) error { return never() })
			}},
			"ClientMoves": {gone, func() (any, error) {
				c, moves, err := bright.ClientMoves(ctx, partner, Once{}, "northgate", noon, func(*models.Client) error { return never() })
				return []any{c, moves}, err
			}},
			"FirmMoves": {nothing, func() (any, error) { // another country for bright moves nothing of acme's
				_, moves, err := bright.FirmMoves(ctx, partner, Once{}, noon, func(f *models.Firm) error { f.Country = "DE"; return nil })
				return moves.Engagements, err
			}},
			"PersonMoves": {gone, func() (any, error) {
				p, moves, err := bright.PersonMoves(ctx, partner, Once{}, "ines", noon, func(*reminders.Preferences) error { return never() })
				return []any{p, moves}, err
			}},
			"OwnTimeMoves": {gone, func() (any, error) {
				p, moves, err := bright.OwnTimeMoves(ctx, partner, Once{}, "ines", noon, func(*models.Person) error { return never() })
				return []any{p, moves}, err
			}},
			"UpdatePerson": {gone, func() (any, error) {
				return bright.UpdatePerson(ctx, Once{}, "ines", noon, func(*models.Person) error { return never() })
			}},
			"ChangeDuty": {gone, func() (any, error) {
				return bright.ChangeDuty(ctx, Once{}, models.Duty{}, models.Duty{Client: "northgate", Function: "sponsor", Person: "olga"}, noon)
			}},
			"HandDuty": {gone, func() (any, error) {
				return bright.HandDuty(ctx, Once{}, partner, models.Duty{}, models.Duty{Client: "northgate", Function: "sponsor", Person: "olga"}, true,
					noon)
			}},
			"HandOver": {gone, func() (any, error) {
				return bright.HandOver(ctx, Once{}, Leaving{Actor: partner, Person: "ines", Ends: true}, noon)
			}},
			"HeldFor": {gone, func() (any, error) { return bright.HeldFor(ctx, "e1", inesGives) }},
			"TryCommand": {gone, func() (any, error) {
				faults, err := bright.TryCommand(ctx, "e1", inesGives, noon)
				return faults, err
			}},
			"TryShift": {gone, func() (any, error) {
				shift, _, err := bright.TryShift(ctx, "e1", engagement.Command{Kind: engagement.MoveTask, Key: "k", Actor: partner, Reason: "x",
					Tasks: []models.TaskID{"t-0001"}, Moving: &engagement.Moving{Days: 2}}, noon)
				return shift, err
			}},
			"TryPause": {gone, func() (any, error) {
				says, _, err := bright.TryPause(ctx, "e1", engagement.Command{Kind: engagement.PauseEngagement, Key: "k", Actor: partner, Reason: "x"},
					noon)
				return says, err
			}},
			"Duty": {nothing, func() (any, error) {
				d, err := bright.Duty(ctx, "northgate", "sponsor")
				if d.Person == "" && d.Backup == "" {
					return nil, err
				}
				return d, err
			}},
			"Vouched": {nothing, func() (any, error) {
				_, err := bright.Vouched(ctx, reminders.Workspace{Client: "eastwick"}, models.Person{ID: "ines"})
				return nil, err
			}},
			"SetDuty": {gone, func() (any, error) {
				return bright.SetDuty(ctx, Once{}, models.Duty{Client: "northgate", Function: "sponsor", Person: "olga"}, noon)
			}},
			"CreateToken": {gone, func() (any, error) { return bright.CreateToken(ctx, Once{}, "ines", "", "other", time.Time{}, noon) }},
			"RevokeToken": {gone, func() (any, error) { return bright.RevokeToken(ctx, Once{}, token.ID, noon) }},
			"TouchToken":  {nothing, func() (any, error) { return nil, bright.TouchToken(ctx, token.ID, time.Time{}, noon) }},
			"Tokens":      {nothing, func() (any, error) { return bright.Tokens(ctx, "ines") }},
			"Decisions":   {nothing, func() (any, error) { return bright.Decisions(ctx, "e1") }},
			"Questions":   {nothing, func() (any, error) { return bright.Questions(ctx, "e1", QuestionFilter{}) }},
			"QuestionsFor": {gone, func() (any, error) {
				return bright.QuestionsFor(ctx, partner, engagement.Engagement{Firm: "bright", ID: "e1"}, QuestionFilter{}, noon)
			}},
			"SeesQuestion": {gone, func() (any, error) {
				olga := engagement.Actor{Person: "olga", Role: models.RoleOwner, Client: "northgate"}
				return nil, bright.SeesQuestion(ctx, olga, engagement.Engagement{Firm: "bright", ID: "e1", Client: "northgate"}, "Q-1", noon)
			}},
			"DeliveredAs": {gone, func() (any, error) { return bright.DeliveredAs(ctx, "ines", "T1", "D1", "1.1") }},
			"Typed":       {nothing, func() (any, error) { return nil, bright.Typed(ctx, "eastwick", noon) }},
			"Comments":    {nothing, func() (any, error) { return bright.Comments(ctx, "e1", "KO-0001") }},
			"Tasks":       {nothing, func() (any, error) { rows, _, err := bright.Tasks(ctx, "e1", TaskFilter{}, "", 10); return rows, err }},
			"Events":      {nothing, func() (any, error) { rows, _, err := bright.Events(ctx, "e1", EventFilter{}, "", 10); return rows, err }},
			"Stirs": {nothing, func() (any, error) {
				rows, err := bright.Stirs(ctx, 10)
				return len(rows) - 1, err // the firm's own record
			}},
			"Clients": {nothing, func() (any, error) { rows, _, err := bright.Clients(ctx, ClientFilter{}, "", 10); return rows, err }},
			"Portfolio": {nothing, func() (any, error) {
				var all []PortfolioRow
				for _, scope := range []Scope{ScopeAll(), ScopeMember("priya"), ScopeClient("northgate"), ScopeAuditor("hugo")} {
					rows, _, err := bright.Portfolio(ctx, PortfolioFilter{Scope: scope}, "", "", 10)
					if err != nil {
						return nil, err
					}
					all = append(all, rows...)
				}
				return all, nil
			}},
			"People": {nothing, func() (any, error) {
				rows, _, err := bright.People(ctx, PersonFilter{Inactive: true}, "", 10)
				return slices.DeleteFunc(rows, func(p models.Person) bool { return p.Firm == "bright" && p.ID == "vera" }), err
			}},
			"FirmEvents": {nothing, func() (any, error) {
				rows, _, err := bright.FirmEvents(ctx, EventFilter{}, "", 10)
				return slices.DeleteFunc(rows, func(e engagement.Event) bool { return e.Subject == "bright" || e.Subject == "vera" }), err
			}},
			"Firm": {nothing, func() (any, error) {
				f, err := bright.Firm(ctx)
				return strings.TrimPrefix(string(f.ID), "bright"), err
			}},
			"CreateLink": {gone, func() (any, error) {
				return nil, bright.CreateLink(ctx, Link{Person: "ines", Way: ByConsole, Hash: "another"}, noon)
			}},
			"SendLink": {gone, func() (any, error) {
				return nil, bright.SendLink(ctx, SentLink{Person: "ines", Way: ByMail, Said: func(string) reminders.Delivery {
					return reminders.Delivery{ID: "another", Kind: reminders.KindSignIn, Person: "ines"}
				}}, noon)
			}},
			"LinkSecret": {nothing, func() (any, error) {
				secret, _, _, err := bright.LinkSecret(ctx, sent, noon)
				return secret, err
			}},
			"Invite": {gone, func() (any, error) {
				return bright.Invite(ctx, Once{}, SentLink{Person: "ines", Way: ByMail, Said: func(string) reminders.Delivery {
					return reminders.Delivery{ID: "another", Kind: reminders.KindInvite, Person: "ines"}
				}}, noon)
			}},
			"Invitations": {nothing, func() (any, error) { return bright.Invitations(ctx, "ines") }},
			"Sessions":    {nothing, func() (any, error) { return bright.Sessions(ctx, "ines", noon) }},
			"EndSessions": {nothing, func() (any, error) {
				return nil, bright.EndSessions(ctx, Once{}, "ines", session.Token, noon)
			}},
			"HealthCounts": {nothing, func() (any, error) {
				counts, err := bright.HealthCounts(ctx, engagement.Actor{Person: "vera", Role: models.RolePartner}, PortfolioFilter{})
				return len(counts), err
			}},
			"Owed": {gone, func() (any, error) { return bright.Owed(ctx, models.Person{ID: "ines"}, false, 10, noon) }},
			"Loads": {nothing, func() (any, error) {
				loads, err := bright.Loads(ctx, engagement.Actor{Person: "vera", Role: models.RolePartner}, models.Date{Year: 2030, Month: 1, Day: 1})
				return len(loads), err
			}},
			"MovedSince": {nothing, func() (any, error) {
				moved, err := bright.MovedSince(ctx, engagement.Actor{Person: "vera", Role: models.RolePartner},
					models.Date{Year: 2030, Month: 1, Day: 1})
				return len(moved), err
			}},
			"Timelines": {nothing, func() (any, error) {
				drawn, err := bright.Timelines(ctx, []PortfolioRow{{ID: "e1"}})
				return len(drawn), err
			}},
			// What one firm makes may have the ids of what another has.
			"UpdateFirm": {nothing, func() (any, error) {
				f, err := bright.UpdateFirm(ctx, Once{}, noon, func(f *models.Firm) error { f.Name, f.ID = "Bright Two", "acme"; return nil })
				return strings.TrimPrefix(string(f.ID), "bright"), err
			}},
			"CreatePerson": {nothing, func() (any, error) {
				_, err := bright.CreatePerson(ctx, Once{},
					models.Person{ID: "priya", Firm: "acme", Name: "Priya", Email: "priya@firm.test", Role: models.RoleConsultant, TimeZone: "UTC"}, noon)
				if err == nil { // but not at the client of another
					_, err = bright.CreatePerson(ctx, Once{}, modelstest.Person("omar"), noon)
					refused(t, err, models.Invalid)
					err = nil
				}
				return nil, err
			}},
			"CreateEngagement": {nothing, func() (any, error) {
				e := draft("e1")
				e.Firm, e.Client = "acme", "westfield"
				_, err := bright.CreateEngagement(ctx, Once{}, e, noon)
				refused(t, err, models.Invalid) // the client is another's
				return nil, nil
			}},
			"CreateClient": {nothing, func() (any, error) {
				c, err := bright.CreateClient(ctx, Once{},
					models.Client{ID: "northgate", Firm: "acme", Name: "Northgate", Headcount: 1, Country: "none", TimeZone: "UTC"}, noon)
				if err == nil && c.Firm != "bright" {
					t.Errorf("a client was made for %q", c.Firm)
				}
				if _, as := bright.CreateClient(ctx, once, modelstest.Client("eastwick"), noon); models.CodeOf(as) != models.Unauthenticated {
					t.Errorf("somebody of another firm makes a client: %v", as)
				}
				if err == nil {
					_, err = bright.CreateClient(ctx, Once{Key: once.Key, Hash: once.Hash}, modelstest.Client("eastwick"), noon)
				}
				return nil, err
			}},
		}
		maps.Copy(tries, messagesOfOthers(t, bright))
		maps.Copy(tries, sights(ctx, bright))
		names := slices.Collect(maps.Keys(tries))
		slices.SortFunc(names, func(a, b string) int { // what makes something comes last
			return cmp.Or(strings.Index(a, "reate")-strings.Index(b, "reate"), strings.Compare(a, b))
		})
		for _, name := range names {
			tries[name].findsNothing(t, name)
			called[strings.TrimPrefix(name, "create")] = true
		}
		if after := dump(t, root, "acme"); after != before {
			t.Errorf("the rows of another firm have changed:\n%s", difference(before, after))
		}
		for m := range reflect.TypeFor[*Store]().Methods() {
			if !called[m.Name] {
				t.Errorf("%s is not tried here", m.Name)
			}
		}

		// A cursor of one firm is worth nothing in another.
		acme.addEngagement(t, "e2")
		_, cursor, err := acme.Portfolio(ctx, PortfolioFilter{Scope: ScopeAll()}, "", "", 1)
		check(t, err)
		_, _, err = bright.Portfolio(ctx, PortfolioFilter{Scope: ScopeAll()}, "", cursor, 1)
		refused(t, err, models.Invalid)
	})
}

// findsNothing calls a method and holds what it returns against what it should: that the thing is not there, or nothing.
func (c try) findsNothing(t *testing.T, name string) {
	t.Helper()
	found, err := c.call()
	switch {
	case c.code == models.NotFound:
		if models.CodeOf(err) != models.NotFound {
			t.Errorf("%s: got %v, want not found", name, err)
		}
	case err != nil:
		t.Errorf("%s: %v", name, err)
	case !empty(reflect.ValueOf(found)):
		t.Errorf("%s found %+v", name, found)
	}
}

// empty reports whether a value is a slice without elements, or the zero value.
func empty(v reflect.Value) bool {
	if v.Kind() == reflect.Slice {
		return v.Len() == 0
	}
	return !v.IsValid() || v.IsZero()
}

// listen hands every statement that is sent to hear.
func listen(t *testing.T, root *Root, hear func(sql string)) {
	t.Helper()
	root.db = root.db.Set(heard, hear).Session(&gorm.Session{})
	catch := func(tx *gorm.DB) { hear(tx.Statement.SQL.String()) }
	c := root.db.Callback()
	check(t, c.Create().After("gorm:create").Register("test:listen", catch))
	check(t, c.Query().After("gorm:query").Register("test:listen", catch))
	check(t, c.Update().After("gorm:update").Register("test:listen", catch))
	check(t, c.Delete().After("gorm:delete").Register("test:listen", catch))
	check(t, c.Row().After("gorm:row").Register("test:listen", catch))
	check(t, c.Raw().After("gorm:raw").Register("test:listen", catch))
}

// doneFor is an engine that has done what it is asked for, if that is the firm's.
type doneFor models.FirmID

func (d doneFor) Apply(_ context.Context, ref models.Ref, _ engagement.Command) (engagement.Result, error) {
	if ref.Firm != models.FirmID(d) {
		return engagement.Result{}, fmt.Errorf("a command for the firm %s", ref.Firm)
	}
	return engagement.Result{}, nil
}

// startElsewhere checks a start of what has the ids of another firm's client and engagement. It returns nothing when neither is known.
func startElsewhere(ctx context.Context, s *Store) (any, error) {
	out, err := s.Start(ctx, Once{Actor: "ines"}, Bundle{Actor: engagement.Actor{Person: "ines", Role: models.RoleManager},
		Client: modelstest.Client("northgate"), Check: true, Engagement: engagement.Engagement{ID: "e1", Client: "northgate"}}, noon)
	if models.CodeOf(err) == models.Unauthenticated || len(out.Faults) > 0 && len(out.Differs) == 0 && out.Was == "" {
		return nil, nil
	}
	return out, err
}
