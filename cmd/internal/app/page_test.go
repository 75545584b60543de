package app

import (
	"cmp"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"

	"tickmark/models/modelstest"
)

// All parts stand in docs/reliability.md, as they are here.
func TestThePageHasTheParts(t *testing.T) {
	const path = "../../../docs/reliability.md"
	const begins = "<!-- written by go test ./cmd/internal/app -run ThePage -update: begin -->\n"
	const ends = "<!-- written by go test ./cmd/internal/app -run ThePage -update: end -->\n"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(page), begins)
	_, tail, ended := strings.Cut(rest, ends)
	if !ok || !ended {
		t.Fatalf("%s lacks the lines\n%s%s", path, begins, ends)
	}
	want := head + begins + partsInWords(t) + ends + tail
	if *modelstest.Update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if string(page) != want {
		t.Errorf("the parts in %s are not those that run: write them with go test ./cmd/internal/app -run ThePage -update", path)
	}
}

// partsInWords returns the parts of a server and a worker as Markdown.
func partsInWords(t *testing.T) string {
	t.Helper()
	cfg := Config{Database: "sqlite:" + t.TempDir() + "/tickmark.sqlite", Temporal: "127.0.0.1:1", Listen: "127.0.0.1:0", Worker: true,
		Status: "its address", Log: slog.New(slog.DiscardHandler), SMTP: "smtp://127.0.0.1:1?tls=none", MailFrom: "audits@firm.example"}
	a, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	var b strings.Builder
	b.WriteString("\n| part | of | gives a sign of life within | longest pause | a fresh one beside it | while it does not work |\n")
	b.WriteString("| --- | --- | --- | --- | --- | --- |\n")
	for _, of := range []struct {
		process string
		parts   []part
	}{{"both", a.everywhere()}, {"`serve`", a.serving()}, {"`worker`", a.working()}} {
		parts := slices.CompactFunc(of.parts, func(x, y part) bool { return x.kind == y.kind }) // pokes are several
		for _, p := range parts {
			fmt.Fprintf(&b, "| %s | %s | %.0f s | %.0f s | %s | %s |\n", p.kind, of.process, p.limit.Seconds(),
				cmp.Or(p.most, usualPace.most).Seconds(), map[bool]string{true: "yes", false: "no"}[p.beside], p.without)
		}
	}
	b.WriteString("\n")
	return b.String()
}
