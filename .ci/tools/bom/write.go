package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const begin, end = "<!-- dependencies -->\n", "<!-- /dependencies -->\n"

// table returns one line for each module: which version, under which licences, in which programs.
func table(all []program) string {
	type row struct {
		module
		in []string
	}
	rows := map[string]*row{}
	var order []string
	for _, p := range all {
		for _, m := range p.Modules {
			if m.Path == "std" { // its version is that of whoever builds
				m.Version = "of Go"
			}
			key := m.Path + "@" + m.Version
			if rows[key] == nil {
				rows[key] = &row{module: m}
				order = append(order, key)
			}
			rows[key].in = append(rows[key].in, p.Name)
		}
	}
	slices.Sort(order)
	var b strings.Builder
	b.WriteString("| module | version | licence | in |\n| --- | --- | --- | --- |\n")
	for _, key := range order {
		r := rows[key]
		in := strings.Join(r.in, ", ")
		if len(r.in) == len(all) {
			in = "both"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.Path, r.Version, strings.Join(r.Licences, " and "), in)
	}
	return b.String()
}

// readTable returns what stands between the markers of a document.
func readTable(file string) (string, error) {
	_, stands, _, err := cut(file)
	return stands, err
}

// writeTable replaces what stands between the markers.
func writeTable(file, table string) error {
	before, _, after, err := cut(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(before+begin+table+end+after), 0o644)
}

func cut(file string) (before, between, after string, err error) {
	words, err := os.ReadFile(file)
	if err != nil {
		return "", "", "", err
	}
	before, rest, ok := strings.Cut(string(words), begin)
	between, after, ended := strings.Cut(rest, end)
	if !ok || !ended {
		return "", "", "", fmt.Errorf("%s has no markers %q and %q", file, begin, end)
	}
	return before, between, after, nil
}

// A component is one thing in a bill of materials, as CycloneDX 1.6 writes it.
type component struct {
	Type       string          `json:"type"`
	Ref        string          `json:"bom-ref"`
	Name       string          `json:"name"`
	Version    string          `json:"version,omitempty"`
	Purl       string          `json:"purl,omitempty"`
	Licences   []licenceChoice `json:"licenses,omitempty"`
	Properties []property      `json:"properties,omitempty"`
}

// A licenceChoice is an SPDX expression.
type licenceChoice struct {
	Expression string `json:"expression"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type bill struct {
	Format     string      `json:"bomFormat"`
	Spec       string      `json:"specVersion"`
	Version    int         `json:"version"`
	Metadata   metadata    `json:"metadata"`
	Components []component `json:"components"`
}

type metadata struct {
	Component component `json:"component"`
}

// materials returns the bill of a program.
func materials(p program) bill {
	b := bill{Format: "CycloneDX", Spec: "1.6", Version: 1, Metadata: metadata{component{Type: "application", Ref: p.Name, Name: p.Name}}}
	for _, m := range p.Modules {
		purl := "pkg:golang/" + m.Path + "@" + m.Version
		c := component{Type: "library", Ref: purl, Name: m.Path, Version: m.Version, Purl: purl}
		if !slices.Contains(m.Licences, unstated) {
			c.Licences = []licenceChoice{{strings.Join(m.Licences, " AND ")}}
		}
		if m.Sum != "" {
			c.Properties = []property{{"go:sum", m.Sum}}
		}
		b.Components = append(b.Components, c)
	}
	return b
}

// writeAll writes the bills of all programs, and the texts of the licences of all that is in them.
func writeAll(folder string, all []program) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	var texts strings.Builder
	seen := map[string]bool{}
	for _, p := range all {
		written, err := json.MarshalIndent(materials(p), "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, p.Name+".cdx.json"), append(written, '\n'), 0o644); err != nil {
			return err
		}
		for _, m := range p.Modules {
			key := m.Path + " " + m.Version
			if seen[key] {
				continue
			}
			seen[key] = true
			for _, t := range m.Texts {
				fmt.Fprintf(&texts, "==== %s (%s)\n\n%s\n\n", key, t.File, strings.TrimSpace(t.Words))
			}
		}
	}
	return os.WriteFile(filepath.Join(folder, "licences.txt"), []byte(texts.String()), 0o644)
}
