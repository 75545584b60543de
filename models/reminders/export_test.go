package reminders

import (
	"context"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
)

// RehearseWatched is Rehearse, and tells acted of every command that was accepted, and lived of the facts once it
// has begun and after every instant.
func RehearseWatched(f *engagement.Facts, aud Audience, a Assumption, now time.Time, until models.Date,
	acted func(engagement.Command, time.Time), lived func(*engagement.Facts, time.Time)) (Rehearsal, error) {
	return RehearseIdle(f, aud, a, now, until, nil, acted, lived)
}

// RehearseIdle is RehearseWatched in which those do nothing of whom idle says so.
func RehearseIdle(f *engagement.Facts, aud Audience, a Assumption, now time.Time, until models.Date,
	idle func(engagement.Actor, time.Time) bool, acted func(engagement.Command, time.Time), lived func(*engagement.Facts, time.Time)) (
	Rehearsal, error) {
	r := newRehearsal(f, aud, Messaging{}, a, now)
	r.idle, r.acted, r.lived = idle, acted, lived
	if err := r.begin(); err != nil {
		return Rehearsal{}, err
	}
	lived(r.f, r.now)
	if err := r.live(context.Background(), until); err != nil {
		return Rehearsal{}, err
	}
	return r.outcome(until), nil
}
