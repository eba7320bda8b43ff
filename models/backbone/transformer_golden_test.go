package backbone

import (
	"fmt"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/golden"
	"udml-gpu/models/backbone/vit"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// goldenTransformer is a case of scripts/goldens_transformers.py: a small member of a family and the side of its images.
type goldenTransformer struct {
	name, spec string
	size       int
}

const small = "dim=128,depth=2,heads=2,mlp=256"

var goldenTransformers = []goldenTransformer{
	{"vit", "vit:grid=3," + small, 48},
	{"vit_resized", "vit:grid=3," + small, 64},
	{"vit_timm", "vit:grid=3,interp=timm," + small, 64},
	{"dinov2", "dinov2:grid=3," + small, 42},
	{"dinov2_resized", "dinov2:grid=4," + small, 42},
	{"dinov2_hub", "dinov2:grid=4,interp=hub," + small, 42},
	{"dinov2_timm", "dinov2:grid=4,interp=timm," + small, 42},
	{"dinov2_gated", "dinov2:grid=2,swiglu=true,dim=128,depth=2,heads=2,mlp=176", 28},
	{"dinov2_reg4", "dinov2:grid=4,registers=4," + small, 42},
	{"dinov3", "dinov3:" + small, 48},
	{"dinov3_gated", "dinov3:swiglu=true," + small, 64},
	{"clip_quick", "clip:grid=2,out=64,gelu=quick," + small, 64},
	{"clip_resized", "clip:grid=2,out=64,gelu=erf," + small, 96},
	{"siglip", "siglip:grid=3," + small, 48},
	{"siglip_resized", "siglip:grid=2," + small, 48},
}

// computed is an array of golden.Parameter's numbers, four axes moved to NHWC.
func (g *graph) computed(name string, shape ...int) *kernels.Array {
	var v []float64
	for _, x := range golden.Parameter(name, shape...) {
		v = append(v, float64(x))
	}
	if len(shape) == 4 {
		v, shape = golden.ChannelsLast(v, shape)
	}
	return g.array(v, shape)
}

// recorded is a recorded transformer.
type recorded struct {
	vit.Result
	head *tape.Var // nil without one
	loss *tape.Var
}

// record records the case; fault changes its layers.
func (c goldenTransformer) record(g *graph, tp *tape.Tape, fault func(m *vit.Model)) recorded {
	spec, err := ParseSpec(c.spec)
	if err != nil {
		g.t.Fatal(err)
	}
	f, err := familyOf(spec.Family)
	if err != nil {
		g.t.Fatal(err)
	}
	m, s := spec.model(f), layer.NewScope(tp, g.store)
	if fault != nil {
		fault(&m)
	}
	r := recorded{Result: m.Forward(s, tp.Input(g.computed(fmt.Sprintf("images%d.cls_token", c.size), 2, 3, c.size, c.size)))}
	r.loss = pulled(tp, r.Tokens, g.computed("dtokens.cls_token", r.Tokens.Shape()...))
	if f.head != nil {
		_, head := f.head(spec)
		r.head = head(s, m, r.Result)
		r.loss = layer.Add(s, r.loss, pulled(tp, r.head, g.computed("dhead.cls_token", r.head.Shape()...)))
	}
	return r
}

// kept are the values that are compared, by the names in the file.
func (r recorded) kept() (names []string, vars []*tape.Var) {
	for i, v := range r.States {
		names, vars = append(names, fmt.Sprintf("state%d", i)), append(vars, v)
	}
	names, vars = append(names, "tokens"), append(vars, r.Tokens)
	if r.head != nil {
		names, vars = append(names, "head"), append(vars, r.head)
	}
	return names, vars
}

// compare compares the tokens before and after each block, and after training also all gradients. fault changes the layers.
func (c goldenTransformer) compare(g *graph, training bool, fault func(m *vit.Model)) {
	f, arena := golden.Open(g.t, "transformers"), tape.NewArena(g.dev)
	arena.Poison()
	tp := tape.New(g.dev, g.dt, training)
	r := c.record(g, tp, fault)
	names, vars := r.kept()
	if !training {
		r.loss = nil
	}
	program := tp.Compile(arena, r.loss, vars...)
	g.set(f, c.name)
	program.Run()
	for i, v := range vars {
		g.close(f, c.name+"/"+names[i], floats(v.Value()), last(f, c.name+"/"+names[i]))
	}
	if training {
		g.summaries(f, c.name)
	}
}

func TestTransformerGoldens(t *testing.T) {
	for _, c := range goldenTransformers {
		each(t, c.name, func(g *graph) {
			c.compare(g, true, nil)
			c.compare(g, false, nil)
		})
	}
}
