package embedded

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// ports are those of one server. They are held, so that nobody else takes
// them, until release is called just before the server listens by itself.
type ports struct {
	frontend, history, matching, worker, ui int
	held                                    []net.Listener
}

func choosePorts(o Options) (p ports, err error) {
	defer func() {
		if err != nil {
			p.release()
		}
	}()
	choose := func(port *int, ip string, want int, hint string) {
		if err != nil {
			return
		}
		var l net.Listener
		if l, err = net.Listen("tcp", net.JoinHostPort(ip, strconv.Itoa(want))); err != nil {
			if errors.Is(err, syscall.EADDRINUSE) {
				err = fmt.Errorf("port %d on %s is already in use: choose another%s", want, ip, hint)
			}
			return
		}
		p.held = append(p.held, l)
		*port = l.Addr().(*net.TCPAddr).Port
		if want == 0 {
			err = linger(l)
		}
	}
	if o.UIPort >= 0 {
		choose(&p.ui, o.UIHost, o.UIPort, " with --temporal-ui")
	}
	choose(&p.frontend, Loopback, o.FrontendPort, "")
	choose(&p.history, Loopback, 0, "")
	choose(&p.matching, Loopback, 0, "")
	choose(&p.worker, Loopback, 0, "")
	return p, err
}

func (p *ports) release() {
	for _, l := range p.held {
		l.Close()
	}
	p.held = nil
}

// linger keeps the kernel from giving l's port to the next who asks for any,
// between our release of it and the server's listening on it: a connection
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
