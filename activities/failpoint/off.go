//go:build !failpoints

// Package failpoint marks the places at which the chaos tests kill the program, or make it wait. Built without the tag failpoints
// they are nothing.
package failpoint

// Hit marks a place.
func Hit(string) {}
