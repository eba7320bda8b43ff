package method

import (
	"math"
	"testing"

	"udml-gpu/engine/setting/table"
	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
	"udml-gpu/models/backbone"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// recorded is a small recorded step in float64.
type recorded struct {
	dev     *kernels.Device
	store   *layer.Store
	arena   *tape.Arena
	program *tape.Program
	out     Outputs
}

// record records method name on conv4, which has batch norm, for b images of px x px pixels that go through it in parts. Inputs are
// random, a third of the mask is dropped.
func record(t *testing.T, name string, b, px, parts int, change map[string]any) *recorded {
	t.Helper()
	return recordCrops(t, name, b, px, parts, 0, change)
}

// recordCrops is record with so many small views of each image, of half the size.
func recordCrops(t *testing.T, name string, b, px, parts, crops int, change map[string]any) *recorded {
	t.Helper()
	r := &recorded{dev: kernels.CPU()}
	r.store = layer.NewStore(r.dev, kernels.Float64, 1)
	r.arena = tape.NewArena(r.dev)
	net, err := backbone.Find("conv4")
	if err != nil {
		t.Fatal(err)
	}
	const dim = 8
	m := changed(t, name, change)
	key := rng.Key{Seed: 5, Op: rng.OpBench}
	noise := func(rows, px, word int) *kernels.Array {
		images := r.dev.New(kernels.Float64, rows, px, px, 1)
		for i, d := 0, kernels.Data[float64](images); i < len(d); i++ {
			d[i] = float64(rng.Uniform(key.At(uint32(i))[word]))
		}
		return images
	}
	mask := r.dev.New(kernels.Uint8, 2*b, dim)
	for i, d := 0, kernels.Data[uint8](mask); i < len(d); i++ {
		if key.At(uint32(i))[1]%3 > 0 {
			d[i] = 1
		}
	}
	labels := r.dev.New(kernels.Int32, b)
	for i := range b {
		kernels.Data[int32](labels)[i] = int32((i + 1) % 2) // as weights of triplets, not all 0
	}
	tp := tape.New(r.dev, kernels.Float64, true)
	in := Inputs{
		Backbone: net, Dim: dim, Total: b, Parts: parts,
		Images: tp.Input(noise(2*b, px, 0)), Mask: tp.Input(mask), Labels: tp.Input(labels), Clock: &layer.Clock{},
		Samples: tp.Input(r.dev.New(kernels.Int32, (2+crops)*b)), Views: tp.Input(r.dev.New(kernels.Int32, (2+crops)*b)),
	}
	if crops > 0 {
		in.Others = []*tape.Var{tp.Input(noise(crops*b, px/2, 2))}
	}
	r.out = m.Loss(layer.NewScope(tp, r.store), in)
	r.program = tp.Compile(r.arena, r.out.Loss, r.out.Keep()...)
	return r
}

// changed is the method of that name with the settings of change that it has.
func changed(t *testing.T, name string, change map[string]any) Method {
	t.Helper()
	m, err := New(name)
	if err != nil {
		t.Fatal(err)
	}
	rows := m.Settings()
	for key, v := range change {
		if r, ok := table.Find(rows, key); ok {
			r.Set(v)
		}
	}
	return m
}

func (r *recorded) loss() float64 {
	r.program.Forward()
	return layer.Scalar(r.out.Loss, 0)
}

// small are settings for a few images. A method takes those that it has.
func small() map[string]any {
	return map[string]any{"clusters": 3, "dropout": 0.3, "rec-weight": 0.7, "stml-neighbours": 2, "stml-dim": 12, "deepcluster-clusters": 3}
}

// TestGradientsByFiniteDifferences covers every parameter of the whole step through clustering, reconstruction and small views. The
// metric loss is left out: its partner rows and centroids are constants for the gradient but not for a difference.
// kernels/loss checks it, and the goldens check the sum of all losses.
func TestGradientsByFiniteDifferences(t *testing.T) {
	for _, c := range []struct {
		name   string
		images int
		parts  int
		oracle bool
		crops  int
	}{
		{"cbswr", 4, 1, false, 0},
		{"cbswr", 1, 1, false, 0},
		{"cbswr", 5, 1, true, 0},
		{"rim", 3, 1, false, 0},
		{"cbswr", 5, 2, false, 0},
		{"nce", 4, 1, false, 3},
		{"exemplar", 3, 1, false, 1},
		{"deepcluster", 5, 2, false, 2},
	} {
		change := small()
		change["metric-weight"] = 0.0
		if c.oracle {
			change["pseudo-labels"] = "oracle"
		}
		r := recordCrops(t, c.name, c.images, 16, c.parts, c.crops, change)
		r.program.Run()
		var exact [][]float64
		for _, p := range r.store.Trained() {
			exact = append(exact, append([]float64(nil), kernels.Data[float64](p.Grad)...))
		}
		for k, p := range r.store.Trained() {
			d := kernels.Data[float64](p.Value)
			for i := 0; i < len(d); i += 1 + len(d)/5 {
				// Such small steps rarely cross the kink of a ReLU or change a maximum.
				const h = 1e-6
				v := d[i]
				d[i] = v + h
				up := r.loss()
				d[i] = v - h
				down := r.loss()
				d[i] = v
				numeric := (up - down) / (2 * h)
				if !(math.Abs(numeric-exact[k][i]) <= 1e-6*(1+math.Abs(numeric))) {
					t.Errorf("%s, %d images in %d parts: d loss / d %s[%d] is %g, by differences %g",
						c.name, c.images, c.parts, p.Name, i, exact[k][i], numeric)
				}
			}
		}
	}
}

// TestSmallBatches: loss and gradients are finite for one to three images, fewer than clusters.
func TestSmallBatches(t *testing.T) {
	for _, images := range []int{1, 2, 3} {
		for _, name := range Names() {
			change := small()
			change["clusters"] = 7
			r := record(t, name, images, 8, 1, change)
			r.program.Run()
			if l := layer.Scalar(r.out.Loss, 0); math.IsNaN(l) || math.IsInf(l, 0) {
				t.Errorf("%s with %d images: loss %g", name, images, l)
			}
			for _, p := range r.store.Trained() {
				for _, g := range kernels.Data[float64](p.Grad) {
					if math.IsNaN(g) || math.IsInf(g, 0) {
						t.Fatalf("%s with %d images: gradient of %s is %g", name, images, p.Name, g)
					}
				}
			}
		}
	}
}

func TestUnknownMethod(t *testing.T) {
	if _, err := New("magic"); err == nil {
		t.Fatal("no error")
	}
}
