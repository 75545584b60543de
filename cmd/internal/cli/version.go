package cli

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// versionCommand says what build of the program this is. It asks no server.
func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Show the version of this program", Example: "  tickmark version", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(a.out, "tickmark "+buildVersion(debug.ReadBuildInfo()))
			return err
		}}
}

// buildVersion returns the version of a build, with the commit it was made of where that is known, and the Go it was made with. known says
// whether the build says anything of itself.
func buildVersion(info *debug.BuildInfo, known bool) string {
	if !known {
		return "of an unknown build"
	}
	version, commit, changed := info.Main.Version, "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = ", commit " + s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = " with changes"
		}
	}
	if version == "" {
		version = "(devel)"
	}
	return version + commit + changed + ", " + info.GoVersion
}
