package file

import (
	"encoding/binary"
	"strings"
	"testing"
)

// legacyFile is a file of the old format with four float32, 0 to 3, in storage "0", and the value of the pickle.
func legacyFile(pickle string) []byte {
	storage := binary.LittleEndian.AppendUint64(nil, 4)
	for i := range 4 {
		storage = append(storage, FromFloat32("", []float32{float32(i)}, 1).Data...)
	}
	return legacyOf(number(legacyProtocol), pairs(text("little_endian"), "\x88"), pickle, "]"+text("0")+"a", string(storage))
}

// legacyOf is a file of the old format made of its parts, pickles and storages.
func legacyOf(protocol, machine, value, keys, storages string) []byte {
	s := legacyTorch
	for _, p := range []string{protocol, machine, value, keys} {
		s += "\x80\x02" + p + "."
	}
	return []byte(s + storages)
}

// legacyTensor is a call of torch's function before 0.4, on storage 0 of count float32.
func legacyTensor(count int, view string) string {
	storage := tuple(text("storage"), "ctorch\nFloatStorage\n", text("0"), text("cpu"), number(count), view) + "Q"
	return "ctorch._utils\n_rebuild_tensor\n" + tuple(storage, number(1), numbers(1, 3), numbers(3, 1)) + "R"
}

// TestPython2: Python 2 writes text as bytes, and an OrderedDict as a list of pairs.
func TestPython2(t *testing.T) {
	short := func(s string) string { return "U" + string([]byte{byte(len(s))}) + s }
	long := func(s string) string { return "T" + string([]byte{byte(len(s)), 0, 0, 0}) + s }
	value := "ccollections\nOrderedDict\n" + tuple(
		"](]("+short("a.weight")+legacyTensor(4, "N")+"e]("+long("b")+legacyTensor(4, "N")+"ee",
	) + "R"
	f, err := parse(legacyFile(value))
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"a.weight", "b"} {
		v, err := f.Tensors[i].Float32s()
		if err != nil || f.Tensors[i].Name != name || len(v) != 3 || v[0] != 1 || v[2] != 3 {
			t.Errorf("%+v, %v", f.Tensors[i], err)
		}
	}
}

func TestLegacyRefuses(t *testing.T) {
	good, x := number(legacyProtocol), pairs(text("x"), legacyTensor(4, "N"))
	little, key, four := pairs(text("little_endian"), "\x88"), "]"+text("0")+"a", "\x04\x00\x00\x00\x00\x00\x00\x000123456789abcdef"
	if _, err := parse(legacyOf(good, little, x, key, four)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"protocol", legacyOf(number(7), little, x, key, four), "protocol 7"},
		{"machine", legacyOf(good, "N", x, key, four), "no description of the machine"},
		{"big endian", legacyOf(good, pairs(text("little_endian"), "\x89"), x, key, four), "only little-endian"},
		{"system", legacyOf(good, little, "cos\nsystem\n"+tuple(text("true"))+"R", key, four), `"os.system"`},
		{
			"view", legacyOf(good, little, pairs(text("x"), legacyTensor(4, tuple(text("v"), number(0), number(1)))), key, four),
			"or a view of one",
		},
		{
			"two sizes", legacyOf(good, little, pairs(text("x"), legacyTensor(4, "N"), text("y"), legacyTensor(5, "N")), key, four),
			"described twice",
		},
		{"no list", legacyOf(good, little, x, "N", four), "expected the list of its storages"},
		{"no storage", legacyOf(good, little, x, "]", ""), `storage "0" is missing`},
		{"unknown key", legacyOf(good, little, x, "]"+text("1")+"a", four), `has "1", which`},
		{"key twice", legacyOf(good, little, x, "]("+text("0")+text("0")+"e", four+four), "or which is listed twice"},
		{"key of another type", legacyOf(good, little, x, "]"+number(0)+"a", four), "which no tensor uses"},
		{"other count", legacyOf(good, little, x, key, "\x05"+four[1:]), "has 5 elements, but its tensor says 4"},
		{"huge count", legacyOf(good, little, pairs(text("x"), legacyTensor(1<<62, "N")), key, four), "truncated"},
		{"cut", legacyOf(good, little, x, key, four[:20]), "truncated"},
		{"left over", legacyOf(good, little, x, key, four+"!"), "1 bytes follow"},
	} {
		f, err := parse(c.file)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, error %v, want one with %q", c.name, f, err, c.want)
		}
	}
}

// FuzzLegacy: any value in an old file gives tensors of their stated size, or an error.
func FuzzLegacy(f *testing.F) {
	f.Add(pairs(text("x"), legacyTensor(4, "N")))
	f.Add("ccollections\nOrderedDict\n" + tuple("](](U\x01a"+legacyTensor(4, "N")+"ee") + "R")
	f.Fuzz(func(t *testing.T, pickle string) {
		w, err := parse(legacyFile(pickle))
		if err != nil {
			return
		}
		for _, x := range w.Tensors {
			if size, err := byteSize(x.DType, x.Shape); err != nil || size != len(x.Data) {
				t.Fatalf("%q: %d bytes, %v", x.Name, len(x.Data), err)
			}
		}
		everyPart(t, legacyFile(pickle))
	})
}
