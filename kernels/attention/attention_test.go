package attention

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/parity"
)

// shape is one attention: images, queries, keys, heads and the columns of a head; reach is how large |q|, |k| and |v| get.
type shape struct {
	images, queries, keys, heads, dim int
	reach                             float64
}

// shapes have single rows and columns, odd sizes, the edges of the blocks of the CPU (128 queries, 512 keys) and of the GPU (64 and 32
// rows, heads of 64, 96 and 128 columns), and logits that exp cannot hold.
var shapes = []shape{
	{0, 3, 3, 2, 4, 1},
	{1, 1, 1, 1, 1, 1},
	{2, 1, 5, 2, 3, 2},
	{2, 5, 1, 3, 2, 2},
	{2, 7, 7, 3, 5, 2},
	{1, 33, 65, 2, 8, 1},
	{1, 64, 64, 1, 64, 1},
	{2, 17, 70, 2, 65, 1},
	{1, 3, 35, 1, 70, 1},
	{1, 33, 66, 1, 16, 1},
	{1, 33, 2, 1, 72, 1},
	{1, 2, 34, 1, 97, 1},
	{1, 31, 33, 1, 128, 1},
	{1, 1, 197, 2, 96, 1},
	{2, 3, 5, 2, 16, 30},
	{1, 129, 130, 1, 16, 1},
	{1, 3, 600, 2, 8, 2},
	{1, 130, 1030, 1, 4, 3},
}

func (s shape) String() string {
	return fmt.Sprintf("%dx%d-%d-%dx%d-%g", s.images, s.queries, s.keys, s.heads, s.dim, s.reach)
}

func (s shape) spec() Spec { return Spec{Heads: s.heads} }

func (s shape) large() bool { return s.images*s.queries*s.keys*s.heads*s.dim > 35_000 }

// logit is the largest that a logit can be.
func (s shape) logit() float64 { return s.reach * s.reach * math.Sqrt(float64(s.dim)) }

// width is the number of columns of an operand.
func (s shape) width() int { return s.heads * s.dim }

// operands are q, and k and v side by side behind a column that belongs to neither.
func (s shape) operands(dt kernels.DType) (q, k, v Operand) {
	dev := kernels.CPU()
	own := Operand{Array: optest.Uniform(dev, dt, 1, -s.reach, s.reach, s.images, s.queries, s.width())}
	k, v = s.keysAndValues(optest.Uniform(dev, dt, 2, -s.reach, s.reach, s.images, s.keys, 2*s.width()+1))
	return own, k, v
}

func (s shape) keysAndValues(a *kernels.Array) (k, v Operand) {
	return Operand{a, 1}, Operand{a, 1 + s.width()}
}

func (s shape) results(dt kernels.DType) (y, lse *kernels.Array) {
	y = optest.Poisoned(kernels.CPU(), dt, s.images, s.queries, s.width())
	return y, optest.Poisoned(kernels.CPU(), dt, s.images, s.heads, s.queries)
}

// forwardBound is the contract's, for outputs below reach.
func (s shape) forwardBound() float64 {
	return (float64(2*s.dim+40)*s.logit() + float64(s.keys+80)) * 0x1p-24
}

func TestForward(t *testing.T) {
	for _, s := range shapes {
		for _, dt := range []kernels.DType{kernels.Float32, kernels.Float64} {
			q, k, v := s.operands(dt)
			y, lse := s.results(dt)
			Forward(y, lse, q, k, v, s.spec())
			if s.images == 0 {
				continue
			}
			wantY, wantLSE := s.results(kernels.Float64)
			forwardLoop(kernels.Data[float64](wantY), kernels.Data[float64](wantLSE), wide(q), wide(k), wide(v),
				problemOf("test", y, lse, q, k, v, s.spec()))
			bound := s.forwardBound()
			if dt == kernels.Float64 {
				bound *= 0x1p-29 // 2^-53 for 2^-24
			}
			optest.Near(t, fmt.Sprint(s, dt), y, wantY, bound*s.reach)
			optest.Near(t, fmt.Sprint(s, dt, " lse"), lse, wantLSE, bound)
		}
	}
}

// wide are an operand's numbers, of any type.
func wide(o Operand) matrix[float64] {
	return matrix[float64]{parity.Numbers(o.Array)[o.Column:], o.Array.Dim(2)}
}

func TestGradient(t *testing.T) {
	for _, s := range shapes {
		if s.images == 0 || s.large() || s.reach > 3 {
			continue
		}
		f64 := kernels.Float64
		q, k, v := s.operands(f64)
		y, lse := s.results(f64)
		dy := optest.Uniform(kernels.CPU(), f64, 3, -1, 1, y.Shape()...)
		dq := Operand{Array: optest.Poisoned(kernels.CPU(), f64, q.Array.Shape()...)}
		dkv := optest.Poisoned(kernels.CPU(), f64, k.Array.Shape()...)
		dk, dv := s.keysAndValues(dkv)
		f := func() float64 { Forward(y, lse, q, k, v, s.spec()); return optest.Dot(dy, y) }
		f()
		Backward(dq, dk, dv, dy, y, lse, q, k, v, s.spec())
		for i := 0; i < dkv.Len(); i += 2*s.width() + 1 {
			if got := optest.Get(dkv, i); !math.IsNaN(got) {
				t.Fatalf("%v: the column of no operand is %g", s, got)
			}
			optest.Set(dkv, i, 0)
		}
		optest.Gradient(t, fmt.Sprint("dq ", s), dq.Array, q.Array, 1e-5, 1e-7, f)
		optest.Gradient(t, fmt.Sprint("dk, dv ", s), dkv, k.Array, 1e-5, 1e-7, f)
		f() // y and lse of the operands as they were
		only := optest.Poisoned(kernels.CPU(), f64, q.Array.Shape()...)
		Backward(Operand{Array: only}, Operand{}, Operand{}, dy, y, lse, q, k, v, s.spec())
		if !slices.Equal(kernels.Data[float64](only), kernels.Data[float64](dq.Array)) {
			t.Errorf("%v: dq alone is another", s)
		}
	}
}

// TestScale: a factor of the caller's takes the place of 1/sqrt(d).
func TestScale(t *testing.T) {
	s := shape{1, 3, 4, 2, 5, 1}
	q, k, v := s.operands(kernels.Float64)
	y, lse := s.results(kernels.Float64)
	want, _ := s.results(kernels.Float64)
	Forward(y, lse, q, k, v, Spec{Heads: 2, Scale: 0.5})
	double := q
	double.Array = optest.As(q.Array, kernels.Float64)
	for i := range double.Array.Len() {
		optest.Set(double.Array, i, optest.Get(q.Array, i)*0.5*math.Sqrt(5))
	}
	Forward(want, lse, double, k, v, Spec{Heads: 2})
	optest.Near(t, "scaled", y, want, 1e-14)
}

// TestApart: an image has the same bytes in any batch and at any place of it.
func TestApart(t *testing.T) {
	s := shape{3, 150, 150, 2, 16, 1}
	q, k, v := s.operands(kernels.Float32)
	y, lse := s.results(kernels.Float32)
	Forward(y, lse, q, k, v, s.spec())
	for i := range s.images {
		one := s
		one.images = 1
		alone, aloneLSE := one.results(kernels.Float32)
		Forward(alone, aloneLSE, row(q, i), row(k, i), row(v, i), s.spec())
		if !slices.Equal(kernels.Data[float32](alone), kernels.Data[float32](y.Rows(i, i+1))) {
			t.Errorf("image %d differs from the same image alone", i)
		}
	}
}

func row(o Operand, i int) Operand { return Operand{o.Array.Rows(i, i+1), o.Column} }

func TestRefuses(t *testing.T) {
	dev := kernels.CPU()
	array := func(shape ...int) *kernels.Array { return dev.New(kernels.Float32, shape...) }
	y, lse, x := array(1, 2, 6), array(1, 3, 2), array(1, 2, 18)
	run := func(y, lse *kernels.Array, q, k, v Operand, heads int) func() {
		return func() { Forward(y, lse, q, k, v, Spec{Heads: heads}) }
	}
	q, k, v := Operand{x, 0}, Operand{x, 6}, Operand{x, 12}
	run(y, lse, q, k, v, 3)()
	for name, call := range map[string]func(){
		"heads":    run(y, array(1, 4, 2), q, k, v, 4),
		"no heads": run(y, array(1, 0, 2), q, k, v, 0),
		"column":   run(y, lse, q, k, Operand{x, 13}, 3),
		"before":   run(y, lse, Operand{x, -1}, k, v, 3),
		"lse":      run(y, array(1, 2, 3), q, k, v, 3),
		"keys":     run(y, lse, q, Operand{array(1, 3, 6), 0}, v, 3),
		"no keys":  run(y, lse, q, Operand{array(1, 0, 6), 0}, Operand{array(1, 0, 6), 0}, 3),
		"dtype":    run(y, lse, q, k, Operand{dev.New(kernels.Float64, 1, 2, 6), 0}, 3),
		"gradient": func() { Backward(q, Operand{x, 13}, v, y, y, lse, q, k, v, Spec{Heads: 3}) },
	} {
		optest.Refuses(t, "attention.", name, call)
	}
}

// BenchmarkViT is the attention of ViT-S/16 at 224 px, 16 images.
func BenchmarkViT(b *testing.B) {
	s, dev := shape{16, 197, 197, 6, 64, 1}, kernels.CPU()
	x, dx := optest.Uniform(dev, kernels.Float32, 1, -1, 1, 16, 197, 1152), dev.New(kernels.Float32, 16, 197, 1152)
	y, lse := s.results(kernels.Float32)
	dy := optest.Uniform(dev, kernels.Float32, 2, -1, 1, y.Shape()...)
	q, k, v := Operand{x, 0}, Operand{x, 384}, Operand{x, 768}
	b.Run("forward", func(b *testing.B) {
		for b.Loop() {
			Forward(y, lse, q, k, v, s.spec())
		}
	})
	b.Run("backward", func(b *testing.B) {
		for b.Loop() {
			Backward(Operand{dx, 0}, Operand{dx, 384}, Operand{dx, 768}, dy, y, lse, q, k, v, s.spec())
		}
	})
}
