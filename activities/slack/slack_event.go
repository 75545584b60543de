package slack

import (
	"encoding/json"

	"github.com/slack-go/slack"
)

// A SlackEvent is what we read of the events that our manifest asks for.
type SlackEvent struct {
	Event struct {
		Type   string    `json:"type"`
		User   eventUser `json:"-"`
		Tab    string    `json:"tab"`
		OldID  string    `json:"old_channel_id"`
		NewID  string    `json:"new_channel_id"`
		Tokens struct {
			Bot []string `json:"bot"`
		} `json:"tokens"`
		Who json.RawMessage `json:"user"`
	} `json:"event"`
}

type eventUser = slack.User

// Read reads an event. Some name their user by id, others whole.
func (e *SlackEvent) Read(body string) error {
	if err := json.Unmarshal([]byte(body), e); err != nil {
		return err
	}
	if len(e.Event.Who) == 0 {
		return nil
	}
	if err := json.Unmarshal(e.Event.Who, &e.Event.User.ID); err == nil {
		return nil
	}
	return json.Unmarshal(e.Event.Who, &e.Event.User)
}
