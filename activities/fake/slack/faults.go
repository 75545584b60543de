package slackfake

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// A FaultKind is a way in which a call goes wrong.
type FaultKind string

// The kinds of faults. A call that meets one which says nothing of execution is not executed.
const (
	FaultRateLimit        FaultKind = "429"                // with Retry-After, which is RetryAfter or 1 s
	FaultRateLimitBare    FaultKind = "429_bare"           // without: the workspace has too many messages
	FaultRateLimitOdd     FaultKind = "429_odd"            // with a Retry-After that is no number
	FaultError            FaultKind = "error"              // the named Error, not executed
	FaultInternal         FaultKind = "internal_error"     // not executed
	FaultInternalDone     FaultKind = "internal_error_but" // executed all the same
	FaultFatal            FaultKind = "fatal_error"        // not executed
	FaultFatalDone        FaultKind = "fatal_error_but"    // executed all the same
	Fault500              FaultKind = "500"                // without a body
	Fault500Done          FaultKind = "500_but"            // executed all the same
	FaultHTML             FaultKind = "html_503"           // a page that says so
	FaultEmpty            FaultKind = "empty"              // an answer of {}
	FaultEmptyDone        FaultKind = "empty_but"          // executed, answered {}
	FaultTruncated        FaultKind = "truncated"          // half an answer
	FaultTruncatedDone    FaultKind = "truncated_but"      // executed, and half its answer
	FaultDrop             FaultKind = "drop"               // the connection is closed
	FaultExecuteThenDrop  FaultKind = "execute_then_drop"  // executed, and the connection is closed instead of an answer
	FaultExecuteThenSleep FaultKind = "execute_then_sleep" // executed, and never answered: closed when the client gives up, or after Delay
	FaultSleep            FaultKind = "sleep"              // never answered either, nor executed
	FaultAnswer           FaultKind = "answer"             // Answer, not executed
	FaultSlow             FaultKind = "slow"               // after Delay executed and answered, whether or not the client is still there
)

// FaultKinds are all of them, the lies among them.
var FaultKinds = append([]FaultKind{FaultRateLimit, FaultRateLimitBare, FaultRateLimitOdd, FaultError, FaultInternal, FaultInternalDone,
	FaultFatal, FaultFatalDone, Fault500, Fault500Done, FaultHTML,
	FaultEmpty, FaultEmptyDone, FaultTruncated, FaultTruncatedDone, FaultDrop, FaultExecuteThenDrop, FaultExecuteThenSleep, FaultSleep,
	FaultAnswer, FaultSlow}, slices.Concat(HistoryLies, Lies)...)

// A Fault is something that goes wrong with calls of the Web API.
type Fault struct {
	Method     string        `json:"method"` // which calls; all when empty
	Team       string        `json:"team"`   // of which workspace; all when empty
	Nth        int           `json:"nth"`    // from the how-many-eth such call on, counted since the fault was added; every one when 0
	Times      int           `json:"times"`  // how many calls; when 0: one, or all of them when Nth is 0
	Kind       FaultKind     `json:"kind"`
	Error      string        `json:"error"`       // of FaultError
	Answer     string        `json:"answer"`      // of FaultAnswer: the body
	RetryAfter time.Duration `json:"retry_after"` // of FaultRateLimit
	Delay      time.Duration `json:"delay"`       // of FaultSlow and FaultExecuteThenSleep; of others: before they happen
}

// Fits reports whether a fault can happen to a call.
func (f Fault) Fits(c Call) bool {
	return (f.Method == "" || f.Method == c.Method) && (f.Team == "" || f.Team == c.Team)
}

// Often returns Nth and Times.
func (f Fault) Often() (nth, times int) { return f.Nth, f.Times }

// AddFaults adds to what goes wrong. A call meets the first fault that is due; all others that it fits count it too.
func (s *Slack) AddFaults(more ...Fault) { s.faults.Add(more...) }

// SetFaultFunc sets what is asked, of each call that meets no fault of those added, for one. It is called by many at once. Nil: nothing.
func (s *Slack) SetFaultFunc(chance func(Call) *Fault) { s.faults.SetFunc(chance) }

// ClearFaults takes back all faults and the function.
func (s *Slack) ClearFaults() { s.faults.Clear() }

// meet returns the fault of a call, or nil.
func (s *Slack) meet(e *entry) *Fault {
	fault := s.faults.Meet(e.Call)
	if fault != nil {
		s.ledger.met(e, fault.Kind)
	}
	return fault
}

// executing are the kinds of faults of calls that are executed.
var executing = []FaultKind{FaultInternalDone, FaultFatalDone, Fault500Done, FaultEmptyDone, FaultTruncatedDone, FaultExecuteThenDrop,
	FaultExecuteThenSleep, FaultSlow, FaultHistoryCut, FaultHistoryLoop, FaultHistoryEndless, FaultHistoryBare, FaultHistoryPlain,
	FaultHistoryNull, FaultBareDone, FaultHugeDone}

// fail answers a call of a method that meets a fault, or never does.
func (s *Slack) fail(w http.ResponseWriter, r *http.Request, f Fault, method string, execute func() []byte) {
	lasts := f.Kind == FaultExecuteThenSleep || f.Kind == FaultSleep
	if f.Delay > 0 && !lasts {
		s.pause(context.Background(), f.Delay)
	}
	body := failed(refuse("internal_error"))
	if slices.Contains(executing, f.Kind) {
		body = execute()
	}
	if s.lie(w, r, f, method) {
		return
	}
	switch f.Kind {
	case FaultDrop, FaultExecuteThenDrop:
		panic(http.ErrAbortHandler)
	case FaultExecuteThenSleep, FaultSleep:
		if f.Delay <= 0 {
			f.Delay = time.Hour
		}
		s.pause(r.Context(), f.Delay)
		panic(http.ErrAbortHandler)
	case FaultSlow:
		send(w, body)
	case FaultTruncatedDone:
		send(w, body[:len(body)/2])
	default:
		if slices.Contains(HistoryLies, f.Kind) {
			send(w, misread(f.Kind, r, body))
			return
		}
		f.answer(w)
	}
}

// answer is what Slack says instead of what was asked for. Whether the call was executed makes no difference to it.
func (f Fault) answer(w http.ResponseWriter) {
	switch f.Kind {
	case FaultRateLimit:
		tooMany(w, strconv.Itoa(int(max(f.RetryAfter, time.Second)/time.Second)))
	case FaultRateLimitOdd:
		tooMany(w, "soon")
	case FaultRateLimitBare:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write(failed(refuse("message_limit_exceeded")))
	case FaultError:
		send(w, failed(refuse(f.Error)))
	case FaultFatal, FaultFatalDone:
		send(w, failed(refuse("fatal_error")))
	case Fault500, Fault500Done:
		w.WriteHeader(http.StatusInternalServerError)
	case FaultHTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("<!DOCTYPE html><html><head><title>Slack</title></head><body><h1>Server Error</h1></body></html>"))
	case FaultAnswer:
		send(w, []byte(f.Answer))
	case FaultEmpty, FaultEmptyDone:
		send(w, []byte("{}"))
	case FaultTruncated:
		send(w, []byte(`{"ok":true,"chann`))
	default:
		send(w, failed(refuse("internal_error")))
	}
}
