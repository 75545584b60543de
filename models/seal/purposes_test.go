package seal

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

// What a release of 2026-11-30 sealed and signed with the key of fuzzKeys, when one key did both.
const (
	sealedThen = "first.hMmwgsiUFX03bOj4zhO215DUQZ/k93L85pwwz1m4uKMg0pMXyL1H"
	actThen    = "ZmlybQpvbGdhCm1haWwtMQoxODAwODgyMDAw.first.9IG0fAKDM9NItNhcbacyU1aHTy4"
	leaveThen  = "ZmlybQpvbGdhCjljNTE4Y2I1MjU3ZTVjZjU.first.R26yQcL7E52I7StBYorIrPevWK8"
)

// Harbor's secrets were sealed, and Olga's mail was sent, by a release in which one key sealed and signed: after the update the secrets
// open and her links lead where they led.
func TestWhatEarlierReleasesSealedAndSignedIsRead(t *testing.T) {
	k, err := Parse("first=" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", keyBytes))))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.OpenText(sealedThen, "acme/w-1/token"); err != nil || got != "xoxb-secret" {
		t.Errorf("the secret opens as %q, %v", got, err)
	}
	if got, err := k.OpenText(sealedThen, "acme/w-2/token"); err == nil {
		t.Errorf("the secret opens for another workspace as %q", got)
	}
	site := Site{URL: "https://tickmark.test", Keys: k}
	monday := time.Date(2027, time.January, 11, 13, 0, 0, 0, time.UTC)
	if got, ok := site.ReadAct(actThen, monday); !ok || got.Person != "olga" || got.Mail != "mail-1" {
		t.Errorf("the link to act: %+v, %t", got, ok)
	}
	if got, ok := site.ReadUnsubscribe(leaveThen); !ok || got.Person != "olga" || !got.To("olga@northgate.test") {
		t.Errorf("the link to unsubscribe: %+v, %t", got, ok)
	}
	if strings.HasSuffix(site.UnsubscribeLink("firm", "olga", "olga@northgate.test"), leaveThen) {
		t.Error("a link is signed with the key of all purposes as before")
	}
}

// Who learns the key of one purpose can do nothing with it that is of the other's, nor with either what the named key itself does.
func TestEachPurposeHasAKeyOfItsOwn(t *testing.T) {
	raw := []byte(strings.Repeat("k", keyBytes))
	p, err := purposesOf(raw)
	if err != nil {
		t.Fatal(err)
	}
	nonce := make([]byte, p.seal.NonceSize())
	signer, err := gcm(p.sign)
	if err != nil {
		t.Fatal(err)
	}
	sealed := p.seal.Seal(nil, nonce, []byte("xoxb-secret"), nil)
	if _, err := signer.Open(nil, nonce, sealed, nil); err == nil {
		t.Error("the key that signs opens what is sealed")
	}
	if _, err := p.sealedBefore.Open(nil, nonce, sealed, nil); err == nil {
		t.Error("the named key seals by itself")
	}
	if string(p.sign) == string(raw) {
		t.Error("the named key signs by itself")
	}
}
