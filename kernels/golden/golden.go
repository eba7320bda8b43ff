// Package golden reads the files that scripts/goldens.py wrote to testdata/goldens, for the tests of the op rooms. Only tests
// import it: it trusts its files. (models/weights/file reads safetensors files of others, and stands to the left of kernels.)
package golden

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// File is an opened golden file.
type File struct {
	t       testing.TB
	path    string
	tensors map[string]tensor
	notes   map[string]string // the file's own metadata
	errors  map[string]float64
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
	var notes struct {
		Metadata map[string]string `json:"__metadata__"`
	}
	if err := errors.Join(json.Unmarshal(b[8:n], &f.tensors), json.Unmarshal(b[8:n], &notes)); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	delete(f.tensors, "__metadata__")
	f.notes = notes.Metadata
	return f
}

// Names are the names of its tensors, sorted.
func (f *File) Names() []string { return slices.Sorted(maps.Keys(f.tensors)) }

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

// Int32s are the elements of an I32 tensor, row-major.
func (f *File) Int32s(name string) []int32 {
	f.t.Helper()
	x := f.want(name, "I32")
	v := make([]int32, (x.Offsets[1]-x.Offsets[0])/4)
	for i := range v {
		v[i] = int32(binary.LittleEndian.Uint32(f.data[x.Offsets[0]+4*i:]))
	}
	return v
}

// Bytes are the elements of a U8 tensor, such as a mask.
func (f *File) Bytes(name string) []byte {
	f.t.Helper()
	x := f.want(name, "U8")
	return slices.Clone(f.data[x.Offsets[0]:x.Offsets[1]])
}

func (f *File) want(name, dtype string) tensor {
	f.t.Helper()
	x := f.get(name)
	if x.DType != dtype {
		f.t.Fatalf("%s: %q is %s, want %s", f.path, name, x.DType, dtype)
	}
	return x
}

// ChannelsLast moves the second of at least two axes to the end: NCHW becomes NHWC, OIHW becomes OHWI.
func ChannelsLast(v []float64, shape []int) ([]float64, []int) {
	n, c := shape[0], shape[1]
	p := len(v) / max(1, n*c)
	moved := make([]float64, len(v))
	for i := range n {
		for j := range c {
			for k := range p {
				moved[(i*p+k)*c+j] = v[(i*c+j)*p+k]
			}
		}
	}
	return moved, append(append([]int{n}, shape[2:]...), c)
}
