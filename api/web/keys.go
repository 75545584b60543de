package web

import (
	"net/http"
	"slices"
	"time"
)

// keyHelp is what the keys do; keys.js does it.
var keyHelp = []struct {
	Keys []string
	Does string
}{{[]string{"Ctrl K"}, "jump to or do, also Cmd K"}, {[]string{"/"}, "filter the list of this page"},
	{[]string{"J", "K"}, "next and previous row"},
	{[]string{"Enter"}, "open the row"}, {[]string{"T"}, "today"}, {[]string{"N"}, "start an engagement"},
	{[]string{"1", "8"}, "pages of an engagement"}, {[]string{"+", "-"}, "zoom"}, {[]string{"?"}, "all keys"}}

// The cookies by which a browser keeps how its person likes the pages: nobody's rights hang on them.
const (
	keysCookie = "tickmark-keys" // "off": single letters do nothing
	modeCookie = "tickmark-mode" // "light" or "dark"; else as the system has it
)

// modes are the looks one may choose, by what the cookie keeps.
var modes = []string{"", "light", "dark"}

var modeNames = map[string]string{"": "As the system has it", "light": "Light", "dark": "Dark"}

// liked reads how somebody likes the pages.
func (v *visit) liked(p *page) {
	if c, err := v.r.Cookie(keysCookie); err == nil && c.Value == "off" {
		p.NoKeys = true
	}
	if c, err := v.r.Cookie(modeCookie); err == nil && slices.Contains(modes, c.Value) {
		p.Mode = c.Value
	}
}

// like keeps how somebody likes the pages, in their browser.
func (p *Pages) like(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	keep := func(name, value string) {
		c := &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: int((365 * 24 * time.Hour).Seconds()), HttpOnly: true,
			SameSite: http.SameSiteLaxMode, Secure: v.r.TLS != nil}
		if value == "" {
			c.MaxAge = -1
		}
		http.SetCookie(v.w, c)
	}
	if mode := v.r.PostForm.Get("mode"); v.r.PostForm.Has("mode") && slices.Contains(modes, mode) {
		keep(modeCookie, mode)
	}
	switch v.r.PostForm.Get("keys") {
	case "on":
		keep(keysCookie, "")
	case "off":
		keep(keysCookie, "off")
	}
	v.seeOther(local(v.r.PostForm.Get("back"), "/account"))
	return nil
}
