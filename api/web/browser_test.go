package web_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"tickmark/activities/fake/browser"
	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/store"
)

// A fit is what a browser finds on a page: how wide it is, what is too small to be touched, and what axe-core finds
// of what people who see or
// move otherwise stumble over.
type fit struct {
	Wide  int
	Small []string
	Axe   []string
}

// measures returns the fit of a page. Links inside sentences are as tall as their line (WCAG 2.5.8 lets them be).
const measures = `(async () => {
	const seen = e => { const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0 &&
		getComputedStyle(e).visibility != 'hidden' };
	const touched = 'button, select, .btn, .dock a, .tabs a, .pick a, input:not([type=hidden]):not([type=checkbox]):not([type=radio])';
	const small = [...document.querySelectorAll(touched)]
		.filter(e => seen(e) && !e.closest('p.mute, .me') && e.getBoundingClientRect().height < 43.5)
		.map(e => e.outerHTML.slice(0, 90) + ' is ' + Math.round(e.getBoundingClientRect().height) + ' px');
	const found = await axe.run(document, {resultTypes: ['violations']});
	return JSON.stringify({Wide: document.documentElement.scrollWidth, Small: small, Axe: found.violations
		.filter(v => v.impact == 'serious' || v.impact == 'critical')
		.map(v => v.id + ': ' + v.help + ' at ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 120)).join(' and '))});
})()`

// Everybody's pages in a browser: on a phone nothing scrolls sideways and what is touched is tall enough, and in the light and in the dark
// axe-core finds nothing serious. TICKMARK_PAGES=all looks at all widths and modes, as make pages does; otherwise at two.
func TestPagesInABrowser(t *testing.T) {
	script, err := os.ReadFile("testdata/axe.min.js")
	town.Check(t, err)
	w := town.OnSQLite(t)
	w.Task("olga", "Send "+strings.Repeat("a very long list ", 10)+"<b>of</b> مرحبا 🙂", "2027-01-14")
	late := w.Task("tom", "Look through the list", "2027-01-12")
	w.Do("e1", "ines", engagement.Command{Kind: engagement.CommentTask, Tasks: []models.TaskID{late}, Reason: strings.Repeat("word", 60)})
	_, err = w.Store.CreatePerson(t.Context(), store.Once{}, modelstest.Person("hugo"), w.Now())
	town.Check(t, err)
	w.On("2027-01-14", 10)
	w.Settle()
	p := opened(t, w)
	type look struct {
		wide int
		dark bool
	}
	looks := []look{{1440, false}, {390, true}}
	if os.Getenv("TICKMARK_PAGES") == "all" {
		looks = []look{{1440, false}, {1440, true}, {1024, false}, {390, false}, {390, true}, {360, false}}
	}
	for who, at := range map[models.PersonID][]string{
		"ines": {"/portfolio", "/engagements/e1", "/engagements/e1/tasks", "/engagements/e1/tasks?by=owner", "/engagements/e1/tasks?by=board",
			"/engagements/e1/tasks/" + string(late), "/engagements/e1/people", "/engagements/e1/messages", "/engagements/e1/record", "/today",
			"/messages", "/clients", "/clients/northgate", "/people", "/account", "/start?look=1",
			"/engagements/e1/chosen?do=move&task=" + url.QueryEscape(string(late))},
		"olga": {"/work", "/portfolio", "/engagements/e1", "/account"},
		"ruth": {"/work", "/engagements/e1", "/engagements/e1/people"},
	} {
		b := browser.Open(t)
		site, err := url.Parse(p.url)
		town.Check(t, err)
		for _, c := range p.as(who).http.Jar.Cookies(site) {
			b.Has(p.url, c.Name, c.Value)
		}
		for _, l := range looks {
			b.Looks(l.wide, 900, l.dark)
			for _, page := range at {
				b.Goes(p.url + page)
				b.Waits(p.url + page)
				b.Waits("Tickmark")
				b.Runs(string(script))
				var got fit
				town.Check(t, json.Unmarshal([]byte(b.Runs(measures)), &got))
				name := fmt.Sprintf("%s as %s at %d px, dark %t", page, who, l.wide, l.dark)
				if got.Wide > l.wide {
					t.Errorf("%s scrolls sideways: it is %d px wide", name, got.Wide)
				}
				if l.wide < 600 && len(got.Small) > 0 {
					t.Errorf("%s has what is too small to touch:\n\t%s", name, strings.Join(slices.Compact(got.Small), "\n\t"))
				}
				if len(got.Axe) > 0 {
					t.Errorf("%s:\n\t%s", name, strings.Join(got.Axe, "\n\t"))
				}
			}
		}
	}
}
