package norm

import (
	"fmt"
	"math"

	"udml-gpu/kernels"
)

var (
	momentsKernel = kernels.NewStored("norm_batch_moments")
	applyKernel   = kernels.NewStored("norm_batch_apply")
	evalKernel    = kernels.NewStored("norm_batch_eval")
)

// layout is how the threads of a block lie over rows and channels: see batchnorm.cuh.
type layout struct {
	rows, channels int
	pack           int // numbers a thread moves at once
	lanes          int // packs of channels that a block is wide
	groups         int // blocks that all channels are wide
	high           int // rows that a block is high
}

// blockThreads is threadsAtMost in batchnorm.cuh; mostChannels is how many channels an operand there may have, in at most mostGroups
// groups.
const blockThreads, mostChannels, mostGroups = 256, math.MaxUint16 - 1, 256

// layoutOf is the layout for x [..., C]; as are all the arrays with C channels that the kernel reads and writes.
func layoutOf(x *kernels.Array, as ...*kernels.Array) layout {
	c := channels("norm", x)
	return layoutFor(x.Len()/c, c, kernels.Pack(c, as...))
}

// layoutFor is the layout for so many rows and channels, `pack` of which a thread moves at once.
func layoutFor(rows, channels, pack int) layout {
	l := layout{rows: rows, channels: channels, pack: pack}
	if l.rows > 1<<30 {
		panic(fmt.Sprintf("norm: %d rows are more than a kernel counts", rows))
	}
	packs := channels / l.pack
	l.groups = kernels.TileCount(packs, blockThreads)
	l.lanes = kernels.TileCount(packs, l.groups)
	l.high = blockThreads / l.lanes
	return l
}

// chunk is how many rows a block sums up, and how many such chunks there are. About 1024 blocks fill a GPU; a chunk of
// 64 rows or more writes little compared with its reads, and a float32 sum may go over 64 rows a thread.
func (l layout) chunk() (rows, count int) {
	const few = 64
	each := max(kernels.TileCount(l.rows*l.groups, 1024*l.high), kernels.TileCount(few, l.high), few/8)
	rows = min(few, each) * l.high
	return rows, kernels.TileCount(l.rows, rows)
}

func (l layout) launch(blocks, shared int) kernels.Launch {
	return kernels.Launch{Grid: kernels.Dim{X: blocks, Y: l.groups}, Block: kernels.Dim{X: l.lanes * l.high}, Shared: shared}
}

// mapping is the launch of a kernel that maps rows, `ahead` of them at a time, in about twice the blocks that a GPU holds.
func (l layout) mapping(ahead int) kernels.Launch {
	const blocks = 2048
	return l.launch(min(kernels.Blocks(l.rows, l.high*ahead), max(1, blocks/l.groups)), 0)
}

// channelBlocks is the launch of a kernel that joins the parts of 32 channels a block, in 32 warps.
func channelBlocks(channels int) kernels.Launch {
	return kernels.Launch{Grid: kernels.Dim{X: kernels.Blocks(channels, 32)}, Block: kernels.Dim{X: 1024}}
}

func batchNormCUDA(y, x, gamma, beta, weight *kernels.Array, s Stats, eps float64, relu bool) {
	statisticsCUDA(s, nil, Whole(x), weight, eps)
	applyCUDA(Whole(y), Whole(x), gamma, beta, s, relu)
}

func applyCUDA(y, x []Columns, gamma, beta *kernels.Array, s Stats, relu bool) {
	if x[0].Len() == 0 {
		return
	}
	l := layoutOfColumns(x, y, s.Mean, s.InvStd, gamma, beta)
	args := append(operand(y), operand(x)...)
	args = append(args, ends(x), kernels.Ptr(s.Mean), kernels.Ptr(s.InvStd), kernels.Ptr(gamma), kernels.Ptr(beta), kernels.I32(l.rows),
		kernels.I32(l.channels), kernels.I32(l.lanes), kernels.Bool(relu), kernels.I32(l.pack))
	gamma.Device().Launch(applyKernel.Of(x[0].Array), l.mapping(4), args...)
}

// statisticsCUDA fills s, or where m [2,C] is given m alone, with the mean and the sum of squared deviations.
func statisticsCUDA(s Stats, m *kernels.Array, x []Columns, weight *kernels.Array, eps float64) {
	dev, l := x[0].Device(), layoutOfColumns(x, nil)
	rows, count := l.chunk()
	count = max(1, count)
	parts := dev.Scratch(kernels.Float64, count*(2*l.channels+l.groups))
	defer parts.Free()
	weights := parts.View(count*2*l.channels, count*l.groups)
	shared := l.lanes * l.high * (1 + 2*l.pack) * kernels.Float64.Size()
	args := []kernels.Arg{
		kernels.Ptr(s.Mean), kernels.Ptr(s.InvStd), kernels.Ptr(m), kernels.Ptr(parts), kernels.Ptr(weights), kernels.Ptr(l.counters(dev)),
	}
	args = append(args, operand(x)...)
	args = append(args, ends(x), kernels.Ptr(weight), kernels.I32(l.rows), kernels.I32(imageRows(l.rows, weight)), kernels.I32(l.channels),
		kernels.I32(l.lanes), kernels.I32(rows), kernels.F64(eps), kernels.I32(l.pack))
	dev.Launch(momentsKernel.Of(x[0].Array), l.launch(count, shared), args...)
}

// counters count the blocks of each group of channels that have done their part (last_of_group).
func (l layout) counters(dev *kernels.Device) *kernels.Array {
	return kernels.Constant(dev, make([]byte, 4*mostGroups)).Carve(kernels.Int32, 0, l.groups)
}

// imageRows is the number of rows that one weight counts for: all, where there are no weights.
func imageRows(rows int, weight *kernels.Array) int {
	if weight == nil {
		return rows
	}
	return rows / max(1, weight.Len())
}

// images is the number of weights.
func images(weight *kernels.Array) int {
	if weight == nil {
		return 0
	}
	return weight.Len()
}

func batchNormEvalCUDA(y, x, gamma, beta, runMean, runVar *kernels.Array, eps float64, relu bool) {
	if x.Len() == 0 {
		return
	}
	l := layoutOf(x, y, x, runMean, runVar, gamma, beta)
	x.Device().Launch(evalKernel.Of(x), l.mapping(4), kernels.Ptr(y), kernels.Ptr(x), kernels.Ptr(runMean), kernels.Ptr(runVar),
		kernels.Ptr(gamma),
		kernels.Ptr(beta), kernels.F32(eps), kernels.I32(l.rows), kernels.I32(l.channels), kernels.I32(l.lanes), kernels.Bool(relu),
		kernels.I32(l.pack))
}
