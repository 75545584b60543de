package cli

import (
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"tickmark/models"
)

// narrowest is what a column of a table keeps at least where a terminal is too narrow for all of it.
const narrowest = 12

// csvVar adds the flag for a list as CSV.
func (a *app) csvVar(f *pflag.FlagSet) {
	f.BoolVar(&a.asCSV, "csv", false, "print the list as CSV, whole: for spreadsheets")
}

// listVars adds the flags that every list with pages has.
func (a *app) listVars(f *pflag.FlagSet, limit *int) {
	f.IntVar(limit, "limit", 0, "how many at most (default: all)")
	a.csvVar(f)
}

// table prints rows under a header, in aligned columns, or as CSV where that was asked for.
func (a *app) table(header []string, rows [][]string) {
	switch {
	case a.asCSV:
		a.csv(header, rows)
	case len(rows) == 0:
		fmt.Fprintln(a.out, "None.")
	default:
		a.indented("", append([][]string{header}, rows...))
	}
}

// csv prints rows under a header as CSV, each cell made safe for spreadsheets.
func (a *app) csv(header []string, rows [][]string) {
	w := csv.NewWriter(a.out)
	for _, row := range append([][]string{header}, rows...) {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = models.Inert(cell)
		}
		if err := w.Write(cells); err != nil {
			a.tell("the list cannot be written: %s", err)
			return
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		a.tell("the list cannot be written: %s", err)
	}
}

// indented prints rows in aligned columns after a margin, no wider than a terminal is.
func (a *app) indented(margin string, rows [][]string) {
	for _, line := range aligned(fit(rows, a.columns()-len([]rune(margin)))) {
		fmt.Fprintln(a.out, margin+line)
	}
}

// noted prints rows in aligned columns, under each its note, where it has one. In CSV notes are a column of their own.
func (a *app) noted(rows [][]string, notes []string, called string) {
	if a.asCSV {
		whole := make([][]string, len(rows))
		for i := range rows {
			whole[i] = append(slices.Clone(rows[i]), notes[i])
		}
		a.csv(append(slices.Clone(rows[0]), called), whole[1:])
		return
	}
	for i, line := range aligned(fit(rows, a.columns())) {
		fmt.Fprintln(a.out, line)
		if notes[i] != "" {
			a.say("    ", "%s", notes[i])
		}
	}
}

// columns returns how wide the terminal is on which somebody reads; 0 where what is printed goes into a file or to another program.
func (a *app) columns() int {
	out, ok := a.out.(*os.File)
	if !ok {
		return 0
	}
	info, err := out.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return 0
	}
	if n, err := strconv.Atoi(a.getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	return terminal(out)
}

// fit cuts the widest cells until rows are no wider than a terminal; where there is none (0 or less) it cuts nothing. The first column
// names what the row is about and is never cut.
func fit(rows [][]string, wide int) [][]string {
	if wide <= 0 || len(rows) == 0 {
		return rows
	}
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], len([]rune(clean(cell))))
		}
	}
	sum := 2 * (len(widths) - 1)
	for _, w := range widths {
		sum += w
	}
	for ; sum > wide; sum-- {
		widest := 0
		for i := range widths {
			if i > 0 && widths[i] > narrowest && (widest == 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest == 0 {
			break
		}
		widths[widest]--
	}
	out := make([][]string, len(rows))
	for r, row := range rows {
		out[r] = make([]string, len(row))
		for i, cell := range row {
			out[r][i] = cut(clean(cell), widths[i])
		}
	}
	return out
}

// aligned returns rows as lines with aligned columns.
func aligned(rows [][]string) []string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = clean(cell)
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	w.Flush()
	var lines []string
	for line := range strings.Lines(b.String()) {
		lines = append(lines, strings.TrimRight(line, " \n"))
	}
	return lines
}
