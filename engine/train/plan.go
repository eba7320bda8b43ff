package train

import (
	"context"

	"udml-gpu/engine/data/loader"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/method"
	"udml-gpu/kernels"
)

// plan lets the method prepare an epoch and gives the loader its plan. The error is that of ctx, of the device, or of the method.
func (t *Trainer) plan(ctx context.Context, epoch int) error {
	e := t.epochFor(epoch)
	if b, ok := t.method.(method.EpochBeginner); ok {
		if err := b.BeginEpoch(ctx, e); err != nil {
			return err
		}
	}
	t.planned = 0
	t.loader.Follow(nil)
	p, ok := t.method.(method.Planner)
	if !ok {
		return nil
	}
	plan, err := p.Plan(ctx, e)
	if err != nil || plan == nil {
		return err
	}
	t.planned = epoch
	t.loader.Follow(&loader.Plan{First: plan.First, Second: plan.Second})
	return nil
}

// epochFor is what the method can look at before an epoch.
func (t *Trainer) epochFor(epoch int) method.Epoch {
	c, n := t.Network.Config, t.train.Len()
	return method.Epoch{
		Number: epoch, Seed: c.Seed, Images: n, Batch: min(c.Batch, n), Order: loader.Order(c.Seed, epoch, n),
		Embed: func(ctx context.Context) (pooled, embedding *kernels.Array, err error) {
			f, err := t.Network.Embed(ctx, t.train)
			return f.Pooled, f.Embedding, err
		},
		Fault: func() error { return machine.Fault(t.Network.Device) },
	}
}
