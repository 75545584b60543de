package seal_test

import (
	"strings"
	"testing"

	"tickmark/models/seal"
)

func keys(t *testing.T, text string) *seal.Keys {
	t.Helper()
	k, err := seal.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// A secret opens with the key it was sealed with, also after another key took its place, and only for what it was bound to.
func TestSecretsOpenWhereTheyWereSealed(t *testing.T) {
	old := seal.NewKey("2026")
	before, after := keys(t, old), keys(t, seal.NewKey("2027")+","+old)
	text := before.SealText("xoxb-secret", "acme/w-1/token")
	if strings.Contains(text, "xoxb") {
		t.Errorf("%q shows what is sealed", text)
	}
	if got, err := after.OpenText(text, "acme/w-1/token"); err != nil || got != "xoxb-secret" {
		t.Errorf("opened %q, %v", got, err)
	}
	if !strings.HasPrefix(after.SealText("x", ""), "2027.") {
		t.Error("the first key does not seal")
	}
	for name, open := range map[string]func() (string, error){
		"for another row":    func() (string, error) { return before.OpenText(text, "acme/w-2/token") },
		"without its key":    func() (string, error) { return keys(t, seal.NewKey("2028")).OpenText(text, "acme/w-1/token") },
		"with another key":   func() (string, error) { return keys(t, seal.NewKey("2026")).OpenText(text, "acme/w-1/token") },
		"changed":            func() (string, error) { return before.OpenText(text[:len(text)-4]+"AAAA", "acme/w-1/token") },
		"cut short":          func() (string, error) { return before.OpenText("2026.AAAA", "acme/w-1/token") },
		"that is not base64": func() (string, error) { return before.OpenText("2026.!", "acme/w-1/token") },
	} {
		if got, err := open(); err == nil || strings.Contains(err.Error(), "xoxb") {
			t.Errorf("%s: opened %q, %v", name, got, err)
		}
	}
}

func TestSignaturesAreBoundToTheirUse(t *testing.T) {
	k := keys(t, seal.NewKey("a"))
	s := k.Sign("kenji", "unsubscribe")
	for _, c := range []struct {
		text, use, signature string
		want                 bool
	}{
		{"kenji", "unsubscribe", s, true},
		{"olga", "unsubscribe", s, false},
		{"kenji", "act", s, false},
		{"kenji", "unsubscribe", "a.", false},
		{"kenji", "unsubscribe", "b." + s[2:], false},
		{"kenji", "unsubscribe", "", false},
	} {
		if got := k.Signed(c.text, c.use, c.signature); got != c.want {
			t.Errorf("%q for %s by %q: %v", c.text, c.use, c.signature, got)
		}
	}
}

func TestKeysThatAreNone(t *testing.T) {
	good := seal.NewKey("a")
	for _, bad := range []string{"", "a", "a=", "=" + good[2:], "a=AAAA", good + "," + good, "a.b=" + good[2:], good + ",b"} {
		if _, err := seal.Parse(bad); err == nil || strings.Contains(err.Error(), good[2:]) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
