package models

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A TimeOfDay is a time on the clock, in minutes after midnight, on any day and in no time zone.
type TimeOfDay int

// ParseTimeOfDay reads a time of the form 08:30 and refuses anything else.
func ParseTimeOfDay(field, s string) (TimeOfDay, error) {
	hour, minute, ok := strings.Cut(s, ":")
	h, err := strconv.Atoi(hour)
	m, err2 := strconv.Atoi(minute)
	if !ok || len(hour) != 2 || len(minute) != 2 || err != nil || err2 != nil || h < 0 || h > 23 || m < 0 || m > 59 {
		return 0, Refuse(Invalid, field, "%s %.20q is not a time of day: write it as 08:30", field, s)
	}
	return TimeOfDay(60*h + m), nil
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
