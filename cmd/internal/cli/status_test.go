package cli

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"tickmark/api/client"
	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
)

// aLateOne is the status of an engagement in which nearly everything is late.
func aLateOne() client.Report {
	due := models.Date{Year: 2027, Month: 6, Day: 15}
	days := 3
	r := client.Report{Engagement: client.Engagement{ID: "northgate-2027", Status: engagement.StatusRunning, TimeZone: "America/New_York",
		OverdueTasks: 180}, Health: engagement.HealthLate, OpenTasks: 300, PastTasks: 70}
	for i := range 180 {
		r.Reasons = append(r.Reasons, client.HealthReason{Code: "gate_overdue", Text: fmt.Sprintf("reason %d holds up fieldwork", i)})
		t := client.Task{ID: models.TaskID(fmt.Sprintf("T1-07.EV-%d", i)), Template: "T1-07", Subject: fmt.Sprintf("EV-%d", i), Owner: "priya",
			Title: fmt.Sprintf("Listing %d: check and release evidence to auditor", i), State: engagement.TaskOpen, Due: due, Late: true,
			Days: &days}
		if i%40 == 0 {
			t.Owner = "tom"
		}
		if i < 50 {
			r.Overdue, r.Past, r.Next = append(r.Overdue, t), append(r.Past, t), append(r.Next, t)
			r.WaitingFor = append(r.WaitingFor, client.WaitingFor{Name: fmt.Sprintf("Person %d", i), Items: 2, Since: due, First: "something"})
			r.Decisions = append(r.Decisions, client.Decision{ID: fmt.Sprintf("D-%d", i), Kind: string(engagement.MoveWindow), Reason: "late"})
		}
	}
	for g := range 9 {
		gate := client.Gate{ID: fmt.Sprintf("G-%d", g), Text: "Everything is there", State: engagement.GateOpen, Blocking: true,
			Phase: catalog.PhaseT1Fieldwork, Approver: "pm"}
		for _, t := range r.Overdue {
			gate.Blockers = append(gate.Blockers, client.Blocker{Subject: string(t.ID), Text: t.Title, Owner: t.Owner, Due: t.Due})
		}
		r.Gates = append(r.Gates, gate)
	}
	return r
}

// However much is late, a status is a screen; what it only counts it names a command for, and with --all it leaves nothing out.
func TestAStatusIsAScreen(t *testing.T) {
	r := aLateOne()
	var brief, whole bytes.Buffer
	(&app{out: &brief}).report(r, false)
	(&app{out: &whole}).report(r, true)
	if n := strings.Count(brief.String(), "\n"); n > 80 {
		t.Errorf("a status has %d lines:\n%s", n, brief.String())
	}
	counted, named := 0, regexp.MustCompile(`… and \d+ more: tickmark (engagement|gate|decision) (status|tasks|list) northgate-2027`)
	for line := range strings.Lines(brief.String()) {
		if strings.Contains(line, " more") {
			if counted++; !named.MatchString(line) {
				t.Errorf("no command is named for what %q counts", line)
			}
		}
	}
	if counted < 6 {
		t.Errorf("only %d counts in\n%s", counted, brief.String())
	}
	for i := range 50 {
		for _, want := range []string{"reason " + strconv.Itoa(i) + " ", "T1-07.EV-" + strconv.Itoa(i) + " ", "Person " + strconv.Itoa(i) + " ",
			"D-" + strconv.Itoa(i) + " "} {
			if !strings.Contains(whole.String(), want) {
				t.Errorf("%q is not in the whole status", want)
			}
		}
	}
	if want := "48 tasks “Check and release evidence to auditor”"; strings.Count(brief.String(), want) < 3 {
		t.Errorf("like tasks are not told as one:\n%s", brief.String())
	}
}
