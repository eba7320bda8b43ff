package act

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

func dropPath[T kernels.Float](y, x []T, keep []uint8, scale float64) {
	if len(x) == 0 {
		return
	}
	width := len(x) / len(keep)
	rows(len(x), width, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := y[i*width : (i+1)*width]
			// Chosen, not multiplied by 0: a dropped NaN is dropped.
			if keep[i] == 0 {
				clear(row)
				continue
			}
			for j, v := range x[i*width : (i+1)*width] {
				row[j] = v * T(scale)
			}
		}
	})
}

// pathDraw draws a branch's mask.
type pathDraw struct {
	maskDraw
	branch int
}

func (d pathDraw) draw(keep []uint8, samples, views []int32) {
	epoch := d.epochNow()
	for i := range keep {
		key := rng.Key{Seed: d.seed, Epoch: epoch, Sample: uint32(samples[i]), Op: rng.OpDropPath, View: uint16(views[i])}
		keep[i] = 0
		if float64(rng.Uniform(key.At(uint32(d.branch / 4))[d.branch%4])) >= d.p {
			keep[i] = 1
		}
	}
}
