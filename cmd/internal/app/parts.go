package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tickmark/activities/desk"
	"tickmark/activities/safely"
	"tickmark/models"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// list returns the parts of the process: whatever goes on in the background stands here, or is begun by one that stands here.
func (a *App) list() []part {
	out := a.everywhere()
	if a.listener != nil {
		out = append(out, a.serving()...)
	}
	if a.cfg.Worker {
		out = append(out, a.working()...)
	}
	return append(out, a.more...)
}

// The kinds of parts whose work is done by what they have begun: those that answer on a port, that which asks Temporal for work, and that
// which begins connections of Socket Mode.
const (
	requestsPart = "requests"
	statusPart   = "status"
	workersPart  = "workers"
	socketsPart  = "Socket Mode"
)

// soon is within which time most parts give a sign of life.
const soon = 15 * time.Second

// everywhere are the parts that every process has.
func (a *App) everywhere() []part {
	out := []part{
		{kind: "signs of life", serve: a.sign, limit: soon, most: signEvery, beside: true, last: true,
			without: "other processes do not know that it works"},
		{kind: "looks at Temporal", serve: a.watchTemporal, limit: soon, most: signEvery, beside: true,
			without: "nobody knows whether Temporal answers"},
		{kind: "looks at secrets", serve: a.watchSecrets, limit: soon, most: keepEvery, beside: true,
			without: "nobody knows whether the secrets of Slack workspaces open with the keys in TICKMARK_SECRET_KEYS"},
	}
	for range pokers {
		out = append(out, part{kind: "pokes", serve: a.poke, limit: soon, most: pokeFor, beside: true,
			without: "engagements move on up to a minute late"})
	}
	if a.cfg.Status != "" {
		out = append(out, part{kind: statusPart, serve: a.status, limit: soon, last: true,
			without: "operators cannot ask how it does: another address is chosen with TICKMARK_STATUS_LISTEN"})
	}
	return out
}

// serving are the parts of a process that serves.
func (a *App) serving() []part {
	return []part{
		{kind: requestsPart, serve: a.serve, limit: soon, most: pokeFor, without: "nothing is answered"},
		{kind: desk.Clicks, serve: a.desk.Run, limit: 2 * time.Minute, most: pokeFor, beside: true,
			without: "what people click and write in Slack waits"},
		{kind: "links to sign in", serve: a.links, limit: soon, most: 2 * pokeFor, beside: true,
			without: "who asks for a link to sign in gets none"},
		{kind: socketsPart, serve: a.desk.Sockets, limit: time.Minute, without: "what comes from Slack by Socket Mode is not heard"},
	}
}

// working are the parts of a process that is a worker.
func (a *App) working() []part {
	out := []part{
		{kind: workersPart, serve: a.carry, limit: pollsWithin, most: pokeFor, last: true,
			without: "it neither moves engagements on nor sends messages"},
		{kind: "keeper", serve: a.keep, limit: soon, most: keepEvery, beside: true,
			without: "engagements whose workflow was lost do not move on"},
		{kind: "sweeps", serve: a.sweeping(), limit: soon, most: keepEvery, without: "no message is scheduled"},
		{kind: "the schedule of an earlier release", serve: a.dropSchedule, limit: soon, beside: true,
			without: "sweeps of an earlier release may go on"},
	}
	if a.postman.Mail != nil {
		out = append(out, part{kind: reminders.CheckOfMail, serve: a.checkMail, limit: time.Minute, beside: true,
			without: "mail cannot be sent, see TICKMARK_SMTP"})
	}
	return out
}

// Also adds a part of the program's own to those that Run carries out. While it does not work, without says what does not happen.
func (a *App) Also(kind, without string, serve func(context.Context) error) {
	a.more = append(a.more, part{kind: kind, serve: serve, limit: time.Minute, without: without})
}

// signEvery is how often a process says that it is alive and looks whether Temporal is, and unseen is for how long a process is believed
// that says nothing: it has missed two signs then.
const (
	signEvery = 5 * time.Second
	unseen    = 2*signEvery + signEvery/2
	lookFor   = 4 * time.Second // Temporal may take to answer a look
)

// sign says in the database that this process is alive, and what it lacks, until ctx ends. It returns what hinders it.
func (a *App) sign(ctx context.Context) error {
	for {
		short, cancel := context.WithTimeout(ctx, signEvery)
		err := a.Root.Alive(short, store.Process{ID: a.id, Serves: a.listener != nil, Carries: a.carries.Load(), Missing: a.lacks(),
			Clock: a.Now()})
		cancel()
		if err != nil {
			return err
		}
		if err := safely.Rest(ctx, a.signs, nil); err != nil {
			return err
		}
	}
}

// lacks returns what does not work in this process: its parts, secrets that it cannot open, and work that does not return.
func (a *App) lacks() []store.Missing {
	out := a.parts.missing()
	if a.locked.Load() > 0 {
		out = append(out, lockedSecrets)
	}
	if a.errands.lost() > 0 {
		out = append(out, lostWork)
	}
	return out
}

// lockedSecrets is named without a number, since it is named to every firm. Who operates the installation finds it in the log and in the
// metrics.
var lockedSecrets = store.Missing{Part: "secrets", Detail: "it cannot open secrets of Slack workspaces, which send and hear nothing: the " +
	"keys with which they were sealed are not all in TICKMARK_SECRET_KEYS"}

// watchSecrets notes of how many workspaces the secrets that are kept cannot be opened, until ctx ends. It logs that when it begins, and
// again when the number changes.
func (a *App) watchSecrets(ctx context.Context) error {
	for {
		short, cancel := context.WithTimeout(ctx, lookFor)
		locked, err := a.Root.LockedWorkspaces(short)
		cancel()
		if err != nil {
			return err
		}
		if was := a.locked.Swap(int64(locked)); locked > 0 && int64(locked) != was {
			a.cfg.Log.Error("secrets of Slack workspaces cannot be opened: the keys with which they were sealed are not all in "+
				"TICKMARK_SECRET_KEYS. Put them there and restart", "workspaces", locked)
		}
		if err := safely.Rest(ctx, a.signs, nil); err != nil {
			return err
		}
	}
}

// watchTemporal notes what Temporal lacks, until ctx ends.
func (a *App) watchTemporal(ctx context.Context) error {
	for {
		short, cancel := context.WithTimeout(ctx, lookFor)
		lacks := a.lookAtTemporal(short)
		cancel()
		a.looked.Store(&lacks)
		if err := safely.Rest(ctx, a.signs, nil); err != nil {
			return err
		}
	}
}

// What is named when Temporal, or who works with it, is missing.
const (
	temporalPart = "temporal"
	workerPart   = "worker"
	databasePart = "database"
	clocksPart   = "clocks"
)

// lookAtTemporal returns what hinders engagements from being conducted: nothing when Temporal answers, has what Tickmark needs, and knows
// somebody who asks for work.
func (a *App) lookAtTemporal(ctx context.Context) []store.Missing {
	err := a.conducted(ctx)
	refusal, told := errors.AsType[*models.Error](err)
	switch {
	case err == nil:
		return nil
	case !told:
		return []store.Missing{{Part: temporalPart, Detail: "Temporal does not answer"}}
	case refusal.Field == workerPart:
		return []store.Missing{noWorker}
	}
	return []store.Missing{{Part: refusal.Field, Detail: refusal.Message}}
}

var noWorker = store.Missing{Part: workerPart, Detail: "no worker asks for work: engagements do not move on, and no message is sent"}

// missing returns what does not work in the whole installation, each thing once: of this process, of Temporal, and of the other processes
// that use the database.
func (a *App) missing(ctx context.Context) []store.Missing {
	out := a.lacks()
	if lacks := a.looked.Load(); lacks == nil {
		out = append(out, store.Missing{Part: temporalPart, Detail: "Temporal has not been asked yet"})
	} else {
		out = append(out, *lacks...)
	}
	all, err := a.Root.Processes(ctx, unseen)
	if err != nil {
		return append(out, store.Missing{Part: databasePart, Detail: "nobody knows which processes work: the database does not answer"})
	}
	if !slices.ContainsFunc(all, func(p store.Process) bool { return p.Carries }) && !a.carries.Load() {
		out = append(out, noWorker)
	}
	if apart := a.apart(all); apart > 0 {
		out = append(out, store.Missing{Part: clocksPart, Detail: fmt.Sprintf("the clocks of processes differ, by up to %s: what is due comes "+
			"as much too early or too late. Set the clocks of the machines right", models.Count(int(apart.Minutes()), "minute"))})
	}
	for _, p := range all {
		if p.ID == a.id {
			continue
		}
		for _, m := range p.Missing {
			out = append(out, store.Missing{Part: m.Part, Detail: "in another process: " + m.Detail})
		}
	}
	return eachOnce(out)
}

// How much clocks of processes may differ before it is named: in engagement time, and as long as a sign of life may be on its way in real
// time, which is the same where no clock is fast.
const (
	clocksMayDiffer = time.Minute
	signOnItsWay    = 2 * time.Second
)

// apart returns by how much the clock of a process differs most from this one's, in engagement time; 0 where none differs by more than
// clocks may. What they said is compared at the instant of the database's clock at which they said it.
func (a *App) apart(all []store.Process) (most time.Duration) {
	now := time.Now()
	for _, p := range all {
		if p.Clock.IsZero() {
			continue
		}
		d := p.Clock.Sub(a.cfg.Clock.At(now.Add(-p.Ago))).Abs()
		if d > clocksMayDiffer && a.cfg.Clock.Wait(d) > signOnItsWay {
			most = max(most, d)
		}
	}
	return most
}

// eachOnce returns what is named, each part once: as it is named first.
func eachOnce(all []store.Missing) []store.Missing {
	known := map[string]bool{}
	return slices.DeleteFunc(all, func(m store.Missing) bool {
		before := known[m.Part]
		known[m.Part] = true
		return before
	})
}
