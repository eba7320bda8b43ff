// Package weights connects weights files (weights/file) and parameters: it finds the tensor of each parameter by its name, loads them,
// and takes snapshots to be written.
package weights

import (
	"slices"

	"udml-gpu/kernels"
	"udml-gpu/models/tape"
	"udml-gpu/models/weights/file"
)

// LoadOptions say how names in a file are matched to names of parameters.
type LoadOptions struct {
	// Published is for files of other programs: one beginning of names, up to a dot, is ignored, such as "backbone." (Choose).
	Published bool
	// Part selects a network where such a file holds it more than once; "": the usual one.
	Part string
	// Rename maps a name used by other programs, without such a beginning, to the parameter's name, and returns every other name
	// unchanged. Nil: names are not changed.
	Rename func(name string) string
	// AllowExtra lets the file hold tensors without a parameter, such as a classifier.
	AllowExtra bool
}

// Load fills params from f: any floating dtype, convolution weights OIHW to OHWI, vectors also as [1,N]. It changes nothing unless
// everything fits; the error then names the first few missing, mis-shaped and unexpected tensors and counts them. For a tensor
// that fits but holds unusable numbers it is a *NumbersError.
// torch's "num_batches_tracked" counters are ignored.
func Load(params []*tape.Param, f *file.Weights, o LoadOptions) error {
	found, fit, err := o.match(params, f)
	if err != nil {
		return err
	}
	if o.AllowExtra {
		fit.Extra = nil
	}
	if err := fit.err(); err != nil {
		return err
	}
	for i, param := range params {
		if err := checkUsable(param, found[i]); err != nil {
			return err
		}
	}
	for i, param := range params {
		if err := fill(param, found[i]); err != nil {
			return err
		}
	}
	return nil
}

// fileShape is the parameter's shape in a file.
func fileShape(p *tape.Param) []int {
	s := p.Value.Shape()
	if !p.Conv {
		return s
	}
	return []int{s[0], s[3], s[1], s[2]}
}

// fits tells whether a tensor's shape is the parameter's. A vector may have leading axes of 1: older ports keep
// statistics in this form, and Caffe biases.
func fits(shape, want []int) bool {
	if len(want) == 1 {
		for len(shape) > 1 && shape[0] == 1 {
			shape = shape[1:]
		}
	}
	return slices.Equal(shape, want)
}

func fill(p *tape.Param, t *file.Tensor) error {
	if p.Value.DType() == kernels.Float64 {
		v, err := t.Float64s()
		if err == nil {
			kernels.Write(p.Value, fromFile(v, p))
		}
		return err
	}
	v, err := t.Float32s()
	if err == nil {
		kernels.Write(p.Value, fromFile(v, p))
	}
	return err
}

// fromFile is a file's elements in the order of memory.
func fromFile[T kernels.Float](v []T, p *tape.Param) []T {
	if !p.Conv {
		return v
	}
	s, dst := p.Value.Shape(), make([]T, len(v))
	swapInner(dst, v, s[0], s[3], s[1]*s[2])
	return dst
}

// swapInner turns n matrices [rows,cols] of src into [cols,rows] in dst: OIHW to OHWI with rows = I, cols = HW, and back.
func swapInner[T kernels.Float](dst, src []T, n, rows, cols int) {
	for o := range n {
		from, to := src[o*rows*cols:(o+1)*rows*cols], dst[o*rows*cols:(o+1)*rows*cols]
		for r := range rows {
			for c := range cols {
				to[c*rows+r] = from[r*cols+c]
			}
		}
	}
}
