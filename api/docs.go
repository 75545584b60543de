package api

import (
	"embed"
	"net/http"

	"github.com/labstack/echo/v4"
)

//go:embed web/docs
var web embed.FS

// docsPolicy lets the page about the API load its own two files and the document, and nothing else.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'none'"

func (s *Server) serveDocs(e reading) {
	e.GET("/api", func(c echo.Context) error { return c.Redirect(http.StatusFound, base+"/docs") })
	e.GET(base+"/openapi.json", func(c echo.Context) error {
		c.Response().Header().Set("Cache-Control", "no-cache")
		return c.JSONBlob(http.StatusOK, s.contract.json)
	})
	for path, file := range map[string]struct{ name, kind string }{
		base + "/docs":          {"web/docs/docs.html", "text/html; charset=utf-8"},
		base + "/docs/docs.js":  {"web/docs/docs.js", "text/javascript; charset=utf-8"},
		base + "/docs/docs.css": {"web/docs/docs.css", "text/css; charset=utf-8"},
	} {
		e.GET(path, func(c echo.Context) error {
			text, err := web.ReadFile(file.name)
			if err != nil {
				return err
			}
			h := c.Response().Header()
			h.Set("Content-Security-Policy", docsPolicy)
			h.Set("Cache-Control", "no-cache")
			return c.Blob(http.StatusOK, file.kind, text)
		})
	}
}
