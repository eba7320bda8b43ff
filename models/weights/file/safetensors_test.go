package file

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// file is a safetensors file of a header and data.
func file(header string, data ...byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), data...)
}

func TestParseRefuses(t *testing.T) {
	cases := []struct {
		name, want string
		b          []byte
	}{
		{"empty", "shorter than 8", nil},
		{"header longer than the file", "truncated", binary.LittleEndian.AppendUint64(nil, maxHeader)},
		{"no length", "not that of a weights file", binary.LittleEndian.AppendUint64(nil, math.MaxUint64)},
		{"header over the limit", "not that of a weights file", append(binary.LittleEndian.AppendUint64(nil, maxHeader+1), '{')},
		{"no header", "not a JSON object", file("")},
		{"leading space", "not a JSON object", file(" {}")},
		{"not UTF-8", "not a JSON object", file("{\"a\xff\":1}")},
		{"cut JSON", "damaged", file(`{"a":`)},
		{"text after", "text after", file(`{}x`)},
		{"array", "found [", file(`{"a":[]}`)},
		{"null", "found <nil>", file(`{"a":null}`)},
		{"deep", "damaged", file(`{"a":{"dtype":{"dtype":{}}}}`)},
		{
			"duplicate name",
			"twice",
			file(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`),
		},
		{"duplicate key", "twice", file(`{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}`)},
		{"wrong case", "unknown key", file(`{"a":{"DType":"U8","shape":[0],"data_offsets":[0,0]}}`)},
		{"no dtype", "needed", file(`{"a":{"shape":[0],"data_offsets":[0,0]}}`)},
		{"no shape", "needed", file(`{"a":{"dtype":"U8","data_offsets":[0,0]}}`)},
		{"one offset", "needed", file(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[0]}}`)},
		{"unknown dtype", "unknown dtype", file(`{"a":{"dtype":"Q4","shape":[0],"data_offsets":[0,0]}}`)},
		{"negative size", "expected a size", file(`{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,0]}}`)},
		{"fraction", "expected a size", file(`{"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}`, 1)},
		{"number over int64", "expected a size", file(`{"a":{"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,0]}}`)},
		{"product overflows", "impossible shape", file(`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`)},
		{
			"product overflows beside 0",
			"impossible shape",
			file(`{"a":{"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}`),
		},
		{"size differs", "but F32[1] takes 4", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,2]}}`, 1, 2)},
		{"backwards", "bytes 0 to", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,0]}}`, 1, 2)},
		{"past the end", "truncated", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 1, 2)},
		{"hole at the start", "hole", file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 1, 2)},
		{
			"hole between",
			"hole",
			file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}`, 1, 2, 3),
		},
		{
			"overlap", "inside the one before",
			file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, 1, 2, 3),
		},
		{"bytes left over", "belong to no tensor", file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1, 2)},
		{"metadata not text", "expected text", file(`{"__metadata__":{"a":1}}`)},
	}
	for _, c := range cases {
		_, err := Parse(c.b)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
}

func TestWriteIsDeterministicAndReadBack(t *testing.T) {
	a, b := FromFloat32("a", []float32{1, -2}, 1, 2), FromFloat64("z", []float64{math.Pi})
	c := Tensor{Name: "bytes <&>", DType: "U8", Shape: []int{3}, Data: []byte{1, 2, 3}}
	empty := Tensor{Name: "none", DType: "F16", Shape: []int{0, 7}}
	meta := map[string]string{"format": "pt", "b": "x", "a": "y"}
	var one, two bytes.Buffer
	if err := Encode(&one, &Weights{Metadata: meta, Tensors: []Tensor{a, b, c, empty}}); err != nil {
		t.Fatal(err)
	}
	if err := Encode(&two, &Weights{Metadata: meta, Tensors: []Tensor{empty, c, b, a}}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("the bytes depend on the order of the tensors")
	}
	if n := binary.LittleEndian.Uint64(one.Bytes()); n%8 != 0 {
		t.Errorf("header of %d bytes is not padded to 8", n)
	}
	f, err := Parse(one.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Tensors) != 4 || f.Metadata["b"] != "x" || f.Tensors[0].Name != "z" {
		t.Errorf("read back %+v", f)
	}
	got, ok := f.Get("a")
	if !ok {
		t.Fatal("a is gone")
	}
	if v, err := got.Float32s(); err != nil || v[1] != -2 {
		t.Errorf("a is %v, %v", v, err)
	}
	if u, _ := f.Get("bytes <&>"); !bytes.Equal(u.Data, c.Data) {
		t.Errorf("bytes are %v", u.Data)
	}
	if _, err := c.Float32s(); err == nil {
		t.Error("U8 was read as floating")
	}
}

func TestWriteRefuses(t *testing.T) {
	ok := FromFloat32("a", []float32{1}, 1)
	for name, f := range map[string]*Weights{
		"duplicate": {Tensors: []Tensor{ok, ok}},
		"metadata":  {Tensors: []Tensor{{Name: metadataKey, DType: "U8", Shape: []int{0}}}},
		"size":      {Tensors: []Tensor{{Name: "a", DType: "F32", Shape: []int{2}, Data: []byte{1}}}},
		"dtype":     {Tensors: []Tensor{{Name: "a", DType: "complex"}}},
		"encoding":  {Tensors: []Tensor{{Name: "\xff", DType: "U8", Shape: []int{0}}}},
		"meta text": {Metadata: map[string]string{"a": "\xff"}},
	} {
		if err := Encode(&bytes.Buffer{}, f); err == nil {
			t.Errorf("%s: written", name)
		}
	}
}

func TestHalfPrecision(t *testing.T) {
	b := Tensor{Name: "b", DType: "BF16", Shape: []int{2}, Data: []byte{0x80, 0x3f, 0x49, 0xc0}} // 1 and -3.140625
	if v, err := b.Float64s(); err != nil || v[0] != 1 || v[1] != -3.140625 {
		t.Errorf("BF16: %v, %v", v, err)
	}
}

func TestReadNamesTheFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.safetensors")
	if err := os.WriteFile(path, []byte("\xff\xff\xff\xff\xff\xff\xff\x0fhello"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, dir, filepath.Join(dir, "none")} {
		if _, err := Read(p); err == nil || !strings.Contains(err.Error(), p) {
			t.Errorf("%s: %v", p, err)
		}
	}
	want := &Weights{Tensors: []Tensor{FromFloat32("a", []float32{1, 2, 3}, 3)}}
	if err := Write(path, want); err != nil {
		t.Fatal(err)
	}
	if f, err := Read(path); err != nil || len(f.Tensors) != 1 {
		t.Errorf("%v, %v", f, err)
	}
}

// FuzzParse: no input may cause a panic or a read outside its bytes, and accepted input survives writing and reading.
func FuzzParse(f *testing.F) {
	f.Add(file(`{}`))
	f.Add(file(`{"__metadata__":{"a":"b"},"x":{"dtype":"F16","shape":[1,2],"data_offsets":[0,4]}}`, 1, 2, 3, 4))
	f.Add(file(`{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"b":{"dtype":"I64","shape":[0],"data_offsets":[1,1]}}  `, 9))
	f.Fuzz(func(t *testing.T, b []byte) {
		one, err := Parse(b)
		if err != nil {
			return
		}
		for _, x := range one.Tensors {
			if v, err := x.Float32s(); err == nil && len(v) > len(x.Data) {
				t.Fatalf("%q: %d elements of %d bytes", x.Name, len(v), len(x.Data))
			}
		}
		var w bytes.Buffer
		if err := Encode(&w, one); err != nil {
			t.Fatal(err)
		}
		two, err := Parse(w.Bytes())
		if err != nil || len(two.Tensors) != len(one.Tensors) || len(two.Metadata) != len(one.Metadata) {
			t.Fatalf("read back %v, %v", two, err)
		}
		for _, x := range one.Tensors {
			if y, ok := two.Get(x.Name); !ok || !bytes.Equal(x.Data, y.Data) {
				t.Fatalf("%q changed", x.Name)
			}
		}
	})
}
