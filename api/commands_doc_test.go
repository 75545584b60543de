package api

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest/pages"
)

// An endpoint is an operation of the document, with where it is.
type endpoint struct {
	method, path string
	op           *openapi3.Operation
}

// endpoints returns the operations of the document by their names.
func endpoints(t *testing.T) map[engagement.Action]endpoint {
	t.Helper()
	c, err := load()
	if err != nil {
		t.Fatal(err)
	}
	out := map[engagement.Action]endpoint{}
	for path, item := range c.doc.Paths.Map() {
		for method, op := range item.Operations() {
			out[engagement.Action(op.OperationID)] = endpoint{method, path, op}
		}
	}
	return out
}

// requires reports whether the body of an operation has to have a field.
func (e endpoint) requires(field string) bool {
	if e.op.RequestBody == nil {
		return false
	}
	body := e.op.RequestBody.Value
	return body.Required && slices.Contains(body.Content.Get("application/json").Schema.Value.Required, field)
}

// takes reports whether the body of an operation may have a field.
func (e endpoint) takes(field string) bool {
	if e.op.RequestBody == nil {
		return false
	}
	return e.op.RequestBody.Value.Content.Get("application/json").Schema.Value.Properties[field] != nil
}

// names returns what the path of an operation names besides the engagement: task, gate, decision, or what else there is.
func (e endpoint) names() []string {
	var out []string
	for part := range strings.SplitSeq(e.path, "/") {
		if strings.HasPrefix(part, "{") && part != "{engagement}" {
			out = append(out, strings.Trim(part, "{}"))
		}
	}
	return out
}

// Every command is one operation of the document, which names what the command is about, and asks for a reason where the command
// has to have one.
func TestEveryCommandIsAnOperation(t *testing.T) {
	doc := endpoints(t)
	for _, c := range engagement.Commands() {
		e, ok := doc[c.Action]
		if !ok {
			t.Errorf("%s: the document has no operation %s", c.Kind, c.Action)
			continue
		}
		var want []string
		if c.On != "engagement" {
			want = []string{c.On}
		}
		if !strings.HasPrefix(e.path, "/engagements/{engagement}") || !slices.Equal(e.names(), want) {
			t.Errorf("%s is about %s, but %s is at %s", c.Kind, c.On, c.Action, e.path)
		}
		checkReason(t, c, e)
		if c.Plural != "" {
			many, ok := doc[c.Plural]
			if !ok || len(many.names()) != 0 || !many.requires(c.On+"s") && !(many.takes(c.On+"s") && many.takes("phase")) { // or all of a phase
				t.Errorf("%s: %s should have no %s in its path and need %ss in its body; it is at %s", c.Kind, c.Plural, c.On, c.On, many.path)
				continue
			}
			checkReason(t, c, many)
		}
	}
}

// checkReason compares what a command says of its reason with what the document asks for. The reason of a comment, a
// question or an answer is its text.
func checkReason(t *testing.T, c engagement.CommandInfo, e endpoint) {
	t.Helper()
	field := "reason"
	if c.Kind == engagement.CommentTask || c.Kind == engagement.AskTask || c.Kind == engagement.AnswerQuestion {
		field = "text"
	}
	if got := e.requires(field); got != c.Reason {
		t.Errorf("%s: it has to have a reason: %v; the body of %s has to have %s: %v", c.Kind, c.Reason, e.op.OperationID, field, got)
	}
}

// Whatever the document does to an engagement by a command's path and method is in the table of commands: an operation that changes
// an engagement and is no command would pass the one lock by.
func TestOnlyCommandsChangeEngagements(t *testing.T) {
	commands := map[engagement.Action]bool{}
	for _, c := range engagement.Commands() {
		commands[c.Action], commands[c.Plural] = true, true
	}
	for action, e := range endpoints(t) {
		if e.method != "GET" && strings.HasPrefix(e.path, "/engagements/{engagement}") && !commands[action] {
			t.Errorf("%s %s (%s) is no command", e.method, e.path, action)
		}
	}
}

const writeTheDoc = "go test ./api -run TheDocumentation"

// docs/api.md has all commands, and who may do every other operation.
func TestTheDocumentationHasTheTables(t *testing.T) {
	doc := endpoints(t)
	isCommand := map[engagement.Action]bool{}
	var b strings.Builder
	b.WriteString(pages.Head("command", "operation", "who may", "reason", "recorded as", "button"))
	for _, c := range engagement.Commands() {
		operation := fmt.Sprintf("`%s`", c.Action)
		if c.Plural != "" {
			operation += fmt.Sprintf(", for several `%s`", c.Plural)
		}
		reason := ""
		if c.Reason {
			reason = "yes"
		}
		isCommand[c.Action], isCommand[c.Plural] = true, true
		b.WriteString(pages.Row("`"+string(c.Kind)+"`", operation, whoMay(c.Action), reason, "`"+c.Event+"`", c.Button))
	}
	pages.Part(t, "../docs/api.md", "commands", writeTheDoc, b.String())

	b.Reset()
	b.WriteString(pages.Head("operation", "request", "who may"))
	var rest []endpoint
	for action, e := range doc {
		if !isCommand[action] {
			rest = append(rest, e)
		}
	}
	slices.SortFunc(rest, func(a, b endpoint) int { return strings.Compare(a.path+" "+a.method, b.path+" "+b.method) })
	for _, e := range rest {
		b.WriteString(pages.Row("`"+e.op.OperationID+"`", "`"+e.method+" "+e.path+"`", whoMay(engagement.Action(e.op.OperationID))))
	}
	pages.Part(t, "../docs/api.md", "operations", writeTheDoc, b.String())
}

// whoMay returns how far the roles may do an action, as in: firm partner; team pm, consultant.
func whoMay(action engagement.Action) string {
	var out []string
	for _, reach := range []engagement.Reach{engagement.ReachFirm, engagement.ReachTeam, engagement.ReachClient, engagement.ReachOwn} {
		var roles []string
		for _, role := range models.Roles {
			if engagement.Grants[action][role] == reach {
				roles = append(roles, string(role))
			}
		}
		if len(roles) > 0 {
			out = append(out, fmt.Sprintf("`%s` %s", reach, strings.Join(roles, ", ")))
		}
	}
	return strings.Join(out, "; ")
}
