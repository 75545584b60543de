package fault

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// elsewhere is what looks like a judgement of an error by its code outside the table, and why it is none.
var elsewhere = []struct{ file, what, why string }{
	{"activities/desk/event.go", `"app_uninstalled"`, "an event of Slack's has the name too"},
	{"activities/slack/slack.go", `"app_uninstalled"`, "an event of Slack's has the name too"},
	{"cmd/internal/app/app.go", "syscall.EADDRINUSE", "a port that is taken ends the start, and is named"},
	{"cmd/internal/app/data.go", "syscall.ELOOP", "a link in the data directory is not ours, and is refused for what it is"},
	{"cmd/tickmark-solo/main.go", "syscall.EADDRINUSE", "a port that is taken ends the start, and is named"},
	{"cmd/tickmark-solo/embedded/ports.go", "syscall.EADDRINUSE", "another port is taken instead"},
	{"cmd/tickmark-solo/embedded/lock.go", "syscall.EWOULDBLOCK", "it says that another process has the lock, and is no fault"},
	{"cmd/tickmark-solo/embedded/settle.go", "serviceerror.NotFound", "it is the right answer: the server is asked for what is not there"},
	{"models/store/barred.go", `"28000"`, sentence},
	{"models/store/barred.go", `"28P01"`, sentence},
	{"models/store/barred.go", `"3D000"`, sentence},
	{"models/store/barred.go", `"42501"`, sentence},
	{"models/store/barred.go", "sqlite3.SQLITE_CANTOPEN", sentence},
	{"models/store/barred.go", "sqlite3.SQLITE_NOTADB", sentence},
	{"models/store/barred.go", "sqlite3.SQLITE_PERM", sentence},
	{"models/store/barred.go", "strings.Contains(err.Error())", sentence},
	{"models/store/errors.go", "strings.Contains(e.Error())", "SQLite has no code for a missing table: the row has these words"},
	{"activities/mail/mail.go", "465", "a port"},
	{"activities/mail/mail.go", "strings.ToLower(err.Error())", "the library has no kind of error for encryption: the row has a word of ours"},
}

// sentence is why the start may name codes: whether they pass is not asked there.
const sentence = "it chooses the sentence with which a start ends"

// apart are folders in which errors are made up, not judged.
var apart = []string{"models/fault", "models/store/storetest", "activities/fake", "cmd/tickmark-solo/chaos",
	"cmd/tickmark-solo/sandbox", "cmd/tickmark-solo/without",
	"api/gen", "api/client"}

// The law of the one table: nowhere else in the product is an error judged by its code. A word of Slack's, an SQLSTATE, a code of SQLite,
// an errno or a kind of Temporal's is not named, no number is compared with a status in the activities, and no error is told by its text.
func TestNobodyElseJudges(t *testing.T) {
	found := map[string]bool{}
	files := 0
	for _, top := range []string{"activities", "api", "cmd", "models", "workflows"} {
		err := filepath.WalkDir(filepath.Join("../..", top), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name := filepath.ToSlash(strings.TrimPrefix(path, filepath.FromSlash("../../")))
			if d.IsDir() && slices.Contains(apart, name) {
				return filepath.SkipDir
			}
			if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return nil
			}
			files++
			for _, what := range judgements(t, path, name) {
				found[name+" "+what] = true
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 100 {
		t.Errorf("only %d files were looked at", files)
	}
	for _, e := range elsewhere {
		if !found[e.file+" "+e.what] {
			t.Errorf("%s has no %s any more: take it off the list", e.file, e.what)
		}
		delete(found, e.file+" "+e.what)
	}
	for what := range found {
		t.Errorf("%s: errors are judged in models/fault alone", what)
	}
}

// What the law looks for, it finds.
func TestTheLawFindsJudgements(t *testing.T) {
	for code, want := range map[string]string{
		`if said == "ratelimited" {}`:                          `"ratelimited"`,
		`if e.Code == "40001" {}`:                              `"40001"`,
		`if c == sqlite3.SQLITE_BUSY {}`:                       "sqlite3.SQLITE_BUSY",
		`var none *serviceerror.NotFound; _ = none`:            "serviceerror.NotFound",
		`if errors.Is(err, syscall.ENOSPC) {}`:                 "syscall.ENOSPC",
		`if code >= 500 {}`:                                    "500",
		`switch code { case http.StatusConflict: }`:            "http.StatusConflict",
		`if strings.Contains(err.Error(), "disk is full") {}`:  "strings.Contains(err.Error())",
		`_ = strings.Contains(text, "disk"); log(err.Error())`: "",
		`_ = table["40001x"]; total := 500; _ = total`:         "",
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nfunc f() {\n"+code+"\n}", 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(judged(file, true), " "); got != want {
			t.Errorf("in %s it finds %q, not %q", code, got, want)
		}
	}
}

// telling are the functions by which an error is told by its text.
var telling = []string{"strings.Contains", "strings.HasPrefix", "strings.HasSuffix", "strings.ToLower", "strings.EqualFold",
	"strings.Index"}

func judgements(t *testing.T, path, name string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return judged(file, strings.HasPrefix(name, "activities/") || strings.HasPrefix(name, "models/store/"))
}

// judged returns what in a file looks like a judgement of an error. Numbers are only looked at where statuses are.
func judged(file *ast.File, statuses bool) (found []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec, *ast.Field:
			_, field := n.(*ast.Field)
			return field
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil && word(text) {
				found = append(found, n.Value)
			}
		case *ast.SelectorExpr:
			if name := selected(n); kind(name) {
				found = append(found, name)
			}
		case *ast.BinaryExpr:
			if statuses {
				found = append(append(found, status(n.X)...), status(n.Y)...)
			}
		case *ast.CaseClause:
			for _, x := range n.List {
				if statuses {
					found = append(found, status(x)...)
				}
			}
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.SelectorExpr); ok && slices.Contains(telling, selected(f)) {
				for _, arg := range n.Args {
					if of := errorOf(arg); of != "" {
						found = append(found, fmt.Sprintf("%s(%s.Error())", selected(f), of))
					}
				}
			}
		}
		return true
	})
	return found
}

// word reports whether a text is a word of Slack's or an SQLSTATE that the table knows.
func word(text string) bool {
	if _, ok := table[key{Slack, text}]; ok {
		return true
	}
	if len(text) != 5 || strings.ToUpper(text) != text || !strings.ContainsAny(text, "0123456789") {
		return false
	}
	_, own := table[key{PostgreSQL, text}]
	_, class := table[key{PostgreSQL, text[:2] + "xxx"}]
	return own || class
}

// kind reports whether a name is a code of SQLite, an errno or a kind of Temporal's errors.
func kind(name string) bool {
	pkg, what, _ := strings.Cut(name, ".")
	switch pkg {
	case "sqlite3":
		return strings.HasPrefix(what, "SQLITE_")
	case "serviceerror":
		return what != "ServiceError" && what != "FromStatus" && what != "ToStatus"
	case "syscall", "unix":
		return len(what) > 1 && what[0] == 'E' && strings.ToUpper(what) == what
	}
	return false
}

// status returns a status that is compared with.
func status(x ast.Expr) []string {
	switch x := x.(type) {
	case *ast.BasicLit:
		if n, err := strconv.Atoi(x.Value); x.Kind == token.INT && err == nil && n >= 400 && n < 600 {
			return []string{x.Value}
		}
	case *ast.SelectorExpr:
		if name := selected(x); strings.HasPrefix(name, "http.Status") && name != "http.StatusOK" {
			return []string{name}
		}
	}
	return nil
}

func selected(s *ast.SelectorExpr) string {
	if x, ok := s.X.(*ast.Ident); ok {
		return x.Name + "." + s.Sel.Name
	}
	return ""
}

// errorOf returns of what an expression is the text, when it calls Error.
func errorOf(x ast.Expr) string {
	if call, ok := x.(*ast.CallExpr); ok {
		if f, ok := call.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Error" {
			if of, ok := f.X.(*ast.Ident); ok {
				return of.Name
			}
		}
	}
	return ""
}
