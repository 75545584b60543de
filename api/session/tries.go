package session

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/store"
)

// How often somebody may ask for a link before there are pauses: as one person, and from one address of the network.
const (
	triesAPerson  = 5
	triesAnOrigin = 20
)

// TryAs counts that the sender of a request tries to sign in with a mail address, and refuses as too many requests one that comes in a
// pause. Whether anybody has the address makes no difference to it, nor to its words.
func (s *Sessions) TryAs(ctx context.Context, r *http.Request, address string) error {
	wait, err := s.Root.Try(ctx, s.Real(), store.Try{Subject: subjectOf(address), Free: triesAPerson},
		store.Try{Subject: s.from(r), Free: triesAnOrigin})
	if err == nil && wait > 0 {
		err = models.Refuse(TooMany, "mail", "that is too often: ask again in %s", models.Count(int((wait+time.Minute-1)/time.Minute), "minute"))
	}
	return err
}

// forgive says that who sent a request was let in.
func (s *Sessions) forgive(ctx context.Context, r *http.Request, address string) {
	if err := s.Root.Forgive(ctx, subjectOf(address), s.from(r)); err != nil {
		s.Log.WarnContext(ctx, "tries to sign in are not forgiven", "error", err)
	}
}

// subjectOf is what tries with a mail address are counted under, however it is written.
func subjectOf(address string) string {
	return store.HashOf("mail/" + strings.ToLower(strings.TrimSpace(address)))
}

// from is what tries from where a request comes from are counted under: of IPv6 the network, which is one household's.
func (s *Sessions) from(r *http.Request) string {
	at := From(r, s.Proxies)
	if at.Is6() {
		if network, err := at.Prefix(64); err == nil {
			return store.HashOf("net/" + network.String())
		}
	}
	return store.HashOf("net/" + at.String())
}

// From returns the address of the network from which a request comes. A proxy that is known is believed from where it has it, and no other:
// whoever asks could say anything.
func From(r *http.Request, proxies []netip.Prefix) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	at, _ := netip.ParseAddr(host)
	at = at.Unmap().WithZone("")
	said := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, text := range slices.Backward(said) {
		known := slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(at) })
		next, err := netip.ParseAddr(strings.TrimSpace(text))
		if !known || err != nil {
			break
		}
		at = next.Unmap().WithZone("")
	}
	return at
}
