package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"tickmark/models/reminders"
)

// ErrLost says that an answer did not reach Slack. It is no harm: the message itself says how things stand.
var ErrLost = errors.New("an answer did not reach Slack")

// Say answers who did something at the address that Slack gave for it, where only they see it. It returns ErrLost when the answer did
// not arrive, and another error, without sending anything, when the address is not Slack's.
func (s *Slack) Say(ctx context.Context, address, text string) error {
	return s.respond(ctx, address, map[string]any{"response_type": "ephemeral", "replace_original": false, "text": Escape(text)})
}

// Replace puts a text in the place of the message on which somebody did something. It fails as Say does.
func (s *Slack) Replace(ctx context.Context, address, text string) error {
	return s.respond(ctx, address, map[string]any{"replace_original": true, "text": Escape(text)})
}

// ReplaceWith puts a whole message in the place of the one on which somebody did something. It fails as Say does.
func (s *Slack) ReplaceWith(ctx context.Context, address string, m reminders.Message) error {
	r := Render(m)
	return s.respond(ctx, address, map[string]any{"replace_original": true, "text": r.Text, "blocks": r.Blocks})
}

// Show answers with a whole message, which only they see. It fails as Say does.
func (s *Slack) Show(ctx context.Context, address string, m reminders.Message) error {
	r := Render(m)
	return s.respond(ctx, address, map[string]any{"response_type": "ephemeral", "text": r.Text, "blocks": r.Blocks})
}

// respond posts to where Slack lets us answer. Nobody is told of an address that is not Slack's; an empty one is no place to answer.
func (s *Slack) respond(ctx context.Context, address string, answer map[string]any) error {
	if address == "" {
		return nil
	}
	if !s.answers(address) {
		return errors.New("an answer is wanted at an address that is not Slack's")
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.deadline())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := s.Client.Do(req)
	if of, ok := errors.AsType[*url.Error](err); ok {
		err = of.Err // without the address: whoever has it can answer in our place, and errors are logged
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrLost, err)
	}
	_ = res.Body.Close() // nothing in it is asked for
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: it answered %d", ErrLost, res.StatusCode)
	}
	return nil
}

// answers reports whether an address is one at which Slack takes answers.
func (s *Slack) answers(address string) bool {
	u, err := url.Parse(address)
	return err == nil && s.belongs(u, "https", func(host string) bool { return host == "hooks.slack.com" })
}
