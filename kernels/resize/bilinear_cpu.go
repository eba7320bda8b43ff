package resize

import "udml-gpu/kernels"

// axis says for each output position where it lies in the input: at lo with weight 1-part, at hi with weight part.
type axis[T kernels.Float] struct {
	lo, hi []int32
	part   []T
}

func newAxis[T kernels.Float](out, in int) axis[T] {
	a := axis[T]{kernels.BorrowHost[int32](out), kernels.BorrowHost[int32](out), kernels.BorrowHost[T](out)}
	for i := range out {
		at := max(0, (float64(i)+0.5)*float64(in)/float64(out)-0.5)
		lo := min(int(at), in-1)
		a.lo[i], a.hi[i] = int32(lo), int32(min(lo+1, in-1))
		a.part[i] = T(at - float64(lo))
	}
	return a
}

func (a axis[T]) free() {
	kernels.ReturnHost(a.lo)
	kernels.ReturnHost(a.hi)
	kernels.ReturnHost(a.part)
}

func bilinear[T kernels.Float](y, x *kernels.Array) {
	out, in := kernels.Data[T](y), kernels.Data[T](x)
	h, w, c := x.Dim(1), x.Dim(2), x.Dim(3)
	oh, ow := y.Dim(1), y.Dim(2)
	rows, columns := newAxis[T](oh, h), newAxis[T](ow, w)
	defer rows.free()
	defer columns.free()
	kernels.Tiles(y.Dim(0)*oh, max(1, 4096/max(1, ow*c)), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			image, i := in[r/oh*h*w*c:(r/oh+1)*h*w*c], r%oh
			up, down := int(rows.lo[i])*w*c, int(rows.hi[i])*w*c
			mixRow(out[r*ow*c:(r+1)*ow*c], image[up:up+w*c], image[down:down+w*c], rows.part[i], columns, c)
		}
	})
}

// mixRow makes one row of the output from two rows of the input.
func mixRow[T kernels.Float](y, up, down []T, part T, columns axis[T], c int) {
	for j, f := range columns.part {
		l, r := int(columns.lo[j])*c, int(columns.hi[j])*c
		for e := range c {
			top := (1-f)*up[l+e] + f*up[r+e]
			bottom := (1-f)*down[l+e] + f*down[r+e]
			y[j*c+e] = (1-part)*top + part*bottom
		}
	}
}

func bilinearBackward[T kernels.Float](dx, dy *kernels.Array) {
	in, out := kernels.Data[T](dx), kernels.Data[T](dy)
	h, w, c := dx.Dim(1), dx.Dim(2), dx.Dim(3)
	oh, ow := dy.Dim(1), dy.Dim(2)
	rows, columns := newAxis[T](oh, h), newAxis[T](ow, w)
	defer rows.free()
	defer columns.free()
	kernels.Tiles(dx.Dim(0), 1, func(n, _ int) {
		image := in[n*h*w*c : (n+1)*h*w*c]
		clear(image)
		for i := range oh {
			r := n*oh + i
			up, down := int(rows.lo[i])*w*c, int(rows.hi[i])*w*c
			spreadRow(image[up:up+w*c], image[down:down+w*c], out[r*ow*c:(r+1)*ow*c], rows.part[i], columns, c)
		}
	})
}

// spreadRow is mixRow backwards. up and down may be the same row.
func spreadRow[T kernels.Float](up, down, dy []T, part T, columns axis[T], c int) {
	for j, f := range columns.part {
		l, r := int(columns.lo[j])*c, int(columns.hi[j])*c
		for e := range c {
			top, bottom := (1-part)*dy[j*c+e], part*dy[j*c+e]
			up[l+e] += (1 - f) * top
			up[r+e] += f * top
			down[l+e] += (1 - f) * bottom
			down[r+e] += f * bottom
		}
	}
}
