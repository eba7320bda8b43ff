package data

import (
	"archive/tar"
	"io"
	"os"
	"strings"
	"testing"
)

// TestTarBomb: what unpacks to far more than it should is given up on the way.
func TestTarBomb(t *testing.T) {
	was := maxUnpacked
	defer func() { maxUnpacked = was }()
	maxUnpacked = func(size int64) int64 { return 100 * size }
	b := gzipped(t, tarBytes(t, []tar.Header{{Name: "a.png", Typeflag: tar.TypeReg}}, map[string][]byte{"a.png": make([]byte, 1<<20)}))
	path := tarPath(t, "bomb.tgz", b)
	t.Setenv("TMPDIR", t.TempDir())
	_, err := openPath(path)
	wantError(t, err, "bomb.tgz", "hundred times")
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) != 0 {
		t.Fatalf("%v left, %v", left, err)
	}
	if n, err := io.ReadAll(&bounded{r: strings.NewReader("four"), left: 4}); err != nil || len(n) != 4 {
		t.Fatalf("what fits is refused: %v", err)
	}
}
