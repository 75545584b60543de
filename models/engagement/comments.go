package engagement

import (
	"tickmark/models"
)

// Readers says who reads a comment.
type Readers string

// Who reads a comment.
const (
	ReadersInternal Readers = "internal" // the firm's people who are shown the task
	ReadersShared   Readers = "shared"   // everybody who is shown the task
)

// allReaders are what to choose from.
var allReaders = []Readers{ReadersInternal, ReadersShared}

// Commenting is what somebody is to know before they say something on a task: who will read it.
type Commenting struct {
	Readers  Readers // when they choose none, and ask nobody of another side
	Internal string  // who reads an internal comment; empty: theirs are shared
	Shared   string  // who reads a shared one
}

// CommentingOn returns what an actor is to know before they say something on a task. What the firm's people say on the firm's own tasks is
// internal unless they choose otherwise: they talk about their work there. On all other tasks they talk with those whose tasks they are.
// Others than the firm's people say nothing that is internal.
func CommentingOn(a Actor, t *Task, firm models.Firm, client models.Client) Commenting {
	side := models.SideOf(t.OwnerRole)
	auditor := side == models.SideAuditor || t.ApproverRole == string(models.RoleAuditor)
	out := Commenting{Readers: ReadersShared}
	switch {
	case !a.SeesInternal() && auditor:
		out.Shared = firm.Name + ", " + client.Name + " and the auditor read this."
		return out
	case !a.SeesInternal():
		out.Shared = firm.Name + " and " + client.Name + " read this."
		return out
	case auditor:
		out.Shared = client.Name + " and the auditor read this too."
	default:
		out.Shared = client.Name + " reads this too."
	}
	if out.Internal = "Only " + firm.Name + " reads this."; side == models.SideFirm {
		out.Readers = ReadersInternal
	}
	return out
}

// internal reports whether a comment is internal. A question to somebody who is not of the firm is not, unless that was asked for. It
// refuses (invalid) readers that there are not, those that are not the actor's to choose, and a question to somebody who would not read it.
func (f *Facts) internal(t *Task, c Command) (bool, error) {
	usual := CommentingOn(c.Actor, t, f.Firm, f.Client)
	to, known := f.Person(c.Person)
	outside := known && to.Role.Side() != models.SideFirm
	switch c.Readers {
	case "":
		return usual.Readers == ReadersInternal && !outside, nil
	case ReadersShared:
		return false, nil
	case ReadersInternal:
		if usual.Internal == "" {
			return false, models.Refuse(models.Invalid, "readers", "readers internal is for the people of %s: what you say here is shared",
				f.Firm.Name)
		}
		if outside {
			return false, models.Refuse(models.Invalid, "readers",
				"%s is not of %s and would not read an internal comment: make it shared, or ask somebody else", to.Name, f.Firm.Name)
		}
		return true, nil
	}
	return false, models.Refuse(models.Invalid, "readers", "readers %.60q is none of %s", string(c.Readers), models.Words(allReaders))
}
