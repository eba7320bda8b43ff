package loss

import "udml-gpu/kernels"

func tripletsCPU[T kernels.Float](loss, df, f, weights *kernels.Array, margin float64) {
	rows, d := weights.Dim(0), f.Dim(1)
	data, w := kernels.Data[T](f), kernels.Data[int32](weights)
	at := func(row int) []T { return data[row*d : (row+1)*d] }
	var grad []T
	if df != nil {
		grad = kernels.Data[T](df)
		clear(grad)
	}
	sum, scale := 0.0, tripletScale(rows)
	for a := 0; a+1 < rows; a += 2 {
		for _, n := range [2]int{a + 1, rows + a + 1} {
			weight := float64(w[a])
			h := hinge(at(a), at(rows+a), at(n), margin)
			if weight == 0 || h <= 0 && h-h == 0 {
				continue
			}
			sum += weight * h
			if grad != nil {
				addTriplet(grad, data, d, [3]int{a, rows + a, n}, 2*scale*weight)
			}
		}
	}
	kernels.Data[T](loss)[0] = T(sum * scale)
}

// hinge is margin + |a - p|^2 - |a - n|^2.
func hinge[T kernels.Float](a, p, n []T, margin float64) float64 {
	for i, v := range a {
		near, far := float64(v)-float64(p[i]), float64(v)-float64(n[i])
		margin += near*near - far*far
	}
	return margin
}

// addTriplet adds to the gradients of anchor, positive and negative.
func addTriplet[T kernels.Float](grad, f []T, d int, rows [3]int, by float64) {
	for i := range d {
		a, p, n := rows[0]*d+i, rows[1]*d+i, rows[2]*d+i
		x, y, z := float64(f[a]), float64(f[p]), float64(f[n])
		grad[a] += T(by * (z - y))
		grad[p] += T(by * (y - x))
		grad[n] += T(by * (x - z))
	}
}
