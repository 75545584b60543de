package app

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"tickmark/models/engagement"
)

func key(b byte) string { return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, 32)) }

// A comment does not stand in the clear in a history, and is read again after the key has been rotated.
func TestPayloadsAreEncrypted(t *testing.T) {
	old, _, err := converters("a=" + key(1))
	if err != nil {
		t.Fatal(err)
	}
	p, err := old.ToPayload(engagement.Command{Reason: "Ruth is on leave"})
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := p.Marshal(); bytes.Contains(text, []byte("Ruth")) {
		t.Error("the reason can be read in the payload")
	}
	rotated, _, err := converters("b=" + key(2) + ",a=" + key(1))
	if err != nil {
		t.Fatal(err)
	}
	var c engagement.Command
	if err := rotated.FromPayload(p, &c); err != nil || c.Reason != "Ruth is on leave" {
		t.Errorf("got %q, %v", c.Reason, err)
	}
	p.Data[len(p.Data)-1] ^= 1
	if err := rotated.FromPayload(p, &c); err == nil {
		t.Error("an altered payload opens")
	}
	lost, _, err := converters("b=" + key(2))
	if err != nil {
		t.Fatal(err)
	}
	if err := lost.FromPayload(p, &c); err == nil || !strings.Contains(err.Error(), `"a"`) {
		t.Errorf("without its key: %v", err)
	}
}

func TestPayloadKeysThatAreNone(t *testing.T) {
	for _, keys := range []string{"a", "a=xyz", "=" + key(1), "a=" + base64.StdEncoding.EncodeToString([]byte("short")),
		"a=" + key(1) + ",a=" + key(2)} {
		if _, _, err := converters(keys); err == nil {
			t.Errorf("%q is taken for keys", keys)
		}
	}
}
