// Package parity runs ops as data: a case is an op, its inputs and its bound, and runs on every implementation that the
// machine has: the CPU's fast path, the emulated GPU, a real one. Each is compared with the op in float64 on the CPU.
// Only tests import it.
package parity

import (
	"slices"
	"testing"

	"udml-gpu/kernels"
)

// Case is one op at one size.
type Case struct {
	Name string
	In   []Tensor
	Out  []Tensor // poisoned with NaN before Run, unless they have a Start
	// Bound is the largest error of a float output, relative to its largest element and at least to 1. Each case says in a
	// comment where its bound comes from.
	Bound float64
	// Run calls the op. Inputs and outputs come in the order above; all floats are float32, or all are float64.
	Run func(out, in []*kernels.Array)
	// Check replaces the usual comparison for integer outputs and for others that the bound does not fit. Arrays are on
	// the CPU; want is the float64 run.
	Check func(t testing.TB, in, want, got []*kernels.Array)
	// Large cases are left out where UDML_PARITY_SMALL is 1: in the emulator's slow check build.
	Large bool
}

// Stored is the case with those of its inputs and outputs in bfloat16. An output is rounded once more, so each is off by that.
func (c Case) Stored(in, out []int) Case {
	c.Name += " bfloat16"
	c.In, c.Out, c.Bound = slices.Clone(c.In), slices.Clone(c.Out), c.Bound+StoredBound
	for _, i := range in {
		c.In[i] = c.In[i].Stored()
	}
	for _, i := range out {
		c.Out[i] = c.Out[i].Stored()
	}
	return c
}

// StoredTimes is Stored for outputs that are rounded so many times; 0 where none of those in bfloat16 is.
func (c Case) StoredTimes(roundings float64, in, out []int) Case {
	c = c.Stored(in, out)
	c.Bound += (roundings - 1) * StoredBound
	return c
}

// StoredWhole is Stored of all inputs and outputs.
func (c Case) StoredWhole() Case { return c.Stored(UpTo(len(c.In)), UpTo(len(c.Out))) }

// UpTo are the numbers below n.
func UpTo(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// Run tests the cases on every device.
func Run(t *testing.T, cases ...Case) {
	t.Helper()
	devices, ran := Devices(t), 0
	for _, c := range cases {
		if c.Large && small() {
			continue
		}
		ran++
		t.Run(c.Name, func(t *testing.T) { c.test(t, devices) })
	}
	tookCases(t, ran, len(cases))
}

func (c *Case) test(t *testing.T, devices []*kernels.Device) {
	cpu := kernels.CPU()
	want := c.start(t, cpu, kernels.Float64)
	c.Run(want.out, want.in)
	for _, dev := range devices {
		t.Run(dev.Name(), func(t *testing.T) {
			got := c.onDevice(t, dev)
			c.compare(t, want, got)
			if dev.CUDA() {
				c.sameAgain(t, dev, got)
			}
		})
	}
}

// arrays are the inputs and outputs of one run, with the guarded memory around the outputs.
type arrays struct {
	in, out []*kernels.Array
	guarded []guarded
}

// onDevice runs the case in float32 and brings everything to the host.
func (c *Case) onDevice(t *testing.T, dev *kernels.Device) arrays {
	t.Helper()
	live := dev.LiveBytes()
	a := c.start(t, dev, kernels.Float32)
	c.Run(a.out, a.in)
	if err := dev.Sync(); err != nil {
		t.Fatalf("%s: %v", dev.Name(), err)
	}
	host := arrays{in: toHost(a.in), out: toHost(a.out)}
	for i, g := range a.guarded {
		g.check(t, i)
	}
	a.free()
	if n := dev.LiveBytes() - live; n != 0 {
		t.Errorf("%s: the op left %d bytes behind", dev.Name(), n)
	}
	return host
}

// start makes inputs and poisoned outputs.
func (c *Case) start(t testing.TB, dev *kernels.Device, float kernels.DType) arrays {
	t.Helper()
	a := arrays{}
	for _, x := range c.In {
		g := newGuarded(dev, x, float)
		a.guarded, a.in = append(a.guarded, g), append(a.in, g.array)
	}
	for _, x := range c.Out {
		g := newGuarded(dev, x, float)
		a.guarded, a.out = append(a.guarded, g), append(a.out, g.array)
	}
	return a
}

func (a *arrays) free() {
	for _, g := range a.guarded {
		g.whole.Free()
	}
}

func toHost(list []*kernels.Array) []*kernels.Array {
	cpu := kernels.CPU()
	var out []*kernels.Array
	for _, a := range list {
		out = append(out, a.To(cpu))
	}
	return out
}

// sameAgain runs the case a second time on the device: every byte must be the same.
func (c *Case) sameAgain(t *testing.T, dev *kernels.Device, first arrays) {
	t.Helper()
	second := c.onDevice(t, dev)
	for i, x := range first.out {
		if at := firstDifference(x, second.out[i]); at >= 0 {
			t.Errorf("output %d, %v: two runs differ from byte %d on", i, x, at)
		}
	}
}
