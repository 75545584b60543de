package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	retries = 3
	maxWait = 10 * time.Second // between two tries, whatever Retry-After says
)

// A sender sends requests, and sends them again when nobody answered. That is safe: every write carries a key, and the
// same key has one effect.
type sender struct {
	app  *app
	http *http.Client
}

// An unreachable error says that no try was answered.
type unreachable struct {
	server string
	tries  int
	err    error
}

func (u *unreachable) Error() string {
	return fmt.Sprintf("no answer from %s, tried %d times: %s", u.server, u.tries, cause(u.err))
}

// Do sends req up to four times.
func (s *sender) Do(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	s.app.tell("%s %s%s", req.Method, req.URL, keyOf(req))
	for try := 0; ; try++ {
		res, err := s.http.Do(req)
		switch {
		case err == nil && !again(res.StatusCode), ctx.Err() != nil, err == nil && try == retries:
			return res, err
		case try == retries:
			return res, &unreachable{server: req.URL.Scheme + "://" + req.URL.Host, tries: try + 1, err: err}
		}
		if err := s.app.sleep(ctx, s.pause(try, res, err)); err != nil {
			return nil, err
		}
		if req.GetBody != nil {
			if req.Body, err = req.GetBody(); err != nil {
				return nil, err
			}
		}
	}
}

// pause returns how long to wait after a try: half a second after the first, then twice as long each time, or what the answer asks for. It
// closes the answer.
func (s *sender) pause(try int, res *http.Response, err error) time.Duration {
	wait := time.Second << try / 2
	if err != nil {
		s.app.tell("no answer: %s", cause(err))
		return wait
	}
	s.app.tell("answered %s", res.Status)
	_ = res.Body.Close()
	return retryAfter(res, wait)
}

// again reports whether a status says that the same request may be answered better later.
func again(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// retryAfter returns how long an answer asks to wait, within bounds.
func retryAfter(res *http.Response, otherwise time.Duration) time.Duration {
	if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && seconds > 0 {
		return min(time.Duration(min(seconds, 3600))*time.Second, maxWait)
	}
	return otherwise
}

func keyOf(req *http.Request) string {
	if key := req.Header.Get("Idempotency-Key"); key != "" {
		return " with Idempotency-Key " + key
	}
	return ""
}

// cause returns what is wrong with a connection, without the request it was for.
func cause(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		if u.Timeout() {
			return fmt.Errorf("it took longer than %s", attemptTimeout)
		}
		err = u.Err
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// tell says on stderr what is going on, for those who asked.
func (a *app) tell(format string, args ...any) {
	if a.verbose {
		fmt.Fprintf(a.err, format+"\n", args...)
	}
}
