package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// keyed finds the link in a message.
var keyed = regexp.MustCompile(`https://tickmark\.test(/enter/([A-Z0-9]{52})[^|>"\s]*)`)

// asks has somebody ask in a browser for a link to a page, and returns the status and where they are led.
func (b *window) asks(address, next string) (status int, to, page string) {
	b.Helper()
	return b.send("POST", "/sign-in?"+url.Values{"next": {next}}.Encode(), url.Values{"mail": {address}})
}

// linkIn returns the path and the secret of the link in a text.
func (p *place) linkIn(text string) (path, secret string) {
	p.Helper()
	m := keyed.FindStringSubmatch(text)
	if m == nil {
		p.Fatalf("there is no link in %s\n%s", text, p.w.Ledger())
	}
	return m[1], m[2]
}

// Olga asks for a link with her address and gets it in Slack, Hugo, who is in none, by mail. It works once, in the browser that asked, for
// fifteen minutes, and leads to the page that they wanted. Whoever has forwarded it, or looks over somebody's shoulder, gets nothing by it;
// the database, the ledger and the log have not got it.
func TestALinkIsSentToWhoAsks(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		server := w.WithMail()
		w.Bind("northgate", "olga")
		hugo := modelstest.Person("hugo")
		_, err := w.Store.CreatePerson(t.Context(), store.Once{}, hugo, w.Now())
		town.Check(t, err)
		w.On("2027-01-12", 22) // in nobody's hours: who asks is awake
		p := opened(t, w)
		for who, address := range map[models.PersonID]string{"olga": " Olga@Northgate.test", "hugo": hugo.Email} {
			b := p.browser()
			if page := b.sees("/sign-in?next=/work"); !strings.Contains(page, `action="/sign-in?next=%2Fwork"`) {
				t.Errorf("the form of the page is %s", page)
			}
			if status, to, page := b.asks(address, "/work"); status != http.StatusSeeOther || to != "/sign-in?asked=1" {
				t.Fatalf("%s asks and is answered %d %s: %s", who, status, to, page)
			}
			w.Settle()
			text := ""
			if who == "olga" {
				text = string(w.Last("olga").Blocks)
				text = strings.ReplaceAll(strings.ReplaceAll(text, `\u003c`, "<"), `\u003e`, ">")
				if strings.Contains(w.Last("olga").Text, "/enter/") {
					t.Errorf("notifications show the link: %s", w.Last("olga").Text)
				}
			} else {
				text = server.MessagesTo(hugo.Email)[0].Text
				if strings.Contains(text, "/m/") {
					t.Errorf("the mail can be unsubscribed from, or acted on: %s", text)
				}
			}
			link, secret := p.linkIn(text)
			for _, method := range []string{"GET", "POST"} {
				if status, _, _ := p.browser().send(method, link, url.Values{}); status != http.StatusNotFound {
					t.Errorf("another browser: %s is answered %d", method, status)
				}
			}
			if page := b.sees(link); !strings.Contains(page, "Sign in as "+name(w, who)+"?") {
				t.Errorf("the link shows %s", page)
			}
			if status, to, page := b.send("POST", link, url.Values{}); status != http.StatusSeeOther || to != "/work" {
				t.Errorf("%s is led to %d %s: %s", who, status, to, page)
			}
			if status, _, _ := b.send("POST", link, url.Values{}); status != http.StatusNotFound {
				t.Errorf("used again it is answered %d", status)
			}
			d := w.Said(who)[0]
			kept, err := json.Marshal(d)
			town.Check(t, err)
			if d.Kind != reminders.KindSignIn || d.Status != reminders.DeliverySent || strings.Contains(string(kept), secret) {
				t.Errorf("the ledger has %s", kept)
			}
			_, err = w.Post.Again(t.Context(), w.Store, d.ID, modelstest.Person("ines"), store.Once{Key: "k"})
			if models.CodeOf(err) != models.Conflict {
				t.Errorf("somebody sends the link again: %v", err)
			}
			p.isNowhere(secret)
		}
		olga := p.browser()
		olga.asks("olga@northgate.test", "https://evil.example/")
		w.Settle()
		link, _ := p.linkIn(strings.ReplaceAll(string(w.Last("olga").Blocks), `\u003e`, ">"))
		if strings.Contains(link, "evil") {
			t.Errorf("the link leads elsewhere: %s", link)
		}
		p.past.Add(int64(store.SentLinkLasts + time.Second))
		if status, _, _ := olga.send("POST", link, url.Values{}); status != http.StatusNotFound {
			t.Errorf("after a quarter of an hour it is answered %d", status)
		}
	})
}

// isNowhere looks for a secret in the log and in the files of the database.
func (p *place) isNowhere(secret string) {
	p.Helper()
	if strings.Contains(p.said.String(), secret) {
		p.Errorf("the log has it: %s", p.said.String())
	}
	file, is := strings.CutPrefix(p.w.DSN, "sqlite:")
	for _, end := range []string{"", "-wal"} {
		if text, err := os.ReadFile(file + end); is && err == nil && strings.Contains(string(text), secret) {
			p.Errorf("the database has the secret of a link in t.sqlite%s", end)
		}
	}
}

// Whoever asks for a link is told the same, whether somebody has the address, has left, or was never here; after five times in a quarter of
// an hour they have to wait, longer each time, and the words of that are the same too. Twenty addresses from one place are the most.
func TestNobodyLearnsWhoIsHere(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		p := opened(t, w)
		kenji := w.Said("kenji")
		_, err := w.Store.UpdatePerson(t.Context(), store.Once{}, "kenji", w.Now(), func(p *models.Person) error { p.Active = false; return nil })
		town.Check(t, err)
		said := map[string]string{}
		for _, address := range []string{"olga@northgate.test", "kenji@northgate.test", "nobody@northgate.test"} {
			told := ""
			tell := func() {
				status, to, page := p.browser().asks(address, "/work")
				told += strings.ReplaceAll(http.StatusText(status)+" "+to+" "+page, address, "ADDRESS") + "\n"
			}
			for range 6 { // the sixth comes too soon
				tell()
			}
			p.past.Add(int64(61 * time.Second))
			tell()
			p.past.Add(int64(61 * time.Second))
			tell() // the pause is two minutes by now
			p.past.Add(int64(61 * time.Second))
			tell()
			p.past.Add(int64(time.Hour))
			said[address] = told
		}
		first := said["olga@northgate.test"]
		if n, m := strings.Count(first, "See Other"), strings.Count(first, "Too Many Requests"); n != 7 || m != 2 ||
			!strings.Contains(first, "ask again in 1 minute") {
			t.Errorf("of nine times she is answered %d times and has to wait %d times: %s", n, m, first)
		}
		for address, told := range said {
			if told != first {
				t.Errorf("%s is told\n%s\nand Olga\n%s", address, told, first)
			}
		}
		if n := len(w.Said("kenji")) - len(kenji); n != 0 {
			t.Errorf("who has left is sent %d links", n)
		}
		if page := p.browser().sees("/sign-in?asked=1"); !strings.Contains(page, "If somebody here has this address") {
			t.Errorf("who has asked is told %s", page)
		}
		statuses := map[int]int{}
		for i := range 21 {
			status, _, _ := p.browser().asks(string(rune('a'+i))+"@elsewhere.test", "")
			statuses[status]++
		}
		if statuses[303] != 20 || statuses[429] != 1 {
			t.Errorf("twenty-one addresses from one place are answered %v", statuses)
		}
	})
}

// Who is let in has not failed: neither their own tries nor those of the place where they are count against the next.
func TestWhoIsLetInIsForgiven(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		p := opened(t, w)
		for range 25 {
			b := p.browser()
			if status, _, page := b.asks("olga@northgate.test", ""); status != http.StatusSeeOther {
				t.Fatalf("she is answered %d: %s", status, page)
			}
			if status, _, _ := b.send("POST", p.link("olga"), url.Values{}); status != http.StatusSeeOther {
				t.Fatalf("she is not let in: %d", status)
			}
		}
	})
}

// What is no mail address is said beside the field, is sent to nobody and counts as no try.
func TestWhatIsNoAddress(t *testing.T) {
	t.Parallel()
	w := town.OnSQLite(t)
	p := opened(t, w)
	for _, address := range []string{"", "olga", "Olga <olga@northgate.test>", "a@b, c@d", strings.Repeat("a", 300) + "@b.test", `"<script>`} {
		for range 5 {
			status, _, page := p.browser().asks(address, "/work")
			if status != http.StatusOK || !strings.Contains(page, `id="w-mail"`) || strings.Contains(page, "<script>") {
				t.Errorf("%q is answered %d: %s", address, status, page)
			}
		}
	}
	if ledger := w.Ledger(); strings.Contains(ledger, "sign_in") {
		t.Errorf("something is sent: %s", ledger)
	}
}

// All messages of the firm are stopped: who asks for a link still gets it, since who stopped them has to come in to let them go out.
func TestALinkGoesOutWhileMessagesAreStopped(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.WithMail()
		w.Bind("northgate", "olga")
		_, err := w.Store.UpdateMessaging(t.Context(), store.Once{}, w.Now(), func(m *reminders.Messaging) error {
			m.Paused, m.PausedReason = true, "the wrong plan went out"
			return nil
		})
		town.Check(t, err)
		p := opened(t, w)
		b := p.browser()
		b.asks("olga@northgate.test", "/work")
		w.Settle()
		link, _ := p.linkIn(strings.ReplaceAll(string(w.Last("olga").Blocks), `\u003e`, ">"))
		if status, to, page := b.send("POST", link, url.Values{}); status != http.StatusSeeOther || to != "/work" {
			t.Errorf("she is led to %d %s: %s", status, to, page)
		}
	})
}
