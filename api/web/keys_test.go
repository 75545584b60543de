package web_test

import (
	"net/url"
	"testing"

	"tickmark/activities/fake/browser"
	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/modelstest/await"
)

// in opens a browser without a screen in which somebody is signed in.
func (p *place) in(who models.PersonID) *browser.Browser {
	p.Helper()
	b := browser.Open(p.T)
	site, err := url.Parse(p.url)
	town.Check(p, err)
	for _, c := range p.as(who).http.Jar.Cookies(site) {
		b.Has(p.url, c.Name, c.Value)
	}
	b.Looks(1440, 900, false)
	return b
}

// Ines goes through her day with the keys alone: she jumps to a task, turns the pages of an engagement, moves in the list and opens a task,
// and comes to her work. What she types in a field is text; and when she has switched the letters off they do nothing.
func TestADayWithTheKeysAlone(t *testing.T) {
	w := town.OnSQLite(t)
	chart := w.Task("olga", "Send the organization chart", "2027-01-14")
	w.Task("ines", "Look through the chart", "2027-01-15")
	w.On("2027-01-12", 10)
	p := opened(t, w)
	b := p.in("ines")
	at := func(want string) {
		t.Helper()
		await.Until(t, want, func() bool { return b.Runs("location.pathname") == want && b.Runs("document.readyState") == "complete" })
	}
	until := func(what, script string) {
		t.Helper()
		await.Until(t, what, func() bool { return b.Runs(script) == "true" })
	}
	b.Goes(p.url + "/portfolio")
	at("/portfolio")
	b.Press("j")
	until("the first row is marked", `document.activeElement.closest("tr.eng[data-cursor]") !== null`)
	b.Press("/")
	until("the filter has the focus", `document.activeElement.matches("#main .find input")`)
	b.Press("j")
	until("a letter is a letter", `document.activeElement.value === "j"`)
	b.Runs(`document.activeElement.blur()`)
	b.Press("?")
	until("the keys are told", `document.getElementById("keys").open`)
	b.Press("Escape")
	until("and put away", `!document.getElementById("keys").open`)
	b.Press("Control+k")
	until("the palette is open, with pages", `document.getElementById("palette").open &&
		document.querySelectorAll("#palette [role=option]").length > 3`)
	b.Types("Send the organization")
	until("the task is found and chosen", `document.querySelectorAll("#palette [role=option]").length === 1 &&
		document.getElementById(document.activeElement.getAttribute("aria-activedescendant")).textContent.includes("organization chart")`)
	b.Press("Enter")
	at("/engagements/e1/tasks/" + string(chart))
	b.Goes(p.url + "/engagements/e1")
	at("/engagements/e1")
	b.Press("2")
	at("/engagements/e1/tasks")
	b.Press("j")
	b.Press("j")
	b.Press("k")
	until("the first task is marked", `document.querySelectorAll("tr.task")[0].hasAttribute("data-cursor")`)
	b.Press("Enter")
	until("a task is open", `location.pathname.startsWith("/engagements/e1/tasks/") && document.readyState === "complete"`)
	b.Press("t")
	at("/today")
	b.Press("Control+k")
	until("the palette is open", `document.querySelectorAll("#palette [role=option]").length > 3`)
	b.Types("my work")
	until("her work is chosen", `document.querySelectorAll("#palette [role=option]").length === 1`)
	b.Press("Enter")
	at("/work")
	p.as("ines").send("POST", "/account/pages", url.Values{"keys": {"off"}})
	b.Has(p.url, "tickmark-keys", "off")
	b.Goes(p.url + "/portfolio")
	at("/portfolio")
	b.Press("j")
	if got := b.Runs(`document.querySelector("tr.eng[data-cursor]") === null`); got != "true" {
		t.Error("switched off, J moves in the list")
	}
	b.Press("Control+k")
	until("the palette opens nevertheless", `document.getElementById("palette").open`)
}
