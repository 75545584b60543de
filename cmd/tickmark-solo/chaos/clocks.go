package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"tickmark/models"
)

// apartUsage says what --apart is for, mostApart is the most that it may be, and errApart refuses what is more.
const (
	apartUsage = "by how much the clocks of workers are wrong, in engagement time: each start of one is ahead by it, behind by it, or by a " +
		"twelfth of it, by turns, or right"
	mostApart = 2 * time.Hour
)

var errApart = errors.New("--apart must be between 0s and 2h")

// wrong returns the clock of a worker that starts now: the world's, or one that is ahead or behind.
func (w *world) wrong() models.Clock {
	clock := w.clock
	if w.options.apart == 0 {
		return clock
	}
	turns := []time.Duration{w.options.apart, -w.options.apart, w.options.apart / 12, -w.options.apart / 12, 0}
	by := turns[int(w.starts.Add(1)-1+int64(w.seed))%len(turns)]
	// Both times agree at the origin: later there, it is as much behind in engagement time as the rate makes of it.
	clock.Origin = clock.Origin.Add(-time.Duration(float64(by) / (clock.Rate - 1)))
	return clock
}

// apart returns by how much clocks may be wrong, as that takes in the machine's time.
func (w *world) apart() time.Duration {
	if w.solo {
		return 0
	}
	return w.clock.Wait(w.options.apart)
}

// noticed is how long clocks are apart, in the machine's time, when nobody can fail to notice: signs of life are on their way for less.
const noticed = 3 * time.Second

// askOfClocks asks those who serve again and again how messages do, and counts how often they say that clocks differ.
func (w *world) askOfClocks(ctx context.Context) {
	for pause(ctx, time.Second) == nil {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.api.base()+"/api/v1/messaging/health", nil)
		if err != nil {
			return
		}
		req.Header.Set("Authorization", "Bearer "+w.api.token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			continue // it is away
		}
		text, _ := io.ReadAll(res.Body) // what is there of it
		_ = res.Body.Close()
		if bytes.Contains(text, []byte(`"part":"clocks"`)) {
			w.told.Add(1)
		}
	}
}

// clocks: those that differ for everybody to see were named.
func (c *checker) clocks() {
	if apart := c.w.apart(); apart >= noticed && c.w.told.Load() == 0 {
		c.t.breach("clocks of workers were wrong by %s of the machine's time, and nobody was told", apart)
	}
}
