package inference

import "udml-gpu/engine/network"

// Rows are the vectors of some images.
type Rows struct {
	Images  []int     // their positions in the set or the cache, ascending; valid until the function that is given them returns
	Vectors []float32 // [len(Images),D], one after the other
	About   [][]byte  // what Seen.About said of each; nil without it
}

// finite counts the images whose vectors are of no use, so that what is said of them is said once, of all.
type finite struct{ network.NotFinite }

// look goes through rows of images that name names.
func (f *finite) look(r Rows, name func(i int) string) {
	dim := len(r.Vectors) / len(r.Images)
	for k, i := range r.Images {
		f.Of++
		if allFinite(r.Vectors[k*dim : (k+1)*dim]) {
			continue
		}
		if f.Bad == 0 {
			f.First = name(i)
		}
		f.Bad++
	}
}

// err is a *network.NotFinite where there were any.
func (f *finite) err() error {
	if f.Bad == 0 {
		return nil
	}
	return &f.NotFinite
}

func allFinite(row []float32) bool {
	for _, v := range row {
		if v-v != 0 {
			return false
		}
	}
	return true
}
