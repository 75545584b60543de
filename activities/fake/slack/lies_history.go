package slackfake

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
)

// The lies of history: a call of conversations.history or conversations.replies is executed, and its answer calls itself right and does not
// show what is there. Other calls that meet one are executed and answered.
const (
	FaultHistoryCut     FaultKind = "history_cut"     // there is more, it says, and not where
	FaultHistoryLoop    FaultKind = "history_loop"    // there is more, always at the same cursor
	FaultHistoryEndless FaultKind = "history_endless" // there is more, at another cursor each time, for ever
	FaultHistoryBare    FaultKind = "history_bare"    // the payloads of metadata are left out
	FaultHistoryPlain   FaultKind = "history_plain"   // all metadata are left out
	FaultHistoryNull    FaultKind = "history_null"    // the messages are left out
)

// HistoryLies are all of them.
var HistoryLies = []FaultKind{FaultHistoryCut, FaultHistoryLoop, FaultHistoryEndless, FaultHistoryBare, FaultHistoryPlain, FaultHistoryNull}

// cursors makes every cursor of an endless history another one.
var cursors atomic.Int64

// misread returns what a call is answered instead of body, which is as it was where the call is not one of history.
func misread(kind FaultKind, r *http.Request, body []byte) []byte {
	if !strings.HasSuffix(r.URL.Path, "/conversations.history") && !strings.HasSuffix(r.URL.Path, "/conversations.replies") {
		return body
	}
	more := func(cursor string) []byte {
		answer := reply{"ok": true, "messages": []any{}, "has_more": true}
		if cursor != "" {
			answer["response_metadata"] = reply{"next_cursor": cursor}
		}
		return marshal(answer)
	}
	switch kind {
	case FaultHistoryCut:
		return more("")
	case FaultHistoryLoop:
		return more(cursorOf("next_ts", 1))
	case FaultHistoryEndless:
		return more("bmV4dF90czo" + strconv.FormatInt(cursors.Add(1), 10))
	}
	var answer map[string]any
	if json.Unmarshal(body, &answer) != nil || answer["ok"] != true {
		return body
	}
	messages, _ := answer["messages"].([]any)
	for _, m := range messages {
		m, _ := m.(map[string]any)
		switch metadata, _ := m["metadata"].(map[string]any); {
		case kind == FaultHistoryPlain:
			delete(m, "metadata")
		case metadata != nil && kind == FaultHistoryBare:
			metadata["event_payload"] = map[string]any{}
		}
	}
	if kind == FaultHistoryNull {
		delete(answer, "messages")
	}
	return marshal(answer)
}

// marshal writes an answer that was made of what JSON has.
func marshal(answer map[string]any) []byte {
	body, err := json.Marshal(answer)
	if err != nil {
		panic(err)
	}
	return body
}
