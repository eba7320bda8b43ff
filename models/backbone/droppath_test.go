package backbone

import (
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/act"
	"udml-gpu/kernels/optest"
	"udml-gpu/kernels/rng"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// residualBlocks are blocks of each kind on x [8,6,6,16].
var residualBlocks = map[string]func(s *layer.Scope, x *tape.Var, at layer.Depth) *tape.Var{
	"convnext": shortConvNeXt.block,
	"resnet18": func(s *layer.Scope, x *tape.Var, at layer.Depth) *tape.Var { return basicBlock(s, x, 16, 1, at) },
	"resnet50": func(s *layer.Scope, x *tape.Var, at layer.Depth) *tape.Var { return bottleneck(s, x, 4, 1, at) },
	"efficientnet": func(s *layer.Scope, x *tape.Var, at layer.Depth) *tape.Var {
		return shortLite(64).block(s, x, liteStage{1, 3, 1, 2, 16}, 6, at)
	},
}

// TestDroppedRows: a row that goes without the branch of a block leaves it as it came, bit for bit; the others have their branch divided
// by the probability of being kept.
func TestDroppedRows(t *testing.T) {
	const n, p, branch = 8, 0.5, 1
	dev := kernels.CPU()
	samples, views, keep := dev.New(kernels.Int32, n), dev.New(kernels.Int32, n), dev.New(kernels.Uint8, n)
	for i := range n {
		kernels.Data[int32](samples)[i] = int32(i)
	}
	act.DropPathMask(keep, samples, views, 3, kernels.Of(dev, []int32{2}, 1), branch, p)
	kept := kernels.Data[uint8](keep)
	if !slices.Contains(kept, 0) || !slices.Contains(kept, 1) {
		t.Fatalf("the mask %v shows nothing", kept)
	}
	images := optest.Uniform(dev, kernels.Float64, 1, 0, 1, n, 6, 6, 16) // not negative, so that a ReLU leaves it
	for name, block := range residualBlocks {
		run := func(p float64) []float64 {
			tp := tape.New(dev, kernels.Float64, true)
			x := tp.Input(images)
			d := &layer.DropPath{Most: p, Clock: layer.ClockAt(dev, 3, 2)}
			d.Shows(x, tp.Input(samples), tp.Input(views))
			s := layer.NewScope(tp, layer.NewStore(dev, kernels.Float64, 1)).Dropping(d).Seeing(x)
			y := block(s, x, layer.Depth{Block: 1, Of: 2})
			tp.Compile(tape.NewArena(dev), nil, y).Forward()
			return kernels.Read[float64](y.Value())
		}
		plain, dropped := run(0), run(p)
		width, in, changed := len(plain)/n, kernels.Read[float64](images), false
		for i, got := range dropped {
			if kept[i/width] == 0 && got != in[i] {
				t.Fatalf("%s: element %d of a dropped row is %g, want its input %g", name, i, got, in[i])
			}
			// 0 where a ReLU follows: what it cut off is not known
			if want := in[i] + (plain[i]-in[i])/(1-p); kept[i/width] == 1 && plain[i] != 0 && !(math.Abs(got-max(0, want)) <= 1e-10 ||
				math.Abs(got-want) <= 1e-10) {
				t.Fatalf("%s: element %d of a kept row is %g, want %g", name, i, got, want)
			}
			changed = changed || kept[i/width] == 1 && got != in[i]
		}
		if !changed {
			t.Errorf("%s: rows that are kept do not show the branch", name)
		}
	}
}

// branchesOf are the parameters that end a network's branches, with each branch's number and its block; "" for a block without identity.
func branchesOf(name string) (net Network, ends []string, blocks []int, exclusive bool) {
	switch name {
	case "convnext":
		return convNeXt("", shortConvNeXt), []string{
			"stages.0.blocks.0.gamma", "stages.1.blocks.0.gamma", "stages.2.blocks.0.gamma", "stages.2.blocks.1.gamma",
			"stages.3.blocks.0.gamma",
		}, []int{0, 1, 2, 3, 4}, false
	case "efficientnet":
		n := ofLite(shortLite(64))
		return n, []string{"", "", "_blocks.2._bn2.bias", "", "_blocks.4._bn2.bias", ""}, []int{0, 1, 2, 3, 4, 5}, true
	}
	net, err := Find(name)
	if err != nil {
		panic(err)
	}
	for i, begin := range net.Blocks {
		if name == "resnet18" {
			ends, blocks = append(ends, begin+"bn2.bias"), append(blocks, i)
			continue
		}
		ends, blocks = append(ends, begin+"attn.proj.weight", begin+"mlp.fc2.bias"), append(blocks, i, i)
	}
	return net, ends, blocks, false
}

// TestBranches: a branch of one image has a gradient where the image keeps it, and none where it goes without it. Probabilities are
// timm's, linspace(0, P, blocks), and for EfficientNet P block/blocks; a transformer's two branches are drawn each for itself.
func TestBranches(t *testing.T) {
	const p = 0.8
	for _, name := range []string{
		"vit:dim=16,depth=4,heads=1", "dinov3:dim=16,depth=4,heads=1", "siglip:dim=16,depth=3,heads=1,grid=2", "convnext", "efficientnet",
		"resnet18",
	} {
		net, ends, blocks, exclusive := branchesOf(name)
		last := blocks[len(blocks)-1]
		if exclusive {
			last++
		}
		seen := [2]int{}
		for _, epoch := range telling(ends, blocks, p/float64(last)) {
			grads := gradientsDropped(net, p, int(epoch))
			for branch, end := range ends {
				if end == "" {
					continue
				}
				want := drawn(epoch, branch) >= p/float64(last)*float64(blocks[branch])
				if got := grads[end] > 0; got != want {
					t.Errorf("%s, epoch %d: %s has a gradient: %v, want %v", name, epoch, end, got, want)
				}
				seen[map[bool]int{true: 1}[want]]++
			}
		}
		if seen[0] == 0 || seen[1] == 0 {
			t.Errorf("%s: %v branches are dropped and kept", name, seen)
		}
	}
}

// drawn is the number by which branch is dropped of view 1 of image 5.
func drawn(epoch uint32, branch int) float64 {
	key := rng.Key{Seed: 3, Epoch: epoch, Sample: 5, Op: rng.OpDropPath, View: 1}
	return float64(rng.Uniform(key.At(uint32(branch / 4))[branch%4]))
}

// telling are six epochs in which a branch with the probability step times its block is drawn within a tenth of that: another rule
// would decide otherwise.
func telling(ends []string, blocks []int, step float64) []uint32 {
	var list []uint32
	for epoch := uint32(0); len(list) < 6; epoch++ {
		for branch, end := range ends {
			p, odd := step*float64(blocks[branch]), epoch%2 == 1
			u := drawn(epoch, branch)
			if end != "" && (odd && u >= p && u < 1.1*p || !odd && u < p && u >= 0.9*p) {
				list = append(list, epoch)
				break
			}
		}
	}
	return list
}

// gradientsDropped are the largest gradients of a step on view 1 of image 5, by parameter.
func gradientsDropped(net Network, p float64, epoch int) map[string]float64 {
	dev := kernels.CPU()
	tp, store := tape.New(dev, kernels.Float32, true), layer.NewStore(dev, kernels.Float32, 1)
	x := tp.Input(optest.Uniform(dev, kernels.Float32, 1, 0, 1, 1, 64, 64, 3))
	one := func(v int32) *tape.Var { return tp.Input(kernels.Of(dev, []int32{v}, 1)) }
	d := &layer.DropPath{Most: p, Clock: layer.ClockAt(dev, 3, epoch)}
	d.Shows(x, one(5), one(1))
	s := layer.NewScope(tp, store).Dropping(d)
	_, pooled := net.Features(s, x)
	loss, _ := layer.Rim(s, pooled, 0.5)
	arena := tape.NewArena(dev)
	arena.Poison()
	tp.Compile(arena, loss).Run()
	largest := map[string]float64{}
	for _, param := range store.Trained() {
		for _, g := range kernels.Data[float32](param.Grad) {
			largest[param.Name] = max(largest[param.Name], math.Abs(float64(g)))
		}
	}
	return largest
}

// TestResidual: the networks that have residual blocks say so.
func TestResidual(t *testing.T) {
	for name, want := range map[string]bool{
		"dinov2_vits14": true, "clip_vitb32": true, "convnext_base": true, "resnet50": true, "efficientnet_lite4": true,
		"squeezenet": false, "googlenet": false, "bninception": false, "conv4": false,
	} {
		if net, err := Find(name); err != nil || net.Residual != want {
			t.Errorf("%s: Residual %v, error %v", name, net.Residual, err)
		}
	}
}
