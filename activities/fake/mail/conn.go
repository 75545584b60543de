package mailfake

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
)

// A listener makes its connections ours, so that they can fail where the SMTP library knows no way to.
type listener struct {
	net.Listener
	server *Server
}

// Accept waits for the next connection.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.server.admit(c), nil
}

// admit counts a connection. One that comes as the server closes is closed with it.
func (s *Server) admit(c net.Conn) *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions++
	admitted := &conn{Conn: c, server: s, number: s.sessions}
	if s.closed {
		_ = c.Close() // nobody has used it yet
		return admitted
	}
	s.conns[admitted] = true
	return admitted
}

// A conn is a connection that may end where the other side does not expect it.
type conn struct {
	net.Conn
	server  *Server
	number  int         // of the session
	greeted bool        // the greeting is the first thing written, by the one goroutine that writes
	last    atomic.Bool // after what is written next, the connection is closed
}

// Write sends what the server says. Before the first of it, the greeting, comes what goes wrong with a connection.
func (c *conn) Write(p []byte) (int, error) {
	if !c.greeted {
		c.greeted = true
		if err := c.greet(); err != nil {
			return 0, err
		}
	}
	n, err := c.Conn.Write(p)
	if c.last.Load() {
		err = errors.Join(err, c.Close())
	}
	return n, err
}

// greet returns an error when there is to be no greeting.
func (c *conn) greet() error {
	fault, ok := c.server.meet(Occasion{Session: c.number, Step: StepConnect})
	if !ok || fault.Kind == FaultSlow {
		return nil
	}
	var err error
	if fault.Kind == FaultReply {
		reply := fault.reply(StepConnect)
		_, err = fmt.Fprintf(c.Conn, "%d %s\r\n", reply.Code, reply.Message)
	}
	return errors.Join(net.ErrClosed, err, c.Close())
}

// Close closes the connection as it stands, without a goodbye of SMTP or TLS.
func (c *conn) Close() error {
	c.server.mu.Lock()
	delete(c.server.conns, c)
	c.server.mu.Unlock()
	return c.Conn.Close()
}

// connOf returns our connection that is under that of a session, which may be encrypted.
func connOf(c net.Conn) (*conn, error) {
	if encrypted, ok := c.(*tls.Conn); ok {
		c = encrypted.NetConn()
	}
	if ours, ok := c.(*conn); ok {
		return ours, nil
	}
	return nil, fmt.Errorf("a connection of the type %T", c)
}
