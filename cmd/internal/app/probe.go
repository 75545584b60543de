package app

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"tickmark/activities/safely"
)

// probeFor is how long a server may take to answer its own process. It is less than the time within which it is to give a sign of life, so
// that one answer that is lost does not make it hang.
const probeFor = 5 * time.Second

// seenToAnswer asks a server at an address again and again whether it lives, until ctx ends or the server does. It gives a sign of life
// after each answer, and none without one. It returns nil when the server has ended, and otherwise what ends the part.
func (a *App) seenToAnswer(ctx context.Context, at net.Addr, ended <-chan struct{}) error {
	again := time.NewTicker(a.parts.pace.beat)
	defer again.Stop()
	for {
		if probe(ctx, at) == nil {
			if err := safely.Beat(ctx); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ended:
			return nil
		case <-again.C:
		}
	}
}

// probe asks what listens at an address for /healthz, by a connection of its own and by no proxy. It returns an error unless the answer is
// 200 and comes within 5 seconds.
func probe(ctx context.Context, at net.Addr) error {
	near, err := nearby(at)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, probeFor)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+near+"/healthz", nil)
	if err != nil {
		return err
	}
	res, err := ownPort().RoundTrip(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // what it says is not read
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("/healthz answers %s", res.Status)
	}
	return nil
}

// nearby returns by which address and port this machine reaches what listens at an address: the loopback address of the same family where
// it listens on all. It returns an error for what is no address of a port.
func nearby(at net.Addr) (string, error) {
	to, err := netip.ParseAddrPort(at.String())
	if err != nil {
		return "", fmt.Errorf("%s is no address of a port: %w", at, err)
	}
	ip := to.Addr()
	switch {
	case ip.Unmap() == netip.IPv4Unspecified():
		ip = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	case ip.IsUnspecified():
		ip = netip.IPv6Loopback()
	}
	return netip.AddrPortFrom(ip, to.Port()).String(), nil
}
