package models

import (
	"errors"
	"fmt"
	"strings"
)

// A Code says what kind of refusal an Error is. Codes are part of the API: they are added to, never changed.
type Code string

// The codes a refusal may carry.
const (
	Invalid         Code = "invalid"           // the request contradicts itself, a rule or the calendar
	NotFound        Code = "not_found"         // no such thing, or not yours to see
	Conflict        Code = "conflict"          // right in itself, but not in the present state
	Forbidden       Code = "forbidden"         // somebody else's to do
	Stale           Code = "stale"             // decided on an older revision than the present one
	KeyReused       Code = "key_reused"        // the same idempotency key with another request
	Unauthenticated Code = "unauthenticated"   // no token, or one that is not valid any more
	Unavailable     Code = "unavailable"       // nothing was done; the same request may be sent again
	TooLarge        Code = "request_too_large" // more than a request may carry
)

// An Error is a refusal meant for people: what is wrong, with which field, and what would be right. It never carries
// SQL, paths or the names of internal things.
type Error struct {
	Code    Code
	Field   string // the field of the request it is about; empty when it is about the whole
	Message string
}

// Error returns the sentence.
func (e *Error) Error() string { return e.Message }

// Refuse returns an Error of the given code about the given field.
func Refuse(code Code, field, format string, args ...any) error {
	return &Error{Code: code, Field: field, Message: fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of the refusal in err's chain, or "" when err is none.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// Sorry returns, as a sentence for people, why something was not done. It returns false when err is no refusal, or one that trying again
// may overcome.
func Sorry(err error) (string, bool) {
	refusal, ok := errors.AsType[*Error](err)
	if !ok || refusal.Code == Unavailable || refusal.Message == "" {
		return "", false
	}
	if refusal.Code == KeyReused || refusal.Field == "Idempotency-Key" { // whose form it was knows of no keys
		return "This was sent before, with other answers: nothing is changed. Begin again, and send it once.", true
	}
	return strings.ToUpper(refusal.Message[:1]) + refusal.Message[1:] + ".", true
}
