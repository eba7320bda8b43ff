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

	Images                 []*kernels.Array // the views, one array for each size: [V B,S,S,C]
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
	sizes, counts := loader.Sizes(l.views)
	for i, size := range sizes {
		a := array(kernels.Float32, counts[i]*batch, size, size, c.Channels)
		s.Images = append(s.Images, a)
		if i == 0 {
			in.Images = tp.Input(a)
			continue
		}
		in.Others = append(in.Others, tp.Input(a))
	}
	s.out = l.method.Loss(layer.NewScope(tp, l.Network.Store), in)
	return s, tp
}

func (s *Step) free() {
	for _, a := range append([]*kernels.Array{s.samples, s.views, s.labels}, s.Images...) {
		a.Free()
	}
}

// Fill copies a batch into the step's inputs.
func (s *Step) Fill(b *loader.Batch) { b.Fill(s.Images, s.samples, s.labels) }
