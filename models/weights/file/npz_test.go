package file

import (
	"strings"
	"testing"
)

// npy is an array with that header and data, version 1.
func npy(header, data string) string {
	return arrayMagic + "\x01\x00" + string([]byte{byte(len(header)), byte(len(header) >> 8)}) + header + data
}

const plain = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n"

func TestArrayRefuses(t *testing.T) {
	header := func(old, new string) string { return npy(strings.Replace(plain, old, new, 1), "\x00\x00\x80\x3f") }
	for b, want := range map[string]string{
		"":                                                "truncated",
		"PNG":                                             "truncated",
		arrayMagic + "\x01\x00\xff":                       "truncated",
		arrayMagic + "\x01\x00\xff\x00{' ":                "truncated",
		arrayMagic + "\x02\x00\xff\xff\xff\xff":           "truncated",
		arrayMagic + "\x09\x00\x01\x00{  ":                "version 9",
		npy(plain, ""):                                    "0 bytes follow its header, but F32[1] takes 4",
		npy(plain, "12345"):                               "5 bytes follow",
		header("'<f4'", "[('a', '<f4')]"):                 "not that of a plain array",
		header("(1,)", "__import__('os')"):                "not that of a plain array",
		header("(1,)", "(-1,)"):                           "not that of a plain array",
		header("(1,)", "(1 1,)"):                          "its shape is",
		header("(1,)", "(1,,1)"):                          "its shape is",
		header("(1,)", "(9223372036854775808,)"):          "its shape is",
		header("(1,)", "(4294967296, 4294967296)"):        "impossible shape",
		header("(1,)", "("+strings.Repeat("1, ", 65)+")"): "65 dimensions",
		header("<f4", "<c8"):                              `type "<c8"`,
		header("<f4", "|O"):                               `type "|O"`,
	} {
		extra := newAllowance(int64(len(b)))
		if x, err := parseArray([]byte(b), &extra); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, error %v, want one with %q", b, x, err, want)
		}
	}
}

// TestArrayVersions: numpy writes version 1, or 2 or 3 where the header needs them.
func TestArrayVersions(t *testing.T) {
	for _, b := range []string{
		npy(plain, "\x00\x00\x80\x3f"),
		arrayMagic + "\x02\x00" + string(rune(len(plain))) + "\x00\x00\x00" + plain + "\x00\x00\x80\x3f",
	} {
		extra := newAllowance(0)
		x, err := parseArray([]byte(b), &extra)
		if err != nil {
			t.Error(err)
			continue
		}
		if v, err := x.Float32s(); err != nil || len(v) != 1 || v[0] != 1 {
			t.Errorf("%v, %v", v, err)
		}
	}
}

// FuzzArray: any bytes give an array of its stated size, or an error.
func FuzzArray(f *testing.F) {
	f.Add([]byte(npy(plain, "\x00\x00\x80\x3f")))
	f.Add([]byte(npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }\n", "123456")))
	f.Add([]byte(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (), }", "12345678")))
	f.Fuzz(func(t *testing.T, b []byte) {
		extra := newAllowance(int64(len(b)))
		x, err := parseArray(b, &extra)
		if err != nil {
			return
		}
		if size, err := byteSize(x.DType, x.Shape); err != nil || size != len(x.Data) {
			t.Fatalf("%d bytes, %v", len(x.Data), err)
		}
	})
}
