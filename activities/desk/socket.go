package desk

import (
	"context"
	"time"

	"tickmark/activities/safely"
	"tickmark/models/reminders"
)

// socketEvery is how often we look whether a workspace is to be asked by Socket Mode, in real time.
const socketEvery = 15 * time.Second

// Connection is what a part is called that keeps one workspace connected by Socket Mode.
const Connection = "a connection of Socket Mode"

// Sockets asks Slack for what comes in of the workspaces that cannot be reached from outside (Socket Mode), until ctx ends or the
// workspaces cannot be looked for. It returns why it ended. Each connection is a part of its own: one that is cut off is taken up again,
// and a process of several that does so gets its part.
func (d *Desk) Sockets(ctx context.Context) error {
	type running struct {
		revision int64
		end      func()
	}
	all := map[string]running{}
	defer func() {
		for _, r := range all {
			r.end()
		}
	}()
	for {
		list, err := d.Root.SocketWorkspaces(ctx)
		if err != nil {
			return err
		}
		wanted := map[string]bool{}
		for _, w := range list {
			key := string(w.Firm) + "/" + w.ID
			wanted[key] = true
			if r, ok := all[key]; ok && r.revision == w.Revision {
				continue
			} else if ok {
				r.end()
			}
			all[key] = running{w.Revision, safely.Begin(ctx, Connection, key, func(ctx context.Context) error { return d.listen(ctx, w) })}
		}
		for key, r := range all {
			if !wanted[key] {
				r.end()
				delete(all, key)
			}
		}
		if err := safely.Rest(ctx, socketEvery, nil); err != nil {
			return err
		}
	}
}

// listen takes in what comes over one connection: acknowledged once it is kept, as over HTTP.
func (d *Desk) listen(ctx context.Context, w reminders.Workspace) error {
	return d.Slack.Listen(ctx, w.Secrets.Token, w.Secrets.AppToken, d.Log.With("workspace", w.ID), func(kind, payload string) (any, error) {
		return d.take(ctx, w, kind, payload)
	})
}
