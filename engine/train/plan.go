package train

import (
	"context"

	"udml-gpu/engine/data/loader"
	"udml-gpu/engine/eval"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/method"
	"udml-gpu/engine/network"
	"udml-gpu/engine/run"
	"udml-gpu/kernels"
)

// plan lets the method prepare an epoch, unless it has done so: a resumed run may continue in the middle of an epoch. The error is
// that of ctx, of the device or of the method.
func (t *Trainer) plan(ctx context.Context, epoch int) error {
	if t.begun == epoch {
		return nil
	}
	e := t.epochFor(epoch)
	if b, ok := t.method.(method.EpochBeginner); ok {
		if err := b.BeginEpoch(ctx, e); err != nil {
			return err
		}
	}
	if err := t.makePlan(ctx, e); err != nil {
		return err
	}
	t.begun = epoch
	return nil
}

// makePlan gives the loader the method's plan, or the usual one.
func (t *Trainer) makePlan(ctx context.Context, e method.Epoch) error {
	t.loader.Follow(nil)
	p, ok := t.method.(method.Planner)
	if !ok {
		return nil
	}
	plan, err := p.Plan(ctx, e)
	if err == nil {
		t.loader.Follow((*loader.Plan)(plan))
	}
	return err
}

// resumePlan restores the plan of an unfinished epoch. Checkpoints of earlier versions hold no plan but the neighbours from which
// it is made. The method has restored them by now and makes the plan again.
func (t *Trainer) resumePlan(p *run.Partial) error {
	t.begun = t.state.Epoch + 1
	if p.First != nil {
		t.loader.Follow(&loader.Plan{First: p.First, Second: p.Second, Labels: p.RowLabels})
		return nil
	}
	if _, ok := p.Method["neighbours"]; ok {
		return t.makePlan(context.Background(), t.epochFor(t.begun))
	}
	return nil
}

// clusterIterations are those of k-means for a method (DeepCluster's program: 20).
const clusterIterations = 20

// epochFor is what the method can look at before an epoch.
func (t *Trainer) epochFor(epoch int) method.Epoch {
	c, n := t.Network.Config, t.train.Len()
	return method.Epoch{
		Number: epoch, Seed: c.Seed, Images: n, Batch: min(c.Batch, n), Order: loader.Order(c.Seed, epoch, n),
		Labels: t.labels(), Pretrained: c.Pretrained != "false",
		Embed: func(ctx context.Context) (pooled, embedding *kernels.Array, err error) {
			f := t.features.train // an evaluation just before has made them
			t.features.train = network.Features{}
			err = t.Network.Renew(ctx, t.train, &f)
			if err == nil && t.Network.Frozen() {
				kept := t.Network.Device.New(kernels.Float32, f.Pooled.Shape()...)
				kept.CopyFrom(f.Pooled)
				t.features.train = t.Network.FeaturesOf(kept)
			}
			return f.Pooled, f.Embedding, err
		},
		Nearest:    func(x *kernels.Array) (*kernels.Array, error) { return eval.NearestOther(x, t.group) },
		Neighbours: func(x *kernels.Array, k int) (*kernels.Array, error) { return eval.Neighbours(x, k, t.group) },
		Cluster: func(ctx context.Context, x *kernels.Array, k int, seed uint64) ([]int32, error) {
			return eval.Clusters(ctx, x, k, eval.Options{
				Iterations: clusterIterations, Seed: seed, Progress: t.ui.Worked, Group: t.group, Poll: t.agree,
			})
		},
		Worked: t.ui.Worked,
		Fault:  func() error { return machine.Fault(t.Network.Device) },
	}
}
