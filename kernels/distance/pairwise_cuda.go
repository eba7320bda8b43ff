package distance

import (
	"math"

	"udml-gpu/kernels"
)

var pairwiseKernels = newWalkKernels("distance_pairwise")

// pairwiseGroups are those of warpgroups, by tileFormat, for rows of any length.
var pairwiseGroups = newStreamKernels("distance_pairwise_groups")

// The sizes of include/warpgroup_stream.cuh.
const (
	streamThreads = 384 // two warpgroups that multiply, and one that copies
	streamStages  = 4   // of a chunk of two tiles of x and one of y
	streamShared  = groupBars + groupAlign + groupFigures*gpuTile*8 + streamStages*3*chunkBytes
)

func newStreamKernels(name string) (k walkKernels) {
	for f, format := range formatNames {
		k[f] = kernels.NewHopperKernel(name+"_"+format, streamShared)
	}
	return k
}

func pairwiseCUDA(dst, x, y *kernels.Array, m Metric) {
	if dst.Len() == 0 {
		return
	}
	t := newTiling(x, m)
	cols := t.pack(y, false)
	defer cols.free()
	t.blocks(x, math.MaxInt, func(rows operand, lo, hi int) {
		args := []kernels.Arg{kernels.Ptr(dst.Rows(lo, hi)), kernels.F32(float64(m.sign()))}
		if t.streams() {
			t.stream(pairwiseGroups, rows, cols, args...)
			return
		}
		count, per := parts(rows.tiles, cols.tiles, gpuBlocks)
		t.walk(pairwiseKernels, rows, cols, count, per, 0, args...)
	})
}

// streams says whether the whole matrix can be multiplied by warpgroups.
func (t tiling) streams() bool { return byGroups && t.dev.Hopper(streamShared) }

// streamBlocks is how many blocks there are at most: one for each multiprocessor. A test makes it small.
var streamBlocks = func(dev *kernels.Device) int { return dev.Info().Multiprocessors }

// stream is walk by warpgroups, whose blocks go through the parts of the result, 256 rows by 128 columns each.
func (t tiling) stream(k walkKernels, x, y operand, args ...kernels.Arg) {
	results := (x.tiles + 1) / 2 * y.tiles
	l := kernels.Launch{
		Grid: kernels.Dim{X: min(results, streamBlocks(t.dev))}, Block: kernels.Dim{X: streamThreads}, Shared: streamShared,
	}
	t.dev.Launch(k[t.format], l, t.arguments(x, y, 0, args)...)
}
