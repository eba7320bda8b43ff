package serve

import (
	"image/color"
	"net/http"
	"strings"
	"testing"
)

// Only requests for this server's names, from its own pages and with the token come in.
func TestGuard(t *testing.T) {
	_, open, _ := started(t, func(o *Options) { o.Hosts = []string{"photos.lan"} })
	_, closed, _ := started(t, func(o *Options) { o.Token = "open sesame" })
	for _, c := range []struct {
		name   string
		h      http.Handler
		what   string
		change func(*http.Request)
		status int
	}{
		{"loopback", open, "GET /v1/tags", func(r *http.Request) { r.Host = "127.0.0.1:7319" }, 200},
		{"loopback v6", open, "GET /v1/tags", func(r *http.Request) { r.Host = "[::1]:7319" }, 200},
		{"named", open, "GET /v1/tags", func(r *http.Request) { r.Host = "Photos.lan:80" }, 200},
		{"a name bound to loopback", open, "GET /v1/tags", func(r *http.Request) { r.Host = "evil.example:7319" }, 403},
		{"another address", open, "GET /v1/tags", func(r *http.Request) { r.Host = "192.0.2.1" }, 403},
		{"a foreign page", open, "POST /v1/tags", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		{"a foreign origin", open, "POST /v1/tags", func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, 403},
		{"the own page", open, "GET /v1/tags", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-origin") }, 200},
		{"page", open, "GET /", nil, 200},
		{"page by POST", open, "POST /", nil, 405},
		{"outside the page", open, "GET /../serve.go", nil, 307},
		{"no file of the page", open, "GET /serve.go", nil, 404},
		{"no token", closed, "GET /v1/tags", nil, 401},
		{"no token, figures", closed, "GET /metrics", nil, 401},
		{"no token, health", closed, "GET /healthz", nil, 200},
		{"no token, page", closed, "GET /", nil, 200},
		{"token", closed, "GET /v1/tags", func(r *http.Request) { r.Header.Set("Authorization", "Bearer open sesame") }, 200},
		{"wrong token", closed, "GET /v1/tags", func(r *http.Request) { r.Header.Set("Authorization", "Bearer open") }, 401},
		{"wrong kind", closed, "GET /v1/tags", func(r *http.Request) { r.Header.Set("Authorization", "Basic open sesame") }, 401},
		{"wrong cookie", closed, "GET /v1/tags", func(r *http.Request) { r.AddCookie(&http.Cookie{Name: cookie, Value: "x"}) }, 401},
		{"the token in a link", closed, "GET /?token=open+sesame", nil, 200}, // which lets in to nothing but the page
		{"wrong link", closed, "GET /?code=open", nil, 401},
		{"a code where no token is needed", open, "GET /?code=open", nil, 200},
		{"the page for the token", closed, "GET /token", nil, 401},
		{"no page for the token", open, "GET /token", nil, 404},
		{
			"the form of a foreign page", closed, "POST /token",
			func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, 403,
		},
		{
			"the token as a cookie", closed, "GET /v1/tags",
			func(r *http.Request) { r.AddCookie(&http.Cookie{Name: cookie, Value: "open sesame"}) }, 401,
		},
	} {
		r := request(c.what, "")
		if c.change != nil {
			c.change(r)
		}
		w := do(c.h, r)
		if w.Code != c.status {
			t.Errorf("%s: status %d, want %d: %s", c.name, w.Code, c.status, w.Body)
		}
		if c.status != 403 && w.Header().Get("Content-Security-Policy") != policy {
			t.Errorf("%s: no policy", c.name)
		}
	}
}

// More requests than there are places are told to come back, and do get in later.
func TestBusy(t *testing.T) {
	s, h, _ := started(t, func(o *Options) { o.MaxBusy = 2 })
	s.busy <- struct{}{}
	s.busy <- struct{}{}
	w := do(h, request("GET /v1/tags", ""))
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "try again") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	<-s.busy
	if w := do(h, request("GET /v1/tags", "")); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	<-s.busy
}

// An answer tells a browser not to keep it, but for pictures, which are named by their content.
func TestKeeping(t *testing.T) {
	s, h, _ := started(t, nil)
	v, _ := s.use()
	defer v.release()
	if got := do(h, request("GET /v1/items", "")).Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("a list: %q", got)
	}
	what := "GET /v1/items/" + v.id(0) + "/thumbnail"
	w := do(h, request(what, ""))
	if got := w.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("a thumbnail: %q", got)
	}
	r := request(what, "")
	r.Header.Set("If-None-Match", w.Header().Get("ETag"))
	if w := do(h, r); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
		t.Errorf("again: %d", w.Code)
	}
	if w := do(h, request("POST /v1/embed", string(pngOf(t, color.White, 8)))); w.Header().Get("Cache-Control") != "no-store" {
		t.Error("a vector may be kept")
	}
}
