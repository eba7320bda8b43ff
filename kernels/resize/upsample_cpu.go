package resize

import "udml-gpu/kernels"

// upsample2 fills two rows of y for each row of x: one pixel by pixel, the other as a copy.
func upsample2[T kernels.Float](y, x []T, w, c int) {
	row := w * c
	if row == 0 {
		return
	}
	kernels.Tiles(len(x)/row, max(1, 4096/row), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			in, out := x[r*row:(r+1)*row], y[4*r*row:4*(r+1)*row]
			for j := 0; j < row; j += c {
				copy(out[2*j:2*j+c], in[j:j+c])
				copy(out[2*j+c:2*j+2*c], in[j:j+c])
			}
			copy(out[2*row:], out[:2*row])
		}
	})
}

func upsample2Backward[T kernels.Float](dx, dy []T, w, c int) {
	row := w * c
	if row == 0 {
		return
	}
	kernels.Tiles(len(dx)/row, max(1, 4096/row), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			out, up, down := dx[r*row:(r+1)*row], dy[4*r*row:(4*r+2)*row], dy[(4*r+2)*row:4*(r+1)*row]
			for j := 0; j < row; j += c {
				sumFour(out[j:j+c], up[2*j:2*j+2*c], down[2*j:2*j+2*c])
			}
		}
	})
}

// sumFour adds two neighbouring pixels of two rows.
func sumFour[T kernels.Float](y, up, down []T) {
	c := len(y)
	u0, u1, d0, d1 := up[:c], up[c:2*c], down[:c], down[c:2*c]
	u1, d1 = u1[:c], d1[:c]
	for i := range y {
		y[i] = (u0[i] + u1[i]) + (d0[i] + d1[i])
	}
}
