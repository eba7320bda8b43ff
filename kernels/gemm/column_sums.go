package gemm

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// ColumnSums is sum[j] = sum_i x[i,j]: x of any shape is seen as rows of sum's length. sum [O] and x are both float32 or
// both float64, or x is bfloat16 and sum float32; without rows the sums are 0. Rows are added in chunks fixed by the shape, and the
// chunks in order.
// Error: that of a sum of as many terms as there are rows, (rows+16) eps sum |x|.
func ColumnSums(sum, x *kernels.Array) {
	kernels.WantShape("gemm.ColumnSums", "sum", sum, -1)
	if sum.Len() > 0 && x.Len()%sum.Len() != 0 {
		panic("gemm.ColumnSums: " + x.String() + " has no rows as long as " + sum.String())
	}
	switch kernels.PathOfMaps("gemm.ColumnSums", []*kernels.Array{x}, sum) {
	case kernels.OnGPU:
		columnSumsCUDA(sum, x)
	case kernels.InFloat64:
		SumRows(kernels.Data[float64](sum), kernels.Data[float64](x))
	case kernels.InFloat32:
		SumRows(kernels.Data[float32](sum), kernels.Data[float32](x))
	case kernels.InBFloat16:
		var w bfloat.Wide
		ColumnSums(sum, w.In(x))
		w.Done()
	}
}
