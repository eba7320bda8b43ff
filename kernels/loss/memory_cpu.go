package loss

import (
	"math"

	"udml-gpu/kernels"
)

func memory[T kernels.Float](bank, f, sample, skip *kernels.Array, views int, keep float64) {
	if kernels.Data[int32](skip)[0] != 0 {
		return
	}
	d, images := bank.Dim(1), f.Dim(0)/views
	rows, memories, samples := kernels.Data[T](f), kernels.Data[T](bank), kernels.Data[int32](sample)
	kernels.Tiles(images, max(1, 2048/max(1, d)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			at := int(samples[i])
			if at < 0 || at >= bank.Dim(0) {
				continue
			}
			for view := range views {
				row := view*images + i
				moveTo(memories[at*d:(at+1)*d], rows[row*d:(row+1)*d], keep)
			}
		}
	})
}

// moveTo makes v the unit row of keep v + (1-keep) f.
func moveTo[T kernels.Float](v, f []T, keep float64) {
	mixed := func(e int) float64 { return keep*float64(v[e]) + (1-keep)*float64(f[e]) }
	sum := 0.0
	for e := range v {
		x := mixed(e)
		sum += x * x
	}
	length := math.Sqrt(sum)
	if length < nearestLength {
		length = nearestLength
	}
	for e := range v {
		v[e] = T(mixed(e) / length)
	}
}
