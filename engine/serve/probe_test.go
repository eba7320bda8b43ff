package serve

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"udml-gpu/kernels/rng"
)

// prober makes requests out of the contract: of each operation, with values that fit and values that do not.
type prober struct {
	key rng.Key
	at  uint32
	ids []string
}

func (p *prober) below(n int) int {
	p.at++
	return int(p.key.At(p.at)[0]) % n
}

func (p *prober) of(list ...any) any { return list[p.below(len(list))] }

// odd are values that fit few fields.
var odd = []any{
	"", " ", "none", "-1", "0", "1e309", "NaN", "null", "true", "2024", "2024-00", "0", "[", "*", "**/?[a-]", "\x00", "\xff\xfe",
	"ä/../../etc/passwd",
	"%2e%2e", strings.Repeat("9", 400), strings.Repeat("a", 5000), nil, true, -1.0, 0.5, 1e308, 9e15,
	[]any{},
	[]any{nil, "x"},
	map[string]any{"a": []any{}},
}

// value is one for a schema, mostly one that fits.
func (p *prober) value(s *openapi3.Schema, depth int) any {
	if p.below(8) == 0 || depth > 4 {
		return p.of(odd...)
	}
	switch {
	case len(s.Enum) > 0:
		return p.of(s.Enum...)
	case s.Pattern != "" && strings.Contains(s.Pattern, "0-9a-f"):
		return p.of(p.ids[0], p.ids[len(p.ids)-1], strings.Repeat("0", 32), p.ids[1]+"-7")
	case s.Type.Is("boolean"):
		return p.of(true, false)
	case s.Type.Is("integer"):
		return p.of(0.0, 1.0, 2.0, 7.0, 1000.0, 10000.0)
	case s.Type.Is("number"):
		return p.of(-1.0, 0.0, 0.5, 0.93, 1.0, 2.0)
	case s.Type.Is("array"):
		list := []any{}
		for range p.below(4) {
			list = append(list, p.value(s.Items.Value, depth+1))
		}
		return list
	case s.Type.Is("object"):
		object := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			if p.below(3) == 0 || slices.Contains(s.Required, name) && p.below(10) > 0 {
				object[name] = p.value(s.Properties[name].Value, depth+1)
			}
		}
		return object
	}
	return p.of("train", "cats", "class 1", "0", "dark", "2024-05", "none", "*.png")
}

// text is a value as it stands in an address.
func text(value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	b, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(b)
}

// request is one for an operation.
func (p *prober) request(method, path string, item *openapi3.PathItem) *http.Request {
	op, q := item.GetOperation(method), url.Values{}
	for _, ref := range op.Parameters {
		switch value := p.value(ref.Value.Schema.Value, 0); {
		case ref.Value.In == openapi3.ParameterInPath:
			part := cmp.Or(strings.ReplaceAll(text(value), "/", ""), "x") // with an empty part or a slash it would be another operation
			path = strings.ReplaceAll(path, "{"+ref.Value.Name+"}", url.PathEscape(part))
		case p.below(3) > 0:
			list, many := value.([]any)
			if !many {
				list = []any{value}
			}
			for _, one := range list {
				q.Add(ref.Value.Name, text(one))
			}
		}
	}
	body, kind := "", ""
	if op.RequestBody != nil {
		kinds := slices.Sorted(maps.Keys(op.RequestBody.Value.Content))
		kind = kinds[p.below(len(kinds))]
		value := p.value(op.RequestBody.Value.Content[kind].Schema.Value, 0)
		if body = text(value); kind == "application/x-www-form-urlencoded" {
			body = url.Values{"token": {text(value)}}.Encode()
		}
	}
	r := httptest.NewRequest(method, "http://localhost"+path+"?"+q.Encode(), strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	return r
}

// Requests made out of the contract, thousands of them, have answers that it foresees, none of which blames the server.
func TestProbes(t *testing.T) {
	_, open, _ := started(t, nil)
	_, closed, _ := started(t, withToken)
	doc, err := openapi3.NewLoader().LoadFromData(contract)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
	p := &prober{key: rng.Key{Seed: 1, Op: rng.OpBench}}
	for _, it := range get[Items](t, open, "GET /v1/items", "").Items {
		p.ids = append(p.ids, it.ID)
	}
	router, seen := contractRouter(t), map[int]int{}
	for range 200 {
		for _, path := range doc.Paths.InMatchingOrder() {
			item := doc.Paths.Value(path)
			for _, method := range slices.Sorted(maps.Keys(item.Operations())) {
				h := open
				if p.below(12) == 0 {
					h = closed
				}
				r := p.request(method, path, item)
				w := do(h, r)
				seen[w.Code]++
				if w.Code >= 500 {
					t.Errorf("%s %s: %d %.300s", method, r.URL, w.Code, w.Body)
				}
				if w.Code < 300 || w.Code >= 400 {
					kept(t, router, r, w.Code, w.Header(), w.Body.Bytes(), false)
				}
			}
		}
	}
	for _, status := range []int{200, 400, 401, 404} {
		if seen[status] < 20 {
			t.Errorf("only %d answers with %d: %v", seen[status], status, seen)
		}
	}
}
