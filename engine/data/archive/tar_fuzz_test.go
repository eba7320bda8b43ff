package archive

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/engine/data/datatest"
)

// squeezed is a tar without its runs of zeros: each zero is followed by the length of its run. Tars are nearly all zeros, which
// would slow the fuzzer down.
func squeezed(b []byte) []byte {
	var out []byte
	for len(b) > 0 {
		n := 0
		for n < len(b) && n < 255 && b[n] == 0 {
			n++
		}
		if n > 0 {
			out, b = append(out, 0, byte(n)), b[n:]
			continue
		}
		out, b = append(out, b[0]), b[1:]
	}
	return out
}

// expanded is the tar of squeezed bytes, with correct checksums in its headers: a fuzzer would not find them.
func expanded(b []byte) []byte {
	var out []byte
	for i := 0; i < len(b); i++ {
		if b[i] == 0 && i+1 < len(b) {
			out = append(out, make([]byte, b[i+1])...)
			i++
			continue
		}
		out = append(out, b[i])
	}
	for block := out; len(block) >= tarBlock; block = block[tarBlock:] {
		if !isTar(block[:tarBlock]) {
			continue
		}
		copy(block[148:156], "        ")
		sum := 0
		for _, v := range block[:tarBlock] {
			sum += int(v)
		}
		copy(block[148:156], fmt.Sprintf("%06o\x00 ", sum))
	}
	return out
}

// FuzzTar: any bytes are an error, or a tar whose files have names that stay inside it and content that can be read. Indexing
// and unpacking give the same files.
func FuzzTar(f *testing.F) {
	file := func(name string) tar.Header { return tar.Header{Name: name, Typeflag: tar.TypeReg} }
	for _, entries := range [][]tar.Header{
		{{Name: "a/", Typeflag: tar.TypeDir}, file("a/1.png"), file(strings.Repeat("n", 120))},
		{{Name: "a", Typeflag: tar.TypeSymlink, Linkname: ".."}},
		{file("../b")},
		{file("._c"), file("/d")},
		{file("a/1.png"), file("a/.udmlignore"), {Name: "b/", Typeflag: tar.TypeDir}},
	} {
		b := datatest.Tar(f, entries, map[string][]byte{"a/1.png": []byte("one"), "a/.udmlignore": []byte("/[0-9]*\nb/\n")})
		if got := expanded(squeezed(b)); !bytes.Equal(got, b) {
			f.Fatalf("a tar of %d bytes comes back with %d", len(b), len(got))
		}
		f.Add(squeezed(b))
	}
	MaxFileBytes = 1 << 20
	f.Fuzz(func(t *testing.T, b []byte) { wantSameFiles(t, expanded(b)) })
}

// wantSameFiles compares the files of an indexed tar with those that the tar reader gives.
func wantSameFiles(t *testing.T, b []byte) {
	r := bytes.NewReader(b)
	placed := &tarFiles{name: "fuzz.tar", entries: map[string]span{}, file: r}
	err := placed.index(r, func(h *tar.Header, _ io.Reader) (span, error) { return place(r, h, r.Size()) })
	if err != nil {
		datatest.WantFault(t, err)
		return
	}
	unpacked := map[string]string{}
	copied := &tarFiles{name: "fuzz.tar", entries: map[string]span{}}
	err = copied.index(bytes.NewBuffer(b), func(h *tar.Header, r io.Reader) (span, error) {
		content, err := io.ReadAll(r)
		unpacked[filepath.Clean(h.Name)] = string(content)
		return span{}, err
	})
	if err != nil {
		datatest.WantFault(t, err)
		return
	}
	if len(unpacked) != len(placed.entries) {
		t.Fatalf("%d files in place, %d unpacked", len(placed.entries), len(unpacked))
	}
	for name, content := range unpacked {
		got, err := placed.Read(name)
		if !filepath.IsLocal(name) || int64(len(content)) <= MaxFileBytes && (err != nil || string(got) != content) {
			t.Fatalf("%q: %d bytes of %d, %v", name, len(got), len(content), err)
		}
	}
}
