package api

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"

	"tickmark/models"
)

// A fieldError is one field that is wrong, for people.
type fieldError struct{ field, detail string }

// A badFields refuses a request for all the fields of it that are wrong: it is a models.Error about the first.
type badFields []fieldError

func (b badFields) Error() string { return b[0].detail }

func (b badFields) Unwrap() error {
	return models.Refuse(models.Invalid, b[0].field, "%s", b[0].detail)
}

// maxFields is how many wrong fields are told at once.
const maxFields = 20

// refusal turns what the validator says of a value into words for people: which field, and what is allowed. at is where the
// value stands; empty for the body.
func refusal(at string, err error) error {
	var out badFields
	collect(at, err, &out)
	if len(out) == 0 {
		return nil
	}
	return out
}

func collect(at string, err error, out *badFields) {
	if err == nil || len(*out) == maxFields {
		return
	}
	if many, ok := errors.AsType[openapi3.MultiError](err); ok {
		for _, e := range many {
			collect(at, e, out)
		}
		return
	}
	e, ok := errors.AsType[*openapi3.SchemaError](err)
	if !ok {
		*out = append(*out, fieldError{at, "the request is not what the document says"})
		return
	}
	field := at
	for _, key := range e.JSONPointer() {
		switch _, number := strconv.Atoi(key); {
		case number == nil:
			field += "[" + key + "]"
		default:
			field = join(field, key)
		}
	}
	if e.SchemaField == "properties" { // unknown: the validator says which only in its text
		field = join(field, unquote(e.Reason))
	}
	subject := field
	if subject == "" {
		subject, field = "the body", "body"
	}
	said := fieldError{field, subject + " " + allowed(e)}
	for i := range *out {
		if (*out)[i].field == field { // one word for a field is enough, and its form says more than its length
			if e.SchemaField == "pattern" {
				(*out)[i] = said
			}
			return
		}
	}
	*out = append(*out, said)
}

func unquote(reason string) string {
	_, rest, _ := strings.Cut(reason, `property `)
	if text, err := strconv.QuotedPrefix(rest); err == nil {
		if name, err := strconv.Unquote(text); err == nil {
			return name
		}
	}
	return "?"
}

// allowed says what would be right.
func allowed(e *openapi3.SchemaError) string {
	s := e.Schema
	switch e.SchemaField {
	case "required":
		return "is missing"
	case "properties":
		return "is not known here: the fields are " + strings.Join(sorted(s.Properties), ", ")
	case "nullable":
		return "must not be null"
	case "type":
		if e.Value == nil {
			return "must not be null"
		}
		return "must be " + kindOf(s)
	case "enum":
		words := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			words[i] = fmt.Sprint(v)
		}
		return fmt.Sprintf("%.60q is none of %s", fmt.Sprint(e.Value), strings.Join(words, ", "))
	case "pattern":
		if text, ok := s.Extensions["x-allowed"].(string); ok {
			return "must be " + text
		}
		return "is not of the right form"
	case "format":
		for _, origin := range []error{e.Origin, errors.Unwrap(e.Origin)} {
			if refused, ok := errors.AsType[*models.Error](origin); ok {
				return "must be a date: " + refused.Message
			}
		}
		return "must be " + kindOf(s)
	case "minimum", "maximum":
		return "must be a whole number" + between(s)
	case "minLength", "maxLength":
		return "must have " + counted(s.MinLength, s.MaxLength) + " characters"
	case "minItems", "maxItems":
		return "must have " + counted(s.MinItems, s.MaxItems) + " items"
	case "uniqueItems":
		return "must not name the same twice"
	case "minProperties":
		return "must name at least one of " + strings.Join(sorted(s.Properties), ", ")
	}
	return "is not what the document says"
}

func kindOf(s *openapi3.Schema) string {
	switch {
	case s.Type.Is("integer"):
		return "a whole number" + between(s)
	case s.Type.Is("boolean"):
		return "true or false"
	case s.Type.Is("array"):
		return "a list"
	case s.Type.Is("object"):
		return "an object"
	case s.Format == "date":
		return "a date as YYYY-MM-DD"
	}
	return "text"
}

// counted says how many there may be.
func counted(least uint64, most *uint64) string {
	switch {
	case most == nil:
		return fmt.Sprintf("at least %d", least)
	case least == 0:
		return fmt.Sprintf("at most %d", *most)
	}
	return fmt.Sprintf("%d to %d", least, *most)
}

// between says the bounds of a number.
func between(s *openapi3.Schema) string {
	if s.Min == nil || s.Max == nil {
		return ""
	}
	return fmt.Sprintf(" from %.0f to %.0f", *s.Min, *s.Max)
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// clip shortens what somebody sent to what an answer may repeat.
func clip(s string) string {
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:60], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s)
}

// lower begins a description as a part of a sentence.
func lower(text string) string {
	if text == "" {
		return text
	}
	return strings.ToLower(text[:1]) + text[1:]
}
