package distance

import "udml-gpu/kernels"

// The sizes of include/tile_layout.cuh and include/tile.cuh.
const (
	gpuTile    = 128      // rows of x, and of y, that a block of threads takes at a time
	gpuThreads = 256      // of a block
	chunkBytes = 16 << 10 // the part of a tile that is in shared memory at a time

	prepareLanes = 16 // threads of a row in distance_prepare
)

// gpuBlocks is how many blocks a search should have at least: two for each of an H100's 132 multiprocessors. It is
// a constant, not the GPU's own number, so that sums in parts have the same parts on every GPU.
const gpuBlocks = 264

// budget bounds the memory of a search, unless one tile of rows needs more. A test makes it small.
var budget = struct {
	packed     int   // bytes of packed rows of x: 131,072 rows of 128 elements
	candidates int   // bytes of candidates of TopK
	places     int   // results of Nearest, on the GPU and on the host
	keptShare  int64 // rows of Prepared may take one part in so many of the memory that is free
}{64 << 20, 512 << 20, 1 << 22, 4}

// tileFormat is how rows are packed: the enum TileFormat.
type tileFormat int

const (
	tileSplit tileFormat = iota
	tileHalf
	tileBF16
)

var formatNames = [3]string{"fp32", "tf32", "bf16"}

// depth is the number of elements of a row in a chunk.
func (f tileFormat) depth() int {
	if f == tileSplit {
		return 32
	}
	return 64
}

// shared is the dynamic shared memory that the main loop takes for rows of so many chunks, as TileMemory lays it out.
func (f tileFormat) shared(chunks int) int {
	stages, resident := 3, 3
	if f == tileSplit {
		stages, resident = 2, 4
	}
	figures := 2 * gpuTile * 8
	if chunks == 1 {
		figures = stages * gpuTile * 8
	}
	if chunks <= resident {
		return figures + (chunks+stages)*chunkBytes
	}
	return figures + 2*stages*chunkBytes
}

// walkKernels are the kernels of one search, by tileFormat.
type walkKernels [3]*kernels.Kernel

func newWalkKernels(name string) (k walkKernels) {
	for f, format := range formatNames {
		k[f] = kernels.NewSharedKernel(name+"_"+format, kernels.MostShared)
	}
	return k
}

var prepareKernel = kernels.NewKernel("distance_prepare")

// tiling is how one search runs on the GPU.
type tiling struct {
	dev    *kernels.Device
	format tileFormat
	metric Metric
	d      int
	chunks int // of a row
}

func newTiling(x *kernels.Array, m Metric) tiling {
	t := tiling{dev: x.Device(), metric: m, d: x.Dim(1)}
	switch t.dev.Precision() {
	case kernels.TF32:
		t.format = tileHalf
	case kernels.BF16:
		t.format = tileBF16
	}
	t.chunks = max(1, (t.d+t.format.depth()-1)/t.format.depth())
	return t
}

// tileBytes is the size of a tile's packed rows.
func (t tiling) tileBytes() int { return t.chunks * chunkBytes }

// operand is rows as the main loop takes them.
type operand struct {
	rows            *kernels.Array // as they came: float32 [n,d]
	packed, figures *kernels.Array // the caller frees them
	tiles           int
}

func (o operand) free() {
	o.packed.Free()
	o.figures.Free()
}

// pack prepares rows x [n,d]; isX says which side of the metric they are on.
func (t tiling) pack(x *kernels.Array, isX bool) operand {
	n := x.Dim(0)
	o := operand{rows: x, tiles: (n + gpuTile - 1) / gpuTile}
	o.packed = t.dev.Scratch(kernels.Uint8, o.tiles*t.tileBytes())
	o.figures = t.dev.Scratch(kernels.Float32, o.tiles*gpuTile, 2)
	twice, side := 1.0, 0
	if isX {
		side = 1
	} else if t.metric == SquaredL2 {
		twice = 2
	}
	if n > 0 {
		threads := o.tiles * gpuTile * prepareLanes
		t.dev.Launch(prepareKernel, kernels.Elements(threads), kernels.Ptr(o.packed), kernels.Ptr(o.figures), kernels.Ptr(x),
			kernels.I64(n), kernels.I32(t.d), kernels.I64(o.tiles), kernels.I32(t.chunks), kernels.I32(int(t.format)),
			kernels.I32(int(t.metric)), kernels.F32(twice), kernels.I32(side))
	}
	return o
}

// blocks calls f for x's rows [lo,hi), packed, as many at a time as most and the budget allow; most is at least 1.
func (t tiling) blocks(x *kernels.Array, most int, f func(o operand, lo, hi int)) {
	rows := max(1, min(most/gpuTile, budget.packed/t.tileBytes())) * gpuTile
	for lo := 0; lo < x.Dim(0); lo += rows {
		hi := min(lo+rows, x.Dim(0))
		o := t.pack(x.Rows(lo, hi), true)
		f(o, lo, hi)
		o.free()
	}
}

// parts cuts y's column tiles into equal parts, at most so many, where x alone has too few tiles for the GPU: a
// block then takes per of them. There are tiles of both.
func parts(xTiles, yTiles, most int) (count, per int) {
	return partsFor(xTiles, yTiles, most, gpuBlocks)
}

// partsFor is parts where x makes so many blocks, and the GPU should have so many.
func partsFor(xBlocks, yTiles, most, blocks int) (count, per int) {
	want := min((blocks+xBlocks-1)/xBlocks, yTiles, most)
	per = (yTiles + want - 1) / want
	return (yTiles + per - 1) / per, per
}

// walk queues one of the kernels over all pairs of x and y, neither of them empty, y in count parts of per tiles.
// extra is the epilogue's shared memory.
func (t tiling) walk(k walkKernels, x, y operand, count, per, extra int, args ...kernels.Arg) {
	l := kernels.Launch{
		Grid: kernels.Dim{X: x.tiles, Y: count}, Block: kernels.Dim{X: gpuThreads}, Shared: t.format.shared(t.chunks) + extra,
	}
	t.dev.Launch(k[t.format], l, t.arguments(x, y, per, args)...)
}

// arguments are those of a walk, and the epilogue's.
func (t tiling) arguments(x, y operand, per int, args []kernels.Arg) []kernels.Arg {
	return append([]kernels.Arg{
		kernels.Ptr(x.packed), kernels.Ptr(y.packed), kernels.Ptr(x.figures), kernels.Ptr(y.figures),
		kernels.Ptr(x.rows), kernels.Ptr(y.rows),
		kernels.I32(x.rows.Dim(0)), kernels.I32(y.rows.Dim(0)), kernels.I32(t.d), kernels.I32(per), kernels.I32(int(t.metric)),
	}, args...)
}
