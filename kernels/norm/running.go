package norm

import "udml-gpu/kernels"

// Running is a batch norm whose running statistics a batch moves: Mean and Var [C], Stats of the batch, and how many rows they are of: Rows
// (of all images), or (rows per image) sum(Weight) where Weight [N] is given. Eps is that of BatchNorm.
type Running struct {
	Mean, Var *kernels.Array
	Stats     Stats
	Weight    *kernels.Array
	Rows      int
	Eps       float64
}

// BatchNormRunning moves the running statistics of layers towards a batch's, as torch does: run = (1-momentum) run + momentum new, with the
// unbiased variance n/(n-1) var of n rows. skip int32 [1] (or nil): not zero means do nothing. A batch of no weight changes nothing. Layers
// are moved in their order; one may come several times. A GPU does all different ones in one launch, by a list of their addresses that it
// keeps (kernels.Constant).
func BatchNormRunning(layers []Running, momentum float64, skip *kernels.Array) {
	const op = "norm.BatchNormRunning"
	if skip != nil {
		kernels.WantShape(op, "skip", skip, 1)
		kernels.WantType(op, "skip", skip, kernels.Int32)
	}
	if len(layers) == 0 {
		return
	}
	path := kernels.PathOf(op, layers[0].arrays()...)
	for _, l := range layers {
		c := l.Stats.Mean.Len()
		kernels.WantShape(op, "mean", l.Stats.Mean, c)
		kernels.WantShape(op, "inverse deviation", l.Stats.InvStd, c)
		kernels.WantShape(op, "running mean", l.Mean, c)
		kernels.WantShape(op, "running variance", l.Var, c)
		if kernels.PathOf(op, l.arrays()...) != path {
			panic(op + ": layers are of different types")
		}
	}
	switch {
	case path == kernels.OnGPU:
		runningCUDA(layers, momentum, skip)
	case skip != nil && kernels.Data[int32](skip)[0] != 0:
	case path == kernels.InFloat64:
		running[float64](layers, momentum)
	default:
		running[float32](layers, momentum)
	}
}

func (l Running) arrays() []*kernels.Array {
	return []*kernels.Array{l.Mean, l.Var, l.Stats.Mean, l.Stats.InvStd, l.Weight}
}

func running[T kernels.Float](layers []Running, momentum float64) {
	for _, l := range layers {
		batchNormRunning[T](l.Mean, l.Var, l.Stats, l.Weight, l.Rows, l.Eps, momentum)
	}
}
