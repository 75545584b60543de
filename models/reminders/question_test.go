package reminders_test

import (
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/planning"
	"tickmark/models/reminders"
)

// asksKenji has Priya ask Kenji on a day about the task that is done since, and returns the mornings after it.
func asksKenji(t *testing.T, day string) *round {
	t.Helper()
	d := modelstest.OneTask(t)
	d.Now = modelstest.On(day).At(d.Facts.Location(), 11, 0)
	f := d.Facts
	task := f.Tasks[0]
	c := d.Command("priya", engagement.AskTask, modelstest.Task(task.ID), modelstest.To("kenji"), modelstest.Because("Which system is it?"))
	if _, err := engagement.Decide(f, c, d.Now); err != nil {
		t.Fatal(err)
	}
	task.State, task.Approver = engagement.TaskDone, ""
	return &round{t: t, f: modelstest.CopyOf(f), aud: modelstest.Audience(f)}
}

// Priya asked Kenji on Tuesday and he was told at once: his daily messages say it beside others, remind him on the third business day, and
// then it goes up, though the task is done. Had nobody told him, as in an outage, the second morning would.
func TestAQuestionIsReminded(t *testing.T) {
	r := asksKenji(t, "2027-02-02")
	told := reminders.SentKey{To: "kenji", Engagement: "e1", Item: "answer:Q-1"}
	r.aud.Sent[told] = reminders.Sent{}.Then(reminders.Step{Due: modelstest.On("2027-02-02")}, modelstest.On("2027-02-02"))
	hears := func(r *round) string {
		var out []string
		for day := modelstest.On("2027-02-03"); day.Before(modelstest.On("2027-02-24")); day = day.AddDays(1) {
			for _, id := range []models.PersonID{"kenji", "olga", "ruth", "priya", "ines", "marta"} {
				p := r.aud.People[id]
				if !p.Works(day) {
					continue
				}
				for _, n := range reminders.Nudges(r.f, r.aud, p.DigestAt.On(day, p.Zone())) {
					if n.To != id || n.Item.Kind != engagement.ItemAnswer || !n.Fresh {
						continue
					}
					r.say(n, day)
					out = append(out, day.String()[5:]+" "+string(id))
				}
			}
		}
		return strings.Join(out, ", ")
	}
	if got := hears(r); got != "02-05 kenji, 02-09 kenji, 02-09 ines, 02-12 kenji, 02-12 ines, 02-12 marta, 02-22 kenji" {
		t.Errorf("they hear on %s", got)
	}
	untold := asksKenji(t, "2027-02-02")
	if got := hears(untold); !strings.HasPrefix(got, "02-04 kenji, 02-05 kenji") {
		t.Errorf("untold, they hear on %s", got)
	}
}

// Kenji is away: who stands in for him is asked, sees for whom, and can answer; nobody is asked who could not.
func TestAQuestionOfSomebodyAway(t *testing.T) {
	r := asksKenji(t, "2027-02-02")
	r.aud.People["kenji"].Away = []reminders.Absence{{Person: "kenji", StandIn: "olga",
		Days: planning.Span{Start: modelstest.On("2027-02-01"), End: modelstest.On("2027-02-28")}}}
	now := modelstest.On("2027-02-03").At(r.f.Location(), 10, 0)
	var out []string
	for _, n := range reminders.Nudges(r.f, r.aud, now) {
		if n.Item.Kind == engagement.ItemAnswer {
			out = append(out, string(n.To)+" for "+n.For)
			g := reminders.Digesting{To: r.aud.People[n.To], Day: modelstest.On("2027-02-03"), Nudges: []reminders.Nudge{n}, Limit: 10}
			m, _ := g.Digest()
			line := m.Sections[0].Lines[0]
			if m.Sections[0].Title != "Waits for your answer" || line.Text != "for Kenji, who is away until Sun 2027-02-28: "+
				"Priya asks since Tue 2027-02-02; if it is still open on Tue 2027-02-09, it goes to Ines too" ||
				line.Detail != "“Which system is it?”" || len(line.Acts) != 1 {
				t.Errorf("she reads %+v", m)
			}
		}
	}
	if got := strings.Join(out, ", "); got != "olga for Kenji, who is away until Sun 2027-02-28" {
		t.Errorf("asked are %s", got)
	}
}

// What a message says of a question is crossed out when it is answered or withdrawn, with by whom; the answer comes to who asked.
func TestWhatBecameOfAQuestion(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	var task models.TaskID
	for _, x := range d.Facts.Tasks {
		if x.Owner == "kenji" {
			task = x.ID
		}
	}
	day := models.Dated(d.Today())
	id := d.Do("priya", engagement.AskTask, modelstest.Task(task), modelstest.To("kenji"), modelstest.Because("Which system is it?"))
	line := engagement.Line{Engagement: "e1", Item: "answer:" + id}
	became := func() string {
		return reminders.Became(d.Loaded(engagement.Need{Questions: []string{id}}), line, "kenji", d.Now)
	}
	notice := func(kind engagement.NoticeKind, to models.PersonID) engagement.Line {
		f := d.Loaded(engagement.Need{Questions: []string{id}})
		l, _ := reminders.LineOf(f, engagement.Notice{Engagement: "e1", To: to, Kind: kind, Subject: id, Actor: "kenji", At: d.Now})
		return l
	}
	if got := became(); got != "" {
		t.Errorf("open it is %q", got)
	}
	if l := notice(engagement.NoticeAsked, "kenji"); l.Item != "answer:Q-1" || l.Text != "Priya asks you" || len(l.Acts) != 1 ||
		l.Step == nil {
		t.Errorf("he is asked %+v", l)
	}
	d.Do("kenji", engagement.AnswerQuestion, modelstest.Question(id), modelstest.Because("Okta"))
	if got := became(); got != "answered by Kenji on "+day+": Okta" {
		t.Errorf("answered it is %q", got)
	}
	if l := notice(engagement.NoticeReplied, "priya"); l.Text != "Kenji answers your question: “Okta”" ||
		l.Detail != "You asked: “Which system is it?”" || len(l.Acts) != 0 {
		t.Errorf("she hears %+v", l)
	}
	d.Do("priya", engagement.ReopenQuestion, modelstest.Question(id))
	if l := notice(engagement.NoticeReopened, "kenji"); l.Item != "answer:Q-1" || len(l.Acts) != 1 ||
		!strings.HasSuffix(l.Text, "asks you again: this was no answer yet") {
		t.Errorf("he is asked again %+v", l)
	}
	d.Do("ines", engagement.WithdrawQuestion, modelstest.Question(id))
	if got := became(); got != "withdrawn by Ines on "+day {
		t.Errorf("withdrawn it is %q", got)
	}
	if l := notice(engagement.NoticeDropped, "kenji"); !strings.HasSuffix(l.Text, "withdrew a question to you: nothing for you to do") {
		t.Errorf("he hears %+v", l)
	}
}
