package golden

import (
	"encoding/json"
	"math"

	"udml-gpu/kernels"
)

// Factor is how many times torch's own error a float32 result may be off by, and Floor an error that is always allowed, both
// relative to the largest element of the golden. scripts/goldens_orders.py gives the reasons, and has the same numbers.
const (
	Factor = 8
	Floor  = 4 * 0x1p-24
)

// Bounds on the error in float64, relative to a tensor's largest element.
const (
	exact   = 1e-12  // against a golden of 64 bits
	rounded = 6.1e-8 // against one of 32: half a unit in the last place, and a little
)

// metadata is a golden file's description of its tensors.
type metadata struct {
	Factor, Floor float64
	Errors        map[string]float64 // by which torch's own float32 is off in the worst of several orders of summation
}

// metadata reads the errors of float32 in the file's __metadata__.
func (f *File) metadata() metadata {
	f.t.Helper()
	var m metadata
	if err := json.Unmarshal([]byte(f.notes["float32"]), &m); err != nil {
		f.t.Fatalf("%s: what its metadata says of float32: %v", f.path, err)
	}
	return m
}

// Bound is the allowed error of a float32 result, relative to the largest element of that tensor. It is derived from the error that
// torch itself makes in float32; a tensor without one cannot be compared in float32.
func (f *File) Bound(name string) float64 {
	f.t.Helper()
	if f.errors == nil {
		f.errors = f.metadata().Errors
	}
	e, ok := f.errors[name]
	if !ok {
		f.t.Fatalf("%s says nothing about float32's error on %q", f.path, name)
	}
	return max(Factor*e, Floor)
}

// BoundOf is the allowed error of a result in that type.
func (f *File) BoundOf(name string, dt kernels.DType) float64 {
	f.t.Helper()
	switch {
	case dt == kernels.Float32:
		return f.Bound(name)
	case f.get(name).DType == "F64":
		return exact
	}
	return rounded
}

// Off is the largest difference between got and want relative to the largest wanted element, and where it is. It is NaN where a
// difference is.
func Off[T kernels.Float](got, want []T) (off float64, at int) {
	largest, worst := 0.0, 0.0
	for i, w := range want {
		largest = max(largest, math.Abs(float64(w)))
		if d := math.Abs(float64(got[i]) - float64(w)); d > worst || math.IsNaN(d) {
			worst, at = d, i
		}
	}
	if worst == 0 {
		return 0, 0
	}
	return worst / largest, at
}
