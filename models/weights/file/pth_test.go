package file

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math"
	"strings"
	"testing"
)

// zipOf is a zip of stored entries, given as alternating names and contents.
func zipOf(t testing.TB, items ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(items); i += 2 {
		h := &zip.FileHeader{
			Name: items[i], Method: zip.Store, CRC32: crc32.ChecksumIEEE([]byte(items[i+1])),
			CompressedSize64: uint64(len(items[i+1])), UncompressedSize64: uint64(len(items[i+1])),
		}
		w, err := z.CreateRaw(h)
		if err == nil {
			_, err = w.Write([]byte(items[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// text, number, tuple and pairs write the opcodes of torch.save.
func text(s string) string {
	return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
}

func number(n int) string {
	return "\x8a\x08" + string(binary.LittleEndian.AppendUint64(nil, uint64(n)))
}

func tuple(items ...string) string { return "(" + strings.Join(items, "") + "t" }

func numbers(list ...int) string {
	var items []string
	for _, n := range list {
		items = append(items, number(n))
	}
	return tuple(items...)
}

func pairs(items ...string) string { return "}(" + strings.Join(items, "") + "u" }

// tensor is a call of _rebuild_tensor_v2 on storage 0 of count float32.
func tensor(count, offset int, shape, stride string) string {
	storage := tuple(text("storage"), "ctorch\nFloatStorage\n", text("0"), text("cpu"), number(count)) + "Q"
	return "ctorch._utils\n_rebuild_tensor_v2\n" + tuple(
		storage,
		number(offset),
		shape,
		stride,
		"\x89",
		"ccollections\nOrderedDict\n)R",
	) + "R"
}

// torchFile is a file with that pickle and four float32, 0 to 3, in storage 0.
func torchFile(t testing.TB, pickle string) []byte {
	var four []byte
	for i := range 4 {
		four = binary.LittleEndian.AppendUint32(four, math.Float32bits(float32(i)))
	}
	return zipOf(t, "a/data.pkl", "\x80\x02"+pickle+".", "a/byteorder", "little", "a/data/0", string(four))
}

func parse(b []byte) (*Weights, error) { return decode(bytes.NewReader(b), int64(len(b))) }

// one is a whole tensor of storage 0.
func one() string { return tensor(4, 0, numbers(4), numbers(1)) }

// goodPickle is a valid pickle with the names of its tensors.
type goodPickle struct{ name, pickle, want string }

func goodPickles() []goodPickle {
	return []goodPickle{
		{"flat", pairs(text("x.weight"), one(), text("y"), one()), "x.weight y"},
		{"nested", pairs(text("x"), pairs(text("a"), one(), number(3), one()), text("n"), number(1)), "x.a x.3"},
		{"list", "](" + one() + text("skipped") + tuple(one()) + "e", "0 2.0"},
		{"wrapped", pairs(text("epoch"), number(3), text("model"), pairs(text("state_dict"), pairs(text("w"), one()))), "w"},
		{"beside a tensor", pairs(text("model"), pairs(text("w"), one()), text("x"), one()), "model.w x"},
		{"parallel", pairs(text("module.x"), one(), text("module.y"), one()), "x y"},
		{"half parallel", pairs(text("module.x"), one(), text("y"), one()), "module.x y"},
		{"attributes", "ccollections\nOrderedDict\n)R(" + text("x") + one() + "u}" + text("_metadata") + "}sb", "x"},
		{"parameter", pairs(text("p"), "ctorch._utils\n_rebuild_parameter\n"+tuple(one(), "\x88", "}")+"R"), "p"},
		{"size", pairs(text("x"), tensor(4, 0, "ctorch\nSize\n"+tuple(numbers(2, 2))+"R", numbers(2, 1))), "x"},
	}
}

func TestTorchNames(t *testing.T) {
	for _, c := range goodPickles() {
		f, err := parse(torchFile(t, c.pickle))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var names []string
		for _, x := range f.Tensors {
			names = append(names, x.Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s: names %q, want %q", c.name, got, c.want)
		}
	}
}

// chain is a dict that contains another one twice, and so on: 2^n tensors.
func chain(n int) string {
	inner := one() + "q\x00"
	for range n {
		inner = "}(" + text("a") + inner + text("b") + "h\x00uq\x00"
	}
	return inner
}

func TestTorchRefuses(t *testing.T) {
	const much = math.MaxInt64
	x := func(tensor string) string { return pairs(text("x"), tensor) }
	cases := []struct{ name, pickle, want string }{
		{"system", "cos\nsystem\n" + tuple(text("true")) + "R", `"os.system"`},
		{"eval", "c__builtin__\neval\n" + tuple(text("1")) + "R", `"__builtin__.eval"`},
		{"unknown storage", "ctorch\nQUInt8Storage\n", `"torch.QUInt8Storage"`},
		{"storage elsewhere", "cos\nFloatStorage\n", `"os.FloatStorage"`},
		{"called storage", "ctorch\nFloatStorage\n)R", "unexpected arguments"},
		{"dict of text", "ccollections\nOrderedDict\n" + tuple(text("a")) + "R", "an OrderedDict of a string"},
		{"dict of no pairs", "ccollections\nOrderedDict\n" + tuple("](]("+text("a")+"ee") + "R", "other than pairs"},
		{"dict of two", "ccollections\nOrderedDict\n" + tuple("N", "N") + "R", "unexpected arguments"},
		{"parameter of text", "ctorch._utils\n_rebuild_parameter\n" + tuple(text("a"), "\x88", "}") + "R", "unexpected arguments"},
		{"tensor of text", "ctorch._utils\n_rebuild_tensor_v2\n" + tuple(text("a"), "NNNNN") + "R", "unexpected form"},
		{"odd id", text("a") + "Q", "not a storage"},
		{"storage class", tuple(text("storage"), "ctorch\nSize\n", text("0"), text("cpu"), number(4)) + "Q", "unexpected form"},
		{"attributes of a list", "]}b", "given attributes"},
		{"nothing", "}", "no tensors"},
		{"bare", one(), "without a name"},
		{"same name", pairs(text("a.b"), one(), text("a"), pairs(text("b"), one())), `two tensors would have the name "a.b"`},
		{"negative count", x(tensor(-1, 0, numbers(1), numbers(1))), "unexpected form"},
		{"negative offset", x(tensor(4, -1, numbers(1), numbers(1))), "unexpected form"},
		{"negative size", x(tensor(4, 0, numbers(-1), numbers(1))), "unexpected form"},
		{"negative stride", x(tensor(4, 3, numbers(2), numbers(-1))), "unexpected form"},
		{"65 dimensions", x(tensor(4, 0, numbers(make([]int, 65)...), numbers(make([]int, 65)...))), "unexpected form"},
		{"strides missing", x(tensor(4, 0, numbers(2, 2), numbers(2))), `tensor "x": 2 sizes and 1 strides`},
		{"offset outside", x(tensor(4, 4, numbers(1), numbers(1))), `tensor "x": it starts at element 4`},
		{"one too many", x(tensor(4, 1, numbers(4), numbers(1))), `tensor "x": shape [4] with strides [1] from 1 passes`},
		{"second axis outside", x(tensor(4, 0, numbers(2, 2), numbers(2, 2))), "passes the end"},
		{"stride overflows", x(tensor(4, 0, numbers(3), numbers(much))), "passes the end"},
		{"size overflows", x(tensor(4, 0, numbers(much, much), numbers(0, 0))), "impossible shape"},
		{"bomb", x(tensor(4, 0, numbers(1<<40), numbers(0))), "more than is allowed"},
		{"count differs", x(tensor(5, 0, numbers(5), numbers(1))), `its storage "a/data/0" has 16 bytes, but should have 5 elements`},
		{"huge count", x(tensor(much, 0, numbers(1), numbers(1))), "its storage"},
		{"no storage", x(strings.Replace(one(), text("0"), text("7"), 1)), `"a/data/7" is missing`},
		{"holds itself", "}q\x00(" + text("a") + "h\x00u", "nested deeper"},
		{"list of itself", "]q\x00h\x00a", "nested deeper"},
		{"wide", chain(20), "more than"},
		{"long name", pairs(text(strings.Repeat("n", 2000)), one()), "a name longer"},
	}
	for _, c := range cases {
		f, err := parse(torchFile(t, c.pickle))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, error %v, want one with %q", c.name, f, err, c.want)
		}
	}
}

// TestTorchStateDictAlone: what is outside the state dict of a checkpoint takes no memory and cannot fail.
func TestTorchStateDictAlone(t *testing.T) {
	bad := tensor(4, 9, numbers(4), numbers(1))
	f, err := parse(torchFile(t, pairs(text("optimizer"), pairs(text("m"), bad), text("state_dict"), pairs(text("w"), one()))))
	if err != nil || len(f.Tensors) != 1 || f.Tensors[0].Name != "w" {
		t.Errorf("%+v, %v", f, err)
	}
}

// FuzzTorch: any pickle, in a zip with correct checksums, gives tensors of their stated size, or an error.
func FuzzTorch(f *testing.F) {
	for _, c := range goodPickles() {
		f.Add(c.pickle)
	}
	f.Add(pairs(text("x"), tensor(4, 1, numbers(2, 1), numbers(2, 7))))
	f.Add(chain(3))
	f.Fuzz(func(t *testing.T, pickle string) {
		w, err := parse(torchFile(t, pickle))
		if err != nil {
			return
		}
		for _, x := range w.Tensors {
			if size, err := byteSize(x.DType, x.Shape); err != nil || size != len(x.Data) {
				t.Fatalf("%q: %d bytes, %v", x.Name, len(x.Data), err)
			}
		}
		everyPart(t, torchFile(t, pickle))
	})
}
