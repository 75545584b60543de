package mail

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"tickmark/models/reminders"
	"tickmark/models/seal"
)

// What signed links are for: a signature for one is worth nothing for another.
const (
	UseAct         = "act"
	UseUnsubscribe = "unsubscribe"
)

// linkLife is for how long one can act by a link in a mail.
const linkLife = 14 * 24 * time.Hour

// Links returns where one can act on a mail, and where one can say that one wants no more; empty without a site.
func (s Site) Links(d reminders.Delivery) (act, unsubscribe string) {
	if s.URL == "" || s.Keys == nil || d.Person == "" {
		return "", ""
	}
	if len(d.Message.Lines()) > 0 {
		act = s.URL + "/m/act/" + s.sign(UseAct, string(d.Firm), string(d.Person), d.ID, strconv.FormatInt(d.PlannedAt.Add(linkLife).Unix(), 10))
	}
	return act, s.URL + "/m/unsubscribe/" + s.sign(UseUnsubscribe, string(d.Firm), string(d.Person))
}

// sign makes a token of some words that only this installation can make.
func (s Site) sign(use string, words ...string) string {
	text := strings.Join(words, "\n")
	return base64.RawURLEncoding.EncodeToString([]byte(text)) + "." + s.Keys.Sign(text, use)
}

// Read returns the words of a token of that use, and false when it is none.
func (s Site) Read(use, token string, n int) ([]string, bool) {
	encoded, signature, _ := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || s.Keys == nil || !s.Keys.Signed(string(text), use, signature) {
		return nil, false
	}
	words := strings.Split(string(text), "\n")
	return words, len(words) == n
}

// A Site says where people reach this installation from outside.
type Site struct {
	URL  string // without a slash at the end; empty: nowhere, then messages have no links
	Keys *seal.Keys
}
