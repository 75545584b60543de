package api

import (
	"strings"
	"time"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// How what has to do with messages looks from outside.

func showMessage(d reminders.Delivery) gen.Message {
	out := gen.Message{ID: d.ID, Kind: d.Kind, Status: d.Status, Person: d.Person, Channel: string(d.Channel), Workspace: d.Workspace,
		Destination: d.Dest, Slot: d.Slot,
		Reason: d.Reason, ScheduledAt: d.ScheduledAt, NotAfter: d.NotAfter, SettledAt: d.SettledAt, Attempts: d.Attempts, Evidence: d.Evidence,
		Follows: d.Follows}
	if d.Message != nil {
		out.Subject = d.Message.Subject
	}
	return out
}

func showMessageDetail(d reminders.Delivery, attempts []reminders.Attempt) gen.MessageDetail {
	m := showMessage(d)
	out := gen.MessageDetail{ID: m.ID, Kind: m.Kind, Status: m.Status, Person: m.Person, Channel: m.Channel, Workspace: m.Workspace,
		Destination: m.Destination, Slot: m.Slot,
		Reason: m.Reason, ScheduledAt: m.ScheduledAt, NotAfter: m.NotAfter, SettledAt: m.SettledAt, Attempts: m.Attempts, Evidence: m.Evidence,
		Follows: m.Follows,
		Tries:   each(attempts, showTry)}
	if d.Message != nil {
		out.Subject, out.Text = d.Message.Subject, textOf(*d.Message)
	}
	return out
}

// textOf is all that a message says, as plain text.
func textOf(m reminders.Message) string {
	text := m.Text()
	if m.Footer != "" {
		text += "\n" + m.Footer + "\n"
	}
	return text
}

func showTry(a reminders.Attempt) gen.Try {
	return gen.Try{At: a.At, Class: string(a.Class), Status: a.Status, Error: a.Error, TookMs: int(a.Took.Milliseconds())}
}

func showMessaging(m reminders.Messaging) gen.Messaging {
	return gen.Messaging{Paused: m.Paused, PausedBy: m.PausedBy, PausedAt: m.PausedAt, PausedReason: m.PausedReason,
		ClientsAt: timeOfDay(m.ClientsAt), TeamAt: timeOfDay(m.TeamAt),
		QuietFrom: m.Quiet.From.String(), QuietTo: m.Quiet.To.String(), WeeklyBudget: m.WeeklyBudget, BundleMinutes: m.BundleMinutes,
		Workspace: m.Workspace, Channel: m.SlackChannel,
		Revision: m.Revision}
}

// timeOfDay writes a time that may not have been chosen.
func timeOfDay(t models.TimeOfDay) string {
	if t == 0 {
		return ""
	}
	return t.String()
}

// showLane shows a lane by the name of its workspace, or mail.
func showLane(firm models.FirmID, real time.Time) func(store.LaneState) gen.Lane {
	return func(l store.LaneState) gen.Lane {
		out := gen.Lane{Name: strings.TrimPrefix(l.Lane, string(firm)+"/"), Waiting: l.Waiting, Failures: l.Failures, Error: l.Error, At: l.At}
		if l.NotBefore.After(real) {
			out.Until = l.NotBefore
		}
		return out
	}
}

func showPersonMessaging(to *reminders.Recipient, bindings []reminders.Binding, absences []reminders.Absence,
	now time.Time) gen.PersonMessaging {
	channel := string(to.Channel)
	if to.Channel == reminders.ChannelNone {
		channel = "none"
	}
	out := gen.PersonMessaging{Channel: channel, Prefer: string(to.Prefs.Channel), DigestAt: to.DigestAt.String(), Country: to.Prefs.Country,
		Summary: to.Prefs.Summary,
		MailOff: to.Prefs.MailOff, Slack: each(atMost(nested, bindings), showBinding),
		Absences: each(absences, showAbsence), TimeZone: to.Zone().String(),
		Revision: max(1, to.Prefs.Revision)}
	if to.Active {
		out.Next = to.NextDigest(now)
	}
	return out
}

func showBinding(b reminders.Binding) gen.Binding {
	return gen.Binding{Workspace: b.Workspace, User: b.User, State: string(b.State), Since: b.StateAt}
}

func showAbsence(a reminders.Absence) gen.Absence {
	return gen.Absence{ID: a.ID, From: a.Days.Start, To: a.Days.End, StandIn: a.StandIn}
}

// showWorkspace shows a workspace without its secrets: only whether there are some.
func showWorkspace(w reminders.Workspace) gen.Workspace {
	return gen.Workspace{ID: w.ID, Client: w.Client, Name: w.Name, State: string(w.State), Reason: w.Reason, SocketMode: w.Socket,
		Team: w.Team, App: w.App, ClientID: w.OAuthID,
		Trusted: w.Trusted, HasToken: w.Secrets.Token != "", HasAppToken: w.Secrets.AppToken != "", HasSigningSecret: w.Secrets.Signing != "",
		HasClientSecret: w.Secrets.OAuth != "", Revision: w.Revision, CreatedAt: w.CreatedAt, TypedAt: w.TypedAt}
}

func showRehearsed(m reminders.Rehearsed) gen.Rehearsed {
	return gen.Rehearsed{At: m.At, Local: m.At.In(m.To.Zone()).Format("Mon 2006-01-02 15:04"), TimeZone: m.To.Zone().String(),
		Person: m.To.ID, Name: m.To.Name, Channel: string(m.To.Channel), Kind: m.Kind,
		Subject: m.Message.Subject, Text: textOf(m.Message)}
}
