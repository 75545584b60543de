package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"tickmark/models"
	"tickmark/models/engagement"
)

// A cast is the people of an engagement file, each with a token of their own, and what was acknowledged to them.
type cast struct {
	*solo
	id     string            // of the engagement
	admin  string            // the administrator's token
	tokens map[string]string // by person
	roles  map[string]string
	keys   [][2]string // person and key of every command that was answered with success
	sent   int
}

// stage creates what the file names, and starts its engagement a week from now in engagement time.
func stage(t testing.TB, s *solo, path string) *cast {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Client     map[string]any
		People     []map[string]any
		Functions  map[string]map[string]any
		Engagement map[string]any
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	c := &cast{solo: s, admin: s.token(), tokens: map[string]string{}, roles: map[string]string{}}
	client := fmt.Sprint(file.Client["id"])
	delete(file.Client, "closed_days") // their years need not be ours
	s.must(c.admin, "POST", "/clients", "client", file.Client, nil)
	for _, p := range file.People {
		id, role := fmt.Sprint(p["id"]), fmt.Sprint(p["role"])
		if role == "sponsor" || role == "owner" {
			p["client"] = client
		}
		s.must(c.admin, "POST", "/people", "person-"+id, p, nil)
		var token struct{ Secret string }
		s.must(c.admin, "POST", "/people/"+id+"/tokens", "token-"+id, map[string]any{"name": "test"}, &token)
		c.tokens[id], c.roles[id] = token.Secret, role
	}
	for function, duty := range file.Functions {
		s.must(c.admin, "PUT", "/clients/"+client+"/functions/"+function, "function-"+function, duty, nil)
	}
	file.Engagement["client"] = client
	delete(file.Engagement, "window_open")
	file.Engagement["kickoff"] = s.today().AddDays(10).String()
	c.id = fmt.Sprint(file.Engagement["id"])
	s.must(c.admin, "POST", "/engagements", "draft", file.Engagement, nil)
	s.must(c.admin, "POST", "/engagements/"+c.id+"/start", "start", map[string]any{}, nil)
	return c
}

type task struct {
	ID       models.TaskID
	Template string
	State    engagement.TaskState
	Owner    string
	Approver string
	Due      models.Date
	// PerformBy is until when a control that recurs is performed; who reports it as done says on which day it was.
	PerformBy models.Date `json:"perform_by"`
	DoneBy    string      `json:"done_by"`
}

// tasks returns all tasks in a state.
func (c *cast) tasks(state engagement.TaskState) []task {
	c.t.Helper()
	var all []task
	for cursor := ""; ; {
		var page struct {
			Items []task
			Next  string
		}
		c.must(c.admin, "GET", fmt.Sprintf("/engagements/%s/tasks?limit=200&state=%s%s", c.id, state, after(cursor)), "", nil, &page)
		if all, cursor = append(all, page.Items...), page.Next; cursor == "" {
			return all
		}
	}
}

// do sends a command as a person, and notes its key when it was acknowledged.
func (c *cast) do(person, path string, body any) answer {
	c.sent++
	key := fmt.Sprintf("cmd-%d", c.sent)
	a, err := c.call(c.tokens[person], "POST", "/engagements/"+c.id+path, key, body, nil)
	if err == nil && a.ok() {
		c.keys = append(c.keys, [2]string{person, key})
	}
	return a
}

// complete has people report what they did as done.
func (c *cast) complete(all map[string][]models.TaskID, how map[string]any) {
	c.t.Helper()
	for _, who := range slices.Sorted(maps.Keys(all)) {
		for ids := range slices.Chunk(all[who], 25) {
			done := map[string]any{"tasks": ids}
			maps.Copy(done, how)
			if a := c.do(who, "/tasks/complete", done); !a.ok() && a.status != 409 {
				c.t.Fatalf("%s completes %v: %d %s", who, ids, a.status, a.body)
			}
		}
	}
}

// day lets everybody do what is open, accept what was submitted, and sign what only waits for them. It returns how many
// commands were carried out.
func (c *cast) day(today models.Date) int {
	c.t.Helper()
	before := len(c.keys)
	todo, performed := map[string][]models.TaskID{}, map[string][]models.TaskID{}
	for _, t := range c.tasks(engagement.TaskOpen) {
		if t.Due.After(today.AddDays(5)) {
			continue
		}
		who := t.Owner
		switch t.Template {
		case "RE-14", "T1-07", "WI-02", "WC-03", "T2-05":
			who = "priya"
		}
		if !t.PerformBy.IsZero() && !t.PerformBy.After(today) { // its period has ended, or ends before the server is asked
			performed[who] = append(performed[who], t.ID)
		} else {
			todo[who] = append(todo[who], t.ID)
		}
	}
	c.complete(todo, nil)
	c.complete(performed, map[string]any{"on": today.AddDays(-1)}) // the server may not have come to today yet
	for _, t := range c.tasks(engagement.TaskSubmitted) {
		if a := c.do(t.Approver, "/tasks/"+string(t.ID)+"/accept", map[string]any{}); !a.ok() && a.status != 409 {
			c.t.Fatalf("%s accepts %s: %d %s", t.Approver, t.ID, a.status, a.body)
		}
	}
	var status struct {
		Reasons []struct{ Code string }
		Gates   []struct {
			ID       string
			Ready    bool
			Approver string
			Who      []string
		}
	}
	c.must(c.admin, "GET", "/engagements/"+c.id+"/status", "", nil, &status)
	for _, g := range status.Gates {
		if g.Ready && g.Approver != "system" {
			if a := c.do(g.Who[0], "/gates/"+g.ID+"/sign", map[string]any{}); !a.ok() && a.status != 409 {
				c.t.Fatalf("%s signs %s: %d %s", g.Who[0], g.ID, a.status, a.body)
			}
		}
	}
	for _, r := range status.Reasons {
		if r.Code == "window_missed" { // a slow machine on a fast clock: the window's first day has to move
			c.do("ruth", "/window", map[string]any{"window_open": today.AddDays(30).String(), "reason": "setup took longer"})
			c.approve()
		}
	}
	return len(c.keys) - before
}

// approve lets sponsor, partner and auditor agree to every pending decision.
func (c *cast) approve() {
	c.t.Helper()
	var page struct{ Items []struct{ ID, State string } }
	c.must(c.admin, "GET", "/engagements/"+c.id+"/decisions", "", nil, &page)
	for _, d := range page.Items {
		if d.State == "pending" {
			for _, who := range []string{"ruth", "marta", "hugo"} {
				c.do(who, "/decisions/"+d.ID+"/approve", map[string]any{})
			}
		}
	}
}

type state struct {
	Status string
	Phases []string
	now    models.Date
}

// after returns the query that asks for the page after a cursor.
func after(cursor string) string {
	if cursor == "" {
		return ""
	}
	return "&cursor=" + url.QueryEscape(cursor)
}

// today returns the date in engagement time.
func (s *solo) today() models.Date {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "clock.json"))
	if err != nil {
		s.t.Fatal(err)
	}
	var clock models.Clock
	if err := json.Unmarshal(text, &clock); err != nil {
		s.t.Fatal(err)
	}
	return models.DateIn(clock.At(time.Now()), time.UTC)
}

// look returns where the engagement stands, and the date.
func (c *cast) look() state {
	c.t.Helper()
	var e struct {
		Status string
		Phases []string `json:"active_phases"`
	}
	c.must(c.admin, "GET", "/engagements/"+c.id, "", nil, &e)
	return state{e.Status, e.Phases, c.today()}
}

type event struct {
	Seq     int64
	Kind    string
	Subject string
	Field   string
	To      string
}

// events returns the whole timeline, oldest first.
func (c *cast) events() []event {
	c.t.Helper()
	var all []event
	for cursor := ""; ; {
		var page struct {
			Items []event
			Next  string
		}
		c.must(c.admin, "GET", fmt.Sprintf("/engagements/%s/timeline?limit=200&order=asc%s", c.id, after(cursor)), "", nil, &page)
		if all, cursor = append(all, page.Items...), page.Next; cursor == "" {
			return all
		}
	}
}
