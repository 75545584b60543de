package slackfake

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// An Answer is what the app said to something that Slack told it.
type Answer struct {
	Status   int    // of HTTP; 200 for what was acknowledged over a socket
	Body     []byte // over a socket, the payload that came with the acknowledgement
	Header   http.Header
	Attempts int               // how often it was told
	ID       string            // of an event: its event_id
	Action   string            // of a submission: the response_action
	Errors   map[string]string // of a submission that was refused: what is wrong, by block
}

// OK says whether the app took what it was told.
func (a Answer) OK() bool { return a.Status >= 200 && a.Status < 300 }

// Sign returns the headers with which Slack signs a request that it makes at some time.
func Sign(secret string, at time.Time, body []byte) http.Header {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	return http.Header{"X-Slack-Request-Timestamp": {stamp}, "X-Slack-Signature": {"v0=" + hex.EncodeToString(mac.Sum(nil))}}
}

// Post sends a body to the app as it is, with the headers as they are: those of Sign, or forged ones. It returns an error when the app
// does not answer in time.
func (s *Slack) Post(to string, header http.Header, body []byte) (Answer, error) {
	ctx, cancel := s.patience()
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return Answer{}, fmt.Errorf("post to the app: %w", err)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	if r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if bytes.HasPrefix(body, []byte("{")) {
			r.Header.Set("Content-Type", "application/json")
		}
	}
	r.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	resp, err := s.client.Do(r)
	if err != nil {
		err = impatient(ctx, err)
		return Answer{Attempts: 1}, fmt.Errorf("post to the app: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		err = impatient(ctx, err)
		return Answer{Attempts: 1}, fmt.Errorf("read what the app answers: %w", err)
	}
	return Answer{Status: resp.StatusCode, Body: answer, Header: resp.Header, Attempts: 1}, nil
}

// patience returns a context that ends when the app had its time to answer, with the cause context.DeadlineExceeded, or when the Slack is
// closed.
func (s *Slack) patience() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(s.life)
	up := s.after(s.Settings().AckTimeout)
	go func() {
		select {
		case <-up:
			cancel(context.DeadlineExceeded)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// impatient returns the cause for which a context ended, if it did, instead of what came of that.
func impatient(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// A notice is something that the app is told.
type notice struct {
	ws      *Workspace
	url     string     // where, by HTTP
	kind    string     // of its envelope, over a socket
	payload []byte     // JSON
	form    url.Values // what HTTP carries instead
	retry   int        // which repetition it is
	reason  string     // of it
}

var errNowhere = errors.New("the app has neither a request URL nor a socket for this")

// body is what HTTP carries.
func (n notice) body() []byte {
	if n.form != nil {
		return []byte(n.form.Encode())
	}
	return n.payload
}

// tell tells the app something: over a socket if it has one open, else by HTTP.
func (s *Slack) tell(n notice) (Answer, error) {
	if c := s.socket(n.ws); c != nil {
		return s.overSocket(c, n)
	}
	if n.url == "" {
		return Answer{}, errNowhere
	}
	body := n.body()
	header := Sign(n.ws.SigningSecret, s.now(), body)
	if n.retry > 0 {
		header.Set("X-Slack-Retry-Num", strconv.Itoa(n.retry))
		header.Set("X-Slack-Retry-Reason", n.reason)
	}
	return s.Post(n.url, header, body)
}

// persist tells the app something until it takes it, or has been told often enough.
func (s *Slack) persist(n notice) (Answer, error) {
	a, err := s.tell(n)
	for i, wait := range s.Settings().RetryDelays {
		if err == nil && (a.OK() || a.Header.Get("X-Slack-No-Retry") == "1") || errors.Is(err, errNowhere) || !s.pause(s.life, wait) {
			break
		}
		n.retry, n.reason = i+1, reasonOf(err)
		a, err = s.tell(n)
		a.Attempts = i + 2
	}
	return a, err
}

// reasonOf is how Slack calls what went wrong with a request.
func reasonOf(err error) string {
	switch {
	case err == nil:
		return "http_error"
	case errors.Is(err, context.DeadlineExceeded):
		return "http_timeout"
	}
	return "connection_failed"
}
