package loss

import (
	"fmt"
	"math"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/optest"
)

type recCase struct {
	slot  []int32
	slots int
	image []int
}

var recCases = []recCase{
	{[]int32{0, 1, 1, 0}, 2, []int{2, 3, 1}},
	{[]int32{2, 0, 2, 2}, 4, []int{3, 3, 3}},
	{[]int32{0, 0}, 1, []int{1, 1, 1}},
	{[]int32{1, 0, 1, 0}, 2, []int{19, 18, 3}}, // a tile and a bit
	{[]int32{1, 0}, 3, []int{32, 32, 1}},
}

func (c recCase) arrays(dt kernels.DType) (d, target, slot, count *kernels.Array) {
	dev := kernels.CPU()
	d = optest.Uniform(dev, dt, 1, 0, 1, append([]int{c.slots}, c.image...)...)
	target = optest.Uniform(dev, dt, 2, 0, 1, append([]int{len(c.slot)}, c.image...)...)
	slot, count = kernels.Of(dev, c.slot, len(c.slot)), dev.New(kernels.Int32, c.slots)
	for _, s := range c.slot {
		kernels.Data[int32](count)[s]++
	}
	for j, n := range kernels.Data[int32](count) {
		if n == 0 {
			row := d.Rows(j, j+1)
			row.CopyFrom(optest.Poisoned(dev, dt, row.Shape()...))
		}
	}
	return d, target, slot, count
}

func (c recCase) loop(d, target *kernels.Array) (loss float64, dd *kernels.Array) {
	dd = kernels.CPU().New(kernels.Float64, d.Shape()...)
	p := d.Len() / c.slots
	for i, s := range c.slot {
		for e := range p {
			at := int(s)*p + e
			diff := optest.Get(d, at) - optest.Get(target, i*p+e)
			loss += diff * diff / float64(target.Len())
			optest.Set(dd, at, optest.Get(dd, at)+2*diff/float64(target.Len()))
		}
	}
	return loss, dd
}

func TestReconstruction(t *testing.T) {
	dev := kernels.CPU()
	for _, dt := range types {
		for _, c := range recCases {
			d, target, slot, count := c.arrays(dt)
			loss, dd := optest.Poisoned(dev, dt, 1), optest.Poisoned(dev, dt, d.Shape()...)
			Reconstruction(loss, dd, d, target, slot, count)
			want, dwant := c.loop(d, target)
			bound := map[kernels.DType]float64{kernels.Float32: 2e-7, kernels.Float64: 1e-14}[dt]
			optest.Near(t, fmt.Sprint(dt, c), loss, kernels.Of(dev, []float64{want}, 1), bound)
			optest.Near(t, fmt.Sprint(dt, c), dd, dwant, bound)
			Reconstruction(loss, nil, d, target, slot, count)
			optest.Near(t, fmt.Sprint(dt, c, " without gradient"), loss, kernels.Of(dev, []float64{want}, 1), bound)
		}
	}
}

func TestReconstructionGradient(t *testing.T) {
	dev, f64 := kernels.CPU(), kernels.Float64
	for _, c := range recCases[:3] {
		d, target, slot, count := c.arrays(f64)
		loss, dd := optest.Poisoned(dev, f64, 1), optest.Poisoned(dev, f64, d.Shape()...)
		Reconstruction(loss, dd, d, target, slot, count)
		optest.Gradient(t, fmt.Sprint(c), dd, d, 1e-3, 1e-9, func() float64 {
			Reconstruction(loss, nil, d, target, slot, count)
			return optest.Get(loss, 0)
		})
	}
}

func TestReconstructionShowsNaN(t *testing.T) {
	dev := kernels.CPU()
	d, target, slot, count := recCases[0].arrays(kernels.Float32)
	optest.Set(target, 5, math.NaN())
	loss := dev.New(kernels.Float32, 1)
	Reconstruction(loss, nil, d, target, slot, count)
	if !math.IsNaN(optest.Get(loss, 0)) {
		t.Errorf("loss %g", optest.Get(loss, 0))
	}
}
