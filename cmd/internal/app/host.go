package app

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"

	"tickmark/api"
	"tickmark/models"
)

// Guard returns a handler that lets to next only what may come in at an HTTP port. A request to a host for which hosts returns false is
// answered with 421: a page elsewhere whose name was made to point here (DNS rebinding) would act in the name of whoever looks at it.
// hosts is given a name or an IP address in lower case, without port and brackets. /healthz and /readyz answer whatever host they are
// called by, since balancers ask by addresses of their own; they tell nothing that is anybody's. A request by a method other than GET, HEAD
// and OPTIONS that a browser sends for a page of another origin is answered with 403. Programs send neither Origin nor Sec-Fetch-Site, and
// pass. Refusals are problems (RFC 9457) below /api, plain text elsewhere. Every answer has the headers of api.Harden, unless next sets
// others.
func Guard(hosts func(string) bool, next http.Handler) http.Handler {
	return guard(hosts, func(string, *http.Request) {}, next)
}

// What a request is turned away for.
const (
	byHost   = "host"
	byOrigin = "origin"
)

// guard is Guard that tells away of each request that it refuses, and for what.
func guard(hosts func(string) bool, away func(why string, r *http.Request), next http.Handler) http.Handler {
	origins := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := hostOf(r.Host)
		api.Harden(w.Header())
		switch {
		case r.URL.Path != "/healthz" && r.URL.Path != "/readyz" && !hosts(host):
			away(byHost, r)
			refuse(w, r, models.Refuse(api.Misdirected, "Host", "nothing is served for the host %.80q here: who runs the server adds it to "+
				"TICKMARK_HOSTS, or makes it part of TICKMARK_PUBLIC_URL", host))
		case origins.Check(r) != nil:
			away(byOrigin, r)
			refuse(w, r, models.Refuse(models.Forbidden, "Origin", "a page of another origin cannot change anything here"))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// overTLS returns a handler that has browsers come back by TLS alone, for a year, to the host of a public address and to those below it,
// where that address is one of https. Where it is not, nothing is asked of browsers: others may be served at the same name in the clear.
func overTLS(public string, next http.Handler) http.Handler {
	if at, ok := webAddress(public); !ok || at.Scheme != "https" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		next.ServeHTTP(w, r)
	})
}

// refuse answers a request that is not let in.
func refuse(w http.ResponseWriter, r *http.Request, err error) {
	if strings.HasPrefix(r.URL.Path, "/api/") {
		api.Refuse(w, r, err)
		return
	}
	status := http.StatusForbidden
	if models.CodeOf(err) == api.Misdirected {
		status = http.StatusMisdirectedRequest
	}
	http.Error(w, err.Error(), status)
}

// hostOf returns the name or IP address of a Host header, in lower case and without port, brackets and final dot.
func hostOf(header string) string {
	host, _, err := net.SplitHostPort(header)
	if err != nil {
		host = header
	}
	return plainHost(host)
}

func plainHost(host string) string {
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// proxies returns the networks of TICKMARK_PROXIES, of which an address is one. It refuses what is none.
func (c Config) proxies() (out []netip.Prefix, err error) {
	for text := range strings.SplitSeq(c.Proxies, ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		network, err := netip.ParsePrefix(text)
		if at, alone := netip.ParseAddr(text); alone == nil {
			network, err = at.Unmap().Prefix(at.Unmap().BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("TICKMARK_PROXIES %q must list IP addresses and networks separated by commas, as in 10.0.0.7,10.1.0.0/16", text)
		}
		out = append(out, network.Masked())
	}
	return out, nil
}

// served returns which hosts the API at an address answers: this machine's own names and addresses as far as it listens there, the host of
// TICKMARK_PUBLIC_URL, and those of TICKMARK_HOSTS. Where it listens on all addresses any IP address is answered, as one behind which
// this machine stands: no page can make an address its own. It refuses hosts that are none.
func (c Config) served(at net.Addr) (func(string) bool, error) {
	names := map[string]bool{"localhost": true}
	for name := range strings.SplitSeq(c.Hosts, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if _, err := netip.ParseAddr(plainHost(name)); err != nil && strings.ContainsAny(name, ":/*@ ") {
			return nil, fmt.Errorf("TICKMARK_HOSTS %q must list names or IP addresses of hosts separated by commas, without scheme and port, "+
				"as in audits.internal,10.0.0.7", name)
		}
		names[plainHost(name)] = true
	}
	if public, ok := webAddress(c.PublicURL); ok && public.Host != "" {
		names[plainHost(public.Hostname())] = true
	}
	listens, err := netip.ParseAddrPort(at.String())
	if err != nil {
		return nil, fmt.Errorf("--listen %s is no address of a port: %w", at, err)
	}
	if !listens.Addr().IsLoopback() {
		names[hostOf(c.Listen)] = true
		if own, err := os.Hostname(); err == nil {
			own = plainHost(own)
			short, _, _ := strings.Cut(own, ".")
			names[own], names[short] = true, true
		}
	}
	delete(names, "")
	return func(host string) bool {
		if names[host] {
			return true
		}
		ip, err := netip.ParseAddr(host)
		return err == nil && (ip.Unmap().IsLoopback() || ip.Unmap() == listens.Addr().Unmap() || listens.Addr().IsUnspecified())
	}, nil
}
