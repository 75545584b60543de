package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed static
var staticFiles embed.FS

// Assets are the style, the script and the fonts of the pages. Their address has a fingerprint of all of them, so that browsers keep them
// for as long as they are these and no longer.
type Assets struct {
	prefix string
	files  map[string]asset
}

type asset struct {
	kind          string
	plain, packed []byte // packed is nil for what does not shrink
}

// longestAxis is how many days a time axis has at most: a little more than three years.
const longestAxis = 1200

// daysStyle returns the classes by which a mark says at which days of its axis it begins, ends and stands: s12, e30 and d7. A style
// attribute would say it as well, but a Content-Security-Policy that allows those allows everybody's.
func daysStyle() []byte {
	var b bytes.Buffer
	b.WriteString("@layer time{")
	for i := range longestAxis + 1 {
		fmt.Fprintf(&b, ".s%[1]d{--s:%[1]d}.e%[1]d{--e:%[1]d}.d%[1]d{--d:%[1]d}.x%[1]d{--axis:%[1]d}.t%[1]d{--t:%[1]d}\n", i)
	}
	for i := range 101 {
		fmt.Fprintf(&b, ".p%[1]d{--p:%[1]d%%}\n", i)
	}
	for i := range 61 {
		fmt.Fprintf(&b, ".n%[1]d{--n:%[1]d}\n", i)
	}
	b.WriteString("}")
	return b.Bytes()
}

// newAssets reads the embedded files.
func newAssets() (*Assets, error) {
	a := &Assets{files: map[string]asset{}}
	sum := sha256.New()
	add := func(name string, text []byte) error {
		one := asset{kind: mime.TypeByExtension(path.Ext(name)), plain: text}
		if path.Ext(name) == ".woff2" {
			one.kind = "font/woff2"
		} else {
			var b bytes.Buffer
			z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
			if err != nil {
				return err
			}
			if _, err := z.Write(text); err != nil {
				return err
			}
			if err := z.Close(); err != nil {
				return err
			}
			one.packed = b.Bytes()
		}
		a.files[name] = one
		_, err := fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
		return err
	}
	err := fs.WalkDir(staticFiles, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := staticFiles.ReadFile(name)
		if err != nil {
			return err
		}
		return add(strings.TrimPrefix(name, "static/"), text)
	})
	if err == nil {
		err = add("days.css", daysStyle())
	}
	a.prefix = "/static/" + hex.EncodeToString(sum.Sum(nil))[:12] + "/"
	return a, err
}

// At returns the address of a file.
func (a *Assets) At(name string) string { return a.prefix + name }

func (a *Assets) serve(w http.ResponseWriter, r *http.Request) {
	one, ok := a.files[r.PathValue("file")]
	if !ok || !strings.HasPrefix(r.URL.Path, a.prefix) {
		http.Error(w, "there is no such file", http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Content-Type", one.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	text := one.plain
	if one.packed != nil {
		h.Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			text = one.packed
		}
	}
	h.Set("Content-Length", fmt.Sprint(len(text)))
	_, _ = w.Write(text) // who asked may be gone
}
