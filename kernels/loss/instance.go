package loss

import (
	"fmt"
	"strconv"

	"udml-gpu/kernels"
)

// Instance is the loss of instance discrimination of queries x [R,D] against keys z [N,D], embeddings of a batch (N = 2B, keys i and
// i' = (i+B) mod N are two views of one image): every image is a class of its own, and the keys stand for the classes. R is a multiple of
// N, and query r stands in the place of key i = r mod N, whose image it shows; usually x is z.
//
//	s_rj = x_r . z_j / t,  p_rj = exp(s_rj) / sum_{k != i} exp(s_rk)
//	loss = -1/R sum_r [ log p_ri' + alpha sum_{j != i, i'} log(1 - p_rj) ]
//
// The keys are constants: dx [R,D] (or nil) is the gradient through x alone. log(1 - p_rj) is LSE_{q != i, j} s_rq - LSE_{q != i} s_rq,
// never 1 - p where p may be near 1, so that loss and gradient stay finite at any t > 0. With one image (N = 2) there is no other class:
// p_ri' is 1, loss and gradient are 0. With none the loss is 0.
//
// A NaN in z makes the loss and all of dx NaN, one in x the loss and its own row. An infinite element, or rows whose product overflows,
// make the loss and their own rows of dx NaN; other rows of dx may then be NaN or not. loss [1]. float32 or float64; the similarities are a
// product in that type, and so is the one back to dx; all else is float64. On a GPU these products are float32 whatever the precision of
// the device. With e = (D+18) u max_rj sum_d |x_rd z_jd| / t the similarities' error, u = 2^-24 in float32, the error of the loss is
// at most 2 (1+alpha) e + u |loss|, and that of an element of dx ((2+6 alpha) e + (2+2 alpha) (N+18) u) max|z| / (R t).
//
// Cost O(R N D). Memory beside the arrays: 32 N similarities and 3 N float64 a core on the CPU, and 8 R bytes; on a GPU 8 R bytes, and
// above 1024 keys at most 8448 N more (69 MB for 8192 keys); no R x N matrix.
//
// Source: Ye, Zhang, Yuen, Chang, "Unsupervised Embedding Learning via Invariant and Spreading Instance Feature" (CVPR 2019),
// equations 4 to 9, with both views as queries. alpha is 1 there.
func Instance(loss, dx, x, z *kernels.Array, t, alpha float64) {
	const op = "loss.Instance"
	kernels.WantShape(op, "loss", loss, 1)
	kernels.WantShape(op, "z", z, -1, -1)
	kernels.WantShape(op, "x", x, -1, z.Dim(1))
	if dx != nil {
		kernels.WantShape(op, "dx", dx, x.Shape()...)
	}
	if z.Dim(0)%2 != 0 {
		panic(op + ": z is " + z.String() + ", want two rows for each image")
	}
	if n := z.Dim(0); x.Dim(0)%max(1, n) != 0 || n == 0 && x.Dim(0) > 0 {
		panic(op + ": x is " + x.String() + ", want a multiple of the " + strconv.Itoa(n) + " keys")
	}
	if !(t > 0) {
		panic(fmt.Sprintf("%s: temperature %g, want one above 0", op, t))
	}
	switch kernels.PathOf(op, loss, dx, x, z) {
	case kernels.OnGPU:
		instanceCUDA(loss, dx, x, z, t, alpha)
	case kernels.InFloat64:
		instance[float64](loss, dx, x, z, t, alpha)
	case kernels.InFloat32:
		instance[float32](loss, dx, x, z, t, alpha)
	}
}
