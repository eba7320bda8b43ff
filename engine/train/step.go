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

	Images, samples, views, labels *kernels.Array
}

// newStep records the method on batches of that many images.
func (l *Learner) newStep(batch int) *Step {
	c, dev := l.Network.Config, l.Network.Device
	s := &Step{
		Images:  dev.New(kernels.Float32, 2*batch, c.Size, c.Size, c.Channels),
		samples: dev.New(kernels.Int32, 2*batch), views: dev.New(kernels.Int32, 2*batch), labels: dev.New(kernels.Int32, batch),
	}
	views := make([]int32, 2*batch)
	for i := batch; i < 2*batch; i++ {
		views[i] = 1
	}
	kernels.Write(s.views, views)
	tp := tape.New(dev, kernels.Float32, true)
	s.out = l.method.Loss(layer.NewScope(tp, l.Network.Store), method.Inputs{
		Images: tp.Input(s.Images), Samples: tp.Input(s.samples), Views: tp.Input(s.views), Labels: tp.Input(s.labels), Clock: &l.clock,
	})
	s.program = tp.Compile(l.Network.Arena, s.out.Loss, s.out.Keep()...)
	return s
}

func (s *Step) free() {
	for _, a := range []*kernels.Array{s.Images, s.samples, s.views, s.labels} {
		a.Free()
	}
}

// Fill copies a batch into the step's inputs.
func (s *Step) Fill(b *loader.Batch) { b.Fill(s.Images, s.samples, s.labels) }
