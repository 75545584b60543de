// Package client calls a Tickmark server. All but this file is generated from the API's document.
package client

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"tickmark/models"
)

//go:generate oapi-codegen -config config.yaml ../openapi.yaml

// Open returns a client of the server at base (https://tickmark.example), speaking as the person the token stands for.
func Open(base, token string) (*ClientWithResponses, error) {
	speak := func(_ context.Context, req *http.Request) error {
		req.Header.Set("Authorization", "Bearer "+token)
		return nil
	}
	return NewClientWithResponses(strings.TrimSuffix(base, "/")+"/api/v1/",
		WithHTTPClient(&http.Client{Timeout: 30 * time.Second}), WithRequestEditorFn(speak))
}

// NewKey returns a new Idempotency-Key.
func NewKey() string { return rand.Text() }

// At returns the If-Match of a revision; nil, which matches any, for 0.
func At(revision int64) *IfMatch {
	if revision == 0 {
		return nil
	}
	tag := IfMatch(fmt.Sprintf("%q", fmt.Sprint(revision)))
	return &tag
}

// Error returns the problem as one line.
func (p *Problem) Error() string {
	if p.Detail == "" {
		return p.Title
	}
	return p.Detail
}

// Check returns the problem a response carries as a *Problem, another error when the response is neither what was asked
// for nor a problem, and nil when all is well.
func Check(res *http.Response, problem *Problem, err error) error {
	switch {
	case err != nil:
		return err
	case problem != nil:
		return problem
	case res.StatusCode >= 300:
		return fmt.Errorf("the server answered %s, which is not from Tickmark", res.Status)
	}
	return nil
}

// CodeOf returns the code of the problem in err's chain, or "" when there is none.
func CodeOf(err error) models.Code {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p.Code
	}
	return ""
}
