// Package option says how a client of Google's would be made.
package option

import "golang.org/x/oauth2"

// A ClientOption is one thing that is said of it.
type ClientOption struct{ tokens oauth2.TokenSource }

// WithTokenSource says where it has its tokens from.
func WithTokenSource(s oauth2.TokenSource) ClientOption { return ClientOption{s} }
