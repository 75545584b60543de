package main

import "github.com/spf13/cobra"

// serverCommands returns serve, worker and migrate.
func serverCommands() []*cobra.Command { return nil }
