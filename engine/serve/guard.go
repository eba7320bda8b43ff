package serve

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
)

// cookie holds the token of a browser.
const cookie = "udml_token"

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
		case s.takesToken(w, r):
		case !s.admits(r):
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

// takesToken answers a link with a token: the browser keeps it in a cookie, and goes on without it in the address.
func (s *Server) takesToken(w http.ResponseWriter, r *http.Request) bool {
	token := r.URL.Query().Get("token")
	if s.o.Token == "" || token == "" || r.URL.Path != "/" || r.Method != http.MethodGet || !s.isToken(token) {
		return false
	}
	http.SetCookie(w, &http.Cookie{
		Name: cookie, Value: url.QueryEscape(token), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.o.Secure,
	})
	rest := r.URL.Query()
	rest.Del("token")
	http.Redirect(w, r, "/?"+rest.Encode(), http.StatusSeeOther)
	return true
}

// admits tells whether the request has the token, or needs none.
func (s *Server) admits(r *http.Request) bool {
	if s.o.Token == "" || r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
		return true
	}
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return s.isToken(token)
	}
	c, err := r.Cookie(cookie)
	if err != nil {
		return false
	}
	token, err := url.QueryUnescape(c.Value)
	return err == nil && s.isToken(token)
}

// isToken compares in a time that tells nothing of the token.
func (s *Server) isToken(token string) bool {
	a, b := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(s.o.Token))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// refuse asks for the token. The page itself holds nothing secret, and asks for it in words.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && !strings.HasPrefix(r.URL.Path, "/v1/") && r.URL.Path != "/metrics" {
		s.pages().ServeHTTP(w, r)
		return
	}
	fail(w, failf(http.StatusUnauthorized, "the token is missing or wrong: open the link that udml-gpu serve has printed, or send it as "+
		"\"Authorization: Bearer TOKEN\""))
}
