package attention

import "math"

// forwardLoop is the reference: the definition, with all probabilities of a query at once. Backward is held against finite differences
// of it.
func forwardLoop(y, lse []float64, q, k, v matrix[float64], p *problem) {
	logits := make([]float64, p.keys)
	for at := range p.images * p.heads * p.queries {
		t, h, n := at%p.queries, at/p.queries%p.heads, at/p.queries/p.heads
		query := q.from(n*p.queries+t, h*p.dim)
		most, sum := math.Inf(-1), 0.0
		for u := range logits {
			logits[u] = 0
			for c, x := range k.from(n*p.keys+u, h*p.dim)[:p.dim] {
				logits[u] += p.scale * query[c] * x
			}
			most = math.Max(most, logits[u])
		}
		for _, s := range logits {
			sum += math.Exp(s - most)
		}
		lse[at] = most + math.Log(sum)
		out := y[(n*p.queries+t)*p.width()+h*p.dim:][:p.dim]
		clear(out)
		for u, s := range logits {
			for c, x := range v.from(n*p.keys+u, h*p.dim)[:p.dim] {
				out[c] += math.Exp(s-lse[at]) * x
			}
		}
	}
}
