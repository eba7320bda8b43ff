package weights

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"udml-gpu/kernels"
	"udml-gpu/models/tape"
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

// NotFinite counts the elements that are NaN, or infinite as float32. It is 0 for dtypes that are not floating.
func (t *Tensor) NotFinite() int {
	return t.count(func(v float64) bool { return !finite(float64(float32(v))) })
}

func finite(v float64) bool { return v-v == 0 }

// runningVariance ends the name of a batch norm's statistic, in torch and here.
const runningVariance = "running_var"

// usable refuses numbers of t that make p no use: such that are not finite in p's dtype, and variances below 0.
func usable(p *tape.Param, t *Tensor) error {
	size := elementSize[t.DType]
	bad := t.NotFinite
	if p.Value.DType() == kernels.Float64 {
		bad = func() int { return t.count(func(v float64) bool { return !finite(v) }) }
	}
	if n := bad(); n > 0 {
		return &NumbersError{t.Name, n, len(t.Data) / size, "are not finite (NaN, or too large for the network's numbers)"}
	}
	if !strings.HasSuffix(p.Name, runningVariance) {
		return nil
	}
	if n := t.count(func(v float64) bool { return v < 0 }); n > 0 {
		return &NumbersError{t.Name, n, len(t.Data) / size, "are below 0, as no variance is"}
	}
	return nil
}

// count is the number of elements for which is holds, 0 for dtypes that are not floating.
func (t *Tensor) count(is func(v float64) bool) (n int) {
	size := elementSize[t.DType]
	le := binary.LittleEndian
	var at func(b []byte) float64
	switch t.DType {
	case "F16":
		at = func(b []byte) float64 { return float64(fromHalf(le.Uint16(b))) }
	case "BF16":
		at = func(b []byte) float64 { return float64(math.Float32frombits(uint32(le.Uint16(b)) << 16)) }
	case "F32":
		at = func(b []byte) float64 { return float64(math.Float32frombits(le.Uint32(b))) }
	case "F64":
		at = func(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) }
	default:
		return 0
	}
	for i := 0; i+size <= len(t.Data); i += size {
		if is(at(t.Data[i:])) {
			n++
		}
	}
	return n
}
