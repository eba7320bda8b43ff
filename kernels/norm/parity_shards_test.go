package norm

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// doubles is an output in float64 on every device.
func doubles(shape ...int) parity.Tensor { return parity.Output(kernels.Float64, shape...) }

// of puts the arrays of a case together: in x, gamma, beta, the weights where there are any, dy; out y, mean, inverse deviation, dx,
// dgamma, dbeta, moments, sums.
func (c shardCase) of(out, in arrays) *sharded {
	return &sharded{
		cuts: c.cuts, relu: c.relu, x: in[0], gamma: in[1], beta: in[2], weight: weightOf(in[:len(in)-1]), dy: in[len(in)-1], y: out[0],
		s: Stats{out[1], out[2]}, dx: out[3], dgamma: out[4], dbeta: out[5], m: out[6], sums: out[7],
	}
}

func (c shardCase) outputs() tensors {
	ch, n := c.shape[len(c.shape)-1], len(c.cuts)
	return tensors{
		output(c.shape...), output(ch), output(ch), output(c.shape...), output(ch), output(ch), doubles(n, 2, ch), doubles(n, 2, ch),
	}
}

// TestParityShards: as TestParityForward and TestParityBackward. Moments are float64, of float32 sums over up to 64 rows on a GPU, 256 on
// the CPU in sums of four: 64 roundings. The deviation of two rows may be small beside the numbers, which 1/deviation shows: ten times
// as much.
func TestParityShards(t *testing.T) {
	for _, c := range append(shardCases,
		shardCase{bnCase{shape: []int{257, 64}, relu: true}, []int{128, 129}},
		shardCase{bnCase{shape: []int{65, 1028}}, []int{1, 64}},
		shardCase{bnCase{shape: []int{7000, 3}, relu: true}, []int{2047, 0, 2049, 2904}},
	) {
		inBothTypes(t, []int{0, len(c.inputs())}, []int{0, 3}, parity.Case{
			Name: c.String(), Large: c.large(), In: append(c.inputs(), floats(4, -1, 1, c.shape...)), Out: c.outputs(),
			Run: func(out, in arrays) {
				h := c.of(out, in)
				h.forward()
				h.backward()
			},
			Check: func(t testing.TB, _, want, got arrays) {
				off := 1e-6 * (1 + math.Abs(c.offset)/4)
				for i, bound := range []float64{off, 1e-6, 1e-5, off, off, 1e-6, 64 * 0x1p-24, off} {
					near(t, i, got[i], want[i], bound)
				}
			},
		})
	}
}

// TestParityShardsInPlace: y over x and dx over dy, on views that begin off a multiple of 16 bytes too.
func TestParityShardsInPlace(t *testing.T) {
	c := shardCase{bnCase{shape: []int{37, 8}, relu: true}, []int{9, 28}}
	for _, at := range []int{0, 1} {
		n := c.elements() + at
		inBothTypes(t, []int{0}, []int{2, 7, 8}, parity.Case{
			Name: fmt.Sprint(at, " off"), Bound: 1e-6,
			In:  tensors{floats(1, -2, 3, n), floats(2, -1, 2, 8), floats(3, -1, 1, 8)},
			Out: append(c.outputs()[1:], floats(1, -2, 3, n), floats(4, -1, 1, n)),
			Run: func(out, in arrays) {
				view := func(a *kernels.Array) *kernels.Array { return a.View(at, c.shape...) }
				x, y, dy := view(in[0]), view(out[7]), view(out[8])
				h := c.of(append(arrays{y}, out...), arrays{y, in[1], in[2], dy})
				h.forward()
				h.x, h.dx = x, dy
				h.backward()
				out[2].Zero()
			},
		})
	}
}

// TestOneShardIsBatchNorm: with one shard all results have the bits of BatchNorm and BatchNormBackward.
func TestOneShardIsBatchNorm(t *testing.T) {
	for _, b := range parityCases {
		if b.weight != nil {
			continue
		}
		c := shardCase{b, b.shape[:1]}
		one := c.outputs()
		inBothTypes(t, []int{0, 3, 4}, []int{0, 3, 8, 11}, parity.Case{
			Name: b.String(), Large: b.large(),
			In: append(c.inputs(), floats(4, -1, 1, c.shape...), floats(4, -1, 1, c.shape...)), Out: append(one, one[:6]...),
			Run: func(out, in arrays) {
				h := c.of(out, in[:4])
				h.forward()
				h.backward()
				whole := sharded{
					relu: c.relu, x: in[0], gamma: in[1], beta: in[2], dy: in[4], y: out[8], s: Stats{out[9], out[10]},
					dx: out[11], dgamma: out[12], dbeta: out[13],
				}
				BatchNorm(whole.y, whole.x, whole.gamma, whole.beta, nil, whole.s, eps, c.relu)
				whole.wholeBackward()
			},
			Check: func(t testing.TB, _, _, got arrays) {
				for i := range 6 {
					sameBytes(t, i, got[i], got[8+i])
				}
			},
		})
	}
}

// sameBytes compares output i, on the CPU, with another array of its shape.
func sameBytes(t testing.TB, i int, got, want *kernels.Array) {
	t.Helper()
	raw := func(a *kernels.Array) []byte { return kernels.Data[uint8](a.Carve(kernels.Uint8, 0, a.Bytes())) }
	if !bytes.Equal(raw(got), raw(want)) {
		t.Errorf("output %d has other bits", i)
	}
}

// TestParityShardsDamaged: a NaN or an infinity in one shard spoils its channel in all shards, and no other channel.
func TestParityShardsDamaged(t *testing.T) {
	damage := map[int]float64{4: math.NaN(), 49: math.Inf(1), 62: math.NaN()}
	for _, c := range []shardCase{
		{bnCase{shape: []int{40, 4}}, []int{3, 37}},
		{bnCase{shape: []int{65, 5}, relu: true}, []int{20, 0, 45}},
	} {
		in := append(c.inputs(), floats(4, -1, 1, c.shape...))
		in[0] = in[0].With(damage)
		inBothTypes(t, []int{0, 3}, []int{0, 3}, parity.Case{
			Name: c.String(), In: in, Out: c.outputs(),
			Run: func(out, in arrays) {
				h := c.of(out, in)
				h.forward()
				h.backward()
			},
			Check: func(t testing.TB, _, want, got arrays) {
				for i := range 6 {
					nearWhereFinite(t, i, got[i], want[i])
				}
				spoilt := 0
				for _, v := range parity.Numbers(got[1]) {
					if math.IsNaN(v) || math.IsInf(v, 0) {
						spoilt++
					}
				}
				if ch := c.shape[1]; spoilt == 0 || spoilt == ch {
					t.Errorf("%d of %d channels are spoilt", spoilt, ch)
				}
			},
		})
	}
}

// TestParityJoinMoments: moments are float64 on every device, so that only the rounding of s differs. Those of empty shards are NaN.
func TestParityJoinMoments(t *testing.T) {
	for _, rows := range [][]int{{0}, {1}, {0, 3}, {5, 0, 7, 9}, {16: 3}, {4, 16: 0}, {15: 2, 17: 8, 40: 1 << 30}} {
		for _, ch := range []int{1, 33, 300} {
			m := floats(1, 0, 9, len(rows), 2, ch)
			at := m.At
			m.Type = kernels.Float64
			m.At = func(i int) float64 {
				if rows[i/(2*ch)] == 0 {
					return math.NaN()
				}
				return at(i)
			}
			parity.Run(t, parity.Case{
				Name: fmt.Sprint(rows, ch), In: tensors{m}, Out: tensors{output(ch), output(ch)},
				Run: func(out, in arrays) { JoinMoments(Stats{out[0], out[1]}, in[0], rows, nil, eps) },
				Check: func(t testing.TB, _, want, got arrays) {
					nearEach(t, got[0], want[0], 0x1p-23)
					nearEach(t, got[1], want[1], 0x1p-23)
				},
			})
		}
	}
}

// TestParityEvalBackward: a scale of three roundings, and a product. A NaN in y lets dy through; dx may be dy.
func TestParityEvalBackward(t *testing.T) {
	for _, c := range parityCases {
		if c.weight != nil {
			continue
		}
		ch := c.shape[len(c.shape)-1]
		y := floats(7, -1, 1, c.shape...).Awkward()
		at := y.At
		y.At = func(i int) float64 { v := at(i); return max(0, v) }
		dy := floats(4, -1, 1, c.shape...)
		inBothTypes(t, []int{0, 1}, []int{0, 1}, parity.Case{
			Name: c.String(), Bound: 5e-7, Large: c.large(),
			In:  tensors{dy, y, floats(2, -1, 2, ch), floats(6, 0.01, 2, ch)},
			Out: tensors{output(c.shape...), dy},
			Run: func(out, in arrays) {
				BatchNormEvalBackward(out[0], in[0], in[1], in[2], in[3], eps, c.relu)
				BatchNormEvalBackward(out[1], out[1], in[1], in[2], in[3], eps, c.relu)
			},
		})
	}
}

// TestShardsInAGraph: a CUDA graph of the parts gives the bits that they give by themselves, with more shards than a launch takes.
func TestShardsInAGraph(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		parity.Graphs(t)
		c := shardCases[len(shardCases)-2]
		host := newSharded(newBN(c.bnCase, kernels.Float32), c.cuts)
		on := func(list ...**kernels.Array) {
			for _, a := range list {
				*a = (*a).To(dev)
				t.Cleanup((*a).Free)
			}
		}
		h := *host
		on(&h.y, &h.x, &h.gamma, &h.beta, &h.s.Mean, &h.s.InvStd, &h.m, &h.sums, &h.dx, &h.dgamma, &h.dbeta, &h.dy)
		step := func() { h.forward(); h.backward() }
		step()
		results := arrays{h.y, h.s.Mean, h.s.InvStd, h.m, h.sums, h.dx, h.dgamma, h.dbeta}
		want := arrays{}
		for _, a := range results {
			want = append(want, a.To(kernels.CPU()))
			a.Fill(0xff)
		}
		g, err := dev.Capture(step)
		if err != nil {
			t.Fatal(err)
		}
		g.Launch()
		for i, a := range results {
			sameBytes(t, i, a.To(kernels.CPU()), want[i])
		}
		g.Free()
		if err := dev.Err(); err != nil {
			t.Fatal(err)
		}
	})
}
