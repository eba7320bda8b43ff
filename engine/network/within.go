package network

import (
	"context"
	"errors"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/whiten"
	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

// viewedImages is the most images of which --head-init within sees two views. A covariance of 1,664 features has settled by then, and the
// pictures of so many, 450 MB at 224 pixels, are held while their views are made.
const viewedImages = 3_000

// firstViewed is the number of the first of the two views of an image: training draws views 0 and 1.
const firstViewed = 2

// viewedArea is the share of the image that the second of the two views shows, unless --area has another.
var viewedArea = [2]float64{0.4, 1}

// Viewed are the places of the images whose views --head-init within sees, of so many images: all, or viewedImages that the seed draws.
func (n *Network) Viewed(images int) []int32 {
	return rng.Key{Seed: n.Config.Seed, Op: rng.OpSubset}.Choose(images, viewedImages)
}

// FitWithin starts the embedding layer by whiten.FitWithin of the pooled features [N,channels] of images, which are finite, and of two
// views of those at viewed: one is as the second view of training, the other a box of the image (viewedArea). Image viewed[i] is image
// at(i) of c. Where views do not differ from their image, it is FitHead. The error, for users, says why nothing can be fitted.
func (n *Network) FitWithin(ctx context.Context, pooled *kernels.Array, viewed []int32, c *cache.Cache, at func(i int) int) error {
	m := len(viewed)
	_, turned := n.Config.Ranges()
	turned.Shows = n.Shows()
	box := turned
	if box.AreaHi == 0 {
		box.AreaLo, box.AreaHi = viewedArea[0], viewedArea[1]
		box.Rotate, box.ScaleLo, box.ScaleHi, box.Shift = 0, 1, 1, 0
	}
	f, err := n.EmbedImages(ctx, 2*m, func(dst *kernels.Array, first int) {
		for k := range dst.Dim(0) {
			i, ranges, view := first+k, turned, uint16(firstViewed)
			if i >= m {
				i, ranges, view = i-m, box, view+1
			}
			key := rng.Key{Seed: n.Config.Seed, Sample: uint32(viewed[i]), Op: rng.OpAugment, View: view}
			c.View(dst.Rows(k, k+1), at(i), ranges, key, n.Config.Invert)
		}
	})
	if err != nil {
		return err
	}
	defer f.Free()
	if c.Err() != nil {
		return c.Err()
	}
	t, err := whiten.FitWithin(pooled, append(viewed[:m:m], viewed...), f.Pooled, n.Config.Dim)
	if errors.Is(err, whiten.ErrSameViews) {
		n.remark("--head-init within: " + err.Error() + ": whitened as by --head-init whiten")
		return n.FitHead(pooled)
	}
	if err != nil {
		return baddata.Errorf("--head-init within: %v; use --head-init random", err)
	}
	n.startHead(t, pooled)
	return nil
}
