// Command bom says what of others is in the programs, and under which licences. It runs in the root of the repository:
//
//	bom list     writes the table between the markers in docs/dependencies.md
//	bom check    fails where that table is not true any more, or a licence is none of those that are allowed
//	bom write    writes, into bin/, a bill of materials of each program (CycloneDX 1.6, JSON) and the texts of all licences
//
// What is in a program is what `go list -deps` says for linux/amd64 without cgo, as the programs are built. Its exit code is 1 where the
// check fails, and 2 where it could not do what it was asked for.
package main

import (
	"errors"
	"fmt"
	"os"
)

// errFound says that the check found something, and that it was written down already.
var errFound = errors.New("the check failed")

func main() {
	switch err := run(os.Args[1:]); {
	case errors.Is(err, errFound):
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bom:", err)
		os.Exit(2)
	}
}

// page is the document with the table.
const page = "docs/dependencies.md"

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("say what to do: list, check or write")
	}
	all, err := programs()
	if err != nil {
		return err
	}
	switch args[0] {
	case "list":
		return writeTable(page, table(all))
	case "check":
		return check(all)
	case "write":
		return writeAll("bin", all)
	}
	return fmt.Errorf("there is no command %q: list, check, write", args[0])
}

// check writes down what is wrong, and returns errFound where something is.
func check(all []program) error {
	wrong := forbidden(all)
	for _, w := range wrong {
		fmt.Fprintln(os.Stderr, w)
	}
	stands, err := readTable(page)
	if err != nil {
		return err
	}
	if stands != table(all) {
		fmt.Fprintf(os.Stderr, "%s does not say what is in the programs: run `make generate`\n", page)
		return errFound
	}
	if len(wrong) > 0 {
		return errFound
	}
	return nil
}
