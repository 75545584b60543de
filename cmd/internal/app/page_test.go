package app

import (
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"tickmark/models/modelstest/pages"
)

// All parts stand in docs/reliability.md, as they are here.
func TestThePageHasTheParts(t *testing.T) {
	pages.Part(t, "../../../docs/reliability.md", "parts", "go test ./cmd/internal/app -run ThePage", partsInWords(t))
}

// partsInWords returns the parts of a server and a worker as Markdown.
func partsInWords(t *testing.T) string {
	t.Helper()
	cfg := Config{Database: "sqlite:" + t.TempDir() + "/tickmark.sqlite", Temporal: "127.0.0.1:1", Listen: "127.0.0.1:0", Worker: true,
		Status: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler), SMTP: "smtp://127.0.0.1:1?tls=none", MailFrom: "audits@firm.example"}
	a, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	var b strings.Builder
	b.WriteString("| part | of | gives a sign of life within | longest pause | a fresh one beside it | while it does not work |\n")
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
	return b.String()
}
