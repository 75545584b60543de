package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"tickmark/cmd/internal/app"
	"tickmark/cmd/tickmark-solo/embedded"
	"tickmark/models"
)

// A setting is what the processes of a world that is no solo are told.
type setting struct {
	Dir      string
	Temporal int    // port
	Identity string // of the Temporal server and whoever calls it
	Listen   string
	Database string
	Secret   string
	Clock    models.Clock
}

// runPart is one process of a world: a Temporal server, what tickmark serve is, or what tickmark worker is, on a fast clock.
func runPart(ctx context.Context, part, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var s setting
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	part, _, _ = strings.Cut(part, "-") // which of several it is does not matter to it
	if part == "temporal" {
		server, err := embedded.Start(ctx,
			embedded.Options{Dir: filepath.Join(s.Dir, "temporal"), FrontendPort: s.Temporal, UIPort: -1, Identity: s.Identity,
				Log: log})
		if err != nil {
			return err
		}
		<-ctx.Done()
		server.Stop()
		return nil
	}
	certified, err := embedded.TLS(s.Identity)
	if err != nil {
		return err
	}
	cfg := app.Config{Database: s.Database, Temporal: fmt.Sprintf("127.0.0.1:%d", s.Temporal), TemporalTLS: certified, Clock: s.Clock,
		Rate: 500, Log: log, SecretKeys: s.Secret, Migrate: true}
	cfg.MessagingFrom(os.Getenv)
	switch part {
	case "serve":
		cfg.Listen = s.Listen
	case "worker":
		cfg.Worker = true
	default:
		return fmt.Errorf("there is no part %q", part)
	}
	a, err := app.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer a.Close()
	if part == "serve" {
		if _, _, err := a.FirstStart(ctx, s.Dir, app.NewBeginning("My firm")); err != nil {
			return err
		}
	}
	return a.Run(ctx)
}

// A cluster is a PostgreSQL server of our own, which may be killed.
type cluster struct {
	programs string
	data     string
	port     int
	as       *syscall.Credential // nil: as ourselves
}

// newCluster makes an empty one.
func newCluster(dir string, port int) (*cluster, error) {
	programs, err := exec.Command("models/store/storetest/postgres.sh", "find").Output()
	if err != nil {
		return nil, errors.New("no PostgreSQL server was found: run this from the top of the repository, as make chaos does")
	}
	c := &cluster{programs: strings.TrimSpace(string(programs)), data: filepath.Join(dir, "postgres"), port: port}
	if err := os.Mkdir(c.data, 0o700); err != nil {
		return nil, err
	}
	if os.Getuid() == 0 { // it refuses to run as root
		u, err := user.Lookup("postgres")
		if err != nil {
			return nil, err
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		c.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(c.data, uid, gid); err != nil {
			return nil, err
		}
	}
	init := c.command("initdb", "-D", c.data, "-U", "tickmark", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
	if out, err := init.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return c, nil
}

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.programs, name), args...)
	cmd.Dir, cmd.SysProcAttr = c.data, &syscall.SysProcAttr{Credential: c.as}
	return cmd
}

// server returns the command that is the server. It ends when it is asked to, without waiting for those who are connected.
func (c *cluster) server() *exec.Cmd {
	return c.command("postgres", "-D", c.data, "-p", strconv.Itoa(c.port), "-c", "listen_addresses=127.0.0.1", "-c",
		"unix_socket_directories=", "-c", "max_connections=200")
}

func (c *cluster) address() string {
	return fmt.Sprintf("postgres://tickmark@127.0.0.1:%d/postgres?sslmode=disable", c.port)
}
