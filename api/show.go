package api

import (
	"cmp"
	"time"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/planning"
	"tickmark/models/store"
)

// The functions of this file and show_engagement.go say how things of the domain look from outside. Lists are never null.

func each[From, To any](all []From, show func(From) To) []To {
	out := make([]To, len(all))
	for i, x := range all {
		out[i] = show(x)
	}
	return out
}

// What a list has at most that has no pages, and no smaller limit of its own: the document says of each which it is (maxItems). What is
// looked for among more has a list with pages, or is asked for by a filter.
const (
	listed   = 500    // decisions and workspaces
	nested   = 200    // what is shown of a list within something else
	widest   = 1000   // lanes, and what a task waits for
	messages = 20_000 // of a rehearsal
)

// atMost returns the first n of a list.
func atMost[T any](n int, all []T) []T { return all[:min(n, len(all))] }

// some returns a list that is not nil.
func some[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

// limitOf returns the size of a page that was asked for.
func limitOf(n int) int { return cmp.Or(n, 50) }

func showPerson(p models.Person) gen.Person {
	return gen.Person{ID: p.ID, Client: p.Client, Name: p.Name, Email: p.Email, Role: p.Role, TimeZone: p.TimeZone, ClosedDays: p.Closed,
		OpenDays: p.Open, Active: p.Active, Revision: p.Revision, CreatedAt: p.CreatedAt}
}

func showToken(t store.Token) gen.Token {
	return gen.Token{ID: t.ID, Name: t.Label, CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt, LastUsedAt: t.UsedAt, RevokedAt: t.RevokedAt}
}

func showInvitation(i store.Invitation, now time.Time) gen.Invitation {
	return gen.Invitation{ID: i.ID, State: gen.InvitationState(i.StateAt(now)), By: i.By, CreatedAt: i.CreatedAt, ExpiresAt: i.ExpiresAt,
		AcceptedAt: i.AcceptedAt, EndedAt: i.EndedAt}
}

func showClient(c models.Client) gen.Client {
	weekend := c.Weekend
	if len(weekend) == 0 {
		weekend = []time.Weekday{time.Saturday, time.Sunday}
	}
	return gen.Client{ID: c.ID, Name: c.Name, Headcount: c.Headcount, Country: c.Country, TimeZone: c.TimeZone,
		Weekend: each(weekend, weekdayName), ClosedDays: some(c.Closed), OpenDays: some(c.Open), Revision: c.Revision, CreatedAt: c.CreatedAt}
}

var weekdayNames = [...]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

func weekdayName(d time.Weekday) gen.Weekday { return weekdayNames[d] }

// weekdays returns the days of names that the document has let pass.
func weekdays(names []gen.Weekday) []time.Weekday {
	var out []time.Weekday // nil, the usual weekend, for no names
	for d, name := range weekdayNames {
		for _, n := range names {
			if n == name {
				out = append(out, time.Weekday(d))
			}
		}
	}
	return out
}

func showEvent(e engagement.Event) gen.Event {
	return gen.Event{Seq: e.Seq, At: e.At, Actor: e.Actor, Kind: e.Kind, Subject: e.Subject, Field: e.Field, From: e.From, To: e.To,
		Reason: e.Reason, For: e.For, Internal: e.Internal}
}

func showComment(c engagement.Comment) gen.Comment {
	return gen.Comment{At: c.At, By: c.By, To: c.To, Text: c.Text, Readers: readersOf(c.Internal)}
}

func showQuestion(q engagement.Question) gen.Question {
	return gen.Question{ID: q.ID, Task: q.Task, Title: q.Title, By: q.By, To: q.To, Text: q.Text, Readers: readersOf(q.Internal),
		AskedAt: q.AskedAt, OpenSince: q.OpenAt, State: q.State, Answer: q.Answer, ClosedBy: q.ClosedBy, ClosedAt: q.ClosedAt}
}

func readersOf(internal bool) engagement.Readers {
	if internal {
		return engagement.ReadersInternal
	}
	return engagement.ReadersShared
}

func showCommenting(c engagement.Commenting) gen.Commenting {
	return gen.Commenting{Readers: c.Readers, Internal: c.Internal, Shared: c.Shared}
}

func showSpan(s planning.Span) gen.Span { return gen.Span{Start: s.Start, End: s.End} }

func showWarning(w planning.Warning) gen.PlanWarning {
	return gen.PlanWarning{Code: w.Code, Field: w.Field, Text: w.Text, Days: w.Days}
}
