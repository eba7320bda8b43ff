package tokens

import "udml-gpu/kernels"

// tile is about how many elements a core takes at a time.
const tile = 1 << 14

// lines calls f for tiles of whole rows of width d.
func lines(n, d int, f func(lo, hi int)) {
	if d > 0 {
		kernels.Tiles(n, max(1, tile/d), f)
	}
}

// dataOf is the elements of an optional array.
func dataOf[T kernels.Float](a *kernels.Array) []T {
	if a == nil {
		return nil
	}
	return kernels.Data[T](a)
}

func assemble[T kernels.Float](y, x, prefix, pos, prefixPos *kernels.Array) {
	t, d, rows := x.Dim(1), x.Dim(2), y.Dim(1)
	p := rows - t
	ys, xs, before := kernels.Data[T](y), kernels.Data[T](x), dataOf[T](prefix)
	at, first := dataOf[T](pos), dataOf[T](prefixPos)
	lines(y.Dim(0)*rows, d, func(lo, hi int) {
		for line := lo; line < hi; line++ {
			n, i, to := line/rows, line%rows, ys[line*d:(line+1)*d]
			switch {
			case i >= p:
				sum(to, xs[(n*t+i-p)*d:], at, (i-p)*d)
			case i == 0:
				sum(to, before, first, 0)
			default:
				sum(to, before[i*d:], nil, 0)
			}
		}
	})
}

// sum is y = a + b[at:], or y = a where b is nil.
func sum[T kernels.Float](y, a, b []T, at int) {
	if b == nil {
		copy(y, a)
		return
	}
	a, b = a[:len(y)], b[at:][:len(y)]
	for j, v := range a {
		y[j] = v + b[j]
	}
}

func take[T kernels.Float](y, x *kernels.Array, from int) {
	count, rows, d := y.Dim(1), x.Dim(1), x.Dim(2)
	ys, xs := kernels.Data[T](y), kernels.Data[T](x)
	lines(y.Dim(0)*count, d, func(lo, hi int) {
		for line := lo; line < hi; line++ {
			at := (line/count*rows + from + line%count) * d
			copy(ys[line*d:(line+1)*d], xs[at:at+d])
		}
	})
}

func takeBackward[T kernels.Float](dx, dy *kernels.Array, from int, add bool) {
	count, rows, d := dy.Dim(1), dx.Dim(1), dx.Dim(2)
	dxs, dys := kernels.Data[T](dx), kernels.Data[T](dy)
	lines(dx.Dim(0)*rows, d, func(lo, hi int) {
		for line := lo; line < hi; line++ {
			to, i := dxs[line*d:(line+1)*d], line%rows-from
			switch inside := i >= 0 && i < count; {
			case inside && add:
				sum(to, to, dys, (line/rows*count+i)*d)
			case inside:
				copy(to, dys[(line/rows*count+i)*d:])
			case !add:
				clear(to)
			}
		}
	})
}

func sumImages[T kernels.Float](sum, x *kernels.Array, from int) {
	d, n, image := x.Dim(2), x.Dim(0), x.Dim(1)*x.Dim(2)
	to, xs := kernels.Data[T](sum), kernels.Data[T](x)
	kernels.Tiles(len(to), 1024, func(lo, hi int) {
		total := kernels.BorrowHost[float64](hi - lo)
		clear(total)
		for i := range n {
			begin := i*image + from*d
			for j, v := range xs[begin+lo : begin+hi] {
				total[j] += float64(v)
			}
		}
		for j, v := range total {
			to[lo+j] = T(v)
		}
		kernels.ReturnHost(total)
	})
}
