package seal

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// LettersPath is the path below which the links in mails lead.
const LettersPath = "/m/"

// What signed links are for: a signature for one is worth nothing for another.
const (
	useAct         = "act"
	useUnsubscribe = "unsubscribe"
)

// A Site says where people reach this installation from outside, and makes the signed links to it.
type Site struct {
	URL  string // without a slash at the end; empty: nowhere, then messages have no links
	Keys *Keys  // nil: then messages have no links either
}

// ActLink returns the address at which a person can act on a mail until an instant. It is empty when no links can be made.
func (s Site) ActLink(firm, person, mail string, until time.Time) string {
	return s.link(useAct, firm, person, mail, strconv.FormatInt(until.Unix(), 10))
}

// UnsubscribeLink returns the address at which a person can say that they want no more mail, for a mail to an address of theirs. It is
// empty when no links can be made.
func (s Site) UnsubscribeLink(firm, person, address string) string {
	return s.link(useUnsubscribe, firm, person, hashOf(address))
}

// hashOf returns sixteen characters that tell a mail address from others, however it is written.
func hashOf(address string) string {
	sum := sha256.Sum256([]byte(plain(address)))
	return hex.EncodeToString(sum[:8])
}

// plain returns a mail address as it is compared.
func plain(address string) string { return strings.ToLower(strings.TrimSpace(address)) }

// SameAddress reports whether two mail addresses are one, however they are written. No address is none.
func SameAddress(a, b string) bool { return plain(a) != "" && plain(a) == plain(b) }

// An UnsubscribeToken is what a link to unsubscribe was signed for.
type UnsubscribeToken struct {
	Firm   string
	Person string
	to     string // the hash of the address; empty in links that bear none
}

// Bound reports whether the link says to which address it was sent. Links of releases before 2026-11-30 do not.
func (t UnsubscribeToken) Bound() bool { return t.to != "" }

// To reports whether the link was sent to an address.
func (t UnsubscribeToken) To(address string) bool {
	return t.to == hashOf(address) && plain(address) != ""
}

// An ActToken is what a link to act on a mail was signed for.
type ActToken struct {
	Firm   string
	Person string
	Mail   string
	Until  time.Time
}

// ReadAct returns what the token of a link to act was signed for. It returns false when the token is none of ours, or was good until
// before now.
func (s Site) ReadAct(token string, now time.Time) (ActToken, bool) {
	words, ok := s.read(useAct, token, 4)
	if !ok {
		return ActToken{}, false
	}
	until, err := strconv.ParseInt(words[3], 10, 64)
	if err != nil || now.Unix() > until {
		return ActToken{}, false
	}
	return ActToken{Firm: words[0], Person: words[1], Mail: words[2], Until: time.Unix(until, 0)}, true
}

// ReadUnsubscribe returns what the token of a link to unsubscribe was signed for. It returns false when the token is none of ours.
func (s Site) ReadUnsubscribe(token string) (UnsubscribeToken, bool) {
	if words, ok := s.read(useUnsubscribe, token, 3); ok {
		return UnsubscribeToken{Firm: words[0], Person: words[1], to: words[2]}, true
	}
	words, ok := s.read(useUnsubscribe, token, 2)
	if !ok {
		return UnsubscribeToken{}, false
	}
	return UnsubscribeToken{Firm: words[0], Person: words[1]}, true
}

// link makes the address of a token of some words that only this installation can make.
func (s Site) link(use string, words ...string) string {
	if s.URL == "" || s.Keys == nil {
		return ""
	}
	text := strings.Join(words, "\n")
	return s.URL + LettersPath + use + "/" + base64.RawURLEncoding.EncodeToString([]byte(text)) + "." + s.Keys.Sign(text, use)
}

// read returns the n words of a token of a use, and false when it is none.
func (s Site) read(use, token string, n int) ([]string, bool) {
	encoded, signature, _ := strings.Cut(token, ".")
	text, ok := decoded(encoded)
	if !ok || s.Keys == nil || !s.Keys.Signed(string(text), use, signature) {
		return nil, false
	}
	words := strings.Split(string(text), "\n")
	return words, len(words) == n
}
