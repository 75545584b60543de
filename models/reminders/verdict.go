package reminders

import "time"

// A verdict is what an attempt to reach a provider came to: how it is classed, what is to be said about it, and what it means for
// others.
type Verdict struct {
	Class        AttemptClass
	Status       int           // of HTTP or SMTP
	Reason       string        // for people, without what is secret
	Wait         time.Duration // before the next try, as the provider has it; 0: as we like
	Longer       int           // else for so many times our patience
	Lane         bool          // the whole lane is held up, not only this delivery
	Disconnected bool          // the workspace's token is good for nothing any more
	Unbound      bool          // the account cannot be written to
	Request      string        // the provider's id of the request
}
