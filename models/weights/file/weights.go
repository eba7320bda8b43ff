// Package file reads safetensors, torch and npz files of weights and writes safetensors files.
// A safetensors file is an 8-byte little-endian header length, a JSON header, and the tensors' bytes without gaps
// (https://github.com/huggingface/safetensors). Nothing in a file is trusted: every size is checked before use.
package file

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// Weights is the content of a file of weights.
type Weights struct {
	Format   string // safetensors, torch or npz; Encode writes safetensors for each
	Metadata map[string]string
	Tensors  []Tensor
}

// Tensor is one named tensor: row-major little-endian elements, convolution weights OIHW as in torch.
type Tensor struct {
	Name  string
	DType string // in safetensors' spelling: F32, F16, BF16, F64, I32, I64, U8, ...
	Shape []int
	Data  []byte
}

// Get is the tensor of that name.
func (f *Weights) Get(name string) (*Tensor, bool) {
	i := slices.IndexFunc(f.Tensors, func(t Tensor) bool { return t.Name == name })
	if i < 0 {
		return nil, false
	}
	return &f.Tensors[i], true
}

// FromFloat32 is a tensor that holds a copy of values. It panics when shape and values differ in size.
func FromFloat32(name string, values []float32, shape ...int) Tensor {
	t := Tensor{Name: name, DType: "F32", Shape: slices.Clone(shape), Data: make([]byte, 4*len(values))}
	for i, v := range values {
		binary.LittleEndian.PutUint32(t.Data[4*i:], math.Float32bits(v))
	}
	t.mustFit()
	return t
}

// FromFloat64 is FromFloat32 for float64 values.
func FromFloat64(name string, values []float64, shape ...int) Tensor {
	t := Tensor{Name: name, DType: "F64", Shape: slices.Clone(shape), Data: make([]byte, 8*len(values))}
	for i, v := range values {
		binary.LittleEndian.PutUint64(t.Data[8*i:], math.Float64bits(v))
	}
	t.mustFit()
	return t
}

// Bytes is the size of the elements, by dtype and shape; 0 for a shape that is impossible.
func (t *Tensor) Bytes() int {
	n, err := byteSize(t.DType, t.Shape)
	if err != nil {
		return 0
	}
	return n
}

func (t *Tensor) mustFit() {
	if want, err := byteSize(t.DType, t.Shape); err != nil || want != len(t.Data) {
		panic(fmt.Sprintf("weights: %d bytes for %s%v %q", len(t.Data), t.DType, t.Shape, t.Name))
	}
}

// elementSize is the width in bytes of each supported dtype.
var elementSize = map[string]int{
	"BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "F16": 2, "BF16": 2, "I16": 2, "U16": 2,
	"F32": 4, "I32": 4, "U32": 4, "F64": 8, "I64": 8, "U64": 8,
}

// byteSize is the size of a tensor in bytes. Unknown dtypes and sizes beyond an int are an error.
func byteSize(dtype string, shape []int) (int, error) {
	n, ok := elementSize[dtype]
	if !ok {
		return 0, fmt.Errorf("unknown dtype %q", dtype)
	}
	for _, s := range shape {
		if s < 0 || (s > 0 && n > math.MaxInt/s) {
			return 0, fmt.Errorf("impossible shape %v", shape)
		}
		n *= s
	}
	return n, nil
}
