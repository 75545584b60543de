// Package files holds the built-in catalog: criteria, controls, evidence requests, gap questions, policies and the
// plan of an engagement, in eleven embedded files. All wording is our own; ids and counts of criteria are the AICPA's.
package files

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"go.yaml.in/yaml/v3"

	"tickmark/models/catalog"
)

// Schema is what every file must say it follows.
const Schema = "catalog/v1"

//go:embed *.yaml
var files embed.FS

var load = sync.OnceValues(func() (*catalog.Catalog, error) { return Parse(files) })

// Load returns the embedded catalog, read and checked once. It is shared: callers must not change it.
func Load() (*catalog.Catalog, error) { return load() }

// Parse reads the eleven files of a catalog from the root of fsys and checks that they fit together. An error names the
// file and the place, and what is allowed there. Unreadable files and unknown keys are all reported together; only when
// there are none, ids used twice and references to nothing; only then, what makes no sense.
func Parse(fsys fs.FS) (*catalog.Catalog, error) {
	c, err := read(fsys, true)
	if err != nil {
		return nil, err
	}
	if problems := check(c); len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return c, nil
}

// Unpack reads a catalog from the Source of one that was read before, by this release or an older one. What an older release knew and this
// one does not is left out, and what this one knows besides has its zero value: the catalog was checked when it was the newest.
func Unpack(source []byte) (*catalog.Catalog, error) {
	files, err := zip.NewReader(bytes.NewReader(source), int64(len(source)))
	if err != nil {
		return nil, fmt.Errorf("unpack a catalog: %w", err)
	}
	return read(files, false)
}

// read reads the files of a catalog: strictly as this release writes them, or as an older one did, which may have lacked a file.
func read(fsys fs.FS, strict bool) (*catalog.Catalog, error) {
	c := new(catalog.Catalog)
	digest := sha256.New()
	var packed bytes.Buffer
	pack := zip.NewWriter(&packed)
	var problems []error
	for _, f := range parts(c) {
		text, err := fs.ReadFile(fsys, f.name)
		switch {
		case errors.Is(err, fs.ErrNotExist) && !strict:
			continue
		case err != nil:
			problems = append(problems, fmt.Errorf("%s: %w", f.name, err))
			continue
		}
		digest.Write(text)
		if err := add(pack, f.name, text); err != nil {
			return nil, err
		}
		if err := decode(text, f.into, strict); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", f.name, err))
		}
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	if err := pack.Close(); err != nil {
		return nil, fmt.Errorf("pack the catalog: %w", err)
	}
	c.Version, c.Source = fmt.Sprintf("%s-%.6x", Schema, digest.Sum(nil)), packed.Bytes()
	c.Index()
	return c, nil
}

func add(pack *zip.Writer, name string, text []byte) error {
	w, err := pack.Create(name)
	if err == nil {
		_, err = w.Write(text)
	}
	if err != nil {
		return fmt.Errorf("pack %s: %w", name, err)
	}
	return nil
}

// A part is one file and where its contents go.
type part struct {
	name string
	into any
}

func parts(c *catalog.Catalog) []part {
	return []part{
		{"criteria.yaml", &c.CriteriaFile},
		{"roles.yaml", &c.RolesFile},
		{"controls.yaml", &c.ControlsFile},
		{"policies.yaml", &c.PoliciesFile},
		{"evidence.yaml", &c.EvidenceFile},
		{"questions.yaml", &c.QuestionsFile},
		{"soc1.yaml", &c.SOC1},
		{"soccyber.yaml", &c.Cyber},
		{"phases.yaml", &c.PhasesFile},
		{"sampling.yaml", &c.Sampling},
		{"reminders.yaml", &c.Reminders},
	}
}

// decode reads the one document of a file. Repeated keys are errors that name the line, and so are unknown ones where strict.
func decode(text []byte, into any, strict bool) error {
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(strict)
	if err := d.Decode(into); err != nil {
		return err
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return errors.New("a second document follows the first")
	}
	return nil
}
