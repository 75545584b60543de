// Package desk is what comes in from Slack and from the links of letters.
package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"tickmark/activities/mail"
	"tickmark/activities/post"
	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
	"tickmark/workflows"
)

// An Engine carries out commands on engagements. workflows.Client is one.
type Engine interface {
	// Apply carries out one command, once for its key. A refusal is a models.Error.
	Apply(context.Context, models.Ref, engagement.Command) (engagement.Result, error)
}

// A Desk carries out what comes in from Slack and from links in mails. It is made once per process that serves.
type Desk struct {
	*post.Postman
	Engine Engine
	Lease  time.Duration // for which one process has what came in; 30 s when 0

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

// maxTries is how often something that came in is begun before it is given up: it is said so to who sent it.
const maxTries = 20

// Run carries out what comes in until ctx ends: at once what this process took in, within seconds what another left behind.
func (d *Desk) Run(ctx context.Context) {
	const atOnce = 8
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		open, err := d.Root.OpenInbound(ctx, 50)
		if err != nil && ctx.Err() == nil {
			d.Log.WarnContext(ctx, "cannot look for what came from Slack", "error", err)
		}
		work := make(chan struct{}, atOnce)
		var together sync.WaitGroup
		for _, in := range open {
			work <- struct{}{}
			together.Go(func() {
				defer func() { <-work }()
				d.carryOut(ctx, in)
			})
		}
		together.Wait()
		if len(open) == 50 {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-d.bell():
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
	outcome, err := d.handle(ctx, s, in)
	if err != nil && in.Tries < maxTries {
		if ctx.Err() == nil {
			d.Log.WarnContext(ctx, "what came from Slack cannot be carried out yet", "firm", in.Firm, "id", in.ID, "error", err)
		}
		return // until the lease ends
	}
	if err != nil {
		outcome = "given up: " + err.Error()
	}
	if err := s.CarriedOut(context.WithoutCancel(ctx), in.Workspace, in.ID, outcome, d.Real()); err != nil {
		d.Log.WarnContext(ctx, "cannot note what became of what came from Slack", "error", err)
	}
}

// handle carries out one thing and says in a few words what became of it. What it cannot understand it leaves.
func (d *Desk) handle(ctx context.Context, s *store.Store, in store.Inbound) (outcome string, err error) {
	defer func() {
		if r := recover(); r != nil {
			d.Log.ErrorContext(ctx, "panic at the desk", "id", in.ID, "panic", r, "stack", string(debug.Stack()))
			outcome, err = "it cannot be understood", nil
		}
	}()
	ws, err := s.Workspace(ctx, in.Workspace)
	if models.CodeOf(err) == models.NotFound {
		return "the workspace is gone", nil
	} else if err != nil {
		return "", err
	}
	v := visit{Desk: d, s: s, ws: ws, in: in}
	switch in.Kind {
	case mail.InEvents:
		return v.event(ctx)
	case mail.InCommands:
		return v.slash(ctx)
	}
	var cb slack.InteractionCallback
	if err := json.Unmarshal([]byte(in.Body), &cb); err != nil {
		return "it cannot be read", nil
	}
	v.user, v.reply = cb.User.ID, cb.ResponseURL
	switch cb.Type {
	case slack.InteractionTypeBlockActions:
		return v.click(ctx, &cb)
	case slack.InteractionTypeViewSubmission:
		return v.submit(ctx, &cb)
	}
	return "nothing to do", nil
}

// A visit is one thing that came in, and by whom.
type visit struct {
	*Desk
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
	a, err := v.s.Actor(ctx, p, v.Now())
	return p, a, err
}

// Carry carries out a command of somebody who came by another way than the API, once for its key. It returns what became of the
// item that the command is about, in words for who sent it.
func (d *Desk) Carry(ctx context.Context, ref models.Ref, cmd engagement.Command, l engagement.Line) (string, error) {
	s := d.Root.For(ref.Firm)
	short, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	r, err := d.Engine.Apply(short, ref, cmd)
	if errors.Is(err, workflows.ErrAccepted) {
		return "it was taken in and will be carried out in a moment", nil
	} else if err != nil {
		return "", err
	}
	need := engagement.NeedOf(cmd)
	if r.Created != "" && need.Decision == "" {
		need.Decision = r.Created
	}
	after, err := s.Facts(ctx, ref.Engagement, need)
	if err != nil {
		return "", err
	}
	if text := reminders.Became(after, l, cmd.Actor.Person, d.Now()); text != "" {
		return text, nil
	}
	return "done", nil
}

// sorry says for people why something was not done.
func sorry(err error) (string, bool) {
	refusal, ok := errors.AsType[*models.Error](err)
	if !ok || refusal.Code == models.Unavailable {
		return "", false
	}
	text := refusal.Message
	if text == "" {
		return "", false
	}
	return strings.ToUpper(text[:1]) + text[1:] + ".", true
}

// say answers who sent something, where only they see it.
func (v visit) say(ctx context.Context, text string) error {
	return v.respond(ctx, map[string]any{"response_type": "ephemeral", "replace_original": false, "text": wire.Escape(text)})
}

// respond posts to where Slack lets us answer. Nobody is told of an address that is not Slack's, and an answer that is lost is no harm:
// the message itself says how things stand.
func (v visit) respond(ctx context.Context, answer map[string]any) error {
	if v.reply == "" {
		return nil
	}
	if !v.Slack.Answers(v.reply) {
		return fmt.Errorf("an answer is wanted at an address that is not Slack's")
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, v.Slack.Deadline())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.reply, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := v.Slack.ClientOf().Do(req)
	if err != nil {
		v.Log.InfoContext(ctx, "an answer did not reach Slack", "error", err)
		return nil
	}
	return res.Body.Close()
}

// settle brings messages in line with what has just been done: not only at the next sweep, since who pressed a button looks at it.
func (v visit) settle(ctx context.Context) {
	lane := string(v.ws.Firm) + "/" + v.ws.ID
	due, err := v.s.Due(ctx, lane, 50)
	if err != nil {
		return // the next sweep does it
	}
	sh := v.ShiftOn(workflows.Lane{Firm: v.ws.Firm, Lane: lane})
	if sh.Prepare(ctx, due) != nil {
		return
	}
	for _, d := range due {
		if d.Status == reminders.DeliverySent && !sh.Held.Load() {
			if err := sh.Edit(ctx, d); err != nil {
				v.Log.WarnContext(ctx, "a message cannot be edited", "delivery", d.ID, "error", err)
				return
			}
		}
	}
}
