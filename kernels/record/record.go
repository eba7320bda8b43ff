// Package record keeps the figures of each step on the device, so that no step waits for the host to read
// them: a row of figures a step, and how often each cluster was chosen.
package record

import (
	"fmt"

	"udml-gpu/kernels"
)

// MaxScalars is the largest number of scalars that a row takes from a step.
const MaxScalars = 8

// Scalar is element Index of an array of floats: a loss, or one of its terms.
type Scalar struct {
	Array *kernels.Array
	Index int
}

// Width is the number of figures in the row of a step with so many scalars.
func Width(scalars int) int { return scalars + 3 }

// Step writes the figures of a step of B images, B given by images, into row at[0] of rows [R,Width(n)] for n scalars, float32 or float64
// as the scalars are; at is int32 [1], below R:
//
//	row[0]      1 where skip [1] (int32) is not 0, else 0
//	row[1..n]   the scalars, at most MaxScalars
//	row[n+1]    mean_i f_i . f_(B+i) / max(|f_i| |f_(B+i)|, 1e-12) of embedding f [V B,D]: how alike the first two of V views are;
//	            of a single view that with itself; 0 without rows
//	row[n+2]    number of slots with members in count [S] (int32)
//
// and, where skip is 0, adds 1 to labels[k] (int32 [K]) for each first view, k the first of the largest of its logits [V B,K]. A
// row whose first logit is NaN counts for k = 0; other NaNs are passed over. Without clusters logits and count are nil:
// there are no live slots then, and labels stay. Cosines are float64 on the CPU and float32 sums on a GPU, their mean is
// float64 on both. Nothing waits.
func Step(rows, at, labels, skip *kernels.Array, scalars []Scalar, images int, embedding, logits, count *kernels.Array) {
	s := source{scalars, images, embedding, logits, count}
	s.check(rows, at, labels, skip)
	switch kernels.PathOf("record.Step", rows, embedding, logits) {
	case kernels.OnGPU:
		s.stepCUDA(rows, at, labels, skip)
	case kernels.InFloat64:
		step[float64](rows, at, labels, skip, s)
	case kernels.InFloat32:
		step[float32](rows, at, labels, skip, s)
	}
}

// source is the results of a step.
type source struct {
	scalars                  []Scalar
	images                   int
	embedding, logits, count *kernels.Array
}

// second is the row of the embedding at which the view lies that the first is compared with.
func (s source) second() int {
	if s.embedding.Dim(0) < 2*s.images {
		return 0
	}
	return s.images
}

func (s source) check(rows, at, labels, skip *kernels.Array) {
	const op = "record.Step"
	kernels.WantShape(op, "skip", skip, 1)
	kernels.WantShape(op, "at", at, 1)
	kernels.WantType(op, "at", at, kernels.Int32)
	kernels.WantShape(op, "embedding", s.embedding, -1, -1)
	if s.images < 0 || s.embedding.Dim(0) < s.images {
		panic(fmt.Sprintf("%s: an embedding %v of %d images", op, s.embedding, s.images))
	}
	kernels.WantShape(op, "rows", rows, -1, Width(len(s.scalars)))
	if len(s.scalars) > MaxScalars {
		panic(fmt.Sprintf("%s: %d scalars, at most %d are possible", op, len(s.scalars), MaxScalars))
	}
	for _, v := range s.scalars {
		kernels.WantType(op, "scalar", v.Array, rows.DType())
		if v.Index < 0 || v.Index >= v.Array.Len() {
			panic(fmt.Sprintf("%s: element %d of %v", op, v.Index, v.Array))
		}
	}
	if s.count != nil {
		kernels.WantType(op, "count", s.count, kernels.Int32)
	}
	if s.logits != nil {
		kernels.WantShape(op, "logits", s.logits, s.embedding.Dim(0), -1)
		kernels.WantShape(op, "labels", labels, s.logits.Dim(1))
		kernels.WantType(op, "labels", labels, kernels.Int32)
	}
}
