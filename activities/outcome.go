package activities

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

// A verdict is what an attempt to reach a provider came to: how it is classed, what is to be said about it, and what it means for
// others.
type verdict struct {
	class   reminders.AttemptClass
	status  int           // of HTTP or SMTP
	reason  string        // for people, without what is secret
	wait    time.Duration // before the next try, as the provider has it; 0: as we like
	longer  int           // else for so many times our patience
	lane    bool          // the whole lane is held up, not only this delivery
	broken  bool          // the workspace's token is good for nothing any more
	unbound bool          // the account cannot be written to
	request string        // the provider's id of the request
}

// What Slack's errors mean (slack-and-reliability.md 2.2, P3). What is in none of these lists is ambiguous.
var (
	slackBroken = []string{"invalid_auth", "token_revoked", "account_inactive", "token_expired", "not_authed", "org_login_required", "team_disabled", "app_uninstalled"}
	slackAway   = []string{"channel_not_found", "is_archived", "user_disabled", "user_not_found", "users_not_found", "not_in_channel", "cannot_dm_bot", "messages_tab_disabled",
		"restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel", "restricted_action_non_threadable_channel",
		"invalid_user_combination", "user_not_visible", "not_reachable"}
	slackRefused = []string{"invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long", "no_text", "invalid_arguments", "invalid_metadata_format",
		"invalid_metadata_schema", "metadata_too_large", "missing_scope", "ekm_access_denied", "no_permission", "access_denied", "not_allowed_token_type", "method_deprecated",
		"message_not_found", "cant_update_message", "edit_window_closed", "is_inactive", "invalid_auth_type", "view_too_large", "hash_conflict", "not_enabled"}
	slackLater = []string{"ratelimited", "rate_limited", "message_limit_exceeded", "accesslimited"}
)

// ofSlack classes what came of a call to Slack: wrote says whether any of the request left this machine.
func ofSlack(err error, wrote bool) verdict {
	if err == nil {
		return verdict{class: reminders.AttemptAccepted, status: http.StatusOK}
	}
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return verdict{class: reminders.AttemptUnsent, status: http.StatusTooManyRequests, reason: "Slack asks to wait", wait: max(limited.RetryAfter, time.Second), lane: true}
	}
	if code, ok := errors.AsType[slack.StatusCodeError](err); ok {
		switch {
		case code.Code == http.StatusTooManyRequests:
			return verdict{class: reminders.AttemptUnsent, status: code.Code, reason: "Slack takes no more messages of this workspace", longer: 5, lane: true}
		case code.Code < 500 && code.Code >= 400:
			return verdict{class: reminders.AttemptRefused, status: code.Code, reason: "Slack answered " + strconv.Itoa(code.Code)}
		}
		return verdict{class: reminders.AttemptAmbiguous, status: code.Code, reason: "Slack answered " + strconv.Itoa(code.Code), lane: true}
	}
	if said, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		v := verdict{class: reminders.AttemptAmbiguous, status: http.StatusOK, reason: "Slack says " + said.Err}
		switch {
		case slices.Contains(slackBroken, said.Err):
			v.class, v.broken = reminders.AttemptRefused, true
		case slices.Contains(slackAway, said.Err):
			v.class, v.unbound = reminders.AttemptRefused, true
		case slices.Contains(slackRefused, said.Err):
			v.class = reminders.AttemptRefused
		case slices.Contains(slackLater, said.Err):
			v.class, v.longer, v.lane = reminders.AttemptUnsent, 1, true
		}
		return v
	}
	if _, ok := errors.AsType[*strconv.NumError](err); ok { // a Retry-After that is no number
		return verdict{class: reminders.AttemptUnsent, status: http.StatusTooManyRequests, reason: "Slack asks to wait", longer: 1, lane: true}
	}
	v := verdict{class: reminders.AttemptAmbiguous, reason: "Slack's answer did not arrive", lane: true}
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		v.reason, v.status = "Slack's answer cannot be read", http.StatusOK
	}
	if !wrote {
		v.class, v.reason = reminders.AttemptUnsent, "Slack cannot be reached"
		if errors.Is(err, context.DeadlineExceeded) {
			v.reason = "Slack does not answer"
		}
	}
	return v
}
