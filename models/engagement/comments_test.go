package engagement_test

import (
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// Who reads what is said on a task: what the firm says on its own tasks only the firm reads, unless somebody else is asked or it is said to
// be shared; everything else is shared (F15).
func TestWhoReadsAComment(t *testing.T) {
	const fee = "the fee is too low"
	for _, x := range []struct {
		who      string
		task     models.TaskID // RE-01 is the firm's, RE-08 the client's
		to       models.PersonID
		readers  engagement.Readers
		internal bool
	}{
		{who: "ines", task: "RE-01", internal: true},
		{who: "ines", task: "RE-01", to: "priya", internal: true},
		{who: "ines", task: "RE-01", to: "ruth"},
		{who: "ines", task: "RE-01", readers: "shared"},
		{who: "ines", task: "RE-01", to: "priya", readers: "shared"},
		{who: "ines", task: "RE-08"},
		{who: "ines", task: "RE-08", to: "priya"},
		{who: "ines", task: "RE-08", readers: "internal", internal: true},
		{who: "priya", task: "RE-08", to: "ines", readers: "internal", internal: true},
		{who: "ruth", task: "RE-01"},
		{who: "ruth", task: "RE-01", readers: "shared"},
		{who: "kenji", task: "RE-08"},
	} {
		d := modelstest.In(t, "soc2_type2", catalog.PhaseRemediation)
		d.Do(x.who, engagement.CommentTask, modelstest.Task(x.task), modelstest.To(x.to), modelstest.Because(fee),
			func(c *engagement.Command) { c.Readers = x.readers })
		said, e := d.Comments[len(d.Comments)-1], d.Events[len(d.Events)-1]
		if said.Internal != x.internal || e.Internal != x.internal || said.Text != fee || e.Reason != "" {
			t.Errorf("%+v: the comment is %+v, the event %+v", x, said, e)
		}
	}
}

// What would be read by nobody it is meant for, or by those whom it is kept from, is refused.
func TestReadersThatCannotBe(t *testing.T) {
	d := modelstest.In(t, "soc2_type2", catalog.PhaseRemediation)
	readers := func(r engagement.Readers) func(*engagement.Command) {
		return func(c *engagement.Command) { c.Readers = r }
	}
	d.Refused(models.Invalid, "readers", "Ruth is not of Acme Advisory and would not read an internal comment: make it shared", "ines",
		engagement.CommentTask, modelstest.Task("RE-01"), modelstest.To("ruth"), modelstest.Because("the fee?"), readers("internal"))
	for _, who := range []string{"ruth", "kenji"} {
		d.Refused(models.Invalid, "readers", "readers internal is for the people of Acme Advisory: what you say here is shared", who,
			engagement.CommentTask, modelstest.Task("RE-08"), modelstest.Because("the fee?"), readers("internal"))
	}
	d.Refused(models.Invalid, "readers", `readers "all" is none of internal, shared`, "ines", engagement.CommentTask, modelstest.Task("RE-01"),
		modelstest.Because("the fee?"), readers("all"))
}

// Before somebody says something they are told who will read it.
func TestCommentingSaysWhoReads(t *testing.T) {
	firm, client := modelstest.Firm("acme"), modelstest.Client("northgate")
	shared := func(says string) engagement.Commenting { return engagement.Commenting{Readers: "shared", Shared: says} }
	for _, x := range []struct {
		role  models.Role
		owner string
		want  engagement.Commenting
	}{
		{models.RoleManager, "pm", engagement.Commenting{Readers: "internal", Internal: "Only Acme Advisory reads this.",
			Shared: "Northgate reads this too."}},
		{models.RoleConsultant, "security_lead", engagement.Commenting{Readers: "shared", Internal: "Only Acme Advisory reads this.",
			Shared: "Northgate reads this too."}},
		{models.RolePartner, "auditor", engagement.Commenting{Readers: "shared", Internal: "Only Acme Advisory reads this.",
			Shared: "Northgate and the auditor read this too."}},
		{models.RoleSponsor, "pm", shared("Acme Advisory and Northgate read this.")},
		{models.RoleOwner, "security_lead", shared("Acme Advisory and Northgate read this.")},
		{models.RoleAuditor, "auditor", shared("Acme Advisory, Northgate and the auditor read this.")},
	} {
		if got := engagement.CommentingOn(engagement.Actor{Role: x.role}, &engagement.Task{OwnerRole: x.owner}, firm, client); got != x.want {
			t.Errorf("%s on a task of %s: %+v, want %+v", x.role, x.owner, got, x.want)
		}
	}
}
