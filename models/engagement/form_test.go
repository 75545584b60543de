package engagement_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
)

// asks is a Monday in January on which something waits for everybody: kenji's answers about risks are due on the Friday of next week,
// with olga as backup and ruth to accept them; those about monitoring have been sent to ruth; those about incidents are blocked by the
// firm; ruth may sign the gap report; kenji has asked ines for five days more for those about vulnerabilities.
func asks(t *testing.T) *modelstest.Desk {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	if d.Today() != modelstest.On("2027-01-25") {
		t.Fatalf("the gap analysis begins on %s", d.Today())
	}
	for _, id := range []models.TaskID{"GA-04.RSK", "GA-04.MON"} {
		x := d.Facts.Task(id)
		x.ApproverRole, x.Approver = "sponsor", "ruth"
	}
	d.Do("kenji", engagement.CompleteTask, modelstest.Task("GA-04.MON"))
	d.Do("kenji", engagement.BlockTask, modelstest.Task("GA-04.INC"), modelstest.By(models.SideFirm), modelstest.Because("which incidents?"))
	if id := d.Do("kenji", engagement.ExtendTask, modelstest.Task("GA-04.VUL"), modelstest.DueOn("2027-02-18"),
		modelstest.Because("the scanner is new")); id != "D-1" {
		t.Fatalf("he asked for %s", id)
	}
	return d
}

// fill opens the form of an act for somebody, fills it in and sends it, and returns what became of the item.
func fill(d *modelstest.Desk, who string, act engagement.Act, item string, answers map[string]string) (became string, err error) {
	d.T.Helper()
	c := d.Pressed(who, act, item)
	var l engagement.Line
	err = d.Change(engagement.NeedOf(c), func(f *engagement.Facts) error {
		form, err := f.Form(act, item, c.Actor, d.Now)
		if err != nil {
			return err
		}
		if err := f.Answer(form, &c, answers); err != nil {
			return err
		}
		l = f.Asking(item)
		_, err = engagement.Decide(f, c, d.Now)
		return err
	})
	if err != nil {
		return "", err
	}
	d.Settle()
	f := modelstest.CopyOf(d.Facts)
	for _, t := range d.Closed {
		f.Tasks = append(f.Tasks, t)
	}
	for _, x := range d.Ended {
		f.Decisions = append(f.Decisions, x)
	}
	return reminders.Became(f, l, models.PersonID(who), d.Now), nil
}

// unfilled expects that what somebody fills in is refused, about a field, saying something, and changes nothing.
func unfilled(d *modelstest.Desk, code models.Code, field, says string, who string, act engagement.Act, item string,
	answers map[string]string) {
	d.T.Helper()
	was := d.Facts.Engagement.Revision
	_, err := fill(d, who, act, item, answers)
	refusal, ok := errors.AsType[*models.Error](err)
	if !ok || refusal.Code != code || refusal.Field != field || !strings.Contains(refusal.Message, says) {
		d.T.Errorf("%s: %s of %s with %.60q: %#v\nwant %s of %q: %s", who, act, item, answers, err, code, field, says)
	}
	if d.Facts.Engagement.Revision != was {
		d.T.Errorf("%s: what was refused changed something", act)
	}
}

// shown writes a form in a line: its title, its button, and its fields with what may be chosen and what is there at first.
func shown(f engagement.Form) string {
	var fields []string
	for _, x := range f.Fields {
		s := x.Name + " " + string(x.Kind)
		if x.May {
			s += "?"
		}
		if x.Kind == engagement.FieldChoice {
			var values []string
			for _, o := range x.Options {
				values = append(values, o.Value)
			}
			s += fmt.Sprint(" ", values)
		}
		if x.Value != "" {
			s += " =" + x.Value
		}
		fields = append(fields, s)
	}
	return fmt.Sprintf("%s | %s | %s", f.Title, f.Submit, strings.Join(fields, ", "))
}

// Every act on every kind of item: what its form asks for, or that there is none.
func TestWhatFormsAsk(t *testing.T) {
	kinds := []engagement.ItemKind{engagement.ItemDo, engagement.ItemAccept, engagement.ItemSign, engagement.ItemDecide,
		engagement.ItemUnblock, engagement.ItemStaff, engagement.ItemRefused,
		engagement.ItemWindow, engagement.ItemReach, engagement.ItemLeft, engagement.ItemBind}
	acts := []engagement.Act{engagement.ActDone, engagement.ActMoreTime, engagement.ActSnooze, engagement.ActBlocked, engagement.ActNotMine,
		engagement.ActAccept, engagement.ActReturn, engagement.ActSign,
		engagement.ActRefuse, engagement.ActApprove, engagement.ActDecline, engagement.ActUnblock, engagement.ActHandOver,
		engagement.ActConfirm, engagement.ActDeny,
		"burn"}
	subjects := map[engagement.ItemKind]string{engagement.ItemDo: "GA-04.RSK", engagement.ItemAccept: "GA-04.MON",
		engagement.ItemSign: "G-GA-3", engagement.ItemDecide: "D-1",
		engagement.ItemUnblock: "GA-04.INC", engagement.ItemBind: "kenji", engagement.ItemLeft: "gwen"}
	want := map[string]string{
		"do/done":         "Done | Done | ",
		"do/more_time":    "Ask for more time | Send | due day =2027-02-12, reason text, blocking text?",
		"do/snooze":       "Remind me later | Put it off | due choice [2027-01-26 2027-01-27 2027-01-28] =2027-01-26",
		"do/blocked":      "I am blocked | Send | by choice [client firm vendor auditor] =firm, reason text",
		"do/not_mine":     "Not mine | Send | person choice [olga ruth], reason text",
		"accept/accept":   "Accept | Accept | ",
		"accept/return":   "Return it | Return | reason text",
		"sign/sign":       "Sign | Sign | ",
		"sign/refuse":     "Refuse to sign | Refuse | reason text",
		"decide/approve":  "Approve | Approve | ",
		"decide/decline":  "Decline | Decline | reason text",
		"unblock/unblock": "It can go on | It can go on | ",
		"left/hand_over":  "Hand over | Hand over | person choice [ines marta priya tom]",
	}
	d := asks(t)
	gwen := modelstest.Person("gwen")
	gwen.Active, gwen.LeftAt = false, d.Now
	d.Facts.Left, d.Facts.Engagement.Consultants = []models.Person{gwen}, append(d.Facts.Engagement.Consultants, "gwen")
	// else kenji
	who := map[engagement.ItemKind]string{engagement.ItemAccept: "ruth", engagement.ItemSign: "ruth", engagement.ItemDecide: "ines",
		engagement.ItemLeft: "ines"}
	for _, kind := range kinds {
		for _, act := range acts {
			key := string(kind) + "/" + string(act)
			form, err := d.Facts.Form(act, string(kind)+":"+subjects[kind], d.Actor(cmp.Or(who[kind], "kenji")), d.Now)
			asked, ok := want[key]
			delete(want, key)
			switch {
			case !ok:
				if models.CodeOf(err) != models.Invalid || err.Error() != "this cannot be done about it" {
					t.Errorf("%s: %v", key, err)
				}
			case err != nil || shown(form) != asked:
				t.Errorf("%s asks\n%s, %v, want\n%s", key, shown(form), err, asked)
			case len([]rune(form.Title)) > 24 || len([]rune(form.Submit)) > 24 || form.About == "" || form.Engagement != "e1" ||
				form.Item != string(kind)+":"+subjects[kind] || form.Act != act:
				t.Errorf("%s: %+v", key, form)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("of these no form was asked for: %v", want)
	}
	for item, about := range map[string]string{"do:GA-04.RSK": "Risk assessment: answer gap questionnaire section",
		"decide:D-1": "Kenji asks for more time, until Thu 2027-02-18: Vulnerabilities and hardening: answer gap questionnaire section"} {
		kind, _ := engagement.ParseItem(item)
		act := map[engagement.ItemKind]engagement.Act{engagement.ItemDo: engagement.ActDone, engagement.ItemDecide: engagement.ActApprove}[kind]
		if form, err := d.Facts.Form(act, item, d.Actor(cmp.Or(who[kind], "kenji")), d.Now); err != nil || form.About != about {
			t.Errorf("%s is about %q, %v", item, form.About, err)
		}
	}
}

// A form says what follows from it.
func TestWhatFormsSay(t *testing.T) {
	d := asks(t)
	for _, x := range []struct {
		act  engagement.Act
		says string
	}{
		{engagement.ActMoreTime, "It is due Wed 2027-02-10. Up to 2 business days more are granted at once where nothing else waits for it, up " +
			"to 10 by Ines; beyond that, or when an agreed date would move, the partner and the sponsor decide."},
		{engagement.ActSnooze, "It stays due Wed 2027-02-10, and others hear of it as before when it is late. It can be put off 2 times."},
		{engagement.ActBlocked, "Reminders stop until it can go on. Ines is asked instead, or Ruth where Northgate has to act."},
		{engagement.ActNotMine, "It stays with you until they agree, or your sponsor does."},
	} {
		if form, err := d.Facts.Form(x.act, "do:GA-04.RSK", d.Actor("kenji"), d.Now); err != nil || form.Note != x.says {
			t.Errorf("%s says\n%s, %v, want\n%s", x.act, form.Note, err, x.says)
		}
	}
	if form, err := d.Facts.Form(engagement.ActReturn, "accept:GA-04.MON", d.Actor("ruth"), d.Now); err != nil ||
		form.Note != "Kenji is told at once, or with their next daily message when nothing may go out to them now." {
		t.Errorf("to return it says %q, %v", form.Note, err)
	}
}

// Nina did it in kenji's place, and is not there any more. What is returned is kenji's again: the form to return it names whom the notice
// goes to, whoever owns the task by then.
func TestTheReturnFormNamesWhoHears(t *testing.T) {
	for _, c := range []struct {
		name  string
		is    func(d *modelstest.Desk, x *engagement.Task)
		hears []models.PersonID
		says  string
	}{
		{"the owner, whoever did it", func(*modelstest.Desk, *engagement.Task) {}, []models.PersonID{"kenji"}, "Kenji is told at once"},
		{"a new owner", func(_ *modelstest.Desk, x *engagement.Task) { x.Owner = "olga" }, []models.PersonID{"olga"}, "Olga is told at once"},
		{"nobody, since it is the approver's own", func(_ *modelstest.Desk, x *engagement.Task) { x.Owner = "ruth" }, nil, "Nobody is told."},
		{"nobody, since nobody owns it", func(_ *modelstest.Desk, x *engagement.Task) { x.Owner = "" }, nil, "Nobody is told."},
		{"nobody, of what is muted", func(d *modelstest.Desk, _ *engagement.Task) { d.Facts.Engagement.Muted = true }, nil,
			"Nobody is told: the engagement is muted."},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := absences(t)
			d.Do("nina", engagement.CompleteTask, modelstest.Task("GA-04.MON"), modelstest.StandsFor("kenji"))
			c.is(d, d.Facts.Task("GA-04.MON"))
			form, err := d.Facts.Form(engagement.ActReturn, "accept:GA-04.MON", d.Actor("ruth"), d.Now)
			if err != nil || !strings.HasPrefix(form.Note, c.says) {
				t.Errorf("the form says %q, %v, not %q", form.Note, err, c.says)
			}
			if _, err := engagement.Decide(d.Facts, d.Command("ruth", engagement.ReturnTask, modelstest.Task("GA-04.MON"),
				modelstest.Because("more")), d.Now); err != nil {
				t.Fatal(err)
			}
			var hears []models.PersonID
			for _, n := range d.Facts.Changes().Notices {
				if n.Kind == engagement.NoticeReturned {
					hears = append(hears, n.To)
				}
			}
			if !slices.Equal(hears, c.hears) {
				t.Errorf("those who hear of it are %v, not %v", hears, c.hears)
			}
		})
	}
}

// Right answers are carried out, and who gave them reads what became of it.
func TestGoodAnswers(t *testing.T) {
	long := strings.Repeat("ä", 2000)
	for _, x := range []struct {
		name, who string
		act       engagement.Act
		item      string
		answers   map[string]string
		became    string
	}{
		{"done", "kenji", engagement.ActDone, "do:GA-04.RSK", nil, "Kenji did it on Mon 2027-01-25"},
		{"two days more, where nothing waits", "ruth", engagement.ActMoreTime, "do:KO-14",
			map[string]string{"due": "2027-02-16", "reason": "holidays"}, "due Tue 2027-02-16 now"},
		{"five days more", "kenji", engagement.ActMoreTime, "do:GA-04.RSK",
			map[string]string{"due": "2027-02-18", "reason": "the vendor is late", "blocking": "the vendor"},
			"you asked for more time, until Thu 2027-02-18"},
		{"until a Sunday before a holiday, which is Tuesday", "kenji", engagement.ActMoreTime, "do:GA-04.RSK",
			map[string]string{"due": "2027-02-21", "reason": "x", "blocking": " "}, "you asked for more time, until Mon 2027-02-22"},
		{"as long a reason as may be", "kenji", engagement.ActMoreTime, "do:GA-04.RSK",
			map[string]string{"due": "2027-02-18", "reason": long, "blocking": long}, "you asked for more time, until Thu 2027-02-18"},
		{"put off", "kenji", engagement.ActSnooze, "do:GA-04.RSK", map[string]string{"due": "2027-01-28"}, "put off until Thu 2027-01-28"},
		{"blocked by a vendor", "kenji", engagement.ActBlocked, "do:GA-04.RSK", map[string]string{"by": "vendor", "reason": "no answer"},
			"blocked by the vendor: no answer"},
		{"not his", "kenji", engagement.ActNotMine, "do:GA-04.RSK", map[string]string{"person": "olga", "reason": "she knows"},
			"you proposed Olga"},
		{"not his, says the sponsor", "ruth", engagement.ActNotMine, "do:GA-04.RSK", map[string]string{"person": "olga", "reason": "she knows"},
			"Olga has it now"},
		{"accepted", "ruth", engagement.ActAccept, "accept:GA-04.MON", nil, "accepted"},
		{"returned", "ruth", engagement.ActReturn, "accept:GA-04.MON", map[string]string{"reason": "page 2 is missing"}, "returned to Kenji"},
		{"refused to sign", "ruth", engagement.ActRefuse, "sign:G-GA-3", map[string]string{"reason": "the app is missing"},
			"refused by Ruth on Mon 2027-01-25"},
		{"approved", "ines", engagement.ActApprove, "decide:D-1", nil, "approved on Mon 2027-01-25"},
		{"declined", "ines", engagement.ActDecline, "decide:D-1", map[string]string{"reason": "too late"},
			"not approved by Ines on Mon 2027-01-25: “too late”"},
		{"it goes on", "ines", engagement.ActUnblock, "unblock:GA-04.INC", nil, "it can go on"},
	} {
		d := asks(t)
		for _, item := range []string{"do:GA-04.RSK", "accept:GA-04.MON", "sign:G-GA-3", "decide:D-1", "unblock:GA-04.INC"} {
			if became := reminders.Became(d.Facts, d.Facts.Asking(item), "kenji", d.Now); became != "" {
				t.Fatalf("before anything is done, %s: %q", item, became)
			}
		}
		if became, err := fill(d, x.who, x.act, x.item, x.answers); err != nil || became != x.became {
			t.Errorf("%s: %q, %v, want %q", x.name, became, err, x.became)
		}
	}
	d := modelstest.In(t, "soc2_type2", catalog.PhaseRemediation)
	d.Do("priya", engagement.CompleteTask, modelstest.Task("RE-01"))
	if became, err := fill(d, "ruth", engagement.ActSign, "sign:G-RE-1", nil); err != nil ||
		became != "signed by Ruth on "+models.Dated(d.Today()) {
		t.Errorf("signed: %q, %v", became, err)
	}
}

// A wrong answer is refused with a sentence that names the field and says what would be right, and nothing is done.
func TestBadAnswers(t *testing.T) {
	d := asks(t)
	const rsk, missing = "do:GA-04.RSK", "This is missing"
	long := strings.Repeat("ä", 2001)
	with := func(answers map[string]string, field, value string) map[string]string {
		out := map[string]string{field: value}
		for k, v := range answers {
			if k != field {
				out[k] = v
			}
		}
		return out
	}
	more, blocked, notMine := map[string]string{"due": "2027-02-18", "reason": "ill"},
		map[string]string{"by": "vendor", "reason": "no answer"}, map[string]string{"person": "olga", "reason": "she knows"}
	for _, x := range []struct {
		act     engagement.Act
		who     string
		item    string
		good    map[string]string
		field   string
		values  []string
		allowed string
	}{
		{engagement.ActMoreTime, "kenji", rsk, more, "due", []string{"", "  "}, "Until when? " + missing},
		{engagement.ActMoreTime, "kenji", rsk, more, "due", []string{"soon", "12.02.2027", "2027-2-12", "2027-02-12T09:00:00Z", "2027/02/12"},
			"is not a date: write year-month-day, as in 2026-03-31"},
		{engagement.ActMoreTime, "kenji", rsk, more, "due", []string{"2027-02-30", "2027-13-01", "2027-00-10"}, "is not a day of the calendar"},
		{engagement.ActMoreTime, "kenji", rsk, more, "due", []string{"1999-12-31", "2200-01-01"}, "is out of range: years go from 2000 to 2199"},
		{engagement.ActMoreTime, "kenji", rsk, more, "due", []string{"2027-01-22", "2026-02-12", "2030-01-28", "2190-01-01"},
			"must lie between today, 2027-01-25, and 2030-01-27"},
		{engagement.ActMoreTime, "kenji", rsk, more, "due", []string{"2027-01-25", "2027-02-10"},
			"is not later than 2027-02-10, when GA-04.RSK is due now"},
		// a Sunday
		{engagement.ActMoreTime, "kenji", rsk, more, "due", []string{"2027-01-24"}, "due 2027-01-24 must lie between today, 2027-01-25, and"},
		{engagement.ActMoreTime, "ruth", "do:KO-14", more, "due", []string{"2027-01-30"}, "due 2027-01-30 is not later than"},
		{engagement.ActMoreTime, "kenji", rsk, more, "reason", []string{"", "\n\t "}, "Why? " + missing},
		{engagement.ActMoreTime, "kenji", rsk, more, "reason", []string{long}, "2,000 characters at most"},
		{engagement.ActMoreTime, "kenji", rsk, more, "reason", []string{"a\x00b"}, "reason must not hold control characters"},
		{engagement.ActMoreTime, "kenji", rsk, more, "blocking", []string{long}, "blocking may have 2,000 characters at most"},
		{engagement.ActSnooze, "kenji", rsk, nil, "due", []string{""}, "Remind me again on: this is missing"},
		{engagement.ActSnooze, "kenji", rsk, nil, "due", []string{"2027-01-25", "2027-01-29", "2027-01-24", "soon", "2027-01-26 2027-01-27"},
			"Remind me again on: "},
		{engagement.ActSnooze, "kenji", rsk, nil, "due", []string{"2027-01-25"}, "is none of those to choose from"},
		{engagement.ActBlocked, "kenji", rsk, blocked, "by", []string{""}, "Who has to act first? " + missing},
		{engagement.ActBlocked, "kenji", rsk, blocked, "by", []string{"fate", "Vendor", "kenji"}, "is none of those to choose from"},
		{engagement.ActBlocked, "kenji", rsk, blocked, "reason", []string{""}, "What is in the way? " + missing},
		{engagement.ActBlocked, "kenji", rsk, blocked, "reason", []string{long}, "2,000 characters at most"},
		{engagement.ActNotMine, "kenji", rsk, notMine, "person", []string{""}, "Whose is it? " + missing},
		{engagement.ActNotMine, "kenji", rsk, notMine, "person", []string{"kenji", "priya", "hugo", "nobody"}, "is none of those to choose from"},
		{engagement.ActNotMine, "kenji", rsk, notMine, "reason", []string{""}, "Why them? " + missing},
		{engagement.ActNotMine, "kenji", rsk, notMine, "reason", []string{long}, "2,000 characters at most"},
		{engagement.ActReturn, "ruth", "accept:GA-04.MON", nil, "reason", []string{"", " "}, "What is missing? " + missing},
		{engagement.ActReturn, "ruth", "accept:GA-04.MON", nil, "reason", []string{long}, "2,000 characters at most"},
		{engagement.ActRefuse, "ruth", "sign:G-GA-3", nil, "reason", []string{""}, "Why? " + missing},
		{engagement.ActRefuse, "ruth", "sign:G-GA-3", nil, "reason", []string{long}, "2,000 characters at most"},
		{engagement.ActDecline, "ines", "decide:D-1", nil, "reason", []string{""}, "Why? " + missing},
		{engagement.ActDecline, "ines", "decide:D-1", nil, "reason", []string{long}, "2,000 characters at most"},
	} {
		for _, v := range x.values {
			unfilled(d, models.Invalid, x.field, x.allowed, x.who, x.act, x.item, with(x.good, x.field, v))
		}
	}
	d.Facts.Engagement.Auditor = ""
	unfilled(d, models.Invalid, "by", "is none of those to choose from", "kenji", engagement.ActBlocked, rsk, with(blocked, "by", "auditor"))
}

// What a form is about changes while it lies open: whoever sends it then hears what has become of it, and nothing is done twice.
func TestFormsThatLayOpen(t *testing.T) {
	const rsk = "do:GA-04.RSK"
	more := map[string]string{"due": "2027-02-18", "reason": "ill"}
	for _, x := range []struct {
		name      string
		meanwhile func(*modelstest.Desk)
		who       string
		act       engagement.Act
		item      string
		answers   map[string]string
		code      models.Code
		field     string
		says      string
	}{
		{"olga did it", func(d *modelstest.Desk) { d.Do("olga", engagement.CompleteTask, modelstest.Task("GA-04.RSK")) },
			"kenji", engagement.ActDone, rsk, nil, models.Conflict, "task", "was completed already by Olga on 2027-01-25"},
		{"olga did it, and he asks for more time",
			func(d *modelstest.Desk) { d.Do("olga", engagement.CompleteTask, modelstest.Task("GA-04.RSK")) },
			"kenji", engagement.ActMoreTime, rsk, more, models.Conflict, "task", "is submitted: there is nothing to ask for any more"},
		{"it was accepted, and he puts it off", func(d *modelstest.Desk) {
			d.Do("olga", engagement.CompleteTask, modelstest.Task("GA-04.RSK"))
			d.Do("ruth", engagement.AcceptTask, modelstest.Task("GA-04.RSK"))
		}, "kenji", engagement.ActSnooze, rsk, map[string]string{"due": "2027-01-26"}, models.Conflict, "task", "there is nothing to put off"},
		{"ines waived it", func(d *modelstest.Desk) {
			d.Do("ines", engagement.WaiveTask, modelstest.Task("GA-04.RSK"), modelstest.Because("out of scope"))
		},
			"kenji", engagement.ActBlocked, rsk, map[string]string{"by": "vendor", "reason": "x"}, models.Conflict, "task", "is waived"},
		{"it is ruth's now", func(d *modelstest.Desk) { x := d.Facts.Task("GA-04.RSK"); x.Owner, x.Backup = "ruth", "" },
			"kenji", engagement.ActDone, rsk, nil, models.NotFound, "item", "this is not waited for any more"},
		{"it is due later than he asks for", func(d *modelstest.Desk) {
			d.Do("ines", engagement.MoveTask, modelstest.Task("GA-04.RSK"), modelstest.DueOn("2027-02-19"), modelstest.Because("the vendor"))
		}, "kenji", engagement.ActMoreTime, rsk, more, models.Invalid, "due", "is not later than 2027-02-19"},
		{"he asked already", func(d *modelstest.Desk) {
			d.Do("kenji", engagement.ExtendTask, modelstest.Task("GA-04.RSK"), modelstest.DueOn("2027-02-18"), modelstest.Because("ill"))
		}, "kenji", engagement.ActMoreTime, rsk, more, models.Conflict, "decision", "proposes the same and is still pending"},
		{"he put it off twice", func(d *modelstest.Desk) {
			d.Do("kenji", engagement.SnoozeTask, modelstest.Task("GA-04.RSK"), modelstest.DueOn("2027-01-26"))
			d.Do("kenji", engagement.SnoozeTask, modelstest.Task("GA-04.RSK"), modelstest.DueOn("2027-01-26"))
		}, "kenji", engagement.ActSnooze, rsk, map[string]string{"due": "2027-01-26"}, models.Conflict, "task", "was put off 2 times already"},
		{"it lay open overnight", func(d *modelstest.Desk) { d.GoTo(modelstest.On("2027-01-26")) },
			"kenji", engagement.ActSnooze, rsk, map[string]string{"due": "2027-01-26"}, models.Invalid, "due",
			`"2027-01-26" is none of those to choose from`},
		{"it is blocked already", func(d *modelstest.Desk) {
			d.Do("olga", engagement.BlockTask, modelstest.Task("GA-04.RSK"), modelstest.By("vendor"), modelstest.Because("x"))
		},
			"kenji", engagement.ActBlocked, rsk, map[string]string{"by": "firm", "reason": "y"}, models.Conflict, "task",
			"is blocked: only a task that is open or waiting can be blocked"},
		{"olga has left", func(d *modelstest.Desk) { d.Facts.People = d.Facts.People[:len(d.Facts.People)-1] },
			"kenji", engagement.ActNotMine, rsk, map[string]string{"person": "olga", "reason": "x"}, models.Invalid, "person",
			`"olga" is none of those to choose from`},
		{"ruth accepted it", func(d *modelstest.Desk) { d.Do("ruth", engagement.AcceptTask, modelstest.Task("GA-04.MON")) },
			"ruth", engagement.ActReturn, "accept:GA-04.MON", map[string]string{"reason": "x"}, models.Conflict, "task",
			"is done: only what was submitted can be accepted or returned"},
		{"kenji took it back", func(d *modelstest.Desk) {
			d.Do("kenji", engagement.ReopenTask, modelstest.Task("GA-04.MON"), modelstest.Because("one more page"))
		},
			"ruth", engagement.ActAccept, "accept:GA-04.MON", nil, models.Conflict, "task",
			"is open: only what was submitted can be accepted or returned"},
		{"somebody let it go on", func(d *modelstest.Desk) { d.Do("ines", engagement.UnblockTask, modelstest.Task("GA-04.INC")) },
			"priya", engagement.ActUnblock, "unblock:GA-04.INC", nil, models.Conflict, "task", "is not blocked: it is open"},
		{"it is decided", func(d *modelstest.Desk) { d.Do("ines", engagement.ApproveDecision, modelstest.Decision("D-1")) },
			"ines", engagement.ActDecline, "decide:D-1", map[string]string{"reason": "x"}, models.Conflict, "decision",
			"D-1 is in force already, since 2027-01-25"},
		{"it was dropped, since it is done", func(d *modelstest.Desk) { d.Do("olga", engagement.CompleteTask, modelstest.Task("GA-04.VUL")) },
			"ines", engagement.ActApprove, "decide:D-1", nil, models.Conflict, "decision", "D-1 is refused already, since 2027-01-25"},
		{"it was signed", func(d *modelstest.Desk) {
			g := d.Facts.Gate("G-GA-3")
			g.State, g.By, g.At = engagement.GateSigned, "ruth", d.Now
		},
			"ruth", engagement.ActRefuse, "sign:G-GA-3", map[string]string{"reason": "x"}, models.Conflict, "gate",
			"G-GA-3 was signed already by Ruth on 2027-01-25"},
		{"its phase waits again", func(d *modelstest.Desk) { d.Facts.Gates = nil },
			"ruth", engagement.ActRefuse, "sign:G-GA-3", map[string]string{"reason": "x"}, models.NotFound, "item",
			"this is not waited for any more"},
		{"the task is not there any more", func(*modelstest.Desk) {}, "kenji", engagement.ActMoreTime, "do:GA-99", more, models.NotFound,
			"item", "this is not waited for any more"},
		{"the decision is not there any more", func(*modelstest.Desk) {}, "ines", engagement.ActApprove, "decide:D-99", nil, models.NotFound,
			"item", "this is not waited for any more"},
		{"a task is no gate", func(*modelstest.Desk) {}, "ruth", engagement.ActSign, "sign:GA-04.RSK", nil, models.NotFound, "item",
			"this is not waited for any more"},
		{"nothing", func(*modelstest.Desk) {}, "kenji", engagement.ActDone, "", nil, models.Invalid, "act", "this cannot be done about it"},
	} {
		t.Run(x.name, func(t *testing.T) {
			d := asks(t)
			d.T = t
			x.meanwhile(d)
			unfilled(d, x.code, x.field, x.says, x.who, x.act, x.item, x.answers)
		})
	}
}

// What a form proposes follows the task: two business days after it is due, or after today once it is late; over a weekend and a
// holiday. (The 15th of February 2027 is Presidents' Day.)
func TestWhatFormsPropose(t *testing.T) {
	d := asks(t)
	propose := func(act engagement.Act) string {
		t.Helper()
		form, err := d.Facts.Form(act, "do:GA-04.RSK", d.Actor("kenji"), d.Now)
		if err != nil {
			t.Fatal(err)
		}
		f := form.Fields[0]
		var out []string
		for _, o := range f.Options {
			out = append(out, o.Label)
		}
		return strings.Join(append(out, f.Value), ", ")
	}
	for _, x := range []struct{ day, more, rest string }{
		{"2027-01-26", "2027-02-12", "Wed 2027-01-27, Thu 2027-01-28, Fri 2027-01-29, 2027-01-27"},
		{"2027-02-05", "2027-02-12", "Mon 2027-02-08, Tue 2027-02-09, Wed 2027-02-10, 2027-02-08"},
		{"2027-02-12", "2027-02-17", "Tue 2027-02-16, Wed 2027-02-17, Thu 2027-02-18, 2027-02-16"},
	} {
		d.GoTo(modelstest.On(x.day))
		if more, rest := propose(engagement.ActMoreTime), propose(engagement.ActSnooze); more != x.more || rest != x.rest {
			t.Errorf("on %s: more time until %s, a rest until %s", x.day, more, rest)
		}
	}
}

// A company of a hundred and more: a form lists those with a function first, and whoever is not listed is named by their address.
func TestWhoseIsIt(t *testing.T) {
	d := asks(t)
	d.Facts.People = append(d.Facts.People, models.Person{ID: "zoe", Name: "zoe", Role: models.RoleOwner, Client: "northgate", Active: true},
		models.Person{ID: "adam", Name: "Adam", Role: models.RoleOwner, Client: "northgate", Active: true})
	if got, want := shown(whose(d)), "Not mine | Send | person choice [olga ruth adam zoe], reason text"; got != want {
		t.Errorf("asked: %s, want %s", got, want)
	}
	for i := range 97 { // a hundred, with ruth, olga, adam and zoe a hundred and one
		d.Facts.People = append(d.Facts.People, models.Person{ID: models.PersonID(fmt.Sprintf("p%02d", i)), Name: fmt.Sprintf("Pat %02d", i),
			Email: fmt.Sprintf("Pat%02d@northgate.test", i), Role: models.RoleOwner, Client: "northgate", Active: true})
	}
	form := whose(d)
	if n := len(form.Fields); n != 3 || len(form.Fields[0].Options) != 100 || form.Fields[0].Options[99].Value != "p96" ||
		!form.Fields[0].May || form.Fields[1].Name != "email" || !form.Fields[1].May {
		t.Errorf("of a hundred and one: %s", shown(form))
	}
	isNamedByAddress(t, d)
	isListedInTheFirm(t, d)
	isAskedWhenAlone(t)
}

// whose returns the form by which kenji says that GA-04.RSK is not his.
func whose(d *modelstest.Desk) engagement.Form {
	d.T.Helper()
	form, err := d.Facts.Form(engagement.ActNotMine, "do:GA-04.RSK", d.Actor("kenji"), d.Now)
	if err != nil {
		d.T.Fatal(err)
	}
	return form
}

// isNamedByAddress answers the form of a hundred and one: somebody who is not listed is named by their address.
func isNamedByAddress(t *testing.T, d *modelstest.Desk) {
	t.Helper()
	unfilled(d, models.Invalid, "person", "say whose it is", "kenji", engagement.ActNotMine, "do:GA-04.RSK", map[string]string{"reason": "x"})
	unfilled(d, models.Invalid, "person", "none of those to choose from", "kenji", engagement.ActNotMine, "do:GA-04.RSK",
		map[string]string{"person": "zoe", "reason": "x"})
	unfilled(d, models.Invalid, "email", `nobody here has the address "pat99@northgate.test": ask the manager to invite them`, "kenji",
		engagement.ActNotMine, "do:GA-04.RSK",
		map[string]string{"email": "pat99@northgate.test", "reason": "x"})
	d.Facts.People = append(d.Facts.People,
		models.Person{ID: "pia", Name: "Pia", Email: "pia@acme.test", Role: models.RoleConsultant, Active: true})
	unfilled(d, models.Invalid, "email", `nobody here has the address "pia@acme.test"`, "kenji", engagement.ActNotMine, "do:GA-04.RSK",
		map[string]string{"email": "pia@acme.test", "reason": "x"})
	if became, err := fill(d, "kenji", engagement.ActNotMine, "do:GA-04.RSK",
		map[string]string{"email": " PAT07@northgate.TEST", "reason": "x"}); err != nil || became != "you proposed Pat 07" {
		t.Errorf("by address: %q, %v", became, err)
	}
}

// isListedInTheFirm asks for a task of the firm's: the team is listed, and noor and pia, who are not on the engagement, are not.
func isListedInTheFirm(t *testing.T, d *modelstest.Desk) {
	t.Helper()
	firm, _ := d.Facts.Form(engagement.ActNotMine, "do:GA-01", d.Actor("priya"), d.Now)
	if got, want := shown(firm), "Not mine | Send | person choice [ines marta tom], reason text"; got != want ||
		firm.Note != "It stays with you until they agree, or Ines does." {
		t.Errorf("of the firm: %s, want %s; %s", got, want, firm.Note)
	}
	d.Facts.Task("GA-01").ApproverRole, d.Facts.Task("GA-01").Approver = "pm", "ines"
	firm, _ = d.Facts.Form(engagement.ActNotMine, "do:GA-01", d.Actor("ines"), d.Now)
	if got, want := shown(firm), "Not mine | Send | person choice [marta tom], reason text"; got != want ||
		firm.Note != "It is theirs at once." {
		t.Errorf("of what ines accepts: %s, want %s; %s", got, want, firm.Note)
	}
}

// isAskedWhenAlone leaves kenji alone at the client: he has nobody to choose, and must name an address.
func isAskedWhenAlone(t *testing.T) {
	t.Helper()
	alone := asks(t)
	alone.Facts.People = alone.Facts.People[:len(alone.Facts.People)-1] // olga has left
	for i, p := range alone.Facts.People {
		if p.ID == "ruth" {
			alone.Facts.People[i].Role, alone.Facts.People[i].Client = models.RolePartner, "" // and ruth went to the firm
		}
	}
	form, err := alone.Facts.Form(engagement.ActNotMine, "do:GA-04.RSK", alone.Actor("kenji"), alone.Now)
	if want := "Not mine | Send | email text, reason text"; err != nil || shown(form) != want {
		t.Errorf("kenji is alone: %s, %v, want %s", shown(form), err, want)
	}
	c := engagement.Command{Kind: engagement.HandOverTask}
	if err := alone.Facts.Answer(form, &c, map[string]string{"reason": "x"}); models.CodeOf(err) != models.Invalid ||
		!strings.Contains(err.Error(), "this is missing") {
		t.Errorf("without an address: %v", err)
	}
}
