package network

import (
	"udml-gpu/engine/data/cache"
	"udml-gpu/kernels"
)

// SetSize makes evaluation mode take images of so many pixels a side, which show what those of Config.Size do, with which a network begins.
// Features of another size are not the network's own.
func (n *Network) SetSize(size int) {
	if size == n.version.size {
		return
	}
	n.forget()
	n.version.size = size
}

// Shows is the side of the part of the scaled images that the network sees where it takes them at another size (SetSize); else 0.
func (n *Network) Shows() int {
	if n.version.size == n.Config.Size {
		return 0
	}
	return n.Config.Size
}

// Crops writes the centre crops of images first, first+1, ... of c to dst [n,S,S,C], of the size that the network takes.
func (n *Network) Crops(dst *kernels.Array, c *cache.Cache, first int) {
	c.ScaledCrops(dst, first, n.Config.Size, n.Config.Invert)
}

// sees says whether the pooled features of an image are the same in both versions.
func (v version) sees(other version) bool {
	return v.backbone == other.backbone && v.size == other.size
}
