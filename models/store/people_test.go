package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
)

func TestCreateFirm(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		firm := models.Firm{ID: "acme", Name: "Acme", Country: "DE", TimeZone: "Europe/Berlin",
			Closed: []models.Date{{Year: 2026, Month: 12, Day: 24}}}
		admin := models.Person{ID: "anna", Name: "Anna", Role: models.RolePartner, TimeZone: "Europe/Berlin"}
		made, who, err := root.CreateFirm(t.Context(), firm, admin, noon)
		check(t, err)
		if made.Revision != 1 || who.Firm != "acme" || !who.Active || who.CreatedAt != noon {
			t.Errorf("%+v %+v", made, who)
		}
		got, err := root.For("acme").Firm(t.Context())
		check(t, err)
		same(t, "the firm", got, made)
		firms, err := root.Firms(t.Context())
		check(t, err)
		same(t, "the firms", firms, []models.Firm{made})
		person, err := root.For("acme").Person(t.Context(), "anna")
		check(t, err)
		same(t, "the person", person, who)

		_, _, err = root.CreateFirm(t.Context(), firm, admin, noon)
		refused(t, err, models.Conflict)
		for name, spoil := range map[string]func(f *models.Firm, p *models.Person){
			"id":      func(f *models.Firm, p *models.Person) { f.ID = "Not a slug" },
			"name":    func(f *models.Firm, p *models.Person) { f.Name = " " },
			"country": func(f *models.Firm, p *models.Person) { f.Country = "Atlantis" },
			"zone":    func(f *models.Firm, p *models.Person) { f.TimeZone = "Mars/Olympus" },
			"person":  func(f *models.Firm, p *models.Person) { p.Name = "" },
			"role":    func(f *models.Firm, p *models.Person) { p.Role, p.Client = models.RoleSponsor, "northgate" },
			"date":    func(f *models.Firm, p *models.Person) { f.Closed = []models.Date{{Year: 1, Month: 1, Day: 1}} },
		} {
			f, p := firm, admin
			f.ID = "bright"
			spoil(&f, &p)
			if _, _, err := root.CreateFirm(t.Context(), f, p, noon); models.CodeOf(err) != models.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err = root.For("bright").Firm(t.Context())
		refused(t, err, models.NotFound)
		_, err = root.For("bright").CreateClient(t.Context(), Once{}, models.Client{}, noon)
		refused(t, err, models.NotFound)

		s := root.For("acme")
		changed, err := s.UpdateFirm(t.Context(), Once{Actor: "anna", Key: "k", Hash: "h", IfRevision: 1}, noon, func(f *models.Firm) error {
			f.Name, f.Closed, f.Revision, f.ID = "Acme Two", nil, 77, "bright"
			return nil
		})
		check(t, err)
		if changed.Name != "Acme Two" || changed.Revision != 2 || changed.ID != "acme" || changed.Closed != nil {
			t.Errorf("%+v", changed)
		}
		_, err = s.UpdateFirm(t.Context(), Once{Actor: "anna", Key: "k2", Hash: "h", IfRevision: 1}, noon,
			func(*models.Firm) error { return nil })
		refused(t, err, models.Stale)
		for name, spoil := range map[string]func(f *models.Firm){
			"name":        func(f *models.Firm) { f.Name = "two\nlines" },
			"country":     func(f *models.Firm) { f.Country = "Atlantis" },
			"time_zone":   func(f *models.Firm) { f.TimeZone = "" },
			"closed_days": func(f *models.Firm) { f.Closed = make([]models.Date, 1001) },
			"open_days":   func(f *models.Firm) { f.Open = []models.Date{{Year: 2026, Month: 7, Day: 4}} }, // a Saturday
		} {
			_, err = s.UpdateFirm(t.Context(), Once{}, noon, func(f *models.Firm) error { spoil(f); return nil })
			if refusal, ok := errors.AsType[*models.Error](err); !ok || refusal.Field != name || refusal.Code != models.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		events, _, err := s.FirmEvents(t.Context(), EventFilter{}, "", 100)
		check(t, err)
		var lines []string
		for i, e := range events {
			if e.Seq != int64(i)+1 {
				t.Errorf("event %d has number %d", i+1, e.Seq)
			}
			lines = append(lines, fmt.Sprintf("%s %s %s %s: %q -> %q %s", e.Actor, e.Kind, e.Subject, e.Field, e.From, e.To, e.Key))
		}
		want := []string{` firm.created acme name: "" -> "Acme" `, ` person.created anna role: "" -> "partner" `,
			`anna firm.updated acme name: "Acme" -> "Acme Two" k`, `anna firm.updated acme closed_days: "2026-12-24" -> "" k`}
		if !slices.Equal(lines, want) {
			t.Errorf("events:\n%s\nwant:\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestClients(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		c := models.Client{Name: "Westfield", Headcount: 12, Country: "none", TimeZone: "Asia/Dubai",
			Weekend: []time.Weekday{time.Friday, time.Saturday},
			Closed:  []models.Date{{Year: 2026, Month: 5, Day: 1}, {Year: 2026, Month: 5, Day: 2}}}
		once := Once{Actor: "ines", Key: "k", Hash: "h"}
		made, err := w.CreateClient(t.Context(), once, c, noon)
		check(t, err)
		if !strings.HasPrefix(string(made.ID), "c-") || made.Revision != 1 || made.CreatedAt != noon {
			t.Errorf("%+v", made)
		}
		got, err := w.Client(t.Context(), made.ID)
		check(t, err)
		same(t, "the client", got, made)
		again, err := w.CreateClient(t.Context(), once, c, noon.Add(time.Hour))
		check(t, err)
		same(t, "the client, asked for again", again, made)

		change := Once{Actor: "ines", Key: "k2", Hash: "h", IfRevision: 1}
		grow := func(c *models.Client) error { c.Headcount, c.ID, c.Revision = 13, "other", 9; return nil }
		grown, err := w.UpdateClient(t.Context(), change, made.ID, noon, grow)
		check(t, err)
		if grown.Headcount != 13 || grown.Revision != 2 || grown.ID != made.ID {
			t.Errorf("%+v", grown)
		}
		again, err = w.UpdateClient(t.Context(), change, made.ID, noon, grow)
		check(t, err)
		same(t, "the change, asked for again", again, grown)
		got, err = w.Client(t.Context(), made.ID)
		check(t, err)
		same(t, "the client", got, grown)
		unchanged, err := w.UpdateClient(t.Context(), Once{}, made.ID, noon, func(*models.Client) error { return nil })
		check(t, err)
		same(t, "a client changed into itself", unchanged, grown)

		before := dump(t, root, "")
		_, err = w.UpdateClient(t.Context(), Once{IfRevision: 1}, made.ID, noon, grow)
		refused(t, err, models.Stale)
		_, err = w.UpdateClient(t.Context(), Once{}, made.ID, noon, func(c *models.Client) error { c.Headcount = 0; return nil })
		refused(t, err, models.Invalid)
		_, err = w.UpdateClient(t.Context(), Once{}, "nobody", noon, grow)
		refused(t, err, models.NotFound)
		_, err = w.CreateClient(t.Context(), Once{}, got, noon)
		refused(t, err, models.Conflict)
		_, err = w.CreateClient(t.Context(), Once{Actor: "ines", Key: "k", Hash: "other"}, c, noon)
		refused(t, err, models.KeyReused)
		if after := dump(t, root, ""); after != before {
			t.Error(difference(before, after))
		}

		for i := range 7 {
			c.ID, c.Name = models.ClientID(fmt.Sprintf("x%d", i)), []string{"same", "Same", "ÄHNLICH"}[i%3]
			_, err := w.CreateClient(t.Context(), Once{}, c, noon)
			check(t, err)
		}
		var names []string
		for cursor := ""; ; {
			page, next, err := w.Clients(t.Context(), ClientFilter{}, cursor, 2)
			check(t, err)
			for _, c := range page {
				names = append(names, strings.ToLower(c.Name)+" "+string(c.ID))
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		if len(names) != 9 || !slices.IsSorted(names) {
			t.Errorf("the clients: %q", names)
		}
		page, _, err := w.Clients(t.Context(), ClientFilter{Search: "ähn"}, "", 10)
		check(t, err)
		if len(page) != 2 {
			t.Errorf("found %d", len(page))
		}
		page, _, err = w.Clients(t.Context(), ClientFilter{ID: "northgate"}, "", 10)
		check(t, err)
		if len(page) != 1 || page[0].ID != "northgate" {
			t.Errorf("found %v", page)
		}
	})
}

func TestPeople(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		ctx := t.Context()
		person := models.Person{ID: "zoe", Name: "Zoë", Email: "Zoe@Northgate.test", Role: models.RoleOwner, Client: "northgate",
			TimeZone: "UTC"}
		made, err := w.CreatePerson(ctx, Once{Actor: "ines", Key: "k", Hash: "h"}, person, noon)
		check(t, err)
		got, err := w.Person(ctx, "zoe")
		check(t, err)
		same(t, "the person", got, made)

		twin := person
		twin.ID, twin.Email = "zoe2", "zoe@northgate.TEST"
		_, err = w.CreatePerson(ctx, Once{}, twin, noon)
		refused(t, err, models.Conflict)
		twin.Client, twin.Role = "", models.RoleConsultant // the same person, for the firm
		_, err = w.CreatePerson(ctx, Once{}, twin, noon)
		check(t, err)
		_, err = w.CreatePerson(ctx, Once{}, models.Person{ID: "n1", Name: "No mail", Role: models.RoleConsultant, TimeZone: "UTC"}, noon)
		check(t, err)
		_, err = w.CreatePerson(ctx, Once{}, models.Person{ID: "n2", Name: "No mail", Role: models.RoleConsultant, TimeZone: "UTC"}, noon)
		check(t, err)
		_, err = w.CreatePerson(ctx, Once{}, models.Person{ID: "n2", Name: "x", Role: models.RoleConsultant, TimeZone: "UTC"}, noon)
		refused(t, err, models.Conflict)
		_, err = w.CreatePerson(ctx, Once{}, models.Person{ID: "n3", Name: "x", Role: models.RoleOwner, Client: "nowhere", TimeZone: "UTC"}, noon)
		refused(t, err, models.Invalid)

		// Who leaves loses all tokens at once, and their address is free.
		_, err = w.CreateToken(ctx, Once{}, "zoe", "phone", "hash-1", time.Time{}, noon)
		check(t, err)
		_, err = root.Token(ctx, "hash-1", noon)
		check(t, err)
		left, err := w.UpdatePerson(ctx, Once{IfRevision: 1}, "zoe", noon,
			func(p *models.Person) error { p.Active = false; p.Client = "x"; return nil })
		check(t, err)
		if left.Active || left.Revision != 2 || left.Client != "northgate" {
			t.Errorf("%+v", left)
		}
		_, err = root.Token(ctx, "hash-1", noon)
		refused(t, err, models.Unauthenticated)
		_, err = w.CreateToken(ctx, Once{}, "zoe", "phone", "hash-2", time.Time{}, noon)
		refused(t, err, models.Conflict)
		person.ID = "zoe3"
		_, err = w.CreatePerson(ctx, Once{}, person, noon)
		check(t, err)
		_, err = w.UpdatePerson(ctx, Once{}, "zoe", noon, func(p *models.Person) error { p.Active = true; return nil })
		refused(t, err, models.Conflict) // zoe3 has the address now
		_, err = w.UpdatePerson(ctx, Once{}, "zoe", noon, func(p *models.Person) error { p.Active, p.Email = true, ""; return nil })
		check(t, err)
		_, err = root.Token(ctx, "hash-1", noon)
		refused(t, err, models.Unauthenticated) // who comes back gets new ones
		_, err = w.UpdatePerson(ctx, Once{IfRevision: 1}, "zoe", noon, func(p *models.Person) error { return nil })
		refused(t, err, models.Stale)
		_, err = w.UpdatePerson(ctx, Once{}, "zoe", noon, func(p *models.Person) error { p.TimeZone = "x"; return nil })
		refused(t, err, models.Invalid)
		_, err = w.UpdatePerson(ctx, Once{}, "zoe", noon, func(p *models.Person) error { return models.Refuse(models.Forbidden, "", "no") })
		refused(t, err, models.Forbidden)

		ids := func(filter PersonFilter) string {
			var out []string
			for cursor := ""; ; {
				page, next, err := w.People(ctx, filter, cursor, 2)
				check(t, err)
				for _, p := range page {
					out = append(out, string(p.ID))
				}
				if cursor = next; cursor == "" {
					return strings.Join(out, " ")
				}
			}
		}
		_, err = w.UpdatePerson(ctx, Once{}, "n1", noon, func(p *models.Person) error { p.Active = false; return nil })
		check(t, err)
		firm, northgate := models.ClientID(""), models.ClientID("northgate")
		for want, filter := range map[string]PersonFilter{
			"hugo ines marta n2 olga priya ruth zoe zoe2 zoe3":    {},
			"hugo ines marta n1 n2 olga priya ruth zoe zoe2 zoe3": {Inactive: true},
			"hugo ines marta n2 priya zoe2":                       {Client: &firm},
			"olga ruth zoe zoe3":                                  {Client: &northgate},
			"ines ruth":                                           {Roles: []models.Role{models.RoleManager, models.RoleSponsor}},
			"zoe zoe2 zoe3":                                       {Search: "ZOË"},
			"hugo":                                                {Search: "CPA.test"},
		} {
			if got := ids(filter); got != want {
				t.Errorf("%+v: got %s, want %s", filter, got, want)
			}
		}
	})
}

// The law of sides: whatever roles are tried on whomever, nobody changes sides between the firm, its clients and the auditors, and what is
// refused names the role. Within a side roles change.
func TestNobodyChangesSides(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		all := []models.PersonID{"hugo", "ines", "priya", "ruth", "olga"}
		side, changed := map[models.PersonID]models.Side{}, 0
		for _, id := range all {
			p, err := w.Person(t.Context(), id)
			check(t, err)
			side[id] = p.Role.Side()
		}
		random := rand.New(rand.NewPCG(7, 8))
		for range 60 {
			id, role := all[random.IntN(len(all))], models.Roles[random.IntN(len(models.Roles))]
			_, err := w.UpdatePerson(t.Context(), Once{}, id, noon, func(p *models.Person) error { p.Role = role; return nil })
			if role.Side() == side[id] {
				check(t, err)
				changed++
				continue
			}
			refused(t, err, models.Invalid)
			if refusal, ok := errors.AsType[*models.Error](err); !ok || refusal.Field != "role" {
				t.Errorf("%s as %s is refused: %v", id, role, err)
			}
			if p, err := w.Person(t.Context(), id); err != nil || p.Role.Side() != side[id] {
				t.Errorf("%s is %s: %v", id, p.Role, err)
			}
		}
		if changed < 10 {
			t.Errorf("roles changed %d times only", changed)
		}
	})
}

func TestDuties(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		ctx := t.Context()
		set := func(function string, person, backup models.PersonID) error {
			_, err := w.SetDuty(ctx, Once{Actor: "ines"}, models.Duty{Client: "northgate", Function: function, Person: person, Backup: backup}, noon)
			return err
		}
		check(t, set("sponsor", "olga", ""))
		check(t, set("sponsor", "olga", "")) // again: nothing new
		refused(t, set("juggler", "olga", ""), models.Invalid)
		refused(t, set("sponsor", "ines", ""), models.Invalid)
		refused(t, set("sponsor", "olga", "nobody"), models.Invalid)
		duties, err := w.Duties(ctx, "northgate")
		check(t, err)
		same(t, "the duties", duties, []models.Duty{{Firm: "acme", Client: "northgate", Function: "sponsor", Person: "olga"}})
		check(t, set("sponsor", "", "olga"))
		duties, err = w.Duties(ctx, "northgate")
		check(t, err)
		same(t, "the duties", len(duties), 0)
		_, err = w.Duties(ctx, "nowhere")
		refused(t, err, models.NotFound)
		events, _, err := w.FirmEvents(ctx, EventFilter{Kinds: []string{"duty.set"}, Newest: true}, "", 10)
		check(t, err)
		if len(events) != 5 || events[0].Field != "person" || events[0].From != "olga" || events[0].To != "" {
			t.Errorf("%+v", events)
		}
	})
}

func TestTokens(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		ctx := t.Context()
		day := 24 * time.Hour
		once := Once{Actor: "ines", Key: "k", Hash: "h"}
		made, err := w.CreateToken(ctx, once, "ines", "laptop", "hash-1", noon.Add(day), noon)
		check(t, err)
		again, err := w.CreateToken(ctx, once, "ines", "laptop", "hash-other", noon.Add(day), noon)
		check(t, err)
		same(t, "the token, asked for again", again, made)
		who, err := root.Token(ctx, "hash-1", noon)
		check(t, err)
		ines, err := w.Person(ctx, "ines")
		check(t, err)
		same(t, "the principal", who, Principal{Firm: "acme", Person: ines, Token: made.ID, ExpiresAt: noon.Add(day)})

		for _, hash := range []string{"", "hash-2", "hash-other", "HASH-1", "hash-1 "} {
			_, err = root.Token(ctx, hash, noon)
			refused(t, err, models.Unauthenticated)
		}
		_, err = root.Token(ctx, "hash-1", noon.Add(day))
		refused(t, err, models.Unauthenticated)
		_, err = w.CreateToken(ctx, Once{}, "nobody", "", "hash-3", time.Time{}, noon)
		refused(t, err, models.NotFound)
		_, err = w.CreateToken(ctx, Once{}, "ines", "", "hash-3", noon, noon)
		refused(t, err, models.Invalid)
		_, err = w.CreateToken(ctx, Once{}, "ines", "", "", time.Time{}, noon)
		refused(t, err, models.Invalid)
		_, err = w.CreateToken(ctx, Once{}, "priya", "", "hash-1", time.Time{}, noon)
		refused(t, err, models.Conflict)

		used := func() time.Time {
			list, err := w.Tokens(ctx, "ines")
			check(t, err)
			return list[0].UsedAt
		}
		check(t, w.TouchToken(ctx, made.ID, time.Time{}, noon))
		check(t, w.TouchToken(ctx, made.ID, noon, noon.Add(59*time.Second)))
		check(t, w.TouchToken(ctx, made.ID, time.Time{}, noon.Add(59*time.Second))) // another process, which did not know
		if used() != noon {
			t.Errorf("used at %v", used())
		}
		check(t, w.TouchToken(ctx, made.ID, noon, noon.Add(time.Minute)))
		if used() != noon.Add(time.Minute) {
			t.Errorf("used at %v", used())
		}

		revoked, err := w.RevokeToken(ctx, Once{Actor: "ines", Key: "k2"}, made.ID, noon.Add(time.Hour))
		check(t, err)
		if revoked.RevokedAt != noon.Add(time.Hour) {
			t.Errorf("%+v", revoked)
		}
		_, err = root.Token(ctx, "hash-1", noon.Add(time.Hour))
		refused(t, err, models.Unauthenticated)
		still, err := w.RevokeToken(ctx, Once{}, made.ID, noon.Add(2*time.Hour))
		check(t, err)
		same(t, "a token revoked twice", still, revoked)
		_, err = w.RevokeToken(ctx, Once{}, "nothing", noon)
		refused(t, err, models.NotFound)
		if strings.Contains(fmt.Sprintf("%+v", revoked), "hash") {
			t.Error("a token shows its hash")
		}
	})
}

// Twenty people press the same button at once.
func TestCreateSameKeyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		var together sync.WaitGroup
		made := make([]engagement.Engagement, 20)
		for i := range made {
			together.Go(func() {
				var err error
				if made[i], err = w.CreateEngagement(t.Context(), Once{Actor: "ines", Key: "k", Hash: "h"}, draft(""), noon); err != nil {
					t.Error(err)
				}
			})
		}
		together.Wait()
		for _, e := range made {
			same(t, "an engagement", e, made[0])
		}
		rows, _, err := w.Portfolio(t.Context(), PortfolioFilter{Scope: ScopeAll()}, "", "", 100)
		check(t, err)
		if len(rows) != 2 {
			t.Errorf("%d engagements, want 2", len(rows))
		}
	})
}

func TestCreateEngagement(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		e := draft("e2")
		e.Status, e.Revision, e.Added, e.Summary.Percent, e.StartedAt = engagement.StatusRunning, 50, 7, 100, noon
		made, err := w.CreateEngagement(t.Context(), Once{Actor: "ines", Key: "k", Hash: "h"}, e, noon)
		check(t, err)
		if made.Status != engagement.StatusDraft || made.Revision != 1 || made.Added != 0 || made.Headcount != 80 ||
			made.TimeZone != "Europe/Berlin" || !made.StartedAt.IsZero() {
			t.Errorf("%+v", made)
		}
		got, err := w.Engagement(t.Context(), "e2")
		check(t, err)
		same(t, "the engagement", got, made)
		events, _, err := w.Events(t.Context(), "e2", EventFilter{}, "", 10)
		check(t, err)
		same(t, "the events", events, []engagement.Event{{Seq: 1, At: noon, Actor: "ines", Kind: "engagement.created", Subject: "e2",
			To: "SOC 2 e2", Key: "k"}})

		before := dump(t, root, "")
		for name, c := range map[string]struct {
			spoil func(*engagement.Engagement)
			code  models.Code
		}{
			"taken":   {func(e *engagement.Engagement) { e.ID = "e2" }, models.Conflict},
			"id":      {func(e *engagement.Engagement) { e.ID = "E 3" }, models.Invalid},
			"client":  {func(e *engagement.Engagement) { e.Client = "nobody" }, models.Invalid},
			"manager": {func(e *engagement.Engagement) { e.Manager = "priya" }, models.Invalid},
			"type":    {func(e *engagement.Engagement) { e.Type = "soc9" }, models.Invalid},
			"date":    {func(e *engagement.Engagement) { e.Target = models.Date{Year: 3000, Month: 1, Day: 1} }, models.Invalid},
		} {
			e := draft("e3")
			c.spoil(&e)
			if _, err := w.CreateEngagement(t.Context(), Once{}, e, noon); models.CodeOf(err) != c.code {
				t.Errorf("%s: got %v (%q), want %q", name, err, models.CodeOf(err), c.code)
			}
		}
		if after := dump(t, root, ""); after != before {
			t.Error(difference(before, after))
		}
	})
}

// Ines has as many tokens as anybody may have. One more is refused, of hers alone, until one is revoked or has expired; two that are made
// at the same time, for the last place, are one.
func TestNobodyHasTokensWithoutEnd(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		ctx, n := t.Context(), 0
		add := func(who models.PersonID, expires, now time.Time) (Token, error) {
			n++
			return w.CreateToken(ctx, Once{}, who, "laptop", fmt.Sprint("hash of ", n), expires, now)
		}
		before, err := w.Tokens(ctx, "ines")
		check(t, err)
		soon, err := add("ines", noon.Add(time.Hour), noon)
		check(t, err)
		for range MaxTokens - 1 - len(before) {
			_, err := add("ines", time.Time{}, noon)
			check(t, err)
		}
		_, err = add("ines", time.Time{}, noon)
		refused(t, err, models.Conflict)
		_, err = add("priya", time.Time{}, noon)
		check(t, err)
		last, err := add("ines", time.Time{}, soon.ExpiresAt) // that one is over
		check(t, err)
		_, err = add("ines", time.Time{}, soon.ExpiresAt)
		refused(t, err, models.Conflict)
		_, err = w.RevokeToken(ctx, Once{}, last.ID, soon.ExpiresAt)
		check(t, err)

		var together sync.WaitGroup
		var made [2]error
		for i := range made {
			together.Go(func() {
				_, made[i] = w.CreateToken(ctx, Once{}, "ines", "laptop", fmt.Sprint("hash of two ", i), time.Time{}, soon.ExpiresAt)
			})
		}
		together.Wait()
		if (made[0] == nil) == (made[1] == nil) {
			t.Errorf("of two at once: %v, %v", made[0], made[1])
		}
		for _, err := range made {
			if err != nil {
				refused(t, err, models.Conflict)
			}
		}
	})
}
