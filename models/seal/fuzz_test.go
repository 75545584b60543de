package seal

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

// fuzzKeys are keys that are the same in every process that fuzzes.
func fuzzKeys(f *testing.F) *Keys {
	f.Helper()
	k, err := Parse("first=" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", keyBytes))))
	if err != nil {
		f.Fatal(err)
	}
	return k
}

// FuzzLinks reads any token of a link in a mail: only what this installation signed leads anywhere, for the use that it was signed for.
func FuzzLinks(f *testing.F) {
	site := Site{URL: "https://tickmark.test", Keys: fuzzKeys(f)}
	monday := time.Date(2027, time.January, 11, 13, 0, 0, 0, time.UTC)
	act := strings.TrimPrefix(site.ActLink("firm", "olga", "mail-1", monday), "https://tickmark.test/m/act/")
	leave := strings.TrimPrefix(site.UnsubscribeLink("firm", "olga", "olga@northgate.test"), "https://tickmark.test/m/unsubscribe/")
	for _, seed := range []string{act, leave, act + "A", act[1:], strings.ToUpper(act), act + "=", "", ".", "..first.", "\x00", act + "\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		got, acts := site.ReadAct(token, monday)
		if acts != (token == act) || acts && (got.Person != "olga" || got.Firm != "firm" || got.Mail != "mail-1") {
			t.Errorf("%q acts: %v %+v", token, acts, got)
		}
		if got, leaves := site.ReadUnsubscribe(token); leaves != (token == leave) || leaves && got.Person != "olga" {
			t.Errorf("%q unsubscribes: %v %+v", token, leaves, got)
		}
	})
}

// FuzzSecrets opens any text as a secret and reads any text as keys: it is refused or what was sealed, and no error repeats it.
func FuzzSecrets(f *testing.F) {
	keys := fuzzKeys(f)
	for _, seed := range []string{"", ".", "first.", "first.AAAA", "second.AAAA", "first=AAAA", NewKey("a"),
		NewKey("a") + "," + NewKey("b"), "a.b=" + NewKey("")[1:]} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if plain, err := keys.OpenText(text, "acme/w-1/token"); err == nil {
			t.Errorf("%q opens as %q", text, plain)
		}
		k, err := Parse(text)
		if err != nil {
			if len(text) > 12 && strings.Contains(err.Error(), text) {
				t.Errorf("the error repeats %q", text)
			}
			return
		}
		if got, err := k.OpenText(k.SealText("secret", "here"), "here"); err != nil || got != "secret" {
			t.Errorf("with %q: %q, %v", text, got, err)
		}
	})
}
