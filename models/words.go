package models

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words returns ids for people, joined by commas.
func Words[S ~string](all []S) string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = string(s)
	}
	return strings.Join(out, ", ")
}

// HasAll reports whether every word of want is in have. Nothing wanted is always there.
func HasAll(have, want []string) bool {
	return !slices.ContainsFunc(want, func(w string) bool { return !slices.Contains(have, w) })
}

// Keep returns the items for which ok holds, in their order, in a new slice; nil when there is none.
func Keep[T any](items []T, ok func(T) bool) []T {
	var out []T
	for _, item := range items {
		if ok(item) {
			out = append(out, item)
		}
	}
	return out
}

// Count returns a number with what it counts, whose plural ends in s: "1 question", "3 questions".
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// AndMore says how many more things there are than are named, and where all of them stand: "and 3 more: the list of gates names
// them". Without a where the list stands right behind, as the one that a line of a message has.
func AndMore(n int, where string) string {
	if where == "" {
		return fmt.Sprintf("and %d more", n)
	}
	return fmt.Sprintf("and %d more: %s", n, where)
}

// Listed returns names as a sentence lists them: "Ann", "Ann and Bob", "Ann, Bob and Cleo".
func Listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// BusinessDays returns a number of business days for people: "1 business day", "5 business days".
func BusinessDays(n int) string { return Count(n, "business day") }

// YesNo returns "yes" for true and "no" for false.
func YesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// Quoted returns a text in quotation marks without the space around it; empty for a blank text.
func Quoted(text string) string {
	if text = strings.TrimSpace(text); text == "" {
		return ""
	}
	return "“" + text + "”"
}

// Dated returns a date with its weekday, as "Tue 2027-03-02"; "no day" for the zero date.
func Dated(d Date) string {
	if d.IsZero() {
		return "no day"
	}
	return d.Weekday().String()[:3] + " " + d.String()
}

// dateInText finds a date, with the weekday before it where there is one, and what stands directly before and after them.
var dateInText = regexp.MustCompile(`(?s)(^|.)((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?\b(\d{4}-\d{2}-\d{2})\b(-|\.\.)?`)

// WithWeekdays returns a text in which every date has its weekday before it. A date within a word, as in the id of a task, stays as it is.
func WithWeekdays(text string) string {
	return dateInText.ReplaceAllStringFunc(text, func(found string) string {
		m := dateInText.FindStringSubmatch(found)
		if d, err := ParseDate(m[3]); err == nil && m[4] == "" && (m[2] != "" || !strings.ContainsAny(m[1], ".-/=_:~")) {
			return m[1] + Dated(d)
		}
		return found
	})
}

// Cut returns a text of at most n characters: a longer one is cut, and its last character is an ellipsis then.
func Cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}

// Brief returns a text of at most n characters as Cut does, but cuts at the end of a word where one ends in the second half.
func Brief(s string, n int) string {
	if len([]rune(s)) <= n {
		return s
	}
	cut := string([]rune(s)[:n-1])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
		cut = cut[:i]
	}
	return cut + "…"
}

// Sentence makes a sentence of a clause: a capital first, one full stop last. Of nothing it makes nothing.
func Sentence(s string) string {
	if s == "" {
		return ""
	}
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + strings.TrimSuffix(s[n:], ".") + "."
}

// Upper returns a text with a capital first, when it begins with a letter.
func Upper(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// Lower returns a sentence as it stands within another: its first word without a capital, unless that is an abbreviation.
func Lower(s string) string {
	if len(s) < 2 || s[1] >= 'A' && s[1] <= 'Z' {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// Tame returns a text on one line, without control characters and marks that would hide a part of it or turn it around.
func Tame(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == 0x2028 || r == 0x2029:
			return ' '
		case r == 0x200E, r == 0x200F, hides(r):
			return -1
		}
		return r
	}, s)
}

// hides reports whether a character ends a line, is invisible, or turns around or hides what stands beside it: no name has one.
func hides(r rune) bool {
	return unicode.IsControl(r) || r >= 0x2028 && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0x200B || r == 0x2060 || r == 0xFEFF
}

// Inert returns a cell of which no spreadsheet makes a formula: an apostrophe stands before what one would begin with.
func Inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
