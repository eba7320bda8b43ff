package network

import (
	"context"

	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/machine"
	"udml-gpu/kernels"
	"udml-gpu/kernels/distance"
)

// Nearest are, for every image of c, the position of the other image whose pooled features are nearest by cosine, in
// evaluation mode; -1 where there is none, as for features that are not finite. Of equally near ones it is the first. The
// features [N, channels] are given back before it returns; the search needs memory for N scores, never N x N. The error
// is that of ctx or of the device.
func (n *Network) Nearest(ctx context.Context, c *cache.Cache) ([]int32, error) {
	f, err := n.Embed(ctx, c)
	if err != nil {
		return nil, err
	}
	defer f.Free()
	score := n.Device.New(kernels.Float32, c.Len(), 1)
	defer score.Free()
	index := n.Device.New(kernels.Int32, c.Len(), 1)
	defer index.Free()
	distance.TopK(score, index, f.Pooled, f.Pooled, distance.Cosine, 0)
	list := kernels.Read[int32](index)
	return list, machine.Fault(n.Device)
}
