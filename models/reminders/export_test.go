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
	r := newRehearsal(f, aud, Messaging{}, a, now)
	r.acted, r.lived = acted, lived
	if err := r.begin(); err != nil {
		return Rehearsal{}, err
	}
	lived(r.f, r.now)
	if err := r.live(context.Background(), until); err != nil {
		return Rehearsal{}, err
	}
	return r.outcome(until), nil
}
