package shard

import (
	"fmt"

	"udml-gpu/kernels"
)

// Group is the shards of a run and the ranks that compute them: rank r has the shards from r S/N to (r+1) S/N. What it puts together are
// the results of shards, in an order that their numbers alone decide, so that the bytes do not depend on how many ranks there are.
//
// The first error of the carrier is kept (Err); from then on nothing is exchanged, and what the methods give is not to be used.
type Group struct {
	shards  int
	carrier Carrier       // nil: this process computes all shards
	arrays  DeviceCarrier // for arrays on a GPU; nil: they go by way of the host
	hosts   *hosts        // of the ranks; nil: what is exchanged goes from each to each
	pending *pending      // the sums begun last (BeginSum); nil: none
	fast    bool          // sums that cross ranks are added up rank by rank (AddFast)
	adder   Adder         // that adds up what is on the CPU, if fast; nil: the group itself
	err     error
}

// Alone is the group of a process that computes all of so many shards.
func Alone(shards int) *Group { return &Group{shards: shards} }

// New is the group of the ranks that c connects. There must be at least one shard for each rank.
func New(shards int, c Carrier) *Group {
	if shards < c.Size() {
		panic(fmt.Sprintf("shard: %d shards for %d ranks", shards, c.Size()))
	}
	g := Alone(shards)
	if c.Size() > 1 {
		g.carrier = c
		if p, ok := c.(Placed); ok {
			g.hosts = hostsOf(p.Hosts())
		}
	}
	return g
}

// OnDevice has arrays on a GPU exchanged by c, which connects the same ranks. All ranks do this, between the same exchanges.
func (g *Group) OnDevice(c DeviceCarrier) { g.arrays = c }

// Direct says whether arrays of a device are exchanged without the host: such an exchange is queued among the ops of the device, and can be
// captured with them.
func (g *Group) Direct(dev *kernels.Device) bool { return g.arrays != nil && dev.CUDA() }

// Launched is to be called after the launch of a graph with exchanges that were captured; op says what the graph is. All ranks launch it.
func (g *Group) Launched(op string) {
	if g != nil && g.arrays != nil {
		g.arrays.Launched(op)
	}
}

// Shards is the number of shards, 1 in a nil group.
func (g *Group) Shards() int {
	if g == nil {
		return 1
	}
	return g.shards
}

// Ranks is the number of ranks, 1 in a nil group.
func (g *Group) Ranks() int {
	if g == nil || g.carrier == nil {
		return 1
	}
	return g.carrier.Size()
}

// Rank is the number of this rank, 0 in a nil group.
func (g *Group) Rank() int {
	if g == nil || g.carrier == nil {
		return 0
	}
	return g.carrier.Rank()
}

// Own are the shards [first,last) that this rank computes.
func (g *Group) Own() (first, last int) { return g.of(g.Rank()) }

// of are the shards of a rank.
func (g *Group) of(rank int) (first, last int) {
	n := g.Ranks()
	return rank * g.shards / n, (rank + 1) * g.shards / n
}

// Err is the first error of an exchange; nil in a nil group.
func (g *Group) Err() error {
	if g == nil {
		return nil
	}
	if g.err == nil && g.arrays != nil {
		g.err = g.arrays.Err()
	}
	return g.err
}

// Cut is where the shards of a batch of n images begin, and n: shard s has the images [Cut[s],Cut[s+1]). They differ by one at most, the
// first being the largest; where there are fewer images than shards, the last ones have none. A larger batch makes no shard smaller.
func (g *Group) Cut(n int) []int {
	bounds := make([]int, g.shards+1)
	for s := range g.shards {
		bounds[s+1] = bounds[s] + (n+g.shards-1-s)/g.shards
	}
	return bounds
}

// OwnImages are the images [first,last) of each shard of this rank, of a batch of n.
func (g *Group) OwnImages(n int) (list [][2]int) {
	first, last := g.Own()
	bounds := g.Cut(n)
	for s := first; s < last; s++ {
		list = append(list, [2]int{bounds[s], bounds[s+1]})
	}
	return list
}

// exchange is Carrier.Exchange, unless an earlier one has failed.
func (g *Group) exchange(op string, to, from [][]byte) {
	g.Wait()
	if g.Err() == nil {
		g.err = g.carrier.Exchange(op, to, from)
	}
}

// exchangeArrays is DeviceCarrier.ExchangeArrays, unless an earlier exchange has failed.
func (g *Group) exchangeArrays(op string, to, from [][]*kernels.Array) {
	g.Wait()
	if g.Err() == nil {
		g.err = g.arrays.ExchangeArrays(op, to, from)
	}
}

// toAll sends the same bytes to every rank; from[r] receives those of rank r.
func (g *Group) toAll(op string, mine []byte, from [][]byte) {
	to := make([][]byte, g.Ranks())
	for r := range to {
		if r != g.Rank() {
			to[r] = mine
		}
	}
	g.exchange(op, to, from)
}

// Agree is the union of the bits that the ranks bring, the same on all of them; after an error, the own ones.
func (g *Group) Agree(op string, bits uint32) uint32 {
	if g == nil || g.carrier == nil {
		return bits
	}
	from := make([][]byte, g.Ranks())
	for r := range from {
		if r != g.Rank() {
			from[r] = make([]byte, 4)
		}
	}
	g.toAll(op, little(bits), from)
	if g.err != nil {
		return bits
	}
	for _, b := range from {
		for i, v := range b {
			bits |= uint32(v) << (8 * i)
		}
	}
	return bits
}

func little(v uint32) []byte { return []byte{byte(v), byte(v >> 8), byte(v >> 16), byte(v >> 24)} }
