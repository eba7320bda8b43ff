package backbone

import (
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/golden"
	"udml-gpu/kernels/parity"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
	"udml-gpu/models/weights"
)

// bounds are relative to the largest element (to the sum of absolute values for sums). In float64 only the golden's
// own rounding to float32 is left, a little grown by the batch norms whose inputs were rounded too. In float32 the
// rounding of up to 50 layers is: torch's own float32 gradients differ from its float64 ones by up to 4e-5.
var bounds = map[kernels.DType]float64{kernels.Float64: 6.1e-8, kernels.Float32: 1e-4}

// graph is a part of a network recorded with a given gradient at its output.
type graph struct {
	t     *testing.T
	dt    kernels.DType
	dev   *kernels.Device
	store *layer.Store
}

// set gives every parameter the value that the golden script gave it.
func (g *graph) set() {
	var tensors []weights.Tensor
	for _, d := range weights.Dump(g.store.Params()) {
		tensors = append(tensors, weights.FromFloat32(d.Name, golden.Parameter(d.Name, d.Shape...), d.Shape...))
	}
	if err := weights.Load(g.store.Params(), &weights.File{Tensors: tensors}, weights.LoadOptions{}); err != nil {
		g.t.Fatal(err)
	}
}

// pulled is a loss whose gradient with respect to y is dy: sum y dy.
func pulled(t *tape.Tape, y *tape.Var, dy *kernels.Array) *tape.Var {
	l := t.New(1)
	t.Apply(tape.Op{
		Name: "pull", In: []*tape.Var{y}, Out: []*tape.Var{l},
		Forward:  func() { l.Value().Zero() },
		Backward: func(b *tape.Back) { b.Grad(0).CopyFrom(dy) },
	})
	return l
}

// read is a golden tensor and its shape, four axes moved to NHWC.
func read(f *golden.File, name string) ([]float64, []int) {
	v, shape := f.Floats(name), f.Shape(name)
	if len(shape) == 4 {
		return golden.ChannelsLast(v, shape)
	}
	return v, shape
}

func last(f *golden.File, name string) []float64 {
	v, _ := read(f, name)
	return v
}

// input is a golden tensor as an array of the graph's dtype.
func (g *graph) input(f *golden.File, name string) *kernels.Array {
	v, shape := read(f, name)
	if g.dt == kernels.Float64 {
		return kernels.Of(g.dev, v, shape...)
	}
	narrow := make([]float32, len(v))
	for i, x := range v {
		narrow[i] = float32(x)
	}
	return kernels.Of(g.dev, narrow, shape...)
}

func floats(a *kernels.Array) []float64 {
	if a.DType() == kernels.Float64 {
		return kernels.Read[float64](a)
	}
	var v []float64
	for _, x := range kernels.Read[float32](a) {
		v = append(v, float64(x))
	}
	return v
}

// close compares to the bound, relative to the largest wanted element.
func (g *graph) close(what string, got, want []float64, bound float64) {
	g.t.Helper()
	if len(got) != len(want) {
		g.t.Errorf("%s: %d elements, want %d", what, len(got), len(want))
		return
	}
	largest, worst, at := 0.0, 0.0, 0
	for i := range want {
		largest = max(largest, math.Abs(want[i]))
		if d := math.Abs(got[i] - want[i]); math.IsNaN(d) || d > worst {
			worst, at = d, i
		}
	}
	if !(worst <= bound*largest) {
		g.t.Errorf("%s: element %d is %g, want %g; the bound is %g of %g", what, at, got[at], want[at], bound, largest)
	}
}

// summaries compares the gradient of every parameter, and every running statistic, with its golden summary.
func (g *graph) summaries(f *golden.File, name string) {
	g.t.Helper()
	for _, p := range g.store.Params() {
		kind, value := "buffer", p.Value
		if p.Grad != nil {
			kind, value = "grad", p.Grad
		}
		tensor := weights.Dump([]*tape.Param{{Name: p.Name, Value: value, Conv: p.Conv}})[0]
		v, err := tensor.Float64s()
		if err != nil {
			g.t.Fatal(err)
		}
		got, want := golden.Summary(v), f.Floats(name+"/"+kind+"/"+p.Name)
		if size := name + "/size/" + p.Name; f.Has(size) {
			g.idle(p.Name, got, f.Floats(size)[0])
			continue
		}
		g.close(kind+" of "+p.Name, got[2:], want[2:], bounds[g.dt])
		if d := math.Abs(got[0] - want[0]); !(d <= bounds[g.dt]*want[1]) {
			g.t.Errorf("%s of %s sums to %g, want %g", kind, p.Name, got[0], want[0])
		}
		if d := math.Abs(got[1] - want[1]); !(d <= bounds[g.dt]*want[1]) {
			g.t.Errorf("%s of %s has absolute sum %g, want %g", kind, p.Name, got[1], want[1])
		}
	}
}

// idle holds a bias in front of a batch norm, whose gradient is zero but for the rounding of sums over so large numbers.
func (g *graph) idle(name string, summary []float64, size float64) {
	g.t.Helper()
	for _, v := range summary[2:] {
		if !(math.Abs(v) <= bounds[g.dt]*size) {
			g.t.Errorf("grad of %s is %g, want 0 within %g of %g", name, v, bounds[g.dt], size)
			return
		}
	}
}

// each runs a comparison on the CPU in both float types, and in float32 on a GPU where there is one.
func each(t *testing.T, name string, compare func(g *graph)) {
	run := func(dt kernels.DType, dev *kernels.Device) {
		t.Run(name+"/"+dt.String()+"/"+dev.Name(), func(t *testing.T) {
			if dev.CUDA() && deep[name] && parity.Emulated(t) {
				parity.LeaveOut(t, "takes minutes on the emulated GPU; the ops that it alone has run there by themselves")
			}
			compare(&graph{t: t, dt: dt, dev: dev, store: layer.NewStore(dev, dt, 0)})
		})
	}
	run(kernels.Float64, kernels.CPU())
	for _, dev := range parity.Devices(t) {
		run(kernels.Float32, dev)
	}
}

// deep are the networks that take minutes on the emulated GPU. The ops that they alone have, local response normalisation and
// the average over windows, run there by themselves.
var deep = map[string]bool{"resnet50": true, "googlenet": true, "googlenet_caffe": true, "bninception": true}

func TestNetworkGoldens(t *testing.T) {
	for _, name := range Names() {
		each(t, name, func(g *graph) { network(g, name) })
	}
}

func network(g *graph, name string) {
	f := golden.Open(g.t, "networks")
	net, err := Find(name)
	if err != nil {
		g.t.Fatal(err)
	}
	images := g.input(f, name+"/images")
	arena := tape.NewArena(g.dev)
	record := func(training bool) (*tape.Program, *tape.Var) {
		tp := tape.New(g.dev, g.dt, training)
		fmap, _ := net.Features(layer.NewScope(tp, g.store), tp.Input(images))
		if !training {
			return tp.Compile(arena, nil, fmap), fmap
		}
		return tp.Compile(arena, pulled(tp, fmap, g.input(f, name+"/dmap")), fmap), fmap
	}
	train, fmap := record(true)
	g.set()
	eval, evalMap := record(false)
	eval.Forward() // before training changes the running statistics
	g.close("map in evaluation", floats(evalMap.Value()), last(f, name+"/eval"), bounds[g.dt])
	train.Run()
	g.close("map", floats(fmap.Value()), last(f, name+"/map"), bounds[g.dt])
	train.Commit(g.dev.New(kernels.Int32, 1))
	g.summaries(f, name)
}

func TestDecoderGoldens(t *testing.T) {
	for _, c := range []struct {
		name string
		size int
	}{{"decoder16", 16}, {"decoder20", 20}} {
		each(t, c.name, func(g *graph) { decoder(g, c.name, c.size) })
	}
}

// decoder holds the weighted decoding of centroids against torch's decoding of every member.
func decoder(g *graph, name string, size int) {
	f := golden.Open(g.t, "networks")
	r := g.input(f, name+"/r")
	input := &tape.Param{Name: "r", Value: r, Grad: g.dev.New(g.dt, r.Shape()...)}
	tp := tape.New(g.dev, g.dt, true)
	d := Decode(layer.NewScope(tp, g.store), tp.Param(input), tp.Input(g.input(f, name+"/weight")), size, 3)
	program := tp.Compile(tape.NewArena(g.dev), pulled(tp, d, g.input(f, name+"/dd")), d)
	g.set()
	program.Run()
	program.Commit(g.dev.New(kernels.Int32, 1))
	want, got := last(f, name+"/d"), floats(d.Value())
	image := len(got) / r.Dim(0)
	for s, count := range f.Floats(name + "/weight") {
		if count > 0 { // nothing is said of the image of an empty slot
			g.close("image", got[s*image:(s+1)*image], want[s*image:(s+1)*image], bounds[g.dt])
		}
	}
	g.close("gradient of the centroids", floats(input.Grad), last(f, name+"/dr"), bounds[g.dt])
	g.summaries(f, name)
}
