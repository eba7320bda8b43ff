package train

import (
	"udml-gpu/engine/data/loader"
	"udml-gpu/engine/method"
	"udml-gpu/kernels"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// Step is the recorded training step for one batch size, with the memory of its inputs.
type Step struct {
	program *tape.Program
	out     method.Outputs

	Images                 []*kernels.Array // the views, one array for each size: [V B,S,S,C]; none where the loss does not read them
	blank                  []*kernels.Array // of each size, for a shard without images
	cut                    *layer.Cut       // of the batch; nil: the backbone sees it in one piece
	kept                   *keptInputs      // what a frozen backbone has made of the views; nil: the step computes it
	samples, views, labels *kernels.Array
	replay                 replay
}

// newStep records the method's loss on batches of that many images.
func (l *Learner) newStep(batch int) *Step {
	s, tp := l.record(batch, l.Network.Device.New)
	numbers := make([]int32, s.views.Len())
	for i := range numbers {
		numbers[i] = int32(i / batch)
	}
	kernels.Write(s.views, numbers)
	s.program = tp.Compile(l.Network.Arena, s.out.Loss, s.out.Keep()...)
	return s
}

// record is newStep without a program: the step's inputs, made by array, and its tape.
func (l *Learner) record(batch int, array newArray) (*Step, *tape.Tape) {
	c, rows := l.Network.Config, len(l.views)*batch
	s := &Step{samples: array(kernels.Int32, rows), views: array(kernels.Int32, rows), labels: array(kernels.Int32, batch)}
	tp := tape.New(l.Network.Device, kernels.Float32, true)
	in := method.Inputs{
		Backbone: l.Network.Backbone, Dim: c.Dim, Total: l.images, Parts: c.Accumulate, Recompute: c.Recompute,
		Samples: tp.Input(s.samples), Views: tp.Input(s.views), Labels: tp.Input(s.labels), Clock: &l.clock,
	}
	drop, first := &layer.DropPath{Most: c.DropPath, Clock: &l.clock}, 0
	if l.kept != nil {
		s.kept = l.kept.inputs(l.Network.Device, batch)
		in.Backbone.Given, in.Parts = s.kept.given, 1 // what is there already needs no parts
	}
	if l.kept == nil && l.group.Shards() > 1 {
		s.cut = layer.NewCut(l.group, batch)
		s.cut.Blocks.Size = c.NormShards
		in.Cut = s.cut
	}
	sizes, counts := loader.Sizes(l.views)
	for i, size := range sizes {
		images, last := s.newImages(tp, array, counts[i], batch, size, size, c.Channels), first+counts[i]*batch
		if s.kept != nil {
			s.kept.show(tp, i, images)
		}
		drop.Shows(images, tp.Input(s.samples.Rows(first, last)), tp.Input(s.views.Rows(first, last)))
		if first = last; i == 0 {
			in.Images = images
			continue
		}
		in.Others = append(in.Others, images)
	}
	s.out = l.method.Loss(layer.NewScope(tp, l.Network.Store).Dropping(drop), in)
	return s, tp
}

// newImages are views of one size of a batch, a shape without memory where the loss does not read them.
func (s *Step) newImages(tp *tape.Tape, array newArray, views, batch int, shape ...int) *tape.Var {
	rows := func(n int) []int { return append([]int{views * n}, shape...) }
	switch {
	case s.kept != nil && !s.kept.of.pixels:
		return tp.New(rows(batch)...)
	case s.cut != nil:
		return s.newShards(tp, array, batch, rows)
	}
	a := array(kernels.Float32, rows(batch)...)
	s.Images = append(s.Images, a)
	return tp.Input(a)
}

// newArray makes an array: kernels.Device.New, or Outline.
type newArray func(kernels.DType, ...int) *kernels.Array

// newShards are the views of one size in this rank's shards, one after another, and the var that stands for those of the batch. rows is
// the shape of so many images.
func (s *Step) newShards(tp *tape.Tape, array newArray, batch int, rows func(images int) []int) *tape.Var {
	first, last := s.cut.Group.Own()
	begin := s.cut.Bounds[first]
	all := array(kernels.Float32, rows(s.cut.Bounds[last]-begin)...)
	s.Images = append(s.Images, all)
	var own []*tape.Var
	for i := range last - first {
		lo, hi := s.cut.Own(i)
		a := all.Rows(rows(lo - begin)[0], rows(hi - begin)[0])
		if lo == hi {
			a = array(kernels.Float32, rows(1)...)
			s.blank = append(s.blank, a)
		}
		own = append(own, tp.Input(a))
	}
	images := tp.New(rows(batch)...)
	s.cut.Shows(images, own)
	return images
}

func (s *Step) free() {
	s.replay.drop()
	if s.kept != nil {
		s.kept.free()
	}
	for _, a := range append([]*kernels.Array{s.samples, s.views, s.labels}, append(s.Images, s.blank...)...) {
		a.Free()
	}
}

// Fill copies a batch into the step's inputs.
func (s *Step) Fill(b *loader.Batch) {
	if len(s.Images) > 0 {
		b.Fill(s.Images, s.samples, s.labels)
	}
	if s.kept != nil {
		s.kept.fill(b, s.samples, s.labels)
	}
}
