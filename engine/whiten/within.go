package whiten

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"udml-gpu/kernels"
	"udml-gpu/kernels/gemm"
)

// allShare and evenShare are the parts of the covariance of all features, and of equal variances, in what FitWithin whitens. That within
// images is estimated from few differences: directions in which none of them lies would seem to tell images apart without limit. And what
// views do not show, such as other pictures of a thing, is in the covariance of all features (docs/method.md has what they gain). Equal
// variances are the mean of the directions that there can be, at most N-1 of N images: the fewer they are, the less is left of how much
// single images differ, which is chance.
const (
	allShare  = 0.3
	evenShare = 0.1
)

// FitWithin finds the directions of features [N,C] in which images differ most, measured by how much an image's views differ from it
// there: row i of views [M,C] are the features of a random view of image of[i]. With the covariances
//
//	S_t = mean (x - Mean)(x - Mean)^T,   S_w = mean (x_of[i] - view_i)(x_of[i] - view_i)^T,
//	S = 0.6 S_w + 0.3 tr(S_w)/tr(S_t) S_t + 0.1 tr(S_w)/min(N-1,C) I,
//
// the columns of the projection are the generalised eigenvectors S_t v = lambda S v with v^T S v = 1, largest lambda first, as
// scipy.linalg.eigh(S_t, S), at most dim of them; the sign of each makes its component of largest magnitude positive. With S_w alone it
// is linear discriminant analysis with an image as a class: "learned whitening" of Mikolajczyk and Matas, "Improving Descriptors for Fast
// Tree Matching by Optimal Linear Projection", ICCV 2007, with views in the place of matches.
//
// Directions in which features differ by rounding alone are left out, as in Fit. It computes on the host in float64. The errors, sentences
// for users, are those of Fit, and views that do not differ from their image (ErrSameViews).
func FitWithin(features *kernels.Array, of []int32, views *kernels.Array, dim int) (*Transform, error) {
	kernels.WantShape("whiten.FitWithin", "features", features, -1, -1)
	n, c := features.Dim(0), features.Dim(1)
	kernels.WantShape("whiten.FitWithin", "views", views, len(of), c)
	features, err := fittable(features, dim)
	if err != nil {
		return nil, err
	}
	views = onHost(views)
	if i := notFinite(views); i >= 0 {
		return nil, fmt.Errorf("the features of view %d are not finite numbers", i)
	}
	t := &Transform{Mean: columnMeans(features), images: n}
	total := covarianceOf(features, n, c, func(part []float64, lo, hi int) { centre(part, features, t.Mean, lo, hi) })
	all := trace(total, c)
	if !(all > rounding(all, t.Mean)) {
		return nil, errSame(n)
	}
	root, err := inverseRoot(withinOf(features, of, views), total, c, min(n-1, c), rounding(all, t.Mean))
	if err != nil {
		return nil, err
	}
	lambda, v, err := generalised(total, root, c)
	if err != nil {
		return nil, err
	}
	kept := aboveRounding(lambda, v, n, all, t.Mean)
	if len(kept) == 0 {
		return nil, errSame(n)
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
func withinOf(x *kernels.Array, of []int32, views *kernels.Array) []float64 {
	m, c := views.Dim(0), views.Dim(1)
	zero := make([]float64, c)
	return covarianceOf(views, m, c, func(part []float64, lo, hi int) {
		centre(part, views, zero, lo, hi)
		for i := lo; i < hi; i++ {
			to := part[(i-lo)*c:][:c]
			eachRow(x, int(of[i]), int(of[i])+1, func(_ int, row []float64) {
				for p, v := range row {
					to[p] -= v
				}
			})
		}
	})
}

// ErrSameViews is the error where views do not differ from their image.
var ErrSameViews = errors.New("the views of every image have the same features as the image, which says nothing about how images vary")

// inverseRoot gives R [C,C] with R S R^T = I, S being mixed from within and total [C,C], which can be in so many directions; within is
// written over. least is the variance, summed over all directions, that is rounding.
func inverseRoot(within, total []float64, c, directions int, least float64) ([]float64, error) {
	sum, all := trace(within, c), trace(total, c)
	if !(sum > least) {
		return nil, ErrSameViews
	}
	for i := range within {
		within[i] = (1-allShare-evenShare)*within[i] + allShare*sum/all*total[i]
	}
	for p := range c {
		within[p*c+p] += evenShare * sum / float64(directions)
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
