package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tickmark/activities/fake/town"
)

// Marta makes a demo and looks at it, which every page says; her own firm cannot be dropped. Looking drops nothing, nor does a button that
// she has not confirmed; confirmed, the demo is gone and she is at her own firm again. Nobody but a partner may make one.
func TestAPartnerLooksAtADemo(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		p := opened(t, w)
		marta := p.as("marta")
		if page := marta.sees("/welcome"); !strings.Contains(page, "Make a demo") || strings.Contains(page, "This is a demo") {
			t.Errorf("at her own firm she reads %s", page)
		}
		if status, _, _ := p.as("ines").send("POST", "/welcome/demo", url.Values{}); status != http.StatusForbidden {
			t.Errorf("a manager is answered %d", status)
		}
		if status, _, _ := marta.send("POST", "/welcome/drop", url.Values{"sure": {"yes"}}); status != http.StatusForbidden {
			t.Errorf("dropping her own firm is answered %d", status)
		}
		if status, to, page := marta.send("POST", "/welcome/demo", url.Values{}); status != http.StatusSeeOther || to != "/portfolio" {
			t.Fatalf("making it is answered %d %s: %s", status, to, page)
		}
		for _, at := range []string{"/portfolio", "/today", "/work", "/messages", "/clients", "/people", "/welcome",
			"/engagements/fernleaf-type1", "/engagements/northgate-type2/tasks", "/engagements/alder-type1/record"} {
			if page := marta.sees(at); !strings.Contains(page, "This is a demo") {
				t.Errorf("%s does not say that it is a demo", at)
			}
		}
		if page := marta.sees("/portfolio"); strings.Contains(page, "/engagements/e1") || !strings.Contains(page, "Fernleaf") {
			t.Errorf("in the demo she sees %s", page)
		}
		marta.sees("/welcome?drop=1")
		if _, to, _ := marta.send("POST", "/welcome/drop", url.Values{}); to != "/welcome?drop=1" {
			t.Errorf("not confirmed it leads to %s", to)
		}
		if _, err := w.Store.Demo(t.Context()); err != nil {
			t.Errorf("not confirmed it is gone: %v", err)
		}
		if status, to, page := marta.send("POST", "/welcome/drop", url.Values{"sure": {"yes"}}); status != 303 || to != "/welcome" {
			t.Errorf("dropping it is answered %d %s: %s", status, to, page)
		}
		if page := marta.sees("/portfolio"); !strings.Contains(page, "/engagements/e1") || strings.Contains(page, "This is a demo") {
			t.Errorf("back at her firm she sees %s", page)
		}
		if _, err := w.Store.Demo(t.Context()); err == nil {
			t.Error("the demo is still there")
		}
	})
}
