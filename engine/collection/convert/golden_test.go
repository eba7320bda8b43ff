package convert

import (
	"context"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/collectiontest"
)

// The files of two vectors of three values that are in the collection of TestGoldens, as the tools write them: numpy 2.4.6
// (numpy.save) and faiss-cpu 1.15.1 (faiss.write_index of an IndexFlatIP), up to the vectors.
const (
	numpyHead = "934e554d5059010076007b276465736372273a20273c6634272c2027666f727472616e5f6f72646572273a2046616c73652c20277368617065273a20" +
		"28322c2033292c207d202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020" +
		"202020202020200a"
	faissHead = "4978464903000000020000000000000000001000000000000000100000000000" + "01000000000600000000000000"
	// An index without vectors.
	faissEmpty = "49784649030000000000000000000000000010000000000000001000000000000100000000" + "0000000000000000"
)

// TestGoldens: the bytes of npy and faiss files.
func TestGoldens(t *testing.T) {
	c := collectiontest.Make(t, filepath.Join(t.TempDir(), "c.udml"), 3, collectiontest.Items(2))
	rows := hex.EncodeToString(littleEndian(littleEndian(nil, c.Row(0)), c.Row(1)))
	for format, want := range map[string]string{"npy": numpyHead + rows, "faiss": faissHead + rows} {
		out := filepath.Join(t.TempDir(), "v."+format)
		if _, err := Run(context.Background(), c.Path, format, out, Options{}); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(out)
		if got := hex.EncodeToString(b); err != nil || got != want {
			t.Errorf("%s: %v\n%s, want\n%s", format, err, got, want)
		}
	}
	if got := hex.EncodeToString(faissHeader(0, 3)); got != faissEmpty {
		t.Errorf("an empty index: %s", got)
	}
}

// TestNPYHeader: the length of numpy's header for other shapes.
func TestNPYHeader(t *testing.T) {
	for _, c := range []struct{ n, d, length int }{{0, 3, 128}, {100000, 128, 128}, {1234567, 2048, 128}} {
		h := npyHeader(c.n, c.d)
		if len(h) != c.length || int(h[8])|int(h[9])<<8 != c.length-10 || h[len(h)-1] != '\n' {
			t.Errorf("%d x %d: %d bytes", c.n, c.d, len(h))
		}
	}
}

// TestFloats: numbers have the fewest digits that give the same float32.
func TestFloats(t *testing.T) {
	if got := string(list(nil, []float32{0.1, -1, 1e-7, 16777216, 0.33333334, 0})); got != "[0.1,-1,1e-07,1.6777216e+07,0.33333334,0]" {
		t.Error(got)
	}
}

// TestTexts: what tables and lines hold of hostile paths.
func TestTexts(t *testing.T) {
	for in, want := range map[string][2]string{
		"a b.jpg": {"a b.jpg", "a b.jpg"}, "a\nb\t\r": {"a\nb\t\r", `a\nb\t\r`}, "caf\xe9": {`bytes:caf%E9`, `bytes:caf%E9`},
		`a\n`:        {`a\n`, `a\\n`},
		"日本\xff\xfe": {`bytes:日本%FF%FE`, `bytes:日本%FF%FE`}, "\ufffd": {"\ufffd", "\ufffd"},
	} {
		if text(in) != want[0] || line(in) != want[1] {
			t.Errorf("%q: %q and %q, want %q", in, text(in), line(in), want)
		}
	}
	if id := pathUUID("a.jpg"); len(id) != 36 || id[14] != '8' || id != pathUUID("a.jpg") || id == pathUUID("b.jpg") {
		t.Error(id)
	}
	if h := hash(&collection.Item{Look: collection.Look{PHash: 1<<63 | 10}}); h != "800000000000000a" {
		t.Error(h)
	}
}
