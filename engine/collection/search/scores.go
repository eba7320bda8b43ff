package search

import (
	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/neighbours"
	"udml-gpu/kernels"
	"udml-gpu/kernels/distance"
)

// Scores are the cosines of the items (ascending) to query [D], a unit vector, within rounding those of Nearest.
func Scores(dev *kernels.Device, c *collection.Collection, query []float32, items []int) []float32 {
	scores := make([]float32, 0, len(items))
	x := kernels.Of(dev, query, 1, len(query))
	defer x.Free()
	for lo := 0; lo < len(items); lo += blockRows {
		scores = append(scores, scoresOf(dev, c, x, items[lo:min(lo+blockRows, len(items))])...)
	}
	return scores
}

func scoresOf(dev *kernels.Device, c *collection.Collection, x *kernels.Array, items []int) []float32 {
	y := neighbours.Rows(dev, c, items)
	defer y.Free()
	out := dev.New(kernels.Float32, 1, len(items))
	defer out.Free()
	distance.Pairwise(out, x, y, distance.InnerProduct)
	return kernels.Read[float32](out)
}
