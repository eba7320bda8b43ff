package loss

import (
	"math"

	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
)

// instanceLoop is the definition, every log-sum-exp on its own: the loss, and dz where it is not nil. It takes queries and
// keys apart, so that differences of it by the queries alone can be formed.
func instanceLoop(dz, queries, keys []float64, n, d int, t, alpha float64) float64 {
	clear(dz)
	loss, s := 0.0, make([]float64, n)
	for i := range n {
		for j := range s {
			s[j] = dot(queries[i*d:(i+1)*d], keys[j*d:(j+1)*d]) / t
		}
		// addLog adds weight (s_at - LSE_{q != i, without} s_q), or without the first part for at = -1.
		addLog := func(at, without int, weight float64) {
			lse := logSumExpLoop(s, i, without)
			value := -lse
			if at >= 0 {
				value += s[at]
			}
			loss -= weight * value / float64(n)
			for q := 0; q < n && dz != nil; q++ {
				g := 0.0
				if q != i && q != without {
					g -= math.Exp(s[q] - lse)
				}
				if q == at {
					g++
				}
				for e := range d {
					dz[i*d+e] -= weight * g * keys[q*d+e] / (t * float64(n))
				}
			}
		}
		partner := (i + n/2) % n
		addLog(partner, -1, 1)
		for j := range n {
			if j != i && j != partner {
				addLog(-1, j, -alpha)
				addLog(-1, -1, alpha)
			}
		}
	}
	return loss
}

// logSumExpLoop is log sum exp of s without two of its places.
func logSumExpLoop(s []float64, a, b int) float64 {
	top, sum := math.Inf(-1), 0.0
	for j, v := range s {
		if j != a && j != b {
			top = max(top, v)
		}
	}
	for j, v := range s {
		if j != a && j != b {
			sum += math.Exp(v - top)
		}
	}
	return top + math.Log(sum)
}

// instanceRows is how many rows' similarities one core computes at a time.
const instanceRows = 32

// instanceRun is one evaluation.
type instanceRun[T kernels.Float] struct {
	n, d          int
	z, grad       []T // grad may be nil
	perRow        []float64
	inverse, tail float64 // 1/t, alpha
}

func instance[T kernels.Float](loss, dz, z *kernels.Array, t, alpha float64) {
	n := z.Dim(0)
	r := instanceRun[T]{n: n, d: z.Dim(1), z: kernels.Data[T](z), perRow: kernels.BorrowHost[float64](n), inverse: 1 / t, tail: alpha}
	defer kernels.ReturnHost(r.perRow)
	if dz != nil {
		r.grad = kernels.Data[T](dz)
	}
	kernels.Tiles(n, instanceRows, r.tile)
	sum := 0.0
	for _, v := range r.perRow {
		sum += v
	}
	kernels.Data[T](loss)[0] = T(-sum / float64(max(1, n)))
}

// tile computes rows [lo,hi): similarities by GEMM, each row's terms, then dz = -1/(N t) G z by GEMM again, with G the gradient of
// the row's terms by its similarities.
func (r *instanceRun[T]) tile(lo, hi int) {
	n, d, rows := r.n, r.d, hi-lo
	s := kernels.BorrowHost[T](rows * n)
	defer kernels.ReturnHost(s)
	gemm.Block(false, true, rows, n, d, 1, r.z[lo*d:hi*d], d, r.z, d, 0, s, n)
	w := newRowTerms(n - 1)
	defer w.free()
	for i := lo; i < hi; i++ {
		r.perRow[i] = instanceTerm(w, s[(i-lo)*n:(i-lo+1)*n], i, (i+n/2)%n, r.inverse, r.tail)
	}
	if r.grad != nil {
		scale := T(-r.inverse / float64(n))
		gemm.Block(false, false, rows, d, n, scale, s, n, r.z, d, 0, r.grad[lo*d:hi*d], d)
	}
}
