package layer

import (
	"fmt"

	"udml-gpu/kernels"
	"udml-gpu/kernels/act"
	"udml-gpu/models/tape"
)

// DropPath is stochastic depth (Huang et al. 2016): in training a row goes without a block's branch, and what remains is its identity.
// Which rows do is drawn for each branch by the clock, the row's sample and its view. A scope holds it (Scope.Dropping).
type DropPath struct {
	Most  float64 // probability that a row goes without the last block's branch
	Clock *Clock

	shown map[*tape.Var]shown // by the images that go through a backbone
}

// shown are the samples and views, int32 [N], that the rows of some images show.
type shown struct{ samples, views *tape.Var }

// Shows says what the rows of images [N,...] show.
func (d *DropPath) Shows(images, samples, views *tape.Var) {
	if d.shown == nil {
		d.shown = map[*tape.Var]shown{}
	}
	d.shown[images] = shown{samples, views}
}

// ShowsPart says that part holds the images first to last-1 of a batch, as TakeImages takes them from images.
func (s *Scope) ShowsPart(part, images *tape.Var, batch, first, last int) {
	if s.drop == nil || s.drop.Most == 0 {
		return
	}
	if of, ok := s.drop.shown[images]; ok { // else Seeing panics
		s.drop.Shows(part, TakeImages(s, of.samples, batch, first, last), TakeImages(s, of.views, batch, first, last))
	}
}

// Dropping is the scope whose residual blocks drop branches as d says.
func (s *Scope) Dropping(d *DropPath) *Scope {
	c := *s
	c.drop = d
	return &c
}

// Seeing is the scope of a backbone's pass over images, which DropPath.Shows has named where branches are dropped.
func (s *Scope) Seeing(images *tape.Var) *Scope {
	if s.drop == nil || s.drop.Most == 0 || !s.Tape.Training() {
		return s
	}
	rows, ok := s.drop.shown[images]
	if !ok {
		panic("layer: branches are dropped, and nothing says what the rows of the images show")
	}
	c := *s
	c.rows = &rows
	return &c
}

// Depth says which block a branch belongs to: number Block, from 0, of Of. The probability that a row goes without it grows linearly.
type Depth struct {
	Block, Of int
	// Exclusive has the probability reach its largest behind the last block, as TensorFlow's EfficientNet has it: Most Block/Of. Else
	// the last block has the largest: Most Block/(Of-1), as torch.linspace(0, Most, Of) in timm.
	Exclusive bool
}

// rate is the probability that a row goes without the block's branches.
func (d Depth) rate(most float64) float64 {
	steps := d.Of - 1
	if d.Exclusive {
		steps = d.Of
	}
	if d.Block == 0 {
		return 0
	}
	return most * float64(d.Block) / float64(steps)
}

// Branch is y [N,...], what branch number branch of a block adds to its input: in training with stochastic depth 0 in the rows that go
// without it and y/(1-p) in the others, else y itself. A network's branches have different numbers. A block that is not trained (Division)
// computes as in evaluation and drops nothing.
func Branch(s *Scope, y *tape.Var, branch int, at Depth) *tape.Var {
	if s.rows == nil || s.Store.division.frozen(at.Of-at.Block) {
		return y
	}
	p := at.rate(s.drop.Most)
	if p == 0 {
		return y
	}
	keep := dropPathMask(s, branch, p)
	z := s.Tape.NewOf(y.DType(), y.Shape()...)
	s.Tape.Apply(tape.Op{
		Name: fmt.Sprintf("drop path %d", branch), In: []*tape.Var{y, keep}, Out: []*tape.Var{z}, Reads: []*tape.Var{keep},
		InPlace: true, GradInPlace: true,
		Forward:  func() { act.DropPath(z.Value(), y.Value(), keep.Value(), p) },
		Backward: func(b *tape.Back) { act.DropPathBackward(b.Grad(0), z.Grad(), keep.Value(), p) },
	})
	return z
}

// dropPathMask draws which rows keep a branch, uint8 [N].
func dropPathMask(s *Scope, branch int, p float64) *tape.Var {
	samples, views, clock := s.rows.samples, s.rows.views, s.drop.Clock
	keep := s.Tape.NewOf(kernels.Uint8, samples.Dim(0))
	s.Tape.Apply(tape.Op{
		Name: fmt.Sprintf("drop path mask %d", branch), In: []*tape.Var{samples, views}, Out: []*tape.Var{keep},
		Forward: func() {
			act.DropPathMask(keep.Value(), samples.Value(), views.Value(), clock.Seed, clock.Epoch, branch, p)
		},
	})
	return keep
}
