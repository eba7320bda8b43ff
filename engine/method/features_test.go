package method

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/models/backbone"
	"udml-gpu/models/layer"
	"udml-gpu/models/shard"
	"udml-gpu/models/tape"
)

// stepCase is a step of a method on random images, in float64.
type stepCase struct {
	network, method string
	images, px      int
	parts           int
	drop            float64      // probability of stochastic depth
	group           *shard.Group // nil: the batch is not cut
	block           int          // shards whose batch norms share statistics; 0: all
	clusters        int          // K; 0: that of small
	crops, cropPX   int          // small views of each image, and their size
}

// run is the loss and the gradients, by name, in poisoned memory.
func (r stepCase) run(t *testing.T) (loss float64, gradients map[string][]float64) {
	t.Helper()
	dev := kernels.CPU()
	store, arena := layer.NewStore(dev, kernels.Float64, 1), tape.NewArena(dev)
	arena.Poison()
	net, err := backbone.Find(r.network)
	if err != nil {
		t.Fatal(err)
	}
	change := small()
	if r.clusters > 0 {
		change["clusters"] = r.clusters
	}
	m, rows := changed(t, r.method, change), (2+r.crops)*r.images
	samples, views, labels := make([]int32, rows), make([]int32, rows), make([]int32, r.images)
	for i := range samples {
		samples[i], views[i] = int32(i%r.images), int32(i/r.images)
	}
	if r.method == "mom" { // whose labels are weights
		for i := range labels {
			labels[i] = int32(1+i) << 24
		}
	}
	tp := tape.New(dev, kernels.Float64, true)
	in := Inputs{
		Backbone: net, Dim: 8, Total: r.images, Parts: r.parts, Clock: layer.ClockAt(dev, 0, 0),
		Samples: tp.Input(kernels.Of(dev, samples, rows)), Views: tp.Input(kernels.Of(dev, views, rows)),
		Labels: tp.Input(kernels.Of(dev, labels, r.images)),
	}
	if r.group != nil {
		in.Cut = layer.NewCut(r.group, r.images)
		in.Cut.Blocks.Size = r.block
	}
	paths := &layer.DropPath{Most: r.drop, Clock: in.Clock}
	shown := func(number, px int) *tape.Var { return r.shown(tp, in, paths, number, px) }
	if in.Images = shown(2, r.px); r.crops > 0 {
		in.Others = []*tape.Var{shown(r.crops, r.cropPX)}
	}
	out := m.Loss(layer.NewScope(tp, store).Dropping(paths), in)
	p := tp.Compile(arena, out.Loss, out.Keep()...)
	store.Flatten()
	arena.Rebind()
	p.Run()
	if in.Cut != nil {
		in.Cut.Settle()
		p.Commit(kernels.Of(dev, []int32{0}, 1))
	}
	if sum, parts := store.ShardGradients(); parts != nil {
		r.group.Sum("add gradients", sum, parts, in.Cut.Live())
	}
	gradients = map[string][]float64{}
	for _, p := range store.Params() {
		if p.Grad != nil {
			gradients[p.Name] = kernels.Read[float64](p.Grad)
		} else if r.block > 0 { // the running statistics
			gradients[p.Name] = kernels.Read[float64](p.Value)
		}
	}
	return layer.Scalar(out.Loss, 0), gradients
}

// shown are so many views of the batch in one size.
func (r stepCase) shown(tp *tape.Tape, in Inputs, paths *layer.DropPath, views, px int) *tape.Var {
	first := 0
	if views != 2 || px != r.px {
		first = 2 * r.images
	}
	dev := kernels.CPU()
	all := optest.Uniform(dev, kernels.Float64, uint64(5+first), 0, 1, views*r.images, px, px, 3)
	images := tp.Input(all)
	if in.Cut != nil {
		images = tp.New(all.Shape()...)
		in.Cut.Shows(images, r.shards(tp, in.Cut, all))
	}
	last := first + views*r.images
	paths.Shows(images, tp.Input(in.Samples.Value().Rows(first, last)), tp.Input(in.Views.Value().Rows(first, last)))
	return images
}

// shards are the images of this rank's shards, each in all views of all.
func (r stepCase) shards(tp *tape.Tape, c *layer.Cut, all *kernels.Array) (own []*tape.Var) {
	views := all.Dim(0) / r.images
	lo, hi := c.Group.Own()
	for i := range hi - lo {
		first, last := c.Own(i)
		a := all.Device().New(kernels.Float64, views*max(1, last-first), all.Dim(1), all.Dim(2), 3)
		for v := range views {
			a.Rows(v*(last-first), (v+1)*(last-first)).CopyFrom(all.Rows(v*r.images+first, v*r.images+last))
		}
		own = append(own, tp.Input(a))
	}
	return own
}

// partCases are networks without batch norm: a transformer with all methods, and stages that are pooled together and depthwise
// convolutions, whose steps take longer.
var partCases = []struct {
	network string
	px      int
	methods []string
	parts   []int
	drop    float64 // probability of stochastic depth
	crops   int     // of 8 pixels less
}{
	{"dinov2:dim=16,depth=2,heads=2,patch=8", 16, Names(), []int{2, 3, 9}, 0, 0},
	{"dinov2:dim=16,depth=2,heads=2,patch=8", 16, SmallViewers(), []int{3}, 0, 3},
	{"dinov2:dim=16,depth=3,heads=2,patch=8", 16, []string{"instance"}, []int{2, 3}, 0.7, 1},
	{"squeezenet", 24, []string{"cbswr", "instance"}, []int{3}, 0, 0},
	{"convnext_tiny", 32, []string{"rim"}, []int{2}, 0, 0},
}

// TestPartsGiveTheStep: in a network without batch norm the loss and every gradient of a step in parts, also of uneven ones and of more
// parts than images, are those of the step in one. The two add the same numbers in another order.
func TestPartsGiveTheStep(t *testing.T) {
	// float64 rounds to 1.1e-16. The longest sums have some thousand terms, of which their rounding grows as the root; each batch norm of
	// the decoder may enlarge an error by up to 1/sqrt(eps) = 316, since it sees three centroids, and two of them stand on maps of few
	// pixels.
	const bound = 1e-9
	for _, c := range partCases {
		for _, name := range c.methods {
			step := stepCase{
				network: c.network, method: name, images: 5, px: c.px, parts: 1, drop: c.drop, crops: c.crops, cropPX: c.px - 8,
			}
			loss, want := step.run(t)
			for _, parts := range c.parts {
				at := fmt.Sprintf("%s, %s in %d parts", name, c.network, parts)
				step.parts = parts
				got, gradients := step.run(t)
				if !(math.Abs(got-loss) <= bound*math.Abs(loss)) || len(gradients) != len(want) {
					t.Errorf("%s: loss %.17g, want %.17g", at, got, loss)
				}
				for p, w := range want {
					if d := apart(gradients[p], w); !(d <= bound) && !rounding(name, p, gradients[p], w) {
						t.Errorf("%s: the gradient of %s is %g of its length away", at, p, d)
					}
				}
			}
		}
	}
}

// apart is the length of a-b, relative to that of b where that is not tiny.
func apart(a, b []float64) float64 {
	sum, length := 0.0, 0.0
	for i := range b {
		sum += (a[i] - b[i]) * (a[i] - b[i])
		length += b[i] * b[i]
	}
	return math.Sqrt(sum) / math.Max(math.Sqrt(length), 1e-6)
}

// rounding says whether the gradients are rounding alone and differ by no more: the distances that stml looks at do not change when all
// features move together, as they do with the bias of a transformer's last norm, so that its gradient is 0. What is left is below 1e-9, the
// rounding of slopes of some 1e5, since the rows of the untrained transformer are 1e-5 apart.
func rounding(method, param string, a, b []float64) bool {
	if method != "stml" || param != "norm.bias" {
		return false
	}
	for i := range a {
		if !(math.Abs(a[i]) <= 1e-9 && math.Abs(a[i]-b[i]) <= 1e-11) {
			return false
		}
	}
	return true
}
