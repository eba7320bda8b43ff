package golden

import (
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

// Case is one case of a golden file, tested in one dtype.
type Case struct {
	*File
	T     testing.TB
	DType kernels.DType
	Dev   *kernels.Device
	name  string
}

// Run tests the case of that name of testdata/goldens/<file>.safetensors, on the CPU in float64 and in float32, and in
// float32 on a GPU where there is one.
func Run(t *testing.T, file, name string, test func(c *Case)) {
	t.Helper()
	run := func(dt kernels.DType, dev *kernels.Device) {
		t.Run(name+"/"+dt.String()+"/"+dev.Name(), func(t *testing.T) {
			test(&Case{File: Open(t, file), T: t, DType: dt, Dev: dev, name: name})
		})
	}
	run(kernels.Float64, kernels.CPU())
	for _, dev := range parity.Devices(t) {
		run(kernels.Float32, dev)
	}
}

// Notices fails the test unless the case, run with a fault on the CPU in float32, fails: its bounds are not too wide for that fault.
func Notices(t *testing.T, file, name, fault string, test func(c *Case)) {
	t.Helper()
	t.Run(name+"/"+fault, func(t *testing.T) {
		r := &Recorder{TB: t}
		test(&Case{File: Open(t, file), T: r, DType: kernels.Float32, Dev: kernels.CPU(), name: name})
		if !r.Failed() {
			t.Errorf("%s passes with this fault: %s", name, fault)
		}
	})
}

// Recorder is a test that takes note of its comparisons' failures instead of failing.
type Recorder struct {
	testing.TB
	failed bool
}

// Errorf notes a failure.
func (r *Recorder) Errorf(string, ...any) { r.failed = true }

// Failed reports whether there was one.
func (r *Recorder) Failed() bool { return r.failed }

// In is a floating tensor of the case as an array of the case's dtype; four axes are moved to NHWC or OHWI.
func (c *Case) In(name string) *kernels.Array {
	c.T.Helper()
	return c.array(c.Floats(c.name+"/"+name), name)
}

// Optional is In, or nil where the case has no such tensor.
func (c *Case) Optional(name string) *kernels.Array {
	c.T.Helper()
	if !c.Has(c.name + "/" + name) {
		return nil
	}
	return c.In(name)
}

// Out is an array of the shape that In(name) has, full of NaN, for an op to write.
func (c *Case) Out(name string) *kernels.Array {
	c.T.Helper()
	v := make([]float64, len(c.Floats(c.name+"/"+name)))
	for i := range v {
		v[i] = math.NaN()
	}
	return c.array(v, name)
}

// OutOf is Out, or nil where the case has no such tensor.
func (c *Case) OutOf(name string) *kernels.Array {
	c.T.Helper()
	if !c.Has(c.name + "/" + name) {
		return nil
	}
	return c.Out(name)
}

func (c *Case) array(v []float64, name string) *kernels.Array {
	shape := c.Shape(c.name + "/" + name)
	if len(shape) == 4 {
		v, shape = ChannelsLast(v, shape)
	}
	if c.DType == kernels.Float64 {
		return kernels.Of(c.Dev, v, shape...)
	}
	narrow := make([]float32, len(v))
	for i, x := range v {
		narrow[i] = float32(x)
	}
	return kernels.Of(c.Dev, narrow, shape...)
}

// Int32 is an I32 tensor of the case.
func (c *Case) Int32(name string) *kernels.Array {
	c.T.Helper()
	return kernels.Of(c.Dev, c.Int32s(c.name+"/"+name), c.Shape(c.name+"/"+name)...)
}

// Mask is a U8 tensor of the case.
func (c *Case) Mask(name string) *kernels.Array {
	c.T.Helper()
	return kernels.Of(c.Dev, c.Bytes(c.name+"/"+name), c.Shape(c.name+"/"+name)...)
}

// Number is a tensor of one element, such as a coefficient.
func (c *Case) Number(name string) float64 {
	c.T.Helper()
	return c.Floats(c.name + "/" + name)[0]
}

// Check compares got with the golden of that name. Nil is not compared.
func (c *Case) Check(name string, got *kernels.Array) {
	c.T.Helper()
	if got == nil {
		return
	}
	c.within(name, got, c.BoundOf(c.name+"/"+name, c.DType))
}

// CheckRounded is Check of a result that by its contract is computed in float64 and rounded once; float32's own error does not count.
func (c *Case) CheckRounded(name string, got *kernels.Array) {
	c.T.Helper()
	c.within(name, got, min(Floor, c.BoundOf(c.name+"/"+name, c.DType)))
}

func (c *Case) within(name string, got *kernels.Array, bound float64) {
	c.T.Helper()
	want := c.In(name)
	if c.DType == kernels.Float64 {
		near(c.T, name, kernels.Read[float64](got), kernels.Read[float64](want), bound)
		return
	}
	near(c.T, name, kernels.Read[float32](got), kernels.Read[float32](want), bound)
}

// near fails the test unless max|got-want| <= bound max|want|; NaN fails.
func near[T kernels.Float](t testing.TB, name string, got, want []T, bound float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d elements, want %d", name, len(got), len(want))
	}
	if off, at := Off(got, want); !(off <= bound) {
		t.Errorf("%s: element %d is %g, want %g: off by %.2g of the largest, bound %.2g", name, at, got[at], want[at], off, bound)
	}
}
