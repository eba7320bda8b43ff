package backbone

import (
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/act"
	"udml-gpu/kernels/golden"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// short are the networks whose goldens are those of short networks of the same code, and the file that holds them.
var short = map[string]string{
	"efficientnet_lite0": "efficientnet", "efficientnet_lite1": "efficientnet", "efficientnet_lite2": "efficientnet",
	"efficientnet_lite3": "efficientnet", "efficientnet_lite4": "efficientnet",
	"convnext_tiny": "convnext", "convnext_small": "convnext", "convnext_base": "convnext",
}

// shortLite is the network of scripts/goldens_efficientnet.py, with the padding of that size.
func shortLite(size int) liteForm {
	return liteForm{stages: []liteStage{{1, 3, 1, 1, 16}, {2, 3, 2, 6, 24}, {2, 5, 2, 6, 40}, {1, 3, 2, 6, 48}}, size: size, eps: liteEps}
}

func ofLite(f liteForm) Network {
	return Network{Channels: liteHead, Range: 255, Mean: []float64{127, 127, 127}, Std: []float64{128, 128, 128}, Forward: ofMap(f.record)}
}

// shortConvNeXt is the first network of scripts/goldens_convnext.py.
var shortConvNeXt = convNeXtForm{width: 16, blocks: []int{1, 1, 2, 1}, eps: convNeXtEps, gelu: act.GELUErf}

func TestEfficientNetGoldens(t *testing.T) {
	for name, size := range map[string]int{"even": 32, "odd": 29, "other": 32} {
		each(t, name, func(g *graph) { shortNetwork(g, "efficientnet", name, ofLite(shortLite(size)), true) })
	}
}

func TestConvNeXtGoldens(t *testing.T) {
	for name, form := range map[string]convNeXtForm{"short": shortConvNeXt, "convnext_tiny": convNeXtTinyForm} {
		each(t, name, func(g *graph) { shortNetwork(g, "convnext", name, convNeXt("", form), false) })
	}
}

// shortNetwork compares map, pooled features where the file has them, and all gradients and running statistics. Where there are
// ties, gradients are compared in float64 alone.
func shortNetwork(g *graph, file, name string, net Network, ties bool) {
	f := golden.Open(g.t, file)
	images := g.input(f, name+"/images")
	arena := tape.NewArena(g.dev)
	arena.Poison()
	record := func(training bool) (program *tape.Program, fmap, pooled *tape.Var) {
		tp := tape.New(g.dev, g.dt, training)
		fmap, pooled = net.Features(layer.NewScope(tp, g.store), tp.Input(images))
		if !training {
			return tp.Compile(arena, nil, fmap, pooled), fmap, pooled
		}
		var more []pull
		if f.Has(name + "/dpooled") {
			more = append(more, pull{pooled, g.input(f, name+"/dpooled")})
		}
		return tp.Compile(arena, pulled(tp, fmap, g.input(f, name+"/dmap"), more...), fmap, pooled), fmap, pooled
	}
	check := func(what string, v *tape.Var) {
		if f.Has(name + what) {
			g.close(f, name+what, floats(v.Value()), last(f, name+what))
		}
	}
	train, fmap, pooled := record(true)
	g.set(f, name)
	eval, evalMap, evalPooled := record(false)
	eval.Forward() // before training changes the running statistics
	check("/eval", evalMap)
	if !f.Has(name + "/eval") { // without running statistics both modes are the same
		check("/map", evalMap)
		check("/pooled", evalPooled)
	}
	train.Run()
	check("/map", fmap)
	check("/pooled", pooled)
	train.Commit(g.dev.New(kernels.Int32, 1))
	if !ties || g.dt == kernels.Float64 {
		g.summaries(f, name)
	}
}

// TestShortGoldensNotice: the bounds in float64 are narrow enough for each of the numbers that these networks alone have.
func TestShortGoldensNotice(t *testing.T) {
	otherEps, otherGELU := shortConvNeXt, shortConvNeXt
	otherEps.eps, otherGELU.gelu = 1e-5, act.GELUTanh
	liteEps := shortLite(32)
	liteEps.eps = 1e-5
	gamma := func(p *tape.Param) {
		if strings.HasSuffix(p.Name, "stages.2.blocks.1.gamma") {
			kernels.Data[float64](p.Value)[3] *= 1.0001
		}
	}
	for _, c := range []struct {
		fault, file, name string
		net               Network
		change            func(p *tape.Param)
	}{
		{"eps of a layer norm", "convnext", "short", convNeXt("", otherEps), nil},
		{"GELU by tanh", "convnext", "short", convNeXt("", otherGELU), nil},
		{"one scale of a branch", "convnext", "short", convNeXt("", shortConvNeXt), gamma},
		{"eps of a batch norm", "efficientnet", "even", ofLite(liteEps), nil},
		{"padding of another size", "efficientnet", "even", ofLite(shortLite(30)), nil},
	} {
		t.Run(c.fault, func(t *testing.T) {
			r, dev := &golden.Recorder{TB: t}, kernels.CPU()
			g := &graph{t: r, dt: kernels.Float64, dev: dev, store: layer.NewStore(dev, kernels.Float64, 0), fault: c.change}
			shortNetwork(g, c.file, c.name, c.net, true)
			if !r.Failed() {
				t.Errorf("%s passes with this fault: %s", c.file, c.fault)
			}
		})
	}
}
