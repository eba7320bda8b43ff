package layout

import (
	"udml-gpu/engine/whiten"
	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

const (
	startSize  = 10.0 // of a start in both directions, as umap-learn's
	startNoise = 1e-4 // of its points, so that equal ones can part
)

// Start is [N,2] for rows x [N,D]: their first two principal components, each scaled to startSize, with a little noise. Where rows vary in
// one direction or none, the other coordinates are noise alone.
func Start(x *kernels.Array, seed uint64) []float32 {
	n := x.Dim(0)
	list := make([]float32, 2*n)
	if t, err := whiten.Fit(x, 2, 0); err == nil { // an error: all rows are the same, or there is one
		y := t.Apply(x)
		defer y.Free()
		for i, v := range kernels.Read[float32](y) {
			list[i/t.Dim()*2+i%t.Dim()] = v
		}
	}
	lo, hi := bounds(list)
	for i := range n {
		w := rng.Key{Seed: seed, Sample: uint32(i), Op: rng.OpLayout, View: 1}.At(0)
		for k := range 2 {
			v := &list[2*i+k]
			if size := hi[k] - lo[k]; size > 0 {
				*v = startSize * ((*v-lo[k])/size - 0.5)
			}
			*v += float32(rng.Between(w[k], -startNoise, startNoise))
		}
	}
	return list
}

// bounds are the smallest and the largest coordinates of points [N,2].
func bounds(at []float32) (lo, hi [2]float32) {
	for i, v := range at {
		if k := i % 2; i < 2 {
			lo[k], hi[k] = v, v
		} else {
			lo[k], hi[k] = min(lo[k], v), max(hi[k], v)
		}
	}
	return lo, hi
}
