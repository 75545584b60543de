package store

import (
	"context"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
)

// A News says that an engagement has changed. It is told after the change was committed.
type News struct {
	Ref      models.Ref
	Revision int64
	// Wakes is true when the engagement's workflow has something to do that it does not know of: to move the engagement on now, to look
	// again earlier than it means to, to begin, or to end.
	Wakes bool
}

// Apply carries out one command on an engagement, once for its key, in one transaction under the engagement's lock, and returns the
// result. The command happens at Root.Now, or at the instant of the engagement's last event where that is later: another machine's clock
// may be ahead.
//
// It refuses what engagement.Decide refuses, what Change refuses, and not found. A fault of the database that passes within a second or
// two is waited for. One that lasts is unavailable: then nothing was done and nothing is remembered under the key, unless the refusal says
// that it is not known; then the same command, sent again, tells. The News is told before Apply returns.
func (r *Root) Apply(ctx context.Context, ref models.Ref, c engagement.Command) (engagement.Result, error) {
	_, done, err := r.changed(ctx, ref, OnceOf(c), engagement.NeedOf(c), func(f *engagement.Facts, now time.Time) (string, error) {
		return engagement.Decide(f, c, now)
	})
	return engagement.Result{Revision: done.Revision, Created: done.Created, Replayed: done.Replayed, Shift: done.Shift,
		Effect: done.Effect}, err
}

// Advance moves an engagement on as far as it goes, in one transaction, and returns what it waits for after that. What is gone from the
// database, as after a restore, is closed.
func (r *Root) Advance(ctx context.Context, ref models.Ref) (engagement.Agenda, error) {
	now := time.Time{}
	earlier, err := r.For(ref.Firm).earlier(ctx)
	if err != nil {
		return engagement.Agenda{}, err
	}
	f, _, err := r.changed(ctx, ref, Once{}, engagement.Need{}, func(f *engagement.Facts, at time.Time) (string, error) {
		now, f.Earlier = at, earlier
		engagement.Advance(f, now)
		return "", nil
	})
	return agenda(f, now, err)
}

// Look returns what an engagement waits for, and changes nothing. What is gone from the database, as after a restore, is closed.
func (r *Root) Look(ctx context.Context, ref models.Ref) (engagement.Agenda, error) {
	f, err := r.For(ref.Firm).Facts(ctx, ref.Engagement, engagement.Need{})
	return agenda(f, r.Now(), err)
}

func agenda(f *engagement.Facts, now time.Time, err error) (engagement.Agenda, error) {
	if models.CodeOf(err) == models.NotFound {
		return engagement.Agenda{Closed: true}, nil
	}
	if err != nil {
		return engagement.Agenda{}, err
	}
	return engagement.AgendaOf(f, now), nil
}

// changed changes an engagement at the present instant and tells the news, also when only the key told that it had been done, since the
// answer to a COMMIT was lost. Who moves an engagement on without a key is its workflow: it has the agenda from the answer.
func (r *Root) changed(ctx context.Context, ref models.Ref, once Once, need engagement.Need,
	decide func(*engagement.Facts, time.Time) (string, error)) (*engagement.Facts, Changed, error) {
	var was engagement.Engagement // without an id where the key was known at once
	var now time.Time
	f, done, err := r.For(ref.Firm).Change(ctx, ref.Engagement, once, need, r.Now(), func(f *engagement.Facts, at time.Time) (string, error) {
		was, now = f.Engagement, at
		return decide(f, at)
	})
	if err != nil {
		return nil, Changed{}, err
	}
	if is := f.Engagement; r.Tell != nil && was.ID != "" && is.Revision != was.Revision {
		r.Tell(News{ref, is.Revision, once.Key != "" && engagement.Wakes(was, is, now)})
	}
	return f, done, nil
}

// TryPause pauses an engagement as it is now, or lets it go on, and keeps nothing of it. It returns what that would do, in sentences,
// and the revision as it is, and refuses what the command is refused for, but that nobody would be asked for what falls due in a
// pause: that is among the sentences.
func (s *Store) TryPause(ctx context.Context, id models.EngagementID, c engagement.Command, now time.Time) ([]string, int64, error) {
	f, err := s.Facts(ctx, id, engagement.NeedOf(c))
	if err != nil {
		return nil, 0, err
	}
	if c.IfRevision != 0 && c.IfRevision != f.Engagement.Revision {
		return nil, 0, OnceOf(c).stale("the engagement", f.Engagement.Revision)
	}
	revision := f.Engagement.Revision
	if c.Kind == engagement.PauseEngagement {
		c.Confirm = []string{engagement.UnaskedCode}
	}
	_, err = engagement.Decide(f, c, now)
	return f.Said(), revision, err
}

// TryShift carries a command that moves due dates out on an engagement as it is now, and keeps nothing of it. It returns what the command
// would move and the revision as it is, and refuses what the command is refused for.
func (s *Store) TryShift(
	ctx context.Context, id models.EngagementID, c engagement.Command, now time.Time,
) (*engagement.Shift, int64, error) {
	f, err := s.Facts(ctx, id, engagement.NeedOf(c))
	if err != nil {
		return nil, 0, err
	}
	if c.IfRevision != 0 && c.IfRevision != f.Engagement.Revision {
		return nil, 0, OnceOf(c).stale("the engagement", f.Engagement.Revision)
	}
	revision := f.Engagement.Revision
	if _, err := engagement.Decide(f, c, now); err != nil {
		return nil, 0, err
	}
	return f.Shifted(), revision, nil
}
