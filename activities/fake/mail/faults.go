package mailfake

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// A Step is a point of a session at which something can go wrong.
type Step string

// The steps, in the order of a session.
const (
	StepConnect Step = "connect" // the client has connected and waits for the greeting
	StepAuth    Step = "auth"    // it has said user and password; a server that asks for none has no such step
	StepMail    Step = "mail"    // it has said whom the letter is from
	StepRcpt    Step = "rcpt"    // it has said whom it is to; once for each recipient
	StepData    Step = "data"    // it has sent the letter, whole, and waits for the 250
)

// Steps are all of them.
var Steps = []Step{StepConnect, StepAuth, StepMail, StepRcpt, StepData}

// A FaultKind is a way in which a step goes wrong.
type FaultKind string

// The kinds of faults. Only FaultAcceptThenDrop and FaultSlow let a letter in.
const (
	// Code and Text are answered; after 421, and instead of a greeting, the connection is closed
	FaultReply FaultKind = "reply"
	// the connection is closed without an answer: at StepConnect it is refused, at StepData nothing is stored
	FaultDrop           FaultKind = "drop"
	FaultAcceptThenDrop FaultKind = "accept_then_drop" // the letter is stored, and the connection closed without an answer; of StepData only
	FaultSlow           FaultKind = "slow"             // after Delay all is as usual, whether or not the client is still there
)

// FaultKinds are all of them.
var FaultKinds = []FaultKind{FaultReply, FaultDrop, FaultAcceptThenDrop, FaultSlow}

// serviceAway is the code after which a server closes the connection.
const serviceAway = 421

// usual are the answers of faults that say nothing of theirs.
var usual = map[Step]smtp.SMTPError{
	StepConnect: {Code: serviceAway, Message: "Service not available, closing transmission channel"},
	StepAuth:    {Code: 535, Message: "Authentication credentials invalid"},
	StepMail:    {Code: serviceAway, Message: "Service not available, closing transmission channel"},
	StepRcpt:    {Code: 550, Message: "Mailbox unavailable"},
	StepData:    {Code: 554, Message: "Transaction failed"},
}

// A Fault is something that goes wrong with sessions.
type Fault struct {
	Step  Step          `json:"step"`  // at which; any when empty
	To    string        `json:"to"`    // of which recipient, at StepRcpt, or of letters to it, at StepData; all when empty
	Nth   int           `json:"nth"`   // from the how-many-eth such step on, counted since the fault was added; every one when 0
	Times int           `json:"times"` // how many of them; when 0: one, or all of them when Nth is 0
	Kind  FaultKind     `json:"kind"`
	Code  int           `json:"code"`  // of FaultReply, 400 to 599; defaults to 421, 535, 421, 550 and 554 at the five steps
	Text  string        `json:"text"`  // of FaultReply, after the code; defaults to what is usual there
	Delay time.Duration `json:"delay"` // of FaultSlow; of others: before they happen
}

// An Occasion is a step of a session, at which something may go wrong.
type Occasion struct {
	Session int // the how-many-eth since Start
	Step    Step
	From    string   // from StepMail on
	To      []string // at StepRcpt the one, at StepData all who were not refused
}

// A Hit says what went wrong where.
type Hit struct {
	Step Step
	Kind FaultKind
	Code int // of FaultReply
}

// String says it as in "rcpt reply 450".
func (h Hit) String() string {
	if h.Code == 0 {
		return fmt.Sprintf("%s %s", h.Step, h.Kind)
	}
	return fmt.Sprintf("%s %s %d", h.Step, h.Kind, h.Code)
}

// check says why a fault could never happen.
func (f Fault) check() error {
	switch {
	case !slices.Contains(FaultKinds, f.Kind):
		return fmt.Errorf("a fault of the kind %q is none of %v", f.Kind, FaultKinds)
	case !f.at(Steps...):
		return fmt.Errorf("a fault at the step %q, which is none of %v", f.Step, Steps)
	case f.Kind == FaultAcceptThenDrop && !f.at(StepData):
		return fmt.Errorf("a letter cannot be accepted at the step %s", f.Step)
	case f.To != "" && !f.at(StepRcpt, StepData):
		return fmt.Errorf("no recipient is known at the step %s", f.Step)
	case f.Kind == FaultSlow && f.Delay <= 0:
		return fmt.Errorf("a slow step needs a delay")
	}
	return f.checkReply()
}

// checkReply says why the reply of a fault would refuse nothing. The code 0 is the usual answer of the step, which does.
func (f Fault) checkReply() error {
	if f.Kind == FaultReply && f.Code != 0 && (f.Code < 400 || f.Code > 599) {
		return fmt.Errorf("the answer %d is no failure", f.Code)
	}
	return nil
}

// at reports whether a fault can happen at one of some steps.
func (f Fault) at(steps ...Step) bool { return f.Step == "" || slices.Contains(steps, f.Step) }

// Fits reports whether a fault can happen on an occasion.
func (f Fault) Fits(o Occasion) bool {
	if f.Step != "" && f.Step != o.Step || f.Kind == FaultAcceptThenDrop && o.Step != StepData {
		return false
	}
	return f.To == "" || contains(o.To, f.To)
}

// reply is what a FaultReply answers at a step, on one line.
func (f Fault) reply(step Step) *smtp.SMTPError {
	reply := usual[step]
	if f.Code != 0 {
		reply.Code = f.Code
	}
	if f.Text != "" {
		reply.Message = strings.Join(strings.Fields(f.Text), " ")
	}
	return &reply
}

func (f Fault) hit(step Step) Hit {
	h := Hit{Step: step, Kind: f.Kind}
	if f.Kind == FaultReply {
		h.Code = f.reply(step).Code
	}
	return h
}

// Often returns Nth and Times.
func (f Fault) Often() (nth, times int) { return f.Nth, f.Times }

// hits counts what went wrong.
type hits struct {
	mu  sync.Mutex
	all map[Hit]int
}

// AddFault adds to what goes wrong, or says why it never would. An occasion meets the first fault that is due; all others that it fits
// count it too.
func (s *Server) AddFault(f Fault) error {
	if err := f.check(); err != nil {
		return err
	}
	s.faults.Add(f)
	return nil
}

// SetFaultFunc sets what is asked, on each occasion that meets no fault of those added, for one. It is called by many at once. A fault
// that does not fit the occasion, or that AddFault would refuse, is none; its Nth and Times say nothing. Nil: nothing goes wrong by
// chance.
func (s *Server) SetFaultFunc(chance func(Occasion) *Fault) { s.faults.SetFunc(chance) }

// ClearFaults takes back all faults and the function. What they have hit stays counted.
func (s *Server) ClearFaults() { s.faults.Clear() }

// FaultsHit returns how often something went wrong since Start.
func (s *Server) FaultsHit() map[Hit]int {
	s.hits.mu.Lock()
	defer s.hits.mu.Unlock()
	return maps.Clone(s.hits.all)
}

// meet returns the fault of an occasion, if there is one, after its delay.
func (s *Server) meet(o Occasion) (Fault, bool) {
	fault := s.faults.Meet(o)
	if fault == nil || fault.check() != nil || !fault.Fits(o) {
		return Fault{}, false
	}
	s.hits.count(fault.hit(o.Step))
	s.pause(fault.Delay)
	return *fault, true
}

func (h *hits) count(hit Hit) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all[hit]++
}
