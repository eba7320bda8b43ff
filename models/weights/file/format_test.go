package file

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// samples are files saved by PyTorch and NumPy; scripts/test_weights.py made them.
const samples = "../../../testdata/weights"

// expected is a tensor in the script.
type expected struct {
	Shape  []int
	Values []float64
}

// TestReadGivesTheValuesThatWereSaved compares every tensor of every sample with its value in torch or numpy.
func TestReadGivesTheValuesThatWereSaved(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(samples, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var files map[string]map[string]expected
	if err := json.Unmarshal(b, &files); err != nil {
		t.Fatal(err)
	}
	if len(files) != 9 {
		t.Fatalf("%d samples, want 9", len(files))
	}
	for name, want := range files {
		f, err := Read(filepath.Join(samples, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if len(want) > 0 && len(f.Tensors) != len(want) {
			t.Errorf("%s: %d tensors, want %d", name, len(f.Tensors), len(want))
		}
		for tensor, w := range want {
			got, ok := f.Get(tensor)
			if !ok {
				t.Errorf("%s: %q is missing", name, tensor)
				continue
			}
			if v := valuesOf(t, got); !slices.Equal(v, w.Values) || !slices.Equal(got.Shape, w.Shape) {
				t.Errorf("%s: %q is %v %v, want %v %v", name, tensor, got.Shape, v, w.Shape, w.Values)
			}
		}
	}
}

// valuesOf is a tensor of any sample's dtype as float64.
func valuesOf(t *testing.T, x *Tensor) []float64 {
	t.Helper()
	if x.Floating() {
		v, err := x.Float64s()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	width := elementSize[x.DType]
	v := make([]float64, len(x.Data)/width)
	for i := range v {
		for k := width - 1; k >= 0; k-- { // the samples hold no negative integers
			v[i] = 256*v[i] + float64(x.Data[i*width+k])
		}
	}
	return v
}

// TestOverlappingElements: the weights of conv4.pth are at (o+i+3h+5w) of a line of 160 numbers from -0.25 to 0.25.
func TestOverlappingElements(t *testing.T) {
	f, err := Read(filepath.Join(samples, "conv4.pth"))
	if err != nil {
		t.Fatal(err)
	}
	x, ok := f.Get("features.4.weight")
	if !ok || !slices.Equal(x.Shape, []int{64, 64, 3, 3}) {
		t.Fatalf("features.4.weight is %+v", x)
	}
	for at, v := range valuesOf(t, x) {
		o, i, h, w := at/(64*9), at/9%64, at/3%3, at%3
		if want := -0.25 + 0.5*float64(o+i+3*h+5*w)/159; !(math.Abs(v-want) < 1e-7) { // float32 near 0.25 is exact to 1.5e-8
			t.Fatalf("element %d %d %d %d is %g, want %g", o, i, h, w, v, want)
		}
	}
}

func TestSamplesHaveTheirDTypes(t *testing.T) {
	f, err := Read(filepath.Join(samples, "containers.pt"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"float64": "F64", "float16": "F16", "bfloat16": "BF16", "int64": "I64", "int32": "I32", "int16": "I16", "int8": "I8",
		"uint8": "U8", "bool": "BOOL",
	} {
		if x, ok := f.Get("types." + name); !ok || x.DType != want {
			t.Errorf("%s: %+v, want %s", name, x, want)
		}
	}
	if f.Format != "torch" {
		t.Errorf("format %q", f.Format)
	}
}

func TestReadRefusesByName(t *testing.T) {
	for name, want := range map[string]string{
		"command.pth": `it asks for "posix.system"`, "module.pth": `a whole object ("torch.nn.modules.container.Sequential")`,
		"object_inside.pth": `"bn" of its state dict is an object ("argparse.Namespace")`, "script.pt": "TorchScript",
		"single.npy":  "single array",
		"objects.npz": `tensor "a": elements of type "|O"`, "bigendian.npz": `tensor "a": elements of type ">f4"`,
		"expected.json": "without a \"weight_map\"",
	} {
		path := filepath.Join(samples, name)
		_, err := Read(path)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), path+": ") {
			t.Errorf("%s: error %v, want one with %q", name, err, want)
		}
	}
}

// TestTruncatedSamples cuts each sample at every byte: never a panic, never a result.
func TestTruncatedSamples(t *testing.T) {
	for _, name := range []string{"state_dict.pth", "legacy.pth", "checkpoint.pt", "arrays.npz", "compressed.npz"} {
		b, err := os.ReadFile(filepath.Join(samples, name))
		if err != nil {
			t.Fatal(err)
		}
		for n := range b {
			if _, err := decode(bytes.NewReader(b[:n]), int64(n)); err == nil {
				t.Errorf("%s cut to %d bytes was read", name, n)
			}
		}
	}
}

// TestDamagedBytesAreNoticed flips a byte of each storage, which the zip's checksums must detect.
func TestDamagedBytesAreNoticed(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(samples, "state_dict.pth"))
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	storages := 0
	for _, e := range z.File {
		if !strings.Contains(e.Name, "/data/") {
			continue
		}
		storages++
		at, err := e.DataOffset()
		if err != nil {
			t.Fatal(err)
		}
		b[at] ^= 1
		_, err = decode(bytes.NewReader(b), int64(len(b)))
		if err == nil || !strings.Contains(err.Error(), `tensor "`) || !strings.Contains(err.Error(), e.Name) {
			t.Errorf("%s damaged: %v", e.Name, err)
		}
		b[at] ^= 1
	}
	if storages != 7 {
		t.Errorf("%d storages, want 7", storages)
	}
}

// decode reads the weights of size bytes in any format.
func decode(r io.ReaderAt, size int64) (*Weights, error) {
	o, err := open(r, size)
	if err != nil {
		return nil, err
	}
	return o.Main()
}

// FuzzDecode: any bytes give weights whose tensors have their stated size, or an error.
func FuzzDecode(f *testing.F) {
	paths, err := filepath.Glob(samples + "/*")
	if err != nil || len(paths) == 0 {
		f.Fatal("no samples", err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(file(`{"x":{"dtype":"F16","shape":[1,2],"data_offsets":[0,4]}}`, 1, 2, 3, 4))
	f.Add(file(`{"__metadata__":{"a":"b"},"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := decode(bytes.NewReader(b), int64(len(b)))
		meta, headerErr := metadata(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		if w.Format == "safetensors" && (headerErr != nil || !maps.Equal(meta, w.Metadata)) {
			t.Fatalf("metadata %v (%v), of the whole file %v", meta, headerErr, w.Metadata)
		}
		for _, x := range w.Tensors {
			if size, err := byteSize(x.DType, x.Shape); err != nil || size != len(x.Data) {
				t.Fatalf("%q: %d bytes, %v", x.Name, len(x.Data), err)
			}
		}
		everyPart(t, b)
	})
}

// everyPart reads each tensor of b, if it can be opened, including those outside its state dict: they have their stated size, or an error.
func everyPart(t *testing.T, b []byte) {
	t.Helper()
	o, err := open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range o.Outline().Tensors {
		f, err := o.Part(x.Name)
		if err != nil {
			continue
		}
		if size, err := byteSize(x.DType, x.Shape); err != nil || len(f.Tensors) == 0 ||
			size != len(f.Tensors[0].Data) && f.Tensors[0].Name == "" {
			t.Fatalf("%q: %d tensors, %v", x.Name, len(f.Tensors), err)
		}
	}
}
