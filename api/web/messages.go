package web

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// ledgerLines is how many messages stand on a page of the ledger.
const ledgerLines = 50

// A ledger is messages, the newest first, and what became of each.
type ledger struct {
	Lines []ledgerLine
	Picks []taskPick
	Next  string // the address of those before
	CSV   string // of this page of the list as a file
}

// A ledgerLine is a message in the ledger.
type ledgerLine struct {
	At, To, Subject   string
	Planned, Why      string
	State, Word, Sent string
}

// A messagesPage is the ledger of the firm, as far as it is shown to who looks.
type messagesPage struct {
	page
	ledger
	Stopped string // since when and why nothing goes out; empty: it does
	Stops   bool   // who looks may stop all messages and let them go out again
	Key     string
}

// A talkPage is the ledger of one engagement.
type talkPage struct {
	frame
	ledger
}

// deliveryPicks are which messages one may choose.
var deliveryPicks = []struct {
	key, name string
	is        []reminders.DeliveryStatus
}{
	{"", "All", nil},
	{"waiting", "To go out", []reminders.DeliveryStatus{reminders.DeliveryScheduled, reminders.DeliverySending}},
	{"sent", "Sent", []reminders.DeliveryStatus{reminders.DeliverySent}},
	{"dropped", "Not sent", []reminders.DeliveryStatus{reminders.DeliverySuppressed, reminders.DeliveryCoalesced, reminders.DeliveryExpired}},
	{"failed", "Failed", []reminders.DeliveryStatus{reminders.DeliveryFailed, reminders.DeliveryUncertain}},
}

// messages shows the messages of the firm that are shown to who looks.
func (p *Pages) messages(v *visit) error {
	out := messagesPage{page: v.framed("Messages", "messages", "/messages")}
	var err error
	if out.ledger, err = v.ledgerOf("/messages", store.DeliveryFilter{}); err != nil {
		return err
	}
	if v.wantsFile() {
		return v.ledgerFile("messages", out.ledger)
	}
	if engagement.ReachOf(v.Role, "getMessaging") != engagement.ReachNone {
		m, err := v.Store.Messaging(v.r.Context())
		if err != nil {
			return err
		}
		if m.Paused {
			out.Stopped = "Nothing goes out since " + v.moment(m.PausedAt) + "."
			if m.PausedReason != "" {
				out.Stopped += " " + models.Sentence(m.PausedReason)
			}
		}
	}
	out.Stops, out.Key = v.May("pauseMessaging", nil) == nil, rand.Text()
	return v.show(http.StatusOK, messagesPageOf(out))
}

// stopMessages holds all messages of the firm, and letMessages lets them go out again.
func (p *Pages) stopMessages(v *visit) error { return v.stop(true) }
func (p *Pages) letMessages(v *visit) error  { return v.stop(false) }

func (v *visit) stop(stopped bool) error {
	once, err := v.once()
	if err != nil {
		return err
	}
	reason := strings.TrimSpace(v.r.PostForm.Get("reason"))
	if reason == "" || len([]rune(reason)) > 2000 {
		return models.Refuse(models.Invalid, "reason", "say why, in at most 2,000 characters: your colleagues read it")
	}
	_, err = v.Store.UpdateMessaging(v.r.Context(), once, v.Now, func(m *reminders.Messaging) error {
		m.Paused, m.PausedReason = stopped, reason
		return nil
	})
	if err != nil {
		return err
	}
	v.seeOther("/messages")
	return nil
}

// talk shows the messages that speak of an engagement.
func (p *Pages) talk(v *visit) error {
	f, err := v.Store.Facts(v.r.Context(), v.Engagement.ID, engagement.Need{})
	if err != nil {
		return err
	}
	out := talkPage{frame: v.frameOf(f, f.ReportFor(v.Actor, v.Now), "/messages")}
	out.page.Title = "Messages for " + f.Client.Name
	if out.ledger, err = v.ledgerOf(out.At+"/messages", store.DeliveryFilter{Engagement: v.Engagement.ID}); err != nil {
		return err
	}
	if v.wantsFile() {
		return v.ledgerFile("messages for "+f.Client.Name, out.ledger)
	}
	return v.show(http.StatusOK, talkPageOf(out))
}

// ledgerFile answers with messages as a file.
func (v *visit) ledgerFile(name string, l ledger) error {
	rows := make([][]any, len(l.Lines))
	for i, x := range l.Lines {
		rows[i] = []any{x.Planned, x.To, x.Subject, x.Word, x.Sent, x.Why}
	}
	return v.file(name, []string{"Planned", "To", "Subject", "Became", "Sent", "Because"}, rows)
}

// ledgerOf returns the page of the ledger that the address asks for.
func (v *visit) ledgerOf(at string, filter store.DeliveryFilter) (ledger, error) {
	ctx, q := v.r.Context(), v.r.URL.Query()
	out, chosen := ledger{}, q.Get("show")
	for _, x := range deliveryPicks {
		pick := taskPick{Key: x.key, Name: x.name, At: with(q, at, "show", x.key), Current: x.key == chosen}
		if pick.Current {
			filter.Statuses = x.is
		}
		out.Picks = append(out.Picks, pick)
	}
	if !slices.ContainsFunc(out.Picks, func(x taskPick) bool { return x.Current }) {
		return out, models.Refuse(models.Invalid, "show", "show %.20q is none of waiting, sent, dropped, failed", chosen)
	}
	all, next, err := v.Store.DeliveriesFor(ctx, v.Actor, filter, q.Get("cursor"), ledgerLines)
	if err != nil {
		return out, err
	}
	names := names{"": "a channel"}
	for _, d := range all {
		to, err := v.nameIn(names, d.Person)
		if err != nil {
			return out, err
		}
		out.Lines = append(out.Lines, v.ledgerLine(d, to))
	}
	if out.CSV = with(q, at, "as", "csv"); next != "" {
		out.Next = with(q, at, "cursor", next)
	}
	return out, nil
}

// deliveryStates are the shape and the word of what became of a message.
var deliveryStates = map[reminders.DeliveryStatus][2]string{
	reminders.DeliveryScheduled: {"open", "goes out"}, reminders.DeliverySending: {"sent", "on its way"},
	reminders.DeliverySent: {"done", "sent"}, reminders.DeliverySuppressed: {"miss", "not needed"},
	reminders.DeliveryCoalesced: {"miss", "joined to another"}, reminders.DeliveryExpired: {"miss", "too late for it"},
	reminders.DeliveryUncertain: {"risk", "may have arrived"}, reminders.DeliveryFailed: {"late", "failed"}}

// deliveryKinds say what a message is that has not been written yet.
var deliveryKinds = map[reminders.DeliveryKind]string{reminders.KindDigest: "The message of the day", reminders.KindNow: "News",
	reminders.KindTest: "A test", reminders.KindBinding: "Who are you in Slack?", reminders.KindTrouble: "A channel that does not work",
	reminders.KindCounts: "The week of the company", reminders.KindPortfolio: "The week of the firm", reminders.KindAgain: "Once more",
	reminders.KindReply: "An answer to what they typed", reminders.KindSignIn: "A link to sign in", reminders.KindInvite: "An invitation"}

func (v *visit) ledgerLine(d reminders.Delivery, to string) ledgerLine {
	out := ledgerLine{At: "/messages/" + url.PathEscape(d.ID), To: to, Subject: deliveryKinds[d.Kind], Planned: v.moment(d.ScheduledAt),
		Why: models.Sentence(d.Reason)}
	if d.Message != nil && d.Message.Subject != "" {
		out.Subject = d.Message.Subject
	}
	state := deliveryStates[d.Status]
	out.State, out.Word = state[0], state[1]
	if d.Status == reminders.DeliverySent {
		out.Word += " by " + channelNames[d.Channel]
		out.Sent = v.moment(d.SettledAt)
	}
	return out
}

var channelNames = map[reminders.Channel]string{reminders.ChannelSlack: "Slack", reminders.ChannelMail: "mail"}

// moment is when something was or is to be, where one looks: "Wed 16 Jun, 09:40".
func (v *visit) moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	zone := models.Zone(v.Person.TimeZone)
	return nearDay(models.DateIn(t, zone), v.today()) + t.In(zone).Format(", 15:04")
}

// A letterPage is one message, word for word, and what became of it.
type letterPage struct {
	page
	Line  ledgerLine
	Text  *reminders.Message // nil: it is written when it goes out
	Facts []fact
	Tries []tryLine
}

// A tryLine is one attempt to deliver a message.
type tryLine struct{ At, Became string }

// message shows one message.
func (p *Pages) message(v *visit) error {
	ctx := v.r.Context()
	d, attempts, err := v.Store.DeliveryFor(ctx, v.Actor, v.r.PathValue("message"))
	if err != nil {
		return err
	}
	to, err := v.nameIn(names{"": "a channel"}, d.Person)
	if err != nil {
		return err
	}
	out := letterPage{page: v.framed("Message", "messages", "/messages"), Line: v.ledgerLine(d, to)}
	out.page.Title = out.Line.Subject
	out.Text = d.Message
	out.Facts = []fact{{Term: "To", Text: out.Line.To}, {Term: "Planned", Text: out.Line.Planned}, {Term: "By", Text: channelNames[d.Channel]}}
	for _, x := range []fact{{Term: "Sent", Text: out.Line.Sent}, {Term: "Because", Text: out.Line.Why}} {
		if x.Text != "" {
			out.Facts = append(out.Facts, x)
		}
	}
	for _, a := range attempts {
		line := tryLine{At: v.moment(a.At), Became: string(a.Class)}
		if a.Error != "" {
			line.Became += ": " + a.Error
		}
		out.Tries = append(out.Tries, line)
	}
	return v.show(http.StatusOK, letterPageOf(out))
}
