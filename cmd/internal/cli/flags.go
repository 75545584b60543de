package cli

import (
	"strings"

	"github.com/spf13/pflag"

	"tickmark/models"
)

// dateVar adds a flag for a day.
func dateVar(f *pflag.FlagSet, to *models.Date, name, usage string) {
	f.TextVar(to, name, models.Date{}, "`DATE` "+usage)
}

// A todayFlag is a flag whose value is a day or the word today, of which the server is asked: its clock may be another than this machine's.
type todayFlag struct {
	to    *models.Date
	today *bool
}

func (d todayFlag) Set(value string) error {
	*d.to, *d.today = models.Date{}, value == "today"
	if *d.today {
		return nil
	}
	return d.to.UnmarshalText([]byte(value))
}

func (d todayFlag) String() string { return "" }
func (d todayFlag) Type() string   { return "string" }

// wordVar adds a flag for a word of one of the model's types.
func wordVar[T ~string](f *pflag.FlagSet, to *T, name, usage string) {
	f.Var(wordFlag[T]{to}, name, usage)
}

// A wordFlag is a flag whose value is one word.
type wordFlag[T ~string] struct{ to *T }

func (w wordFlag[T]) Set(value string) error { *w.to = T(value); return nil }
func (w wordFlag[T]) String() string         { return "" }
func (w wordFlag[T]) Type() string           { return "string" }

// wordsVar adds a flag for words of one of the model's types, with commas between them.
func wordsVar[T ~string](f *pflag.FlagSet, to *[]T, name, usage string) {
	f.Var(&listFlag[T]{to, func(s string) (T, error) { return T(s), nil }}, name, usage)
}

// datesVar adds a flag for days, with commas between them.
func datesVar(f *pflag.FlagSet, to *[]models.Date, name, usage string) {
	f.Var(&listFlag[models.Date]{to, models.ParseDate}, name, usage)
}

// A listFlag is a flag whose value is a list with commas in it; an empty value is an empty list.
type listFlag[T any] struct {
	to   *[]T
	read func(string) (T, error)
}

func (l *listFlag[T]) Set(value string) error {
	list := []T{}
	for part := range strings.SplitSeq(value, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		v, err := l.read(part)
		if err != nil {
			return err
		}
		list = append(list, v)
	}
	*l.to = list
	return nil
}

func (l *listFlag[T]) String() string { return "" }
func (l *listFlag[T]) Type() string   { return "LIST" }

// timeVar adds a flag for a time of day; where orEmpty says so it may be empty.
func timeVar(f *pflag.FlagSet, to *string, name, usage string, orEmpty bool) {
	f.Var(timeFlag{to, orEmpty}, name, "`TIME` "+usage)
}

// A timeFlag is a flag whose value is a time of day.
type timeFlag struct {
	to      *string
	orEmpty bool
}

func (t timeFlag) Set(value string) error {
	*t.to = value
	if value == "" && t.orEmpty {
		return nil
	}
	_, err := models.ParseTimeOfDay("time", value)
	return err
}

func (t timeFlag) String() string { return "" }
func (t timeFlag) Type() string   { return "TIME" }

// changed returns the value of a flag, or nil when it was not given.
func changed[T any](f *pflag.FlagSet, name string, v T) *T {
	if !f.Changed(name) {
		return nil
	}
	return &v
}

// reasonVar adds the flag for why something is done.
func reasonVar(f *pflag.FlagSet, to *string) {
	f.StringVar(to, "reason", "", "why; it becomes part of the record")
}
