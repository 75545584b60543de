package store

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/planning"
)

// micros is how an instant is stored: microseconds since 1970 in UTC, 0 for none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// instant is the inverse of micros.
func instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// noDate is how the zero Date is stored: it sorts after every date, and no date is compared with it by accident, as one
// would be with the empty text.
const noDate = "none"

// A writer turns the model's values into stored ones and keeps the first refusal: a date that no calendar of ours has.
type writer struct{ err error }

// date is written out by hand because a plan has a thousand of them.
func (w *writer) date(d models.Date) string {
	if d.IsZero() {
		return noDate
	}
	if d.Year < models.MinYear || d.Year > models.MaxYear || d.Month < 1 || d.Month > 12 || d.Day < 1 || d.Day > 28 {
		if _, err := d.MarshalText(); err != nil {
			w.note(err)
			return noDate
		}
	}
	digit := func(n int) byte { return byte('0' + n%10) }
	m := int(d.Month)
	return string([]byte{digit(d.Year / 1000), digit(d.Year / 100), digit(d.Year / 10), digit(d.Year), '-',
		digit(m / 10), digit(m), '-', digit(d.Day / 10), digit(d.Day)})
}

// text stores words that somebody typed. What packs rows may not be in them.
func (w *writer) text(s string) string {
	if strings.Contains(s, separator) {
		return strings.ReplaceAll(s, separator, " ")
	}
	return s
}

// json stores a value; what json.Marshal makes of nothing is stored as the empty text.
func (w *writer) json(v any) string {
	text, err := json.Marshal(v)
	w.note(err)
	if string(text) == "null" {
		return ""
	}
	return string(text)
}

// dates stores a list of dates.
func (w *writer) dates(dates []models.Date) string {
	texts := make([]string, len(dates))
	for i, d := range dates {
		texts[i] = w.date(d)
	}
	return listText(texts)
}

func (w *writer) note(err error) {
	if err != nil && w.err == nil {
		if refusal, ok := errors.AsType[*models.Error](err); ok {
			err = refusal // what encoding/json wrapped around it is for nobody
		}
		w.err = err
	}
}

// A reader turns stored values into the model's and keeps the first error: a value that cannot be read is a broken
// database, not a refusal.
type reader struct{ err error }

func (r *reader) note(what string, err error) {
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("read %s: %v", what, err)
	}
}

func (r *reader) date(text string) models.Date {
	if text == noDate {
		return models.Date{}
	}
	d, err := models.ParseDate(text)
	r.note("date", err)
	return d
}

func (r *reader) span(from, to string) planning.Span {
	return planning.Span{Start: r.date(from), End: r.date(to)}
}

func (r *reader) json(text string, into any) {
	if text != "" {
		r.note("JSON", json.Unmarshal([]byte(text), into))
	}
}

// list reads what listText writes. Most of what it reads needs no more than cutting at the quotes: task ids, 200 times in a Facts.
func list[S ~string](r *reader, text string) []S {
	if text == "" {
		return nil
	}
	if strings.IndexByte(text, '\\') >= 0 || !strings.HasPrefix(text, `["`) || !strings.HasSuffix(text, `"]`) {
		var out []S
		r.json(text, &out)
		return out
	}
	out := make([]S, 0, strings.Count(text, `"`)/2)
	for {
		_, rest, ok := strings.Cut(text, `"`)
		if !ok {
			return out
		}
		var id string
		id, text, _ = strings.Cut(rest, `"`)
		out = append(out, S(id))
	}
}

// ids is list for plain texts.
func (r *reader) ids(text string) []string { return list[string](r, text) }

// listText stores a list of texts; nothing as the empty text.
func listText[S ~string](list []S) string {
	if len(list) == 0 {
		return ""
	}
	size := 1
	for _, s := range list {
		if !plain(string(s)) {
			text, err := json.Marshal(list)
			if err != nil {
				panic(err) // texts can always be written
			}
			return string(text)
		}
		size += len(s) + len(`"",`)
	}
	out := make([]byte, 0, size)
	for i, s := range list {
		out = append(out, "[,"[min(i, 1)], '"')
		out = append(append(out, s...), '"')
	}
	return string(append(out, ']'))
}

// plain reports whether JSON writes a text as it is.
func plain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' || strings.ContainsRune(`"\<>&`, r) })
}

func (r *reader) dates(text string) []models.Date {
	var out []models.Date
	for _, t := range r.ids(text) {
		out = append(out, r.date(t))
	}
	return out
}

// keyOf is what people's words are compared, sorted and searched by.
func keyOf(words string) string { return strings.ToLower(strings.TrimSpace(words)) }

// newID makes an id that says nothing: 60 random bits after a letter for the kind.
func newID(kind string) string { return kind + "-" + strings.ToLower(rand.Text()[:12]) }
