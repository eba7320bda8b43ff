package weights

import (
	"udml-gpu/kernels"
	"udml-gpu/models/tape"
	"udml-gpu/models/weights/file"
)

// Snapshot is a copy of parameters in the layout of memory. Taking it costs only a copy, so that training can continue
// while Tensors converts it to the layout of files.
type Snapshot []paramCopy

// paramCopy is a copy of a parameter: single or double holds its elements.
type paramCopy struct {
	name   string
	memory []int // the shape in memory; OHWI when swap is set
	file   []int // the shape in a file
	swap   bool
	single []float32
	double []float64
}

// Take copies params, float32 or float64. It waits for the device.
func Take(params []*tape.Param) Snapshot {
	s := make(Snapshot, len(params))
	for i, p := range params {
		s[i] = paramCopy{name: p.Name, memory: p.Value.Shape(), file: fileShape(p), swap: p.Conv}
		if p.Value.DType() == kernels.Float64 {
			s[i].double = kernels.Read[float64](p.Value)
		} else {
			s[i].single = kernels.Read[float32](p.Value)
		}
	}
	return s
}

// Tensors is the snapshot under torch's names, in the parameters' own dtypes, convolution weights OIHW.
func (s Snapshot) Tensors() []file.Tensor {
	tensors := make([]file.Tensor, len(s))
	for i, h := range s {
		if h.double != nil {
			tensors[i] = file.FromFloat64(h.name, toFile(h.double, h), h.file...)
		} else {
			tensors[i] = file.FromFloat32(h.name, toFile(h.single, h), h.file...)
		}
	}
	return tensors
}

// Dump is Take followed by Tensors.
func Dump(params []*tape.Param) []file.Tensor { return Take(params).Tensors() }

func toFile[T kernels.Float](v []T, h paramCopy) []T {
	if !h.swap {
		return v
	}
	dst := make([]T, len(v))
	swapInner(dst, v, h.memory[0], h.memory[1]*h.memory[2], h.memory[3])
	return dst
}
