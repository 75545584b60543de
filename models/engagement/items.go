package engagement

import (
	"strings"

	"tickmark/models"
)

// A Line is one line of a message: what it says about an item, and what can be done about it right there.
type Line struct {
	Engagement models.EngagementID `json:"engagement,omitempty"`
	Item       string              `json:"item,omitempty"` // Item.Key; empty: there is nothing to do about it
	Title      string              `json:"title"`
	Text       string              `json:"text,omitempty"`   // when it is due, who has it
	Detail     string              `json:"detail,omitempty"` // what exactly is asked for, where it goes next
	Where      string              `json:"where,omitempty"`  // the engagement, for people who have several
	For        string              `json:"for,omitempty"`    // whose it is, when a stand-in is asked
	Acts       []Act               `json:"acts,omitempty"`
	Due        models.Date         `json:"due,omitzero"` // and Step: the step that counts as sent with this line
	Step       *int                `json:"step,omitempty"`
	Done       string              `json:"done,omitempty"` // what became of it since: the line is crossed out
	// All are the things for which the line stands together; it is about none of them alone. Empty: it stands for itself.
	All  []Line `json:"all,omitempty"`
	List string `json:"list,omitempty"` // names the list of All in its message
	// Whole is, a line each, all of what the line counts without naming it; List names it too. Empty: it names everything.
	Whole []string `json:"whole,omitempty"`
	// Like is the kind of thing that it is about and Many what several of them are called: like lines that say the same are told as one.
	Like string `json:"-"`
	Many string `json:"-"`
	// Together is what is said of several such things in place of what is said of each, and First the day that comes first among them.
	Together string      `json:"-"`
	First    models.Date `json:"-"`
	Cost     string      `json:"-"` // when the report is expected, which one line of each engagement says
	Send     string      `json:"-"` // to whom documents go, which one line of each engagement says
	// Above says that it has gone up to whoever reads it: it is that of the one whom For names.
	Above bool `json:"above,omitempty"`
}

// Mark returns the sign before a line that is crossed out: a tick for what was done or agreed, a dash for what was not, or has come back.
func (l Line) Mark() string {
	for _, no := range []string{"not ", "refused", "returned", "blocked", "withdrawn"} {
		if strings.HasPrefix(l.Done, no) {
			return "–"
		}
	}
	return "✓"
}

// Waiting returns of what a line stands for what still waits: what of All is not crossed out.
func (l Line) Waiting() []Line { return models.Keep(l.All, func(x Line) bool { return x.Done == "" }) }

// About returns the part of the title of a thing that tells it from its like.
func (l Line) About() string {
	about, _, _ := strings.Cut(l.Title, ": ")
	return about
}

// ParseItem cuts the key of an item into its kind and subject.
func ParseItem(key string) (ItemKind, string) {
	kind, subject, _ := strings.Cut(key, ":")
	return ItemKind(kind), subject
}

// An ItemKind is what is asked about an item.
type ItemKind string

// The kinds of items.
const (
	ItemDo      ItemKind = "do"      // a task
	ItemAccept  ItemKind = "accept"  // a task that was submitted
	ItemSign    ItemKind = "sign"    // a gate of which only the signature is missing
	ItemDecide  ItemKind = "decide"  // a decision that needs their approval
	ItemUnblock ItemKind = "unblock" // a task that somebody else blocks
	ItemStaff   ItemKind = "staff"   // a task that nobody owns
	ItemRefused ItemKind = "refused" // a gate that was refused
	ItemWindow  ItemKind = "window"  // a window that was missed and takes another first day
	ItemReach   ItemKind = "reach"   // a person whom no message reaches
	ItemAgain   ItemKind = "again"   // a decision that was not approved, and can be proposed again, or for another day
	ItemLeft    ItemKind = "left"    // a person who has left, and whose work has nobody
	ItemStall   ItemKind = "stall"   // an engagement in which something is past its date
	ItemOutlook ItemKind = "outlook" // an engagement whose health or expected report date has turned
	ItemPaused  ItemKind = "paused"  // an engagement of which somebody is told that it is paused
	ItemBind    ItemKind = "bind"    // a person who is asked whether an account is theirs

	ItemEngagement ItemKind = "engagement" // an engagement, as it is named in a list of them

	ItemAnswer   ItemKind = "answer"   // a question that waits for their answer
	ItemAnswered ItemKind = "answered" // a question that they have just answered
)

// An Item is one thing that is waited for.
type Item struct {
	Engagement models.EngagementID
	Kind       ItemKind
	Subject    string // a task, gate, decision, question or person
	Title      string
	Like       string      // the kind of thing that it is, where there are several of it; may be empty
	Many       string      // what several of its kind are called; may be empty
	Ask        string      // what exactly is asked for; may be empty
	Perform    string      // what is asked of who performs a control, besides doing it; may be empty
	Performing bool        // a recurring control that is to be performed by Due
	Due        models.Date // when it is due; for a missing approval or signature, since when
	Gate       bool        // a phase is not left without it
	Overtaken  bool        // a decision that cannot take effect any more, since the day that it names has passed
	Effect     string      // what it holds up, once that is worth saying
	Whole      []string    // all of what Ask and Effect count without naming it, a line each
	Cost       string      // when the report is expected, where that is late: the same for all items of an engagement
	Send       string      // to whom its documents are sent, where it asks for any: the same for all items of an engagement
	Owner      models.PersonID
	OwnerName  string
}

// Key names the item among those of its engagement.
func (i Item) Key() string { return string(i.Kind) + ":" + i.Subject }

// Act is what somebody can do about an item from a message: the button of a command, or an answer to "is this you?".
type Act string

// The acts.
const (
	ActDone      Act = "done"
	ActPerformed Act = "performed"
	ActMoreTime  Act = "more_time"
	ActSnooze    Act = "snooze"
	ActBlocked   Act = "blocked"
	ActNotMine   Act = "not_mine"
	ActAccept    Act = "accept"
	ActReturn    Act = "return"
	ActSign      Act = "sign"
	ActRefuse    Act = "refuse"
	ActSignAgain Act = "sign_again" // a gate that was refused: its signature is asked for again
	ActKickoff   Act = "kickoff"
	ActAsOf      Act = "as_of"
	ActScope     Act = "scope_again" // a change of scope that was not approved: it is proposed again; so are the next three
	ActBack      Act = "return_again"
	ActDrop      Act = "drop_again"
	ActRisk      Act = "risk_again"
	ActApprove   Act = "approve"
	ActDecline   Act = "decline"
	ActUnblock   Act = "unblock"
	ActAnswer    Act = "answer"
	ActNoAnswer  Act = "no_answer"
	ActHandOver  Act = "hand_over" // what somebody left, to somebody else
	ActAsk       Act = "ask"
	ActAssign    Act = "assign"
	ActMove      Act = "move"
	ActWaive     Act = "waive"
	ActWindow    Act = "window"
	ActCorrect   Act = "correct" // where somebody is reached
	ActPause     Act = "pause"
	ActResume    Act = "resume"
	ActConfirm   Act = "confirm" // the person confirms that this Slack account is theirs
	ActDeny      Act = "deny"    // the person says that it is not
)
