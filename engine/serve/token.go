package serve

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"udml-gpu/engine/serve/page"
)

const (
	cookie    = "udml_token" // holds the pass of a browser
	tokenPath = "/token"     // where the token is typed
	codeName  = "code"       // parameter of the link
	maxForm   = 64 << 10     // bytes
)

// door lets in who has the token, a browser that has the pass, and once who has the code.
type door struct {
	token string // "": all are let in
	pass  string // value of the cookie: made of the token, so that browsers stay let in when the server starts again

	mu    sync.Mutex
	code  string
	used  bool
	tries tries
}

func newDoor(token string) *door {
	mac := hmac.New(sha256.New, []byte(token))
	_, _ = mac.Write([]byte("udml-gpu serve: the pass of a browser")) // a hash takes all
	return &door{token: token, pass: hex.EncodeToString(mac.Sum(nil)), code: rand.Text(), tries: tries{left: maxTries}}
}

// Code is the word with which a link, /?code=CODE, lets one browser in, once. It has 128 random bits or more.
func (s *Server) Code() string { return s.door.code }

// same compares in a time that tells nothing of what is compared.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// take uses the code up. Otherwise it says why not.
func (d *door) take(code string) (why string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	const another = " Start udml-gpu serve again for another, or type the token here; programs send it as \"Authorization: Bearer TOKEN\"."
	switch {
	case !same(code, d.code):
		return "The link is not of this start of the server." + another
	case d.used:
		return "The link was used already: it lets one browser in, once." + another
	}
	d.used = true
	return ""
}

// admits tells whether the request has the token or the pass, or needs none.
func (d *door) admits(r *http.Request) bool {
	if d.token == "" || r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
		return true
	}
	if token, ok := bearer(r); ok {
		return same(token, d.token)
	}
	c, err := r.Cookie(cookie)
	return err == nil && same(c.Value, d.pass)
}

// takesCode answers a link with a code: a browser that it lets in keeps the pass in a cookie, and goes on without the code in the address.
func (s *Server) takesCode(w http.ResponseWriter, r *http.Request) bool {
	q := r.URL.Query()
	if s.o.Token == "" || r.URL.Path != "/" || r.Method != http.MethodGet || !q.Has(codeName) {
		return false
	}
	if s.door.admits(r) { // a browser that is in leaves the code to another
		onward(w, r.URL.RawQuery)
	} else if why := s.door.take(q.Get(codeName)); why != "" {
		askToken(w, http.StatusUnauthorized, why, r.URL.RawQuery)
	} else {
		s.letIn(w, r.URL.RawQuery)
	}
	return true
}

// letIn gives a browser the pass, and sends it on.
func (s *Server) letIn(w http.ResponseWriter, query string) {
	http.SetCookie(w, &http.Cookie{
		Name: cookie, Value: s.door.pass, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.o.Secure,
	})
	onward(w, query)
}

// onward sends a browser to the page, at what the query says.
func onward(w http.ResponseWriter, query string) {
	to := "./"
	if rest := cleanQuery(query); rest != "" {
		to += "?" + rest
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

// cleanQuery is a query without what lets in.
func cleanQuery(query string) string {
	q, err := url.ParseQuery(strings.TrimPrefix(query, "?"))
	if err != nil {
		return ""
	}
	q.Del(codeName)
	return q.Encode()
}

// askToken answers with the page on which the token is typed.
func askToken(w http.ResponseWriter, status int, why, query string) {
	var b bytes.Buffer
	if err := page.Token.Execute(&b, map[string]string{"Why": why, "Next": cleanQuery(query)}); err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the client has gone
}

// typed answers the page on which the token is typed.
func (s *Server) typed(w http.ResponseWriter, r *http.Request) {
	next := r.URL.Query().Get("next")
	if r.Method == http.MethodPost {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if err := r.ParseForm(); err != nil {
			fail(w, failf(http.StatusBadRequest, "the form cannot be read: %v", err))
			return
		}
		next = r.PostForm.Get("next")
	}
	switch {
	case r.Method != http.MethodPost && r.Method != http.MethodGet:
		fail(w, failf(http.StatusMethodNotAllowed, "the token is sent by POST, and this is %.20s", r.Method))
	case r.Method == http.MethodGet && s.door.admits(r):
		onward(w, next)
	case r.Method == http.MethodGet:
		askToken(w, http.StatusUnauthorized, "Open the link that udml-gpu serve has printed, which works once, or type the token.", next)
	default:
		ok, wait := s.door.tries.try(time.Now(), func() bool { return same(r.PostForm.Get("token"), s.door.token) })
		switch {
		case wait:
			w.Header().Set("Retry-After", "1")
			askToken(w, http.StatusTooManyRequests, "There were too many wrong tokens: wait for some seconds.", next)
		case !ok:
			askToken(w, http.StatusUnauthorized, "That is not the token.", next)
		default:
			s.letIn(w, next)
		}
	}
}

// maxTries are the wrong tokens that may be typed at once; after that it is one in tryTime.
const (
	maxTries = 5
	tryTime  = time.Second
)

// tries keeps the rate of wrong tokens low.
type tries struct {
	mu   sync.Mutex
	left float64
	at   time.Time
}

// try tells whether a token is right; or that there were too many wrong ones, and that this one was not looked at.
func (t *tries) try(now time.Time, right func() bool) (ok, wait bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if since := now.Sub(t.at); since > 0 {
		t.left, t.at = min(maxTries, t.left+float64(since)/float64(tryTime)), now
	}
	if t.left < 1 {
		return false, true
	}
	if ok = right(); !ok {
		t.left--
	}
	return ok, false
}
