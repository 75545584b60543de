package mail

import (
	_ "embed"
	"html/template"
	"strings"

	"tickmark/models"
	"tickmark/models/reminders"
)

//go:embed mail.html
var mailPage string

var mailTemplate = template.Must(template.New("mail").Funcs(template.FuncMap{"more": reminders.AndMore,
	"tame": models.Tame, "settled": reminders.Settled, "entry": reminders.Entry}).Parse(mailPage))

// LetterOf makes the mail of a message: the same words as plain text and as HTML. act is where one can act on it, unsubscribe where one
// can say that one wants no more; either may be empty.
func LetterOf(m reminders.Message, act, unsubscribe string) (text, html string, err error) {
	var b strings.Builder
	rest, _ := m.Listed(reminders.ListOfRest)
	if err := mailTemplate.Execute(&b, map[string]any{"Message": m, "Rest": rest.All, "Act": act, "Unsubscribe": unsubscribe}); err != nil {
		return "", "", err
	}
	var t strings.Builder
	t.WriteString(m.Text())
	if m.Link.URL != "" {
		t.WriteString("\n" + m.Link.Text + ":\n" + m.Link.URL + "\n")
	}
	if act != "" {
		t.WriteString("\nDone, blocked, not yours, or more time needed? Say so here:\n" + act + "\n")
	}
	if m.Footer != "" {
		t.WriteString("\n" + m.Footer + "\n")
	}
	if unsubscribe != "" {
		t.WriteString("\n-- \nNo more of these reminders by mail: " + unsubscribe + "\n")
	}
	lines := strings.Split(t.String(), "\n")
	for i := range lines {
		lines[i] = models.Tame(lines[i])
	}
	return strings.Join(lines, "\n"), b.String(), nil
}
