// Package whiten fits linear layers that whiten features: principal components, each scaled by a power of its spread.
package whiten

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"udml-gpu/kernels"
)

// Transform is y = (x - Mean) Projection: Mean [C], Projection [C,d].
type Transform struct {
	Mean       []float64
	Projection *mat.Dense
	// Shrunk is how far the variances of the directions were moved to their mean, 0 to 1, before they were whitened: 0 unless there
	// were few images (Note).
	Shrunk float64
	images int // that it was fitted on
}

// Fit finds the whitening of features [N,C] (float32 or float64). With the singular value decomposition U S V^T of the
// features less their mean, column k of the projection is V[:,k] S_k^-power, for the d = min(dim, rank) largest S_k, equal to the
// function `whitening` of the PyTorch reference. Power 1 whitens, 0 only rotates. Singular values within rounding count as zero,
// and their directions are left out and never scaled up: see rank. With fewer than 4 C images the smaller singular values
// are chance more than spread: S_k are then those of a covariance shrunk towards its mean variance (Ledoit and Wolf 2004): see
// shrink. The sign of each direction makes its component of largest magnitude positive.
//
// It computes on the host in float64, on the smaller of the N x N and C x C matrices. The errors, sentences for users, are: fewer than
// 2 images, features that do not vary or are not finite, dim below 1.
func Fit(features *kernels.Array, dim int, power float64) (*Transform, error) {
	kernels.WantShape("whiten.Fit", "features", features, -1, -1)
	features, err := fittable(features, dim)
	if err != nil {
		return nil, err
	}
	n := features.Dim(0)
	t := &Transform{Mean: columnMeans(features), images: n}
	s, v, err := decompose(features, t.Mean)
	if err != nil {
		return nil, err
	}
	d := min(dim, rank(s, n, len(t.Mean), norm(s, t.Mean, n)))
	if d == 0 {
		return nil, errSame(n)
	}
	t.Shrunk = shrink(s, features, t.Mean)
	t.Projection = mat.NewDense(len(t.Mean), d, nil)
	for k := range d {
		direction := mat.Col(nil, k, v)
		scale := sign(direction) * math.Pow(s[k], -power)
		for c, w := range direction {
			t.Projection.Set(c, k, scale*w)
		}
	}
	return t, nil
}

// fittable are the features on the host, if something can be fitted on them.
func fittable(features *kernels.Array, dim int) (*kernels.Array, error) {
	switch n := features.Dim(0); {
	case dim < 1:
		return nil, fmt.Errorf("whitening to %d dimensions; at least 1 is needed", dim)
	case n < 2:
		return nil, fmt.Errorf("whitening needs at least 2 images, there is %d", n)
	}
	features = onHost(features)
	if i := notFinite(features); i >= 0 {
		return nil, fmt.Errorf("the features of image %d are not finite numbers", i)
	}
	return features, nil
}

// errDecomposition is the error where gonum's eigenvalue iteration does not converge, which it reports only by a flag.
var errDecomposition = errors.New("the principal components of the features could not be computed")

// errSame is the error where no feature varies beyond rounding.
func errSame(images int) error {
	return fmt.Errorf("the features of all %d images are the same, there is nothing to whiten", images)
}

// roundingWidth is the smallest number of columns that rank assumes for rounding, as cluster.KMeans does: features with few columns
// come from wider layers.
const roundingWidth = 64

// rank is the number of singular values s, largest first, of n x c float32 features less their mean that exceed rounding:
// above both max(n,c) 2^-23 s[0], as in numpy.linalg.matrix_rank, and max(c,64) 2^-23 |X|, where |X| is the Frobenius norm of the
// features with their mean. A feature is a sum of about c products, so that each row, and thus X, has an error of up to c 2^-23 of
// its length, and no singular value changes by more than the norm of the error (Weyl). The mean, which is most of the length where
// all images look alike, is not part of s: without the second bound the rounding of identical images would be compared with itself.
func rank(s []float64, n, c int, x float64) int {
	least := 0.0
	if len(s) > 0 {
		least = max(s[0]*float64(max(n, c)), x*float64(max(c, roundingWidth))) * 0x1p-23
	}
	r := 0
	for r < len(s) && s[r] > least {
		r++
	}
	return r
}

// norm is the Frobenius norm of n rows with the given mean, from the singular values of the rest.
func norm(s, mean []float64, n int) float64 {
	square := 0.0
	for _, v := range s {
		square += v * v
	}
	for _, m := range mean {
		square += float64(n) * m * m
	}
	return math.Sqrt(square)
}

// sign is 1 or -1, so that the component of largest magnitude (the first of equals) becomes positive.
func sign(v []float64) float64 {
	largest := 0.0
	for _, w := range v {
		if math.Abs(w) > math.Abs(largest) {
			largest = w
		}
	}
	if largest < 0 {
		return -1
	}
	return 1
}

// Dim is the number d of outputs.
func (t *Transform) Dim() int {
	_, d := t.Projection.Dims()
	return d
}

// Weight is the matrix [d,C], row-major, of the linear layer x -> Weight x + Bias that equals the transform.
func (t *Transform) Weight() []float32 {
	c, d := t.Projection.Dims()
	w := make([]float32, 0, c*d)
	for k := range d {
		for i := range c {
			w = append(w, float32(t.Projection.At(i, k)))
		}
	}
	return w
}

// Bias is the vector [d] of the linear layer: -Mean Projection.
func (t *Transform) Bias() []float32 {
	c, d := t.Projection.Dims()
	b := make([]float32, d)
	for k := range d {
		sum := 0.0
		for i := range c {
			sum -= t.Mean[i] * t.Projection.At(i, k)
		}
		b[k] = float32(sum)
	}
	return b
}
