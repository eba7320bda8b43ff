package train

import (
	"cmp"
	"math"
	"testing"

	"udml-gpu/engine/method"
	"udml-gpu/engine/network"
	"udml-gpu/engine/optim"
	"udml-gpu/kernels"
	"udml-gpu/kernels/golden"
	"udml-gpu/models/backbone"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// baselineCase is a method's ten steps on the embedding layer, from given features.
type baselineCase struct {
	name     string            // of the golden's tensors
	method   string            // "": name
	crops    bool              // there are small views
	start    map[string]string // of the golden's tensors by the names of parameters, besides the embedding layer
	settings map[string]any    // of the method
}

// golden is the file of the case.
func (c baselineCase) golden() string {
	if c.crops {
		return "crops"
	}
	switch c.of() {
	case "stml", "deepcluster", "mom", "mutual":
		return c.of()
	}
	return "baselines"
}

func (c baselineCase) of() string { return cmp.Or(c.method, c.name) }

var baselineCases = []baselineCase{
	{name: "triplet"},
	{name: "contrastive"},
	{name: "npair"},
	{name: "nce", start: map[string]string{"memory.bank": "bank"}},
	{name: "exemplar", start: map[string]string{"head.surrogate.weight": "surrogate"}},
	{
		name: "stml", start: map[string]string{"head.projection.weight": "projection"},
		settings: map[string]any{"stml-neighbours": 3, "stml-dim": 9, "stml-delta": 0.9, "stml-momentum": 0.9},
	},
	{
		name: "centroids", method: "deepcluster", start: map[string]string{"head.centroids.weight": "centroids"},
		settings: map[string]any{"deepcluster-clusters": 8},
	},
	{
		name: "linear", method: "deepcluster", start: map[string]string{"head.clusters.weight": "head", "head.clusters.bias": "head_bias"},
		settings: map[string]any{"deepcluster-clusters": 8, "deepcluster-head": "linear"},
	},
	{name: "mom"},
	{name: "mutual"},
	{name: "instance", crops: true, settings: map[string]any{"instance-alpha": 0.7}},
	{name: "nce", crops: true, start: map[string]string{"memory.bank": "bank"}},
	{name: "exemplar", crops: true, start: map[string]string{"head.surrogate.weight": "surrogate"}},
	{
		name: "centroids", method: "deepcluster", crops: true, start: map[string]string{"head.centroids.weight": "centroids"},
		settings: map[string]any{"deepcluster-clusters": 8},
	},
}

// String names the case.
func (c baselineCase) String() string {
	if c.crops {
		return c.name + " with small views"
	}
	return c.name
}

// TestBaselinesEqualTorch compares the losses of ten steps and the parameters afterwards with PyTorch's.
func TestBaselinesEqualTorch(t *testing.T) {
	for _, c := range baselineCases {
		t.Run(c.String(), func(t *testing.T) { c.train(t, golden.Open(t, c.golden()), 1) })
	}
}

// TestBaselinesNotice: the bounds detect a learning rate that is one per cent too large.
func TestBaselinesNotice(t *testing.T) {
	for _, c := range baselineCases {
		r := &golden.Recorder{TB: t}
		c.train(r, golden.Open(t, c.golden()), 1.01)
		if !r.Failed() {
			t.Errorf("%s passes with another learning rate", c)
		}
	}
}

// train trains with rate times the golden's learning rate.
func (c baselineCase) train(t testing.TB, f *golden.File, rate float64) {
	t.Helper()
	dev := kernels.CPU()
	store, arena := layer.NewStore(dev, kernels.Float32, 0), tape.NewArena(dev)
	arena.Poison()
	m, err := method.New(c.of())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range m.Settings() {
		if v, ok := c.settings[row.Key]; ok {
			row.Set(v)
		}
	}
	shape, labels := f.Shape(c.name+"/features"), f.Int32s(c.name+"/labels")
	steps, rows, width := shape[0], shape[1], shape[2]
	features, samples := dev.New(kernels.Float32, rows, width), make([]int32, rows)
	for i := range samples {
		samples[i] = int32(i % len(labels))
		if c.name == "stml" { // shows one image twice
			samples[i] = f.Int32s(c.name + "/samples")[samples[i]]
		}
	}
	tp := tape.New(dev, kernels.Float32, true)
	in := method.Inputs{
		Dim: f.Shape(c.name + "/start/weight")[0], Clock: &layer.Clock{},
		Samples: tp.Input(kernels.Of(dev, samples, rows)), Views: tp.Input(dev.New(kernels.Int32, rows)),
		Labels: tp.Input(kernels.Of(dev, labels, len(labels))), Total: len(labels),
	}
	showFeatures(tp, &in, features)
	out := m.Loss(layer.NewScope(tp, store), in)
	l := &Learner{
		Network: &network.Network{Device: dev, Store: store, Arena: arena}, method: m,
		skip: dev.New(kernels.Int32, 1), numbers: newStepNumbers(dev),
	}
	s := &Step{program: tp.Compile(arena, out.Loss, out.Keep()...), out: out}
	for _, p := range store.Params() {
		copyNumbers(kernels.Data[float32](p.Value), f.Floats(c.name+"/start/"+c.tensor(p.Name)))
	}
	if s, ok := m.(method.Starter); ok {
		s.Start()
	}
	l.optim, _ = optim.New(store.Trained(), optim.Options{Name: "sgd", BackboneFactor: 1, LayerDecay: 1})
	l.schedule = optim.Schedule{Base: rate * f.Floats(c.name + "/lr")[0]}
	all, want := f.Floats(c.name+"/features"), f.Floats(c.name+"/losses")
	for i := range steps {
		copyNumbers(kernels.Data[float32](features), all[i*rows*width:(i+1)*rows*width])
		l.Learn(s)
		if got := layer.Scalar(out.Loss, 0); !(math.Abs(got-want[i]) <= f.Bound(c.name+"/losses")*want[0]) {
			t.Errorf("step %d: loss %.9g, want %.9g", i, got, want[i])
		}
	}
	for _, p := range store.Params() {
		wantGolden(t, f, c.name+"/"+c.tensor(p.Name), p.Value)
	}
	for _, p := range l.methodTensors() {
		if c.of() == "mom" {
			break // they are what was mined
		}
		wantGolden(t, f, c.name+"/teacher", p.Value)
	}
}

// showFeatures makes features [V B,W], of two views of one size and the rest of another, what the backbone gives.
func showFeatures(tp *tape.Tape, in *method.Inputs, features *kernels.Array) {
	given := map[*tape.Var]*tape.Var{}
	shown := func(first, last int) *tape.Var {
		x := tp.Input(features.Device().New(kernels.Float32, last-first, 1, 1, 1))
		given[x] = tp.Input(features.Rows(first, last))
		return x
	}
	rows, usual := features.Dim(0), 2*in.Batch()
	if in.Images = shown(0, usual); rows > usual {
		in.Others = []*tape.Var{shown(usual, rows)}
	}
	in.Backbone = backbone.Network{Given: func(x *tape.Var) (*tape.Var, *tape.Var) { return x, given[x] }}
}

// wantGolden compares a parameter with the golden's tensor.
func wantGolden(t testing.TB, f *golden.File, name string, a *kernels.Array) {
	t.Helper()
	got := make([]float64, a.Len())
	for i, v := range kernels.Data[float32](a) {
		got[i] = float64(v)
	}
	if off, at := golden.Off(got, f.Floats(name)); !(off <= f.Bound(name)) {
		t.Errorf("%s: element %d is off by %.2g of the largest, bound %.2g", name, at, off, f.Bound(name))
	}
}

// tensor is the golden's name of a parameter.
func (c baselineCase) tensor(parameter string) string {
	if name, ok := c.start[parameter]; ok {
		return name
	}
	return map[string]string{"embedding.weight": "weight", "embedding.bias": "bias"}[parameter]
}

func copyNumbers(dst []float32, src []float64) {
	for i, v := range src {
		dst[i] = float32(v)
	}
}
