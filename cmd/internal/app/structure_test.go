package app

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Who may import whom (architecture): models knows the standard library alone, workflows no database, no Slack and no Echo, the
// API no activities, and production no Temporal server.
func TestWhoImportsWhom(t *testing.T) {
	for _, rule := range []struct {
		pkg       string
		forbidden []string
	}{
		{"tickmark/models", []string{"gorm.io", "go.temporal.io", "github.com/labstack", "github.com/slack-go", "github.com/spf13", "go.yaml.in", "net/http"}},
		{"tickmark/workflows", []string{"gorm.io", "github.com/labstack", "github.com/slack-go", "tickmark/activities", "tickmark/models/store"}},
		{"tickmark/api", []string{"tickmark/activities", "github.com/slack-go", "go.temporal.io/server"}},
		{"tickmark/api/client", []string{"gorm.io", "github.com/labstack", "go.temporal.io"}},
		{"tickmark/cmd/tickmark", []string{"go.temporal.io/server"}},
	} {
		cmd := exec.Command("go", "list", "-deps", rule.pkg)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list %s: %v\n%s", rule.pkg, err, &stderr)
		}
		for _, dep := range strings.Fields(string(out)) {
			for _, f := range rule.forbidden {
				if dep == f || strings.HasPrefix(dep, f+"/") {
					t.Errorf("%s imports %s", rule.pkg, dep)
				}
			}
		}
	}
}

// Nothing that decides, stores or waits asks the machine what time it is: now is an argument (architecture, 7).
func TestNobodyAsksTheMachineWhatTimeItIs(t *testing.T) {
	for _, dir := range []string{"models", "models/store", "models/catalog", "models/holiday", "workflows", "activities"} {
		files, err := fs.Glob(os.DirFS(filepath.Join("../../..", dir)), "*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", dir, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(filepath.Join("../../..", dir, file))
			if err != nil {
				t.Fatal(err)
			}
			allowed := []string{"workflows/client.go"} // whether a poller was seen of late is a question about real time
			if bytes.Contains(text, []byte("time.Now()")) || bytes.Contains(text, []byte("time.Since(")) {
				if name := dir + "/" + file; !slices.Contains(allowed, name) {
					t.Errorf("%s asks the machine what time it is", name)
				}
			}
		}
	}
}
