// Package desk carries out what comes in from Slack.
package desk

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"tickmark/activities/failpoint"
	"tickmark/activities/safely"
	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// A Post is what the desk asks of who sends messages. post.Postman is one.
type Post interface {
	// SendsMail reports whether this installation sends mail.
	SendsMail() bool
	// Disconnected notes that a workspace's app cannot be used any more and for what reason, and tells the managers: once.
	Disconnected(ctx context.Context, s *store.Store, workspace, reason string) error
	// EditNow brings the messages of a workspace in line with what has just been done. What it cannot edit is edited later.
	EditNow(ctx context.Context, w reminders.Workspace)
	// SendNow sends a message that was just scheduled. What it cannot send is sent later.
	SendNow(ctx context.Context, firm models.FirmID, id string)
}

// Pages are what the desk shows in a browser. web.Letters is one.
type Pages interface {
	// Say shows a page that only says something.
	Say(w http.ResponseWriter, status int, title, text string)
	// Ask shows a page with one button, which posts to the page's address. The answer to it may lead on to the sources in leads, as a
	// Content-Security-Policy names them.
	Ask(w http.ResponseWriter, title string, text []string, button string, leads []string)
}

// A Desk carries out what comes in from Slack. It is made once per process that serves. All but URL and
// Lease is needed.
type Desk struct {
	Root   *store.Root
	Engine engagement.Engine
	Post   Post
	Slack  *wire.Slack
	URL    string           // of this installation from outside, without a slash at the end; may be empty
	Now    func() time.Time // engagement time
	Real   func() time.Time // the machine's time, by which signatures and leases end
	Log    *slog.Logger
	Pages  Pages // what a browser is shown in which an app is installed

	At func(place string) // is told of every place at which chaos kills a process, and may stop it there; nil: nobody is. For tests

	Lease time.Duration // for which one process has what came in; 30 s when 0

	once sync.Once
	ring chan struct{}
}

// bell rings when something has come in.
func (d *Desk) bell() chan struct{} {
	d.once.Do(func() { d.ring = make(chan struct{}, 1) })
	return d.ring
}

func (d *Desk) lease() time.Duration {
	if d.Lease == 0 {
		return 30 * time.Second
	}
	return d.Lease
}

// at marks a place at which a process may be killed.
func (d *Desk) at(place string) {
	failpoint.Hit(place)
	if d.At != nil {
		d.At(place)
	}
}

// Clicks is what the part is called that carries out what comes in, where failures are counted.
const Clicks = "clicks"

// maxTries is how often something that came in is begun before it is given up: it is said so to who sent it.
const maxTries = 20

// Run carries out what comes in until ctx ends, or it cannot be looked for: at once what this process took in, within seconds what another
// left behind. It returns why it ended.
func (d *Desk) Run(ctx context.Context) error {
	const atOnce, looks = 8, 2 * time.Second
	for {
		open, err := d.Root.OpenInbound(ctx, 50)
		if err != nil {
			return err
		}
		work := make(chan struct{}, atOnce)
		var together safely.Group
		for _, in := range open {
			work <- struct{}{}
			together.Go(func() error {
				defer func() { <-work }()
				d.carryOut(ctx, in)
				return safely.Beat(ctx)
			})
		}
		if err := together.Wait(); err != nil {
			return err
		}
		if len(open) == 50 {
			continue
		}
		if err := safely.Rest(ctx, looks, d.bell()); err != nil {
			return err
		}
	}
}

// carryOut takes up one thing, once, and notes what became of it. What cannot be carried out now is left for later.
func (d *Desk) carryOut(ctx context.Context, in store.Inbound) {
	s := d.Root.For(in.Firm)
	mine, err := s.Lease(ctx, in.Workspace, in.ID, d.lease())
	if err != nil || !mine {
		return
	}
	var outcome string
	err = safely.Do(func() (err error) { outcome, err = d.handle(ctx, s, in); return err })
	if _, panicked := errors.AsType[*safely.Panic](err); panicked {
		d.Log.ErrorContext(ctx, "panic at the desk", "id", in.ID, "error", err)
		safely.Failed(ctx, Clicks, err)
		outcome, err = "it cannot be understood", nil
	}
	if err != nil && in.Tries < maxTries {
		if ctx.Err() == nil {
			d.Log.WarnContext(ctx, "what came from Slack cannot be carried out yet", "firm", in.Firm, "id", in.ID, "error", err)
		}
		return // until the lease ends
	}
	if err != nil {
		outcome = "given up: " + err.Error()
	}
	d.at("before_carried_out")
	if err := s.CarriedOut(context.WithoutCancel(ctx), in.Workspace, in.ID, outcome, d.Real()); err != nil {
		d.Log.WarnContext(ctx, "cannot note what became of what came from Slack", "error", err)
	}
}

// handle carries out one thing and says in a few words what became of it. What it cannot understand it leaves.
func (d *Desk) handle(ctx context.Context, s *store.Store, in store.Inbound) (outcome string, err error) {
	ws, err := s.Workspace(ctx, in.Workspace)
	if models.CodeOf(err) == models.NotFound {
		return "the workspace is gone", nil
	} else if err != nil {
		return "", err
	}
	v := visit{desk: d, s: s, ws: ws, in: in}
	switch in.Kind {
	case wire.InEvents:
		return v.event(ctx)
	case wire.InCommands:
		return v.slash(ctx)
	}
	return v.action(ctx)
}

// A visit is one thing that came in, and by whom.
type visit struct {
	desk  *Desk
	s     *store.Store
	ws    reminders.Workspace
	in    store.Inbound
	user  string // Slack's id
	reply string // where they can be answered; may be empty
}

// who returns the person behind the visit, as an actor. An account that nobody has confirmed may only say who it is.
func (v visit) who(ctx context.Context) (models.Person, engagement.Actor, error) {
	p, b, err := v.s.PersonIn(ctx, v.ws.ID, v.user)
	if err != nil {
		return p, engagement.Actor{}, err
	}
	if b.State != reminders.BindingConfirmed {
		return p, engagement.Actor{}, models.Refuse(models.Forbidden, "", "please say first who you are: there is a message about it")
	}
	a, err := v.s.Actor(ctx, p, v.desk.Now())
	return p, a, err
}

// say answers who sent something, where only they see it.
func (v visit) say(ctx context.Context, text string) error {
	return v.answered(ctx, v.desk.Slack.Say(ctx, v.reply, text))
}

// answered returns err, the outcome of an answer to Slack, unless it says that the answer was lost: that is noted and no harm, since the
// message itself says how things stand.
func (v visit) answered(ctx context.Context, err error) error {
	if errors.Is(err, wire.ErrLost) {
		v.desk.Log.InfoContext(ctx, "an answer did not reach Slack", "error", err)
		return nil
	}
	return err
}
