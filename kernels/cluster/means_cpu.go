package cluster

import "udml-gpu/kernels"

// meansTile is the number of columns that one core handles at a time: all slots' sums over them stay in its L2 cache.
const meansTile = 1024

func means[T kernels.Float](r, x []T, slot, count []int32) {
	if len(count) == 0 {
		return
	}
	p := len(r) / len(count)
	kernels.Tiles(p, meansTile, func(lo, hi int) {
		for j := range count {
			clear(r[j*p+lo : j*p+hi])
		}
		for i, s := range slot {
			j := int(s)
			addRow(r[j*p+lo:j*p+hi], x[i*p+lo:i*p+hi])
		}
		for j, n := range count {
			if n > 0 {
				divideRow(r[j*p+lo:j*p+hi], T(n))
			}
		}
	})
}

func addRow[T kernels.Float](y, x []T) {
	for ; len(y) >= 4 && len(x) >= 4; y, x = y[4:], x[4:] {
		y[0], y[1], y[2], y[3] = y[0]+x[0], y[1]+x[1], y[2]+x[2], y[3]+x[3]
	}
	for i := range y {
		y[i] += x[i]
	}
}

func divideRow[T kernels.Float](y []T, n T) {
	for i := range y {
		y[i] /= n
	}
}

func meansBackward[T kernels.Float](dx, dr []T, slot, count []int32, accumulate bool) {
	if len(slot) == 0 {
		return
	}
	p := len(dx) / len(slot)
	kernels.Tiles(len(slot), max(1, (1<<14)/max(1, p)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			j := int(slot[i])
			scaleRow(dx[i*p:(i+1)*p], dr[j*p:(j+1)*p], 1/T(count[j]), accumulate)
		}
	})
}

func scaleRow[T kernels.Float](y, x []T, a T, accumulate bool) {
	y = y[:len(x)]
	if accumulate {
		for i, v := range x {
			y[i] += a * v
		}
		return
	}
	for i, v := range x {
		y[i] = a * v
	}
}
