package act

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

func dropout[T kernels.Float](y, x []T, mask []uint8, scale float64) {
	kernels.Tiles(len(x), tile, func(lo, hi int) {
		y, mask := y[lo:hi], mask[lo:hi]
		// Chosen, not multiplied by 0: a dropped NaN is dropped.
		for i, v := range x[lo:hi] {
			if mask[i] == 0 {
				y[i] = 0
			} else {
				y[i] = v * T(scale)
			}
		}
	})
}

type maskDraw struct {
	seed  uint64
	epoch *kernels.Array
	p     float64
	width int
}

// epochNow is the epoch on the CPU.
func (d maskDraw) epochNow() uint32 { return uint32(kernels.Data[int32](d.epoch)[0]) }

func (d maskDraw) draw(mask []uint8, samples, views []int32) {
	epoch := d.epochNow()
	rows(len(mask), d.width, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			key := rng.Key{Seed: d.seed, Epoch: epoch, Sample: uint32(samples[i]), Op: rng.OpDropout, View: uint16(views[i])}
			d.row(mask[i*d.width:(i+1)*d.width], key)
		}
	})
}

func (d maskDraw) row(mask []uint8, key rng.Key) {
	for j := 0; j < len(mask); j += 4 {
		words := key.At(uint32(j / 4))
		for e := range min(4, len(mask)-j) {
			mask[j+e] = 0
			if float64(rng.Uniform(words[e])) >= d.p {
				mask[j+e] = 1
			}
		}
	}
}
