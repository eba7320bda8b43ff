package layer

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/norm"
	"udml-gpu/models/tape"
)

// runningNorms are the batch norms of a tape whose running statistics a step moves, all at once.
type runningNorms struct{ layers []func() norm.Running }

func runningOf(t *tape.Tape) *runningNorms {
	return tape.Once(t, "running statistics", func() *runningNorms { return &runningNorms{} })
}

// add adds a layer, whose arrays may move between steps.
func (r *runningNorms) add(layer func() norm.Running) *runningNorms {
	r.layers = append(r.layers, layer)
	return r
}

// Commit moves them, each towards the statistics of its batch, in the order in which they were recorded.
func (r *runningNorms) Commit(skip *kernels.Array) {
	list := make([]norm.Running, len(r.layers))
	for i, l := range r.layers {
		list[i] = l()
	}
	norm.BatchNormRunning(list, batchNormMomentum, skip)
}
