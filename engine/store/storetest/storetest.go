// Package storetest is a store in memory for tests, which speaks the part of S3's protocol that package store uses, and spoils requests.
package storetest

import (
	"crypto/md5" //nolint:gosec // S3's ETags are MD5
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Server is a store in memory.
type Server struct {
	URL string
	// Spoil is asked about each request, with its number from 1: "" answers it, "503" and other numbers are the status to answer with,
	// "cut" ends the answer in its middle, "stall" stops there until the client leaves, "reset" ends the connection, "lost" does what is
	// asked and then ends the connection.
	Spoil func(r *http.Request, n int) string
	Page  int // objects in a page of a listing; 0: 1000

	mu      sync.Mutex
	objects map[string]object // by "bucket/key"
	asked   []string          // "METHOD bucket/key RANGE"
	over    chan struct{}     // closed at the end of the test
}

type object struct {
	content  string
	modified time.Time
}

func (o object) etag() string {
	sum := md5.Sum([]byte(o.content)) //nolint:gosec // see above
	return hex.EncodeToString(sum[:])
}

// New starts a store and points the environment at it.
func New(t *testing.T) *Server {
	t.Helper()
	s := &Server{objects: map[string]object{}, over: make(chan struct{})}
	h := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(func() {
		close(s.over) // or Close would wait for an answer that stalls
		h.Close()
	})
	s.URL = h.URL
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": s.URL, "AWS_ENDPOINT_URL_S3": "", "AWS_ACCESS_KEY_ID": "name", "AWS_SECRET_ACCESS_KEY": "secret",
		"AWS_PROFILE":       "",
		"AWS_SESSION_TOKEN": "", "AWS_REGION": "", "UDML_S3_TIMEOUT": "",
	} {
		t.Setenv(name, value)
	}
	return s
}

// Put puts an object at "bucket/key".
func (s *Server) Put(place, content string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects[place] = object{content, time.Now()}
}

// PutOld puts an object that was written some time ago.
func (s *Server) PutOld(place, content string, age time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects[place] = object{content, time.Now().Add(-age)}
}

// Get is the object at "bucket/key".
func (s *Server) Get(place string) (content string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.objects[place]
	return o.content, ok
}

// Remove removes the object at "bucket/key".
func (s *Server) Remove(place string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, place)
}

// Places are those of all objects, in order.
func (s *Server) Places() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for place := range s.objects {
		list = append(list, place)
	}
	slices.Sort(list)
	return list
}

// Asked are the requests since the last call: "METHOD bucket/key RANGE".
func (s *Server) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.asked
	s.asked = nil
	return list
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	place := strings.TrimPrefix(r.URL.Path, "/")
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.asked = append(s.asked, strings.TrimSpace(r.Method+" "+place+" "+r.Header.Get("Range")))
	n, how := len(s.asked), ""
	s.mu.Unlock()
	if s.Spoil != nil {
		how = s.Spoil(r, n)
	}
	if status, err := strconv.Atoi(how); err == nil {
		fail(w, status, "Spoiled")
		return
	}
	if how == "reset" {
		panic(http.ErrAbortHandler)
	}
	rec := httptest.NewRecorder()
	s.answer(rec, r, place, string(body))
	if how == "lost" {
		panic(http.ErrAbortHandler)
	}
	for name, values := range rec.Header() {
		w.Header()[name] = values
	}
	content := rec.Body.Bytes()
	if r.Method != http.MethodHead {
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	}
	w.WriteHeader(rec.Code)
	switch how {
	case "cut", "stall":
		_, _ = w.Write(content[:len(content)/2])
		_ = http.NewResponseController(w).Flush()
		if how == "stall" {
			select {
			case <-r.Context().Done():
			case <-s.over:
			}
		}
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(content)
}

func fail(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>%s</Code><Message>said the store&#x9b;</Message></Error>",
		code)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, place, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, there := s.objects[place]
	switch match, none := strings.Trim(r.Header.Get("If-Match"), `"`), r.Header.Get("If-None-Match"); {
	case r.URL.Query().Get("list-type") == "2":
		s.list(w, r, place)
	case match != "" && !there && r.Method == http.MethodPut, match != "" && there && match != o.etag(), none == "*" && there:
		fail(w, http.StatusPreconditionFailed, "PreconditionFailed")
	case r.Method == http.MethodPut:
		if strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
			body = unframed(body)
		}
		o = object{body, time.Now()}
		s.objects[place] = o
		w.Header().Set("ETag", `"`+o.etag()+`"`)
	case r.Method == http.MethodDelete:
		delete(s.objects, place)
		w.WriteHeader(http.StatusNoContent)
	case !there:
		fail(w, http.StatusNotFound, "NoSuchKey")
	default:
		w.Header().Set("ETag", `"`+o.etag()+`"`)
		http.ServeContent(w, r, "", o.modified, strings.NewReader(o.content))
	}
}

// unframed is the content of a body in signed chunks: SIZE;chunk-signature=... and the bytes, each with a line end.
func unframed(body string) string {
	var all strings.Builder
	for {
		head, rest, _ := strings.Cut(body, "\r\n")
		size, _, _ := strings.Cut(head, ";")
		n, err := strconv.ParseInt(size, 16, 32)
		if err != nil || n <= 0 || int(n)+2 > len(rest) {
			return all.String()
		}
		all.WriteString(rest[:n])
		body = rest[n+2:]
	}
}

func (s *Server) list(w http.ResponseWriter, r *http.Request, bucket string) {
	type entry struct {
		Key, ETag    string
		LastModified string
		Size         int
	}
	type result struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		Name                  string
		IsTruncated           bool
		NextContinuationToken string
		Contents              []entry
	}
	q := r.URL.Query()
	page := max(s.Page, 0)
	if page == 0 {
		page = 1000
	}
	after := max(q.Get("continuation-token"), q.Get("start-after"))
	bucket = strings.TrimSuffix(bucket, "/") + "/"
	var keys []string
	for place := range s.objects {
		if key, ok := strings.CutPrefix(place, bucket); ok && strings.HasPrefix(key, q.Get("prefix")) && key > after {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	out := result{Name: bucket, IsTruncated: len(keys) > page}
	for _, key := range keys[:min(len(keys), page)] {
		o := s.objects[bucket+key]
		out.Contents = append(out.Contents, entry{key, `"` + o.etag() + `"`, o.modified.UTC().Format(time.RFC3339), len(o.content)})
		out.NextContinuationToken = key
	}
	if !out.IsTruncated {
		out.NextContinuationToken = ""
	}
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(out)
}
