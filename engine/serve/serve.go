// Package serve shows a collection to a browser: a page, and an API in JSON, whose contract is openapi.yaml. It reads the collection; the
// only thing that it writes are tags, and thumbnails.
package serve

import (
	"context"
	_ "embed" // the contract
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/serve/page"
	"udml-gpu/kernels"
)

//go:embed openapi.yaml
var contract []byte

// Options are how a collection is served.
type Options struct {
	Path      string   // of the collection
	Token     string   // that requests must have; "": none
	Hosts     []string // names by which browsers may reach the server, beside localhost and the addresses of the loopback interface
	MaxUpload int64    // bytes of a request's body
	MaxBusy   int      // requests at a time; the next is told to come back
	Secure    bool     // the server speaks TLS
	Version   string
	Device    *kernels.Device         // computes searches
	Open      func() (Network, error) // opens the collection's network
}

// Server answers requests on a collection.
type Server struct {
	o       Options
	batches *batcher
	figures *figures
	busy    chan struct{} // a place for each request
	work    chan struct{} // a place for each core, for what computes
	door    *door

	mu   sync.Mutex
	view *view
	tags collection.Tags
}

// New opens the collection. Errors are *baddata.Error. The caller closes the server after the last request.
func New(o Options) (*Server, error) {
	v, err := openView(o.Path)
	if err != nil {
		return nil, err
	}
	tags, err := v.c.Tags()
	if err != nil {
		v.release()
		return nil, err
	}
	s := &Server{
		o: o, view: v, tags: tags, figures: newFigures(), busy: make(chan struct{}, o.MaxBusy), work: make(chan struct{}, workers()),
		door: newDoor(o.Token),
	}
	s.batches = newBatcher(o.Open)
	return s, nil
}

// Close gives the collection and the network back.
func (s *Server) Close() {
	s.batches.close()
	s.view.release()
}

// use is the present view, which the caller releases, and the tags.
func (s *Server) use() (*view, collection.Tags) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.view.users.Add(1)
	return s.view, s.tags
}

// reload opens what is on the disk now.
func (s *Server) reload() error {
	v, err := openView(s.o.Path)
	if err != nil {
		return err
	}
	tags, err := v.c.Tags()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err != nil:
	case v.c.Manifest.Model.Hash != s.view.c.Manifest.Model.Hash:
		err = baddata.Errorf("the collection has another network now: start udml-gpu serve again")
	}
	if err != nil {
		v.release()
		return err
	}
	old := s.view
	s.view, s.tags = v, tags
	old.release()
	return nil
}

// Handler answers all requests.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.figures.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /v1/openapi.yaml", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/yaml")
		_, _ = w.Write(contract)
	})
	for pattern, handle := range map[string]handler{
		"GET /v1/collection":           s.about,
		"POST /v1/reload":              s.reloaded,
		"GET /v1/items":                s.items,
		"GET /v1/facets":               s.facets,
		"GET /v1/items/{id}":           s.item,
		"GET /v1/items/{id}/thumbnail": s.thumbnail,
		"GET /v1/items/{id}/image":     s.image,
		"POST /v1/search":              s.search,
		"POST /v1/embed":               s.embed,
		"GET /v1/groups":               s.groups,
		"GET /v1/duplicates":           s.duplicates,
		"GET /v1/map":                  s.places,
		"GET /v1/map/values":           s.values,
		"POST /v1/scores":              s.scores,
		"POST /v1/selection":           s.selection,
		"GET /v1/tags":                 s.listTags,
		"POST /v1/tags":                s.tag,
	} {
		mux.Handle(pattern, s.api(handle))
	}
	mux.HandleFunc("/v1/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, failf(http.StatusNotFound, "there is no %s %.100s: /v1/openapi.yaml says what there is", r.Method, r.URL.Path))
	})
	mux.Handle("/", s.pages())
	return s.figures.counted(mux, s.guarded(mux))
}

// pages are the files of the page.
func (s *Server) pages() http.Handler {
	files := http.FileServerFS(page.Files())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			fail(w, failf(http.StatusMethodNotAllowed, "the page is for GET, and this is %.20s", r.Method))
			return
		}
		w.Header().Set("Cache-Control", "no-cache")
		files.ServeHTTP(w, r)
	})
}

// handler answers a request on a view of the collection; a returned error is written as the answer.
type handler func(w http.ResponseWriter, r *http.Request, v *view, tags collection.Tags) error

// api answers by the handler.
func (s *Server) api(handle handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, tags := s.use()
		defer v.release()
		r.Body = http.MaxBytesReader(w, r.Body, s.o.MaxUpload)
		w.Header().Set("Cache-Control", "no-store")
		if err := handle(w, r, v, tags); err != nil && r.Context().Err() == nil {
			fail(w, err)
		}
	})
}

// computing runs f when one of the places for what computes is free.
func (s *Server) computing(ctx context.Context, f func() error) error {
	select {
	case s.work <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.work }()
	return f()
}

func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	v, _ := s.use()
	defer v.release()
	answer(w, http.StatusOK, map[string]any{"ready": true, "generation": v.c.Manifest.Generation})
}

// stateOf is something that differs when the files that a view is made of have changed.
func stateOf(path string) string {
	var b strings.Builder
	for _, name := range []string{"manifest.json", "groups.json", "duplicates.json", "map.safetensors"} {
		if info, err := os.Stat(filepath.Join(path, name)); err == nil {
			b.WriteString(name + info.ModTime().Format(time.RFC3339Nano))
		}
	}
	return b.String()
}
