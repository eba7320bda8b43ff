package backbone

import (
	"slices"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/act"
	"udml-gpu/kernels/golden"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/resize"
	"udml-gpu/models/backbone/vit"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// TestTransformerGoldensNotice: the bounds are narrow enough for each of these mistakes, in the tokens alone, without gradients.
func TestTransformerGoldensNotice(t *testing.T) {
	for _, c := range []struct {
		fault, name string
		model       func(m *vit.Model)
		parameter   func(name string, v []float64)
	}{
		{"no rotation", "dinov3", func(m *vit.Model) { m.Block.Rotary = false }, sameBias},
		{"rows for columns", "dinov3", nil, reorder(func(i int) int { return i ^ 16 })},
		{"interleaved halves", "dinov3", nil, reorder(func(i int) int { return i%32*2 + i/32 })},
		{anotherEps, "dinov3", func(m *vit.Model) { m.Eps = 1e-6 }, nil},
		{anotherEps, "siglip", func(m *vit.Model) { m.Eps = 1e-5 }, nil},
		{"erf for tanh", "siglip", func(m *vit.Model) { m.Block.GELU = act.GELUErf }, nil},
		{"tanh for erf", "dinov2", func(m *vit.Model) { m.Block.GELU = act.GELUTanh }, nil},
		{"erf for quick", "clip_quick", func(m *vit.Model) { m.Block.GELU = act.GELUErf }, nil},
		{"antialiased", "dinov2_resized", func(m *vit.Model) { m.Resize = resize.BicubicTIMM }, nil},
		{"not antialiased", "dinov2_reg4", func(m *vit.Model) { m.Resize = resize.BicubicHF }, nil},
		{"a tenth of a patch off", "dinov2_resized", func(m *vit.Model) { m.Resize = resize.BicubicHub }, nil},
		{"no norm before the blocks", "clip_quick", func(m *vit.Model) { m.NormFirst = false }, nil},
		{"another head", "vit", func(m *vit.Model) { m.Block.Heads = 4 }, nil},
		{"a position", "vit", nil, func(name string, v []float64) {
			if name == "pos_embed" {
				v[5] *= 1.001
			}
		}},
	} {
		for _, dt := range []kernels.DType{kernels.Float64, kernels.Float32} {
			if c.fault == anotherEps && dt == kernels.Float32 {
				continue // of normed numbers it changes 5e-6, which float32's rounding hides
			}
			t.Run(c.name+"/"+c.fault+"/"+dt.String(), func(t *testing.T) {
				r, dev := &golden.Recorder{TB: t}, kernels.CPU()
				g := &graph{t: r, dt: dt, dev: dev, store: layer.NewStore(dev, dt, 0), fault: edit(c.parameter)}
				for _, known := range goldenTransformers {
					if known.name == c.name {
						known.compare(g, false, c.model)
					}
				}
				if !r.Failed() {
					t.Error("passes with this fault")
				}
			})
		}
	}
}

const anotherEps = "another eps"

// edit lets change see and change the elements of each parameter, unless it is nil.
func edit(change func(name string, v []float64)) func(p *tape.Param) {
	if change == nil {
		return nil
	}
	return func(p *tape.Param) {
		v := floats(p.Value)
		change(p.Name, v)
		for i, x := range v {
			optest.Set(p.Value, i, x)
		}
	}
}

// sameBias gives a bias of q, k and v the biases that a rotated block has, so that the rotation alone is missing.
func sameBias(name string, v []float64) {
	block, ok := strings.CutSuffix(name, "attn.qkv.bias")
	if !ok {
		return
	}
	clear(v)
	d := len(v) / 3
	for part, bias := range map[int]string{0: "attn.q_bias", 2: "attn.v_bias"} {
		for i, x := range golden.Parameter(block+bias, d) {
			v[part*d+i] = float64(x)
		}
	}
}

// reorder moves row i of the queries and keys of each head to row to(i). Logits stay the same but for the rotation, which then pairs, or
// turns by, what it should not.
func reorder(to func(i int) int) func(name string, v []float64) {
	return func(name string, v []float64) {
		const dim, per = 128, 64
		rows, width := 0, 1
		switch {
		case strings.HasSuffix(name, "attn.qkv.weight"):
			rows, width = 2*dim, dim
		case strings.HasSuffix(name, "attn.q_bias"):
			rows = dim
		}
		old := slices.Clone(v)
		for row := range rows {
			at := row/per*per + to(row%per)
			copy(v[at*width:(at+1)*width], old[row*width:])
		}
	}
}
