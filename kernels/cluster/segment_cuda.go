package cluster

import "udml-gpu/kernels"

var (
	pieceSumsKernel  = kernels.NewKernel("cluster_piece_sums")
	pieceSums4Kernel = kernels.NewKernel("cluster_piece_sums4")
	pieceMeansKernel = kernels.NewKernel("cluster_piece_means")
)

// segments adds rows that are in the order of their labels: piece by piece, then cluster by cluster.
type segments struct {
	n, k, d int
	sum     *kernels.Array // float64 [pieces,D]: as many pieces as there can be
}

func newSegments(dev *kernels.Device, n, k, d int) *segments {
	s := &segments{n: n, k: k, d: d}
	s.sum = dev.Scratch(kernels.Float64, s.pieces(), d)
	return s
}

// pieces is the largest number of them: the full ones, and one that is not full for each cluster that has rows.
func (s *segments) pieces() int { return s.n/pieceRows + min(s.n, s.k) }

// columns is the number of blocks along a row in means.
func (s *segments) columns() int { return (s.d + 31) / 32 }

// add fills sum for the rows x [N,D]. A nil order means the rows as they are.
func (s *segments) add(x, order, start, piece *kernels.Array) {
	if s.sum.Len() == 0 {
		return
	}
	kernel, width := pieceSumsKernel, 32
	if s.d%4 == 0 && x.Address()%16 == 0 {
		kernel, width = pieceSums4Kernel, 128
	}
	grid := kernels.Dim{X: s.pieces(), Y: (s.d + width - 1) / width}
	x.Device().Launch(kernel, kernels.Launch{Grid: grid, Block: kernels.Dim{X: 32 * warpsBlock}}, kernels.Ptr(s.sum), kernels.Ptr(x),
		kernels.Ptr(order), kernels.Ptr(start), kernels.Ptr(piece), kernels.I32(s.k), kernels.I32(s.d))
}

// means turns the sums into c [K,D] float32 or mean [K,D] float64, either of which may be nil; moved [K,columns] float64,
// unless nil, is how far c moved, squared and in parts.
func (s *segments) means(c, mean, moved, piece, count *kernels.Array) {
	if s.k == 0 || s.d == 0 {
		return
	}
	grid := kernels.Dim{X: s.k, Y: s.columns()}
	count.Device().Launch(pieceMeansKernel, kernels.Launch{Grid: grid, Block: kernels.Dim{X: 32 * warpsBlock}}, kernels.Ptr(c),
		kernels.Ptr(mean),
		kernels.Ptr(moved), kernels.Ptr(s.sum), kernels.Ptr(piece), kernels.Ptr(count), kernels.I32(s.d))
}

func centroidsCUDA(c, count, x, label *kernels.Array) {
	dev, n, k, d := x.Device(), x.Dim(0), c.Dim(0), c.Dim(1)
	g, s := newGrouping(dev, n, k), newSegments(dev, n, k, d)
	g.count(count, label)
	g.place(count, label)
	s.add(x, g.order, g.start, g.piece)
	s.means(c, nil, nil, g.piece, count)
	s.sum.Free()
	g.free()
}
