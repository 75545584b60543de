package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"tickmark/activities/fake/town"
	"tickmark/api/session"
	"tickmark/api/web"
	"tickmark/models"
	"tickmark/models/store"
)

// Acme's machines, on which serve and worker run, say another day than at the last sweep: they were off for that long, or their clock is
// wrong. One sweep begins, not as many as were missed, and Olga gets one message at most. While the last sweep lies ahead, the health of
// messages says so. Then the clock is put right again while both run, and it is the same once more: nobody waits for a day that the wrong
// clock named.
func TestServeAndWorkerWhenTheClockIsSet(t *testing.T) {
	for _, days := range []int{0, 3, 40, 120, -3, -40, -120} {
		t.Run(fmt.Sprintf("%+d days", days), func(t *testing.T) {
			town.Each(t, func(t *testing.T, w *town.Town) {
				w.WithMail()
				w.Task("olga", "Send the organization chart", "2027-01-14")
				w.On("2027-01-13", 10)
				w.Settle()
				m := startBoth(t, w)
				m.begins(0)
				for _, move := range []int{days, -days} {
					before := len(w.Said("olga"))
					m.set(move)
					if h := m.health(); h.SweepAhead != (move < 0) {
						t.Errorf("moved by %d days, health says that the last sweep is ahead: %v", move, h.SweepAhead)
					}
					m.begins(min(1, move*move))
					if h := m.health(); h.SweepAhead || m.serve.Now().Sub(h.LastSweep).Abs() > 5*time.Minute {
						t.Errorf("moved by %d days, after a sweep health says %+v on %s", move, h, m.serve.Now())
					}
					if got := len(w.Said("olga")) - before; got > 1 {
						t.Errorf("moved by %d days, Olga gets %d messages", move, got)
					}
					if due, err := w.Root.DueMailboxes(t.Context(), w.Now(), 500); err != nil || len(due) != 0 {
						t.Errorf("moved by %d days, %d people are not looked at: %v", move, len(due), err)
					}
				}
			})
		})
	}
}

// machines are those on which serve and worker run, over a town's database.
type machines struct {
	*testing.T
	w             *town.Town
	serve, worker *App
	url, token    string
	sweeper       *sweeper
	running       time.Duration // by the worker's own clock, which is never put right
	sweeps        int
}

func startBoth(t *testing.T, w *town.Town) *machines {
	t.Helper()
	start := func() *App {
		a := &App{Root: w.Root, postman: w.Post, desk: w.Desk, metrics: newMetrics(), parts: newSupervisor(slog.New(slog.DiscardHandler)),
			letters: &web.Letters{Root: w.Root, Engine: w.Root, Site: w.Post.Site, Now: w.Now, Log: slog.New(slog.DiscardHandler)}}
		a.cfg.Rate = 1e6
		return a
	}
	m := &machines{T: t, w: w, serve: start(), worker: start()}
	m.set(0)
	handler, err := m.serve.handler(nil)
	town.Check(t, err)
	site := httptest.NewServer(handler)
	t.Cleanup(site.Close)
	m.url = site.URL
	token, hash := session.NewToken()
	_, err = w.Store.CreateToken(t.Context(), store.Once{}, "marta", "tests", hash, time.Now().AddDate(9, 0, 0), w.Now())
	town.Check(t, err)
	m.token = token
	m.sweeper = m.worker.sweeper()
	begin := func(context.Context) error { m.sweeps++; w.Sweep(); return nil }
	m.sweeper.hurry, m.sweeper.restart = begin, begin
	return m
}

// set sets the clocks of both machines so many days on.
func (m *machines) set(days int) {
	to := m.w.Now().AddDate(0, 0, days)
	m.w.Clock.Store(to.UnixMicro())
	now := time.Now()
	m.serve.cfg.Clock = models.Clock{Origin: now.Add(now.Sub(to)), Rate: 2}
	m.worker.cfg.Clock = m.serve.cfg.Clock
	m.running += time.Hour
}

// begins lets the worker look for two intervals of sweeps, and checks how many begin.
func (m *machines) begins(want int) {
	m.Helper()
	m.sweeps = 0
	for range 8 {
		town.Check(m.T, m.sweeper.look(m.Context(), m.running))
		m.running += m.sweeper.tick()
	}
	if m.sweeps != want {
		m.Errorf("%d sweeps begin, not %d", m.sweeps, want)
	}
}

type messagesHealth struct {
	LastSweep  time.Time `json:"last_sweep"`
	SweepAhead bool      `json:"sweep_ahead"`
}

func (m *machines) health() (h messagesHealth) {
	m.Helper()
	req, err := http.NewRequestWithContext(m.Context(), http.MethodGet, m.url+"/api/v1/messaging/health", http.NoBody)
	town.Check(m.T, err)
	req.Header.Set("Authorization", "Bearer "+m.token)
	answer, err := http.DefaultClient.Do(req)
	town.Check(m.T, err)
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		m.Fatal(answer.Status)
	}
	town.Check(m.T, json.NewDecoder(answer.Body).Decode(&h))
	return h
}
