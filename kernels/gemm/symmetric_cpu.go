package gemm

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	lapack "gonum.org/v1/gonum/lapack/gonum"

	"udml-gpu/kernels"
)

// symmetricGo is Symmetric without a library: gonum's tridiagonal form, and the implicit QL method of Bowdler, Martin, Reinsch and
// Wilkinson (tql2, 1968), whose rotations turn each row of the vectors by itself, on all cores. Gonum's own QR method turns column by
// column, on one: for n = 1664, 12.6 s of processor time beside 5.6 s.
func symmetricGo(n int, a []float64) (values []float64, ok bool) {
	if n == 0 {
		return nil, false
	}
	d, e, tau, work := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, 64*n)
	lapack.Implementation{}.Dsytrd(blas.Upper, n, a, n, d, e[:n-1], tau[:n-1], work, len(work))
	lapack.Implementation{}.Dorgtr(blas.Upper, n, a, n, tau[:n-1], work, len(work))
	q := &turns{vectors: a, d: d, e: e}
	for _, v := range d {
		q.tiny = max(q.tiny, math.Abs(v)*0x1p-104)
	}
	for l := range n {
		if !q.settle(l) {
			return nil, false
		}
	}
	q.flush()
	return ascending(d, a), true
}

// ascending sorts the values, and writes the columns of a [n,n] in their order as its rows.
func ascending(d, a []float64) (values []float64) {
	n := len(d)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		if d[i] < d[j] {
			return -1
		}
		if d[i] > d[j] {
			return 1
		}
		return 0
	})
	old := slices.Clone(a)
	values = make([]float64, n)
	for k, column := range order {
		values[k] = d[column]
		for i := range n {
			a[k*n+i] = old[i*n+column]
		}
	}
	return values
}

// turn is a rotation of columns at and at+1.
type turn struct {
	at   int
	c, s float64
}

// turns is the state of the QL method: a tridiagonal matrix with diagonal d, and e[i] beside d[i] and d[i+1], and rotations that the
// vectors, in columns, still wait for.
type turns struct {
	vectors, d, e []float64
	tiny          float64 // an e of at most this is 0 wherever it stands
	list          []turn
}

// mostTurns is the number of rotations that wait: they stay in the second-level cache while all rows are turned.
const mostTurns = 1 << 14

// settle turns until d[l] is an eigenvalue; false if it does not become one.
func (q *turns) settle(l int) bool {
	const most = 60 // twice what LAPACK allows for each value on average
	for range most {
		m := l
		for m < len(q.d)-1 && !(math.Abs(q.e[m]) <= 0x1p-53*(math.Abs(q.d[m])+math.Abs(q.d[m+1]))+q.tiny) {
			m++
		}
		if m == l {
			return !math.IsNaN(q.d[l])
		}
		q.sweep(l, m)
		if len(q.list) >= mostTurns {
			q.flush()
		}
	}
	return false
}

// sweep is one step with Wilkinson's shift on rows l to m.
func (q *turns) sweep(l, m int) {
	d, e := q.d, q.e
	g := (d[l+1] - d[l]) / (2 * e[l])
	g = d[m] - d[l] + e[l]/(g+math.Copysign(math.Hypot(g, 1), g))
	s, c, p := 1.0, 1.0, 0.0
	for i := m - 1; i >= l; i-- {
		f, b := s*e[i], c*e[i]
		r := math.Hypot(f, g)
		e[i+1] = r
		if r == 0 { // the matrix falls apart here
			d[i+1] -= p
			e[m] = 0
			return
		}
		s, c = f/r, g/r
		g = d[i+1] - p
		r = (d[i]-g)*s + 2*c*b
		p = s * r
		d[i+1] = g + p
		g = c*r - b
		q.list = append(q.list, turn{i, c, s})
	}
	d[l] -= p
	e[l], e[m] = g, 0
}

// flush turns the rows of the vectors, four at a time, so that no multiplication waits for the one before.
func (q *turns) flush() {
	n := len(q.d)
	const rows = 4
	kernels.Tiles(n, rows, func(lo, hi int) {
		if hi-lo < rows {
			for i := lo; i < hi; i++ {
				turnRow(q.vectors[i*n:(i+1)*n], q.list)
			}
			return
		}
		x := q.vectors[lo*n : hi*n]
		turnRows(x[:n], x[n:2*n], x[2*n:3*n], x[3*n:], q.list)
	})
	q.list = q.list[:0]
}

func turnRow(x []float64, list []turn) {
	for _, t := range list {
		x[t.at], x[t.at+1] = t.c*x[t.at]-t.s*x[t.at+1], t.s*x[t.at]+t.c*x[t.at+1]
	}
}

func turnRows(x, y, z, w []float64, list []turn) {
	y, z, w = y[:len(x)], z[:len(x)], w[:len(x)]
	for _, t := range list {
		i, j := t.at, t.at+1
		if uint(i) >= uint(len(x)) || uint(j) >= uint(len(x)) {
			panic("gemm: a rotation of columns that are not there") // so that no access below needs its own check
		}
		x[i], x[j] = t.c*x[i]-t.s*x[j], t.s*x[i]+t.c*x[j]
		y[i], y[j] = t.c*y[i]-t.s*y[j], t.s*y[i]+t.c*y[j]
		z[i], z[j] = t.c*z[i]-t.s*z[j], t.s*z[i]+t.c*z[j]
		w[i], w[j] = t.c*w[i]-t.s*w[j], t.s*w[i]+t.c*w[j]
	}
}
