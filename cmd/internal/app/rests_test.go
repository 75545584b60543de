package app

import (
	"go/ast"
	"maps"
	"slices"
	"testing"
)

// rests are the places outside tests that give signs of life (safely.Rest, safely.Beat), by file and function, with
// the piece of the part's own work that comes before each: when that hangs there are no more.
var rests = map[string]string{
	"activities/desk/desk.go (*Desk).Run":                     "what came in was carried out",
	"activities/desk/socket.go (*Desk).Sockets":               "the workspaces were looked for; connections are parts",
	"cmd/internal/app/app.go (*App).keep":                     "the database said which engagements are due, and they were woken",
	"cmd/internal/app/links.go (*App).links":                  "somebody was sent a link, or nobody asked for one for a beat",
	"cmd/internal/app/parts.go (*App).sign":                   "the sign of the process's own life was written down",
	"cmd/internal/app/parts.go (*App).watchSecrets":           "the database said which secrets there are",
	"cmd/internal/app/parts.go (*App).watchTemporal":          "Temporal answered, or did not within four seconds, and that was noted",
	"cmd/internal/app/sweeps.go (*App).sweeping":              "the database said when the last sweep was, and one was begun",
	"cmd/internal/app/sweeps.go (*App).dropSchedule":          "Temporal said that there is no such schedule",
	"cmd/tickmark-solo/sandbox/sandbox.go (*Sandbox).Welcome": "everybody who is new has an account",
	"cmd/internal/app/probe.go (*App).seenToAnswer":           "the port answered",
	"cmd/internal/app/polls.go (*App).seenToPoll":             "Temporal answered about all work that is asked for",
	"activities/slack/modal.go (*Slack).follow":               "Slack was asked for the form, which is not there yet",
	"activities/slack/socket.go (*Slack).Listen":              "Slack has greeted, and its connection has not ended",
	"cmd/internal/app/app.go (*App).poke":                     "nobody was to be poked for a second, or somebody was",
	"cmd/internal/app/app.go (*App).heal":                     "an engagement was woken",
	"cmd/internal/app/supervise.go (*supervisor).attempt":     "a part begins",
	"activities/safely/safely.go Rest":                        "is how others rest",
}

// Law: a part gives signs of life by its work. Whoever rests has done a piece of it, or has seen that what it has begun works; who begins
// something that works by itself does not rest meanwhile.
func TestWhoRestsHasWorked(t *testing.T) {
	found := map[string]bool{}
	throughTheProduct(t, func(path string, decl ast.Decl) {
		ast.Inspect(decl, func(n ast.Node) bool {
			if givesSigns(n) {
				found[path+" "+nameOf(decl)] = true
			}
			return true
		})
	})
	for _, place := range slices.Sorted(maps.Keys(found)) {
		if rests[place] == "" {
			t.Errorf("%s gives signs of life: which work has it done before each of them?", place)
		}
	}
	for _, place := range slices.Sorted(maps.Keys(rests)) {
		if !found[place] {
			t.Errorf("%s gives no sign of life any more: it need not be listed", place)
		}
	}
}

// givesSigns reports whether a node is a call of safely.Rest or safely.Beat.
func givesSigns(n ast.Node) bool {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return false
	}
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		of, _ := f.X.(*ast.Ident)
		return of != nil && of.Name == "safely" && (f.Sel.Name == "Rest" || f.Sel.Name == "Beat")
	case *ast.Ident: // at home
		return f.Name == "Rest" || f.Name == "Beat"
	}
	return false
}
