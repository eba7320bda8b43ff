package engine

import (
	"math"
	"strings"
	"testing"

	"udml-gpu/engine/method"
	"udml-gpu/engine/optim"
	"udml-gpu/kernels"
	"udml-gpu/kernels/golden"
	"udml-gpu/models/backbone"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
	"udml-gpu/models/weights"
)

// trainingBound is relative to each tensor's largest element. The goldens were computed in float64; ten steps in
// float32 stay within a few 1e-5 of them, since the cases keep every pseudo label clear.
const trainingBound = 1e-4

// TestTenStepsEqualTorch trains conv4 by CBSwR from given weights, batches and dropout masks with plain SGD, and
// compares every step's losses and the final weights and running statistics with PyTorch's.
func TestTenStepsEqualTorch(t *testing.T) {
	f := golden.Open(t, "training")
	dev := kernels.CPU()
	store := layer.NewStore(dev, kernels.Float32, 0)
	arena := tape.NewArena(dev)
	net, err := backbone.Find("conv4")
	if err != nil {
		t.Fatal(err)
	}
	o := goldenOptions(f)
	m, err := method.New("cbswr", net, o)
	if err != nil {
		t.Fatal(err)
	}
	shape := f.Shape("step0/images")
	images, mask := dev.New(kernels.Float32, shape...), dev.New(kernels.Uint8, f.Shape("step0/mask")...)
	rows := dev.New(kernels.Int32, shape[0])
	tp := tape.New(dev, kernels.Float32, true)
	out := m.Loss(layer.NewScope(tp, store), method.Inputs{
		Images: tp.Input(images), Samples: tp.Input(rows), Views: tp.Input(rows), Mask: tp.Input(mask), Clock: &layer.Clock{},
	})
	tr := &Trainer{network: &Network{Device: dev, Store: store, Arena: arena}, skip: dev.New(kernels.Int32, 1)}
	s := &step{program: tp.Compile(arena, out.Loss, out.Keep()...), out: out}
	loadGolden(t, f, store)
	tr.optim, _ = optim.New(store.Trained(), optim.Options{Name: "sgd", BackboneFactor: 1})
	tr.schedule = optim.Schedule{Base: setting(f, "lr")}
	want := f.Floats("losses")
	for i := range f.Shape("losses")[0] {
		step := "step" + itoa(i) + "/"
		for j, v := range f.Floats(step + "images") {
			kernels.Data[float32](images)[j] = float32(v)
		}
		copy(kernels.Data[uint8](mask), f.Bytes(step+"mask"))
		tr.learn(s)
		compareLosses(t, i, out, want[4*i:4*i+4])
		if i == 0 {
			compareGradients(t, f, store)
		}
	}
	compareWeights(t, f, store)
}

func setting(f *golden.File, name string) float64 { return f.Floats("settings/" + name)[0] }

func goldenOptions(f *golden.File) method.Options {
	o := method.Defaults()
	o.Clusters, o.Dim = f.Shape("initial/head.fc.weight")[0], f.Shape("initial/embedding.weight")[0]
	return o
}

func loadGolden(t *testing.T, f *golden.File, store *layer.Store) {
	t.Helper()
	file := &weights.File{}
	for _, d := range weights.Dump(store.Params()) {
		var v []float32
		for _, x := range f.Floats("initial/" + d.Name) {
			v = append(v, float32(x))
		}
		file.Tensors = append(file.Tensors, weights.FromFloat32(d.Name, v, f.Shape("initial/"+d.Name)...))
	}
	if err := weights.Load(store.Params(), file, weights.LoadOptions{}); err != nil {
		t.Fatal(err)
	}
}

// compareLosses holds loss, L_m, L_rim and L_rec of a step against torch's.
func compareLosses(t *testing.T, step int, out method.Outputs, want []float64) {
	t.Helper()
	got := map[string]float64{"loss": layer.Scalar(out.Loss, 0)}
	for _, term := range out.Terms {
		got[term.Name] = layer.Scalar(term.Value, term.Index)
	}
	for i, name := range []string{"loss", "metric", "rim", "reconstruction"} {
		if !(math.Abs(got[name]-want[i]) <= trainingBound*math.Abs(want[i])) {
			t.Errorf("step %d: %s is %.7g, want %.7g", step, name, got[name], want[i])
		}
	}
}

// compareGradients holds the gradient of every parameter in the first step against torch's summary of it: the
// reconstruction's weight is so small that ten steps hardly move the decoder.
func compareGradients(t *testing.T, f *golden.File, store *layer.Store) {
	t.Helper()
	for _, p := range store.Trained() {
		d := weights.Dump([]*tape.Param{{Name: p.Name, Value: p.Grad, Conv: p.Conv}})[0]
		v, err := d.Float64s()
		if err != nil {
			t.Fatal(err)
		}
		got, want := golden.Summary(v), f.Floats("gradient/"+p.Name)
		largest := 0.0
		for _, w := range want[2:] {
			largest = max(largest, math.Abs(w))
		}
		for i, w := range want {
			scale := largest
			if i < 2 { // the sum and the absolute sum
				scale = want[1]
			}
			if !(math.Abs(got[i]-w) <= trainingBound*scale) {
				t.Errorf("gradient of %s, element %d of its summary is %g, want %g", p.Name, i, got[i], w)
			}
		}
	}
}

func compareWeights(t *testing.T, f *golden.File, store *layer.Store) {
	t.Helper()
	for _, d := range weights.Dump(store.Params()) {
		got, err := d.Float64s()
		if err != nil {
			t.Fatal(err)
		}
		worst, largest := 0.0, 0.0
		for i, w := range f.Floats("final/" + d.Name) {
			largest = max(largest, math.Abs(w))
			if e := math.Abs(got[i] - w); math.IsNaN(e) || e > worst {
				worst = e
			}
		}
		if !(worst <= trainingBound*largest) {
			t.Errorf("final %s is off by %.2g of its largest element", d.Name, worst/largest)
		}
		if strings.HasSuffix(d.Name, ".weight") && worst == 0 {
			t.Errorf("final %s equals the golden bit for bit: was it trained?", d.Name)
		}
	}
}
