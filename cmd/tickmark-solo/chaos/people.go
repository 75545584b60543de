package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/models/engagement"
)

// A caller speaks to the API as the administrator, and says the same again with the same key until it is answered.
type caller struct {
	url, token string
	urls       []string // of all who serve, asked by turns; none: there is one
	turns      atomic.Int64
}

// base returns where the next request goes.
func (c *caller) base() string {
	if len(c.urls) == 0 {
		return c.url
	}
	return c.urls[int(c.turns.Add(1))%len(c.urls)]
}

// do sends a write until it is acknowledged, for at most a minute.
func (c *caller) do(ctx context.Context, method, path, key string, body, out any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	whole := ctx
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	last := "nobody answered"
	for {
		status, said, err := c.once(ctx, method, path, key, text)
		switch {
		case err != nil: // said again
		case status/100 == 2:
			return readInto(out, said)
		case refuses(status):
			return fmt.Errorf("%s %s: %d %s", method, path, status, said)
		default:
			last = fmt.Sprintf("%d %s", status, said)
		}
		select {
		case <-ctx.Done():
			if err := whole.Err(); err != nil { // nobody waits for an answer any more
				return err
			}
			return fmt.Errorf("%s %s is not answered: %s", method, path, last)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// readInto reads an answer into out, unless that is nil.
func readInto(out any, said []byte) error {
	if out == nil {
		return nil
	}
	return json.Unmarshal(said, out)
}

func (c *caller) once(ctx context.Context, method, path, key string, body []byte) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.base()+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	said, err := io.ReadAll(res.Body)
	return res.StatusCode, said, err
}

// ready waits until the whole installation answers.
func (c *caller) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base()+"/readyz", nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("it is not ready after two minutes")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// A person works at a client and is asked something every day.
type person struct {
	id, client string
	mail       bool // no Slack reaches them
}

func (p person) user() string       { return "U" + strings.ToUpper(p.id) }
func (p person) email() string      { return p.id + "@" + p.client + ".example" }
func (p person) engagement() string { return p.client + "-2027" }

// cast are the people whose messages are counted.
var cast = []person{{"nina", "north", false}, {"noah", "north", false}, {"nell", "north", false}, {"nick", "north", false},
	{"nora", "north", false},
	{"mara", "north", true}, {"milo", "north", true}, {"sara", "south", false}, {"seth", "south", false}, {"suki", "south", false}}

// object is a body.
type object = map[string]any

// staff founds the clients, their people and their engagements, and connects Slack.
func (w *world) staff(ctx context.Context) error {
	n := 0
	var failed error
	do := func(method, path string, body object) {
		if n++; failed == nil {
			failed = w.api.do(ctx, method, path, fmt.Sprintf("staff-%d", n), body, nil)
		}
	}
	hire := func(id, role, client, email string) {
		body := object{"id": id, "name": strings.ToUpper(id[:1]) + id[1:], "role": role, "time_zone": zone, "email": email}
		if client != "" {
			body["client"] = client
		}
		do("POST", "/people", body)
	}
	do("PATCH", "/messaging", object{"clients_at": fmt.Sprintf("%02d:00", digestHour), "team_at": fmt.Sprintf("%02d:00", digestHour),
		"quiet_from": fmt.Sprintf("%02d:00", quietHour), "quiet_to": fmt.Sprintf("%02d:00", digestHour), "weekly_budget": 100,
		"bundle_minutes": 1})
	hire("paula", "partner", "", "paula@firm.example")
	hire("mia", "pm", "", "mia@firm.example")
	hire("carl", "consultant", "", "carl@firm.example")
	for _, client := range []string{"north", "south"} {
		w.found(client, do, hire)
	}
	if failed != nil {
		return failed
	}
	return w.confirm(ctx)
}

// found founds a client with its people, its Slack and its engagement.
func (w *world) found(client string, do func(method, path string, body object), hire func(id, role, client, email string)) {
	do("POST", "/clients", object{"id": client, "name": client, "headcount": 12, "country": "none", "time_zone": zone,
		"weekend": []string{"sunday"}})
	hire("boss-"+client, "sponsor", client, "boss@"+client+".example")
	for _, p := range cast {
		if p.client == client {
			hire(p.id, "owner", client, p.email())
		}
	}
	for _, function := range []string{"sponsor", "eng_lead", "security_lead", "hr_lead"} {
		do("PUT", "/clients/"+client+"/functions/"+function, object{"person": "boss-" + client})
	}
	ws, _ := w.slack.Workspace(team(client))
	do("POST", "/slack/workspaces",
		object{"id": client, "client": client, "name": client, "token": ws.Token, "signing_secret": ws.SigningSecret})
	for _, p := range cast {
		if p.client == client && !p.mail {
			do("PUT", "/people/"+p.id+"/slack/"+client, object{"user": p.user()})
		}
	}
	do("POST", "/engagements", object{"id": client + "-2027", "name": client + " 2027", "client": client, "type": "soc2_type1",
		"categories": []string{"security"},
		"kickoff":    w.first.AddDays(14).Monday().String(), "partner": "paula", "manager": "mia", "consultants": []string{"carl"}})
	do("POST", "/engagements/"+client+"-2027/start", object{})
}

// confirm lets everybody say in Slack that it is them.
func (w *world) confirm(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for _, client := range []string{"north", "south"} {
		at := w.api.url + "/slack/firm/" + client + "/"
		if err := w.slack.SetRequestURLs(team(client),
			slackfake.RequestURLs{Events: at + "events", Interactivity: at + "actions", Commands: at + "commands"}); err != nil {
			return err
		}
	}
	for _, p := range cast {
		for said := p.mail; !said; {
			for _, m := range w.slack.MessagesTo(team(p.client), p.user()) {
				a, err := w.slack.Click(slackfake.Press{Team: m.Team, User: p.user(), Channel: m.Channel, TS: m.TS,
					Action: string(engagement.ActConfirm)})
				if err == nil && a.OK() {
					said = true
				}
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("%s is not asked in Slack who they are", p.id)
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	return nil
}

func team(client string) string { return "T" + strings.ToUpper(client) }
