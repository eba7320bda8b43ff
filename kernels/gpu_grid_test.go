package kernels

import "testing"

// TestLines: the grid covers every place of every line, or its threads loop; a block is whole warps, and not too large.
func TestLines(t *testing.T) {
	for _, width := range []int{1, 31, 32, 33, 200, 256, 257, 100_000} {
		for _, lines := range []int{1, 7, 8, 9, 65535, 65536, 1 << 24} {
			l := Lines(width, lines)
			threads := l.Block.X * l.Block.Y
			if l.Block.X%warp != 0 || threads > elementThreads || threads <= elementThreads/2 {
				t.Errorf("%d lines of %d: blocks of %d x %d", lines, width, l.Block.X, l.Block.Y)
			}
			if l.Grid.X*l.Block.X < width || (l.Grid.X-1)*l.Block.X >= width {
				t.Errorf("lines of %d: %d blocks of %d places", width, l.Grid.X, l.Block.X)
			}
			if l.Grid.Y > gridHeight || l.Grid.Y < gridHeight && l.Grid.Y*l.Block.Y < lines || (l.Grid.Y-1)*l.Block.Y >= lines {
				t.Errorf("%d lines: %d blocks of %d", lines, l.Grid.Y, l.Block.Y)
			}
		}
	}
}

func TestPack(t *testing.T) {
	even, odd := &Array{addr: 64, len: 8}, &Array{addr: 68, len: 8}
	for _, c := range []struct {
		width int
		as    []*Array
		pack  int
	}{
		{8, []*Array{even, nil}, 4}, {6, []*Array{even}, 1}, {8, []*Array{even, odd}, 1}, {8, nil, 4},
	} {
		if got := Pack(c.width, c.as...); got != c.pack {
			t.Errorf("rows of %d: packs of %d, want %d", c.width, got, c.pack)
		}
	}
}
