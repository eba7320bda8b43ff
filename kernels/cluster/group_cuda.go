package cluster

import (
	"math/bits"

	"udml-gpu/kernels"
)

var (
	groupCountKernel  = kernels.NewKernel("cluster_group_count")
	groupScanKernel   = kernels.NewKernel("cluster_group_scan")
	groupStartsKernel = kernels.NewKernel("cluster_group_starts")
	groupPlaceKernel  = kernels.NewKernel("cluster_group_place")
)

const (
	chunkRows  = 1024    // rows that one warp puts in order, at least
	tableSize  = 1 << 23 // entries of the table of counts, at most where chunks can be made longer: 32 MiB
	pieceRows  = 256     // rows that one block adds; kPieceRows of segment.cu
	wideBlock  = 1024    // threads of kernels that run as one block
	warpsBlock = 8       // warps of a block of 256
)

// grouping puts rows in the order of their labels on a GPU, with memory that serves again and again.
type grouping struct {
	n, k         int
	rows, chunks int            // of a chunk; number of them
	order        *kernels.Array // int32 [N]: the rows of cluster 0 in their order, then those of cluster 1, ..
	start, piece *kernels.Array // int32 [K+1]: rows and pieces before each cluster's
	table        *kernels.Array // int32 [K,chunks]
}

func newGrouping(dev *kernels.Device, n, k int) *grouping {
	rows := max(chunkRows, (n*k/tableSize+31)/32*32)
	g := &grouping{n: n, k: k, rows: rows, chunks: kernels.Blocks(n, rows)}
	g.order, g.table = dev.Scratch(kernels.Int32, n), dev.Scratch(kernels.Int32, k, g.chunks)
	g.start, g.piece = dev.Scratch(kernels.Int32, k+1), dev.Scratch(kernels.Int32, k+1)
	return g
}

func (g *grouping) free() {
	for _, a := range []*kernels.Array{g.order, g.start, g.piece, g.table} {
		a.Free()
	}
}

// count fills count [K] with the number of rows of each label, and prepares place.
func (g *grouping) count(count, label *kernels.Array) {
	if g.k == 0 {
		return
	}
	dev := count.Device()
	g.table.Zero()
	if g.n > 0 {
		dev.Launch(groupCountKernel, kernels.Elements(g.n), kernels.Ptr(g.table), kernels.Ptr(label),
			kernels.I32(g.n), kernels.I32(g.k), kernels.I32(g.rows), kernels.I32(g.chunks))
	}
	dev.Launch(groupScanKernel, warpsFor(g.k), kernels.Ptr(count), kernels.Ptr(g.table), kernels.I32(g.k), kernels.I32(g.chunks))
}

// place fills order, start and piece, once count has run on the same labels.
func (g *grouping) place(count, label *kernels.Array) {
	dev := count.Device()
	dev.Launch(groupStartsKernel, kernels.Launch{Block: kernels.Dim{X: wideBlock}}, kernels.Ptr(g.start), kernels.Ptr(g.piece),
		kernels.Ptr(count), kernels.I32(g.k), kernels.I32(pieceRows))
	if g.n == 0 || g.k == 0 {
		return
	}
	const warps = 4
	dev.Launch(groupPlaceKernel, kernels.Launch{Grid: kernels.Dim{X: kernels.Blocks(g.chunks, warps)}, Block: kernels.Dim{X: 32 * warps}},
		kernels.Ptr(g.order), kernels.Ptr(g.table), kernels.Ptr(g.start), kernels.Ptr(label), kernels.I32(g.n), kernels.I32(g.k),
		kernels.I32(g.rows), kernels.I32(g.chunks), kernels.I32(bits.Len(uint(g.k-1))))
}

// warpsFor is a launch of one warp for each of n things, in a grid that loops beyond some thousand blocks.
func warpsFor(n int) kernels.Launch {
	return kernels.Launch{Grid: kernels.Dim{X: min(kernels.Blocks(n, warpsBlock), 4096)}, Block: kernels.Dim{X: 32 * warpsBlock}}
}
