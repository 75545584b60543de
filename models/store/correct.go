package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// A Correspondent writes to people what a change of how they are reached has to tell them. A post.Postman is one.
type Correspondent interface {
	// OfAddress returns what tells somebody that their mail address becomes another.
	OfAddress(ctx context.Context, s *Store, person, by models.Person) ([]NewDelivery, error)
	// AskWho notes which account of a workspace is somebody's, and asks there whether it is.
	AskWho(ctx context.Context, s *Store, once Once, workspace string, person models.Person, user string) error
}

// correct corrects where somebody is reached, as the requests about a person do, and returns in words what became of it. It reports
// whether the command is such a one. It refuses what engagement.Facts.Corrects refuses, and what those requests are refused for.
func (s *Store) correct(ctx context.Context, c engagement.Command, id models.EngagementID, now time.Time) (text string, is bool,
	err error) {
	if c.Kind != engagement.CorrectAddress {
		return "", false, nil
	}
	f, err := s.Facts(ctx, id, engagement.NeedOf(c))
	if err != nil {
		return "", true, err
	}
	if err := f.Corrects(c, now); err != nil {
		return "", true, err
	}
	if s.root.Post == nil {
		return "", true, models.Refuse(models.Unavailable, "", "addresses cannot be corrected here at present")
	}
	text, err = s.corrected(ctx, c, now)
	return text, true, err
}

// corrected is correct of what may be.
func (s *Store) corrected(ctx context.Context, c engagement.Command, now time.Time) (string, error) {
	p, err := s.Person(ctx, c.Person)
	if err != nil {
		return "", err
	}
	var said []string
	if to := c.Correct.Email; to != "" && to != p.Email {
		if err := s.correctEmail(ctx, c, p, now); err != nil {
			return "", err
		}
		said = append(said, "mail goes to "+to+" from now on")
	}
	if c.Correct.Account != "" {
		if err := s.correctAccount(ctx, c, p); err != nil {
			return "", err
		}
		said = append(said, "that account is asked in Slack whether it is theirs")
	}
	return strings.Join(said, "; "), nil
}

// correctEmail gives somebody another mail address.
func (s *Store) correctEmail(ctx context.Context, c engagement.Command, p models.Person, now time.Time) error {
	by, err := s.Person(ctx, c.Actor.Person)
	if err != nil {
		return err
	}
	told, err := s.root.Post.OfAddress(ctx, s, p, by)
	if err != nil {
		return err
	}
	edit := func(is *models.Person) error {
		was, err := s.Meet(ctx, c.Actor, *is)
		if err != nil {
			return err
		}
		is.Email = c.Correct.Email
		return c.Actor.MayChange(was, *is)
	}
	_, err = s.UpdatePerson(ctx, OnceOf(c), p.ID, now, edit, told...)
	if refused, ok := errors.AsType[*models.Error](err); ok && refused.Field == "email" {
		return models.Refuse(refused.Code, "address", "%s", refused.Message)
	}
	return err
}

// correctAccount has an account of the workspace in which somebody would be reached asked whether it is theirs: of their client's, else of
// the firm's own.
func (s *Store) correctAccount(ctx context.Context, c engagement.Command, p models.Person) error {
	met, err := s.Meet(ctx, c.Actor, p)
	if err != nil {
		return err
	}
	if err := c.Actor.May("bindPerson", &met); err != nil {
		return err
	}
	all, err := s.Workspaces(ctx)
	if err != nil {
		return err
	}
	all = models.Keep(all, func(w reminders.Workspace) bool {
		return w.State == reminders.WorkspaceActive && (w.Client == "" || w.Client == p.Client)
	})
	slices.SortStableFunc(all, func(a, b reminders.Workspace) int { return strings.Compare(string(b.Client), string(a.Client)) })
	if len(all) == 0 {
		return models.Refuse(models.Conflict, "account", "no Slack workspace is connected in which they could be reached")
	}
	once := OnceOf(c)
	once.Key, once.IfRevision = once.Key+"-account", 0
	return s.root.Post.AskWho(ctx, s, once, all[0].ID, p, c.Correct.Account)
}
