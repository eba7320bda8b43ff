package distance

import (
	"testing"

	"udml-gpu/kernels"
)

// The main loop's memory and that of the largest epilogue fit a block's limit at any width.
func TestSharedMemoryFits(t *testing.T) {
	for f := tileSplit; f <= tileBF16; f++ {
		for chunks := 1; chunks <= 20; chunks++ {
			if n := f.shared(chunks) + gpuTile*keyBytes; n > kernels.MostShared {
				t.Errorf("format %d, %d chunks: %d bytes of shared memory, at most %d are there", f, chunks, n, kernels.MostShared)
			}
		}
	}
}

// Parts cover all column tiles, none of them empty, and no more than asked for.
func TestParts(t *testing.T) {
	for _, c := range [][3]int{{1, 1, 1}, {1, 500, 264}, {1, 1000, 7}, {263, 3, 264}, {264, 90, 264}, {8000, 79, 264}, {3, 100, 264}} {
		count, per := parts(c[0], c[1], c[2])
		if count*per < c[1] || (count-1)*per >= c[1] || count > c[2] || count < 1 {
			t.Errorf("%v: %d parts of %d", c, count, per)
		}
	}
}
