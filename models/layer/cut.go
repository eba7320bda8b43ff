package layer

import (
	"udml-gpu/kernels"
	"udml-gpu/models/shard"
	"udml-gpu/models/tape"
)

// Cut says how the images of a batch lie in shards: shard s has the images [Bounds[s],Bounds[s+1]), in all views. The backbone sees each
// shard apart (tape.Tape.Shards); what follows sees the batch whole, on every rank.
type Cut struct {
	Group  *shard.Group
	Bounds []int
	Blocks shard.Blocks // the shards whose batch norms share statistics

	weight  *tape.Var // [B]: how often each counts in a batch norm; nil: once
	images  map[*tape.Var][]*tape.Var
	moments []*tape.Var // of the batch norms, float64 [S,2,C] each
}

// Settle is called between a run and its commit: it gathers what the running statistics of batch norms need of the shards of other blocks.
func (c *Cut) Settle() {
	if c.Blocks.Size == 0 || len(c.moments) == 0 {
		return
	}
	all := make([][]*kernels.Array, len(c.moments))
	for i, m := range c.moments {
		all[i] = shardsOf(m.Value())
	}
	c.Group.Gather("gather batch norm moments of all hosts", all...)
}

// NewCut cuts a batch of so many images.
func NewCut(g *shard.Group, batch int) *Cut {
	return &Cut{Group: g, Bounds: g.Cut(batch), images: map[*tape.Var][]*tape.Var{}}
}

// Batch is the number of images.
func (c *Cut) Batch() int { return c.Bounds[len(c.Bounds)-1] }

// Shows says which vars hold the images of the shards of this rank, [V n,...] each, view by view. A shard without images has one blank
// image there, which counts for nothing: so every rank computes something of every layer, and meets the others. images, [V B,...], is
// never computed: it stands for them all.
func (c *Cut) Shows(images *tape.Var, own []*tape.Var) { c.images[images] = own }

// Of are the vars given to Shows.
func (c *Cut) Of(images *tape.Var) []*tape.Var {
	own, ok := c.images[images]
	if !ok {
		panic("layer: nothing says where the shards of these images are")
	}
	return own
}

// Own are the images [first,last) of this rank's shard number i.
func (c *Cut) Own(i int) (first, last int) {
	s, _ := c.Group.Own()
	return c.Bounds[s+i], c.Bounds[s+i+1]
}

// Shown are the images that the vars of Shows stand for: Own, or for a shard without images any one, of which the blank is.
func (c *Cut) Shown(i int) (first, last int) {
	if first, last = c.Own(i); first == last {
		return 0, 1
	}
	return first, last
}

// Live says which shards have images.
func (c *Cut) Live() []bool {
	live := make([]bool, len(c.Bounds)-1)
	for s := range live {
		live[s] = c.Bounds[s] < c.Bounds[s+1]
	}
	return live
}

// each calls f for each shard of this rank that has images: its number here, and the images.
func (c *Cut) each(f func(i, first, last int)) {
	lo, hi := c.Group.Own()
	for i := range hi - lo {
		if first, last := c.Own(i); first < last {
			f(i, first, last)
		}
	}
}

// GatherImages is JoinImages of what the shards of all ranks have computed: parts are those of this rank, [V n,...] each, and the result
// [V B,...] is whole on every rank. Its gradient goes to the own parts: each rank computes the same of the whole.
func GatherImages(s *Scope, c *Cut, views int, parts ...*tape.Var) *tape.Var {
	first, _ := c.Group.Own()
	all := make([]*tape.Var, len(c.Bounds)-1) // received from the other ranks
	y := s.Tape.New(withRows(parts[0], views*c.Batch())...)
	outs := []*tape.Var{y}
	for i := range all {
		n := c.Bounds[i+1] - c.Bounds[i]
		if at := i - first; at >= 0 && at < len(parts) {
			all[i] = parts[at]
		} else if n > 0 {
			all[i] = s.Tape.New(withRows(parts[0], views*n)...)
			outs = append(outs, all[i])
		}
	}
	s.Tape.Apply(tape.Op{
		Name: "gather images", In: parts, Out: outs,
		Forward: func() {
			c.Group.Gather("gather features", c.arrays(all))
			for i, n := range c.Bounds[1:] {
				if at := c.Bounds[i]; at < n {
					eachView(views, c.Batch(), at, n, all[i].Value(), y.Value(), func(part, all *kernels.Array) { all.CopyFrom(part) })
				}
			}
		},
		Backward: func(b *tape.Back) {
			for i := range parts {
				d := b.Grad(i)
				if d == nil {
					continue
				}
				if at, n := c.Own(i); at < n {
					eachView(views, c.Batch(), at, n, d, y.Grad(), func(part, all *kernels.Array) { part.CopyFrom(all) })
					continue
				}
				d.Zero()
			}
		},
	})
	return y
}

// arrays are the values of the shards that have images, nil for the others.
func (c *Cut) arrays(all []*tape.Var) []*kernels.Array {
	list := make([]*kernels.Array, len(all))
	for s, live := range c.Live() {
		if live {
			list[s] = all[s].Value()
		}
	}
	return list
}

// eachView calls f with the rows of each view of the images [at,end) in their part [V (end-at),...], and with the same rows in the array
// of the whole batch.
func eachView(views, batch, at, end int, part, all *kernels.Array, f func(part, all *kernels.Array)) {
	n := end - at
	for v := range views {
		f(part.Rows(v*n, (v+1)*n), all.Rows(v*batch+at, v*batch+end))
	}
}

// lane is the shard in whose pass through the backbone layers are recorded.
type lane struct {
	cut *Cut
	own int // number among the shards of this rank
}

// InShard is the scope of the pass of this rank's shard number i.
func (s *Scope) InShard(c *Cut, i int) *Scope {
	l := *s
	l.lane = &lane{c, i}
	return &l
}
