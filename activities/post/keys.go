package post

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"time"

	"tickmark/models"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// home returns where the pages are to which links lead that let somebody in; empty: nobody knows.
func (p *Postman) home() string { return cmp.Or(p.Site.URL, p.Here) }

// SendsLinks reports whether people can be sent links that let them in: it is known where those would lead, and there is a key to keep
// them with.
func (p *Postman) SendsLinks() bool { return p.home() != "" && p.Root.Keys != nil }

// A LinkAsk is that somebody asks in a browser for a link by which they sign in. Who that is nobody knows: the link goes to whom the
// address is of, and works in that browser alone.
type LinkAsk struct {
	Address string // as it was typed
	Bound   string // a hash of what the browser has
	Next    string // the page to which they want; may be empty
}

// SendLinks sends a link to everybody who is active and has the address that somebody typed, by the way that reaches them. To whom nothing
// is sent is not told to who asked. It returns how many were tried.
func (p *Postman) SendLinks(ctx context.Context, ask LinkAsk) (sent int, err error) {
	all, err := p.Root.Addressed(ctx, ask.Address)
	if err != nil || !p.SendsLinks() {
		return 0, err
	}
	var failed []error
	for _, to := range all {
		s := p.Root.For(to.Firm)
		link, err := p.linkFor(ctx, s, to.Person.ID, ask)
		if err == nil && link.Way != "" {
			err = s.SendLink(ctx, link, p.Real())
			sent++
		}
		failed = append(failed, err)
	}
	return sent, errors.Join(failed...)
}

// waysOf say how somebody signs in by a link that was sent through a channel.
var waysOf = map[reminders.Channel]store.Way{reminders.ChannelMail: store.ByMail, reminders.ChannelSlack: store.BySlack}

// linkFor returns a link by which somebody signs in, and the message that bears it; of no way where nothing reaches them.
func (p *Postman) linkFor(ctx context.Context, s *store.Store, person models.PersonID, ask LinkAsk) (store.SentLink, error) {
	now := p.Now()
	to, err := s.Recipient(ctx, person, now.Year(), p.Mail != nil)
	if err != nil || to.Channel == reminders.ChannelNone {
		return store.SentLink{}, err
	}
	firm, err := s.Firm(ctx)
	if err != nil {
		return store.SentLink{}, err
	}
	m := reminders.SignIn(to.Person, firm.Name)
	return store.SentLink{Person: person, Way: waysOf[to.Channel], Bound: ask.Bound, Next: ask.Next,
		Said: func(id string) reminders.Delivery {
			d := p.delivery(to.Firm, reminders.KindSignIn, id, to, to.Today(now), now)
			d.Message, d.NotAfter = &m, now.Add(p.passes(store.SentLinkLasts))
			return d
		}}, nil
}

// Invite sends somebody an invitation, by the way that reaches them, once for the key. It refuses (conflict) whom nothing reaches, and
// where it is not known to where its link would lead.
func (p *Postman) Invite(ctx context.Context, s *store.Store, person, by models.Person, once store.Once) (store.Invitation, error) {
	if !p.SendsLinks() {
		return store.Invitation{}, models.Refuse(models.Conflict, "",
			"no invitation can be sent from here: who runs this installation has to set TICKMARK_PUBLIC_URL and its keys")
	}
	now := p.Now()
	to, err := s.Recipient(ctx, person.ID, now.Year(), p.Mail != nil)
	if err != nil {
		return store.Invitation{}, err
	}
	if person.Active && to.Channel == reminders.ChannelNone {
		return store.Invitation{}, models.Refuse(models.Conflict, "person",
			"nothing reaches %s: give them a mail address, or say who they are in Slack", person.Name)
	}
	m, err := p.invitation(ctx, s, to, by, now)
	if err != nil {
		return store.Invitation{}, err
	}
	return s.Invite(ctx, once, store.SentLink{Person: person.ID, Way: waysOf[to.Channel], Said: func(id string) reminders.Delivery {
		d := p.delivery(to.Firm, reminders.KindInvite, id, to, to.Today(now), now)
		d.Message, d.NotAfter = &m, now.Add(p.passes(store.InvitationLasts))
		return d
	}}, p.Real())
}

// invitation returns the words of an invitation.
func (p *Postman) invitation(ctx context.Context, s *store.Store, to *reminders.Recipient, by models.Person, now time.Time) (
	reminders.Message, error) {
	firm, err := s.Firm(ctx)
	if err != nil {
		return reminders.Message{}, err
	}
	company := ""
	if to.Client != "" {
		c, err := s.Client(ctx, to.Client)
		if err != nil {
			return reminders.Message{}, err
		}
		company = c.Name
	}
	until := now.Add(p.passes(store.InvitationLasts)).In(models.Zone(to.TimeZone))
	return reminders.Invited(to.Person, by, firm.Name, company,
		models.Dated(models.DateIn(until, until.Location()))+until.Format(", 15:04")), nil
}

// passes returns how much engagement time passes while so much real time does.
func (p *Postman) passes(d time.Duration) time.Duration {
	const day = 24 * time.Hour
	if p.Wait == nil {
		return d
	}
	return time.Duration(float64(d) * float64(day) / float64(max(p.Wait(day), time.Nanosecond)))
}

// keyOf returns the link that a delivery bears, for the moment in which it is given to its provider. The verdict has no class where that
// is so.
func (sh *shift) keyOf(ctx context.Context, d reminders.Delivery) (reminders.Link, reminders.Verdict) {
	refused := func(class reminders.AttemptClass, why string) (reminders.Link, reminders.Verdict) {
		return reminders.Link{}, reminders.Verdict{Class: class, Reason: why}
	}
	secret, next, ok, err := sh.s.LinkSecret(ctx, d.Slot, sh.p.Real())
	switch {
	case models.CodeOf(err) == models.Unavailable:
		return refused(reminders.AttemptUnsent, "its link cannot be read now")
	case err != nil:
		return refused(reminders.AttemptRefused, "the key with which its link was kept is not here")
	case !ok:
		return refused(reminders.AttemptRefused, "its link opens nothing any more")
	case sh.p.home() == "":
		return refused(reminders.AttemptRefused, "it is not known here where links lead: set TICKMARK_PUBLIC_URL")
	}
	if d.Kind == reminders.KindInvite {
		return reminders.Link{Text: "Accept the invitation", URL: sh.p.home() + "/invited/" + secret}, reminders.Verdict{}
	}
	at := sh.p.home() + "/enter/" + secret
	if next != "" {
		at += "?" + url.Values{"next": {next}}.Encode()
	}
	return reminders.Link{Text: "Sign in", URL: at}, reminders.Verdict{}
}
