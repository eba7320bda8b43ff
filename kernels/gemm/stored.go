package gemm

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/bfloat"
)

// gemmStored is Gemm of bfloat16 operands.
func gemmStored(c, a, b *kernels.Array, transA, transB bool, alpha, beta float64) {
	if transA && transB || beta != 0 {
		panic("gemm.Gemm: there is no such product of bfloat16 matrices")
	}
	maps, others := []*kernels.Array{a, b}, []*kernels.Array{c}
	if c.DType() == kernels.BFloat16 {
		maps, others = append(maps, c), nil
	}
	if kernels.PathOfMaps("gemm.Gemm", maps, others...) == kernels.OnGPU {
		multiplyCUDA(deviceProduct{
			transA: transA, transB: transB, m: c.Dim(0), n: c.Dim(1), k: depth(a, transA), alpha: alpha, a: a, b: b, c: c,
		})
		return
	}
	var w bfloat.Wide
	Gemm(w.Out(c), w.In(a), w.In(b), transA, transB, alpha, 0)
	w.Done()
}

// depth is the number of terms of a product whose left factor is op(a).
func depth(a *kernels.Array, trans bool) int {
	if trans {
		return a.Dim(0)
	}
	return a.Dim(1)
}
