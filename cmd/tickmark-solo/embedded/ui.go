package embedded

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"

	uiserver "github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	uioptions "github.com/temporalio/ui-server/v2/server/server_options"
)

// startUI returns when the Web UI answers. The UI's own Start ends the process
// when it cannot listen: choosePorts has made sure that it can.
func (s *Server) startUI(ctx context.Context, host string, port int, frontend string) error {
	bind := host
	if net.ParseIP(host).To4() == nil {
		bind = "[" + host + "]"
	}
	s.ui = uiserver.NewServer(uioptions.WithConfigProvider(&uiconfig.Config{
		Host:                bind,
		Port:                port,
		TemporalGRPCAddress: frontend,
		EnableUI:            true,
		PublicPath:          "",                                  // the root: any other turns off the page's content security policy
		CORS:                uiconfig.CORS{CookieInsecure: true}, // plain http
		DisableNewsFetch:    true,
		HideLogs:            true,
	}))
	go s.ui.Start()

	s.uiAddress = net.JoinHostPort(host, strconv.Itoa(port))
	if err := until(ctx, func() (bool, error) {
		r, err := http.Get("http://" + s.uiAddress + "/healthz")
		if err != nil {
			return false, err
		}
		r.Body.Close()
		return r.StatusCode == http.StatusOK, fmt.Errorf("status %s", r.Status)
	}); err != nil {
		return fmt.Errorf("the Temporal Web UI does not answer on %s: %w", s.uiAddress, err)
	}
	return nil
}
