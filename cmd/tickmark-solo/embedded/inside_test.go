package embedded

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/log/tag"

	"tickmark/models/modelstest/waysin"
)

// MakeForeign makes a database that has tables, and not ours.
func MakeForeign(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE namespaces (id INTEGER)"); err != nil {
		t.Fatal(err)
	}
}

func TestTheTablesAreMadeOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "temporal.sqlite")
	for range 2 {
		if _, err := openDatabase(path); err != nil {
			t.Fatal(err)
		}
	}
	sum, err := schemaSum()
	if err != nil || sum == 0 {
		t.Fatalf("sum %d, error %v", sum, err)
	}
}

func TestTheLogIsOfFaultsOnly(t *testing.T) {
	var said strings.Builder
	l := newLogger(slog.New(slog.NewTextHandler(&said, nil)))
	l.Info("I am well", tag.NewStringTag("shard", "1"))
	l.Warn("HTTP API port has not been set. Nexus HTTP endpoints will not be available.")
	log.With(l, tag.NewStringTag("service", "frontend")).Error("poll", tag.Error(context.Canceled))
	log.With(l, tag.NewStringTag("service", "history")).Error("read", tag.Error(serviceerror.NewUnavailable("shard status unknown")))
	if said.Len() > 0 {
		t.Fatalf("said %s", &said)
	}
	log.With(l, tag.NewStringTag("service", "history")).Error("write", tag.Error(errors.New("disk full")))
	if !strings.Contains(said.String(), `level=ERROR msg=write component=temporal service=history error="disk full"`) {
		t.Fatalf("said %s", &said)
	}
	defer func() {
		if err, ok := recover().(error); !ok || err.Error() != "no port error=taken" {
			t.Errorf("Fatal went on with %v", err)
		}
	}()
	l.Fatal("no port", tag.Error(errors.New("taken")))
}

// The disk is full for a day, and the server says so in ten ways every second: the log has it once, then with pauses that grow to an hour,
// and how often it was left out. What else goes wrong meanwhile is told, and so is the disk that is full again a day later.
func TestAFullDiskDoesNotFillTheLog(t *testing.T) {
	var said strings.Builder
	l := newLogger(slog.New(slog.NewTextHandler(&said, nil)))
	now := time.Date(2026, 11, 30, 15, 0, 0, 0, time.UTC)
	l.again.now = func() time.Time { return now }
	shard := log.With(l, tag.NewStringTag("shard", "1"))
	for range 24 * 60 * 60 {
		for op := range 10 {
			shard.Error("cannot do "+string(rune('a'+op)), tag.Error(errors.New("commit: database or disk is full (13)")))
		}
		now = now.Add(time.Second)
	}
	// After 0, 1, 3, 7, 15, 31, 63 and 123 minutes, and each hour from then on.
	if n := strings.Count(said.String(), "disk is full"); n != 29 {
		t.Errorf("%d lines:\n%s", n, &said)
	}
	if !strings.Contains(said.String(), "since_last_line=599\n") {
		t.Errorf("it is not said how many were left out:\n%s", &said)
	}
	said.Reset()
	l.Warn("cannot read")
	l.Warn("cannot read", tag.Error(errors.New("no such shard")), tag.NewStringTag("error-type", "lost"))
	l.Warn("cannot read")
	if n := strings.Count(said.String(), "\n"); n != 2 {
		t.Errorf("%d lines of something else, not one for each kind:\n%s", n, &said)
	}
	said.Reset()
	now = now.Add(24 * time.Hour)
	shard.Error("cannot do a", tag.Error(errors.New("commit: database or disk is full (13)")))
	if n := strings.Count(said.String(), "\n"); n != 1 || strings.Contains(said.String(), "since_last_line") {
		t.Errorf("a day later:\n%s", &said)
	}
}

// The routes of Temporal's pages are those that docs/security.md lists, for they ask nobody who they are.
func TestTheRoutesOfTheWebUIAreListed(t *testing.T) {
	pages, err := uiPages(&uiconfig.Config{TemporalGRPCAddress: "127.0.0.1:1", EnableUI: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var served, listed []string
	for _, r := range pages.Routes() {
		if r.Method != echo.RouteNotFound {
			served = append(served, r.Path)
		}
	}
	for _, row := range waysin.Table(t, "../../../docs/security.md", "### Routes of Temporal's pages") {
		listed = append(listed, strings.Trim(row[0], "`"))
	}
	slices.Sort(served)
	slices.Sort(listed)
	if served = slices.Compact(served); !slices.Equal(served, listed) {
		t.Errorf("served are\n%s\nand listed are\n%s", strings.Join(served, "\n"), strings.Join(listed, "\n"))
	}
}
