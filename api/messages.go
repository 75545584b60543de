package api

import (
	"cmp"
	"context"
	"time"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/planning"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// A Post sends messages. post.Postman is one.
type Post interface {
	// SendsMail reports whether this process is set to send mail.
	SendsMail() bool
	// Test plans a test message to a person, once for the key.
	Test(context.Context, *store.Store, models.PersonID, store.Once) (reminders.Delivery, error)
	// Again plans a message once more, for somebody who asks for it, once for the key.
	Again(context.Context, *store.Store, string, models.Person, store.Once) (reminders.Delivery, error)
	// AskWho says who somebody is in a workspace, asks the account whether it is so, and tells the person where they were reached before.
	AskWho(ctx context.Context, s *store.Store, once store.Once, workspace string, person models.Person, user string) error
	// OfAddress returns what tells somebody, where they were reached before, that somebody changes their address.
	OfAddress(ctx context.Context, s *store.Store, person, by models.Person) ([]store.NewDelivery, error)
	// OfFunction returns what tells some people that a function of the client which approves is taken from them.
	OfFunction(ctx context.Context, s *store.Store, once store.Once, lost []models.PersonID, by models.Person, id,
		name string) ([]store.NewDelivery, error)
	// TellOfToken tells somebody that somebody else made a token for them.
	TellOfToken(ctx context.Context, s *store.Store, token store.Token, by models.Person) error
	// Invite sends somebody an invitation, once for the key.
	Invite(ctx context.Context, s *store.Store, person, by models.Person, once store.Once) (store.Invitation, error)
	// Identify asks Slack whose a bot token is.
	Identify(ctx context.Context, token string) (reminders.SlackIdentity, error)
	// MissingScopes asks Slack what the app of a workspace may do, and returns what it may not and should.
	MissingScopes(ctx context.Context, w reminders.Workspace) []string
	// InstallURL returns the address of the page at which a workspace's installation begins, given its secret.
	InstallURL(w reminders.Workspace, secret string) string
	// Manifest returns the manifest of a workspace's app.
	Manifest(w reminders.Workspace) (string, error)
}

func (h handlers) ListMessages(ctx context.Context, r gen.ListMessagesRequestObject) (gen.ListMessagesResponseObject, error) {
	who, q := of(ctx), r.Params
	if err := who.names(ctx, "person", &q.Person); err != nil {
		return nil, err
	}
	filter := store.DeliveryFilter{Person: q.Person, Engagement: q.Engagement, Since: dayStart(q.Since), Until: dayEnd(q.Until)}
	if q.Status != "" {
		filter.Statuses = []reminders.DeliveryStatus{q.Status}
	}
	if q.Kind != "" {
		filter.Kinds = []reminders.DeliveryKind{q.Kind}
	}
	page, next, err := who.Store.DeliveriesFor(ctx, who.Actor, filter, q.Cursor, limitOf(q.Limit))
	return gen.ListMessages200JSONResponse{Items: each(page, showMessage), Next: next}, err
}

// dayStart returns when a day begins in UTC; the zero time for none.
func dayStart(d models.Date) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return d.At(time.UTC, 0, 0)
}

// dayEnd returns when a day ends in UTC; the zero time for none.
func dayEnd(d models.Date) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return dayStart(d.AddDays(1))
}

func (h handlers) GetMessage(ctx context.Context, r gen.GetMessageRequestObject) (gen.GetMessageResponseObject, error) {
	d, attempts, err := of(ctx).Store.DeliveryFor(ctx, of(ctx).Actor, r.Message)
	if err != nil {
		return nil, err
	}
	return gen.GetMessage200JSONResponse(showMessageDetail(d, attempts)), nil
}

func (h handlers) ResendMessage(ctx context.Context, r gen.ResendMessageRequestObject) (gen.ResendMessageResponseObject, error) {
	who := of(ctx)
	shown, _, err := who.Store.DeliveryFor(ctx, who.Actor, r.Message)
	if err != nil {
		return nil, err
	}
	d, err := h.cfg.Post.Again(ctx, who.Store, shown.ID, who.Person, who.Once)
	if err != nil {
		return nil, err
	}
	h.hurry(ctx)
	return gen.ResendMessage201JSONResponse{Body: showMessage(d),
		Headers: gen.ResendMessage201ResponseHeaders{Location: base + "/messages/" + d.ID}}, nil
}

func (h handlers) SendTestMessage(ctx context.Context, r gen.SendTestMessageRequestObject) (gen.SendTestMessageResponseObject, error) {
	who := of(ctx)
	d, err := h.cfg.Post.Test(ctx, who.Store, who.Person.ID, who.Once)
	if err != nil {
		return nil, err
	}
	h.hurry(ctx)
	return gen.SendTestMessage201JSONResponse{Body: showMessage(d),
		Headers: gen.SendTestMessage201ResponseHeaders{Location: base + "/messages/" + d.ID}}, nil
}

// hurry has a sweep begin now, for somebody who waits; without it the next one on schedule does the same.
func (h handlers) hurry(ctx context.Context) {
	if h.cfg.Hurry == nil {
		return
	}
	if err := h.cfg.Hurry(ctx); err != nil {
		h.cfg.Log.InfoContext(ctx, "no sweep was begun at once", "error", err)
	}
}

func (h handlers) GetMessaging(ctx context.Context, _ gen.GetMessagingRequestObject) (gen.GetMessagingResponseObject, error) {
	m, err := of(ctx).Store.Messaging(ctx)
	return gen.GetMessaging200JSONResponse{Body: showMessaging(m), Headers: gen.GetMessaging200ResponseHeaders{ETag: etag(m.Revision)}}, err
}

func (h handlers) UpdateMessaging(ctx context.Context, r gen.UpdateMessagingRequestObject) (gen.UpdateMessagingResponseObject, error) {
	who, b := of(ctx), r.Body
	m, err := who.Store.UpdateMessaging(ctx, who.Once, who.Now, func(m *reminders.Messaging) error {
		put(&m.WeeklyBudget, b.WeeklyBudget)
		put(&m.BundleMinutes, b.BundleMinutes)
		put(&m.Workspace, b.Workspace)
		put(&m.SlackChannel, b.Channel)
		for _, t := range []struct {
			field string
			to    *models.TimeOfDay
			from  *gen.TimeOfDay
		}{{"clients_at", &m.ClientsAt, b.ClientsAt}, {"team_at", &m.TeamAt, b.TeamAt}, {"quiet_from", &m.Quiet.From, b.QuietFrom},
			{"quiet_to", &m.Quiet.To, b.QuietTo}} {
			if t.from == nil {
				continue
			}
			at, err := models.ParseTimeOfDay(t.field, *t.from)
			if err != nil {
				return err
			}
			*t.to = at
		}
		return nil
	})
	return gen.UpdateMessaging200JSONResponse{Body: showMessaging(m),
		Headers: gen.UpdateMessaging200ResponseHeaders{ETag: etag(m.Revision)}}, err
}

func (h handlers) PauseMessaging(ctx context.Context, r gen.PauseMessagingRequestObject) (gen.PauseMessagingResponseObject, error) {
	m, err := pauseMessaging(ctx, true, r.Body.Reason)
	return gen.PauseMessaging200JSONResponse{Body: showMessaging(m), Headers: gen.PauseMessaging200ResponseHeaders{ETag: etag(m.Revision)}},
		err
}

func (h handlers) ResumeMessaging(ctx context.Context, r gen.ResumeMessagingRequestObject) (gen.ResumeMessagingResponseObject, error) {
	m, err := pauseMessaging(ctx, false, r.Body.Reason)
	return gen.ResumeMessaging200JSONResponse{Body: showMessaging(m),
		Headers: gen.ResumeMessaging200ResponseHeaders{ETag: etag(m.Revision)}}, err
}

func pauseMessaging(ctx context.Context, paused bool, reason string) (reminders.Messaging, error) {
	who := of(ctx)
	return who.Store.UpdateMessaging(ctx, who.Once, who.Now, func(m *reminders.Messaging) error {
		if m.Paused == paused {
			return models.Refuse(models.Conflict, "paused", "%s",
				map[bool]string{true: "all messages are paused already", false: "messages go out already"}[paused])
		}
		m.Paused, m.PausedReason = paused, reason
		return nil
	})
}

// countedDays is of how many days the health of messaging counts messages.
const countedDays = 7

func (h handlers) GetMessagingHealth(ctx context.Context, _ gen.GetMessagingHealthRequestObject) (gen.GetMessagingHealthResponseObject,
	error) {
	who := of(ctx)
	out := gen.MessagingHealth{Mail: h.cfg.Post.SendsMail(), Counts: map[string]int{}, Lanes: []gen.Lane{}}
	var err error
	if out.LastSweep, err = who.Root.LastSweep(ctx); err != nil {
		return nil, err
	}
	out.SweepAhead = out.LastSweep.After(who.Now.Add(time.Minute))
	lanes, err := who.Store.LaneStates(ctx)
	if err != nil {
		return nil, err
	}
	out.Lanes = each(atMost(widest, lanes), showLane(who.Firm, h.cfg.Real()))
	counts, err := who.Store.CountDeliveries(ctx, who.Now.AddDate(0, 0, -countedDays))
	if err != nil {
		return nil, err
	}
	for status, n := range counts {
		out.Counts[string(status)] = n
	}
	lost, err := who.Store.Unreachable(ctx, out.Mail, 50)
	out.Unreachable = some(lost)
	out.Missing = each(h.missing(ctx), func(m store.Missing) gen.MissingPart { return gen.MissingPart{Part: m.Part, Detail: m.Detail} })
	return gen.GetMessagingHealth200JSONResponse(out), err
}

func (h handlers) GetPersonMessaging(ctx context.Context, _ gen.GetPersonMessagingRequestObject) (gen.GetPersonMessagingResponseObject,
	error) {
	p, err := h.personMessaging(ctx, of(ctx).Target.ID)
	return gen.GetPersonMessaging200JSONResponse{Body: p, Headers: gen.GetPersonMessaging200ResponseHeaders{ETag: etag(p.Revision)}}, err
}

// personMessaging says how messages reach somebody.
func (h handlers) personMessaging(ctx context.Context, id models.PersonID) (gen.PersonMessaging, error) {
	who := of(ctx)
	to, err := who.Store.Recipient(ctx, id, who.Now.Year(), h.cfg.Post.SendsMail())
	if err != nil {
		return gen.PersonMessaging{}, err
	}
	bindings, err := who.Store.Bindings(ctx, id)
	if err != nil {
		return gen.PersonMessaging{}, err
	}
	if who.Actor.Role.Side() != models.SideFirm && id != who.Person.ID { // nor do they learn whether others have an address
		bindings = models.Keep(bindings, func(b reminders.Binding) bool { return b.State == reminders.BindingConfirmed })
	}
	absences, err := who.Store.Absences(ctx, id)
	return showPersonMessaging(to, bindings, absences, who.Now), err
}

func (h handlers) UpdatePersonMessaging(ctx context.Context,
	r gen.UpdatePersonMessagingRequestObject) (gen.UpdatePersonMessagingResponseObject, error) {
	who, b := of(ctx), r.Body
	edit := func(p *reminders.Preferences) error { return changePreferences(p, b) }
	var moves store.CalendarEffect
	once := who.moving(&moves, b.Check)
	wants, moves, err := who.Store.PersonMoves(ctx, who.Actor, once, who.Target.ID, who.Now, edit)
	if err == nil && !b.Check {
		wants, err = who.Store.UpdatePreferences(ctx, once, who.Target.ID, who.Now, edit)
	}
	if err != nil {
		return nil, err
	}
	p, err := h.personMessaging(ctx, who.Target.ID)
	if b.Check {
		p.Country, p.Summary, p.MailOff, p.Prefer = wants.Country, wants.Summary, wants.MailOff, string(wants.Channel)
		if wants.DigestAt != 0 {
			p.DigestAt = wants.DigestAt.String()
		}
	}
	p.Moves = showMoves(moves)
	return gen.UpdatePersonMessaging200JSONResponse{Body: p, Headers: gen.UpdatePersonMessaging200ResponseHeaders{ETag: etag(p.Revision)}}, err
}

// changePreferences makes what somebody wants of their messages what a request says.
func changePreferences(p *reminders.Preferences, b *gen.PersonMessagingChange) error {
	put(&p.Country, b.Country)
	put(&p.Summary, b.Summary)
	put(&p.MailOff, b.MailOff)
	if b.Prefer != nil {
		p.Channel = reminders.Channel(*b.Prefer)
	}
	if b.DigestAt == nil {
		return nil
	}
	p.DigestAt = 0
	if *b.DigestAt == "" {
		return nil
	}
	at, err := models.ParseTimeOfDay("digest_at", *b.DigestAt)
	p.DigestAt = at
	return err
}

func (h handlers) AddAbsence(ctx context.Context, r gen.AddAbsenceRequestObject) (gen.AddAbsenceResponseObject, error) {
	who, b := of(ctx), *r.Body
	var err error
	if b.StandIn, err = who.Store.Names(ctx, who.Actor, who.Target.Client, b.StandIn); err != nil {
		return nil, err
	}
	if err := who.MayName(who.Target, b.StandIn); err != nil {
		return nil, err
	}
	a, err := who.Store.AddAbsence(ctx, who.Once,
		reminders.Absence{Person: who.Target.ID, Days: planning.Span{Start: b.From, End: b.To}, StandIn: b.StandIn}, who.Now)
	if err != nil {
		return nil, err
	}
	return gen.AddAbsence201JSONResponse{Body: showAbsence(a),
		Headers: gen.AddAbsence201ResponseHeaders{Location: base + "/people/" + string(who.Target.ID) + "/messaging"}}, nil
}

func (h handlers) RemoveAbsence(ctx context.Context, r gen.RemoveAbsenceRequestObject) (gen.RemoveAbsenceResponseObject, error) {
	who := of(ctx)
	return gen.RemoveAbsence204Response{}, who.Store.RemoveAbsence(ctx, who.Once, who.Target.ID, r.Absence, who.Now)
}

func (h handlers) RehearseEngagement(ctx context.Context, r gen.RehearseEngagementRequestObject) (gen.RehearseEngagementResponseObject,
	error) {
	all, err := h.rehearse(ctx, cmp.Or(r.Params.Assume, reminders.AssumeOnTime), r.Params.Person, rehearsedMonths)
	return gen.RehearseEngagement200JSONResponse(all), err
}

// previewDays is how far a preview looks, rehearsedMonths how far a rehearsal does at most, from kickoff or now on.
const (
	previewDays     = 14
	rehearsedMonths = 36
)

func (h handlers) PreviewMessages(ctx context.Context, r gen.PreviewMessagesRequestObject) (gen.PreviewMessagesResponseObject, error) {
	who := of(ctx)
	if !who.Engagement.Status.Live() {
		return nil, models.Refuse(models.Conflict, "status", "the engagement is %s: only of a running one can the next days be foreseen",
			who.Engagement.Status)
	}
	all, err := h.rehearse(ctx, reminders.AssumeOnTime, r.Params.Person, 0)
	return gen.PreviewMessages200JSONResponse(all), err
}

// rehearse returns the messages that would go out about the engagement, for so many months from its kickoff, or for the next days.
func (h handlers) rehearse(ctx context.Context, assume reminders.Assumption, person models.PersonID, months int) (gen.Rehearsal, error) {
	who := of(ctx)
	if err := who.names(ctx, "person", &person); err != nil {
		return gen.Rehearsal{}, err
	}
	f, err := factsToRehearse(ctx, who)
	if err != nil {
		return gen.Rehearsal{}, err
	}
	aud, err := who.Store.Audience(ctx, f, h.cfg.Post.SendsMail())
	if err != nil {
		return gen.Rehearsal{}, err
	}
	settings, err := who.Store.Messaging(ctx)
	if err != nil {
		return gen.Rehearsal{}, err
	}
	until := rehearsedUntil(f, who.Now, months)
	r, err := h.rehearsal(ctx, who, &rehearsing{f, aud, settings, assume, f.Today(who.Now), until})
	if err != nil {
		return gen.Rehearsal{}, err
	}
	if months == 0 && r.StoppedOn == until {
		r.Stopped = "" // a preview ends on its last day
	}
	return showRehearsal(r, person, who.Now), nil
}

// factsToRehearse reads the engagement with all that a rehearsal of it needs.
func factsToRehearse(ctx context.Context, who *caller) (*engagement.Facts, error) {
	f, err := who.Store.Facts(ctx, who.Engagement.ID, engagement.Need{})
	if err != nil {
		return nil, err
	}
	if need := reminders.NeedToRehearse(f); len(need.Tasks) > 0 {
		return who.Store.Facts(ctx, who.Engagement.ID, need)
	}
	return f, nil
}

// rehearsedUntil returns the last day of a rehearsal: so many months after the kickoff or today, whichever is later, or the last day of
// a preview when they are 0.
func rehearsedUntil(f *engagement.Facts, now time.Time, months int) models.Date {
	today := f.Today(now)
	switch kickoff := f.Engagement.Kickoff; {
	case months == 0:
		return today.AddDays(previewDays)
	case kickoff.Before(today):
		return today.AddMonths(months)
	default:
		return kickoff.AddMonths(months)
	}
}

// showRehearsal shows the messages of a rehearsal that are still to come: to one person, or to everybody when none is named.
func showRehearsal(r reminders.Rehearsal, person models.PersonID, now time.Time) gen.Rehearsal {
	out, people := gen.Rehearsal{Items: []gen.Rehearsed{}, EndedOn: r.EndedOn, Stopped: r.Stopped, Remarks: atMost(nested, r.Remarks)},
		map[models.PersonID]bool{}
	for _, m := range r.Messages {
		if person != "" && m.To.ID != person || m.At.Before(now) {
			continue
		}
		if len(out.Items) == messages {
			out.Stopped = "This is as many messages as are shown: ask for one person's."
			break
		}
		people[m.To.ID] = true
		out.Items = append(out.Items, showRehearsed(m))
	}
	out.People = len(people)
	return out
}
