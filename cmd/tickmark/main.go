// Tickmark's program for production: the server's parts, and the command line that talks to them.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"tickmark/cmd/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	root := cli.New(os.Stdin, os.Stdout, os.Stderr, os.Getenv)
	root.AddCommand(serverCommands()...)
	code := cli.Run(ctx, root, os.Args[1:])
	stop()
	os.Exit(code)
}
