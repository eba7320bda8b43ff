package serve

import (
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
)

// policy lets the page load nothing but what the server gives.
const policy = "default-src 'self'; img-src 'self' blob: data:; style-src 'self'; object-src 'none'; base-uri 'none'; " +
	"form-action 'self'; frame-ancestors 'none'"

// workers is how many requests compute at a time.
func workers() int { return runtime.GOMAXPROCS(0) }

// guarded lets through what may come in: a request for a host of this server, not sent by a page of another one, with the token, while
// there is a place. A page on the web could otherwise read photos through the loopback interface.
func (s *Server) guarded(next http.Handler) http.Handler {
	crossOrigin := http.NewCrossOriginProtection()
	crossOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fail(w, failf(http.StatusForbidden, "the request comes from a page of another site"))
	}))
	form := crossOrigin.Handler(http.HandlerFunc(s.typed))
	checked := crossOrigin.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case s.busy <- struct{}{}:
			defer func() { <-s.busy }()
			next.ServeHTTP(w, r)
		default:
			fail(w, failf(http.StatusTooManyRequests, "%d requests are being answered: try again in a second", cap(s.busy)))
		}
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		switch {
		case !s.knowsHost(r.Host):
			fail(w, failf(http.StatusForbidden, "%.100q is not a name of this server: --host allows further ones", r.Host))
		case s.takesCode(w, r):
		case s.o.Token != "" && r.URL.Path == tokenPath:
			form.ServeHTTP(w, r)
		case !s.door.admits(r):
			h.Set("WWW-Authenticate", "Bearer")
			s.refuse(w, r)
		default:
			checked.ServeHTTP(w, r)
		}
	})
}

// knowsHost tells whether a Host header names this server. A name that a foreign page has bound to a loopback address does not.
func (s *Server) knowsHost(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.Trim(name, "[]"))
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback() || slices.Contains(s.o.Hosts, name)
}

// bearer is the token in the head of a request.
func bearer(r *http.Request) (string, bool) {
	return strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
}

// refuse asks for the token. The page itself holds nothing secret, and asks for it in words.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && !strings.HasPrefix(r.URL.Path, "/v1/") && r.URL.Path != "/metrics" {
		s.pages().ServeHTTP(w, r)
		return
	}
	fail(w, failf(http.StatusUnauthorized, "the token is missing or wrong: send it as \"Authorization: Bearer TOKEN\", or type it at %s "+
		"in a browser", tokenPath))
}
