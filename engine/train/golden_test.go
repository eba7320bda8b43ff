package train

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"udml-gpu/engine/method"
	"udml-gpu/engine/network"
	"udml-gpu/engine/optim"
	"udml-gpu/engine/setting/table"
	"udml-gpu/kernels"
	"udml-gpu/kernels/golden"
	"udml-gpu/models/backbone"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
	"udml-gpu/models/weights"
	"udml-gpu/models/weights/file"
)

// goldenRun is a file of training steps by PyTorch, with the method and the names of its losses.
type goldenRun struct {
	file, method string
	losses       []string
}

var goldenRuns = []goldenRun{
	{"training", "cbswr", []string{"loss", "metric", "rim", "reconstruction"}},
	{"training_instance", "instance", []string{"loss"}},
}

// TestStepsEqualTorch trains conv4 with plain SGD from given weights, batches and dropout masks. It compares the losses of every
// step and the final weights and running statistics with PyTorch's.
func TestStepsEqualTorch(t *testing.T) {
	for _, r := range goldenRuns {
		t.Run(r.method, func(t *testing.T) { r.train(t, golden.Open(t, r.file), 1, nil) })
	}
}

// TestStepsNotice: the bounds detect a learning rate that is one per cent too large, and a bias that is left out.
func TestStepsNotice(t *testing.T) {
	for fault, f := range map[string]struct {
		rate float64
		drop string
	}{"learning rate": {1.01, ""}, "bias of the embedding": {1, "embedding.bias"}, "bias of the head": {1, "head.fc.bias"}} {
		t.Run(fault, func(t *testing.T) {
			r := &golden.Recorder{TB: t}
			goldenRuns[0].train(r, golden.Open(t, "training"), f.rate, func(p *tape.Param) {
				if p.Name == f.drop {
					p.Value.Zero()
				}
			})
			if !r.Failed() {
				t.Errorf("training passes with this fault: %s", fault)
			}
		})
	}
}

// train trains with rate times the golden's learning rate, from the golden's weights as altered by change, which may be nil.
func (r goldenRun) train(t testing.TB, f *golden.File, rate float64, change func(p *tape.Param)) {
	dev := kernels.CPU()
	store := layer.NewStore(dev, kernels.Float32, 0)
	arena := tape.NewArena(dev)
	arena.Poison()
	net, err := backbone.Find("conv4")
	if err != nil {
		t.Fatal(err)
	}
	m, err := method.New(r.method)
	if err != nil {
		t.Fatal(err)
	}
	if r.method == "cbswr" {
		table.Set(m.Settings(), "clusters", f.Shape("initial/head.fc.weight")[0])
	}
	shape := f.Shape("step0/images")
	images, mask := dev.New(kernels.Float32, shape...), dev.New(kernels.Uint8, f.Shape("step0/mask")...)
	rows := dev.New(kernels.Int32, shape[0])
	tp := tape.New(dev, kernels.Float32, true)
	out := m.Loss(layer.NewScope(tp, store), method.Inputs{
		Backbone: net, Dim: f.Shape("initial/embedding.weight")[0],
		Images: tp.Input(images), Samples: tp.Input(rows), Views: tp.Input(rows), Mask: tp.Input(mask), Clock: &layer.Clock{},
		Labels: tp.Input(dev.New(kernels.Int32, shape[0]/2)),
	})
	tr := &Learner{
		Network: &network.Network{Device: dev, Store: store, Arena: arena}, skip: dev.New(kernels.Int32, 1), numbers: newStepNumbers(dev),
	}
	s := &Step{program: tp.Compile(arena, out.Loss, out.Keep()...), out: out}
	loadGolden(t, f, store)
	for _, p := range store.Params() {
		if change != nil {
			change(p)
		}
	}
	tr.optim, _ = optim.New(store.Trained(), optim.Options{Name: "sgd", BackboneFactor: 1, LayerDecay: 1})
	tr.schedule = optim.Schedule{Base: rate * given(f, "lr")}
	for i := range f.Shape("losses")[0] {
		step := "step" + strconv.Itoa(i) + "/"
		for j, v := range f.Floats(step + "images") {
			kernels.Data[float32](images)[j] = float32(v)
		}
		copy(kernels.Data[uint8](mask), f.Bytes(step+"mask"))
		tr.Learn(s)
		r.compareLosses(t, f, i, out)
		if i == 0 {
			compareGradients(t, f, store)
		}
	}
	compareWeights(t, f, store)
}

func given(f *golden.File, name string) float64 { return f.Floats("settings/" + name)[0] }

func loadGolden(t testing.TB, f *golden.File, store *layer.Store) {
	t.Helper()
	initial := &file.Weights{}
	for _, d := range weights.Dump(store.Params()) {
		var v []float32
		for _, x := range f.Floats("initial/" + d.Name) {
			v = append(v, float32(x))
		}
		initial.Tensors = append(initial.Tensors, file.FromFloat32(d.Name, v, f.Shape("initial/"+d.Name)...))
	}
	if err := weights.Load(store.Params(), initial, weights.LoadOptions{}); err != nil {
		t.Fatal(err)
	}
}

// compareLosses compares the losses of a step with torch's, relative to the largest of each over all steps.
func (r goldenRun) compareLosses(t testing.TB, f *golden.File, step int, out method.Outputs) {
	t.Helper()
	got := map[string]float64{"loss": layer.Scalar(out.Loss, 0)}
	for _, term := range out.Terms {
		got[term.Name] = layer.Scalar(term.Value, term.Index)
	}
	want := f.Floats("losses")
	for i, name := range r.losses {
		largest := 0.0
		for at := i; at < len(want); at += len(r.losses) {
			largest = max(largest, math.Abs(want[at]))
		}
		if w := want[len(r.losses)*step+i]; !(math.Abs(got[name]-w) <= f.Bound("losses")*largest) {
			t.Errorf("step %d: %s is %.9g, want %.9g within %.2g of %g", step, name, got[name], w, f.Bound("losses"), largest)
		}
	}
}

// compareGradients compares the gradient of every parameter in the first step with torch's summary of it. The final weights
// are not enough: the weight of the reconstruction is so small that ten steps hardly move the decoder.
func compareGradients(t testing.TB, f *golden.File, store *layer.Store) {
	t.Helper()
	for _, p := range store.Trained() {
		d := weights.Dump([]*tape.Param{{Name: p.Name, Value: p.Grad, Conv: p.Conv}})[0]
		v, err := d.Float64s()
		if err != nil {
			t.Fatal(err)
		}
		name := "gradient/" + p.Name
		got, want := golden.Summary(v), f.Floats(name)
		if off, at := golden.SummaryOff(got, want); !(off <= f.Bound(name)) {
			t.Errorf("%s: number %d of its summary is %g, want %g: off by %.2g, bound %.2g",
				name, at, got[at], want[at], off, f.Bound(name))
		}
	}
}

func compareWeights(t testing.TB, f *golden.File, store *layer.Store) {
	t.Helper()
	for _, d := range weights.Dump(store.Params()) {
		got, err := d.Float64s()
		if err != nil {
			t.Fatal(err)
		}
		name := "final/" + d.Name
		off, at := golden.Off(got, f.Floats(name))
		if !(off <= f.Bound(name)) {
			t.Errorf("%s: element %d is %g: off by %.2g of the largest, bound %.2g", name, at, got[at], off, f.Bound(name))
		}
		if strings.HasSuffix(d.Name, ".weight") && off == 0 {
			t.Errorf("%s equals the golden bit for bit: was it trained?", name)
		}
	}
}
