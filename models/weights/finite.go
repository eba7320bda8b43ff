package weights

import (
	"fmt"
	"strings"

	"udml-gpu/kernels"
	"udml-gpu/models/tape"
	"udml-gpu/models/weights/file"
)

// NumbersError is the error for a tensor with numbers that no network can use.
type NumbersError struct {
	Tensor  string
	Bad, Of int    // elements
	What    string // what is wrong with them, such as "are below 0"
}

// Error names the tensor and counts.
func (e *NumbersError) Error() string {
	return fmt.Sprintf("tensor %q holds %d of %d numbers that %s", e.Tensor, e.Bad, e.Of, e.What)
}

// runningVariance is the end of the name of a batch norm's variance, in torch and here.
const runningVariance = "running_var"

// checkUsable refuses a tensor with numbers that are not finite in p's dtype, or with variances below 0.
func checkUsable(p *tape.Param, t *file.Tensor) error {
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
		return &NumbersError{t.Name, n, t.Elements(), "are below 0, which a variance cannot be"}
	}
	return nil
}
