package models

import (
	"slices"
	"strings"
)

// commonNames are the words that people write for what has an id of its own: countries, and the kinds and roles that lists have under a
// shorter word.
var commonNames = map[string]string{
	"usa": "US", "u.s.": "US", "u.s.a.": "US", "united states": "US", "united states of america": "US", "america": "US",
	"germany": "DE", "deutschland": "DE", "uk": "GB", "u.k.": "GB", "united kingdom": "GB", "great britain": "GB", "england": "GB",
	"france": "FR", "spain": "ES", "italy": "IT", "netherlands": "NL", "holland": "NL", "switzerland": "CH", "austria": "AT",
	"canada": "CA", "australia": "AU", "new zealand": "NZ", "ireland": "IE", "poland": "PL", "sweden": "SE", "norway": "NO",
	"denmark": "DK", "finland": "FI", "belgium": "BE", "portugal": "PT", "japan": "JP", "india": "IN", "israel": "IL", "brazil": "BR",
	"manager": "pm", "project manager": "pm", "project_manager": "pm", "executive": "sponsor", "ceo": "sponsor", "employee": "owner",
	"control owner": "owner", "control_owner": "owner", "cpa": "auditor", "no": "none",
}

// Meant returns which of the words that are known somebody most likely meant by another word: the first that Near returns; empty when none
// is near.
func Meant(word string, known []string) string {
	if near := Near(word, known, 1); len(near) > 0 {
		return near[0]
	}
	return ""
}

// Near returns which of the words that are known somebody may have meant by another word, the nearest first, and no more than most. A word
// that differs in its capitals, or by the sign between its parts, is the nearest, then what is commonly called so, then what differs by a
// letter, or by two when it is long, and then what the word is a part of.
func Near(word string, known []string, most int) []string {
	plain := plainWord(strings.TrimSpace(word))
	if plain == "" || len(plain) > 60 {
		return nil
	}
	type near struct {
		word string
		far  int
	}
	common := commonNames[strings.ToLower(strings.TrimSpace(word))]
	var all []near
	for _, k := range known {
		if far := farFrom(plain, plainWord(k), k == common && common != ""); far >= 0 {
			all = append(all, near{k, far})
		}
	}
	slices.SortStableFunc(all, func(a, b near) int { return a.far - b.far })
	var out []string
	for _, n := range all[:min(most, len(all))] {
		out = append(out, n.word)
	}
	return out
}

// farFrom returns how far a plain word is from one that is known, for an order; -1 where it is not near. common says that the one that is
// known is commonly called so.
func farFrom(plain, known string, common bool) int {
	switch d := Distance(plain, known); {
	case d == 0:
		return 0
	case common:
		return 1
	case len(plain) < 3:
		return -1
	case d == 1, d == 2 && len(plain) >= 6:
		return 1 + d
	case strings.Contains(known, plain):
		return 4
	}
	return -1
}

// DidYouMean returns a sentence to end a refusal with, as in `; did you mean "US"?`; empty when nothing known is near the word.
func DidYouMean(word string, known []string) string {
	if meant := Meant(word, known); meant != "" && meant != word {
		return "; did you mean " + meant + "?"
	}
	return ""
}

// plainWord returns a word without capitals and without the signs between its parts.
func plainWord(s string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(s))
}

// Distance returns how many letters must be added, left out, changed or exchanged with their neighbour to make one word of another.
func Distance(from, to string) int {
	a, b := []rune(from), []rune(to)
	var before, last []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		before, last = last, row
		row = make([]int, len(b)+1)
		row[0] = i + 1
		for j := range b {
			change := last[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, change)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}
