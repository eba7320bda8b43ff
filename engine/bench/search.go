package bench

import (
	"fmt"
	"math"

	"udml-gpu/kernels"
	"udml-gpu/kernels/cluster"
	"udml-gpu/kernels/distance"
)

// benchDim is the width of the embeddings that are measured.
const benchDim = 128

// float32Bytes is the size of one element.
const float32Bytes = 4

// productFLOPs is the number of operations of all inner products of n with m rows of d floats.
func productFLOPs(n, m, d int) float64 { return 2 * float64(n) * float64(m) * float64(d) }

// rowBytes is the size of that many rows of d floats, in bytes.
func rowBytes(rows, d int) float64 { return float32Bytes * float64(rows) * float64(d) }

// assign finds the nearest of many centroids.
func (b *gpuBench) assign() []GPUKernel {
	n, k, d := b.sized(1000000, 256), b.sized(10000, 16), benchDim
	x, c, label := b.floats(n, d), b.floats(k, d), b.ints(n, k)
	return []GPUKernel{b.row("assign", fmt.Sprintf("%dx%d to %d", n, d, k), productFLOPs(n, k, d), rowBytes(n+k, d)+rowBytes(n, 1), func() {
		cluster.Assign(label, nil, x, c)
	})}
}

// alike is rows of unit length in classes, one class after the other: a point for each and noise 1.4 times as large. Of 60,502 rows of 128
// elements most then have one of their class as the nearest, as those of a trained embedding have. How long a search takes depends on
// that: scores below what a row has found are left out early.
func (b *gpuBench) alike(n, d, perClass int) *kernels.Array {
	x := b.floats(n, d)
	rows, points := kernels.Read[float32](x), kernels.Read[float32](b.floats((n+perClass-1)/perClass, d))
	for i := range n {
		row, point, squares := rows[i*d:(i+1)*d], points[i/perClass*d:], 0.0
		for j := range row {
			row[j] = point[j] - 0.5 + 1.4*(row[j]-0.5)
			squares += float64(row[j]) * float64(row[j])
		}
		for j := range row {
			row[j] /= float32(math.Sqrt(squares))
		}
	}
	kernels.Write(x, rows)
	return x
}

// search computes Recall@K and the nearest neighbours of a test set as large as that of Stanford Online Products.
func (b *gpuBench) search() []GPUKernel {
	const perClass, neighbours = 5, 9 // products have 5 images on average
	n, d := b.sized(60502, 256), benchDim
	x, rank := b.alike(n, d, perClass), b.ints(n, n)
	classes := make([]int32, n) // image by image, as data sets list them
	for i := range classes {
		classes[i] = int32(i / perClass)
	}
	labels := kernels.Of(b.dev, classes, n)
	defer labels.Free()
	vals, idx := b.output(n, neighbours), b.ints(n*neighbours, n).Reshape(n, neighbours)
	size, flops, bytes := fmt.Sprintf("%dx%dx%d", n, n, d), productFLOPs(n, n, d), rowBytes(n, d)
	return []GPUKernel{
		b.row("recall (best positive)", size, flops, bytes+2*rowBytes(n, 1), func() {
			distance.BestPositive(rank, x, x, labels, labels, distance.InnerProduct, 0)
		}),
		b.row("top 9", size, flops, bytes+2*rowBytes(n, neighbours), func() {
			distance.TopK(vals, idx, x, x, distance.InnerProduct, 0)
		}),
	}
}

// lloyd is the iterations of k-means without its initialisation.
func (b *gpuBench) lloyd() []GPUKernel {
	const iterations = 25
	n, k, d := b.sized(1000000, 256), b.sized(1000, 8), benchDim
	x, c, label, count := b.floats(n, d), b.floats(k, d), b.ints(n, k), b.ints(k, k)
	dist, place := b.output(n, 1), label.Reshape(n, 1)
	size := fmt.Sprintf("%d iterations of %dx%d to %d", iterations, n, d, k)
	return []GPUKernel{b.row("k-means (Lloyd)", size, iterations*productFLOPs(n, k, d), iterations*2*rowBytes(n, d), func() {
		rows := distance.Prepare(x, distance.SquaredL2)
		for range iterations {
			rows.Nearest(dist, place, c)
			cluster.Centroids(c, count, x, label)
		}
		rows.Free()
	})}
}

// pairwise computes and writes all distances, of the program's default width and of the widest usual one.
func (b *gpuBench) pairwise() []GPUKernel {
	n := b.sized(16384, 128)
	var list []GPUKernel
	for _, d := range []int{benchDim, 512} {
		x, y, dst := b.floats(n, d), b.floats(n, d), b.output(n, n)
		size, bytes := fmt.Sprintf("%dx%dx%d", n, n, d), rowBytes(2*n, d)+rowBytes(n, n)
		list = append(list, b.row("pairwise squared L2", size, productFLOPs(n, n, d), bytes, func() {
			distance.Pairwise(dst, x, y, distance.SquaredL2)
		}))
		b.free()
	}
	return list
}

// copyRow and productRow are the names of the rows that are the ceilings of memory and arithmetic.
const copyRow, productRow = "copy", "gemm"

// copies is the ceiling for what memory bounds: a copy within the GPU, by a kernel of no arithmetic.
func (b *gpuBench) copies() []GPUKernel {
	n := b.sized(1<<28, 1<<10)
	from, to := b.output(n), b.output(n)
	return []GPUKernel{b.row(copyRow, fmt.Sprintf("%d floats", n), 0, rowBytes(2*n, 1), func() { to.CopyFrom(from) })}
}
