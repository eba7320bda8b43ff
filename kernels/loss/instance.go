package loss

import (
	"fmt"

	"udml-gpu/kernels"
)

// Instance is the loss of instance discrimination of embeddings z [N,D] (N = 2B, row i and row i' = (i+B) mod N are two
// views of one image): every image is a class of its own, and the other rows of the batch stand for the classes.
//
//	s_ij = z_i . z_j / t,  p_ij = exp(s_ij) / sum_{k != i} exp(s_ik)
//	loss = -1/N sum_i [ log p_ii' + alpha sum_{j != i, i'} log(1 - p_ij) ]
//
// The side of j and k, the keys, is a constant: dz [N,D] (or nil) is the gradient through z_i alone. log(1 - p_ij) is
// LSE_{q != i, j} s_iq - LSE_{q != i} s_iq, never 1 - p where p may be near 1, so that loss and gradient stay finite at any t > 0.
// With one image (N = 2) there is no other class: p_ii' is 1, loss and gradient are 0. With none the loss is 0.
//
// A NaN in z makes the loss and all of dz NaN. An infinite element, or rows whose product overflows, make the loss and
// their own rows of dz NaN; other rows of dz may then be NaN or not. loss [1]. float32 or float64; the similarities are a product
// in that type, and so is the one back to dz; all else is float64. On a GPU these products are float32 whatever the precision of
// the device. With e = (D+18) u max_ij sum_d |z_id z_jd| / t the similarities' error, u = 2^-24 in float32, the error of the loss is
// at most 2 (1+alpha) e + u |loss|, and that of an element of dz ((2+6 alpha) e + (2+2 alpha) (N+18) u) max|z| / (N t).
//
// Cost O(N^2 D). Memory beside the arrays: 32 N similarities and 3 N float64 a core on the CPU; on a GPU 8 N bytes, and above 1024 rows at
// most 8448 N more (69 MB for 8192 rows); no N x N matrix.
//
// Source: Ye, Zhang, Yuen, Chang, "Unsupervised Embedding Learning via Invariant and Spreading Instance Feature" (CVPR 2019),
// equations 4 to 9, with both views as queries. alpha is 1 there.
func Instance(loss, dz, z *kernels.Array, t, alpha float64) {
	const op = "loss.Instance"
	kernels.WantShape(op, "loss", loss, 1)
	kernels.WantShape(op, "z", z, -1, -1)
	if dz != nil {
		kernels.WantShape(op, "dz", dz, z.Shape()...)
	}
	if z.Dim(0)%2 != 0 {
		panic(op + ": z is " + z.String() + ", want two rows for each image")
	}
	if !(t > 0) {
		panic(fmt.Sprintf("%s: temperature %g, want one above 0", op, t))
	}
	switch kernels.PathOf(op, loss, dz, z) {
	case kernels.OnGPU:
		instanceCUDA(loss, dz, z, t, alpha)
	case kernels.InFloat64:
		instance[float64](loss, dz, z, t, alpha)
	case kernels.InFloat32:
		instance[float32](loss, dz, z, t, alpha)
	}
}
