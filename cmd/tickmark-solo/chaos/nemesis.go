package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	mailfake "tickmark/activities/fake/mail"
	slackfake "tickmark/activities/fake/slack"
	"tickmark/models"
)

// points are the steps of a delivery at which a process may die.
var points = []string{"before_gate", "after_gate", "after_send", "before_settle", "after_settle"}

// A morning is what goes wrong on a day.
type morning struct {
	date    models.Date
	points  []string      // what happens at which step: one process's life after another's
	stopped time.Duration // how long who is stopped stays so
	rest    time.Duration // before who died is started again
	kills   []kill
	slack   *slackfake.Profile
	mail    float64 // how much of what the mail server does goes wrong
	lag     time.Duration
	pages   int
	blind   bool // the app may not read Slack's history
	last    bool // nobody asks for anything any more

	troubles []misfortune // of production
}

// A kill ends a process at an hour, as by kill -9.
type kill struct {
	process string
	hour    float64
}

// faultKinds are what Slack does instead of answering. None of them refuses a message for good.
func faultKinds() []slackfake.FaultKind {
	var kinds []slackfake.FaultKind
	for _, k := range slackfake.FaultKinds {
		if k != slackfake.FaultError {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// plan says what goes wrong on the n-th day of a world: by its seed, and so that every step has its turn.
func plan(seed uint64, n int, date models.Date, processes []string, patience time.Duration) morning {
	dice := rand.New(rand.NewPCG(seed, uint64(n)))
	m := morning{date: date, rest: time.Duration(dice.IntN(300)) * time.Millisecond, pages: 8 + dice.IntN(15), blind: dice.IntN(10) == 0}
	if dice.IntN(10) < 7 {
		what := "kill"
		if dice.IntN(5) == 0 {
			what = "stop"
			m.stopped = time.Duration(dice.Int64N(int64(5 * patience)))
		}
		m.points = append(m.points, fmt.Sprintf("%s=%s@%d", points[n%len(points)], what, 1+dice.IntN(6)))
		if what == "kill" && dice.IntN(4) == 0 {
			m.points = append(m.points, fmt.Sprintf("%s=kill@%d", points[dice.IntN(len(points))], 1+dice.IntN(4)))
		}
	}
	if dice.IntN(10) < 4 || len(m.points) == 0 && dice.IntN(2) == 0 {
		m.kills = append(m.kills, kill{processes[dice.IntN(len(processes))], 2 + 8*dice.Float64()})
	}
	if dice.IntN(10) < 6 {
		m.slack = slackFaults(dice, seed<<16+uint64(n), patience)
		m.lag = time.Duration(dice.Int64N(int64(patience)))
	}
	if dice.IntN(2) == 0 {
		m.mail = 0.3
	}
	return m
}

// slackFaults says what goes wrong with calls of Slack on a day: four kinds of faults, with all calls or those that post.
func slackFaults(dice *rand.Rand, seed uint64, patience time.Duration) *slackfake.Profile {
	p := &slackfake.Profile{Seed: seed, Kinds: map[slackfake.FaultKind]float64{}, RetryAfter: time.Second, Delay: patience}
	kinds := faultKinds()
	share := []float64{0.1, 0.3, 0.5}[dice.IntN(3)] / 4
	for range 4 {
		p.Kinds[kinds[dice.IntN(len(kinds))]] += share
	}
	if dice.IntN(2) == 0 {
		p.Methods = []string{"chat.postMessage"}
	}
	return p
}

// mailFault returns what goes wrong with a step of a session by mail, by chance.
func mailFault(dice *rand.Rand, share float64) func(mailfake.Occasion) *mailfake.Fault {
	return func(o mailfake.Occasion) *mailfake.Fault {
		if dice.Float64() > share/3 { // a letter takes several steps
			return nil
		}
		kinds := []mailfake.FaultKind{mailfake.FaultDrop, mailfake.FaultReply}
		if o.Step == mailfake.StepData {
			kinds = append(kinds, mailfake.FaultAcceptThenDrop)
		}
		return &mailfake.Fault{Kind: kinds[dice.IntN(len(kinds))], Code: 451, Text: "try again later"}
	}
}

// String says in a line what goes wrong.
func (m morning) String() string {
	var parts []string
	parts = append(parts, m.points...)
	for _, k := range m.kills {
		parts = append(parts, fmt.Sprintf("kill %s at %02d:%02d", k.process, int(k.hour), int(k.hour*60)%60))
	}
	for _, t := range m.troubles {
		parts = append(parts, fmt.Sprintf("%s at %02d:%02d for %s", t.name, int(t.hour), int(t.hour*60)%60, t.lasts.Round(time.Millisecond)))
	}
	if m.slack != nil {
		for kind, share := range m.slack.Kinds {
			parts = append(parts, fmt.Sprintf("slack %s %.0f%%", kind, 100*share))
		}
	}
	if m.mail > 0 {
		parts = append(parts, fmt.Sprintf("mail %.0f%%", 100*m.mail))
	}
	if m.blind {
		parts = append(parts, "no history")
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}
