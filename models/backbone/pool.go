package backbone

import (
	"fmt"
	"slices"
	"strings"

	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// Output is what a network makes of images.
type Output struct {
	Map *tape.Var // [N,h,w,Channels]
	// Class is the class token [N,Channels] of a transformer, normalised as the map is. Nil: there is none.
	Class *tape.Var
	// Head records the network's own head, [N,HeadWidth]: a projected class token, attention pooling. Nil: there is none. It is called
	// only where it is used, so that its parameters exist only there.
	Head func(s *layer.Scope) *tape.Var
	// Last records what the network does with features after they are pooled, whichever way. Nil: nothing.
	Last func(s *layer.Scope, pooled *tape.Var) *tape.Var
}

// ofMap is the forward pass of a network that makes a map and nothing else.
func ofMap(f func(s *layer.Scope, x *tape.Var) *tape.Var) func(*layer.Scope, *tape.Var) Output {
	return func(s *layer.Scope, x *tape.Var) Output { return Output{Map: f(s, x)} }
}

// The poolings: how the map [N,h,w,C] and the class token become features.
const (
	PoolMean      = "mean"     // mean over the map [N,C]
	PoolClass     = "cls"      // the class token [N,C]
	PoolClassMean = "cls+mean" // the class token and the mean side by side [N,2C], as DINOv2's linear evaluation
	PoolHead      = "head"     // the network's own head [N,HeadWidth]
)

// ofMaps are the poolings that every map allows.
var ofMaps = []string{PoolMean}

// AllPools are the poolings of all networks.
func AllPools() []string { return append(slices.Clone(ofMaps), PoolClass, PoolClassMean, PoolHead) }

// Pools are the poolings that the network has, the published one first.
func (n Network) Pools() []string { return append(slices.Clone(n.Own), ofMaps...) }

// Pooled is the network with that pooling of its features; the published one for "". The error names those that it has.
func (n Network) Pooled(pool string) (Network, error) {
	n.Pool = pool
	if pool != "" && !slices.Contains(n.Pools(), pool) {
		return n, fmt.Errorf("%s has no pooling %q; it has %s", n.Name, pool, strings.Join(n.Pools(), ", "))
	}
	return n, nil
}

// Pooling is the name of the pooling that Features does.
func (n Network) Pooling() string {
	if n.Pool == "" {
		return n.Pools()[0]
	}
	return n.Pool
}

// Width is the number of features that an image is pooled to.
func (n Network) Width() int {
	switch n.Pooling() {
	case PoolClassMean:
		return 2 * n.Channels
	case PoolHead:
		return n.HeadWidth
	}
	return n.Channels
}

// pool records the pooling of a network's output.
func (n Network) pool(s *layer.Scope, out Output) *tape.Var {
	pooled := n.poolOnce(s, out)
	if out.Last != nil {
		pooled = out.Last(s, pooled)
	}
	return pooled
}

func (n Network) poolOnce(s *layer.Scope, out Output) *tape.Var {
	switch n.Pooling() {
	case PoolClass:
		return out.Class
	case PoolClassMean:
		return layer.Concat(s, out.Class, layer.GlobalAveragePool(s, out.Map))
	case PoolHead:
		return out.Head(s)
	}
	return layer.GlobalAveragePool(s, out.Map)
}
