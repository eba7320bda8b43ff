package loss

import (
	"math"

	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
)

// instanceLoop is the definition, every log-sum-exp on its own: the loss, and dx where it is not nil.
func instanceLoop(dx, queries, keys []float64, rows, n, d int, t, alpha float64) float64 {
	clear(dx)
	loss, s := 0.0, make([]float64, n)
	for r := range rows {
		i := r % n
		for j := range s {
			s[j] = dot(queries[r*d:(r+1)*d], keys[j*d:(j+1)*d]) / t
		}
		// addLog adds weight (s_at - LSE_{q != i, without} s_q), or without the first part for at = -1.
		addLog := func(at, without int, weight float64) {
			lse := logSumExpLoop(s, i, without)
			value := -lse
			if at >= 0 {
				value += s[at]
			}
			loss -= weight * value / float64(rows)
			for q := 0; q < n && dx != nil; q++ {
				g := 0.0
				if q != i && q != without {
					g -= math.Exp(s[q] - lse)
				}
				if q == at {
					g++
				}
				for e := range d {
					dx[r*d+e] -= weight * g * keys[q*d+e] / (t * float64(rows))
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
	rows, n, d    int // queries, keys and features
	x, z, grad    []T // grad may be nil
	perRow        []float64
	inverse, tail float64 // 1/t, alpha
}

func instance[T kernels.Float](loss, dx, x, z *kernels.Array, t, alpha float64) {
	rows := x.Dim(0)
	r := instanceRun[T]{
		rows: rows, n: z.Dim(0), d: z.Dim(1), x: kernels.Data[T](x), z: kernels.Data[T](z), perRow: kernels.BorrowHost[float64](rows),
		inverse: 1 / t, tail: alpha,
	}
	defer kernels.ReturnHost(r.perRow)
	if dx != nil {
		r.grad = kernels.Data[T](dx)
	}
	kernels.Tiles(rows, instanceRows, r.tile)
	sum := 0.0
	for _, v := range r.perRow {
		sum += v
	}
	kernels.Data[T](loss)[0] = T(-sum / float64(max(1, rows)))
}

// tile computes rows [lo,hi): similarities by GEMM, each row's terms, then dx = -1/(R t) G z by GEMM again, with G the gradient of
// the row's terms by its similarities.
func (r *instanceRun[T]) tile(lo, hi int) {
	n, d, rows := r.n, r.d, hi-lo
	s := kernels.BorrowHost[T](rows * n)
	defer kernels.ReturnHost(s)
	gemm.Block(false, true, rows, n, d, 1, r.x[lo*d:hi*d], d, r.z, d, 0, s, n)
	w := newRowTerms(n - 1)
	defer w.free()
	for i := lo; i < hi; i++ {
		r.perRow[i] = instanceTerm(w, s[(i-lo)*n:(i-lo+1)*n], i%n, (i+n/2)%n, r.inverse, r.tail)
	}
	if r.grad != nil {
		scale := T(-r.inverse / float64(r.rows))
		gemm.Block(false, false, rows, d, n, scale, s, n, r.z, d, 0, r.grad[lo*d:hi*d], d)
	}
}
