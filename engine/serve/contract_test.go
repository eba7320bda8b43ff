package serve

import (
	"context"
	"image/color"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// contractRouter finds the operation of openapi.yaml that a request is for.
func contractRouter(t *testing.T) routers.Router {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(contract)
	if err == nil {
		err = doc.Validate(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	openapi3filter.RegisterBodyDecoder("image/jpeg", openapi3filter.FileBodyDecoder)
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.FileBodyDecoder)
	return router
}

// kept holds an answer against the contract; with lawful the request as well.
func kept(t *testing.T, router routers.Router, r *http.Request, status int, header http.Header, body []byte, lawful bool) {
	t.Helper()
	route, params, err := router.FindRoute(r)
	if err != nil {
		t.Errorf("%s %s: %v", r.Method, r.URL, err)
		return
	}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route}
	if lawful {
		if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
			t.Errorf("%s %s is against the contract: %v", r.Method, r.URL, err)
		}
	}
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: status, Header: header, Body: io.NopCloser(strings.NewReader(string(body))),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		t.Errorf("%s %s: the answer %d is against the contract: %v\n%.300s", r.Method, r.URL, status, err, body)
	}
}

// Every answer, also those to bad requests, is as openapi.yaml says, and has the status that is meant.
func TestContract(t *testing.T) {
	s, h, _ := started(t, nil)
	router := contractRouter(t)
	v, _ := s.use()
	defer v.release()
	id, copied := v.id(0), v.id(v.c.Len()-1)
	image := string(pngOf(t, color.RGBA{200, 100, 50, 255}, 40))
	big := string(pngOf(t, color.RGBA{200, 100, 50, 255}, 1100))
	for _, c := range []struct {
		what, body string
		status     int
		lawful     bool
	}{
		{"GET /healthz", "", 200, true},
		{"GET /readyz", "", 200, true},
		{"GET /metrics", "", 200, true},
		{"GET /v1/collection", "", 200, true},
		{"POST /v1/reload", "", 200, true},
		{"GET /v1/items", "", 200, true},
		{"GET /v1/items?limit=2&offset=1&sort=size&descending=true&folder=cats&path=png&duplicate=false&group=cats&group=1", "", 200, true},
		{"GET /v1/items?split=none&label=none&quality=dark&tag=none", "", 200, true},
		{"GET /v1/items?limit=1001", "", 400, false},
		{"GET /v1/items?offset=-1", "", 400, false},
		{"GET /v1/items?sort=colour", "", 400, false},
		{"GET /v1/items?duplicate=maybe", "", 400, false},
		{"GET /v1/items?descending=maybe", "", 400, false},
		{"GET /v1/items?group=birds", "", 400, true},
		{"GET /v1/items?path=%5B", "", 400, true},
		{"GET /v1/items?taken=2024&taken=2023-05&taken=none", "", 200, true},
		{"GET /v1/items?taken=2024-13", "", 400, false},
		{"GET /v1/facets", "", 200, true},
		{"GET /v1/facets?folder=cats&group=1&duplicate=true&taken=2024-05&tag=none&quality=dark&path=*.png", "", 200, true},
		{"GET /v1/facets?group=birds", "", 400, true},
		{"GET /v1/facets?duplicate=maybe", "", 400, false},
		{"GET /v1/facets?taken=May", "", 400, false},
		{"GET /v1/items/" + id, "", 200, true},
		{"GET /v1/items/" + copied, "", 200, true},
		{"GET /v1/items/" + id + "-9", "", 404, true},
		{"GET /v1/items/nothing", "", 404, false},
		{"GET /v1/items/" + id + "/thumbnail", "", 200, true},
		{"GET /v1/items/" + id + "/image", "", 200, true},
		{"GET /v1/items/" + strings.Repeat("0", 32) + "/image", "", 404, true},
		{"POST /v1/search", `{"like":[{"id":"` + id + `"}]}`, 200, true},
		{
			"POST /v1/search", `{"like":[{"id":"` + id + `","weight":2},{"vector":[1,2,3,4]}],"minus":[{"id":"` + v.id(2) +
				`"}],"k":3,"others":true,"rerank":true,"filter":{"folder":["cats"],"duplicate":false}}`, 200, true,
		},
		{"POST /v1/search?k=2&folder=dogs", image, 200, true},
		{"POST /v1/search?k=0", image, 400, false},
		{"POST /v1/search", `{"like":[]}`, 400, false},
		{"POST /v1/search", `{"like":[{}]}`, 400, true},
		{"POST /v1/search", `{"like":[{"vector":[1,2]}]}`, 400, true},
		{"POST /v1/search", `{"like":[{"vector":[0,0,0,0]}]}`, 400, true},
		{"POST /v1/search", `{"like":[{"id":"` + id + `"}],"minus":[{"id":"` + id + `"}]}`, 400, true},
		{"POST /v1/search", `{"like":[{"id":"` + id + `"}],"k":-1}`, 400, false},
		{"POST /v1/search", `{"like":[{"id":"` + id + `"}],"else":1}`, 400, false},
		{"POST /v1/search", `{"like":[{"id":"` + id + `"}]} {}`, 400, false},
		{"POST /v1/search", `{"like":`, 400, false},
		{"POST /v1/search", `{"like":[{"id":"` + id + `-7"}]}`, 404, true},
		{"POST /v1/search", "no image", 400, true},
		{"POST /v1/search", "", 400, false},
		{"POST /v1/search", strings.Repeat(" ", 1<<20+1), 413, true},
		{"POST /v1/search", `{"like":[{"id":"` + strings.Repeat("0", 1<<20), 413, false},
		{"POST /v1/embed", image, 200, true},
		{"POST /v1/embed", image[:60], 400, true},
		{"POST /v1/embed", big, 413, true},
		{"GET /v1/groups", "", 200, true},
		{"GET /v1/duplicates?sort=saved&limit=1", "", 200, true},
		{"GET /v1/duplicates?sort=colour", "", 400, false},
		{"GET /v1/duplicates?similarity=0.95", "", 200, true},
		{"GET /v1/duplicates?similarity=NaN", "", 400, false},
		{"POST /v1/selection?as=ids", `{"spare":0.9}`, 200, true},
		{"POST /v1/selection", `{"spare":2}`, 400, false},
		{"POST /v1/selection", `{"spare":0.9,"ids":[]}`, 400, true},
		{"GET /v1/map", "", 200, true},
		{"GET /v1/map/values?of=label", "", 200, true},
		{"GET /v1/map/values?of=size", "", 400, false},
		{"GET /v1/map/values", "", 400, false},
		{"POST /v1/scores", `{"like":[{"id":"` + id + `"}],"filter":{"folder":["cats"]}}`, 200, true},
		{"POST /v1/scores", `{"like":[]}`, 400, false},
		{"POST /v1/scores", `{"like":[{"id":"` + id + `-7"}]}`, 404, true},
		{"POST /v1/selection", `{"ids":["` + id + `","` + copied + `"]}`, 200, true},
		{"POST /v1/selection?as=csv", `{"ids":["` + id + `"]}`, 200, true},
		{"POST /v1/selection?as=paths", `{"polygon":[[0,0],[1,0],[1,1],[0,1]],"filter":{"folder":["cats"]}}`, 200, true},
		{"POST /v1/selection", `{"polygon":[[0,0],[1,0],[1,1],[0,1]],"limit":1}`, 200, true},
		{"POST /v1/selection", `{"polygon":[[0,0],[1,0]]}`, 400, false},
		{"POST /v1/selection", `{"filter":{"folder":["cats"]}}`, 200, true},
		{"POST /v1/selection?as=ids", `{"filter":{"folder":["cats"],"taken":["2024-05"]}}`, 200, true},
		{"POST /v1/selection?as=ids", `{"filter":{"taken":["2024-5"]}}`, 400, true},
		{"POST /v1/selection", `{"ids":[],"polygon":[[0,0],[1,0],[1,1]]}`, 400, true},
		{"POST /v1/selection", `{"ids":["` + id + `-5"]}`, 404, true},
		{"POST /v1/selection?as=zip", `{"ids":[]}`, 400, false},
		{"GET /v1/tags", "", 200, true},
		{"POST /v1/tags", `{"tag":"best","ids":["` + id + `"]}`, 200, true},
		{"POST /v1/tags", `{"tag":" ","ids":[]}`, 400, true},
		{"POST /v1/tags", `{"tag":"a\nb","ids":[]}`, 400, true},
		{"POST /v1/tags", `{"tag":"x","ids":["` + id + `-5"]}`, 404, true},
	} {
		w := do(h, request(c.what, c.body))
		if w.Code != c.status {
			t.Errorf("%s %.80q: status %d, want %d: %.200s", c.what, c.body, w.Code, c.status, w.Body)
		}
		if c.status >= 400 && strings.Count(w.Body.String(), "\n") != 1 {
			t.Errorf("%s: more than a sentence: %q", c.what, w.Body)
		}
		kept(t, router, request(c.what, c.body), w.Code, w.Header(), w.Body.Bytes(), c.lawful)
	}
}
