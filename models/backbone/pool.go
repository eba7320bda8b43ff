package backbone

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// Output is what a network makes of images.
type Output struct {
	Map *tape.Var // [N,h,w,Channels]
	// Stages are the maps at the ends of stages before the last, the earliest first, as wide as Network.Stages says.
	Stages []*tape.Var
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
	PoolMax       = "max"      // maximum over the map [N,C]
	PoolMeanMax   = "mean+max" // the sum of both [N,C], as Proxy Anchor (Kim et al. 2020) and STML (Kim et al. 2022)
	PoolGeM       = "gem"      // generalised mean of power 3 over the map [N,C] (Radenovic et al. 2018)
	PoolClass     = "cls"      // the class token [N,C]
	PoolClassMean = "cls+mean" // the class token and the mean side by side [N,2C], as DINOv2's linear evaluation
	PoolHead      = "head"     // the network's own head [N,HeadWidth]
)

// ofMaps are the poolings that every map allows.
var ofMaps = []string{PoolMean, PoolMax, PoolMeanMax, PoolGeM}

// AllPools are the poolings of all networks.
func AllPools() []string { return append(slices.Clone(ofMaps), PoolClass, PoolClassMean, PoolHead) }

// Pools are the poolings that the network has, the published one first.
func (n Network) Pools() []string {
	others := slices.DeleteFunc(slices.Clone(ofMaps), func(pool string) bool { return slices.Contains(n.Own, pool) })
	return append(slices.Clone(n.Own), others...)
}

// Pooled is the network with that pooling of its features; the published one for "". The error names those that it has.
func (n Network) Pooled(pool string) (Network, error) {
	n.Pool = pool
	if pool != "" && !slices.Contains(n.Pools(), pool) {
		return n, fmt.Errorf("%s has no pooling of that name; it has %s", n.Name, strings.Join(n.Pools(), ", "))
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

// Together is the network with features of so many of its last stages, the map's among them; the usual number for 0. With more than
// one, each is pooled and scaled to length 1, and they stand side by side. The error names how many the network has.
func (n Network) Together(stages int) (Network, error) {
	n.Taken = cmp.Or(stages, n.Taken, 1)
	if n.Taken > 1 && len(n.Stages) == 0 {
		return n, fmt.Errorf("%s has features of its last stage alone", n.Name)
	}
	if most := len(n.Stages) + 1; n.Taken > most {
		return n, fmt.Errorf("%s has features of 1 to %d stages", n.Name, most)
	}
	if n.Taken > 1 && !slices.Contains(ofMaps, n.Pooling()) {
		return n, fmt.Errorf("--pool %s is of the last stage alone", n.Pooling())
	}
	return n, nil
}

// before are the channels of the stages that are pooled besides the last.
func (n Network) before() []int { return n.Stages[len(n.Stages)-(max(n.Taken, 1)-1):] }

// Width is the number of features that an image is pooled to.
func (n Network) Width() int {
	width := n.lastWidth()
	for _, channels := range n.before() {
		width += channels
	}
	return width
}

// lastWidth is the number of features of the last stage.
func (n Network) lastWidth() int {
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
	before := out.Stages[len(out.Stages)-len(n.before()):]
	if len(before) == 0 {
		return pooled
	}
	var parts []*tape.Var
	for _, stage := range before {
		parts = append(parts, layer.L2Normalize(s, n.poolOnce(s, Output{Map: stage})))
	}
	return layer.Concat(s, append(parts, layer.L2Normalize(s, pooled))...)
}

func (n Network) poolOnce(s *layer.Scope, out Output) *tape.Var {
	switch n.Pooling() {
	case PoolClass:
		return out.Class
	case PoolClassMean:
		return layer.Concat(s, out.Class, layer.GlobalAveragePool(s, out.Map))
	case PoolHead:
		return out.Head(s)
	case PoolMax:
		return layer.GlobalMaxPool(s, out.Map)
	case PoolMeanMax:
		return layer.Add(s, layer.GlobalAveragePool(s, out.Map), layer.GlobalMaxPool(s, out.Map))
	case PoolGeM:
		return layer.GeMPool(s, out.Map)
	}
	return layer.GlobalAveragePool(s, out.Map)
}
