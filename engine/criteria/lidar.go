package criteria

import (
	"math"

	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
)

// lidarDelta is added to the diagonal of the covariance within images, of rows of length 1, as in the paper.
const lidarDelta = 1e-4

// rounding is above the sum of the eigenvalues where all rows of length 1 differ only in the last bits of float32: 2^-48 / lidarDelta.
const rounding = 1e-9

// LiDAR is the number of directions that tell images apart more than their views do, with a class for each image (Thilak et al., "LiDAR:
// Sensing Linear Probing Performance in Joint Embedding SSL Architectures", ICLR 2024). x [V N,D] float32 has V >= 2 views of N images, row
// v N + i view v of image i. With m_i the mean of image i and m that of all,
//
//	S_b = mean over i of (m_i - m)(m_i - m)^T,   S_w = mean over v, i of (x_vi - m_i)(x_vi - m_i)^T + 1e-4 I,
//
// it is exp of the entropy of the eigenvalues of S_w^-1/2 S_b S_w^-1/2 divided by their sum: from 1 to min(N-1, D). 0 where all images are
// the same but for rounding, or where the eigenvalues cannot be computed. It is computed on the host, in float64.
func LiDAR(x *kernels.Array, views int) float64 {
	d := x.Dim(1)
	between, within := scatters(kernels.Read[float32](x), x.Dim(0)/views, views, d)
	for p := range d {
		within[p*d+p] += lidarDelta
	}
	root, ok := inverseRoot(within, d)
	if !ok {
		return 0
	}
	return exponentOfEntropy(product(root, product(between, root, d), d), d)
}

// scatters are S_b and S_w without its diagonal term, [D,D] each.
func scatters(x []float32, n, views, d int) (between, within []float64) {
	means, all, rest := make([]float64, n*d), make([]float64, d), make([]float64, views*n*d)
	for v := range views {
		for i := range n * d {
			means[i] += float64(x[v*n*d+i]) / float64(views)
		}
	}
	for v := range views {
		for i := range n * d {
			rest[v*n*d+i] = float64(x[v*n*d+i]) - means[i]
		}
	}
	for i, m := range means {
		all[i%d] += m / float64(n)
	}
	for i := range means {
		means[i] -= all[i%d]
	}
	return covariance(means, n, d), covariance(rest, views*n, d)
}

// covariance is x^T x / n of x [n,d].
func covariance(x []float64, n, d int) []float64 {
	out, cpu := make([]float64, d*d), kernels.CPU()
	in := kernels.Wrap(cpu, x, n, d)
	gemm.Gemm(kernels.Wrap(cpu, out, d, d), in, in, true, false, 1/float64(n), 0)
	return out
}

// product is a b, both [d,d].
func product(a, b []float64, d int) []float64 {
	out, cpu := make([]float64, d*d), kernels.CPU()
	gemm.Gemm(kernels.Wrap(cpu, out, d, d), kernels.Wrap(cpu, a, d, d), kernels.Wrap(cpu, b, d, d), false, false, 1, 0)
	return out
}

// inverseRoot is a^-1/2 of a symmetric, positive matrix, which it overwrites.
func inverseRoot(a []float64, d int) ([]float64, bool) {
	values, ok := gemm.Symmetric(d, a) // row k of a is then the eigenvector of value k
	if !ok {
		return nil, false
	}
	for k, v := range values {
		for p := range d {
			a[k*d+p] /= math.Sqrt(math.Sqrt(max(v, lidarDelta/2)))
		}
	}
	out, cpu := make([]float64, d*d), kernels.CPU()
	w := kernels.Wrap(cpu, a, d, d)
	gemm.Gemm(kernels.Wrap(cpu, out, d, d), w, w, true, false, 1, 0)
	return out, true
}

// exponentOfEntropy is exp of the entropy of the eigenvalues of a, symmetric but for rounding, over their sum; 0 without any.
func exponentOfEntropy(a []float64, d int) float64 {
	for i := range d {
		for j := range i {
			mean := (a[i*d+j] + a[j*d+i]) / 2
			a[i*d+j], a[j*d+i] = mean, mean
		}
	}
	values, ok := gemm.Symmetric(d, a)
	sum, h := 0.0, 0.0
	for _, v := range values {
		sum += max(v, 0)
	}
	if !ok || !(sum > rounding) {
		return 0
	}
	for _, v := range values {
		if p := v / sum; p > 0 {
			h -= p * math.Log(p)
		}
	}
	return math.Exp(h)
}
