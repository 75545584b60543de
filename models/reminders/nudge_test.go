package reminders_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/planning"
	"tickmark/models/reminders"
)

// A morning round is what everybody hears on one engagement, day after day, while nobody does anything.
type round struct {
	t    *testing.T
	f    *engagement.Facts
	aud  reminders.Audience
	down planning.Span // days on which nothing is sent: an outage of ours
	// stalls has only what stands still told, not the ladders.
	stalls bool
}

// only returns the mornings of an engagement on which nothing is left but one task of kenji's: see oneTask.
func only(t *testing.T, with ...func(*engagement.Task)) *round {
	t.Helper()
	d := modelstest.OneTask(t, with...)
	return &round{t: t, f: d.Facts, aud: modelstest.Audience(d.Facts)}
}

// lives lets somebody live in a time zone.
func (r *round) lives(id models.PersonID, zone string) {
	r.aud.People[id].TimeZone = zone
	for i := range r.f.People {
		if r.f.People[i].ID == id {
			r.f.People[i].TimeZone = zone
		}
	}
}

func (r *round) task() *engagement.Task { return r.f.Tasks[0] }

// hears lets mornings pass, from a day to a day, and returns who hears of the task when: a line for each day on which somebody does,
// the days as business days from its due date on, "name" for who is asked and "(name)" for who only hears of it.
func (r *round) hears(from, to string) string {
	r.t.Helper()
	var out []string
	for d := modelstest.On(from); !d.After(modelstest.On(to)); d = d.AddDays(1) {
		if !d.Before(r.down.Start) && !d.After(r.down.End) {
			continue
		}
		var names []string
		for _, id := range []models.PersonID{"kenji", "olga", "ruth", "priya", "ines", "marta", "hugo"} {
			p := r.aud.People[id]
			if p == nil || !p.Works(d) {
				continue
			}
			for _, n := range reminders.Nudges(r.f, r.aud, p.DigestAt.On(d, p.Zone())) {
				if n.To != id || !n.Fresh {
					continue
				}
				r.say(n, d)
				if n.Item.Kind == engagement.ItemOutlook || n.Item.Kind == engagement.ItemStall != r.stalls { // stories of their own
					continue
				}
				name := string(id)
				if !n.As.Asked() {
					name = "(" + name + ")"
				}
				if n.Item.Kind != engagement.ItemDo {
					name += ":" + string(n.Item.Kind)
				}
				names = append(names, name)
			}
		}
		if len(names) > 0 {
			due := r.f.ClientDays.Roll(r.task().Due)
			out = append(out, fmt.Sprintf("%+d %s", r.f.ClientDays.Count(due, d), strings.Join(names, " ")))
		}
	}
	return strings.Join(out, ", ")
}

// say notes that somebody has heard of something.
func (r *round) say(n reminders.Nudge, d models.Date) {
	key := reminders.SentKey{To: n.To, Engagement: n.Item.Engagement, Item: n.Item.Key()}
	r.aud.Sent[key] = r.aud.Sent[key].Then(n.Step, d)
}

func (r *round) expect(want, from, to string) {
	r.t.Helper()
	if got := r.hears(from, to); got != want {
		r.t.Errorf("from %s to %s:\n got %s\nwant %s", from, to, got, want)
	}
}

// Each kind of task has its ladder (domain.md 6.1, 6.2): who hears of it on which business day around its due date, while nobody
// does anything.
func TestLadders(t *testing.T) {
	for _, c := range []struct {
		name string
		with func(*engagement.Task)
		want string
	}{
		{"a client task", func(*engagement.Task) {},
			"-5 kenji, -1 kenji, +1 kenji, +3 kenji (olga) (ruth), +5 kenji (ruth) (ines), +10 kenji (ruth) " +
				"(ines) (marta), +15 kenji, +20 kenji, +25 kenji"},
		{"a short one", func(x *engagement.Task) { x.OpenedOn = modelstest.On("2027-03-19") },
			"-5 kenji, -1 kenji, +1 kenji (olga) (ines), +2 kenji (ruth) (ines), +4 (ruth) (ines) (marta), +7 kenji, +12 " +
				"kenji, +17 kenji, +22 kenji, +27 kenji"},
		{"an auditor's follow-up", func(x *engagement.Task) { x.Template = "T1-10" },
			"-5 kenji, -1 kenji, +1 kenji (olga) (ines), +2 kenji (ruth) (ines), +4 (ruth) (ines) (marta), +7 kenji, +12 " +
				"kenji, +17 kenji, +22 kenji, +27 kenji"},
		{"a task on which the report hangs", func(x *engagement.Task) { x.Gate = true },
			"-10 kenji, -2 kenji, +1 kenji (ruth) (ines), +3 (ruth) (ines) (marta), +6 " +
				"kenji, +11 kenji, +16 kenji, +21 kenji, +26 kenji"},
		{"evidence of a quarterly control", func(x *engagement.Task) {
			x.Template, x.Subject, x.Phase = "WI-01", "IAM-07.2027-Q1", catalog.PhaseWindow
		},
			"-3 kenji, +2 kenji (olga), +10 kenji (ruth) (ines), +15 kenji, +20 kenji, +25 kenji"},
		{"a task of the firm", func(x *engagement.Task) { x.OwnerRole, x.Owner, x.Backup = "consultant", "priya", "" },
			"-1 priya, +1 priya (ines), +3 (ines), +5 priya (ines) (marta), +10 priya (ines), +15 priya (ines), +20 priya " +
				"(ines), +25 priya (ines)"},
		{"a task of the auditor, who gets no escalation", func(x *engagement.Task) { x.OwnerRole, x.Owner, x.Backup = "auditor", "hugo", "" },
			"-2 hugo, +2 (ines) hugo, +5 (ines), +10 (ines) (marta), +15 (ines) (marta), +20 (ines) (marta), +25 (ines) (marta)"},
		{"a task that nobody owns", func(x *engagement.Task) { x.Owner, x.Backup, x.OpenedOn = "", "", modelstest.On("2027-03-26") },
			"+0 ines:staff, +3 ines:staff, +5 ines:staff, +8 ines:staff (marta):staff, +13 ines:staff, +18 ines:staff, +23 ines:staff"},
		{"work that waits to be accepted", func(x *engagement.Task) {
			x.State, x.ApproverRole, x.Approver, x.DoneBy, x.DoneAt = engagement.TaskSubmitted, "sponsor", "ruth", "kenji",
				modelstest.On("2027-03-26").At(models.Zone("America/New_York"), 8, 0)
		},
			"+0 ruth:accept, +3 ruth:accept, +5 ruth:accept (ines):accept, +8 ruth:accept (ines):accept (marta):accept, " +
				"+13 ruth:accept, +18 ruth:accept, +23 ruth:accept"},
		{"a task that the firm blocks", func(x *engagement.Task) {
			x.State, x.BlockedBy, x.BlockedOn = engagement.TaskBlocked, models.SideFirm, modelstest.On("2027-03-26")
		},
			"+0 ines:unblock, +3 ines:unblock, +5 ines:unblock, +8 ines:unblock (marta):unblock, +13 ines:unblock, +18 " +
				"ines:unblock, +23 ines:unblock"},
		{"a task that the client blocks", func(x *engagement.Task) {
			x.State, x.BlockedBy, x.BlockedOn = engagement.TaskBlocked, models.SideClient, modelstest.On("2027-03-26")
		},
			"+0 ruth:unblock, +3 ruth:unblock, +5 ruth:unblock (ines):unblock, +8 ruth:unblock (ines):unblock " +
				"(marta):unblock, +13 ruth:unblock, +18 ruth:unblock, +23 ruth:unblock"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := only(t, c.with)
			if c.name == "a task on which the report hangs" && !r.task().Gate {
				t.Fatal("no gate")
			}
			r.expect(c.want, "2027-03-04", "2027-05-04")
		})
	}
}

// What is done, waived, handed on, blocked or paused is said no more, from that moment.
func TestWhatStopsReminders(t *testing.T) {
	for _, c := range []struct {
		name string
		stop func(*round)
		want string
	}{
		{"done", func(r *round) { r.task().State = engagement.TaskDone }, ""},
		{"waived", func(r *round) { r.task().State = engagement.TaskWaived }, ""},
		{"cancelled", func(r *round) { r.task().State = engagement.TaskCancelled }, ""},
		{"waiting for another", func(r *round) { r.task().State = engagement.TaskWaiting }, ""},
		{"paused", func(r *round) { r.f.Engagement.Status = engagement.StatusPaused }, ""},
		{"muted", func(r *round) { r.f.Engagement.Muted = true }, ""},
		{"ended", func(r *round) { r.f.Engagement.Status = engagement.StatusCancelled }, ""},
		{"moved: it begins anew", func(r *round) { r.task().Due = modelstest.On("2027-04-09") }, "-5 kenji, -1 kenji"},
		{"given to olga, who knows how late it is", func(r *round) { r.task().Owner, r.task().Backup = "olga", "kenji" },
			"+5 olga (ruth) (ines), +10 olga (ruth) (ines) (marta)"},
		{"given to priya, who does not: it goes up a day after she has heard of it", func(r *round) { r.task().Owner = "priya" },
			"+4 priya, +5 (ruth) priya (ines), +10 (ruth) priya (ines) (marta)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := only(t)
			r.expect("-5 kenji, -1 kenji, +1 kenji, +3 kenji (olga) (ruth)", "2027-03-04", "2027-03-31")
			c.stop(r)
			r.expect(c.want, "2027-04-01", "2027-04-09")
		})
	}
}

// A snooze lets the owner rest, not the ladder: it goes up on its day, as the owner was told.
func TestSnoozedIsNotHidden(t *testing.T) {
	r := only(t)
	r.expect("-5 kenji, -1 kenji, +1 kenji", "2027-03-04", "2027-03-29")
	r.task().Snoozed = modelstest.On("2027-04-01")
	r.expect("+3 (olga) (ruth), +4 kenji, +5 kenji (ruth) (ines)", "2027-03-30", "2027-04-02")
}

// A request for more time lets everybody rest for two business days; then Kenji hears first, and a day later those above him.
func TestMoreTimeIsBeingAskedFor(t *testing.T) {
	r := only(t)
	r.expect("-5 kenji, -1 kenji", "2027-03-04", "2027-03-26")
	r.f.Decisions = []*engagement.Decision{{ID: "D-1", Kind: engagement.ExtendTask, State: engagement.DecisionPending,
		Needs: []models.Role{models.RoleManager}, ProposedBy: "kenji",
		ProposedAt: modelstest.On("2027-03-26").At(models.Zone("America/New_York"), 15, 0),
		Change:     engagement.Change{Task: "X-1", Due: modelstest.On("2027-04-02")}}}
	r.expect("+1 ines:decide, +3 kenji ines:decide, +4 (olga) (ruth), +5 kenji (ruth) (ines) ines:decide", "2027-03-27", "2027-04-02")
}

// Kenji is on leave: nothing for him, everything for his stand-in, and on his return what is still open.
func TestAway(t *testing.T) {
	r := only(t)
	away := reminders.Absence{Person: "kenji", Days: planning.Span{Start: modelstest.On("2027-03-22"), End: modelstest.On("2027-03-30")},
		StandIn: "priya"}
	for _, c := range []struct {
		name    string
		standIn models.PersonID
		backup  models.PersonID
		want    string
		nobody  bool // is the backup of his function
	}{
		{"the one he named", "olga", "", "-5 kenji, -4 olga, -1 olga, +1 olga, +3 kenji (ruth), +5 kenji (ruth) (ines)", false},
		{"the backup of the task", "", "olga", "-5 kenji, -4 olga, -1 olga, +1 olga, +3 kenji (olga) (ruth), +5 kenji (ruth) (ines)", false},
		{"nobody: then the backup of his function", "", "", "-5 kenji, -4 olga, -1 olga, +1 olga, +3 kenji (ruth), +5 kenji (ruth) (ines)",
			false},
		{"nobody at all: then the sponsor", "", "", "-5 kenji, -4 ruth, -1 ruth, +1 ruth, +3 kenji (ruth), +5 kenji (ruth) (ines)", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := only(t)
			if r.task().Backup = c.backup; c.nobody {
				r.f.Duties = slices.Clone(r.f.Duties)
				for i := range r.f.Duties {
					r.f.Duties[i].Backup = ""
				}
			}
			away.StandIn = c.standIn
			r.aud.People["kenji"].Away = []reminders.Absence{away}
			r.expect(c.want, "2027-03-04", "2027-04-02")
		})
	}
	r.aud.People["ines"].Away = []reminders.Absence{{Person: "ines", Days: planning.Span{Start: modelstest.On("2027-03-25"),
		End: modelstest.On("2027-04-30")}}}
	r.expect("-5 kenji, -1 kenji, +1 kenji, +3 kenji (olga) (ruth), +5 kenji (ruth) (marta)", "2027-03-04", "2027-04-02")
}

// Who has left is asked nothing: the backup is, else the sponsor.
func TestTheOwnerHasLeft(t *testing.T) {
	for backup, want := range map[models.PersonID]string{"olga": "+1 olga, +3 olga (ruth)", "": "+1 ruth, +3 ruth"} {
		r := only(t)
		r.task().Backup = backup
		delete(r.aud.People, "kenji")
		r.f.People = slices.DeleteFunc(r.f.People, func(p models.Person) bool { return p.ID == "kenji" })
		r.hears("2027-03-04", "2027-03-25")
		r.expect(want, "2027-03-26", "2027-03-31")
	}
}

// After an outage of ours the owner hears first, of the newest step only; a day later it goes up. Nobody gets what was missed.
func TestAfterAnOutage(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"over a heads-up", "2027-03-19", "2027-03-22",
			"-3 kenji, -1 kenji, +1 kenji, +3 kenji (olga) (ruth), +5 kenji (ruth) (ines), +10 kenji (ruth) (ines) (marta)"},
		{"over the due date", "2027-03-24", "2027-03-29",
			"-5 kenji, +2 kenji, +3 kenji (olga) (ruth), +5 kenji (ruth) (ines), +10 kenji (ruth) (ines) (marta)"},
		{"over the first rung", "2027-03-31", "2027-03-31",
			"-5 kenji, -1 kenji, +1 kenji, +4 kenji, +5 kenji (olga) (ruth) (ines), +10 kenji (ruth) (ines) (marta)"},
		{"over two rungs", "2027-03-31", "2027-04-06",
			"-5 kenji, -1 kenji, +1 kenji, +8 kenji, +9 (olga) (ruth) (ines), +10 kenji (ruth) (ines) (marta)"},
		{"of a month", "2027-03-15", "2027-04-14", "+14 kenji"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := only(t)
			r.down = planning.Span{Start: modelstest.On(c.from), End: modelstest.On(c.to)}
			if got := r.hears("2027-03-04", "2027-04-15"); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

// In a company of ten owner, backup and sponsor may be one: they hear of a thing once a day, as the one who is asked.
func TestOnePersonWithSeveralParts(t *testing.T) {
	r := only(t)
	r.task().Owner, r.task().Backup = "ruth", "ruth"
	r.expect("-5 ruth, -1 ruth, +1 ruth, +3 ruth, +5 ruth (ines), +10 ruth (ines) (marta), +15 ruth", "2027-03-04",
		"2027-04-20")
}

// Business days are those of who has to do it, for everybody who hears of it: their weekend, their holidays, in their own time zone.
func TestWhoseDaysCount(t *testing.T) {
	r := only(t)
	kenji := r.aud.People["kenji"]
	kenji.Days = models.Calendar{Weekend: []time.Weekday{time.Friday, time.Saturday},
		Closed: map[models.Date]string{modelstest.On("2027-03-29"): "a holiday"}}
	r.f.PersonDays = map[models.PersonID]models.Calendar{"kenji": kenji.Days}
	r.lives("kenji", "Asia/Dubai")
	// 26 March is a Friday: he hears on Sunday that it is due, and his next working day is Tuesday. It goes up on his third day after it,
	// which is Thursday, by whatever days others work.
	if got := r.hears("2027-03-04", "2027-04-01"); got != "-5 kenji, -1 kenji, +2 kenji, +4 kenji (olga) (ruth)" {
		t.Errorf("got %s", got)
	}
	// On the date line: when it is Friday for ruth in Honolulu it is Saturday for kenji in Auckland; what is his third day is for her too.
	r = only(t)
	r.lives("kenji", "Pacific/Auckland")
	r.lives("ruth", "Pacific/Honolulu")
	r.expect("-5 kenji, -1 kenji, +1 kenji, +2 (olga) (ruth), +3 kenji", "2027-03-04", "2027-03-31")
}

// Whom nothing reaches is shown to the manager, once a week, for as long as something is due; and holds nothing up.
func TestUnreachable(t *testing.T) {
	r := only(t)
	r.aud.People["kenji"].Channel = reminders.ChannelNone
	r.expect("-5 kenji (ines):reach, -4 (ines):reach, -1 kenji, +1 kenji (ines):reach, +3 kenji (olga) (ruth), +5 kenji (ruth) "+
		"(ines), +6 (ines):reach", "2027-03-04", "2027-04-05")
	ines := r.aud.People["ines"]
	for _, n := range reminders.Nudges(r.f, r.aud, ines.DigestAt.On(modelstest.On("2027-04-06"), ines.Zone())) {
		if n.Item.Kind != engagement.ItemReach {
			continue
		}
		m, _ := reminders.Digesting{To: ines, Day: modelstest.On("2027-04-06"), Nudges: []reminders.Nudge{n}, Limit: 10}.Digest()
		if got := m.Lines()[0]; got.Title != "Kenji cannot be reached" ||
			got.Text != "neither Slack nor mail reaches them, and something is due: hand over what is theirs, or talk to them" ||
			!slices.Equal(got.Acts, []engagement.Act{engagement.ActHandOver}) {
			t.Errorf("ines reads: %s: %s, and is offered %v", got.Title, got.Text, got.Acts)
		}
		// Kenji holds a function that approves: his address is for the partner to correct.
		if acts := r.f.Offers(r.f.Actor("marta"), n.Item, modelstest.On("2027-04-06").At(ines.Zone(), 9, 0)); !slices.Equal(acts,
			[]engagement.Act{engagement.ActCorrect, engagement.ActHandOver}) {
			t.Errorf("marta is offered %v", acts)
		}
		form, err := r.f.Form(engagement.ActHandOver, n.Item.Key(), r.f.Actor("ines"), modelstest.On("2027-04-06").At(ines.Zone(), 9, 0))
		if err != nil || form.About != "Kenji cannot be reached" || !strings.HasPrefix(form.Note, "1 task is theirs") {
			t.Errorf("the form: %v %+v", err, form)
		}
	}
}

// Everything that is said of one task to everybody on the way up, as people read it.
func TestLadderInWords(t *testing.T) {
	r := only(t)
	r.task().Template, r.task().Subject = "GA-02", "EV-001"
	var b strings.Builder
	for d := modelstest.On("2027-03-19"); !d.After(modelstest.On("2027-04-09")); d = d.AddDays(1) {
		r.f.Engagement.Outlook.On = d // nobody moves it on
		for _, id := range []models.PersonID{"kenji", "olga", "ruth", "ines", "marta"} {
			p := r.aud.People[id]
			if !p.Works(d) {
				continue
			}
			var mine []reminders.Nudge
			for _, n := range reminders.Nudges(r.f, r.aud, p.DigestAt.On(d, p.Zone())) {
				if n.To == id && n.Item.Kind != engagement.ItemOutlook {
					mine = append(mine, n)
				}
			}
			g := reminders.Digesting{To: p, Day: d, Nudges: mine, Names: map[models.EngagementID]string{"e1": "Northgate SOC 2"}, Limit: 10}
			if p.Client != "" {
				g.Client = "Northgate"
			}
			if !g.Fresh() {
				continue
			}
			m, said := g.Digest()
			for _, n := range said {
				r.say(n, d)
			}
			fmt.Fprintf(&b, "%s %s to %s: %s\n%s\n", d, p.DigestAt, p.Name, m.Subject, m.Intro)
			for _, s := range m.Sections {
				fmt.Fprintf(&b, "  %s\n", s.Title)
				for _, l := range s.Lines {
					fmt.Fprintf(&b, "  - %s: %s\n", l.Title, l.Text)
					if l.Detail != "" {
						fmt.Fprintf(&b, "    %s\n", l.Detail)
					}
					if len(l.Acts) > 0 {
						fmt.Fprintf(&b, "    %v\n", l.Acts)
					}
				}
			}
			b.WriteString("\n")
		}
	}
	modelstest.Golden(t, "ladder_in_words.golden", b.String())
}
