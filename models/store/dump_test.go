package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// tables are all tables with a firm's rows; TestTables sees to it.
var tables = []string{"absences", "bindings", "catalogs", "client_channels", "clients", "comments", "decisions", "deliveries",
	"delivery_attempts", "delivery_items", "doubts", "duties",
	"engagement_members", "engagements", "events", "firm_events", "firms", "forecasts", "gates", "inbound", "installs", "lanes", "mailboxes",
	"messaging",
	"notices", "people",
	"phases", "preferences", "questions", "requests", "sent_steps", "tasks", "tokens", "workspaces"}

// dump returns every row of a firm, or of all when it is empty.
func dump(t testing.TB, root *Root, firm string) string {
	t.Helper()
	var out []string
	for _, table := range tables {
		q := root.db.Table(table)
		if firm != "" {
			q = q.Where(map[bool]string{true: "id = ?", false: "firm_id = ?"}[table == "firms"], firm)
		}
		var rows []map[string]any
		check(t, q.Find(&rows).Error)
		for _, row := range rows {
			out = append(out, fmt.Sprintf("%s %v", table, row)) // maps are printed in the order of their keys
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// difference returns the lines that are in only one of two dumps.
func difference(a, b string) string {
	var out []string
	before, after := strings.Split(a, "\n"), strings.Split(b, "\n")
	for _, line := range before {
		if !slices.Contains(after, line) {
			out = append(out, "- "+line)
		}
	}
	for _, line := range after {
		if !slices.Contains(before, line) {
			out = append(out, "+ "+line)
		}
	}
	return strings.Join(out, "\n")
}
