package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/store"
)

var hrefs = regexp.MustCompile(`href="(/[^"]*)"`)

// crawl follows every link that somebody's pages offer, from their first page on, and returns the pages by their
// addresses. It fails where a
// link leads to what is not for them or not there.
func (b *window) crawl(who models.PersonID) map[string]string {
	b.Helper()
	pages, queue := map[string]string{}, []string{"/"}
	for len(queue) > 0 && len(pages) < 400 {
		at := queue[0]
		queue = queue[1:]
		if _, been := pages[at]; been || strings.HasPrefix(at, "/static/") {
			continue
		}
		status, to, page := b.send("GET", at, nil)
		pages[at] = page
		switch {
		case status == http.StatusSeeOther:
			queue = append(queue, to)
		case status != http.StatusOK:
			b.Errorf("%s is led to %s and answered %d: %s", who, at, status, page)
		}
		for _, m := range hrefs.FindAllStringSubmatch(page, -1) {
			queue = append(queue, strings.ReplaceAll(m[1], "&amp;", "&"))
		}
	}
	return pages
}

// Everybody follows every link of their pages: each leads somewhere, and nowhere is what the firm keeps to itself, what is another owner's
// alone, or anything of another client. Sara is of another client.
func TestEveryLinkOfEverybodysPages(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		ctx := t.Context()
		secret := w.Task("ines", "Canary-of-the-firm", "2027-01-14")
		chart := w.Task("olga", "Canary-of-olga", "2027-01-13")
		w.Do("e1", "ines", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{secret, chart}[:1],
			Reason: "Canary-of-a-remark", Readers: engagement.ReadersInternal})
		_, err := w.Store.CreatePerson(ctx, store.Once{}, modelstest.Person("hugo"), w.Now())
		town.Check(t, err)
		invited := models.PersonID("hugo")
		w.Do("e1", "marta", engagement.Command{Kind: engagement.EditEngagement, Edit: &engagement.Edit{Auditor: &invited}, Reason: "invited"})
		other := modelstest.Client("westfield")
		other.Name = "Canary-of-westfield"
		_, err = w.Store.CreateClient(ctx, store.Once{}, other, w.Now())
		town.Check(t, err)
		_, err = w.Store.CreatePerson(ctx, store.Once{}, modelstest.Person("sara"), w.Now())
		town.Check(t, err)
		w.On("2027-01-14", 10)
		w.Settle()
		p := opened(t, w)
		hidden := map[models.PersonID][]string{"marta": {}, "ines": {}, "tom": {"Canary-of-westfield"},
			"ruth":  {"Canary-of-a-remark", "Canary-of-westfield"},
			"olga":  {"Canary-of-a-remark", "Canary-of-the-firm", "Canary-of-westfield"},
			"kenji": {"Canary-of-a-remark", "Canary-of-the-firm", "Canary-of-westfield"},
			"sara":  {"Canary-of-a-remark", "Canary-of-the-firm", "Canary-of-olga", "Northgate", "northgate", "Olga", "Ruth"},
			"hugo":  {"Canary-of-a-remark", "Canary-of-the-firm", "Canary-of-olga", "Canary-of-westfield"}}
		for who, canaries := range hidden {
			pages := p.as(who).crawl(who)
			if len(pages) < 8 && who != "sara" {
				t.Errorf("%s has %d pages only", who, len(pages))
			}
			if who == "ines" {
				sara := p.as("sara")
				for at := range pages {
					if !strings.HasPrefix(at, "/engagements/e1") && !strings.HasPrefix(at, "/clients/northgate") && !strings.HasPrefix(at, "/messages/") {
						continue
					}
					if status, _, page := sara.send("GET", at, nil); status != http.StatusNotFound && status != http.StatusForbidden {
						t.Errorf("somebody of another client is answered %d at %s: %s", status, at, page)
					}
				}
			}
			for at, page := range pages {
				for _, canary := range canaries {
					if i := strings.Index(page, canary); i >= 0 {
						t.Errorf("%s reads at %s: %s", who, at, page[max(0, i-200):i+len(canary)])
					}
				}
			}
		}
	})
}

// Ines moves two tasks at once: she is shown what it does before it is done, what she wrote stays where something is wrong with it, and who
// may not move them is not led there.
func TestSeveralTasksAreMovedAtOnce(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		first, second := w.Task("olga", "Send the organization chart", "2027-01-14"), w.Task("kenji", "Send the network plan", "2027-01-15")
		w.On("2027-01-12", 10)
		p := opened(t, w)
		ines := p.as("ines")
		if page := ines.sees("/engagements/e1/tasks"); strings.Count(page, `name="task"`) < 2 || !strings.Contains(page, `value="move"`) {
			t.Fatalf("no tasks can be chosen in %s", page)
		}
		at := "/engagements/e1/chosen?" + url.Values{"do": {"move"}, "task": {string(first), string(second)}}.Encode()
		key := keyField.FindStringSubmatch(ines.sees(at))
		form := url.Values{"key": {key[1]}, "days": {"five"}, "reason": {"the plan <of> spring"}, "step": {"check"}}
		status, _, page := ines.send("POST", at, form)
		if status != 422 || !strings.Contains(page, `id="w-days"`) || !strings.Contains(page, "the plan &lt;of&gt; spring") {
			t.Errorf("five days in words are answered %d: %s", status, page)
		}
		due := func(id models.TaskID) string {
			f, err := w.Store.Facts(t.Context(), "e1", engagement.Need{})
			town.Check(t, err)
			return f.Task(id).Due.String()
		}
		form.Set("days", "2")
		status, _, page = ines.send("POST", at, form)
		if status != 200 || !strings.Contains(page, "What it does") || !strings.Contains(page, "Tue 19 Jan") || due(first) != "2027-01-14" {
			t.Errorf("before it is done it is answered %d: %s", status, page)
		}
		form.Set("key", keyField.FindStringSubmatch(page)[1])
		form.Set("step", "do")
		for range 2 {
			if status, to, page := ines.send("POST", at, form); status != 303 || to != "/engagements/e1/tasks" {
				t.Errorf("done it is answered %d %s: %s", status, to, page)
			}
		}
		if due(first) != "2027-01-19" || due(second) != "2027-01-20" {
			t.Errorf("they are due %s and %s", due(first), due(second))
		}
		if status, _, page := p.as("kenji").send("GET", at, nil); status != 404 {
			t.Errorf("who is not shown one of them is answered %d: %s", status, page)
		}
	})
}

// What changed since yesterday stands on the page of today, and who of the firm has how much to do; the clients' people have no such page.
func TestTodayOfTheFirm(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		chart := w.Task("olga", "Send the organization chart", "2027-01-14")
		w.Task("tom", "Look through the chart", "2027-01-15")
		w.On("2027-01-13", 10)
		w.Do("e1", "olga", engagement.Command{Kind: engagement.CompleteTask, Tasks: []models.TaskID{chart}})
		w.On("2027-01-14", 9)
		p := opened(t, w)
		page := p.as("ines").sees("/today")
		for _, text := range []string{"Olga", "Send the organization chart", `<b>Tom`, "Fri 15 Jan: "} {
			if !strings.Contains(page, text) {
				t.Errorf("%q is not in %s", text, page)
			}
		}
		if status, _, _ := p.as("olga").send("GET", "/today", nil); status != http.StatusForbidden {
			t.Errorf("an owner is answered %d", status)
		}
	})
}

// Marta stops all messages and says why: her colleagues read it on the page, and it stands in the record once, however often it is sent.
func TestMessagesAreStoppedOnAPage(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		p := opened(t, w)
		marta := p.as("marta")
		form := url.Values{"key": {keyField.FindStringSubmatch(marta.sees("/messages"))[1]}, "reason": {""}}
		if status, _, _ := marta.send("POST", "/messages/all/stop", form); status != 400 {
			t.Errorf("without a reason it is answered %d", status)
		}
		form.Set("reason", "the wrong plan went out")
		for range 2 {
			if status, to, page := marta.send("POST", "/messages/all/stop", form); status != 303 || to != "/messages" {
				t.Fatalf("it is answered %d %s: %s", status, to, page)
			}
		}
		page := p.as("ines").sees("/messages")
		if !strings.Contains(page, "The wrong plan went out.") || !strings.Contains(page, "/messages/all/start") {
			t.Errorf("Ines reads %s", page)
		}
		if status, _, _ := p.as("ruth").send("POST", "/messages/all/start", form); status != http.StatusForbidden {
			t.Errorf("the sponsor is answered %d", status)
		}
	})
}

// Ines starts an engagement on a page: she looks at the plan first, is told what is in the way, and that a wanted
// day cannot be met and which
// can; started, it is there, once, with its people. Nobody of a client gets there.
func TestAnEngagementIsStartedOnAPage(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		p := opened(t, w)
		ines := p.as("ines")
		page := ines.sees("/start")
		if !strings.Contains(page, "Observation window") || strings.Contains(page, "Before it can start") {
			t.Errorf("at first she reads %s", page)
		}
		form := url.Values{"look": {"1"}, "client": {""}, "name": {"Pemberton <Labs> Ärzte"}, "people": {"240"}, "country": {"IT"},
			"zone": {"Europe/Rome"}, "type": {"soc2_type2"}, "category": {"security"}, "months": {"6"}, "from": {"report"},
			"kickoff": {"2027-02-01"}, "report": {"2027-05-03"}, "partner": {"marta"}, "manager": {"ines"}, "team": {"tom"},
			"f-sponsor": {"Ada Rossi <ada@pemberton.test>"}, "b-sponsor": {"Ugo <ugo"}}
		page = ines.sees("/start?" + form.Encode())
		for _, text := range []string{"cannot be", "Plan for that", "Backup of Client sponsor (executive): write a name"} {
			if !strings.Contains(page, text) {
				t.Errorf("%q is not in %s", text, page)
			}
		}
		form.Set("b-sponsor", "Ugo Bianchi <ugo@pemberton.test>")
		form.Set("f-security_lead", "ugo@pemberton.test")
		form.Set("from", "kickoff")
		page = ines.sees("/start?" + form.Encode())
		if strings.Contains(page, "Before it can start") || !strings.Contains(page, "Ada Rossi <b>") || !strings.Contains(page, "&lt;Labs&gt;") {
			t.Errorf("then she reads %s", page)
		}
		form.Set("key", keyField.FindStringSubmatch(page)[1])
		for range 2 {
			status, to, page := ines.send("POST", "/start", form)
			if status != 303 || to != "/engagements/pemberton-labs-rzte-2027" {
				t.Fatalf("started it is answered %d %s: %s", status, to, page)
			}
		}
		f, err := w.Store.Facts(t.Context(), "pemberton-labs-rzte-2027", engagement.Need{})
		town.Check(t, err)
		if f.Engagement.Status != engagement.StatusRunning || f.Client.Country != "IT" || len(f.Duties) != 2 || f.Engagement.WindowMonths != 6 {
			t.Errorf("it is %s with %v of %s", f.Engagement.Status, f.Duties, f.Client.Country)
		}
		form.Set("key", "another-key-of-a-page")
		form.Set("people", "many")
		if status, _, page := ines.send("POST", "/start", form); status != 422 && !strings.Contains(page, "is no number") {
			t.Errorf("with many people it is answered %d: %s", status, page)
		}
		again := url.Values{"look": {"1"}, "client": {"pemberton-labs-rzte"}, "type": {"soc2_type1"}, "kickoff": {"2027-09-01"},
			"partner": {"marta"}, "manager": {"ines"}, "f-sponsor": {""}, "b-sponsor": {""}}
		if page := ines.sees("/start?" + again.Encode()); !strings.Contains(page, `name="f-sponsor" value="Ada Rossi"`) {
			t.Errorf("the company's sponsor is not there: %s", page)
		}
		if status, _, _ := p.as("ruth").send("GET", "/start", nil); status != http.StatusForbidden {
			t.Errorf("the sponsor is answered %d", status)
		}
	})
}

// A list as a file has what the page has, and no cell of it is a formula, whatever people write.
func TestListsAreFilesToo(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Task("olga", `=HYPERLINK("http://evil.test","Send")`, "2027-01-14")
		w.On("2027-01-12", 10)
		p := opened(t, w)
		for at, text := range map[string]string{"/engagements/e1/tasks": "'=HYPERLINK", "/engagements/e1/record": "engagement.started",
			"/portfolio": "Northgate", "/messages": "Subject", "/engagements/e1/messages": "Subject"} {
			file := p.as("ines").sees(at + "?as=csv")
			if !strings.HasPrefix(file, "\ufeff") || !strings.Contains(file, text) || strings.Contains(file, "<html") {
				t.Errorf("%s is %s", at, file)
			}
			if strings.Contains(file, "\n=") || strings.Contains(file, ",=") || strings.Contains(file, `,"=`) {
				t.Errorf("%s has a formula: %s", at, file)
			}
		}
		if file := p.as("kenji").sees("/engagements/e1/tasks?as=csv"); strings.Contains(file, "HYPERLINK") {
			t.Errorf("Kenji has a file of what is Olga's: %s", file)
		}
		if b := p.as("kenji").book("/engagements/e1/tasks?as=xlsx"); strings.Contains(strings.Join(b.cells(), "\n"), "HYPERLINK") {
			t.Errorf("Kenji has a workbook of what is Olga's: %q", b.cells())
		}
	})
}
