package train

import (
	"context"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/loader"
	"udml-gpu/engine/machine"
	"udml-gpu/kernels"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// keptBatch is how many images go through a frozen backbone at once, each in all views. It is the same in every run, since on a GPU the
// last bits of a row may depend on it.
const keptBatch = 32

// keep puts every view of the training images through the frozen backbone, in evaluation mode, unless that is done or nothing is kept.
// The error is that of ctx, of the device, of the disk or of images that cannot be read.
func (t *Trainer) keep(ctx context.Context) (err error) {
	k, c, dev := t.kept, t.Network.Config, t.Network.Device
	if k == nil || k.shelf != nil {
		return nil
	}
	shelf, err := newShelf(k.floats*int64(k.images), k.inMemory, t.run.Name)
	if err != nil {
		return err
	}
	views := loader.New(dev, t.train, loader.Options{Batch: keptBatch, Views: t.views, Invert: c.Invert, Seed: c.Seed, Workers: c.Workers})
	passes := map[int]*keptPass{}
	defer func() {
		views.Close()
		for _, p := range passes {
			p.free()
		}
		if err != nil {
			shelf.close()
		}
	}()
	done := 0
	for b := range views.Epoch(0, 0) {
		if err := t.agree(); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		n := len(b.Samples)
		if passes[n] == nil {
			passes[n] = t.newKeptPass(n)
		}
		if err := passes[n].run(k, shelf, b); err != nil {
			return baddata.Errorf("what the frozen backbone makes of the images cannot be written beside the run in %s: %w",
				t.run.Name, err)
		}
		if done += n; t.Network.Progress != nil {
			t.Network.Progress(done*len(t.views), k.images*len(t.views))
		}
	}
	if err := t.train.Err(); err != nil {
		return err
	}
	if err := machine.Fault(dev); err != nil {
		return err
	}
	k.shelf = shelf
	return nil
}

// keptError is the first failure to read what is kept: the steps since then have seen zeros.
func (t *Trainer) keptError() error {
	if t.kept == nil || t.kept.err == nil {
		return nil
	}
	return baddata.Errorf("what the frozen backbone made of the images cannot be read any more from the disk of %s: %w",
		t.run.Name, t.kept.err)
}

// keptPass is the backbone in evaluation mode on all views of a batch.
type keptPass struct {
	program         *tape.Program
	images          []*kernels.Array // one array for each size
	samples, labels *kernels.Array
	pooled, maps    []*tape.Var // of each size; a map that is not kept is nil
}

func (t *Trainer) newKeptPass(batch int) *keptPass {
	n, dev := t.Network, t.Network.Device
	p := &keptPass{samples: dev.New(kernels.Int32, len(t.views)*batch), labels: dev.New(kernels.Int32, batch)}
	tp := tape.New(dev, kernels.Float32, false)
	scope := layer.NewScope(tp, n.Store)
	sizes, counts := loader.Sizes(t.views)
	var results []*tape.Var
	for i, size := range sizes {
		images := dev.New(kernels.Float32, counts[i]*batch, size, size, n.Config.Channels)
		fmap, pooled := n.Backbone.Features(scope, tp.Input(images))
		results = append(results, pooled)
		if t.kept.outputs[i].fmap == nil {
			fmap = nil
		} else {
			fmap = layer.Widened(scope, fmap)
			results = append(results, fmap)
		}
		p.images, p.pooled, p.maps = append(p.images, images), append(p.pooled, pooled), append(p.maps, fmap)
	}
	p.program = tp.Compile(n.Arena, nil, results...)
	return p
}

// run puts a batch through the backbone and its outputs on the shelf.
func (p *keptPass) run(k *kept, s *shelf, b *loader.Batch) error {
	b.Fill(p.images, p.samples, p.labels)
	p.program.Forward()
	for i, o := range k.outputs {
		pooled, fmap := kernels.Read[float32](p.pooled[i].Value()), []float32(nil)
		if o.fmap != nil {
			fmap = kernels.Read[float32](p.maps[i].Value())
		}
		for row := range o.views * len(b.Samples) {
			sample, view := b.Samples[row%len(b.Samples)], row/len(b.Samples)
			at := int64(sample)*k.floats + o.at + int64(view)*int64(o.size())
			err := s.put(at, pooled[row*o.width:(row+1)*o.width])
			if err == nil && o.fmap != nil {
				err = s.put(at+int64(o.width), fmap[row*o.mapSize():(row+1)*o.mapSize()])
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *keptPass) free() {
	for _, a := range append([]*kernels.Array{p.samples, p.labels}, p.images...) {
		a.Free()
	}
}
