package embedded

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/temporalio/ui-server/v2/server/api"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	"github.com/temporalio/ui-server/v2/server/csrf"
	"github.com/temporalio/ui-server/v2/server/route"
	"github.com/temporalio/ui-server/v2/server/rpc"
	"github.com/temporalio/ui-server/v2/ui"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
)

// startUI serves the Web UI at the root, for at any other public path it turns
// its content security policy off. It stands behind the guard. The UI's own
// server has no place for one, has no other way to be given a certificate but
// one that it prints about, and ends the process when it cannot listen: so its
// routes are put together here, without the one that shows as a page whatever
// its address says.
func (s *Server) startUI(o Options, p *port) error {
	calls, err := rpc.Dial(s.address, s.TLS())
	if err != nil {
		return fmt.Errorf("the Temporal Web UI cannot call the frontend: %w", err)
	}
	pages, err := uiPages(&uiconfig.Config{
		TemporalGRPCAddress: s.address,
		DefaultNamespace:    o.Namespace,
		EnableUI:            true,
		CORS:                uiconfig.CORS{CookieInsecure: true}, // plain http
		DisableNewsFetch:    true,
		HideLogs:            true,
	}, calls)
	if err != nil {
		return errors.Join(fmt.Errorf("the Temporal Web UI cannot be served: %w", err), calls.Close())
	}
	listener := p.listener()
	s.uiAddress, s.uiCalls = listener.Addr().String(), calls
	s.ui = &http.Server{Handler: o.Guard(framed(looked(pages))), ReadHeaderTimeout: 10 * time.Second, DisableGeneralOptionsHandler: true}
	go func() {
		if err := s.ui.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.log.slog.Error("the Temporal Web UI has stopped", "error", err)
		}
	}()
	return nil
}

// framed says what the pages do not say themselves of what they load: that they
// are in no frame, and that nothing changes where their addresses lead.
func framed(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "object-src 'none'; base-uri 'none'; frame-ancestors 'none'")
		w.Header().Set("Referrer-Policy", "same-origin") // their calls name their origin
		h.ServeHTTP(w, r)
	})
}

// looked answers HEAD as GET: what is written then, the server does not send.
func looked(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r = r.Clone(r.Context())
			r.Method = http.MethodGet
		}
		h.ServeHTTP(w, r)
	})
}

// uiPages returns the Web UI's pages, and the way from them to the frontend.
func uiPages(cfg *uiconfig.Config, frontend *grpc.ClientConn) (*echo.Echo, error) {
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
	calls := e.Group("/api/v1", route.DisableWriteMiddleware(provider))
	calls.GET("/settings", api.GetSettings(provider))
	calls.GET(api.WorkflowRawHistoryUrl, api.WorkflowRawHistoryHandler(workflowservice.NewWorkflowServiceClient(frontend)))
	calls.Match([]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}, "/*",
		api.TemporalAPIHandler(provider, nil, frontend))
	route.SetAuthRoutes(e, provider)
	return e, route.SetUIRoutes(e, cfg.PublicPath, assets)
}
