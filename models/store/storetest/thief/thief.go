// Package thief steals the answers to COMMITs, for tests of what is promised of them.
package thief

import (
	"bytes"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
)

// A Thief stands between a program and PostgreSQL, and keeps the answer to a COMMIT for itself when it is told to: what was committed stays
// committed, and whoever waits for the answer sees the connection end.
type Thief struct {
	address string // of PostgreSQL
	dsn     string
	steals  atomic.Bool
	closed  atomic.Bool
	refuses atomic.Bool
	stolen  atomic.Int64
	turned  atomic.Int64
	mu      sync.Mutex
	through map[net.Conn]bool // who has come through; nil: nobody gets through
	listen  net.Listener
	open    sync.WaitGroup
}

// New stands in front of the PostgreSQL that a dsn names.
func New(dsn string) (*Thief, error) {
	at, err := url.Parse(dsn)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Thief{address: at.Host, listen: l, through: map[net.Conn]bool{}}
	at.Host = l.Addr().String()
	p.dsn = at.String()
	p.open.Go(p.accept)
	return p, nil
}

// DSN names PostgreSQL as it is reached through the thief.
func (p *Thief) DSN() string { return p.dsn }

// Steal has the answer to the next COMMIT kept.
func (p *Thief) Steal() { p.steals.Store(true) }

// CloseAfter says whether nobody gets through any more once an answer was kept.
func (p *Thief) CloseAfter(closes bool) {
	p.refuses.Store(closes)
	if !closes {
		p.closed.Store(false)
	}
}

// Stolen returns how many answers were kept.
func (p *Thief) Stolen() int64 { return p.stolen.Load() }

// Bar ends all connections and lets nobody through, until Unbar: the server is not reached.
func (p *Thief) Bar() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.through {
		_ = c.Close() // it is to end, however
	}
	p.through = nil
}

// Unbar lets through again who comes from now on.
func (p *Thief) Unbar() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.through = map[net.Conn]bool{}
}

// Turned returns how many were not let through.
func (p *Thief) Turned() int64 { return p.turned.Load() }

// enters notes who comes through, and reports whether anybody may.
func (p *Thief) enters(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.through == nil || p.closed.Load() {
		p.turned.Add(1)
		return false
	}
	p.through[c] = true
	return true
}

func (p *Thief) leaves(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.through, c)
}

// Close ends it. It returns when everybody who came through is gone.
func (p *Thief) Close() {
	_ = p.listen.Close() // it listens no more, whatever it says
	p.open.Wait()
}

func (p *Thief) accept() {
	for {
		c, err := p.listen.Accept()
		if err != nil {
			return
		}
		if !p.enters(c) {
			_ = c.Close()
			continue
		}
		p.open.Go(func() { p.carry(c) })
	}
}

// carry passes on what is said on a connection, both ways, until one side ends it or an answer is kept.
func (p *Thief) carry(from net.Conn) {
	defer p.leaves(from)
	defer from.Close()
	to, err := net.Dial("tcp", p.address)
	if err != nil {
		return
	}
	defer to.Close()
	committing := &atomic.Bool{}
	p.open.Go(func() {
		defer to.Close()
		pass(from, to, func(said []byte) bool {
			if bytes.Contains(bytes.ToLower(said), []byte("commit\x00")) && p.steals.CompareAndSwap(true, false) {
				committing.Store(true)
			}
			return true
		})
	})
	pass(to, from, func([]byte) bool {
		if !committing.Load() {
			return true
		}
		p.stolen.Add(1) // it was done, and nobody hears of it
		p.closed.Store(p.refuses.Load())
		return false
	})
}

// pass writes what it reads, as long as look lets it.
func pass(from, to net.Conn, look func([]byte) bool) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil || !look(buffer[:n]) {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}
