package reminders

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/planning"
)

// A Message is the text of what is sent to a person, without the markup of any channel. It is frozen before it is sent.
type Message struct {
	Subject  string    `json:"subject"`
	Intro    string    `json:"intro,omitempty"`
	Sections []Section `json:"sections,omitempty"`
	Rest     []Section `json:"rest,omitempty"` // what is counted and not shown: the list behind the count
	More     int       `json:"more,omitempty"` // how many things those are; also of what no list is kept with the message
	Footer   string    `json:"footer,omitempty"`
	Urgent   bool      `json:"urgent,omitempty"` // goes out to those too who want no mail: it was returned to them, or has gone up to them
	Thread   string    `json:"thread,omitempty"` // of Slack, in which it stands; empty: in none
	Words    string    `json:"words,omitempty"`  // what somebody typed, which its buttons give as the answer; never shown as part of it
	Link     Link      `json:"-"`                // is a key: it is added when the message is given to its provider, and kept nowhere
}

// A Link leads from a message to a page. Who has it is let in.
type Link struct{ Text, URL string }

// SignIn tells somebody by which link they sign in, which is added when it is sent. Who asked for it is not known, and may be anybody.
func SignIn(p models.Person, firm string) Message {
	return Message{Subject: "Sign in to Tickmark", Urgent: true,
		Intro: "Hello " + FirstName(p.Name) + ". Somebody, you most likely, asked to sign in with your mail address to Tickmark of " + firm + ".",
		Footer: "The link works once, for 15 minutes, in the browser in which it was asked for and in no other. If you did not ask for it, " +
			"there is nothing to do. Give it to nobody."}
}

// Invited tells somebody who asks them in, to what and until when. The link is added when it is sent.
func Invited(p, by models.Person, firm, company, until string) Message {
	what := "its audits"
	if company != "" {
		what = "the audit of " + company
	}
	who := by.Name + " invites you"
	if by.Name == "" {
		who = "You are invited"
	}
	return Message{Subject: "You are invited to Tickmark of " + firm, Urgent: true,
		Intro: "Hello " + FirstName(p.Name) + ". " + who + " to Tickmark, where " + firm + " keeps the dates and tasks of " + what +
			". Open the link and sign in: you see there what is asked of you.",
		Footer: "The link works once, until " + until + ". If that is too soon, or if it was used, ask for another. Give it to nobody: " +
			"whoever opens it is let in as you."}
}

// A Section is a group of lines under a title.
type Section struct {
	Title string            `json:"title"`
	Lines []engagement.Line `json:"lines"`
}

// IsThisYou asks somebody whose address was found in Slack whether it is them.
func IsThisYou(p models.Person, firm, company string) Message {
	about := firm + " prepares audits with Tickmark."
	if company != "" {
		about = firm + " prepares the audit of " + company + " with Tickmark."
	}
	return Message{Subject: "Is this you?",
		Intro: "Hello. " + about + " What an audit needs from you could come to you here, instead of by mail.",
		Sections: []Section{{Title: "Is this you?",
			Lines: []engagement.Line{{Item: engagement.Item{Kind: engagement.ItemBind, Subject: string(p.ID)}.Key(), Title: p.Name, Text: p.Email,
				Acts: engagement.ActsOn(engagement.ItemBind)}}}},
		Footer: "Until you say yes, nothing else comes here."}
}

// OtherAccount tells somebody that another account of a Slack workspace is taken for theirs, and by whom.
func OtherAccount(p, by models.Person, workspace string) Message {
	return about(p, "Another Slack account is taken for yours", by.Name+" says that you have another account in the Slack workspace "+
		workspace+".", "What an audit needs from you comes to that account once it is confirmed there, and no longer where it came before.")
}

// OtherAddress tells somebody that their mail address was changed, and by whom. What it became is not said.
func OtherAddress(p, by models.Person) Message {
	who := by.Name
	if by.ID == p.ID {
		who = "Somebody who acts as you"
	}
	return about(p, "Your mail address was changed", who+" changed the mail address at which Tickmark reaches you.",
		"What an audit needs from you comes to the new address, and no longer to the one before.")
}

// FunctionTaken tells somebody that a function is theirs no longer, and by whom it was taken.
func FunctionTaken(p, by models.Person, function string) Message {
	return about(p, "A function was taken from you", by.Name+" gave your part as "+function+" to somebody else, or to nobody.",
		"What it approves is no longer yours to approve.")
}

// TokenMade tells somebody that a token was made for them, and by whom.
func TokenMade(p, by models.Person, label string) Message {
	return about(p, "A token was made for you", by.Name+" made a token for you, named "+models.Quoted(label)+".",
		"Whoever has it can read and do here what you can.")
}

// about tells somebody what somebody else did to how they are known, and what to do where that is wrong.
func about(p models.Person, subject, what, follows string) Message {
	return Message{Subject: subject, Urgent: true, Intro: "Hello " + FirstName(p.Name) + ". " + what + " " + follows,
		Sections: []Section{{Title: "What to do", Lines: []engagement.Line{{Title: "Nothing, if you know of it",
			Text: "If you do not, tell the partner of your engagement at once."}}}}}
}

// Lines returns a line for each thing of which a message speaks: those it shows, those that it tells together, and those that it only
// counts.
func (m *Message) Lines() []*engagement.Line {
	var out []*engagement.Line
	for _, l := range m.each() {
		if len(l.All) == 0 {
			out = append(out, l)
		}
		for i := range l.All {
			out = append(out, &l.All[i])
		}
	}
	return out
}

// each returns the lines of a message as they stand, those that it shows and those that it only counts: one for things that it tells
// together.
func (m *Message) each() []*engagement.Line {
	var out []*engagement.Line
	for _, s := range slices.Concat(m.Sections, m.Rest) {
		for k := range s.Lines {
			out = append(out, &s.Lines[k])
		}
	}
	return out
}

// lay puts lines into a message by their sections: as many of each as are shown, the others into the list of what is only counted.
func (m *Message) lay(by [sections][]engagement.Line, shown [sections]int) {
	for i, lines := range by {
		if shown[i] > 0 {
			m.Sections = append(m.Sections, Section{sectionTitles[i], lines[:shown[i]]})
		}
		if rest := lines[shown[i]:]; len(rest) > 0 {
			m.Rest = append(m.Rest, Section{sectionTitles[i], rest})
			m.More += leafCount(rest)
		}
	}
}

// saySends says of each engagement to whom documents go, on the first line that asks for any.
func (m *Message) saySends() {
	said := map[models.EngagementID]bool{}
	for _, l := range m.each() {
		if l.Send != "" && !said[l.Engagement] {
			l.Detail = together(l.Detail, l.Send)
			said[l.Engagement] = true
		}
	}
}

// nameLists gives a name to the list of what a line counts without naming it.
func (m *Message) nameLists() {
	for _, l := range m.each() {
		if len(l.Whole) > 0 && l.List == "" {
			l.List = listName("whole", string(l.Engagement), l.Item, l.Title)
		}
	}
}

// sayCosts says of each engagement that is not told already when its report is expected, on the first line that knows it. It returns of
// which engagements it did.
func (m *Message) sayCosts(told map[models.EngagementID]bool) map[models.EngagementID]bool {
	said := map[models.EngagementID]bool{}
	for _, l := range m.each() {
		if l.Cost != "" && !told[l.Engagement] {
			l.Detail = together(l.Detail, l.Cost)
			told[l.Engagement], said[l.Engagement] = true, true
		}
	}
	return said
}

// sayOnce leaves out of a message the sentences that a line before said in the same words. What people said themselves stays with each
// line.
func (m *Message) sayOnce() {
	said := map[string]bool{}
	for _, l := range m.each() {
		var anew []string
		for _, sentence := range strings.SplitAfter(l.Detail, ". ") {
			sentence = strings.TrimSpace(sentence)
			if sentence != "" && !said[sentence] {
				anew = append(anew, sentence)
			}
			said[sentence] = true
		}
		if !strings.Contains(l.Detail, "“") {
			l.Detail = strings.Join(anew, " ")
		}
	}
}

// Text returns a message as plain text, for those who read it without marks or buttons.
func (m *Message) Text() string {
	var t strings.Builder
	if m.Intro != "" {
		t.WriteString(m.Intro + "\n")
	}
	for _, s := range m.Sections {
		t.WriteString("\n" + s.Title + "\n" + strings.Repeat("-", len([]rune(s.Title))) + "\n")
		for _, l := range s.Lines {
			if l.Done != "" {
				t.WriteString("* " + l.Title + "\n  (" + l.Done + ")\n")
				continue
			}
			t.WriteString("* " + l.Title + "\n")
			for _, more := range []string{l.Where, l.Text, Settled(l), l.Detail} {
				if more != "" {
					t.WriteString("  " + more + "\n")
				}
			}
			for _, x := range l.All {
				t.WriteString("  - " + Entry(x, false) + "\n")
			}
			for _, x := range l.Whole {
				t.WriteString("  - " + x + "\n")
			}
		}
	}
	if m.More > 0 {
		t.WriteString("\n" + AndMore(m.More) + strings.Repeat(":", min(1, len(m.Rest))) + "\n")
	}
	if rest, ok := m.Listed(ListOfRest); ok {
		for _, x := range rest.All {
			t.WriteString("- " + Entry(x, true) + "\n")
		}
	}
	return t.String()
}

// Entry says a line of a list on one line: what it is about, what is said of it where that is not said of all, and what became of it. A
// line that stands alone says when it is due; one of several that are told together, what exactly it asks for.
func Entry(l engagement.Line, alone bool) string {
	s := l.Title
	if alone && l.Where != "" {
		s += " (" + l.Where + ")"
	}
	switch {
	case l.Done != "":
		return s + " (" + l.Done + ")"
	case alone && l.Text != "":
		return s + ": " + l.Text
	case !alone && l.Detail != "":
		return s + ": " + l.Detail
	}
	return s
}

// AndMore says how many lines a message only counts: their list stands behind it.
func AndMore(n int) string { return models.AndMore(n, "") }

// TestMessage is what somebody sends to themselves, to see that messages reach them.
func TestMessage(p models.Person, way Channel) Message {
	return Message{Subject: "A test from Tickmark", Urgent: true,
		Intro: "Hello " + FirstName(p.Name) + ". You asked for a test: messages reach you here.",
		Footer: map[Channel]string{ChannelSlack: "What an audit needs from you comes as one message a working day.",
			ChannelMail: "What an audit needs from you comes as one mail a working day."}[way]}
}

// A DeliveryKind is why a message goes out.
type DeliveryKind string

// The kinds of deliveries.
const (
	KindDigest    DeliveryKind = "digest"    // the one message of a working day
	KindNow       DeliveryKind = "now"       // what is said at once: returned work, questions, reassignment
	KindTest      DeliveryKind = "test"      // to oneself
	KindBinding   DeliveryKind = "binding"   // "is this you?"
	KindTrouble   DeliveryKind = "trouble"   // a channel that does not work, to the manager
	KindCounts    DeliveryKind = "counts"    // to a client's channel, once a week
	KindPortfolio DeliveryKind = "portfolio" // to the firm's channel, once a week
	KindAgain     DeliveryKind = "again"     // one that was sent before, by hand
	KindReply     DeliveryKind = "reply"     // to what somebody typed to the app, where they typed it
	KindSignIn    DeliveryKind = "sign_in"   // a link that signs in; its slot names the link
	KindInvite    DeliveryKind = "invite"    // a link that signs in whom somebody invites; its slot names the invitation
)

// Keyed reports whether a delivery of a kind bears a link that is a key: it is for its person alone, and sent once.
func (k DeliveryKind) Keyed() bool { return k == KindSignIn || k == KindInvite }

// A DeliveryStatus is where a delivery stands.
type DeliveryStatus string

// The statuses. Only scheduled and sending change any more.
const (
	DeliveryScheduled  DeliveryStatus = "scheduled"
	DeliverySending    DeliveryStatus = "sending" // given to the provider, no answer kept yet
	DeliverySent       DeliveryStatus = "sent"
	DeliverySuppressed DeliveryStatus = "suppressed" // there was a reason not to say it
	DeliveryCoalesced  DeliveryStatus = "coalesced"  // a later one says it too
	DeliveryExpired    DeliveryStatus = "expired"    // too late for it; the reason says what says it instead, if anything does
	DeliveryUncertain  DeliveryStatus = "uncertain"  // it may have arrived or not, and nobody can tell
	DeliveryFailed     DeliveryStatus = "failed"     // refused for good
)

// DeliveryStatuses lists all statuses.
var DeliveryStatuses = []DeliveryStatus{DeliveryScheduled, DeliverySending, DeliverySent, DeliverySuppressed, DeliveryCoalesced,
	DeliveryExpired, DeliveryUncertain, DeliveryFailed}

// Settled reports whether nothing more happens to a delivery.
func (s DeliveryStatus) Settled() bool { return s != DeliveryScheduled && s != DeliverySending }

// How a delivery is known to have arrived.
const (
	EvidenceResponse = "response" // the provider said so
	EvidenceHistory  = "history"  // it was found where it should be
)

// A Delivery is a row of the ledger: one message to one person by one channel, and what became of it.
type Delivery struct {
	Firm        models.FirmID
	ID          string
	Kind        DeliveryKind
	Slot        string          // the recipient's local date for a digest, the event for what is said at once
	Person      models.PersonID // empty: a channel
	Channel     Channel
	Workspace   string // of Slack
	Dest        string // a Slack channel, a mail address
	Status      DeliveryStatus
	Reason      string // why it was suppressed or failed, or what is waited for
	ScheduledAt time.Time
	NotAfter    time.Time // when it is too late for it; zero: never, it waits until it is delivered
	SettledAt   time.Time
	Day         models.Date   // the recipient's
	Missing     planning.Span // days on which nothing was sent to them though it should have been
	Fence       int64
	Attempts    int
	Looks       int
	// SendingSince is when it was given to its provider, by the database's clock.
	SendingSince time.Time
	Message      *Message // nil until it is frozen
	Receipt      string   // Slack's ts, a mail's Message-ID
	Evidence     string
	Follows      string
	EditDue      int64 // since when something it says has changed; 0: it says what is true
}

// Lane returns the queue in which the delivery stands: deliveries of one lane never hold up those of another.
func (d Delivery) Lane() string {
	if d.Channel == ChannelSlack {
		return string(d.Firm) + "/" + d.Workspace
	}
	return string(d.Firm) + "/mail"
}

// Endless reports whether a delivery waits until it is delivered, however long that takes: it is about the access of its person.
func (d Delivery) Endless() bool { return d.NotAfter.IsZero() }

// TooLate reports whether it is too late for a delivery at an instant.
func (d Delivery) TooLate(now time.Time) bool { return !d.Endless() && now.After(d.NotAfter) }

// AtLeastOnce reports whether a delivery of which nobody can tell whether it arrived is sent again, saying so: what is said at once
// is said nowhere else. A digest is not: the next one says it all.
func (d Delivery) AtLeastOnce() bool {
	return d.Kind == KindNow || d.Kind == KindTrouble || d.Kind == KindReply || d.Kind.Keyed()
}

// BearsPause reports whether a delivery goes out while all messages of the firm are paused: it answers what somebody just did.
func (d Delivery) BearsPause() bool { return d.Kind == KindReply || d.Kind.Keyed() }

// deliveries is the name space of the ids of deliveries. It has room for sixteen characters of "tickmark.delivery"; the last one begins
// every name, so that ids are those of earlier releases.
var deliveries = uuid.UUID([]byte("tickmark.deliver"))

// DeliveryID names a delivery by what it says to whom when, by which way: the same is the same, whoever schedules it.
func DeliveryID(firm models.FirmID, person models.PersonID, kind DeliveryKind, slot string, channel Channel) string {
	name := strings.Join([]string{"y", string(firm), string(person), string(kind), slot, string(channel)}, "\x00")
	return uuid.NewSHA1(deliveries, []byte(name)).String()
}

// An Attempt is one try to deliver, or one look for what a try left in doubt.
type Attempt struct {
	No      int
	Fence   int64
	Class   AttemptClass
	Status  int // of HTTP or SMTP; 0: no answer
	Error   string
	Request string // the provider's id of it
	At      time.Time
	Took    time.Duration
}

// An AttemptClass is the kind of outcome of an attempt.
type AttemptClass string

// The classes of attempts (slack-and-reliability.md 2.2). What is not known is ambiguous.
const (
	AttemptAccepted   AttemptClass = "accepted"
	AttemptUnsent     AttemptClass = "unsent"     // surely not sent: try again later
	AttemptRefused    AttemptClass = "refused"    // for good
	AttemptAmbiguous  AttemptClass = "ambiguous"  // it may have been sent
	AttemptFound      AttemptClass = "found"      // a look found it
	AttemptAbsent     AttemptClass = "absent"     // a look over all pages did not
	AttemptUnreadable AttemptClass = "unreadable" // it cannot be looked for
	AttemptEdited     AttemptClass = "edited"
)
