package distance

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
)

// SquaredL2Backward is the gradient by x [N,D] of the squared distances of its rows, Pairwise(., x, x, SquaredL2), from theirs g [N,N]:
//
//	dx[i] = sum_j 2 (g_ij + g_ji) (x_i - x_j)
//
// The diagonal of g is not read. It runs as one product, of a matrix with x: an element is off by at most (N+4) u sum_j |2 (g_ij + g_ji)|
// max |x|, with u the unit roundoff, on a GPU (N+20) u. float32 or float64.
func SquaredL2Backward(dx, g, x *kernels.Array) {
	const op = "distance.SquaredL2Backward"
	kernels.WantShape(op, "x", x, -1, -1)
	kernels.WantShape(op, "dx", dx, x.Shape()...)
	kernels.WantShape(op, "g", g, x.Dim(0), x.Dim(0))
	kernels.WantType(op, "g", g, x.DType())
	n := x.Dim(0)
	a := x.Device().Scratch(x.DType(), n, n)
	switch kernels.PathOf(op, dx, g, x) {
	case kernels.OnGPU:
		laplacianCUDA(a, g)
	case kernels.InFloat64:
		laplacian(kernels.Data[float64](a), kernels.Data[float64](g), n)
	case kernels.InFloat32:
		laplacian(kernels.Data[float32](a), kernels.Data[float32](g), n)
	}
	gemm.Gemm(dx, a, x, false, false, 1, 0)
	a.Free()
}

// laplacian leaves -2 (g_ij + g_ji) in a outside of the diagonal, and on it minus the sum of the rest of the row.
func laplacian[T kernels.Float](a, g []T, n int) {
	kernels.Tiles(n, max(1, 4096/max(1, n)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			sum := 0.0
			for j := range n {
				if j == i {
					continue
				}
				v := 2 * (float64(g[i*n+j]) + float64(g[j*n+i]))
				sum += v
				a[i*n+j] = T(-v)
			}
			a[i*n+i] = T(sum)
		}
	})
}

var laplacianKernel = kernels.NewKernel("distance_laplacian")

func laplacianCUDA(a, g *kernels.Array) {
	n := g.Dim(0)
	if n == 0 {
		return
	}
	a.Device().Launch(laplacianKernel, kernels.Launch{Grid: kernels.Dim{X: n}, Block: kernels.Dim{X: 256}},
		kernels.Ptr(a), kernels.Ptr(g), kernels.I32(n))
}
