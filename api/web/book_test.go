package web_test

import (
	"encoding/csv"
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
		days, numbers, texts := 0, 0, 0
		for _, at := range []string{"/engagements/e1/tasks", "/engagements/e1/record", "/portfolio", "/messages", "/engagements/e1/messages"} {
			lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(ines.sees(at+"?as=csv"), "\ufeff"))).ReadAll()
			town.Check(t, err)
			b := ines.book(at + "?as=xlsx")
			rows := b.rows()
			if len(rows) != len(lines) {
				t.Fatalf("%s has %d lines as a workbook and %d as CSV", at, len(rows), len(lines))
			}
			if panes, err := b.GetPanes(b.sheet); err != nil || !panes.Freeze || panes.YSplit != 1 {
				t.Errorf("%s: the first line is not frozen: %+v, %v", at, panes, err)
			}
			if names := b.GetDefinedName(); len(names) != 1 || !strings.Contains(names[0].Name, "FilterDatabase") {
				t.Errorf("%s cannot be filtered: %v", at, names)
			}
			for y, line := range lines {
				for x, want := range line {
					cell, err := excelize.CoordinatesToCellName(x+1, y+1)
					town.Check(t, err)
					kind, err := b.GetCellType(b.sheet, cell)
					town.Check(t, err)
					if formula, _ := b.GetCellFormula(b.sheet, cell); formula != "" {
						t.Errorf("%s: %s is a formula: %s", at, cell, formula)
					}
					got := ""
					if x < len(rows[y]) {
						got = rows[y][x]
					}
					shown, err := b.GetCellValue(b.sheet, cell)
					town.Check(t, err)
					day, bad := models.ParseDate(want)
					moment, notMoment := time.Parse(time.RFC3339, want)
					switch {
					case bad == nil:
						days++
						if kind == excelize.CellTypeSharedString || kind == excelize.CellTypeInlineString || shown != day.String() {
							t.Errorf("%s: %s is %q (kind %d), and is to be the day %s", at, cell, shown, kind, day)
						}
					case notMoment == nil:
						if shown != moment.Format(time.DateTime) {
							t.Errorf("%s: %s is %q, and is to be %s", at, cell, shown, moment)
						}
					case kind == excelize.CellTypeUnset || kind == excelize.CellTypeNumber:
						numbers++
						if got != want {
							t.Errorf("%s: %s is the number %q, and is to be %q", at, cell, got, want)
						}
					default:
						texts++
						if got != want && models.Inert(got) != want {
							t.Errorf("%s: %s is %q, and is to be %q", at, cell, got, want)
						}
					}
				}
			}
		}
		if days == 0 || numbers == 0 || texts == 0 {
			t.Errorf("there are %d days, %d numbers and %d texts", days, numbers, texts)
		}
		all := ines.book("/engagements/e1/tasks?as=xlsx").cells()
		for _, title := range odd {
			found := false
			for _, cell := range all {
				found = found || cell == title || len(title) > 200 && strings.HasPrefix(cell, title[:100])
			}
			if !found {
				t.Errorf("no cell is %q", title)
			}
		}
	})
}
