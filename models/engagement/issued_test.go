package engagement_test

import (
	"slices"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// No auditor has been invited, so Ines enters that the report is out. Neither she nor Marta can say that it is not needed, or that half of
// it is out: an engagement would have a report that nobody issued, or one that was issued twice. Neither is offered to them.
func TestAReportIsIssuedOnceAndIsNotWaived(t *testing.T) {
	d := modelstest.In(t, "soc2_type1", catalog.PhaseT1Report)
	d.Until(modelstest.On("2030-01-01"), func() bool { return d.Task("T1-16").State == engagement.TaskOpen })
	d.Facts.Engagement.Auditor = ""
	for _, who := range []string{"ines", "marta"} {
		d.Refused(models.Conflict, "task", "cannot be waived", who, engagement.WaiveTask, modelstest.Task("T1-16"), modelstest.Because("no need"))
		d.Refused(models.Conflict, "task", "which is out once", who, engagement.SplitTask, modelstest.Task("T1-16"),
			modelstest.Because("two halves"), func(c *engagement.Command) { c.Add = &engagement.NewTask{Title: "The second half"} })
		it := engagement.Item{Kind: engagement.ItemDo, Subject: "T1-16"}
		if acts := d.Facts.OffersAbove(d.Actor(who), it, d.Now); len(acts) == 0 || slices.Contains(acts, engagement.ActWaive) {
			t.Errorf("%s is offered %v", who, acts)
		}
	}
	if n := len(d.Logged("report.issued")); n != 0 {
		t.Errorf("%d reports are issued", n)
	}
	d.Do("ines", engagement.CompleteTask, modelstest.Task("T1-16"))
	if n := len(d.Logged("report.issued")); n != 1 || d.Report().Forecast.Reports[0].Issued != d.Today() {
		t.Errorf("%d reports are issued, the forecast is %+v", n, d.Report().Forecast)
	}
}
