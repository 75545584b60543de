// Command structure measures and draws how the Go code of a module tree hangs together. It runs in the root of the repository:
//
//	structure arrows [-v] DIR   which files of one package use which, and how many of these arrows run back up
//	structure sizes [-v]        files, lines, names, complexity and width of every package
//	structure imports           draws who imports whom between the markers in docs/architecture.md
//	structure check             fails where a function is too complex, a line too wide or a package without a comment
//
// It reads every folder but testdata and those whose name begins with a dot or an underscore; of the dotted ones it reads .ci.
// Generated code ("// Code generated … DO NOT EDIT.") is not measured. Its exit code is 1 where a check fails, and 2 where it
// could not do what it was asked for.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

// errFound says that a check found something, and that it was written down already.
var errFound = errors.New("the check failed")

func main() {
	switch err := run(os.Stdout, os.Args[1:]); {
	case errors.Is(err, errFound):
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, "structure:", err)
		os.Exit(2)
	}
}

// run carries out one command on the tree in the current folder, and writes what it finds.
func run(w io.Writer, args []string) error {
	if len(args) == 0 {
		return errors.New("say what to do: arrows, sizes, imports or check")
	}
	flags := flag.NewFlagSet("structure "+args[0], flag.ContinueOnError)
	verbose := flags.Bool("v", false, "name the arrows that run back up, or the functions over 10")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if args[0] == "arrows" {
		if flags.NArg() != 1 {
			return errors.New("arrows takes the folder of one package")
		}
		return arrows(w, flags.Arg(0), *verbose)
	}
	if flags.NArg() != 0 {
		return fmt.Errorf("%s takes no %q", args[0], flags.Arg(0))
	}
	tree, err := readTree(".")
	if err != nil {
		return err
	}
	switch args[0] {
	case "sizes":
		return sizes(w, tree, *verbose)
	case "imports":
		return writeDrawing("docs/architecture.md", tree)
	case "check":
		return check(w, tree)
	}
	return fmt.Errorf("there is no command %q: arrows, sizes, imports, check", args[0])
}
