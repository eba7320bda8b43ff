package serve

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/duplicates"
)

// maxKept bounds the similarities whose groups are kept.
const maxKept = 16

// copiesAt keeps the groups of duplicates at the similarities that were asked for last.
type copiesAt struct {
	mu     sync.Mutex
	groups map[float64][]collection.DuplicateGroup
}

// copiesFrom are the groups of duplicates of which the near ones have that similarity; at least that of the collection.
func (s *Server) copiesFrom(ctx context.Context, v *view, similarity float64) (groups []collection.DuplicateGroup, err error) {
	if similarity <= v.copies.Threshold {
		return v.copies.Groups, nil
	}
	v.copiesAt.mu.Lock()
	defer v.copiesAt.mu.Unlock()
	if groups, ok := v.copiesAt.groups[similarity]; ok {
		return groups, nil
	}
	err = s.computing(ctx, func() error {
		groups = duplicates.At(v.c.Items, v.copies, similarity)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(v.copiesAt.groups) >= maxKept || v.copiesAt.groups == nil {
		v.copiesAt.groups = map[float64][]collection.DuplicateGroup{}
	}
	v.copiesAt.groups[similarity] = groups
	return groups, nil
}

// noCopies is the failure where nobody has looked for duplicates.
func noCopies(v *view) error {
	return failf(http.StatusNotFound, "duplicates were not looked for yet: udml-gpu duplicates %s does", v.name())
}

// similarityOf reads the parameter, to four decimals, so that a slider asks for few different ones; where it is missing it is -1.
func similarityOf(q url.Values) (float64, error) {
	text := q.Get("similarity")
	if text == "" {
		return -1, nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || !(x >= -1 && x <= 1) {
		return 0, failf(http.StatusBadRequest, "similarity=%.40q: expected a number from -1 to 1", text)
	}
	return rounded(x), nil
}

func rounded(similarity float64) float64 { return math.Round(similarity*1e4) / 1e4 }

var copiesOrder = map[string]func(a, b collection.DuplicateGroup) int{
	"similarity": func(a, b collection.DuplicateGroup) int { return cmp.Compare(b.MinSimilarity, a.MinSimilarity) },
	"size":       func(a, b collection.DuplicateGroup) int { return cmp.Compare(len(b.Of), len(a.Of)) },
	"saved":      func(a, b collection.DuplicateGroup) int { return cmp.Compare(b.Saved, a.Saved) },
}

func (s *Server) duplicates(w http.ResponseWriter, r *http.Request, v *view, tags collection.Tags) error {
	if v.copies == nil {
		return noCopies(v)
	}
	q := r.URL.Query()
	offset, limit, err := pageOf(q)
	if err != nil {
		return err
	}
	similarity, err := similarityOf(q)
	if err != nil {
		return err
	}
	compare, ok := copiesOrder[cmp.Or(q.Get("sort"), "similarity")]
	if !ok {
		return failf(http.StatusBadRequest, "sort=%.40q: expected similarity, size or saved", q.Get("sort"))
	}
	list, err := s.copiesFrom(r.Context(), v, similarity)
	if err != nil {
		return err
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, compare)
	out := Duplicates{
		Threshold: v.copies.Threshold, Similarity: max(similarity, v.copies.Threshold), NearPairs: len(v.copies.Near), Total: len(list),
		Groups: []Copies{},
	}
	for n, g := range list {
		out.Saved += g.Saved
		out.Images += len(g.Of)
		if n >= offset && n < offset+limit {
			out.Groups = append(out.Groups, v.describeCopies(&g, tags))
		}
	}
	answer(w, http.StatusOK, out)
	return nil
}

// describeCopies is a group as the API gives it.
func (v *view) describeCopies(g *collection.DuplicateGroup, tags collection.Tags) Copies {
	one := Copies{Kind: g.Kind, MinSimilarity: g.MinSimilarity, Saved: g.Saved, Items: []Item{}}
	for _, item := range g.Of {
		if v.number[item] >= 0 {
			one.Items = append(one.Items, v.describe(int(item), tags))
		}
	}
	return one
}

// spare are the images of the groups at that similarity but the ones to keep.
func (s *Server) spare(ctx context.Context, v *view, similarity float64) ([]int, error) {
	if v.copies == nil {
		return nil, noCopies(v)
	}
	groups, err := s.copiesFrom(ctx, v, rounded(similarity))
	if err != nil {
		return nil, err
	}
	list := []int{}
	for _, g := range groups {
		for _, item := range g.Of[1:] {
			if v.number[item] >= 0 {
				list = append(list, int(item))
			}
		}
	}
	return list, nil
}
