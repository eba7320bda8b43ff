// Package golden reads what scripts/goldens.py wrote to testdata/goldens, for the tests of the op rooms. Only tests
// import it: it trusts its files. (models/weights reads safetensors files of others, and stands to the left of kernels.)
package golden

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"udml-gpu/kernels"
)

// File is an opened golden file.
type File struct {
	t       testing.TB
	path    string
	tensors map[string]tensor
	data    []byte
}

type tensor struct {
	DType   string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
}

// Open reads testdata/goldens/<name>.safetensors of the module. A missing file fails the test.
func Open(t testing.TB, name string) *File {
	t.Helper()
	path := filepath.Join(root(t), "testdata", "goldens", name+".safetensors")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n := 8 + int(binary.LittleEndian.Uint64(b))
	f := &File{t: t, path: path, data: b[n:]}
	if err := json.Unmarshal(b[8:n], &f.tensors); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return f
}

// root is the folder of go.mod, above the package whose test runs.
func root(t testing.TB) string {
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	t.Fatalf("no go.mod above the test's folder (%v)", err)
	return ""
}

// Has reports whether the file holds that tensor.
func (f *File) Has(name string) bool {
	_, ok := f.tensors[name]
	return ok
}

// Shape is a tensor's shape.
func (f *File) Shape(name string) []int { return f.get(name).Shape }

func (f *File) get(name string) tensor {
	f.t.Helper()
	x, ok := f.tensors[name]
	if !ok {
		f.t.Fatalf("%s holds no %q", f.path, name)
	}
	return x
}

// Floats are the elements of an F32 or F64 tensor, row-major.
func (f *File) Floats(name string) []float64 {
	f.t.Helper()
	x, le := f.get(name), binary.LittleEndian
	b := f.data[x.Offsets[0]:x.Offsets[1]]
	var v []float64
	switch x.DType {
	case "F32":
		for i := 0; i < len(b); i += 4 {
			v = append(v, float64(math.Float32frombits(le.Uint32(b[i:]))))
		}
	case "F64":
		for i := 0; i < len(b); i += 8 {
			v = append(v, math.Float64frombits(le.Uint64(b[i:])))
		}
	default:
		f.t.Fatalf("%s: %q is %s, not floating", f.path, name, x.DType)
	}
	return v
}

// Array is a floating tensor as an array of type dt, in the tensor's own layout.
func (f *File) Array(dev *kernels.Device, dt kernels.DType, name string) *kernels.Array {
	f.t.Helper()
	return fill(dev, dt, f.Floats(name), f.Shape(name))
}

// Last is Array with the second axis moved to the end: NCHW becomes NHWC, OIHW becomes OHWI. The tensor has at
// least two axes.
func (f *File) Last(dev *kernels.Device, dt kernels.DType, name string) *kernels.Array {
	f.t.Helper()
	s, v := f.Shape(name), f.Floats(name)
	n, c, p := s[0], s[1], 1
	for _, d := range s[2:] {
		p *= d
	}
	moved := make([]float64, len(v))
	for i := range n {
		for j := range c {
			for k := range p {
				moved[(i*p+k)*c+j] = v[(i*c+j)*p+k]
			}
		}
	}
	return fill(dev, dt, moved, append(append([]int{n}, s[2:]...), c))
}

func fill(dev *kernels.Device, dt kernels.DType, v []float64, shape []int) *kernels.Array {
	a := dev.New(dt, shape...)
	if dt == kernels.Float64 {
		copy(kernels.Data[float64](a), v)
		return a
	}
	d := kernels.Data[float32](a)
	for i, e := range v {
		d[i] = float32(e)
	}
	return a
}

// Int32s is an I32 tensor.
func (f *File) Int32s(dev *kernels.Device, name string) *kernels.Array {
	f.t.Helper()
	x := f.want(name, "I32")
	a := dev.New(kernels.Int32, x.Shape...)
	for i := range kernels.Data[int32](a) {
		kernels.Data[int32](a)[i] = int32(binary.LittleEndian.Uint32(f.data[x.Offsets[0]+4*i:]))
	}
	return a
}

// Bytes is a U8 tensor, such as a mask.
func (f *File) Bytes(dev *kernels.Device, name string) *kernels.Array {
	f.t.Helper()
	x := f.want(name, "U8")
	a := dev.New(kernels.Uint8, x.Shape...)
	copy(kernels.Data[uint8](a), f.data[x.Offsets[0]:x.Offsets[1]])
	return a
}

func (f *File) want(name, dtype string) tensor {
	f.t.Helper()
	x := f.get(name)
	if x.DType != dtype {
		f.t.Fatalf("%s: %q is %s, want %s", f.path, name, x.DType, dtype)
	}
	return x
}

// Each runs test for float64 and for float32, with the bound that fits the type: in float64 what the golden's own
// rounding to float32 leaves, in float32 what the op's sums add to that. Bounds are relative to the largest element.
func Each(t *testing.T, bound32 float64, test func(t *testing.T, dt kernels.DType, bound float64)) {
	for dt, bound := range map[kernels.DType]float64{kernels.Float64: rounded, kernels.Float32: bound32} {
		t.Run(fmt.Sprint(dt), func(t *testing.T) { test(t, dt, bound) })
	}
}

// rounded is half a unit in the last place of float32, and a little.
const rounded = 6.1e-8
