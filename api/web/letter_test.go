package web_test

import (
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
		text := server.MessagesTo("olga@northgate.test")[0].Text
		link := func(kind string) string {
			at := regexp.MustCompile(`https://tickmark\.test(/m/` + kind + `/\S+)`).FindStringSubmatch(text)
			if at == nil {
				t.Fatalf("no link in %s", text)
			}
			return site.URL + at[1]
		}
		ask := func(method, at string, form url.Values) (int, string) {
			t.Helper()
			req, err := http.NewRequest(method, at, strings.NewReader(form.Encode()))
			town.Check(t, err)
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			res, err := http.DefaultClient.Do(req)
			town.Check(t, err)
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			town.Check(t, err)
			if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") ||
				res.Header.Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("%s: headers %v", at, res.Header)
			}
			return res.StatusCode, string(body)
		}
		act := link("act")
		status, list := ask("GET", act, nil)
		if status != 200 || !strings.Contains(list, "Hello Olga") || !strings.Contains(list, "Send the organization chart") {
			t.Fatalf("%d %s", status, list)
		}
		town.Golden(t, "mail/page_list", town.Changing.ReplaceAllString(list, "SIGNED"))
		to := func(a engagement.Act, id models.TaskID) string {
			return act + "?" + url.Values{"act": {string(a)}, "engagement": {"e1"}, "item": {"do:" + string(id)}}.Encode()
		}
		key := func(page string) string {
			m := regexp.MustCompile(`name="key" value="(\w+)"`).FindStringSubmatch(page)
			if m == nil {
				t.Fatalf("no form in %s", page)
			}
			return m[1]
		}
		_, form := ask("GET", to(engagement.ActDone, chart), nil)
		if s := w.State(chart).State; s != engagement.TaskOpen {
			t.Fatalf("looking at the page made it %s", s)
		}
		for range 2 {
			if status, body := ask("POST", to(engagement.ActDone, chart), url.Values{"key": {key(form)}}); status != 200 ||
				!strings.Contains(body, "done by Olga on 2027-01-13") {
				t.Errorf("%d %s", status, body)
			}
		}
		_, form = ask("GET", to(engagement.ActMoreTime, left), nil)
		town.Golden(t, "mail/page_form", strings.ReplaceAll(town.Changing.ReplaceAllString(form, "SIGNED"), key(form), "KEY"))
		if status, body := ask("POST", to(engagement.ActMoreTime, left),
			url.Values{"key": {key(form)}, "due": {"2027-01-28"}}); status != 200 || !strings.Contains(body, "Why? This is missing") ||
			!strings.Contains(body, `value="2027-01-28"`) {
			t.Errorf("%d %s", status, body)
		}
		if _, body := ask("POST", to(engagement.ActMoreTime, left),
			url.Values{"key": {key(form)}, "due": {"2027-01-28"}, "reason": {"Vacation"}}); !strings.Contains(body,
			"you asked for more time, until Thu 2027-01-28") {
			t.Errorf("%s", body)
		}
		for name, at := range map[string]string{"changed": act[:len(act)-2] + "xx",
			"another's": strings.Replace(act, "/act/", "/unsubscribe/", 1), "none": site.URL + "/m/act/x",
			"of another use": strings.Replace(link("unsubscribe"), "/unsubscribe/", "/act/", 1)} {
			if status, body := ask("GET", at, nil); status != 404 || strings.Contains(body, "Olga") {
				t.Errorf("%s: %d %s", name, status, body)
			}
		}
		other := w.Task("kenji", "Send the network diagram", "2027-01-14")
		if status, _ := ask("GET", to(engagement.ActDone, other), nil); status == 200 {
			t.Error("a task that the mail does not speak of can be done by it")
		}
		if status, body := ask("POST", to("nonsense", chart), url.Values{"key": {"x"}}); status == 200 {
			t.Errorf("%s", body)
		}

		if status, body := ask("GET", link("unsubscribe"), nil); status != 200 || !strings.Contains(body, "Stop reminders by mail") {
			t.Errorf("%d %s", status, body)
		}
		if to, err := w.Store.Recipient(t.Context(), "olga", 2027, true); err != nil || to.Prefs.MailOff {
			t.Errorf("looking at the page has unsubscribed her: %v", err)
		}
		if status, body := ask("POST", link("unsubscribe"), url.Values{"List-Unsubscribe": {"One-Click"}}); status != 200 {
			t.Errorf("%d %s", status, body)
		}
		w.On("2027-01-14", 10)
		w.Settle()
		if got := server.MessagesTo("olga@northgate.test"); len(got) != 1 {
			t.Errorf("unsubscribed, she has %d letters", len(got))
		}
		w.On("2027-02-12", 10) // the link is a month old
		if status, body := ask("GET", act, nil); status != 404 || !strings.Contains(body, "too old") {
			t.Errorf("%d %s", status, body)
		}
	})
}
