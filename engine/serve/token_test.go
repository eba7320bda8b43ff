package serve

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// enter follows a link with a code.
func enter(h http.Handler, code, more string) *httptest.ResponseRecorder {
	return do(h, request("GET /?"+url.Values{codeName: {code}}.Encode()+more, ""))
}

// typing sends the form with a token.
func typing(h http.Handler, token string) *httptest.ResponseRecorder {
	form := url.Values{"token": {token}, "next": {"?view=map&code=x"}}
	r := httptest.NewRequest(http.MethodPost, "http://localhost/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "http://localhost")
	return do(h, r)
}

// passOf is the cookie of an answer, which must keep to the browser and the site.
func passOf(t *testing.T, w *httptest.ResponseRecorder) *http.Cookie {
	t.Helper()
	cookies := w.Result().Cookies()
	if len(cookies) != 1 || !cookies[0].HttpOnly || !cookies[0].Secure || cookies[0].SameSite != http.SameSiteStrictMode {
		t.Fatalf("%d %+v", w.Code, cookies)
	}
	if strings.Contains(cookies[0].Value, "sesame") {
		t.Fatal("the cookie holds the token")
	}
	return cookies[0]
}

func letsIn(h http.Handler, c *http.Cookie) bool {
	r := request("GET /v1/tags", "")
	r.AddCookie(c)
	return do(h, r).Code == http.StatusOK
}

func withToken(o *Options) { o.Token, o.Secure = "open sesame", true }

// The link lets one browser in, and leaves no code in the address; after that it says that it was used, and what to do.
func TestLinkWorksOnce(t *testing.T) {
	s, h, _ := started(t, withToken)
	if len(s.Code()) < 26 { // of 5 bits each
		t.Fatalf("the code is %q", s.Code())
	}
	w := enter(h, s.Code()+"x", "")
	if w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), "not of this start of the server") {
		t.Errorf("a wrong code: %d %s", w.Code, w.Body)
	}
	w = enter(h, s.Code(), "&group=2")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "./?group=2" {
		t.Fatalf("%d to %q", w.Code, w.Header().Get("Location"))
	}
	pass := passOf(t, w)
	if !letsIn(h, pass) {
		t.Error("the cookie does not let in")
	}
	w = enter(h, s.Code(), "")
	if w.Code != http.StatusUnauthorized || len(w.Result().Cookies()) > 0 {
		t.Errorf("the second use: %d %v", w.Code, w.Result().Cookies())
	}
	for _, part := range []string{
		"The link was used already", "Start udml-gpu serve again", "Authorization: Bearer", `<form action="./token" method="post">`,
	} {
		if !strings.Contains(w.Body.String(), part) {
			t.Errorf("the second use does not say %q: %s", part, w.Body)
		}
	}
	r := request("GET /?code="+s.Code(), "")
	r.AddCookie(pass)
	if w := do(h, r); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "./" {
		t.Errorf("the browser that is in: %d to %q", w.Code, w.Header().Get("Location"))
	}
}

// What is answered where a token is needed is as the contract says.
func TestContractOfTheToken(t *testing.T) {
	_, h, _ := started(t, withToken)
	_, open, _ := started(t, nil)
	router := contractRouter(t)
	form := func(body string) *http.Request {
		r := request("POST /token", body)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return r
	}
	for _, c := range []struct {
		h      http.Handler
		r      func() *http.Request
		status int
	}{
		{h, func() *http.Request { return request("GET /token?next=view%3Dmap", "") }, 401},
		{open, func() *http.Request { return request("GET /token", "") }, 404},
		{open, func() *http.Request { return form("token=x") }, 405},
		{h, func() *http.Request { return form("token=x&next=view%3Dmap") }, 401},
		{h, func() *http.Request { return form("token=open+sesame") }, 303},
		{h, func() *http.Request { return request("GET /v1/facets", "") }, 401},
		{h, func() *http.Request { return request("GET /metrics", "") }, 401},
	} {
		w := do(c.h, c.r())
		if w.Code != c.status {
			t.Errorf("%s: %d, want %d: %s", c.r().URL, w.Code, c.status, w.Body)
		}
		kept(t, router, c.r(), w.Code, w.Header(), w.Body.Bytes(), true)
	}
}

// Of many that follow the link at the same time one gets in.
func TestLinkIsRaced(t *testing.T) {
	s, h, _ := started(t, withToken)
	var in, out atomic.Int32
	var wait sync.WaitGroup
	begin := make(chan struct{})
	for range 50 {
		wait.Go(func() {
			<-begin
			switch w := enter(h, s.Code(), ""); w.Code {
			case http.StatusSeeOther:
				in.Add(1)
			case http.StatusUnauthorized:
				out.Add(1)
			}
		})
	}
	close(begin)
	wait.Wait()
	if in.Load() != 1 || out.Load() != 49 {
		t.Errorf("%d got in, %d did not", in.Load(), out.Load())
	}
}

// When the server starts again, the old link does not work, and a browser that is in stays so as long as the token is the same.
func TestLinkAfterARestart(t *testing.T) {
	s, h, _ := started(t, withToken)
	again, other := s.o, s.o
	other.Token = "another"
	code, pass := s.Code(), passOf(t, enter(h, s.Code(), ""))
	for _, c := range []struct {
		o    Options
		stay bool
	}{{again, true}, {other, false}} {
		s, err := New(c.o)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if w := enter(s.Handler(), code, ""); w.Code != http.StatusUnauthorized || s.Code() == code {
			t.Errorf("the old code: %d", w.Code)
		}
		if letsIn(s.Handler(), pass) != c.stay {
			t.Errorf("with the token %q the browser is in: %v", c.o.Token, !c.stay)
		}
	}
}

// The token can be typed, a few times wrongly, and leads to where the page was.
func TestTokenIsTyped(t *testing.T) {
	s, h, _ := started(t, withToken)
	w := typing(h, "open sesame")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "./?view=map" {
		t.Errorf("%d to %q", w.Code, w.Header().Get("Location"))
	}
	if !letsIn(h, passOf(t, w)) {
		t.Error("the cookie does not let in")
	}
	for n := range maxTries {
		if w := typing(h, "open"); w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), "That is not the token") {
			t.Errorf("try %d: %d %s", n, w.Code, w.Body)
		}
	}
	if w := typing(h, "open sesame"); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("after too many wrong ones: %d", w.Code)
	}
	s.door.tries.at = time.Now().Add(-2 * tryTime)
	if w := typing(h, "open sesame"); w.Code != http.StatusSeeOther {
		t.Errorf("later: %d", w.Code)
	}
	r := request("GET /token?next=%3Cb%3E%22", "")
	if body := do(h, r).Body.String(); strings.Contains(body, "<b>") || strings.Contains(body, `"""`) {
		t.Errorf("the page holds what the address does: %s", body)
	}
	large := httptest.NewRequest(http.MethodPost, "http://localhost/token", strings.NewReader("token="+strings.Repeat("x", maxForm)))
	large.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if w := do(h, large); w.Code != http.StatusBadRequest {
		t.Errorf("a large form: %d", w.Code)
	}
	if w := do(h, request("PUT /token", "")); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("PUT: %d", w.Code)
	}
}
