package serve

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzRequests sends requests of any kind: none brings the server down, or gets an answer that blames the server or breaks the contract.
func FuzzRequests(f *testing.F) {
	for _, seed := range []struct{ method, path, query, kind, body string }{
		{"GET", "/v1/items", "limit=3&folder=cats&sort=size", "", ""},
		{"GET", "/v1/facets", "taken=2024&taken=none&tag=x&quality=dark&path=*a", "", ""},
		{"GET", "/v1/items/00000000000000000000000000000000-2/image", "", "", ""},
		{"GET", "/v1/duplicates", "offset=1&sort=saved&similarity=0.95", "", ""},
		{"GET", "/", "code=x&view=map", "", ""},
		{"GET", "/token", "next=%3Fview%3Dmap", "", ""},
		{"POST", "/token", "", "application/x-www-form-urlencoded", "token=x&next=%zz"},
		{"GET", "/v1/map/values", "of=tag", "", ""},
		{"POST", "/v1/scores", "", "application/json", `{"like":[{"vector":[1,2,3,4]}],"filter":{"split":["train"]}}`},
		{"POST", "/v1/search", "", "application/json", `{"like":[{"vector":[1,2,3,4],"weight":-1e308}],"k":3,"rerank":true}`},
		{"POST", "/v1/search", "k=3&group=0", "image/png", "\x89PNG\r\n\x1a\n"},
		{"POST", "/v1/selection", "as=csv", "application/json", `{"polygon":[[0,0],[1,1e300],[0,1]],"filter":{"path":["*"]},"limit":2}`},
		{"POST", "/v1/selection", "as=ids", "application/json", `{"spare":0.95,"filter":{"taken":["2024","none"],"duplicate":true}}`},
		{"POST", "/v1/tags", "", "application/json", `{"tag":"a","ids":[],"remove":true}`},
		{"POST", "/v1/embed", "", "application/octet-stream", "GIF89a"},
	} {
		f.Add(seed.method, seed.path, seed.query, seed.kind, seed.body)
	}
	_, handler, _ := started(f, nil)
	_, closed, _ := started(f, withToken)
	f.Fuzz(func(t *testing.T, method, path, query, kind, body string) {
		for n, h := range []http.Handler{handler, closed} {
			r := httptest.NewRequest(http.MethodGet, "http://localhost/", strings.NewReader(body))
			r.Method, r.URL = method, &url.URL{Path: "/" + strings.TrimPrefix(path, "/"), RawQuery: query}
			r.Header.Set("Content-Type", kind)
			w := do(h, r)
			if w.Code >= 500 {
				t.Errorf("%s %q?%s: %d %s", method, path, query, w.Code, w.Body)
			}
			if w.Code >= 400 && strings.Contains(w.Body.String(), "panic") {
				t.Errorf("%s %q: %s", method, path, w.Body)
			}
			if n == 1 && strings.HasPrefix(r.URL.Path, "/v1/") && w.Code == http.StatusOK {
				t.Errorf("%s %q: let in without the token", method, path)
			}
		}
	})
}
