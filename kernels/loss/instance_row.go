package loss

import (
	"math"

	"udml-gpu/kernels"
)

// instanceSums is what the terms of a row are made of. Exponentials are relative to the largest similarity, top.
type instanceSums struct {
	top, own   int     // places of the largest similarity, and of the other view's
	total      float64 // of all exponentials
	others     float64 // of all but top's
	complement float64 // 1 - product of 1-p, over all but top and own
	odds       float64 // sum of p/(1-p), over the same
}

// instanceTerm is log p_own + alpha sum_{j != own} log(1 - p_j) of the row in the place of key self, whose products with all keys dots
// holds, for s = inverse * dots and p the softmax over all but self. w has room for one less than dots, which is overwritten by the
// gradient of that with respect to s, 0 at self.
//
// 1 - p_j is only small for the largest s_j: every other p_j is at most 1/2. So the largest has its exclusive log-sum-exp computed as
// such, and the others may use 1 - p_j, all in one product, which is at least 1/4. What it lacks to 1 is kept in its place, because
// once rows are told apart every p_j is tiny, and with it the loss.
func instanceTerm[T kernels.Float](w rowTerms, dots []T, self, own int, inverse, alpha float64) float64 {
	without(w, dots, self, inverse)
	if own > self {
		own--
	}
	top, second := w.largestTwo()
	r := w.instanceSums(top, own)
	logs := math.Log1p(-r.complement)
	if own != top {
		restLog := w.softmaxWithout(top, second)
		logs += w.s[second] - w.s[top] + restLog - math.Log1p(r.others)
	}
	for q := range w.s {
		at := q
		if q >= self {
			at++
		}
		dots[at] = T(w.instanceGradient(q, r, alpha))
	}
	dots[self] = 0
	return w.s[own] - w.s[top] - math.Log1p(r.others) + alpha*logs
}

// without fills w.s with inverse times the dots of all places but one.
func without[T kernels.Float](w rowTerms, dots []T, place int, inverse float64) {
	for j, v := range dots[:place] {
		w.s[j] = float64(v) * inverse
	}
	for j, v := range dots[place+1:] {
		w.s[place+j] = float64(v) * inverse
	}
}

// instanceSums fills e = exp(s - s_top), that of top too: it is 1, or NaN where s_top is not finite.
func (w rowTerms) instanceSums(top, own int) instanceSums {
	r := instanceSums{top: top, own: own}
	for j, v := range w.s {
		w.e[j] = math.Exp(v - w.s[top])
		if j != top {
			r.others += w.e[j]
		}
	}
	r.total = w.e[top] + r.others
	for j, e := range w.e {
		if j != top && j != own {
			p := e / r.total
			r.complement += p * (1 - r.complement)
			r.odds += p / (1 - p)
		}
	}
	return r
}

// instanceGradient is the derivative of the row's terms by s_q. That of log p_own is (1 at own) - p_q; that of log(1-p_j) is -p_q for
// j = q, and else the softmax without j at q minus p_q, which is p_q p_j/(1-p_j).
func (w rowTerms) instanceGradient(q int, r instanceSums, alpha float64) float64 {
	p := w.e[q] / r.total
	tail, g := p*r.odds, -p
	if q != r.own && q != r.top {
		tail -= p / (1 - p)
	}
	switch {
	case q == r.own && q == r.top:
		g = r.others / r.total // 1 - p
	case q == r.own:
		g = 1 - p
	}
	if r.own != r.top {
		tail -= p
		if q != r.top {
			tail += w.rest[q]
		}
	}
	return g + alpha*tail
}
