// Package slack holds the manifest of the Slack app that a firm makes for itself.
package slack

import (
	_ "embed"
	"regexp"
	"strings"
)

//go:embed manifest.yaml
var manifest string

// The places of the manifest that differ between installations.
const (
	place  = "https://tickmark.example/slack/FIRM/WORKSPACE/"
	socket = "socket_mode_enabled: false"
)

var addressed = regexp.MustCompile(`(?m)^ *(url|request_url): https://.*\n|, request_url: https://[^}]*|^ *redirect_urls: .*\n`)

// Manifest returns the manifest for a workspace that Slack reaches at an address ending in a slash, or, in Socket Mode, without any.
func Manifest(at string, socketMode bool) string {
	if socketMode {
		return addressed.ReplaceAllString(strings.Replace(manifest, socket, "socket_mode_enabled: true", 1), "")
	}
	return strings.ReplaceAll(manifest, place, at)
}
