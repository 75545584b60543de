package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/log"
	"google.golang.org/grpc"

	"tickmark/models"
)

// TemporalFrom reads from the environment where Temporal is and how it lets this program in: TICKMARK_TEMPORAL and TICKMARK_NAMESPACE, and
// what all programs of Temporal read, as in TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_API_KEY. A profile is read from a file only when
// TEMPORAL_CONFIG_FILE or TEMPORAL_PROFILE is set: what somebody keeps in their home for other programs is none of ours. It refuses, with
// the name of the variable, files that cannot be read and settings that contradict each other.
func (c *Config) TemporalFrom(environ []string) error {
	set := func(name string) string { value, _ := environment(environ).LookupEnv(name); return value }
	for _, name := range []string{"TEMPORAL_TLS", "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION"} {
		if value := set(name); value != "" && !slices.Contains(yesOrNo, strings.ToLower(value)) {
			return fmt.Errorf("%s %.20q must be true or false", name, value)
		}
	}
	profile, err := envconfig.LoadClientConfigProfile(envconfig.LoadClientConfigProfileOptions{EnvLookup: environment(environ),
		DisableFile: set("TEMPORAL_CONFIG_FILE") == "" && set("TEMPORAL_PROFILE") == ""})
	if err != nil {
		return errors.New("the profile for Temporal cannot be read: TEMPORAL_CONFIG_FILE must name a TOML file that this program may read, " +
			"and TEMPORAL_PROFILE a profile that is in it")
	}
	if at := set("TICKMARK_TEMPORAL"); at != "" {
		profile.Address = at
	}
	if name := set("TICKMARK_NAMESPACE"); name != "" {
		profile.Namespace = name
	}
	if profile.Address != "" {
		if _, port, err := net.SplitHostPort(profile.Address); err != nil || port == "" || strings.Contains(profile.Address, "/") {
			return errors.New("TICKMARK_TEMPORAL must be a host and a port, without scheme, as in temporal.internal:7233")
		}
	}
	if profile.TLS != nil {
		if err := checkTLS(profile.TLS); err != nil {
			return err
		}
		if profile.TLS.Disabled && profile.APIKey != "" {
			return errors.New("TEMPORAL_API_KEY needs TLS: with TEMPORAL_TLS=false it would be sent in the clear")
		}
	}
	options, err := profile.ToClientOptions(envconfig.ToClientOptionsRequest{})
	if err != nil {
		return errors.New("TEMPORAL_TLS_… cannot be used: a certificate or key may be set as a path or as data, not both, and TEMPORAL_TLS is " +
			"true or false")
	}
	c.Temporal, c.Namespace = options.HostPort, options.Namespace
	c.temporal, c.TemporalTLS = options, options.ConnectionOptions.TLS
	return nil
}

// yesOrNo are the values of variables that turn something on or off. Temporal's package passes over all others without a word.
var yesOrNo = []string{"true", "false", "1", "0"}

// An environment has lines like NAME=value, as os.Environ has. What is set to nothing counts as not set.
type environment []string

// Environ returns the lines.
func (e environment) Environ() []string { return e }

// LookupEnv returns the value of a name, and false when it has none.
func (e environment) LookupEnv(name string) (string, bool) {
	for _, line := range slices.Backward(e) {
		if is, value, _ := strings.Cut(line, "="); is == name {
			return value, value != ""
		}
	}
	return "", false
}

// checkTLS refuses certificates and keys for Temporal that cannot be used, with the variable that names them. It never shows paths.
func checkTLS(t *envconfig.ClientConfigTLS) error {
	read := func(name, path string, data []byte) ([]byte, error) {
		if path == "" {
			return data, nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("%s names a file that this program cannot read", name)
		}
		return text, nil
	}
	cert, err := read("TEMPORAL_TLS_CLIENT_CERT_PATH", t.ClientCertPath, t.ClientCertData)
	if err != nil {
		return err
	}
	key, err := read("TEMPORAL_TLS_CLIENT_KEY_PATH", t.ClientKeyPath, t.ClientKeyData)
	if err != nil {
		return err
	}
	if (len(cert) == 0) != (len(key) == 0) {
		return errors.New("TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH belong together: set both, or neither")
	}
	if len(cert) > 0 {
		if _, err := tls.X509KeyPair(cert, key); err != nil {
			return errors.New("TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH must name a certificate and its key, in PEM")
		}
	}
	authority, err := read("TEMPORAL_TLS_SERVER_CA_CERT_PATH", t.ServerCACertPath, t.ServerCACertData)
	if err != nil {
		return err
	}
	if len(authority) > 0 && !x509.NewCertPool().AppendCertsFromPEM(authority) {
		return errors.New("TEMPORAL_TLS_SERVER_CA_CERT_PATH must name certificates of authorities, in PEM")
	}
	return nil
}

// dial returns the client of Temporal that the configuration says. It connects at first use, and every call goes through heard.
func (c Config) dial(heard grpc.UnaryClientInterceptor) (client.Client, error) {
	data, failures, err := converters(c.PayloadKeys)
	if err != nil {
		return nil, err
	}
	o := c.temporal
	o.HostPort, o.Namespace, o.Logger = c.Temporal, c.Namespace, log.NewStructuredLogger(c.Log)
	o.DataConverter, o.FailureConverter, o.ConnectionOptions.TLS = data, failures, c.TemporalTLS
	o.ConnectionOptions.DialOptions = append(slices.Clone(o.ConnectionOptions.DialOptions), grpc.WithChainUnaryInterceptor(heard))
	made, err := client.NewLazyClient(o)
	if err != nil {
		return nil, fmt.Errorf("cannot use Temporal at %s: %w", c.Temporal, err)
	}
	return made, nil
}

// conducted returns nil when engagements are conducted: see workflows.Client.Ready. Where nobody answers it says why, as far as that can be
// told: a certificate that is not trusted looks to the client as if nobody were there.
func (a *App) conducted(ctx context.Context) error {
	return a.explained(ctx, a.Engine.Ready(ctx))
}

// Prepare makes what Tickmark needs in Temporal, where it is missing: see workflows.Client.Prepare. It gives up after half a minute.
func (a *App) Prepare(ctx context.Context, keep time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, prepareFor)
	defer cancel()
	near, cancel := context.WithTimeout(ctx, knockFor)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(near, "tcp", a.cfg.Temporal)
	if err != nil {
		return models.Refuse(models.Unavailable, "temporal", "Temporal does not answer at %s: look at TICKMARK_TEMPORAL", a.cfg.Temporal)
	}
	_ = conn.Close() // nothing was said
	if why := a.cfg.knock(ctx); why != "" {
		return models.Refuse(models.Unavailable, "temporal", "Temporal cannot be used: %s", why)
	}
	return a.explained(ctx, a.Engine.Prepare(ctx, keep))
}

// prepareFor is how long Temporal may take to know what was made: its servers look for news every ten seconds at most.
const prepareFor = 30 * time.Second

// explained returns err, or why nobody answers when that is what it says. Calls to Temporal last until ctx ends where nobody answers, so
// that asking why has a time of its own.
func (a *App) explained(ctx context.Context, err error) error {
	refusal, ok := errors.AsType[*models.Error](err)
	if !ok || refusal.Field != "temporal" {
		return err
	}
	if why := a.cfg.knock(context.WithoutCancel(ctx)); why != "" {
		return models.Refuse(refusal.Code, refusal.Field, "%s: %s", refusal.Message, why)
	}
	return err
}

// knockFor is how long knock waits for the server.
const knockFor = 2 * time.Second

// knock connects to Temporal as its client does, and returns as words for people what goes wrong with the encryption, and "" for anything
// else: that is seen by calling it.
func (c Config) knock(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, knockFor)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.Temporal)
	if err != nil {
		return ""
	}
	defer func() { _ = conn.Close() }()
	if until, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(until) // a connection that cannot have one ends with its own
	}
	if c.TemporalTLS == nil {
		// Who it is does not matter: nothing is said to it.
		if tls.Client(conn, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}).HandshakeContext(ctx) == nil {
			return "it asks for TLS, which is off here: set TEMPORAL_TLS=true, or the certificates"
		}
		return ""
	}
	config := c.TemporalTLS.Clone()
	config.NextProtos = []string{"h2"}
	if config.ServerName == "" {
		config.ServerName, _, _ = net.SplitHostPort(c.Temporal)
	}
	secure := tls.Client(conn, config)
	if err = secure.HandshakeContext(ctx); err == nil { // a client's certificate is judged after that
		if _, err = secure.Write([]byte(greeting)); err == nil {
			_, err = secure.Read(make([]byte, 1))
		}
	}
	return whyTLS(err)
}

// greeting is what a client of HTTP/2 says first: its preface, and settings of which it has none.
const greeting = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\x00\x00\x00\x04\x00\x00\x00\x00\x00"

// whyTLS says for people what an error of a TLS connection means, and "" for one that is none of TLS.
func whyTLS(err error) string {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return "its certificate has expired, or is not valid yet"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "its certificate is for other names: TEMPORAL_TLS_SERVER_NAME says which one to expect"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "its certificate is not from an authority that is trusted here: TEMPORAL_TLS_SERVER_CA_CERT_PATH names that authority"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "it does not speak TLS, which is on: set TEMPORAL_TLS=false and no certificates"
	}
	if refused, ok := errors.AsType[*net.OpError](err); ok && refused.Op == "remote error" {
		return "it does not accept the certificate of this program: TEMPORAL_TLS_CLIENT_CERT_PATH names the right one"
	}
	return ""
}
