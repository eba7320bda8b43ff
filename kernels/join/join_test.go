package join

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

var types = []kernels.DType{kernels.Float32, kernels.Float64}

func TestConcatAndTake(t *testing.T) {
	dev := kernels.CPU()
	cases := []struct {
		lead   []int
		widths []int
	}{
		{[]int{2, 3, 5}, []int{4, 1, 7}},
		{[]int{7}, []int{3}},
		{nil, []int{2, 3}},
		{[]int{0, 4}, []int{2, 3}},
		{[]int{3}, []int{0, 2}},
		{[]int{2, tile/8 + 1}, []int{8, 9}},
	}
	for _, dt := range types {
		for _, c := range cases {
			var xs, dxs []*kernels.Array
			total, rows := 0, 1
			for _, n := range c.lead {
				rows *= n
			}
			for i, w := range c.widths {
				total += w
				shape := append(append([]int{}, c.lead...), w)
				xs = append(xs, optest.Uniform(dev, dt, uint64(i), -1, 1, shape...))
				dxs = append(dxs, optest.Poisoned(dev, dt, shape...))
			}
			y := optest.Poisoned(dev, dt, append(append([]int{}, c.lead...), total)...)
			Concat(y, xs...)
			for r := range rows {
				at := r * total
				for i, w := range c.widths {
					for j := range w {
						if got, want := optest.Get(y, at), optest.Get(xs[i], r*w+j); got != want {
							t.Fatalf("%v: row %d, part %d, column %d: %g, want %g", c, r, i, j, got, want)
						}
						at++
					}
				}
			}
			at := 0
			for i := range xs {
				Take(dxs[i], y, at)
				at += c.widths[i]
				optest.Near(t, fmt.Sprint(c, " part ", i), dxs[i], xs[i], 0)
			}
		}
	}
}

func TestTake(t *testing.T) {
	dev := kernels.CPU()
	y := kernels.Of(dev, []float32{1, 2, 3, 4, 5, 6}, 2, 3)
	x := optest.Poisoned(dev, kernels.Float32, 2, 2)
	Take(x, y, 1)
	optest.Near(t, "columns 1 and 2", x, kernels.Of(dev, []float32{2, 3, 5, 6}, 2, 2), 0)
	for i, bad := range []struct{ at, rows, width int }{{-1, 2, 2}, {2, 2, 2}, {0, 1, 2}, {0, 2, 4}} {
		optest.Refuses(t, "join.", fmt.Sprint("case ", i), func() { Take(dev.New(kernels.Float32, bad.rows, bad.width), y, bad.at) })
	}
}

func TestPartsMustFill(t *testing.T) {
	dev := kernels.CPU()
	y := dev.New(kernels.Float32, 2, 5)
	bad := [][]*kernels.Array{
		{dev.New(kernels.Float32, 2, 3), dev.New(kernels.Float32, 2, 3)},
		{dev.New(kernels.Float32, 2, 3)},
		{dev.New(kernels.Float32, 3, 5)},
		{dev.New(kernels.Float32, 2, 1, 5)},
		{},
	}
	for i, parts := range bad {
		optest.Refuses(t, "join.", fmt.Sprint("case ", i), func() { Concat(y, parts...) })
	}
}

func TestAdd(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range types {
		for _, n := range []int{0, 1, 3, 4, 5, 1021, tile - 1, tile + 1} {
			a, b := optest.Uniform(dev, dt, 1, -1, 1, n), optest.Uniform(dev, dt, 2, -1, 1, n)
			y, want := optest.Poisoned(dev, dt, n), dev.New(dt, n)
			for i := range n {
				optest.Set(want, i, optest.Get(a, i)+optest.Get(b, i))
			}
			Add(y, a, b)
			optest.Near(t, fmt.Sprint(dt, n), y, want, 0)
			AddTo(a, b)
			optest.Near(t, fmt.Sprint(dt, n), a, want, 0)
		}
	}
}

func BenchmarkConcat(b *testing.B) {
	dev := kernels.CPU()
	x, y := dev.New(kernels.Float32, 128, 19, 19, 64), dev.New(kernels.Float32, 128, 19, 19, 128)
	b.SetBytes(int64(2 * y.Bytes()))
	for b.Loop() {
		Concat(y, x, x)
	}
}

func BenchmarkAdd(b *testing.B) {
	dev := kernels.CPU()
	x, y := dev.New(kernels.Float32, 128, 20, 20, 64), dev.New(kernels.Float32, 128, 20, 20, 64)
	b.SetBytes(int64(3 * y.Bytes()))
	for b.Loop() {
		AddTo(y, x)
	}
}
