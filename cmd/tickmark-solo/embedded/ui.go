package embedded

import (
	"context"
	"fmt"
	"net"
	"strconv"

	uiserver "github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	uioptions "github.com/temporalio/ui-server/v2/server/server_options"
)

// startUI serves the Web UI at the root, for at any other public path it turns
// its content security policy off, and returns when it answers. The UI's own
// Start ends the process when it cannot listen: so the port is held until now.
func (s *Server) startUI(ctx context.Context, o Options, p *port) error {
	bind := o.UIHost
	if net.ParseIP(bind).To4() == nil {
		bind = "[" + bind + "]"
	}
	s.ui = uiserver.NewServer(uioptions.WithConfigProvider(&uiconfig.Config{
		Host:                bind,
		Port:                p.number,
		TemporalGRPCAddress: s.address,
		DefaultNamespace:    o.Namespace,
		EnableUI:            true,
		CORS:                uiconfig.CORS{CookieInsecure: true}, // plain http
		DisableNewsFetch:    true,
		HideLogs:            true,
	}))
	s.uiAddress = net.JoinHostPort(o.UIHost, strconv.Itoa(p.take()))
	go s.ui.Start()
	if err := until(ctx, func() (bool, error) {
		conn, err := net.Dial("tcp", s.uiAddress)
		if err != nil {
			return false, err
		}
		return true, conn.Close()
	}); err != nil {
		return fmt.Errorf("the Temporal Web UI does not answer on %s: %w", s.uiAddress, err)
	}
	return nil
}
