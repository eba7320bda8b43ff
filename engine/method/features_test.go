package method

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
	"udml-gpu/models/backbone"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// inParts is the loss and the gradients, by name, of a step of a method on images that go through a network in parts, in float64 and
// poisoned memory.
func inParts(t *testing.T, network, name string, images, px, parts int, drop float64) (loss float64, gradients map[string][]float64) {
	t.Helper()
	dev := kernels.CPU()
	store, arena := layer.NewStore(dev, kernels.Float64, 1), tape.NewArena(dev)
	arena.Poison()
	net, err := backbone.Find(network)
	if err != nil {
		t.Fatal(err)
	}
	m := changed(t, name, small())
	samples, views, labels := make([]int32, 2*images), make([]int32, 2*images), make([]int32, images)
	for i := range samples {
		samples[i], views[i] = int32(i%images), int32(i/images)
	}
	tp := tape.New(dev, kernels.Float64, true)
	in := Inputs{
		Backbone: net, Dim: 8, Parts: parts, Clock: &layer.Clock{},
		Images:  tp.Input(optest.Uniform(dev, kernels.Float64, 5, 0, 1, 2*images, px, px, 3)),
		Samples: tp.Input(kernels.Of(dev, samples, 2*images)), Views: tp.Input(kernels.Of(dev, views, 2*images)),
		Labels: tp.Input(kernels.Of(dev, labels, images)),
	}
	paths := &layer.DropPath{Most: drop, Clock: in.Clock}
	paths.Shows(in.Images, in.Samples, in.Views)
	out := m.Loss(layer.NewScope(tp, store).Dropping(paths), in)
	tp.Compile(arena, out.Loss, out.Keep()...).Run()
	gradients = map[string][]float64{}
	for _, p := range store.Trained() {
		gradients[p.Name] = kernels.Read[float64](p.Grad)
	}
	return layer.Scalar(out.Loss, 0), gradients
}

// partCases are networks without batch norm: a transformer with all methods, and stages that are pooled together and depthwise
// convolutions, whose steps take longer.
var partCases = []struct {
	network string
	px      int
	methods []string
	parts   []int
	drop    float64 // probability of stochastic depth
}{
	{"dinov2:dim=16,depth=2,heads=2,patch=8", 16, Names(), []int{2, 3, 9}, 0},
	{"dinov2:dim=16,depth=3,heads=2,patch=8", 16, []string{"instance"}, []int{2, 3}, 0.7},
	{"squeezenet", 24, []string{"cbswr", "instance"}, []int{3}, 0},
	{"convnext_tiny", 32, []string{"rim"}, []int{2}, 0},
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
			loss, want := inParts(t, c.network, name, 5, c.px, 1, c.drop)
			for _, parts := range c.parts {
				at := fmt.Sprintf("%s, %s in %d parts", name, c.network, parts)
				got, gradients := inParts(t, c.network, name, 5, c.px, parts, c.drop)
				if !(math.Abs(got-loss) <= bound*math.Abs(loss)) || len(gradients) != len(want) {
					t.Errorf("%s: loss %.17g, want %.17g", at, got, loss)
				}
				for p, w := range want {
					if d := apart(gradients[p], w); !(d <= bound) {
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
