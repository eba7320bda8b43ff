package engine

import (
	"udml-gpu/engine/data"
	"udml-gpu/engine/method"
	"udml-gpu/kernels"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// step is the recorded training step for one batch size, with the memory of its inputs.
type step struct {
	program *tape.Program
	out     method.Outputs

	images, samples, views, labels *kernels.Array
}

// newStep records the method on batches of that many images.
func (l *Learner) newStep(batch int) *step {
	c, dev := l.network.Config, l.network.Device
	s := &step{
		images:  dev.New(kernels.Float32, 2*batch, c.Size, c.Size, c.Channels),
		samples: dev.New(kernels.Int32, 2*batch), views: dev.New(kernels.Int32, 2*batch), labels: dev.New(kernels.Int32, batch),
	}
	views := make([]int32, 2*batch)
	for i := batch; i < 2*batch; i++ {
		views[i] = 1
	}
	kernels.Write(s.views, views)
	tp := tape.New(dev, kernels.Float32, true)
	s.out = l.method.Loss(layer.NewScope(tp, l.network.Store), method.Inputs{
		Images: tp.Input(s.images), Samples: tp.Input(s.samples), Views: tp.Input(s.views), Labels: tp.Input(s.labels), Clock: &l.clock,
	})
	s.program = tp.Compile(l.network.Arena, s.out.Loss, s.out.Keep()...)
	return s
}

func (s *step) free() {
	for _, a := range []*kernels.Array{s.images, s.samples, s.views, s.labels} {
		a.Free()
	}
}

// fill copies a batch into the step's inputs.
func (s *step) fill(b *data.Batch) { b.Fill(s.images, s.samples, s.labels) }
