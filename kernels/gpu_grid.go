package kernels

// Pack is how many floats of a row a kernel moves at once: 4, where rows of the given width and every array (nil ones
// aside) begin at multiples of 16 bytes, else 1. Memory from the device begins so, a view of it may not.
func Pack(width int, as ...*Array) int {
	for _, a := range as {
		if a != nil && a.addr%16 != 0 {
			return 1
		}
	}
	if width%4 != 0 {
		return 1
	}
	return 4
}

// gridHeight is the largest extent of a grid along y.
const gridHeight = 1<<16 - 1

// Lines is the launch of a kernel that works on so many lines of width places each: x is the place, y the line, along
// which blocks are stacked for short lines, and threads loop. Places and lines are then known without a division.
func Lines(width, lines int) Launch {
	x := min(elementThreads, (width+warp-1)/warp*warp)
	y := elementThreads / x
	return Launch{Grid: Dim{X: Blocks(width, x), Y: min(Blocks(lines, y), gridHeight)}, Block: Dim{X: x, Y: y}}
}

// warp is the number of threads that run in step.
const warp = 32

// Rows is the launch of a kernel in which each warp takes a row, and loops over n of them.
func Rows(n int) Launch { return Elements(n * warp) }
