package app

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// An operator reads in the log that something took 1.25 s, in groups too, and no number of nanoseconds.
func TestDurationsInLogsAreReadable(t *testing.T) {
	var said bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&said, &slog.HandlerOptions{ReplaceAttr: Readable}))
	took := 1250 * time.Millisecond
	log.Info("answered", slog.Duration("took", took), "again", took, slog.Group("of", "it", took), "count", 3)
	for _, want := range []string{`"took":"1.25s"`, `"again":"1.25s"`, `"it":"1.25s"`, `"count":3`} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("%s is missing in %s", want, &said)
		}
	}
}

// Whoever makes a log in JSON makes it readable: no program has one without Readable.
func TestEveryLogInJSONIsReadable(t *testing.T) {
	found := 0
	for _, pattern := range []string{"../../*/*.go", "../../*/*/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(text)) {
				if strings.HasSuffix(file, "_test.go") || !strings.Contains(line, "slog.NewJSONHandler(") {
					continue
				}
				if found++; !strings.Contains(line, "Readable") {
					t.Errorf("%s makes a log without Readable: %s", file, line)
				}
			}
		}
	}
	if found == 0 {
		t.Error("nobody makes a log in JSON")
	}
}
