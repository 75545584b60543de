package engagement_test

import (
	"slices"
	"testing"

	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// What has gone up to Ines and Ruth they can do something about: ask Kenji, give his task to Olga, agree another date or, for Ruth, ask for
// one, say that it is not needed, or do it. Each act has a form whose answer is carried out; what is missing in it is refused.
func TestWhatHasGoneUpCanBeActedOn(t *testing.T) {
	d := modelstest.OneTask(t)
	d.Now = modelstest.On("2027-04-09").At(d.Facts.Location(), 10, 0)
	task := d.Facts.Tasks[0]
	it := engagement.Item{Engagement: d.Facts.Engagement.ID, Kind: engagement.ItemDo, Subject: string(task.ID)}
	managers := []engagement.Act{engagement.ActAsk, engagement.ActAssign, engagement.ActMove, engagement.ActWaive, engagement.ActDone}
	for who, want := range map[string][]engagement.Act{"ines": managers, "marta": managers,
		"ruth": {engagement.ActAsk, engagement.ActAssign, engagement.ActMoreTime, engagement.ActDone}, "hugo": nil} {
		if got := d.Facts.OffersAbove(d.Actor(who), it, d.Now); !slices.Equal(got, want) {
			t.Errorf("%s is offered %v, not %v", who, got, want)
		}
	}
	for _, c := range []struct {
		who     string
		act     engagement.Act
		answers map[string]string
		missing string // the field without which it is refused
		is      func(*engagement.Task) bool
	}{
		{"ruth", engagement.ActAssign, map[string]string{"person": "olga"}, "person",
			func(x *engagement.Task) bool { return x.Owner == "olga" }},
		{"ines", engagement.ActMove, map[string]string{"due": "2027-04-20", "reason": "as agreed with Kenji"}, "reason",
			func(x *engagement.Task) bool { return x.Due == modelstest.On("2027-04-20") }},
		{"ines", engagement.ActWaive, map[string]string{"reason": "another report has it"}, "reason",
			func(x *engagement.Task) bool { return x.State == engagement.TaskWaived }},
	} {
		f := modelstest.CopyOf(d.Facts)
		form, err := f.Form(c.act, it.Key(), d.Actor(c.who), d.Now)
		if err != nil || len(form.Title) > 24 {
			t.Fatalf("%s: %+v, %v", c.act, form, err)
		}
		cmd := d.Pressed(c.who, c.act, it.Key())
		if err := f.Answer(form, &cmd, map[string]string{}); err == nil {
			t.Errorf("%s: without %s it is not refused", c.act, c.missing)
		}
		if err := f.Answer(form, &cmd, c.answers); err != nil {
			t.Errorf("%s: %v", c.act, err)
		}
		if _, err := engagement.Decide(f, cmd, d.Now); err != nil || !c.is(f.Task(task.ID)) {
			t.Errorf("%s: %v, %+v", c.act, err, f.Task(task.ID))
		}
	}
}

// Ines asks Kenji from her message: he is told at once, and her question is shared with him.
func TestAQuestionFromAbove(t *testing.T) {
	d := modelstest.OneTask(t)
	f := modelstest.CopyOf(d.Facts)
	item := "do:" + string(f.Tasks[0].ID)
	form, err := f.Form(engagement.ActAsk, item, d.Actor("ines"), d.Now)
	if err != nil {
		t.Fatal(err)
	}
	cmd := d.Pressed("ines", engagement.ActAsk, item)
	if err := f.Answer(form, &cmd, map[string]string{"reason": "What is in the way?"}); err != nil {
		t.Fatal(err)
	}
	if _, err := engagement.Decide(f, cmd, d.Now); err != nil {
		t.Fatal(err)
	}
	told := f.Changes().Notices
	if len(told) != 1 || told[0].To != "kenji" || !told[0].Urgent || told[0].Text != "What is in the way?" {
		t.Errorf("told: %+v", told)
	}
}

// A window that was missed takes another first day, which its manager proposes from the message that asks for it.
func TestAFirstDayIsProposedFromAMessage(t *testing.T) {
	d := modelstest.OneTask(t)
	f := modelstest.CopyOf(d.Facts)
	cmd := d.Pressed("ines", engagement.ActWindow, "window:window")
	form := engagement.Form{Act: engagement.ActWindow, Item: "window:window",
		Fields: []engagement.Field{{Name: "window_open", Label: "When?", Kind: engagement.FieldDay}, {Name: "reason", Label: "Why?"}}}
	if err := f.Answer(form, &cmd, map[string]string{"window_open": "2027-13-01", "reason": "x"}); err == nil {
		t.Error("a day that is none is taken")
	}
	if err := f.Answer(form, &cmd, map[string]string{"window_open": "2027-12-01", "reason": "the vendor is late"}); err != nil ||
		cmd.Kind != engagement.MoveWindow || cmd.Change.WindowOpen != modelstest.On("2027-12-01") {
		t.Errorf("%v, %+v", err, cmd)
	}
}
