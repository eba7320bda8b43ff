package norm

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

// TestShardsAreTheBatch: shards give what BatchNorm and BatchNormBackward give in float64 for all rows at once. In float64, rounding
// alone differs: 1e-12, and more in y and dx where the mean takes digits from both. In float32 the bounds are those of BatchNorm
// itself (TestBatchNorm, TestBatchNormBackwardFloat32), since sums over shards are float64.
func TestShardsAreTheBatch(t *testing.T) {
	for _, dt := range types {
		for _, c := range shardCases {
			b := newBN(c.bnCase, kernels.Float32)
			h := newSharded(b, c.cuts)
			wide := &bn{bnCase: c.bnCase, dev: b.dev, dt: kernels.Float64}
			wide.x, wide.gamma, wide.beta = optest.As(b.x, wide.dt), optest.As(b.gamma, wide.dt), optest.As(b.beta, wide.dt)
			if b.weights != nil {
				wide.weights = optest.As(b.weights, wide.dt)
			}
			want := newSharded(wide, nil)
			BatchNorm(want.y, want.x, want.gamma, want.beta, want.weight, want.s, eps, c.relu)
			want.wholeBackward()
			bound, off := 1e-6, 1e-6*(4+2*math.Abs(c.offset))
			if dt == kernels.Float64 {
				h, bound, off = newSharded(wide, c.cuts), 1e-12, 1e-12*(1+math.Abs(c.offset)/100)
			}
			h.forward()
			h.backward()
			name := fmt.Sprint(dt, " ", c)
			optest.Near(t, name+" mean", h.s.Mean, want.s.Mean, bound)
			optest.Near(t, name+" inverse deviation", h.s.InvStd, want.s.InvStd, 10*bound)
			optest.Near(t, name+" y", h.y, want.y, off)
			optest.Near(t, name+" dx", h.dx, want.dx, off)
			optest.Near(t, name+" dgamma", h.dgamma, want.dgamma, off)
			optest.Near(t, name+" dbeta", h.dbeta, want.dbeta, 2*bound)
		}
	}
}

// wholeBackward is BatchNormBackward of all rows.
func (h *sharded) wholeBackward() {
	var gate *kernels.Array
	if h.relu {
		gate = h.beta
	}
	BatchNormBackward(h.dx, h.dgamma, h.dbeta, h.dy, h.x, h.gamma, gate, h.weight, h.s)
}

// TestShardsLoops: the parts are what their contracts write, in float64.
func TestShardsLoops(t *testing.T) {
	for _, c := range shardCases {
		h := newSharded(newBN(c.bnCase, kernels.Float64), c.cuts)
		dev, ch := h.x.Device(), h.gamma.Len()
		h.forward()
		moments, sums := dev.New(kernels.Float64, h.m.Shape()...), dev.New(kernels.Float64, h.m.Shape()...)
		parts := optest.Poisoned(dev, kernels.Float64, h.m.Shape()...)
		dy := optest.As(h.dy, kernels.Float64)
		h.each(func(i, lo, hi int) {
			x, y, s := h.x.Rows(lo, hi), h.y.Rows(lo, hi), h.s
			momentsLoop(h.of(moments, i), x, h.own(lo, hi))
			sumsLoop(h.of(sums, i), dy.Rows(lo, hi), x, y, s, c.relu)
			var gate *kernels.Array
			if c.relu {
				gate = h.beta
			}
			BatchNormSums(h.of(parts, i), dy.Rows(lo, hi), x, h.gamma, gate, s)
		})
		bound := 1e-12 * (1 + math.Abs(c.offset)/100)
		for i := range 2 * len(c.cuts) {
			name := fmt.Sprint(c, " part ", i)
			optest.Near(t, name+" moments", h.m.View(i*ch, ch), moments.View(i*ch, ch), 1e-12)
			optest.Near(t, name+" sums", parts.View(i*ch, ch), sums.View(i*ch, ch), bound)
		}
	}
}

func momentsLoop(m, x, weight *kernels.Array) {
	ch := m.Dim(1)
	rows := x.Len() / ch
	count := func(r int) float64 {
		if weight == nil {
			return 1
		}
		return optest.Get(weight, r*weight.Len()/rows)
	}
	for c := range ch {
		mean, squares, all := 0.0, 0.0, 0.0
		for r := range rows {
			all += count(r)
		}
		for r := range rows {
			if all > 0 {
				mean += count(r) * optest.Get(x, r*ch+c) / all
			}
		}
		for r := range rows {
			squares += count(r) * (optest.Get(x, r*ch+c) - mean) * (optest.Get(x, r*ch+c) - mean)
		}
		optest.Set(m, c, mean)
		optest.Set(m, ch+c, squares)
	}
}

func sumsLoop(sums, dy, x, y *kernels.Array, s Stats, relu bool) {
	ch := sums.Dim(1)
	for c := range ch {
		db, dg := 0.0, 0.0
		for i := c; i < x.Len(); i += ch {
			if relu && optest.Get(y, i) == 0 {
				continue
			}
			db += optest.Get(dy, i)
			dg += optest.Get(dy, i) * (optest.Get(x, i) - optest.Get(s.Mean, c)) * optest.Get(s.InvStd, c)
		}
		optest.Set(sums, c, db)
		optest.Set(sums, ch+c, dg)
	}
}

// TestShardsGradient: finite differences of a scalar through all shards' forward pass.
func TestShardsGradient(t *testing.T) {
	for _, c := range shardCases {
		b := newBN(c.bnCase, kernels.Float64)
		if b.x.Len() > 500 || b.x.Len() == 0 {
			continue
		}
		h := newSharded(b, c.cuts)
		h.relu = false
		f := func() float64 { h.forward(); return optest.Dot(h.dy, h.y) }
		f()
		h.backward()
		optest.Gradient(t, c.String()+" x", h.dx, h.x, 1e-4, 1e-6, f)
		optest.Gradient(t, c.String()+" gamma", h.dgamma, h.gamma, 1e-5, 1e-8, f)
		optest.Gradient(t, c.String()+" beta", h.dbeta, h.beta, 1e-5, 1e-8, f)
		f()
		dx := h.dx
		h.dx = h.dy
		h.backward()
		optest.Near(t, c.String()+" in place", h.dx, dx, 0)
		y := optest.As(h.y, kernels.Float64)
		BatchNormApply(h.x, h.x, h.gamma, h.beta, h.s, h.relu)
		optest.Near(t, c.String()+" y in place", h.x, y, 0)
	}
}

// TestFarMean: 10,000 deviations from 0, and shards whose means lie further apart than their deviations, the variance is right to
// 1e-6, as BatchNorm promises, and in float64 to the digits that the data have.
func TestFarMean(t *testing.T) {
	for dt, bound := range map[kernels.DType]float64{kernels.Float32: 1e-6, kernels.Float64: 1e-10} {
		for _, apart := range []float64{0, 64} {
			b := newBN(bnCase{shape: []int{600, 6}, offset: 14400}, dt)
			for i := range b.x.Len() {
				optest.Set(b.x, i, optest.Get(b.x, i)+apart*float64(i/6/200))
			}
			_, want := b.loop()
			h := newSharded(b, []int{200, 0, 1, 199, 200})
			h.forward()
			for c := range 6 {
				got, w := optest.Get(h.s.InvStd, c), optest.Get(want.InvStd, c)
				if !(math.Abs(got/w-1) <= bound) {
					t.Errorf("%v, shards %g apart, channel %d: inverse deviation %g, want %g: off by %.2g", dt, apart, c, got, w, got/w-1)
				}
			}
		}
	}
}

// TestEmptyShards: what the moments of a shard without rows hold is not read into the statistics; without any rows these are 0 and
// 1/sqrt(eps).
func TestEmptyShards(t *testing.T) {
	dev, nan := kernels.CPU(), math.NaN()
	s := Stats{dev.New(kernels.Float64, 1), dev.New(kernels.Float64, 1)}
	m := kernels.Of(dev, []float64{nan, nan, 1, 6, nan, math.Inf(1), 4, 3}, 4, 2, 1)
	JoinMoments(s, m, []int{0, 2, 0, 1}, nil, eps)
	optest.Near(t, "mean", s.Mean, kernels.Of(dev, []float64{2}, 1), 1e-15)
	optest.Near(t, "inverse deviation", s.InvStd, kernels.Of(dev, []float64{1 / math.Sqrt(15.0/3+eps)}, 1), 1e-15)
	JoinMoments(s, m, []int{1, 3, 2, 1}, kernels.Of(dev, []float64{0, 1, 0, 1, 0, 0, 1}, 7), eps)
	optest.Near(t, "mean by weights", s.Mean, kernels.Of(dev, []float64{2}, 1), 1e-15)
	optest.Near(t, "inverse deviation by weights", s.InvStd, kernels.Of(dev, []float64{1 / math.Sqrt(15.0/3+eps)}, 1), 1e-15)
	JoinMoments(s, m, []int{0, 0, 0, 0}, nil, eps)
	optest.Near(t, "mean of nothing", s.Mean, kernels.Of(dev, []float64{0}, 1), 0)
	optest.Near(t, "inverse deviation of nothing", s.InvStd, kernels.Of(dev, []float64{1 / math.Sqrt(eps)}, 1), 1e-12)
}

// TestShardsOnAnyNumberOfCores: the same bits on one core and on several.
func TestShardsOnAnyNumberOfCores(t *testing.T) {
	var first []*kernels.Array
	for _, cores := range []int{1, 2, 5} {
		h := newSharded(newBN(bnCase{shape: []int{5, 33, 31, 24}, relu: true}, kernels.Float32), []int{3, 2})
		before := runtime.GOMAXPROCS(cores)
		h.forward()
		h.backward()
		runtime.GOMAXPROCS(before)
		all := []*kernels.Array{h.y, h.s.Mean, h.s.InvStd, h.m, h.sums, h.dx, h.dgamma, h.dbeta}
		if first == nil {
			first = all
		}
		for i, a := range all {
			optest.Near(t, fmt.Sprint(cores, " cores, result ", i), a, first[i], 0)
		}
	}
}

// TestShardsRefuse: arrays and counts that do not fit are bugs of the caller.
func TestShardsRefuse(t *testing.T) {
	dev, f32, f64 := kernels.CPU(), kernels.Float32, kernels.Float64
	x, v, s := dev.New(f32, 4, 3), dev.New(f32, 3), Stats{dev.New(f32, 3), dev.New(f32, 3)}
	m, one := dev.New(f64, 2, 2, 3), dev.New(f64, 2, 3)
	for name, call := range map[string]func(){
		"moments in float32":   func() { BatchMoments(dev.New(f32, 2, 3), x, nil) },
		"moments of two":       func() { BatchMoments(dev.New(f64, 2, 2), x, nil) },
		"a shard too many":     func() { JoinMoments(s, m, []int{1}, nil, eps) },
		"negative rows":        func() { JoinMoments(s, m, []int{1, -1}, nil, eps) },
		"no shards":            func() { JoinMoments(s, dev.New(f64, 0, 2, 3), nil, nil, eps) },
		"statistics of two":    func() { BatchNormApply(x, x, v, v, Stats{dev.New(f32, 2), dev.New(f32, 2)}, false) },
		"sums in float32":      func() { BatchNormSums(dev.New(f32, 2, 3), x, x, v, nil, s) },
		"no gradient":          func() { BatchNormParameters(nil, nil, one) },
		"fewer rows than here": func() { BatchNormInput(x, x, x, v, nil, nil, s, one, nil, 3) },
		"weights of a part":    func() { JoinMoments(s, m, []int{4, 2}, dev.New(f32, 4), eps) },
		"weights that cut":     func() { JoinMoments(s, m, []int{3, 1}, dev.New(f32, 2), eps) },
		"weights of all alone": func() { BatchNormInput(x, x, x, v, nil, nil, s, one, dev.New(f32, 4), 4) },
		"y is missing":         func() { BatchNormEvalBackward(x, x, nil, v, v, eps, true) },
	} {
		optest.Refuses(t, "norm.", name, call)
	}
}
