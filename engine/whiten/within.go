package whiten

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
)

// withinShare is how far the covariance within images is moved to its mean variance: it is estimated from few differences, and directions
// in which none of them lies would otherwise seem to tell images apart without limit.
const withinShare = 0.1

// FitWithin finds the directions of features [N,C] in which images differ most, measured by how much views of one image differ there: row
// i of a and of b, both [M,C], are the features of two random views of an image. With the covariances
//
//	S_t = mean (x - Mean)(x - Mean)^T,   S_w = mean (a_i - b_i)(a_i - b_i)^T / 2,   S = 0.9 S_w + 0.1 tr(S_w)/C I,
//
// the columns of the projection are the generalised eigenvectors S_t v = lambda S v with v^T S v = 1, largest lambda first, as
// scipy.linalg.eigh(S_t, S), at most dim of them; the sign of each makes its component of largest magnitude positive. The transformed
// features then have the variance lambda in each direction, and differences of views about 1. It is linear discriminant analysis with an
// image as a class: "learned whitening" of Mikolajczyk and Matas, "Improving Descriptors for Fast Tree Matching by Optimal Linear
// Projection", ICCV 2007, with views in the place of matches.
//
// Directions in which features differ by rounding alone are left out, as in Fit. It computes on the host in float64. The errors, sentences
// for users, are those of Fit, and views that do not differ.
func FitWithin(features, a, b *kernels.Array, dim int) (*Transform, error) {
	kernels.WantShape("whiten.FitWithin", "features", features, -1, -1)
	n, c := features.Dim(0), features.Dim(1)
	kernels.WantShape("whiten.FitWithin", "a", a, -1, c)
	kernels.WantShape("whiten.FitWithin", "b", b, a.Dim(0), c)
	features, err := fittable(features, dim)
	if err != nil {
		return nil, err
	}
	a, b = onHost(a), onHost(b)
	for _, view := range []*kernels.Array{a, b} {
		if i := notFinite(view); i >= 0 {
			return nil, fmt.Errorf("the features of view %d are not finite numbers", i)
		}
	}
	t := &Transform{Mean: columnMeans(features), images: n}
	total := covarianceOf(features, n, c, func(part []float64, lo, hi int) { centre(part, features, t.Mean, lo, hi) })
	root, err := inverseRoot(withinOf(a, b), c, rounding(trace(total, c), t.Mean))
	if err != nil {
		return nil, err
	}
	lambda, v, err := generalised(total, root, c)
	if err != nil {
		return nil, err
	}
	kept := aboveRounding(lambda, v, n, trace(total, c), t.Mean)
	if len(kept) == 0 {
		return nil, fmt.Errorf("the features of all %d images are the same, there is nothing to whiten", n)
	}
	kept = kept[:min(dim, len(kept))]
	t.Projection = mat.NewDense(c, len(kept), nil)
	for k, direction := range kept {
		scale := sign(direction)
		for p, w := range direction {
			t.Projection.Set(p, k, scale*w)
		}
	}
	return t, nil
}

// covarianceOf is the mean of r r^T over n rows r of c numbers, [C,C], on x's device; fill writes rows [lo,hi).
func covarianceOf(x *kernels.Array, n, c int, fill func(part []float64, lo, hi int)) []float64 {
	out := gram(x.Device(), n, c, true, fill)
	for i := range out {
		out[i] /= float64(n)
	}
	return out
}

// withinOf is S_w [C,C].
func withinOf(a, b *kernels.Array) []float64 {
	m, c := a.Dim(0), a.Dim(1)
	zero := make([]float64, c)
	out := covarianceOf(a, m, c, func(part []float64, lo, hi int) {
		centre(part, a, zero, lo, hi)
		eachRow(b, lo, hi, func(i int, row []float64) {
			to := part[(i-lo)*c:][:c]
			for p, v := range row {
				to[p] -= v
			}
		})
	})
	for i := range out {
		out[i] /= 2
	}
	return out
}

// ErrSameViews is the error where views do not differ.
var ErrSameViews = errors.New("the two views of every image have the same features, so that nothing is known about how an image varies")

// inverseRoot gives R [C,C] with R S R^T = I, S being within [C,C] moved to its mean variance. least is the variance, summed over all
// directions, that is rounding.
func inverseRoot(within []float64, c int, least float64) ([]float64, error) {
	sum := trace(within, c)
	if !(sum > least) {
		return nil, ErrSameViews
	}
	for i := range within {
		within[i] *= 1 - withinShare
	}
	for p := range c {
		within[p*c+p] += withinShare * sum / float64(c)
	}
	values, ok := gemm.Symmetric(c, within)
	if !ok || !(values[0] > 0) {
		return nil, errDecomposition
	}
	for k, v := range values {
		for p := range c {
			within[k*c+p] /= math.Sqrt(v)
		}
	}
	return within, nil
}

// generalised are the eigenvalues of root total root^T, ascending, and with the eigenvectors u the rows u root [C,C].
func generalised(total, root []float64, c int) (lambda, v []float64, err error) {
	cpu, half, both := kernels.CPU(), make([]float64, c*c), make([]float64, c*c)
	square := func(m []float64) *kernels.Array { return kernels.Wrap(cpu, m, c, c) }
	gemm.Gemm(square(half), square(root), square(total), false, false, 1, 0)
	gemm.Gemm(square(both), square(half), square(root), false, true, 1, 0)
	lambda, ok := gemm.Symmetric(c, both)
	if !ok {
		return nil, nil, errDecomposition
	}
	gemm.Gemm(square(half), square(both), square(root), false, false, 1, 0)
	return lambda, half, nil
}

// aboveRounding are the rows of v [C,C] in which n features vary by more than rounding, those of the largest lambda, which is ascending,
// first: along the direction of row k their standard deviation is the root of lambda over |v_k|. The bounds are those of rank.
func aboveRounding(lambda, v []float64, n int, total float64, mean []float64) (kept [][]float64) {
	c := len(mean)
	variance, largest := make([]float64, c), 0.0
	for k, l := range lambda {
		square := 0.0
		for _, w := range v[k*c:][:c] {
			square += w * w
		}
		variance[k] = max(l, 0) / square
		largest = max(largest, variance[k])
	}
	relative := float64(max(n, c)) * 0x1p-23
	least := max(rounding(total, mean), relative*relative*largest)
	for k := c - 1; k >= 0; k-- {
		if variance[k] > least {
			kept = append(kept, v[k*c:][:c])
		}
	}
	return kept
}

// rounding is the variance that float32 sums of about as many products as there are columns may have by rounding: of features with that
// mean and, summed over all directions, that variance.
func rounding(total float64, mean []float64) float64 {
	for _, m := range mean {
		total += m * m
	}
	relative := float64(max(len(mean), roundingWidth)) * 0x1p-23
	return relative * relative * total
}

func trace(m []float64, c int) float64 {
	sum := 0.0
	for p := range c {
		sum += m[p*c+p]
	}
	return sum
}
