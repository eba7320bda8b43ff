package depthwise

import (
	"udml-gpu/cgo/vector"
	"udml-gpu/kernels"
)

// The two loops that the time goes to, by the C compiler's vectors where the build has them, else by the Go loop beside it. Both give the
// same bits on amd64.

// run is a line of outputs and their taps.
type run = vector.Line

func vectorised[T kernels.Float]() bool {
	return vector.Available() && kernels.TypeOf[T]() == kernels.Float32
}

// correlate is vector.DepthwiseLine.
func correlate[T kernels.Float](y, x, w, start []T, first int, l run) {
	if vectorised[T]() {
		vector.DepthwiseLine(kernels.AsFloat32(y), kernels.AsFloat32(x), kernels.AsFloat32(w), kernels.AsFloat32(start), first, l)
		return
	}
	correlateGo(y, x, w, start, first, l)
}

func correlateGo[T kernels.Float](y, x, w, start []T, first int, l run) {
	n := l.Channels
	sum := kernels.BorrowHost[T](n)
	for j := range l.Count {
		if start != nil {
			copy(sum, start)
		} else {
			clear(sum)
		}
		at := l.Start + j*l.Step
		lo, hi := overlap(at, l.Cols, l.Width)
		for p := range l.Rows {
			for q := lo; q < hi; q++ {
				addProducts(sum, x[(p*l.Row+at+q)*n:][:n], w[(first+p*l.WeightRow+q*l.Weight)*n:][:n])
			}
		}
		to := y[j*l.Every*n:][:n]
		if l.Add {
			for c, v := range sum {
				to[c] += v
			}
		} else {
			copy(to, sum)
		}
	}
	kernels.ReturnHost(sum)
}

// addProducts is sum += a b, element by element.
func addProducts[T kernels.Float](sum, a, b []T) {
	a, b = a[:len(sum)], b[:len(sum)]
	for c := range sum {
		sum[c] += a[c] * b[c]
	}
}

// addWeights is vector.DepthwiseWeights.
func addWeights[T kernels.Float](dw, dy, x []T, l run) {
	if vectorised[T]() {
		vector.DepthwiseWeights(kernels.AsFloat32(dw), kernels.AsFloat32(dy), kernels.AsFloat32(x), l)
		return
	}
	addWeightsGo(dw, dy, x, l)
}

func addWeightsGo[T kernels.Float](dw, dy, x []T, l run) {
	n := l.Channels
	sum := kernels.BorrowHost[T](n)
	for p := range l.Rows {
		for q := range l.Cols {
			clear(sum)
			for j := range l.Count {
				if at := l.Start + j*l.Step + q; at >= 0 && at < l.Width {
					addProducts(sum, dy[j*n:][:n], x[(p*l.Row+at)*n:][:n])
				}
			}
			to := dw[(p*l.Cols+q)*n:][:n]
			for c, v := range sum {
				to[c] += v
			}
		}
	}
	kernels.ReturnHost(sum)
}
