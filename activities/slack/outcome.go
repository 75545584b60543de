package slack

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"tickmark/models/fault"
	"tickmark/models/reminders"
)

// OfSlack classes what came of a call to Slack: wrote says whether any of the request left this machine.
func OfSlack(err error, wrote bool) reminders.Verdict {
	if err == nil {
		return reminders.Verdict{Class: reminders.AttemptAccepted, Status: http.StatusOK}
	}
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return reminders.Verdict{Class: reminders.AttemptUnsent, Status: http.StatusTooManyRequests, Reason: "Slack asks to wait",
			Wait: max(limited.RetryAfter, time.Second), Lane: true}
	}
	if code, ok := errors.AsType[slack.StatusCodeError](err); ok {
		switch fault.Of(fault.SlackHTTP, strconv.Itoa(code.Code)).Effect {
		case fault.Limited:
			return reminders.Verdict{Class: reminders.AttemptUnsent, Status: code.Code, Reason: "Slack takes no more messages of this workspace",
				Longer: 5, Lane: true}
		case fault.Refused:
			return reminders.Verdict{Class: reminders.AttemptRefused, Status: code.Code, Reason: "Slack answered " + strconv.Itoa(code.Code)}
		}
		return reminders.Verdict{Class: reminders.AttemptAmbiguous, Status: code.Code, Reason: "Slack answered " + strconv.Itoa(code.Code),
			Lane: true}
	}
	if said, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		v := reminders.Verdict{Class: reminders.AttemptAmbiguous, Status: http.StatusOK, Reason: "Slack says " + said.Err}
		switch fault.Of(fault.Slack, said.Err).Effect {
		case fault.Disconnected:
			v.Class, v.Disconnected = reminders.AttemptRefused, true
		case fault.Unbound:
			v.Class, v.Unbound = reminders.AttemptRefused, true
		case fault.Refused:
			v.Class = reminders.AttemptRefused
		case fault.Limited:
			v.Class, v.Longer, v.Lane = reminders.AttemptUnsent, 1, true
		}
		return v
	}
	if _, ok := errors.AsType[*strconv.NumError](err); ok { // a Retry-After that is no number
		return reminders.Verdict{Class: reminders.AttemptUnsent, Status: http.StatusTooManyRequests, Reason: "Slack asks to wait", Longer: 1,
			Lane: true}
	}
	v := reminders.Verdict{Class: reminders.AttemptAmbiguous, Reason: "Slack's answer did not arrive", Lane: true}
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		v.Reason, v.Status = "Slack's answer cannot be read", http.StatusOK
	}
	if !wrote {
		v.Class, v.Reason = reminders.AttemptUnsent, "Slack cannot be reached"
		if errors.Is(err, context.DeadlineExceeded) {
			v.Reason = "Slack does not answer"
		}
	}
	return v
}
