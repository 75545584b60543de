package app

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tickmark/models/store"
)

// A name that is misspelt changes nothing, and is named with the one that was meant; names of others are nobody's business here.
func TestMisspeltNamesAreNamed(t *testing.T) {
	var log bytes.Buffer
	_, err := FromEnvironment([]string{"TICKMARK_DATABASE=sqlite:x", "TICKMARK_LISTN=127.0.0.1:1", "TICKMARK_PUBLIC_URI=x", "HOME=/x",
		"TEMPORAL_ADDRESS=a:1", "TEMPORAL_TSL=true", "TEMPORAL_GRPC_META_TEAM=audits",
		"TICKMARK_MAIL_FROM=audit@acme.example"}, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	for name, meant := range map[string]string{"TICKMARK_LISTN": "TICKMARK_LISTEN", "TICKMARK_PUBLIC_URI": "TICKMARK_PUBLIC_URL"} {
		if !strings.Contains(log.String(), name+" is no setting of Tickmark and changes nothing\" meant="+meant) {
			t.Errorf("%s is not named: %s", name, &log)
		}
	}
	if !strings.Contains(log.String(), "TEMPORAL_TSL is no setting that programs of Temporal read, and changes nothing\" meant=TEMPORAL_TLS") {
		t.Errorf("TEMPORAL_TSL is not named: %s", &log)
	}
	if !strings.Contains(log.String(), "no mail is sent") {
		t.Errorf("that there is no mail server is not told: %s", &log)
	}
	if n := strings.Count(log.String(), "\n"); n != 4 {
		t.Errorf("%d lines: %s", n, &log)
	}
}

// An operator who leaves open to others the way to the database on another machine reads it in the log, without the password.
func TestAnOpenWayToTheDatabaseIsSaid(t *testing.T) {
	for address, want := range map[string]bool{"postgres://tickmark_app:s3cret@db.firm.invalid/tickmark": true,
		"postgres://tickmark_app:s3cret@db.firm.invalid/tickmark?sslmode=verify-full": false} {
		root, err := store.Open(address)
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		a := &App{Root: root, cfg: Config{Database: address, Log: slog.New(slog.NewTextHandler(&log, nil))}}
		ctx, stop := context.WithCancel(t.Context())
		stop() // whether the database answers is nobody's question here
		_ = a.Check(ctx)
		if strings.Contains(log.String(), "sslmode=verify-full") != want || strings.Contains(log.String(), "s3cret") {
			t.Errorf("%s: the log says %s", address, &log)
		}
		if err := root.Close(); err != nil {
			t.Error(err)
		}
	}
}

// An operator who starts a process before the migration reads in the log what to run.
func TestAnOldDatabaseIsSaid(t *testing.T) {
	address := "sqlite:" + filepath.Join(t.TempDir(), "tickmark.sqlite")
	root, err := store.Open(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	var log bytes.Buffer
	a := &App{Root: root, cfg: Config{Database: address, Log: slog.New(slog.NewTextHandler(&log, nil))}}
	if err := a.Check(t.Context()); err != nil || !strings.Contains(log.String(), "until tickmark migrate has been run") {
		t.Errorf("before: %v, the log says %s", err, &log)
	}
	log.Reset()
	if err := root.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.Check(t.Context()); err != nil || strings.Contains(log.String(), "tickmark migrate") {
		t.Errorf("after: %v, the log says %s", err, &log)
	}
}

// An operator looks for a slow request: with debug the log has a line for each of them. A level that is none is refused, with those there
// are.
func TestTheLevelOfTheLog(t *testing.T) {
	for level, want := range map[string]slog.Level{"": slog.LevelInfo, "debug": slog.LevelDebug, "warn": slog.LevelWarn,
		"error": slog.LevelError} {
		cfg, err := FromEnvironment([]string{"TICKMARK_DATABASE=sqlite:x", "TICKMARK_LOG_LEVEL=" + level}, slog.New(slog.DiscardHandler))
		if err != nil || cfg.LogLevel != want {
			t.Errorf("%q is %s, %v", level, cfg.LogLevel, err)
		}
	}
	_, err := FromEnvironment([]string{"TICKMARK_DATABASE=sqlite:x", "TICKMARK_LOG_LEVEL=chatty"}, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "must be debug, info, warn or error") {
		t.Errorf("chatty: %v", err)
	}
}

// mentioned finds the names of our variables.
var mentioned = regexp.MustCompile(`\bTICKMARK_([A-Z_]*[A-Z])\b`)

// Every variable of ours that the program or a document names is a setting, and every setting of production stands in the example.
func TestEveryVariableIsKnown(t *testing.T) {
	const top = "../../.."
	var files []string
	for _, pattern := range []string{"docs/*.md", "README.md", "deploy/*", "deploy/*/*", "cmd/tickmark/*.go", "cmd/internal/*/*.go",
		"cmd/tickmark-solo/*.go", "models/store/*.go", "activities/*/*.go"} {
		found, err := filepath.Glob(filepath.Join(top, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(found), err)
		}
		files = append(files, found...)
	}
	named := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			continue // a folder
		}
		for _, m := range mentioned.FindAllStringSubmatch(string(text), -1) {
			named[m[1]] = true
			if !slices.Contains(settings, m[1]) {
				t.Errorf("%s names TICKMARK_%s, which is no setting", file, m[1])
			}
		}
	}
	example, err := os.ReadFile(filepath.Join(top, "deploy/tickmark.env.example"))
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range settings {
		if !named[name] && name != "TEST_POSTGRES" {
			t.Errorf("TICKMARK_%s is a setting that nobody names", name)
		}
		if i < slices.Index(settings, "TOKEN") && !strings.Contains(string(example), "TICKMARK_"+name+"=") {
			t.Errorf("TICKMARK_%s is missing in deploy/tickmark.env.example", name)
		}
	}
}
