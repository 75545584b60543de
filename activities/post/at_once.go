package post

import (
	"context"

	"tickmark/models/reminders"
	"tickmark/workflows"
)

// EditNow brings the messages of a workspace in line with what has just been done: not only at the next sweep, since who pressed a button
// looks at one. What cannot be edited now the next sweep edits.
func (p *Postman) EditNow(ctx context.Context, w reminders.Workspace) {
	lane := string(w.Firm) + "/" + w.ID
	due, err := p.Root.For(w.Firm).Due(ctx, lane, 50)
	if err != nil {
		return
	}
	sh := p.shiftOn(workflows.Lane{Firm: w.Firm, Lane: lane})
	if sh.prepare(ctx, due) != nil {
		return
	}
	for _, d := range due {
		if d.Status != reminders.DeliverySent || sh.held.Load() {
			continue
		}
		if err := sh.edit(ctx, d); err != nil {
			p.Log.WarnContext(ctx, "a message cannot be edited", "delivery", d.ID, "error", err)
			return
		}
	}
}
