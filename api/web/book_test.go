package web_test

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"tickmark/activities/fake/town"
	"tickmark/models"
)

// A book is a workbook that somebody was sent.
type book struct {
	*testing.T
	*excelize.File
	sheet string
}

// book fetches a list as a workbook.
func (b *window) book(at string) book {
	b.Helper()
	status, _, file := b.send("GET", at, nil)
	f, err := excelize.OpenReader(strings.NewReader(file))
	if status != 200 || err != nil {
		b.Fatalf("%s is answered %d, and is no workbook: %v", at, status, err)
	}
	b.Cleanup(func() { f.Close() })
	sheets := f.GetSheetList()
	if len(sheets) != 1 || len([]rune(sheets[0])) > 31 {
		b.Fatalf("%s has the sheets %q", at, sheets)
	}
	return book{b.T, f, sheets[0]}
}

// rows are the cells as they are stored: days as numbers.
func (b book) rows() [][]string {
	rows, err := b.GetRows(b.sheet, excelize.Options{RawCellValue: true})
	town.Check(b, err)
	return rows
}

func (b book) cells() (out []string) {
	for _, row := range b.rows() {
		out = append(out, row...)
	}
	return out
}

// cellCounts are how many cells of each kind there are.
type cellCounts struct{ days, numbers, texts int }

// says fails where a book does not say what the lines of a CSV file say, or its first line cannot be worked with.
func (b book) says(at string, lines [][]string, n *cellCounts) {
	b.Helper()
	rows := b.rows()
	if len(rows) != len(lines) {
		b.Fatalf("%s has %d lines as a workbook and %d as CSV", at, len(rows), len(lines))
	}
	if panes, err := b.GetPanes(b.sheet); err != nil || !panes.Freeze || panes.YSplit != 1 {
		b.Errorf("%s: the first line is not frozen: %+v, %v", at, panes, err)
	}
	if names := b.GetDefinedName(); len(names) != 1 || !strings.Contains(names[0].Name, "FilterDatabase") {
		b.Errorf("%s cannot be filtered: %v", at, names)
	}
	for y, line := range lines {
		for x, want := range line {
			cell, err := excelize.CoordinatesToCellName(x+1, y+1)
			town.Check(b, err)
			got := ""
			if x < len(rows[y]) {
				got = rows[y][x]
			}
			if formula, _ := b.GetCellFormula(b.sheet, cell); formula != "" {
				b.Errorf("%s: %s is a formula: %s", at, cell, formula)
			}
			if !b.holds(cell, got, want, n) {
				b.Errorf("%s: %s is %q, and is to be %q", at, cell, got, want)
			}
		}
	}
}

// holds reports whether a cell that is stored as got is what a CSV file writes as want, and of its kind.
func (b book) holds(cell, got, want string, n *cellCounts) bool {
	kind, err := b.GetCellType(b.sheet, cell)
	town.Check(b, err)
	shown, err := b.GetCellValue(b.sheet, cell)
	town.Check(b, err)
	number := kind == excelize.CellTypeUnset || kind == excelize.CellTypeNumber
	if day, err := models.ParseDate(want); err == nil {
		n.days++
		return number && shown == day.String()
	}
	if moment, err := time.Parse(time.RFC3339, want); err == nil {
		return number && shown == moment.Format(time.DateTime)
	}
	if number {
		n.numbers++
		return got == want
	}
	n.texts++
	return got == want || models.Inert(got) == want
}

// A list as a workbook says what its CSV file says: days are days, numbers are numbers, and what looks like a formula stays a text, letter
// by letter. Its first line stays in sight and can be filtered.
func TestAWorkbookSaysWhatTheFileSays(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		odd := []string{`=HYPERLINK("http://evil.test","Send")`, "+1 & <b>bold</b>", "הצג את התרשים", "🗂️ " + strings.Repeat("long ", 58)}
		for _, title := range odd {
			w.Task("olga", title, "2027-01-14")
		}
		w.On("2027-01-12", 10)
		ines := opened(t, w).as("ines")
		var n cellCounts
		for _, at := range []string{"/engagements/e1/tasks", "/engagements/e1/record", "/portfolio", "/messages", "/engagements/e1/messages"} {
			lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(ines.sees(at+"?as=csv"), "\ufeff"))).ReadAll()
			town.Check(t, err)
			ines.book(at+"?as=xlsx").says(at, lines, &n)
		}
		if n.days == 0 || n.numbers == 0 || n.texts == 0 {
			t.Errorf("there are %+v", n)
		}
		all := ines.book("/engagements/e1/tasks?as=xlsx").cells()
		for _, title := range odd {
			if !slices.ContainsFunc(all, func(cell string) bool {
				return cell == title || len(title) > 200 && strings.HasPrefix(cell, title[:100])
			}) {
				t.Errorf("no cell is %q", title)
			}
		}
	})
}
