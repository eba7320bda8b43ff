package search

import (
	"context"
	"slices"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
)

// Request is a search: what the results are to be like, what not, and how it is done.
type Request struct {
	Like   []string           // examples, as Examples.Find takes them; at least one
	Minus  []string           // what the results are not to be like
	Weight map[string]float64 // of examples, by their names; 1 where there is none
	K      int                // how many results
	Filter Filter
	Expand int  // results of a first search that are added to the query (Expand); 0: none
	Rerank bool // see Rerank
	Others bool // leaves out the items that are examples themselves

	// Progress is told how far a search through the collection is, by one goroutine at a time; nil: nothing is reported.
	Progress func(done, total int)
}

// Run searches the collection. dev computes the products.
func Run(ctx context.Context, dev *kernels.Device, c *collection.Collection, e *Examples, q Request) ([]Hit, error) {
	allowed, err := q.Filter.Allowed(c)
	if err != nil {
		return nil, err
	}
	query, items, err := q.Query(ctx, e)
	if err != nil {
		return nil, err
	}
	if q.Others {
		allowed = slices.DeleteFunc(allowed, func(i int) bool { return slices.Contains(items, i) })
	}
	return q.search(dev, c, query, allowed), nil
}

// search is Run of a vector.
func (q *Request) search(dev *kernels.Device, c *collection.Collection, query []float32, allowed []int) []Hit {
	s := scan{dev, c, query, q.Progress}
	if q.Expand > 0 {
		s.query = Expand(c, query, s.nearest(allowed, q.Expand))
	}
	if !q.Rerank {
		return s.nearest(allowed, q.K)
	}
	hits := Rerank(c, s.query, s.nearest(allowed, RerankDepth(q.K)))
	return hits[:min(q.K, len(hits))]
}

// Query is the unit vector [D] of the sum of the examples, and the items that they are.
func (q *Request) Query(ctx context.Context, e *Examples) (sum []float32, items []int, err error) {
	if err := q.checkWeights(); err != nil {
		return nil, nil, err
	}
	var examples []Example
	for n, name := range slices.Concat(q.Like, q.Minus) {
		found, err := e.Find(ctx, name)
		if err != nil {
			return nil, nil, err
		}
		weight, ok := q.Weight[name]
		if !ok {
			weight = 1
		}
		if n >= len(q.Like) {
			weight = -weight
		}
		examples = append(examples, Example{found.Vector, weight})
		if found.Item >= 0 {
			items = append(items, found.Item)
		}
	}
	if sum = Sum(examples); sum == nil {
		return nil, nil, baddata.Errorf("the examples cancel each other: their weighted sum is zero")
	}
	return sum, items, nil
}

// checkWeights refuses weights of what is no example.
func (q *Request) checkWeights() error {
	for name := range q.Weight {
		if !slices.Contains(q.Like, name) && !slices.Contains(q.Minus, name) {
			return setting.Usage("--weight %s: %s is none of the examples", name, name)
		}
	}
	return nil
}
