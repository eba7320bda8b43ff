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

// pairedImages is the most images of which --head-init within sees two views. A covariance of 1,664 features has settled before, and the
// features of both views of so many are 133 MB.
const pairedImages = 10_000

// pairedView is the number of the first of the two views of an image: training draws views 0 and 1.
const pairedView = 2

// fitWithin starts the embedding layer by whiten.FitWithin of the pooled features [N,channels] of the images of c and of two views of each,
// of more than pairedImages of as many that the seed draws. Views are as the second view of training.
func (n *Network) fitWithin(ctx context.Context, c *cache.Cache, pooled *kernels.Array) error {
	sample := rng.Key{Seed: n.Config.Seed, Op: rng.OpSubset}.Choose(c.Len(), pairedImages)
	m := len(sample)
	_, ranges := n.Config.Ranges()
	f, err := n.EmbedImages(ctx, 2*m, func(dst *kernels.Array, first int) {
		for i := range dst.Dim(0) {
			image, view := sample[(first+i)%m], pairedView+(first+i)/m
			key := rng.Key{Seed: n.Config.Seed, Sample: uint32(image), Op: rng.OpAugment, View: uint16(view)}
			c.View(dst.Rows(i, i+1), int(image), ranges, key, n.Config.Invert)
		}
	})
	if err != nil {
		return err
	}
	defer f.Free()
	if c.Err() != nil {
		return c.Err()
	}
	t, err := whiten.FitWithin(pooled, f.Pooled.Rows(0, m), f.Pooled.Rows(m, 2*m), n.Config.Dim)
	if errors.Is(err, whiten.ErrSameViews) {
		return baddata.Errorf("--head-init within: %v; allow changes (--flip, --rotate, --scale, --shift) or use --head-init whiten", err)
	}
	if err != nil {
		return baddata.Errorf("--head-init within: %v; use --head-init random", err)
	}
	n.startHead(t, pooled)
	return nil
}
