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
	c, dev, rows := l.Network.Config, l.Network.Device, len(l.views)*batch
	s := &Step{samples: dev.New(kernels.Int32, rows), views: dev.New(kernels.Int32, rows), labels: dev.New(kernels.Int32, batch)}
	numbers := make([]int32, rows)
	for i := range numbers {
		numbers[i] = int32(i / batch)
	}
	kernels.Write(s.views, numbers)
	tp := tape.New(dev, kernels.Float32, true)
	in := method.Inputs{
		Backbone: l.Network.Backbone, Dim: c.Dim,
		Samples: tp.Input(s.samples), Views: tp.Input(s.views), Labels: tp.Input(s.labels), Clock: &l.clock,
	}
	drop, first := &layer.DropPath{Most: c.DropPath, Clock: &l.clock}, 0
	if l.kept != nil {
		s.kept = l.kept.inputs(dev, batch)
		in.Backbone.Given = s.kept.given
	}
	sizes, counts := loader.Sizes(l.views)
	for i, size := range sizes {
		images, last := s.newImages(tp, counts[i]*batch, size, size, c.Channels), first+counts[i]*batch
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
	s.program = tp.Compile(l.Network.Arena, s.out.Loss, s.out.Keep()...)
	return s
}

// newImages are the views of one size, a shape without memory where the loss does not read them.
func (s *Step) newImages(tp *tape.Tape, shape ...int) *tape.Var {
	if s.kept != nil && !s.kept.of.pixels {
		return tp.New(shape...)
	}
	a := tp.Device().New(kernels.Float32, shape...)
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
