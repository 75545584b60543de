package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"tickmark/models"
)

// A reader reads a YAML document strictly: what it does not know it refuses, with the line and what it does know. It goes on
// after an error, so that all of them are told at once.
type reader struct {
	file string
	errs []error
	seen map[string]int // the line of each thing read, by its path
}

const maxErrors = 10

// fail notes what is wrong at a line.
func (r *reader) fail(line int, format string, args ...any) {
	switch {
	case len(r.errs) < maxErrors:
		r.errs = append(r.errs, fmt.Errorf("%s:%d: "+format, append([]any{r.file, line}, args...)...))
	case len(r.errs) == maxErrors:
		r.errs = append(r.errs, errors.New("… and more"))
	}
}

// failAt notes what is wrong with something that has been read.
func (r *reader) failAt(path, format string, args ...any) { r.fail(r.seen[path], format, args...) }

// A field of an object: its name, whether it must be there, and how it is read.
type field struct {
	name string
	must bool
	read func(n *yaml.Node, path string)
}

// object reads the fields of a mapping.
func (r *reader) object(n *yaml.Node, path string, fields ...field) {
	r.seen[path] = n.Line
	if n.Kind != yaml.MappingNode {
		r.fail(n.Line, "%s must have fields, each on a line of its own as in %s: …, and not be %s; it has %s", what(path), fields[0].name,
			shapeOf(n), fieldNames(fields))
		return
	}
	found := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], target(n.Content[i+1])
		at := slices.IndexFunc(fields, func(f field) bool { return f.name == key.Value })
		switch {
		case at < 0:
			r.fail(key.Line, "%s has no field %.60q; it has %s%s", what(path), key.Value, fieldNames(fields),
				models.DidYouMean(key.Value, each(fields, func(f field) string { return f.name })))
		case found[key.Value]:
			r.fail(key.Line, "%s has %s twice", what(path), key.Value)
		default:
			found[key.Value] = true
			below := join(path, key.Value)
			r.seen[below] = value.Line
			fields[at].read(value, below)
		}
	}
	for _, f := range fields {
		if f.must && !found[f.name] {
			r.fail(n.Line, "%s is missing", join(path, f.name))
		}
	}
}

// entries reads a mapping whose keys are names of the user's.
func (r *reader) entries(n *yaml.Node, path string, read func(key string, n *yaml.Node, path string)) {
	if n.Kind != yaml.MappingNode {
		r.fail(n.Line, "%s must have a name on each line and what belongs to it after a colon, and not be %s", what(path), shapeOf(n))
		return
	}
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i].Value
		below := join(path, key)
		if r.seen[below] > 0 {
			r.fail(n.Content[i].Line, "%s is there twice", below)
			continue
		}
		r.seen[below] = n.Content[i].Line
		read(key, target(n.Content[i+1]), below)
	}
}

// items reads a list.
func (r *reader) items(n *yaml.Node, path string, read func(n *yaml.Node, path string)) {
	if n.Kind != yaml.SequenceNode {
		r.fail(n.Line, "%s must be a list, each of it after a hyphen or all in [square brackets], and not be %s", what(path), shapeOf(n))
		return
	}
	for i, item := range n.Content {
		below := fmt.Sprintf("%s[%d]", path, i+1)
		r.seen[below] = item.Line
		read(target(item), below)
	}
}

// scalar returns a single value, and whether it is one.
func (r *reader) scalar(n *yaml.Node, path string) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		r.fail(n.Line, "%s must be a single value and not be %s", what(path), shapeOf(n))
		return "", false
	}
	if n.Tag == "!!null" || strings.TrimSpace(n.Value) == "" {
		r.fail(n.Line, "%s must have a value", what(path))
		return "", false
	}
	return n.Value, true
}

// shapeOf says what a part of a file is.
func shapeOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "fields"
	case n.Tag == "!!null" || strings.TrimSpace(n.Value) == "":
		return "empty"
	}
	return "a single value"
}

func target(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func what(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}

func fieldNames(fields []field) string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.name
	}
	return strings.Join(out, ", ")
}

// The kinds of values a file has.

func text[T ~string](r *reader, to *T) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		if s, ok := r.scalar(n, path); ok {
			*to = T(s)
		}
	}
}

// checked is a text that a rule of the model has a say in.
func checked[T ~string](r *reader, to *T, check func(field, value string) error) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		if s, ok := r.scalar(n, path); ok {
			if err := check(path, s); err != nil {
				r.fail(n.Line, "%s", err)
			}
			*to = T(s)
		}
	}
}

func number(r *reader, to *int) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		s, ok := r.scalar(n, path)
		if !ok {
			return
		}
		v, err := strconv.Atoi(s)
		if err != nil || v < 1 {
			r.fail(n.Line, "%s %q must be a whole number, 1 or more", path, s)
		}
		*to = v
	}
}

func date(r *reader, to *models.Date) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		s, ok := r.scalar(n, path)
		if !ok {
			return
		}
		d, err := models.ParseDate(s)
		if err != nil {
			r.fail(n.Line, "%s: %s", path, err)
		}
		*to = d
	}
}

func listOf[T any](r *reader, to *[]T, one func(*reader, *T) func(*yaml.Node, string)) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		*to = []T{}
		r.items(n, path, func(n *yaml.Node, path string) {
			var v T
			one(r, &v)(n, path)
			*to = append(*to, v)
		})
	}
}
