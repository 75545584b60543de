package app

import (
	"context"
	"time"

	"tickmark/activities/post"
	"tickmark/activities/safely"
	"tickmark/api/web"
	"tickmark/models"
	"tickmark/models/store"
)

// asksWaiting is how many people may wait for a link: more than can ask in good faith in the moment that one takes.
const asksWaiting = 64

// askLink puts down that somebody asks for a link. What follows of it is done beside the answer, so that this takes as long whoever they
// are. Where too many wait nothing is sent: they ask again.
func (a *App) askLink(ask web.LinkAsk) {
	select {
	case a.asks <- ask:
	default:
		a.cfg.Log.Warn("somebody asks for a link to sign in and gets none: too many ask at once")
	}
}

// invite schedules an invitation, and has it sent at once.
func (a *App) invite(ctx context.Context, s *store.Store, person, by models.Person, once store.Once) (store.Invitation, error) {
	sent, err := a.postman.Invite(ctx, s, person, by, once)
	if err == nil {
		if err := a.Engine.Hurry(ctx); err != nil {
			a.cfg.Log.InfoContext(ctx, "no sweep was begun at once", "error", err)
		}
	}
	return sent, err
}

// links sends what askLink has put down. What fails is logged and not tried again: who waits asks again.
func (a *App) links(ctx context.Context) error {
	for {
		idle := time.NewTimer(a.parts.pace.beat)
		select {
		case <-ctx.Done():
		case <-idle.C:
		case ask := <-a.asks:
			a.sendLinks(ctx, ask)
		}
		idle.Stop()
		if err := safely.Beat(ctx); err != nil {
			return err
		}
	}
}

// sendLinks schedules what somebody is sent who asks for a link, and has it sent at once.
func (a *App) sendLinks(ctx context.Context, ask web.LinkAsk) {
	short, cancel := context.WithTimeout(ctx, pokeFor)
	defer cancel()
	sent, err := a.postman.SendLinks(short, post.LinkAsk(ask))
	if err != nil {
		a.cfg.Log.WarnContext(ctx, "a link to sign in is not sent", "error", err)
	}
	if sent == 0 {
		return
	}
	if err := a.Engine.Hurry(short); err != nil {
		a.cfg.Log.InfoContext(ctx, "no sweep was begun at once", "error", err)
	}
}
