package embedded

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"time"

	"go.temporal.io/server/common/rpc/encryption"
)

// NewIdentity returns a key and its certificate in PEM, of which nobody else
// knows. The parts of a server, and whoever may call them, show it to each
// other and believe no other. It is good whatever a clock says, for it is not
// meant to outlive a process, or those processes that were started together.
func NewIdentity() (string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return "", err
	}
	cert := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "tickmark-solo"},
		NotBefore:    time.Unix(0, 0),
		NotAfter:     time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC),
		IPAddresses:  []net.IP{net.ParseIP(Loopback)},
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	signed, err := x509.CreateCertificate(rand.Reader, cert, cert, key.Public(), key)
	if err != nil {
		return "", err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})) +
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})), nil
}

// TLS returns how to serve, and to call, the server that has an identity. It
// returns an error for what is none.
func TLS(identity string) (*tls.Config, error) {
	pair, err := tls.X509KeyPair([]byte(identity), []byte(identity))
	if err != nil {
		return nil, fmt.Errorf("the identity of the embedded Temporal server cannot be read: %w", err)
	}
	only := x509.NewCertPool()
	if !only.AppendCertsFromPEM([]byte(identity)) {
		return nil, errors.New("the identity of the embedded Temporal server has no certificate")
	}
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{pair},
		ServerName:   Loopback,
		RootCAs:      only,
		ClientCAs:    only,
		ClientAuth:   tls.RequireAndVerifyClientCert,
	}, nil
}

// everywhere has every service of the server ask for the one certificate, and
// show it to the others.
func everywhere(c *tls.Config) encryption.TLSConfigProvider {
	return &encryption.FixedTLSConfigProvider{
		InternodeServerConfig: c, InternodeClientConfig: c,
		FrontendServerConfig: c, FrontendClientConfig: c,
		RemoteClusterClientConfigs: map[string]*tls.Config{Loopback: c},
	}
}
