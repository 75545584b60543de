// Package iterator says when there is nothing more to go through.
package iterator

import "errors"

// Done is the error of an iterator at its end.
var Done = errors.New("no more items in iterator")
