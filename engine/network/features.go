package network

import (
	"context"

	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/machine"
	"udml-gpu/kernels"
)

// Features are images seen through a network as it was when they were computed: the pooled map and the embedding of each image,
// in order. The zero value holds none.
type Features struct {
	Pooled    *kernels.Array // [N,channels]
	Embedding *kernels.Array // [N,D], rows of length 1
	of        version        // of the network
}

// version tells apart what the parameters of a network have been, and the size of the images that it took.
type version struct{ backbone, head, size int }

// Free gives both arrays back; f holds none then.
func (f *Features) Free() {
	for _, a := range []*kernels.Array{f.Pooled, f.Embedding} {
		if a != nil {
			a.Free()
		}
	}
	*f = Features{}
}

// Changed is to be called after a change of the network's parameters from outside: features of before are not its own any more.
func (n *Network) Changed() {
	n.changes++
	n.version.backbone = n.changes
}

// Frozen says whether training leaves the whole backbone as it is, and with it the pooled features of an image.
func (n *Network) Frozen() bool { return n.Config.TrainBlocks == 0 }

// Stepped is to be called after a step of training: Changed, or a change of the layers behind a frozen backbone alone.
func (n *Network) Stepped() {
	if n.Frozen() {
		n.changedHead()
		return
	}
	n.Changed()
}

// changedHead notes a change of the layers behind the backbone alone.
func (n *Network) changedHead() {
	n.changes++
	n.version.head = n.changes
}

// EmbedBatch is how many images go through the network at once in evaluation mode.
const EmbedBatch = 64

// Embed runs the centre crops of all images of c through the network in evaluation mode. The caller frees what it gives. The
// error is that of ctx, of the device, or of a cache that cannot be read.
func (n *Network) Embed(ctx context.Context, c *cache.Cache) (Features, error) {
	f, err := n.EmbedImages(ctx, c.Len(), func(dst *kernels.Array, first int) { n.Crops(dst, c, first) })
	if err == nil && c.Err() != nil {
		f.Free()
		return Features{}, c.Err()
	}
	return f, err
}

// EmbedImages embeds total images that fill provides batch by batch. Several ranks (Group) share the batches, and all have all features.
func (n *Network) EmbedImages(ctx context.Context, total int, fill func(dst *kernels.Array, first int)) (Features, error) {
	f := Features{
		Pooled: n.Device.New(kernels.Float32, total, n.Width()), Embedding: n.Device.New(kernels.Float32, total, n.Dim()), of: n.version,
	}
	share := n.share(total)
	err := n.inBatches(ctx, share, func(first, last int) {
		p := n.ForwardFor(last - first)
		fill(p.Images, first)
		p.Program.Forward()
		f.Pooled.Rows(first, last).CopyFrom(p.Pooled.Value())
		f.Embedding.Rows(first, last).CopyFrom(p.Embedding.Value())
		if n.Progress != nil {
			n.Progress(last-share[n.Group.Rank()], share[n.Group.Rank()+1]-share[n.Group.Rank()])
		}
	})
	if err == nil {
		n.Group.GatherRows("gather embeddings", share, f.Pooled, f.Embedding)
		err = n.Group.Err()
	}
	if err == nil {
		err = machine.Fault(n.Device)
	}
	if err != nil {
		f.Free()
	}
	return f, err
}

// share is which rows of total each rank embeds: whole batches, so that a row is computed among the same others on any number of ranks.
// Rank r has the rows [share[r],share[r+1]).
func (n *Network) share(total int) []int {
	batches, ranks := (total+EmbedBatch-1)/EmbedBatch, n.Group.Ranks()
	share := make([]int, ranks+1)
	for r := range ranks {
		share[r+1] = min((r+1)*batches/ranks*EmbedBatch, total)
	}
	return share
}

// inBatches calls do for the rows [first,last) of each batch of this rank's share, until ctx ends. All ranks agree equally often.
func (n *Network) inBatches(ctx context.Context, share []int, do func(first, last int)) error {
	most, rank := 0, n.Group.Rank()
	for r, end := range share[1:] {
		most = max(most, end-share[r])
	}
	for at := 0; at < most; at += EmbedBatch {
		if n.Agree != nil {
			if err := n.Agree(); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if first, end := share[rank]+at, share[rank+1]; first < end {
			do(first, min(first+EmbedBatch, end))
		}
	}
	return nil
}

// FeaturesOf are the features of images with those pooled ones [N,channels], which n has just made: Renew adds the embedding.
func (n *Network) FeaturesOf(pooled *kernels.Array) Features {
	return Features{Pooled: pooled, of: n.version}
}

// Renew makes f what Embed gives for c, with no more work than that takes: none where f is of the network as it is, a small
// product for each image where only the layers behind the backbone have changed since, else all of it. f holds the features of
// c's images, or none. After an error it holds none.
func (n *Network) Renew(ctx context.Context, c *cache.Cache, f *Features) (err error) {
	switch {
	case f.Embedding != nil && f.of == n.version:
		return nil
	case f.Pooled != nil && f.of.sees(n.version):
		err = n.RenewEmbedding(ctx, f)
	default:
		f.Free()
		*f, err = n.Embed(ctx, c)
	}
	return err
}

// RenewEmbedding is Renew of features whose backbone has not changed since: the embedding is computed from the pooled ones.
func (n *Network) RenewEmbedding(ctx context.Context, f *Features) error {
	if !f.of.sees(n.version) {
		panic("network: features of another backbone")
	}
	if f.Embedding != nil {
		f.Embedding.Free()
	}
	total := f.Pooled.Dim(0)
	f.Embedding, f.of = n.Device.New(kernels.Float32, total, n.Dim()), n.version
	err := n.inBatches(ctx, n.share(total), func(first, last int) {
		p := n.headFor(last - first)
		p.pooled.CopyFrom(f.Pooled.Rows(first, last))
		p.program.Forward()
		f.Embedding.Rows(first, last).CopyFrom(p.embedding.Value())
	})
	if err == nil {
		n.Group.GatherRows("gather embeddings", n.share(total), f.Embedding)
		err = n.Group.Err()
	}
	if err == nil {
		err = machine.Fault(n.Device)
	}
	if err != nil {
		f.Free()
	}
	return err
}
