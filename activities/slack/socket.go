package slack

import (
	"cmp"
	"context"
	"log/slog"

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
// Slack's answer; when it fails nothing is acknowledged, and Slack sends the same again.
func (s *Slack) Listen(ctx context.Context, token, appToken string, log *slog.Logger, take func(kind, payload string) (any, error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	api := slack.New(token, slack.OptionAppLevelToken(appToken), slack.OptionAPIURL(s.BaseURL()), slack.OptionHTTPClient(s.client()))
	client := socketmode.New(api)
	var events safely.Group
	events.Go(func() error {
		defer cancel()
		for {
			select {
			case <-ctx.Done():
				return nil
			case e := <-client.Events:
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
