package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tickmark/models"
)

// places are where things are, for whoever has just started Tickmark.
type places struct {
	api      string // host and port
	ui       string // of Temporal's web pages, host and port; empty: there are none
	sandbox  string // link that opens the page; empty: there is none
	ownSlack bool   // the sandbox was asked for, and the firm has a Slack of its own
	enter    string // path by which the administrator signs in; empty: there is none
	token    string // path of the file with the administrator's token
	fresh    bool   // the file was written by this start
	cli      string // how the command line is called
	used     bool   // there are engagements already
}

// usualAPI is the address that the command line asks when nobody says another.
const usualAPI = "127.0.0.1:8080"

// greeting says where things are and what to do next: whom nobody has shown anything, how to begin; who has engagements, how to see them.
// Its first line is for programs too: the API's address stands between "listens on " and a semicolon.
func greeting(p places, day time.Duration, now time.Time) string {
	var b strings.Builder
	token := "its administrator's token is in"
	if p.fresh {
		token = "its administrator's token was written to"
	}
	fmt.Fprintf(&b, "Tickmark listens on http://%s; %s %s\n", p.api, token, p.token)
	if p.enter != "" {
		fmt.Fprintf(&b, "Open it in a browser, within ten minutes: http://%s%s\n", reachable(p.api), p.enter)
	}
	if p.sandbox != "" {
		fmt.Fprintf(&b, "Messages arrive in the Slack sandbox; for an hour whoever opens this link acts as anybody: %s\n", p.sandbox)
	}
	if p.ownSlack {
		fmt.Fprintf(&b, "The Slack sandbox is off, since the firm has a Slack workspace of its own: %s slack list shows it\n", p.cli)
	}
	if p.ui != "" {
		fmt.Fprintf(&b, "Workflows: http://%s/namespaces/tickmark/workflows\n", p.ui)
	}
	fmt.Fprintf(&b, "API: http://%s/api/v1/docs\n", p.api)
	if day < 24*time.Hour {
		fmt.Fprintf(&b, "An engagement day lasts %s; today is %s.\n", day, models.DateIn(now, time.UTC))
	}
	next, what := "engagement start -f docs/examples/startup-type1.yaml --kickoff today", "To start an engagement"
	if p.used {
		next, what = "engagement list", "To see how engagements do"
	}
	fmt.Fprintf(&b, "%s, in another terminal:\n", what)
	if p.api != usualAPI {
		fmt.Fprintf(&b, "  export TICKMARK_URL=http://%s\n", reachable(p.api))
	}
	fmt.Fprintf(&b, "  export TICKMARK_TOKEN=$(cat %s)\n", quoted(p.token))
	fmt.Fprintf(&b, "  %s %s\n", p.cli, next)
	return b.String()
}

// reachable returns the address at which somebody on this machine reaches what listens on an address.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// quoted returns a path as a shell takes it for one word.
func quoted(path string) string {
	if path != "" && strings.Trim(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+") == "" {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

// cliBeside returns how to call the command line: by the path of the program beside this one, or by its name where there is none.
func cliBeside(executable func() (string, error)) string {
	self, err := executable()
	if err != nil {
		return "tickmark"
	}
	beside := filepath.Join(filepath.Dir(self), "tickmark")
	if found, err := os.Stat(beside); err != nil || found.IsDir() {
		return "tickmark"
	}
	here, err := os.Getwd()
	if err != nil {
		return quoted(beside)
	}
	short, err := filepath.Rel(here, beside)
	if err != nil || strings.HasPrefix(short, "..") || !strings.ContainsRune(short, filepath.Separator) {
		return quoted(beside)
	}
	return quoted(short)
}
