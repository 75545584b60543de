package slack

import (
	"regexp"
	"strings"

	deploy "tickmark/deploy/slack"
)

// The places of the manifest that differ between installations.
const (
	place  = "https://tickmark.example/slack/FIRM/WORKSPACE/"
	socket = "socket_mode_enabled: false"
)

var addressed = regexp.MustCompile(`(?m)^ *(url|request_url): https://.*\n|, request_url: https://[^}]*|^ *redirect_urls: .*\n`)

// Manifest returns the manifest for a workspace that Slack reaches at an address ending in a slash, or, in Socket Mode, without any.
func Manifest(at string, socketMode bool) string {
	if socketMode {
		return addressed.ReplaceAllString(strings.Replace(deploy.Manifest, socket, "socket_mode_enabled: true", 1), "")
	}
	return strings.ReplaceAll(deploy.Manifest, place, at)
}
