package reminders_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
)

// left ends somebody's access now, as the store does it.
func left(d *modelstest.Desk, who models.PersonID) {
	p, _ := d.Facts.Person(who)
	p.Active, p.LeftAt = false, d.Now
	d.Facts.People = slices.DeleteFunc(d.Facts.People, func(p models.Person) bool { return p.ID == who })
	d.Facts.Left = append(d.Facts.Left, p)
}

// Kenji leaves, and nobody takes over: manager and partner hear of it on that day and every week after, above all else, each time with what
// has nobody and a button; nobody else does. Nobody is asked in the place of somebody without a name.
func TestWhoLeftIsToldEveryWeek(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	d.GoTo(modelstest.On("2027-02-10")) // a Wednesday
	left(d, "kenji")
	sent, fresh := map[reminders.SentKey]reminders.Sent{}, map[string][]string{}
	for range 20 {
		aud := modelstest.Audience(d.Facts)
		aud.Sent = sent
		for _, n := range reminders.Nudges(d.Facts, aud, d.Now) {
			if strings.Contains(n.For, "somebody who has left") {
				t.Errorf("%s is asked for %s", n.To, n.For)
			}
			if n.Item.Kind != engagement.ItemLeft {
				continue
			}
			if n.To != "ines" && n.To != "marta" {
				t.Errorf("%s hears of it", n.To)
			}
			if n.Fresh {
				fresh[string(n.To)] = append(fresh[string(n.To)], d.Today().String())
				key := reminders.SentKey{To: n.To, Engagement: n.Item.Engagement, Item: n.Item.Key()}
				sent[key] = sent[key].Then(n.Step, d.Today())
			}
		}
		d.Pass(d.Now.Add(24 * time.Hour))
	}
	for _, who := range []string{"ines", "marta"} {
		if got := strings.Join(fresh[who], " "); got != "2027-02-10 2027-02-15 2027-02-22 2027-03-01" {
			t.Errorf("%s hears of it on %s", who, got)
		}
	}

	theLineOfWhoLeft(t, d)
}

// theLineOfWhoLeft looks at what Marta's message says of Kenji, and presses its button.
func theLineOfWhoLeft(t *testing.T, d *modelstest.Desk) {
	t.Helper()
	aud := modelstest.Audience(d.Facts)
	to := aud.People["marta"]
	g := reminders.Digesting{To: to, Day: d.Today(), Limit: 10, Names: map[models.EngagementID]string{"e1": "Northgate"}}
	for _, n := range reminders.Nudges(d.Facts, aud, d.Now) {
		if n.To == "marta" {
			g.Nudges = append(g.Nudges, n)
		}
	}
	m, _ := g.Digest()
	at := slices.IndexFunc(m.Sections, func(s reminders.Section) bool { return s.Title == "Needs you" })
	if at < 0 {
		t.Fatalf("nothing needs her: %+v", m)
	}
	l := m.Sections[at].Lines[0]
	if l.Title != "Kenji left on Wed 2027-02-10" ||
		!strings.HasSuffix(l.Text, " have nobody: say who takes over") ||
		l.Detail != "Nobody holds Security lead." || !slices.Equal(l.Acts, []engagement.Act{engagement.ActHandOver}) || !m.Urgent {
		t.Errorf("%+v", l)
	}
	if got := reminders.Became(d.Facts, l, "marta", d.Now); got != "" {
		t.Errorf("it has become %q", got)
	}
	form, err := d.Facts.Form(engagement.ActHandOver, l.Item, d.Actor("marta"), d.Now)
	if err != nil || len(form.Fields) != 1 || len(form.Fields[0].Options) != 2 {
		t.Fatalf("%+v %v", form, err)
	}
	c := d.Pressed("marta", engagement.ActHandOver, l.Item)
	if err := d.Facts.Answer(form, &c, map[string]string{"person": "olga"}); err != nil {
		t.Fatal(err)
	}
	if err := d.Change(engagement.NeedOf(c), func(f *engagement.Facts) error {
		_, err := engagement.Decide(f, c, d.Now)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	d.Facts.Duties[1].Person, d.Facts.Duties[1].Backup, d.Facts.Duties[2].Backup = "olga", "", ""
	if got := reminders.Became(d.Facts, l, "marta", d.Now); got != "others have their work now" {
		t.Errorf("it has become %q", got)
	}
}

// What somebody takes over is said in one line: from whom, and what it is.
func TestTheLineOfAHandOver(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	n := engagement.Notice{Engagement: "e1", To: "olga", Kind: engagement.NoticeHanded, Subject: "kenji", Actor: "ines", From: "kenji",
		Value: "olga", Text: "Yours to do: Count the laptops (agreed for Wed 2027-03-03)."}
	l, ok := reminders.LineOf(d.Facts, n)
	if !ok || l.Title != "You take over from Kenji" || l.Text != n.Text || l.Detail != "By Ines." {
		t.Errorf("%v %+v", ok, l)
	}
	n.From = "security_lead"
	if l, _ = reminders.LineOf(d.Facts, n); l.Title != "You take over from the Security lead" {
		t.Errorf("%+v", l)
	}
	n.To, n.From, n.Kind = "kenji", "kenji", engagement.NoticeGiven
	l, ok = reminders.LineOf(d.Facts, n)
	if !ok || l.Title != "Olga takes over what was yours" || l.Text != "nothing of it is for you to do now" {
		t.Errorf("%v %+v", ok, l)
	}
}
