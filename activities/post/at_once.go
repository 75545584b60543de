package post

import (
	"context"

	"tickmark/models"
	"tickmark/models/reminders"
	"tickmark/workflows"
)

// SendNow sends a message that was just scheduled: not only at the next sweep, since who did something waits for it. What cannot be sent
// now the next sweep sends, or looks for.
func (p *Postman) SendNow(ctx context.Context, firm models.FirmID, id string) {
	due, err := p.Root.For(firm).DueNow(ctx, id)
	if err != nil || len(due) == 0 {
		return
	}
	sh := p.shiftOn(workflows.Lane{Firm: firm, Lane: due[0].Lane()})
	if sh.prepare(ctx, due) == nil {
		sh.batch(ctx, due)
	}
}

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
