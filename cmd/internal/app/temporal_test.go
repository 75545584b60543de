package app

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tickmark/models"
	"tickmark/workflows"
)

// A cluster is a frontend of Temporal as far as a start sees it: it knows namespaces with their attributes, and who polls. Like a real one
// it knows some time later only of what was made.
type cluster struct {
	workflowservice.UnimplementedWorkflowServiceServer
	operatorservice.UnimplementedOperatorServiceServer
	mu         sync.Mutex
	key        string                                       // that callers must show
	namespaces map[string]map[string]enums.IndexedValueType // by name
	kept       time.Duration                                // of the namespace that was registered last
	fresh      string                                       // registered, and not known everywhere yet
	unknown    int                                          // how often its attributes are asked for in vain until it is
	made       int
	closed     bool // nobody may make anything
	polled     bool
	silent     bool // nobody may ask for attributes
}

// serves starts it and returns its address; config is of its TLS, if any.
func (s *cluster) serves(t *testing.T, config *tls.Config) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	options := []grpc.ServerOption{grpc.UnaryInterceptor(s.letsIn)}
	if config != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(config)))
	}
	server := grpc.NewServer(options...)
	workflowservice.RegisterWorkflowServiceServer(server, s)
	operatorservice.RegisterOperatorServiceServer(server, s)
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(l) }) // until it is stopped
	t.Cleanup(func() { server.Stop(); serving.Wait() })
	return l.Addr().String()
}

func (s *cluster) letsIn(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	if s.key != "" && strings.Join(md.Get("authorization"), "") != "Bearer "+s.key {
		return nil, status.Error(codes.Unauthenticated, "who are you?")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	answer, err := next(ctx, req)
	return answer, serviceerror.ToStatus(err).Err()
}

func (s *cluster) GetSystemInfo(context.Context, *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{}, nil
}

func (s *cluster) DescribeNamespace(_ context.Context, r *workflowservice.DescribeNamespaceRequest) (
	*workflowservice.DescribeNamespaceResponse, error) {
	if s.namespaces[r.Namespace] == nil {
		return nil, serviceerror.NewNamespaceNotFound(r.Namespace)
	}
	return &workflowservice.DescribeNamespaceResponse{}, nil
}

func (s *cluster) RegisterNamespace(_ context.Context, r *workflowservice.RegisterNamespaceRequest) (
	*workflowservice.RegisterNamespaceResponse, error) {
	if s.closed {
		return nil, serviceerror.NewPermissionDenied("not yours", "")
	}
	if s.namespaces[r.Namespace] != nil {
		return nil, serviceerror.NewNamespaceAlreadyExists("it is there")
	}
	s.namespaces[r.Namespace] = map[string]enums.IndexedValueType{}
	s.fresh, s.kept = r.Namespace, r.WorkflowExecutionRetentionPeriod.AsDuration()
	s.made++
	return &workflowservice.RegisterNamespaceResponse{}, nil
}

func (s *cluster) ListSearchAttributes(_ context.Context, r *operatorservice.ListSearchAttributesRequest) (
	*operatorservice.ListSearchAttributesResponse, error) {
	if s.silent {
		return nil, serviceerror.NewPermissionDenied("not yours", "")
	}
	if s.fresh == r.Namespace && s.unknown > 0 {
		s.unknown--
		return nil, serviceerror.NewNamespaceNotFound(r.Namespace)
	}
	return &operatorservice.ListSearchAttributesResponse{CustomAttributes: s.namespaces[r.Namespace]}, nil
}

func (s *cluster) AddSearchAttributes(_ context.Context, r *operatorservice.AddSearchAttributesRequest) (
	*operatorservice.AddSearchAttributesResponse, error) {
	if s.fresh == r.Namespace {
		s.fresh = ""
		return nil, serviceerror.NewNamespaceNotFound(r.Namespace)
	}
	for name, kind := range r.SearchAttributes {
		s.namespaces[r.Namespace][name] = kind
	}
	s.made++
	return &operatorservice.AddSearchAttributesResponse{}, nil
}

func (s *cluster) DescribeTaskQueue(context.Context, *workflowservice.DescribeTaskQueueRequest) (
	*workflowservice.DescribeTaskQueueResponse, error) {
	out := &workflowservice.DescribeTaskQueueResponse{}
	if s.polled {
		out.Pollers = []*taskqueue.PollerInfo{{LastAccessTime: timestamppb.New(time.Now())}}
	}
	return out, nil
}

// An issuer signs certificates.
type issuer struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
	n    int64
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{}
	i.cert, i.key, i.pem = i.sign(t, &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return i
}

// sign makes a key and a certificate for it; the first one of an issuer signs itself.
func (i *issuer) sign(t *testing.T, as *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i.n++
	as.SerialNumber, as.Subject = big.NewInt(i.n), pkix.Name{CommonName: "of the tests"}
	as.NotBefore = time.Now().AddDate(0, 0, -2)
	if as.NotAfter.IsZero() {
		as.NotAfter = time.Now().AddDate(0, 0, 2)
	}
	parent, by := i.cert, i.key
	if parent == nil {
		parent, by = as, key
	}
	der, err := x509.CreateCertificate(rand.Reader, as, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// pair returns a certificate and its key, in PEM.
func (i *issuer) pair(t *testing.T, as *x509.Certificate) (cert, key []byte) {
	t.Helper()
	_, private, cert := i.sign(t, as)
	der, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return cert, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
}

// mutual is the TLS of a server that lets in only whom clients has signed.
func mutual(t *testing.T, servers, clients *issuer, as *x509.Certificate) *tls.Config {
	t.Helper()
	pair, err := tls.X509KeyPair(servers.pair(t, as))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(clients.cert)
	return &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
		NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12}
}

// An operator is somebody with a folder of certificates and an environment.
type operator struct {
	*testing.T
	dir string
}

// file writes a file and returns its path.
func (o operator) file(name string, text []byte) string {
	o.Helper()
	path := filepath.Join(o.dir, name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		o.Fatal(err)
	}
	return path
}

// opens opens Tickmark as an environment says.
func (o operator) opens(environ ...string) (*App, error) {
	o.Helper()
	cfg := Config{Database: "sqlite:" + filepath.Join(o.dir, "tickmark.sqlite"), Log: slog.New(slog.DiscardHandler)}
	if err := cfg.TemporalFrom(environ); err != nil {
		return nil, err
	}
	a, err := Open(o.Context(), cfg)
	if err == nil {
		o.Cleanup(a.Close)
	}
	return a, err
}

// knows is a Temporal that has all that Tickmark needs.
func knows() *cluster {
	return &cluster{polled: true, namespaces: map[string]map[string]enums.IndexedValueType{
		"tickmark": {workflows.FirmAttribute: enums.INDEXED_VALUE_TYPE_KEYWORD}}}
}

// An operator guards Temporal with certificates: with the right ones engagements are conducted, and what is wrong with others is said in
// words that name the variable.
func TestTemporalBehindCertificates(t *testing.T) {
	ours, theirs, strangers := newIssuer(t), newIssuer(t), newIssuer(t)
	loopback := func() *x509.Certificate {
		return &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	}
	o := operator{t, t.TempDir()}
	guarded := knows().serves(t, mutual(t, theirs, ours, loopback()))
	elsewhere := knows().serves(t, mutual(t, theirs, ours, &x509.Certificate{DNSNames: []string{"temporal.internal"}}))
	over := loopback()
	over.NotAfter = time.Now().AddDate(0, 0, -1)
	expired := knows().serves(t, mutual(t, theirs, ours, over))
	plain := knows().serves(t, nil)
	cert, key := ours.pair(t, loopback())
	certPath, keyPath := "TEMPORAL_TLS_CLIENT_CERT_PATH="+o.file("cert", cert), "TEMPORAL_TLS_CLIENT_KEY_PATH="+o.file("key", key)
	cert, key = strangers.pair(t, loopback())
	otherCert, otherKey := "TEMPORAL_TLS_CLIENT_CERT_PATH="+o.file("cert2", cert), "TEMPORAL_TLS_CLIENT_KEY_PATH="+o.file("key2", key)
	authority := "TEMPORAL_TLS_SERVER_CA_CERT_PATH=" + o.file("authority", theirs.pem)
	for _, c := range []struct {
		name, at, want string
		environ        []string
	}{
		{"the right ones", guarded, "", []string{certPath, keyPath, authority}},
		{"the other name is expected", elsewhere, "", []string{certPath, keyPath, authority, "TEMPORAL_TLS_SERVER_NAME=temporal.internal"}},
		{"in the clear", plain, "", nil},
		{"no authority", guarded, "TEMPORAL_TLS_SERVER_CA_CERT_PATH", []string{certPath, keyPath}},
		{"another authority", guarded, "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
			[]string{certPath, keyPath, "TEMPORAL_TLS_SERVER_CA_CERT_PATH=" + o.file("other", strangers.pem)}},
		{"another name", elsewhere, "TEMPORAL_TLS_SERVER_NAME", []string{certPath, keyPath, authority}},
		{"expired", expired, "has expired", []string{certPath, keyPath, authority}},
		{"no certificate of ours", guarded, "TEMPORAL_TLS_CLIENT_CERT_PATH", []string{authority}},
		{"a stranger's certificate", guarded, "TEMPORAL_TLS_CLIENT_CERT_PATH", []string{otherCert, otherKey, authority}},
		{"TLS is off here", guarded, "TEMPORAL_TLS=true", nil},
		{"TLS is off there", plain, "TEMPORAL_TLS=false", []string{"TEMPORAL_TLS=true"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a, err := operator{t, t.TempDir()}.opens(append(c.environ, "TICKMARK_TEMPORAL="+c.at)...)
			if err != nil {
				t.Fatal(err)
			}
			ctx := t.Context()
			if c.want != "" {
				// The client tries until its time is over: what it would say then is asked at once.
				err = a.explained(ctx, models.Refuse(models.Unavailable, "temporal", "Temporal does not answer"))
			} else {
				err = a.conducted(ctx)
			}
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// Settings for Temporal that cannot be are refused at the start, by the name of the variable; nothing shows a path or a secret.
func TestSettingsForTemporalThatAreRefused(t *testing.T) {
	o := operator{t, t.TempDir()}
	i := newIssuer(t)
	text, secret := i.pair(t, &x509.Certificate{})
	cert, key, none := o.file("cert", text), o.file("key", secret), filepath.Join(o.dir, "none")
	for _, c := range []struct {
		want    string
		environ []string
	}{
		{"TEMPORAL_TLS_CLIENT_CERT_PATH names a file", []string{"TEMPORAL_TLS_CLIENT_CERT_PATH=" + none, "TEMPORAL_TLS_CLIENT_KEY_PATH=" + key}},
		{"TEMPORAL_TLS_CLIENT_KEY_PATH names a file", []string{"TEMPORAL_TLS_CLIENT_CERT_PATH=" + cert, "TEMPORAL_TLS_CLIENT_KEY_PATH=" + none}},
		{"belong together", []string{"TEMPORAL_TLS_CLIENT_CERT_PATH=" + cert}},
		{"must name a certificate and its key", []string{"TEMPORAL_TLS_CLIENT_CERT_PATH=" + key, "TEMPORAL_TLS_CLIENT_KEY_PATH=" + cert}},
		{"TEMPORAL_TLS_SERVER_CA_CERT_PATH names a file", []string{"TEMPORAL_TLS_SERVER_CA_CERT_PATH=" + none}},
		{"must name certificates of authorities", []string{"TEMPORAL_TLS_SERVER_CA_CERT_PATH=" + key}},
		{"a path or as data", []string{"TEMPORAL_TLS_SERVER_CA_CERT_PATH=" + cert, "TEMPORAL_TLS_SERVER_CA_CERT_DATA=" + string(text)}},
		{"TEMPORAL_API_KEY needs TLS", []string{"TEMPORAL_API_KEY=very-secret", "TEMPORAL_TLS=false"}},
		{"TEMPORAL_CONFIG_FILE must name", []string{"TEMPORAL_PROFILE=acme", "TEMPORAL_CONFIG_FILE=" + none}},
		{"must be a host and a port", []string{"TICKMARK_TEMPORAL=http://127.0.0.1:7233"}},
		{"must be a host and a port", []string{"TICKMARK_TEMPORAL=temporal.internal"}},
	} {
		_, err := o.opens(c.environ...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v, want %q", c.environ, err, c.want)
		} else if strings.Contains(err.Error(), o.dir) || strings.Contains(err.Error(), "very-secret") {
			t.Errorf("%q shows a path or a secret", err)
		}
	}
}

// Somebody else's profile in the home of who starts Tickmark is not looked at; one that is named is followed, and Tickmark's own variables
// come first.
func TestAProfileForTemporal(t *testing.T) {
	o := operator{t, t.TempDir()}
	profile := o.file("temporal.toml", []byte("[profile.default]\naddress = \"home.example:7233\"\nnamespace = \"home\"\n"+
		"[profile.acme]\naddress = \"acme.example:7233\"\nnamespace = \"audits\"\napi_key = \"secret\"\n"))
	if err := os.Mkdir(filepath.Join(o.dir, "temporalio"), 0o700); err != nil {
		t.Fatal(err)
	}
	o.file("temporalio/temporal.toml", []byte("[profile.default]\naddress = \"home.example:7233\"\n"))
	t.Setenv("XDG_CONFIG_HOME", o.dir)
	for _, c := range []struct {
		environ       []string
		at, namespace string
		tls           bool
	}{
		{nil, "", "", false},
		{[]string{"TEMPORAL_CONFIG_FILE=" + profile}, "home.example:7233", "home", false},
		{[]string{"TEMPORAL_CONFIG_FILE=" + profile, "TEMPORAL_PROFILE=acme"}, "acme.example:7233", "audits", true},
		{[]string{"TEMPORAL_ADDRESS=a.example:1", "TEMPORAL_NAMESPACE=x", "TEMPORAL_API_KEY=secret"}, "a.example:1", "x", true},
		{[]string{"TEMPORAL_ADDRESS=a.example:1", "TICKMARK_TEMPORAL=b.example:2", "TICKMARK_NAMESPACE=y"}, "b.example:2", "y", false},
	} {
		var cfg Config
		if err := cfg.TemporalFrom(c.environ); err != nil {
			t.Errorf("%v: %v", c.environ, err)
		}
		if cfg.Temporal != c.at || cfg.Namespace != c.namespace || (cfg.TemporalTLS != nil) != c.tls {
			t.Errorf("%v: %s %s %v", c.environ, cfg.Temporal, cfg.Namespace, cfg.TemporalTLS != nil)
		}
	}
}

// A cluster that knows nothing of Tickmark is given a namespace that keeps histories for as long as asked, and the attribute; the second
// time nothing is done. Until then readiness names what is missing.
func TestTemporalIsPrepared(t *testing.T) {
	s := &cluster{namespaces: map[string]map[string]enums.IndexedValueType{}, unknown: 2}
	a, err := operator{t, t.TempDir()}.opens("TICKMARK_TEMPORAL="+s.serves(t, nil), "TICKMARK_NAMESPACE=audits")
	if err != nil {
		t.Fatal(err)
	}
	expect := func(field string) {
		t.Helper()
		err := a.conducted(t.Context())
		if refusal, _ := err.(*models.Error); refusal == nil || refusal.Field != field {
			t.Errorf("readiness says %v, want something about %s", err, field)
		}
	}
	expect("temporal_namespace")
	if err := a.Prepare(t.Context(), 90*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	if s.kept != 90*24*time.Hour || s.namespaces["audits"][workflows.FirmAttribute] != enums.INDEXED_VALUE_TYPE_KEYWORD {
		t.Errorf("made %v, kept for %s", s.namespaces, s.kept)
	}
	expect("worker")
	made := s.made
	if err := a.Prepare(t.Context(), 24*time.Hour); err != nil || s.made != made || s.kept != 90*24*time.Hour {
		t.Errorf("the second time: %v, %d things made, kept for %s", err, s.made-made, s.kept)
	}
	delete(s.namespaces["audits"], workflows.FirmAttribute)
	expect("temporal_attribute")
	if err := a.Prepare(t.Context(), 24*time.Hour); err != nil || s.made != made+1 {
		t.Errorf("with a namespace without the attribute: %v", err)
	}
	s.silent = true
	expect("worker") // whoever may not ask takes it for granted
}

// What cannot be made is said: by whom it has to be done, or that another namespace is needed.
func TestTemporalThatCannotBePrepared(t *testing.T) {
	closed := &cluster{namespaces: map[string]map[string]enums.IndexedValueType{}, closed: true}
	locked := knows()
	locked.key = "the right one"
	ours := newIssuer(t)
	guarded := mutual(t, ours, ours, &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	for _, c := range []struct {
		name string
		s    *cluster
		tls  *tls.Config
		code models.Code
		want string
	}{
		{"not ours to make", closed, nil, models.Forbidden, "whoever runs Temporal"},
		{"no key", locked, nil, models.Unavailable, "TEMPORAL_API_KEY"},
		{"no certificate", knows(), guarded, models.Unavailable, "TEMPORAL_TLS=true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := operator{t, t.TempDir()}.opens("TICKMARK_TEMPORAL=" + c.s.serves(t, c.tls))
			if err != nil {
				t.Fatal(err)
			}
			err = a.Prepare(t.Context(), 24*time.Hour)
			if models.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// The key of an API goes with every call, and only where the way is encrypted.
func TestAKeyForTemporal(t *testing.T) {
	servers := newIssuer(t)
	pair, err := tls.X509KeyPair(servers.pair(t, &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}))
	if err != nil {
		t.Fatal(err)
	}
	s := knows()
	s.key = "the right one"
	o := operator{t, t.TempDir()}
	a, err := o.opens("TICKMARK_TEMPORAL="+s.serves(t, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}),
		"TEMPORAL_API_KEY=the right one", "TEMPORAL_TLS_SERVER_CA_CERT_PATH="+o.file("authority", servers.pem))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.conducted(t.Context()); err != nil {
		t.Error(err)
	}
}
