package embedded_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"tickmark/cmd/tickmark-solo/embedded"
	"tickmark/models/modelstest/waysin"
)

// Mallory has an account on the machine, and a certificate that he made himself, which says what the right one says. At each port that the
// server listens on he is refused, in whatever way he calls, while whoever has the certificate of this server is served. No other test runs
// beside this one: it looks at all ports of the process.
func TestNobodyComesInWithoutTheCertificate(t *testing.T) {
	s := start(t, embedded.Options{Dir: t.TempDir(), UIPort: -1})
	ports := waysin.Listening(t, os.Getpid())
	if len(ports) != 4 || !slices.Contains(ports, s.Address()) {
		t.Fatalf("it listens on %q: a frontend, history, matching and a worker were expected, and the frontend on %s", ports, s.Address())
	}
	identity, err := embedded.NewIdentity()
	check(t, err)
	selfMade, err := embedded.TLS(identity)
	check(t, err)
	believing := selfMade.Clone()
	believing.RootCAs, believing.InsecureSkipVerify = nil, true
	anonymous := &tls.Config{InsecureSkipVerify: true}
	strangers := map[string]credentials.TransportCredentials{"in the clear": insecure.NewCredentials(),
		"without a certificate": credentials.NewTLS(anonymous), "with one that he made": credentials.NewTLS(believing)}
	for _, port := range ports {
		host, _, err := net.SplitHostPort(port)
		check(t, err)
		equal(t, host, embedded.Loopback)
		for how, with := range strangers {
			if err := health(t, port, with); status.Code(err) != codes.Unavailable {
				t.Errorf("%s, asked %s, answers %v", port, how, err)
			}
		}
		if err := health(t, port, credentials.NewTLS(s.TLS())); !served(err) {
			t.Errorf("%s, asked with its certificate, answers %v", port, err)
		}
		for how, with := range map[string]*tls.Config{"without a certificate": anonymous, "with one that he made": believing} {
			if got, err := firstWord(t, port, with); err == nil || errors.Is(err, io.EOF) {
				t.Errorf("%s, called by TLS %s, says %q and %v", port, how, got, err)
			}
		}
		if _, err := firstWord(t, port, selfMade); err == nil {
			t.Errorf("whoever has another certificate believes %s", port)
		}
	}
}

// health asks a port as any client of gRPC may.
func health(t *testing.T, port string, with credentials.TransportCredentials) error {
	t.Helper()
	conn, err := grpc.NewClient(port, grpc.WithTransportCredentials(with))
	check(t, err)
	defer func() { check(t, conn.Close()) }()
	_, err = grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	return err
}

// served reports whether an error is an answer of a server that listened, or none.
func served(err error) bool {
	return slices.Contains([]codes.Code{codes.OK, codes.NotFound, codes.Unimplemented}, status.Code(err))
}

// firstWord shakes hands by TLS, which a client of TLS 1.3 believes done before the server has looked at its certificate, and returns the
// first byte that the server says.
func firstWord(t *testing.T, port string, with *tls.Config) ([]byte, error) {
	t.Helper()
	with = with.Clone()
	with.NextProtos = []string{"h2"}
	conn, err := (&tls.Dialer{Config: with}).DialContext(context.WithoutCancel(t.Context()), "tcp", port)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }() // the server may have closed it
	word := make([]byte, 1)
	_, err = io.ReadFull(conn, word)
	return word, err
}

// What is no identity is said to be none, before anything is opened.
func TestAnIdentityThatIsNone(t *testing.T) {
	_, err := embedded.Start(t.Context(), embedded.Options{Dir: t.TempDir(), UIPort: -1, Identity: "me"})
	refused(t, err, "the identity of the embedded Temporal server cannot be read")
	_, err = embedded.Start(t.Context(), embedded.Options{Dir: t.TempDir()})
	refused(t, err, "the Web UI has no guard")
}
