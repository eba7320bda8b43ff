package backbone

import (
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/golden"
	"udml-gpu/kernels/parity"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
	"udml-gpu/models/weights"
	"udml-gpu/models/weights/file"
)

// graph is a part of a network recorded with a given gradient at its output.
type graph struct {
	t     testing.TB
	dt    kernels.DType
	dev   *kernels.Device
	store *layer.Store
	fault func(p *tape.Param) // changes each parameter, unless it is nil
}

// set gives every parameter the value that the golden script gave it: most biases in front of a ReLU are in the file.
func (g *graph) set(f *golden.File, name string) {
	var tensors []file.Tensor
	for _, d := range weights.Dump(g.store.Params()) {
		v := golden.Parameter(d.Name, d.Shape...)
		if bias := name + "/bias/" + d.Name; f.Has(bias) {
			for i, x := range f.Floats(bias) {
				v[i] = float32(x)
			}
		}
		tensors = append(tensors, file.FromFloat32(d.Name, v, d.Shape...))
	}
	if err := weights.Load(g.store.Params(), &file.Weights{Tensors: tensors}, weights.LoadOptions{}); err != nil {
		g.t.Fatal(err)
	}
	for _, p := range g.store.Params() {
		if g.fault != nil {
			g.fault(p)
		}
	}
}

// pulled is a loss whose gradient with respect to y is dy: sum y dy. A second pair may follow.
func pulled(t *tape.Tape, y *tape.Var, dy *kernels.Array, more ...pull) *tape.Var {
	in, grads := []*tape.Var{y}, []*kernels.Array{dy}
	for _, p := range more {
		in, grads = append(in, p.y), append(grads, p.dy)
	}
	l := t.New(1)
	t.Apply(tape.Op{
		Name: "pull", In: in, Out: []*tape.Var{l},
		Forward: func() { l.Value().Zero() },
		Backward: func(b *tape.Back) {
			for i, dy := range grads {
				b.Grad(i).CopyFrom(dy)
			}
		},
	})
	return l
}

// pull is a value and the gradient that it gets.
type pull struct {
	y  *tape.Var
	dy *kernels.Array
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
	return g.array(read(f, name))
}

// array is v in the graph's dtype.
func (g *graph) array(v []float64, shape []int) *kernels.Array {
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

// close compares with the golden of that name, to its bound.
func (g *graph) close(f *golden.File, name string, got, want []float64) {
	g.t.Helper()
	if len(got) != len(want) {
		g.t.Errorf("%s: %d elements, want %d", name, len(got), len(want))
		return
	}
	if off, at := golden.Off(got, want); !(off <= f.BoundOf(name, g.dt)) {
		g.t.Errorf("%s: element %d is %g, want %g: off by %.2g of the largest, bound %.2g", name, at, got[at], want[at], off,
			f.BoundOf(name, g.dt))
	}
}

// summaries compares the gradient of every parameter, and every running statistic, with its golden summary.
func (g *graph) summaries(f *golden.File, name string) {
	g.t.Helper()
	for _, p := range g.store.Params() {
		kind, value := "/buffer/", p.Value
		if p.Grad != nil {
			kind, value = "/grad/", p.Grad
		}
		tensor := weights.Dump([]*tape.Param{{Name: p.Name, Value: value, Conv: p.Conv}})[0]
		v, err := tensor.Float64s()
		if err != nil {
			g.t.Fatal(err)
		}
		what := name + kind + p.Name
		if p.Grad != nil && g.dt == kernels.Float32 && tied[name] {
			continue
		}
		got, want, bound := golden.Summary(v), f.Floats(what), f.BoundOf(what, g.dt)
		if size := name + "/size/" + p.Name; f.Has(size) {
			g.idle(what, got, f.Floats(size)[0], bound)
		} else if off, at := golden.SummaryOff(got, want); !(off <= bound) {
			g.t.Errorf("%s: number %d of its summary is %g, want %g: off by %.2g, bound %.2g", what, at, got[at], want[at], off, bound)
		}
	}
}

// idle holds a bias in front of a batch norm, whose gradient is zero but for the rounding of sums over so large numbers.
func (g *graph) idle(what string, summary []float64, size, bound float64) {
	g.t.Helper()
	if largest := summary[2]; !(largest <= bound*size) {
		g.t.Errorf("%s is up to %g, want 0 within %.2g of %g", what, largest, bound, size)
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
var deep = map[string]bool{"resnet50": true, "googlenet": true, "googlenet_caffe": true, "bninception": true, "convnext_tiny": true}

// tied are the networks for which no input was found that is clear of every tie (scripts/goldens_networks.py): their gradients are compared
// in float64 alone, their maps in float32 too.
var tied = map[string]bool{"googlenet": true, "bninception": true}

func TestNetworkGoldens(t *testing.T) {
	for _, net := range networks {
		if short[net.Name] == "" {
			each(t, net.Name, func(g *graph) { network(g, net.Name) })
		}
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
	arena.Poison()
	record := func(training bool) (*tape.Program, *tape.Var) {
		tp := tape.New(g.dev, g.dt, training)
		fmap, _ := net.Features(layer.NewScope(tp, g.store), tp.Input(images))
		if !training {
			return tp.Compile(arena, nil, fmap), fmap
		}
		return tp.Compile(arena, pulled(tp, fmap, g.input(f, name+"/dmap")), fmap), fmap
	}
	train, fmap := record(true)
	g.set(f, name)
	eval, evalMap := record(false)
	eval.Forward() // before training changes the running statistics
	g.close(f, name+"/eval", floats(evalMap.Value()), last(f, name+"/eval"))
	train.Run()
	g.close(f, name+"/map", floats(fmap.Value()), last(f, name+"/map"))
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
