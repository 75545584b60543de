package store

import (
	"reflect"
	"strconv"
	"strings"

	"gorm.io/gorm/schema"
)

// A table has the statements that write rows of T. They are put together once, where gorm puts them together every time: measured, that
// was half of what a command cost.
type table[T any] struct {
	name    string
	columns []column
	insert  string
	upsert  string // writes a whole row, whether it is there or not
}

type column struct {
	name string
	at   []int // where its value is in T
	key  bool
}

func tableOf[T any]() *table[T] {
	s, err := schema.Parse(new(T), &parsed, schema.NamingStrategy{})
	if err != nil {
		panic(err) // of a type of this package
	}
	t := &table[T]{name: s.Table}
	var names, keys, sets []string
	for _, f := range s.Fields {
		t.columns = append(t.columns, column{f.DBName, f.StructField.Index, f.PrimaryKey})
		names = append(names, f.DBName)
		if f.PrimaryKey {
			keys = append(keys, f.DBName)
		} else {
			sets = append(sets, f.DBName+" = excluded."+f.DBName)
		}
	}
	t.insert = "INSERT INTO " + t.name + " (" + strings.Join(names, ", ") + ") VALUES (" + marks(1, len(names)) + ")"
	t.upsert = t.insert + " ON CONFLICT (" + strings.Join(keys, ", ") + ") DO UPDATE SET " + strings.Join(sets, ", ")
	return t
}

// add adds rows to a pipeline, none of which may be there.
func (t *table[T]) add(p *pipeline, doing string, rows []T) {
	for i := range rows {
		p.write(doing, t.insert, t.values(&rows[i])...)
	}
}

// put writes whole rows, whether they are there or not.
func (t *table[T]) put(p *pipeline, doing string, rows []T) {
	for i := range rows {
		p.write(doing, t.upsert, t.values(&rows[i])...)
	}
}

// move makes one row into another with the same key, where they differ.
func (t *table[T]) move(p *pipeline, doing string, was, is *T) {
	if query, args := t.update(was, is); query != "" {
		p.write(doing, query, args...)
	}
}

// values returns the values of a row in the order of the columns.
func (t *table[T]) values(row *T) []any {
	out := make([]any, len(t.columns))
	v := reflect.ValueOf(row).Elem()
	for i, c := range t.columns {
		out[i] = valueOf(v.FieldByIndex(c.at))
	}
	return out
}

// valueOf returns the text, the number or whether it is so, which is all that rows hold. reflect's own Interface copies all of them, also
// what is empty, as most are.
func valueOf(v reflect.Value) any {
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return v.Bool()
	default:
		return v.Int()
	}
}

// update returns the statement that makes one row into another with the same key, and its arguments. It names only the columns that
// differ, since SQLite writes anew every index that has a column which a statement names. The text is empty when none does.
func (t *table[T]) update(was, is *T) (string, []any) {
	old, now := reflect.ValueOf(was).Elem(), reflect.ValueOf(is).Elem()
	var set, where strings.Builder
	var args, keys []any
	for _, c := range t.columns {
		if c.key {
			continue
		}
		if v := now.FieldByIndex(c.at); !v.Equal(old.FieldByIndex(c.at)) {
			args = append(args, valueOf(v))
			set.WriteString(", " + c.name + " = $" + strconv.Itoa(len(args)))
		}
	}
	if len(args) == 0 {
		return "", nil
	}
	for _, c := range t.columns {
		if c.key {
			keys = append(keys, valueOf(now.FieldByIndex(c.at)))
			where.WriteString(" AND " + c.name + " = $" + strconv.Itoa(len(args)+len(keys)))
		}
	}
	return "UPDATE " + t.name + " SET" + set.String()[1:] + " WHERE" + where.String()[len(" AND"):], append(args, keys...)
}

var (
	engagementTable = tableOf[engagementRow]()
	taskTable       = tableOf[taskRow]()
	phaseTable      = tableOf[phaseRow]()
	gateTable       = tableOf[gateRow]()
	decisionTable   = tableOf[decisionRow]()
	questionTable   = tableOf[questionRow]()
	eventTable      = tableOf[eventRow]()
	commentTable    = tableOf[commentRow]()
	noticeTable     = tableOf[noticeRow]()
	memberTable     = tableOf[memberRow]()
	forecastTable   = tableOf[forecastRow]()
	requestTable    = tableOf[requestRow]()
)
