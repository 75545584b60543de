package app

import (
	"crypto/tls"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gorilla/websocket"
)

// Limits of calls to others. Whoever calls may be less patient, never more.
const (
	connectFor = 5 * time.Second  // to find a host, to reach it, and to agree on keys, each
	headersFor = 15 * time.Second // from the end of the request to the headers of its answer
	callFor    = 30 * time.Second // the whole call, with the body of its answer
	maxHeaders = 64 << 10         // bytes of an answer's headers
	maxAnswer  = 4 << 20          // bytes of an answer's body, unpacked
)

// outgoing makes the one client by which the product calls others. It follows no redirects: an answer that sends it elsewhere is the
// answer, and whoever asked finds that it is not what was asked for. It ends a call after 30 seconds, an answer's body fails with
// *http.MaxBytesError beyond 4 MiB, it speaks TLS from version 1.2 on, goes by the proxies that the environment names (HTTP_PROXY,
// HTTPS_PROXY, NO_PROXY), and says who it is.
func outgoing() *http.Client {
	dial := &net.Dialer{Timeout: connectFor}
	return &http.Client{
		Transport: bounded{&http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: dial.DialContext, ForceAttemptHTTP2: true,
			TLSClientConfig: tlsFrom12(), TLSHandshakeTimeout: connectFor, ResponseHeaderTimeout: headersFor,
			MaxResponseHeaderBytes: maxHeaders, MaxIdleConnsPerHost: 8, IdleConnTimeout: 90 * time.Second}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       callFor,
	}
}

// dialer makes what opens the connections of Socket Mode, with the same limits: a connection follows no redirects either. Frames of an
// answer are as long as Slack reads in one piece.
func dialer() *websocket.Dialer {
	dial := &net.Dialer{Timeout: connectFor}
	return &websocket.Dialer{Proxy: http.ProxyFromEnvironment, NetDialContext: dial.DialContext, TLSClientConfig: tlsFrom12(),
		HandshakeTimeout: headersFor, WriteBufferSize: 32 << 10}
}

// ownPort makes what asks a port of this very process: by a connection of its own each time, and by no proxy. How long it takes is for
// the request's context to say.
func ownPort() http.RoundTripper {
	return bounded{&http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: maxHeaders}}
}

func tlsFrom12() *tls.Config { return &tls.Config{MinVersion: tls.VersionTLS12} }

// bounded names the program in every request and bounds the body of every answer.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("User-Agent", userAgent(debug.ReadBuildInfo()))
	res, err := b.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	res.Body = http.MaxBytesReader(nil, res.Body, maxAnswer)
	return res, nil
}

// userAgent returns the name of the program in its calls: Tickmark/ and its version, devel where it has none. known says whether the build
// says anything of itself.
func userAgent(info *debug.BuildInfo, known bool) string {
	if !known || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "Tickmark/devel"
	}
	return "Tickmark/" + info.Main.Version
}
