// Package slack holds the manifest of the Slack app that a firm makes for itself.
package slack

import _ "embed"

// Manifest is the manifest as YAML, with a made-up address in the places that differ between installations.
//
//go:embed manifest.yaml
var Manifest string
