package embedded

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	"github.com/temporalio/ui-server/v2/server/csrf"
	"github.com/temporalio/ui-server/v2/server/route"
	"github.com/temporalio/ui-server/v2/ui"
)

// startUI serves the Web UI at the root, for at any other public path it turns
// its content security policy off. It serves requests to this machine's own
// names only. The UI's own server can ask nobody for that, and ends the process
// when it cannot listen: so its routes are put together here.
func (s *Server) startUI(o Options, p *port) error {
	pages, err := uiPages(&uiconfig.Config{
		TemporalGRPCAddress: s.address,
		DefaultNamespace:    o.Namespace,
		EnableUI:            true,
		CORS:                uiconfig.CORS{CookieInsecure: true}, // plain http
		DisableNewsFetch:    true,
		HideLogs:            true,
	})
	if err != nil {
		return fmt.Errorf("the Temporal Web UI cannot be served: %w", err)
	}
	listener := p.listener()
	s.uiAddress = listener.Addr().String()
	s.ui = &http.Server{Handler: onlyHere(pages), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := s.ui.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.log.slog.Error("the Temporal Web UI has stopped", "error", err)
		}
	}()
	return nil
}

// uiPages returns the Web UI's pages, and the way from them to the frontend.
func uiPages(cfg *uiconfig.Config) (http.Handler, error) {
	provider, err := uiconfig.NewConfigProviderWithRefresh(cfg)
	if err != nil {
		return nil, err
	}
	all, err := ui.Assets()
	if err != nil {
		return nil, err
	}
	assets, err := fs.Sub(all, "local")
	if err != nil {
		return nil, err
	}
	secure := !cfg.CORS.CookieInsecure
	e := echo.New()
	e.Logger.SetOutput(io.Discard)
	e.Use(middleware.Recover(), middleware.Gzip(), middleware.Secure(), csrf.EnsureTokenCookie(secure),
		middleware.CSRFWithConfig(csrf.MiddlewareConfig(provider, secure)))
	route.SetHealthRoute(e)
	err = route.SetAPIRoutes(e, provider, nil)
	route.SetAuthRoutes(e, provider)
	route.SetRenderRoute(e, cfg.PublicPath)
	return e, errors.Join(err, route.SetUIRoutes(e, cfg.PublicPath, assets))
}

// onlyHere refuses, with 421, requests to a host that is not this machine by
// its own name: a page elsewhere whose name was made to point here (DNS
// rebinding) would act in the name of whoever looks at it.
func onlyHere(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if host != "localhost" && host != Loopback {
			http.Error(w, "these pages are served at http://"+Loopback+" and http://localhost only", http.StatusMisdirectedRequest)
			return
		}
		h.ServeHTTP(w, r)
	})
}
