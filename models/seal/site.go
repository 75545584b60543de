package seal

import (
	"encoding/base64"
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

// UnsubscribeLink returns the address at which a person can say that they want no more mail. It is empty when no links can be made.
func (s Site) UnsubscribeLink(firm, person string) string {
	return s.link(useUnsubscribe, firm, person)
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

// ReadUnsubscribe returns the firm and the person for whom the token of a link to unsubscribe was signed. It returns false when the token
// is none of ours.
func (s Site) ReadUnsubscribe(token string) (firm, person string, ok bool) {
	words, ok := s.read(useUnsubscribe, token, 2)
	if !ok {
		return "", "", false
	}
	return words[0], words[1], true
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
