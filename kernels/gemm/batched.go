package gemm

import (
	"fmt"

	"udml-gpu/kernels"
)

// Stack is matrices of one shape in an array: element (i,j) of matrix b is element Offset + b Step + i Row + j. So the columns of a head,
// or an image's rows, are a matrix where they lie. With Step 0 all products use one matrix.
type Stack struct {
	Array             *kernels.Array
	Offset, Step, Row int
}

// Batch is Count products of one shape, as Gemm has them.
type Batch struct {
	Count, M, N, K int
	TransA, TransB bool
	Alpha, Beta    float64
}

// Batched is Gemm for each matrix of the stacks, as torch.baddbmm and cublasSgemmStridedBatched:
//
//	c[b] = Alpha op(a[b]) op(b[b]) + Beta c[b],  c[b] [M,N], op(a[b]) [M,K], op(b[b]) [K,N]
//
// all float32 or all float64. The results must not overlap each other or the factors: Step of c is not 0 unless Count is 1. With Beta 0 the
// old c is not read. A matrix that does not fit its array panics. On the CPU the bytes of a result do not depend on Count or on its
// place. The error bound is Gemm's; a GPU computes with the own kernels.
func Batched(c, a, b Stack, p Batch) {
	const op = "gemm.Batched"
	c.want(op, "c", p.Count, p.M, p.N)
	a.want(op, "a", p.Count, p.rowsIf(p.TransA, p.M, p.K), p.rowsIf(p.TransA, p.K, p.M))
	b.want(op, "b", p.Count, p.rowsIf(p.TransB, p.K, p.N), p.rowsIf(p.TransB, p.N, p.K))
	if p.Count > 1 && c.Step < p.N {
		panic(fmt.Sprintf("%s: results of %d columns are %d elements apart", op, p.N, c.Step))
	}
	if p.Count == 0 || p.M == 0 || p.N == 0 {
		return
	}
	switch kernels.PathOf(op, c.Array, a.Array, b.Array) {
	case kernels.OnGPU:
		batchedCUDA(c, a, b, p)
	case kernels.InFloat64:
		batched[float64](c, a, b, p)
	case kernels.InFloat32:
		batched[float32](c, a, b, p)
	}
}

// rowsIf is the stored number of rows of an operand: the second where it is transposed.
func (p *Batch) rowsIf(trans bool, plain, transposed int) int {
	if trans {
		return transposed
	}
	return plain
}

// want panics unless count matrices of rows x cols lie in the array.
func (s Stack) want(op, name string, count, rows, cols int) {
	if count < 0 || rows < 0 || cols < 0 || s.Offset < 0 || s.Step < 0 || s.Row < 0 {
		panic(fmt.Sprintf("%s: %s is %d matrices of %d x %d, %+v", op, name, count, rows, cols, s))
	}
	if count == 0 || rows == 0 || cols == 0 {
		return
	}
	if need := s.Offset + (count-1)*s.Step + (rows-1)*s.Row + cols; need > s.Array.Len() || rows > 1 && s.Row < cols {
		panic(fmt.Sprintf("%s: %s is %v, too short for %d matrices of %d x %d, %d and %d apart", op, name, s.Array, count, rows, cols,
			s.Step, s.Row))
	}
}
