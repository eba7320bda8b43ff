package conv

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
)

// layer is a convolution of a network and whether its input needs a gradient.
type layer struct {
	shape

	first bool // its input needs no gradient
}

// fire is squeeze and the two expansions of a fire module with map size p.
func fire(p, in, squeeze, expand int) []layer {
	return []layer{
		{shape{128, p, p, in, squeeze, 1, 1, 1, 0}, false},
		{shape{128, p, p, squeeze, expand, 1, 1, 1, 0}, false},
		{shape{128, p, p, squeeze, expand, 3, 3, 1, 1}, false},
	}
}

// networks are the two that training speed is measured on, at their batch of 128 views.
var networks = map[string][][]layer{
	"squeezenet": {
		{{shape{128, 80, 80, 3, 96, 7, 7, 2, 0}, true}},
		fire(18, 96, 16, 64), fire(18, 128, 16, 64), fire(18, 128, 32, 128),
		fire(9, 256, 32, 128), fire(9, 256, 48, 192), fire(9, 384, 48, 192), fire(9, 384, 64, 256),
		fire(4, 512, 64, 256),
	},
	"conv4": {
		{{shape{128, 32, 32, 3, 64, 3, 3, 1, 1}, true}},
		{{shape{128, 16, 16, 64, 64, 3, 3, 1, 1}, false}},
		{{shape{128, 8, 8, 64, 64, 3, 3, 1, 1}, false}},
		{{shape{128, 4, 4, 64, 64, 3, 3, 1, 1}, false}},
	},
}

// BenchmarkNetwork is all convolutions of a step, forward and backward.
func BenchmarkNetwork(b *testing.B) {
	for _, name := range []string{"squeezenet", "conv4"} {
		b.Run(name, func(b *testing.B) {
			var runs []func()
			flops := 0.0
			for _, group := range networks[name] {
				for _, l := range group {
					for _, pass := range passes(l) {
						runs = append(runs, pass.run)
						flops += pass.flops
					}
				}
			}
			measure(b, flops, runs...)
		})
	}
}

// BenchmarkLayer is each pass of each convolution.
func BenchmarkLayer(b *testing.B) {
	for _, name := range []string{"squeezenet", "conv4"} {
		for _, group := range networks[name] {
			for _, l := range group {
				for _, pass := range passes(l) {
					b.Run(fmt.Sprint(name, "/", l.shape, "/", pass.name), func(b *testing.B) { measure(b, pass.flops, pass.run) })
				}
			}
		}
	}
}

// measure reports the best rate of the runs, one after the other, and its share of the best sgemm rate of the same
// cores between them. On a machine shared with others, the best is the time of an undisturbed run.
func measure(b *testing.B, flops float64, runs ...func()) {
	const n = 512
	x, y := patterned(n, n), patterned(n, n)
	z := x.Device().New(kernels.Float32, runtime.GOMAXPROCS(0), n, n)
	peak, best := time.Hour, make([]time.Duration, len(runs))
	b.ReportAllocs()
	for b.Loop() {
		peak = min(peak, timed(func() {
			kernels.Tiles(z.Dim(0), 1, func(i, _ int) {
				gemm.Block(false, true, n, n, n, 1, kernels.Data[float32](x), n, kernels.Data[float32](y), n, 0,
					kernels.Data[float32](z)[i*n*n:], n)
			})
		}))
		for i, run := range runs {
			if took := timed(run); best[i] == 0 || took < best[i] {
				best[i] = took
			}
		}
	}
	total := 0.0
	for _, d := range best {
		total += d.Seconds()
	}
	sgemm := 2 * n * n * n * float64(z.Dim(0)) / peak.Seconds()
	b.ReportMetric(total*1e3, "ms")
	b.ReportMetric(flops/total/1e9, "GFLOP/s")
	b.ReportMetric(100*flops/total/sgemm, "%sgemm")
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

// patterned is an array of small numbers, quicker to make than random ones.
func patterned(shape ...int) *kernels.Array {
	a := kernels.CPU().New(kernels.Float32, shape...)
	for i, data := 0, kernels.Data[float32](a); i < len(data); i++ {
		data[i] = float32((i*0x9E3779B1)>>24&0xff)/128 - 1
	}
	return a
}

type pass struct {
	name  string
	flops float64
	run   func()
}

// passes are the forward and backward passes of a layer, on arrays of their own.
func passes(l layer) []pass {
	spec := l.spec()
	x, w, bias := patterned(l.n, l.h, l.w, l.c), patterned(l.o, l.kh, l.kw, l.c), patterned(l.o)
	dy := patterned(l.n, spec.OutSize(l.h, l.kh), spec.OutSize(l.w, l.kw), l.o)
	y, dx, dw, db := patterned(dy.Shape()...), patterned(x.Shape()...), patterned(w.Shape()...), patterned(l.o)
	flops := 2 * float64(dy.Len()*l.kh*l.kw*l.c)
	relu := Spec{Stride: l.stride, Pad: l.pad, ReLU: true}
	all := []pass{
		{"forward", flops, func() { Forward(y, x, w, bias, relu) }},
		{"weights", flops, func() { BackwardWeights(dw, db, x, dy, y, relu) }},
		{"data", flops, func() { BackwardData(dx, dy, w, spec, false) }},
	}
	if l.first {
		return all[:2]
	}
	return all
}
