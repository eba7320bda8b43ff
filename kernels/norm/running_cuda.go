package norm

import (
	"encoding/binary"
	"math"

	"udml-gpu/kernels"
)

var runningKernel = kernels.NewKernel("norm_batch_running")

// runningThreads is the block of norm_batch_running.
const runningThreads = 256

// runningCUDA is a launch for all layers, or where one comes several times (the parts of a batch), one for each time.
func runningCUDA(layers []Running, momentum float64, skip *kernels.Array) {
	seen, first := map[uint64]bool{}, 0
	for i, l := range layers {
		if seen[l.Mean.Address()] {
			launchRunning(layers[first:i], momentum, skip)
			clear(seen)
			first = i
		}
		seen[l.Mean.Address()] = true
	}
	launchRunning(layers[first:], momentum, skip)
}

// launchRunning takes different layers.
func launchRunning(layers []Running, momentum float64, skip *kernels.Array) {
	dev, widest := layers[0].Mean.Device(), 0
	var list []byte
	for _, l := range layers {
		list = l.appendTo(list)
		widest = max(widest, l.Mean.Len())
	}
	launch := kernels.Launch{
		Grid: kernels.Dim{X: kernels.Blocks(widest, runningThreads), Y: len(layers)}, Block: kernels.Dim{X: runningThreads},
	}
	dev.Launch(runningKernel, launch, kernels.Ptr(kernels.Constant(dev, list)), kernels.F64(momentum), kernels.Ptr(skip))
}

// appendTo adds the layer to the kernel's list (Layer in batchnorm.cu).
func (l Running) appendTo(list []byte) []byte {
	for _, a := range l.arrays() {
		list = binary.LittleEndian.AppendUint64(list, a.Address())
	}
	rows := float64(imageRows(l.Rows, l.Weight))
	for _, v := range []float64{rows, l.Eps} {
		list = binary.LittleEndian.AppendUint64(list, math.Float64bits(v))
	}
	list = binary.LittleEndian.AppendUint32(list, uint32(images(l.Weight)))
	return binary.LittleEndian.AppendUint32(list, uint32(l.Mean.Len()))
}
