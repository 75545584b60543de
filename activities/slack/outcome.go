package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"tickmark/models/fault"
	"tickmark/models/reminders"
)

// methodPost is the method that posts: what holds it up holds up a workspace's messages.
const methodPost = "chat.postMessage"

// asking is a method that is called with a token.
type asking struct{ token, method string }

// ask makes one call of a method with a token and says what came of it: Slack has done it, Slack refuses it, or that is not known. call
// makes it by its exchange, and returns what its answer lacks of what was asked. Only Slack's own JSON with "ok":false refuses; whatever
// else is no answer to what was asked, be it a redirect, a page, half an answer or one that is too long, leaves it unknown.
func (s *Slack) ask(ctx context.Context, token, method string, call func(context.Context, *exchange) error) reminders.Verdict {
	of := asking{token, method}
	if until, ok := s.waits.Load(of); ok {
		if left := until.(time.Time).Sub(s.Real()); left > 0 && left <= s.most() {
			return toWait(method, left)
		}
		s.waits.Delete(of)
	}
	ctx, cancel := context.WithTimeout(ctx, s.deadline())
	defer cancel()
	x := &exchange{client: s.Client}
	x.api = slack.New(token, slack.OptionAPIURL(s.BaseURL()), slack.OptionHTTPClient(x))
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { x.wrote.Store(true) }})
	v := x.verdict(call(ctx, x))
	if wait, asked := x.asks(s.most()); asked {
		v = toWait(method, wait)
		v.Status = x.status
		if x.status != http.StatusOK && x.after == "" {
			v.Reason = "Slack takes no more messages of this workspace"
		}
		s.waits.Store(of, s.Real().Add(wait))
	}
	v.Request = x.request
	return v
}

// toWait is the verdict on a call of a method with which Slack asks to wait. What posts waits as a whole; any other method waits alone.
func toWait(method string, wait time.Duration) reminders.Verdict {
	return reminders.Verdict{Class: reminders.AttemptUnsent, Reason: "Slack asks to wait", Wait: wait, Lane: method == methodPost}
}

// An exchange is one call on its way: it goes by the client that everybody has, and what came back is kept as it came, beside what slack-go
// makes of it.
type exchange struct {
	client *http.Client
	api    *slack.Client // which calls by this exchange
	wrote  atomic.Bool   // some of the request left this machine

	status  int    // of HTTP; 0: no answer arrived, or not all of it
	after   string // the header Retry-After
	request string // Slack's id of the call
	json    bool   // the answer is some JSON
	said    struct {
		OK    *bool  `json:"ok"`
		Error string `json:"error"`
	}
}

// Do sends a request and reads the whole answer, as much as the client lets through.
func (x *exchange) Do(req *http.Request) (*http.Response, error) {
	res, err := x.client.Do(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close() // it was read
	if err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	x.status, x.after, x.request = res.StatusCode, res.Header.Get("Retry-After"), res.Header.Get("X-Slack-Req-Id")
	if x.json = json.Valid(body); json.Unmarshal(body, &x.said) != nil {
		x.said.OK, x.said.Error = nil, ""
	}
	return res, nil
}

// asks reports whether the answer asks to wait, and for how long: at least a second, and at most as long as we wait for anybody.
func (x *exchange) asks(most time.Duration) (time.Duration, bool) {
	minute := most / 60
	limited := fault.Of(fault.SlackHTTP, strconv.Itoa(x.status)).Effect == fault.Limited
	refused := x.said.OK != nil && !*x.said.OK
	switch {
	case limited && x.after != "":
		n, err := strconv.ParseInt(x.after, 10, 64)
		if err != nil { // a date, or no time at all
			return minute, true
		}
		return time.Duration(min(max(n, 1), int64(max(most/time.Second, 1)))) * time.Second, true
	case limited:
		return 5 * minute, true
	case x.status == http.StatusOK && refused && fault.Of(fault.Slack, x.said.Error).Effect == fault.Limited:
		return minute, true
	}
	return 0, false
}

// verdict says what came of a call, given what slack-go, and what was demanded of the answer, make of it.
func (x *exchange) verdict(err error) reminders.Verdict {
	v := reminders.Verdict{Class: reminders.AttemptAmbiguous, Status: x.status, Lane: true}
	switch {
	case x.status == 0:
		return x.silence(err)
	case x.status != http.StatusOK:
		v.Reason = "Slack answered " + strconv.Itoa(x.status)
	case x.said.OK == nil:
		v.Reason = "Slack's answer cannot be read"
	case !*x.said.OK:
		return x.refusal()
	case err != nil: // it holds up nothing else: others may be answered well
		v.Lane, v.Longer, v.Reason = false, 1, "Slack's answer says nothing"
		if missing, ok := errors.AsType[lack](err); ok {
			v.Reason = missing.Error()
		}
	default:
		v.Class, v.Lane = reminders.AttemptAccepted, false
	}
	return v
}

// refusal is what Slack's own word against a call means. That a token is not taken is a suspicion, so that nothing is lost by it: whoever
// hears it asks again.
func (x *exchange) refusal() reminders.Verdict {
	v := reminders.Verdict{Class: reminders.AttemptAmbiguous, Status: x.status, Reason: "Slack says " + x.said.Error}
	if x.said.Error == "" {
		v.Reason, v.Lane = "Slack's answer says nothing", true
		return v
	}
	switch fault.Of(fault.Slack, x.said.Error).Effect {
	case fault.Disconnected:
		v.Class, v.Disconnected, v.Lane = reminders.AttemptUnsent, true, true
	case fault.Unbound:
		v.Class, v.Unbound = reminders.AttemptRefused, true
	case fault.Refused:
		v.Class = reminders.AttemptRefused
	}
	return v
}

// silence is the verdict on a call of which no whole answer arrived.
func (x *exchange) silence(err error) reminders.Verdict {
	v := reminders.Verdict{Class: reminders.AttemptAmbiguous, Reason: "Slack's answer did not arrive", Lane: true}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		v.Reason = "Slack's answer is too long"
	}
	if !x.wrote.Load() {
		v.Class, v.Reason = reminders.AttemptUnsent, "Slack cannot be reached"
		if errors.Is(err, context.DeadlineExceeded) {
			v.Reason = "Slack does not answer"
		}
	}
	return v
}
