package files_test

import (
	"archive/zip"
	"bytes"
	"os"
	"strings"
	"testing"

	"tickmark/models/catalog/files"
)

// released is the folder with the catalogs of all releases so far: what engagements may have been started with.
const released = "testdata/released"

// packed is what a store keeps of a catalog: its files, as somebody may have changed them.
func packed(t *testing.T, release string, edit func(name, text string) (string, bool)) []byte {
	t.Helper()
	entries, err := os.ReadDir(released + "/" + release)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	pack := zip.NewWriter(&out)
	for _, e := range entries {
		text, err := os.ReadFile(released + "/" + release + "/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		said, keep := edit(e.Name(), string(text))
		if !keep {
			continue
		}
		w, err := pack.Create(e.Name())
		if err == nil {
			_, err = w.Write([]byte(said))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := pack.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// An engagement is carried to its end by the catalog it was started with: what any release came with stays readable for good.
func TestReleasedCatalogsStayReadable(t *testing.T) {
	releases, err := os.ReadDir(released)
	if err != nil || len(releases) == 0 {
		t.Fatalf("no released catalogs in %s: %v", released, err)
	}
	for _, release := range releases {
		c, err := files.Unpack(packed(t, release.Name(), func(_, text string) (string, bool) { return text, true }))
		if err != nil {
			t.Errorf("%s: %v", release.Name(), err)
			continue
		}
		if len(c.Tasks) < 100 || len(c.Phases) != 12 || len(c.Controls) < 100 || len(c.Reminders.Schedules) < 7 {
			t.Errorf("%s: %d tasks, %d phases, %d controls, %d ladders", release.Name(), len(c.Tasks), len(c.Phases), len(c.Controls),
				len(c.Reminders.Schedules))
		}
		again, err := files.Unpack(c.Source)
		if err != nil || again.Version != c.Version {
			t.Errorf("%s: packed and unpacked, %s is another: %v", release.Name(), c.Version, err)
		}
	}
}

// A later release knows a key no more and has a file besides: catalogs of before are read all the same, while its own must be as it
// knows them.
func TestACatalogOfAnotherReleaseIsRead(t *testing.T) {
	c, err := files.Unpack(packed(t, "2026-11", func(name, text string) (string, bool) {
		return "obsolete: yes\n" + text, name != "soccyber.yaml"
	}))
	if err != nil || len(c.Tasks) < 100 || len(c.Cyber.Criteria) > 0 {
		t.Fatalf("%+v", err)
	}
	if _, err := files.Parse(os.DirFS(t.TempDir())); err == nil || !strings.Contains(err.Error(), "phases.yaml") {
		t.Errorf("of an empty folder it is said: %v", err)
	}
}

// The newest catalog is unpacked as it was packed.
func TestTheNewestCatalogIsKept(t *testing.T) {
	newest, err := files.Load()
	if err != nil {
		t.Fatal(err)
	}
	again, err := files.Unpack(newest.Source)
	if err != nil || again.Version != newest.Version || len(again.Tasks) != len(newest.Tasks) {
		t.Errorf("unpacked it is another: %v", err)
	}
}
