package slackfake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Submit sends a modal that is open before somebody, with what they put into its inputs: values by block, or by block/action; several,
// where several can be chosen, one a line. Inputs without a value keep their first one.
//
// It does what the app answers: without an answer the modal closes; Action says what else it wanted, and Errors what it refused. It
// returns an error when Slack's form would not have been sent, when the app does not answer in time, and when its answer is none that
// Slack takes: then the modal stays open.
func (s *Slack) Submit(view string, values map[string]string) (Answer, error) {
	n, err := s.submission(view, values)
	if err != nil {
		return Answer{}, err
	}
	a, err := s.tell(n)
	if err != nil {
		return a, err
	}
	if !a.OK() {
		return a, fmt.Errorf("the app answered %d", a.Status)
	}
	return s.answer(view, a)
}

// SubmitBody returns the body of the request that tells of a submission, to be signed and posted as one likes. The modal stays open.
func (s *Slack) SubmitBody(view string, values map[string]string) ([]byte, error) {
	n, err := s.submission(view, values)
	if err != nil {
		return nil, err
	}
	return n.body(), nil
}

// on returns a modal that is open and whose it is. The caller holds s.mu.
func (s *Slack) on(view string) (*View, stack, *User, error) {
	v := s.world.views[view]
	if v == nil || v.Type != "modal" {
		return nil, stack{}, nil, fmt.Errorf("there is no modal %s open", view)
	}
	k := stack{s.world.workspaces[v.TeamID], v.User}
	u := s.world.users[k.key()]
	if u == nil || u.Deleted {
		return nil, stack{}, nil, fmt.Errorf("there is no user %s in the workspace %s", v.User, v.TeamID)
	}
	return v, k, u, nil
}

func (s *Slack) submission(view string, values map[string]string) (n notice, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, k, u, err := s.on(view)
	if err != nil {
		return n, err
	}
	if open := s.modals(k); open[len(open)-1] != view {
		return n, fmt.Errorf("another modal lies upon %s", view)
	}
	if v.Submit == nil {
		return n, fmt.Errorf("the modal %s has no button to submit it", view)
	}
	shown := v.wire()
	if shown.State, err = filled(v.Blocks, values, true); err != nil {
		return n, err
	}
	payload := s.interaction("view_submission", k.ws, u, true)
	payload["view"], payload["response_urls"] = shown, []any{}
	return interactive(k.ws, payload), nil
}

// answer does what the app answered to a submission.
func (s *Slack) answer(view string, a Answer) (Answer, error) {
	var said struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	body := bytes.TrimSpace(a.Body)
	if len(body) > 0 {
		if err := json.Unmarshal(body, &said); err != nil {
			return a, fmt.Errorf("read the answer %.100q: %w", a.Body, err)
		}
	}
	a.Action, a.Errors = said.Action, said.Errors
	s.mu.Lock()
	defer s.mu.Unlock()
	v, k, _, err := s.on(view)
	if err != nil {
		return a, nil // the app, or somebody else, has closed it meanwhile
	}
	at := slices.Index(s.modals(k), view)
	switch said.Action {
	case "":
		if len(body) > 0 && string(body) != "{}" {
			return a, fmt.Errorf("the app answered %.100q, which is no response_action", a.Body)
		}
		return a, s.put(s.without(k, at)...)
	case "clear":
		return a, s.put(s.without(k, 0)...)
	case "errors":
		return a, refused(v, said.Errors)
	case "update", "push":
		return a, s.replaced(k, v, said.Action, said.View)
	}
	return a, fmt.Errorf("the app answered with an unknown response_action %q", said.Action)
}

// refused looks whether what an app says is wrong belongs to inputs of the modal.
func refused(v *View, wrong map[string]string) error {
	if len(wrong) == 0 {
		return errors.New("the app answered with errors and named none")
	}
	for block := range wrong {
		if !slices.ContainsFunc(items(v.Blocks), func(i item) bool { return i.input && i.block == block }) {
			return fmt.Errorf("the app says something is wrong with %s, which is no input", block)
		}
	}
	return nil
}

// replaced puts the view of an answer in the place of a modal, or upon it. The caller holds s.mu.
func (s *Slack) replaced(k stack, v *View, action string, raw json.RawMessage) error {
	next, err := readView(string(raw), "modal")
	if err != nil {
		return fmt.Errorf("the view the app answered with: %w", explained(err))
	}
	below := s.modals(k)
	var put *View
	switch {
	case action == "update":
		put, err = s.instead(k, next, v)
	case len(below) >= maxStack:
		return refuse("push_limit_reached")
	default:
		put, err = s.over(k, next, below)
	}
	if err != nil {
		return err
	}
	return s.put(put)
}

// explained says what is wrong in particular.
func explained(err error) error {
	if r, ok := errors.AsType[*refusal](err); ok && len(r.messages) > 0 {
		return fmt.Errorf("%w: %v", err, r.messages)
	}
	return err
}

// Dismiss closes a modal, as its button for that does. The app is told when the modal asked for it.
func (s *Slack) Dismiss(view string) (Answer, error) {
	n, told, err := s.dismissal(view)
	if err != nil || !told {
		return Answer{}, err
	}
	return s.tell(n)
}

func (s *Slack) dismissal(view string) (n notice, told bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, k, u, err := s.on(view)
	if err != nil {
		return n, false, err
	}
	from := slices.Index(s.modals(k), view)
	if v.ClearOnClose {
		from = 0
	}
	payload := s.interaction("view_closed", k.ws, u, false)
	delete(payload, "trigger_id")
	payload["view"], payload["is_cleared"] = v.wire(), v.ClearOnClose
	return interactive(k.ws, payload), v.NotifyOnClose, s.put(s.without(k, from)...)
}
