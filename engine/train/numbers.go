package train

import (
	"math"

	"udml-gpu/kernels"
	"udml-gpu/kernels/numbers"
	"udml-gpu/kernels/update"
)

// stepNumbers are what differs from one step to the next besides the batch. They lie on the device, where the step's ops read them, so that
// every step queues the same launches and a captured one can be launched for all: epoch and row come first, then those of the optimiser.
type stepNumbers struct {
	memory *kernels.Array // uint8: all of them; the arrays below are parts of it
	epoch  *kernels.Array // int32 [1]: the key of dropout and stochastic depth
	row    *kernels.Array // int32 [1]: of the recorder
	update *kernels.Array // float64 [update.Numbers]
	words  [1 + update.Numbers]uint64
}

func newStepNumbers(dev *kernels.Device) *stepNumbers {
	n := &stepNumbers{}
	n.memory = dev.New(kernels.Uint8, 8*len(n.words))
	n.epoch = n.memory.Carve(kernels.Int32, 0, 1)
	n.row = n.memory.Carve(kernels.Int32, 4, 1)
	n.update = n.memory.Carve(kernels.Float64, 8, update.Numbers)
	return n
}

// setEpoch has ops that are queued from now on compute in that epoch.
func (n *stepNumbers) setEpoch(epoch int) {
	n.words[0] = n.words[0]>>32<<32 | uint64(uint32(epoch))
	numbers.Set(n.memory, n.words[:]...)
}

// begin gives the ops of the step that is queued next its row of the recorder and its numbers of the optimiser.
func (n *stepNumbers) begin(row int, of [update.Numbers]float64) {
	n.words[0] = uint64(row)<<32 | uint64(uint32(n.words[0]))
	for i, v := range of {
		n.words[1+i] = math.Float64bits(v)
	}
	numbers.Set(n.memory, n.words[:]...)
}

func (n *stepNumbers) free() { n.memory.Free() }
