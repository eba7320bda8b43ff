package layout

import "math"

// spread is the distance over which the wanted closeness falls to 1/e beyond the least distance, as umap-learn's default.
const spread = 1.0

// curvePoints and curveEnd are where the curve is fitted, as in umap-learn: from 0 to curveEnd spreads.
const curvePoints, curveEnd = 300, 3.0

// curveOf gives the a and b whose closeness 1/(1 + a d^2b) at distance d is nearest, in squares, to 1 up to minDist and to
// exp(minDist - d) beyond. It is the minimum that scipy's curve_fit finds for umap-learn's find_ab_params, by Levenberg's damping of
// Gauss-Newton steps.
func curveOf(minDist float64) (a, b float64) {
	a, b = 1, 1
	loss, damping := curveLoss(a, b, minDist), 1e-3
	for range 500 {
		da, db := curveStep(a, b, minDist, damping)
		next := curveLoss(a+da, b+db, minDist)
		if !(next < loss) || a+da <= 0 || b+db <= 0 {
			damping *= 4
			if damping > 1e12 {
				break
			}
			continue
		}
		a, b, loss, damping = a+da, b+db, next, damping/4
	}
	return a, b
}

// curveAt is point i of the fit, and the closeness wanted there.
func curveAt(i int, minDist float64) (d, want float64) {
	d = curveEnd * spread * float64(i) / (curvePoints - 1)
	if d < minDist {
		return d, 1
	}
	return d, math.Exp((minDist - d) / spread)
}

func curveLoss(a, b, minDist float64) float64 {
	sum := 0.0
	for i := range curvePoints {
		d, want := curveAt(i, minDist)
		diff := 1/(1+a*math.Pow(d, 2*b)) - want
		sum += diff * diff
	}
	return sum
}

// curveStep solves (J'J + damping diag J'J) step = -J'r.
func curveStep(a, b, minDist, damping float64) (da, db float64) {
	var aa, ab, bb, ra, rb float64
	for i := 1; i < curvePoints; i++ { // at 0 the curve is 1 for every a and b
		d, want := curveAt(i, minDist)
		p := math.Pow(d, 2*b)
		y := 1 / (1 + a*p)
		ja, jb := -y*y*p, -y*y*a*p*2*math.Log(d)
		aa, ab, bb = aa+ja*ja, ab+ja*jb, bb+jb*jb
		ra, rb = ra+ja*(y-want), rb+jb*(y-want)
	}
	aa, bb = aa*(1+damping), bb*(1+damping)
	det := aa*bb - ab*ab
	return (ab*rb - bb*ra) / det, (ab*ra - aa*rb) / det
}
