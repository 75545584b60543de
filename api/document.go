package api

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"tickmark/models"
	"tickmark/models/engagement"
)

//go:embed openapi.yaml
var document []byte

// base is where the API begins.
const base = "/api/v1"

// An operation is one method of one path of the document.
type operation struct {
	action engagement.Action
	method string
	params openapi3.Parameters // of the path and of the operation
	body   *openapi3.RequestBody
	write  bool // it takes an Idempotency-Key
}

// A contract is the document, ready for use: as JSON, and its operations by method and Echo's name of the path.
type contract struct {
	doc        *openapi3.T
	json       []byte
	operations map[string]*operation
}

// load returns the embedded document, which is read once and shared by all servers of the process: nobody changes it.
var load = sync.OnceValues(read)

// read reads the embedded document.
func read() (*contract, error) {
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("check openapi.yaml: %w", err)
	}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			op.Extensions = map[string]any{"x-reach": reachOf(engagement.Action(op.OperationID))}
		}
	}
	c := &contract{doc: doc, operations: map[string]*operation{}}
	if c.json, err = json.Marshal(doc); err != nil {
		return nil, fmt.Errorf("write openapi.json: %w", err)
	}
	for _, schema := range doc.Components.Schemas {
		flatten(schema.Value)
	}
	echo := strings.NewReplacer("{", ":", "}", "")
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			o := &operation{action: engagement.Action(op.OperationID), method: method, params: slices.Concat(item.Parameters, op.Parameters)}
			if op.RequestBody != nil {
				o.body = op.RequestBody.Value
			}
			o.write = o.params.GetByInAndName(openapi3.ParameterInHeader, "Idempotency-Key") != nil
			c.operations[method+" "+base+echo.Replace(path)] = o
		}
	}
	return c, nil
}

// reachOf returns who may do an action how far: the table's row, shown with the document.
func reachOf(action engagement.Action) map[models.Role]engagement.Reach {
	out := map[models.Role]engagement.Reach{}
	for _, role := range models.Roles {
		if reach := engagement.ReachOf(role, action); reach != engagement.ReachNone {
			out[role] = reach
		}
	}
	return out
}

// flatten replaces the properties that are another schema with a description of their own (allOf of one) by that schema:
// the refusals of an allOf say nothing.
func flatten(s *openapi3.Schema) {
	for _, name := range slices.Collect(maps.Keys(s.Properties)) {
		if p := s.Properties[name].Value; len(p.AllOf) == 1 && p.Type == nil {
			s.Properties[name] = &openapi3.SchemaRef{Value: p.AllOf[0].Value}
		}
	}
}

// schema returns what the JSON body must be like; nil when the operation takes none.
func (o *operation) schema() *openapi3.Schema {
	if o.body == nil {
		return nil
	}
	return o.body.Content.Get("application/json").Schema.Value
}
