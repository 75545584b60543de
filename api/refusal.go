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
	field := fieldOf(at, e)
	what := field
	if what == "" {
		what, field = "the body", "body"
	}
	said := fieldError{field, what + " " + allowed(e)}
	i := slices.IndexFunc(*out, func(before fieldError) bool { return before.field == field })
	switch {
	case i < 0:
		*out = append(*out, said)
	case e.SchemaField == "pattern": // one word for a field is enough, and its form says more than its length
		(*out)[i] = said
	}
}

// fieldOf names the field that an error is about, as in people[2].name; empty for the body itself.
func fieldOf(at string, e *openapi3.SchemaError) string {
	field := at
	for _, key := range e.JSONPointer() {
		if _, err := strconv.Atoi(key); err == nil {
			field += "[" + key + "]"
		} else {
			field = join(field, key)
		}
	}
	if e.SchemaField == "properties" { // unknown: the validator says which only in its text
		field = join(field, unquote(e.Reason))
	}
	return field
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
	if say := allowances[e.SchemaField]; say != nil {
		return say(e)
	}
	return "is not what the document says"
}

// allowances say what would be right, by the rule of the document that a value breaks.
var allowances = map[string]func(*openapi3.SchemaError) string{
	"required": func(*openapi3.SchemaError) string { return "is missing" },
	"properties": func(e *openapi3.SchemaError) string {
		return "is not known here: the fields are " + strings.Join(sorted(e.Schema.Properties), ", ")
	},
	"nullable":    func(*openapi3.SchemaError) string { return "must not be null" },
	"type":        allowedType,
	"enum":        allowedWords,
	"pattern":     allowedForm,
	"format":      allowedDate,
	"minimum":     allowedNumber,
	"maximum":     allowedNumber,
	"minLength":   allowedLength,
	"maxLength":   allowedLength,
	"minItems":    allowedItems,
	"maxItems":    allowedItems,
	"uniqueItems": func(*openapi3.SchemaError) string { return "must not name the same twice" },
	"minProperties": func(e *openapi3.SchemaError) string {
		changes := models.Keep(sorted(e.Schema.Properties), func(name string) bool { return name != "check" }) // which changes nothing
		return "must name at least one of " + strings.Join(changes, ", ")
	},
}

func allowedType(e *openapi3.SchemaError) string {
	if e.Value == nil {
		return "must not be null"
	}
	return "must be " + kindOf(e.Schema)
}

func allowedWords(e *openapi3.SchemaError) string {
	words := make([]string, len(e.Schema.Enum))
	for i, v := range e.Schema.Enum {
		words[i] = fmt.Sprint(v)
	}
	return fmt.Sprintf("%.60q is none of %s", fmt.Sprint(e.Value), strings.Join(words, ", "))
}

func allowedForm(e *openapi3.SchemaError) string {
	if text, ok := e.Schema.Extensions["x-allowed"].(string); ok {
		return "must be " + text
	}
	return "is not of the right form"
}

func allowedDate(e *openapi3.SchemaError) string {
	for _, origin := range []error{e.Origin, errors.Unwrap(e.Origin)} {
		if refused, ok := errors.AsType[*models.Error](origin); ok {
			return "must be a date: " + refused.Message
		}
	}
	return "must be " + kindOf(e.Schema)
}

func allowedNumber(e *openapi3.SchemaError) string {
	return "must be a whole number" + between(e.Schema)
}

func allowedLength(e *openapi3.SchemaError) string {
	return "must have " + counted(e.Schema.MinLength, e.Schema.MaxLength) + " characters"
}

func allowedItems(e *openapi3.SchemaError) string {
	return "must have " + counted(e.Schema.MinItems, e.Schema.MaxItems) + " items"
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
