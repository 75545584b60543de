package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

var (
	invitation = regexp.MustCompile(`https://tickmark\.test(/invited/([A-Z0-9]{52}))`)
	inviteForm = regexp.MustCompile(`action="(/people/\w+/invite)"><input type="hidden" name="key" value="(\w+)"`)
)

// invites has somebody press the button beside a person on a page, twice, and returns the path and the secret of what is sent.
func (b *window) invites(page string, who models.PersonID) (path, secret string) {
	b.Helper()
	for _, m := range inviteForm.FindAllStringSubmatch(b.sees(page), -1) {
		if m[1] != "/people/"+string(who)+"/invite" {
			continue
		}
		before := len(b.w.Said(who))
		for range 2 {
			if status, to, text := b.send("POST", m[1], url.Values{"key": {m[2]}, "back": {page}}); status != http.StatusSeeOther || to != page {
				b.Fatalf("the button leads to %d %s: %s", status, to, text)
			}
		}
		b.w.Settle()
		if n := len(b.w.Said(who)) - before; n != 1 {
			b.Errorf("pressed twice it sends %d invitations", n)
		}
		text := strings.ReplaceAll(string(b.w.Last(who).Blocks), `\u003e`, ">")
		found := invitation.FindStringSubmatch(text)
		if found == nil {
			b.Fatalf("there is no invitation in %s\n%s", text, b.w.Ledger())
		}
		return found[1], found[2]
	}
	b.Fatalf("there is no button for %s on %s", who, page)
	return "", ""
}

// Ines invites Olga from the page of the client. Olga looks at the link as often as she likes, uses it once, in any browser, and is in; the
// page says then that she has accepted. The secret is in no log and not in the database.
func TestAnInvitation(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.WithMail()
		w.Bind("northgate", "olga")
		w.On("2027-01-12", 10)
		p := opened(t, w)
		ines := p.as("ines")
		link, secret := ines.invites("/clients/northgate", "olga")
		if page := ines.sees("/clients/northgate"); !strings.Contains(page, "by you, good until") {
			t.Errorf("the client's page does not say that she was invited: %s", page)
		}
		d := w.Said("olga")[0]
		if d.Kind != reminders.KindInvite || !strings.Contains(d.Message.Intro, "Ines invites you to Tickmark") ||
			!strings.Contains(d.Message.Intro, "the audit of Northgate.") || !strings.Contains(d.Message.Footer, "2027") {
			t.Errorf("she is told %+v", d.Message)
		}
		for range 2 {
			if page := p.browser().sees(link); !strings.Contains(page, "Sign in as "+name(w, "olga")) {
				t.Errorf("the link shows %s", page)
			}
		}
		olga := p.browser()
		if status, to, page := olga.send("POST", link, url.Values{}); status != http.StatusSeeOther || to != "/" {
			t.Fatalf("she is led to %d %s: %s", status, to, page)
		}
		if status, _, _ := olga.send("GET", "/account", nil); status != http.StatusOK {
			t.Errorf("she is not in: %d", status)
		}
		if page := ines.sees("/clients/northgate"); !strings.Contains(page, ", accepted ") {
			t.Errorf("the client's page does not say that she has accepted: %s", page)
		}
		p.isNowhere(secret)
		for _, method := range []string{"GET", "POST"} {
			status, _, page := p.browser().send(method, link, url.Values{})
			if status != http.StatusNotFound || !strings.Contains(page, "It was used") {
				t.Errorf("used again, %s is answered %d: %s", method, status, page)
			}
		}
	})
}

// An invitation that was replaced, is a week old, whose person has left, or that is none, lets nobody in: each page says what to do, and
// none who was meant.
func TestAnInvitationThatIsOver(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Bind("northgate", "olga")
		w.On("2027-01-12", 10)
		p := opened(t, w)
		over := func(link, says string) {
			t.Helper()
			for _, method := range []string{"GET", "POST"} {
				status, _, page := p.browser().send(method, link, url.Values{})
				if status != http.StatusNotFound || !strings.Contains(page, says) || strings.Contains(page, "Olga") {
					t.Errorf("%s is answered %d, without %q: %s", method, status, says, page)
				}
			}
		}
		first, _ := p.as("ines").invites("/engagements/e1/people", "olga")
		second, _ := p.as("ines").invites("/engagements/e1/people", "olga")
		over(first, "replaced or withdrawn")
		p.past.Add(int64(store.InvitationLasts + time.Second))
		over(second, "is too old")
		p.past.Store(0)
		third, _ := p.as("ines").invites("/clients/northgate", "olga")
		_, err := w.Store.UpdatePerson(t.Context(), store.Once{}, "olga", w.Now(), func(p *models.Person) error { p.Active = false; return nil })
		town.Check(t, err)
		over(third, "replaced or withdrawn")
		over("/invited/"+strings.Repeat("A", 52), "is no invitation of this installation")
	})
}

// Owners invite nobody: they see no button, and what they send all the same is refused.
func TestWhoMayNotInvite(t *testing.T) {
	t.Parallel()
	w := town.OnSQLite(t)
	w.Bind("northgate", "olga")
	p := opened(t, w)
	kenji := p.as("kenji")
	if page := kenji.sees("/engagements/e1/people"); strings.Contains(page, "/invite\"") {
		t.Errorf("an owner is offered to invite: %s", page)
	}
	if status, _, _ := kenji.send("POST", "/people/olga/invite", url.Values{"key": {"12345678"}}); status < 400 {
		t.Errorf("an owner invites: %d", status)
	}
	if ledger := w.Ledger(); strings.Contains(ledger, "invite") {
		t.Errorf("something is sent: %s", ledger)
	}
}
