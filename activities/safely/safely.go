// Package safely keeps the panic of one piece of work from ending the process, and all other work with it.
package safely

import (
	"fmt"
	"runtime/debug"
)

// Do calls do and returns its error. A panic of do becomes an error, which has what was said and where it happened: for the log, not for
// people.
func Do(do func() error) (err error) {
	defer func() {
		if said := recover(); said != nil {
			err = fmt.Errorf("panic: %v\n%s", said, debug.Stack())
		}
	}()
	return do()
}
