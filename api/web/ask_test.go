package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"tickmark/activities/fake/town"
)

// Ruth opens the address of an installation: the page has one button, which acts on the page's own address by POST and may lead to Slack,
// and neither script nor frame. What names of firms and workspaces hold is shown as text.
func TestPageOfAnInstallation(t *testing.T) {
	w := town.OnSQLite(t)
	rec := httptest.NewRecorder()
	letters(w).Ask(rec, "Install Tickmark", []string{"Acme & Co asks.", `<script>alert("x")</script>`}, "Go on to Slack",
		[]string{"https://slack.com", "https://*.slack.com"})
	page, h := rec.Body.String(), rec.Header()
	if rec.Code != http.StatusOK || strings.Count(page, "<button") != 1 ||
		!strings.Contains(page, `<form method="post"><p><button class="go">Go on`) ||
		!strings.Contains(page, "<p>Acme &amp; Co asks.</p>") || strings.Contains(page, "<script") {
		t.Errorf("%d %s", rec.Code, page)
	}
	want := regexp.MustCompile(`^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]+='; form-action 'self' https://slack\.com ` +
		`https://\*\.slack\.com; frame-ancestors 'none'; base-uri 'none'$`)
	if got := h.Get("Content-Security-Policy"); !want.MatchString(got) {
		t.Errorf("its policy is %s", got)
	}
	saying := httptest.NewRecorder()
	letters(w).Say(saying, http.StatusForbidden, "Not connected", "<b>")
	for _, h := range []http.Header{h, saying.Header()} {
		for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "same-origin",
			"X-Content-Type-Options": "nosniff", "Content-Type": "text/html; charset=utf-8"} {
			if got := h.Get(name); got != want {
				t.Errorf("%s is %q", name, got)
			}
		}
	}
	csp := saying.Header().Get("Content-Security-Policy")
	if !strings.Contains(csp, "form-action 'self';") || !strings.Contains(csp, "frame-ancestors") {
		t.Errorf("the policy of a page that only says something is %q", csp)
	}
	if !strings.Contains(saying.Body.String(), "<p>&lt;b&gt;</p>") || saying.Code != http.StatusForbidden {
		t.Errorf("%d %s", saying.Code, saying.Body)
	}
}
