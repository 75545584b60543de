package embedded

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// A port is held, so that nobody else gets it, until somebody takes it to
// listen on it.
type port struct {
	number int
	held   net.Listener
}

// ports are those of one server.
type ports struct{ frontend, history, matching, worker, ui port }

func choosePorts(o Options) (p ports, err error) {
	if o.UIPort >= 0 {
		if p.ui, err = hold(Loopback, o.UIPort, " with --temporal-ui"); err != nil {
			return p, err
		}
	}
	if p.frontend, err = hold(Loopback, o.FrontendPort, ""); err != nil {
		return p, err
	}
	for _, internal := range []*port{&p.history, &p.matching, &p.worker} {
		if *internal, err = hold(Loopback, 0, ""); err != nil {
			return p, err
		}
	}
	return p, nil
}

// hold holds the port of that number, or for 0 any that is free.
func hold(ip string, number int, hint string) (port, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(ip, strconv.Itoa(number)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return port{}, fmt.Errorf("port %d on %s is already in use: choose another%s", number, ip, hint)
	}
	if err != nil {
		return port{}, err
	}
	p := port{number: l.Addr().(*net.TCPAddr).Port, held: l}
	if number == 0 {
		err = linger(l)
	}
	return p, err
}

// take lets go of the port, for the one who listens on it next.
func (p *port) take() int {
	if p.held != nil {
		p.held.Close()
		p.held = nil
	}
	return p.number
}

// listener hands the port over to the one who listens on it next.
func (p *port) listener() net.Listener {
	l := p.held
	p.held = nil
	return l
}

func (p *ports) release() {
	for _, each := range []*port{&p.frontend, &p.history, &p.matching, &p.worker, &p.ui} {
		each.take()
	}
}

// linger keeps the kernel from giving l's port to the next who asks for any,
// between our letting go of it and the server's listening on it: a connection
// closed from this side stays with the port for a minute, in TIME_WAIT, and
// hinders only such askers. The Temporal CLI's server does the same.
func linger(l net.Listener) error {
	there, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return err
	}
	defer there.Close()
	here, err := l.Accept()
	if err != nil {
		return err
	}
	return here.Close()
}
