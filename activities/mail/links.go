package mail

import (
	"time"

	"tickmark/models/reminders"
	"tickmark/models/seal"
)

// linkLife is for how long somebody can act by a link in a mail.
const linkLife = 14 * 24 * time.Hour

// Links returns where the recipient can act on a mail, and where they can say that they want no more. Both are empty when the site makes
// no links or the mail goes to no person; act is also empty when the mail asks for nothing.
func Links(s seal.Site, d reminders.Delivery) (act, unsubscribe string) {
	if d.Person == "" || d.Kind.Keyed() { // who asked for a link to sign in is not reminded of anything
		return "", ""
	}
	if len(d.Message.Lines()) > 0 {
		act = s.ActLink(string(d.Firm), string(d.Person), d.ID, d.ScheduledAt.Add(linkLife))
	}
	return act, s.UnsubscribeLink(string(d.Firm), string(d.Person), d.Dest)
}
