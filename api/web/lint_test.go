package web_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// forbidden is what a template must not have: addresses that are believed without a look, styles and scripts of single elements, which the
// policy of the pages leaves out, and text that is not escaped.
var forbidden = regexp.MustCompile(`templ\.SafeURL|templ\.Raw|\bstyle=|<style|<script[^>]*>[^<]|\bon[a-z]+=|javascript:`)

// No template has what would let somebody's words become markup, an address or a style, and the law finds what it should.
func TestTemplatesEscapeEverything(t *testing.T) {
	files, err := filepath.Glob("*.templ")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d templates, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if found := forbidden.FindString(string(text)); found != "" {
			t.Errorf("%s has %s", file, found)
		}
	}
	for _, bad := range []string{`<a href={ templ.SafeURL(x) }>`, `<p style={ y }>`, `@templ.Raw(x)`, `<script>alert(1)</script>`,
		`<b onclick="x()">`} {
		if !forbidden.MatchString(bad) {
			t.Errorf("%s is not found", bad)
		}
	}
	if forbidden.MatchString(`<script src={ p.Assets.At("htmx.js") } defer></script>`) {
		t.Error("a script that is a file is found")
	}
}
