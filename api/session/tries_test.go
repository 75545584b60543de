package session_test

import (
	"net/http/httptest"
	"net/netip"
	"testing"

	"tickmark/api/session"
)

// Where a request comes from is what the line says. What it says itself is believed of proxies that are known, and of the last that is not
// known nothing more.
func TestWhereARequestComesFrom(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		line, want string
		said       []string
	}{
		{"203.0.113.9:4000", "203.0.113.9", nil},
		{"203.0.113.9:4000", "203.0.113.9", []string{"198.51.100.1"}},
		{"10.0.0.1:4000", "10.0.0.1", nil},
		{"10.0.0.1:4000", "198.51.100.1", []string{"198.51.100.1"}},
		{"10.0.0.1:4000", "198.51.100.1", []string{"1.1.1.1, 198.51.100.1"}},
		{"10.0.0.1:4000", "198.51.100.1", []string{"1.1.1.1", "198.51.100.1, 10.2.2.2"}},
		{"10.0.0.1:4000", "10.0.0.1", []string{"198.51.100.1, nonsense"}},
		{"[::ffff:10.0.0.1]:4000", "2001:db8::1", []string{"2001:db8::1"}},
		{"[fd00::1%eth0]:4000", "198.51.100.1", []string{"::ffff:198.51.100.1"}},
		{"@", "invalid IP", []string{"198.51.100.1"}},
	} {
		r := httptest.NewRequest("POST", "/sign-in", nil)
		r.RemoteAddr = c.line
		r.Header["X-Forwarded-For"] = c.said
		if got := session.From(r, proxies).String(); got != c.want {
			t.Errorf("from %s, which says %q: %s, want %s", c.line, c.said, got, c.want)
		}
	}
}
