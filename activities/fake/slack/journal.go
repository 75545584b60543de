package slackfake

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// A record is something that is kept. It is written to the journal before it counts, and never changed afterwards: what changes is put
// anew, under the same key.
type record interface {
	kind() string
	keep(*world)
}

// kinds makes an empty record of each kind, to be read into.
var kinds = map[string]func() record{
	"workspace": func() record { return &Workspace{} },
	"grant":     func() record { return &grant{} },
	"user":      func() record { return &User{} },
	"channel":   func() record { return &Channel{} },
	"message":   func() record { return &Message{} },
	"ephemeral": func() record { return &Ephemeral{} },
	"view":      func() record { return &View{} },
	"code":      func() record { return &code{} },
	"hook":      func() record { return &hook{} },
	"response":  func() record { return &Response{} },
}

// A journal is a file of records, one a line, in the order in which they came about.
type journal struct{ file *os.File }

// openJournal reads a journal and returns it, ready for more. A last line that was cut short, as by a kill, is taken away; any other
// line that cannot be read is an error.
func openJournal(path string, read func(record)) (*journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	end, err := readJournal(file, read)
	if err == nil {
		err = file.Truncate(end)
	}
	if err == nil {
		_, err = file.Seek(end, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the journal %s: %w", path, err), file.Close())
	}
	return &journal{file}, nil
}

// readJournal hands over the records of a journal and returns where the last whole line ends.
func readJournal(file io.Reader, read func(record)) (end int64, err error) {
	lines := bufio.NewReaderSize(file, 1<<16)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return end, nil
		} else if err != nil {
			return end, err
		}
		r, err := decode(line)
		if err != nil {
			return end, fmt.Errorf("line %d: %w", n, err)
		}
		read(r)
		end += int64(len(line))
	}
}

func decode(line []byte) (record, error) {
	var entry struct {
		Kind  string          `json:"kind"`
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(line, &entry); err != nil {
		return nil, err
	}
	empty, ok := kinds[entry.Kind]
	if !ok {
		return nil, fmt.Errorf("a record of the kind %q", entry.Kind)
	}
	r := empty()
	return r, json.Unmarshal(entry.Value, r)
}

// write adds records, all in one go.
func (j *journal) write(records []record) error {
	if j == nil {
		return nil
	}
	var buf bytes.Buffer
	lines := json.NewEncoder(&buf)
	lines.SetEscapeHTML(false)
	for _, r := range records {
		if err := lines.Encode(struct {
			Kind  string `json:"kind"`
			Value record `json:"value"`
		}{r.kind(), r}); err != nil {
			return fmt.Errorf("encode a %s: %w", r.kind(), err)
		}
	}
	if _, err := j.file.Write(buf.Bytes()); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return nil
}

func (j *journal) close() error {
	if j == nil {
		return nil
	}
	return j.file.Close()
}
