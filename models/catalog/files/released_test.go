package files_test

import (
	"os"
	"testing"

	"tickmark/models/catalog/files"
)

// An engagement is carried to its end by the catalog it was started with: what any release came with stays readable for good.
func TestReleasedCatalogsStayReadable(t *testing.T) {
	const folder = "testdata/released"
	releases, err := os.ReadDir(folder)
	if err != nil || len(releases) == 0 {
		t.Fatalf("no released catalogs in %s: %v", folder, err)
	}
	for _, release := range releases {
		c, err := files.Parse(os.DirFS(folder + "/" + release.Name()))
		if err != nil {
			t.Errorf("%s: %v", release.Name(), err)
			continue
		}
		again, err := files.Unpack(c.Source)
		if err != nil || again.Version != c.Version {
			t.Errorf("%s: packed and unpacked, %s is %v: %v", release.Name(), c.Version, again, err)
		}
	}
}
