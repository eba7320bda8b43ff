package loss

import "udml-gpu/kernels"

// pixels is the number of columns that one core handles at a time: all slots' gradients for them stay in its L2 cache.
const pixels = 1024

func reconstruction[T kernels.Float](loss, dd, d, target *kernels.Array, slot []int32, scale float64) {
	p := d.Len() / max(1, d.Dim(0))
	decoded, image := kernels.Data[T](d), kernels.Data[T](target)
	squares := kernels.BorrowHost[float64](kernels.TileCount(p, pixels))
	defer kernels.ReturnHost(squares)
	kernels.Tiles(p, pixels, func(lo, hi int) {
		sum := 0.0
		if dd == nil {
			for i, s := range slot {
				sum += squaredError(decoded[int(s)*p+lo:int(s)*p+hi], image[i*p+lo:i*p+hi])
			}
		} else {
			sum = errorsBySlot(kernels.Data[T](dd), decoded, image, slot, p, lo, hi, T(2*scale))
		}
		squares[lo/pixels] = sum
	})
	sum := 0.0
	for _, v := range squares {
		sum += v
	}
	kernels.Data[T](loss)[0] = T(sum * scale)
}

// errorsBySlot leaves the gradient for columns [lo,hi) in dd and returns the sum of squares. Rows are added in order.
func errorsBySlot[T kernels.Float](dd, d, target []T, slot []int32, p, lo, hi int, scale T) float64 {
	for j := 0; j < len(dd); j += p {
		clear(dd[j+lo : j+hi])
	}
	sum := 0.0
	for i, s := range slot {
		j := int(s) * p
		sum += addError(dd[j+lo:j+hi], d[j+lo:j+hi], target[i*p+lo:i*p+hi])
	}
	for j := 0; j < len(dd); j += p {
		row := dd[j+lo : j+hi]
		for e := range row {
			row[e] *= scale
		}
	}
	return sum
}

// addError adds d - target to g and returns the sum of its squares, in four chains.
func addError[T kernels.Float](g, d, target []T) float64 {
	var s0, s1, s2, s3 T
	for ; len(g) >= 4 && len(d) >= 4 && len(target) >= 4; g, d, target = g[4:], d[4:], target[4:] {
		a, b, c, e := d[0]-target[0], d[1]-target[1], d[2]-target[2], d[3]-target[3]
		g[0], g[1], g[2], g[3] = g[0]+a, g[1]+b, g[2]+c, g[3]+e
		s0, s1, s2, s3 = s0+a*a, s1+b*b, s2+c*c, s3+e*e
	}
	for i := range g {
		a := d[i] - target[i]
		g[i] += a
		s0 += a * a
	}
	return float64(s0+s1) + float64(s2+s3)
}

func squaredError[T kernels.Float](d, target []T) float64 {
	var s0, s1, s2, s3 T
	for ; len(d) >= 4 && len(target) >= 4; d, target = d[4:], target[4:] {
		a, b, c, e := d[0]-target[0], d[1]-target[1], d[2]-target[2], d[3]-target[3]
		s0, s1, s2, s3 = s0+a*a, s1+b*b, s2+c*c, s3+e*e
	}
	for i := range d {
		a := d[i] - target[i]
		s0 += a * a
	}
	return float64(s0+s1) + float64(s2+s3)
}
