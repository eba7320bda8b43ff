//go:build browser

package browsertest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"
)

// inParts stands between the browser and a server and hands out the page in parts, with a wait after each.
func inParts(t *testing.T, s *server, ends ...string) *server {
	to, err := url.Parse(s.url())
	must(t, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			proxy.ServeHTTP(w, r)
			return
		}
		page, err := http.Get(s.url()) //nolint:gosec,noctx // the address is the test's own server
		if err != nil {
			t.Error(err)
			return
		}
		defer page.Body.Close()
		html, err := io.ReadAll(page.Body)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", page.Header.Get("Content-Type"))
		for _, end := range ends {
			at := bytes.Index(html, []byte(end))
			if at < 0 {
				t.Errorf("the page has no %s", end)
				continue
			}
			if _, err := w.Write(html[:at+len(end)]); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			time.Sleep(300 * time.Millisecond)
			html = html[at+len(end):]
		}
		_, _ = w.Write(html) // a browser that has gone away needs no rest
	}))
	t.Cleanup(front.Close)
	return &server{t: t, addr: strings.TrimPrefix(front.URL, "http://")}
}

// A page that comes, or is parsed, in parts is not painted in parts, of which the first would move when the second comes.
func TestPageInParts(t *testing.T) {
	p := openTab(t, inParts(t, serveCollection(t, collection), `</label>`, `width="18" height="18" aria-hidden="true">`, `</header>`))
	p.open("")
	p.wait(fmt.Sprintf(`document.querySelector('#toolbar .count').textContent === '%d images'`, images))
	p.wait(`document.querySelector('#view-images .cell img.there')`)
}
