package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"unicode/utf8"
)

// A Function is a function or method, or a function literal outside of any, as in the value of a package's variable.
type Function struct {
	Name       string // as in "(*Facts).climb"
	Where      string // file and line
	Lines      int
	Complexity int
	Test       bool
}

// functions returns the functions of a file. A function literal within a function belongs to it.
func functions(set *token.FileSet, f *File) []Function {
	var out []Function
	add := func(name string, n ast.Node) {
		from, to := set.Position(n.Pos()), set.Position(n.End())
		out = append(out, Function{name, fmt.Sprintf("%s:%d", f.Name, from.Line), to.Line - from.Line + 1, complexity(n), f.Test})
	}
	ast.Inspect(f.Syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Body != nil {
				add(nameOf(n), n)
			}
			return false
		case *ast.FuncLit:
			add("a function literal", n)
			return false
		}
		return true
	})
	return out
}

// nameOf returns the name of a function, that of a method with its receiver.
func nameOf(f *ast.FuncDecl) string {
	name, star := receiver(f)
	switch {
	case name == "":
		return f.Name.Name
	case star:
		return "(*" + name + ")." + f.Name.Name
	}
	return name + "." + f.Name.Name
}

// receiver returns the type whose method a function is, without type parameters, and whether the receiver is a pointer. It is empty
// for a function that is no method.
func receiver(f *ast.FuncDecl) (name string, star bool) {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return "", false
	}
	of := f.Recv.List[0].Type
	for {
		switch t := of.(type) {
		case *ast.StarExpr:
			of, star = t.X, true
		case *ast.IndexExpr:
			of = t.X
		case *ast.IndexListExpr:
			of = t.X
		case *ast.Ident:
			return t.Name, star
		default:
			return "", star
		}
	}
}

// complexity returns the cyclomatic complexity of a function: one, and one more for every if, for, case, && and || in it. A default
// does not count.
func complexity(function ast.Node) int {
	n := 1
	ast.Inspect(function, func(node ast.Node) bool {
		if branches(node) {
			n++
		}
		return true
	})
	return n
}

func branches(node ast.Node) bool {
	switch node := node.(type) {
	case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt:
		return true
	case *ast.CaseClause:
		return node.List != nil
	case *ast.CommClause:
		return node.Comm != nil
	case *ast.BinaryExpr:
		return node.Op == token.LAND || node.Op == token.LOR
	}
	return false
}

// width returns how many characters a line has. A tab is one.
func width(line string) int { return utf8.RuneCountInString(line) }

// exported returns how many names a file offers to other packages: constants, variables, types, functions, and methods of
// exported types. Fields and methods of interfaces do not count.
func exported(f *File) int {
	n := 0
	for _, d := range f.Syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			of, _ := receiver(d)
			if d.Name.IsExported() && (of == "" || ast.IsExported(of)) {
				n++
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				n += exportedBy(s)
			}
		}
	}
	return n
}

func exportedBy(s ast.Spec) int {
	n := 0
	switch s := s.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() {
			n++
		}
	case *ast.ValueSpec:
		for _, name := range s.Names {
			if name.IsExported() {
				n++
			}
		}
	}
	return n
}
