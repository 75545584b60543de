// Package fault is the one table of what the errors of others mean: of Slack, mail servers, databases, connections, Temporal and the disk.
// For each it says whether it passes, lasts or is unknown, what is promised to who asked, what is tried again and who is told. Nobody else
// judges an error by its code: who gets one takes the code out and asks here. What is not in the table is unknown.
package fault

import (
	"slices"
	"strings"
)

// A Source is whose errors they are.
type Source string

// The sources.
const (
	Slack      Source = "Slack"
	SlackHTTP  Source = "Slack, HTTP status"
	SMTP       Source = "Mail server"
	PostgreSQL Source = "PostgreSQL"
	SQLite     Source = "SQLite"
	Connection Source = "Connection"
	Temporal   Source = "Temporal"
	Disk       Source = "Disk"
)

// A Verdict says how long an error lasts.
type Verdict string

// The verdicts. Unknown says nothing of what has been done: who does not know promises nothing.
const (
	Passing Verdict = "passing" // the same passes when it is over, and nothing was done
	Lasting Verdict = "lasting" // the same is refused again until somebody acts, and nothing was done
	Unknown Verdict = "unknown" // it may have been done or not
)

// An Effect is what comes of an error: a row of the table of effects.
type Effect string

// A consequence says what comes of an error, in words.
type consequence struct {
	effect  Effect
	verdict Verdict
	promise string
	retry   string
	told    string
}

// A Row is what the table says of one error.
type Row struct {
	Source  Source
	Code    string // as the source says it; 57xxx and 5xx are classes
	Means   string // in plain words, where the code is none
	Effect  Effect
	Verdict Verdict // by the effect
	Undone  bool    // of a database: also as the answer to a COMMIT it says that nothing was done
}

// Of returns the row of a source's error by its code: the code's own, else that of its class, else one that is unknown.
func Of(source Source, code string) Row {
	for _, name := range append([]string{code}, classes(source, code)...) {
		if row, ok := table[key{source, name}]; ok {
			return row
		}
	}
	return Row{Source: source, Code: code, Effect: nobodyKnows[source], Verdict: Unknown}
}

// classes returns the names of the classes that a code is in, the narrowest first.
func classes(source Source, code string) []string {
	switch source {
	case PostgreSQL:
		if len(code) == 5 {
			return []string{code[:2] + "xxx"}
		}
	case SMTP, SlackHTTP:
		stage, number, staged := strings.Cut(code, " ")
		if !staged {
			stage, number = "", code
		}
		if len(number) != 3 || number[0] < '1' || number[0] > '5' {
			return nil
		}
		class := number[:1] + "xx"
		return slices.DeleteFunc([]string{stage + " " + class, number, class}, func(s string) bool { return s[0] == ' ' })
	}
	return nil
}

type key struct {
	source Source
	code   string
}

// table has each row once, by its source and code.
var table = func() map[key]Row {
	verdicts := map[Effect]Verdict{}
	for _, c := range consequences {
		verdicts[c.effect] = c.verdict
	}
	out := make(map[key]Row, len(rows))
	for _, group := range rows {
		for _, code := range group.codes {
			name, means, _ := strings.Cut(code, ": ")
			out[key{group.source, name}] = Row{Source: group.source, Code: name, Means: means, Effect: group.effect,
				Verdict: verdicts[group.effect], Undone: group.undone}
		}
	}
	return out
}()
