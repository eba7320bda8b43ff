package archive

import (
	"archive/tar"
	"io"
	"os"
	"strings"
	"testing"

	"udml-gpu/engine/data/datatest"
)

// TestTarBomb: unpacking stops once a gzip'd tar gives far more than its size allows.
func TestTarBomb(t *testing.T) {
	was := maxUnpacked
	defer func() { maxUnpacked = was }()
	maxUnpacked = func(size int64) int64 { return 100 * size }
	b := datatest.Gzipped(
		t,
		datatest.Tar(t, []tar.Header{{Name: "a.png", Typeflag: tar.TypeReg}}, map[string][]byte{"a.png": make([]byte, 1<<20)}),
	)
	path := datatest.TarPath(t, "bomb.tgz", b)
	t.Setenv("TMPDIR", t.TempDir())
	_, err := Open(path, "")
	datatest.WantError(t, err, "bomb.tgz", "hundred times")
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) != 0 {
		t.Fatalf("%v left, %v", left, err)
	}
	if n, err := io.ReadAll(&bounded{r: strings.NewReader("four"), left: 4}); err != nil || len(n) != 4 {
		t.Fatalf("what fits is refused: %v", err)
	}
}
