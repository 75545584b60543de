package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"tickmark/models"
)

// dates has the document's dates checked by the rules of the domain: days that exist, in years it can count with.
var dates = openapi3.WithStringFormatValidator("date", openapi3.NewCallbackValidator(func(s string) error {
	_, err := models.ParseDate(s)
	return err
}))

// checkParams refuses a path, query or header parameter that is not what the document says.
func (o *operation) checkParams(c echo.Context) error {
	req := c.Request()
	query, err := url.ParseQuery(req.URL.RawQuery)
	if err != nil {
		return models.Refuse(models.Invalid, "query", "the query cannot be read: percent signs must begin an escape, and & separates")
	}
	var known []string
	for _, ref := range o.params {
		p := ref.Value
		var values []string
		switch p.In {
		case openapi3.ParameterInPath:
			value, err := pathParam(c, p.Name)
			if err != nil {
				return err
			}
			values = []string{value}
		case openapi3.ParameterInQuery:
			known, values = append(known, p.Name), query[p.Name]
		case openapi3.ParameterInHeader:
			values = req.Header.Values(p.Name)
		}
		if err := checkParam(p, values); err != nil {
			return err
		}
	}
	return checkKnown(query, known)
}

// checkKnown refuses a query with parameters that are not among those known.
func checkKnown(query url.Values, known []string) error {
	for name := range query {
		switch {
		case slices.Contains(known, name):
		case len(known) == 0:
			return models.Refuse(models.Invalid, clip(name), "%s is not known here: this takes no query", clip(name))
		default:
			return models.Refuse(models.Invalid, clip(name), "%s is not known here: use %s", clip(name), strings.Join(known, ", "))
		}
	}
	return nil
}

// pathParam returns a parameter of the path, unescaped as the handler will see it.
func pathParam(c echo.Context, name string) (string, error) {
	value := c.Param(name)
	if c.Request().URL.RawPath == "" {
		return value, nil
	}
	value, err := url.PathUnescape(value)
	if err != nil {
		return "", models.Refuse(models.Invalid, name, "%s cannot be read: percent signs must begin an escape", name)
	}
	return value, nil
}

func checkParam(p *openapi3.Parameter, values []string) error {
	switch {
	case len(values) == 0 && p.Required:
		return models.Refuse(models.Invalid, p.Name, "%s is missing: %s", p.Name, lower(p.Description))
	case len(values) == 0:
		return nil
	case len(values) > 1:
		return models.Refuse(models.Invalid, p.Name, "%s is given %d times: give it once", p.Name, len(values))
	}
	value, err := readParam(p, values[0])
	if err != nil {
		return err
	}
	return refusal(p.Name, p.Schema.Value.VisitJSON(value, openapi3.MultiErrors(), dates))
}

// readParam returns the value of a parameter by its type: a number, true or false, or text.
func readParam(p *openapi3.Parameter, text string) (any, error) {
	switch t := p.Schema.Value.Type; {
	case !utf8.ValidString(text):
		return nil, models.Refuse(models.Invalid, p.Name, "%s is not valid UTF-8", p.Name)
	case t.Is("integer"):
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, models.Refuse(models.Invalid, p.Name, "%s must be a whole number%s", p.Name, between(p.Schema.Value))
		}
		return float64(n), nil
	case t.Is("boolean"):
		if text != "true" && text != "false" {
			return nil, models.Refuse(models.Invalid, p.Name, "%s must be true or false", p.Name)
		}
		return text == "true", nil
	}
	return text, nil
}

// checkBody refuses a body that is not what the document says, and returns it in the one form in which the same request
// always reads the same.
func (o *operation) checkBody(req *http.Request, body []byte) ([]byte, error) {
	if len(body) == 0 {
		if o.body != nil && o.body.Required {
			return nil, models.Refuse(models.Invalid, "body", "the body is missing: a JSON object with %s", strings.Join(o.schema().Required, ", "))
		}
		return nil, nil
	}
	if o.body == nil {
		return nil, noBody()
	}
	if kind, _, err := mime.ParseMediaType(req.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, models.Refuse(models.Invalid, "Content-Type", "Content-Type must be application/json")
	}
	value, err := parse(body)
	if err != nil {
		return nil, err
	}
	if err := o.schema().VisitJSON(value, openapi3.MultiErrors(), openapi3.VisitAsRequest(), dates); err != nil {
		return nil, refusal("", err)
	}
	return json.Marshal(value)
}

// noBody refuses the body of a request that takes none.
func noBody() error {
	return models.Refuse(models.Invalid, "body", "this request takes no body")
}

// maxDepth is how deep JSON may be nested.
const maxDepth = 20

// parse reads one JSON value and refuses what two readers might read differently: invalid UTF-8, the same key twice, text
// after the end.
func parse(body []byte) (any, error) {
	if !utf8.Valid(body) {
		return nil, models.Refuse(models.Invalid, "body", "the body is not valid UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	value, err := parseValue(d, "", 0)
	if err == nil {
		if _, more := d.Token(); more == nil {
			err = errors.New("text follows the end of the JSON value")
		} else if d.InputOffset() < int64(len(bytes.TrimRight(body, " \t\r\n"))) {
			err = errors.New("text follows the end of the JSON value")
		}
	}
	if err == nil || models.CodeOf(err) != "" {
		return value, err
	}
	return nil, models.Refuse(models.Invalid, "body", "the body is not JSON: the error is near byte %d", d.InputOffset())
}

func parseValue(d *json.Decoder, path string, depth int) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	if n, ok := t.(json.Number); ok {
		return whole(n), nil
	}
	open, nested := t.(json.Delim)
	if !nested {
		return t, nil
	}
	if depth++; depth > maxDepth {
		return nil, models.Refuse(models.Invalid, "body", "the body is nested deeper than %d levels", maxDepth)
	}
	if open == '[' {
		return parseList(d, path, depth)
	}
	return parseObject(d, path, depth)
}

// parseList reads the items of a list whose beginning has been read.
func parseList(d *json.Decoder, path string, depth int) (any, error) {
	list := []any{}
	for d.More() {
		item, err := parseValue(d, fmt.Sprintf("%s[%d]", path, len(list)), depth)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	_, err := d.Token()
	return list, err
}

// parseObject reads the fields of an object whose beginning has been read. It refuses a field that is given twice.
func parseObject(d *json.Decoder, path string, depth int) (any, error) {
	object := map[string]any{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		key, _ := t.(string)
		at := join(path, key)
		if _, twice := object[key]; twice {
			return nil, models.Refuse(models.Invalid, at, "%s is given twice", at)
		}
		if object[key], err = parseValue(d, at, depth); err != nil {
			return nil, err
		}
	}
	_, err := d.Token()
	return object, err
}

// whole writes a number without a fraction as one: 1e2 and 100.0 are 100.
func whole(n json.Number) json.Number {
	if f, err := n.Float64(); err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return json.Number(strconv.FormatInt(int64(f), 10))
	}
	return n
}

func join(path, key string) string {
	if path == "" {
		return clip(key)
	}
	return path + "." + clip(key)
}
