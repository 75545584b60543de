package slackfake

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	maxSockets  = 10              // that an app may have open
	maxAck      = 20_000          // of an acknowledgement: a longer one does not count
	pingEvery   = 5 * time.Second // as the client expects, or it takes the connection for dead
	socketWrite = 10 * time.Second
)

// A socket is a connection of Socket Mode.
type socket struct {
	conn *websocket.Conn
	app  string // the app's token

	writing sync.Mutex
	waiting sync.Mutex
	acks    map[string]chan json.RawMessage // by envelope
	gone    chan struct{}
}

// connectionsOpen gives out the address of a socket.
func (s *Slack) connectionsOpen(r *request) (reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ticket := newSecret(32)
	s.tickets[ticket] = r.ws.AppToken
	return reply{"url": "ws" + strings.TrimPrefix(s.url, "http") + "/link/?ticket=" + ticket + "&app_id=" + r.ws.App}, nil
}

// link is one end of a socket, until it closes.
func (s *Slack) link(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	ticket := r.URL.Query().Get("ticket")
	app, ok := s.tickets[ticket]
	delete(s.tickets, ticket)
	s.mu.Unlock()
	if !ok {
		http.Error(w, "expired ticket", http.StatusForbidden)
		return
	}
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has said why
	}
	c := &socket{conn: conn, app: app, acks: map[string]chan json.RawMessage{}, gone: make(chan struct{})}
	defer s.drop(c)
	n := s.hold(c)
	if n > maxSockets {
		_ = c.send(reply{"type": "disconnect", "reason": "too_many_websockets"}) // it is closed anyway
		return
	}
	if s.Settings().Mute {
		c.read()
		return
	}
	if c.send(reply{"type": "hello", "num_connections": n, "connection_info": reply{"app_id": r.URL.Query().Get("app_id")},
		"debug_info": reply{"host": "slackfake", "build_number": 1, "approximate_connection_time": 18060}}) != nil {
		return
	}
	go s.pings(c)
	c.read()
}

// hold notes an open socket and returns how many the app has.
func (s *Slack) hold(c *socket) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sockets[c.app] = append(s.sockets[c.app], c)
	if s.closed {
		_ = c.conn.Close() // it opened too late
	}
	return len(s.sockets[c.app])
}

// drop closes a socket and forgets it.
func (s *Slack) drop(c *socket) {
	s.mu.Lock()
	s.sockets[c.app] = slices.DeleteFunc(s.sockets[c.app], func(o *socket) bool { return o == c })
	s.mu.Unlock()
	close(c.gone)
	_ = c.conn.Close() // it may be closed already
}

// pings says every so often that the connection lives, until it does not.
func (s *Slack) pings(c *socket) {
	t := time.NewTicker(pingEvery)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			_ = c.conn.WriteControl(websocket.PingMessage, []byte("ping"), time.Now().Add(socketWrite)) // reading finds out
		case <-c.gone:
			return
		case <-s.life.Done():
			return
		}
	}
}

// read hands acknowledgements to those who wait for them, until the socket closes.
func (c *socket) read() {
	for {
		_, message, err := c.conn.ReadMessage()
		if err != nil {
			return
		}
		var ack struct {
			Envelope string          `json:"envelope_id"`
			Payload  json.RawMessage `json:"payload"`
		}
		if len(message) >= maxAck || json.Unmarshal(message, &ack) != nil {
			continue // Slack takes no notice of it
		}
		c.waiting.Lock()
		if waiter := c.acks[ack.Envelope]; waiter != nil {
			waiter <- ack.Payload
			delete(c.acks, ack.Envelope)
		}
		c.waiting.Unlock()
	}
}

func (c *socket) send(v any) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	if err := c.conn.SetWriteDeadline(time.Now().Add(socketWrite)); err != nil {
		return err
	}
	return c.conn.WriteMessage(websocket.TextMessage, encode(v))
}

// socket returns one of the app's sockets, or nil.
func (s *Slack) socket(w *Workspace) *socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	if open := s.sockets[w.AppToken]; len(open) > 0 {
		return open[rand.IntN(len(open))]
	}
	return nil
}

// Sockets returns how many sockets the app of a workspace has open.
func (s *Slack) Sockets(team string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.world.workspaces[team]; w != nil {
		return len(s.sockets[w.AppToken])
	}
	return 0
}

// overSocket tells the app something over a socket and waits until it is acknowledged.
func (s *Slack) overSocket(c *socket, n notice) (Answer, error) {
	id := newSecret(32)
	waiter := make(chan json.RawMessage, 1)
	c.waiting.Lock()
	c.acks[id] = waiter
	c.waiting.Unlock()
	defer func() {
		c.waiting.Lock()
		delete(c.acks, id)
		c.waiting.Unlock()
	}()
	envelope := reply{"envelope_id": id, "type": n.kind, "payload": json.RawMessage(n.payload),
		"accepts_response_payload": n.kind != "events_api"}
	if n.kind == "events_api" {
		envelope["retry_attempt"], envelope["retry_reason"] = n.retry, n.reason
	}
	a := Answer{Attempts: 1}
	ctx, cancel := s.patience()
	defer cancel()
	if err := c.send(envelope); err != nil {
		return a, fmt.Errorf("write to the app's socket: %w", err)
	}
	select {
	case payload := <-waiter:
		a.Status, a.Body = http.StatusOK, payload
		return a, nil
	case <-c.gone:
		return a, fmt.Errorf("the app's socket closed")
	case <-ctx.Done():
		return a, fmt.Errorf("wait for the app's acknowledgement: %w", context.Cause(ctx))
	}
}

// Disconnect tells the sockets of a workspace's app to go, as Slack does every few hours, with a reason as in "refresh_requested", and
// closes them.
func (s *Slack) Disconnect(team, reason string) {
	s.mu.Lock()
	var open []*socket
	if w := s.world.workspaces[team]; w != nil {
		open = slices.Clone(s.sockets[w.AppToken])
	}
	s.mu.Unlock()
	for _, c := range open {
		_ = c.send(reply{"type": "disconnect", "reason": reason, "debug_info": reply{"host": "slackfake"}}) // it is closed anyway
		_ = c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""),
			time.Now().Add(socketWrite))
	}
}
