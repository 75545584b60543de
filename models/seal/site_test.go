package seal

import (
	"strings"
	"testing"
	"time"
)

// Olga's mail of Monday leads to a page for fourteen days. A link that was changed, that is for another use, or that another installation
// made leads nowhere; after a new key the links of the old one still do.
func TestLinksInMails(t *testing.T) {
	monday := time.Date(2027, time.January, 11, 13, 0, 0, 0, time.UTC)
	until := monday.AddDate(0, 0, 14)
	parse := func(text string) *Keys {
		k, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	first := NewKey("first")
	site := Site{URL: "https://tickmark.test", Keys: parse(first)}
	act, leave := site.ActLink("firm", "olga", "mail-1", until), site.UnsubscribeLink("firm", "olga", "olga@northgate.test")
	token, ok := strings.CutPrefix(act, "https://tickmark.test/m/act/")
	if !ok {
		t.Fatalf("the link is %s", act)
	}
	want := ActToken{Firm: "firm", Person: "olga", Mail: "mail-1", Until: until}
	for name, s := range map[string]Site{"the same day": site, "with a new key": {Keys: parse(NewKey("second") + "," + first)}} {
		if got, ok := s.ReadAct(token, monday); !ok || got.Firm != want.Firm || got.Person != want.Person || got.Mail != want.Mail ||
			!got.Until.Equal(want.Until) {
			t.Errorf("%s: %+v, %t", name, got, ok)
		}
	}
	if _, ok := site.ReadAct(token, until.Add(time.Second)); ok {
		t.Error("it is good after its fourteen days")
	}
	goodbye := strings.TrimPrefix(leave, "https://tickmark.test/m/unsubscribe/")
	for name, bad := range map[string]string{"of another use": goodbye, "changed": "x" + token, "cut": token[:len(token)-4], "none": ""} {
		if got, ok := site.ReadAct(bad, monday); ok {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, ok := (Site{Keys: parse(NewKey("first"))}).ReadAct(token, monday); ok {
		t.Error("another installation takes it")
	}
	if link := (Site{Keys: site.Keys}).ActLink("firm", "olga", "mail-1", until); link != "" {
		t.Errorf("without an address there is %s", link)
	}
	if link := (Site{URL: site.URL}).UnsubscribeLink("firm", "olga", "olga@northgate.test"); link != "" {
		t.Errorf("without keys there is %s", link)
	}
}

// A link to end Olga's mails says to which address it was sent, however that is written; one of an earlier release does not.
func TestLinksToUnsubscribe(t *testing.T) {
	keys, err := Parse(NewKey("first"))
	if err != nil {
		t.Fatal(err)
	}
	site := Site{URL: "https://tickmark.test", Keys: keys}
	const at = "https://tickmark.test/m/unsubscribe/"
	now, before := site.UnsubscribeLink("firm", "olga", "olga@northgate.test"), site.link(useUnsubscribe, "firm", "olga")
	got, ok := site.ReadUnsubscribe(strings.TrimPrefix(now, at))
	if !ok || got.Firm != "firm" || got.Person != "olga" || !got.Bound() {
		t.Errorf("%+v, %t", got, ok)
	}
	for address, theirs := range map[string]bool{"olga@northgate.test": true, " Olga@Northgate.test": true, "olga.new@northgate.test": false,
		"": false} {
		if got.To(address) != theirs || SameAddress(address, "olga@northgate.test") != theirs {
			t.Errorf("it was sent to %q: %t", address, got.To(address))
		}
	}
	got, ok = site.ReadUnsubscribe(strings.TrimPrefix(before, at))
	if !ok || got.Firm != "firm" || got.Person != "olga" || got.Bound() || got.To("olga@northgate.test") || got.To("") {
		t.Errorf("of an earlier release: %+v, %t", got, ok)
	}
	if SameAddress("", "") {
		t.Error("no address is one")
	}
}
