package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// A program is one of ours, with the modules of others that are linked into it, in the order of their paths.
type program struct {
	Name    string
	Modules []module
}

// A module is somebody else's.
type module struct {
	Path, Version, Sum string // Sum is its hash as in go.sum; the standard library has none
	Licences           []string
	Texts              []text
}

// A text is a licence as its owners wrote it.
type text struct{ File, Words string }

// programs returns both programs.
func programs() ([]program, error) {
	tickmark, err := linked("tickmark", ".", "./cmd/tickmark")
	if err != nil {
		return nil, err
	}
	solo, err := linked("tickmark-solo", "cmd/tickmark-solo", ".")
	return []program{tickmark, solo}, err
}

// listed is what `go list` says of a package.
type listed struct {
	Standard bool
	Module   *struct {
		Path, Version, Dir, Sum string
		Main                    bool
		Replace                 *struct{ Version string }
	}
}

// linked returns a program with the modules that the packages of it come from. Modules that a folder of ours replaces are ours.
func linked(name, folder, pkg string) (program, error) {
	out, err := goList(folder, pkg)
	if err != nil {
		return program{}, err
	}
	found := map[string]module{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return program{}, err
		}
		m := p.Module
		if p.Standard || m == nil || m.Main || m.Replace != nil && m.Replace.Version == "" || found[m.Path].Path != "" {
			continue
		}
		if found[m.Path], err = read(module{Path: m.Path, Version: m.Version, Sum: m.Sum}, m.Dir); err != nil {
			return program{}, err
		}
	}
	if found["std"], err = read(module{Path: "std", Version: runtime.Version()}, runtime.GOROOT()); err != nil {
		return program{}, err
	}
	p := program{Name: name}
	for _, m := range found {
		p.Modules = append(p.Modules, m)
	}
	slices.SortFunc(p.Modules, func(a, b module) int { return strings.Compare(a.Path, b.Path) })
	return p, nil
}

func goList(folder, pkg string) ([]byte, error) {
	cmd := exec.Command("go", "list", "-deps", "-json=Standard,Module", pkg)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list in %s: %w\n%s", folder, err, said.String())
	}
	return out, nil
}

// read adds the licences that lie in a module's folder.
func read(m module, dir string) (module, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return m, err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !named(e.Name()) {
			continue
		}
		words, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return m, err
		}
		m.Texts = append(m.Texts, text{e.Name(), string(words)})
		m.Licences = append(m.Licences, licences(string(words))...)
	}
	if known := byHand[m.Path+"@"+m.Version]; len(m.Licences) == 0 && known != "" {
		m.Licences = []string{known}
	}
	slices.Sort(m.Licences)
	m.Licences = slices.Compact(m.Licences)
	return m, nil
}

// named reports whether a file is called as licences are.
func named(file string) bool {
	name, _, _ := strings.Cut(strings.ToLower(file), ".")
	for _, word := range []string{"license", "licence", "copying", "unlicense"} {
		if strings.HasPrefix(name, word) && !strings.HasSuffix(file, ".go") {
			return true
		}
	}
	return false
}
