package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// A process is started anew whenever it ends, by whatever hand, until nobody wants it any more.
type process struct {
	name  string
	start func() *exec.Cmd
	log   io.Writer
	bye   syscall.Signal // that asks it to end; SIGTERM when 0
	ended func()         // called whenever it has ended and is to be started again; may be nil

	mu      sync.Mutex
	cmd     *exec.Cmd
	rest    time.Duration // before it is started again
	since   time.Time     // when it was started
	down    []span        // when it was not there
	wanted  bool
	stopped chan struct{}
}

// A span is a stretch of the machine's time.
type span struct{ from, to time.Time }

// up starts the process and keeps it alive.
func (p *process) up() error {
	p.wanted, p.stopped = true, make(chan struct{})
	if err := p.begin(); err != nil {
		return err
	}
	go p.keep()
	return nil
}

func (p *process) begin() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	cmd := p.start()
	cmd.Stdout, cmd.Stderr = p.log, p.log
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL // nothing is left behind when we are killed
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	p.cmd, p.since = cmd, time.Now()
	return nil
}

func (p *process) keep() {
	defer close(p.stopped)
	for {
		_ = p.cmd.Wait() // how it ended is not the question
		gone := time.Now()
		p.mu.Lock()
		wanted, rest := p.wanted, p.rest
		p.mu.Unlock()
		if !wanted {
			return
		}
		fmt.Fprintf(p.log, "--- %s %s ended\n", gone.UTC().Format(time.RFC3339Nano), p.name)
		if p.ended != nil {
			p.ended()
		}
		time.Sleep(rest)
		for p.begin() != nil {
			time.Sleep(100 * time.Millisecond)
		}
		p.mu.Lock()
		p.down = append(p.down, span{gone, p.since})
		p.mu.Unlock()
	}
}

// signal sends a signal to the process as it is now.
func (p *process) signal(s syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd != nil {
		_ = p.cmd.Process.Signal(s) // it may have ended by itself
	}
}

// born returns when the process that lives was started.
func (p *process) born() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.since
}

// pause sets how long it stays away after its next end.
func (p *process) pause(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest = d
}

// end stops the process for good, as an operator would.
func (p *process) end() {
	p.mu.Lock()
	if !p.wanted {
		p.mu.Unlock()
		return
	}
	p.wanted = false
	p.mu.Unlock()
	p.signal(syscall.SIGCONT)
	p.signal(cmp.Or(p.bye, syscall.SIGTERM))
	select {
	case <-p.stopped:
	case <-time.After(40 * time.Second):
		p.signal(syscall.SIGKILL)
		<-p.stopped
	}
}

// away returns when the process was not there, so far.
func (p *process) away() []span {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]span(nil), p.down...)
}

// logFile opens the log of a process.
func logFile(dir, name string) (*os.File, error) {
	return os.OpenFile(filepath.Join(dir, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
}

// sleepUntil waits for an instant, unless ctx ends before.
func sleepUntil(ctx context.Context, at time.Time) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Until(at)):
		return nil
	}
}
