package slack

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"tickmark/activities/safely"
)

// kinds are the kinds of what comes in by Socket Mode that we take.
var kinds = map[string]string{
	socketmode.RequestTypeEventsAPI:     InEvents,
	socketmode.RequestTypeInteractive:   InActions,
	socketmode.RequestTypeSlashCommands: InCommands,
}

// Listen connects to Slack by Socket Mode and gives to take what comes in, until ctx ends or the connection breaks. What take returns is
// Slack's answer; when it fails nothing is acknowledged, and Slack sends the same again. Listen gives signs of life only between Slack's
// greeting and the end of that connection: one on which Slack says nothing for a minute is ended. Until the next greeting there are none.
func (s *Slack) Listen(ctx context.Context, token, appToken string, log *slog.Logger, take func(kind, payload string) (any, error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	api := slack.New(token, slack.OptionAppLevelToken(appToken), slack.OptionAPIURL(s.BaseURL()), slack.OptionHTTPClient(s.Client))
	client := socketmode.New(api, socketmode.OptionDialer(s.dialer()), socketmode.OptionReadLimit(maxFrame))
	var events safely.Group
	events.Go(func() error {
		defer cancel()
		again := time.NewTicker(safely.Every(ctx))
		defer again.Stop()
		for greeted := false; ; {
			select {
			case <-ctx.Done():
				return nil
			case <-again.C:
				if !greeted {
					continue
				}
				if err := safely.Beat(ctx); err != nil {
					return err
				}
			case e := <-client.Events:
				greeted = e.Type == socketmode.EventTypeHello || greeted && e.Type != socketmode.EventTypeConnecting
				if e.Request == nil || kinds[e.Request.Type] == "" {
					continue
				}
				var answer any
				err := safely.Do(func() (err error) {
					answer, err = take(kinds[e.Request.Type], string(e.Request.Payload))
					return err
				})
				if err != nil {
					log.WarnContext(ctx, "cannot keep what Slack sent", "error", err)
					continue // it comes again
				}
				if err := client.AckCtx(ctx, e.Request.EnvelopeID, answer); err != nil {
					log.InfoContext(ctx, "an acknowledgement did not reach Slack", "error", err)
				}
			}
		}
	})
	err := client.RunContext(ctx)
	cancel()
	return cmp.Or(events.Wait(), err)
}

// maxFrame is how long one message of Socket Mode may be, in bytes.
const maxFrame = 4 << 20

// dialer returns what opens a connection: only to Slack. Whoever is at its other end is believed, since what comes by Socket Mode is not
// signed, and the address comes in an answer. What slack-go sends in the opening request is its own: no User-Agent can be set.
func (s *Slack) dialer() *websocket.Dialer {
	d := *s.Dialer
	proxy := d.Proxy
	d.Proxy = func(req *http.Request) (*url.URL, error) {
		slacks := func(host string) bool {
			return strings.HasSuffix(host, ".slack.com") || strings.HasSuffix(host, ".slack-gov.com")
		}
		if !s.belongs(req.URL, "https", slacks) { // here wss is called https
			return nil, errors.New("the address that was given for Socket Mode is not Slack's")
		}
		if proxy == nil {
			return nil, nil
		}
		return proxy(req)
	}
	return &d
}
