package engagement

import "testing"

// Every kind of event is told in words, and nothing else has any.
func TestEveryEventHasItsWords(t *testing.T) {
	for _, kind := range EventKinds {
		if eventWords[kind] == "" {
			t.Errorf("%s is not told in words", kind)
		}
	}
	if len(eventWords) != len(EventKinds) {
		t.Errorf("%d kinds of events are told, and there are %d", len(eventWords), len(EventKinds))
	}
}
