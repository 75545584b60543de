package cli

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"tickmark/api/client"
	"tickmark/models"
)

const (
	defaultURL = "http://127.0.0.1:8080"
	adminToken = "data/admin-token" // where solo leaves the token of its first partner

	attemptTimeout = 20 * time.Second // the server answers within five
)

// open finds out which server to ask and who is asking.
func (a *app) open() error {
	base, err := url.Parse(cmp.Or(a.url, a.getenv("TICKMARK_URL"), defaultURL))
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return failed(exitUsage, "the server's address must look like https://tickmark.example: see --url and TICKMARK_URL")
	}
	token, err := a.token()
	if err != nil {
		return err
	}
	a.api = &client.Caller{
		Server: strings.TrimSuffix(base.String(), "/") + "/api/v1/",
		Client: &sender{app: a, http: &http.Client{Timeout: attemptTimeout, CheckRedirect: stay}},
		RequestEditors: []client.RequestEditorFn{func(_ context.Context, req *http.Request) error {
			req.Header.Set("Authorization", "Bearer "+token)
			return nil
		}},
	}
	return nil
}

// stay follows no redirect: a write would arrive as a read.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// token returns the token to speak with.
func (a *app) token() (string, error) {
	token, from := a.getenv("TICKMARK_TOKEN"), "TICKMARK_TOKEN"
	if file := cmp.Or(a.tokenFile, a.getenv("TICKMARK_TOKEN_FILE")); a.tokenFile != "" || token == "" && file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return "", failed(exitUsage, "the token cannot be read: %w", err)
		}
		token, from = string(data), file
	}
	token = strings.TrimSpace(token)
	if token == "" {
		return "", noToken()
	}
	a.tokenSent, a.tokenFrom = token, from
	return oneWord(token, from, "a token")
}

// aboutToken says whose token the server does not take, and names the files here that hold another: each data directory has an
// administrator's token of its own. Of one that looks like none, which the server has said, it says no more than where it is from. It
// repeats no token.
func (a *app) aboutToken(formless bool) string {
	if formless {
		return "it is that of " + a.tokenFrom
	}
	text := fmt.Sprintf("the server at %s does not know the token of %s. It may be that of another data directory: each has its own "+
		"administrator's token, in its file %s", a.server(), a.tokenFrom, path.Base(adminToken))
	files, _ := filepath.Glob("*/" + path.Base(adminToken))
	var others []string
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil && strings.TrimSpace(string(data)) != a.tokenSent {
			others = append(others, filepath.ToSlash(file))
		}
	}
	if len(others) == 0 {
		return text
	}
	return text + ". Other tokens are here in " + models.Words(others)
}

// oneWord returns what is one word, as secrets are, or refuses without repeating it.
func oneWord(text, from, what string) (string, error) {
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", failed(exitUsage, "what %s holds is not %s: %s is one word", from, what, what)
	}
	return text, nil
}

func noToken() error {
	if _, err := os.Stat(filepath.FromSlash(adminToken)); err == nil {
		return failed(exitUsage, "who are you? There is a token here: export TICKMARK_TOKEN=$(cat %s)", adminToken)
	}
	return failed(exitUsage, "who are you? Set TICKMARK_TOKEN, or TICKMARK_TOKEN_FILE or --token-file to a file that holds the token")
}
