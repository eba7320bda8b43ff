package norm

import "udml-gpu/kernels"

func batchNormJoined[T kernels.Float](y, x []Columns, gamma, beta *kernels.Array, s Stats, eps float64, relu bool) {
	side, free := sideBySide[T](x)
	defer free()
	batchNorm[T](side, side, gamma, beta, nil, s, eps, relu)
	copyColumns[T](y, side, false)
}

func batchNormJoinedBackward[T kernels.Float](dx []Columns, dgamma, dbeta *kernels.Array, dy, x []Columns, gamma, beta *kernels.Array,
	s Stats,
) {
	in, freeIn := sideBySide[T](x)
	defer freeIn()
	above, freeAbove := sideBySide[T](dy)
	defer freeAbove()
	batchNormBackward[T](above, dgamma, dbeta, above, in, gamma, beta, nil, s)
	copyColumns[T](dx, above, false)
}

// sideBySide is a copy [R,C] of the columns of list, and what gives its memory back.
func sideBySide[T kernels.Float](list []Columns) (a *kernels.Array, free func()) {
	rows, c := list[0].rows(), total(list)
	memory := kernels.BorrowHost[T](rows * c)
	a = kernels.Wrap(list[0].Device(), memory, rows, c)
	copyColumns[T](list, a, true)
	return a, func() { kernels.ReturnHost(memory) }
}

// copyColumns copies the columns of list side by side into all [R,C], or with read off from there.
func copyColumns[T kernels.Float](list []Columns, all *kernels.Array, read bool) {
	data, c, first := kernels.Data[T](all), all.Dim(1), 0
	for _, l := range list {
		part, width := kernels.Data[T](l.Array), l.width()
		for r := range l.rows() {
			own, there := part[r*width+l.At:][:l.C], data[r*c+first:][:l.C]
			if read {
				copy(there, own)
			} else {
				copy(own, there)
			}
		}
		first += l.C
	}
}
