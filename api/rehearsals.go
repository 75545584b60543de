package api

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"

	"tickmark/api/session"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// How many rehearsals are under way at the same time: of one person's, and of everybody's. One costs half a second of a processor, so that
// the others' requests would wait for whoever asks for many. The second half of the places is for those only who have none under way.
const (
	rehearsalsOfOne = 2
	rehearsalsOfAll = 4
)

// rehearsalsKept is how many rehearsals are kept for who asks again: one of 180 people has a few megabytes.
const rehearsalsKept = 8

// reckoning lets rehearsals reckon on all processors but one: while there is work for all of them, Go looks for what comes in from the
// network every ten milliseconds only, and everybody's answers would come as late.
var reckoning = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)-1))

// rehearsals counts the rehearsals that are under way, and keeps the last ones. The zero value is ready.
type rehearsals struct {
	mu    sync.Mutex
	of    map[somebody]int
	under int
	kept  []rehearsed // the last one that was asked for is the last
}

// somebody is one person of one firm.
type somebody struct {
	firm   models.FirmID
	person models.PersonID
}

// A rehearsed is what came of a rehearsal, by a digest of all that it came of.
type rehearsed struct {
	from [sha256.Size]byte
	came reminders.Rehearsal
}

// begin counts a rehearsal that somebody asks for, and returns what ends it. It refuses (too many requests) one that is too many.
func (r *rehearsals) begin(who somebody) (end func(), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.of[who] >= rehearsalsOfOne:
		return nil, models.Refuse(session.TooMany, "", "%d rehearsals that you asked for are still being reckoned, and more are not "+
			"at the same time: send this one again when one of them is answered", rehearsalsOfOne)
	case r.of[who] > 0 && r.under >= rehearsalsOfAll/2:
		return nil, models.Refuse(session.TooMany, "", "one that you asked for is still being reckoned, and the places that are left "+
			"are for others: send this one again when yours is answered")
	case r.under >= rehearsalsOfAll:
		return nil, models.Refuse(session.TooMany, "", "%d rehearsals are being reckoned, and more are not at the same time: send this "+
			"one again in a moment", rehearsalsOfAll)
	}
	if r.of == nil {
		r.of = map[somebody]int{}
	}
	r.of[who]++
	r.under++
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.under--
		if r.of[who]--; r.of[who] == 0 {
			delete(r.of, who)
		}
	}, nil
}

// known returns what came of a rehearsal of the same, and whether it is kept.
func (r *rehearsals) known(from [sha256.Size]byte) (reminders.Rehearsal, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.kept, func(k rehearsed) bool { return k.from == from })
	if i < 0 {
		return reminders.Rehearsal{}, false
	}
	found := r.kept[i]
	r.kept = append(slices.Delete(r.kept, i, i+1), found)
	return found.came, true
}

func (r *rehearsals) keep(from [sha256.Size]byte, came reminders.Rehearsal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept = append(r.kept, rehearsed{from, came}); len(r.kept) > rehearsalsKept {
		r.kept = slices.Delete(r.kept, 0, 1)
	}
}

// A rehearsing is what a rehearsal comes of.
type rehearsing struct {
	facts    *engagement.Facts
	aud      reminders.Audience
	settings reminders.Messaging
	assume   reminders.Assumption
	today    models.Date // the engagement's
	until    models.Date
}

// digest tells one rehearsing from another: by the engagement, its revision and the day, and by what else is said to people depends on.
// The hour is left out: what is over by now is not shown.
func (r *rehearsing) digest() ([sha256.Size]byte, error) {
	f := r.facts
	said := slices.SortedFunc(maps.Keys(r.aud.Sent), func(a, b reminders.SentKey) int {
		return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(a.Item, b.Item))
	})
	sent := make([]any, 0, 2*len(said))
	for _, key := range said {
		sent = append(sent, key, r.aud.Sent[key])
	}
	text, err := json.Marshal([]any{f.Firm, f.Client, f.Engagement.ID, f.Engagement.Revision, f.Catalog.Version, f.Duties, f.People, r.today,
		r.until, r.assume, r.settings, r.aud.People, r.aud.Failing, sent})
	return sha256.Sum256(text), err
}

// rehearsal returns what comes of a rehearsing: what was kept of the same, or reckoned for the caller, unless that is one too many. It
// ends with ctx.
func (s *Server) rehearsal(ctx context.Context, who *caller, r *rehearsing) (reminders.Rehearsal, error) {
	from, err := r.digest()
	if err != nil {
		return reminders.Rehearsal{}, err
	}
	if came, ok := s.rehearsals.known(from); ok {
		return came, nil
	}
	end, err := s.rehearsals.begin(somebody{who.Firm, who.Person.ID})
	if err != nil {
		return reminders.Rehearsal{}, err
	}
	defer end()
	select {
	case reckoning <- struct{}{}:
		defer func() { <-reckoning }()
	case <-ctx.Done():
		return reminders.Rehearsal{}, fmt.Errorf("wait to rehearse: %w", ctx.Err())
	}
	came, err := reminders.Rehearse(ctx, r.facts, r.aud, r.settings, r.assume, who.Now, r.until)
	if err == nil {
		s.rehearsals.keep(from, came)
	}
	return came, err
}
