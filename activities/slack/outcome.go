package slack

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"tickmark/models/reminders"
)

// What Slack's errors mean (slack-and-reliability.md 2.2, P3). What is in none of these lists is ambiguous.
var (
	slackDisconnected = []string{"invalid_auth", "token_revoked", "account_inactive", "token_expired", "not_authed", "org_login_required",
		"team_disabled", "app_uninstalled"}
	slackAway = []string{"channel_not_found", "is_archived", "user_disabled", "user_not_found", "users_not_found", "not_in_channel",
		"cannot_dm_bot", "messages_tab_disabled",
		"restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel",
		"restricted_action_non_threadable_channel",
		"invalid_user_combination", "user_not_visible", "not_reachable"}
	slackRefused = []string{"invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long", "no_text", "invalid_arguments",
		"invalid_metadata_format",
		"invalid_metadata_schema", "metadata_too_large", "missing_scope", "ekm_access_denied", "no_permission", "access_denied",
		"not_allowed_token_type", "method_deprecated",
		"message_not_found", "cant_update_message", "edit_window_closed", "is_inactive", "invalid_auth_type", "view_too_large", "hash_conflict",
		"not_enabled"}
	slackLater = []string{"ratelimited", "rate_limited", "message_limit_exceeded", "accesslimited"}
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
		switch {
		case code.Code == http.StatusTooManyRequests:
			return reminders.Verdict{Class: reminders.AttemptUnsent, Status: code.Code, Reason: "Slack takes no more messages of this workspace",
				Longer: 5, Lane: true}
		case code.Code < 500 && code.Code >= 400:
			return reminders.Verdict{Class: reminders.AttemptRefused, Status: code.Code, Reason: "Slack answered " + strconv.Itoa(code.Code)}
		}
		return reminders.Verdict{Class: reminders.AttemptAmbiguous, Status: code.Code, Reason: "Slack answered " + strconv.Itoa(code.Code),
			Lane: true}
	}
	if said, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		v := reminders.Verdict{Class: reminders.AttemptAmbiguous, Status: http.StatusOK, Reason: "Slack says " + said.Err}
		switch {
		case slices.Contains(slackDisconnected, said.Err):
			v.Class, v.Disconnected = reminders.AttemptRefused, true
		case slices.Contains(slackAway, said.Err):
			v.Class, v.Unbound = reminders.AttemptRefused, true
		case slices.Contains(slackRefused, said.Err):
			v.Class = reminders.AttemptRefused
		case slices.Contains(slackLater, said.Err):
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
