package record

import (
	"math"

	"udml-gpu/kernels"
)

func step[T kernels.Float](rows, at, labels, skip *kernels.Array, s source) {
	row := int(kernels.Data[int32](at)[0])
	y, skipped := kernels.Data[T](rows.Rows(row, row+1)), kernels.Data[int32](skip)[0] != 0
	n := len(s.scalars)
	y[0] = 0
	if skipped {
		y[0] = 1
	}
	for i, v := range s.scalars {
		y[1+i] = kernels.Data[T](v.Array)[v.Index]
	}
	y[n+1] = T(agreement(kernels.Data[T](s.embedding), s.images, s.second(), s.embedding.Dim(1)))
	y[n+2] = 0
	if s.count != nil {
		y[n+2] = T(live(kernels.Data[int32](s.count)))
	}
	if s.logits != nil && !skipped {
		choices(kernels.Data[int32](labels), kernels.Data[T](s.logits), s.images)
	}
}

func agreement[T kernels.Float](f []T, images, second, d int) float64 {
	sum := 0.0
	for i := range images {
		sum += cosine(f[i*d:(i+1)*d], f[(second+i)*d:(second+i+1)*d])
	}
	return sum / float64(max(1, images))
}

func cosine[T kernels.Float](u, v []T) float64 {
	var uv, uu, vv float64
	for i, a := range u {
		b := v[i]
		uv += float64(a) * float64(b)
		uu += float64(a) * float64(a)
		vv += float64(b) * float64(b)
	}
	return uv / max(math.Sqrt(uu*vv), 1e-12)
}

func live(count []int32) int {
	n := 0
	for _, c := range count {
		if c > 0 {
			n++
		}
	}
	return n
}

// choices counts the first largest logit of each of the first rows.
func choices[T kernels.Float](labels []int32, logits []T, images int) {
	k := len(labels)
	for i := range images {
		best, row := 0, logits[i*k:(i+1)*k]
		for j, v := range row {
			if v > row[best] {
				best = j
			}
		}
		labels[best]++
	}
}
