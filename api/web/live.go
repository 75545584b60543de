package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"tickmark/api/session"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/store"
)

const (
	lookEvery   = time.Second             // how often the database is asked for what changed, while anybody listens
	beatEvery   = 15 * time.Second        // how often a stream says that it lives
	writeWithin = 10 * time.Second        // how long a browser may take to read it
	stirsAsked  = 100                     // events that are looked at each time
	stirsKept   = 4 * stirsAsked          // new ones that are kept for who has not heard of them
	looksFailed = 5                       // looks in a row that may fail before a stream ends
	lookWithin  = 2 * time.Second         // how long the database may take
	mostStreams = 8                       // of one person: a tab that is hidden has none
	lagSince    = 5 * time.Second         // how long what a page does not show yet may have been under way
	reconnect   = 3000 * time.Millisecond // after which a browser tries again
)

// A news is what is new in the record of a firm, for all its people who listen in this process. There is no goroutine behind it: whoever
// listens looks, where nobody has within the last second, and the others hear of it.
type news struct {
	looking sync.Mutex // held while the database is asked

	mu     sync.Mutex
	looked time.Time
	failed int // looks in a row
	known  map[store.Stir]bool
	last   int          // how many were new until now
	kept   []store.Stir // the last of them
	lost   int          // up to which number some may not have been seen
}

// look asks the database for what is new, unless that was done within the last second or is being done.
func (n *news) look(ctx context.Context, s *store.Store) {
	if !n.looking.TryLock() {
		return
	}
	defer n.looking.Unlock()
	n.mu.Lock()
	fresh := time.Since(n.looked) < lookEvery*9/10
	n.mu.Unlock()
	if fresh {
		return
	}
	short, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	stirs, err := s.Stirs(short, stirsAsked)
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return // who asked is gone
	case err != nil:
		n.looked, n.failed = time.Now(), n.failed+1
		return
	}
	n.add(stirs)
	n.looked, n.failed = time.Now(), 0
}

// add adds what is new of the latest events. Where all of them are, there may have been more.
func (n *news) add(stirs []store.Stir) {
	known, fresh := make(map[store.Stir]bool, len(stirs)), 0
	for _, s := range stirs {
		if known[s] = true; n.known != nil && !n.known[s] {
			n.kept, fresh = append(n.kept, s), fresh+1
		}
	}
	n.last += fresh
	if fresh >= stirsAsked {
		n.lost = n.last
	}
	n.kept, n.known = n.kept[max(0, len(n.kept)-stirsKept):], known
}

// after returns what came after a number, up to which number that is, whether there may have been more, and how many looks failed last.
func (n *news) after(number int) (fresh []store.Stir, last int, more bool, failed int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	missing := n.last - number
	more = missing > len(n.kept) || n.lost > number
	return append([]store.Stir(nil), n.kept[max(0, len(n.kept)-missing):]...), n.last, more, n.failed
}

// streams are those that are open in this process.
type streams struct {
	mu   sync.Mutex
	news map[models.FirmID]*news
	open map[models.FirmID]map[models.PersonID]int
}

// begin counts a stream of somebody in. It refuses more than one person may have.
func (s *streams) begin(p models.Person) (*news, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.news == nil {
		s.news, s.open = map[models.FirmID]*news{}, map[models.FirmID]map[models.PersonID]int{}
	}
	if s.news[p.Firm] == nil {
		s.news[p.Firm], s.open[p.Firm] = &news{}, map[models.PersonID]int{}
	}
	if s.open[p.Firm][p.ID] >= mostStreams {
		return nil, models.Refuse(session.TooMany, "", "more pages listen for you than may at once: %d", mostStreams)
	}
	s.open[p.Firm][p.ID]++
	return s.news[p.Firm], nil
}

// end counts a stream out. With the last one of a firm goes what it has heard.
func (s *streams) end(p models.Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[p.Firm][p.ID]--; s.open[p.Firm][p.ID] <= 0 {
		delete(s.open[p.Firm], p.ID)
	}
	if len(s.open[p.Firm]) == 0 {
		delete(s.open, p.Firm)
		delete(s.news, p.Firm)
	}
}

// A listener is a page that is open somewhere and wants to hear when what it shows has changed.
type listener struct {
	*visit
	in    models.EngagementID // the engagement that it shows; empty: all
	since time.Time           // from when on it has not heard, in engagement time
	rc    *http.ResponseController
	heard int
}

// live tells a browser, as events in a stream, that something has changed which is shown to its person, and never what: the page asks for
// that itself. The stream goes on until the session ends, the browser goes away or this process ends.
func (p *Pages) live(w http.ResponseWriter, r *http.Request) {
	v := &visit{Pages: p, w: w, r: r}
	l := listener{visit: v, in: models.EngagementID(r.URL.Query().Get("engagement")), rc: http.NewResponseController(w)}
	var err error
	if v.Caller, err = p.Sessions.Cookie(r.Context(), r); err == nil {
		err = l.admit(r)
	}
	if err != nil {
		v.refuseStream(err)
		return
	}
	heard, err := p.streams.begin(v.Person)
	if err != nil {
		v.refuseStream(err)
		return
	}
	defer p.streams.end(v.Person)
	l.run(r.Context(), heard)
}

// admit lets pass who sees what they want to hear of.
func (l *listener) admit(r *http.Request) error {
	micros, err := strconv.ParseInt(r.URL.Query().Get("since"), 10, 64)
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		micros, err = strconv.ParseInt(last, 10, 64)
	}
	if err != nil || micros < 0 {
		return models.Refuse(models.Invalid, "since", "since is no number of microseconds")
	}
	l.since = time.UnixMicro(micros)
	action := engagement.Action("getMe")
	if l.in != "" {
		action = "getEngagement"
	}
	return l.Admit(r.Context(), action, session.Path{Engagement: l.in})
}

// refuseStream says in a status alone that there is no stream; a page is not asked for.
func (v *visit) refuseStream(err error) {
	status := http.StatusServiceUnavailable
	switch code := models.CodeOf(err); {
	case code == models.Unauthenticated:
		status = http.StatusUnauthorized
	case statuses[code] != 0:
		status = statuses[code]
	}
	v.w.WriteHeader(status)
}

// run writes the stream.
func (l *listener) run(ctx context.Context, heard *news) {
	h := l.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	_ = l.rc.SetReadDeadline(time.Time{}) // the server's own would end it
	heard.look(ctx, l.Store)
	_, l.heard, _, _ = heard.after(0)
	if !l.say(fmt.Sprintf("retry: %d\nevent: hello\nid: %d\ndata:\n\n", reconnect.Milliseconds(), l.since.UnixMicro())) {
		return
	}
	if l.stirred(ctx) && !l.changed() {
		return
	}
	tick, beat := time.NewTicker(lookEvery), time.NewTicker(beatEvery)
	defer tick.Stop()
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.Ending:
			return
		case <-beat.C:
			if l.Sessions.Stays(ctx, l.r, l.Caller) != nil || !l.say("event: beat\ndata:\n\n") {
				return
			}
		case <-tick.C:
			if !l.hear(ctx, heard) {
				return
			}
		}
	}
}

// hear looks for what is new and tells of it. It reports whether the stream goes on.
func (l *listener) hear(ctx context.Context, heard *news) bool {
	heard.look(ctx, l.Store)
	fresh, last, more, failed := heard.after(l.heard)
	if failed >= looksFailed {
		return false
	}
	if l.heard = last; len(fresh) == 0 && !more {
		return true
	}
	if l.Sessions.Stays(ctx, l.r, l.Caller) != nil {
		return false
	}
	if l.concerned(ctx, fresh) || more && l.stirred(ctx) {
		return l.changed()
	}
	return true
}

// concerned reports whether one of several events is shown to who listens.
func (l *listener) concerned(ctx context.Context, fresh []store.Stir) bool {
	all := engagement.ReachOf(l.Role, "listEngagements") == engagement.ReachFirm
	asked := map[models.EngagementID]bool{}
	for _, s := range fresh {
		switch {
		case s.Engagement == "":
			if all && l.in == "" {
				return true
			}
			continue
		case l.in != "" && s.Engagement != l.in, s.Internal && !l.SeesInternal(), asked[s.Engagement]:
			continue
		}
		asked[s.Engagement] = true
		if all {
			return true
		}
		if _, err := l.Store.SeesEngagement(ctx, l.Actor, s.Engagement, l.Sessions.Now()); err == nil {
			return true
		}
	}
	return false
}

// stirred reports whether something has happened since who listens last heard that is shown to them.
func (l *listener) stirred(ctx context.Context) bool {
	filter := store.EventFilter{Since: l.since.Add(-lagSince)}
	if l.in == "" {
		events, _, err := l.Store.ChangesFor(ctx, l.Actor, "", filter, "", 1)
		return err == nil && len(events) > 0
	}
	events, _, err := l.Store.EventsFor(ctx, l.Actor, l.in, filter, "", 1)
	return err == nil && len(events) > 0
}

// changed tells that something has changed.
func (l *listener) changed() bool {
	l.since = l.Sessions.Now()
	return l.say(fmt.Sprintf("event: changed\nid: %d\ndata:\n\n", l.since.UnixMicro()))
}

// say writes to the stream, and reports whether anybody reads it.
func (l *listener) say(text string) bool {
	if l.rc.SetWriteDeadline(time.Now().Add(writeWithin)) != nil {
		return false
	}
	if _, err := l.w.Write([]byte(text)); err != nil {
		return false
	}
	return l.rc.Flush() == nil
}

// listens returns where a page hears of changes to what it shows; nowhere, where it is a form that is being filled in.
func (v *visit) listens() string {
	if v.r.Method != http.MethodGet || v.Role == "" {
		return ""
	}
	at := "/live?since=" + strconv.FormatInt(v.Now.UnixMicro(), 10)
	if v.Engagement.ID != "" {
		at += "&engagement=" + string(v.Engagement.ID)
	}
	return at
}
