package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"strings"

	"github.com/spf13/pflag"

	"tickmark/api/client"
	"tickmark/models"
)

const (
	maxAnswer = 64 << 20
	maxPage   = 200 // items that the server gives at once
)

// An answer is what the server said, when it did not refuse.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// ask reads what the generated client got: an answer, or an error for people.
func (a *app) ask(res *http.Response, err error) (answer, error) {
	if err != nil {
		return answer{}, a.unanswered(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return answer{}, a.unanswered(&unreachable{server: a.server(), tries: 1, err: err})
	}
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if res.StatusCode/100 == 2 && (kind == "application/json" || len(body) == 0) {
		a.sent = ""
		return answer{res.StatusCode, res.Header, body}, nil
	}
	return answer{}, a.refused(res, kind, body)
}

// refused returns the error for an answer that is none to what was asked.
func (a *app) refused(res *http.Response, kind string, body []byte) error {
	code := exitFailed
	if again(res.StatusCode) {
		code = exitUnavailable
	}
	var problem client.Problem
	if kind != "application/problem+json" || json.Unmarshal(body, &problem) != nil {
		return failed(code, "%s answered %s, which is not from Tickmark: check TICKMARK_URL", a.server(), res.Status)
	}
	switch {
	case code == exitUnavailable:
		return failed(code, "%w%s", &refusal{&problem, a.flags}, a.sameAgain())
	case problem.Code == models.Unauthenticated:
		return failed(code, "%w: %s", &refusal{&problem, a.flags}, a.aboutToken(problem.Field != ""))
	}
	return failed(code, "%w", &refusal{&problem, a.flags})
}

func (a *app) server() string { return strings.TrimSuffix(a.api.Server, "/api/v1/") }

// unanswered says what it means that a request got no answer.
func (a *app) unanswered(err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return failed(exitFailed, "interrupted%s", a.sameAgain())
	case errors.As(err, new(*unreachable)):
		return failed(exitUnavailable, "%w%s", err, a.sameAgain())
	}
	return err
}

// sameAgain tells how a write is sent again without a second effect.
func (a *app) sameAgain() string {
	if a.sent != "" {
		return fmt.Sprintf(" (to send the same again: --key %s)", a.sent)
	}
	return ""
}

// A refusal is a problem in one sentence, with the flag or field it is about.
type refusal struct {
	problem *client.Problem
	flags   *pflag.FlagSet // of the command that was refused
}

func (r *refusal) Unwrap() error { return r.problem }

func (r *refusal) Error() string {
	p := r.problem
	text := strings.TrimSuffix(p.Error(), ".")
	if len(p.Errors) > 0 {
		parts := make([]string, len(p.Errors))
		for i, e := range p.Errors {
			parts[i] = r.named(e.Detail, e.Field)
		}
		text = strings.Join(parts, "; ")
	} else if p.Code == models.Invalid { // else the field is what the command was about
		text = r.named(text, p.Field)
	}
	if p.Code == "internal" && !strings.Contains(text, p.Instance) {
		text += ", which the server's log has as " + p.Instance
	}
	return text
}

// flagNames are the fields that have a flag of another name, with the names that it may have.
var flagNames = map[string][]string{"person": {"owner", "person"}, "window_months": {"months"}, "window_open": {"window-open", "open"},
	"target_report": {"target"}}

// named returns a sentence that names what it is about as whoever typed the command knows it: by the flag, where the command has one, else
// by the field.
func (r *refusal) named(text, field string) string {
	if field == "" || r.flags == nil {
		return withField(text, field)
	}
	for _, name := range append(flagNames[field], strings.ReplaceAll(field, "_", "-")) {
		if r.flags.Lookup(name) == nil {
			continue
		}
		flag := "--" + name
		if rest, begins := strings.CutPrefix(text, field); begins && strings.IndexAny(rest, " :") == 0 {
			return flag + rest
		}
		if strings.Contains(text, flag) {
			return text
		}
		return flag + ": " + text
	}
	return withField(text, field)
}

// withField names the field unless the sentence does already.
func withField(text, field string) string {
	if field == "" || strings.Contains(text, field) {
		return text
	}
	return field + ": " + text
}

// decode reads an answer as a T.
func decode[T any](ans answer, err error) (T, answer, error) {
	var out T
	if err != nil {
		return out, ans, err
	}
	if err := json.Unmarshal(ans.body, &out); err != nil {
		return out, ans, fmt.Errorf("the server's answer cannot be read, it may be of another version: %w", err)
	}
	return out, ans, nil
}

// show prints an answer: as it came for programs, otherwise as people does.
func (a *app) show(ans answer, people func()) error {
	if !a.asJSON {
		people()
		return nil
	}
	if len(ans.body) == 0 {
		return nil
	}
	_, err := fmt.Fprintln(a.out, strings.TrimSuffix(string(ans.body), "\n"))
	return err
}

// A stamp is what every write on a record carries. The generated parameters of all of them are alike.
type stamp struct {
	IdempotencyKey client.IdempotencyKey
	IfMatch        *client.IfMatch
}

// once returns the key of a write.
func (a *app) once() client.IdempotencyKey {
	a.sent = a.key
	if a.sent == "" {
		a.sent = a.newKey()
	}
	return a.sent
}

func (a *app) stamp() *stamp { return &stamp{a.once(), client.At(a.ifRevision)} }

// done returns what says that a command on an engagement has been carried out: a sentence about what is so now.
func (a *app) done(ctx context.Context, format string, args ...any) func(*http.Response, error) error {
	return a.doneSee(ctx, "", format, args...)
}

// doneSee is done with a hint what to look at next.
func (a *app) doneSee(ctx context.Context, next, format string, args ...any) func(*http.Response, error) error {
	return a.doneSay(ctx, next, func(client.Result) string { return fmt.Sprintf(format, args...) })
}

// doneSay is done with a sentence that takes more to know: what the server made of the command.
func (a *app) doneSay(ctx context.Context, next string, say func(client.Result) string) func(*http.Response, error) error {
	return func(res *http.Response, err error) error {
		ans, err := a.ask(res, err)
		r, ans, err := decode[client.Result](ans, err)
		if err != nil {
			return err
		}
		return a.show(ans, func() {
			text := say(r)
			if r.Created != "" {
				text = r.Created + ": " + text
			}
			if r.Replayed {
				text += " (done before, with the same key)"
			}
			fmt.Fprintf(a.out, "%s; revision %d\n", clean(models.WithWeekdays(text)), r.Revision)
			a.lines(r.Effect)
			if next != "" {
				a.hint("%s", next)
			}
		})
	}
}

// lines prints what a command does, a line each.
func (a *app) lines(all []string) {
	for _, line := range all {
		a.say("  - ", "%s", line)
	}
}

// showPage prints a page of a list for programs, which get each page as it is; for people it prints nothing.
func (a *app) showPage(ans answer) error {
	if !a.asJSON {
		return nil
	}
	return a.show(ans, nil)
}

// list reads the pages of a list and prints them: up to limit items, or all when it is 0.
func list[T any](a *app, limit int, fetch func(cursor *string, size *int) (*http.Response, error), people func([]T)) error {
	if limit < 0 {
		return misused("--limit must not be negative")
	}
	if limit == 0 {
		limit = math.MaxInt
	}
	var all []T
	var cursor *string
	for {
		size := min(maxPage, limit-len(all))
		page, ans, err := decode[struct {
			Items []T
			Next  string
		}](a.ask(fetch(cursor, &size)))
		if err != nil {
			return err
		}
		if err := a.showPage(ans); err != nil {
			return err
		}
		all = append(all, page.Items...)
		more := page.Next != "" && len(page.Items) > 0
		if !more || len(all) >= limit {
			break
		}
		cursor = &page.Next
	}
	if !a.asJSON {
		people(all)
	}
	return nil
}

// given returns a filter, or nil when it was not asked for.
func given[T comparable](v T) *T {
	var none T
	if v == none {
		return nil
	}
	return &v
}
