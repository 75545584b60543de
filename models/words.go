package models

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Words joins ids for people.
func Words[S ~string](all []S) string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = string(s)
	}
	return strings.Join(out, ", ")
}

func HasAll(have, want []string) bool {
	return !slices.ContainsFunc(want, func(w string) bool { return !slices.Contains(have, w) })
}

func Keep[T any](items []T, ok func(T) bool) []T {
	var out []T
	for _, item := range items {
		if ok(item) {
			out = append(out, item)
		}
	}
	return out
}

func BusinessDays(n int) string {
	if n == 1 {
		return "1 business day"
	}
	return fmt.Sprintf("%d business days", n)
}

// Upper begins a sentence.
func Upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// Tame takes out what would turn a text around, hide a part of it or break a line.
func Tame(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x200E, r == 0x200F, r == 0x2060, r == 0xFEFF:
			return -1
		}
		return r
	}, s)
}
