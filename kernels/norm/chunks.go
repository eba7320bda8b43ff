package norm

import "udml-gpu/kernels"

// chunkRows is how many rows a sum in the arrays' own precision goes over, before it is added up in float64.
const chunkRows = 256

// chunks divides the rows of x into pieces of at most chunkRows that never straddle two images of different weight.
type chunks[T kernels.Float] struct {
	c      int // channels
	per    int // rows an image; all rows are one image where there are no weights
	parts  int // chunks an image
	count  int
	weight []T
	total  float64 // sum of the weights of all rows
}

func chunksOf[T kernels.Float](x, weight *kernels.Array) chunks[T] {
	c := x.Dim(len(x.Shape()) - 1)
	rows, images := x.Len()/c, 1
	k := chunks[T]{c: c, per: rows, total: float64(rows)}
	if weight != nil {
		images = x.Dim(0)
		k.per = rows / max(1, images)
		k.weight = kernels.Data[T](weight)
		k.total = float64(k.per) * sum(k.weight)
	}
	if k.total == 0 {
		k.total = 1 // nothing counts: mean and variance are 0
	}
	k.parts = kernels.TileCount(k.per, chunkRows)
	k.count = images * k.parts
	return k
}

// each calls f for every chunk: its number, its rows [lo, hi), its weight. A core takes several small chunks at a time.
func (k chunks[T]) each(f func(i, lo, hi int, w float64)) {
	batch := max(1, (1<<14)/(chunkRows*k.c))
	kernels.Tiles(k.count, batch, func(first, end int) {
		for i := first; i < end; i++ {
			image, part := i/k.parts, i%k.parts
			lo := image*k.per + part*chunkRows
			hi := min(lo+chunkRows, (image+1)*k.per)
			f(i, lo, hi, k.at(image))
		}
	})
}

func (k chunks[T]) at(image int) float64 {
	if k.weight == nil {
		return 1
	}
	return float64(k.weight[image])
}

// rows is the number of rows of chunk i.
func (k chunks[T]) rows(i int) int {
	part := i % k.parts
	return min(chunkRows, k.per-part*chunkRows)
}

func sum[T kernels.Float](x []T) float64 {
	s := 0.0
	for _, v := range x {
		s += float64(v)
	}
	return s
}
