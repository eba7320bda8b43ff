package serve

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"slices"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/search"
	"udml-gpu/engine/machine"
)

const (
	usualK = 50
	maxK   = 10_000
	most   = 1000 // examples
)

func (s *Server) search(w http.ResponseWriter, r *http.Request, v *view, tags collection.Tags) error {
	q, err := s.query(r, v)
	if err != nil {
		return err
	}
	vector, items, err := q.sum(v)
	if err != nil {
		return err
	}
	allowed, err := q.Filter.passing(v, tags, v.live)
	if err != nil {
		return err
	}
	if q.Others {
		allowed = slices.DeleteFunc(slices.Clone(allowed), func(i int) bool { return slices.Contains(items, i) })
	}
	var hits []search.Hit
	err = s.computing(r.Context(), func() error {
		if hits = search.Nearest(s.o.Device, v.c, vector, allowed, q.depth()); q.Rerank {
			hits = search.Rerank(v.c, vector, hits)
			hits = hits[:min(*q.K, len(hits))]
		}
		return machine.Fault(s.o.Device)
	})
	if err != nil {
		return err
	}
	list := []Hit{}
	for _, h := range hits {
		d := v.describe(h.Item, tags)
		list = append(list, Hit{ID: d.ID, Path: d.Path, Score: h.Score, Item: d})
	}
	answer(w, http.StatusOK, map[string]any{"results": list})
	return nil
}

// depth is how many results the search has to find.
func (q *Query) depth() int {
	if q.Rerank {
		return search.RerankDepth(*q.K)
	}
	return *q.K
}

// query reads the body: a Query, or an image, of which the address has k and the filter.
func (s *Server) query(r *http.Request, v *view) (*Query, error) {
	q := &Query{}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/json" {
		if err := read(r, q); err != nil {
			return nil, err
		}
	} else {
		vector, err := s.vectorOf(r)
		if err != nil {
			return nil, err
		}
		q.Like = []Example{{Vector: vector}}
		k, err := numberOf(r.URL.Query(), "k", usualK, 1, maxK)
		if err != nil {
			return nil, err
		}
		q.K = &k
		if q.Filter, err = filterOf(r.URL.Query()); err != nil {
			return nil, err
		}
	}
	if q.K == nil {
		k := usualK
		q.K = &k
	}
	switch n := len(q.Like) + len(q.Minus); {
	case len(q.Like) == 0:
		return nil, failf(http.StatusBadRequest, "like is empty: expected at least one example")
	case len(q.Like) > most || len(q.Minus) > most:
		return nil, failf(http.StatusBadRequest, "%d examples: expected at most %d of each kind", n, most)
	case *q.K < 1 || *q.K > maxK:
		return nil, failf(http.StatusBadRequest, "k is %d: expected a number from 1 to %d", *q.K, maxK)
	}
	return q, nil
}

// sum is the unit vector of the examples, and the items that they are.
func (q *Query) sum(v *view) (vector []float32, items []int, err error) {
	var list []search.Example
	for n, e := range slices.Concat(q.Like, q.Minus) {
		x, item, err := e.vector(v)
		if err != nil {
			return nil, nil, err
		}
		weight := 1.0
		if e.Weight != nil {
			weight = *e.Weight
		}
		if n >= len(q.Like) {
			weight = -weight
		}
		list = append(list, search.Example{Vector: x, Weight: weight})
		if item >= 0 {
			items = append(items, item)
		}
	}
	if vector = search.Sum(list); vector == nil {
		return nil, nil, failf(http.StatusBadRequest, "the examples cancel each other: their weighted sum is zero")
	}
	return vector, items, nil
}

// vector is that of an example, and the item that it is; -1: none.
func (e *Example) vector(v *view) ([]float32, int, error) {
	switch {
	case (e.ID == "") == (e.Vector == nil):
		return nil, 0, failf(http.StatusBadRequest, "an example has either an id or a vector")
	case e.ID != "":
		item := v.item(e.ID)
		if item < 0 {
			return nil, 0, failf(http.StatusNotFound, "there is no image %.80q", e.ID)
		}
		return v.c.Row(item), item, nil
	case len(e.Vector) != v.c.Dim():
		return nil, 0, failf(http.StatusBadRequest, "a vector has %d numbers: expected %d", len(e.Vector), v.c.Dim())
	}
	u := search.Sum([]search.Example{{Vector: e.Vector, Weight: 1}})
	if u == nil {
		return nil, 0, failf(http.StatusBadRequest, "a vector is zero")
	}
	return u, -1, nil
}

func (s *Server) embed(w http.ResponseWriter, r *http.Request, _ *view, _ collection.Tags) error {
	vector, err := s.vectorOf(r)
	if err == nil {
		answer(w, http.StatusOK, map[string]any{"vector": vector})
	}
	return err
}

// vectorOf is the unit vector of the image that the body holds.
func (s *Server) vectorOf(r *http.Request) ([]float32, error) {
	b, err := io.ReadAll(r.Body)
	switch {
	case err != nil:
		return nil, err
	case len(b) == 0:
		return nil, failf(http.StatusBadRequest, "the body is empty: expected the bytes of an image file")
	}
	return s.batches.embed(r.Context(), b)
}

// read decodes a JSON body.
func read(r *http.Request, value any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(value)
	if err == nil && d.More() {
		return failf(http.StatusBadRequest, "the body has more than one JSON value")
	}
	if err != nil {
		if f := asFailure(err); f.status == http.StatusRequestEntityTooLarge {
			return f
		}
		return failf(http.StatusBadRequest, "the body is not the JSON that is expected: %v", err)
	}
	return nil
}
