package file

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"
)

func TestZipRefuses(t *testing.T) {
	good := npy(plain, "\x00\x00\x80\x3f")
	overlapping := zipOf(t, "a.npy", good, "b.npy", good)
	// Both directory entries claim nearly the whole file.
	for at := 0; ; {
		i := bytes.Index(overlapping[at:], []byte("PK\x01\x02"))
		if i < 0 {
			break
		}
		at += i + 20
		copy(overlapping[at:], []byte{200, 0, 0, 0, 200, 0, 0, 0})
	}
	flags := zipOf(t, "a.npy", good)
	flags[bytes.Index(flags, []byte("PK\x01\x02"))+8] |= 1
	method := zipOf(t, "a.npy", good)
	method[bytes.Index(method, []byte("PK\x01\x02"))+10] = 12
	sizes := zipOf(t, "a.npy", good)
	sizes[bytes.Index(sizes, []byte("PK\x01\x02"))+24]++
	cases := []struct {
		name, want string
		b          []byte
	}{
		{"cut", "damaged or truncated zip", []byte("PK\x03\x04")},
		{"empty", "neither torch's data.pkl nor .npy", []byte("PK\x05\x06" + strings.Repeat("\x00", 18))},
		{"images", "neither", zipOf(t, "a.png", "x")},
		{"deep pickle", "neither", zipOf(t, "a/b/data.pkl", "N.")},
		{"other entry", `"b.txt" is not`, zipOf(t, "a.npy", good, "b.txt", "x")},
		{"twice", `"a.npy" is there twice`, zipOf(t, "a.npy", good, "a.npy", good)},
		{"overlap", "longer than the rest of the file", overlapping},
		{"encrypted", "is encrypted", flags},
		{"bzip2", "method 12", method},
		{"stored sizes differ", "but has", sizes},
		{"big-endian torch", `byte order is "big"`, zipOf(t, "a/data.pkl", "\x80\x02}.", "a/byteorder", "big")},
	}
	for _, c := range cases {
		if f, err := parse(c.b); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, error %v, want one with %q", c.name, f, err, c.want)
		}
	}
}

// TestZipBomb: 80 MB of zeros in 80 KB are refused before they are inflated.
func TestZipBomb(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("a.npy")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (20000000,), }\n",
		strings.Repeat("\x00", 80_000_000)))); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if f, err := parse(b.Bytes()); err == nil || !strings.Contains(err.Error(), "more than is allowed") {
		t.Errorf("%v, error %v", f, err)
	}
}
