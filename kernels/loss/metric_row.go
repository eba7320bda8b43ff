package loss

import (
	"math"

	"udml-gpu/kernels"
)

// rowTerms is the work space of one row: similarities over t, their exponentials relative to the largest, and
// the softmax over all but the largest.
type rowTerms struct{ all, s, e, rest []float64 }

func newRowTerms(n int) rowTerms {
	b := kernels.BorrowHost[float64](3 * n)
	return rowTerms{b, b[:n], b[n : 2*n], b[2*n:]}
}

func (w rowTerms) free() { kernels.ReturnHost(w.all) }

// rowTerm is -LSE_{j != own} s_j + alpha sum_{j != own} (LSE_{q != j} s_q - LSE_q s_q) for s = inverse * dots, of at
// least two entries. It overwrites dots by the gradient of that with respect to s.
//
// 1 - p_j is only small for the largest s_j: every other p_j is at most 1/2. So the largest has its exclusive
// log-sum-exp computed as such, and the others may use 1 - p_j, all in one product, which is at least 1/4.
func rowTerm[T kernels.Float](w rowTerms, dots []T, own int, inverse, alpha float64) float64 {
	for j, v := range dots {
		w.s[j] = float64(v) * inverse
	}
	top, second := w.largestTwo()
	others, apart := w.exponentials(top, own)
	restLog := w.softmaxWithout(top, second)
	product, odds := w.odds(top, own, 1+others)
	logs, exclusive := math.Log(product), w.s[second]+restLog
	if own != top {
		exclusive = w.s[top] + math.Log1p(apart)
		logs += w.s[second] - w.s[top] + restLog - math.Log1p(others)
	}
	for q := range dots {
		g := alpha * w.tailGradient(q, top, own, 1+others, odds)
		switch {
		case q == own:
		case own == top:
			g -= w.rest[q]
		default:
			g -= w.e[q] / (1 + apart)
		}
		dots[q] = T(g)
	}
	return alpha*logs - exclusive
}

// largestTwo are the places of the largest and of the next similarity. NaN loses; it spoils the sums soon enough.
func (w rowTerms) largestTwo() (top, second int) {
	for j, v := range w.s {
		if v > w.s[top] {
			top = j
		}
	}
	second = -1
	for j, v := range w.s {
		if j != top && (second < 0 || v > w.s[second]) {
			second = j
		}
	}
	return top, second
}

// exponentials fills e = exp(s - s_top), and sums it over all but top, and over all but top and own.
func (w rowTerms) exponentials(top, own int) (others, apart float64) {
	for j, v := range w.s {
		w.e[j] = math.Exp(v - w.s[top])
		if j == top {
			continue
		}
		others += w.e[j]
		if j != own {
			apart += w.e[j]
		}
	}
	return others, apart
}

// softmaxWithout fills rest with the softmax over all but top, whose largest entry is second, and returns
// LSE_{q != top} s_q - s_second.
func (w rowTerms) softmaxWithout(top, second int) float64 {
	sum := 0.0
	for j, v := range w.s {
		w.rest[j] = 0
		if j != top {
			w.rest[j] = math.Exp(v - w.s[second])
			sum += w.rest[j]
		}
	}
	for j := range w.rest {
		w.rest[j] /= sum
	}
	return math.Log(sum)
}

// odds is the product of 1-p_j, and the sum of p_j/(1-p_j), over all j but top and own.
func (w rowTerms) odds(top, own int, total float64) (product, odds float64) {
	product = 1
	for j, e := range w.e {
		if j != top && j != own {
			p := e / total
			product *= 1 - p
			odds += p / (1 - p)
		}
	}
	return product, odds
}

// tailGradient is d/ds_q of sum_{j != own} log(1-p_j). The derivative of log(1-p_j) is -p_q for j = q, and else
// softmax_q without j minus p_q, which is p_q p_j/(1-p_j).
func (w rowTerms) tailGradient(q, top, own int, total, odds float64) float64 {
	p := w.e[q] / total
	g := p * odds
	if q != own {
		g -= p
	}
	if q != own && q != top {
		g -= p * p / (1 - p)
	}
	if own != top && q != top {
		g += w.rest[q] - p
	}
	return g
}
