package store

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"tickmark/models"
)

// maxPage is how many rows a page may have at most.
const maxPage = 500

// A pager turns the pages of one list: keyset paging, by the values of the last row shown. A page costs the same however
// far down it is, and rows that come or go between two pages are neither shown twice nor skip others.
type pager struct {
	list    string   // which list: a cursor of one is worth nothing in another
	columns []string // what the list is sorted by; together they are unique
	down    bool
}

func (s *Store) pager(list string, columns []string, down bool) *pager {
	return &pager{list: string(s.firm) + "/" + list, columns: columns, down: down}
}

// seal marks the values as this list's, so that a cursor that somebody made up or took from elsewhere is refused. It is not
// a secret: whatever a cursor says, the firm is in the query beside it.
func (p *pager) seal(values []string) string {
	sum := sha256.Sum256([]byte("tickmark cursor 1\x00" + p.list + "\x00" + strings.Join(p.columns, ",") + "\x00" + strings.Join(values,
		"\x00")))
	return hex.EncodeToString(sum[:6])
}

// cursor names the place after the row with these values.
func (p *pager) cursor(values []string) string {
	text, err := json.Marshal(append([]string{p.seal(values)}, values...))
	if err != nil {
		panic(err) // texts can always be written
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// open reads a cursor. It refuses one that this list did not give.
func (p *pager) open(cursor string) ([]string, error) {
	var values []string
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(text, &values)
	}
	if err != nil || len(values) != 1+len(p.columns) || p.cursor(values[1:]) != cursor { // one place is one text
		return nil, errCursor
	}
	return values[1:], nil
}

var errCursor = models.Refuse(models.Invalid, "cursor", "the cursor is none that this list gave: begin again without one")

// numeric are the columns to sort by that hold numbers; all others hold text.
var numeric = map[string]bool{"seq": true, "at": true, "e.health_rank": true, "scheduled_at": true}

// page begins the query of a page: where it starts, how it is sorted, and one row more than asked to know whether another
// page follows. The caller adds the rest. Databases compare the columns as a row, for which they use an index.
func (s *Store) page(ctx context.Context, p *pager, cursor string, limit int) (*gorm.DB, error) {
	if limit < 1 || limit > maxPage {
		return nil, models.Refuse(models.Invalid, "limit", "limit must be between 1 and %d", maxPage)
	}
	q, err := s.root.query(ctx)
	if err != nil {
		return nil, err
	}
	order, compare := "", " > "
	if p.down {
		order, compare = " DESC", " < "
	}
	if cursor != "" {
		values, err := p.open(cursor)
		if err != nil {
			return nil, err
		}
		args := make([]any, len(values))
		for i, v := range values {
			args[i] = v
			if numeric[p.columns[i]] {
				if args[i], err = strconv.ParseInt(v, 10, 64); err != nil {
					return nil, errCursor
				}
			}
		}
		q = q.Where("("+strings.Join(p.columns, ", ")+")"+compare+"(?"+strings.Repeat(", ?", len(args)-1)+")", args...)
	}
	for _, c := range p.columns {
		q = q.Order(c + order)
	}
	return q.Limit(limit + 1), nil
}

// turn cuts the row too many off and returns the cursor after the last one left; empty when there was none too many.
func turn[T any](p *pager, rows []T, limit int, values func(T) []string) ([]T, string) {
	if len(rows) <= limit {
		return rows, ""
	}
	rows = slices.Clip(rows[:limit])
	return rows, p.cursor(values(rows[limit-1]))
}

// like is a pattern for what contains the words, in lower case. "!" escapes.
func like(words string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(keyOf(words)) + "%"
}
