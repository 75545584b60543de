package app

import (
	"net/http"
	"net/netip"
)

// Here returns a handler that lets to next what Guard does, for a port that serves this machine alone: it is called by the name localhost,
// or by a loopback address.
func Here(next http.Handler) http.Handler {
	return Guard(func(host string) bool {
		ip, err := netip.ParseAddr(host)
		return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
	}, next)
}
