package loader

import (
	"fmt"

	"udml-gpu/kernels/rng"
)

// PairWith lets the second view of an image show another image from the next epoch on: neighbours[i] in place of image i of
// the cache, in one half of the cases. Which half is drawn anew each epoch, by seed, epoch and image. -1 is no neighbour; nil
// ends it. The loader keeps the slice. It must have been made with room (LoaderOptions.Neighbours), and no loop may run.
func (l *Loader) PairWith(neighbours []int32) {
	if neighbours != nil && (!l.o.Neighbours || len(neighbours) != l.cache.Len()) {
		panic(fmt.Sprintf("data.PairWith: %d neighbours of %d images, room for them: %v", len(neighbours), l.cache.Len(), l.o.Neighbours))
	}
	l.neighbours = neighbours
}

// pair writes which image the second view of each sample shows in that epoch.
func (l *Loader) pair(second, samples []int32, epoch uint32) {
	copy(second, samples)
	if l.neighbours == nil {
		return
	}
	for i, s := range samples {
		coin := rng.Key{Seed: l.o.Seed, Epoch: epoch, Sample: uint32(s), Op: rng.OpNeighbour}.At(0)[0]
		if n := l.neighbours[s]; n >= 0 && coin < 1<<31 {
			second[i] = n
		}
	}
}

// shown is the image, of the cache, that a row of the batch is a view of.
func (b *Batch) shown(row int) int {
	if n := len(b.Samples); row >= n {
		return int(b.Second[row-n])
	}
	return int(b.Samples[row])
}
