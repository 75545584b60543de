//go:build !failpoints

// Package failpoint marks the places at which the chaos tests kill the program, or make it wait. Built without the tag failpoints
// they are nothing.
package failpoint

import "time"

// Built says whether failpoints do anything.
const Built = false

// Hit marks a place.
func Hit(string) {}

// Patience is how patient deliveries are; 0: as configured.
func Patience() time.Duration { return 0 }
