package desk

import (
	"context"
	"time"

	"tickmark/activities/safely"
	"tickmark/models/reminders"
)

// socketEvery is how often we look whether a workspace is to be asked by Socket Mode, in real time.
const socketEvery = 15 * time.Second

// Sockets asks Slack for what comes in of the workspaces that cannot be reached from outside (Socket Mode), until ctx ends. A process
// of several that does so gets its part; one that is cut off takes the connection up again.
func (d *Desk) Sockets(ctx context.Context) {
	type running struct {
		revision int64
		stop     context.CancelFunc
	}
	all := map[string]running{}
	for {
		list, err := d.Root.SocketWorkspaces(ctx)
		if err != nil && ctx.Err() == nil {
			d.Log.WarnContext(ctx, "cannot look for Slack workspaces", "error", err)
		}
		wanted := map[string]bool{}
		for _, w := range list {
			key := string(w.Firm) + "/" + w.ID
			wanted[key] = true
			if r, ok := all[key]; ok && r.revision == w.Revision {
				continue
			} else if ok {
				r.stop()
			}
			own, stop := context.WithCancel(ctx)
			all[key] = running{w.Revision, stop}
			go d.socket(own, w)
		}
		for key, r := range all {
			if err == nil && !wanted[key] {
				r.stop()
				delete(all, key)
			}
		}
		select {
		case <-ctx.Done():
			for _, r := range all {
				r.stop()
			}
			return
		case <-time.After(socketEvery):
		}
	}
}

// socket keeps one workspace connected.
func (d *Desk) socket(ctx context.Context, w reminders.Workspace) {
	for wait := time.Second; ctx.Err() == nil; wait = min(2*wait, time.Minute) {
		began := d.Real()
		err := safely.Do(func() error { return d.listen(ctx, w) })
		if ctx.Err() != nil {
			return
		}
		if d.Real().Sub(began) > time.Minute {
			wait = time.Second
		}
		d.Log.WarnContext(ctx, "Socket Mode was cut off", "workspace", w.ID, "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// listen takes in what comes over one connection: acknowledged once it is kept, as over HTTP.
func (d *Desk) listen(ctx context.Context, w reminders.Workspace) error {
	return d.Slack.Listen(ctx, w.Secrets.Token, w.Secrets.AppToken, d.Log.With("workspace", w.ID), func(kind, payload string) (any, error) {
		return d.take(ctx, w, kind, payload)
	})
}
