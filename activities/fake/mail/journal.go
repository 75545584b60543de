package mailfake

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// A journal is a file of letters, one a line, in the order in which they came.
type journal struct {
	file *os.File
	end  int64 // of the last whole line
}

// openJournal reads a journal and returns it, ready for more. A last line that was cut short, as by a kill, is taken away; any other
// line that cannot be read is an error.
func openJournal(path string, read func(envelope)) (*journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	j := &journal{file: file}
	if err = j.read(read); err == nil {
		err = j.cut()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the journal %s: %w", path, err), file.Close())
	}
	return j, nil
}

// read hands over the letters of the journal, and finds where the last whole line ends.
func (j *journal) read(read func(envelope)) error {
	lines := bufio.NewReader(j.file)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		var e envelope
		if err := json.Unmarshal(line, &e); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		read(e)
		j.end += int64(len(line))
	}
}

// cut takes away what follows the last whole line.
func (j *journal) cut() error {
	if err := j.file.Truncate(j.end); err != nil {
		return err
	}
	_, err := j.file.Seek(j.end, io.SeekStart)
	return err
}

// write adds a letter, or leaves the journal as it was. Without a journal it does nothing.
func (j *journal) write(e envelope) error {
	if j == nil {
		return nil
	}
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode a letter: %w", err)
	}
	line = append(line, '\n')
	if _, err := j.file.Write(line); err != nil {
		return errors.Join(fmt.Errorf("write the journal: %w", err), j.cut())
	}
	j.end += int64(len(line))
	return nil
}

func (j *journal) close() error {
	if j == nil {
		return nil
	}
	return j.file.Close()
}
