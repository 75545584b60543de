package town

import (
	"fmt"
	"regexp"
	"strings"

	mailfake "tickmark/activities/fake/mail"
	"tickmark/activities/mail"
	"tickmark/models"
	"tickmark/models/reminders"
)

// WithMail gives the town a mail server, and takes Olga and Kenji out of Slack.
func (w *Town) WithMail() *mailfake.Server {
	w.T.Helper()
	server, err := mailfake.Start(mailfake.Options{User: "tickmark", Password: "s3cret&more"})
	Check(w.T, err)
	w.T.Cleanup(func() { _ = server.Close() })
	w.Post.Mail, err = mail.NewMailer(server.URL(), "Acme Advisory & Co <audit@acme.test>")
	Check(w.T, err)
	for _, p := range []models.PersonID{"olga", "kenji"} {
		Check(w.T, w.Store.SetBinding(w.T.Context(), p, "northgate", w.Now(), func(b *reminders.Binding) { b.State = reminders.BindingRefused }))
	}
	return server
}

// Changing finds signed links, of which no two are the same.
var Changing = regexp.MustCompile(`[A-Za-z0-9_-]{60,}\.[A-Za-z0-9_-]+`)

// Letters writes mails as people read them.
func Letters(all []mailfake.Message) string {
	var out strings.Builder
	for i, m := range all {
		fmt.Fprintf(&out, "=== mail %d\n", i+1)
		for _, h := range []string{"From", "To", "Subject", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post"} {
			if v := m.Headers.Get(h); v != "" {
				fmt.Fprintf(&out, "%s: %s\n", h, v)
			}
		}
		fmt.Fprintf(&out, "\n%s\n--- as HTML\n%s\n", m.Text, m.HTML)
	}
	return Changing.ReplaceAllString(out.String(), "SIGNED")
}
