package web

import (
	"encoding/csv"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"tickmark/models"
)

// wantsFile reports whether a list is asked for as a file for spreadsheets.
func (v *visit) wantsFile() bool { return v.fileKind() != "" }

// fileKind returns as which file a list is asked for; empty: as a page.
func (v *visit) fileKind() string {
	switch as := v.r.URL.Query().Get("as"); as {
	case "csv", "xlsx":
		return as
	}
	return ""
}

// file answers with rows under a header as the file that the address asks for. A cell is a text, a number, a day or an instant.
func (v *visit) file(name string, header []string, rows [][]any) error {
	kind, write := "text/csv; charset=utf-8", writeCSV
	if v.fileKind() == "xlsx" {
		kind, write = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", writeXLSX
	}
	h := v.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+slug(name, "list")+"."+v.fileKind()+`"`)
	v.w.WriteHeader(http.StatusOK)
	if err := write(v.w, name, header, rows); err != nil {
		v.Log.InfoContext(v.r.Context(), "a file was not sent whole", "page", v.r.Pattern, "error", err)
	}
	return nil
}

// writeCSV writes a list as UTF-8 with a mark, by which Excel knows it, and no cell is a formula.
func writeCSV(to io.Writer, _ string, header []string, rows [][]any) error {
	if _, err := io.WriteString(to, "\ufeff"); err != nil {
		return err
	}
	w := csv.NewWriter(to)
	w.UseCRLF = true // RFC 4180
	line := make([]string, len(header))
	for i, x := range header {
		line[i] = models.Inert(x)
	}
	if err := w.Write(line); err != nil {
		return err
	}
	for _, row := range rows {
		for i, cell := range row {
			line[i] = written(cell)
		}
		if err := w.Write(line); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// written is a cell of a CSV file.
func written(cell any) string {
	switch x := cell.(type) {
	case models.Date:
		if !x.IsZero() {
			return x.String()
		}
	case time.Time:
		if !x.IsZero() {
			return x.UTC().Format(time.RFC3339)
		}
	case int:
		return itoa(x)
	case string:
		return models.Inert(x)
	}
	return ""
}

// writeXLSX writes a list as a workbook of one sheet. Its first line stays in sight and can be filtered; days and numbers are such, and
// texts are texts, whatever they begin with. Rows are written as they come.
func writeXLSX(to io.Writer, name string, header []string, rows [][]any) error {
	book := excelize.NewFile()
	defer book.Close()
	sheet := sheetName(name)
	if err := book.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	last, err := excelize.CoordinatesToCellName(len(header), len(rows)+1)
	if err != nil {
		return err
	}
	styles, err := stylesOf(book)
	if err != nil {
		return err
	}
	if err := book.AutoFilter(sheet, "A1:"+last, nil); err != nil {
		return err
	}
	w, err := book.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	if err := styles.write(w, header, rows); err != nil {
		return err
	}
	return book.Write(to)
}

// write writes the lines of a list on their sheet, the first of which stays in sight.
func (styles bookStyles) write(w *excelize.StreamWriter, header []string, rows [][]any) error {
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if err := w.SetColWidth(1, len(header), 18); err != nil {
		return err
	}
	line := make([]any, len(header))
	for i, x := range header {
		line[i] = excelize.Cell{StyleID: styles.head, Value: x}
	}
	if err := w.SetRow("A1", line); err != nil {
		return err
	}
	for n, row := range rows {
		for i, cell := range row {
			line[i] = styles.cell(cell)
		}
		at, err := excelize.CoordinatesToCellName(1, n+2)
		if err == nil {
			err = w.SetRow(at, line)
		}
		if err != nil {
			return err
		}
	}
	return w.Flush()
}

// bookStyles are how cells of a workbook look.
type bookStyles struct{ head, day, instant int }

func stylesOf(book *excelize.File) (out bookStyles, err error) {
	day, instant := "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
	for _, x := range []struct {
		to *int
		is excelize.Style
	}{{&out.head, excelize.Style{Font: &excelize.Font{Bold: true}}}, {&out.day, excelize.Style{CustomNumFmt: &day}},
		{&out.instant, excelize.Style{CustomNumFmt: &instant}}} {
		if *x.to, err = book.NewStyle(&x.is); err != nil {
			return out, err
		}
	}
	return out, nil
}

// cell is a cell of a workbook; an instant is that of UTC, as in the other file.
func (s bookStyles) cell(cell any) any {
	switch x := cell.(type) {
	case models.Date:
		if x.IsZero() {
			return nil
		}
		return excelize.Cell{StyleID: s.day, Value: x.At(time.UTC, 0, 0)}
	case time.Time:
		if x.IsZero() {
			return nil
		}
		return excelize.Cell{StyleID: s.instant, Value: x.UTC()}
	}
	return cell
}

// sheetName returns what a sheet may be called: at most 31 units of UTF-16, none of []:*?/\ among them, and no apostrophe at an end.
func sheetName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(`[]:*?/\`, r), r < ' ':
			return ' '
		case r > 0xFFFF: // two units
			return '_'
		}
		return r
	}, name)
	name = strings.Trim(models.Cut(strings.TrimSpace(name), 31), "' ")
	if name == "" || strings.EqualFold(name, "history") { // which Excel keeps for itself
		return "List"
	}
	return name
}

// asXLSX returns where a list is as a workbook, whose CSV file is at an address.
func asXLSX(at string) string { return strings.Replace(at, "as=csv", "as=xlsx", 1) }
