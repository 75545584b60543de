package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"tickmark/cmd/tickmark-solo/embedded"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/seal"
	"tickmark/models/store"
	"tickmark/models/store/storetest/thief"
)

// runProduction plays days of an installation of production: two who serve and two who work, each a process, on PostgreSQL and a Temporal
// server of their own, while clients write all the time and something befalls it twice a day. A day is as good as a seed.
func runProduction(ctx context.Context, args []string) error {
	o := options{worlds: 1, production: true}
	flags := flag.NewFlagSet("chaos production", flag.ContinueOnError)
	flags.StringVar(&o.dir, "dir", "", "directory for what the processes keep and log; a temporary one that is removed when all went well")
	flags.IntVar(&o.runs, "days", 12, "how many days: all troubles come about in six")
	flags.IntVar(&o.clients, "clients", 8, "how many clients write all the time")
	flags.Uint64Var(&o.seed, "seed", 1, "says when what befalls it, and for how long")
	flags.DurationVar(&o.day, "day", 90*time.Second, "how long a day lasts")
	flags.DurationVar(&o.apart, "apart", 0, apartUsage)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.runs < 1 || o.clients < 1 || o.day < 30*time.Second || o.day > time.Hour {
		return errors.New("--days and --clients must be positive and --day be between 30s and 1h")
	}
	if o.apart < 0 || o.apart > mostApart {
		return errApart
	}
	return play(ctx, o)
}

// twice starts PostgreSQL, behind somebody who can steal what it answers, Temporal, and two of each that serve and work.
func (w *world) twice(ctx context.Context) error {
	ports, db, err := w.postgres(4)
	if err != nil {
		return err
	}
	if w.thief, err = thief.New(db.address()); err != nil {
		return err
	}
	w.database, w.befell, w.acked = db.address(), map[string]int{}, map[string]ack{}
	s := setting{Dir: w.dir, Temporal: ports[1], Database: w.thief.DSN(), Secret: seal.NewKey("chaos"), Clock: w.clock}
	for i, part := range []string{"temporal", "serve-1", "serve-2", "worker-1", "worker-2"} {
		s.Listen = ""
		if strings.HasPrefix(part, "serve") {
			s.Listen = fmt.Sprintf("127.0.0.1:%d", ports[1+i])
			w.api.urls = append(w.api.urls, "http://"+s.Listen)
		}
		if err := w.part(part, s); err != nil {
			return err
		}
		if part == "serve-1" { // it makes the tables and the firm
			w.api.url = w.api.urls[0]
			if err := w.api.ready(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// part starts a part of an installation as a process of its own.
func (w *world) part(name string, s setting) error {
	if w.identity == "" {
		var err error
		if w.identity, err = embedded.NewIdentity(); err != nil {
			return err
		}
	}
	s.Identity = w.identity
	file := w.file(name + ".json")
	us, err := os.Executable()
	if err != nil {
		return err
	}
	return w.process(name, func() *exec.Cmd {
		if name == "temporal" && w.loses.Swap(false) {
			_ = os.RemoveAll(filepath.Join(w.dir, "temporal")) // what is left of it is a start that fails, and is seen
		}
		if strings.HasPrefix(name, "worker") {
			s.Clock = w.wrong()
		}
		text, err := json.Marshal(s)
		if err == nil {
			err = os.WriteFile(file, text, 0o600)
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s is not told what it is to be: %v\n", name, err)
		}
		cmd := exec.Command(us, "part", name, file)
		cmd.Env = w.env()
		return cmd
	})
}

// An ack is a write that was answered: how, and what was sent.
type ack struct {
	path     string
	body     object
	revision int64
}

// load has clients write, one command after the other, until ctx ends, and keeps what was acknowledged.
func (w *world) load(ctx context.Context) {
	var together sync.WaitGroup
	for c := range w.clients {
		together.Go(func() {
			client := []string{"north", "south"}[c%2]
			path := "/engagements/" + client + "-2027/tasks"
			var made struct{ Created string }
			err := w.api.do(ctx, "POST", path, fmt.Sprintf("load-task-%d", c),
				object{"title": fmt.Sprintf("Load %d", c), "phase": "kickoff", "owner": "boss-" + client, "due": w.first.AddDays(300).String()}, &made)
			if w.note(err, func() {}); err != nil {
				return
			}
			for n := 0; ctx.Err() == nil; n++ {
				w.write(ctx, path+"/"+made.Created+"/comments", fmt.Sprintf("load-%d-%d", c, n), object{"text": fmt.Sprintf("Remark %d of %d", n, c)})
			}
		})
	}
	together.Wait()
}

func (w *world) write(ctx context.Context, path, key string, body object) {
	var said struct{ Revision int64 }
	err := w.api.do(ctx, "POST", path, key, body, &said)
	w.note(err, func() { w.acked[key] = ack{path, body, said.Revision} })
}

// again sends what was acknowledged once more, some of it: the key is remembered, and the answer is the one of before.
func (w *world) again(ctx context.Context) []string {
	var wrong []string
	keys := slices.Sorted(maps.Keys(w.acked))
	for i := 0; i < len(keys); i += 1 + len(keys)/200 {
		a := w.acked[keys[i]]
		var said struct {
			Revision int64
			Replayed bool
		}
		if err := w.api.do(ctx, "POST", a.path, keys[i], a.body, &said); err != nil {
			wrong = append(wrong, err.Error())
		} else if said.Revision != a.revision || !said.Replayed {
			wrong = append(wrong, fmt.Sprintf("%s was answered with revision %d, and now with %+v", keys[i], a.revision, said))
		}
	}
	return wrong
}

// loaded: what was acknowledged is in the record once, whatever befell.
func (c *checker) loaded(ctx context.Context, s *store.Store) error {
	seen := map[string]int{}
	for _, client := range []string{"north", "south"} {
		err := pages(func(cursor string) ([]engagement.Event, string, error) {
			return s.Events(ctx, models.EngagementID(client+"-2027"), store.EventFilter{Kinds: []string{"task.commented"}}, cursor, 200)
		}, func(e engagement.Event) error {
			seen[e.Key]++
			return nil
		})
		if err != nil {
			return err
		}
	}
	for key := range c.w.acked {
		c.t.writes++
		switch n := seen[key]; {
		case n == 0:
			c.t.lose("the write %s was acknowledged and is not in the record", key)
		case n > 1:
			c.t.double("the write %s is %d times in the record", key, n)
		}
	}
	c.t.stolen = c.w.thief.Stolen()
	for _, t := range troubles {
		if c.w.befell[t.name] == 0 && c.t.runs >= (len(troubles)+1)/2 {
			c.t.breach("%s never came about, and nothing is proved about it", t.name)
		}
	}
	return nil
}

// punctual: what was to go out when nothing was away went out within a sweep, and what was to go out meanwhile within a sweep of the end.
func (c *checker) punctual() {
	sweep := c.w.options.day / sweepsADay * 5 / 4 // a worker looks every quarter of a sweep whether the next one is to begin
	for at := range c.w.tasks {
		for _, d := range c.ledger {
			if d.Kind == reminders.KindDigest && d.Person == models.PersonID(at.person) && d.Day == at.day {
				c.waited(say(d), c.w.at(at.day, digestHour), c.arrived[d.ID], sweep)
			}
		}
	}
	for text, q := range c.w.questions {
		for _, d := range c.ledger {
			if string(d.Person) == q.id && speaksOf(d, text) {
				c.waited(fmt.Sprintf("%q to %s", text, q.id), q.at, c.arrived[d.ID], sweep)
			}
		}
	}
}

// sweepsADay is how often people's messages are looked at in a day of a fast clock.
const sweepsADay = 4

// waited holds how long a message waited since it could go against a sweep, leaving out when something was away.
func (c *checker) waited(what string, since time.Time, all []arrived, most time.Duration) {
	if len(all) == 0 {
		return // whether it was to arrive is asked elsewhere
	}
	until := all[0].at
	most += c.w.apart() // a worker whose clock is behind does it as much later
	wait := until.Sub(since)
	for _, gone := range merged(c.w.gone) {
		from, to := later(gone.from, since), earlier(gone.to.Add(recovery), until)
		if to.After(from) {
			wait -= to.Sub(from)
		}
	}
	c.t.waits = append(c.t.waits, wait)
	if wait > most+slack {
		c.t.breach("%s waited for %s, and a sweep takes %s", what, wait.Round(time.Millisecond), most)
	}
}

const (
	recovery = 10 * time.Second // until everybody has found each other again after something was away
	slack    = 3 * time.Second  // a sweep takes its time, and a channel takes a message a second
)

// merged returns spans that do not overlap, in their order, each with the time to recover after it.
func merged(all []span) (out []span) {
	all = slices.SortedFunc(slices.Values(all), func(a, b span) int { return a.from.Compare(b.from) })
	for _, s := range all {
		if n := len(out) - 1; n >= 0 && !s.from.After(out[n].to.Add(recovery)) {
			out[n].to = later(out[n].to, s.to)
		} else {
			out = append(out, s)
		}
	}
	return out
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
