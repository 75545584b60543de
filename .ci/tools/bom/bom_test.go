package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestLicencesAreToldApart(t *testing.T) {
	bsd := "Redistribution and use in source and binary forms, with or without modification, are permitted provided that the following"
	for _, c := range []struct {
		words string
		want  []string
	}{
		{"Apache License\n   Version 2.0, January 2004", []string{"Apache-2.0"}},
		{"Permission is hereby granted, free of charge, to any person\nobtaining a copy of this software", []string{"MIT"}},
		{bsd + " 1. 2. THIS SOFTWARE IS PROVIDED", []string{"BSD-2-Clause"}},
		{bsd + "\n *  * Neither the name of Google Inc.", []string{"BSD-3-Clause"}},
		{bsd + " 1. 2. " + bsd + " 3. Neither the name", []string{"BSD-2-Clause", "BSD-3-Clause"}},
		{"Permission to use, copy, modify, and distribute this software for any\n// purpose with or without fee is hereby granted, provided that",
			[]string{"ISC"}},
		{"GNU GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007", []string{"GPL"}},
		{"All rights reserved.", nil},
	} {
		if got := licences(c.words); !slices.Equal(got, c.want) {
			t.Errorf("%q is under %v, not %v", c.words, c.want, got)
		}
	}
}

func TestAProgramUnderALicenceThatIsNotAllowedIsRefused(t *testing.T) {
	p := program{Name: "tickmark", Modules: []module{
		{Path: "good.example/a", Version: "v1.0.0", Licences: []string{"MIT"}},
		{Path: "far.example/b", Version: "v1.2.0", Licences: []string{"AGPL"}},
		{Path: "silent.example/c", Version: "v0.1.0"}}}
	got := forbidden([]program{p})
	if len(got) != 2 || !strings.Contains(got[0], "far.example/b v1.2.0 in tickmark: the licence AGPL is none of") ||
		!strings.Contains(got[1], "silent.example/c v0.1.0 in tickmark: its licence is not known") {
		t.Errorf("%q", got)
	}
}

func TestABillNamesVersionHashAndLicence(t *testing.T) {
	m := module{Path: "good.example/a", Version: "v1.0.0", Sum: "h1:abc=", Licences: []string{"Apache-2.0", "MIT"}}
	out, err := json.Marshal(materials(program{Name: "tickmark", Modules: []module{m}}))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"bomFormat":"CycloneDX"`, `"specVersion":"1.6"`, `"purl":"pkg:golang/good.example/a@v1.0.0"`,
		`"licenses":[{"expression":"Apache-2.0 AND MIT"}]`, `{"name":"go:sum","value":"h1:abc="}`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%s is not in %s", want, out)
		}
	}
}
