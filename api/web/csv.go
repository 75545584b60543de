package web

import (
	"encoding/csv"
	"net/http"

	"tickmark/models"
)

// wantsCSV reports whether a list is asked for as a file for spreadsheets.
func (v *visit) wantsCSV() bool { return v.r.URL.Query().Get("as") == "csv" }

// csv answers with rows under a header as a file for spreadsheets: UTF-8 with a mark, by which Excel knows it, and no cell is a formula.
func (v *visit) csv(name string, header []string, rows [][]string) error {
	h := v.w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+slug(name, "list")+`.csv"`)
	v.w.WriteHeader(http.StatusOK)
	if _, err := v.w.Write([]byte("\ufeff")); err != nil {
		return nil // who asked has gone
	}
	w := csv.NewWriter(v.w)
	w.UseCRLF = true // RFC 4180
	for _, row := range append([][]string{header}, rows...) {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = models.Inert(cell)
		}
		if err := w.Write(cells); err != nil {
			return nil
		}
	}
	w.Flush()
	return nil
}

// isoDay writes a day for a machine; nothing for none.
func isoDay(d models.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}
