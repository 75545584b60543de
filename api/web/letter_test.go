package web_test

import (
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"tickmark/activities/fake/town"
	"tickmark/api/web"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/seal"
	"tickmark/models/store"
)

// letters are the pages of a town.
func letters(w *town.Town) *web.Letters {
	return &web.Letters{Root: w.Root, Engine: w.Desk.Engine, Site: w.Post.Site, Now: w.Now, Log: slog.New(slog.DiscardHandler)}
}

// By the link in her mail Olga looks at her tasks, says that one is done, and asks for more time for the other. Looking changes nothing;
// sending a form twice does it once; a link that was changed, or is old, shows nothing.
func TestPagesOfMails(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		server := w.WithMail()
		chart, left := w.Task("olga", "Send the organization chart", "2027-01-14"),
			w.Task("olga", "List everybody who left since July", "2027-01-15")
		w.On("2027-01-13", 10)
		w.Settle()
		site := httptest.NewServer(letters(w).Handler())
		defer site.Close()
		p := pagesOfMail{T: t, w: w, site: site.URL, text: server.MessagesTo("olga@northgate.test")[0].Text}
		p.listsHerTasks()
		p.isDoneOnce(chart)
		p.asksForMoreTime(left)
		p.forgedLinksShowNothing()
		p.actsOnNothingElse(chart)
		p.unsubscribesByPostAlone()
		w.On("2027-01-14", 10)
		w.Settle()
		if got := server.MessagesTo("olga@northgate.test"); len(got) != 1 {
			t.Errorf("unsubscribed, she has %d letters", len(got))
		}
		w.On("2027-02-12", 10) // the link is a month old
		if status, body := p.ask("GET", p.link("act"), nil); status != 404 || !strings.Contains(body, "too old") {
			t.Errorf("%d %s", status, body)
		}
	})
}

// pagesOfMail are the pages behind the links of a mail to Olga.
type pagesOfMail struct {
	*testing.T
	w    *town.Town
	site string // the address at which the pages are served
	text string // the text of the mail
}

// link returns the address of a link in the mail; kind is act or unsubscribe.
func (p pagesOfMail) link(kind string) string {
	p.Helper()
	at := regexp.MustCompile(`https://tickmark\.test(/m/` + kind + `/\S+)`).FindStringSubmatch(p.text)
	if at == nil {
		p.Fatalf("no link in %s", p.text)
	}
	return p.site + at[1]
}

// to returns the address of the form for an act on a task.
func (p pagesOfMail) to(a engagement.Act, id models.TaskID) string {
	p.Helper()
	return p.link("act") + "?" + url.Values{"act": {string(a)}, "engagement": {"e1"}, "item": {"do:" + string(id)}}.Encode()
}

// key returns the key that the form of a page sends along.
func (p pagesOfMail) key(page string) string {
	p.Helper()
	m := regexp.MustCompile(`name="key" value="(\w+)"`).FindStringSubmatch(page)
	if m == nil {
		p.Fatalf("no form in %s", page)
	}
	return m[1]
}

// ask sends a request and returns the status and the body of the answer, whose headers keep it out of frames and referrers.
func (p pagesOfMail) ask(method, at string, form url.Values) (int, string) {
	p.Helper()
	req, err := http.NewRequest(method, at, strings.NewReader(form.Encode()))
	town.Check(p, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(req)
	town.Check(p, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	town.Check(p, err)
	if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") ||
		res.Header.Get("Referrer-Policy") != "same-origin" {
		p.Errorf("%s: headers %v", at, res.Header)
	}
	return res.StatusCode, string(body)
}

func (p pagesOfMail) listsHerTasks() {
	p.Helper()
	status, list := p.ask("GET", p.link("act"), nil)
	if status != 200 || !strings.Contains(list, "Hello Olga") || !strings.Contains(list, "Send the organization chart") {
		p.Fatalf("%d %s", status, list)
	}
	town.Golden(p.T, "mail/page_list", town.Changing.ReplaceAllString(list, "SIGNED"))
}

// isDoneOnce looks at the form of a task, which changes nothing, and sends it twice.
func (p pagesOfMail) isDoneOnce(id models.TaskID) {
	p.Helper()
	_, form := p.ask("GET", p.to(engagement.ActDone, id), nil)
	if s := p.w.State(id).State; s != engagement.TaskOpen {
		p.Fatalf("looking at the page made it %s", s)
	}
	for range 2 {
		if status, body := p.ask("POST", p.to(engagement.ActDone, id), url.Values{"key": {p.key(form)}}); status != 200 ||
			!strings.Contains(body, "Olga did it on Wed 2027-01-13") {
			p.Errorf("%d %s", status, body)
		}
	}
}

// asksForMoreTime sends the form without a reason, which is asked for, and then with one.
func (p pagesOfMail) asksForMoreTime(id models.TaskID) {
	p.Helper()
	_, form := p.ask("GET", p.to(engagement.ActMoreTime, id), nil)
	town.Golden(p.T, "mail/page_form", strings.ReplaceAll(town.Changing.ReplaceAllString(form, "SIGNED"), p.key(form), "KEY"))
	if status, body := p.ask("POST", p.to(engagement.ActMoreTime, id),
		url.Values{"key": {p.key(form)}, "due": {"2027-01-28"}}); status != 200 || !strings.Contains(body, "Why? This is missing") ||
		!strings.Contains(body, `value="2027-01-28"`) {
		p.Errorf("%d %s", status, body)
	}
	if _, body := p.ask("POST", p.to(engagement.ActMoreTime, id),
		url.Values{"key": {p.key(form)}, "due": {"2027-01-28"}, "reason": {"Vacation"}}); !strings.Contains(body,
		"you asked for more time, until Thu 2027-01-28") {
		p.Errorf("%s", body)
	}
}

func (p pagesOfMail) forgedLinksShowNothing() {
	p.Helper()
	act := p.link("act")
	for name, at := range map[string]string{"changed": act[:len(act)-2] + "xx",
		"another's": strings.Replace(act, "/act/", "/unsubscribe/", 1), "none": p.site + "/m/act/x",
		"of another use": strings.Replace(p.link("unsubscribe"), "/unsubscribe/", "/act/", 1)} {
		if status, body := p.ask("GET", at, nil); status != 404 || strings.Contains(body, "Olga") {
			p.Errorf("%s: %d %s", name, status, body)
		}
	}
}

// actsOnNothingElse asks for a task of somebody else, and for an act that there is not on a task of hers.
func (p pagesOfMail) actsOnNothingElse(hers models.TaskID) {
	p.Helper()
	other := p.w.Task("kenji", "Send the network diagram", "2027-01-14")
	if status, _ := p.ask("GET", p.to(engagement.ActDone, other), nil); status == 200 {
		p.Error("a task that the mail does not speak of can be done by it")
	}
	if status, body := p.ask("POST", p.to("nonsense", hers), url.Values{"key": {"x"}}); status == 200 {
		p.Errorf("%s", body)
	}
}

func (p pagesOfMail) unsubscribesByPostAlone() {
	p.Helper()
	if status, body := p.ask("GET", p.link("unsubscribe"), nil); status != 200 || !strings.Contains(body, "Stop reminders by mail") {
		p.Errorf("%d %s", status, body)
	}
	if to, err := p.w.Store.Recipient(p.Context(), "olga", 2027, true); err != nil || to.Prefs.MailOff {
		p.Errorf("looking at the page has unsubscribed her: %v", err)
	}
	if status, body := p.ask("POST", p.link("unsubscribe"), url.Values{"List-Unsubscribe": {"One-Click"}}); status != 200 {
		p.Errorf("%d %s", status, body)
	}
}

// On Tuesday Ines asks Olga, whom mail reaches. By the link in it she reads the question and answers it on Wednesday: looking at the page
// answers nothing, a form that is sent twice answers once, and with other words it corrects the answer. Ines hears.
func TestAnsweringByMail(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		server := w.WithMail()
		task := w.Task("olga", "Collect the client profile", "2027-02-14")
		w.On("2027-01-12", 11)
		id := w.Do("e1", "ines", engagement.Command{Kind: engagement.AskTask, Tasks: []models.TaskID{task}, Person: "olga",
			Reason: "Which accounts are in scope?"})
		w.Soon()
		letter := server.MessagesTo("olga@northgate.test")[0].Text
		if !strings.Contains(letter, "Ines asks you") || !strings.Contains(letter, "Which accounts are in scope?") {
			t.Fatalf("she reads %s", letter)
		}
		site := httptest.NewServer(letters(w).Handler())
		defer site.Close()
		p := pagesOfMail{T: t, w: w, site: site.URL, text: letter}
		w.On("2027-01-13", 10)
		at := p.link("act") + "?" + url.Values{"act": {"answer"}, "engagement": {"e1"}, "item": {"answer:" + id}}.Encode()
		stands := func(want engagement.QuestionState, answer string) {
			f, err := w.Store.Facts(t.Context(), "e1", engagement.Need{Questions: []string{id}})
			town.Check(t, err)
			if q := f.Question(id); q.State != want || q.Answer != answer {
				t.Errorf("it is %s: %q", q.State, q.Answer)
			}
		}
		_, list := p.ask("GET", p.link("act"), nil)
		_, form := p.ask("GET", at, nil)
		_, _ = p.ask("HEAD", at, nil)
		if !strings.Contains(list, "Answer…") || !strings.Contains(form, "Ines asks: “Which accounts are in scope?”") {
			t.Errorf("she is shown %s\n%s", list, form)
		}
		stands(engagement.QuestionOpen, "")
		if _, body := p.ask("POST", at, url.Values{"key": {p.key(form)}}); !strings.Contains(body, "Your answer: this is missing") {
			t.Errorf("without words: %s", body)
		}
		for range 2 {
			status, body := p.ask("POST", at, url.Values{"key": {p.key(form)}, "reason": {"All of org 1234"}})
			if status != 200 || !strings.Contains(body, "answered by Olga on Wed 2027-01-13: All of org 1234") {
				t.Errorf("%d %s", status, body)
			}
		}
		stands(engagement.QuestionAnswered, "All of org 1234")
		w.Soon()
		if m := w.Last("ines"); !strings.Contains(m.Text, "answers your question: “All of org 1234”") {
			t.Errorf("Ines reads %s", m.Text)
		}
		_, form = p.ask("GET", at, nil)
		if !strings.Contains(form, "Correct your answer") || !strings.Contains(form, "All of org 1234") {
			t.Errorf("she is shown %s", form)
		}
		_, _ = p.ask("POST", at, url.Values{"key": {p.key(form)}, "reason": {"All of org 1235"}})
		stands(engagement.QuestionAnswered, "All of org 1235")
		_, comments, err := w.Store.Task(t.Context(), "e1", task)
		if town.Check(t, err); len(comments) != 3 {
			t.Errorf("said was %+v", comments)
		}
	})
}

// Olga's address changes while a mail to the former one is a day old. By its links nobody reads her tasks, nor her new address, nor ends
// the mails that come there; by those of the mail to the new address she does.
func TestLinksEndWithTheAddress(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		server := w.WithMail()
		w.Task("olga", "Send the organization chart", "2027-01-14")
		w.On("2027-01-13", 10)
		w.Settle()
		site := httptest.NewServer(letters(w).Handler())
		defer site.Close()
		p := pagesOfMail{T: t, w: w, site: site.URL, text: server.MessagesTo("olga@northgate.test")[0].Text}
		unbound := site.URL + seal.LettersPath + "unsubscribe/" + base64.RawURLEncoding.EncodeToString([]byte("acme\nolga")) + "." +
			w.Root.Keys.Sign("acme\nolga", "unsubscribe") // as the release before made them
		opens := []string{p.link("act"), p.link("unsubscribe"), unbound}
		p.answer(200, opens...)
		address := func(to string) {
			_, err := w.Store.UpdatePerson(t.Context(), store.Once{}, "olga", w.Now(), func(p *models.Person) error { p.Email = to; return nil })
			town.Check(t, err)
		}
		address("Olga@Northgate.test")
		p.answer(200, opens...)
		address("olga.new@northgate.test")
		p.answer(404, opens...)
		w.On("2027-01-15", 10)
		w.Settle()
		if got := server.MessagesTo("olga.new@northgate.test"); len(got) != 1 {
			t.Fatalf("at her new address are %d letters\n%s", len(got), w.Ledger())
		}
		p.text = server.MessagesTo("olga.new@northgate.test")[0].Text
		p.answer(404, opens...)
		p.answer(200, p.link("act"))
		if to, err := w.Store.Recipient(t.Context(), "olga", 2027, true); err != nil || to.Prefs.MailOff {
			t.Errorf("by a former link she is unsubscribed: %v", err)
		}
		p.answer(200, p.link("unsubscribe"))
		address("")
		p.answer(404, append(opens, p.link("act"), p.link("unsubscribe"))...)
	})
}

// Olga leaves: the links of her mails open nothing, and unsubscribe nobody.
func TestLinksEndWithTheirPerson(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		server := w.WithMail()
		w.Task("olga", "Send the organization chart", "2027-01-14")
		w.On("2027-01-13", 10)
		w.Settle()
		site := httptest.NewServer(letters(w).Handler())
		defer site.Close()
		p := pagesOfMail{T: t, w: w, site: site.URL, text: server.MessagesTo("olga@northgate.test")[0].Text}
		opens := []string{p.link("act"), p.link("unsubscribe")}
		p.answer(200, opens...)
		_, err := w.Store.UpdatePerson(t.Context(), store.Once{Actor: "ruth"}, "olga", w.Now(),
			func(p *models.Person) error { p.Active = false; return nil })
		town.Check(t, err)
		p.answer(404, opens...)
		if to, err := w.Store.Recipient(t.Context(), "olga", 2027, true); err != nil || to.Prefs.MailOff {
			t.Errorf("she is unsubscribed: %v", err)
		}
	})
}

// answer looks at addresses, which answer with a status. To those that are refused it also posts, and they do not name her.
func (p pagesOfMail) answer(want int, at ...string) {
	p.Helper()
	for _, link := range at {
		methods := []string{"GET"}
		if want != 200 {
			methods = append(methods, "POST")
		}
		for _, method := range methods {
			if status, body := p.ask(method, link, nil); status != want || want != 200 && strings.Contains(body, "olga") {
				p.Errorf("%s %s: %d %s", method, link, status, body)
			}
		}
	}
}
