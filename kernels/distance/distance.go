// Package distance holds pairwise distances and similarities, and the searches over them that never hold the
// whole N x N matrix: the nearest rows, and the rank of the best row of the same class.
package distance

import (
	"fmt"

	"udml-gpu/kernels"
)

// Metric says how two rows are compared.
type Metric int

// The metrics. Of SquaredL2 smaller is better, of the other two larger.
const (
	SquaredL2    Metric = iota // sum_d (x_d - y_d)^2
	Cosine                     // x.y / (max(|x|, 1e-12) max(|y|, 1e-12)): a similarity; a zero row gives 0
	InnerProduct               // x.y
)

// String is the name that flags and messages use.
func (m Metric) String() string {
	names := [...]string{"squared-l2", "cosine", "inner-product"}
	if m < 0 || int(m) >= len(names) {
		return fmt.Sprintf("metric(%d)", int(m))
	}
	return names[m]
}

// wantRows panics unless x [N,D] and y [M,D] are of one float type and m is a metric.
func wantRows(op string, x, y *kernels.Array, m Metric) {
	kernels.WantShape(op, "x", x, -1, -1)
	kernels.WantShape(op, "y", y, -1, x.Dim(1))
	kernels.WantType(op, "y", y, x.DType())
	if t := x.DType(); t != kernels.Float32 && t != kernels.Float64 {
		panic(fmt.Sprintf("%s: x is %v, want a float type", op, x))
	}
	if m < SquaredL2 || m > InnerProduct {
		panic(fmt.Sprintf("%s: unknown %v", op, m))
	}
}

// wantSelf panics unless rows selfOffset.. of y can be the n rows of x.
func wantSelf(op string, n, m, selfOffset int) {
	if selfOffset < -1 || (selfOffset >= 0 && selfOffset+n > m) {
		panic(fmt.Sprintf("%s: %d rows of x cannot be rows %d.. of the %d of y", op, n, selfOffset, m))
	}
}
