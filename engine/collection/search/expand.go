package search

import (
	"math"

	"udml-gpu/engine/collection"
)

// alpha is the power of alpha query expansion, as in the paper.
const alpha = 3

// Expand is the query of alpha query expansion: the unit vector of query + sum_j max(s_j, 0)^3 v_j over the hits, whose scores are s_j
// (Radenovic, Tolias, Chum, TPAMI 2019, section 3.3).
func Expand(c *collection.Collection, query []float32, hits []Hit) []float32 {
	examples := []Example{{query, 1}}
	for _, h := range hits {
		if h.Score > 0 {
			examples = append(examples, Example{c.Row(h.Item), math.Pow(float64(h.Score), alpha)})
		}
	}
	if sum := Sum(examples); sum != nil {
		return sum
	}
	return query
}
