package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"tickmark/models"
)

// runRate measures how many commands a second an installation of production carries out, in which nothing goes wrong: one who serves, one
// who works, PostgreSQL, which writes through, and Temporal, each a process. Each client has an engagement of its own and sends one command
// after the other: a task, three comments on it, and that it is done.
func runRate(ctx context.Context, args []string) error {
	o := options{worlds: 1}
	var for_ time.Duration
	flags := flag.NewFlagSet("chaos rate", flag.ContinueOnError)
	flags.StringVar(&o.dir, "dir", "", "directory for what the processes keep and log; a temporary one that is removed when all went well")
	flags.IntVar(&o.clients, "clients", 50, "how many clients write all the time")
	flags.DurationVar(&for_, "for", 30*time.Second, "for how long it is measured")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.clients < 1 || o.clients > 500 || for_ < time.Second || for_ > time.Hour {
		return errors.New("--clients must be between 1 and 500, and --for between 1s and 1h")
	}
	own := o.dir == ""
	if own {
		var err error
		if o.dir, err = os.MkdirTemp("", "tickmark-rate-"); err != nil {
			return err
		}
	}
	if err := os.Chmod(o.dir, 0o755); err != nil { // PostgreSQL runs as somebody else
		return err
	}
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = o.clients
	w := &world{options: o, dir: o.dir}
	if err := w.rate(ctx, for_); err != nil {
		return fmt.Errorf("%w\n(what was kept and logged is in %s)", err, o.dir)
	}
	if own {
		return os.RemoveAll(o.dir)
	}
	return nil
}

// rate starts everything, has the clients write, and says how many commands were answered and how soon.
func (w *world) rate(ctx context.Context, for_ time.Duration) error {
	defer w.end()
	if err := w.fakes(); err != nil {
		return err
	}
	if err := w.parts(ctx); err != nil {
		return err
	}
	if err := w.api.ready(ctx); err != nil {
		return err
	}
	token, err := os.ReadFile(filepath.Join(w.dir, "admin-token"))
	if err != nil {
		return err
	}
	w.api.token = strings.TrimSpace(string(token))
	if err := w.settle(ctx); err != nil {
		return err
	}
	var mu sync.Mutex
	var took []time.Duration
	var failed error
	var slowest time.Duration
	var watching sync.WaitGroup
	defer watching.Wait()
	watched, enough := context.WithCancel(ctx)
	defer enough()
	watching.Go(func() { slowest = w.slowest(watched) })
	for _, phase := range []time.Duration{for_ / 6, for_} { // the first warms up
		took = took[:0]
		began := time.Now()
		busy, rest := context.WithDeadline(ctx, began.Add(phase))
		var together sync.WaitGroup
		for c := range w.clients {
			together.Go(func() {
				mine, err := w.commands(busy, fmt.Sprintf("rate-%d", c), fmt.Sprintf("%s-%d", phase, c))
				mu.Lock()
				defer mu.Unlock()
				took = append(took, mine...)
				failed = errors.Join(failed, err)
			})
		}
		together.Wait()
		rest()
	}
	if failed != nil {
		return failed
	}
	if len(took) == 0 {
		return fmt.Errorf("no command was answered within %s: --for allows up to 1h, and fewer --clients wait less for one another", for_)
	}
	enough()
	watching.Wait()
	slices.Sort(took)
	load, _ := os.ReadFile("/proc/loadavg") // where there is none, nothing is said of it
	fmt.Printf("%.0f commands a second from %d clients in %s: half of them within %s, 99 of 100 within %s; /healthz within %s, "+
		"also while it warmed up; load average at the end %s\n",
		float64(len(took))/for_.Seconds(), w.clients, for_, took[len(took)/2].Round(100*time.Microsecond),
		took[len(took)*99/100].Round(100*time.Microsecond), slowest.Round(100*time.Microsecond), strings.TrimSpace(string(load)))
	return nil
}

// slowest asks the server ten times a second, by connections of its own, whether it lives, until ctx ends, and returns how long the
// slowest answer took. A server that does not answer for as long as its supervisor waits is started anew.
func (w *world) slowest(ctx context.Context) (most time.Duration) {
	alone := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for pause(ctx, 100*time.Millisecond) == nil {
		from := time.Now()
		res, err := alone.Get(w.api.url + "/healthz")
		if err != nil {
			continue // the commands say why nobody answers
		}
		_ = res.Body.Close()
		most = max(most, time.Since(from))
	}
	return most
}

// settle makes a client, its people and an engagement that runs for each who writes.
func (w *world) settle(ctx context.Context) error {
	n := 0
	var failed error
	do := func(method, path string, body object) {
		if n++; failed == nil {
			failed = w.api.do(ctx, method, path, fmt.Sprintf("settle-%d", n), body, nil)
		}
	}
	for id, role := range map[string]string{"paula": "partner", "mia": "pm", "carl": "consultant"} {
		do("POST", "/people", object{"id": id, "name": id, "role": role, "time_zone": zone, "email": id + "@firm.example"})
	}
	do("POST", "/clients", object{"id": "north", "name": "north", "headcount": 12, "country": "none", "time_zone": zone})
	do("POST", "/people", object{"id": "boss", "name": "Boss", "role": "sponsor", "client": "north", "time_zone": zone,
		"email": "boss@north.example"})
	for _, function := range []string{"sponsor", "eng_lead", "security_lead", "hr_lead"} {
		do("PUT", "/clients/north/functions/"+function, object{"person": "boss"})
	}
	kickoff := models.DateIn(time.Now(), time.UTC).AddDays(14).Monday()
	for c := range w.clients {
		id := fmt.Sprintf("rate-%d", c)
		do("POST", "/engagements", object{"id": id, "name": id, "client": "north", "type": "soc2_type1", "categories": []string{"security"},
			"kickoff": kickoff.String(), "partner": "paula", "manager": "mia", "consultants": []string{"carl"}})
		do("POST", "/engagements/"+id+"/start", object{})
	}
	w.first = kickoff
	return failed
}

// commands sends one command after the other until ctx ends, and returns how long each took that was answered.
func (w *world) commands(ctx context.Context, id, name string) (took []time.Duration, err error) {
	path := "/engagements/" + id + "/tasks"
	send := func(path, key string, body object, out any) {
		from := time.Now()
		if err != nil || ctx.Err() != nil {
			return
		}
		if err = w.api.do(ctx, "POST", path, key, body, out); err == nil {
			took = append(took, time.Since(from))
		}
	}
	for n := 0; err == nil && ctx.Err() == nil; n++ {
		var made struct{ Created string }
		key := fmt.Sprintf("%s-%d-", name, n)
		send(path, key+"task", object{"title": key, "phase": "kickoff", "owner": "carl", "due": w.first.AddDays(300).String()}, &made)
		for i := range 3 {
			send(path+"/"+made.Created+"/comments", fmt.Sprint(key, i), object{"text": fmt.Sprintf("Remark %d", i)}, nil)
		}
		send(path+"/complete", key+"done", object{"tasks": []string{made.Created}}, nil)
	}
	if ctx.Err() != nil {
		err = nil // what was under way at the end does not count
	}
	return took, err
}
