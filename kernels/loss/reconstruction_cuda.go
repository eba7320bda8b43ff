package loss

import "udml-gpu/kernels"

var (
	reconstructionFours = kernels.NewKernel("loss_reconstruction_fours")
	reconstructionEach  = kernels.NewKernel("loss_reconstruction_each")
)

// The shape of the kernels' grid: threads of a block, each with up to four columns, and the largest extent along y.
const (
	reconstructionThreads = 256
	gridSlots             = 65535
)

func reconstructionCUDA(loss, dd, d, target, slot *kernels.Array, scale float64) {
	dev, slots := d.Device(), d.Dim(0)
	columns, runs := d.Len()/max(1, slots), 0
	kernel, wide := reconstructionEach, 1
	if columns%4 == 0 && (dd.Address()|d.Address()|target.Address())%16 == 0 {
		kernel, wide = reconstructionFours, 4
	}
	if columns > 0 {
		runs = kernels.Blocks(columns, wide*reconstructionThreads)
	}
	parts := dev.Scratch(kernels.Float64, slots, runs)
	if parts.Len() > 0 {
		l := kernels.Launch{Grid: kernels.Dim{X: runs, Y: min(slots, gridSlots)}, Block: kernels.Dim{X: reconstructionThreads}}
		dev.Launch(kernel, l, kernels.Ptr(parts), kernels.Ptr(dd), kernels.Ptr(d), kernels.Ptr(target), kernels.Ptr(slot),
			kernels.I32(slot.Len()), kernels.I32(slots), kernels.I64(columns), kernels.F32(2*scale))
	}
	sumCUDA(loss, parts, scale)
	parts.Free()
}
