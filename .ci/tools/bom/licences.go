package main

import (
	"fmt"
	"slices"
	"strings"
)

// A mark is words that stand in one licence and in no other.
type mark struct{ id, words string }

// marks tell licences apart, by their SPDX identifiers. BSD is told by hand: see licences.
var marks = []mark{
	{"Apache-2.0", "apache license version 2.0, january 2004"},
	{"MPL-2.0", "mozilla public license version 2.0"},
	{"MPL-2.0", "mozilla public license, version 2.0"},
	{"MIT", "permission is hereby granted, free of charge, to any person obtaining a copy"},
	{"ISC", "distribute this software for any purpose with or without fee is hereby granted, provided that"},
	{"0BSD", "distribute this software for any purpose with or without fee is hereby granted. the software is provided"},
	{"Unlicense", "this is free and unencumbered software released into the public domain"},
	{"CC0-1.0", "cc0 1.0 universal"},
	{"AGPL", "gnu affero general public license version 3"},
	{"LGPL", "gnu lesser general public license version"},
	{"GPL", "gnu general public license version"},
	{"BUSL-1.1", "business source license 1.1"},
	{"SSPL-1.0", "server side public license"},
}

// licences returns which licences a text contains, as SPDX identifiers. A text that has none of the words we know contains none.
func licences(words string) []string {
	plain := strings.Join(strings.Fields(strings.NewReplacer("*", " ", "//", " ", "#", " ").Replace(strings.ToLower(words))), " ")
	var out []string
	for _, m := range marks {
		if strings.Contains(plain, m.words) {
			out = append(out, m.id)
		}
	}
	for _, part := range strings.Split(plain, "redistribution and use in source and binary forms")[1:] {
		if strings.Contains(part, "neither the name") || strings.Contains(part, "names of its contributors") ||
			strings.Contains(part, "may not be used to endorse") {
			out = append(out, "BSD-3-Clause")
		} else {
			out = append(out, "BSD-2-Clause")
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// allowed are the licences under which code may be in our programs: they ask for their text to go along, which `make sbom` writes, and
// MPL-2.0 for changes of its own files to be published, of which we make none.
var allowed = []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MPL-2.0", "Unlicense"}

// byHand are modules without the text of a licence in them, by path and version, and what is known instead. Whoever takes another version
// looks anew.
var byHand = map[string]string{
	// Its sources say "an MIT-style license that can be found in the LICENSE file", which lies outside of the module's folder.
	"github.com/cactus/go-statsd-client/statsd@v0.0.0-20200423205355-cb0885a1018c": "MIT",
	// It was published without one by the owners of Temporal's other modules, whose API needs it.
	"github.com/nexus-rpc/nexus-proto-annotations@v0.1.0": unstated,
}

// unstated stands where a licence would, for a module whose owners state none.
const unstated = "none stated"

// forbidden says of each module whose licence is not known, or not allowed, that it is so.
func forbidden(all []program) []string {
	var out []string
	for _, p := range all {
		for _, m := range p.Modules {
			if len(m.Licences) == 0 {
				out = append(out, fmt.Sprintf("%s %s in %s: its licence is not known", m.Path, m.Version, p.Name))
			}
			for _, l := range m.Licences {
				if l != unstated && !slices.Contains(allowed, l) {
					out = append(out, fmt.Sprintf("%s %s in %s: the licence %s is none of %s", m.Path, m.Version, p.Name, l, strings.Join(allowed, ", ")))
				}
			}
		}
	}
	return out
}
