package onednn

import (
	"errors"
	"slices"
	"sync"
	"testing"
)

// Small and odd sizes, strides that leave lines over, images without an edge of zeros, groups and depthwise filters.
var shapes = []Shape{
	{N: 2, H: 7, W: 6, C: 16, OH: 7, OW: 6, O: 24, KH: 3, KW: 3, Stride: 1, Pad: 1, Groups: 1},
	{N: 1, H: 8, W: 9, C: 3, OH: 3, OW: 3, O: 16, KH: 3, KW: 3, Stride: 3, Pad: 1, Groups: 1},
	{N: 3, H: 5, W: 5, C: 20, OH: 5, OW: 5, O: 7, KH: 1, KW: 1, Stride: 1, Pad: 0, Groups: 1},
	{N: 1, H: 8, W: 8, C: 8, OH: 3, OW: 3, O: 8, KH: 3, KW: 3, Stride: 2, Pad: 0, Groups: 1},
	{N: 2, H: 6, W: 6, C: 32, OH: 6, OW: 6, O: 64, KH: 3, KW: 3, Stride: 1, Pad: 1, Groups: 4},
	{N: 2, H: 6, W: 6, C: 32, OH: 3, OW: 3, O: 32, KH: 3, KW: 3, Stride: 2, Pad: 1, Groups: 32},
	{N: 1, H: 9, W: 5, C: 16, OH: 9, OW: 5, O: 16, KH: 1, KW: 5, Stride: 1, Pad: 0, Groups: 1},
}

// operands are x, the weights and y of so many runs.
type operands struct{ x, w, y []float32 }

// integers are operands of small whole numbers, whose sums of products float32 holds exactly: any order of adding gives the same.
func integers(s Shape, count int) operands {
	o := operands{
		make([]float32, count*s.N*s.H*s.W*s.C), make([]float32, s.O*s.KH*s.KW*s.C/s.Groups), make([]float32, count*s.N*s.OH*s.OW*s.O),
	}
	for k, list := range [][]float32{o.x, o.w, o.y} {
		for i := range list {
			list[i] = float32((i*7919+k*31)%9 - 4)
		}
	}
	return o
}

// loop is a pass in the plainest way; of a weight gradient over several runs the last one remains.
func loop(p Pass, s Shape, count int, o operands) {
	switch p {
	case Forward:
		clear(o.y)
	case BackwardData:
		clear(o.x)
	}
	c, f := s.C/s.Groups, s.O/s.Groups
	for at := range len(o.y) {
		n, i, j, k := at/s.O/s.OW/s.OH, at/s.O/s.OW%s.OH, at/s.O%s.OW, at%s.O
		if p == BackwardWeights && at%(s.N*s.OH*s.OW*s.O) == 0 {
			clear(o.w)
		}
		for tap := range s.KH * s.KW * c {
			row, col := i*s.Stride+tap/c/s.KW-s.Pad, j*s.Stride+tap/c%s.KW-s.Pad
			if row < 0 || row >= s.H || col < 0 || col >= s.W {
				continue
			}
			x, w := ((n*s.H+row)*s.W+col)*s.C+k/f*c+tap%c, k*s.KH*s.KW*c+tap
			switch p {
			case Forward:
				o.y[at] += o.w[w] * o.x[x]
			case BackwardData:
				o.x[x] += o.w[w] * o.y[at]
			default:
				o.w[w] += o.y[at] * o.x[x]
			}
		}
	}
}

// needLibrary leaves a test out where there is no oneDNN, or only one for processors without AVX2.
func needLibrary(t *testing.T) {
	t.Helper()
	if !Available() {
		t.Skip("no oneDNN on this machine: " + Problem())
	}
	if isa() < 0x7 {
		t.Skip("no oneDNN on this machine that has fast code for every shape: " + Name())
	}
	t.Log(Name())
}

// run is a pass by the library; of the operands the one that it computes is overwritten.
func run(c *Conv, p Pass, count int, o operands) error {
	own, scratch := make([]float32, c.Weights()), make([]float32, c.Scratch())
	err := errors.Join(c.Pack(own, o.w), c.Run(count, o.x, own, o.y, scratch))
	if p == BackwardWeights && err == nil {
		err = c.Unpack(o.w, own)
	}
	return err
}

func TestPasses(t *testing.T) {
	needLibrary(t)
	refused := 0
	for _, s := range shapes {
		for _, p := range []Pass{Forward, BackwardData, BackwardWeights} {
			c, err := New(p, s, nil)
			if errors.Is(err, ErrNotSupported) {
				refused++
				continue
			}
			if err != nil {
				t.Fatalf("%v %+v: %v", p, s, err)
			}
			const count = 3
			got, want := integers(s, count), integers(s, count)
			loop(p, s, count, want)
			if err := run(c, p, count, got); err != nil {
				t.Fatalf("%v %+v: %v", p, s, err)
			}
			if !slices.Equal(got.x, want.x) || !slices.Equal(got.w, want.w) || !slices.Equal(got.y, want.y) {
				t.Errorf("%v %+v by %s is not the sum of the products", p, s, c.Code())
			}
		}
	}
	if refused > len(shapes) {
		t.Errorf("%d of %d passes have no fast code", refused, 3*len(shapes))
	}
}

// TestAtOnce: a pass may run on several threads at the same time, and weights may have the layout of another pass.
func TestAtOnce(t *testing.T) {
	needLibrary(t)
	s := shapes[0]
	first, err := New(BackwardWeights, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.N = 5
	c, err := New(BackwardWeights, s, first)
	if err != nil || c.Weights() != first.Weights() {
		t.Fatalf("with the layout of another: %v", err)
	}
	want := integers(s, 1)
	loop(BackwardWeights, s, 1, want)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 50 {
				got := integers(s, 1)
				if err := run(c, BackwardWeights, 1, got); err != nil || !slices.Equal(got.w, want.w) {
					t.Errorf("at the same time as others: %v", err)
				}
			}
		})
	}
	wait.Wait()
}

// TestShortSlices: memory that the library would write past is a panic.
func TestShortSlices(t *testing.T) {
	needLibrary(t)
	s := shapes[0]
	c, err := New(Forward, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	o, own, scratch := integers(s, 2), make([]float32, c.Weights()), make([]float32, c.Scratch())
	for name, f := range map[string]func(){
		"x":       func() { _ = c.Run(2, o.x[1:], own, o.y, scratch) },
		"y":       func() { _ = c.Run(3, append(o.x, o.x...), own, o.y, scratch) },
		"weights": func() { _ = c.Run(2, o.x, own[1:], o.y, scratch) },
		"pack":    func() { _ = c.Pack(own, o.w[1:]) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a short slice of %s was taken", name)
				}
			}()
			f()
		}()
	}
}

func TestRefusals(t *testing.T) {
	for _, s := range []Shape{{}, {N: 1, H: 1, W: 1, C: 3, OH: 1, OW: 1, O: 4, KH: 1, KW: 1, Stride: 1, Groups: 2}} {
		if _, err := New(Forward, s, nil); err == nil || Available() == errors.Is(err, ErrNotSupported) {
			t.Errorf("%+v: %v", s, err)
		}
	}
	for code, want := range map[string]bool{
		"brgconv:avx512_core": true, "jit:avx2": true, "brg_fwd:avx2+brgconv_1x1:avx2": true, "": false, "ref:any": false,
		"x64:gemm:jit": false,
		"gemm:ref":     false,
	} {
		if fast(code) != want {
			t.Errorf("%q is fast: %v", code, fast(code))
		}
	}
	for isa, want := range map[int]string{0x7: "AVX2", 0x27: "AVX512_CORE", 0x8000: "0x8000"} {
		if got := instructions(isa); got != want {
			t.Errorf("instructions %#x are %s, want %s", isa, got, want)
		}
	}
	if Available() != (Name() != "") || Wide() && !Available() {
		t.Errorf("Available() = %v, Name() = %q, Wide() = %v", Available(), Name(), Wide())
	}
}
