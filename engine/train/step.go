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
	kept                   *keptInputs      // what a frozen backbone has made of the views; nil: the step computes it
	samples, views, labels *kernels.Array
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
func (l *Learner) record(batch int, array func(kernels.DType, ...int) *kernels.Array) (*Step, *tape.Tape) {
	c, rows := l.Network.Config, len(l.views)*batch
	s := &Step{samples: array(kernels.Int32, rows), views: array(kernels.Int32, rows), labels: array(kernels.Int32, batch)}
	tp := tape.New(l.Network.Device, kernels.Float32, true)
	in := method.Inputs{
		Backbone: l.Network.Backbone, Dim: c.Dim, Parts: c.Accumulate,
		Samples: tp.Input(s.samples), Views: tp.Input(s.views), Labels: tp.Input(s.labels), Clock: &l.clock,
	}
	drop, first := &layer.DropPath{Most: c.DropPath, Clock: &l.clock}, 0
	if l.kept != nil {
		s.kept = l.kept.inputs(l.Network.Device, batch)
		in.Backbone.Given, in.Parts = s.kept.given, 1 // what is there already needs no parts
	}
	sizes, counts := loader.Sizes(l.views)
	for i, size := range sizes {
		images, last := s.newImages(tp, array, counts[i]*batch, size, size, c.Channels), first+counts[i]*batch
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

// newImages are the views of one size, a shape without memory where the loss does not read them.
func (s *Step) newImages(tp *tape.Tape, array func(kernels.DType, ...int) *kernels.Array, shape ...int) *tape.Var {
	if s.kept != nil && !s.kept.of.pixels {
		return tp.New(shape...)
	}
	a := array(kernels.Float32, shape...)
	s.Images = append(s.Images, a)
	return tp.Input(a)
}

func (s *Step) free() {
	if s.kept != nil {
		s.kept.free()
	}
	for _, a := range append([]*kernels.Array{s.samples, s.views, s.labels}, s.Images...) {
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
