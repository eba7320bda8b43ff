package gemm

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// batchedShapes are count, m, n, k: nothing, single, and the edges of the GPU's tiles.
var batchedShapes = [][4]int{{0, 3, 2, 4}, {2, 0, 3, 1}, {3, 2, 3, 0}, {1, 1, 1, 1}, {3, 7, 5, 9}, {2, 65, 67, 17}, {4, 33, 64, 3}}

// stackOf is where matrices of rows x cols lie: behind two elements, rows one element apart, and matrices three.
func stackOf(trans bool, rows, cols int) Stack {
	if trans {
		rows, cols = cols, rows
	}
	return Stack{Offset: 2, Step: rows*(cols+1) + 3, Row: cols + 1}
}

// size is the array's length for count of them.
func (s Stack) size(count int) int { return s.Offset + count*s.Step }

// stacks are c, a and b of a shape.
func stacks(s [4]int, tr [2]bool) (c, a, b Stack) {
	return stackOf(false, s[1], s[2]), stackOf(tr[0], s[1], s[3]), stackOf(tr[1], s[3], s[2])
}

func (s Stack) of(a *kernels.Array) Stack {
	s.Array = a
	return s
}

func batchOf(s [4]int, tr [2]bool, beta float64) Batch {
	return Batch{Count: s[0], M: s[1], N: s[2], K: s[3], TransA: tr[0], TransB: tr[1], Alpha: 0.75, Beta: beta}
}

// batchedLoop is the reference: the definition.
func batchedLoop(c, a, b Stack, p Batch) {
	get := func(s Stack, batch, row, col int, trans bool) *float64 {
		return &kernels.Data[float64](s.Array)[s.Offset+batch*s.Step+at(row, col, s.Row, trans)]
	}
	for i := range p.Count * p.M * p.N {
		batch, row, col, sum := i/p.N/p.M, i/p.N%p.M, i%p.N, 0.0
		for l := range p.K {
			sum += *get(a, batch, row, l, p.TransA) * *get(b, batch, l, col, p.TransB)
		}
		to := get(c, batch, row, col, false)
		if p.Beta == 0 {
			*to = 0
		}
		*to = p.Alpha*sum + p.Beta**to
	}
}

func TestBatched(t *testing.T) {
	dev := kernels.CPU()
	for _, s := range batchedShapes {
		for _, tr := range trans {
			for _, dt := range []kernels.DType{kernels.Float32, kernels.Float64} {
				for _, beta := range []float64{0, -0.5} {
					c, a, b := stacks(s, tr)
					x := optest.Uniform(dev, dt, 1, -1, 1, a.size(s[0]))
					y := optest.Uniform(dev, dt, 2, -1, 1, b.size(s[0]))
					z := optest.Uniform(dev, dt, 3, -1, 1, c.size(s[0]))
					if beta == 0 && z.Len() > 2 {
						optest.Set(z, 2, math.NaN()) // of c[0], unless that has no elements
					}
					want := optest.As(z, kernels.Float64)
					p := batchOf(s, tr, beta)
					batchedLoop(c.of(want), a.of(optest.As(x, kernels.Float64)), b.of(optest.As(y, kernels.Float64)), p)
					Batched(c.of(z), a.of(x), b.of(y), p)
					optest.Near(t, fmt.Sprint(s, tr, dt, beta), z, want, boundOf(dt, s[3]+1))
				}
			}
		}
	}
}

// TestBatchedApart: a product has the same bytes in any batch, also where all share a factor.
func TestBatchedApart(t *testing.T) {
	dev, s := kernels.CPU(), [4]int{3, 150, 800, 40}
	c, a, b := stacks(s, [2]bool{false, true})
	b.Step = 0
	x, y := optest.Uniform(dev, kernels.Float32, 1, -1, 1, a.size(3)), optest.Uniform(dev, kernels.Float32, 2, -1, 1, 2+800*41)
	z, alone := dev.New(kernels.Float32, c.size(3)), dev.New(kernels.Float32, c.size(3))
	p := batchOf(s, [2]bool{false, true}, 0)
	Batched(c.of(z), a.of(x), b.of(y), p)
	p.Count = 1
	for i := range 3 {
		Batched(Stack{alone, c.Offset + i*c.Step, c.Step, c.Row}, Stack{x, a.Offset + i*a.Step, a.Step, a.Row}, b.of(y), p)
	}
	if !slices.Equal(kernels.Data[float32](z), kernels.Data[float32](alone)) {
		t.Error("products of a batch differ from the same alone")
	}
}

func TestBatchedRefuses(t *testing.T) {
	x := kernels.CPU().New(kernels.Float32, 24)
	good, p := Stack{x, 0, 12, 3}, Batch{Count: 2, M: 4, N: 3, K: 3, Alpha: 1}
	square := Stack{kernels.CPU().New(kernels.Float32, 9), 0, 0, 3}
	Batched(good, Stack{kernels.CPU().New(kernels.Float32, 24), 0, 12, 3}, square, p)
	for name, call := range map[string]func(){
		"short":   func() { Batched(good, Stack{x, 1, 12, 3}, square, p) },
		"rows":    func() { Batched(good, Stack{x, 0, 12, 2}, square, p) },
		"overlap": func() { Batched(Stack{x, 0, 0, 3}, good, square, p) },
		"before":  func() { Batched(good, Stack{x, -1, 12, 3}, square, p) },
		"dtype":   func() { Batched(good, good, Stack{kernels.CPU().New(kernels.Float64, 9), 0, 0, 3}, p) },
	} {
		optest.Refuses(t, "gemm.", name, call)
	}
}

// TestParityBatched has the contract's bound; the addition rounds once more.
func TestParityBatched(t *testing.T) {
	for _, s := range batchedShapes {
		for _, tr := range trans {
			c, a, b := stacks(s, tr)
			p := batchOf(s, tr, -0.5)
			parity.Run(t, parity.Case{
				Name: fmt.Sprint(s, tr), Bound: boundOf(kernels.Float32, s[3]+1), Large: s[0]*s[1]*s[2]*s[3] > 100_000,
				In: []parity.Tensor{parity.Floats(1, -1, 1, a.size(s[0])), parity.Floats(2, -1, 1, b.size(s[0]))},
				Out: []parity.Tensor{
					parity.Floats(3, -1, 1, c.size(s[0])), parity.Floats(4, -1, 1, c.size(s[0])),
				},
				Run: func(out, in []*kernels.Array) {
					Batched(c.of(out[0]), a.of(in[0]), b.of(in[1]), p)
					over := p
					over.Beta = 0
					Batched(c.of(out[1]), a.of(in[0]), b.of(in[1]), over)
				},
			})
		}
	}
}
