package store

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/catalog/files"
	"tickmark/models/engagement"
	"tickmark/models/planning"
	"tickmark/models/reminders"
)

// edited is a later catalog: another in which each of the edits was made, once, in the file of that name.
func edited(t *testing.T, c *catalog.Catalog, edits map[string][][2]string) *catalog.Catalog {
	t.Helper()
	packed, err := zip.NewReader(bytes.NewReader(c.Source), int64(len(c.Source)))
	check(t, err)
	theFiles := fstest.MapFS{}
	for _, f := range packed.File {
		r, err := f.Open()
		check(t, err)
		text, err := io.ReadAll(r)
		check(t, err)
		for _, e := range edits[f.Name] {
			if strings.Count(string(text), e[0]) != 1 {
				t.Fatalf("%s: %q is not there once", f.Name, e[0])
			}
			text = []byte(strings.Replace(string(text), e[0], e[1], 1))
		}
		theFiles[f.Name] = &fstest.MapFile{Data: text}
	}
	later, err := files.Parse(theFiles)
	check(t, err)
	return later
}

// said is all that is said of an engagement at an instant: how it stands, what it waits for, its plan and what would go out.
func said(t *testing.T, w world, now time.Time) string {
	t.Helper()
	f, err := w.Facts(t.Context(), "e1", engagement.Need{})
	check(t, err)
	plan, err := planning.NewPlan(f.Catalog, f.PlanInput())
	check(t, err)
	text := fmt.Sprintf("%+v\n%+v\n%+v\n", f.Report(now), engagement.AgendaOf(f, now), plan)
	if f, err = w.Facts(t.Context(), "e1", reminders.NeedToRehearse(f)); err != nil {
		t.Fatal(err)
	}
	aud, err := w.Audience(t.Context(), f, true)
	check(t, err)
	settings, err := w.Messaging(t.Context())
	check(t, err)
	rehearsal, err := reminders.Rehearse(t.Context(), f, aud, settings, reminders.AssumeLate, now, models.Date{Year: 2026, Month: 9, Day: 30})
	check(t, err)
	for _, m := range rehearsal.Messages {
		text += fmt.Sprintf("%s %s %s\n", m.At, m.To.ID, m.Message.Text())
	}
	return text + fmt.Sprint(rehearsal.EndedOn, rehearsal.StoppedOn, rehearsal.Stopped, rehearsal.Remarks)
}

// A release comes with another catalog while an engagement runs: its gap analysis takes longer, a task has another title, the ladder of
// gates begins later and a task of the Type 1 report is gone. The engagement is as it was, to the letter, also for a process
// that has never seen the older catalog; a draft follows the newest, and so does what is started now.
func TestALaterCatalogChangesNoRunningEngagement(t *testing.T) {
	each(t, func(t *testing.T, root *Root) {
		w := newWorld(t, root, "acme")
		first := root.Catalog
		act := func(on world, id models.EngagementID, now time.Time, c engagement.Command) {
			t.Helper()
			c.Key = fmt.Sprint(c.Kind, id, now.Unix())
			_, _, err := on.Change(t.Context(), id, Once{Actor: "ines", Key: c.Key, Hash: "h"}, engagement.NeedOf(c), now,
				func(f *engagement.Facts, _ time.Time) (string, error) {
					if c.Kind == "" {
						engagement.Advance(f, now)
						return "", nil
					}
					return engagement.Decide(f, c, now)
				})
			check(t, err)
		}
		ines := engagement.Actor{Person: "ines", Role: models.RoleManager}
		start := engagement.Command{Kind: engagement.StartEngagement, Actor: ines}
		act(w, "e1", noon, start)
		later := noon.AddDate(0, 0, 10)
		act(w, "e1", later, engagement.Command{})
		before := said(t, w, later)

		second := edited(t, first, map[string][][2]string{
			"phases.yaml": {{`title: "Hold interviews and walkthroughs", owner: consultant, due: {anchor: gap_start, offset: 8}`,
				`title: "Hold interviews and walkthroughs", owner: consultant, due: {anchor: gap_start, offset: 9}`},
				{"Set up workspace, contacts and channels", "Set up everything"}, {"  - {id: T1-17,", "  - {id: T1-99,"}},
			"reminders.yaml": {{"      - {offset: -10, to: [owner], tone: heads_up}\n", "      - {offset: -9, to: [owner], tone: heads_up}\n"}},
		})
		if _, there := second.Template("T1-17"); there || second.Version == first.Version {
			t.Fatalf("the second catalog, %s, is not another", second.Version)
		}
		w.addEngagement(t, "e2")
		w.addEngagement(t, "e3")
		act(w, "e3", noon, start)
		released := another(root)
		released.Catalog = second
		v := w
		v.root, v.Store = released, released.For("acme")
		if after := said(t, v, later); after != before {
			t.Errorf("it has changed:\n%s", difference(before, after))
		}
		act(v, "e1", later.AddDate(0, 0, 1), engagement.Command{})
		act(v, "e2", noon, start)
		for id, want := range map[models.EngagementID]*catalog.Catalog{"e1": first, "e2": second, "e3": first} {
			f, err := v.Facts(t.Context(), id, engagement.Need{})
			check(t, err)
			if f.Engagement.Catalog != want.Version || f.Catalog.Version != want.Version {
				t.Errorf("%s goes by %s, and is said to go by %s; want %s", id, f.Catalog.Version, f.Engagement.Catalog, want.Version)
			}
			title := ""
			if x := f.Task("KO-05"); x != nil {
				title = x.Title
			}
			if tmpl, _ := want.Template("KO-05"); title != tmpl.Title {
				t.Errorf("%s: KO-05 is %q", id, title)
			}
		}
		w.addEngagement(t, "e4")
		if f, err := v.Facts(t.Context(), "e4", engagement.Need{}); err != nil || f.Catalog != second || f.Engagement.Catalog != "" {
			t.Errorf("a draft goes by %s, and is said to go by %q: %v", f.Catalog.Version, f.Engagement.Catalog, err)
		}
	})
}
