package weights

import (
	"fmt"
	"strings"

	"udml-gpu/kernels"
	"udml-gpu/models/tape"
	"udml-gpu/models/weights/file"
)

// NumbersError is a tensor whose numbers no network can use.
type NumbersError struct {
	Tensor  string
	Bad, Of int    // elements
	What    string // is wrong with them
}

// Error names the tensor and counts.
func (e *NumbersError) Error() string {
	return fmt.Sprintf("tensor %q holds %d of %d numbers that %s", e.Tensor, e.Bad, e.Of, e.What)
}

// runningVariance ends the name of a batch norm's statistic, in torch and here.
const runningVariance = "running_var"

// usable refuses numbers of t that make p no use: such that are not finite in p's dtype, and variances below 0.
func usable(p *tape.Param, t *file.Tensor) error {
	bad := t.NotFinite
	if p.Value.DType() == kernels.Float64 {
		bad = func() int { return t.Count(func(v float64) bool { return v-v != 0 }) }
	}
	if n := bad(); n > 0 {
		return &NumbersError{t.Name, n, t.Elements(), "are not finite (NaN, or too large for the network's numbers)"}
	}
	if !strings.HasSuffix(p.Name, runningVariance) {
		return nil
	}
	if n := t.Count(func(v float64) bool { return v < 0 }); n > 0 {
		return &NumbersError{t.Name, n, t.Elements(), "are below 0, as no variance is"}
	}
	return nil
}
