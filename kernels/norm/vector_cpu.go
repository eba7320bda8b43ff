package norm

import (
	"udml-gpu/cgo/vector"
	"udml-gpu/kernels"
)

// The five loops over rows that batch norm spends its time in, each by the C compiler's vectors where the build has
// them, else by the Go loop beside it. Both give the same bits on amd64.

func vectorised[T kernels.Float]() bool {
	return vector.Available() && kernels.TypeOf[T]() == kernels.Float32
}

// f32 is short for AsFloat32: the type is known to be float32 here.
func f32[T kernels.Float](s []T) []float32 { return kernels.AsFloat32(s) }

// sumMoments adds x - origin of each row to s1, and its square to s2.
func sumMoments[T kernels.Float](s1, s2, origin, x []T) {
	if vectorised[T]() {
		vector.Moments(f32(s1), f32(s2), f32(origin), f32(x))
		return
	}
	c := len(origin)
	for ; len(x) >= 4*c; x = x[4*c:] {
		addMoments4(s1, s2, origin, x)
	}
	for ; len(x) >= c; x = x[c:] {
		addMoments(s1, s2, origin, x)
	}
}

// affineRows is y = max(low, (x - mean) scale + beta).
func affineRows[T kernels.Float](y, x, mean, scale, beta []T, low T) {
	if vectorised[T]() {
		vector.AffineRows(f32(y), f32(x), f32(mean), f32(scale), f32(beta), float32(low))
		return
	}
	c := len(mean)
	for ; len(x) >= 4*c; x, y = x[4*c:], y[4*c:] {
		affineRows4(y, x, mean, scale, beta, low)
	}
	for ; len(x) >= c; x, y = x[c:], y[c:] {
		affineRow(y, x, mean, scale, beta, low)
	}
}

// gateRows sets dy to 0 where affineRows with low 0 gave 0.
func gateRows[T kernels.Float](dy, x, mean, scale, beta []T) {
	if vectorised[T]() {
		vector.GateRows(f32(dy), f32(x), f32(mean), f32(scale), f32(beta))
		return
	}
	c := len(mean)
	for ; len(x) >= c; x, dy = x[c:], dy[c:] {
		gateRow(dy, x, mean, scale, beta)
	}
}

// addGradients adds dy of each row to s1, and dy (x - mean) to s2.
func addGradients[T kernels.Float](s1, s2, dy, x, mean []T) {
	if vectorised[T]() {
		vector.GradientSums(f32(s1), f32(s2), f32(dy), f32(x), f32(mean))
		return
	}
	n := len(mean)
	for ; len(x) >= 2*n; x, dy = x[2*n:], dy[2*n:] {
		addGradients2(s1, s2, dy, x, mean)
	}
	if len(x) > 0 {
		addGradients1(s1, s2, dy, x, mean)
	}
}

// combineRows is dx = a dy + (b x + o), with a, b, o one after the other in coef.
func combineRows[T kernels.Float](dx, dy, x, coef []T) {
	c := len(coef) / 3
	if vectorised[T]() {
		vector.CombineRows(f32(dx), f32(dy), f32(x), f32(coef[:c]), f32(coef[c:2*c]), f32(coef[2*c:]))
		return
	}
	for i := 0; i < len(x); i += c {
		combineRow(dx[i:i+c], dy[i:i+c], x[i:i+c], coef)
	}
}
