package web_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/modelstest"
	"tickmark/models/store"
)

// What somebody types is found among what they are shown, and nothing else is: not what the firm keeps to itself, not what is somebody
// else's, not another client. Days are found as people write them.
func TestFindShowsWhatSeesShows(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Task("ines", "Canary of the firm", "2027-01-14")
		chart := w.Task("olga", "Canary of olga <b>", "2027-06-08")
		_, err := w.Store.CreateClient(t.Context(), store.Once{}, modelstest.Client("westfield"), w.Now())
		town.Check(t, err)
		_, err = w.Store.CreatePerson(t.Context(), store.Once{}, modelstest.Person("sara"), w.Now())
		town.Check(t, err)
		w.On("2027-01-12", 10)
		p := opened(t, w)
		for _, c := range []struct {
			who       models.PersonID
			q         string
			has, lack []string
		}{
			{"ines", "canary", []string{"Canary of the firm", "Canary of olga &lt;b&gt;", "/tasks/" + string(chart)}, []string{"<b>"}},
			{"ines", "NORTHGATE", []string{"/engagements/e1", "/clients/northgate"}, []string{"Westfield"}},
			{"ines", "olga", []string{"/clients/northgate"}, nil},
			{"ines", "8 june", []string{"/portfolio?on=2027-06-08", "Canary of olga"}, []string{"Canary of the firm"}},
			{"ines", "Start an", []string{`href="/start"`}, nil},
			{"olga", "canary", []string{"Canary of olga"}, []string{"Canary of the firm"}},
			{"olga", "start an", nil, []string{`href="/start"`}},
			{"olga", "8 June 2027", []string{"Canary of olga"}, nil},
			{"olga", "kenji", nil, []string{"Kenji"}},
			{"kenji", "canary", []string{"Nothing is called so"}, []string{"Canary"}},
			{"sara", "northgate", []string{"Nothing is called so"}, []string{"/engagements/"}},
			{"sara", "canary", []string{"Nothing is called so"}, []string{"Canary"}},
			{"sara", "8 june", nil, []string{"Canary"}},
		} {
			page := p.as(c.who).sees("/find?" + url.Values{"q": {c.q}}.Encode())
			_, found, _ := strings.Cut(page, `id="found"`)
			found, _, _ = strings.Cut(found, "</main>")
			for _, text := range c.has {
				if !strings.Contains(found, text) {
					t.Errorf("%s looks for %q and does not find %q in %s", c.who, c.q, text, found)
				}
			}
			for _, text := range c.lack {
				if strings.Contains(found, text) {
					t.Errorf("%s looks for %q and finds %q in %s", c.who, c.q, text, found)
				}
			}
		}
		ines := p.as("ines")
		if page := ines.sees("/portfolio?on=2028-06-08"); !strings.Contains(page, "2028") {
			t.Errorf("the timeline does not stand there: %s", page)
		}
		for _, at := range []string{"/portfolio?on=soon", "/find?q=" + strings.Repeat("x", 101)} {
			if status, _, _ := ines.send("GET", at, nil); status != http.StatusBadRequest {
				t.Errorf("%s is answered %d", at, status)
			}
		}
	})
}

// How somebody likes the pages is kept in their browser, from the first byte of a page on; what they cannot be is not taken.
func TestHowThePagesAreLiked(t *testing.T) {
	w := town.OnSQLite(t)
	ines := opened(t, w).as("ines")
	like := func(form url.Values) string {
		t.Helper()
		if status, to, page := ines.send("POST", "/account/pages", form); status != http.StatusSeeOther || strings.Contains(to, "evil") {
			t.Fatalf("%v is answered %d %s: %s", form, status, to, page)
		}
		res, err := ines.http.Get(ines.url + "/portfolio")
		town.Check(t, err)
		defer res.Body.Close()
		page, err := io.ReadAll(res.Body)
		town.Check(t, err)
		return string(page)
	}
	page := like(url.Values{"mode": {"dark"}, "back": {"https://evil.test/"}})
	if !strings.Contains(page, `<html lang="en" data-theme="dark">`) {
		t.Errorf("in the dark it is %s", page[:200])
	}
	if page := like(url.Values{"mode": {`"><b>`}}); !strings.Contains(page, `data-theme="dark"`) {
		t.Errorf("what is no look changes it: %s", page[:200])
	}
	if page := like(url.Values{"mode": {""}}); strings.Contains(page, `data-theme`) {
		t.Errorf("as the system has it, it is %s", page[:200])
	}
	if page := like(url.Values{"keys": {"off"}}); !strings.Contains(page, `data-keys="off"`) {
		t.Errorf("the letters are on")
	}
	if page := like(url.Values{"keys": {"on"}}); strings.Contains(page, `data-keys="off"`) {
		t.Errorf("the letters are off")
	}
}
