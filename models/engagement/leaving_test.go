package engagement_test

import (
	"slices"
	"strings"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// leaves ends somebody's access now, as the store does it, and has the engagement note it.
func leaves(t *testing.T, d *modelstest.Desk, who models.PersonID) {
	t.Helper()
	p, ok := d.Facts.Person(who)
	if !ok {
		t.Fatalf("%s is not there", who)
	}
	p.Active, p.LeftAt = false, d.Now
	d.Facts.People = slices.DeleteFunc(d.Facts.People, func(p models.Person) bool { return p.ID == who })
	d.Facts.Left = append(d.Facts.Left, p)
	if err := d.Change(engagement.Need{}, func(f *engagement.Facts) error {
		engagement.Leave(f, who, "marta", "moves on", d.Now)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// hands returns what gives a command what is handed over.
func hands(h engagement.HandOver) func(*engagement.Command) {
	return func(c *engagement.Command) { c.HandOver = &h }
}

// heldBy counts what somebody holds, by place.
func heldBy(d *modelstest.Desk, who models.PersonID) map[engagement.Place]int {
	n := map[engagement.Place]int{}
	for _, h := range d.Facts.HeldBy(who) {
		n[h.Place]++
	}
	return n
}

// Kenji, who leads security, leaves in the middle of the gap phase, and nobody is named. That he left, when, and how much has nobody is in
// the record, first among the reasons and with the manager; it stays so for weeks, and is gone when Olga has taken it over.
func TestWhatHasNobodyIsTheFirstReason(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	held := heldBy(d, "kenji")
	if held[engagement.PlaceTask] == 0 || held[engagement.PlaceFunction] != 1 || held[engagement.PlaceFunctionBackup] != 1 {
		t.Fatalf("kenji holds %v", held)
	}
	leaves(t, d, "kenji")
	day := d.Today()
	if got := d.Logged(engagement.EventLeft); len(got) != 1 || !strings.HasPrefix(got[0], "kenji ") || !strings.Contains(got[0], " tasks, ") {
		t.Errorf("the record says %q", got)
	}
	says := "Kenji left on " + models.Dated(day) + "; "
	for _, after := range []int{0, 30} {
		d.GoTo(day.AddDays(after))
		r := d.Report()
		if len(r.Reasons) == 0 || r.Reasons[0].Code != "left" || !strings.HasPrefix(r.Reasons[0].Text, says) ||
			!strings.HasSuffix(r.Reasons[0].Text, " have nobody") || r.Health == engagement.HealthOnTrack {
			t.Errorf("after %d days: %s, %+v", after, r.Health, r.Reasons)
		}
		if d.Facts.Engagement.Summary.Reason != r.Reasons[0].Text {
			t.Errorf("after %d days the portfolio says %q", after, d.Facts.Engagement.Summary.Reason)
		}
	}
	for who, asked := range map[models.PersonID]int{"ines": 1, "marta": 1, "priya": 0, "ruth": 0, "olga": 0} {
		if w := d.Facts.WorkOf(who, d.Today(), d.Today()); len(w.Left) != asked {
			t.Errorf("%s is asked to find somebody for %v", who, w.Left)
		}
	}
	olgaTakesOver(t, d)
}

// olgaTakesOver has Olga take over what Kenji left, and his functions after that.
func olgaTakesOver(t *testing.T, d *modelstest.Desk) {
	t.Helper()
	d.Do("marta", engagement.HandOverWork, hands(engagement.HandOver{From: "kenji", To: "olga"}), modelstest.Because("she knows it"))
	left := heldBy(d, "kenji")
	if left[engagement.PlaceTask]+left[engagement.PlaceApproval]+left[engagement.PlaceBackup] != 0 {
		t.Errorf("kenji still holds %v", left)
	}
	v, _ := d.Facts.Vacancy("kenji") // the function is given at the client
	if v.Text() != "1 function, 1 function as its backup have nobody" {
		t.Errorf("what is left: %q", v.Text())
	}
	d.Facts.Duties[1] = d.Facts.Duties[1].Handed("kenji", "olga")
	if _, still := d.Facts.Vacancy("kenji"); still {
		t.Error("to be only a backup is a vacancy")
	}
	if r := d.Report(); len(r.Reasons) > 0 && r.Reasons[0].Code == "left" {
		t.Errorf("it is still said: %+v", r.Reasons[0])
	}
	if got := d.Logged(engagement.EventHandedOver); len(got) != 1 || got[0] != "kenji kenji->olga" {
		t.Errorf("the record says %q", got)
	}
}

// Who takes over is told once, of everything, in the order in which it matters: first what they are, then the tasks with what was agreed.
// Nothing says that anything is late, though some of it is. Nobody is told task by task.
func TestWhoTakesOverIsToldOnce(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	d.GoTo(d.Today().AddDays(40)) // much is late by now
	c := d.Command("marta", engagement.HandOverWork, hands(engagement.HandOver{From: "ines", To: "noor",
		Also: map[models.PersonID]string{"noor": "At Northgate you are now: nothing."}}))
	var told []engagement.Notice
	if err := d.Change(engagement.NeedOf(c), func(f *engagement.Facts) error {
		_, err := engagement.Decide(f, c, d.Now)
		told = f.Changes().Notices
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if d.Facts.Engagement.Manager != "noor" {
		t.Error("noor is not the manager")
	}
	by := map[models.PersonID][]engagement.Notice{}
	for _, n := range told {
		by[n.To] = append(by[n.To], n)
	}
	if len(by["noor"]) != 1 || len(by["ines"]) != 1 || len(by) != 2 {
		t.Fatalf("told are %v", by)
	}
	n := by["noor"][0]
	first := "You are now: project manager. At Northgate you are now: nothing."
	if n.Kind != engagement.NoticeHanded || !n.Urgent || !strings.HasPrefix(n.Text, first) ||
		!strings.Contains(n.Text, "Yours to do: ") || !strings.Contains(n.Text, "(agreed for ") || strings.Contains(n.Text, "late") {
		t.Errorf("noor is told %q", n.Text)
	}
	if by["ines"][0].Kind != engagement.NoticeGiven || by["ines"][0].Urgent {
		t.Errorf("ines is told %+v", by["ines"])
	}
	for _, task := range d.Facts.Tasks {
		if !task.State.Closed() && (task.Owner == "ines" || task.Approver == "ines" || task.Backup == "ines") {
			t.Errorf("%s is still with ines", task.ID)
		}
	}
}

// Nobody who is to sign goes without another: the sponsor's gates are named when the only sponsor leaves, and are not handed to somebody
// who cannot sign them.
func TestNobodyLeavesAGateWithoutASigner(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	if held := heldBy(d, "ruth"); held[engagement.PlaceGate] == 0 {
		t.Fatalf("nobody but ruth signs for Northgate, and she holds %v", held)
	}
	if held := heldBy(d, "marta"); held[engagement.PlaceGate] == 0 {
		t.Fatalf("marta is the only partner here, and holds %v", held)
	}
	leaves(t, d, "ruth")
	v, ok := d.Facts.Vacancy("ruth")
	if !ok || !strings.Contains(v.Detail(), "Nobody can sign G-") || !strings.Contains(v.Text(), " gates") {
		t.Errorf("%v %q %q", ok, v.Text(), v.Detail())
	}
	d.Refused(models.Conflict, "to", "would have nobody to sign: Olga is owner and no sponsor", "marta", engagement.HandOverWork,
		hands(engagement.HandOver{From: "ruth", To: "olga"}))
	for i := range d.Facts.People {
		if p := &d.Facts.People[i]; p.ID == "olga" {
			p.Role = models.RoleSponsor
		}
	}
	if v, _ := d.Facts.Vacancy("ruth"); strings.Contains(v.Text(), "gate") {
		t.Errorf("olga signs now: %q", v.Text())
	}
	d.Do("marta", engagement.HandOverWork, hands(engagement.HandOver{From: "ruth", To: "olga"}))
}

// Where the manager and the partner have both left, the partners of the firm are asked.
func TestWhoIsAskedWhenNobodyIsLeft(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	d.Facts.People = append(d.Facts.People, modelstest.Person("vera"))
	leaves(t, d, "ines")
	if got := d.Facts.StaffedBy(); !slices.Equal(got, []models.PersonID{"marta"}) {
		t.Errorf("asked are %v", got)
	}
	leaves(t, d, "marta")
	if got := d.Facts.StaffedBy(); !slices.Equal(got, []models.PersonID{"vera"}) {
		t.Errorf("asked are %v", got)
	}
	v, _ := d.Facts.Vacancy("ines")
	if !strings.Contains(v.Detail(), "Nobody is the project manager.") {
		t.Errorf("%q", v.Detail())
	}
	d.Facts.People = append(d.Facts.People, modelstest.Newcomer("zoe", models.RoleManager))
	d.Do("vera", engagement.HandOverWork, hands(engagement.HandOver{From: "ines", To: "zoe"}))
	d.Do("vera", engagement.HandOverWork, hands(engagement.HandOver{From: "marta", To: "vera"}))
	if e := d.Facts.Engagement; e.Manager != "zoe" || e.Partner != "vera" || len(d.Facts.Vacancies()) != 0 {
		t.Errorf("%s %s %v", e.Manager, e.Partner, d.Facts.Vacancies())
	}
}

// Separation holds by the name of each thing: nobody accepts what is theirs to do or was done by them, nobody checks what they did, the
// auditor's is the auditor's, and one thing in the way keeps all of it back. What is in the way is given to another, or left.
func TestAHandOverKeepsPeopleApart(t *testing.T) {
	d := modelstest.OneTask(t)
	d.Facts.Tasks[0].ApproverRole, d.Facts.Tasks[0].Approver = "security_lead", "kenji"
	d.Facts.Tasks[0].Owner = "olga"
	d.Refused(models.Conflict, "to", "X-1 is Olga's to do: somebody else must accept it", "marta", engagement.HandOverWork,
		hands(engagement.HandOver{From: "kenji", To: "olga"}))
	d.Refused(models.Forbidden, "from", "as pm you may not choose who accepts X-1 for the client", "ines", engagement.HandOverWork,
		hands(engagement.HandOver{From: "kenji", To: "olga"}))
	d.Refused(models.Conflict, "to", "Priya is of the firm, but X-1 is for the client to accept", "marta", engagement.HandOverWork,
		hands(engagement.HandOver{From: "kenji", To: "priya"}))
	d.Refused(models.Invalid, "tasks", "tasks names X-7", "marta", engagement.HandOverWork,
		hands(engagement.HandOver{From: "kenji", To: "ruth", Tasks: map[models.TaskID]models.PersonID{"X-7": "olga"}}))
	d.Refused(models.Invalid, "from", "is nobody of this engagement", "marta", engagement.HandOverWork,
		hands(engagement.HandOver{From: "nobody", To: "ruth"}))
	d.Refused(models.Invalid, "to", "is whose work it is", "marta", engagement.HandOverWork,
		hands(engagement.HandOver{From: "ruth", To: "ruth"}))
	d.Refused(models.Conflict, "to", "the auditor's place is the audit firm's", "marta", engagement.HandOverWork,
		hands(engagement.HandOver{From: "hugo", To: "ivor"}), func(c *engagement.Command) {
			d.Facts.People = append(d.Facts.People, modelstest.Person("ivor"))
		})
	f := modelstest.CopyOf(d.Facts)
	if _, err := engagement.Decide(f, d.Command("marta", engagement.HandOverWork, hands(engagement.HandOver{From: "kenji", To: "olga",
		Tasks: map[models.TaskID]models.PersonID{"X-1": "ruth"}})), d.Now); err != nil {
		t.Error(err)
	}
	if x := f.Tasks[0]; x.Approver != "ruth" || x.Owner != "olga" {
		t.Errorf("%+v", x)
	}
}

// A question that waits for Kenji when he leaves is open work like any other: it has nobody until it is handed over, and then it waits for
// Olga, who is told. What Ines asked him herself she does not wait for any more.
func TestQuestionsToWhoHasLeftAreHandedOver(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	task := d.Facts.Tasks[slices.IndexFunc(d.Facts.Tasks, func(x *engagement.Task) bool {
		return x.Owner == "kenji" && x.State == engagement.TaskOpen
	})].ID
	asked := d.Do("priya", engagement.AskTask, modelstest.Task(task), modelstest.To("kenji"), modelstest.Because("Which system is it?"))
	leaves(t, d, "kenji")
	v, vacant := d.Facts.Vacancy("kenji")
	if !vacant || heldBy(d, "kenji")[engagement.PlaceQuestion] != 1 || !strings.Contains(v.Text(), "1 question to answer") {
		t.Fatalf("%v: %s", vacant, v.Text())
	}
	c := d.Command("ines", engagement.HandOverWork, hands(engagement.HandOver{From: "kenji", To: "olga"}), modelstest.Because("he left"))
	f := d.Loaded(engagement.NeedOf(c))
	if _, err := engagement.Decide(f, c, d.Now); err != nil {
		t.Fatal(err)
	}
	told := models.Keep(f.Changes().Notices, func(n engagement.Notice) bool { return n.To == "olga" && n.Kind == engagement.NoticeHanded })
	if len(told) != 1 || !strings.Contains(told[0].Text, "Questions that wait for your answer, about: ") {
		t.Errorf("olga is told %+v", told)
	}
	d.Do("ines", engagement.HandOverWork, hands(engagement.HandOver{From: "kenji", To: "olga"}), modelstest.Because("he left"))
	if q := d.Facts.Question(asked); q.To != "olga" || q.State != engagement.QuestionOpen || q.By != "priya" {
		t.Errorf("it is %+v", q)
	}
	if got := d.Logged("question.handed_over"); len(got) != 1 {
		t.Errorf("the record says %q", got)
	}
	d.Do("olga", engagement.AnswerQuestion, modelstest.Question(asked), modelstest.Because("Okta"))

	own := modelstest.In(t, "soc2_type2", catalog.PhaseGap)
	mine := own.Do("olga", engagement.AskTask, modelstest.Task(task), modelstest.To("kenji"), modelstest.Because("Which?"))
	leaves(t, own, "kenji")
	own.Do("ines", engagement.HandOverWork, hands(engagement.HandOver{From: "kenji", To: "olga"}))
	if q := own.Facts.Question(mine); q != nil && q.State == engagement.QuestionOpen {
		t.Errorf("her own question waits for %s", q.To)
	}
}
