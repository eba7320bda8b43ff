package whiten

import (
	"fmt"
	"math"

	"udml-gpu/kernels"
)

// shrinkBelow is the number of images for each dimension below which variances are shrunk. With N images of C dimensions and true
// variances of 1, those of the sample spread from (1 - sqrt(C/N))^2 to (1 + sqrt(C/N))^2 (Marchenko and Pastur 1967): down to a quarter
// at N = 4 C, and without limit as N nears C, where a negative power scales such directions up. docs/method.md has what it gains.
const shrinkBelow = 4

// shrink replaces the singular values s of the features x [N,C] less their mean by those of the covariance that is shrunk towards its
// mean variance, (1 - r) S^T S / N + r mu I, if there are few images, and returns r: the coefficient of Ledoit and Wolf, "A
// well-conditioned estimator for large-dimensional covariance matrices" (2004), as sklearn.covariance.ledoit_wolf_shrinkage(x).
// 0: s is as it was.
func shrink(s []float64, x *kernels.Array, mean []float64) float64 {
	n, c := float64(x.Dim(0)), float64(x.Dim(1))
	if n >= shrinkBelow*c {
		return 0
	}
	r := coefficient(s, x, mean)
	if r == 0 {
		return 0
	}
	total := 0.0
	for _, v := range s {
		total += v * v
	}
	for k, v := range s {
		s[k] = math.Sqrt((1-r)*v*v + r*total/c)
	}
	return r
}

// coefficient is r = min(b, d) / d, where d = |Sigma - mu I|^2 is how far the covariance Sigma is from its mean variance, and b the part
// of it that N images leave to chance: the mean of |x x^T - Sigma|^2 / N over the images x, less their mean. |Sigma|^2 is the sum of the
// squared variances s^2 / N, and |x x^T|^2 is |x|^4, so that one pass over the features is enough.
func coefficient(s []float64, x *kernels.Array, mean []float64) float64 {
	n, c := float64(x.Dim(0)), float64(x.Dim(1))
	trace, squares, fourth := 0.0, 0.0, 0.0
	for _, v := range s {
		trace += v * v / n
		squares += (v * v / n) * (v * v / n)
	}
	eachRow(x, 0, x.Dim(0), func(_ int, row []float64) {
		length := 0.0
		for p, v := range row {
			length += (v - mean[p]) * (v - mean[p])
		}
		fourth += length * length
	})
	d := squares - trace*trace/c
	b := min((fourth/n-squares)/n, d)
	if !(b > 0) { // no chance, or variances that are equal already
		return 0
	}
	return b / d
}

// Note says in a sentence what was done because the images were few; "" where they were enough.
func (t *Transform) Note() string {
	if t.Shrunk == 0 {
		return ""
	}
	return fmt.Sprintf("%d images are few for features of %d dimensions: their variances are shrunk by %.2g towards the mean variance",
		t.images, len(t.Mean), t.Shrunk)
}
