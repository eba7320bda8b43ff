package attention

import (
	"math"

	"udml-gpu/cgo/vector"
	"udml-gpu/kernels"
)

// The loops over logits, each by the C compiler's vectors where the build has them, else by the Go loop below, which gives the same bits
// on amd64. In float64 the exponential is Go's.

func vectorised[T kernels.Float]() bool {
	return vector.Available() && kernels.TypeOf[T]() == kernels.Float32
}

// f32 is short for AsFloat32: the type is known to be float32 here.
func f32[T kernels.Float](s []T) []float32 { return kernels.AsFloat32(s) }

// softmaxRows takes a block of logits into the softmax of its rows; see vector.SoftmaxRows.
func softmaxRows[T kernels.Float](s, largest, sum, factor []T, cols, ld int) {
	if vectorised[T]() {
		vector.SoftmaxRows(f32(s), f32(largest), f32(sum), f32(factor), cols, ld)
		return
	}
	plainSoftmaxRows(s, largest, sum, factor, cols, ld)
}

func plainSoftmaxRows[T kernels.Float](s, largest, sum, factor []T, cols, ld int) {
	for i := range sum {
		row, m := s[i*ld:][:cols], largest[i]
		for _, v := range row {
			if v > m {
				m = v
			}
		}
		for j, v := range row {
			row[j] = exponential(v - m)
		}
		factor[i] = exponential(largest[i] - m)
		largest[i] = m
		sum[i] = sum[i]*factor[i] + sumRow(row)
	}
}

// sumRow adds in 16 sums, as a vector unit does.
func sumRow[T kernels.Float](row []T) T {
	var lanes [16]T
	for j, v := range row {
		lanes[j%16] += v
	}
	for step := 8; step > 0; step /= 2 {
		for l := range step {
			lanes[l] += lanes[l+step]
		}
	}
	return lanes[0]
}

// softmaxGradientRows makes probabilities of logits, and the logits' gradients of theirs; see vector.SoftmaxGradientRows.
func softmaxGradientRows[T kernels.Float](s, ds, lse, delta []T, scale T, cols, ld int) {
	if vectorised[T]() {
		vector.SoftmaxGradientRows(f32(s), f32(ds), f32(lse), f32(delta), float32(scale), cols, ld)
		return
	}
	plainSoftmaxGradientRows(s, ds, lse, delta, scale, cols, ld)
}

func plainSoftmaxGradientRows[T kernels.Float](s, ds, lse, delta []T, scale T, cols, ld int) {
	for i, l := range lse {
		row, grad := s[i*ld:][:cols], ds[i*ld:][:cols]
		for j, v := range row {
			row[j] = exponential(v - l)
			grad[j] = row[j] * (grad[j] - delta[i]) * scale
		}
	}
}

// turn is out[j,i] = in[i,j]; see vector.Turn.
func turn[T kernels.Float](out, in []T, rows, cols, ldo, ldi int) {
	if vectorised[T]() {
		vector.Turn(f32(out), f32(in), rows, cols, ldo, ldi)
		return
	}
	plainTurn(out, in, rows, cols, ldo, ldi)
}

func plainTurn[T kernels.Float](out, in []T, rows, cols, ldo, ldi int) {
	for i := range rows {
		for j, v := range in[i*ldi:][:cols] {
			out[j*ldo+i] = v
		}
	}
}

// exponential is exp for arguments up to 88. In float32 it is the function of cgo/vector/softmax.c, where its parts are explained.
func exponential[T kernels.Float](x T) T {
	if kernels.TypeOf[T]() == kernels.Float64 {
		return T(math.Exp(float64(x)))
	}
	return T(exponential32(float32(x)))
}

func exponential32(x float32) float32 {
	if x < -87 {
		return 0
	}
	shifted := float32(x*1.44269504) + 12582912
	n := shifted - 12582912
	r := float32(x-float32(n*0.693359375)) - float32(n*-2.12194440e-4)
	p := float32(0.00138145988)
	p = float32(p*r) + 0.00836871658
	p = float32(p*r) + 0.041668389
	p = float32(p*r) + 0.166665211
	p = float32(p*r) + 0.49999994
	y := float32(float32(float32(r*r)*p) + r)
	return float32(y+1) * math.Float32frombits((math.Float32bits(shifted)+127)<<23)
}
