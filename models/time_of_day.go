package models

import (
	"fmt"
	"time"
)

// A TimeOfDay is a time on the clock, in minutes after midnight, on any day and in no time zone.
type TimeOfDay int

// ParseTimeOfDay reads a time of the form 08:30 and refuses anything else, signs and digits of other scripts among them.
func ParseTimeOfDay(field, s string) (TimeOfDay, error) {
	t, ok := timeOfDay(s)
	if !ok {
		return 0, Refuse(Invalid, field, "%s %.20q is not a time of day: write it as 08:30", field, s)
	}
	return t, nil
}

func timeOfDay(s string) (TimeOfDay, bool) {
	if len(s) != 5 || s[2] != ':' {
		return 0, false
	}
	h, hours := twoDigits(s[:2])
	m, minutes := twoDigits(s[3:])
	return TimeOfDay(60*h + m), hours && minutes && h < 24 && m < 60
}

// twoDigits returns the number that two digits are, and false when they are none.
func twoDigits(s string) (int, bool) {
	a, b := s[0]-'0', s[1]-'0'
	return 10*int(a) + int(b), a < 10 && b < 10
}

// String returns the time as 08:30.
func (t TimeOfDay) String() string { return fmt.Sprintf("%02d:%02d", int(t)/60, int(t)%60) }

// MarshalText writes the time as 08:30.
func (t TimeOfDay) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (t *TimeOfDay) UnmarshalText(text []byte) (err error) {
	*t, err = ParseTimeOfDay("time", string(text))
	return err
}

// On returns the instant of the time on a day in a zone.
func (t TimeOfDay) On(d Date, zone *time.Location) time.Time { return d.At(zone, int(t)/60, int(t)%60) }
