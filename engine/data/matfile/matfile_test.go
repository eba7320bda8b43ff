package matfile

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/engine/data/matfile/mattest"
)

// file is a MAT file of the variables, each an element, compressed or not.
func file(compressed bool, variables ...[]byte) []byte {
	b := mattest.Header()
	for _, v := range variables {
		if compressed {
			v = mattest.Compressed(v)
		}
		b = append(b, v...)
	}
	return b
}

// sample holds every kind of array.
func sample(compressed bool) []byte {
	row := []mattest.Value{mattest.Text("a/b é.jpg"), mattest.Number(300)}
	return file(
		compressed,
		mattest.Structs("path x", row, row)("list"),
		mattest.Cells(mattest.Text("one"), mattest.Cells())("names"),
		mattest.Number(
			0.1,
		)(
			"v",
		),
		mattest.Text("")("none"),
		mattest.Cells(func(string) []byte { return mattest.Element(miMatrix, nil) })("empty"),
	)
}

func TestRead(t *testing.T) {
	for _, compressed := range []bool{false, true} {
		vars, err := Read(sample(compressed))
		if err != nil {
			t.Fatal(err)
		}
		n, fields, ok := vars["list"].Structs()
		if !ok || n != 2 || strings.Join(fields, " ") != "path x" || len(vars) != 5 {
			t.Errorf("%d structs of %q, %v, %d variables", n, fields, ok, len(vars))
		}
		path, isText := vars["list"].Field(1, "path").Text()
		x, isNumber := vars["list"].Field(1, "x").Number()
		if path != "a/b é.jpg" || x != 300 || !isText || !isNumber {
			t.Errorf("%q %g", path, x)
		}
		if vars["list"].Field(2, "x") != nil || vars["list"].Field(0, "y") != nil {
			t.Error("a field that is not there")
		}
		names, ok := vars["names"].Cells()
		if s, _ := names[0].Text(); !ok || len(names) != 2 || s != "one" {
			t.Errorf("%d cells, the first is %q", len(names), s)
		}
		if v, ok := vars["v"].Number(); !ok || v != 0.1 {
			t.Errorf("%g", v)
		}
		if s, ok := vars["none"].Text(); !ok || s != "" {
			t.Errorf("%q", s)
		}
		empty, _ := vars["empty"].Cells()
		if _, ok := empty[0].Number(); ok || len(empty) != 1 {
			t.Error("[] is read as a number")
		}
	}
}

// TestNumbers: every class of numbers, in every type that MATLAB may store it as.
func TestNumbers(t *testing.T) {
	le := binary.LittleEndian
	for kind, c := range map[uint32]struct {
		content []byte
		want    float64
	}{
		miInt8: {[]byte{0xff}, -1}, miUint8: {[]byte{0xff}, 255}, miInt16: {[]byte{0xfe, 0xff}, -2}, miUint16: {[]byte{0xfe, 0xff}, 65534},
		miInt32: {le.AppendUint32(nil, 1<<31), math.MinInt32}, miUint32: {le.AppendUint32(nil, 1<<31), 1 << 31},
		miInt64: {le.AppendUint64(nil, math.MaxUint64), -1}, miUint64: {le.AppendUint64(nil, 1<<63), 1 << 63},
		miSingle: {le.AppendUint32(nil, math.Float32bits(0.5)), 0.5}, miDouble: {le.AppendUint64(nil, math.Float64bits(-0.25)), -0.25},
	} {
		for class := uint32(mxDouble); class <= mxUint64; class++ {
			vars, err := Read(file(false, mattest.Array(class, []int32{1, 1}, mattest.Element(kind, c.content))("v")))
			if err != nil {
				t.Fatal(err)
			}
			if v, ok := vars["v"].Number(); !ok || v != c.want {
				t.Errorf("type %d, class %d: %g, want %g", kind, class, v, c.want)
			}
		}
	}
}

func TestTexts(t *testing.T) {
	for _, c := range []struct {
		kind    uint32
		content string
		want    string // "-": not text
	}{
		{miUint8, "caf\xe9", "café"},
		{miUTF8, "café", "café"},
		{miUTF8, "caf\xe9", "-"},
		{miUTF16, "=\xd8\x97\xde", "🚗"},
		{miUint16, "=\xd8", "-"},
		{miUTF32, "\x97\xf6\x01\x00", "🚗"},
		{miUTF32, "\x00\x00\x11\x00", "-"},
	} {
		vars, err := Read(file(true, mattest.Array(mxChar, []int32{1, 1}, mattest.Element(c.kind, []byte(c.content)))("v")))
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := vars["v"].Text(); ok != (c.want != "-") || ok && s != c.want {
			t.Errorf("type %d, %q: %q, want %q", c.kind, c.content, s, c.want)
		}
	}
}

// TestSciPy reads a file written by SciPy.
func TestSciPy(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "testdata", "cars", "cars_annos.mat"))
	if err != nil {
		t.Fatal(err)
	}
	vars, err := Read(b)
	if err != nil {
		t.Fatal(err)
	}
	all := vars["annotations"]
	n, fields, _ := all.Structs()
	path, _ := all.Field(2, "relative_im_path").Text()
	x2, _ := all.Field(2, "bbox_x2").Number()
	if n != 5 || strings.Join(fields, " ") != "relative_im_path bbox_x1 bbox_y1 bbox_x2 bbox_y2 class test" ||
		path != "car_ims/class01/000.png" ||
		x2 != 300 {
		t.Errorf("%d structs of %q, %q %g", n, fields, path, x2)
	}
	names, _ := vars["class_names"].Cells()
	if s, ok := names[195].Text(); len(names) != 196 || !ok || s != "Make 196 Coupé" {
		t.Errorf("%d names, %q", len(names), s)
	}
}

// TestCutOff: a file that ends early is never read as a complete one, wherever it ends inside an element.
func TestCutOff(t *testing.T) {
	for _, compressed := range []bool{false, true} {
		whole := file(compressed, mattest.Structs("x", []mattest.Value{mattest.Number(1)})("list"))
		for n := range whole {
			if _, err := Read(whole[:n]); (err == nil) != (n == headerBytes) {
				t.Fatalf("%d of %d bytes: %v", n, len(whole), err)
			}
		}
	}
}

func TestReadRefuses(t *testing.T) {
	number := mattest.Number(1)("v")
	double := func(class uint32, shape ...int32) []byte {
		return file(false, mattest.Array(class, shape, mattest.Element(miUint8, []byte{1}))("v"))
	}
	nested := mattest.Number(1)
	for range maxDepth {
		nested = mattest.Cells(nested)
	}
	big, old := mattest.Header(), mattest.Header()
	copy(big[126:], "MI")
	copy(old[124:], "\x00\x02")
	damaged := file(true, number)
	damaged[len(damaged)-1] ^= 1 // in the checksum of the data
	for says, b := range map[string][]byte{
		"version 7.3":                         append([]byte("MATLAB 7.3 MAT-file"), make([]byte, 200)...),
		"ends at byte 5":                      []byte("MATLA"),
		"byte 126: the file is big-endian":    big,
		"not a MAT file of version 5":         make([]byte, 200),
		"version is 0x0200":                   old,
		`byte 184: a second variable`:         file(false, number, number),
		"invalid checksum":                    damaged,
		"byte 0 of what the data at byte 136": file(true, []byte{1, 2, 3}),
		"8 bytes follow the array":            file(true, append(bytes.Clone(number), make([]byte, 8)...)),
		"deeper than 8":                       file(true, nested("v")),
		"limit of 67108864 bytes":             file(true, make([]byte, maxInflated+1)),
		"class 5":                             double(5, 1, 1),
		"complex":                             double(6|flagComplex<<8, 1, 1),
		"array of 2 values":                   double(6, 1, 2),
		"more than 2147483647 values":         double(6, 1<<16, 1<<16),
		"limit for a file is 1048576":         double(mxCell, 1<<10, 1<<10),
		"9 arrays should follow in 8 bytes":   double(mxCell, 3, 3),
		"dimensions of an array take 4":       double(6, 1),
		"expected 1 to 4":                     append(mattest.Header(), 14, 0, 5, 0, 0, 0, 0, 0),
		"type 2: expected an array":           append(mattest.Header(), mattest.Element(miUint8, []byte{1})...),
		"not names of 0 bytes each": file(false, mattest.Array(mxStruct, []int32{1, 1},
			mattest.Element(miInt32, make([]byte, 4)), mattest.Element(miInt8, []byte("x")))("v")),
	} {
		if _, err := Read(b); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

// FuzzMAT: any bytes give variables whose values can be read, or an error; the same for unpacked compressed data.
func FuzzMAT(f *testing.F) {
	for _, compressed := range []bool{false, true} {
		f.Add(sample(false)[headerBytes:], compressed)
	}
	f.Fuzz(func(t *testing.T, elements []byte, compressed bool) {
		vars, err := Read(file(compressed, elements))
		if err != nil {
			if !strings.Contains(err.Error(), "byte ") {
				t.Fatalf("without a place: %v", err)
			}
			return
		}
		for _, a := range vars {
			walk(t, a)
		}
	})
}

// walk reads an array in every way: exactly one of them must succeed.
func walk(t *testing.T, a *Array) {
	a.Number()
	a.Text()
	cells, isCell := a.Cells()
	n, fields, isStruct := a.Structs()
	if isCell == (a.kind != cell) || isStruct == (a.kind != structure) || isCell && len(cells) != n {
		t.Fatalf("%d cells, %d structs of kind %d", len(cells), n, a.kind)
	}
	if isCell {
		for _, c := range cells {
			walk(t, c)
		}
	}
	for i := 0; isStruct && i < n && len(fields) > 0; i++ {
		for _, name := range fields {
			if a.Field(i, name) == nil {
				t.Fatalf("no field %q of %d", name, i)
			}
			walk(t, a.Field(i, name))
		}
	}
}
