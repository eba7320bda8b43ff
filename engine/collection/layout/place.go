package layout

import (
	"cmp"
	"slices"

	"udml-gpu/engine/collection/neighbours"
	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

// Options say how points are placed.
type Options struct {
	MinDist  float64 // distance on the map at which the nearest neighbours may lie; from 0 to below 1
	Epochs   int     // 0: DefaultEpochs
	Seed     uint64
	Progress func(done, total int) // may be nil
	Stop     func() bool           // may be nil; the places are then useless
}

// DefaultEpochs is how often n points are moved where nothing else is said, as in umap-learn.
func DefaultEpochs(n int) int {
	if n <= 10_000 {
		return 500
	}
	return 200
}

const (
	repulsions = 5   // points that repel a point each time that an edge of it is taken by its first end
	longest    = 4.0 // largest step of a coordinate at the rate 1
	placeTile  = 64  // points that a core moves at a time
)

// blocks is into how many parts the points are divided. While the points of a part are moved, each core sees all others, those of its own
// part too, where they stood before, so that the places do not depend on the number of cores; between the parts all see the new places.
const blocks = 16

// Place lays the nodes of the graph out in the plane, from their start [N,2]: UMAP (McInnes, Healy and Melville, 2018) with negative
// sampling, without any dependence on the order in which cores work. The result is [N,2].
func Place(g *neighbours.Graph, start []float32, o Options) []float32 {
	p := newPlacing(g, start, o)
	for p.epoch = range p.epochs {
		if o.Stop != nil && o.Stop() {
			break
		}
		rate := 1 - float32(p.epoch)/float32(p.epochs)
		for b := range min(blocks, len(p.at)) {
			p.moveBlock(b, rate)
		}
		if o.Progress != nil {
			o.Progress(p.epoch+1, p.epochs)
		}
	}
	out := make([]float32, 0, len(start))
	for _, y := range p.at {
		out = append(out, y[0], y[1])
	}
	return out
}

// placing is the state of Place.
type placing struct {
	start          []int  // node n has the pulls start[n] to start[n+1]
	pulls          []pull // by rising node
	strongFirst    []pull // the same, of each node the strongest first
	at, next       [][2]float32
	attract, repel *force
	seed           uint64
	epoch, epochs  int
}

// pull is an edge as one of its ends sees it.
type pull struct {
	to    int32
	turns uint32 // in an epoch, in 2^-turnBits
}

const turnBits = 30

// until is how many turns it has had before an epoch.
func (p pull) until(epoch int) int { return int(uint64(p.turns) * uint64(epoch) >> turnBits) }

func newPlacing(g *neighbours.Graph, start []float32, o Options) *placing {
	n := len(g.Items)
	p := &placing{at: make([][2]float32, n), next: make([][2]float32, n/blocks+1), seed: o.Seed, epochs: o.Epochs}
	if p.epochs == 0 {
		p.epochs = DefaultEpochs(n)
	}
	for i := range p.at {
		p.at[i] = [2]float32{start[2*i], start[2*i+1]}
	}
	c := closeness{}
	c.a, c.b = curveOf(o.MinDist)
	p.attract, p.repel = forceOf(c.attract), forceOf(c.repel)
	p.setPulls(union(g))
	return p
}

// setPulls gives the heaviest edge one turn an epoch from each of its ends, and the others in proportion. Each turn moves both ends. Edges
// with less than one turn in all epochs have none.
func (p *placing) setPulls(f *fuzzy) {
	heaviest := float32(0)
	for _, w := range f.weight {
		heaviest = max(heaviest, w)
	}
	p.start = make([]int, 1, len(f.start))
	for n := range len(f.start) - 1 {
		for e := f.start[n]; e < f.start[n+1]; e++ {
			share := float64(f.weight[e]) / float64(heaviest)
			if share*float64(p.epochs) >= 1 {
				p.pulls = append(p.pulls, pull{f.to[e], uint32(2 * share * (1 << turnBits))})
			}
		}
		p.start = append(p.start, len(p.pulls))
	}
	p.strongFirst = slices.Clone(p.pulls)
	for n := range len(p.start) - 1 {
		own := p.strongFirst[p.start[n]:p.start[n+1]]
		slices.SortStableFunc(own, func(a, b pull) int { return cmp.Compare(b.turns, a.turns) })
	}
}

// order are the pulls of all nodes in the order of this epoch. The others see of a node's moves only where they end, so that the last ones
// count most. The strongest pulls, those within a neighbourhood, therefore come first: what holds neighbourhoods together would otherwise
// be undone, and the map be torn apart. In the second half of the epochs any order keeps them where they are, and one that has nothing to
// do with strength makes better neighbourhoods.
func (p *placing) order() []pull {
	if 2*p.epoch > p.epochs {
		return p.pulls
	}
	return p.strongFirst
}

// moveBlock moves the nodes b, b+blocks, b+2 blocks ...
func (p *placing) moveBlock(b int, rate float32) {
	count, pulls := (len(p.at)-b+blocks-1)/blocks, p.order()
	kernels.Tiles(count, placeTile, func(lo, hi int) {
		for t := lo; t < hi; t++ {
			p.next[t] = p.move(b+t*blocks, pulls, rate)
		}
	})
	for t := range count {
		p.at[b+t*blocks] = p.next[t]
	}
}

// move is the place of node i after this epoch: its pulls, each as often as it has turns; every second turn is one that umap-learn would
// take from this end, and has the repulsions.
func (p *placing) move(i int, pulls []pull, rate float32) [2]float32 {
	y := p.at[i]
	d := draws{key: rng.Key{Seed: p.seed, Epoch: uint32(p.epoch), Sample: uint32(i), Op: rng.OpLayout}}
	for _, pull := range pulls[p.start[i]:p.start[i+1]] {
		for turn := pull.until(p.epoch); turn < pull.until(p.epoch+1); turn++ {
			y = step(y, p.at[pull.to], p.attract, rate)
			if turn%2 == 0 {
				continue
			}
			for range repulsions {
				if j := rng.Below(d.next(), len(p.at)); j != i {
					y = step(y, p.at[j], p.repel, rate)
				}
			}
		}
	}
	return y
}

// step moves y by the force between it and z.
func step(y, z [2]float32, f *force, rate float32) [2]float32 {
	dx, dy := y[0]-z[0], y[1]-z[1]
	s := dx*dx + dy*dy
	if !(s > 0) {
		return y
	}
	c := f.at(s)
	return [2]float32{y[0] + rate*clip(c*dx), y[1] + rate*clip(c*dy)}
}

func clip(v float32) float32 { return max(-longest, min(longest, v)) }

// draws are the random words of a node in an epoch, one after another.
type draws struct {
	key   rng.Key
	words [4]uint32
	taken uint32
}

func (d *draws) next() uint32 {
	if d.taken%4 == 0 {
		d.words = d.key.At(d.taken / 4)
	}
	w := d.words[d.taken%4]
	d.taken++
	return w
}
