package gemm

import "udml-gpu/kernels"

var (
	columnSumsKernel = kernels.NewStored("gemm_column_sums")
	addPartsKernel   = kernels.NewStored("gemm_add_parts")
	fillRowsKernel   = kernels.NewStored("gemm_fill_rows")
)

// The kernels of column_sums.cuh have blocks of sumThreads threads, which take sumRows rows each at least; more than
// sumParts parts would make adding them the longer work.
const (
	sumThreads = 256
	sumRows    = 16
	sumParts   = 64
	// sumBlocks keeps all multiprocessors of a large GPU busy, several blocks on each.
	sumBlocks = 1024
)

// Sums is how the columns of a matrix are added up on a GPU by a kernel made of column_sums.cuh: its launch, and the
// arguments width, chunk and pack. The order of the sums is a function of the shape alone, the same for any pack.
type Sums struct {
	kernels.Launch

	Width, Chunk, Parts, Pack int
}

// SumsOf plans the sums of cols columns of maps of one shape, of at least one element. A thread takes four columns of bfloat16 where it
// can, in a quarter of the threads; of float32 one, whose loads fill a cache line a warp.
func SumsOf(cols int, maps ...*kernels.Array) Sums {
	rows, s := maps[0].Len()/cols, Sums{Width: 1, Pack: 1}
	for s.Width < min(cols, 32) {
		s.Width *= 2
	}
	if maps[0].DType() == kernels.BFloat16 {
		s.Pack = kernels.Pack(cols, maps...)
	}
	groups := kernels.Blocks(cols, s.Width)
	most := max(1, min(sumParts, sumBlocks/groups))
	s.Chunk = max((rows+most-1)/most, sumThreads/s.Width*sumRows)
	s.Parts = kernels.Blocks(rows, s.Chunk)
	s.Launch = kernels.Launch{Grid: kernels.Dim{X: groups, Y: s.Parts}, Block: kernels.Dim{X: sumThreads / s.Pack}}
	return s
}

// Into launches the first pass by run, which gets the array for the parts' sums, and adds those up in sum.
func (s Sums) Into(sum *kernels.Array, run func(parts *kernels.Array)) {
	if s.Parts == 1 {
		run(sum)
		return
	}
	parts := sum.Device().Scratch(kernels.Float32, s.Parts, sum.Len())
	run(parts)
	AddPartsCUDA(sum, parts, s.Parts, 0)
	parts.Free()
}

func columnSumsCUDA(sum, x *kernels.Array) {
	if x.Len() == 0 {
		sum.Zero()
		return
	}
	rows, cols := x.Len()/sum.Len(), sum.Len()
	s := SumsOf(cols, x)
	s.Into(sum, func(parts *kernels.Array) {
		sum.Device().Launch(columnSumsKernel.Of(x), s.Launch, kernels.Ptr(parts), kernels.Ptr(x), kernels.I64(rows), kernels.I32(cols),
			kernels.I32(s.Width), kernels.I64(s.Chunk), kernels.I32(s.Pack))
	})
}

// AddPartsCUDA is AddParts on a GPU: c = beta c + parts[0] + parts[1] + ..., in this order, in float32; c may be bfloat16.
func AddPartsCUDA(c, parts *kernels.Array, count int, beta float64) {
	if c.Len() > 0 {
		c.Device().Launch(addPartsKernel.Of(c), kernels.Elements(c.Len()), kernels.Ptr(c), kernels.Ptr(parts), kernels.I64(c.Len()),
			kernels.I32(count), kernels.F32(beta))
	}
}

// fillRowsCUDA copies row into each row of y.
func fillRowsCUDA(y, row *kernels.Array) {
	if y.Len() > 0 {
		y.Device().Launch(fillRowsKernel.Of(y), kernels.Elements(y.Len()), kernels.Ptr(y), kernels.Ptr(row), kernels.I64(y.Len()),
			kernels.I32(row.Len()))
	}
}
